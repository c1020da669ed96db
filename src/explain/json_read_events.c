/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The events and the failure of a handfast.trace/1 file, back onto a tape. */
#include <stdio.h>

#include "explain/json_read.h"

enum { RECORD_HEADER = 5 };

/* ---- events ---- */

static uint8_t proofs_of(hf_jr *r, const json_t *object)
{
    const json_t *list = hf_jr_list(r, object, "proofs", 3);
    uint8_t proofs = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        uint8_t bit = 0;
        for (unsigned k = 0; text && hf_jw_proofs[k]; k++)
            if (strcmp(text, hf_jw_proofs[k]) == 0)
                bit = (uint8_t)(1u << k);
        if (!bit)
            hf_jr_refuse(r, "proofs", "one of them means nothing here");
        proofs |= bit;
    }
    return proofs;
}

static void add(hf_jr *r, const hf_tape_event *event, hf_span wire, hf_span content)
{
    if (r->error || hf_tape_add(r->tape, event, wire, content))
        return;
    if (r->tape->n == HF_TAPE_EVENTS_MAX ||
        wire.len + content.len > HF_TAPE_BYTES_MAX - r->tape->n_bytes)
        hf_jr_refuse(r, "wire", "more bytes than a tape has room for");
    else
        r->error = HF_E_NO_MEMORY;
}

/* What stands in a plain record. */
static hf_span behind_header(hf_span wire)
{
    if (wire.len <= RECORD_HEADER)
        return hf_span_of(NULL, 0);
    return hf_span_of(wire.data + RECORD_HEADER, wire.len - RECORD_HEADER);
}

/* Of a record whose content the tape keeps. */
static void add_kept(hf_jr *r, const json_t *object, const hf_tape_event *event, hf_span wire)
{
    bool told = json_object_get(object, "content") != NULL;
    size_t len = 0;
    uint8_t *bytes = told ? hf_jr_hex(r, object, "content", &len) : NULL;
    hf_span content = told ? hf_span_of(bytes, len) : behind_header(wire);

    if (content.len != event->content_len)
        hf_jr_refuse(r, "content_length", "says %zu, and the content has %zu bytes",
                     event->content_len, content.len);
    add(r, event, wire, content);
    hf_free_secret(bytes, len);
}

static void add_record(hf_jr *r, const json_t *object, hf_tape_event *event, hf_span wire)
{
    event->content_type = (uint8_t)hf_jr_uint(r, object, "content_type", UINT8_MAX);
    event->opened = hf_jr_bool(r, object, "opened");
    event->content_len = hf_jr_uint(r, object, "content_length", HF_TAPE_BYTES_MAX);
    if (r->error)
        return;
    if (event->opened && event->content_type != HF_CT_APPLICATION_DATA)
        add_kept(r, object, event, wire);
    else
        add(r, event, wire, hf_span_of(NULL, event->content_len)); /* its length alone is kept */
}

static void read_event(hf_jr *r, const json_t *object)
{
    hf_tape_event event = { .kind = (uint8_t)hf_jr_one_of(r, object, "kind", hf_jw_kinds),
                            .us = hf_jr_uint(r, object, "us", INT64_MAX),
                            .writer = (uint8_t)hf_jr_one_of(r, object, "writer", hf_jw_roles),
                            .epoch = (uint8_t)hf_jr_uint(r, object, "epoch", UINT8_MAX),
                            .version = (uint16_t)hf_jr_uint(r, object, "version", UINT16_MAX),
                            .cipher_suite =
                                (uint16_t)hf_jr_uint(r, object, "cipher_suite", UINT16_MAX) };
    bool has_wire = event.kind == HF_TAPE_RECORD || event.kind == HF_TAPE_PRELUDE;
    size_t len = 0;
    uint8_t *wire = has_wire ? hf_jr_hex(r, object, "wire", &len) : NULL;

    if (event.kind == HF_TAPE_PROVED)
        event.proofs = proofs_of(r, object);
    if (event.kind == HF_TAPE_RECORD)
        add_record(r, object, &event, hf_span_of(wire, len));
    else
        add(r, &event, hf_span_of(wire, len), hf_span_of(NULL, 0));
    hf_free_secret(wire, len);
}

void hf_jr_events(hf_jr *r, const json_t *root)
{
    hf_jr_enter(r, "");
    const json_t *list = hf_jr_list(r, root, "events", HF_TAPE_EVENTS_MAX);

    if (!list)
        hf_jr_refuse(r, "events", "is missing");
    for (size_t i = 0; !r->error && i < json_array_size(list); i++) {
        hf_jr_enter_item(r, "events", i);
        const json_t *object = hf_jr_object(r, json_array_get(list, i));
        if (object)
            read_event(r, object);
    }
}

/* ---- the failure ---- */

static hf_error error_named(hf_jr *r, const json_t *object)
{
    const char *name = hf_jr_text(r, object, "code");

    for (int code = 1; name && code < HF_ERROR_COUNT; code++)
        if (strcmp(hf_error_row_of((hf_error)code)->name, name) == 0)
            return (hf_error)code;
    hf_jr_refuse(r, "code", name ? "\"%.40s\" is no error of this version's" : "is missing", name);
    return HF_E_INTERNAL;
}

static hf_blame blame_of(hf_jr *r, const json_t *object)
{
    static const char *names[HF_BLAME_POLICY + 2];

    for (int i = 0; i <= HF_BLAME_POLICY; i++)
        names[i] = hf_blame_name((hf_blame)i);
    return (hf_blame)hf_jr_one_of(r, object, "blame", names);
}

static int alert_of(hf_jr *r, const json_t *object)
{
    const json_t *alert = json_object_get(object, "alert");

    if (!alert || json_is_null(alert))
        return HF_ALERT_none;
    return (int)hf_jr_uint(r, alert, "code", UINT8_MAX);
}

void hf_jr_failure(hf_jr *r, const json_t *root)
{
    const json_t *object = json_object_get(root, "failure");
    hf_tape *tape = r->tape;
    hf_failure *f = &tape->failure;

    if (r->error || !object || json_is_null(object))
        return;
    hf_jr_enter(r, "failure");
    if (!hf_jr_object(r, object))
        return;
    tape->failed = true;
    f->code = error_named(r, object);
    f->blame = blame_of(r, object);
    f->side = (hf_role)hf_jr_one_of(r, object, "side", hf_jw_roles);
    hf_jr_copy(r, object, "step", tape->failure_step, sizeof tape->failure_step);
    hf_jr_copy(r, object, "message", tape->failure_message, sizeof tape->failure_message);
    f->step = tape->failure_step;
    f->message = *tape->failure_message ? tape->failure_message : NULL;
    hf_jr_copy(r, object, "field", f->field, sizeof f->field);
    hf_jr_copy(r, object, "rule", f->rule, sizeof f->rule);
    hf_jr_copy(r, object, "expected", f->expected, sizeof f->expected);
    hf_jr_copy(r, object, "offered", f->offered, sizeof f->offered);
    f->offset = json_is_integer(json_object_get(object, "offset"))
                    ? (int64_t)hf_jr_uint(r, object, "offset", UINT32_MAX)
                    : -1;
    f->alert = alert_of(r, object);
    f->alert_direction = (hf_alert_direction)hf_jr_one_of(r, object, "direction", hf_jw_directions);
}
