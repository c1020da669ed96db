/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The shapes of TLS 1.3 that rest on a pre-shared key. */
#include "support/flow13.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { LIFETIME = 3600, EARLY_MAX = 1000 };

static const flow13 rows[] = {
    { "resumed", false, false, FLOW13_NO_EARLY, false },
    { "resumed, client certificate before", false, false, FLOW13_NO_EARLY, true },
    { "resumed after a retry", false, true, FLOW13_NO_EARLY, false },
    { "a shared key", true, false, FLOW13_NO_EARLY, false },
    { "a shared key after a retry", true, true, FLOW13_NO_EARLY, false },
    { "early data taken", false, false, FLOW13_TAKEN, false },
    { "early data refused", false, false, FLOW13_REFUSED, false },
    { "early data and a retry", false, true, FLOW13_REFUSED, false },
};

const flow13 *flow13_row(size_t i)
{
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

const flow13 *flow13_named(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    fail_msg("there is no flow \"%s\"", name);
    return NULL;
}

/* ---- what the server remembers ---- */

uint64_t flow13_clock(void *user)
{
    (void)user;
    return UINT64_C(1) << 40;
}

static hf_error yes(void *user, const uint8_t id[HF_EARLY_ID], uint64_t now_ms, uint64_t until_ms)
{
    (void)user, (void)id;
    return now_ms < until_ms ? HF_OK : HF_E_MISUSE;
}

static void remember(flow13_setup *s)
{
    const hf_sessions_ops ops = { .claim = yes, .now_ms = flow13_clock };

    s->sessions = hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .lifetime = LIFETIME, .ops = &ops });
    assert_non_null(s->sessions);
    s->options.sessions = s->sessions;
    s->options.want_session = true;
    if (s->flow->early)
        s->options.early_data[HF_CLIENT] = s->options.early_data[HF_SERVER] = EARLY_MAX;
}

static void make_session(flow13_setup *s)
{
    pair p;

    pair_start(&p, &s->options);
    pair_connect(&p);
    hb_set(&s->session, hf_conn_session(p.end[HF_CLIENT].conn));
    assert_true(s->session.len > 0);
    s->options.session = hb_span(&s->session);
    pair_free(&p);
    if (!s->flow->early)
        return;
    s->options.early = hf_span_str(FLOW13_EARLY);
    if (s->flow->early == FLOW13_REFUSED && !s->flow->retry)
        s->options.early_data[HF_SERVER] = 0;
}

static void share_key(flow13_setup *s)
{
    for (int role = 0; role < 2; role++) {
        s->psks[role] = hf_psks_new();
        assert_non_null(s->psks[role]);
        assert_int_equal(
            hf_psks_add(s->psks[role], hf_span_str("a device"), hf_span_str(FLOW13_KEY)), HF_OK);
        s->options.psks[role] = s->psks[role];
    }
    s->options.no_identity = s->options.no_trust = true;
}

void flow13_prepare(flow13_setup *s, const flow13 *flow)
{
    *s = (flow13_setup){ .flow = flow };
    s->options = (pair_options){
        .policy = { hostile_policy(), flow->retry ? hostile_retry_policy() : hostile_policy() },
        .hooks = { { .clock_ms = flow13_clock }, { .clock_ms = flow13_clock } },
        .client_auth = flow->identity ? HF_CLIENT_AUTH_REQUIRE : HF_CLIENT_AUTH_NONE,
        .client_identity = flow->identity
    };
    if (flow->external) {
        share_key(s);
        return;
    }
    remember(s);
    make_session(s);
}

void flow13_release(flow13_setup *s)
{
    hf_sessions_free(s->sessions);
    for (int role = 0; role < 2; role++)
        hf_psks_free(s->psks[role]);
    hb_free(&s->session);
}

/* ---- what became of it ---- */

void flow13_assert(pair *p, const flow13 *flow)
{
    static const hf_early became[] = { [FLOW13_NO_EARLY] = HF_EARLY_NONE,
                                       [FLOW13_TAKEN] = HF_EARLY_ACCEPTED,
                                       [FLOW13_REFUSED] = HF_EARLY_REJECTED };

    for (int role = 0; role < 2; role++) {
        const hf_conn_info *info = hf_conn_info_of(p->end[role].conn);
        assert_true(p->end[role].connected);
        assert_int_equal(info->resumed, !flow->external);
        assert_int_equal(info->psk_used, flow->external);
        assert_int_equal(info->retried, flow->retry);
        assert_int_equal(info->early, became[flow->early]);
    }
    assert_int_equal(p->end[HF_SERVER].n_early,
                     flow->early == FLOW13_TAKEN ? strlen(FLOW13_EARLY) : 0);
}
