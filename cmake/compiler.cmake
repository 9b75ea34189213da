# clang-19 unless the user chose a compiler; and no compiler that miscompiles coroutines.
if(NOT DEFINED CMAKE_CXX_COMPILER AND NOT DEFINED ENV{CXX})
    find_program(brio_clangxx NAMES clang++-19 clang++)
    find_program(brio_clang NAMES clang-19 clang)
    if(NOT brio_clangxx)
        message(FATAL_ERROR
            "clang++-19 is not installed. On Debian: apt-get install clang-19 lld-19 (or run ./dev setup)")
    endif()
    set(CMAKE_CXX_COMPILER ${brio_clangxx} CACHE FILEPATH "")
    set(CMAKE_C_COMPILER ${brio_clang} CACHE FILEPATH "")
endif()

macro(brio_refuse_miscompiling_compilers)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        message(FATAL_ERROR
            "g++ ${CMAKE_CXX_COMPILER_VERSION} destroys aggregate temporaries twice when they are built in "
            "the same full expression as a co_await, so Brio built with it crashes. Use clang-19 (apt-get "
            "install clang-19 lld-19; cmake -DCMAKE_CXX_COMPILER=clang++-19) or g++ 13 and later.")
    endif()
endmacro()
