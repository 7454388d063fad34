# SPDX-License-Identifier: Apache-2.0
# Verilator is optional: verilator_FOUND tells.
find_package(verilator QUIET HINTS $ENV{VERILATOR_ROOT})

# gradus_verilate(NAME MODULES module... [SHARED file.sv...]): a library with a class V<module> for each <module>.sv. Shared
# files (packages) come first. Array loops stay loops (--unroll-count 1), so that a large array compiles in a second.
function(gradus_verilate name)
    cmake_parse_arguments(ARG "" "" "MODULES;SHARED" ${ARGN})
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp "// Generated sources follow.\n")
    add_library(${name} STATIC ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
    # Verilator's own sources are part of every such library: only object by object does a linker take each once.
    set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
    foreach(module ${ARG_MODULES})
        verilate(${name} SOURCES ${ARG_SHARED} ${module}.sv TOP_MODULE ${module} PREFIX V${module}
            VERILATOR_ARGS -Wall -O3 --unroll-count 1 --x-assign 0 --x-initial 0)
    endforeach()
    # They do next to nothing while a model runs.
    get_target_property(sources ${name} SOURCES)
    list(FILTER sources INCLUDE REGEX "/verilated[a-z_]*\\.cpp$")
    set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS "${gradus_cold_options}")
    # Generated headers are not ours to warn about.
    get_target_property(folders ${name} INCLUDE_DIRECTORIES)
    target_include_directories(${name} SYSTEM INTERFACE ${folders})
endfunction()
