/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows ch-* and ch2-* of alerts.tsv but those about key shares: bad ClientHellos at a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_rows.h"

static const hf_msg CH = HF_MSG_ClientHello;

static void put(hostile_bytes *b, int type, hf_span data)
{
    hb_extension_put(b, CH, (uint16_t)type, data);
}

/* ---- the fixed fields ---- */

enum { RANDOM_AT = 2, SESSION_ID_AT = 34 };

static size_t suites_at(const hostile_bytes *b)
{
    return SESSION_ID_AT + 1 + b->data[SESSION_ID_AT];
}

static size_t compression_at(const hostile_bytes *b)
{
    size_t at = suites_at(b);

    return at + 2 + (size_t)(b->data[at] << 8 | b->data[at + 1]);
}

static void set_version(hostile_bytes *b, unsigned version)
{
    b->data[0] = (uint8_t)(version >> 8);
    b->data[1] = (uint8_t)version;
}

/* The whole vector with its length. */
static void set_suites(hostile_bytes *b, hf_span vector)
{
    hb_replace(b, suites_at(b), compression_at(b) - suites_at(b), vector);
}

static void set_compression(hostile_bytes *b, hf_span vector)
{
    hb_replace(b, compression_at(b), 1 + (size_t)b->data[compression_at(b)], vector);
}

static void legacy_version_13(hostile_bytes *b, int v)
{
    static const unsigned versions[] = { 0x0300, 0x0301, 0x0302, 0x0304, 0x0305, 0x0000, 0xffff };

    set_version(b, versions[v]);
}

static void legacy_version_low(hostile_bytes *b, int v)
{
    hb_extension_remove(b, CH, VERSIONS);
    set_version(b, 0x0300 + (unsigned)v);
}

static void no_common_version(hostile_bytes *b, int v)
{
    const hf_span lists[] = { S("\4\3\1\3\2"), S("\4\xda\xda\x2a\x2a"), S("\2\3\5"), S("\2\3\3"),
                              S("\6\x7f\x1c\3\0\2\0") };

    put(b, VERSIONS, lists[v]);
}

static void session_id_long(hostile_bytes *b, int v)
{
    size_t n = v ? 255 : 33;
    static const uint8_t bytes[255];

    hb_replace(b, SESSION_ID_AT, 1 + (size_t)b->data[SESSION_ID_AT], S(""));
    hb_replace(b, SESSION_ID_AT, 0, hf_span_of(bytes, n));
    uint8_t len = (uint8_t)n;
    hb_replace(b, SESSION_ID_AT, 0, hf_span_of(&len, 1));
}

static void vectors_malformed(hostile_bytes *b, int v)
{
    if (v < 2)
        set_suites(b, v ? S("\0\3\x13\1\x13") : S("\0\0"));
    else
        set_compression(b, S("\0"));
}

static void no_common_suite(hostile_bytes *b, int v)
{
    const hf_span lists[] = { S("\0\4\xc0\x2b\xc0\x2f"), S("\0\2\x13\x99"), S("\0\4\xda\xda\0\xff"),
                              S("\0\4\x13\4\x13\5") };

    set_suites(b, lists[v]);
}

static void compression(hostile_bytes *b, int v)
{
    const hf_span vectors[] = { S("\1\1"), S("\2\0\1"), S("\2\1\0"), S("\2\0\0") };

    set_compression(b, vectors[v]);
}

static void fallback(hostile_bytes *b, int v)
{
    set_suites(b, S("\0\6\xc0\x2b\xc0\x2f\x56\0"));
    if (v == 0)
        put(b, VERSIONS, S("\2\3\3"));
    else
        hb_extension_remove(b, CH, VERSIONS);
}

/* ---- the block ---- */

static void block_length(hostile_bytes *b, int by)
{
    size_t at = hb_extensions_at(b, CH),
           len = (size_t)(b->data[at] << 8 | b->data[at + 1]) + (size_t)by;

    b->data[at] = (uint8_t)(len >> 8);
    b->data[at + 1] = (uint8_t)len;
}

static void block_malformed(hostile_bytes *b, int v)
{
    size_t at = 0, len = 0;

    if (v < 2) {
        block_length(b, v ? 1 : -1);
    } else if (v == 2) { /* the last extension reaches past the block */
        hb_extension_last(b, CH, UNKNOWN, S("xy"));
        assert_true(hb_extension(b, CH, UNKNOWN, &at, &len));
        b->data[at - 1]++;
    } else { /* 1 to 3 stray bytes */
        hb_add(b, hf_span_of("\xff\xff\xff", (size_t)v - 2));
        block_length(b, v - 2);
    }
}

/* A good body of each type that the library knows, for a ClientHello. */
static const struct {
    int type;
    size_t len;
    const char *body;
} good[] = {
    { SERVER_NAME, 14, "\0\14\0\0\11localhost" },
    { MAX_FRAGMENT, 1, "\1" },
    { STATUS_REQUEST, 5, "\1\0\0\0\0" },
    { GROUPS, 4, "\0\2\0\x1d" },
    { POINT_FORMATS, 2, "\1\0" },
    { SIGALGS, 4, "\0\2\4\3" },
    { ALPN, 5, "\0\3\2h2" },
    { SCT, 0, "" },
    { EMS, 0, "" },
    { RECORD_SIZE, 2, "\x40\0" },
    { EARLY_DATA, 0, "" },
    { VERSIONS, 3, "\2\3\4" },
    { COOKIE, 3, "\0\1c" },
    { PSK_MODES, 2, "\1\1" },
    { AUTHORITIES, 5, "\0\3\0\1x" },
    { PHA, 0, "" },
    { SIGALGS_CERT, 4, "\0\2\4\3" },
    { KEY_SHARE, 2, "\0\0" },
    { RENEGOTIATION, 1, "\0" },
    { UNKNOWN, 2, "??" },
    { GREASE, 1, "\0" },
    { 21, 3, "\0\0\0" },
    { 35, 0, "" },
};
enum { N_GOOD = sizeof good / sizeof *good, N_STRUCTURED = N_GOOD - 4 };

static void twice(hostile_bytes *b, int v)
{
    size_t at = 0, len = 0;
    uint16_t type = (uint16_t)good[v].type;

    if (!hb_extension(b, CH, type, &at, &len))
        hb_extension_last(b, CH, type, hf_span_of(good[v].body, good[v].len));
    hb_extension_front(b, CH, type, hf_span_of(good[v].body, good[v].len));
}

static void trailing_byte(hostile_bytes *b, int v)
{
    hostile_bytes body = { 0 };

    hb_set(&body, hf_span_of(good[v].body, good[v].len));
    hb_add_uint(&body, 0, 1);
    put(b, good[v].type, hb_span(&body));
    hb_free(&body);
}

static void oid_filters(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_last(b, CH, OID_FILTERS, S("\0\0"));
}

static void flag_with_body(hostile_bytes *b, int v)
{
    static const int types[] = { EARLY_DATA, PHA, EMS };

    hb_extension_last(b, CH, (uint16_t)types[v], S("\0"));
}

/* ---- server_name, ALPN ---- */

static void sni_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S(""),
                               S("\0\0"),
                               S("\0\3\0\0\0"),
                               S("\0\5\0\0\3a"),
                               S("\0\4\0\0\1ab"),
                               S("\0\5\0\0\1ab"),
                               S("\0\4\0\0\2a") };

    put(b, SERVER_NAME, bodies[v]);
}

static void sni_two(hostile_bytes *b, int v)
{
    (void)v;
    put(b, SERVER_NAME, S("\0\10\0\0\1a\0\0\1b"));
}

static void sni_characters(hostile_bytes *b, int v)
{
    const hf_span names[] = { S("a\0b"),      S("a\1b"), S("\xc3\xa4.test"), S("localhost."),
                              S("127.0.0.1"), S("::1"),  S("a b"),           S("a/b"),
                              S("."),         S("a..b") };
    hostile_bytes body = { 0 };

    hb_add_uint(&body, names[v].len + 3, 2);
    hb_add_uint(&body, 0, 1);
    hb_add_uint(&body, names[v].len, 2);
    hb_add(&body, names[v]);
    put(b, SERVER_NAME, hb_span(&body));
    hb_free(&body);
}

static void alpn_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S(""),          S("\0\0"),     S("\0\1\0"),    S("\0\3\3h2"),
                               S("\0\3\2h2x"), S("\0\4\2h2"), S("\0\4\2h2\0") };

    put(b, ALPN, bodies[v]);
}

static void alpn_foreign(hostile_bytes *b, int v)
{
    put(b, ALPN, v ? S("\0\3\2H2") : S("\0\7\6spdy/3"));
}

/* ---- lists of code points ---- */

/* Empty, odd, and lengths that are not the data's. */
static void list_malformed(hostile_bytes *b, int type, int v)
{
    const hf_span bodies[] = { S("\0\0"),         S("\0\3\4\3\4"), S("\0\4\4\3"),
                               S("\0\2\4\3\4\3"), S(""),           S("\0") };

    put(b, type, bodies[v]);
}

static void versions_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S("\0"), S("\3\3\4\3"), S("\4\3\4"), S("\2\3\4\3\3"), S("") };

    put(b, VERSIONS, bodies[v]);
}

static void groups_malformed(hostile_bytes *b, int v)
{
    list_malformed(b, GROUPS, v);
}

static void sigalgs_malformed(hostile_bytes *b, int v)
{
    list_malformed(b, v < 6 ? SIGALGS : SIGALGS_CERT, v % 6);
}

static void groups_twice(hostile_bytes *b, int v)
{
    put(b, GROUPS, v ? S("\0\10\xda\xda\0\x1d\0\x17\0\x1d") : S("\0\6\0\x1d\0\x17\0\x17"));
}

static void groups_foreign(hostile_bytes *b, int v)
{
    put(b, GROUPS, v ? S("\0\4\xda\xda\1\0") : S("\0\4\0\x18\0\x19"));
    put(b, KEY_SHARE, S("\0\0"));
}

static void sigalgs_foreign(hostile_bytes *b, int v)
{
    const hf_span lists[] = { S("\0\6\4\1\5\1\6\1"), S("\0\4\2\3\2\1"), S("\0\4\xda\xda\7\7"),
                              S("\0\2\5\3") };

    put(b, SIGALGS, lists[v]);
}

static void without(hostile_bytes *b, int type, bool with_psk)
{
    hb_extension_remove(b, CH, (uint16_t)type);
    if (!with_psk)
        return;
    hb_extension_last(b, CH, PSK_MODES, S("\1\1"));
    hb_extension_last(b, CH, PSK,
                      S("\0\7\0\1x\0\0\0\0\0\x21\x20"
                        "0123456789abcdef0123456789abcdef"));
}

static void no_sigalgs(hostile_bytes *b, int v)
{
    without(b, SIGALGS, v);
}

static void no_groups(hostile_bytes *b, int v)
{
    without(b, GROUPS, v);
}

static void no_key_share(hostile_bytes *b, int v)
{
    without(b, KEY_SHARE, v);
}

/* ---- pre_shared_key and what goes with it ---- */

#define BINDER "0123456789abcdef0123456789abcdef"

static void psk_with(hostile_bytes *b, hf_span body)
{
    hb_extension_last(b, CH, PSK_MODES, S("\1\1"));
    hb_extension_last(b, CH, PSK, body);
}

static void psk_not_last(hostile_bytes *b, int v)
{
    hf_span body = S("\0\7\0\1x\0\0\0\0\0\x21\x20" BINDER);

    hb_extension_front(b, CH, PSK_MODES, S("\1\1"));
    if (v == 0) {
        hb_extension_front(b, CH, PSK, body);
    } else {
        hb_extension_last(b, CH, PSK, body);
        hb_extension_last(b, CH, (uint16_t)(v == 1 ? UNKNOWN : 21), S(""));
    }
}

static void psk_without_modes(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_last(b, CH, PSK, S("\0\7\0\1x\0\0\0\0\0\x21\x20" BINDER));
}

static void modes_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S("\0"), S("\2\1"), S("\1\1\1"), S("") };

    put(b, PSK_MODES, bodies[v]);
}

static void psk_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = {
        S("\0\0\0\x21\x20" BINDER),             /* no identities */
        S("\0\7\0\1x\0\0\0\0\0\0"),             /* no binders */
        S("\0\6\0\0\0\0\0\0\0\x21\x20" BINDER), /* an identity of length 0 */
        S("\0\7\0\1x\0\0\0\0\0\x20\x1f"
          "123456789abcdef0123456789abcdef"), /* a binder of 31 bytes */
        S("\0\7\0\2x\0\0\0\0\0\x21\x20" BINDER),
        S("\0\7\0\1x\0\0\0\0\0\x21\x21" BINDER),
        S("\0\7\0\1x\0\0\0\0\0\x21\x20" BINDER "z"),
        S("\0\7\0\1x\0\0\0\0\0\x22\x20" BINDER),
        S("\0\7\0\1x\0\0\0\0"),
        S(""),
    };

    psk_with(b, bodies[v]);
}

static void psk_counts(hostile_bytes *b, int v)
{
    psk_with(b, v ? S("\0\7\0\1x\0\0\0\0\0\x42\x20" BINDER "\x20" BINDER)
                  : S("\0\16\0\1x\0\0\0\0\0\1y\0\0\0\0\0\x21\x20" BINDER));
}

static void early_without_psk(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_front(b, CH, EARLY_DATA, S(""));
}

static void cookie_unasked(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_front(b, CH, COOKIE, S("\0\4nuts"));
}

static void small_limit(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S("\0\x3f"), S("\0\0"), S("\0\1") };

    put(b, RECORD_SIZE, bodies[v]);
}

static void other_malformed(hostile_bytes *b, int v)
{
    static const struct {
        int type;
        size_t len;
        const char *body;
    } bodies[] = {
        { COOKIE, 0, "" },
        { COOKIE, 2, "\0\0" },
        { COOKIE, 3, "\0\2c" },
        { COOKIE, 4, "\0\1cc" },
        { AUTHORITIES, 0, "" },
        { AUTHORITIES, 2, "\0\0" },
        { AUTHORITIES, 4, "\0\2\0\0" },
        { AUTHORITIES, 5, "\0\3\0\2x" },
        { STATUS_REQUEST, 0, "" },
        { STATUS_REQUEST, 1, "\1" },
        { STATUS_REQUEST, 3, "\1\0\0" },
        { STATUS_REQUEST, 6, "\1\0\0\0\0\0" },
        { STATUS_REQUEST, 5, "\1\0\0\0\1" },
        { RECORD_SIZE, 0, "" },
        { RECORD_SIZE, 1, "\x40" },
        { RECORD_SIZE, 3, "\x40\0\0" },
    };

    put(b, bodies[v].type, hf_span_of(bodies[v].body, bodies[v].len));
}

/* ---- what must be skipped ---- */

static void unknown_values(hostile *h, hf_msg msg, hostile_bytes *b)
{
    size_t at = 0, len = 0;

    (void)h;
    if (msg != CH)
        return;
    set_suites(b, S("\0\12\x1a\x1a\xfe\xfe\x13\1\0\xff\x13\x99"));
    put(b, VERSIONS, S("\12\xfa\xfa\x7f\x1c\3\4\3\5\3\2"));
    put(b, SIGALGS, S("\0\12\x3a\x3a\xfe\xfe\4\3\2\1\x09\4"));
    put(b, ALPN, S("\0\12\2??\2h2\3\x0a\x0a\x0a"));
    put(b, PSK_MODES, S("\3\x0b\1\x2a"));
    put(b, SERVER_NAME, S("\0\23\7\0\1!\0\0\11localhost\7\0\0"));
    put(b, STATUS_REQUEST, S("\7whatever"));
    put(b, UNKNOWN, S("anything"));
    put(b, 0x5a5a, S(""));
    assert_true(hb_extension(b, CH, KEY_SHARE, &at, &len)); /* a share of an unknown group first */
    b->data[at + 1] = (uint8_t)(b->data[at + 1] + 5);
    b->data[at] = (uint8_t)(b->data[at] + (b->data[at + 1] < 5));
    hostile_bytes shares = { 0 };
    hb_set(&shares, hf_span_of(b->data + at, len));
    hb_replace(&shares, 2, 0, S("\xfe\xfe\0\1?"));
    put(b, KEY_SHARE, hb_span(&shares));
    hb_free(&shares);
    assert_true(hb_extension(b, CH, GROUPS, &at, &len));
    hostile_bytes groups = { 0 };
    hb_set(&groups, hf_span_of(b->data + at, len));
    hb_replace(&groups, 2, 0, S("\xfe\xfe"));
    groups.data[1] = (uint8_t)(groups.data[1] + 2);
    put(b, GROUPS, hb_span(&groups));
    hb_free(&groups);
}

static void unknown_psk(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == CH)
        psk_with(b, hostile_variant()
                        ? S("\0\16\0\1x\0\0\0\0\0\1y\0\0\0\0\0\x42\x20" BINDER "\x20" BINDER)
                        : S("\0\7\0\1x\0\0\0\0\0\x21\x20" BINDER));
}

static void large_limit(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg != CH)
        return;
    put(b, RECORD_SIZE, hostile_variant() ? S("\xff\xff") : S("\x40\2"));
    if (hostile_variant() == 2)
        put(b, MAX_FRAGMENT, S("\1"));
}

/* ---- orders ---- */

static void not_first(hostile *h, int v)
{
    static const hf_msg first[] = {
        HF_MSG_Finished,  HF_MSG_ServerHello,    HF_MSG_EncryptedExtensions, HF_MSG_Certificate,
        HF_MSG_KeyUpdate, HF_MSG_EndOfEarlyData, HF_MSG_ClientKeyExchange
    };

    hostile_send(h, first[v], v == 5 ? S("") : S("\0"));
}

static void sslv2(hostile *h, int v)
{
    hostile_raw(h, v ? S("\x80\x2e\1\0\2\0\x15\0\0\0\x10\1\0\x80\2\0\x80")
                     : S("\x80\x2e\1\3\1\0\x15\0\0\0\x10\0\0\x04\0\0\x05"));
}

static void again(hostile *h, int v)
{
    if (v == 0)
        hostile_until(h, HF_MSG_Finished, 0);
    else
        hostile_connected(h);
    hf_span all = hb_span(&h->said[0].bytes);
    hostile_send(h, CH, hf_span_of(all.data + HF_HANDSHAKE_HEADER, all.len - HF_HANDSHAKE_HEADER));
}

static const hostile_case cases[] = {
    RUN("ch-not-first", AT_SERVER, 7, not_first),
    RUN("ch-sslv2-format", AT_SERVER, 2, sslv2),
    EDIT("ch-legacy-version-not-0303-with-13", AT_SERVER, 7, HF_MSG_ClientHello, 0,
         legacy_version_13),
    EDIT_WITH("ch-legacy-version-too-low", AT_SERVER, 4, HF_MSG_ClientHello, 0, legacy_version_low,
              .policy = true),
    EDIT_WITH("ch-no-common-version", AT_SERVER, 5, HF_MSG_ClientHello, 0, no_common_version,
              .policy = true),
    EDIT("ch-session-id-over-32", AT_SERVER, 2, HF_MSG_ClientHello, 0, session_id_long),
    EDIT("ch-legacy-vectors-malformed", AT_SERVER, 3, HF_MSG_ClientHello, 0, vectors_malformed),
    EDIT_WITH("ch-no-common-suite", AT_SERVER, 4, HF_MSG_ClientHello, 0, no_common_suite,
              .policy = true),
    EDIT("ch-compression-not-null-13", AT_SERVER, 4, HF_MSG_ClientHello, 0, compression),
    EDIT("ch-extensions-malformed", AT_SERVER, 6, HF_MSG_ClientHello, 0, block_malformed),
    EDIT("ch-duplicate-extension", AT_SERVER, N_GOOD, HF_MSG_ClientHello, 0, twice),
    EDIT("ch-extension-not-for-ch", AT_SERVER, 1, HF_MSG_ClientHello, 0, oid_filters),
    EDIT("ch-extension-trailing-data", AT_SERVER, N_STRUCTURED, HF_MSG_ClientHello, 0,
         trailing_byte),
    RUN("ch-unexpected-13", AT_SERVER, 2, again),
    EDIT("ch-fallback-scsv", AT_SERVER, 2, HF_MSG_ClientHello, 0, fallback),
    EDIT("ch-sni-malformed", AT_SERVER, 7, HF_MSG_ClientHello, 0, sni_malformed),
    EDIT("ch-sni-two-host-names", AT_SERVER, 1, HF_MSG_ClientHello, 0, sni_two),
    EDIT("ch-sni-bad-characters", AT_SERVER, 10, HF_MSG_ClientHello, 0, sni_characters),
    EDIT("ch-alpn-malformed", AT_SERVER, 7, HF_MSG_ClientHello, 0, alpn_malformed),
    EDIT_WITH("ch-alpn-no-overlap", AT_SERVER, 2, HF_MSG_ClientHello, 0, alpn_foreign,
              .options = hostile_alpn, .policy = true),
    REWRITE("ch-unknown-values", AT_SERVER, 1, unknown_values, .options = hostile_alpn),
    EDIT("ch-supported-versions-malformed", AT_SERVER, 5, HF_MSG_ClientHello, 0,
         versions_malformed),
    EDIT("ch-supported-groups-malformed", AT_SERVER, 6, HF_MSG_ClientHello, 0, groups_malformed),
    EDIT("ch-supported-groups-duplicate", AT_SERVER, 2, HF_MSG_ClientHello, 0, groups_twice),
    EDIT_WITH("ch-no-common-group", AT_SERVER, 2, HF_MSG_ClientHello, 0, groups_foreign,
              .policy = true),
    EDIT("ch-sigalgs-malformed", AT_SERVER, 12, HF_MSG_ClientHello, 0, sigalgs_malformed),
    EDIT_WITH("ch-sigalgs-no-overlap", AT_SERVER, 4, HF_MSG_ClientHello, 0, sigalgs_foreign,
              .policy = true),
    EDIT("ch-sigalgs-missing-13", AT_SERVER, 2, HF_MSG_ClientHello, 0, no_sigalgs),
    EDIT("ch-supported-groups-missing-13", AT_SERVER, 1, HF_MSG_ClientHello, 0, no_groups),
    EDIT("ch-key-share-missing", AT_SERVER, 2, HF_MSG_ClientHello, 0, no_key_share),
    EDIT("ch-key-share-without-groups", AT_SERVER, 2, HF_MSG_ClientHello, 0, no_groups),
    EDIT("ch-psk-not-last", AT_SERVER, 3, HF_MSG_ClientHello, 0, psk_not_last),
    EDIT("ch-psk-without-modes", AT_SERVER, 1, HF_MSG_ClientHello, 0, psk_without_modes),
    EDIT("ch-psk-modes-malformed", AT_SERVER, 4, HF_MSG_ClientHello, 0, modes_malformed),
    EDIT("ch-psk-malformed", AT_SERVER, 10, HF_MSG_ClientHello, 0, psk_malformed),
    EDIT("ch-psk-binder-count", AT_SERVER, 2, HF_MSG_ClientHello, 0, psk_counts),
    REWRITE("ch-psk-unknown-identity", AT_SERVER, 2, unknown_psk, .options = NULL),
    EDIT("ch-flag-extension-nonempty", AT_SERVER, 3, HF_MSG_ClientHello, 0, flag_with_body),
    EDIT("ch-early-data-without-psk", AT_SERVER, 1, HF_MSG_ClientHello, 0, early_without_psk),
    EDIT("ch-cookie-unsolicited", AT_SERVER, 1, HF_MSG_ClientHello, 0, cookie_unasked),
    EDIT("ch-record-size-limit-small", AT_SERVER, 3, HF_MSG_ClientHello, 0, small_limit),
    REWRITE("ch-record-size-limit-large", AT_SERVER, 3, large_limit, .options = NULL),
    EDIT("ch-other-extension-malformed", AT_SERVER, 16, HF_MSG_ClientHello, 0, other_malformed),
};

static const hostile_later later[] = {
    { "ch-sni-unrecognized", AT_SERVER,
      "no policy refuses unknown names yet: the first identity answers" },
    { "ch-sni-missing-required", AT_SERVER, "no policy demands server_name yet" },
    { "ch-psk-binder-wrong", AT_SERVER, "needs a PSK that the server knows: resumption" },
    { "ch-psk-required-unknown", AT_SERVER, "needs a PSK-only configuration" },
    { "ch-early-data-not-acceptable", AT_SERVER, "needs tickets: resumption" },
};

int main(void)
{
    static const hostile_rows rows = { cases, sizeof cases / sizeof *cases, later,
                                       sizeof later / sizeof *later };

    return hostile_rows_main("alerts_tls13_hello", &rows, 180);
}
