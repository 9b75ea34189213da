# brio_module(NAME SOURCES a.cpp … [USES base json …] [EXTERNAL external::sqlite3 …] [TESTS a_test.cpp …]
#             [BENCHES a_bench.cpp …] [FUZZERS a_fuzz.cpp …])
# One static library brio::NAME, one test program brio_NAME_test (its tests carry the label NAME), one
# benchmark program brio_NAME_bench, one program fuzz_x for each x_fuzz.cpp (its kept inputs stand in
# tests/fuzz/fuzz_x/).
function(brio_module name)
    cmake_parse_arguments(arg "" "" "SOURCES;USES;EXTERNAL;TESTS;BENCHES;FUZZERS" ${ARGN})
    set(target brio_${name})
    if(arg_SOURCES)
        add_library(${target} STATIC ${arg_SOURCES})
        set(scope PUBLIC)
        target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:brio_flags>)
        target_precompile_headers(${target} REUSE_FROM brio_pch)
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
    endif()
    add_library(brio::${name} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    target_include_directories(${target} ${scope}
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include>)
    target_compile_features(${target} ${scope} cxx_std_23)
    list(TRANSFORM arg_USES PREPEND brio_ OUTPUT_VARIABLE uses)
    target_link_libraries(${target} ${scope} ${uses} ${arg_EXTERNAL})
    set_property(GLOBAL APPEND PROPERTY BRIO_MODULES ${name})

    if(BRIO_TESTS AND arg_TESTS)
        brio_test_program(${target}_test SOURCES ${arg_TESTS} LINK brio::${name} LABELS ${name})
    endif()
    if(BRIO_BENCH AND arg_BENCHES)
        add_executable(${target}_bench ${arg_BENCHES})
        target_link_libraries(${target}_bench PRIVATE
            brio::${name} brio_flags benchmark::benchmark benchmark::benchmark_main)
        target_precompile_headers(${target}_bench REUSE_FROM brio_pch)
    endif()
    if(BRIO_FUZZ)
        foreach(source IN LISTS arg_FUZZERS)
            get_filename_component(stem ${source} NAME_WE)
            string(REGEX REPLACE "_fuzz$" "" stem ${stem})
            add_executable(fuzz_${stem} ${source})
            target_link_libraries(fuzz_${stem} PRIVATE brio::${name} brio_flags)
            target_link_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer)
        endforeach()
    endif()
endfunction()

# What a test finds in its environment: the programs, the source tree, the pages' node_modules.
set(BRIO_TEST_ENVIRONMENT "BRIO_BIN=${CMAKE_BINARY_DIR}/bin" "BRIO_SOURCE=${PROJECT_SOURCE_DIR}"
    "BRIO_NODE_MODULES=${CMAKE_BINARY_DIR}/web/node_modules"
    "BRIO_TEST_POSTGRES=${CMAKE_BINARY_DIR}/postgres" "BRIO_TEST_RABBITMQ=${CMAKE_BINARY_DIR}/rabbitmq")

# brio_test_program(NAME SOURCES … LINK … [LABELS …] [TIMEOUT seconds]): a GoogleTest program, each of its
# tests known to ctest by its own name. Those with "ostgres" in their name find the PostgreSQL of
# tests/postgres, those with "abbit" the RabbitMQ of tests/rabbitmq, one at a time.
function(brio_test_program name)
    cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
    if(NOT arg_LABELS)
        set(arg_LABELS ${name})
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    if(NOT TARGET brio_test_pch)
        brio_add_pch(brio_test_pch <gtest/gtest.h> <gmock/gmock.h>)
        target_link_libraries(brio_test_pch PRIVATE GTest::gtest GTest::gmock)
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_LINK} brio_flags GTest::gtest GTest::gmock GTest::gtest_main)
    target_precompile_headers(${name} REUSE_FROM brio_test_pch)
    if(TARGET brio_web_fetched)
        add_dependencies(${name} brio_web_fetched)  # corpora
    endif()
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
        PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
    # PROPERTIES above would keep only the first of several variables
    set(environment ${CMAKE_CURRENT_BINARY_DIR}/${name}_environment.cmake)
    file(WRITE ${environment} "if(${name}_TESTS)
    set_tests_properties(\${${name}_TESTS} PROPERTIES ENVIRONMENT \"${BRIO_TEST_ENVIRONMENT}\")
    set(${name}_ON_POSTGRES \${${name}_TESTS})
    list(FILTER ${name}_ON_POSTGRES INCLUDE REGEX ostgres)
    if(${name}_ON_POSTGRES)
        set_tests_properties(\${${name}_ON_POSTGRES} PROPERTIES FIXTURES_REQUIRED postgres)
    endif()
    set(${name}_ON_RABBITMQ \${${name}_TESTS})
    list(FILTER ${name}_ON_RABBITMQ INCLUDE REGEX abbit)
    if(${name}_ON_RABBITMQ)
        set_tests_properties(\${${name}_ON_RABBITMQ} PROPERTIES FIXTURES_REQUIRED \"postgres;rabbitmq\"
            RESOURCE_LOCK rabbitmq)
    endif()\nendif()\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${environment})
endfunction()
