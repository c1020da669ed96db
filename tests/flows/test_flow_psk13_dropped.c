/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Keys that were offered or chosen before a HelloRetryRequest and are not there after it (RFC 9846 4.2.2,
 * 4.3.11): what the second ClientHello still says, and what both ends tell of it.
 */
#include "support/psk_scene.h"

enum { AES_128 = 0x1301, AES_256 = 0x1302, MODES = 45, PRE_SHARED_KEY = 41 };

static hf_policy wide, strong;
static hostile_bytes hello[2];
static size_t n_hellos;

static void keep_hello(void *user, const hf_trace_event *event)
{
    (void)user;
    if (event->kind == HF_TRACE_MESSAGE && strcmp(event->name, "ClientHello") == 0 && n_hellos < 2)
        hb_set(&hello[n_hellos++], hf_span_of(event->bytes.data + HF_HANDSHAKE_HEADER,
                                              event->bytes.len - HF_HANDSHAKE_HEADER));
}

static const hf_trace_sink ear = { keep_hello, NULL };

static bool says(int which, uint16_t extension)
{
    size_t at, len;

    return hb_extension(&hello[which], HF_MSG_ClientHello, extension, &at, &len);
}

static void forget_hellos(void)
{
    for (int i = 0; i < 2; i++)
        hb_free(&hello[i]);
    n_hellos = 0;
}

static hf_policy with_suites(const hf_policy *of, uint16_t first, uint16_t second)
{
    hf_policy p = *of;

    memset(p.suites, 0, sizeof p.suites);
    p.suites[0] = first;
    p.suites[1] = second;
    return p;
}

/* The client has a key, for SHA-256; the server has none, a certificate, only a suite of SHA-384, and wants another group. */
static pair_options another_hash_after_a_retry(void)
{
    pair_options o = keys_and_certificates();

    add(HF_CLIENT, "device1", KEY);
    wide = with_suites(hostile_policy(), AES_128, AES_256);
    strong = with_suites(hostile_retry_policy(), AES_256, 0);
    o.policy[HF_CLIENT] = &wide;
    o.policy[HF_SERVER] = &strong;
    o.psks[HF_SERVER] = NULL;
    o.trace[HF_CLIENT] = &ear;
    forget_hellos();
    return o;
}

/* RFC 9846 4.2.2: keys of another hash than the chosen suite's are left out of the second ClientHello, and nothing else: not the
   extension that came along with them. */
static void test_modes_stay_when_the_key_is_dropped(void **state)
{
    pair_options o = another_hash_after_a_retry();
    pair p;

    (void)state;
    pair_start(&p, &o);
    pair_connect(&p);
    assert_int_equal(n_hellos, 2);
    assert_true(says(0, PRE_SHARED_KEY) && says(0, MODES));
    assert_false(says(1, PRE_SHARED_KEY));
    assert_true(says(1, MODES));
    for (int role = 0; role < 2; role++) {
        assert_true(info(&p, (hf_role)role)->retried);
        assert_false(info(&p, (hf_role)role)->psk_used);
        assert_int_equal(info(&p, (hf_role)role)->cipher_suite, AES_256);
        assert_int_equal(info(&p, (hf_role)role)->psk_identity.len, 0);
    }
    assert_true(info(&p, HF_CLIENT)->peer_verified);
    pair_send(&p, HF_CLIENT, "ping", 4);
    pair_free(&p);
    forget_hellos();
}

/* … but who offered a key because he trusts no CA still has nothing else to go by. */
static void test_a_dropped_key_is_no_consent_to_certificates(void **state)
{
    pair_options o = another_hash_after_a_retry();
    pair p;

    (void)state;
    o.no_trust = true;
    pair_start(&p, &o);
    pair_run(&p);
    const hf_failure *f = hf_conn_failure(p.end[HF_CLIENT].conn);
    assert_int_equal(n_hellos, 2);
    assert_true(says(1, MODES));
    assert_non_null(f);
    assert_int_equal(f->code, HF_E_PSK_DECLINED);
    assert_int_equal(f->alert, HF_ALERT_handshake_failure);
    assert_false(p.end[0].connected || p.end[1].connected);
    pair_free(&p);
    forget_hellos();
}

/* What was not in the first hello does not come into the second. */
static void test_no_modes_without_a_key(void **state)
{
    pair_options o = another_hash_after_a_retry();
    pair p;

    (void)state;
    o.psks[HF_CLIENT] = NULL;
    pair_start(&p, &o);
    pair_connect(&p);
    assert_int_equal(n_hellos, 2);
    assert_false(says(0, MODES) || says(1, MODES));
    pair_free(&p);
    forget_hellos();
}

/* ---- a server's choice that is taken back ---- */

static unsigned asked, knows_until;

static bool find_for_a_while(void *user, hf_span identity, uint8_t *key, size_t *len)
{
    (void)user;
    assert_true(hf_span_equal(identity, hf_span_str("device1")));
    if (asked++ >= knows_until)
        return false;
    memcpy(key, KEY, *len = strlen(KEY));
    return true;
}

static pair_options found_by_hook(void)
{
    pair_options o = keys_and_certificates();

    add(HF_CLIENT, "device1", KEY);
    o.policy[HF_SERVER] = hostile_retry_policy();
    o.psks[HF_SERVER] = NULL;
    o.hooks[HF_SERVER].find_psk = find_for_a_while;
    asked = 0;
    return o;
}

/* The key was there at the first hello and is gone at the second: a certificate instead, and nobody's name is told with it. */
static void test_no_name_on_a_connection_of_certificates(void **state)
{
    (void)state;
    for (unsigned known = 0; known < 3; known++) {
        pair_options o = found_by_hook();
        pair p;
        knows_until = known;
        pair_start(&p, &o);
        pair_connect(&p);
        assert_int_equal(asked, 2);
        assert_true(info(&p, HF_SERVER)->retried);
        for (int role = 0; role < 2; role++) {
            const hf_conn_info *i = info(&p, (hf_role)role);
            assert_int_equal(i->psk_used, known == 2);
            assert_true(hf_span_equal(i->psk_identity, hf_span_str(known == 2 ? "device1" : "")));
        }
        assert_int_equal(info(&p, HF_CLIENT)->peer_verified, known < 2);
        pair_free(&p);
        psks[HF_CLIENT] = (hf_psks_free(psks[HF_CLIENT]), hf_psks_new());
    }
}

static void drop_key(hostile *h, hf_msg msg, hostile_bytes *body)
{
    if (msg == HF_MSG_ClientHello && hostile_count_said(h, HF_MSG_ClientHello) == 1)
        hb_extension_remove(body, msg, PRE_SHARED_KEY);
}

/* A client that names itself in its first hello alone. */
static void test_no_name_when_the_client_drops_the_key(void **state)
{
    pair_options o = found_by_hook();
    hostile h;

    (void)state;
    knows_until = UINT32_MAX;
    hostile_start_with(&h, HF_SERVER, &o, drop_key);
    hostile_rest(&h);
    hostile_assert_works(&h);
    const hf_conn_info *i = hf_conn_info_of(hostile_conn(&h));
    assert_int_equal(asked, 1);
    assert_true(i->retried);
    assert_false(i->psk_used);
    assert_int_equal(i->psk_identity.len, 0);
    hostile_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PSK_TEST(test_modes_stay_when_the_key_is_dropped),
        PSK_TEST(test_a_dropped_key_is_no_consent_to_certificates),
        PSK_TEST(test_no_modes_without_a_key),
        PSK_TEST(test_no_name_on_a_connection_of_certificates),
        PSK_TEST(test_no_name_when_the_client_drops_the_key),
    };

    return cmocka_run_group_tests_name("flow_psk13_dropped", tests, NULL, NULL);
}
