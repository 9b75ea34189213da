# Fetches what package-lock.json names into OUT/node_modules.
# cmake -DNPM=… -DOMIT=--omit=dev -DSOURCE=web -DOUT=… -P fetch.cmake
file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json ${SOURCE}/.npmrc DESTINATION ${OUT})
execute_process(COMMAND ${NPM} ci --no-audit --no-fund ${OMIT} WORKING_DIRECTORY ${OUT}
    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "${said}\nnpm could not fetch the pages; cmake -DBRIO_PAGES=OFF builds without them")
endif()
file(TOUCH ${OUT}/fetched)
