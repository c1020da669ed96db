/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Events that the application answers, at once or later: VERIFY (a chain is judged outside) and
 * CLIENT_HELLO (another config goes on). Nothing is connected, and nothing said, before the answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow12.h"

/* Every test runs in both versions. */
static uint16_t version;

static void begin(pair *p, const pair_options *options)
{
    hf_policy spoken = policy_of_version("default", version);
    pair_options o = options ? *options : (pair_options){ 0 };

    for (int role = 0; role < 2; role++)
        if (!o.policy[role])
            o.policy[role] = &spoken; /* copied by the config */
    pair_start(p, &o);
}

/* ---- VERIFY ---- */

static void external_verify(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, true), HF_OK);
}

/* The client has everything and waits for the verdict; pair_carry would not come back from it. */
static void run_to_verify(pair *p)
{
    pair_events(p, HF_CLIENT);
    assert_true(pair_carry(p, HF_CLIENT));
    hf_conn *client = p->end[HF_CLIENT].conn;
    hf_span out = hf_conn_wire_out(p->end[HF_SERVER].conn);
    uint8_t *copy = malloc(out.len);
    assert_non_null(copy);
    memcpy(copy, out.data, out.len);
    size_t len = out.len;
    hf_conn_wire_sent(p->end[HF_SERVER].conn, len);
    assert_int_equal(hf_conn_wire_in(client, copy, len), len);
    free(copy);
    pair_events(p, HF_CLIENT);
    assert_true(pair_saw(&p->end[HF_CLIENT], HF_EVENT_VERIFY));
}

static void start_verify(pair *p, bool trusting)
{
    pair_options o = { .configure = external_verify, .no_trust = !trusting };

    begin(p, &o);
    assert_int_equal(hf_conn_verify_done(p->end[HF_CLIENT].conn, HF_OK),
                     HF_E_MISUSE); /* nobody asked yet */
    run_to_verify(p);
}

static void test_verify_accepted(void **state)
{
    const hf_span *chain = NULL;
    pair p;

    (void)state;
    start_verify(&p, false);
    hf_conn *client = p.end[HF_CLIENT].conn;
    assert_int_equal(hf_conn_peer_chain(client, &chain), 2);
    for (size_t i = 0; i < 2; i++) {
        hf_span sent = shared_pki(HF_KEY_P256)->chain[i];
        assert_int_equal(chain[i].len, sent.len);
        assert_memory_equal(chain[i].data, sent.data, sent.len);
    }
    assert_false(p.end[HF_CLIENT].connected);
    assert_int_equal(hf_conn_wire_out(client).len, 0); /* not a word before the verdict */
    assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ "x", 1 }, 1), 0);
    assert_int_equal(hf_conn_verify_done(client, HF_OK), HF_OK);
    assert_int_equal(hf_conn_verify_done(client, HF_OK), HF_E_MISUSE); /* once */
    pair_connect(&p);
    assert_true(hf_conn_info_of(client)->peer_verified);
    assert_int_equal(hf_conn_peer_chain(client, &chain), 2); /* still good */
    pair_free(&p);
}

/* Each row of the table about certificates, with its own alert. */
static void test_verify_refused_with_each_row(void **state)
{
    unsigned cases = 0;

    (void)state;
    for (int code = HF_OK + 1; code < HF_ERROR_COUNT; code++) {
        pair p;
        if (strncmp(hf_error_row_of((hf_error)code)->name, "CERT_", 5) != 0)
            continue;
        start_verify(&p, true);
        assert_int_equal(hf_conn_verify_done(p.end[HF_CLIENT].conn, (hf_error)code), HF_OK);
        pair_run(&p);
        const hf_failure *ours = hf_conn_failure(p.end[HF_CLIENT].conn),
                         *theirs = hf_conn_failure(p.end[HF_SERVER].conn);
        assert_non_null(ours);
        assert_int_equal(ours->code, code);
        assert_int_equal(ours->alert, hf_error_row_of((hf_error)code)->alert);
        assert_int_equal(ours->alert_direction, HF_ALERT_SENT);
        assert_non_null(theirs);
        assert_int_equal(theirs->code, HF_E_ALERT_RECEIVED);
        assert_int_equal(theirs->alert, ours->alert);
        assert_false(p.end[HF_CLIENT].connected || p.end[HF_SERVER].connected);
        assert_false(hf_conn_info_of(p.end[HF_CLIENT].conn)->peer_verified);
        assert_int_equal(hf_conn_verify_done(p.end[HF_CLIENT].conn, HF_OK),
                         HF_E_MISUSE); /* no second thoughts */
        assert_false(p.end[HF_CLIENT].connected);
        pair_free(&p);
        cases++;
    }
    printf("%u rows\n", cases);
    assert_true(cases >= 15);
}

/* The application's yes is no signature: a bad CertificateVerify or ServerKeyExchange still fails. */
static void test_verify_accepted_but_the_signature_is_wrong(void **state)
{
    hf_policy policy = flow12_policy(false);
    pair_options o = { .configure = external_verify };
    hostile_bytes body = { 0 };
    hostile h;

    (void)state;
    if (version == HF_TLS12)
        o.policy[HF_CLIENT] = o.policy[HF_SERVER] = &policy;
    flow12_hostile_with(&h, HF_CLIENT, &o);
    hostile_until(&h, version == HF_TLS12 ? HF_MSG_ServerKeyExchange : HF_MSG_CertificateVerify, 0);
    hb_set(&body, hostile_due_body(&h));
    body.data[body.len - 1] ^= 1;
    hostile_instead(&h, hb_span(&body));
    hb_free(&body);
    hostile_rest(&h);
    assert_true(pair_saw(hostile_end(&h), HF_EVENT_VERIFY));
    (void)hf_conn_verify_done(hostile_conn(&h), HF_OK);
    hostile_pump(&h);
    assert_int_equal(hostile_alert(&h), HF_ALERT_decrypt_error);
    hostile_assert_dead(&h, 0);
    hostile_free(&h);
}

/* Freed while the verdict is awaited. */
static void test_verify_never_answered(void **state)
{
    pair p;

    (void)state;
    start_verify(&p, true);
    assert_false(p.end[HF_CLIENT].connected);
    pair_free(&p);
}

/* ---- CLIENT_HELLO ---- */

static void pausing(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_PAUSE_AT_CLIENT_HELLO, true), HF_OK);
}

static hf_config *server_config(hf_key_type type, const char *alpn, bool retry)
{
    hf_config *config = hf_config_new(HF_SERVER, hf_policy_named("default"));
    hf_identity *id = pki_identity(shared_pki(type));
    hf_hooks hooks = { .wall_time = test_wall_time };

    assert_int_equal(hf_config_set_hooks(config, &hooks), HF_OK);
    assert_int_equal(hf_config_add_identity(config, id), HF_OK);
    hf_identity_free(id);
    if (alpn)
        assert_int_equal(hf_config_set_alpn(config, &alpn, 1), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_ALWAYS_RETRY, retry), HF_OK);
    assert_int_equal(hf_config_seal(config), HF_OK);
    return config;
}

/* Delivers the ClientHello by hand: a paused connection takes nothing more. */
static void to_pause(pair *p)
{
    hf_conn *server = p->end[HF_SERVER].conn;

    pair_events(p, HF_CLIENT);
    hf_span out = hf_conn_wire_out(p->end[HF_CLIENT].conn);
    uint8_t *copy = malloc(out.len);
    size_t len = out.len;
    assert_non_null(copy);
    memcpy(copy, out.data, len);
    hf_conn_wire_sent(p->end[HF_CLIENT].conn, len);
    assert_null(hf_conn_hello(server));
    assert_int_equal(hf_conn_wire_in(server, copy, len), len);
    free(copy);
    pair_events(p, HF_SERVER);
    assert_true(pair_saw(&p->end[HF_SERVER], HF_EVENT_CLIENT_HELLO));
    assert_int_equal(p->end[HF_SERVER].n_log, 1);
    assert_int_equal(hf_conn_wire_out(server).len, 0);
}

static bool span_holds(hf_span list, const char *text)
{
    size_t n = strlen(text);

    for (size_t i = 0; i + n <= list.len; i++)
        if (memcmp(list.data + i, text, n) == 0)
            return true;
    return false;
}

static void test_hello_is_shown(void **state)
{
    pair_options o = { .configure = pausing, .alpn = { { "h2", "http/1.1" } } };
    pair p;

    (void)state;
    begin(&p, &o);
    to_pause(&p);
    const hf_hello *hello = hf_conn_hello(p.end[HF_SERVER].conn);
    assert_non_null(hello);
    assert_int_equal(hello->server_name.len, 9);
    assert_memory_equal(hello->server_name.data, "localhost", 9);
    bool v13 = version == HF_TLS13;
    assert_true(span_holds(hello->cipher_suites, v13 ? "\x13\1" : "\xc0\x2b"));
    assert_true(span_holds(hello->groups, v13 ? "\x11\xec" : "\x1d"));
    assert_true(span_holds(hello->schemes, "\4\3"));
    assert_int_equal(hello->versions.len > 0 && span_holds(hello->versions, "\3\4"), v13);
    assert_true(span_holds(hello->alpn, "\2h2") && span_holds(hello->alpn, "\10http/1.1"));
    assert_int_equal(hello->message.data[0], 1);
    assert_int_equal(hf_conn_switch_config(p.end[HF_SERVER].conn, NULL),
                     HF_OK); /* go on as you are */
    assert_int_equal(hf_conn_switch_config(p.end[HF_SERVER].conn, NULL), HF_E_MISUSE);
    pair_connect(&p);
    pair_free(&p);
}

static void trust_all(hf_config *config, hf_role role, void *user)
{
    pausing(config, role, user);
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set(config, HF_SET_INSECURE, true), HF_OK);
}

/* To another identity and protocol, and to one that retries; after a while, with the switch's config given back at once. */
static void test_switch_to_another_config(void **state)
{
    (void)state;
    for (int retry = 0; retry < 2; retry++)
        for (int later = 0; later < 2; later++) {
            pair_options o = { .configure = trust_all, .alpn = { { "h2", "http/1.1" }, { "h2" } } };
            pair p;
            begin(&p, &o);
            to_pause(&p);
            hf_conn *server = p.end[HF_SERVER].conn;
            for (int i = 0; later && i < 5; i++) { /* time goes by */
                pair_events(&p, HF_SERVER);
                hf_conn_tick(server);
                assert_int_equal(hf_conn_wire_out(server).len, 0);
            }
            hf_config *other = server_config(HF_KEY_ED25519, "http/1.1", retry);
            assert_int_equal(hf_conn_switch_config(server, other), HF_OK);
            hf_config_free(other); /* the connection has its own reference */
            pair_connect(&p);
            const hf_conn_info *info = hf_conn_info_of(p.end[HF_CLIENT].conn);
            assert_string_equal(info->alpn, "http/1.1");
            assert_string_equal(hf_code_name(HF_SCHEMES, info->signature_scheme), "ed25519");
            assert_int_equal(info->retried, retry && version == HF_TLS13);
            pair_send(&p, HF_CLIENT, "hello", 5);
            assert_int_equal(p.end[HF_SERVER].n_data, 5);
            pair_free(&p);
        }
}

static void test_switch_to_a_config_that_does_not_fit(void **state)
{
    pair_options o = { .configure = trust_all, .alpn = { { "h2" } } };
    pair p;

    (void)state;
    begin(&p, &o);
    to_pause(&p);
    hf_config *other = server_config(HF_KEY_P256, "smtp", false);
    assert_int_equal(hf_conn_switch_config(p.end[HF_SERVER].conn, other), HF_OK);
    hf_config_free(other);
    pair_run(&p);
    assert_int_equal(hf_conn_failure(p.end[HF_SERVER].conn)->code, HF_E_NO_COMMON_ALPN);
    assert_int_equal(hf_conn_failure(p.end[HF_CLIENT].conn)->alert,
                     HF_ALERT_no_application_protocol);
    pair_free(&p);
}

static void test_switch_misused(void **state)
{
    pair_options o = { .configure = pausing };
    pair p;

    (void)state;
    begin(&p, &o);
    hf_conn *server = p.end[HF_SERVER].conn, *client = p.end[HF_CLIENT].conn;
    assert_int_equal(hf_conn_switch_config(server, NULL), HF_E_MISUSE); /* no hello yet */
    assert_int_equal(hf_conn_switch_config(client, NULL), HF_E_MISUSE);
    to_pause(&p);
    hf_config *unsealed = hf_config_new(HF_SERVER, hf_policy_named("default"));
    assert_int_equal(hf_conn_switch_config(server, unsealed), HF_E_MISUSE);
    hf_config_free(unsealed);
    assert_int_equal(hf_conn_switch_config(server, p.config[HF_CLIENT]), HF_E_MISUSE);
    assert_int_equal(hf_conn_switch_config(server, NULL), HF_OK);
    pair_connect(&p);
    assert_int_equal(hf_conn_switch_config(server, NULL), HF_E_MISUSE);
    assert_null(hf_conn_hello(server));
    pair_free(&p);
}

/* Never answered: nothing is said; it may be freed or aborted. */
static void test_hello_never_answered(void **state)
{
    (void)state;
    for (int abort = 0; abort < 2; abort++) {
        pair_options o = { .configure = pausing };
        pair p;
        begin(&p, &o);
        to_pause(&p);
        if (abort) {
            hf_conn_abort(p.end[HF_SERVER].conn, HF_ALERT_unrecognized_name);
            pair_run(&p);
            assert_int_equal(hf_conn_failure(p.end[HF_CLIENT].conn)->alert,
                             HF_ALERT_unrecognized_name);
            assert_int_equal(hf_conn_switch_config(p.end[HF_SERVER].conn, NULL), HF_E_MISUSE);
        }
        pair_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_accepted),
        cmocka_unit_test(test_verify_refused_with_each_row),
        cmocka_unit_test(test_verify_accepted_but_the_signature_is_wrong),
        cmocka_unit_test(test_verify_never_answered),
        cmocka_unit_test(test_hello_is_shown),
        cmocka_unit_test(test_switch_to_another_config),
        cmocka_unit_test(test_switch_to_a_config_that_does_not_fit),
        cmocka_unit_test(test_switch_misused),
        cmocka_unit_test(test_hello_never_answered),
    };

    version = HF_TLS13;
    int failed = cmocka_run_group_tests_name("flow_answers, TLS 1.3", tests, NULL, NULL);
    version = HF_TLS12;
    return failed + cmocka_run_group_tests_name("flow_answers, TLS 1.2", tests, NULL, NULL);
}
