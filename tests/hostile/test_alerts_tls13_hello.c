/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows ch-* and ch2-* of alerts.tsv but those about key shares: bad ClientHellos at a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_hello.h"

static const hf_msg CH = HF_MSG_ClientHello;

/* ---- the fixed fields ---- */

enum { RANDOM_AT = 2, SESSION_ID_AT = 34 };

static void legacy_version_13(hostile_bytes *b, int v)
{
    static const unsigned versions[] = { 0x0300, 0x0301, 0x0302, 0x0304, 0x0305, 0x0000, 0xffff };

    hostile_hello_set_version(b, versions[v]);
}

/* That of TLS 1.2 is wrong only where it is not spoken. */
static void legacy_version_12(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_remove(b, CH, VERSIONS);
}

static void legacy_version_low(hostile_bytes *b, int v)
{
    hb_extension_remove(b, CH, VERSIONS);
    hostile_hello_set_version(b, 0x0300 + (unsigned)v);
}

static void no_common_version(hostile_bytes *b, int v)
{
    const hf_span lists[] = { S("\4\3\1\3\2"), S("\4\xda\xda\x2a\x2a"), S("\2\3\5"),
                              S("\6\x7f\x1c\3\0\2\0") };

    hostile_hello_put(b, VERSIONS, lists[v]);
}

static void only_12(hostile_bytes *b, int v)
{
    (void)v;
    hostile_hello_put(b, VERSIONS, S("\2\3\3"));
}

static void vectors_malformed(hostile_bytes *b, int v)
{
    if (v < 2)
        hostile_hello_set_suites(b, v ? S("\0\3\x13\1\x13") : S("\0\0"));
    else
        hostile_hello_set_compression(b, S("\0"));
}

static void no_common_suite(hostile_bytes *b, int v)
{
    const hf_span lists[] = { S("\0\4\xc0\x2b\xc0\x2f"), S("\0\2\x13\x99"), S("\0\4\xda\xda\0\xff"),
                              S("\0\4\x13\4\x13\5") };

    hostile_hello_set_suites(b, lists[v]);
}

static void compression(hostile_bytes *b, int v)
{
    const hf_span vectors[] = { S("\1\1"), S("\2\0\1"), S("\2\1\0"), S("\2\0\0") };

    hostile_hello_set_compression(b, vectors[v]);
}

static void fallback(hostile_bytes *b, int v)
{
    hostile_hello_set_suites(b, S("\0\6\xc0\x2b\xc0\x2f\x56\0"));
    if (v == 0)
        hostile_hello_put(b, VERSIONS, S("\2\3\3"));
    else
        hb_extension_remove(b, CH, VERSIONS);
}

/* ---- the block ---- */

static void oid_filters(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_last(b, CH, OID_FILTERS, S("\0\0"));
}

/* ---- server_name, ALPN ---- */

/* ---- lists of code points ---- */

static void versions_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S("\0"), S("\3\3\4\3"), S("\4\3\4"), S("\2\3\4\3\3"), S("") };

    hostile_hello_put(b, VERSIONS, bodies[v]);
}

static void groups_twice(hostile_bytes *b, int v)
{
    hostile_hello_put(b, GROUPS,
                      v ? S("\0\10\xda\xda\0\x1d\0\x17\0\x1d") : S("\0\6\0\x1d\0\x17\0\x17"));
}

static void groups_foreign(hostile_bytes *b, int v)
{
    hostile_hello_put(b, GROUPS, v ? S("\0\4\xda\xda\1\0") : S("\0\4\0\x18\0\x19"));
    hostile_hello_put(b, KEY_SHARE, S("\0\0"));
}

static void sigalgs_foreign(hostile_bytes *b, int v)
{
    const hf_span lists[] = { S("\0\6\4\1\5\1\6\1"), S("\0\4\2\3\2\1"), S("\0\4\xda\xda\7\7"),
                              S("\0\2\5\3") };

    hostile_hello_put(b, SIGALGS, lists[v]);
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

    hostile_hello_put(b, PSK_MODES, bodies[v]);
}

static void psk_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = {
        S("\0\0\0\x21\x20" BINDER),             /* no identities */
        S("\0\7\0\1x\0\0\0\0\0\0"),             /* no binders */
        S("\0\6\0\0\0\0\0\0\0\x21\x20" BINDER), /* an identity of length 0 */
        S("\0\7\0\1x\0\0\0\0\0\x20\x1f"
          "123456789abcdef0123456789abcdef"), /* a binder of 31 bytes */
        S("\0\15\0\0\0\0\0\0\0\1x\0\0\0\0\0\x42\x20" BINDER "\x20" BINDER), /* … beside another */
        S("\0\16\0\1x\0\0\0\0\0\1y\0\0\0\0\0\x41\x20" BINDER "\x1f"
          "123456789abcdef0123456789abcdef"), /* the same */
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

/* ---- what must be skipped ---- */

static void unknown_values(hostile *h, hf_msg msg, hostile_bytes *b)
{
    size_t at = 0, len = 0;

    (void)h;
    if (msg != CH)
        return;
    hostile_hello_set_suites(b, S("\0\12\x1a\x1a\xfe\xfe\x13\1\0\xff\x13\x99"));
    hostile_hello_put(b, VERSIONS, S("\12\xfa\xfa\x7f\x1c\3\4\3\5\3\2"));
    hostile_hello_put(b, SIGALGS, S("\0\12\x3a\x3a\xfe\xfe\4\3\2\1\x09\4"));
    hostile_hello_put(b, ALPN, S("\0\12\2??\2h2\3\x0a\x0a\x0a"));
    hostile_hello_put(b, PSK_MODES, S("\3\x0b\1\x2a"));
    hostile_hello_put(b, SERVER_NAME, S("\0\23\7\0\1!\0\0\11localhost\7\0\0"));
    hostile_hello_put(b, STATUS_REQUEST, S("\7whatever"));
    hostile_hello_put(b, UNKNOWN, S("anything"));
    hostile_hello_put(b, 0x5a5a, S(""));
    assert_true(hb_extension(b, CH, KEY_SHARE, &at, &len)); /* a share of an unknown group first */
    b->data[at + 1] = (uint8_t)(b->data[at + 1] + 5);
    b->data[at] = (uint8_t)(b->data[at] + (b->data[at + 1] < 5));
    hostile_bytes shares = { 0 };
    hb_set(&shares, hf_span_of(b->data + at, len));
    hb_replace(&shares, 2, 0, S("\xfe\xfe\0\1?"));
    hostile_hello_put(b, KEY_SHARE, hb_span(&shares));
    hb_free(&shares);
    assert_true(hb_extension(b, CH, GROUPS, &at, &len));
    hostile_bytes groups = { 0 };
    hb_set(&groups, hf_span_of(b->data + at, len));
    hb_replace(&groups, 2, 0, S("\xfe\xfe"));
    groups.data[1] = (uint8_t)(groups.data[1] + 2);
    hostile_hello_put(b, GROUPS, hb_span(&groups));
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

/* ---- orders ---- */

static void not_first(hostile *h, int v)
{
    static const hf_msg first[] = {
        HF_MSG_Finished,  HF_MSG_ServerHello,    HF_MSG_EncryptedExtensions, HF_MSG_Certificate,
        HF_MSG_KeyUpdate, HF_MSG_EndOfEarlyData, HF_MSG_ClientKeyExchange
    };

    hostile_send(h, first[v], v == 5 ? S("") : S("\0"));
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
    RUN("ch-sslv2-format", AT_SERVER, 2, hostile_hello_sslv2),
    EDIT("ch-legacy-version-not-0303-with-13", AT_SERVER, 7, HF_MSG_ClientHello, 0,
         legacy_version_13),
    EDIT_WITH("ch-legacy-version-too-low", AT_SERVER, 3, HF_MSG_ClientHello, 0, legacy_version_low,
              .policy = true),
    EDIT_WITH("ch-legacy-version-too-low", AT_SERVER, 1, HF_MSG_ClientHello, 0, legacy_version_12,
              .policy = true, .alone = true),
    EDIT_WITH("ch-no-common-version", AT_SERVER, 4, HF_MSG_ClientHello, 0, no_common_version,
              .policy = true),
    EDIT_WITH("ch-no-common-version", AT_SERVER, 1, HF_MSG_ClientHello, 0, only_12, .policy = true,
              .alone = true),
    EDIT("ch-session-id-over-32", AT_SERVER, 2, HF_MSG_ClientHello, 0,
         hostile_hello_session_id_long),
    EDIT("ch-legacy-vectors-malformed", AT_SERVER, 3, HF_MSG_ClientHello, 0, vectors_malformed),
    EDIT_WITH("ch-no-common-suite", AT_SERVER, 4, HF_MSG_ClientHello, 0, no_common_suite,
              .policy = true),
    EDIT("ch-compression-not-null-13", AT_SERVER, 4, HF_MSG_ClientHello, 0, compression),
    EDIT("ch-extensions-malformed", AT_SERVER, 6, HF_MSG_ClientHello, 0,
         hostile_hello_block_malformed),
    EDIT("ch-duplicate-extension", AT_SERVER, HOSTILE_N_GOOD, HF_MSG_ClientHello, 0,
         hostile_hello_twice),
    EDIT("ch-extension-not-for-ch", AT_SERVER, 1, HF_MSG_ClientHello, 0, oid_filters),
    EDIT("ch-extension-trailing-data", AT_SERVER, HOSTILE_N_STRUCTURED, HF_MSG_ClientHello, 0,
         hostile_hello_trailing_byte),
    RUN("ch-unexpected-13", AT_SERVER, 2, again),
    EDIT("ch-fallback-scsv", AT_SERVER, 2, HF_MSG_ClientHello, 0, fallback),
    EDIT("ch-sni-malformed", AT_SERVER, 7, HF_MSG_ClientHello, 0, hostile_hello_sni_malformed),
    EDIT("ch-sni-two-host-names", AT_SERVER, 1, HF_MSG_ClientHello, 0, hostile_hello_sni_two),
    EDIT("ch-sni-bad-characters", AT_SERVER, 10, HF_MSG_ClientHello, 0,
         hostile_hello_sni_characters),
    EDIT("ch-alpn-malformed", AT_SERVER, 7, HF_MSG_ClientHello, 0, hostile_hello_alpn_malformed),
    EDIT_WITH("ch-alpn-no-overlap", AT_SERVER, 2, HF_MSG_ClientHello, 0, hostile_hello_alpn_foreign,
              .options = hostile_alpn, .policy = true),
    REWRITE("ch-unknown-values", AT_SERVER, 1, unknown_values, .options = hostile_alpn),
    EDIT("ch-supported-versions-malformed", AT_SERVER, 5, HF_MSG_ClientHello, 0,
         versions_malformed),
    EDIT("ch-supported-groups-malformed", AT_SERVER, 6, HF_MSG_ClientHello, 0,
         hostile_hello_groups_malformed),
    EDIT("ch-supported-groups-duplicate", AT_SERVER, 2, HF_MSG_ClientHello, 0, groups_twice),
    EDIT_WITH("ch-no-common-group", AT_SERVER, 2, HF_MSG_ClientHello, 0, groups_foreign,
              .policy = true),
    EDIT("ch-sigalgs-malformed", AT_SERVER, 12, HF_MSG_ClientHello, 0,
         hostile_hello_sigalgs_malformed),
    EDIT_WITH("ch-sigalgs-no-overlap", AT_SERVER, 4, HF_MSG_ClientHello, 0, sigalgs_foreign,
              .policy = true),
    EDIT("ch-sigalgs-missing-13", AT_SERVER, 2, HF_MSG_ClientHello, 0, no_sigalgs),
    EDIT("ch-supported-groups-missing-13", AT_SERVER, 1, HF_MSG_ClientHello, 0, no_groups),
    EDIT("ch-key-share-missing", AT_SERVER, 2, HF_MSG_ClientHello, 0, no_key_share),
    EDIT("ch-key-share-without-groups", AT_SERVER, 2, HF_MSG_ClientHello, 0, no_groups),
    EDIT("ch-psk-not-last", AT_SERVER, 3, HF_MSG_ClientHello, 0, psk_not_last),
    EDIT("ch-psk-without-modes", AT_SERVER, 1, HF_MSG_ClientHello, 0, psk_without_modes),
    EDIT("ch-psk-modes-malformed", AT_SERVER, 4, HF_MSG_ClientHello, 0, modes_malformed),
    EDIT("ch-psk-malformed", AT_SERVER, 12, HF_MSG_ClientHello, 0, psk_malformed),
    EDIT("ch-psk-binder-count", AT_SERVER, 2, HF_MSG_ClientHello, 0, psk_counts),
    REWRITE("ch-psk-unknown-identity", AT_SERVER, 2, unknown_psk, .options = NULL),
    EDIT("ch-flag-extension-nonempty", AT_SERVER, 3, HF_MSG_ClientHello, 0,
         hostile_hello_flag_with_body),
    EDIT("ch-early-data-without-psk", AT_SERVER, 1, HF_MSG_ClientHello, 0, early_without_psk),
    EDIT("ch-cookie-unsolicited", AT_SERVER, 1, HF_MSG_ClientHello, 0, cookie_unasked),
    EDIT("ch-record-size-limit-small", AT_SERVER, 3, HF_MSG_ClientHello, 0,
         hostile_hello_small_limit),
    REWRITE("ch-record-size-limit-large", AT_SERVER, 3, hostile_hello_large_limit, .options = NULL),
    EDIT("ch-other-extension-malformed", AT_SERVER, 16, HF_MSG_ClientHello, 0,
         hostile_hello_other_malformed),
    WITH("ch-sni-unrecognized", AT_SERVER, 1, hostile_app_refuses, .options = hostile_app_looks,
         .aborts = true, .check = hostile_check_no_warning),
    WITH("ch-sni-unrecognized", AT_SERVER, 1, hostile_deliver_all, .options = hostile_foreign_name,
         .lawful = true, .check = hostile_check_quiet), /* no policy of ours minds */
    WITH("ch-sni-missing-required", AT_SERVER, 1, hostile_app_refuses,
         .options = hostile_app_looks_no_name, .aborts = true, .check = hostile_check_no_warning),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_hello", &rows, 180);
}
