/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The trace as data, comparing with it, and the run of two ends through its records. */
#include "support/rfc8448.h"

#include <stdio.h>
#include <string.h>

const char *replay_role(hf_role role)
{
    return role == HF_CLIENT ? "client" : "server";
}

/* ---- the trace ---- */

const json_t *replay_trace(const vector_file *file, const char *id)
{
    const json_t *trace;
    size_t i;

    json_array_foreach(json_object_get(file->root, "traces"), i, trace)
    {
        if (strcmp(vector_text(trace, "id"), id) == 0)
            return trace;
    }
    fail_msg("there is no trace %s", id);
    return NULL;
}

hf_span replay_value(replay *r, const char *name)
{
    return vector_hex(&r->file, r->values, name);
}

void replay_compare(replay *r, hf_role at, const char *name, hf_span found, hf_span expected)
{
    r->compared++;
    if (hf_span_equal(found, expected) || r->n_differences == REPLAY_DIFFERENCES)
        return;
    snprintf(r->differences[r->n_differences++], REPLAY_NAME, "%s: %s", replay_role(at), name);
}

bool replay_differs(const replay *r, const char *name)
{
    for (size_t i = 0; i < r->n_differences; i++)
        if (strcmp(r->differences[i], name) == 0)
            return true;
    return false;
}

void replay_print(const replay *r)
{
    for (size_t i = 0; i < r->n_differences; i++)
        printf("  differs from the trace at the %s\n", r->differences[i]);
    for (int role = 0; role < 2; role++) {
        const hf_failure *f = hf_conn_failure(r->end[role].conn);
        if (f)
            printf("  %s failed: %s at %s, %s\n", replay_role((hf_role)role),
                   hf_error_row_of(f->code)->name, f->step, f->field);
    }
}

/* ---- life ---- */

/* Read once for the process: the negative controls replay a trace some thousand times. */
static void open_file(vector_file *f)
{
    static json_t *root;

    if (root) {
        *f = (vector_file){ .root = json_incref(root) };
        return;
    }
    vector_open(f, "rfc8448.json");
    root = json_incref(f->root);
}

void replay_start(replay *r, const replay_options *options)
{
    *r = (replay){ .options = *options };
    open_file(&r->file);
    r->trace = replay_trace(&r->file, options->trace);
    r->values = json_object_get(r->trace, "values");
    r->worker = hf_worker_new();
    replay_make_ends(r);
}

void replay_stop(replay *r)
{
    for (int role = 0; role < 2; role++) {
        hf_conn_free(r->end[role].conn);
        hf_config_free(r->end[role].config);
    }
    hf_sessions_free(r->sessions);
    hf_worker_free(r->worker);
    vector_close(&r->file);
}

/* ---- carrying ---- */

static size_t piece(const replay *r, size_t len)
{
    return r->options.chunk && r->options.chunk < len ? r->options.chunk : len;
}

/* The next record that an end has to send; 0: it has none. */
static size_t take_record(replay *r, hf_role from, uint8_t out[REPLAY_RECORD])
{
    hf_conn *conn = r->end[from].conn;
    size_t have = 0, want = HF_RECORD_HEADER;

    while (have < want) {
        hf_span wire = hf_conn_wire_out(conn);
        size_t n = piece(r, wire.len < want - have ? wire.len : want - have);
        if (n == 0)
            break;
        memcpy(out + have, wire.data, n);
        hf_conn_wire_sent(conn, n);
        have += n;
        if (have == HF_RECORD_HEADER)
            want += (size_t)(out[3] << 8 | out[4]);
        assert_true(want <= REPLAY_RECORD);
    }
    return have;
}

static void take_events(replay_end *end)
{
    hf_event event;

    while ((event = hf_conn_next(end->conn)) != HF_EVENT_NONE) {
        end->connected |= event == HF_EVENT_CONNECTED;
        end->failed |= event == HF_EVENT_FAILED;
        end->closed |= event == HF_EVENT_PEER_CLOSED;
        end->early += event == HF_EVENT_EARLY_DATA;
        if (event != HF_EVENT_DATA && event != HF_EVENT_EARLY_DATA)
            continue;
        hf_span data = hf_conn_data_out(end->conn);
        replay_compare(end->replay, end->role, "application data", data,
                       vector_hex(&end->replay->file, end->replay->record, "payload"));
        hf_conn_data_taken(end->conn, data.len);
    }
}

static void deliver(replay *r, hf_role to, uint8_t *bytes, size_t len)
{
    replay_end *end = &r->end[to];
    size_t at = 0;

    while (at < len) {
        size_t taken = hf_conn_wire_in(end->conn, bytes + at, piece(r, len - at));
        if (taken == 0)
            fail_msg("the %s takes no more bytes", replay_role(to));
        at += taken;
        take_events(end);
    }
}

/* ---- the run ---- */

/* Handshake messages come by themselves; the rest is what the application asks for, now. */
static void prompt(replay *r, replay_end *end)
{
    const char *type = vector_text(r->record, "content_type");

    if (strcmp(type, "application_data") == 0) {
        hf_span data = vector_hex(&r->file, r->record, "payload");
        hf_iovec iov = { data.data, data.len };
        assert_int_equal(hf_conn_data_in(end->conn, &iov, 1), data.len);
    } else if (strcmp(type, "alert") == 0) {
        assert_int_equal(hf_conn_close_write(end->conn), HF_OK);
    } else if (strcmp(vector_text(r->record, "epoch"), "application") == 0) {
        end->conn->engine.script.intent |= HF_F_TICKET;
        hf_conn_drive(end->conn);
    }
}

void replay_run(replay *r)
{
    uint8_t bytes[REPLAY_RECORD];
    char name[REPLAY_NAME];
    size_t i;

    json_array_foreach(json_object_get(r->trace, "records"), i, r->record)
    {
        hf_role from =
            strcmp(vector_text(r->record, "from"), "server") == 0 ? HF_SERVER : HF_CLIENT;
        int n = (int)json_integer_value(json_object_get(r->record, "n"));
        prompt(r, &r->end[from]);
        size_t len = take_record(r, from, bytes);
        snprintf(name, sizeof name, "record %d", n);
        replay_compare(r, from, name, hf_span_of(bytes, len),
                       vector_hex(&r->file, r->record, "record"));
        if (r->options.flip_record == n)
            bytes[r->options.flip_record_at] ^= 1;
        deliver(r, (hf_role)!from, bytes, len);
        take_events(&r->end[from]);
        if (r->end[HF_CLIENT].failed || r->end[HF_SERVER].failed)
            break;
    }
    r->record = NULL;
}

void replay_drain(replay *r)
{
    uint8_t bytes[REPLAY_RECORD];
    bool moved = true;

    while (moved) {
        moved = false;
        for (int from = 0; from < 2; from++) {
            size_t len = take_record(r, (hf_role)from, bytes);
            deliver(r, (hf_role)!from, bytes, len);
            moved |= len > 0;
        }
    }
}

/* ---- what is left at the end ---- */

void replay_compare_ends(replay *r)
{
    for (int role = 0; role < 2; role++) {
        const hf_secrets *s = &r->end[role].conn->engine.secrets;
        const struct {
            const char *name;
            const uint8_t *secret;
        } kept[] = { { "secret_c_ap_traffic", s->traffic[HF_CLIENT] },
                     { "secret_s_ap_traffic", s->traffic[HF_SERVER] },
                     { "secret_exp_master", s->exporter },
                     { "secret_res_master", s->resumption } };
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
            replay_compare(r, (hf_role)role, kept[i].name,
                           hf_span_of(kept[i].secret, hf_hash_len(s->hash)),
                           replay_value(r, kept[i].name));
    }
}
