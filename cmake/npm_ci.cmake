# SPDX-License-Identifier: Apache-2.0
# cmake -DNPM=npm -DFROM=folder -DTO=folder -P npm_ci.cmake
file(MAKE_DIRECTORY ${TO})
foreach(file package.json package-lock.json .npmrc)
    configure_file(${FROM}/${file} ${TO}/${file} COPYONLY)
endforeach()
execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
    WORKING_DIRECTORY ${TO} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result EQUAL 0)
    file(REMOVE_RECURSE ${TO}/node_modules)
    message(FATAL_ERROR "npm could not install what ${FROM}/package-lock.json names. It needs its registry once, or a "
        "filled cache; is this machine offline?\n${output}")
endif()
file(TOUCH ${TO}/node_modules/.package-lock.json)
