/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a step says when it refuses: the failure record's place, what was expected and what came. Path
 * and offset are not carried around while parsing: the message is read once more with a sink that waits
 * for the field. Failures are rare. Of a list's elements the step must say which: it has the bytes.
 */
#include "handshake/engine.h"

#include <stdio.h>

enum { ANYWHERE = -1 };

/* The field whose path ends in `name`: the first of them, or that in which byte `at` stands. */
typedef struct search {
    const char *name;
    int64_t at;                     /* ANYWHERE: the first */
    char open[HF_FAILURE_TEXT_MAX]; /* the path of the structures that are open */
    char path[HF_FAILURE_TEXT_MAX]; /* what was found; empty: nothing */
    int64_t offset;
} search;

static bool ends_with(const char *path, const char *tail)
{
    size_t n = strlen(path), m = strlen(tail);

    return n >= m && strcmp(path + n - m, tail) == 0 && (n == m || path[n - m - 1] == '.');
}

static bool is_sought(const search *s, const hf_field *f)
{
    int64_t first = (int64_t)f->offset;
    bool here =
        s->at == ANYWHERE || s->at == first || (s->at > first && s->at - first < (int64_t)f->len);

    return !*s->path && here && f->kind != HF_FIELD_LENGTH && ends_with(s->open, s->name);
}

static void on_field(void *user, const hf_field *f)
{
    search *s = user;
    size_t n = strlen(s->open);

    if (f->kind == HF_FIELD_END) {
        char *dot = strrchr(s->open, '.');
        if (dot)
            *dot = '\0';
        else
            s->open[0] = '\0';
        return;
    }
    snprintf(s->open + n, sizeof s->open - n, "%s%s", n > 0 ? "." : "", f->name);
    if (is_sought(s, f)) {
        memcpy(s->path, s->open, sizeof s->path);
        s->offset = s->at == ANYWHERE ? (int64_t)f->offset : s->at;
    }
    if (f->kind != HF_FIELD_BEGIN)
        s->open[n] = '\0';
}

static bool points_into(hf_span message, const uint8_t *at)
{
    return message.len > 0 && (uintptr_t)at - (uintptr_t)message.data < message.len;
}

/* A server reads its copy of a ClientHello. */
static int64_t offset_of(const hf_engine *e, const uint8_t *at)
{
    if (at && points_into(e->message, at))
        return at - e->message.data;
    if (at && e->hs && e->msg == HF_MSG_ClientHello && points_into(e->hs->hello_message, at))
        return at - e->hs->hello_message.data;
    return ANYWHERE;
}

/* What is not found is missing: an extensions block would stand at the end. */
static search find(hf_engine *e, const uint8_t *at, const char *field)
{
    search s = { .name = field, .at = offset_of(e, at), .offset = -1 };
    hf_field_sink sink = { on_field, &s };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, (hf_role)!e->role);

    if (e->message.len >= HF_HANDSHAKE_HEADER && !e->ccs)
        (void)hf_message_explain(e->msg, &w, e->message, &sink, &fault);
    if (*s.path)
        return s;
    snprintf(s.path, sizeof s.path, "%s.%s", hf_msg_name(e->msg), field);
    if (strcmp(field, "extensions") == 0)
        s.offset = (int64_t)e->message.len;
    return s;
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

void hf_refusal_write(hf_engine *e, hf_error code, const hf_refusal *r)
{
    hf_failure *f = hf_failure_of(e);

    *f = (hf_failure){
        .code = code, .message = r->message, .offset = r->offset, .alert = HF_ALERT_none
    };
    put(f->field, r->field);
    put(f->rule, r->rule ? r->rule : hf_error_row_of(code)->sentence);
    put(f->expected, r->expected);
    put(f->offered, r->offered);
}

hf_error hf_refuse_item(hf_engine *e, hf_error code, const uint8_t *at, const char *field,
                        const char *expected, const char *offered)
{
    search s = find(e, at, field);

    hf_refusal_write(e, code,
                     &(hf_refusal){ .message = hf_msg_name(e->msg),
                                    .field = s.path,
                                    .offset = s.offset,
                                    .expected = expected,
                                    .offered = offered });
    return code;
}

hf_error hf_refuse(hf_engine *e, hf_error code, const char *field, const char *expected,
                   const char *offered)
{
    return hf_refuse_item(e, code, NULL, field, expected, offered);
}

hf_error hf_refuse_at(hf_engine *e, hf_error code, hf_msg msg, const char *field, int64_t offset,
                      const char *offered)
{
    char path[HF_FAILURE_TEXT_MAX];

    if (hf_failure_of(e)->code != HF_OK)
        return code; /* the first failure of a batch is the one that is told */
    snprintf(path, sizeof path, "%s.%s", hf_msg_name(msg), field);
    hf_refusal_write(
        e, code,
        &(hf_refusal){
            .message = hf_msg_name(msg), .field = path, .offset = offset, .offered = offered });
    return code;
}

hf_error hf_refuse_code_item(hf_engine *e, hf_error code, const uint8_t *at, const char *field,
                             uint16_t offered, const char *(*name)(uint16_t))
{
    char text[HF_FAILURE_TEXT_MAX];
    const char *known = name ? name(offered) : NULL;

    snprintf(text, sizeof text, "0x%04x%s%s%s", offered, known ? " (" : "", known ? known : "",
             known ? ")" : "");
    return hf_refuse_item(e, code, at, field, NULL, text);
}

hf_error hf_refuse_code(hf_engine *e, hf_error code, const char *field, uint16_t offered,
                        const char *(*name)(uint16_t))
{
    return hf_refuse_code_item(e, code, NULL, field, offered, name);
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
    hf_refusal_write(e, fault->code,
                     &(hf_refusal){ .message = hf_msg_name(e->msg),
                                    .field = fault->path,
                                    .offset = (int64_t)fault->offset,
                                    .rule = fault->rule });
    return fault->code;
}
