/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a client brings back, and what a file of sessions may hold. The first byte chooses: the rest
 * as a written session, the rest as a ticket, or the rest as a state that is sealed and its ticket
 * changed. A session that reads writes back byte for byte; a ticket opens if and only if it is one
 * that was sealed, and then to the state that was sealed.
 */
#include "fuzz/fuzz.h"
#include "keys/session.h"

enum { NOW = 1700000000, LIFETIME = 3600, EDITS_MAX = 8, LONGER_MAX = 32 };

/* A fuzzer learns from comparisons, even a whole ticket that was sealed. So tickets of its own making
   are shown to an object that never seals. */
enum { SEALS, NEVER_SEALS };

static hf_sessions *sessions(int which)
{
    static hf_sessions *kept[2];

    if (!kept[which])
        kept[which] = hf_sessions_new(true, 0, LIFETIME);
    CHECK(kept[which]);
    return kept[which];
}

/* ---- a written session ---- */

static void check_spans(const hf_session *s, hf_span whole)
{
    const hf_span spans[] = {
        s->server_name, s->alpn,        s->peer_subject, s->peer_sans, s->peer_fingerprint,
        s->endpoint,    s->verify_name, s->session_id,   s->ticket
    };

    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        CHECK(hf_span_within(spans[i], whole));
    CHECK(s->secret_len <= HF_HASH_MAX && s->session_id.len <= HF_SESSION_ID);
    CHECK(s->created >= 0 && s->expires >= 0);
}

static void read_session(hf_span in)
{
    static uint8_t again[HF_SESSION_MAX];
    uint8_t *copy = tight_copy(in);
    hf_builder b = hf_wr_start(again, sizeof again);
    hf_session s;
    hf_span out;

    in = hf_span_of(copy, in.len);
    hf_error e = hf_session_read(in, &s);
    CHECK(e == HF_OK || e == HF_E_SESSION_DAMAGED);
    if (e == HF_OK) {
        check_spans(&s, in);
        hf_session_write(&b, &s);
        CHECK(hf_wr_finish(&b, &out) == HF_OK && hf_span_equal(out, in));
    }
    free(copy);
}

/* ---- a ticket ---- */

static bool opens(int which, hf_span ticket, uint8_t *state, size_t *len)
{
    uint8_t *copy = tight_copy(ticket);
    bool renew;
    hf_error e =
        hf_ticket_open(sessions(which), NOW, hf_span_of(copy, ticket.len), state, len, &renew);

    free(copy);
    CHECK(e == HF_OK || e == HF_E_SESSION_DAMAGED);
    CHECK(!renew && (e == HF_OK || *len == 0));
    return e == HF_OK;
}

/* Changes, shortens or lengthens it; true if it is another one then. */
static bool change(input *in, uint8_t *ticket, size_t *len)
{
    static uint8_t before[HF_TICKET_MAX];
    size_t n = input_u8(in) % EDITS_MAX, was = *len;

    memcpy(before, ticket, was);
    for (size_t i = 0; i < n; i++) {
        size_t at = input_u16(in) % *len;
        ticket[at] ^= input_u8(in);
    }
    uint8_t size = input_u8(in);
    if (size & 0x80)
        *len -= (size & 0x7f) % *len;
    else
        *len += size % LONGER_MAX;
    return *len != was || memcmp(ticket, before, was) != 0;
}

static void seal_and_change(input *in)
{
    static uint8_t ticket[HF_TICKET_MAX + LONGER_MAX], found[HF_SESSION_STATE_MAX];
    hf_span state = input_take(in, input_u16(in) % (HF_SESSION_STATE_MAX + 1));
    size_t len, n = 0;

    CHECK(hf_ticket_seal(sessions(SEALS), NULL, NOW, state, ticket, &len) == HF_OK);
    CHECK(len == state.len + HF_TICKET_OVERHEAD);
    bool changed = change(in, ticket, &len);
    CHECK(opens(SEALS, hf_span_of(ticket, len), found, &n) == !changed);
    CHECK(changed || hf_span_equal(hf_span_of(found, n), state));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t state[HF_SESSION_STATE_MAX];
    input in = { data, size };
    size_t len;

    switch (input_u8(&in) % 3) {
    case 0: read_session(hf_span_of(in.p, in.left)); break;
    case 1: CHECK(!opens(NEVER_SEALS, hf_span_of(in.p, in.left), state, &len)); break;
    default: seal_and_change(&in);
    }
    return 0;
}
