# Fetches what package-lock.json names into OUT/node_modules. When it cannot, that is an error if the pages
# are WANTED "ON"; else they are left out until a later build can.
# cmake -DNPM=… -DOMIT=--omit=dev -DWANTED=AUTO -DSOURCE=web -DOUT=… -P fetch.cmake
file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json ${SOURCE}/.npmrc DESTINATION ${OUT})
execute_process(COMMAND ${NPM} ci --fetch-retries=1 ${OMIT} WORKING_DIRECTORY ${OUT}
    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(status EQUAL 0)
    file(TOUCH ${OUT}/fetched)
elseif(WANTED STREQUAL "AUTO")
    message(WARNING "${said}\nnpm could not fetch them: the pages (/docs, the dashboard) are left out")
else()
    message(FATAL_ERROR "${said}\nnpm could not fetch the pages (BRIO_PAGES=OFF builds without them)")
endif()
