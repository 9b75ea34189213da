# cmake --install: headers, libraries, programs, and the package file of find_package(brio CONFIG).
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

install(TARGETS brio ${targets} EXPORT brio ARCHIVE DESTINATION lib)
install(EXPORT brio FILE brioTargets.cmake NAMESPACE brio:: DESTINATION lib/cmake/brio)

# Every header but those that say of themselves "Test-only"
install(CODE "set(source ${PROJECT_SOURCE_DIR})")
install(CODE [[
    file(GLOB_RECURSE headers RELATIVE ${source} ${source}/brio/*.hpp)
    foreach(header IN LISTS headers)
        file(STRINGS ${source}/${header} test_only REGEX "^//.*Test-only" LIMIT_COUNT 1)
        if(NOT test_only)
            get_filename_component(folder ${header} DIRECTORY)
            file(INSTALL ${source}/${header} DESTINATION ${CMAKE_INSTALL_PREFIX}/include/${folder})
        endif()
    endforeach()
]])

set(include_dir include)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/brioConfig.cmake.in
    ${CMAKE_BINARY_DIR}/brioConfig.cmake INSTALL_DESTINATION lib/cmake/brio
    PATH_VARS include_dir)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/brioConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/brioConfig.cmake ${CMAKE_BINARY_DIR}/brioConfigVersion.cmake
    ${CMAKE_CURRENT_LIST_DIR}/compiler.cmake DESTINATION lib/cmake/brio)
