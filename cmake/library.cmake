# SPDX-License-Identifier: Apache-2.0
# Flags shared by all host code. Floating-point contraction is off and no machine-specific instructions are used, so that
# the same inputs give the same bits everywhere. What the sanitizers report has functions and lines; more of the debugging
# information would only take time to build.
add_library(gradus_flags INTERFACE)
target_compile_options(gradus_flags INTERFACE
    -Wall -Wextra -Wpedantic -Werror -ffp-contract=off
    "$<$<AND:$<BOOL:${GRADUS_SANITIZE}>,$<CONFIG:RelWithDebInfo>>:-O1;-g1>")
target_include_directories(gradus_flags INTERFACE ${PROJECT_SOURCE_DIR})
if(GRADUS_SANITIZE)
    target_compile_options(gradus_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(gradus_flags INTERFACE -fsanitize=address,undefined)
endif()

# gradus_library(NAME SOURCES... [SYSTEMC] [LIBRARIES ...]): a room. Its sources are listed by name; SYSTEMC rooms share
# one precompiled header of the kernel.
function(gradus_library name)
    cmake_parse_arguments(ARG "SYSTEMC" "" "SOURCES;LIBRARIES" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC gradus_flags ${ARG_LIBRARIES})
    if(ARG_SYSTEMC)
        target_link_libraries(${name} PUBLIC gradus_systemc)
        target_precompile_headers(${name} REUSE_FROM gradus_systemc_pch)
    endif()
endfunction()

# The kernel's headers are not ours to warn about.
add_library(gradus_systemc INTERFACE)
target_link_libraries(gradus_systemc INTERFACE PkgConfig::SYSTEMC)

# Compiled once for all of them.
add_library(gradus_systemc_pch STATIC ${PROJECT_SOURCE_DIR}/cmake/systemc_pch.cpp)
target_link_libraries(gradus_systemc_pch PUBLIC gradus_flags gradus_systemc)
target_precompile_headers(gradus_systemc_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/systemc_pch.h)
