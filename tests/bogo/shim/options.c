/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading a test's flags. Each kind of flags.def has a function that puts a value into its field. */
#include "options.h"
#include "inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SHIM_FAILED: the value is none. */
typedef int put_value(void *field, const char *value);

typedef struct flag {
    const char *name;
    put_value *put;
    bool takes_value, of_credential;
    size_t offset; /* of the field, in options or in shim_credential */
} flag;

/* ---- values ---- */

static bool read_number(const char *text, int64_t *value)
{
    char *end;

    *value = strtoll(text, &end, 10);
    return *text != '\0' && *end == '\0';
}

static int put_bool(void *field, const char *value)
{
    (void)value;
    *(bool *)field = true;
    return SHIM_OK;
}

static int put_nothing(void *field, const char *value)
{
    (void)field, (void)value;
    return SHIM_OK;
}

static int put_int(void *field, const char *value)
{
    return read_number(value, field) ? SHIM_OK : SHIM_FAILED;
}

static int put_maybe_int(void *field, const char *value)
{
    shim_number *number = field;

    number->set = true;
    return put_int(&number->value, value);
}

static int put_ints(void *field, const char *value)
{
    shim_list *list = field;
    int64_t number;

    if (!read_number(value, &number) || number < 0 || number > UINT16_MAX ||
        list->n == SHIM_LIST_MAX)
        return SHIM_FAILED;
    list->at[list->n++] = (uint16_t)number;
    return SHIM_OK;
}

static int put_string(void *field, const char *value)
{
    *(const char **)field = value;
    return SHIM_OK;
}

static int put_base64(void *field, const char *value)
{
    hf_span *span = field, text = { (const uint8_t *)value, strlen(value) };
    uint8_t *bytes = malloc(text.len + 1);
    size_t len;

    if (!bytes || !hf_base64_decode(text, bytes, &len)) {
        free(bytes);
        return SHIM_FAILED;
    }
    free((void *)(uintptr_t)span->data);
    *span = (hf_span){ bytes, len };
    return SHIM_OK;
}

static int new_credential(void *field, const char *value)
{
    options *o = field;

    (void)value;
    return o->n_credentials++ < SHIM_CREDENTIALS_MAX ? SHIM_OK : SHIM_FAILED;
}

/* ---- the table ---- */

#define ROW_BOOL(field, name)           { name, put_bool, false, false, offsetof(options, field) },
#define ROW_NOOP(field, name)           { name, put_nothing, false, false, 0 },
#define ROW_INT(field, name)            { name, put_int, true, false, offsetof(options, field) },
#define ROW_MAYBE_INT(field, name)      { name, put_maybe_int, true, false, offsetof(options, field) },
#define ROW_INTS(field, name)           { name, put_ints, true, false, offsetof(options, field) },
#define ROW_STRING(field, name)         { name, put_string, true, false, offsetof(options, field) },
#define ROW_BASE64(field, name)         { name, put_base64, true, false, offsetof(options, field) },
#define ROW_NEW_CREDENTIAL(field, name) { name, new_credential, false, false, 0 },
#define ROW_CRED_BOOL(field, name)                                                                 \
    { name, put_bool, false, true, offsetof(shim_credential, field) },
#define ROW_CRED_INTS(field, name) { name, put_ints, true, true, offsetof(shim_credential, field) },
#define ROW_CRED_STRING(field, name)                                                               \
    { name, put_string, true, true, offsetof(shim_credential, field) },
#define ROW_CRED_BASE64(field, name)                                                               \
    { name, put_base64, true, true, offsetof(shim_credential, field) },

static const flag flags[] = {
#define SHIM_FLAG(kind, field, name) ROW_##kind(field, name)
#include "flags.def"
#undef SHIM_FLAG
};

static const flag *find(const char *name)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(flags[i].name, name) == 0)
            return &flags[i];
    return NULL;
}

/* ---- a command line ---- */

/* "-on-shim-server" and "-on-shim" are "-server": the rest of the name begins with a dash again. */
static bool skip_prefix(const char **name, const char *prefix)
{
    size_t len = strlen(prefix);

    if (strncmp(*name, prefix, len) != 0 || (*name)[len] != '-')
        return false;
    *name += len;
    return true;
}

static int apply(const flag *f, options *o, const char *value)
{
    shim_credential *credential =
        o->n_credentials > 0 ? &o->credentials[o->n_credentials - 1] : &o->fallback;
    char *base = f->of_credential ? (char *)credential : (char *)o;

    return f->put(base + f->offset, value);
}

/* Which of the sets a prefix names, -1: all. */
static int which_set(const char **name)
{
    static const char *const prefixes[SHIM_CONFIGS] = { "-on-initial", "-on-resume", "-on-retry" };

    for (int i = 0; i < SHIM_CONFIGS; i++)
        if (skip_prefix(name, prefixes[i]))
            return i;
    return -1;
}

static int complain(int code, const char *what, const char *argument)
{
    fprintf(stderr, "%s: %s\n", what, argument);
    return code;
}

/* Reads the flag at *argv and its value, and moves on behind them. */
static int parse_one(char ***argv, options all[SHIM_CONFIGS])
{
    const char *argument = *(*argv)++, *name = argument, *value = NULL;
    bool dropped = !skip_prefix(&name, "-on-shim") && skip_prefix(&name, "-on-handshaker");
    int set = which_set(&name);
    const flag *f = find(name);

    if (!f)
        return complain(SHIM_UNIMPLEMENTED, "flag not known here", argument);
    if (f->takes_value && !(value = *(*argv)))
        return complain(SHIM_FAILED, "value missing", argument);
    *argv += f->takes_value;
    for (int i = 0; i < SHIM_CONFIGS && !dropped; i++)
        if ((set < 0 || set == i) && apply(f, &all[i], value) != SHIM_OK)
            return complain(SHIM_FAILED, "bad value", argument);
    return SHIM_OK;
}

int options_parse(char **argv, options all[SHIM_CONFIGS])
{
    int code = SHIM_OK;

    memset(all, 0, SHIM_CONFIGS * sizeof *all);
    while (*argv && code == SHIM_OK)
        code = parse_one(&argv, all);
    return code;
}

/* ---- the end ---- */

static void free_credential(shim_credential *credential)
{
    free((void *)(uintptr_t)credential->ocsp_response.data);
}

void options_free(options all[SHIM_CONFIGS])
{
    for (size_t i = 0; i < SHIM_CONFIGS; i++) {
        for (size_t f = 0; f < sizeof flags / sizeof *flags; f++)
            if (flags[f].put == put_base64 && !flags[f].of_credential)
                free((void *)(uintptr_t)((hf_span *)(void *)((char *)&all[i] + flags[f].offset))
                         ->data);
        for (size_t c = 0; c < SHIM_CREDENTIALS_MAX; c++)
            free_credential(&all[i].credentials[c]);
        free_credential(&all[i].fallback);
    }
}
