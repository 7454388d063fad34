# SPDX-License-Identifier: Apache-2.0
# npm_packages(FOLDER STAMP): installs what FOLDER/package-lock.json pins into the build tree, again only when the lock
# changes, and without running any script of a package. STAMP becomes the file to depend on; the packages stand in
# node_modules beside it.
find_program(NPM npm)
find_program(NODE node)

function(npm_packages folder stamp)
    if(NOT NPM OR NOT NODE)
        message(FATAL_ERROR "node and npm are needed to build the report (Debian: nodejs npm)")
    endif()
    file(RELATIVE_PATH place ${PROJECT_SOURCE_DIR} ${folder})
    set(target ${PROJECT_BINARY_DIR}/${place})
    add_custom_command(OUTPUT ${target}/node_modules/.package-lock.json
        COMMAND ${CMAKE_COMMAND} -DNPM=${NPM} -DFROM=${folder} -DTO=${target} -P ${PROJECT_SOURCE_DIR}/cmake/npm_ci.cmake
        DEPENDS ${folder}/package.json ${folder}/package-lock.json ${folder}/.npmrc ${PROJECT_SOURCE_DIR}/cmake/npm_ci.cmake
        COMMENT "Installing the packages of ${place}" VERBATIM)
    set(${stamp} ${target}/node_modules/.package-lock.json PARENT_SCOPE)
endfunction()
