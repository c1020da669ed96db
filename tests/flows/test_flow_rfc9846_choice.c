/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What RFC 9846 demands of choices, and of what must be read and left alone: versions, modes of pre-shared keys, extensions that
 * mean nothing here.
 */
#include "rfc9846_witness.h"
#include "support/hostile_psk.h"

static const hf_conn_info *info(const pair *p, hf_role role)
{
    return hf_conn_info_of(p->end[role].conn);
}

/* The bad peer's messages are rewritten like this, and all is well. */
static void works_with(hf_role victim, const pair_options *o, hostile_rewrite *rewrite)
{
    hostile h;

    hostile_start_with(&h, victim, o, rewrite);
    hostile_connected(&h);
    hostile_assert_works(&h);
    hostile_free(&h);
}

/* ---- versions ---- */

static void older_versions_alone(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg != HF_MSG_ClientHello)
        return;
    b->data[1] = 4; /* legacy_version 0x0304 */
    put(b, msg, SUPPORTED_VERSIONS, "\6\3\3\3\2\x7a\x7a", 7);
}

/* RFC 9846 4.3.1#3 #4 #5 #6 #7 #8, E.2#1: a list without TLS 1.3 decides, and legacy_version does not count. */
static void test_versions_without_13(void **state)
{
    pair_options o = { .policy = { NULL } };

    (void)state;
    hostile_speak(HF_TLS12, true);
    hostile h;
    hostile_start_with(&h, HF_SERVER, &o, older_versions_alone);
    hostile_connected(&h);
    assert_int_equal(hf_conn_info_of(hostile_conn(&h))->version, HF_TLS12);
    hostile_free(&h);
    hostile_speak(HF_TLS13, false);
}

/* RFC 9846 4.3.3#12 #16, 9.1#2: RSASSA-PSS that was offered is taken in TLS 1.2 too, and pkcs1 there alone. */
static void test_pss_in_tls12(void **state)
{
    static const uint16_t schemes[] = { 0x0804, 0x0401 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        hf_policy p = policy_of_version("default", HF_TLS12);
        pair_options o = { .pki = shared_pki(HF_KEY_RSA), .policy = { &p, &p } };
        pair both;
        memset(p.schemes, 0, sizeof p.schemes);
        p.schemes[0] = schemes[i];
        pair_start(&both, &o);
        pair_connect(&both);
        assert_int_equal(info(&both, HF_CLIENT)->signature_scheme, schemes[i]);
        pair_free(&both);
    }
}

/* ---- pre-shared keys ---- */

/* RFC 9846 4.2.1#2, 4.3.9#4, 4.3.8#13: who lists psk_ke alone is not resumed, as psk_dhe_ke was not offered; the certificate
   speaks for the server. */
static void psk_ke_alone(hostile *h, hf_msg msg, hostile_bytes *b)
{
    size_t at, len;

    (void)h;
    if (msg != HF_MSG_ClientHello)
        return;
    assert_true(hb_extension(b, msg, PSK_MODES, &at, &len));
    assert_int_equal(len, 2);
    b->data[at + 1] = 0;
}

static void test_psk_ke_alone(void **state)
{
    flow13_setup s;
    hostile h;

    (void)state;
    flow13_prepare(&s, flow13_named("resumed"));
    hostile_start_with(&h, HF_SERVER, &s.options, psk_ke_alone);
    hostile_until(&h, HF_MSG_Finished, 0);
    assert_null(hostile_failure(&h));
    assert_false(hf_conn_info_of(hostile_conn(&h))->resumed);
    hostile_free(&h);
    flow13_release(&s);
}

static void aged(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != HF_MSG_ClientHello)
        return;
    hostile_age(b, 0, 0x12345678);
    hostile_rebind(h, b);
}

/* RFC 9846 4.3.11#1: a key that was shared beforehand has no age, whatever is said. */
static void test_age_of_a_shared_key(void **state)
{
    flow13_setup s;
    hostile h;

    (void)state;
    flow13_prepare(&s, flow13_named("a shared key"));
    hostile_start_with(&h, HF_SERVER, &s.options, aged);
    hostile_connected(&h);
    assert_true(info(&h.p, HF_SERVER)->psk_used);
    hostile_free(&h);
    flow13_release(&s);
}

/* RFC 9846 4.2.1#4, 9.2#10: a hello for a key alone needs neither groups nor shares. There is nothing in common with it, which
   is not the same as a missing extension. */
static void nothing_but_a_key(hostile *h, hf_msg msg, hostile_bytes *b)
{
    psk_ke_alone(h, msg, b);
    if (msg != HF_MSG_ClientHello)
        return;
    hb_extension_remove(b, msg, SUPPORTED_GROUPS);
    hb_extension_remove(b, msg, KEY_SHARE);
    hb_extension_remove(b, msg, SIGNATURE_ALGORITHMS);
}

static void test_nothing_but_a_key(void **state)
{
    flow13_setup s;
    hostile h;

    (void)state;
    flow13_prepare(&s, flow13_named("resumed"));
    hostile_start_with(&h, HF_SERVER, &s.options, nothing_but_a_key);
    hostile_rest(&h);
    hostile_assert_alert(&h, HF_ALERT_handshake_failure);
    assert_int_equal(hostile_failure(&h)->code, HF_E_NO_COMMON_GROUP);
    hostile_free(&h);
    flow13_release(&s);
}

/* ---- what is read and left alone ---- */

static void ask_for_everything(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg != HF_MSG_ClientHello)
        return;
    put(b, msg, STATUS_REQUEST_V2, "\0\7\2\0\4\0\0\0\0", 9);
    put(b, msg, POST_HANDSHAKE_AUTH, "", 0);
}

static unsigned requests_after;

static void hear_request(void *user, const hf_trace_event *event)
{
    (void)user;
    requests_after += event->kind == HF_TRACE_MESSAGE && event->writer == HF_SERVER &&
                      strcmp(event->name, "CertificateRequest") == 0 && event->epoch >= HF_APP;
}

/* RFC 9846 4.5.1.1#2 #3 #4, 4.3.6#1: status_request_v2 does no harm, nor is it answered; and no request comes after the
   handshake, even where it may. */
static void test_unused_offers(void **state)
{
    const hf_trace_sink sink = { hear_request, NULL };
    pair_options o = { .client_auth = HF_CLIENT_AUTH_REQUEST, .trace = { NULL, &sink } };

    (void)state;
    requests_after = 0;
    works_with(HF_SERVER, &o, ask_for_everything);
    assert_int_equal(requests_after, 0);
}

static void servers_groups(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == HF_MSG_EncryptedExtensions)
        put(b, msg, SUPPORTED_GROUPS, "\0\4\0\x17\0\x18", 6);
}

/* RFC 9846 4.3.7#2 */
static void test_servers_groups(void **state)
{
    (void)state;
    works_with(HF_CLIENT, NULL, servers_groups);
}

static void filters(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg != HF_MSG_CertificateRequest)
        return;
    put(b, msg, OID_FILTERS, "\0\x0c\3\x55\x1d\x0f\0\0\3\x55\x1d\x25\0\0", 14);
    put(b, msg, UNKNOWN, "?", 1);
}

/* RFC 9846 4.3.5#4, 4.4.2#5: no OID of a filter is recognised, so all are skipped; the client shows what it has. */
static void test_filters(void **state)
{
    pair_options o = { .client_auth = HF_CLIENT_AUTH_REQUIRE, .client_identity = true };

    (void)state;
    works_with(HF_CLIENT, &o, filters);
}

static void ticket_with_more(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == HF_MSG_NewSessionTicket)
        put(b, msg, UNKNOWN, "?", 1);
}

/* RFC 9846 4.7.1#8, 9.3#5 */
static void test_ticket_with_more(void **state)
{
    flow13_setup s;
    hostile h;

    (void)state;
    flow13_prepare(&s, flow13_named("resumed"));
    hostile_start_with(&h, HF_CLIENT, &s.options, ticket_with_more);
    hostile_connected(&h);
    hostile_rest(&h);
    assert_true(hostile_count_said(&h, HF_MSG_NewSessionTicket) > 0);
    assert_true(pair_saw(hostile_end(&h), HF_EVENT_SESSION));
    hostile_assert_works(&h);
    hostile_free(&h);
    flow13_release(&s);
}

/* ---- tickets ---- */

enum { TICKETS_MAX = 8, AGE_ADD_AT = HF_HANDSHAKE_HEADER + 4 };

/* RFC 9846 4.7.1#5 #7: seven days at most, and an age_add of its own in each. The name is the one of the present hello (#4).
   (RFC 9846 4.7.1#4) */
static void test_tickets(void **state)
{
    flow13_setup s;
    uint8_t add[TICKETS_MAX][4];
    size_t n = 0;

    (void)state;
    flow13_prepare(&s, flow13_named("resumed"));
    for (int visit = 0; visit < 2; visit++) {
        if (visit == 0)
            s.options.session = hf_span_of(NULL, 0);
        else
            s.options.session = hb_span(&s.session);
        witness_start("tickets", &s.options);
        pair_connect(&seen.p);
        assert_int_equal(info(&seen.p, HF_SERVER)->resumed, visit == 1);
        assert_string_equal(info(&seen.p, HF_SERVER)->server_name, "localhost");
        for (unsigned i = 0; said("NewSessionTicket", i) && n < TICKETS_MAX; i++) {
            const uint8_t *ticket = said("NewSessionTicket", i)->bytes.data;
            uint32_t lifetime = (uint32_t)ticket[4] << 24 | (uint32_t)ticket[5] << 16 |
                                (uint32_t)ticket[6] << 8 | ticket[7];
            assert_in_range(lifetime, 1, 604800);
            memcpy(add[n++], ticket + AGE_ADD_AT, 4);
        }
        pair_free(&seen.p);
    }
    assert_true(n >= 3);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(add[i], add[j], 4);
    witness_forget();
    flow13_release(&s);
}

/* ---- what is never done unasked ---- */

/* RFC 9846 C.5#1: a client without CAs, keys or an application that judges is not made, unless it is called insecure. */
static void test_no_anonymous_peer(void **state)
{
    const hf_policy *policy = hf_policy_named("default");
    hf_config *config = hf_config_new(HF_CLIENT, policy);

    (void)state;
    assert_int_not_equal(hf_config_seal(config), HF_OK);
    hf_config_free(config);
    config = hf_config_new(HF_CLIENT, policy);
    assert_int_equal(hf_config_set(config, HF_SET_INSECURE, 1), HF_OK);
    assert_int_equal(hf_config_seal(config), HF_OK);
    hf_config_free(config);
}

/* RFC 9846 4.3.7#1: no policy makes a client list a group twice. */
static void test_no_group_twice(void **state)
{
    (void)state;
    for (int twice = 0; twice < 2; twice++) {
        hf_policy p = *hf_policy_named("default");
        policy_add(p.groups, twice ? p.groups[1] : HF_GROUP_secp521r1);
        hf_config *config = hf_config_new(HF_CLIENT, &p);
        assert_int_equal(hf_config_set(config, HF_SET_INSECURE, 1), HF_OK);
        assert_int_equal(hf_config_seal(config), twice ? HF_E_CONFIG_POLICY : HF_OK);
        hf_config_free(config);
    }
}

/* RFC 9846 5.2#4, 5.3#3, E.5#1 #2: every suite's AEAD. */
static void test_aeads(void **state)
{
    const hf_suite *s;

    (void)state;
    for (size_t i = 0; (s = hf_suite_row(i)) != NULL; i++) {
        assert_true(hf_aead_tag_len(s->aead) <= 255);
        assert_true(HF_AEAD_NONCE >= 8);
        assert_true(hf_aead_key_len(s->aead) * 8 >= 112);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions_without_13),
        cmocka_unit_test(test_pss_in_tls12),
        cmocka_unit_test(test_psk_ke_alone),
        cmocka_unit_test(test_age_of_a_shared_key),
        cmocka_unit_test(test_nothing_but_a_key),
        cmocka_unit_test(test_unused_offers),
        cmocka_unit_test(test_servers_groups),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_ticket_with_more),
        cmocka_unit_test(test_tickets),
        cmocka_unit_test(test_no_anonymous_peer),
        cmocka_unit_test(test_no_group_twice),
        cmocka_unit_test(test_aeads),
    };

    return cmocka_run_group_tests_name("flow_rfc9846_choice", tests, NULL, NULL);
}
