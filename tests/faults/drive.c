/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Two ends, one call at a time, so that it is known whose work each fault falls into. */
#include "tests/faults/drive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/faults/fault.h"

/* ---- the wire ---- */

enum { WIRE_MAX = 1 << 18 };

static uint8_t wire[WIRE_MAX]; /* all that was said, for what was drawn and sent is no secret */
static size_t n_wire;

static void remember_wire(hf_span bytes)
{
    assert_true(n_wire + bytes.len <= sizeof wire);
    memcpy(wire + n_wire, bytes.data, bytes.len);
    n_wire += bytes.len;
}

bool drive_sent(const uint8_t bytes[SCENE_DRAW])
{
    for (size_t i = 0; i + SCENE_DRAW <= n_wire; i++)
        if (memcmp(wire + i, bytes, SCENE_DRAW) == 0)
            return true;
    return false;
}

void drive_forget_wire(void)
{
    n_wire = 0;
}

/* ---- answers to events ---- */

static void called(ends *e, hf_role role, hf_error result)
{
    if (result != HF_OK && e->api_error[role] == HF_OK)
        e->api_error[role] = result;
}

/* Each job may fail in three ways: nobody did it, its result is lost, or there was no memory for it. */
static hf_error do_job(hf_job *job)
{
    static const hf_error results[] = { HF_E_JOB_FAILED, HF_OK, HF_E_NO_MEMORY };

    for (size_t way = 0; way < sizeof results / sizeof *results; way++)
        if (fault_here(FAULT_JOB, hf_job_name(job)))
            return results[way];
    return hf_job_run(job);
}

static void do_jobs(ends *e, hf_role role)
{
    hf_job *job;

    while ((job = hf_conn_job_next(e->conn[role])) != NULL) {
        hf_error result = do_job(job);
        called(e, role, hf_conn_job_done(e->conn[role], job, result));
    }
}

static void take_data(ends *e, hf_role role, bool early)
{
    hf_span data = hf_conn_data_out(e->conn[role]);
    size_t room = sizeof e->heard[role] - e->n_heard[role];
    size_t n = data.len < room ? data.len : room;

    if (early) {
        e->n_early += data.len;
    } else {
        memcpy(e->heard[role] + e->n_heard[role], data.data, n);
        e->n_heard[role] += n;
    }
    hf_conn_data_taken(e->conn[role], data.len);
}

static void verify(ends *e, hf_role role)
{
    hf_error result = fault_here(FAULT_CALLBACK, "verify") ? HF_E_CERT_REFUSED : HF_OK;

    called(e, role, hf_conn_verify_done(e->conn[role], result));
}

static void on_event(ends *e, hf_role role, hf_event event)
{
    switch (event) {
    case HF_EVENT_CLIENT_HELLO:
        called(e, role, hf_conn_switch_config(e->conn[role], e->config[role]));
        break;
    case HF_EVENT_JOB: do_jobs(e, role); break;
    case HF_EVENT_VERIFY: verify(e, role); break;
    case HF_EVENT_CONNECTED:
        e->connected[role] = true;
        e->hits_before[role] = fault_hits_of(role);
        break;
    case HF_EVENT_DATA:
    case HF_EVENT_EARLY_DATA: take_data(e, role, event == HF_EVENT_EARLY_DATA); break;
    case HF_EVENT_SESSION: e->sessions++; break;
    case HF_EVENT_PEER_CLOSED: e->closed[role] = true; break;
    case HF_EVENT_FAILED: e->failed[role] = true; break;
    default: break;
    }
}

static void send_early(ends *e)
{
    hf_conn *client = e->conn[HF_CLIENT];
    hf_iovec part = { e->early.data, e->early.len };

    if (e->early.len == 0 || hf_conn_info_of(client)->early != HF_EARLY_OFFERED)
        return;
    size_t n = hf_conn_data_in(client, &part, 1);
    e->early = hf_span_of(e->early.data + n, e->early.len - n);
}

static void take_events(ends *e, hf_role role)
{
    hf_event event;

    fault_side = role;
    while ((event = hf_conn_next(e->conn[role])) != HF_EVENT_NONE)
        on_event(e, role, event);
    if (role == HF_CLIENT)
        send_early(e);
    fault_side = FAULT_NOBODY;
}

/* ---- carrying ---- */

static bool say(ends *e, hf_role role)
{
    hf_span out = hf_conn_wire_out(e->conn[role]);
    size_t n = e->chunk && e->chunk < out.len ? e->chunk : out.len;

    if (n == 0)
        return false;
    remember_wire(hf_span_of(out.data, n));
    assert_true(e->n_held[role] + n <= sizeof e->held[role]);
    memcpy(e->held[role] + e->n_held[role], out.data, n);
    e->n_held[role] += n;
    hf_conn_wire_sent(e->conn[role], n);
    return true;
}

static bool hear(ends *e, hf_role role)
{
    uint8_t *bytes = e->held[!role];
    size_t *n = &e->n_held[!role], taken = 0;

    if (*n == 0)
        return false;
    fault_side = role;
    taken = hf_conn_wire_in(e->conn[role], bytes, *n);
    take_events(e, role); /* data lies in these bytes until it is taken */
    memmove(bytes, bytes + taken, *n - taken);
    *n -= taken;
    return taken > 0;
}

static void settle(ends *e)
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (int role = 0; role < 2; role++) {
            take_events(e, (hf_role)role);
            fault_side = role;
            moved |= say(e, (hf_role)role);
            moved |= hear(e, (hf_role)!role);
        }
    }
    fault_side = FAULT_NOBODY;
}

/* An end that is gone without a word is a transport that ends. */
static void bury(ends *e)
{
    for (int role = 0; role < 2; role++)
        if (e->failed[!role] && !e->failed[role] && !e->closed[role]) {
            fault_side = role;
            hf_conn_wire_eof(e->conn[role]);
            take_events(e, (hf_role)role);
        }
}

/* ---- after CONNECTED ---- */

static bool both(const ends *e)
{
    return e->connected[0] && e->connected[1] && !e->failed[0] && !e->failed[1];
}

/* Enough for two records, and it must arrive as it was. */
static bool talk(ends *e, hf_role from)
{
    static uint8_t words[20000];
    size_t at = 0, before = e->n_heard[!from], n;

    memset(words, 'a' + (int)e->talks++, sizeof words);
    do {
        hf_iovec part = { words + at, sizeof words - at };
        fault_side = from;
        n = hf_conn_data_in(e->conn[from], &part, 1);
        at += n;
        settle(e);
    } while (n > 0 && at < sizeof words);
    return e->n_heard[!from] - before == sizeof words &&
           memcmp(e->heard[!from] + before, words, sizeof words) == 0;
}

static void renew_keys(ends *e, hf_role role)
{
    if (hf_conn_info_of(e->conn[role])->version != HF_TLS13)
        return;
    fault_side = role;
    called(e, role, hf_conn_key_update(e->conn[role], role == HF_CLIENT));
    settle(e);
}

static bool export_secret(ends *e)
{
    uint8_t secret[2][48] = { { 0 } };
    hf_error result = HF_OK;

    for (int role = 0; role < 2; role++) {
        fault_side = role;
        hf_error one = hf_conn_export(e->conn[role], "EXPORTER-faults", hf_span_str("context"),
                                      secret[role], sizeof secret[role]);
        called(e, (hf_role)role, one);
        result = one == HF_OK ? result : one;
    }
    fault_side = FAULT_NOBODY;
    return result == HF_OK && memcmp(secret[0], secret[1], sizeof secret[0]) == 0;
}

/* An end that waits in vain gives up when its time is over. */
static void wait_in_vain(ends *e)
{
    if (both(e) || e->failed[0] || e->failed[1])
        return;
    scene_pass_time(60000);
    for (int role = 0; role < 2; role++) {
        fault_side = role;
        hf_conn_tick(e->conn[role]);
    }
    settle(e);
}

void drive_live(ends *e)
{
    settle(e);
    wait_in_vain(e);
    if (both(e))
        e->talked = talk(e, HF_CLIENT) && talk(e, HF_SERVER);
    for (int role = 0; role < 2 && both(e); role++)
        renew_keys(e, (hf_role)role);
    if (both(e))
        e->exported = export_secret(e);
    if (both(e))
        e->talked &= talk(e, HF_SERVER) && talk(e, HF_CLIENT);
    e->rested = both(e);
    bury(e);
}

void drive_apart(ends *e)
{
    for (int role = 0; role < 2 && both(e); role++) {
        fault_side = role;
        e->left[role] = true;
        called(e, (hf_role)role, hf_conn_close_write(e->conn[role]));
        settle(e);
    }
    bury(e);
}
