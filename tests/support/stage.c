/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Handshakes that are the same each time. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>

#include "support/stage.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { LIFETIME = 3600 };

/* ---- random bytes and clocks ---- */

/* How often libcrypto draws, and how much at a time, differs between its versions: every draw gives the same. No byte is 0,
   as RSA's padding draws again for those. */
static int libcrypto_draws(unsigned char *out, int len)
{
    for (int i = 0; i < len; i++)
        out[i] = (unsigned char)(0x21 + i % 61);
    return 1;
}

static int libcrypto_is_ready(void)
{
    return 1;
}

/* The types of AWS-LC's functions differ, and it never calls them. */
static void replace_generator(void)
{
    static RAND_METHOD method;
    int (*draws)(unsigned char *, int) = libcrypto_draws;

    memcpy(&method.bytes, &draws, sizeof draws);
    memcpy(&method.pseudorand, &draws, sizeof draws);
    method.status = libcrypto_is_ready;
    RAND_set_rand_method(&method);
}

bool stage_can_play(void)
{
    unsigned char drawn[4], wanted[4];

    replace_generator();
    libcrypto_draws(wanted, sizeof wanted);
    return RAND_bytes(drawn, sizeof drawn) == 1 && memcmp(drawn, wanted, sizeof drawn) == 0;
}

/* xorshift64: what matters is that both ends and all draws differ. */
static bool draw(void *user, uint8_t *out, size_t len)
{
    stage_end *end = user;

    for (size_t i = 0; i < len; i++) {
        end->random ^= end->random << 13;
        end->random ^= end->random >> 7;
        end->random ^= end->random << 17;
        out[i] = (uint8_t)(end->random >> 32);
    }
    return true;
}

/* Each look at it is 50 microseconds after the one before. */
static uint64_t tape_clock(void *user)
{
    stage_end *end = user;

    return end->us += 50;
}

static uint64_t standing_clock(void *user)
{
    (void)user;
    return UINT64_C(1) << 40;
}

/* ---- recording ---- */

static void keep_secret(void *user, const char *line)
{
    stage_end *end = user;

    if (end->tape)
        hf_tape_keylog(end->tape, line);
}

static void hear(void *user, const hf_trace_event *event)
{
    stage_end *end = user;

    if (event->kind == HF_TRACE_MESSAGE && end->n_heard < STAGE_HEARD_MAX) {
        stage_heard *h = &end->heard[end->n_heard++];
        *h = (stage_heard){ .writer = event->writer,
                            .phase = event->phase,
                            .six = event->six,
                            .nine = event->nine,
                            .len = event->bytes.len };
        snprintf(h->name, sizeof h->name, "%s", event->name);
        snprintf(h->source, sizeof h->source, "%s", event->source ? event->source : "");
    }
    end->tape_sink.event(end->tape_sink.user, event);
}

static void set_tape(hf_tape *tape)
{
    tape->started_us = TEST_NOW * 1000000 + 123456;
    snprintf(tape->target, sizeof tape->target, "localhost:443");
    snprintf(tape->client, sizeof tape->client, "192.0.2.1:50000");
    snprintf(tape->server, sizeof tape->server, "192.0.2.2:443");
    snprintf(tape->program, sizeof tape->program, "a golden test");
}

static void set_end(stage *s, hf_role role)
{
    stage_end *end = &s->end[role];

    end->random = role == HF_CLIENT ? UINT64_C(0x243f6a8885a308d3) : UINT64_C(0x13198a2e03707344);
    end->tape = hf_tape_new(role == HF_CLIENT ? HF_TAPE_CLIENT : HF_TAPE_SERVER, tape_clock, end);
    assert_non_null(end->tape);
    set_tape(end->tape);
    end->tape_sink = hf_tape_sink(end->tape);
    end->sink = (hf_trace_sink){ hear, end };
    s->options.trace[role] = &end->sink;
    s->options.hooks[role] = (hf_hooks){
        .random = draw, .clock_ms = standing_clock, .keylog = keep_secret, .user = end
    };
}

/* ---- preparing ---- */

void stage_prepare_named(stage *s, const char *policy, hf_key_type type)
{
    memset(s, 0, sizeof *s);
    replace_generator();
    s->policy[HF_CLIENT] = s->policy[HF_SERVER] = *hf_policy_named(policy);
    s->options = (pair_options){ .pki = stage_pki(type),
                                 .policy = { &s->policy[HF_CLIENT], &s->policy[HF_SERVER] } };
    for (int role = 0; role < 2; role++)
        set_end(s, (hf_role)role);
}

void stage_prepare(stage *s, uint16_t version)
{
    stage_prepare_named(s, "classroom", HF_KEY_ED25519);
    for (int role = 0; role < 2; role++) {
        hf_policy *policy = &s->policy[role];
        memset(policy->suites, 0, sizeof policy->suites);
        memset(policy->groups, 0, sizeof policy->groups);
        memset(policy->key_shares, 0, sizeof policy->key_shares);
        policy->min_version = policy->max_version = version;
        policy->suites[0] = version == HF_TLS13 ? 0x1301 : 0xc02b;
        policy->suites[1] = version == HF_TLS13 ? 0x1303 : 0;
        policy->groups[0] = policy->key_shares[0] = HF_GROUP_x25519;
        policy->groups[1] = HF_GROUP_secp256r1;
    }
}

static hf_error yes(void *user, const uint8_t id[HF_EARLY_ID], uint64_t now_ms, uint64_t until_ms)
{
    (void)user, (void)id;
    return now_ms < until_ms ? HF_OK : HF_E_MISUSE;
}

void stage_tickets(stage *s)
{
    const hf_sessions_ops ops = { .claim = yes, .now_ms = standing_clock };

    s->sessions = hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .lifetime = LIFETIME, .ops = &ops });
    assert_non_null(s->sessions);
    s->options.sessions = s->sessions;
    s->options.want_session = true;
}

void stage_remember(stage *s)
{
    pair_options first = s->options;
    pair p;

    stage_tickets(s);
    first.sessions = s->sessions;
    first.want_session = true;
    first.trace[HF_CLIENT] = first.trace[HF_SERVER] = NULL;
    first.hooks[HF_CLIENT].keylog = first.hooks[HF_SERVER].keylog = NULL;
    pair_start(&p, &first);
    pair_connect(&p);
    hb_set(&s->session, hf_conn_session(p.end[HF_CLIENT].conn));
    assert_true(s->session.len > 0);
    s->options.session = hb_span(&s->session);
    pair_free(&p);
}

void stage_share_key(stage *s, bool same)
{
    static const char *const keys[] = { "32 bytes that both ends know ...",
                                        "32 bytes that the one end knows " };

    for (int role = 0; role < 2; role++) {
        s->psks[role] = hf_psks_new();
        assert_non_null(s->psks[role]);
        assert_int_equal(
            hf_psks_add(s->psks[role], hf_span_str("a device"), hf_span_str(keys[same ? 0 : role])),
            HF_OK);
        s->options.psks[role] = s->psks[role];
    }
    s->options.no_identity = s->options.no_trust = true;
}

/* ---- running ---- */

void stage_run(stage *s)
{
    if (!s->p.worker)
        pair_start(&s->p, &s->options);
    pair_run(&s->p);
}

void stage_talk(stage *s)
{
    pair_send(&s->p, HF_CLIENT, "a question", 10);
    pair_send(&s->p, HF_SERVER, "an answer", 9);
}

void stage_close(stage *s)
{
    for (int role = 0; role < 2; role++) {
        hf_conn_close_write(s->p.end[role].conn);
        pair_run(&s->p);
    }
}

hostile *stage_hostile(stage *s, hf_role victim, hostile_rewrite *rewrite)
{
    s->is_hostile = true;
    hostile_start_with(&s->h, victim, &s->options, rewrite);
    return &s->h;
}

/* ---- what became of it ---- */

static void finish_end(stage *s, hf_role role)
{
    pair *p = s->is_hostile ? &s->h.p : &s->p;
    hf_tape *tape = s->end[role].tape;

    if (s->is_hostile && role != s->h.victim)
        return;
    pair_events(p, role);
    if (p->end[role].connected)
        hf_tape_connected(tape);
    hf_tape_failed(tape, hf_conn_failure(p->end[role].conn));
}

void stage_finish(stage *s)
{
    for (int role = 0; role < 2; role++)
        finish_end(s, (hf_role)role);
    if (s->is_hostile)
        hostile_free(&s->h);
    else
        pair_free(&s->p);
}

void stage_free(stage *s)
{
    for (int role = 0; role < 2; role++) {
        hf_tape_free(s->end[role].tape);
        hf_psks_free(s->psks[role]);
    }
    hf_sessions_free(s->sessions);
    hb_free(&s->session);
}
