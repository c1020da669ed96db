/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The engine's parser runs once more over the copy, with a listener that prints. */
#include "tool/steps_fields.h"

#include <stdio.h>
#include <string.h>

#include "wire/wire.h"

enum { SHOWN_BYTES = 16, INDENT_MAX = 8, LISTED = 12 };

typedef struct printer {
    void (*say)(const char *format, ...);
    int depth;
} printer;

static hf_msg msg_named(const char *name)
{
    for (int msg = HF_MSG_NONE + 1; msg < HF_MSG_UNKNOWN; msg++)
        if (strcmp(hf_msg_name((hf_msg)msg), name) == 0)
            return (hf_msg)msg;
    return HF_MSG_UNKNOWN;
}

static void hex(const hf_field *field, char out[2 * SHOWN_BYTES + 4])
{
    size_t n = field->len < SHOWN_BYTES ? field->len : SHOWN_BYTES;

    *out = '\0';
    for (size_t i = 0; i < n; i++)
        snprintf(out + 2 * i, 3, "%02x", field->bytes[i]);
    if (n < field->len)
        strcat(out, "…");
}

/* "0x1301 0x1302 …" */
static void list16(const hf_field *field, char out[8 * LISTED + 8])
{
    size_t n = field->len / 2;

    *out = '\0';
    for (size_t i = 0; i < n && i < LISTED; i++)
        snprintf(out + 7 * i, 8, "0x%02x%02x ", field->bytes[2 * i], field->bytes[2 * i + 1]);
    if (n > LISTED)
        strcat(out, "…");
}

static void print(void *user, const hf_field *field)
{
    printer *p = user;
    char text[8 * LISTED + 8] = "";
    int indent = 2 * (p->depth < INDENT_MAX ? p->depth : INDENT_MAX);

    switch (field->kind) {
    case HF_FIELD_BEGIN:
        p->say("      %5zu  %*s%s\n", field->offset, indent, "", field->name);
        p->depth++;
        return;
    case HF_FIELD_END: p->depth -= p->depth > 0; return;
    case HF_FIELD_LENGTH: return; /* the field itself shows it */
    case HF_FIELD_UINT:
        snprintf(text, sizeof text, "%llu (0x%0*llx)", (unsigned long long)field->value,
                 (int)(2 * field->len), (unsigned long long)field->value);
        break;
    case HF_FIELD_LIST16: list16(field, text); break;
    default: hex(field, text); break;
    }
    p->say("      %5zu  %*s%s, %zu byte%s: %s\n", field->offset, indent, "", field->name,
           field->len, field->len == 1 ? "" : "s", text);
}

/* ---- is it there? ---- */

typedef struct search {
    const char *name;
    bool found;
} search;

static void compare(void *user, const hf_field *field)
{
    search *s = user;

    s->found |= strcmp(field->name, s->name) == 0;
}

bool hf_steps_has_field(const char *name, const hf_wire *wire, hf_span message, const char *field)
{
    search s = { field, false };
    hf_field_sink sink = { compare, &s };
    hf_fault fault;

    memset(&fault, 0, sizeof fault);
    hf_message_explain(msg_named(name), wire, message, &sink, &fault);
    return s.found;
}

/* ---- all of them ---- */

void hf_steps_fields(void (*say)(const char *, ...), const char *name, const hf_wire *wire,
                     hf_span message)
{
    hf_msg msg = msg_named(name);
    printer p = { say, 0 };
    hf_field_sink sink = { print, &p };
    hf_fault fault;

    memset(&fault, 0, sizeof fault);
    if (msg != HF_MSG_UNKNOWN)
        hf_message_explain(msg, wire, message, &sink, &fault);
}
