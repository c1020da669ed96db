/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* JSON files of hexadecimal values. */
#include "support/vector_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct vector_bytes {
    struct vector_bytes *next;
    uint8_t bytes[];
} vector_bytes;

void vector_open(vector_file *f, const char *name)
{
    char path[1024];
    json_error_t why;

    snprintf(path, sizeof path, "%s/tests/vectors/data/%s", HF_SOURCE_DIR, name);
    *f = (vector_file){ .root = json_load_file(path, 0, &why) };
    if (!f->root)
        fail_msg("%s: %s", path, why.text);
}

void vector_close(vector_file *f)
{
    vector_bytes *next;

    for (vector_bytes *kept = f->kept; kept; kept = next) {
        next = kept->next;
        free(kept);
    }
    json_decref(f->root);
    *f = (vector_file){ 0 };
}

const char *vector_text(const json_t *object, const char *field)
{
    const char *text = json_string_value(json_object_get(object, field));

    if (!text)
        fail_msg("there is no %s", field);
    return text;
}

static uint8_t nibble(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = digit ? strchr(digits, digit) : NULL;

    assert_non_null(at);
    return (uint8_t)(at - digits);
}

hf_span vector_hex(vector_file *f, const json_t *object, const char *field)
{
    const char *text = vector_text(object, field);
    size_t len = strlen(text) / 2;
    vector_bytes *kept = malloc(sizeof *kept + len);

    assert_non_null(kept);
    kept->next = f->kept;
    f->kept = kept;
    assert_int_equal(strlen(text) % 2, 0);
    for (size_t i = 0; i < len; i++)
        kept->bytes[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
    return hf_span_of(kept->bytes, len);
}

void vector_print(const char *name, hf_span bytes)
{
    enum { MAX = 64 };

    printf("  %s: ", name);
    for (size_t i = 0; i < bytes.len && i < MAX; i++)
        printf("%02x", bytes.data[i]);
    printf("%s (%zu bytes)\n", bytes.len > MAX ? "..." : "", bytes.len);
}

void vector_equal(const char *what, hf_span found, hf_span expected)
{
    if (hf_span_equal(found, expected))
        return;
    vector_print("found   ", found);
    vector_print("expected", expected);
    fail_msg("%s is not what the vector says", what);
}
