# SPDX-License-Identifier: Apache-2.0 OR MIT
# Each tests/{unit,vectors,flows,hostile}/test_NAME.c is a cmocka program; helpers shared by them lie in tests/support.
# tests.txt in the build folder lists the programs, so that scripts/check never runs a stale one.
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)

add_library(hf_test_common INTERFACE)
target_include_directories(hf_test_common INTERFACE tests "${CMAKE_CURRENT_SOURCE_DIR}" "${HF_BUILD_HEADER_DIR}")
target_compile_definitions(hf_test_common INTERFACE HF_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
target_link_libraries(hf_test_common INTERFACE hf_hosted hf_warnings_tests)

file(GLOB support_sources CONFIGURE_DEPENDS tests/support/*.c)
list(FILTER support_sources EXCLUDE REGEX "/test_[^/]*$")
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
if(support_sources)
    add_library(test_support STATIC ${support_sources})
    target_link_libraries(test_support PRIVATE hf_test_common
        PUBLIC $<TARGET_NAME_IF_EXISTS:PkgConfig::CMOCKA> PkgConfig::JANSSON)
endif()

function(hf_test_program name source)
    add_executable(${name} ${source} ${ARGN})
    add_dependencies(${name} hf_build_header)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    target_link_libraries(${name} PRIVATE hf_test_common)
    foreach(library IN ITEMS test_support handfast_tool handfast_os handfast_audit handfast_explain handfast PkgConfig::CMOCKA PkgConfig::JANSSON)
        if(TARGET ${library})
            target_link_libraries(${name} PRIVATE ${library})
        endif()
    endforeach()
endfunction()

# tests/fuzz/fuzz_NAME.c defines LLVMFuzzerTestOneInput; what several of them share lies beside them. As tests they are
# linked with a main that replays tests/fuzz/corpus/fuzz_NAME.
file(GLOB fuzz_sources CONFIGURE_DEPENDS tests/fuzz/fuzz_*.c)
file(GLOB fuzz_shared CONFIGURE_DEPENDS tests/fuzz/*.c)
list(REMOVE_ITEM fuzz_shared ${fuzz_sources} "${CMAKE_CURRENT_SOURCE_DIR}/tests/fuzz/replay.c")
if(fuzz_shared)
    add_library(fuzz_support STATIC ${fuzz_shared})
    target_link_libraries(fuzz_support PRIVATE hf_test_common PUBLIC test_support $<TARGET_NAME_IF_EXISTS:handfast_audit> $<TARGET_NAME_IF_EXISTS:handfast_explain> handfast)
endif()

# The hostile peer's programs watch the library's memory, and what the os floor asks of the system (tests/support).
set(hostile_wraps hf_alloc hf_free hf_free_secret hf_copy poll recv send)
list(TRANSFORM hostile_wraps PREPEND "-Wl,--wrap=")

set(test_list "")
if(HF_TESTS)
    add_custom_target(hostile)
    file(GLOB test_sources CONFIGURE_DEPENDS tests/unit/test_*.c tests/vectors/test_*.c tests/flows/test_*.c
        tests/hostile/test_*.c)
    foreach(source IN LISTS test_sources)
        get_filename_component(name "${source}" NAME_WE)
        hf_test_program(${name} "${source}")
        if(source MATCHES "/tests/hostile/")
            target_link_options(${name} PRIVATE ${hostile_wraps})
            add_dependencies(hostile ${name})
        endif()
        add_test(NAME ${name} COMMAND ${name})
        string(APPEND test_list "tests/${name}\n")
    endforeach()
    foreach(source IN LISTS fuzz_sources)
        get_filename_component(target "${source}" NAME_WE)
        set(name "test_replay_${target}")
        hf_test_program(${name} "${source}" tests/fuzz/replay.c)
        target_compile_definitions(${name} PRIVATE
            HF_FUZZ_CORPUS="${CMAKE_CURRENT_SOURCE_DIR}/tests/fuzz/corpus/${target}")
        target_link_libraries(${name} PRIVATE fuzz_support)
        add_test(NAME ${name} COMMAND ${name})
        string(APPEND test_list "tests/${name}\n")
    endforeach()
endif()

if(HF_TESTS)
    include(Faults)
endif()
file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/tests.txt" CONTENT "${test_list}")

if(HF_FUZZ)
    foreach(source IN LISTS fuzz_sources)
        get_filename_component(name "${source}" NAME_WE)
        hf_test_program(${name} "${source}")
        target_link_libraries(${name} PRIVATE fuzz_support)
        set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    endforeach()
endif()
