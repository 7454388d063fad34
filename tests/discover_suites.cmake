# SPDX-License-Identifier: Apache-2.0
# discover_suites(TARGET ENVIRONMENT): after it is built, each suite of an executable becomes one test of CTest.
# Included by tests/CMakeLists.txt; run as a script, it writes the list of tests.
if(NOT CMAKE_SCRIPT_MODE_FILE)
    function(discover_suites target environment)
        set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}_suites.cmake)
        add_custom_command(TARGET ${target} POST_BUILD VERBATIM
            COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${target}> -DFOLDER=${PROJECT_SOURCE_DIR}
                "-DENVIRONMENT=${environment}" -DLIST=${list} -P ${PROJECT_SOURCE_DIR}/tests/discover_suites.cmake)
        set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${list})
    endfunction()
    return()
endif()

execute_process(COMMAND ${PROGRAM} --gtest_list_tests WORKING_DIRECTORY ${FOLDER} OUTPUT_VARIABLE listed
    ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\n[^ \n]+\\." suites "\n${listed}")
set(tests)
foreach(suite ${suites})
    string(REGEX REPLACE "\n(.*)\\." "\\1" suite "${suite}")
    string(APPEND tests "add_test([==[${suite}]==] [==[${PROGRAM}]==] [==[--gtest_filter=${suite}.*]==] --gtest_brief=1)\n"
        "set_tests_properties([==[${suite}]==] PROPERTIES TIMEOUT 1200\n"
        "    WORKING_DIRECTORY [==[${FOLDER}]==] ENVIRONMENT [==[${ENVIRONMENT}]==])\n")
endforeach()
file(WRITE ${LIST} "${tests}")
