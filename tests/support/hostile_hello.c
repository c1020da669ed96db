/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Edits of a ClientHello that are wrong, or must be skipped, in both versions. */
#include "support/hostile_hello.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hostile/alerts_words.h"

static const hf_msg CH = HF_MSG_ClientHello;

enum { SESSION_ID_AT = 34 };

void hostile_hello_put(hostile_bytes *b, int type, hf_span data)
{
    hb_extension_put(b, CH, (uint16_t)type, data);
}

static size_t suites_at(const hostile_bytes *b)
{
    return SESSION_ID_AT + 1 + b->data[SESSION_ID_AT];
}

static size_t compression_at(const hostile_bytes *b)
{
    size_t at = suites_at(b);

    return at + 2 + (size_t)(b->data[at] << 8 | b->data[at + 1]);
}

void hostile_hello_set_version(hostile_bytes *b, unsigned version)
{
    b->data[0] = (uint8_t)(version >> 8);
    b->data[1] = (uint8_t)version;
}

/* The whole vector with its length. */
void hostile_hello_set_suites(hostile_bytes *b, hf_span vector)
{
    hb_replace(b, suites_at(b), compression_at(b) - suites_at(b), vector);
}

void hostile_hello_set_compression(hostile_bytes *b, hf_span vector)
{
    hb_replace(b, compression_at(b), 1 + (size_t)b->data[compression_at(b)], vector);
}

void hostile_hello_session_id_long(hostile_bytes *b, int v)
{
    static const uint8_t bytes[255];
    uint8_t len = v ? 255 : 33;

    hb_replace(b, SESSION_ID_AT, 1 + (size_t)b->data[SESSION_ID_AT], hf_span_of(&len, 1));
    hb_replace(b, SESSION_ID_AT + 1, 0, hf_span_of(bytes, len));
}

static void block_length(hostile_bytes *b, int by)
{
    size_t at = hb_extensions_at(b, CH),
           len = (size_t)(b->data[at] << 8 | b->data[at + 1]) + (size_t)by;

    b->data[at] = (uint8_t)(len >> 8);
    b->data[at + 1] = (uint8_t)len;
}

void hostile_hello_block_malformed(hostile_bytes *b, int v)
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

/* A good body of each type that the library knows, for a ClientHello; those without a structure last. */
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
    { VERSIONS, 3, "\2\3\3" },
    { COOKIE, 3, "\0\1c" },
    { PSK_MODES, 2, "\1\1" },
    { AUTHORITIES, 5, "\0\3\0\1x" },
    { PHA, 0, "" },
    { SIGALGS_CERT, 4, "\0\2\4\3" },
    { KEY_SHARE, 2, "\0\0" },
    { RENEGOTIATION, 1, "\0" },
    { UNKNOWN, 2, "??" },
    { GREASE, 1, "\0" },
    { PADDING, 3, "\0\0\0" },
    { 35, 0, "" },
};
_Static_assert(sizeof good / sizeof *good == HOSTILE_N_GOOD, "each is a variant");

void hostile_hello_twice(hostile_bytes *b, int v)
{
    size_t at = 0, len = 0;
    uint16_t type = (uint16_t)good[v].type;

    if (!hb_extension(b, CH, type, &at, &len))
        hb_extension_last(b, CH, type, hf_span_of(good[v].body, good[v].len));
    hb_extension_front(b, CH, type, hf_span_of(good[v].body, good[v].len));
}

void hostile_hello_trailing_byte(hostile_bytes *b, int v)
{
    hostile_bytes body = { 0 };

    hb_set(&body, hf_span_of(good[v].body, good[v].len));
    hb_add_uint(&body, 0, 1);
    hostile_hello_put(b, good[v].type, hb_span(&body));
    hb_free(&body);
}

void hostile_hello_flag_with_body(hostile_bytes *b, int v)
{
    static const int types[] = { EARLY_DATA, PHA, EMS };

    hostile_hello_put(b, types[v], S("\0"));
}

void hostile_hello_sni_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S(""),
                               S("\0\0"),
                               S("\0\3\0\0\0"),
                               S("\0\5\0\0\3a"),
                               S("\0\4\0\0\1ab"),
                               S("\0\5\0\0\1ab"),
                               S("\0\4\0\0\2a") };

    hostile_hello_put(b, SERVER_NAME, bodies[v]);
}

void hostile_hello_sni_two(hostile_bytes *b, int v)
{
    (void)v;
    hostile_hello_put(b, SERVER_NAME, S("\0\10\0\0\1a\0\0\1b"));
}

void hostile_hello_sni_characters(hostile_bytes *b, int v)
{
    const hf_span names[] = { S("a\0b"),      S("a\1b"), S("\xc3\xa4.test"), S("localhost."),
                              S("127.0.0.1"), S("::1"),  S("a b"),           S("a/b"),
                              S("."),         S("a..b") };
    hostile_bytes body = { 0 };

    hb_add_uint(&body, names[v].len + 3, 2);
    hb_add_uint(&body, 0, 1);
    hb_add_uint(&body, names[v].len, 2);
    hb_add(&body, names[v]);
    hostile_hello_put(b, SERVER_NAME, hb_span(&body));
    hb_free(&body);
}

void hostile_hello_alpn_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S(""),          S("\0\0"),     S("\0\1\0"),    S("\0\3\3h2"),
                               S("\0\3\2h2x"), S("\0\4\2h2"), S("\0\4\2h2\0") };

    hostile_hello_put(b, ALPN, bodies[v]);
}

void hostile_hello_alpn_foreign(hostile_bytes *b, int v)
{
    hostile_hello_put(b, ALPN, v ? S("\0\3\2H2") : S("\0\7\6spdy/3"));
}

/* Empty, odd, and lengths that are not the data's. */
static void list_malformed(hostile_bytes *b, int type, int v)
{
    const hf_span bodies[] = { S("\0\0"),         S("\0\3\4\3\4"), S("\0\4\4\3"),
                               S("\0\2\4\3\4\3"), S(""),           S("\0") };

    hostile_hello_put(b, type, bodies[v]);
}

void hostile_hello_groups_malformed(hostile_bytes *b, int v)
{
    list_malformed(b, GROUPS, v);
}

void hostile_hello_sigalgs_malformed(hostile_bytes *b, int v)
{
    list_malformed(b, v < 6 ? SIGALGS : SIGALGS_CERT, v % 6);
}

void hostile_hello_small_limit(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S("\0\x3f"), S("\0\0"), S("\0\1") };

    hostile_hello_put(b, RECORD_SIZE, bodies[v]);
}

void hostile_hello_other_malformed(hostile_bytes *b, int v)
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

    hostile_hello_put(b, bodies[v].type, hf_span_of(bodies[v].body, bodies[v].len));
}

void hostile_hello_large_limit(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg != CH)
        return;
    hostile_hello_put(b, RECORD_SIZE, hostile_variant() ? S("\xff\xff") : S("\x40\2"));
    if (hostile_variant() == 2)
        hostile_hello_put(b, MAX_FRAGMENT, S("\1"));
}

void hostile_hello_sslv2(hostile *h, int v)
{
    hostile_raw(h, v ? S("\x80\x2e\1\0\2\0\x15\0\0\0\x10\1\0\x80\2\0\x80")
                     : S("\x80\x2e\1\3\1\0\x15\0\0\0\x10\0\0\x04\0\0\x05"));
}

/* ---- a server's application that says no ---- */

static void pause_there(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_PAUSE_AT_CLIENT_HELLO, true), HF_OK);
}

void hostile_app_looks(pair_options *o, int v)
{
    (void)v;
    o->configure = pause_there;
}

void hostile_app_looks_no_name(pair_options *o, int v)
{
    hostile_app_looks(o, v);
    o->server_name = "";
    o->verify_name = "localhost";
}

void hostile_app_refuses(hostile *h, int v)
{
    (void)v;
    hostile_until(h, HF_MSG_ClientHello, 0);
    hostile_next(h);
    const hf_hello *hello = hf_conn_hello(hostile_conn(h));
    assert_non_null(hello);
    hf_conn_abort(hostile_conn(h), hello->server_name.len > 0 ? HF_ALERT_unrecognized_name
                                                              : HF_ALERT_missing_extension);
    hostile_pump(h);
}

void hostile_foreign_name(pair_options *o, int v)
{
    (void)v;
    o->server_name = "unknown.test";
    o->verify_name = "localhost";
}

void hostile_check_no_warning(hostile *h, int v)
{
    (void)v;
    assert_int_equal(h->n_alerts, 1);
    assert_int_equal(h->last_alert[0], 2);
}

void hostile_check_quiet(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_int_equal(h->n_alerts, 0);
}
