/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Put in front of src/crypto and of the allocator (src/base/bytes.c) when they are compiled for test_faults: their calls for
 * memory and into libcrypto go through fault.h. The macros come after every header that declares what they name; calls.h is
 * written by cmake/Faults.cmake from libcrypto.def.
 */
#ifndef TESTS_FAULTS_FAULTS_H
#define TESTS_FAULTS_FAULTS_H

#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "tests/faults/fault.h"

#define FAULT_OF_ONE     0
#define FAULT_OF_QUIET   0
#define FAULT_OF_VERDICT 0
#define FAULT_OF_MINUS   (-1)
#define FAULT_OF_POINTER NULL
#define FAULT_OF_PARSED  NULL

/* Instead of the call: the answer of its failure, if it is this one's turn. */
#define FAULT_CALL(name, answer, ...)                                                              \
    (fault_in_libcrypto(FAULT_##answer, #name) ? FAULT_OF_##answer : (name)(__VA_ARGS__))

#include "faults/calls.h"

#define calloc(n, size) fault_calloc(n, size)
#define free(block)     fault_free(block)

#endif
