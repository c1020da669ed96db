/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Runs: the ends are made, their secrets are known, and what they leave in memory is looked at. */
#include "tests/faults/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/faults/drive.h"
#include "tests/faults/judge.h"
#include "tests/faults/memory.h"

/* ---- one visit ---- */

static hf_conn *connection_of(ends *e, const scene *s, hf_role role, unsigned visit)
{
    hf_conn_options o = { 0 };

    if (role == HF_CLIENT) {
        o = (hf_conn_options){ .server_name = "localhost",
                               .session = visit == 0 ? s->options.session : hf_span_of(NULL, 0),
                               .want_session = s->options.want_session,
                               .endpoint = s->options.endpoint };
    }
    fault_side = role;
    if (!e->worker[role])
        e->worker[role] = hf_worker_new();
    return e->worker[role] ? hf_conn_new(e->config[role], e->worker[role], &o) : NULL;
}

static void note_draws(bool learn)
{
    for (int role = 0; role < 2; role++)
        for (unsigned i = 0; learn && i < scene_drawn[role].n; i++)
            scene_drawn[role].secret[i] = !drive_sent(scene_drawn[role].bytes[i]);
}

/* Secrets that must be gone: of a connection that goes on those of its handshake, of one that is over all. */
static void look_for_secrets(const ends *e, const scene *s, bool over)
{
    (void)e;
    if (!over || !s->at_home)
        memory_search(over);
}

static void run_visit(ends *e, const scene *s, const fault_plan *plan, unsigned visit)
{
    e->early = s->options.early;
    for (int role = 0; role < 2; role++)
        e->conn[role] = connection_of(e, s, (hf_role)role, visit);
    e->started = e->conn[0] && e->conn[1];
    if (!e->started)
        return;
    drive_live(e);
    judge_note(e);
    if (plan)
        look_for_secrets(e, s, e->failed[0] && e->failed[1]);
    drive_apart(e);
    judge_note_end(e);
}

static void end_visit(ends *e)
{
    for (int role = 0; role < 2; role++) {
        fault_side = role;
        hf_conn_free(e->conn[role]);
        e->conn[role] = NULL;
    }
    fault_side = FAULT_NOBODY;
}

/* ---- secrets by the key log ---- */

static void on_secret(const char *line)
{
    static const struct {
        const char *label;
        bool kept;
    } known[] = { { "CLIENT_RANDOM", true },
                  { "CLIENT_EARLY_TRAFFIC_SECRET", false },
                  { "EARLY_EXPORTER_", false },
                  { "CLIENT_HANDSHAKE_TRAFFIC_SECRET", false },
                  { "SERVER_HANDSHAKE_TRAFFIC_SECRET", false },
                  { "CLIENT_TRAFFIC_SECRET_", true },
                  { "SERVER_TRAFFIC_SECRET_", true },
                  { "EXPORTER_SECRET", true } };
    const char *hex = strrchr(line, ' ') + 1;
    uint8_t bytes[MEMORY_SECRET];

    for (size_t i = 0; i < sizeof bytes; i++) {
        unsigned v = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
        bytes[i] = (uint8_t)v;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(line, known[i].label, strlen(known[i].label)) == 0) {
            memory_remember(known[i].label, bytes, known[i].kept, 0);
            return;
        }
    fail_msg("the key log has a line \"%.30s\"", line);
}

/* What a client comes back with is a secret too. In TLS 1.2 it is the master secret, which connections keep. */
static void remember_given(const scene *s)
{
    hf_session session;

    if (s->options.session.len == 0)
        return;
    assert_int_equal(hf_session_read(s->options.session, &session), HF_OK);
    memory_remember("the session's secret", session.secret, s->version == HF_TLS12 || s->at_home,
                    0);
}

static void remember_psk(const scene *s)
{
    size_t homes = 0;

    for (int role = 0; role < 2; role++)
        homes += s->options.psks[role] != NULL;
    if (homes > 0)
        memory_remember("the shared key", (const uint8_t *)FLOW13_KEY, false, homes);
}

/* ---- one run ---- */

static void begin(ends *e, scene *s, bool learn)
{
    memset(e, 0, sizeof *e);
    scene_start(&e->p, s);
    for (int role = 0; role < 2; role++) {
        hf_conn_free(e->p.end[role].conn);
        e->p.end[role].conn = NULL;
        e->config[role] = e->p.config[role];
    }
    hf_worker_free(e->p.worker);
    e->p.worker = NULL;
    e->chunk = s->options.chunk;
    drive_forget_wire();
    memory_forget_all();
    scene_begin_draws();
    if (learn)
        memset(scene_drawn, 0, sizeof scene_drawn);
    scene_on_secret = on_secret;
    remember_given(s);
    remember_psk(s);
}

static void run(ends *e, scene *s, const fault_plan *plan, outcome *out)
{
    static const fault_plan none;

    fault_arm(plan ? plan : &none);
    for (unsigned visit = 0; visit < s->visits; visit++) {
        judge_forget(e);
        run_visit(e, s, plan, visit);
        if (visit + 1 < s->visits && e->started && !e->failed[0] && !e->failed[1])
            end_visit(e);
        else
            break;
    }
    judge_outcome(e, out);
    end_visit(e);
    for (int role = 0; role < 2; role++)
        hf_worker_free(e->worker[role]);
    e->hits = fault_disarm();
    scene_on_secret = NULL;
}

void run_learn(scene *s, outcome *usual, unsigned counts[FAULT_KINDS])
{
    static ends e;

    for (int twice = 0; twice < 2; twice++) {
        begin(&e, s, twice == 0);
        run(&e, s, NULL, usual);
        note_draws(twice == 0);
        memcpy(counts, fault_counts, sizeof fault_counts);
        scene_end(&e.p, s);
    }
}

/* Whether more memory is out than before: once may be something that libcrypto keeps. */
static bool leaks(scene *s, const fault_plan *plan, size_t *ours, size_t *libcrypto)
{
    static ends e;
    outcome out;

    begin(&e, s, false);
    size_t before = memory_live(), before_there = memory_live_in_libcrypto();
    run(&e, s, plan, &out);
    *ours = memory_live() - before;
    *libcrypto = memory_live_in_libcrypto() - before_there;
    scene_end(&e.p, s);
    return (*ours > 0 && !s->at_home) || *libcrypto > 0;
}

/* OpenSSL's own unpadding of a premaster secret (rsa_enc.c) gives its buffer back as it is. more: there may be a leak. */
static void judge_memory(verdict *v, scene *s, const fault_plan *plan, bool more)
{
    size_t ours = 0, libcrypto = 0;

    judge_secrets(v, s->rsa || judge_inside(plan));
    if (more && leaks(s, plan, &ours, &libcrypto) && leaks(s, plan, &ours, &libcrypto))
        judge_say(v, "%zu blocks of ours and %zu of libcrypto's are not given back", ours,
                  libcrypto);
}

verdict run_with(scene *s, const outcome *usual, const fault_plan *plan)
{
    static ends e;
    verdict v = { .wrong = false };
    outcome out;

    begin(&e, s, false);
    size_t before = memory_live(), before_there = memory_live_in_libcrypto();
    run(&e, s, plan, &out);
    judge_queue(&v, judge_inside(plan));
    bool ours = memory_live() > before && !s->at_home;
    bool more = ours || (memory_live_in_libcrypto() > before_there && !judge_inside(plan));
    scene_end(&e.p, s);
    judge(&v, &e, s, usual, &out);
    judge_memory(&v, s, plan, more);
    return v;
}

verdict run_cold(scene *s, const fault_plan *plan)
{
    static ends e;
    unsigned counts[FAULT_KINDS];
    verdict v = { .wrong = false };
    outcome out, usual;

    begin(&e, s, false);
    run(&e, s, plan, &out);
    judge_queue(&v, judge_inside(plan));
    scene_end(&e.p, s);
    run_learn(s, &usual, counts); /* it works from now on */
    judge(&v, &e, s, &usual, &out);
    return v;
}
