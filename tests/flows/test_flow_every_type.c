/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The real engine in every state of both roles: each of the 256 handshake types with an empty and
 * with a plausible body, and a record of each of the 256 content types, in the clear and protected.
 * What may pass is drawn here by hand from RFC 9846 figure 1 and appendix A, not from the scripts;
 * everything else is refused with unexpected_message, connects nobody and delivers nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow13.h"

enum { TYPES = 256, KNOWN = 32, LEGAL_MAX = 4 };
enum { PASSES = -1 }; /* in place of an alert */

/* ---- states ---- */

/* A message that may come: what a plausible body (of another handshake) leads to, and an empty one. */
typedef struct legal {
    int type;
    int plausible, empty;
} legal;

typedef struct state {
    const char *name;
    hf_role victim;
    bool retry;
    hf_msg until; /* delivered up to this */
    unsigned nth;
    bool request; /* … and then a CertificateRequest */
    bool connected;
    bool ccs_dropped; /* RFC 9846 5: after the first ClientHello, before the peer's Finished */
    legal legal[LEGAL_MAX];
    const char *flow; /* one that rests on a pre-shared key */
    bool early;       /* early data may come … */
    bool skips;       /* … or is not taken, and skipped (RFC 9846 4.3.10) */
} state;

enum {
    DECODE = HF_ALERT_decode_error,
    ILLEGAL = HF_ALERT_illegal_parameter,
    DECRYPT = HF_ALERT_decrypt_error
};

static const state states[] = {
    { .name = "client, before ServerHello",
      .victim = HF_CLIENT,
      .until = HF_MSG_ServerHello,
      .ccs_dropped = true,
      .legal = { { 2, ILLEGAL, DECODE } } },
    { .name = "client, after HelloRetryRequest",
      .victim = HF_CLIENT,
      .retry = true,
      .until = HF_MSG_ServerHello,
      .ccs_dropped = true,
      .legal = { { 2, ILLEGAL, DECODE } } },
    { .name = "client, after ServerHello",
      .victim = HF_CLIENT,
      .until = HF_MSG_EncryptedExtensions,
      .ccs_dropped = true,
      .legal = { { 8, PASSES, DECODE } } },
    { .name = "client, after EncryptedExtensions",
      .victim = HF_CLIENT,
      .until = HF_MSG_Certificate,
      .ccs_dropped = true,
      .legal = { { 13, PASSES, DECODE }, { 11, PASSES, DECODE } } },
    { .name = "client, after CertificateRequest",
      .victim = HF_CLIENT,
      .until = HF_MSG_Certificate,
      .request = true,
      .ccs_dropped = true,
      .legal = { { 11, PASSES, DECODE } } },
    { .name = "client, after Certificate",
      .victim = HF_CLIENT,
      .until = HF_MSG_CertificateVerify,
      .ccs_dropped = true,
      .legal = { { 15, DECRYPT, DECODE } } },
    { .name = "client, after CertificateVerify",
      .victim = HF_CLIENT,
      .until = HF_MSG_Finished,
      .ccs_dropped = true,
      .legal = { { 20, DECRYPT, DECODE } } },
    { .name = "client, connected",
      .victim = HF_CLIENT,
      .until = HF_MSG_NONE,
      .connected = true,
      .legal = { { 4, PASSES, DECODE }, { 24, PASSES, DECODE } } },
    { .name = "server, start",
      .victim = HF_SERVER,
      .until = HF_MSG_ClientHello,
      .legal = { { 1, PASSES, DECODE } } },
    { .name = "server, after HelloRetryRequest",
      .victim = HF_SERVER,
      .retry = true,
      .until = HF_MSG_ClientHello,
      .nth = 1,
      .ccs_dropped = true,
      .legal = { { 1, ILLEGAL, DECODE } } },
    { .name = "server, after its flight",
      .victim = HF_SERVER,
      .until = HF_MSG_Finished,
      .ccs_dropped = true,
      .legal = { { 20, DECRYPT, DECODE } } },
    { .name = "server, connected",
      .victim = HF_SERVER,
      .until = HF_MSG_NONE,
      .connected = true,
      .legal = { { 24, PASSES, DECODE } } },
    { .name = "client, resumed, after ServerHello",
      .flow = "resumed",
      .victim = HF_CLIENT,
      .until = HF_MSG_EncryptedExtensions,
      .ccs_dropped = true,
      .legal = { { 8, PASSES, DECODE } } },
    { .name = "client, resumed, after EncryptedExtensions",
      .flow = "resumed",
      .victim = HF_CLIENT,
      .until = HF_MSG_Finished,
      .ccs_dropped = true,
      .legal = { { 20, DECRYPT, DECODE } } },
    { .name = "client, resumed, connected",
      .flow = "resumed",
      .victim = HF_CLIENT,
      .until = HF_MSG_NONE,
      .connected = true,
      .legal = { { 4, PASSES, DECODE }, { 24, PASSES, DECODE } } },
    { .name = "server, resumed, after its flight",
      .flow = "resumed, client certificate before",
      .victim = HF_SERVER,
      .until = HF_MSG_Finished,
      .ccs_dropped = true,
      .legal = { { 20, DECRYPT, DECODE } } },
    { .name = "server, resumed, after HelloRetryRequest",
      .flow = "resumed after a retry",
      .victim = HF_SERVER,
      .retry = true,
      .until = HF_MSG_ClientHello,
      .nth = 1,
      .ccs_dropped = true,
      .legal = { { 1, ILLEGAL, DECODE } } },
    { .name = "client with a shared key, after HelloRetryRequest",
      .flow = "a shared key after a retry",
      .victim = HF_CLIENT,
      .retry = true,
      .until = HF_MSG_ServerHello,
      .ccs_dropped = true,
      .legal = { { 2, ILLEGAL, DECODE } } },
    { .name = "client with a shared key, after EncryptedExtensions",
      .flow = "a shared key",
      .victim = HF_CLIENT,
      .until = HF_MSG_Finished,
      .ccs_dropped = true,
      .legal = { { 20, DECRYPT, DECODE } } },
    { .name = "server with a shared key, after its flight",
      .flow = "a shared key",
      .victim = HF_SERVER,
      .until = HF_MSG_Finished,
      .ccs_dropped = true,
      .legal = { { 20, DECRYPT, DECODE } } },
    { .name = "client, early data offered, after ServerHello",
      .flow = "early data taken",
      .victim = HF_CLIENT,
      .until = HF_MSG_EncryptedExtensions,
      .ccs_dropped = true,
      .legal = { { 8, PASSES, DECODE } } },
    { .name = "client, early data taken, after EncryptedExtensions",
      .flow = "early data taken",
      .victim = HF_CLIENT,
      .until = HF_MSG_Finished,
      .ccs_dropped = true,
      .legal = { { 20, DECRYPT, DECODE } } },
    { .name = "server, early data taken",
      .flow = "early data taken",
      .victim = HF_SERVER,
      .until = HF_MSG_EndOfEarlyData,
      .ccs_dropped = true,
      .legal = { { 5, DECODE, PASSES } },
      .early = true },
    { .name = "server, after EndOfEarlyData",
      .flow = "early data taken",
      .victim = HF_SERVER,
      .until = HF_MSG_Finished,
      .ccs_dropped = true,
      .legal = { { 20, DECRYPT, DECODE } } },
    { .name = "server, early data refused, after its flight",
      .flow = "early data refused",
      .victim = HF_SERVER,
      .until = HF_MSG_Finished,
      .ccs_dropped = true,
      .legal = { { 20, DECRYPT, DECODE } },
      .skips = true },
    { .name = "server, early data refused by HelloRetryRequest",
      .flow = "early data and a retry",
      .victim = HF_SERVER,
      .retry = true,
      .until = HF_MSG_ClientHello,
      .nth = 1,
      .ccs_dropped = true,
      .legal = { { 1, ILLEGAL, DECODE } },
      .skips = true },
};
enum { N_STATES = sizeof states / sizeof *states };

static const uint8_t request[] = { 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3 };

/* The setup of a state's flow, kept until another one is asked for; NULL: gives it back. */
static const pair_options *prepared(const char *flow)
{
    static flow13_setup setup;

    if (setup.flow && (!flow || strcmp(setup.flow->name, flow) != 0)) {
        flow13_release(&setup);
        setup.flow = NULL;
    }
    if (flow && !setup.flow)
        flow13_prepare(&setup, flow13_named(flow));
    return &setup.options;
}

static void arrive(hostile *h, const state *s)
{
    pair_options o = { .policy = { NULL, s->retry ? hostile_retry_policy() : NULL } };

    hostile_start(h, s->victim, s->flow ? prepared(s->flow) : &o);
    if (s->until == HF_MSG_NONE)
        hostile_rest(h);
    else
        hostile_until(h, s->until, s->nth);
    if (s->request)
        hostile_send(h, HF_MSG_CertificateRequest, hf_span_of(request, sizeof request));
    assert_null(hostile_failure(h));
    assert_int_equal(hostile_end(h)->connected, s->connected);
}

/* ---- plausible bodies ---- */

static hostile_bytes plausible[TYPES], retry_body;

static void keep(const hostile *h)
{
    for (size_t i = 0; i < h->n_said; i++) {
        const hostile_said *said = &h->said[i];
        bool retry = said->msg == HF_MSG_HelloRetryRequest;
        if (said->msg != HF_MSG_ChangeCipherSpec)
            hb_set(retry ? &retry_body : &plausible[said->bytes.data[0]],
                   hf_span_of(said->bytes.data + HF_HANDSHAKE_HEADER,
                              said->bytes.len - HF_HANDSHAKE_HEADER));
    }
}

static void from_handshake(hf_role victim, bool retry)
{
    hostile h;
    pair_options o = { .policy = { NULL, retry ? hostile_retry_policy() : NULL } };

    hostile_start(&h, victim, &o);
    hostile_rest(&h);
    keep(&h);
    hostile_free(&h);
}

static bool is_empty_by_nature(int type)
{
    return type == 0 || type == 5 || type == 14; /* HelloRequest, EndOfEarlyData, ServerHelloDone */
}

static int make_bodies(void **unused)
{
    static const uint8_t ticket[] = { 0, 0, 1, 0, 1, 2, 3, 4, 1, 7, 0, 2, 'a', 'b', 0, 0 };
    static const uint8_t filler[] = "whatever a message of that type might hold";

    (void)unused;
    for (int type = 0; type < TYPES; type++)
        if (!is_empty_by_nature(type))
            hb_set(&plausible[type], hf_span_of(filler, sizeof filler));
    from_handshake(HF_CLIENT, true);
    from_handshake(HF_CLIENT, false);
    from_handshake(HF_SERVER, false);
    hb_set(&plausible[13], hf_span_of(request, sizeof request));
    hb_set(&plausible[4], hf_span_of(ticket, sizeof ticket));
    hb_set(&plausible[24], hf_span_of("", 1));
    return 0;
}

static int drop_bodies(void **unused)
{
    (void)unused;
    for (int type = 0; type < TYPES; type++)
        hb_free(&plausible[type]);
    hb_free(&retry_body);
    prepared(NULL);
    return 0;
}

/* ---- handshake types ---- */

/* What must follow: PASSES or an alert. */
static int expected(const state *s, int type, hf_span body)
{
    for (int i = 0; i < LEGAL_MAX && s->legal[i].type; i++)
        if (s->legal[i].type == type) {
            bool second_retry =
                s->retry && type == 2 && body.data == retry_body.data; /* RFC 9846 4.2.4 */
            if (!second_retry)
                return body.len > 0 ? s->legal[i].plausible : s->legal[i].empty;
        }
    return HF_ALERT_unexpected_message;
}

static void judge(hostile *h, const state *s, const char *what, int type, int alert)
{
    const hf_failure *f = hostile_failure(h);

    if (alert == PASSES ? f != NULL : hostile_alert(h) != alert)
        fail_msg("%s: %s %d: %s, alert %s; expected %s", s->name, what, type,
                 f ? hf_error_row_of(f->code)->name : "accepted", hf_alert_name(hostile_alert(h)),
                 alert == PASSES ? "that it passes" : hf_alert_name(alert));
    assert_int_equal(hostile_end(h)->connected, s->connected);
    if (alert == PASSES)
        assert_int_equal(hostile_end(h)->n_data, 0);
    else
        hostile_assert_dead(h, 0);
}

static void handshake_case(const state *s, int type, hf_span body)
{
    hostile h;

    arrive(&h, s);
    hostile_send_type(&h, (uint8_t)type, body);
    judge(&h, s, body.len > 0 ? "plausible handshake type" : "empty handshake type", type,
          expected(s, type, body));
    hostile_free(&h);
}

/* RFC 9846 4: "a peer which receives a handshake message in an unexpected order MUST abort the handshake with an
   unexpected_message alert". */
static void test_handshake_types(void **unused)
{
    unsigned cases = 0;

    (void)unused;
    for (size_t i = 0; i < N_STATES; i++) {
        for (int type = 0; type < TYPES; type++, cases++) {
            handshake_case(&states[i], type, hf_span_of(NULL, 0));
            if (plausible[type].len > 0 && (!states[i].flow || type < KNOWN))
                cases++, handshake_case(&states[i], type, hb_span(&plausible[type]));
        }
        handshake_case(&states[i], 2, hb_span(&retry_body));
        cases++;
    }
    printf("%u cases in %d states\n", cases, (int)N_STATES);
    assert_true(cases >= 10000);
}

/* ---- record types ---- */

static bool has_keys(const hostile *h)
{
    return hostile_conn(h)->in.is_protected;
}

/* An alert, a change_cipher_spec, the start of a message, a byte of data. */
static hf_span content_for(int type)
{
    static const uint8_t alert[] = { 2, HF_ALERT_access_denied }, one[] = { 1 };

    return type == HF_CT_ALERT ? hf_span_of(alert, sizeof alert) : hf_span_of(one, sizeof one);
}

/* The peer's alert is acted on: nothing is sent back (RFC 9846 6.2). */
static void judge_alert(hostile *h, const state *s)
{
    const hf_failure *f = hostile_failure(h);

    assert_non_null(f);
    assert_int_equal(f->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(f->alert, HF_ALERT_access_denied);
    assert_int_equal(f->alert_direction, HF_ALERT_RECEIVED);
    assert_int_equal(hostile_end(h)->connected, s->connected);
    hostile_assert_dead(h, 0);
}

static void plain_case(const state *s, int type)
{
    hostile h;

    arrive(&h, s);
    bool keys = has_keys(&h), heard = hostile_conn(&h)->opened_one;
    hostile_plain(&h, (uint8_t)type, content_for(type));
    if (type == HF_CT_ALERT && !heard)
        judge_alert(&h, s); /* RFC 9846 A.1: it may come from a peer that has no keys yet */
    else if (type == HF_CT_CHANGE_CIPHER_SPEC)
        judge(&h, s, "plain record", type, s->ccs_dropped ? PASSES : HF_ALERT_unexpected_message);
    else if (type == HF_CT_HANDSHAKE)
        judge(&h, s, "plain record", type, keys ? HF_ALERT_unexpected_message : PASSES);
    else if (type == HF_CT_APPLICATION_DATA && !keys && s->skips)
        judge(&h, s, "plain record", type, PASSES);
    else if (type == HF_CT_APPLICATION_DATA && keys)
        judge(&h, s, "plain record", type,
              HF_ALERT_bad_record_mac); /* it must be ciphertext: RFC 9846 5.2 */
    else
        judge(&h, s, "plain record", type, HF_ALERT_unexpected_message);
    hostile_free(&h);
}

static unsigned protected_case(const state *s, int type)
{
    hostile h;

    arrive(&h, s);
    bool keys = has_keys(&h);
    if (keys && type == HF_CT_APPLICATION_DATA && (s->connected || s->early)) {
        hostile_record(&h, (uint8_t)type, content_for(type));
        assert_null(hostile_failure(&h));
        assert_int_equal(hostile_end(&h)->n_data, 1);
    } else if (keys) {
        hostile_record(&h, (uint8_t)type, content_for(type));
        if (type == HF_CT_ALERT)
            judge_alert(&h, s);
        else
            judge(&h, s, "protected record", type,
                  type == HF_CT_HANDSHAKE ? PASSES : HF_ALERT_unexpected_message);
    }
    hostile_free(&h);
    return keys;
}

/* RFC 9846 5: unexpected and unknown record types end the connection with unexpected_message. */
static void test_record_types(void **unused)
{
    unsigned cases = 0;

    (void)unused;
    for (size_t i = 0; i < N_STATES; i++)
        for (int type = 0; type < TYPES; type++) {
            plain_case(&states[i], type);
            cases += 1 + protected_case(&states[i], type);
        }
    printf("%u cases in %d states\n", cases, (int)N_STATES);
    assert_true(cases >= 11000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake_types),
        cmocka_unit_test(test_record_types),
    };

    return cmocka_run_group_tests_name("flow_every_type", tests, make_bodies, drop_bodies);
}
