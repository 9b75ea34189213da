# Installs the built tree into SCRATCH/prefix, and sees that nothing of it names the tree.
file(REMOVE_RECURSE ${SCRATCH})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/prefix
    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "${said}")
endif()
file(GLOB_RECURSE installed ${SCRATCH}/prefix/lib/cmake/*.cmake)
foreach(file IN LISTS installed)
    file(STRINGS ${file} paths REGEX "${SOURCE}|${BUILD}")
    if(paths)
        message(FATAL_ERROR "${file} names the tree that it was built in: ${paths}")
    endif()
endforeach()
