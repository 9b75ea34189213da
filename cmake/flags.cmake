# How everything in this tree is compiled: an interface target, so that installed headers carry none of it.
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Programs are compiled as libraries are, so that they can share the precompiled header.
set(CMAKE_CXX_COMPILE_OPTIONS_PIE ${CMAKE_CXX_COMPILE_OPTIONS_PIC})
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
# Lines and names are all that a sanitizer says; more costs a seventh of the compile time.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

find_program(brio_ccache ccache)
if(brio_ccache)
    # A precompiled header is used only when ccache is told that its defines and time stamps do not matter.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${brio_ccache})
    set(CMAKE_C_COMPILER_LAUNCHER ${brio_ccache})
endif()

add_library(brio_flags INTERFACE)
target_compile_options(brio_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(brio_flags INTERFACE -fno-plt -Wno-missing-designated-field-initializers
        $<$<COMPILE_LANGUAGE:CXX>:-fpch-instantiate-templates>
        "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>" -Wno-c2y-extensions)
    find_program(brio_lld NAMES ld.lld-19)
    if(brio_lld)
        target_link_options(brio_flags INTERFACE -fuse-ld=lld -Wl,--gdb-index)
    endif()
endif()
if(BRIO_SANITIZE)
    add_compile_options(-fsanitize=${BRIO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${BRIO_SANITIZE})
endif()
if(BRIO_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
find_package(Threads REQUIRED)
target_link_libraries(brio_flags INTERFACE Threads::Threads)

# One precompiled header of the standard library for the whole tree, and one for its tests, with GoogleTest's.
set(brio_pch_headers
    <algorithm> <array> <atomic> <bit> <charconv> <chrono> <concepts> <coroutine> <cstdint> <cstring> <deque>
    <exception> <expected> <functional> <map> <memory> <mutex> <optional> <span> <stdexcept> <string>
    <string_view> <thread> <tuple> <type_traits> <unordered_map> <utility> <variant> <vector>)
function(brio_add_pch target)
    set(carrier ${CMAKE_BINARY_DIR}/${target}.cpp)
    file(WRITE ${carrier}.in "// the carrier of the precompiled header\n")
    configure_file(${carrier}.in ${carrier} COPYONLY)
    add_library(${target} OBJECT ${carrier})
    target_link_libraries(${target} PRIVATE brio_flags)
    target_precompile_headers(${target} PRIVATE ${brio_pch_headers} ${ARGN})
endfunction()
brio_add_pch(brio_pch)
