# `./dev package`: Debian packages by CPack, one for each component of install.cmake. What stands in them
# beside the installation is in deploy/debian.
set(debian ${PROJECT_SOURCE_DIR}/deploy/debian)
set(BRIO_PACKAGE_MAINTAINER "Brio developers <brio@packages.invalid>" CACHE STRING
    "Name and address in the field Maintainer of the Debian packages")

# brio_debian_package(COMPONENT NAME SECTION SUMMARY DESCRIPTION)
macro(brio_debian_package component name section summary description)
    string(TOUPPER ${component} id)
    list(APPEND CPACK_COMPONENTS_ALL ${component})
    set(CPACK_DEBIAN_${id}_PACKAGE_NAME ${name})
    set(CPACK_DEBIAN_${id}_PACKAGE_SECTION ${section})
    set(CPACK_DEBIAN_${id}_DESCRIPTION "${summary}\n${description}")
    set(to DESTINATION share/doc/${name} COMPONENT ${component} EXCLUDE_FROM_ALL)
    install(FILES ${debian}/copyright ${to})
    install(FILES ${CMAKE_BINARY_DIR}/package/changelog.gz ${to})
    if(EXISTS ${debian}/${name}.lintian-overrides)
        install(FILES ${debian}/${name}.lintian-overrides DESTINATION share/lintian/overrides RENAME ${name}
            COMPONENT ${component} EXCLUDE_FROM_ALL)
    endif()
endmacro()

execute_process(COMMAND gzip -9nc ${debian}/changelog OUTPUT_FILE ${CMAKE_BINARY_DIR}/package/changelog.gz)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${debian}/changelog)

brio_debian_package(tools brio devel "commands for services built on the Brio framework"
    "The command brio writes a service of one's own (brio new), makes load tests of
any service that answers HTTP (brio load), and shows on a terminal how
services do and what their queues hold (brio top, brio tasks) that are built
on Brio, a C++ framework for backends that must stay inside their performance
goals.")
brio_debian_package(development libbrio-dev libdevel "C++ framework for backends with performance goals"
    "Brio is a C++23 framework for HTTP services on SQLite or PostgreSQL, with
background tasks, caches, load tests and a dashboard. The performance goals
are a value, and everything hangs from it: deadlines, histograms, admission,
alarms and verdicts. Each request says where its time went.
.
This package has the headers and archives, and what CMake and pkg-config need
to find them.")
brio_debian_package(service brio-resources web "reference service of the Brio framework"
    "An API of resources, their owners and tasks about them, as a service built on
Brio looks like: with dashboard, metrics, migrations, a worker and a load test
of its own. Without settings it keeps its data in a SQLite file.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS libbrio-dev)
set(CPACK_DEBIAN_SERVICE_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_SERVICE_PACKAGE_DEPENDS tzdata)
set(CPACK_DEBIAN_SERVICE_PACKAGE_SUGGESTS "brio, postgresql, redis-server")
file(GLOB units CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/deploy/systemd/*)
install(FILES ${units} DESTINATION lib/systemd/system COMPONENT service EXCLUDE_FROM_ALL)
install(FILES ${debian}/resources.default DESTINATION /etc/default RENAME resources COMPONENT service
    EXCLUDE_FROM_ALL)
file(GLOB CPACK_DEBIAN_SERVICE_PACKAGE_CONTROL_EXTRA CONFIGURE_DEPENDS ${debian}/brio-resources/*)
get_property(packages GLOBAL PROPERTY BRIO_EXTERNAL_PACKAGES)
list(APPEND packages clang-19 libstdc++-12-dev)
list(SORT packages)
list(REMOVE_DUPLICATES packages)
list(JOIN packages ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS
    "brio (= ${PROJECT_VERSION}), cmake, lld-19, libgmock-dev, libgtest-dev, ninja-build, pkgconf")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME brio)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each has its own
set(CPACK_PACKAGE_CONTACT "${BRIO_PACKAGE_MAINTAINER}")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
set(CPACK_OUTPUT_FILE_PREFIX ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/package_time.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/package_strip.cmake)
set(CPACK_BRIO_CHANGELOG ${debian}/changelog)
include(CPack)
