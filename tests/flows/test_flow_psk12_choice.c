/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * When a server of TLS 1.2 chooses a suite of pre-shared keys, and what it says when it cannot: beside
 * certificates, without them, and with what such a suite does not need.
 */
#include "flows/psk12_scene.h"

/* ---- signature_algorithms ---- */

/* RFC 5246 7.4.1.4.1: the extension is about signatures, of which there are none. */
static bool no_schemes(void *user, hf_msg msg, hf_span *body)
{
    hostile_bytes *b = user;

    if (msg != HF_MSG_ClientHello)
        return false;
    hb_set(b, *body);
    hb_extension_remove(b, msg, 13);
    *body = hb_span(b);
    return true;
}

static void override_client(hf_config *config, hf_role role, void *user)
{
    if (role == HF_CLIENT)
        config->override = (hf_override){ no_schemes, user };
}

static void without_schemes(pair *p, psk_scene *s, hostile_bytes *b)
{
    psk_with_certificates(s);
    s->o.configure = override_client;
    s->o.user = b;
    pair_start(p, &s->o);
    pair_run(p);
}

static void test_signature_algorithms_are_not_needed(void **state)
{
    (void)state;
    for (size_t i = 0; i < PSK_SUITES; i++) {
        hostile_bytes b = { 0 };
        psk_scene s;
        pair p;
        psk_open(&s, psk_suites[i], IDENTITY, KEY);
        without_schemes(&p, &s, &b);
        assert_true(p.end[0].connected && p.end[1].connected);
        pair_free(&p);
        psk_close(&s);
        hb_free(&b);
    }
}

/* … but certificates do not go without: SHA-1 would be meant (RFC 9155 2). Nor is it missed where something else is. */
static void test_signature_algorithms_are_needed(void **state)
{
    static const struct {
        uint16_t suite, group;
        hf_key_type key;
        hf_error code;
    } rows[] = {
        { 0xc02b, HF_GROUP_x25519, HF_KEY_P256, HF_E_NO_COMMON_SCHEME },
        { 0x009c, HF_GROUP_x25519, HF_KEY_RSA, HF_E_NO_COMMON_SCHEME },
        { 0xd001, HF_GROUP_secp384r1, HF_KEY_P256, HF_E_NO_COMMON_GROUP },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hostile_bytes b = { 0 };
        psk_scene s;
        pair p;
        psk_open(&s, rows[i].suite, IDENTITY, KEY);
        s.o.pki = shared_pki(rows[i].key);
        memset(s.policy[HF_SERVER].groups, 0, sizeof s.policy[HF_SERVER].groups);
        memset(s.policy[HF_SERVER].key_shares, 0, sizeof s.policy[HF_SERVER].key_shares);
        s.policy[HF_SERVER].groups[0] = rows[i].group;
        without_schemes(&p, &s, &b);
        psk_assert_refused(&p, HF_SERVER, rows[i].code, HF_ALERT_handshake_failure);
        pair_free(&p);
        psk_close(&s);
        hb_free(&b);
    }
}

/* ---- who wins ---- */

/* Among suites of both kinds the order decides: the server's own, or the client's. */
static void test_the_order_of_suites_decides(void **state)
{
    static const struct {
        bool server_prefers;
        uint16_t client[3], server[3], chosen;
    } rows[] = {
        { true, { 0xc02b, 0xd001 }, { 0xd001, 0xc02b }, 0xd001 },
        { true, { 0xd001, 0xc02b }, { 0xc02b, 0xd001 }, 0xc02b },
        { false, { 0xc02b, 0xd001 }, { 0xc02b, 0xd001 }, 0xd001 }, /* who has a key says so first */
        { false, { 0xd001, 0xc02b }, { 0xc02b, 0xd001 }, 0xd001 },
        { true, { 0xc02b, 0x00a8 }, { 0xd001, 0x00a8, 0xc02b }, 0x00a8 },
        { true, { 0xc02f, 0xc0a8 }, { 0xc02f, 0xc0a8 }, 0xc0a8 }, /* its key is not RSA */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        psk_scene s;
        pair p;
        psk_open(&s, 0xc02b, IDENTITY, KEY);
        psk_with_certificates(&s);
        memcpy(s.policy[HF_CLIENT].suites, rows[i].client, sizeof rows[i].client);
        memcpy(s.policy[HF_SERVER].suites, rows[i].server, sizeof rows[i].server);
        s.policy[HF_SERVER].server_prefers = rows[i].server_prefers;
        pair_start(&p, &s.o);
        pair_connect(&p);
        bool psk = hf_kx_is_psk(hf_suite_of(rows[i].chosen)->kx);
        for (int role = 0; role < 2; role++) {
            const hf_conn_info *info = psk_info(&p, (hf_role)role);
            assert_int_equal(info->cipher_suite, rows[i].chosen);
            assert_int_equal(info->psk_used, psk);
        }
        assert_int_equal(psk_info(&p, HF_CLIENT)->peer_verified, !psk);
        pair_free(&p);
        psk_close(&s);
    }
}

/* A suite of pre-shared keys that both have is none if the server has no keys, or the client none. */
static void test_no_keys_no_psk_suite(void **state)
{
    (void)state;
    for (int without = 0; without < 2; without++) {
        psk_scene s;
        pair p;
        psk_open(&s, 0, IDENTITY, KEY);
        psk_with_certificates(&s);
        s.o.psks[without] = NULL;
        pair_start(&p, &s.o);
        pair_connect(&p);
        assert_int_equal(psk_info(&p, HF_CLIENT)->cipher_suite, 0xc02b);
        assert_false(psk_info(&p, HF_CLIENT)->psk_used);
        pair_free(&p);
        psk_close(&s);
    }
}

/* What a server that has nothing but keys says to a client that offers it nothing of the kind, and to one whose suites of the
   kind are others. */
static void test_a_server_of_keys_alone(void **state)
{
    static const struct {
        uint16_t client;
        hf_error code;
    } rows[] = { { 0xc02b, HF_E_PSK_REQUIRED }, { 0xccac, HF_E_NO_COMMON_SUITE } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        psk_scene s;
        pair p;
        psk_open(&s, 0xd001, IDENTITY, KEY);
        s.policy[HF_SERVER].suites[1] = 0xc02b;
        s.o.no_trust = false;
        s.policy[HF_CLIENT].suites[0] = rows[i].client;
        pair_start(&p, &s.o);
        pair_run(&p);
        psk_assert_refused(&p, HF_SERVER, rows[i].code, HF_ALERT_handshake_failure);
        pair_free(&p);
        psk_close(&s);
    }
}

/* RFC 5489 2: with ECDHE there must be a group that both have; without it none is needed. */
static void test_groups(void **state)
{
    (void)state;
    for (size_t i = 0; i < PSK_SUITES; i++) {
        psk_scene s;
        pair p;
        psk_open(&s, psk_suites[i], IDENTITY, KEY);
        for (int role = 0; role < 2; role++) {
            memset(s.policy[role].groups, 0, sizeof s.policy[role].groups);
            memset(s.policy[role].key_shares, 0, sizeof s.policy[role].key_shares);
            s.policy[role].groups[0] = role == HF_CLIENT ? HF_GROUP_x25519 : HF_GROUP_secp256r1;
        }
        pair_start(&p, &s.o);
        pair_run(&p);
        if (psk_is_ephemeral(psk_suites[i]))
            psk_assert_refused(&p, HF_SERVER, HF_E_NO_COMMON_GROUP, HF_ALERT_handshake_failure);
        else
            assert_true(p.end[0].connected && p.end[1].connected);
        pair_free(&p);
        psk_close(&s);
    }
}

/* RFC 4279 2: nobody asks for a certificate where a key is used. (A server that insists on one cannot have keys: unit/test_policy_check.) */
static void test_client_certificates(void **state)
{
    (void)state;
    for (size_t i = 0; i < PSK_SUITES; i++) {
        psk_scene s;
        pair p;
        psk_open(&s, psk_suites[i], IDENTITY, KEY);
        psk_with_certificates(&s);
        s.policy[0].suites[1] = s.policy[1].suites[1] = 0xc02b;
        s.o.client_auth = HF_CLIENT_AUTH_REQUEST;
        s.o.client_identity = true;
        pair_start(&p, &s.o);
        pair_connect(&p);
        assert_int_equal(psk_info(&p, HF_CLIENT)->cipher_suite, psk_suites[i]);
        assert_false(psk_info(&p, HF_CLIENT)->certificate_requested);
        assert_false(psk_info(&p, HF_SERVER)->peer_verified);
        pair_free(&p);
        psk_close(&s);
    }
}

/* ---- what a client says ---- */

static hostile_bytes hello;

static void keep_hello(void *user, const hf_trace_event *event)
{
    (void)user;
    if (event->kind == HF_TRACE_MESSAGE && strcmp(event->name, "ClientHello") == 0)
        hb_set(&hello, event->bytes);
}

/* Its cipher_suites without GREASE, which stands first. */
static size_t suites_said(uint16_t out[HF_POLICY_LIST])
{
    enum { SESSION_ID = 4 + 2 + 32 }; /* header, legacy_version, random */
    const uint8_t *at = hello.data + SESSION_ID + 1 + hello.data[SESSION_ID];
    size_t len = (size_t)at[0] << 8 | at[1], n = 0;

    for (size_t i = 2; i < 2 + len; i += 2)
        if ((at[i] & 15) != 10 || at[i] != at[i + 1])
            out[n++] = (uint16_t)(at[i] << 8 | at[i + 1]);
    return n;
}

/* Of several policies and versions: who has a key says first the suites of TLS 1.2 that use it, for servers that go by the client's
   order; both groups are in the policy's order. Who has none does not say them at all. */
static void test_a_client_names_its_psk_suites_first(void **state)
{
    static const hf_trace_sink sink = { keep_hello, NULL };
    static const char *const policies[] = { "default", "iot" };

    (void)state;
    for (size_t i = 0; i < COUNT(policies) * 4; i++) {
        hf_policy policy = *hf_policy_named(policies[i / 4]);
        bool has_key = i & 1;
        uint16_t said[HF_POLICY_LIST], due[HF_POLICY_LIST];
        size_t n = 0;
        psk_scene s;
        pair p;
        if (i & 2)
            policy = policy_of_version(policies[i / 4], HF_TLS12);
        psk_open(&s, 0, IDENTITY, KEY);
        psk_with_certificates(&s);
        s.o.policy[HF_CLIENT] = &policy;
        s.o.trace[HF_CLIENT] = &sink;
        if (!has_key)
            s.o.psks[HF_CLIENT] = NULL;
        for (int psk = has_key; psk >= 0; psk--)
            for (size_t j = 0; j < HF_POLICY_LIST && policy.suites[j]; j++) {
                const hf_suite *suite = hf_suite_of(policy.suites[j]);
                if (suite->version <= policy.max_version && suite->version >= policy.min_version &&
                    hf_kx_is_psk(suite->kx) == psk)
                    due[n++] = policy.suites[j];
            }
        pair_start(&p, &s.o);
        pair_connect(&p);
        assert_int_equal(suites_said(said), n);
        assert_memory_equal(said, due, n * sizeof *due);
        assert_int_equal(hf_kx_is_psk(hf_suite_of(said[0])->kx), has_key);
        assert_int_equal(psk_info(&p, HF_SERVER)->psk_used, has_key);
        pair_free(&p);
        psk_close(&s);
    }
    hb_free(&hello);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signature_algorithms_are_not_needed),
        cmocka_unit_test(test_signature_algorithms_are_needed),
        cmocka_unit_test(test_the_order_of_suites_decides),
        cmocka_unit_test(test_no_keys_no_psk_suite),
        cmocka_unit_test(test_a_server_of_keys_alone),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_client_certificates),
        cmocka_unit_test(test_a_client_names_its_psk_suites_first),
    };

    return cmocka_run_group_tests_name("flow_psk12_choice", tests, NULL, NULL);
}
