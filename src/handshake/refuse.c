/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a step says when it refuses: the failure record's place, what was expected and what came. The
 * offset is not carried around while parsing: the message is read once more with a sink that waits
 * for the field. Failures are rare.
 */
#include "handshake/engine.h"

#include <stdio.h>

typedef struct search {
    const char *field;
    char path[HF_FAILURE_TEXT_MAX];
    int64_t offset;
} search;

static bool ends_with(const char *path, const char *tail)
{
    size_t n = strlen(path), m = strlen(tail);

    return n >= m && strcmp(path + n - m, tail) == 0 && (n == m || path[n - m - 1] == '.');
}

/* Keeps the path of open structures and remembers the first field whose path ends in what is sought. */
static void on_field(void *user, const hf_field *f)
{
    search *s = user;
    size_t n = strlen(s->path);

    if (f->kind == HF_FIELD_END) {
        char *dot = strrchr(s->path, '.');
        if (dot)
            *dot = '\0';
        else
            s->path[0] = '\0';
        return;
    }
    snprintf(s->path + n, sizeof s->path - n, "%s%s", n > 0 ? "." : "", f->name);
    if (s->offset < 0 && f->kind != HF_FIELD_LENGTH && ends_with(s->path, s->field))
        s->offset = (int64_t)f->offset;
    if (f->kind != HF_FIELD_BEGIN)
        s->path[n] = '\0';
}

static int64_t find_offset(hf_engine *e, const char *field)
{
    search s = { field, "", -1 };
    hf_field_sink sink = { on_field, &s };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, (hf_role)!e->role);

    if (e->message.len >= HF_HANDSHAKE_HEADER && !e->ccs)
        (void)hf_message_explain(e->msg, &w, e->message, &sink, &fault);
    if (s.offset < 0 && strcmp(field, "extensions") == 0)
        return (int64_t)e->message.len; /* no such block: it is missing at the end */
    return s.offset;
}

hf_failure *hf_failure_of(hf_engine *e)
{
    if (e->failure)
        return e->failure;
    e->failure = hf_alloc(sizeof *e->failure);
    if (!e->failure)
        e->failure = &e->worker->last_failure;
    *e->failure = (hf_failure){ .offset = -1, .alert = HF_ALERT_none };
    return e->failure;
}

static void put(char *to, const char *text)
{
    snprintf(to, HF_FAILURE_TEXT_MAX, "%s", text ? text : "");
}

hf_error hf_refuse(hf_engine *e, hf_error code, const char *field, const char *expected,
                   const char *offered)
{
    hf_failure *f = hf_failure_of(e);

    f->code = code;
    f->message = hf_msg_name(e->msg);
    snprintf(f->field, sizeof f->field, "%s.%s", f->message, field);
    f->offset = find_offset(e, field);
    put(f->rule, hf_error_row_of(code)->sentence);
    put(f->expected, expected);
    put(f->offered, offered);
    return code;
}

hf_error hf_refuse_at(hf_engine *e, hf_error code, hf_msg msg, const char *field, int64_t offset)
{
    hf_failure *f = hf_failure_of(e);

    if (f->code != HF_OK)
        return code; /* the first failure of a batch is the one that is told */
    f->code = code;
    f->message = hf_msg_name(msg);
    snprintf(f->field, sizeof f->field, "%s.%s", f->message, field);
    f->offset = offset;
    put(f->rule, hf_error_row_of(code)->sentence);
    return code;
}

hf_error hf_refuse_code(hf_engine *e, hf_error code, const char *field, uint16_t offered,
                        const char *(*name)(uint16_t))
{
    char text[HF_FAILURE_TEXT_MAX];
    const char *known = name ? name(offered) : NULL;

    snprintf(text, sizeof text, "0x%04x%s%s%s", offered, known ? " (" : "", known ? known : "",
             known ? ")" : "");
    return hf_refuse(e, code, field, NULL, text);
}

/* Appends a name behind `before`; what finds no room any more is told by dots. */
static void add_name(char text[HF_FAILURE_TEXT_MAX], const char *before, uint16_t code,
                     const char *(*name)(uint16_t))
{
    size_t n = strlen(text), left = HF_FAILURE_TEXT_MAX - n;
    const char *known = name(code);
    char number[8];

    snprintf(number, sizeof number, "0x%04x", code);
    if (strlen(known ? known : number) + sizeof ", , ..." <= left)
        snprintf(text + n, left, "%s%s", before, known ? known : number);
    else if (n < 3 || strcmp(text + n - 3, "...") != 0)
        snprintf(text + n, left, "%s...", before);
}

hf_error hf_refuse_lists(hf_engine *e, hf_error code, const char *field, const uint16_t *ours,
                         hf_span theirs, const char *(*name)(uint16_t))
{
    char expected[HF_FAILURE_TEXT_MAX], offered[HF_FAILURE_TEXT_MAX] = "";

    snprintf(expected, sizeof expected, "policy %.60s", e->config->policy.name);
    for (size_t i = 0; i < HF_POLICY_LIST && ours[i]; i++)
        add_name(expected, i == 0 ? ": " : ", ", ours[i], name);
    for (size_t i = 0; i < hf_list16_count(theirs); i++)
        if (!hf_is_grease(hf_list16_at(theirs, i)))
            add_name(offered, *offered ? ", " : "", hf_list16_at(theirs, i), name);
    return hf_refuse(e, code, field, expected, offered);
}

hf_wire hf_engine_wire(const hf_engine *e, hf_role writer)
{
    uint16_t settled = e->suite ? e->suite->version : 0;

    return (hf_wire){ .version = e->script.facts & HF_F_TLS13 ? HF_TLS13 : settled,
                      .writer = writer,
                      .kx = e->suite ? e->suite->kx : HF_KX_TLS13 };
}

hf_reader hf_message_reader(hf_engine *e, hf_fault *fault)
{
    hf_span body =
        hf_span_of(e->message.data + HF_HANDSHAKE_HEADER, e->message.len - HF_HANDSHAKE_HEADER);

    return hf_rd_start(body, hf_msg_name(e->msg), HF_HANDSHAKE_HEADER, fault, NULL);
}

hf_error hf_read_done(hf_engine *e, const hf_fault *fault)
{
    if (fault->code == HF_OK)
        return HF_OK;
    hf_failure *f = hf_failure_of(e);
    f->code = fault->code;
    f->message = hf_msg_name(e->msg);
    put(f->field, fault->path);
    put(f->rule, fault->rule);
    f->offset = (int64_t)fault->offset;
    return fault->code;
}
