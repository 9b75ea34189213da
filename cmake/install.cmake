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
install(DIRECTORY ${PROJECT_SOURCE_DIR}/brio DESTINATION include FILES_MATCHING PATTERN "*.hpp")

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/brioConfig.cmake.in
    ${CMAKE_BINARY_DIR}/brioConfig.cmake INSTALL_DESTINATION lib/cmake/brio)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/brioConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/brioConfig.cmake ${CMAKE_BINARY_DIR}/brioConfigVersion.cmake
    ${CMAKE_CURRENT_LIST_DIR}/compiler.cmake DESTINATION lib/cmake/brio)
