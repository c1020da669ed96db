/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What RFC 9846 demands of the ClientHellos that our clients write, in every shape of a handshake: fields with one value only,
 * lists that must fit each other, and what a retry leaves as it was.
 */
#include "rfc9846_witness.h"

static bool offers13(const hf_client_hello *h)
{
    return HAS(h, supported_versions) && hf_list16_has(h->ext.supported_versions, HF_TLS13);
}

static void each_hello(void (*look)(const hf_client_hello *h))
{
    for (unsigned i = 0; i < count_hellos(); i++) {
        hf_client_hello h = client_hello(i);
        look(&h);
    }
}

/* ---- ClientHello: fields ---- */

/* RFC 9846 4.2.2#6 #12, E.5#4 #6 */
static void look_at_fields(const hf_client_hello *h)
{
    assert_int_equal(h->legacy_version, 0x0303);
    assert_int_equal(h->legacy_compression_methods.len, 1);
    assert_int_equal(h->legacy_compression_methods.data[0], 0);
}

static void look_at_client(void)
{
    assert_string_equal(seen.all[0].name, "ClientHello"); /* RFC 9846 4.2.2#1 */
    each_hello(look_at_fields);
}

static void test_fields(void **state)
{
    (void)state;
    witness_all(look_at_client);
}

/* RFC 9846 4.2.2#8 #9 #10: 32 bytes that are new each time, or none. */
static void look_at_session_id(void)
{
    static uint8_t before[32];
    hf_client_hello h = client_hello(0);
    bool disguised = seen.p.config[HF_CLIENT]->policy.middlebox_compat && offers13(&h);

    assert_int_equal(h.legacy_session_id.len, disguised ? 32 : 0);
    if (!disguised)
        return;
    assert_memory_not_equal(h.legacy_session_id.data, before, 32);
    memcpy(before, h.legacy_session_id.data, 32);
}

static void test_session_id(void **state)
{
    (void)state;
    witness_all(look_at_session_id);
}

/* RFC 9846 4.3.1#1 #2: all that the policy speaks, newest first. */
static void look_at_versions(void)
{
    const hf_policy *p = &seen.p.config[HF_CLIENT]->policy;
    hf_client_hello h = client_hello(0);
    uint16_t ours[4] = { 0 };
    size_t n = 0;

    assert_int_equal(HAS(&h, supported_versions), p->max_version == HF_TLS13);
    if (!HAS(&h, supported_versions))
        return;
    for (size_t i = 0; i < hf_list16_count(h.ext.supported_versions) && n < 4; i++)
        if (!hf_is_grease(hf_list16_at(h.ext.supported_versions, i)))
            ours[n++] = hf_list16_at(h.ext.supported_versions, i);
    assert_int_equal(n, p->min_version == HF_TLS12 ? 2 : 1);
    assert_int_equal(ours[0], HF_TLS13);
    if (n == 2)
        assert_int_equal(ours[1], HF_TLS12);
}

static void test_versions(void **state)
{
    (void)state;
    witness_all(look_at_versions);
}

/* ---- ClientHello: what is in its lists ---- */

/* Below 112 bits, or RC4: what RFC 9846 E.5#1 #2 forbids is none of these. */
static bool is_good_suite(uint16_t code)
{
    const hf_suite *s = hf_suite_of(code);

    return hf_is_grease(code) || (s && hf_aead_key_len(s->aead) * 8 >= 112);
}

/* RFC 9846 4.3.3#10 #13 #14: neither MD5 (1), SHA-1 (2), SHA-224 (3) nor DSA (2 behind a hash of TLS 1.2). */
static bool is_good_scheme(uint16_t code)
{
    unsigned hash = code >> 8, signature = code & 0xff;

    return hash == 8 || (hash >= 4 && hash <= 6 && (signature == 1 || signature == 3));
}

/* RFC 9846 B.3.1.4#1: curves 1 to 22, and those of free form. */
static bool is_good_group(uint16_t code)
{
    return code >= 23 && code != 0xff01 && code != 0xff02;
}

static void look_at_lists(const hf_client_hello *h)
{
    hf_span data;

    for (size_t i = 0; i < hf_list16_count(h->cipher_suites); i++)
        assert_true(is_good_suite(hf_list16_at(h->cipher_suites, i)));
    for (size_t i = 0; i < hf_list16_count(h->ext.supported_groups); i++)
        assert_true(is_good_group(hf_list16_at(h->ext.supported_groups, i)));
    assert_true(hf_list16_count(h->ext.signature_algorithms) > 0);
    for (size_t i = 0; i < hf_list16_count(h->ext.signature_algorithms); i++)
        assert_true(is_good_scheme(hf_list16_at(h->ext.signature_algorithms, i)));
    for (size_t i = 0; i < hf_list16_count(h->ext.signature_algorithms_cert); i++)
        assert_true(is_good_scheme(hf_list16_at(h->ext.signature_algorithms_cert, i)));
    assert_false(find_extension(h->ext.raw, TRUNCATED_HMAC, &data));    /* RFC 9846 E.5#9 */
    assert_false(find_extension(h->ext.raw, STATUS_REQUEST_V2, &data)); /* RFC 9846 4.5.1.1#3 */
}

static void look_at_offers(void)
{
    each_hello(look_at_lists);
}

static void test_lists(void **state)
{
    (void)state;
    witness_all(look_at_offers);
}

/* RFC 9846 9.3#3, 9.1#1 #2 #3: what is offered is in the tables that the engine works by, and so is what must be. */
static void look_at_support(const hf_client_hello *h)
{
    for (size_t i = 0; i < hf_list16_count(h->cipher_suites); i++) {
        uint16_t code = hf_list16_at(h->cipher_suites, i);
        assert_true(hf_is_grease(code) || hf_suite_of(code));
    }
    for (size_t i = 0; i < hf_list16_count(h->ext.supported_groups); i++) {
        uint16_t code = hf_list16_at(h->ext.supported_groups, i);
        assert_true(hf_is_grease(code) || hf_group_of(code));
    }
    for (size_t i = 0; i < hf_list16_count(h->ext.signature_algorithms); i++)
        assert_non_null(hf_scheme_of(hf_list16_at(h->ext.signature_algorithms, i)));
}

static void look_at_all_support(void)
{
    each_hello(look_at_support);
}

static void test_nothing_is_offered_that_is_not_there(void **state)
{
    static const uint16_t mandatory[] = { 0, 10, 13, 43, 44, 50, 51 };

    (void)state;
    witness_all(look_at_all_support);
    assert_non_null(hf_suite_of(0x1301));
    assert_non_null(hf_group_of(23));
    assert_true(hf_scheme_of(0x0804)->tls13 && hf_scheme_of(0x0403)->tls13);
    assert_non_null(hf_scheme_of(0x0401));
    for (size_t i = 0; i < sizeof mandatory / sizeof *mandatory; i++) /* RFC 9846 9.2#1 */
        assert_int_not_equal(hf_extension_row(mandatory[i]), HF_EXT_COUNT);
}

/* RFC 9846 9.2#2 #3 #5 #6 #7 #8 #9 #10 #11, 4.3.3#2, 4.3.9#1 #2: what goes with what. */
static void look_at_what_goes_together(const hf_client_hello *h)
{
    if (!offers13(h))
        return;
    assert_true(HAS(h, supported_groups) && HAS(h, key_share) && HAS(h, signature_algorithms));
    assert_true(HAS(h, server_name)); /* RFC 9846 9.2#13: the name is known in all scenes */
    if (HAS(h, pre_shared_key))
        assert_true(HAS(h, psk_key_exchange_modes));
    if (HAS(h, early_data)) /* RFC 9846 4.3.10#1 */
        assert_true(HAS(h, pre_shared_key));
}

static void look_at_together(void)
{
    each_hello(look_at_what_goes_together);
    if (!witness_is13())
        return;
    hf_server_hello s = server_hello("ServerHello");
    hf_client_hello h = client_hello(count_hellos() - 1);
    assert_true(HAS(&s, supported_versions) && HAS(&s, key_share));
    if (HAS(&s, pre_shared_key))
        assert_true(HAS(&h, pre_shared_key)); /* RFC 9846 9.2#7 */
}

static void test_what_goes_together(void **state)
{
    (void)state;
    witness_all(look_at_together);
}

/* RFC 9846 4.3#6, 4.3.11#10: pre_shared_key is the last. */
static void look_at_the_last(const hf_client_hello *h)
{
    hf_span raw = h->ext.raw, data;
    uint16_t type = 0;

    while (next_extension(&raw, &type, &data))
        assert_true(type != PRE_SHARED_KEY || raw.len == 0);
}

static void look_at_order(void)
{
    each_hello(look_at_the_last);
}

static void test_psk_is_last(void **state)
{
    (void)state;
    witness_all(look_at_order);
}

/* RFC 9846 4.3.8#1 #2 #4 #5: each share's group is listed, in the same order, once. */
static void look_at_shares(const hf_client_hello *h)
{
    hf_span rest = h->ext.key_shares;
    hf_key_share share;
    size_t at = 0, n = hf_list16_count(h->ext.supported_groups);

    while (hf_key_share_next(&rest, &share)) {
        while (at < n && hf_list16_at(h->ext.supported_groups, at) != share.group)
            at++;
        assert_true(at++ < n);
    }
}

/* RFC 9846 4.3.8#3: X25519 within the hybrid has a key of its own. */
static void look_at_hybrid(const hf_client_hello *h)
{
    hf_span hybrid = share_of(h, HF_GROUP_x25519mlkem768), alone = share_of(h, HF_GROUP_x25519);

    if (hybrid.len > 0 && alone.len > 0)
        assert_memory_not_equal(hybrid.data + hybrid.len - alone.len, alone.data, alone.len);
}

static void look_at_all_shares(void)
{
    each_hello(look_at_shares);
    each_hello(look_at_hybrid);
}

static void test_shares(void **state)
{
    (void)state;
    witness_all(look_at_all_shares);
}

/* ---- the second ClientHello ---- */

static bool may_change(uint16_t type)
{
    return type == KEY_SHARE || type == EARLY_DATA || type == COOKIE || type == PRE_SHARED_KEY ||
           type == PADDING;
}

/* RFC 9846 4.2.2#2: the fields, and all extensions but those, byte for byte. */
static void assert_same(const hf_client_hello *a, const hf_client_hello *b)
{
    hf_span raw = a->ext.raw, before = { 0 }, now = { 0 };
    uint16_t type;

    assert_memory_equal(a->random, b->random, HF_RANDOM);
    assert_true(hf_span_equal(a->legacy_session_id, b->legacy_session_id));
    assert_true(hf_span_equal(a->cipher_suites, b->cipher_suites));
    while (next_extension(&raw, &type, &before))
        if (!may_change(type)) {
            assert_true(find_extension(b->ext.raw, type, &now));
            assert_true(hf_span_equal(before, now));
        }
    raw = b->ext.raw;
    while (next_extension(&raw, &type, &now))
        assert_true(may_change(type) || find_extension(a->ext.raw, type, &before));
}

/* RFC 9846 4.2.4#6, 4.3.2#1, 4.3.8#10: what was asked for comes. */
static void assert_heeded(const hf_client_hello *a, const hf_client_hello *b,
                          const hf_server_hello *retry)
{
    hf_span rest = b->ext.key_shares;
    hf_key_share share;

    assert_int_equal(HAS(b, cookie), HAS(retry, cookie));
    assert_true(hf_span_equal(b->ext.cookie, retry->ext.cookie));
    if (!HAS(retry, key_share)) {
        assert_true(hf_span_equal(a->ext.key_shares, rest));
        return;
    }
    assert_true(hf_key_share_next(&rest, &share));
    assert_int_equal(share.group, retry->ext.selected_group);
    assert_int_equal(rest.len, 0);
}

static void look_at_retry(void)
{
    if (count_hellos() == 1)
        return;
    hf_client_hello first = client_hello(0), second = client_hello(1);
    hf_server_hello retry = server_hello("HelloRetryRequest");
    assert_int_equal(count_hellos(), 2);
    assert_same(&first, &second);
    assert_heeded(&first, &second, &retry);
    assert_false(HAS(&second, early_data)); /* RFC 9846 4.3.10#5 */
}

/* RFC 9846 4.2.3#12 */
static void test_second_hello(void **state)
{
    (void)state;
    witness_all(look_at_retry);
}

/* RFC 9846 4.3.2#2: also not after a connection that had one. */
static void look_for_cookie(void)
{
    hf_client_hello h = client_hello(0);

    assert_false(HAS(&h, cookie));
}

static void test_no_cookie_at_first(void **state)
{
    (void)state;
    witness_all(look_for_cookie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_session_id),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_nothing_is_offered_that_is_not_there),
        cmocka_unit_test(test_what_goes_together),
        cmocka_unit_test(test_psk_is_last),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_second_hello),
        cmocka_unit_test(test_no_cookie_at_first),
    };

    return cmocka_run_group_tests_name("flow_rfc9846_client_hello", tests, NULL, NULL);
}
