/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows ch-* of alerts.tsv in TLS 1.2, but those about sessions: bad ClientHellos at a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_hello.h"

static const hf_msg CH = HF_MSG_ClientHello;

/* ---- the fixed fields ---- */

enum { SESSION_ID_AT = 34, SESSION_TICKET = 35 };

static void version_low(hostile_bytes *b, int v)
{
    static const unsigned versions[] = { 0x0300, 0x0301, 0x0302, 0x0002, 0x0000 };

    hostile_hello_set_version(b, versions[v]);
}

static void version_high(hostile *h, hf_msg msg, hostile_bytes *b)
{
    static const unsigned versions[] = { 0x0304, 0x0305, 0x03ff, 0xffff };

    (void)h;
    if (msg == CH)
        hostile_hello_set_version(b, versions[hostile_variant()]);
}

static void check_version_12(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_int_equal(hf_conn_info_of(hostile_conn(h))->version, HF_TLS12);
}

static void no_common_version(hostile_bytes *b, int v)
{
    const hf_span lists[] = { S("\4\3\1\3\2"), S("\4\xda\xda\x2a\x2a"), S("\2\3\5"),
                              S("\6\x7f\x1c\3\0\2\0") };

    hostile_hello_put(b, VERSIONS, lists[v]);
}

static void only_13(hostile_bytes *b, int v)
{
    (void)v;
    hostile_hello_put(b, VERSIONS, S("\2\3\4"));
}

static void vectors_malformed(hostile_bytes *b, int v)
{
    if (v < 2)
        hostile_hello_set_suites(b, v ? S("\0\3\xc0\x2b\xc0") : S("\0\0"));
    else
        hostile_hello_set_compression(b, S("\0"));
}

/* TLS 1.3's only, unknown ones, signalling values, CBC, static RSA, another kind of key. */
static void no_common_suite(hostile_bytes *b, int v)
{
    const hf_span lists[] = { S("\0\4\x13\1\x13\2"),   S("\0\2\xc0\x99"),
                              S("\0\4\xda\xda\0\xff"), S("\0\4\xc0\x09\xc0\x13"),
                              S("\0\4\0\x9c\0\x9d"),   S("\0\6\xc0\x2f\xc0\x30\xcc\xa8"),
                              S("\0\4\0\0\0\1") };

    hostile_hello_set_suites(b, lists[v]);
}

static void no_null_compression(hostile_bytes *b, int v)
{
    hostile_hello_set_compression(b, v ? S("\2\1\x40") : S("\1\1"));
}

static void fallback(hostile_bytes *b, int v)
{
    hostile_hello_set_suites(b, S("\0\6\xc0\x2b\xc0\x2f\x56\0"));
    if (v == 0)
        hostile_hello_put(b, VERSIONS, S("\2\3\3"));
}

static void fallback_to_11(hostile_bytes *b, int v)
{
    fallback(b, 1);
    hostile_hello_set_version(b, v ? 0x0301 : 0x0302);
}

/* ---- the block ---- */

/* ---- renegotiation_info, extended_main_secret ---- */

static void reneg_full(hostile_bytes *b, int v)
{
    hostile_hello_put(b, RENEGOTIATION, v % 2 ? S("\14twelve bytes") : S("\1x"));
    if (v >= 2)
        hostile_hello_set_suites(b, S("\0\4\xc0\x2b\0\xff"));
}

static void reneg_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S(""), S("\1"), S("\0x"), S("\2x"), S("\1xy") };

    hostile_hello_put(b, RENEGOTIATION, bodies[v]);
}

static void reneg_absent(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_remove(b, CH, RENEGOTIATION);
}

/* The extension alone; all of them, with the SCSV in place of renegotiation_info. */
static void ems_absent(hostile_bytes *b, int v)
{
    if (v == 0) {
        hb_extension_remove(b, CH, EMS);
        return;
    }
    b->len = hb_extensions_at(b, CH);
    if (v == 2)
        hb_add(b, S("\0\0"));
    hostile_hello_set_suites(b, S("\0\4\xc0\x2b\0\xff"));
}

/* ---- server_name, ALPN ---- */

/* ---- lists of code points ---- */

static void versions_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S("\0"), S("\3\3\3\3"), S("\4\3\3"), S("\2\3\3\3\3"), S("") };

    hostile_hello_put(b, VERSIONS, bodies[v]);
}

/* Curves that the server does not have, TLS 1.3's hybrid, finite fields, GREASE. */
static void groups_foreign(hostile_bytes *b, int v)
{
    const hf_span lists[] = { S("\0\4\0\x18\0\x19"), S("\0\2\x11\xec"), S("\0\4\xda\xda\1\0"),
                              S("\0\2\0\x1e") };

    hostile_hello_put(b, GROUPS, lists[v]);
}

static void no_formats(hostile_bytes *b, int v)
{
    (void)v;
    hostile_hello_put(b, POINT_FORMATS, S("\0"));
}

static void formats_compressed(hostile_bytes *b, int v)
{
    hostile_hello_put(b, POINT_FORMATS, v ? S("\2\1\2") : S("\1\1"));
}

/* RSA's, SHA-1, undefined ones. */
static void sigalgs_foreign(hostile_bytes *b, int v)
{
    const hf_span lists[] = { S("\0\6\4\1\5\1\6\1"), S("\0\4\2\3\2\1"), S("\0\4\xda\xda\7\7"),
                              S("\0\4\x08\x04\x08\x07") };

    hostile_hello_put(b, SIGALGS, lists[v]);
}

static void no_sigalgs(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_remove(b, CH, SIGALGS);
}

/* ---- what must be skipped ---- */

static void unknown_values(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg != CH)
        return;
    hostile_hello_set_suites(b, S("\0\14\x1a\x1a\xfe\xfe\xc0\x2b\0\xff\xc0\x99\xc0\x09"));
    hostile_hello_put(b, SIGALGS, S("\0\12\x3a\x3a\xfe\xfe\4\3\2\1\x09\4"));
    hostile_hello_put(b, GROUPS, S("\0\12\x4a\x4a\xfe\xfe\0\x1d\1\0\0\x17"));
    hostile_hello_put(b, POINT_FORMATS, S("\4\2\1\xaa\0"));
    hostile_hello_put(b, ALPN, S("\0\12\2??\2h2\3\x0a\x0a\x0a"));
    hostile_hello_put(b, SERVER_NAME, S("\0\23\7\0\1!\0\0\11localhost\7\0\0"));
    hostile_hello_put(b, STATUS_REQUEST, S("\7whatever"));
    hostile_hello_put(b, UNKNOWN, S("anything"));
    hostile_hello_put(b, 0x5a5a, S(""));
    if (hostile_variant() == 1)
        hostile_hello_put(b, VERSIONS, S("\10\xfa\xfa\3\5\3\3\3\2"));
    if (hostile_variant() == 2)
        hostile_hello_set_compression(b, S("\3\1\0\x40"));
}

/* ---- orders ---- */

static void not_first(hostile *h, int v)
{
    static const hf_msg first[] = { HF_MSG_Finished,          HF_MSG_ServerHello,
                                    HF_MSG_ServerHelloDone,   HF_MSG_Certificate,
                                    HF_MSG_ClientKeyExchange, HF_MSG_CertificateVerify,
                                    HF_MSG_HelloRequest };

    hostile_send(h, first[v], v == 2 || v == 6 ? S("") : S("\0"));
}

/* The one that was said, as it was or with TLS 1.3 in it. */
static void say_again(hostile *h, int v)
{
    hostile_bytes body = { 0 };
    hf_span said = hb_span(&h->said[0].bytes);

    hb_set(&body, hf_span_of(said.data + HF_HANDSHAKE_HEADER, said.len - HF_HANDSHAKE_HEADER));
    if (v)
        hostile_hello_put(&body, VERSIONS, S("\4\3\4\3\3"));
    hostile_send(h, CH, hb_span(&body));
    hb_free(&body);
}

static void renegotiate(hostile *h, int v)
{
    hostile_connected(h);
    say_again(h, v);
}

static void check_warned(hostile *h, int v)
{
    (void)v;
    assert_null(hostile_failure(h));
    assert_int_equal(h->n_alerts, 1);
    assert_int_equal(h->last_alert[0], 1);
    assert_int_equal(h->last_alert[1], HF_ALERT_no_renegotiation);
    hostile_assert_works(h);
    assert_int_equal(hf_conn_info_of(hostile_conn(h))->version, HF_TLS12);
}

static void renegotiate_again(hostile *h, int v)
{
    renegotiate(h, v);
    assert_null(hostile_failure(h));
    if (v == 2)
        hostile_give_data(h, "data between them");
    hostile_end(h)->n_data = 0;
    say_again(h, v);
}

#define AT(row, n, function) EDIT(row, AT_SERVER, n, HF_MSG_ClientHello, 0, function)
#define AT_WITH(row, n, function, ...)                                                             \
    EDIT_WITH(row, AT_SERVER, n, HF_MSG_ClientHello, 0, function, __VA_ARGS__)

static const hostile_case cases[] = {
    RUN("ch-not-first", AT_SERVER, 7, not_first),
    RUN("ch-sslv2-format", AT_SERVER, 2, hostile_hello_sslv2),
    AT_WITH("ch-legacy-version-too-low", 5, version_low, .policy = true),
    REWRITE("ch-legacy-version-too-high-no-ext", AT_SERVER, 4, version_high,
            .check = check_version_12),
    AT_WITH("ch-no-common-version", 4, no_common_version, .policy = true),
    AT_WITH("ch-no-common-version", 1, only_13, .policy = true, .alone = true),
    AT("ch-session-id-over-32", 2, hostile_hello_session_id_long),
    AT("ch-legacy-vectors-malformed", 3, vectors_malformed),
    AT_WITH("ch-no-common-suite", 7, no_common_suite, .policy = true),
    AT("ch-compression-null-missing-12", 2, no_null_compression),
    AT("ch-extensions-malformed", 6, hostile_hello_block_malformed),
    AT("ch-duplicate-extension", HOSTILE_N_GOOD, hostile_hello_twice),
    AT("ch-extension-trailing-data", HOSTILE_N_STRUCTURED, hostile_hello_trailing_byte),
    WITH("ch-after-handshake-12", AT_SERVER, 2, renegotiate, .check = check_warned),
    RUN("ch-renegotiation-repeated-12", AT_SERVER, 3, renegotiate_again),
    AT_WITH("ch-fallback-scsv", 2, fallback, .wide = true),
    AT("ch-fallback-scsv", 2, fallback_to_11),
    AT("ch-reneg-info-nonempty", 4, reneg_full),
    AT("ch-reneg-info-malformed", 5, reneg_malformed),
    AT("ch-reneg-info-absent", 1, reneg_absent),
    AT_WITH("ch-ems-absent", 3, ems_absent, .policy = true),
    AT("ch-sni-malformed", 7, hostile_hello_sni_malformed),
    AT("ch-sni-two-host-names", 1, hostile_hello_sni_two),
    AT("ch-sni-bad-characters", 10, hostile_hello_sni_characters),
    AT("ch-alpn-malformed", 7, hostile_hello_alpn_malformed),
    AT_WITH("ch-alpn-no-overlap", 2, hostile_hello_alpn_foreign, .options = hostile_alpn,
            .policy = true),
    REWRITE("ch-unknown-values", AT_SERVER, 3, unknown_values, .options = hostile_alpn),
    AT("ch-supported-versions-malformed", 5, versions_malformed),
    AT("ch-supported-groups-malformed", 6, hostile_hello_groups_malformed),
    AT_WITH("ch-no-common-group-12", 4, groups_foreign, .policy = true),
    AT("ch-point-formats-empty", 1, no_formats),
    AT("ch-point-formats-no-uncompressed", 2, formats_compressed),
    AT("ch-sigalgs-malformed", 12, hostile_hello_sigalgs_malformed),
    AT_WITH("ch-sigalgs-no-overlap", 4, sigalgs_foreign, .policy = true),
    AT_WITH("ch-sigalgs-missing-12", 1, no_sigalgs, .policy = true),
    AT_WITH("ch-sigalgs-missing-12", 1, no_sigalgs, .policy = true, .options = hostile_static_rsa),
    AT("ch-flag-extension-nonempty", 3, hostile_hello_flag_with_body),
    AT("ch-record-size-limit-small", 3, hostile_hello_small_limit),
    REWRITE("ch-record-size-limit-large", AT_SERVER, 3, hostile_hello_large_limit, .options = NULL),
    AT("ch-other-extension-malformed", 16, hostile_hello_other_malformed),
    WITH("ch-sni-unrecognized", AT_SERVER, 1, hostile_app_refuses, .options = hostile_app_looks,
         .aborts = true, .check = hostile_check_no_warning),
    WITH("ch-sni-unrecognized", AT_SERVER, 1, hostile_deliver_all, .options = hostile_foreign_name,
         .lawful = true, .check = hostile_check_quiet), /* no policy of ours minds */
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS12, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls12_hello", &rows, 300);
}
