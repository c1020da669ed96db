# SPDX-License-Identifier: Apache-2.0 OR MIT
# libcrypto, as the target PkgConfig::CRYPTO: the system's (OpenSSL 3.0 or later), or the one under HANDFAST_CRYPTO_ROOT
# (OpenSSL 3.0 or later, AWS-LC; static or shared). What a libcrypto can do is found out in src/crypto, by its headers.
set(HANDFAST_CRYPTO_ROOT "" CACHE PATH "A folder with include/openssl and lib/libcrypto.a or .so; empty: the system's")

if(NOT HANDFAST_CRYPTO_ROOT)
    pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto>=3.0)
    return()
endif()

# Nothing of a folder given before may stay in the cache.
unset(HF_CRYPTO_LIBRARY CACHE)
find_library(HF_CRYPTO_LIBRARY NAMES libcrypto.a crypto
    PATHS "${HANDFAST_CRYPTO_ROOT}/lib" "${HANDFAST_CRYPTO_ROOT}/lib64" NO_DEFAULT_PATH)
set(HF_CRYPTO_INCLUDE "${HANDFAST_CRYPTO_ROOT}/include")
if(NOT HF_CRYPTO_LIBRARY OR NOT EXISTS "${HF_CRYPTO_INCLUDE}/openssl/crypto.h")
    message(FATAL_ERROR "HANDFAST_CRYPTO_ROOT=${HANDFAST_CRYPTO_ROOT} has no include/openssl/crypto.h, or no libcrypto in "
        "lib or lib64. scripts/crypto-root aws-lc or openssl makes such a folder and prints its name.")
endif()

message(STATUS "libcrypto: ${HF_CRYPTO_LIBRARY}")
find_package(Threads REQUIRED)
add_library(PkgConfig::CRYPTO UNKNOWN IMPORTED GLOBAL)
set_target_properties(PkgConfig::CRYPTO PROPERTIES
    IMPORTED_LOCATION "${HF_CRYPTO_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${HF_CRYPTO_INCLUDE}")
target_link_libraries(PkgConfig::CRYPTO INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
# A static libcrypto stays private to what it is linked into: another one may come with a shared library.
if(HF_CRYPTO_LIBRARY MATCHES "\\.a$")
    target_link_options(PkgConfig::CRYPTO INTERFACE "LINKER:--exclude-libs,libcrypto.a")
endif()
