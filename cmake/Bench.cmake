# SPDX-License-Identifier: Apache-2.0 OR MIT
# The bench. An installed tool finds the peer objects (BenchPeers) in its library folder; bench_handshake is the same with
# allocations counted, built when asked for, in a build with optimisation. The other programs of tests/bench measure parts.
include(GNUInstallDirs)

if(TARGET handfast_tool)
    # From the tool's folder: the prefix may be chosen as late as make install.
    file(RELATIVE_PATH bench_lib "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")
    set_property(SOURCE src/tool/bench_load.c APPEND PROPERTY
        COMPILE_DEFINITIONS HF_BENCH_PEERS_DIR="${bench_lib}/handfast/bench")
    target_link_libraries(handfast_tool PRIVATE ${CMAKE_DL_LIBS})

    add_executable(bench_handshake EXCLUDE_FROM_ALL tests/bench/bench_handshake.c tests/bench/count.c)
    target_include_directories(bench_handshake PRIVATE tests/bench)
    target_link_libraries(bench_handshake PRIVATE hf_hosted hf_warnings handfast_tool handfast_os handfast PkgConfig::TOOL m)
    set_target_properties(bench_handshake PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")
endif()

file(GLOB bench_parts CONFIGURE_DEPENDS tests/bench/bench_*.c)
list(FILTER bench_parts EXCLUDE REGEX "/bench_handshake\\.c$")
if(HF_TESTS)
    foreach(source IN LISTS bench_parts)
        get_filename_component(name "${source}" NAME_WE)
        hf_test_program(${name} "${source}")
        target_link_libraries(${name} PRIVATE m)
        set_target_properties(${name} PROPERTIES
            EXCLUDE_FROM_ALL ON RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")
    endforeach()
    file(GLOB flood_sources CONFIGURE_DEPENDS tests/bench/flood_*.c)
    target_sources(bench_floods PRIVATE ${flood_sources} tests/bench/peak.c)
    target_include_directories(bench_floods PRIVATE tests/bench)
endif()

# The clients of scripts/bench-proxy and of tests/cli/test_proxy_load.py, a process of their own.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    file(GLOB bench_proxy_sources CONFIGURE_DEPENDS tests/bench/proxy/*.c)
    add_executable(bench_proxy_load EXCLUDE_FROM_ALL ${bench_proxy_sources})
    target_link_libraries(bench_proxy_load PRIVATE hf_hosted hf_warnings handfast)
    set_target_properties(bench_proxy_load PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")
endif()
