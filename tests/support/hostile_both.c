/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a bad peer does in either version. */
#include "support/hostile_both.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S(literal) hf_span_of(literal, sizeof literal - 1)

static const uint8_t zeroes[16384];

/* ---- places ---- */

void hostile_until_first(hostile *h)
{
    hostile_until(h, h->victim == HF_CLIENT ? HF_MSG_ServerHello : HF_MSG_ClientHello, 0);
}

int hostile_places(void)
{
    return hostile_version() == HF_TLS12 ? HOSTILE_PLACES12 : HOSTILE_PLACES13;
}

void hostile_go_to(hostile *h, int place)
{
    int last = hostile_places() - 1;

    if (place == 0)
        hostile_until_first(h);
    else if (place == last)
        hostile_connected(h);
    else if (place == last - 1)
        hostile_until_protected(h);
    else
        hostile_until(h, h->victim == HF_CLIENT ? HF_MSG_Certificate : HF_MSG_ClientKeyExchange, 0);
}

/* ---- messages ---- */

void hostile_unknown_message(hostile *h, int v)
{
    static const uint8_t types[] = { 25, 23, 67, 254, 255, 3, 6, 9, 18 };

    hostile_go_to(h, v % hostile_places());
    hostile_send_type(h, types[v / hostile_places()], v % 2 ? S("whatever it is") : S(""));
}

void hostile_unknown_message_long(hostile *h, int v)
{
    hostile_go_to(h, v);
    hostile_record(h, HF_CT_HANDSHAKE, S("\x43\xff\xff\xff")); /* refused by its header */
}

/* The header, and what it takes to tell a ServerHello from a HelloRetryRequest: the rest is never buffered. */
void hostile_too_long(hostile *h, int v, uint8_t later)
{
    int places = hostile_places(), place = v % places;
    uint8_t header[4 + 34] = { 0, 0xff, 0xff, 0xff };
    size_t len = place == 0 && h->victim == HF_CLIENT ? sizeof header : 4;

    hostile_go_to(h, place);
    header[0] = place == places - 1 ? later : hostile_due(h)->bytes.data[0];
    if (v >= places)
        header[1] = 0x02, header[2] = 0, header[3] = 1;
    hostile_record(h, HF_CT_HANDSHAKE, hf_span_of(header, len));
}

void hostile_say_again(hostile *h, hf_msg at, hf_msg sent)
{
    if (at == HF_MSG_NONE)
        hostile_connected(h);
    else
        hostile_until(h, at, 0);
    for (size_t i = 0; i < h->n_said; i++)
        if (h->said[i].msg == sent) {
            hostile_record(h, HF_CT_HANDSHAKE, hb_span(&h->said[i].bytes));
            return;
        }
    fail_msg("%s was not said", hf_msg_name(sent));
}

void hostile_cut(hostile_bytes *b, int v)
{
    b->len = v == 0 ? 0 : v == 1 ? b->len - 1 : b->len / 2;
}

void hostile_longer(hostile_bytes *b, int v)
{
    for (int i = 0; i <= v; i++)
        hb_add_uint(b, 0, 1);
}

void hostile_flip(hostile_bytes *b, int v)
{
    b->data[v / 8] ^= (uint8_t)(1 << v % 8);
}

void hostile_resize(hostile_bytes *b, size_t len)
{
    while (b->len < len)
        hb_add_uint(b, 0, 1);
    b->len = len;
}

/* ---- records ---- */

void hostile_unknown_record_protected(hostile *h, int v)
{
    static const uint8_t types[] = { 0x18, 0x19, 0xff, 1, 19 };

    if (v % 2)
        hostile_connected(h);
    else
        hostile_until_protected(h);
    hostile_record(h, types[v / 2], S("anything"));
}

void hostile_data_before_keys(hostile *h, int v)
{
    hostile_until_first(h);
    hostile_plain(h, HF_CT_APPLICATION_DATA,
                  v ? S("data that is long enough for a tag") : hf_span_of(NULL, 0));
}

void hostile_odd_version(hostile *h, int v)
{
    static const uint16_t versions[] = { 0x0300, 0x0301, 0x0302, 0x0303, 0x0304, 0x03ff };

    hostile_until_first(h);
    hf_span due = hb_span(&hostile_due(h)->bytes);
    hostile_skip(h);
    hostile_plain_version(h, versions[v], HF_CT_HANDSHAKE, due);
}

void hostile_header_only(hostile *h, uint8_t type, size_t len)
{
    const uint8_t header[] = { type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len };

    hostile_raw(h, hf_span_of(header, sizeof header));
}

void hostile_interleave(hostile *h, int v)
{
    assert_null(hostile_failure(h));
    if (v < 2)
        hostile_give_data(h, "in between");
    else
        hostile_give_alert(h, 1, v < 4 ? HF_ALERT_user_canceled : HF_ALERT_close_notify);
}

void hostile_longest_record(hostile *h, size_t len)
{
    assert_true(len <= sizeof zeroes);
    hostile_connected(h);
    hostile_record(h, HF_CT_APPLICATION_DATA, hf_span_of(zeroes, len));
    assert_int_equal(hostile_end(h)->n_data, len);
    hostile_end(h)->n_data = 0;
}

void hostile_limit_64(pair_options *o, int v)
{
    static hf_policy policy;

    (void)v;
    policy = *hostile_policy();
    policy.record_size_limit = 64;
    o->policy[HF_CLIENT] = o->policy[HF_SERVER] = &policy;
}

/* ---- hellos of a server ---- */

void hostile_set_version(hostile_bytes *b, unsigned version)
{
    b->data[0] = (uint8_t)(version >> 8);
    b->data[1] = (uint8_t)version;
}

void hostile_set_suite(hostile_bytes *b, unsigned suite)
{
    size_t at = HOSTILE_SESSION_ID_AT + 1 + b->data[HOSTILE_SESSION_ID_AT];

    b->data[at] = (uint8_t)(suite >> 8);
    b->data[at + 1] = (uint8_t)suite;
}

void hostile_set_compression(hostile_bytes *b, uint8_t method)
{
    b->data[hb_extensions_at(b, HF_MSG_ServerHello) - 1] = method;
}

enum { ALPN = 16, RECORD_SIZE = 28 }; /* from the IANA registry */

void hostile_say_alpn_foreign(hostile_bytes *b, hf_msg msg, int v)
{
    hb_extension_put(b, msg, ALPN, v ? S("\0\3\2h3") : S("\0\7\6spdy/3"));
}

void hostile_say_alpn_malformed(hostile_bytes *b, hf_msg msg, int v)
{
    const hf_span bodies[] = { S("\0\0"),     S("\0\6\2h2\2h2"), S("\0\1\0"), S("\0\4\2h2"),
                               S("\0\3\3h2"), S("\0\3\2h2x"),    S("") };

    hb_extension_put(b, msg, ALPN, bodies[v]);
}

void hostile_say_bad_limit(hostile_bytes *b, hf_msg msg, int v)
{
    const hf_span bodies[] = { S("\0\x3f"), S("\0\0"), S("\x40\2"), S("\xff\xff") };

    hb_extension_put(b, msg, RECORD_SIZE, bodies[v]);
}

void hostile_say_twice(hostile_bytes *b, int type)
{
    hostile_bytes copy = { 0 };
    size_t at = 0, len = 0;

    assert_true(hb_extension(b, HF_MSG_ServerHello, (uint16_t)type, &at, &len));
    hb_set(&copy, hf_span_of(b->data + at, len));
    hb_extension_last(b, HF_MSG_ServerHello, (uint16_t)type, hb_span(&copy));
    hb_free(&copy);
}

void hostile_say_last(hostile_bytes *b, hf_msg msg, const hostile_extension *extension)
{
    hb_extension_last(b, msg, (uint16_t)extension->type,
                      hf_span_of(extension->body, extension->len));
}
