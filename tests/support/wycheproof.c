/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Wycheproof's JSON: groups of tests, hexadecimal fields, three kinds of result. */
#include "support/wycheproof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *load(const char *file)
{
    const char *folder = getenv("HANDFAST_VECTORS");
    char path[4096];
    json_error_t why;
    json_t *root;

    if (!folder || !*folder) {
        printf("skip: HANDFAST_VECTORS is not set\n");
        fflush(stdout);
        skip();
    }
    snprintf(path, sizeof path, "%s/wycheproof/%s", folder, file);
    root = json_load_file(path, 0, &why);
    if (!root)
        fail_msg("%s: %s", path, why.text);
    return root;
}

static wycheproof_result result_of(const json_t *test)
{
    const char *text = json_string_value(json_object_get(test, "result"));

    assert_non_null(text);
    if (strcmp(text, "valid") == 0)
        return WYCHEPROOF_VALID;
    if (strcmp(text, "invalid") == 0)
        return WYCHEPROOF_INVALID;
    assert_string_equal(text, "acceptable");
    return WYCHEPROOF_ACCEPTABLE;
}

static bool run_one(const char *file, const json_t *group, const json_t *test,
                    wycheproof_check *check)
{
    const char *comment = json_string_value(json_object_get(test, "comment"));
    wycheproof_case c = {
        .file = file, .group = group, .test = test, .comment = comment ? comment : ""
    };
    bool ran;

    c.id = (long)json_integer_value(json_object_get(test, "tcId"));
    c.result = result_of(test);
    ran = check(&c);
    while (c.n_kept > 0)
        free(c.kept[--c.n_kept]);
    return ran;
}

void wycheproof_run(const char *file, size_t expected, wycheproof_check *check)
{
    json_t *root = load(file), *group, *test;
    size_t g, t, ran = 0, left = 0;

    json_array_foreach(json_object_get(root, "testGroups"), g, group)
    {
        json_array_foreach(json_object_get(group, "tests"), t, test)
        {
            if (run_one(file, group, test, check))
                ran++;
            else
                left++;
        }
    }
    printf("%s: %zu vectors ran, %zu are for parameters that TLS does not use\n", file, ran, left);
    assert_int_not_equal(ran, 0);
    assert_int_equal(ran, expected);
    json_decref(root);
}

static const json_t *field_of(const wycheproof_case *c, const char *field)
{
    const json_t *value = json_object_get(c->test, field);

    if (!value)
        value = json_object_get(c->group, field);
    if (!value)
        value = json_object_get(json_object_get(c->group, "publicKey"), field);
    if (!value)
        fail_msg("%s: test %ld has no %s", c->file, c->id, field);
    return value;
}

static unsigned nibble(char digit)
{
    const char *digits = "0123456789abcdef", *at = strchr(digits, digit | 0x20);

    assert_true(digit && at);
    return (unsigned)(at - digits);
}

hf_span wycheproof_hex(wycheproof_case *c, const char *field)
{
    const char *text = json_string_value(field_of(c, field));
    size_t len;
    uint8_t *bytes;

    assert_non_null(text);
    len = strlen(text) / 2;
    bytes = malloc(len);
    assert_true((bytes || len == 0) && c->n_kept < WYCHEPROOF_FIELDS_MAX);
    c->kept[c->n_kept++] = bytes;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
    return (hf_span){ bytes, len };
}

long wycheproof_number(const wycheproof_case *c, const char *field)
{
    return (long)json_integer_value(field_of(c, field));
}

const char *wycheproof_text(const wycheproof_case *c, const char *field)
{
    return json_string_value(field_of(c, field));
}

bool wycheproof_has_flag(const wycheproof_case *c, const char *flag)
{
    const json_t *value;
    size_t i;

    json_array_foreach(json_object_get(c->test, "flags"), i, value)
    {
        if (strcmp(json_string_value(value), flag) == 0)
            return true;
    }
    return false;
}

void wycheproof_expect(const wycheproof_case *c, bool good)
{
    if (c->result != WYCHEPROOF_ACCEPTABLE && good != (c->result == WYCHEPROOF_VALID))
        fail_msg("%s: test %ld (%s) was %s", c->file, c->id, c->comment,
                 good ? "accepted" : "refused");
}

void wycheproof_equal(const wycheproof_case *c, hf_span found, hf_span expected)
{
    if (found.len != expected.len ||
        (found.len > 0 && memcmp(found.data, expected.data, found.len) != 0))
        fail_msg("%s: test %ld (%s) gave other bytes", c->file, c->id, c->comment);
}
