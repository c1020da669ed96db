/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows hrr-*, sh-*, srv-* and ee-* of alerts.tsv: bad answers of a server to our client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_both.h"

enum { SESSION_ID_AT = HOSTILE_SESSION_ID_AT, MLKEM_CIPHERTEXT = 1088 };
static const hf_msg HRR = HF_MSG_HelloRetryRequest, SH = HF_MSG_ServerHello,
                    EE = HF_MSG_EncryptedExtensions;

/* ServerHello and HelloRetryRequest have one shape. */
static void put(hostile_bytes *b, int type, hf_span data)
{
    hb_extension_put(b, SH, (uint16_t)type, data);
}

static void drop(hostile_bytes *b, int type)
{
    hb_extension_remove(b, SH, (uint16_t)type);
}

/* A bit flipped, shorter, empty. */
static void change_session_id(hostile_bytes *b, int v)
{
    if (v == 0) {
        b->data[SESSION_ID_AT + 32] ^= 1;
    } else {
        hb_replace(b, SESSION_ID_AT + 1, v == 1 ? 1 : b->data[SESSION_ID_AT], S(""));
        b->data[SESSION_ID_AT] = v == 1 ? 31 : 0;
    }
}

/* ---- HelloRetryRequest ---- */

static void hrr_no_change(hostile_bytes *b, int v)
{
    (void)v;
    drop(b, KEY_SHARE);
}

static void hrr_second(hostile *h, int v)
{
    hostile_until(h, HRR, 0);
    hostile_bytes body = { 0 };
    hb_set(&body, hostile_due_body(h));
    hostile_until(h, SH, 0);
    if (v == 1)
        put(&body, COOKIE, S("\0\4nuts"));
    if (v == 2)
        put(&body, KEY_SHARE, S("\0\x1d"));
    hostile_send(h, HRR, hb_span(&body));
    hb_free(&body);
}

static void hrr_group_foreign(hostile_bytes *b, int v)
{
    const hf_span groups[] = { S("\0\x18"), S("\xba\xba"), S("\1\0"), S("\x11\xec"), S("\0\0") };

    put(b, KEY_SHARE, groups[v % 5]);
    if (v >= 5)
        put(b, COOKIE, S("\0\4nuts"));
}

static void hrr_group_shared(hostile_bytes *b, int v)
{
    put(b, KEY_SHARE, S("\0\x1d"));
    if (v)
        put(b, COOKIE, S("\0\4nuts"));
}

static void hrr_malformed(hostile_bytes *b, int v)
{
    const hf_span cookies[] = { S("\0\0"), S("\0\5nuts"), S("\0\3nuts"), S(""), S("\0") };
    const hf_span shares[] = { S("\0"), S("\0\x17\0"), S(""), S("\0\x17\0\1x") };

    if (v < 5)
        put(b, COOKIE, cookies[v]);
    else
        put(b, KEY_SHARE, shares[v - 5]);
}

static void no_versions(hostile_bytes *b, int v)
{
    (void)v;
    drop(b, VERSIONS);
}

static void other_version(hostile_bytes *b, int v)
{
    const hf_span versions[] = { S("\3\3"), S("\3\5"), S("\3\1"), S("\xba\xba"), S("\x7f\x1c") };

    put(b, VERSIONS, versions[v]);
}

static void hrr_fields(hostile_bytes *b, int v)
{
    static const unsigned suites[] = { 0x1304, 0x00ff, 0xc02b, 0xbaba };

    if (v < 3)
        change_session_id(b, v);
    else if (v < 7)
        hostile_set_suite(b, suites[v - 3]);
    else if (v == 7)
        hostile_set_compression(b, 1);
    else
        hostile_set_version(b, v == 8 ? 0x0304 : 0x0302);
}

static void unknown_extension(hostile_bytes *b, int v)
{
    hb_extension_last(b, SH, v ? GREASE : UNKNOWN, v ? S("") : S("what"));
}

static void hrr_misplaced(hostile_bytes *b, int v)
{
    static const int types[] = { PSK, ALPN, SERVER_NAME, EARLY_DATA, RECORD_SIZE, GROUPS };

    hb_extension_last(b, SH, (uint16_t)types[v],
                      v == 0   ? S("\0\0")
                      : v == 1 ? S("\0\3\2h2")
                      : v == 4 ? S("\x40\0")
                               : S(""));
}

/* ---- ServerHello ---- */

static void sh_old_version(hostile_bytes *b, int v)
{
    static const unsigned versions[] = { 0x0300, 0x0301, 0x0302, 0x0304, 0x0305 };

    drop(b, VERSIONS);
    drop(b, KEY_SHARE);
    hostile_set_version(b, versions[v]);
}

static void sh_version_12(hostile_bytes *b, int v)
{
    (void)v;
    drop(b, VERSIONS);
    drop(b, KEY_SHARE);
}

static void sh_legacy_version(hostile_bytes *b, int v)
{
    static const unsigned versions[] = { 0x0300, 0x0301, 0x0302, 0x0304, 0x0305 };

    hostile_set_version(b, versions[v]);
}

static void sh_suite_foreign(hostile_bytes *b, int v)
{
    static const unsigned suites[] = { 0x0000, 0xbaba, 0x00ff, 0x5600, 0x1304, 0x1399 };

    hostile_set_suite(b, suites[v]);
}

static void sh_suite_of_12(hostile_bytes *b, int v)
{
    hostile_set_suite(b, v ? 0x009c : 0xc02b);
}

static void sh_compression(hostile_bytes *b, int v)
{
    hostile_set_compression(b, v ? 0xff : 1);
}

static void sh_malformed(hostile_bytes *b, int v)
{
    size_t block = hb_extensions_at(b, SH),
           n[] = { 1,         20,        SESSION_ID_AT, SESSION_ID_AT + 1, SESSION_ID_AT + 20,
                   block - 1, block + 1, block + 5,     b->len - 1 };

    if (v < 9) {
        b->len = n[v];
    } else if (v == 9) {
        hb_replace(b, SESSION_ID_AT + 1, 0, S("x"));
        b->data[SESSION_ID_AT] = 33;
    } else if (v == 10) {
        b->data[block + 1]--;
    } else if (v == 11) {
        b->data[block + 1]++;
    } else {
        hb_add_uint(b, 0, 1);
    }
}

static void sh_unsolicited(hostile_bytes *b, int v)
{
    if (v < 2)
        unknown_extension(b, v);
    else
        hb_extension_last(b, SH, PSK, S("\0\0"));
}

static void sh_misplaced(hostile_bytes *b, int v)
{
    static const hostile_extension rows[] = {
        { ALPN, 5, "\0\3\2h2" },      { SERVER_NAME, 0, "" }, { GROUPS, 4, "\0\2\0\x1d" },
        { EARLY_DATA, 0, "" },        { EMS, 0, "" },         { RENEGOTIATION, 1, "\0" },
        { PSK_MODES, 2, "\1\1" },     { COOKIE, 3, "\0\1c" }, { SIGALGS, 4, "\0\2\4\3" },
        { RECORD_SIZE, 2, "\x40\0" },
    };

    hostile_say_last(b, SH, &rows[v]);
}

static void sh_no_share(hostile_bytes *b, int v)
{
    (void)v;
    drop(b, KEY_SHARE);
}

static const uint8_t filler[2000];

static void put_share(hostile_bytes *b, unsigned group, hf_span key)
{
    hostile_bytes body = { 0 };

    hb_add_uint(&body, group, 2);
    hb_add_uint(&body, key.len, 2);
    hb_add(&body, key);
    put(b, KEY_SHARE, hb_span(&body));
    hb_free(&body);
}

static void sh_group_foreign(hostile_bytes *b, int v)
{
    static const unsigned groups[] = { 0x17, 0x18, 0xbaba, 0x0100, 0x11ec };
    static const size_t lengths[] = { 65, 97, 1, 256, 1120 };

    put_share(b, groups[v], hf_span_of(filler, lengths[v]));
}

static void sh_group_not_of_retry(hostile_bytes *b, int v)
{
    put_share(b, v ? 0x18 : 0x1d, hf_span_of(filler, v ? 97 : 32));
}

static void sh_extension_malformed(hostile_bytes *b, int v)
{
    const hf_span versions[] = { S("\3"), S("\3\4\3"), S(""), S("\2\3\4") };
    const hf_span shares[] = { S("\0\x1d"),       S("\0\x1d\0\0"), S("\0\x1d\0\2x"),
                               S("\0\x1d\0\1xx"), S("\0"),         S("") };

    if (v < 4)
        put(b, VERSIONS, versions[v]);
    else
        put(b, KEY_SHARE, shares[v - 4]);
}

static void sh_point(hostile_bytes *b, int v)
{
    static const size_t lengths[] = { 64, 66, 97, 33, 1 };
    uint8_t point[65] = { 4 };

    if (v < 5) {
        put_share(b, 0x17, hf_span_of(filler, lengths[v]));
        return;
    }
    size_t at = 0, len = 0;
    assert_true(hb_extension(b, SH, KEY_SHARE, &at, &len));
    if (v < 9)
        b->data[at + 4] = (uint8_t[]){ 2, 3, 6, 7 }[v - 5]; /* the form of the server's own point */
    else if (v == 9)
        b->data[at + len - 1] ^= 1;
    else
        memset(point + 1, v == 10 ? 0 : 0xff, 64), put_share(b, 0x17, hf_span_of(point, 65));
}

static void sh_x25519(hostile_bytes *b, int v)
{
    static const size_t lengths[] = { 31, 33, 1, 56 };
    uint8_t key[32] = { (uint8_t)(v - 4) }; /* 0 and 1: small order */

    put_share(b, 0x1d, v < 4 ? hf_span_of(filler, lengths[v]) : hf_span_of(key, 32));
}

/* The x25519 part of the hybrid is of small order. */
static void sh_hybrid_zero(hostile_bytes *b, int v)
{
    size_t at = 0, len = 0;

    assert_true(hb_extension(b, SH, KEY_SHARE, &at, &len));
    memset(b->data + at + len - 32, 0, 32);
    b->data[at + len - 32] = (uint8_t)v;
}

static void sh_mlkem_length(hostile_bytes *b, int v)
{
    static const size_t lengths[] = { 1119, 1121, 1216, 1088, 32 };

    put_share(b, 0x11ec, hf_span_of(filler, lengths[v]));
}

static void sh_pure_length(hostile_bytes *b, int v)
{
    static const size_t lengths[] = { 1567, 1569, 1088, 1120, 32 };

    put_share(b, 0x0202, hf_span_of(filler, lengths[v]));
}

/* As below, at the ends and in the middle of MLKEM1024's ciphertext. */
static void sh_pure_altered(hostile *h, int v)
{
    static const size_t places[] = { 0, 700, 1567 };
    hostile_bytes body = { 0 };
    size_t at = 0, len = 0;

    hostile_until(h, SH, 0);
    hb_set(&body, hostile_due_body(h));
    assert_true(hb_extension(&body, SH, KEY_SHARE, &at, &len));
    assert_int_equal(len, 4 + 1568);
    body.data[at + 4 + places[v]] ^= 1;
    hostile_instead(h, hb_span(&body));
    hb_free(&body);
    assert_null(hostile_failure(h));
    hostile_until(h, EE, 0);
    hostile_next(h);
}

/* Implicit rejection: nothing is noticed before the next protected record. */
static void sh_mlkem_altered(hostile *h, int v)
{
    hostile_bytes body = { 0 };
    size_t at = 0, len = 0;

    hostile_until(h, SH, 0);
    hb_set(&body, hostile_due_body(h));
    assert_true(hb_extension(&body, SH, KEY_SHARE, &at, &len));
    uint8_t *share = body.data + at + 4, swapped[MLKEM_CIPHERTEXT + 32];
    if (v < 2)
        share[v ? MLKEM_CIPHERTEXT - 1 : 0] ^= 1;
    memcpy(swapped, share + MLKEM_CIPHERTEXT, 32);
    memcpy(swapped + 32, share, MLKEM_CIPHERTEXT);
    if (v == 2)
        memcpy(share, swapped, sizeof swapped);
    hostile_instead(h, hb_span(&body));
    hb_free(&body);
    assert_null(hostile_failure(h));
    hostile_until(h, EE, 0);
    hostile_next(h);
}

static void sh_other_suite(hostile_bytes *b, int v)
{
    hostile_set_suite(b, v ? 0x1303 : 0x1302);
}

static void sh_version_not_of_retry(hostile_bytes *b, int v)
{
    if (v < 2)
        drop(b, VERSIONS);
    if (v == 1)
        drop(b, KEY_SHARE);
    if (v == 2)
        put(b, VERSIONS, S("\3\3"));
}

/* ---- blocks in general ---- */

static void sh_duplicate(hostile_bytes *b, int v)
{
    static const int types[] = { VERSIONS, KEY_SHARE, UNKNOWN };

    if (v == 2)
        hb_extension_last(b, SH, UNKNOWN, S(""));
    hostile_say_twice(b, types[v]);
}

static void ee_duplicate(hostile_bytes *b, int v)
{
    static const int types[] = { ALPN, RECORD_SIZE, UNKNOWN };
    const hf_span bodies[] = { S("\0\3\2h2"), S("\x40\0"), S("") };

    if (v == 2)
        hb_extension_last(b, EE, UNKNOWN, S(""));
    hb_extension_front(b, EE, (uint16_t)types[v], bodies[v]);
}

/* ---- EncryptedExtensions ---- */

static void alpn_foreign(hostile_bytes *b, int v)
{
    hostile_say_alpn_foreign(b, EE, v);
}

static void alpn_malformed(hostile_bytes *b, int v)
{
    hostile_say_alpn_malformed(b, EE, v);
}

static void size_limit(hostile_bytes *b, int v)
{
    hostile_say_bad_limit(b, EE, v);
}

static void ee_missing(hostile *h, int v)
{
    static const hf_msg others[] = { HF_MSG_Certificate, HF_MSG_CertificateVerify,
                                     HF_MSG_Finished };

    hostile_until(h, EE, 0);
    while (hostile_due(h)->msg != others[v])
        hostile_skip(h);
    hostile_next(h);
}

static void no_name(pair_options *o, int v)
{
    hostile_retry(o, v);
    o->server_name = "";
    o->verify_name = "localhost";
}

static void ee_unsolicited(hostile_bytes *b, int v)
{
    static const hostile_extension rows[] = {
        { SERVER_NAME, 0, "" }, { EARLY_DATA, 0, "" },   { UNKNOWN, 4, "what" },
        { GREASE, 0, "" },      { ALPN, 5, "\0\3\2h2" }, { MAX_FRAGMENT, 1, "\1" },
    };

    hostile_say_last(b, EE, &rows[v]);
}

static void ee_forbidden(hostile_bytes *b, int v)
{
    static const hostile_extension rows[] = {
        { KEY_SHARE, 7, "\0\x1d\0\3abc" },
        { PSK, 2, "\0\0" },
        { VERSIONS, 2, "\3\4" },
        { COOKIE, 3, "\0\1c" },
        { SIGALGS, 4, "\0\2\4\3" },
        { STATUS_REQUEST, 5, "\1\0\0\0\0" },
        { PADDING, 2, "\0\0" },
        { PSK_MODES, 2, "\1\1" },
        { PHA, 0, "" },
        { EMS, 0, "" },
        { 50, 4, "\0\2\4\3" },
        { 47, 5, "\0\3\0\1x" },
    };

    hostile_say_last(b, EE, &rows[v]);
}

static void ee_malformed(hostile_bytes *b, int v)
{
    if (v == 0)
        b->len = 0;
    else if (v == 1)
        b->data[1]++;
    else if (v == 2)
        b->data[1]--;
    else if (v == 3)
        hb_extension_put(b, EE, SERVER_NAME, S("\0"));
    else
        hb_extension_put(b, EE, RECORD_SIZE, v == 4 ? S("\x40") : S("\x40\0\0"));
}

#define AT_HRR(row, n, function)                                                                   \
    EDIT_WITH(row, AT_CLIENT, n, HF_MSG_HelloRetryRequest, 0, function, .options = hostile_retry)
#define AT_SH(row, n, function) EDIT(row, AT_CLIENT, n, HF_MSG_ServerHello, 0, function)
#define AT_SH_WITH(row, n, function, how)                                                          \
    EDIT_WITH(row, AT_CLIENT, n, HF_MSG_ServerHello, 0, function, .options = how)
#define AT_EE(row, n, function, how)                                                               \
    EDIT_WITH(row, AT_CLIENT, n, HF_MSG_EncryptedExtensions, 0, function, .options = how)

static const hostile_case cases[] = {
    AT_HRR("hrr-no-change", 1, hrr_no_change),
    WITH("hrr-second", AT_CLIENT, 3, hrr_second, .options = hostile_retry),
    AT_HRR("hrr-group-not-offered", 10, hrr_group_foreign),
    AT_HRR("hrr-group-already-shared", 2, hrr_group_shared),
    AT_HRR("hrr-extension-malformed", 9, hrr_malformed),
    AT_HRR("hrr-supported-versions-missing", 1, no_versions),
    AT_HRR("hrr-version-bad", 5, other_version),
    AT_HRR("hrr-fields-bad", 10, hrr_fields),
    AT_HRR("hrr-unknown-extension", 2, unknown_extension),
    AT_HRR("hrr-extension-not-allowed", 6, hrr_misplaced),
    EDIT_WITH("sh-version-not-enabled", AT_CLIENT, 5, HF_MSG_ServerHello, 0, sh_old_version,
              .policy = true),
    EDIT_WITH("sh-version-not-enabled", AT_CLIENT, 1, HF_MSG_ServerHello, 0, sh_version_12,
              .policy = true, .alone = true),
    AT_SH("sh-legacy-version-13", 5, sh_legacy_version),
    AT_SH("sh-supported-versions-bad", 5, other_version),
    AT_SH("sh-suite-not-offered", 6, sh_suite_foreign),
    AT_SH("sh-suite-wrong-version", 2, sh_suite_of_12),
    AT_SH("sh-session-id-echo-13", 3, change_session_id),
    AT_SH("sh-compression-not-null", 2, sh_compression),
    AT_SH("sh-malformed", 13, sh_malformed),
    AT_SH("srv-duplicate-extension", 3, sh_duplicate),
    AT_HRR("srv-duplicate-extension", 3, sh_duplicate),
    AT_EE("srv-duplicate-extension", 3, ee_duplicate, hostile_alpn),
    AT_SH("sh-unsolicited-extension", 3, sh_unsolicited),
    AT_SH("sh-extension-not-allowed-13", 10, sh_misplaced),
    AT_SH("sh-no-key-share-no-psk", 1, sh_no_share),
    AT_SH("sh-key-share-group-not-sent", 5, sh_group_foreign),
    AT_SH_WITH("sh-key-share-group-differs-from-hrr", 2, sh_group_not_of_retry, hostile_retry),
    AT_SH("sh-extension-malformed", 10, sh_extension_malformed),
    AT_SH_WITH("sh-key-share-point-bad", 12, sh_point, hostile_retry),
    AT_SH("sh-key-share-x-bad", 6, sh_x25519),
    AT_SH_WITH("sh-key-share-x-bad", 2, sh_hybrid_zero, hostile_hybrid),
    AT_SH_WITH("sh-mlkem-share-length", 5, sh_mlkem_length, hostile_hybrid),
    WITH("sh-mlkem-ciphertext-altered", AT_CLIENT, 3, sh_mlkem_altered, .options = hostile_hybrid),
    AT_SH_WITH("sh-mlkem-share-length", 5, sh_pure_length, hostile_pure),
    WITH("sh-mlkem-ciphertext-altered", AT_CLIENT, 3, sh_pure_altered, .options = hostile_pure),
    AT_SH_WITH("sh-suite-differs-from-hrr", 2, sh_other_suite, hostile_retry),
    AT_SH_WITH("sh-version-differs-from-hrr", 3, sh_version_not_of_retry, hostile_retry),
    AT_EE("sh-alpn-not-offered", 2, alpn_foreign, hostile_alpn),
    AT_EE("sh-alpn-malformed", 7, alpn_malformed, hostile_alpn),
    AT_EE("sh-record-size-limit-bad", 4, size_limit, NULL),
    RUN("ee-missing", AT_CLIENT, 3, ee_missing),
    AT_EE("ee-unsolicited", 6, ee_unsolicited, no_name),
    AT_EE("ee-forbidden", 12, ee_forbidden, NULL),
    AT_EE("ee-malformed", 6, ee_malformed, NULL),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_server", &rows, 180);
}
