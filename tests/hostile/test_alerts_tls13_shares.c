/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows of alerts.tsv about a client's key shares, and ch2-*: bad answers to a HelloRetryRequest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_rows.h"

enum {
    P256 = 0x17,
    P384 = 0x18,
    X25519 = 0x1d,
    HYBRID = 0x11ec,
    PURE = 0x0202, /* MLKEM1024 */
    MLKEM_KEY = 1184,
    COEFFICIENTS = 768,
    PURE_PLACES = 32
};
static const hf_msg CH = HF_MSG_ClientHello;

static void put(hostile_bytes *b, int type, hf_span data)
{
    hb_extension_put(b, CH, (uint16_t)type, data);
}

/* ---- entries ---- */

static void add_entry(hostile_bytes *list, size_t group, hf_span key)
{
    hb_add_uint(list, group, 2);
    hb_add_uint(list, key.len, 2);
    hb_add(list, key);
}

/* The list is the extension's whole content but its length. */
static void put_shares(hostile_bytes *b, hostile_bytes *list)
{
    hostile_bytes body = { 0 };

    hb_add_uint(&body, list->len, 2);
    hb_add(&body, hb_span(list));
    put(b, KEY_SHARE, hb_span(&body));
    hb_free(&body);
    hb_free(list);
}

static void only_share(hostile_bytes *b, size_t group, hf_span key)
{
    hostile_bytes list = { 0 };

    add_entry(&list, group, key);
    put_shares(b, &list);
}

static const uint8_t filler[2000]; /* starts with the one byte of the point at infinity */

static hf_span bytes(size_t n)
{
    return hf_span_of(filler, n);
}

static void malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S(""),
                               S("\0"),
                               S("\0\5\0\x1d\0\1"),
                               S("\0\4\0\x1d\0\1x"),
                               S("\0\3\0\x1d\0"),
                               S("\0\1\0"),
                               S("\0\5\0\x1d\0\2x"),
                               S("\0\6\0\x1d\0\1xx") };

    put(b, KEY_SHARE, bodies[v]);
}

static void empty_entry(hostile_bytes *b, int v)
{
    only_share(b, v ? 0xfefe : X25519, S(""));
}

static void same_group_twice(hostile_bytes *b, int v)
{
    hostile_bytes list = { 0 };

    add_entry(&list, X25519, bytes(32));
    if (v)
        add_entry(&list, P256, bytes(65));
    add_entry(&list, X25519, bytes(32));
    put_shares(b, &list);
}

/* Not in supported_groups at all, or in another order. */
static void group_not_listed(hostile_bytes *b, int v)
{
    hostile_bytes list = { 0 };

    if (v == 0) {
        add_entry(&list, P384, bytes(97));
    } else if (v == 1) {
        add_entry(&list, X25519, bytes(32));
        add_entry(&list, 0xfefe, bytes(5));
    } else {
        add_entry(&list, P256, bytes(65));
        add_entry(&list, X25519, bytes(32));
    }
    put_shares(b, &list);
}

/* ---- NIST curves ---- */

static const uint8_t generator[65] = {
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
    0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
    0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
    0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
    0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};
static const uint8_t prime[32] = { 0xff, 0xff, 0xff, 0xff, 0,    0,    0,    1,    0,    0,    0,
                                   0,    0,    0,    0,    0,    0,    0,    0,    0,    0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static void with_384(pair_options *o, int v)
{
    static hf_policy policy;

    (void)v;
    policy = *hostile_policy();
    policy.groups[0] = P384;
    policy.key_shares[0] = P384;
    o->policy[HF_CLIENT] = o->policy[HF_SERVER] = &policy;
}

static void length_256(hostile_bytes *b, int v)
{
    static const size_t lengths[] = {
        64, 66, 97, 33, 1, 133, 32
    }; /* 33: a compressed point's; 1: infinity */

    only_share(
        b, P256,
        hf_span_of(lengths[v] <= sizeof generator && v != 4 ? generator : filler, lengths[v]));
}

static void length_384(hostile_bytes *b, int v)
{
    static const size_t lengths[] = { 96, 98, 65, 49, 1 };

    only_share(b, P384, bytes(lengths[v]));
}

static void point_256(hostile_bytes *b, int v)
{
    static const uint8_t forms[] = { 2, 3, 6, 7, 0, 5 };
    uint8_t point[65];

    memcpy(point, generator, sizeof point);
    if (v < 6)
        point[0] = forms[v];
    else if (v < 8)
        memset(point + 1, 0, 64), point[64] = (uint8_t)(v - 6); /* (0,0), (0,1) */
    else if (v == 8)
        memcpy(point + 1, prime, 32); /* x = p */
    else if (v == 9)
        memcpy(point + 33, prime, 32); /* y = p */
    else if (v == 10)
        memset(point + 1, 0xff, 64);
    else
        point[64] ^= 1;
    only_share(b, P256, hf_span_of(point, sizeof point));
}

static void point_384(hostile_bytes *b, int v)
{
    uint8_t point[97] = { 4 };

    if (v == 1)
        point[96] = 1;
    if (v == 2)
        memset(point + 1, 0xff, 96);
    if (v == 3)
        point[0] = 2;
    only_share(b, P384, hf_span_of(point, sizeof point));
}

/* ---- x25519 ---- */

static void x_length(hostile_bytes *b, int v)
{
    static const size_t lengths[] = { 31, 33, 1, 56, 64 };

    only_share(b, X25519, bytes(lengths[v]));
}

/* 0, 1, p - 1, p, p + 1 and the two of order 8; then the same with the top bit set, which is masked. */
static void small_order(uint8_t key[32], int v)
{
    static const uint8_t order_8[2][32] = {
        { 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
          0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
          0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
        { 0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
          0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
          0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57 },
    };
    int which = v % 7;

    memset(key, which < 2 ? 0 : 0xff, 32);
    if (which == 1)
        key[0] = 1;
    if (which >= 2 && which < 5)
        key[0] = (uint8_t)(0xec + which - 2), key[31] = 0x7f;
    if (which >= 5)
        memcpy(key, order_8[which - 5], 32);
    if (v >= 7)
        key[31] |= 0x80;
}

static void x_small_order(hostile_bytes *b, int v)
{
    uint8_t key[32];

    small_order(key, v);
    only_share(b, X25519, hf_span_of(key, 32));
}

/* The last byte of either hello's key_share is the last of an x25519 value. */
static void x_high_bit(hostile *h, hf_msg msg, hostile_bytes *b)
{
    size_t at = 0, len = 0;

    (void)h;
    if (msg != CH && msg != HF_MSG_ServerHello)
        return;
    assert_true(hb_extension(b, msg, KEY_SHARE, &at, &len));
    b->data[at + len - 1] |= 0x80;
}

static void x_not_reduced(hostile_bytes *b, int v)
{
    uint8_t key[32];

    memset(key, 0xff, sizeof key);
    key[0] = (uint8_t)(0xed + 9 + v); /* p + 9 is the base point */
    key[31] = 0x7f;
    only_share(b, X25519, hf_span_of(key, 32));
}

static void check_accepted(hostile *h, int v)
{
    (void)v;
    assert_null(hostile_failure(h));
    assert_int_equal(hostile_conn(h)->engine.script.epoch[h->victim],
                     HF_APP); /* it has sent its flight */
}

/* ---- the hybrid ---- */

/* Where the share is that starts with this group and length. */
static size_t share_at(const hostile_bytes *b, const char start[4])
{
    size_t at = 0, len = 0;

    assert_true(hb_extension(b, CH, KEY_SHARE, &at, &len));
    for (size_t end = at + len - 4; at < end; at++)
        if (memcmp(b->data + at, start, 4) == 0)
            return at + 4;
    fail_msg("no such share");
    return 0;
}

/* Of the real share's 1,216 bytes. */
static size_t hybrid_at(const hostile_bytes *b)
{
    return share_at(b, "\x11\xec\4\xc0");
}

static void mlkem_length(hostile_bytes *b, int v)
{
    static const size_t lengths[] = { 1215, 1217, 1184, 32, 1120, 1 };

    only_share(b, HYBRID, bytes(lengths[v]));
}

static void put_coefficient(uint8_t *key, unsigned i, unsigned value)
{
    uint8_t *at = key + i / 2 * 3;

    if (i % 2 == 0) {
        at[0] = (uint8_t)value;
        at[1] = (uint8_t)((at[1] & 0xf0) | value >> 8);
    } else {
        at[1] = (uint8_t)((at[1] & 0x0f) | value << 4);
        at[2] = (uint8_t)(value >> 4);
    }
}

/* Each of the 768 coefficients, with the least and the greatest value that is not reduced. */
static void mlkem_modulus(hostile_bytes *b, int v)
{
    put_coefficient(b->data + hybrid_at(b), (unsigned)v % COEFFICIENTS,
                    v < COEFFICIENTS ? 3329 : 4095);
}

static void pure_length(hostile_bytes *b, int v)
{
    static const size_t lengths[] = { 1567, 1569, 1184, 1216, 32, 1 };

    only_share(b, PURE, bytes(lengths[v]));
}

/* The same at some of the 1024 coefficients of MLKEM1024's 1,568 bytes. */
static void pure_modulus(hostile_bytes *b, int v)
{
    put_coefficient(b->data + share_at(b, "\2\2\6\x20"), (unsigned)v % PURE_PLACES * 33,
                    v < PURE_PLACES ? 3329 : 4095);
}

static void mlkem_zero(hostile_bytes *b, int v)
{
    uint8_t key[32];

    small_order(key, v);
    memcpy(b->data + hybrid_at(b) + MLKEM_KEY, key, 32);
}

static void mlkem_swapped(hostile_bytes *b, int v)
{
    uint8_t whole[MLKEM_KEY + 32], *at = b->data + hybrid_at(b);

    (void)v;
    memcpy(whole, at + MLKEM_KEY, 32);
    memcpy(whole + 32, at, MLKEM_KEY);
    memcpy(at, whole, sizeof whole);
}

/* ---- the second ClientHello ---- */

static void ch2_share(hostile_bytes *b, int v)
{
    hostile_bytes list = { 0 };

    if (v == 1)
        add_entry(&list, X25519, bytes(32));
    if (v >= 2)
        add_entry(&list, v == 2 ? X25519 : 0xfefe, bytes(32));
    if (v == 2)
        add_entry(&list, P256, hf_span_of(generator, 65));
    put_shares(b, &list);
}

static void ch2_early(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_front(b, CH, EARLY_DATA, S(""));
}

/* Without and with a PSK. */
static void psk_in_both(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (hostile_variant() == 1)
        hostile_offer_early_data(h, msg, b);
}

static void ch2_no_cookie(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_remove(b, CH, COOKIE);
}

static void ch2_cookie(hostile_bytes *b, int v)
{
    size_t at = 0, len = 0;

    assert_true(hb_extension(b, CH, COOKIE, &at, &len));
    if (v == 0)
        b->data[at + len - 1] ^= 1;
    else if (v == 1)
        b->data[at + 2] ^= 0x80;
    else
        put(b, COOKIE, S("\0\4nuts"));
}

enum { SESSION_ID_AT = 34 };

static void ch2_suites(hostile_bytes *b, int v)
{
    const hf_span lists[] = { S("\0\2\x13\2"), S("\0\4\x13\2\x13\1"), S("\0\2\x13\1") };
    size_t at = SESSION_ID_AT + 1 + b->data[SESSION_ID_AT],
           len = (size_t)(b->data[at] << 8 | b->data[at + 1]);

    hb_replace(b, at, 2 + len, lists[v]);
}

static void ch2_fixed(hostile_bytes *b, int v)
{
    size_t at = SESSION_ID_AT + 1 + b->data[SESSION_ID_AT];

    switch (v) {
    case 0: b->data[1] ^= 1; break;
    case 1: b->data[2] ^= 1; break;
    case 2: b->data[33] ^= 0x80; break;
    case 3: b->data[SESSION_ID_AT + 1] ^= 1; break;
    case 4: hb_replace(b, SESSION_ID_AT, 1 + (size_t)b->data[SESSION_ID_AT], S("\0")); break;
    case 5:
        hb_replace(b, at + 2 + (size_t)(b->data[at] << 8 | b->data[at + 1]), 2, S("\2\0\1"));
        break;
    default: put(b, VERSIONS, S("\2\3\4")); break;
    }
}

/* TLS 1.2 after all, spoken here or not. */
static void ch2_versions(hostile_bytes *b, int v)
{
    if (v == 0)
        hb_extension_remove(b, CH, VERSIONS);
    else
        put(b, VERSIONS, S("\2\3\3"));
}

static void ch2_extension(hostile_bytes *b, int v)
{
    switch (v) {
    case 0: hb_extension_last(b, CH, UNKNOWN, S("new")); break;
    case 1: hb_extension_front(b, CH, UNKNOWN, S("")); break;
    case 2: hb_extension_remove(b, CH, ALPN); break;
    case 3: hb_extension_remove(b, CH, SIGALGS_CERT); break;
    case 4: put(b, ALPN, S("\0\3\2h3")); break;
    case 5: put(b, SERVER_NAME, S("\0\17\0\0\14example.test")); break;
    case 6: put(b, GROUPS, S("\0\4\0\x1d\0\x17")); break;
    case 7: put(b, SIGALGS, S("\0\2\4\3")); break;
    case 8: put(b, RECORD_SIZE, S("\x20\0")); break;
    case 9: hb_extension_remove(b, CH, SERVER_NAME); break;
    default: /* the same, in another place */
        hb_extension_remove(b, CH, RECORD_SIZE);
        hb_extension_last(b, CH, RECORD_SIZE, S("\x40\1"));
        break;
    }
}

static void ch2_options(pair_options *o, int v)
{
    hostile_retry(o, v);
    hostile_alpn(o, v);
}

/* What may change: padding. */
static void ch2_padding(hostile *h, hf_msg msg, hostile_bytes *b)
{
    unsigned n = hostile_count_said(h, CH);

    if (msg == CH && (n == 1) == (hostile_variant() == 0))
        hb_extension_last(b, CH, PADDING, bytes(10));
}

static void psk_in_one(hostile *h, hf_msg msg, hostile_bytes *b)
{
    bool second = hostile_count_said(h, CH) == 1;

    if (msg != CH)
        return;
    if (second && hostile_variant() == 0)
        hb_extension_remove(b, CH, PSK_MODES); /* the engine would keep it */
    if (second != (hostile_variant() == 1))
        return;
    hb_extension_last(b, CH, PSK_MODES, S("\1\1"));
    hb_extension_last(b, CH, PSK,
                      S("\0\7\0\1x\0\0\0\0\0\x21\x20"
                        "0123456789abcdef0123456789abcdef"));
}

/* … psk_key_exchange_modes stays (RFC 9846 4.2.2), so that only the PSK comes or goes. */
static void psk_in_hello(hostile *h, hf_msg msg, hostile_bytes *b, unsigned which)
{
    if (msg != CH)
        return;
    if (hostile_count_said(h, CH) > 0)
        hb_extension_remove(b, CH, PSK_MODES); /* the engine keeps it, not at the end */
    hb_extension_last(b, CH, PSK_MODES, S("\1\1"));
    if (hostile_count_said(h, CH) == which)
        hb_extension_last(b, CH, PSK,
                          S("\0\7\0\1x\0\0\0\0\0\x21\x20"
                            "0123456789abcdef0123456789abcdef"));
}

static void psk_comes(hostile *h, hf_msg msg, hostile_bytes *b)
{
    psk_in_hello(h, msg, b, 1);
}

/* Legal: its hash may not fit the suite of the HelloRetryRequest (RFC 9846 4.2.2). */
static void psk_goes(hostile *h, hf_msg msg, hostile_bytes *b)
{
    psk_in_hello(h, msg, b, 0);
}

static const hostile_case cases[] = {
    EDIT("ch-key-share-malformed", AT_SERVER, 8, HF_MSG_ClientHello, 0, malformed),
    EDIT("ch-key-share-empty-entry", AT_SERVER, 2, HF_MSG_ClientHello, 0, empty_entry),
    EDIT("ch-key-share-duplicate-group", AT_SERVER, 2, HF_MSG_ClientHello, 0, same_group_twice),
    EDIT("ch-key-share-group-not-listed", AT_SERVER, 3, HF_MSG_ClientHello, 0, group_not_listed),
    EDIT_WITH("ch-key-share-nist-length", AT_SERVER, 7, HF_MSG_ClientHello, 0, length_256,
              .options = hostile_retry),
    EDIT_WITH("ch-key-share-nist-length", AT_SERVER, 5, HF_MSG_ClientHello, 0, length_384,
              .options = with_384),
    EDIT_WITH("ch-key-share-nist-point", AT_SERVER, 12, HF_MSG_ClientHello, 0, point_256,
              .options = hostile_retry),
    EDIT_WITH("ch-key-share-nist-point", AT_SERVER, 4, HF_MSG_ClientHello, 0, point_384,
              .options = with_384),
    EDIT("ch-key-share-x-length", AT_SERVER, 5, HF_MSG_ClientHello, 0, x_length),
    EDIT("ch-key-share-x-small-order", AT_SERVER, 14, HF_MSG_ClientHello, 0, x_small_order),
    REWRITE("ch-key-share-x25519-high-bit", AT_BOTH, 1, x_high_bit, .options = NULL),
    REWRITE("ch-key-share-x25519-high-bit", AT_BOTH, 1, x_high_bit, .options = hostile_hybrid),
    EDIT_WITH("ch-key-share-x25519-high-bit", AT_SERVER, 3, HF_MSG_ClientHello, 0, x_not_reduced,
              .check = check_accepted),
    EDIT_WITH("ch-mlkem-share-length", AT_SERVER, 6, HF_MSG_ClientHello, 0, mlkem_length,
              .options = hostile_hybrid),
    EDIT_WITH("ch-mlkem-modulus-check", AT_SERVER, 2 * COEFFICIENTS, HF_MSG_ClientHello, 0,
              mlkem_modulus, .options = hostile_hybrid),
    EDIT_WITH("ch-mlkem-share-length", AT_SERVER, 6, HF_MSG_ClientHello, 0, pure_length,
              .options = hostile_pure),
    EDIT_WITH("ch-mlkem-modulus-check", AT_SERVER, 2 * PURE_PLACES, HF_MSG_ClientHello, 0,
              pure_modulus, .options = hostile_pure),
    EDIT_WITH("ch-mlkem-x25519-zero", AT_SERVER, 14, HF_MSG_ClientHello, 0, mlkem_zero,
              .options = hostile_hybrid),
    EDIT_WITH("ch-mlkem-order-swapped", AT_SERVER, 1, HF_MSG_ClientHello, 0, mlkem_swapped,
              .options = hostile_hybrid),
    EDIT_WITH("ch2-key-share-not-requested", AT_SERVER, 4, HF_MSG_ClientHello, 1, ch2_share,
              .options = hostile_retry),
    EDIT_WITH("ch2-early-data", AT_SERVER, 2, HF_MSG_ClientHello, 1, ch2_early,
              .options = hostile_retry, .rewrite = psk_in_both),
    EDIT_WITH("ch2-cookie-missing", AT_SERVER, 1, HF_MSG_ClientHello, 1, ch2_no_cookie,
              .options = hostile_retry_cookie),
    EDIT_WITH("ch2-cookie-altered", AT_SERVER, 3, HF_MSG_ClientHello, 1, ch2_cookie,
              .options = hostile_retry_cookie),
    EDIT_WITH("ch2-suites-changed", AT_SERVER, 3, HF_MSG_ClientHello, 1, ch2_suites,
              .options = hostile_retry),
    EDIT_WITH("ch2-fixed-fields-changed", AT_SERVER, 7, HF_MSG_ClientHello, 1, ch2_fixed,
              .options = hostile_retry),
    EDIT_WITH("ch2-fixed-fields-changed", AT_SERVER, 2, HF_MSG_ClientHello, 1, ch2_versions,
              .options = hostile_retry),
    EDIT_WITH("ch2-extension-changed", AT_SERVER, 11, HF_MSG_ClientHello, 1, ch2_extension,
              .options = ch2_options),
    REWRITE("ch2-extension-changed", AT_SERVER, 2, ch2_padding, .options = hostile_retry,
            .lawful = true),
    REWRITE("ch2-psk-withdrawn", AT_SERVER, 2, psk_in_one, .options = hostile_retry),
    REWRITE("ch2-psk-withdrawn", AT_SERVER, 1, psk_comes, .options = hostile_retry),
    REWRITE("ch2-psk-withdrawn", AT_SERVER, 1, psk_goes, .options = hostile_retry,
            .lawful = true), /* RFC 9846 4.2.2 allows it: disputed.md */
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_shares", &rows, 1600);
}
