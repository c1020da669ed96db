/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The negative controls of test_rfc8448.c: one bit of the trace is changed, on the wire or in a body
 * that the override gives, and the replay must notice, at the right end, with the right alert. A
 * comparison that never fails would prove nothing.
 */
#include "support/rfc8448.h"

#include <stdio.h>

static replay r;

static void run(const replay_options *options)
{
    replay_start(&r, options);
    replay_run(&r);
    replay_drain(&r);
}

/* One end refuses and says so; the other hears it. */
static void assert_refused(hf_role by, hf_error code, hf_alert alert)
{
    const hf_failure *refusal = hf_conn_failure(r.end[by].conn);
    const hf_failure *heard = hf_conn_failure(r.end[!by].conn);

    assert_false(r.end[by].connected);
    assert_non_null(refusal);
    assert_string_equal(hf_error_row_of(refusal->code)->name, hf_error_row_of(code)->name);
    assert_int_equal(refusal->alert, alert);
    assert_int_equal(refusal->alert_direction, HF_ALERT_SENT);
    assert_non_null(heard);
    assert_int_equal(heard->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(heard->alert, alert);
}

/* ---- on the wire ---- */

/* Every byte that AEAD covers: ciphertext, tag, and of the header what still leaves it a record of
   the same length (the low byte of legacy_record_version). */
static size_t flip_each_byte(const char *trace, int record, hf_role receiver)
{
    enum { VERSION_LOW = 2 };
    replay_options o = { .trace = trace, .flip_record = record };
    size_t cases = 0, len = HF_RECORD_HEADER + 1;

    for (size_t at = VERSION_LOW; at < len; cases++) {
        o.flip_record_at = at;
        run(&o);
        const json_t *records = json_object_get(r.trace, "records");
        len = vector_hex(&r.file, json_array_get(records, (size_t)record - 1), "record").len;
        assert_refused(receiver, HF_E_RECORD_MAC, HF_ALERT_bad_record_mac);
        assert_int_equal(r.n_differences, 0); /* up to there all was as in the trace */
        replay_stop(&r);
        at = at == VERSION_LOW ? HF_RECORD_HEADER : at + 1;
    }
    return cases;
}

static void finished_on_the_wire(void **state)
{
    size_t cases = 0;

    (void)state;
    cases += flip_each_byte("simple-1rtt", 3, HF_CLIENT); /* EncryptedExtensions to Finished */
    cases += flip_each_byte("simple-1rtt", 4, HF_SERVER); /* the client's Finished */
    cases += flip_each_byte("hello-retry-request", 5, HF_CLIENT);
    cases += flip_each_byte("hello-retry-request", 6, HF_SERVER);
    printf("%zu bytes of flights with Finished, one bit of each: bad_record_mac\n", cases);
}

/* The same for everything of the resumed handshake that is protected, early data and EndOfEarlyData as well. */
static void resumed_on_the_wire(void **state)
{
    size_t cases = 0;

    (void)state;
    cases += flip_each_byte("resumed-0rtt", 2, HF_SERVER); /* early data */
    cases += flip_each_byte("resumed-0rtt", 4, HF_CLIENT); /* EncryptedExtensions and Finished */
    cases += flip_each_byte("resumed-0rtt", 5, HF_SERVER); /* EndOfEarlyData */
    cases += flip_each_byte("resumed-0rtt", 6, HF_SERVER); /* the client's Finished */
    printf("%zu bytes of the resumed handshake, one bit of each: bad_record_mac\n", cases);
}

/* ---- in a body that the override gives ---- */

typedef struct flipped_body {
    const char *trace, *body;
    size_t at;              /* the byte of the message, its lowest bit */
    bool handshake_secrets; /* they differ from the trace too, not only those after Finished */
} flipped_body;

/* Both ends agree on the changed bytes, so nothing is wrong with a record; but the transcript is
   another one, and the signature of the trace does not cover it. */
static void assert_other_secrets(const flipped_body *f)
{
    replay_options o = { .trace = f->trace, .flip_body = f->body, .flip_at = f->at };

    run(&o);
    assert_refused(HF_CLIENT, HF_E_SIGNATURE_WRONG, HF_ALERT_decrypt_error);
    assert_int_equal(replay_differs(&r, "server: secret_c_hs_traffic"), f->handshake_secrets);
    assert_int_equal(replay_differs(&r, "server: secret_s_hs_traffic"), f->handshake_secrets);
    assert_int_equal(replay_differs(&r, "client: secret_c_hs_traffic"), f->handshake_secrets);
    assert_int_equal(replay_differs(&r, "client: secret_s_hs_traffic"), f->handshake_secrets);
    assert_int_equal(replay_differs(&r, "client: server_handshake_key"), f->handshake_secrets);
    assert_true(replay_differs(&r, "server: secret_c_ap_traffic"));
    assert_true(replay_differs(&r, "server: secret_s_ap_traffic"));
    assert_true(replay_differs(&r, "server: secret_exp_master"));
    assert_false(replay_differs(&r, "server: handshake_secret")); /* no transcript in it */
    assert_false(replay_differs(&r, "server: master_secret"));
    replay_stop(&r);
}

static void bodies(void **state)
{
    static const flipped_body rows[] = {
        { "simple-1rtt", "ClientHello", 6, true },                 /* random */
        { "simple-1rtt", "EncryptedExtensions", 29, false },       /* the last named group */
        { "simple-1rtt", "server_Certificate", 442, false },       /* its signature's last byte */
        { "simple-1rtt", "server_CertificateVerify", 135, false }, /* the signature's last byte */
        { "hello-retry-request", "ClientHello2", 511, true },      /* the last byte of padding */
        { "hello-retry-request", "EncryptedExtensions", 17, false },
        { "hello-retry-request", "server_CertificateVerify", 8, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_other_secrets(&rows[i]);
}

/* The server takes the override's cookie for its own: it must come back as it was given. */
static void cookie(void **state)
{
    enum { COOKIE_IN_RETRY = 100, COOKIE_IN_HELLO = 250 };
    const replay_options given = { .trace = "hello-retry-request",
                                   .flip_body = "HelloRetryRequest",
                                   .flip_at = COOKIE_IN_RETRY };
    const replay_options returned = { .trace = "hello-retry-request",
                                      .flip_body = "ClientHello2",
                                      .flip_at = COOKIE_IN_HELLO };

    (void)state;
    run(&given);
    assert_refused(HF_SERVER, HF_E_COOKIE_WRONG, HF_ALERT_illegal_parameter);
    replay_stop(&r);
    run(&returned);
    assert_refused(HF_SERVER, HF_E_COOKIE_WRONG, HF_ALERT_illegal_parameter);
    replay_stop(&r);
}

/* After Finished a message changes no secret: only its own record differs. */
static void ticket(void **state)
{
    const replay_options o = { .trace = "simple-1rtt",
                               .flip_body = "NewSessionTicket",
                               .flip_at = 60 };

    (void)state;
    run(&o);
    assert_true(r.end[HF_CLIENT].connected && r.end[HF_SERVER].connected);
    assert_true(replay_differs(&r, "server: record 5"));
    assert_true(replay_differs(&r, "client: content"));
    assert_int_equal(r.n_differences, 2);
    replay_stop(&r);
}

/* ---- resumption ---- */

/* RFC 9846 4.3.11: the binder covers the ClientHello up to itself, so that no bit of either can change. What makes it
   unreadable, or names no ticket that is known, does not come so far. */
static void hello_of_who_comes_back(void **state)
{
    static const size_t places[] = {
        6,   37,      /* random */
        476,          /* the last byte of obfuscated_ticket_age */
        473,          /* … its first */
        480, 495, 511 /* the binder */
    };

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const replay_options o = { .trace = "resumed-0rtt",
                                   .flip_body = "ClientHello",
                                   .flip_at = places[i] };
        run(&o);
        assert_refused(HF_SERVER, HF_E_PSK_BINDER_WRONG, HF_ALERT_decrypt_error);
        assert_int_equal(r.claimed, 0); /* the binder comes before everything else */
        assert_int_equal(replay_differs(&r, "client: psk_binder"), places[i] < 477);
        assert_false(replay_differs(&r, "client: early_secret")); /* no transcript in it */
        assert_true(replay_differs(&r, "client: secret_c_e_traffic"));
        assert_true(replay_differs(&r, "client: secret_e_exp_master"));
        replay_stop(&r);
    }
}

/* Without a signature nobody but Finished covers EncryptedExtensions: both ends agree on the changed ones, and have other
   secrets from there on. */
static void answers_to_who_comes_back(void **state)
{
    const replay_options o = { .trace = "resumed-0rtt",
                               .flip_body = "EncryptedExtensions",
                               .flip_at = 29 }; /* the last named group */

    (void)state;
    run(&o);
    assert_true(r.end[HF_CLIENT].connected && r.end[HF_SERVER].connected);
    assert_false(replay_differs(&r, "server: secret_c_hs_traffic"));
    assert_false(replay_differs(&r, "client: secret_s_hs_traffic"));
    assert_false(replay_differs(&r, "client: record 5")); /* under the early keys still */
    assert_true(replay_differs(&r, "server: record 4"));
    assert_true(replay_differs(&r, "client: record 6"));
    assert_true(replay_differs(&r, "server: transcript_hash_for_server_Finished"));
    assert_true(replay_differs(&r, "server: secret_c_ap_traffic"));
    assert_true(replay_differs(&r, "client: secret_s_ap_traffic"));
    assert_true(replay_differs(&r, "client: secret_exp_master"));
    replay_stop(&r);
}

/* Whoever holds another key makes another binder, and other early keys. */
static void another_psk(void **state)
{
    (void)state;
    run(&(replay_options){ .trace = "resumed-0rtt", .flip_psk = { true, false } });
    for (int role = 0; role < 2; role++) { /* the binder was given, else it would not come so far */
        assert_false(r.end[role].connected);
        assert_int_equal(hf_conn_failure(r.end[role].conn)->code, HF_E_RECORD_MAC);
    }
    assert_true(replay_differs(&r, "client: psk_binder"));
    assert_true(replay_differs(&r, "client: early_secret"));
    assert_true(replay_differs(&r, "client: binder_key"));
    assert_true(replay_differs(&r, "client: record 2"));
    assert_false(replay_differs(&r, "server: early_secret"));
    replay_stop(&r);
    run(&(replay_options){ .trace = "resumed-0rtt", .flip_psk = { false, true } });
    assert_refused(HF_SERVER, HF_E_PSK_BINDER_WRONG, HF_ALERT_decrypt_error);
    assert_int_equal(r.claimed, 0);
    replay_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finished_on_the_wire),
        cmocka_unit_test(bodies),
        cmocka_unit_test(cookie),
        cmocka_unit_test(ticket),
        cmocka_unit_test(resumed_on_the_wire),
        cmocka_unit_test(hello_of_who_comes_back),
        cmocka_unit_test(answers_to_who_comes_back),
        cmocka_unit_test(another_psk),
    };

    return cmocka_run_group_tests_name("rfc8448_flipped", tests, NULL, NULL);
}
