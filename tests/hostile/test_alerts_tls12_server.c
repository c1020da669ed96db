/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows sh-* and srv-* of alerts.tsv in TLS 1.2, but those about sessions: bad ServerHellos to our client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_both.h"

enum {
    RANDOM_END = 34,
    SESSION_ID_AT = HOSTILE_SESSION_ID_AT,
    STATUS_REQUEST_V2 = 17,
    SESSION_TICKET = 35
};
static const hf_msg SH = HF_MSG_ServerHello;

static void put(hostile_bytes *b, int type, hf_span data)
{
    hb_extension_put(b, SH, (uint16_t)type, data);
}

/* ---- the fixed fields ---- */

static void old_version(hostile_bytes *b, int v)
{
    static const unsigned versions[] = { 0x0300, 0x0301, 0x0302, 0x0304, 0x0305, 0x0000, 0xfefd };

    hostile_set_version(b, versions[v]);
}

/* RFC 9846 4.2.3: a server of TLS 1.3 would have spoken it. */
static void sentinel(hostile_bytes *b, int v)
{
    memcpy(b->data + RANDOM_END - 8, v ? "DOWNGRD\0" : "DOWNGRD\1", 8);
}

/* NULL, GREASE, signalling values, static RSA, CBC, one that nobody knows. */
static void suite_foreign(hostile_bytes *b, int v)
{
    static const unsigned suites[] = { 0x0000, 0xbaba, 0x00ff, 0x5600, 0x009c, 0xc009, 0xc0a0 };

    hostile_set_suite(b, suites[v]);
}

static void suite_of_13(hostile_bytes *b, int v)
{
    hostile_set_suite(b, 0x1301 + (unsigned)v);
}

static void echo(hostile *h, int v)
{
    hostile_bytes body = { 0 };

    (void)v;
    hostile_until(h, SH, 0);
    hf_span id = hostile_conn(h)->engine.hs->hello.legacy_session_id;
    assert_int_equal(id.len, 32);
    hb_set(&body, hostile_due_body(h));
    hb_replace(&body, SESSION_ID_AT, 1 + (size_t)body.data[SESSION_ID_AT], S("\40"));
    hb_replace(&body, SESSION_ID_AT + 1, 0, id);
    hostile_instead(h, hb_span(&body));
    hb_free(&body);
}

static void check_not_a_session(hostile *h, int v)
{
    (void)v;
    assert_non_null(hostile_failure(h));
    assert_int_equal(hostile_failure(h)->code, HF_E_SESSION_UNKNOWN);
    assert_int_equal(hostile_failure(h)->blame, HF_BLAME_PEER);
    hostile_assert_alert(h, HF_ALERT_illegal_parameter);
    hostile_assert_dead(h, 0);
}

static void compression(hostile_bytes *b, int v)
{
    hostile_set_compression(b, v ? 0xff : 1);
}

static void malformed(hostile_bytes *b, int v)
{
    size_t block = hb_extensions_at(b, SH),
           n[] = { 1,         20,        SESSION_ID_AT, SESSION_ID_AT + 1,
                   block - 1, block + 1, block + 3,     b->len - 1 };

    if (v < 8) {
        b->len = n[v];
    } else if (v == 8) {
        hb_replace(b, SESSION_ID_AT, 1 + (size_t)b->data[SESSION_ID_AT],
                   S("!0123456789abcdef0123456789abcdefX")); /* '!': 33 */
    } else if (v == 9) {
        b->data[block + 1]--;
    } else if (v == 10) {
        b->data[block + 1]++;
    } else {
        hb_add_uint(b, 0, 1);
    }
}

/* ---- extensions ---- */

static void duplicate(hostile_bytes *b, int v)
{
    static const int types[] = { RENEGOTIATION, EMS, SERVER_NAME, POINT_FORMATS, UNKNOWN };

    if (v == 4)
        hb_extension_last(b, SH, UNKNOWN, S(""));
    hostile_say_twice(b, types[v]);
}

static void no_name(pair_options *o, int v)
{
    (void)v;
    o->server_name = "";
    o->verify_name = "localhost";
}

static void unsolicited(hostile_bytes *b, int v)
{
    static const hostile_extension rows[] = {
        { UNKNOWN, 4, "what" },       { GREASE, 0, "" },
        { SERVER_NAME, 0, "" },       { MAX_FRAGMENT, 1, "\1" },
        { STATUS_REQUEST_V2, 0, "" }, { SESSION_TICKET, 0, "" },
        { ALPN, 5, "\0\3\2h2" },      { SCT, 5, "\0\3\0\1x" },
    };

    hostile_say_last(b, SH, &rows[v]);
}

static void of_13(hostile_bytes *b, int v)
{
    static const hostile_extension rows[] = {
        { KEY_SHARE, 7, "\0\x1d\0\3abc" },
        { PSK, 2, "\0\0" },
        { PSK_MODES, 2, "\1\1" },
        { EARLY_DATA, 0, "" },
        { COOKIE, 3, "\0\1c" },
        { AUTHORITIES, 5, "\0\3\0\1x" },
    };

    hostile_say_last(b, SH, &rows[v]);
}

static void reneg_full(hostile_bytes *b, int v)
{
    put(b, RENEGOTIATION, v ? S("\30twelve bytestwelve bytes") : S("\1x"));
}

static void reneg_absent(hostile_bytes *b, int v)
{
    if (v == 0)
        hb_extension_remove(b, SH, RENEGOTIATION);
    else
        b->len = hb_extensions_at(b, SH);
}

static void ems_absent(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_remove(b, SH, EMS);
}

static void ack_nonempty(hostile_bytes *b, int v)
{
    static const int types[] = { EMS, SERVER_NAME, STATUS_REQUEST, SESSION_TICKET };

    put(b, types[v], S("\0"));
}

static void point_formats(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S("\1\1"), S("\2\1\2"), S("\0") };

    put(b, POINT_FORMATS, bodies[v]);
}

static void alpn_foreign(hostile_bytes *b, int v)
{
    hostile_say_alpn_foreign(b, SH, v);
}

static void alpn_malformed(hostile_bytes *b, int v)
{
    hostile_say_alpn_malformed(b, SH, v);
}

static void size_limit(hostile_bytes *b, int v)
{
    hostile_say_bad_limit(b, SH, v);
}

#define AT(row, n, function) EDIT(row, AT_CLIENT, n, HF_MSG_ServerHello, 0, function)
#define AT_WITH(row, n, function, ...)                                                             \
    EDIT_WITH(row, AT_CLIENT, n, HF_MSG_ServerHello, 0, function, __VA_ARGS__)

static const hostile_case cases[] = {
    AT_WITH("sh-version-not-enabled", 7, old_version, .policy = true),
    AT_WITH("sh-downgrade-sentinel", 2, sentinel, .wide = true),
    AT("sh-suite-not-offered", 7, suite_foreign),
    AT("sh-suite-wrong-version", 3, suite_of_13),
    WITH("sh-session-id-compat-echo-12", AT_CLIENT, 1, echo, .wide = true,
         .check = check_not_a_session),
    AT("sh-compression-not-null", 2, compression),
    AT("sh-malformed", 12, malformed),
    AT("srv-duplicate-extension", 5, duplicate),
    AT_WITH("sh-unsolicited-extension", 8, unsolicited, .options = no_name),
    AT("sh-13-extension-in-12", 6, of_13),
    AT("sh-reneg-info-nonempty", 2, reneg_full),
    AT("sh-reneg-info-absent", 2, reneg_absent),
    AT_WITH("sh-ems-absent", 1, ems_absent, .policy = true),
    AT("sh-ack-nonempty", 4, ack_nonempty),
    AT("sh-point-formats-no-uncompressed", 3, point_formats),
    AT_WITH("sh-alpn-not-offered", 2, alpn_foreign, .options = hostile_alpn),
    AT_WITH("sh-alpn-malformed", 7, alpn_malformed, .options = hostile_alpn),
    AT("sh-record-size-limit-bad", 4, size_limit),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS12, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls12_server", &rows, 100);
}
