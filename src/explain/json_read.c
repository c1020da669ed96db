/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A handfast.trace/1 file back as the tape that it was made of. What is derived in it is not looked at. */
#include <stdio.h>

#include "explain/json_read.h"
#include "x509/der.h"

/* ---- time ---- */

enum { STAMP = 27 }; /* 2026-11-21T09:00:00.000000Z */

/* The calendar is read by who reads that of certificates. */
static bool seconds_of(const char *text, int64_t *seconds)
{
    uint8_t der[17] = { HF_DER_GENERALIZED_TIME, 15 };
    static const uint8_t from[] = { 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, STAMP - 1 };
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(hf_span_of(der, sizeof der), "started", 0, &fault, NULL);

    for (size_t i = 0; i < sizeof from; i++)
        der[2 + i] = (uint8_t)text[from[i]];
    *seconds = hf_der_time(&r, "started");
    return hf_rd_ok(&r);
}

static void read_started(hf_jr *r, const json_t *root)
{
    const char *text = hf_jr_text(r, root, "started");
    int64_t seconds = 0, us = 0;
    bool good = true;

    if (!text)
        return;
    good = strlen(text) == STAMP && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
           text[13] == ':' && text[16] == ':' && text[19] == '.' && seconds_of(text, &seconds);
    for (size_t i = 20; good && i < STAMP - 1; i++) {
        good = text[i] >= '0' && text[i] <= '9';
        us = us * 10 + (text[i] - '0');
    }
    if (!good || seconds < 0)
        hf_jr_refuse(r, "started", "is no time of the form 2026-11-21T09:00:00.000000Z");
    else
        r->tape->started_us = seconds * 1000000 + us;
}

/* ---- what is not an event ---- */

static void read_meta(hf_jr *r, const json_t *root)
{
    hf_tape *tape = r->tape;
    const json_t *counts = json_object_get(root, "counts");

    tape->side = (hf_tape_side)hf_jr_one_of(r, root, "side", hf_jw_sides);
    read_started(r, root);
    hf_jr_copy(r, root, "program", tape->program, sizeof tape->program);
    hf_jr_copy(r, root, "target", tape->target, sizeof tape->target);
    hf_jr_copy(r, root, "client", tape->client, sizeof tape->client);
    hf_jr_copy(r, root, "server", tape->server, sizeof tape->server);
    hf_jr_copy(r, root, "origin", tape->origin, sizeof tape->origin);
    tape->connected = json_is_true(json_object_get(root, "connected"));
    if (json_is_integer(json_object_get(counts, "lost"))) {
        hf_jr_enter(r, "counts");
        tape->lost = hf_jr_uint(r, counts, "lost", SIZE_MAX);
    }
}

static void read_checks(hf_jr *r, const json_t *root)
{
    hf_jr_enter(r, "");
    const json_t *list = hf_jr_list(r, root, "checks", HF_TAPE_CHECKS_MAX);

    r->tape->checks_done = list != NULL;
    for (size_t i = 0; !r->error && i < json_array_size(list); i++) {
        hf_tape_check *c = hf_tape_check_add(r->tape);
        hf_jr_enter_item(r, "checks", i);
        const json_t *object = hf_jr_object(r, json_array_get(list, i));
        if (!c || !object)
            return;
        c->certificate = (uint8_t)hf_jr_uint(r, object, "certificate", UINT8_MAX);
        c->kept = hf_jr_bool(r, object, "kept");
        c->unknown = json_is_true(json_object_get(object, "unknown"));
        hf_jr_copy(r, object, "rule", c->rule, sizeof c->rule);
        hf_jr_copy(r, object, "detail", c->detail, sizeof c->detail);
        hf_jr_copy(r, object, "source", c->source, sizeof c->source);
    }
}

static void read_notes(hf_jr *r, const json_t *root)
{
    hf_jr_enter(r, "");
    const json_t *list = hf_jr_list(r, root, "notes", HF_TAPE_NOTES_MAX);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text && strlen(text) < HF_TAPE_NOTE_MAX)
            hf_tape_note(r->tape, "%s", text);
        else
            hf_jr_refuse(r, "notes", "number %zu is no string of at most %d bytes", i + 1,
                         HF_TAPE_NOTE_MAX - 1);
    }
}

/* ---- secrets ---- */

static void read_hex_into(hf_jr *r, const json_t *object, const char *name, uint8_t *out,
                          size_t least, size_t most, size_t *len)
{
    uint8_t *bytes = hf_jr_hex(r, object, name, len);

    if (bytes && (*len < least || *len > most))
        hf_jr_refuse(r, name, "has %zu bytes, which no such value has", *len);
    if (bytes && !r->error)
        memcpy(out, bytes, *len);
    hf_free_secret(bytes, *len);
}

static void read_secret(hf_jr *r, const json_t *object)
{
    hf_tape_secret secret = { .len = 0 };
    size_t len;

    hf_jr_copy(r, object, "label", secret.label, sizeof secret.label);
    read_hex_into(r, object, "client_random", secret.client_random, sizeof secret.client_random,
                  sizeof secret.client_random, &len);
    read_hex_into(r, object, "secret", secret.secret, 1, HF_TAPE_SECRET_MAX, &secret.len);
    if (!r->error && !hf_tape_add_secret(r->tape, &secret))
        r->error = HF_E_NO_MEMORY;
    hf_wipe(&secret, sizeof secret);
}

static void read_secrets(hf_jr *r, const json_t *root)
{
    hf_jr_enter(r, "");
    const json_t *list = hf_jr_list(r, root, "secrets", HF_TAPE_SECRETS_MAX);

    for (size_t i = 0; !r->error && i < json_array_size(list); i++) {
        hf_jr_enter_item(r, "secrets", i);
        const json_t *object = hf_jr_object(r, json_array_get(list, i));
        if (object)
            read_secret(r, object);
    }
}

/* ---- the file ---- */

static void read_schema(hf_jr *r, const json_t *root)
{
    static const char family[] = "handfast.trace/";
    const char *schema = hf_jr_text(r, root, "schema");

    if (!json_is_object(root) || !schema)
        hf_jr_refuse(r, "schema", "is missing: this is no trace of handfast's");
    else if (strcmp(schema, HF_TRACE_SCHEMA) == 0)
        return;
    else if (strncmp(schema, family, sizeof family - 1) == 0)
        hf_jr_refuse(r, "schema", "%.40s, and this version reads " HF_TRACE_SCHEMA " alone",
                     schema);
    else
        hf_jr_refuse(r, "schema", "\"%.40s\" is not " HF_TRACE_SCHEMA, schema);
}

static void read_root(hf_jr *r, const json_t *root)
{
    read_schema(r, root);
    if (!r->error)
        read_meta(r, root);
    hf_jr_failure(r, root);
    read_checks(r, root);
    read_notes(r, root);
    hf_jr_events(r, root);
    read_secrets(r, root);
}

static json_t *parse(hf_jr *r, hf_span json)
{
    json_error_t e;
    json_t *root;

    if (json.len >= HF_SHEET_MAX) {
        hf_jr_refuse(r, "the file", "is longer than %d MiB", HF_SHEET_MAX >> 20);
        return NULL;
    }
    root = json_loadb((const char *)json.data, json.len, JSON_REJECT_DUPLICATES, &e);
    if (!root && (json_error_code(&e) == json_error_out_of_memory || !*e.text))
        r->error = HF_E_NO_MEMORY;
    if (!root) {
        char place[48];
        snprintf(place, sizeof place, "line %d, column %d", e.line, e.column);
        hf_jr_refuse(r, place, "this is no JSON: %s", e.text);
    }
    return root;
}

hf_error hf_tape_from_json(hf_span json, hf_tape **tape, char why[HF_WHY_ROOM])
{
    hf_jr r = { .why = why, .tape = hf_tape_new(HF_TAPE_CLIENT, NULL, NULL) };
    json_t *root;

    *tape = NULL;
    *why = '\0';
    if (!r.tape)
        return HF_E_NO_MEMORY;
    root = parse(&r, json);
    if (root)
        read_root(&r, root);
    json_decref(root);
    if (r.error)
        hf_tape_free(r.tape);
    else
        *tape = r.tape;
    return r.error;
}
