/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * TLS 1.2 with keys shared beforehand (RFC 4279, RFC 5489): every suite from end to end, what is on the
 * wire and what is not, hints, and what such a handshake leaves. Whether it comes to one at all is
 * test_flow_psk12_choice.c, what a server does with the name of a key test_flow_psk12_lookup.c.
 */
#include "flows/psk12_scene.h"

static void talk(pair *p)
{
    pair_send(p, HF_CLIENT, "measured", 8);
    pair_send(p, HF_SERVER, "thanks", 6);
    assert_int_equal(p->end[HF_SERVER].n_data, 8);
    assert_memory_equal(p->end[HF_SERVER].data, "measured", 8);
    assert_int_equal(p->end[HF_CLIENT].n_data, 6);
    assert_memory_equal(p->end[HF_CLIENT].data, "thanks", 6);
}

/* RFC 5705 4: both ends get the same bytes, which go by the master secret, and it by the key. */
static void export_same(const pair *p)
{
    uint8_t out[2][32];

    for (int role = 0; role < 2; role++)
        assert_int_equal(hf_conn_export(p->end[role].conn, "EXPORTER-psk", hf_span_str("x"),
                                        out[role], sizeof out[role]),
                         HF_OK);
    assert_memory_equal(out[0], out[1], sizeof out[0]);
}

/* ---- every suite ---- */

static void assert_info(const hf_conn_info *info, uint16_t suite)
{
    bool ephemeral = psk_is_ephemeral(suite);

    assert_int_equal(info->version, HF_TLS12);
    assert_int_equal(info->cipher_suite, suite);
    assert_int_equal(info->forward_secrecy, ephemeral);
    assert_int_equal(info->group, ephemeral ? HF_GROUP_x25519 : 0);
    assert_int_equal(info->signature_scheme, 0);
    assert_true(info->psk_used);
    assert_true(hf_span_equal(info->psk_identity, hf_span_str(IDENTITY)));
    assert_true(info->extended_main_secret);
    assert_false(info->resumed || info->peer_verified || info->certificate_requested);
    assert_int_equal(info->round_trips, 2);
}

/* RFC 4279 2, RFC 5489 2: no certificate, no signature; a ServerKeyExchange where there is a share in it. */
static void assert_messages(const psk_wire *w, uint16_t suite)
{
    assert_string_equal(w->said[HF_SERVER], psk_is_ephemeral(suite)
                                                ? " ServerHello ServerKeyExchange ServerHelloDone"
                                                : " ServerHello ServerHelloDone");
    assert_string_equal(w->said[HF_CLIENT], " ClientHello ClientKeyExchange");
}

static void connect_with(uint16_t suite, bool certificates, size_t chunk)
{
    psk_scene s;
    psk_wire w = { .n = 0 };
    pair p;

    psk_open(&s, suite, IDENTITY, KEY);
    if (certificates)
        psk_with_certificates(&s);
    s.o.chunk = chunk;
    pair_start(&p, &s.o);
    p.user = &w;
    p.tamper = chunk ? NULL : psk_listen;
    pair_connect(&p);
    for (int role = 0; role < 2; role++)
        assert_info(psk_info(&p, (hf_role)role), suite);
    if (!chunk)
        assert_messages(&w, suite);
    export_same(&p);
    talk(&p);
    pair_free(&p);
    psk_close(&s);
}

static void test_every_suite(void **state)
{
    (void)state;
    for (size_t i = 0; i < PSK_SUITES; i++)
        for (int certificates = 0; certificates < 2; certificates++)
            for (size_t chunk = 0; chunk < 3; chunk++)
                connect_with(psk_suites[i], certificates, chunk);
}

/* The shortest and the longest key; the longest name. */
static void test_lengths_of_keys_and_names(void **state)
{
    static const size_t keys[] = { HF_PSK_KEY_MIN, HF_PSK_KEY_MAX }, names[] = { 1, 128 };
    uint8_t bytes[128];

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    for (size_t i = 0; i < PSK_SUITES * 4; i++) {
        hf_span key = hf_span_of(bytes, keys[i % 2]), name = hf_span_of(bytes, names[i / 2 % 2]);
        psk_scene s;
        pair p;
        psk_open(&s, psk_suites[i / 4], "not this one", OTHER_KEY);
        for (int role = 0; role < 2; role++)
            assert_int_equal(hf_psks_add(s.psks[role], name, key), HF_OK);
        s.o.psk_identity = name;
        pair_start(&p, &s.o);
        pair_connect(&p);
        assert_true(hf_span_equal(psk_info(&p, HF_SERVER)->psk_identity, name));
        pair_free(&p);
        psk_close(&s);
    }
}

/* ---- hints ---- */

static uint8_t hint_body[2 + 129 + 4 + 65];

/* A server's ServerKeyExchange begins with a hint of that length. */
static bool with_hint(void *user, hf_msg msg, hf_span *body)
{
    size_t len = *(const size_t *)user, rest = body->len - 2;

    if (msg != HF_MSG_ServerKeyExchange)
        return false;
    assert_true(body->data[0] == 0 && body->data[1] == 0); /* ours is empty (RFC 4279 5.2) */
    assert_true(2 + len + rest <= sizeof hint_body);
    memset(hint_body, 'h', sizeof hint_body);
    hint_body[0] = 0;
    hint_body[1] = (uint8_t)len;
    memcpy(hint_body + 2 + len, body->data + 2, rest);
    *body = hf_span_of(hint_body, 2 + len + rest);
    return true;
}

static void override_server(hf_config *config, hf_role role, void *user)
{
    if (role == HF_SERVER)
        config->override = (hf_override){ with_hint, user };
}

/* RFC 4279 5.2: a hint is not followed, but up to 128 bytes of it are taken; with a plain PSK the message is the server's
   choice. */
static void test_hints(void **state)
{
    static size_t lengths[] = { 0, 1, 128, 129 };

    (void)state;
    for (size_t i = 0; i < PSK_SUITES * COUNT(lengths); i++) {
        uint16_t suite = psk_suites[i / COUNT(lengths)];
        size_t len = lengths[i % COUNT(lengths)];
        psk_scene s;
        pair p;
        psk_open(&s, suite, IDENTITY, KEY);
        s.o.configure = override_server;
        s.o.user = &lengths[i % COUNT(lengths)];
        pair_start(&p, &s.o);
        if (!psk_is_ephemeral(suite))
            p.end[HF_SERVER].conn->engine.script.intent |= HF_F_PSK_HINT;
        pair_run(&p);
        if (len > 128) {
            psk_assert_refused(&p, HF_CLIENT, HF_E_PSK_HINT_TOO_LONG, HF_ALERT_illegal_parameter);
            assert_string_equal(psk_failure(&p, HF_CLIENT)->field,
                                "ServerKeyExchange.psk_identity_hint");
            assert_int_equal(psk_failure(&p, HF_CLIENT)->offset, 6);
        } else {
            assert_true(p.end[0].connected && p.end[1].connected);
            assert_true(
                hf_span_equal(psk_info(&p, HF_SERVER)->psk_identity, hf_span_str(IDENTITY)));
        }
        assert_int_equal(hint_body[1], len); /* it was sent */
        pair_free(&p);
        psk_close(&s);
    }
}

/* The server's share is blamed where it lies, behind the hint. */
static bool with_bad_point(void *user, hf_msg msg, hf_span *body)
{
    static uint8_t bad[2 + 4 + 3 + 1 + 32] = { 0, 4, 'h', 'i', 'n', 't', 3, 0, 0x1d, 32 };

    (void)user;
    if (msg != HF_MSG_ServerKeyExchange)
        return false;
    *body = hf_span_of(bad, sizeof bad); /* the point 0 (RFC 8422 5.11) */
    return true;
}

static void override_point(hf_config *config, hf_role role, void *user)
{
    if (role == HF_SERVER)
        config->override = (hf_override){ with_bad_point, user };
}

static void test_the_place_of_a_bad_share(void **state)
{
    psk_scene s;
    pair p;

    (void)state;
    psk_open(&s, 0xccac, IDENTITY, KEY);
    s.o.configure = override_point;
    pair_start(&p, &s.o);
    pair_run(&p);
    psk_assert_refused(&p, HF_CLIENT, HF_E_KEY_SHARE_ZERO, HF_ALERT_illegal_parameter);
    assert_string_equal(psk_failure(&p, HF_CLIENT)->field, "ServerKeyExchange.point");
    assert_int_equal(psk_failure(&p, HF_CLIENT)->offset, 4 + 2 + 4 + 3 + 1);
    pair_free(&p);
    psk_close(&s);
}

/* ---- what has no place beside a key ---- */

static void promise_status(hostile *h, hf_msg msg, hostile_bytes *body)
{
    (void)h;
    if (msg == HF_MSG_ServerHello)
        hb_extension_put(body, msg, 5, hf_span_of(NULL, 0));
}

/* RFC 6066 8: a status is about a certificate. Whatever ServerHello says, none comes where there is none. */
static void test_no_certificate_no_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < PSK_SUITES * 2; i++) {
        psk_scene s;
        hostile h;
        psk_open(&s, psk_suites[i / 2], IDENTITY, KEY);
        hostile_start_with(&h, HF_CLIENT, &s.o, promise_status);
        if (i % 2 == 0) {
            hostile_until(&h, HF_MSG_ServerHelloDone, 0);
            assert_null(hostile_failure(&h));
        } else {
            hostile_next(&h);
            hostile_send(&h, HF_MSG_CertificateStatus,
                         hf_span_of((const uint8_t *)"\1\0\0\1\x30", 5));
            assert_int_equal(hostile_alert(&h), HF_ALERT_unexpected_message);
            hostile_assert_dead(&h, 0);
        }
        hostile_free(&h);
        psk_close(&s);
    }
}

/* A client that has no key did not offer such a suite (RFC 5246 7.4.1.3). */
static uint16_t taken;

static void take_that(hostile *h, hf_msg msg, hostile_bytes *body)
{
    enum { SUITE_AT = 2 + 32 + 1 }; /* behind an empty session id */

    (void)h;
    if (msg != HF_MSG_ServerHello)
        return;
    assert_int_equal(body->data[SUITE_AT - 1], 0);
    body->data[SUITE_AT] = (uint8_t)(taken >> 8);
    body->data[SUITE_AT + 1] = (uint8_t)taken;
}

static void test_a_suite_for_which_there_is_no_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < PSK_SUITES; i++) {
        psk_scene s;
        hostile h;
        psk_open(&s, 0, IDENTITY, KEY);
        psk_with_certificates(&s);
        s.o.psks[HF_CLIENT] = NULL;
        taken = psk_suites[i];
        hostile_start_with(&h, HF_CLIENT, &s.o, take_that);
        hostile_next(&h);
        assert_int_equal(hostile_alert(&h), HF_ALERT_illegal_parameter);
        assert_int_equal(hostile_failure(&h)->code, HF_E_SUITE_NOT_OFFERED);
        hostile_free(&h);
        psk_close(&s);
    }
}

/* ---- what it leaves ---- */

/* No ticket, no entry in a cache, nothing at the client: whoever has the key gains nothing by resuming. */
static void test_no_session_is_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < PSK_SUITES * 2; i++) {
        hf_sessions *sessions = hf_sessions_new(&(hf_sessions_options){
            .tickets = i % 2 == 0, .entries = i % 2 == 0 ? 0 : 16, .lifetime = 3600 });
        psk_wire w = { .n = 0 };
        psk_scene s;
        pair p;
        psk_open(&s, psk_suites[i / 2], IDENTITY, KEY);
        psk_with_certificates(&s);
        s.o.sessions = sessions;
        s.o.want_session = true;
        pair_start(&p, &s.o);
        p.user = &w;
        p.tamper = psk_listen;
        pair_connect(&p);
        assert_messages(&w, psk_suites[i / 2]); /* a ticket would come before ChangeCipherSpec */
        assert_int_equal(p.end[HF_SERVER].conn->engine.session_id_len, 0);
        assert_int_equal(p.end[HF_CLIENT].conn->engine.session_id_len, 0);
        assert_int_equal(hf_conn_session(p.end[HF_CLIENT].conn).len, 0);
        assert_false(pair_saw(&p.end[HF_CLIENT], HF_EVENT_SESSION));
        pair_free(&p);
        psk_close(&s);
        hf_sessions_free(sessions);
    }
}

/* … while a session of certificates is kept and resumed beside it. */
static void test_sessions_of_certificates_go_on(void **state)
{
    hf_sessions *sessions =
        hf_sessions_new(&(hf_sessions_options){ .tickets = true, .lifetime = 3600 });
    hostile_bytes session = { 0 };

    (void)state;
    for (int visit = 0; visit < 2; visit++) {
        psk_scene s;
        pair p;
        psk_open(&s, 0xc02b, IDENTITY, KEY);
        psk_with_certificates(&s);
        s.o.sessions = sessions;
        s.o.want_session = true;
        s.o.session = hb_span(&session);
        pair_start(&p, &s.o);
        pair_connect(&p);
        assert_int_equal(psk_info(&p, HF_SERVER)->resumed, visit == 1);
        if (visit == 0)
            hb_set(&session, hf_conn_session(p.end[HF_CLIENT].conn));
        pair_free(&p);
        psk_close(&s);
    }
    hb_free(&session);
    hf_sessions_free(sessions);
}

/* ---- Selfie ---- */

/* RFC 9257 4.1: with one set in both roles an end could be made to talk to itself. */
static void test_a_set_has_one_role(void **state)
{
    hf_psks *set = psk_set(IDENTITY, KEY);

    (void)state;
    for (int first = 0; first < 2; first++) {
        hf_psks *own = psk_set(IDENTITY, KEY);
        hf_config *config[2];
        for (int role = 0; role < 2; role++)
            config[role] = hf_config_new((hf_role)role, hf_policy_named("iot"));
        assert_int_equal(hf_config_set_psks(config[first], own), HF_OK);
        assert_int_equal(hf_config_set_psks(config[!first], own), HF_E_PSK_ROLE);
        assert_int_equal(hf_config_set_psks(config[!first], set),
                         first == 0 ? HF_OK : HF_E_PSK_ROLE);
        for (int role = 0; role < 2; role++)
            hf_config_free(config[role]);
        hf_psks_free(own);
    }
    hf_psks_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_suite),
        cmocka_unit_test(test_lengths_of_keys_and_names),
        cmocka_unit_test(test_hints),
        cmocka_unit_test(test_the_place_of_a_bad_share),
        cmocka_unit_test(test_no_certificate_no_status),
        cmocka_unit_test(test_a_suite_for_which_there_is_no_key),
        cmocka_unit_test(test_no_session_is_kept),
        cmocka_unit_test(test_sessions_of_certificates_go_on),
        cmocka_unit_test(test_a_set_has_one_role),
    };

    return cmocka_run_group_tests_name("flow_psk12", tests, NULL, NULL);
}
