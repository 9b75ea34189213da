# cmake --install: headers, libraries, programs, manual pages, completions, and the package files of
# find_package(brio CONFIG) and pkg-config. Components (tools, service, development) become Debian packages in
# package.cmake, where the libraries stand in a folder of their architecture.
include(CMakePackageConfigHelpers)

# brio::brio is all of it; the modules are there one by one as well (brio::json).
get_property(modules GLOBAL PROPERTY BRIO_MODULES)
set(targets brio_web_assets)
foreach(module IN LISTS modules)
    list(APPEND targets brio_${module})
endforeach()
add_library(brio INTERFACE)
add_library(brio::brio ALIAS brio)
list(TRANSFORM modules PREPEND brio_ OUTPUT_VARIABLE linked)
target_link_libraries(brio INTERFACE ${linked})

# What a static link needs, each archive before those that it uses.
set(archives brio_web_assets)
foreach(target IN LISTS linked)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
        list(PREPEND archives ${target})
    endif()
endforeach()
get_property(libraries GLOBAL PROPERTY BRIO_EXTERNAL_LIBRARIES)
list(TRANSFORM archives PREPEND "-l")
list(TRANSFORM libraries PREPEND "-l")
list(JOIN archives " " archives)
list(JOIN libraries " " libraries)

# brio_install_library(COMPONENT EXPORT FOLDER PREFIX [EXCLUDE_FROM_ALL]): the archives in FOLDER, with
# what finds them there; PREFIX is what the pkg-config file says of its own place.
function(brio_install_library component export folder prefix)
    get_property(externals GLOBAL PROPERTY BRIO_EXTERNALS)
    set(to COMPONENT ${component} ${ARGN})
    install(TARGETS brio ${targets} ${externals} EXPORT ${export} ARCHIVE DESTINATION ${folder} ${to})
    install(EXPORT ${export} FILE brioTargets.cmake NAMESPACE brio:: DESTINATION ${folder}/cmake/brio ${to})
    set(made ${CMAKE_BINARY_DIR}/package/${component})
    set(include_dir include)
    configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/brioConfig.cmake.in ${made}/brioConfig.cmake
        INSTALL_DESTINATION ${folder}/cmake/brio PATH_VARS include_dir)
    write_basic_package_version_file(${made}/brioConfigVersion.cmake COMPATIBILITY SameMinorVersion)
    install(FILES ${made}/brioConfig.cmake ${made}/brioConfigVersion.cmake
        ${PROJECT_SOURCE_DIR}/cmake/compiler.cmake DESTINATION ${folder}/cmake/brio ${to})
    configure_file(${PROJECT_SOURCE_DIR}/cmake/brio.pc.in ${made}/brio.pc @ONLY)
    install(FILES ${made}/brio.pc DESTINATION ${folder}/pkgconfig ${to})
endfunction()
brio_install_library(library brio lib [[${pcfiledir}/../..]])
if(CMAKE_LIBRARY_ARCHITECTURE)
    brio_install_library(development brio_of_architecture lib/${CMAKE_LIBRARY_ARCHITECTURE} /usr
        EXCLUDE_FROM_ALL)
endif()

# All that is installed, for those who build no more than that.
add_custom_target(installed DEPENDS ${targets})

# Every header but those that say of themselves "Test-only"
install(CODE "set(source ${PROJECT_SOURCE_DIR})" COMPONENT development)
install(CODE [[
    file(GLOB_RECURSE headers RELATIVE ${source} ${source}/brio/*.hpp)
    foreach(header IN LISTS headers)
        file(STRINGS ${source}/${header} test_only REGEX "^//.*Test-only" LIMIT_COUNT 1)
        if(NOT test_only)
            get_filename_component(folder ${header} DIRECTORY)
            file(INSTALL ${source}/${header} DESTINATION ${CMAKE_INSTALL_PREFIX}/include/${folder})
        endif()
    endforeach()
]] COMPONENT development)

# brio_install_program(TARGET COMPONENT PAGE...): the program, with the manual page and the completions that
# it makes itself. A PAGE is "" for its own, or the command that has one.
function(brio_install_program target component)
    add_dependencies(installed ${target})
    install(TARGETS ${target} RUNTIME DESTINATION bin COMPONENT ${component})
    install(CODE "
        set(program $<TARGET_FILE:${target}>)
        set(made ${CMAKE_BINARY_DIR}/package/${target})
        set(pages \"${ARGN}\")
        include(${PROJECT_SOURCE_DIR}/cmake/install_words.cmake)
        " COMPONENT ${component})
endfunction()
