/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * In every state of both ends of TLS 1.2, in every shape that its handshake has: each of the 256
 * handshake types, empty and with a plausible body; ChangeCipherSpec with the right content and with
 * others; each of the 256 record types, in the clear and protected; alerts of every level. What may
 * come is what the RFCs' figures have next (support/script_figures.c), drawn apart from the library's
 * tables; a client drops HelloRequest; all else is refused with its alert and connects nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow12.h"

enum { TYPES = 256, HELLO_REQUEST = 0 };
enum { PASSES = -1 }; /* in place of an alert */
enum {
    UNEXPECTED = HF_ALERT_unexpected_message,
    DECODE = HF_ALERT_decode_error,
    DECRYPT = HF_ALERT_decrypt_error
};

/* ---- states ---- */

/* The victim has heard that many messages of the shape's figure, and waits. */
typedef struct state {
    flow12_setup *setup;
    hf_role victim;
    size_t heard;
    bool connected;
    bool protected; /* the peer's ChangeCipherSpec was heard */
    script_trace seen;
    script_legal legal;
} state;

typedef void visit(const state *s);

static void arrive(hostile *h, const state *s)
{
    flow12_hostile(h, s->victim, s->setup);
    flow12_deliver(h, s->heard);
    if (hostile_failure(h))
        fail_msg("%s: %s after %zu messages", s->setup->flow->name,
                 hf_error_row_of(hostile_failure(h)->code)->name, s->heard);
    assert_int_equal(hostile_end(h)->connected, s->connected);
    assert_int_equal(hostile_conn(h)->in.is_protected, s->protected);
}

static const char *name_of(const state *s)
{
    static char text[160];

    snprintf(text, sizeof text, "%s, %s, %zu heard", s->setup->flow->name,
             s->victim == HF_CLIENT ? "client" : "server", s->heard);
    return text;
}

/* Every point of the figure at which this end waits for the other, and after its end. */
static unsigned each_state_of(flow12_setup *setup, hf_role victim, visit *f)
{
    hf_facts wire = flow12_wire(setup->flow);
    script_trace figure = script_draw(wire, 3);
    script_mode mode = { .wire = wire };
    state s = { .setup = setup, .victim = victim };
    unsigned n = 0;

    for (uint8_t i = 0; i < figure.n; i++) {
        const script_step *step = &figure.step[i];
        if (step->writer != victim) {
            s.legal = script_legal_next(&s.seen, wire, victim);
            assert_true(s.legal.may[script_injection_of((hf_msg)step->msg)]);
            f(&s);
            n++, s.heard++;
            s.protected |= step->msg == HF_MSG_ChangeCipherSpec;
        }
        s.seen.step[s.seen.n++] = *step;
    }
    s.connected = true;
    s.legal = script_legal_after(&s.seen, s.seen.n, &mode, victim);
    f(&s);
    return n + 1;
}

/* How many states the figures have, counted by hand: in each shape the messages of the peer, and one more. */
enum {
    STATES = (7 + 5) + (7 + 5) + (8 + 7) + (8 + 6) + (8 + 5) + (9 + 7) /* ECDHE */
             + (6 + 5) + (7 + 7) + (7 + 5)                             /* static RSA */
             + (4 + 4) + (4 + 4) + (5 + 4) + (4 + 4) + (4 + 4)         /* resumed */
             + (6 + 5) + (5 + 5)                                       /* PSK */
};

static void each_state(visit *f)
{
    const flow12 *flow;
    unsigned n = 0;

    for (size_t i = 0; (flow = flow12_row(i)) != NULL; i++) {
        flow12_setup setup;
        flow12_prepare(&setup, flow);
        for (int victim = 0; victim < 2; victim++)
            n += each_state_of(&setup, (hf_role)victim, f);
        flow12_release(&setup);
    }
    assert_int_equal(n, STATES);
}

/* ---- plausible bodies: what another handshake of the same shape held ---- */

static hostile_bytes bodies[TYPES];
static const flow12_setup *bodies_of;
static hf_role bodies_for;

static void drop_bodies(void)
{
    for (int type = 0; type < TYPES; type++)
        hb_free(&bodies[type]);
    memset(bodies, 0, sizeof bodies);
}

static void make_bodies(const state *s)
{
    static const uint8_t filler[] = "whatever a message of that type might hold";
    static const uint8_t request[] = { 1, 64, 0, 4, 8, 7, 4, 3, 0, 0 };
    static const uint8_t hint[] = { 0, 2, 'h', 'i' }; /* with a plain PSK (RFC 4279 2) */
    hostile h;

    if (bodies_of == s->setup && bodies_for == s->victim && s->heard > 0)
        return;
    drop_bodies();
    bodies_of = s->setup, bodies_for = s->victim;
    for (int type = 0; type < TYPES; type++)
        hb_set(&bodies[type], hf_span_of(filler, sizeof filler));
    hb_set(&bodies[13], hf_span_of(request, sizeof request));
    hb_set(&bodies[12], hf_span_of(hint, sizeof hint));
    flow12_hostile(&h, s->victim, s->setup);
    hostile_rest(&h);
    for (size_t i = 0; i < h.n_said; i++) {
        hf_span all = hb_span(&h.said[i].bytes);
        if (h.said[i].msg != HF_MSG_ChangeCipherSpec)
            hb_set(&bodies[all.data[0]],
                   hf_span_of(all.data + HF_HANDSHAKE_HEADER, all.len - HF_HANDSHAKE_HEADER));
    }
    hostile_free(&h);
}

/* ---- handshake types ---- */

static unsigned cases, taken, dropped;

/* A message that may come is taken; what it holds is judged by its own rules. A ServerKeyExchange's signature is judged
   with the chain, when the client is to speak. */
static int alert_for(const state *s, int type, bool empty)
{
    bool by_nature = type == 14 || type == 0; /* ServerHelloDone, HelloRequest */
    bool due = s->legal.may[type];

    if (type == HELLO_REQUEST && s->victim == HF_CLIENT)
        return empty ? PASSES : DECODE; /* RFC 5246 7.4.1.1: dropped, or answered with a warning */
    if (!due)
        return UNEXPECTED;
    if (type == 1 && s->connected)
        return PASSES; /* renegotiation is refused by a warning, and what was proposed is not read */
    if (empty || by_nature)
        return empty && by_nature ? PASSES : DECODE;
    return type == 20 || type == 15 ? DECRYPT : PASSES; /* Finished, CertificateVerify */
}

static void judge(hostile *h, const state *s, const char *what, int type, int alert)
{
    const hf_failure *f = hostile_failure(h);

    cases++;
    if (alert == PASSES ? f != NULL : hostile_alert(h) != alert)
        fail_msg("%s: %s %d: %s, alert %s; expected %s", name_of(s), what, type,
                 f ? hf_error_row_of(f->code)->name : "accepted", hf_alert_name(hostile_alert(h)),
                 alert == PASSES ? "that it passes" : hf_alert_name(alert));
    if (alert != PASSES) {
        assert_int_equal(hostile_end(h)->connected, s->connected);
        hostile_assert_dead(h, 0);
    }
}

static void handshake_case(const state *s, int type, bool empty)
{
    hf_span body = empty ? hf_span_of(NULL, 0) : hb_span(&bodies[type]);
    int alert = alert_for(s, type, empty || body.len == 0);
    hostile h;

    arrive(&h, s);
    unsigned epoch = hostile_conn(&h)->engine.script.epoch[h.self];
    hostile_send_type(&h, (uint8_t)type, body);
    judge(&h, s, empty ? "empty handshake type" : "plausible handshake type", type, alert);
    if (alert == PASSES && type == HELLO_REQUEST && !s->connected) { /* it had no effect */
        dropped++;
        assert_int_equal(hostile_conn(&h)->engine.script.epoch[h.self], epoch);
        hostile_assert_works(&h);
    }
    taken += alert == PASSES || alert == DECRYPT;
    hostile_free(&h);
}

/* What no engine knows is refused by its header: a body can make no difference to the last of them. */
enum { PLAUSIBLE = 26 + 2 };

static void all_types(const state *s)
{
    make_bodies(s);
    for (int type = 0; type < TYPES; type++) {
        handshake_case(s, type, true);
        if (type < PLAUSIBLE - 1 || type == TYPES - 1)
            handshake_case(s, type, false);
    }
}

/* RFC 5246 7.4: messages in another order than the figures' are answered with a fatal unexpected_message. */
static void test_handshake_types(void **unused)
{
    (void)unused;
    cases = taken = dropped = 0;
    each_state(all_types);
    drop_bodies();
    printf("%u cases in %d states; %u taken, %u of them HelloRequest dropped\n", cases, STATES,
           taken, dropped);
    assert_int_equal(cases, STATES * (TYPES + PLAUSIBLE));
    assert_true(taken >= STATES - 2 && dropped > 0);
}

/* The right message in its place is taken in every state: all the way, one by one. */
static void right_one(const state *s)
{
    hostile h;

    arrive(&h, s);
    hostile_assert_works(&h);
    cases++;
    hostile_free(&h);
}

static void test_the_figures_are_what_is_spoken(void **unused)
{
    (void)unused;
    cases = 0;
    each_state(right_one);
    printf("%u states, and on to data\n", cases);
}

/* ---- ChangeCipherSpec (RFC 5246 7.1) ---- */

static void ccs_case(const state *s, bool under_keys, hf_span content, bool right)
{
    bool due = s->legal.may[SCRIPT_CCS] && right && !under_keys;
    hostile h;

    arrive(&h, s);
    if (under_keys)
        hostile_record(&h, HF_CT_CHANGE_CIPHER_SPEC, content);
    else
        hostile_plain(&h, HF_CT_CHANGE_CIPHER_SPEC, content);
    judge(&h, s, "ChangeCipherSpec of length", (int)content.len, due ? PASSES : UNEXPECTED);
    if (due) {
        assert_true(hostile_conn(&h)->in.is_protected);
        assert_false(hostile_end(&h)->connected);
        assert_int_equal(hf_conn_data_in(hostile_conn(&h), &(hf_iovec){ "x", 1 }, 1), 0);
    }
    hostile_free(&h);
}

static void all_ccs(const state *s)
{
    static const uint8_t right[] = { 1 }, twice[] = { 1, 1 }, zero[] = { 0 }, two[] = { 2 };

    for (int under_keys = 0; under_keys <= s->protected; under_keys++) {
        ccs_case(s, under_keys, hf_span_of(right, 1), true);
        ccs_case(s, under_keys, hf_span_of(twice, 2), false);
        ccs_case(s, under_keys, hf_span_of(zero, 1), false);
        ccs_case(s, under_keys, hf_span_of(two, 1), false);
        ccs_case(s, under_keys, hf_span_of(NULL, 0), false);
    }
}

static void test_change_cipher_spec(void **unused)
{
    (void)unused;
    cases = 0;
    each_state(all_ccs);
    printf("%u cases in %d states\n", cases, STATES);
    assert_true(cases >= 5 * STATES);
}

/* ---- record types ---- */

static hf_span content_for(int type)
{
    static const uint8_t alert[] = { 2, HF_ALERT_access_denied }, one[] = { 1 };

    return type == HF_CT_ALERT ? hf_span_of(alert, sizeof alert) : hf_span_of(one, sizeof one);
}

static void judge_alert(hostile *h, const state *s)
{
    const hf_failure *f = hostile_failure(h);

    cases++;
    assert_non_null(f);
    assert_int_equal(f->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(f->alert, HF_ALERT_access_denied);
    assert_int_equal(hostile_end(h)->connected, s->connected);
    hostile_assert_dead(h, 0);
}

static bool is_known(int type)
{
    return type >= HF_CT_CHANGE_CIPHER_SPEC && type <= HF_CT_APPLICATION_DATA;
}

/* After ChangeCipherSpec every record is protected; what is not has no tag. */
static int alert_for_plain(const state *s, int type)
{
    if (type == HF_CT_CHANGE_CIPHER_SPEC)
        return s->legal.may[SCRIPT_CCS] ? PASSES : UNEXPECTED;
    if (s->protected && is_known(type))
        return HF_ALERT_bad_record_mac;
    return type == HF_CT_HANDSHAKE ? PASSES : UNEXPECTED; /* the first byte of a message */
}

static void plain_case(const state *s, int type)
{
    hostile h;

    arrive(&h, s);
    hostile_plain(&h, (uint8_t)type, content_for(type));
    if (type == HF_CT_ALERT && !s->protected)
        judge_alert(&h, s);
    else
        judge(&h, s, "plain record", type, alert_for_plain(s, type));
    hostile_free(&h);
}

/* Application data flows once connected, and not between ChangeCipherSpec and Finished. */
static void protected_case(const state *s, int type)
{
    hostile h;

    arrive(&h, s);
    hostile_record(&h, (uint8_t)type, content_for(type));
    if (type == HF_CT_ALERT) {
        judge_alert(&h, s);
    } else if (type == HF_CT_APPLICATION_DATA && s->connected) {
        judge(&h, s, "protected record", type, PASSES);
        assert_int_equal(hostile_end(&h)->n_data, 1);
    } else {
        judge(&h, s, "protected record", type, type == HF_CT_HANDSHAKE ? PASSES : UNEXPECTED);
    }
    hostile_free(&h);
}

/* All of them in one shape; in the others those that exist, their neighbours and the end of the range. */
static bool worth_it(const state *s, int type)
{
    return s->setup->flow == flow12_row(0) || (type >= 16 && type <= 26) || type == 0 ||
           type == TYPES - 1;
}

static void all_records(const state *s)
{
    for (int type = 0; type < TYPES; type++) {
        if (!worth_it(s, type))
            continue;
        plain_case(s, type);
        if (s->protected)
            protected_case(s, type);
    }
}

/* RFC 5246 6.2.1: implementations send no record types that are not defined; one that comes is unexpected_message (6). */
static void test_record_types(void **unused)
{
    (void)unused;
    cases = 0;
    each_state(all_records);
    printf("%u cases in %d states\n", cases, STATES);
    assert_true(cases >= 12 * TYPES + (STATES - 12) * 13);
}

/* ---- alerts (RFC 5246 7.2) ---- */

/* A warning is read past, whatever its number, but for close_notify; a fatal one ends the connection; no other level is.
   Before the version is known user_canceled may be TLS 1.3's, whose levels mean nothing (RFC 9846 6). */
static void alert_case(const state *s, uint8_t level, uint8_t description)
{
    const uint8_t bytes[] = { level, description };
    bool may_be_13 = s->heard == 0 && description == HF_ALERT_user_canceled;
    hostile h;

    arrive(&h, s);
    hostile_record(&h, HF_CT_ALERT, hf_span_of(bytes, 2));
    const hf_failure *f = hostile_failure(&h);
    cases++;
    if (level != 1 && level != 2) {
        assert_int_equal(hostile_alert(&h), HF_ALERT_illegal_parameter);
    } else if (description == HF_ALERT_close_notify && !s->connected) {
        assert_int_equal(f->code, HF_E_CLOSED_IN_HANDSHAKE);
    } else if (description == HF_ALERT_close_notify) {
        assert_true(hostile_end(&h)->closed);
    } else if (level == 2 && !may_be_13) {
        assert_int_equal(f->code, HF_E_ALERT_RECEIVED);
        assert_int_equal(f->alert, description);
    } else if (f) {
        fail_msg("%s: alert %u of level %u: %s", name_of(s), description, level,
                 hf_error_row_of(f->code)->name);
    } else {
        hostile_assert_works(&h);
    }
    if (f)
        hostile_assert_dead(&h, 0);
    assert_true(s->connected || !f || !hostile_end(&h)->connected);
    hostile_free(&h);
}

static void all_alerts(const state *s)
{
    static const uint8_t levels[] = { 0, 1, 2, 3, 255 };
    static const uint8_t descriptions[] = { 0, 10, 20, 40, 41, 42, 80, 90, 100, 112, 255 };

    for (size_t l = 0; l < sizeof levels; l++)
        for (size_t d = 0; d < sizeof descriptions; d++)
            alert_case(s, levels[l], descriptions[d]);
}

static void test_alerts(void **unused)
{
    (void)unused;
    cases = 0;
    each_state(all_alerts);
    printf("%u cases in %d states\n", cases, STATES);
    assert_int_equal(cases, STATES * 5 * 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_figures_are_what_is_spoken),
        cmocka_unit_test(test_handshake_types),
        cmocka_unit_test(test_change_cipher_spec),
        cmocka_unit_test(test_record_types),
        cmocka_unit_test(test_alerts),
    };

    return cmocka_run_group_tests_name("flow_every_type12", tests, NULL, NULL);
}
