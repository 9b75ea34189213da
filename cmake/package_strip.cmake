# Run by cpack before it makes the packages: debug information is left out. Programs keep their table of
# symbols: profiles and last words name functions by it.
file(GLOB programs ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*/usr/bin/*)
file(GLOB archives ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*/usr/lib/*/*.a)
foreach(file IN LISTS programs archives)
    execute_process(COMMAND strip --strip-debug --enable-deterministic-archives
        --remove-section=.comment --remove-section=.note ${file} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
