/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Every message of the handshake, truncated at every byte and extended by one, against the real
 * engine: nothing crashes, nothing connects, the alert is that of an oracle written from RFC 9846,
 * and the failure names the message, a field and an offset within it. A message that is cut without
 * its length being told is waited for, and the transport's end is then an incomplete handshake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow13.h"

/* ---- the messages ---- */

/* How the victim comes to wait for the message, and whose it is. */
typedef struct target {
    const char *name;
    hf_msg msg;
    unsigned nth;
    hf_role victim;
    bool retry; /* after a HelloRetryRequest */
    void (*make)(
        hostile_bytes *); /* of a body that the bad peer's engine never says; NULL: its own */
    bool after;           /* the handshake is over */
    hf_msg before;        /* make: the message that it is delivered in place of */
    bool hybrid;          /* with X25519MLKEM768 */
    const char *flow;     /* one that rests on a pre-shared key */
} target;

static void make_request(hostile_bytes *body)
{
    static const uint8_t bytes[] = { 0, 0, 18, 0,  13, 0, 6, 0, 4, 4, 3,
                                     8, 4, 0,  50, 0,  4, 0, 2, 4, 3 };

    hb_set(body, hf_span_of(bytes, sizeof bytes));
}

static void make_ticket(hostile_bytes *body)
{
    static const uint8_t bytes[] = { 0,   0,   1,   0,   1, 2, 3, 4,  2, 7, 7, 0, 5, 'a',
                                     'b', 'c', 'd', 'e', 0, 8, 0, 42, 0, 4, 0, 0, 1, 0 };

    hb_set(body, hf_span_of(bytes, sizeof bytes));
}

static void make_update(hostile_bytes *body)
{
    hb_set(body, hf_span_of("\1", 1));
}

static const target targets[] = {
    { "ClientHello", HF_MSG_ClientHello, 0, HF_SERVER, false, NULL, false, 0, false, NULL },
    { "second ClientHello", HF_MSG_ClientHello, 1, HF_SERVER, true, NULL, false, 0, false, NULL },
    { "HelloRetryRequest", HF_MSG_HelloRetryRequest, 0, HF_CLIENT, true, NULL, false, 0, false,
      NULL },
    { "ServerHello", HF_MSG_ServerHello, 0, HF_CLIENT, false, NULL, false, 0, false, NULL },
    { "ServerHello after a retry", HF_MSG_ServerHello, 0, HF_CLIENT, true, NULL, false, 0, false,
      NULL },
    { "ClientHello, hybrid", HF_MSG_ClientHello, 0, HF_SERVER, false, NULL, false, 0, true, NULL },
    { "ServerHello, hybrid", HF_MSG_ServerHello, 0, HF_CLIENT, false, NULL, false, 0, true, NULL },
    { "EncryptedExtensions", HF_MSG_EncryptedExtensions, 0, HF_CLIENT, false, NULL, false, 0, false,
      NULL },
    { "CertificateRequest", HF_MSG_CertificateRequest, 0, HF_CLIENT, false, make_request, false,
      HF_MSG_Certificate, false, NULL },
    { "Certificate", HF_MSG_Certificate, 0, HF_CLIENT, false, NULL, false, 0, false, NULL },
    { "CertificateVerify", HF_MSG_CertificateVerify, 0, HF_CLIENT, false, NULL, false, 0, false,
      NULL },
    { "Finished of the server", HF_MSG_Finished, 0, HF_CLIENT, false, NULL, false, 0, false, NULL },
    { "Finished of the client", HF_MSG_Finished, 0, HF_SERVER, false, NULL, false, 0, false, NULL },
    { "NewSessionTicket", HF_MSG_NewSessionTicket, 0, HF_CLIENT, false, make_ticket, true, 0, false,
      NULL },
    { "KeyUpdate of the server", HF_MSG_KeyUpdate, 0, HF_CLIENT, false, make_update, true, 0, false,
      NULL },
    { "KeyUpdate of the client", HF_MSG_KeyUpdate, 0, HF_SERVER, false, make_update, true, 0, false,
      NULL },
    { .name = "ClientHello with a ticket",
      .msg = HF_MSG_ClientHello,
      .victim = HF_SERVER,
      .flow = "resumed" },
    { .name = "ClientHello with a key",
      .msg = HF_MSG_ClientHello,
      .victim = HF_SERVER,
      .flow = "a shared key" },
    { .name = "ClientHello with early data",
      .msg = HF_MSG_ClientHello,
      .victim = HF_SERVER,
      .flow = "early data taken" },
    { .name = "second one with a ticket",
      .msg = HF_MSG_ClientHello,
      .nth = 1,
      .victim = HF_SERVER,
      .retry = true,
      .flow = "resumed after a retry" },
    { .name = "ServerHello, resumed", .msg = HF_MSG_ServerHello, .flow = "resumed" },
    { .name = "answer to early data",
      .msg = HF_MSG_EncryptedExtensions,
      .flow = "early data taken" },
    { .name = "EndOfEarlyData",
      .msg = HF_MSG_EndOfEarlyData,
      .victim = HF_SERVER,
      .flow = "early data taken" },
    { .name = "Finished, resumed", .msg = HF_MSG_Finished, .flow = "resumed" },
    { .name = "ticket with early data",
      .msg = HF_MSG_NewSessionTicket,
      .after = true,
      .flow = "early data taken" },
};

static void always_retry(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_ALWAYS_RETRY, true), HF_OK);
}

/* The setup of a target's flow, kept until another one is asked for; NULL: gives it back. */
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

static void arrive_in_flow(hostile *h, const target *t, hostile_bytes *body)
{
    hostile_start(h, t->victim, prepared(t->flow));
    hostile_until(h, t->msg, t->nth);
    hb_set(body, hostile_due_body(h));
}

/* The victim waits for the message; body is what the peer would really say. */
static void arrive(hostile *h, const target *t, hostile_bytes *body)
{
    if (t->flow) {
        arrive_in_flow(h, t, body);
        return;
    }
    hf_policy hybrid = policy_of_version("default", HF_TLS13);
    pair_options o = { .pki = shared_pki(HF_KEY_ED25519),
                       .alpn = { { "h2" }, { "h2" } } }; /* signatures of one length */

    if (t->retry) {
        o.policy[HF_SERVER] = hostile_retry_policy();
        o.configure = always_retry; /* a cookie as well */
    }
    if (t->hybrid)
        o.policy[HF_CLIENT] = o.policy[HF_SERVER] = &hybrid;
    hostile_start(h, t->victim, &o);
    if (t->after)
        hostile_rest(h);
    else
        hostile_until(h, t->make ? t->before : t->msg, t->nth);
    if (t->make)
        t->make(body);
    else
        hb_set(body, hostile_due_body(h));
}

static void give(hostile *h, const target *t, hf_span body)
{
    if (t->make)
        hostile_send(h, t->msg, body);
    else
        hostile_instead(h, body);
}

/* ---- the oracle ---- */

enum { RANDOM_END = 34 };

/* Cuts that leave a legal message of an older version: hellos whose extensions block is gone whole. RFC 9846 4.3.1
   and E.2 then settle the version, and nobody here speaks an older one: protocol_version. After a retry the version
   stands already: illegal_parameter (4.2.4) or protocol_version. HelloRetryRequest exists in TLS 1.3 only: its block is
   mandatory. Everything else is RFC 9846 6: decode_error, for "some field was out of the specified range or the
   length of the message was incorrect". Finished alone has a length that its body does not tell: one that is longer or
   shorter is also one that does not verify, decrypt_error. */
static bool allowed(const target *t, const hostile_bytes *whole, size_t len, int alert)
{
    bool hello = t->msg == HF_MSG_ClientHello || t->msg == HF_MSG_ServerHello;

    if (t->msg == HF_MSG_Finished && alert == HF_ALERT_decrypt_error)
        return true;
    if (!hello || len != hb_extensions_at(whole, t->msg))
        return alert == HF_ALERT_decode_error;
    return alert == HF_ALERT_protocol_version || (t->retry && alert == HF_ALERT_illegal_parameter);
}

/* "ClientHello.random", or "ClientHello" where bytes follow its last field. */
static bool names_field(const char *field, const char *message, bool longer)
{
    size_t n = strlen(message);

    return strncmp(field, message, n) == 0 && (field[n] == '.' || (longer && field[n] == '\0'));
}

/* A HelloRetryRequest cut within its random cannot be told from a ServerHello. */
static const char *name_of(const target *t, size_t len)
{
    return hf_msg_name(t->msg == HF_MSG_HelloRetryRequest && len < RANDOM_END ? HF_MSG_ServerHello
                                                                              : t->msg);
}

static void judge(hostile *h, const target *t, const hostile_bytes *whole, size_t len)
{
    const hf_failure *f = hostile_failure(h);

    if (!f || !allowed(t, whole, len, hostile_alert(h)))
        fail_msg("%s, %zu of %zu bytes: %s, alert %s", t->name, len, whole->len,
                 f ? hf_error_row_of(f->code)->name : "accepted", hf_alert_name(hostile_alert(h)));
    const char *name = name_of(t, len);
    if (!f->message || strcmp(f->message, name) != 0 ||
        !names_field(f->field, name, len > whole->len) || f->offset < 0 ||
        f->offset > (int64_t)(HF_HANDSHAKE_HEADER + len))
        fail_msg("%s, %zu of %zu bytes: the failure (%s) is said to be in %s, %s, offset %d",
                 t->name, len, whole->len, hf_error_row_of(f->code)->name,
                 f->message ? f->message : "no message", f->field, (int)f->offset);
    assert_int_equal(f->blame,
                     f->code == HF_E_VERSION_UNSUPPORTED ? HF_BLAME_POLICY : HF_BLAME_PEER);
    assert_int_equal(hostile_end(h)->connected, t->after);
    hostile_assert_dead(h, 0);
}

/* ---- the tests ---- */

static void with_length(const target *t, size_t len, hostile_bytes *body)
{
    hostile h;

    arrive(&h, t, body);
    hostile_bytes given = { 0 };
    hb_set(&given, len <= body->len ? hf_span_of(body->data, len) : hb_span(body));
    if (len > body->len)
        hb_add_uint(&given, 0, 1);
    give(&h, t, hb_span(&given));
    judge(&h, t, body, len);
    hb_free(&given);
    hostile_free(&h);
}

/* Every length from 0 to one more than the whole. */
static unsigned every_length(const target *t)
{
    hostile_bytes body = { 0 };
    size_t len = t->msg == HF_MSG_EndOfEarlyData; /* whose whole is nothing */

    do {
        with_length(t, len, &body);
        len += len + 1 == body.len ? 2 : 1; /* not the whole */
    } while (len <= body.len + 1);
    printf("%-26s %4zu bytes, %4zu lengths refused\n", t->name, body.len, len - 1);
    hb_free(&body);
    return (unsigned)len - 1;
}

/* RFC 9846 4: the message names its length; with a shorter or longer body of that length it is refused. */
static void test_wrong_length_is_refused(void **state)
{
    unsigned cases = 0;

    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        cases += every_length(&targets[i]);
    printf("%u cases\n", cases);
    assert_true(cases >= 5500);
}

/* A cut message, its header telling the whole length, in a record under the keys that are due. */
static void give_part(hostile *h, const target *t, const hostile_bytes *body, size_t len)
{
    hostile_bytes message = { 0 };

    hb_add_uint(&message, t->msg == HF_MSG_HelloRetryRequest ? 2 : hf_msg_type(t->msg), 1);
    hb_add_uint(&message, body->len, 3);
    hb_add(&message, hf_span_of(body->data, body->len));
    hostile_record(h, HF_CT_HANDSHAKE, hf_span_of(message.data, len));
    hb_free(&message);
}

static void waits_then_ends(const target *t, size_t len, hostile_bytes *body)
{
    hostile h;

    arrive(&h, t, body);
    give_part(&h, t, body, len);
    assert_null(hostile_failure(&h));
    assert_true(hf_conn_wants(hostile_conn(&h), NULL) & HF_WANT_WIRE_IN);
    assert_int_equal(hostile_end(&h)->connected, t->after);
    hostile_eof(&h);
    const hf_failure *f = hostile_failure(&h);
    assert_non_null(f);
    assert_int_equal(f->code, t->after ? HF_E_TRUNCATED_STREAM : HF_E_CLOSED_IN_HANDSHAKE);
    assert_int_equal(f->alert, HF_ALERT_none); /* nobody is there to hear it */
    hostile_assert_dead(&h, 0);
    hostile_free(&h);
}

/* RFC 9846 6.1: a message that does not end is waited for; the end of the transport is then no clean end. */
static void test_short_message_is_waited_for(void **state)
{
    unsigned cases = 0;

    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        hostile_bytes body = { 0 };
        size_t len = 1;
        do {
            waits_then_ends(&targets[i], len, &body);
            len += len > 80 ? 37 : 1;
            cases++;
        } while (len < body.len + HF_HANDSHAKE_HEADER);
        hb_free(&body);
    }
    printf("%u cases\n", cases);
    assert_true(cases >= 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_length_is_refused),
        cmocka_unit_test(test_short_message_is_waited_for),
    };

    int status = cmocka_run_group_tests_name("flow_truncate", tests, NULL, NULL);

    prepared(NULL);
    return status;
}
