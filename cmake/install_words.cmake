# At installation: what `program` says of itself, into `made` and from there to share/. `pages` are the
# commands that have a manual page of their own.
get_filename_component(name ${program} NAME)
string(RANDOM LENGTH 12 unique)  # for two that install at a time
set(made ${made}/${unique})
file(MAKE_DIRECTORY ${made})

function(ask file)
    execute_process(COMMAND ${program} ${ARGN} OUTPUT_FILE ${made}/${file} RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${program} ${ARGN} ended with ${status}")
    endif()
endfunction()

set(to ${CMAKE_INSTALL_PREFIX}/share)
foreach(page IN LISTS pages ITEMS "")
    string(JOIN "-" stem ${name} ${page})
    ask(${stem}.1 manual ${page})
    execute_process(COMMAND gzip -9nf ${made}/${stem}.1 COMMAND_ERROR_IS_FATAL ANY)
    file(INSTALL ${made}/${stem}.1.gz DESTINATION ${to}/man/man1)
endforeach()
ask(${name} completion bash)
file(INSTALL ${made}/${name} DESTINATION ${to}/bash-completion/completions)
ask(_${name} completion zsh)
file(INSTALL ${made}/_${name} DESTINATION ${to}/zsh/vendor-completions)
ask(${name}.fish completion fish)
file(INSTALL ${made}/${name}.fish DESTINATION ${to}/fish/vendor_completions.d)
file(REMOVE_RECURSE ${made})
