# SPDX-License-Identifier: Apache-2.0 OR MIT
# Other TLS implementations as shared objects for `handfast bench`, in bench/peers of the build folder: each holds one
# function, links to its own library, and is left out where that is not installed. Always optimised and never instrumented,
# for they are measured. A build with tests has them; otherwise the target hf_bench_peers makes them.
include_guard(GLOBAL)
set(HF_BENCH_PEERS_DIR "${CMAKE_BINARY_DIR}/bench/peers")
if(HF_TESTS)
    set(bench_peers_when ALL)
endif()
# MemorySanitizer sees nothing of what those libraries write, and would complain of it: then there are no peers.
if(HF_SANITIZE MATCHES "memory")
    add_custom_target(hf_bench_peers)
    return()
endif()
add_custom_target(hf_bench_peers ${bench_peers_when})

function(hf_bench_peer name)
    set(target hf_bench_${name})
    add_library(${target} MODULE EXCLUDE_FROM_ALL tests/bench/peers/${name}.c)
    target_include_directories(${target} PRIVATE src)
    target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L)
    target_compile_options(${target} PRIVATE -O2)
    target_link_libraries(${target} PRIVATE hf_hardening hf_warnings ${ARGN})
    target_link_options(${target} PRIVATE -Wl,-z,defs)
    set_target_properties(${target} PROPERTIES
        PREFIX "" OUTPUT_NAME ${name} SUFFIX ".so" LIBRARY_OUTPUT_DIRECTORY "${HF_BENCH_PEERS_DIR}")
    add_dependencies(hf_bench_peers ${target})
endfunction()

pkg_check_modules(BENCH_LIBSSL IMPORTED_TARGET libssl libcrypto)
if(BENCH_LIBSSL_FOUND)
    hf_bench_peer(libssl PkgConfig::BENCH_LIBSSL)
endif()
pkg_check_modules(BENCH_GNUTLS IMPORTED_TARGET gnutls>=3.6.3)
if(BENCH_GNUTLS_FOUND)
    hf_bench_peer(gnutls PkgConfig::BENCH_GNUTLS)
endif()
pkg_check_modules(BENCH_WOLFSSL IMPORTED_TARGET wolfssl)
if(BENCH_WOLFSSL_FOUND)
    hf_bench_peer(wolfssl PkgConfig::BENCH_WOLFSSL)
endif()

# mbedTLS 2.28 has no .pc file; what mbedtls.c is written for went in 3.0.
find_path(BENCH_MBEDTLS_INCLUDE mbedtls/ssl_ticket.h)
find_library(BENCH_MBEDTLS_TLS mbedtls)
find_library(BENCH_MBEDTLS_X509 mbedx509)
find_library(BENCH_MBEDTLS_CRYPTO mbedcrypto)
mark_as_advanced(BENCH_MBEDTLS_INCLUDE BENCH_MBEDTLS_TLS BENCH_MBEDTLS_X509 BENCH_MBEDTLS_CRYPTO)
set(bench_mbedtls_version "")
if(BENCH_MBEDTLS_INCLUDE AND BENCH_MBEDTLS_TLS AND BENCH_MBEDTLS_X509 AND BENCH_MBEDTLS_CRYPTO)
    file(STRINGS "${BENCH_MBEDTLS_INCLUDE}/mbedtls/version.h" bench_mbedtls_version REGEX "define MBEDTLS_VERSION_STRING ")
endif()
if(bench_mbedtls_version MATCHES "\"2\\.")
    hf_bench_peer(mbedtls ${BENCH_MBEDTLS_TLS} ${BENCH_MBEDTLS_X509} ${BENCH_MBEDTLS_CRYPTO})
    target_include_directories(hf_bench_mbedtls SYSTEM PRIVATE "${BENCH_MBEDTLS_INCLUDE}")
endif()

# rustls is a cargo project. All build folders share what cargo makes, which takes a minute or two the first time.
find_program(BENCH_CARGO cargo)
set(BENCH_CARGO_TARGET "${CMAKE_CURRENT_SOURCE_DIR}/build/peers/bench-rustls" CACHE PATH "Where cargo builds the peer on rustls")
mark_as_advanced(BENCH_CARGO BENCH_CARGO_TARGET)
if(BENCH_CARGO)
    set(bench_rustls "${CMAKE_CURRENT_SOURCE_DIR}/tests/bench/peers/rustls")
    file(GLOB bench_rustls_sources CONFIGURE_DEPENDS ${bench_rustls}/Cargo.* ${bench_rustls}/src/*.rs)
    add_custom_command(OUTPUT "${HF_BENCH_PEERS_DIR}/rustls.so"
        COMMAND ${CMAKE_COMMAND} -DCARGO=${BENCH_CARGO} -DSOURCE=${bench_rustls}
                -DTARGET=${BENCH_CARGO_TARGET} -DOUTPUT=${HF_BENCH_PEERS_DIR}/rustls.so
                -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/BuildBenchRustls.cmake
        DEPENDS ${bench_rustls_sources} "${CMAKE_CURRENT_SOURCE_DIR}/cmake/BuildBenchRustls.cmake"
        COMMENT "Building the peer on rustls" VERBATIM)
    add_custom_target(hf_bench_rustls DEPENDS "${HF_BENCH_PEERS_DIR}/rustls.so")
    add_dependencies(hf_bench_peers hf_bench_rustls)
endif()
