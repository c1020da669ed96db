# SPDX-License-Identifier: Apache-2.0 OR MIT
# tests/faults: one program over a library in which each allocation, random draw, libcrypto call, job and callback can be made
# to fail. src/crypto and the allocator are compiled a second time, with tests/faults/faults.h in front of them; all else are
# the engine's own objects. calls.h is a macro for each row of libcrypto.def that can fail.
if(HANDFAST_CRYPTO_ROOT AND NOT EXISTS "${HANDFAST_CRYPTO_ROOT}/include/openssl/core_names.h")
    message(STATUS "tests/faults: no test_faults, libcrypto.def is OpenSSL's")
    return()
endif()
# MemorySanitizer's own wrappers stand where the faults' would.
if(HF_SANITIZE MATCHES "memory")
    return()
endif()
set(faults_dir "${CMAKE_CURRENT_SOURCE_DIR}/tests/faults")
set(faults_table "${faults_dir}/libcrypto.def")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${faults_table}")

file(STRINGS "${faults_table}" faults_rows REGEX "^FAULT_CALL\\(")
list(FILTER faults_rows EXCLUDE REGEX ", SURE\\)")
list(TRANSFORM faults_rows REPLACE "^FAULT_CALL\\(([A-Za-z0-9_]+), ([A-Z]+)\\).*$"
    "#define \\1(...) FAULT_CALL(\\1, \\2, __VA_ARGS__)")
list(JOIN faults_rows "\n" faults_macros)
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/faults/calls.h" CONTENT "@faults_macros@\n" @ONLY)

file(GLOB faulty_sources CONFIGURE_DEPENDS src/crypto/*.c)
add_library(hf_faulty OBJECT EXCLUDE_FROM_ALL ${faulty_sources} src/base/bytes.c)
target_link_libraries(hf_faulty PRIVATE hf_common hf_warnings_tests PkgConfig::CRYPTO)
target_include_directories(hf_faulty PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/generated")
target_compile_options(hf_faulty PRIVATE -include "${faults_dir}/faults.h")

file(GLOB faults_sources CONFIGURE_DEPENDS "${faults_dir}/*.c")
set(faults_engine "$<FILTER:$<TARGET_OBJECTS:handfast_objects>,EXCLUDE,/src/(crypto/|base/bytes[.])>")
add_executable(test_faults ${faults_sources} ${faults_engine} $<TARGET_OBJECTS:hf_faulty>)
set_target_properties(test_faults PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
target_link_libraries(test_faults PRIVATE hf_test_common test_support PkgConfig::CRYPTO)
target_include_directories(test_faults PRIVATE include)
# No function of libcrypto may be called that the table does not have.
add_custom_command(TARGET test_faults POST_BUILD VERBATIM COMMAND "${CMAKE_COMMAND}"
    "-DNM=${CMAKE_NM}" "-DTABLE=${faults_table}" "-DOBJECTS=$<TARGET_OBJECTS:hf_faulty>"
    -P "${CMAKE_CURRENT_LIST_DIR}/FaultsTable.cmake")
add_test(NAME test_faults COMMAND test_faults)
string(APPEND test_list "tests/test_faults\n")
