/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Every message of TLS 1.2, truncated at every byte and extended by one, against the real engine: it is
 * refused with the alert of an oracle written from the RFCs, nobody connects, and the failure names the
 * message, a field and an offset within it. A message that is cut without its length being told is
 * waited for, and the transport's end is then an incomplete handshake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow12.h"

/* ---- the messages ---- */

typedef struct target {
    const char *flow;
    hf_role victim;
    hf_msg msg;
} target;

static const target targets[] = {
    { "ECDHE", HF_SERVER, HF_MSG_ClientHello },
    { "ECDHE", HF_CLIENT, HF_MSG_ServerHello },
    { "ECDHE", HF_CLIENT, HF_MSG_Certificate },
    { "ECDHE", HF_CLIENT, HF_MSG_ServerKeyExchange },
    { "ECDHE, client certificate and ticket", HF_CLIENT, HF_MSG_CertificateRequest },
    { "ECDHE", HF_CLIENT, HF_MSG_ServerHelloDone },
    { "ECDHE, client certificate and ticket", HF_SERVER, HF_MSG_Certificate },
    { "ECDHE, no certificate to show", HF_SERVER, HF_MSG_Certificate },
    { "ECDHE", HF_SERVER, HF_MSG_ClientKeyExchange },
    { "ECDHE, client certificate and ticket", HF_SERVER, HF_MSG_CertificateVerify },
    { "ECDHE", HF_SERVER, HF_MSG_Finished },
    { "ECDHE, client certificate and ticket", HF_CLIENT, HF_MSG_NewSessionTicket },
    { "ECDHE", HF_CLIENT, HF_MSG_Finished },
    { "static RSA", HF_CLIENT, HF_MSG_ServerHello },
    { "static RSA", HF_CLIENT, HF_MSG_ServerHelloDone },
    { "static RSA", HF_SERVER, HF_MSG_ClientKeyExchange },
    { "static RSA, client certificate", HF_SERVER, HF_MSG_CertificateVerify },
    { "resumed by ticket", HF_SERVER, HF_MSG_ClientHello },
    { "resumed by ticket", HF_CLIENT, HF_MSG_ServerHello },
    { "resumed by ticket, renewed", HF_CLIENT, HF_MSG_NewSessionTicket },
    { "resumed by ticket, renewed", HF_CLIENT, HF_MSG_Finished },
    { "resumed by ticket, renewed", HF_SERVER, HF_MSG_Finished },
    { "resumed by id", HF_SERVER, HF_MSG_ClientHello },
    { "resumed by id", HF_CLIENT, HF_MSG_ServerHello },
};
enum { TARGETS = sizeof targets / sizeof *targets };

/* The victim waits for the message; body is what the peer would really say. */
static void arrive(hostile *h, const target *t, flow12_setup *setup, hostile_bytes *body)
{
    flow12_hostile(h, t->victim, setup);
    hostile_until(h, t->msg, 0);
    hb_set(body, hostile_due_body(h));
}

/* ---- the oracle ---- */

/* RFC 5246 7.2.2: decode_error, for "some field was out of the specified range or the length of the message was incorrect".
   A hello whose block of extensions is gone whole is well-formed; it then lacks what makes renegotiation secure (RFC 5746
   4.1, 4.3: handshake_failure), unless it lacks the session's extended_main_secret first (RFC 7627 5.3: the same). */
static int alert_for(const target *t, const hostile_bytes *whole, size_t len)
{
    bool hello = t->msg == HF_MSG_ClientHello || t->msg == HF_MSG_ServerHello;

    return hello && len == hb_extensions_at(whole, t->msg) ? HF_ALERT_handshake_failure
                                                           : HF_ALERT_decode_error;
}

/* "ClientHello.random", or "ClientHello" where bytes follow its last field. */
static bool names_field(const char *field, const char *message, bool longer)
{
    size_t n = strlen(message);

    return strncmp(field, message, n) == 0 && (field[n] == '.' || (longer && field[n] == '\0'));
}

static void judge(hostile *h, const target *t, const hostile_bytes *whole, size_t len)
{
    const hf_failure *f = hostile_failure(h);
    const char *name = hf_msg_name(t->msg);

    if (!f || hostile_alert(h) != alert_for(t, whole, len))
        fail_msg("%s (%s), %zu of %zu bytes: %s, alert %s", name, t->flow, len, whole->len,
                 f ? hf_error_row_of(f->code)->name : "accepted", hf_alert_name(hostile_alert(h)));
    if (!f->message || strcmp(f->message, name) != 0 ||
        !names_field(f->field, name, len > whole->len) || f->offset < 0 ||
        f->offset > (int64_t)(HF_HANDSHAKE_HEADER + len))
        fail_msg("%s (%s), %zu of %zu bytes: the failure (%s) is said to be in %s, %s, offset %d",
                 name, t->flow, len, whole->len, hf_error_row_of(f->code)->name,
                 f->message ? f->message : "no message", f->field, (int)f->offset);
    assert_false(hostile_end(h)->connected);
    hostile_assert_dead(h, 0);
}

/* ---- the tests ---- */

static void with_length(const target *t, flow12_setup *setup, size_t len, hostile_bytes *body)
{
    hostile_bytes given = { 0 };
    hostile h;

    arrive(&h, t, setup, body);
    hb_set(&given, len <= body->len ? hf_span_of(body->data, len) : hb_span(body));
    if (len > body->len)
        hb_add_uint(&given, 0, 1);
    hostile_instead(&h, hb_span(&given));
    judge(&h, t, body, len);
    hb_free(&given);
    hostile_free(&h);
}

/* Every length from 0 to one more than the whole. */
static unsigned every_length(const target *t)
{
    hostile_bytes body = { 0 };
    flow12_setup setup;
    hostile h;
    unsigned n = 0;

    flow12_prepare(&setup, flow12_named(t->flow));
    arrive(&h, t, &setup, &body);
    hostile_free(&h);
    for (size_t len = 0, whole = body.len; len <= whole + 1; len++)
        if (len != whole)
            n++, with_length(t, &setup, len, &body);
    printf("%-20s (%s) %4zu bytes, %4u lengths refused\n", hf_msg_name(t->msg), t->flow, body.len,
           n);
    hb_free(&body);
    flow12_release(&setup);
    return n;
}

static void test_wrong_length_is_refused(void **state)
{
    unsigned cases = 0;

    (void)state;
    for (size_t i = 0; i < TARGETS; i++)
        cases += every_length(&targets[i]);
    printf("%u cases\n", cases);
    assert_true(cases >= 3800);
}

/* A cut message, its header telling the whole length, in a record under the keys that are due. */
static void waits_then_ends(const target *t, flow12_setup *setup, size_t len, hostile_bytes *body)
{
    hostile h;

    arrive(&h, t, setup, body);
    hf_span message = hb_span(&hostile_due(&h)->bytes);
    hostile_record(&h, HF_CT_HANDSHAKE, hf_span_of(message.data, len));
    assert_null(hostile_failure(&h));
    assert_true(hf_conn_wants(hostile_conn(&h), NULL) & HF_WANT_WIRE_IN);
    assert_false(hostile_end(&h)->connected);
    hostile_eof(&h);
    assert_non_null(hostile_failure(&h));
    assert_int_equal(hostile_failure(&h)->code, HF_E_CLOSED_IN_HANDSHAKE);
    assert_int_equal(hostile_failure(&h)->alert, HF_ALERT_none); /* nobody is there to hear it */
    hostile_assert_dead(&h, 0);
    hostile_free(&h);
}

static void test_short_message_is_waited_for(void **state)
{
    unsigned cases = 0;

    (void)state;
    for (size_t i = 0; i < TARGETS; i++) {
        hostile_bytes body = { 0 };
        flow12_setup setup;
        size_t len = 1;
        flow12_prepare(&setup, flow12_named(targets[i].flow));
        do {
            waits_then_ends(&targets[i], &setup, len, &body);
            len += len > 80 ? 37 : 1;
            cases++;
        } while (len < body.len + HF_HANDSHAKE_HEADER);
        hb_free(&body);
        flow12_release(&setup);
    }
    printf("%u cases\n", cases);
    assert_true(cases >= 900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_length_is_refused),
        cmocka_unit_test(test_short_message_is_waited_for),
    };

    return cmocka_run_group_tests_name("flow_truncate12", tests, NULL, NULL);
}
