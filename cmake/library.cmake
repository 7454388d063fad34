# SPDX-License-Identifier: Apache-2.0
# Flags shared by all host code. Floating-point contraction is off and no machine-specific instructions are used, so that
# the same inputs give the same bits everywhere.
add_library(gradus_flags INTERFACE)
target_compile_options(gradus_flags INTERFACE
    -Wall -Wextra -Wpedantic -Werror -ffp-contract=off)
# The compiler tidies its memory up for a tenth of its time, unless it may fill half a gigabyte first.
target_compile_options(gradus_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=500000>)
target_include_directories(gradus_flags INTERFACE ${PROJECT_SOURCE_DIR})
if(GRADUS_SANITIZE)
    target_compile_options(gradus_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(gradus_flags INTERFACE -fsanitize=address,undefined)
endif()

# For what takes longer to optimise than to run.
set(gradus_cold_options $<$<CONFIG:Release>:-O1> $<$<BOOL:${GRADUS_SANITIZE}>:-O0>)

# gradus_library(NAME SOURCES... [SYSTEMC] [COLD] [LIBRARIES ...]): a room. COLD rooms do next to nothing while a
# chip runs. The other SYSTEMC rooms, optimised alike, share one precompiled header of the kernel.
function(gradus_library name)
    cmake_parse_arguments(ARG "SYSTEMC;COLD" "" "SOURCES;LIBRARIES" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    set_property(GLOBAL APPEND PROPERTY gradus_rooms ${name})
    target_link_libraries(${name} PUBLIC gradus_flags ${ARG_LIBRARIES})
    if(ARG_SYSTEMC)
        target_link_libraries(${name} PUBLIC gradus_systemc)
    endif()
    if(ARG_COLD)
        target_compile_options(${name} PRIVATE ${gradus_cold_options})
    elseif(ARG_SYSTEMC)
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
