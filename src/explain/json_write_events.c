/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The tape in handfast.trace/1: its events without loss, the failure, and what can be counted. */
#include "explain/json_parts.h"

enum { RECORD_HEADER = 5 };

/* What is inside a record that nothing protects: the reader of the file finds it in the wire's bytes. */
static hf_span plain_content(hf_span wire)
{
    if (wire.len <= RECORD_HEADER)
        return hf_span_of(NULL, 0);
    return hf_span_of(wire.data + RECORD_HEADER, wire.len - RECORD_HEADER);
}

static void set_record(hf_jw *j, json_t *object, const hf_tape_event *event)
{
    hf_span wire = hf_tape_wire(j->story->tape, event);
    hf_span content = hf_tape_content(j->story->tape, event);
    bool kept = event->opened && event->content_type != HF_CT_APPLICATION_DATA;

    hf_jw_set(j, object, "content_type", json_integer(event->content_type));
    hf_jw_set(j, object, "opened", json_boolean(event->opened));
    hf_jw_set(j, object, "content_length", hf_jw_uint(event->content_len));
    hf_jw_set(j, object, "wire", hf_jw_hex(wire));
    if (kept && !hf_span_equal(content, plain_content(wire)))
        hf_jw_set(j, object, "content", hf_jw_hex(content));
}

static void set_prelude(hf_jw *j, json_t *object, const hf_tape_event *event)
{
    size_t masked;
    hf_span shown = hf_prelude_shown(&j->mask, hf_tape_wire(j->story->tape, event), &masked);

    hf_jw_set(j, object, "wire", hf_jw_hex(shown));
    if (masked > 0)
        hf_jw_set(j, object, "masked", hf_jw_uint(masked));
}

static json_t *event_of(hf_jw *j, const hf_tape_event *event)
{
    json_t *object = json_object();

    hf_jw_set(j, object, "kind", json_string(hf_jw_kinds[event->kind]));
    hf_jw_set(j, object, "us", hf_jw_uint(event->us));
    hf_jw_set(j, object, "writer", json_string(hf_jw_roles[event->writer == HF_SERVER]));
    hf_jw_set(j, object, "epoch", json_integer(event->epoch));
    hf_jw_set(j, object, "version", json_integer(event->version));
    hf_jw_set(j, object, "cipher_suite", json_integer(event->cipher_suite));
    if (event->kind == HF_TAPE_RECORD)
        set_record(j, object, event);
    else if (event->kind == HF_TAPE_PRELUDE)
        set_prelude(j, object, event);
    else if (event->kind == HF_TAPE_PROVED)
        hf_jw_set(j, object, "proofs", hf_jw_proof_list(j, event->proofs));
    return object;
}

json_t *hf_jw_events(hf_jw *j)
{
    const hf_tape *tape = j->story->tape;
    json_t *list = json_array();

    for (size_t i = 0; i < tape->n; i++)
        hf_jw_append(j, list, event_of(j, &tape->events[i]));
    return list;
}

/* ---- the failure ---- */

static void set_row(hf_jw *j, json_t *object, hf_error code)
{
    const hf_error_row *row = hf_error_row_of(code);

    hf_jw_set(j, object, "sentence", json_string(row->sentence));
    hf_jw_set(j, object, "source", json_string(row->source));
    hf_jw_set(j, object, "hint", hf_jw_text_or_null(row->hint));
}

json_t *hf_jw_failure(hf_jw *j)
{
    const hf_failure *f = &j->story->tape->failure;
    json_t *object;

    if (!j->story->tape->failed)
        return json_null();
    object = json_object();
    hf_jw_set(j, object, "code", json_string(hf_error_row_of(f->code)->name));
    hf_jw_set(j, object, "blame", json_string(hf_blame_name(f->blame)));
    hf_jw_set(j, object, "side", json_string(hf_jw_roles[f->side == HF_SERVER]));
    hf_jw_set(j, object, "step", hf_jw_text(f->step ? f->step : ""));
    hf_jw_set(j, object, "message", hf_jw_text_or_null(f->message));
    hf_jw_set(j, object, "field", hf_jw_text_or_null(f->field));
    hf_jw_set(j, object, "offset", f->offset < 0 ? json_null() : json_integer(f->offset));
    hf_jw_set(j, object, "rule", hf_jw_text_or_null(f->rule));
    hf_jw_set(j, object, "expected", hf_jw_text_or_null(f->expected));
    hf_jw_set(j, object, "offered", hf_jw_text_or_null(f->offered));
    hf_jw_set(j, object, "alert",
              f->alert < 0 ? json_null()
                           : hf_jw_code_even_0(j, HF_NAMES_ALERTS, (uint64_t)f->alert));
    hf_jw_set(j, object, "direction", json_string(hf_jw_directions[f->alert_direction]));
    set_row(j, object, f->code);
    return object;
}

/* ---- counts ---- */

typedef struct tally {
    uint64_t records, bytes, application_data;
} tally;

static json_t *pair_of(hf_jw *j, uint64_t client, uint64_t server)
{
    return hf_jw_both(j, hf_jw_uint(client), hf_jw_uint(server));
}

json_t *hf_jw_counts(hf_jw *j)
{
    const hf_tape *tape = j->story->tape;
    tally by[2] = { { 0, 0, 0 }, { 0, 0, 0 } }, *c = &by[HF_CLIENT], *s = &by[HF_SERVER];
    json_t *object = json_object();

    for (size_t i = 0; i < tape->n; i++) {
        const hf_tape_event *e = &tape->events[i];
        tally *t = &by[e->writer == HF_SERVER];
        if (e->kind != HF_TAPE_RECORD)
            continue;
        t->records++;
        t->bytes += e->wire_len;
        if (e->opened && e->content_type == HF_CT_APPLICATION_DATA)
            t->application_data += e->content_len;
    }
    hf_jw_set(j, object, "messages", hf_jw_uint(j->story->messages));
    hf_jw_set(j, object, "flights", hf_jw_uint(j->story->flights));
    hf_jw_set(j, object, "us", hf_jw_uint(j->story->us));
    hf_jw_set(j, object, "records", pair_of(j, c->records, s->records));
    hf_jw_set(j, object, "bytes", pair_of(j, c->bytes, s->bytes));
    hf_jw_set(j, object, "application_data", pair_of(j, c->application_data, s->application_data));
    hf_jw_set(j, object, "lost", hf_jw_uint(tape->lost));
    hf_jw_set(j, object, "left_out", hf_jw_uint(j->story->left_out));
    return object;
}
