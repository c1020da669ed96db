/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Vectors that the project carries: a JSON file of tests/vectors/data, whose values are hexadecimal.
 * A field that is missing is a failure, not an empty value.
 */
#ifndef TESTS_SUPPORT_VECTOR_FILE_H
#define TESTS_SUPPORT_VECTOR_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/bytes.h"

typedef struct vector_file {
    json_t *root;
    struct vector_bytes *kept; /* what was decoded */
} vector_file;

void vector_open(vector_file *f, const char *name); /* "rfc8448.json" */
void vector_close(vector_file *f);

/* The text of a field; fails when there is none. */
const char *vector_text(const json_t *object, const char *field);
/* A hexadecimal field, decoded into a block of exactly its length; good until vector_close. */
hf_span vector_hex(vector_file *f, const json_t *object, const char *field);
/* Fails with both values unless they are equal. */
void vector_equal(const char *what, hf_span found, hf_span expected);
/* Prints "name: 0011…", at most 64 bytes of it. */
void vector_print(const char *name, hf_span bytes);

#endif
