/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ClientHellos as long as may be, each filled with one kind of list, for a server that answers them. */
#include "flood.h"

#include <stdlib.h>

enum { BIG = 64500, NOWHERE = 0xf000 };

/* ---- cutting a message ---- */

void flood_record(flood_scene *s, uint8_t type, hf_span content, hostile_bytes *out)
{
    hostile_bytes record = { 0 };

    if (s->epoch == HF_PLAIN) {
        hb_add_uint(out, type, 1);
        hb_add_uint(out, HF_TLS12, 2);
        hb_add_uint(out, content.len, 2);
        hb_add(out, content);
        return;
    }
    hostile_seal(&s->h, s->epoch, type, content, 0, &record);
    hb_add(out, hb_span(&record));
    hb_free(&record);
}

bool flood_piece(flood_scene *s, hostile_bytes *out)
{
    size_t left = s->message.len - s->at, n = s->piece && s->piece < left ? s->piece : left;

    n = n < HF_PLAINTEXT_MAX ? n : HF_PLAINTEXT_MAX;
    if (n == 0)
        return false;
    flood_record(s, HF_CT_HANDSHAKE, hf_span_of(s->message.data + s->at, n), out);
    s->at += n;
    return true;
}

void flood_header(flood_scene *s, hf_msg msg)
{
    hostile_bytes body = s->message;

    s->message = (hostile_bytes){ 0 };
    hb_add_uint(&s->message, hf_msg_type(msg), 1);
    hb_add_uint(&s->message, body.len, 3);
    hb_add(&s->message, hb_span(&body));
    hb_free(&body);
}

/* ---- an ordinary ClientHello, and what may be put into it ---- */

static void take_hello(flood_scene *s)
{
    hostile_until(&s->h, HF_MSG_ClientHello, 0);
    hb_set(&s->message, hostile_due_body(&s->h));
    s->epoch = HF_PLAIN;
}

static void put(flood_scene *s, uint16_t type, const hostile_bytes *data)
{
    hb_extension_front(&s->message, HF_MSG_ClientHello, type, hb_span(data));
}

/* Ends the hello with its header, and forgets what it was made of. */
static void done(flood_scene *s, hostile_bytes *a, hostile_bytes *b)
{
    flood_header(s, HF_MSG_ClientHello);
    hb_free(a);
    hb_free(b);
}

/* A list of that many code points that nobody knows, and then a good one. */
static void add_codes(hostile_bytes *out, size_t n, unsigned good)
{
    hb_add_uint(out, 2 * n, 2);
    for (size_t i = 0; i + 1 < n; i++)
        hb_add_uint(out, 0x2000 + i, 2);
    hb_add_uint(out, good, 2);
}

static void ordinary(flood_scene *s)
{
    take_hello(s);
    flood_header(s, HF_MSG_ClientHello);
}

static void byte_by_byte(flood_scene *s)
{
    static const uint8_t zeroes[HF_FRAGMENTS_MAX];
    hostile_bytes pad = { 0 };

    take_hello(s);
    hb_add(&pad, hf_span_of(zeroes, (HF_FRAGMENTS_MAX - HF_HANDSHAKE_HEADER - 4 - s->message.len) /
                                        s->share));
    put(s, 21, &pad);
    s->piece = 1;
    done(s, &pad, &pad);
}

static void byte_by_byte_too_long(flood_scene *s)
{
    static const uint8_t zeroes[BIG];
    hostile_bytes pad = { 0 };

    take_hello(s);
    hb_add(&pad, hf_span_of(zeroes, BIG));
    put(s, 21, &pad);
    s->piece = 1;
    done(s, &pad, &pad);
}

static void max_extensions(flood_scene *s)
{
    static const uint8_t zeroes[1200];

    take_hello(s);
    for (unsigned i = 0; i < 50 / s->share; i++)
        hb_extension_front(&s->message, HF_MSG_ClientHello, (uint16_t)(NOWHERE + i),
                           hf_span_of(zeroes, sizeof zeroes));
    flood_header(s, HF_MSG_ClientHello);
}

static void too_many_extensions(flood_scene *s)
{
    take_hello(s);
    for (unsigned i = 0; i < 16000 / s->share; i++)
        hb_extension_front(&s->message, HF_MSG_ClientHello, (uint16_t)(0x4000 + i), S(""));
    flood_header(s, HF_MSG_ClientHello);
}

static void code_list(flood_scene *s, uint16_t type, unsigned good)
{
    hostile_bytes list = { 0 };

    take_hello(s);
    hb_extension_remove(&s->message, HF_MSG_ClientHello, type);
    add_codes(&list, BIG / 2 / s->share, good);
    put(s, type, &list);
    done(s, &list, &list);
}

static void max_schemes(flood_scene *s)
{
    code_list(s, 13, 0x0403);
}

static void no_schemes(flood_scene *s)
{
    code_list(s, 13, 0x2fff + BIG);
}

static void max_suites(flood_scene *s)
{
    hostile_bytes list = { 0 };

    take_hello(s);
    add_codes(&list, BIG / 2 / s->share, 0x1301);
    size_t at = 35 + (size_t)s->message.data[34];
    size_t len = (size_t)s->message.data[at] << 8 | s->message.data[at + 1];
    hb_replace(&s->message, at, 2 + len, hb_span(&list));
    done(s, &list, &list);
}

/* The X25519 share alone, which is the last. */
static void take_share(flood_scene *s, hostile_bytes *share)
{
    enum { SHARE = 2 + 2 + 32 };
    size_t at = 0, len = 0;

    hb_extension(&s->message, HF_MSG_ClientHello, 51, &at, &len);
    hb_set(share, hf_span_of(s->message.data + at + len - SHARE, SHARE));
    hb_extension_remove(&s->message, HF_MSG_ClientHello, 51);
    hb_extension_remove(&s->message, HF_MSG_ClientHello, 10);
}

/* Shares of a byte for groups that nobody knows; the good one is last, or is not listed among the groups. */
static void shares(flood_scene *s, size_t n, size_t n_groups, unsigned last_group)
{
    hostile_bytes groups = { 0 }, list = { 0 }, good = { 0 };

    take_hello(s);
    take_share(s, &good);
    hb_add_uint(&list, 5 * n + good.len, 2);
    for (size_t i = 0; i < n; i++) {
        hb_add_uint(&list, 0x2000 + i, 2);
        hb_add_uint(&list, 1, 2);
        hb_add_uint(&list, 7, 1);
    }
    hb_add(&list, hb_span(&good));
    add_codes(&groups, n_groups, last_group);
    put(s, 51, &list);
    put(s, 10, &groups);
    hb_free(&good);
    done(s, &list, &groups);
}

static void max_groups(flood_scene *s)
{
    shares(s, 0, BIG / 2 / s->share, HF_GROUP_x25519);
}

static void max_shares(flood_scene *s)
{
    shares(s, BIG / 7 / s->share, BIG / 7 / s->share + 1, HF_GROUP_x25519);
}

static void wrong_last_share(flood_scene *s)
{
    shares(s, BIG / 7 / s->share, BIG / 7 / s->share + 1, HF_GROUP_secp256r1);
}

/* As many entries as the extension holds. */
static void full_list(flood_scene *s, uint16_t type, hf_span entry)
{
    hostile_bytes list = { 0 };
    size_t n = BIG / entry.len / s->share;

    take_hello(s);
    hb_add_uint(&list, entry.len * n, 2);
    for (size_t i = 0; i < n; i++)
        hb_add(&list, entry);
    put(s, type, &list);
    done(s, &list, &list);
}

static void max_protocols(flood_scene *s)
{
    full_list(s, 16, S("\1x"));
}

static void max_authorities(flood_scene *s)
{
    full_list(s, 47, S("\0\3\x30\1x"));
}

/* ---- pre-shared keys ---- */

static void psks(flood_scene *s, size_t n, hf_span identity)
{
    static const uint8_t binder[33] = { 32 };
    hostile_bytes data = { 0 };
    hf_span modes = S("\1\1");

    hb_add_uint(&data, n * (identity.len + 6), 2);
    for (size_t i = 0; i < n; i++) {
        hb_add_uint(&data, identity.len, 2);
        hb_add(&data, identity);
        hb_add_uint(&data, 0, 4);
    }
    hb_add_uint(&data, n * sizeof binder, 2);
    for (size_t i = 0; i < n; i++)
        hb_add(&data, hf_span_of(binder, sizeof binder));
    size_t at, len;
    if (!hb_extension(&s->message, HF_MSG_ClientHello, 45, &at, &len))
        hb_extension_front(&s->message, HF_MSG_ClientHello, 45, modes);
    hb_extension_last(&s->message, HF_MSG_ClientHello, 41, hb_span(&data));
    flood_header(s, HF_MSG_ClientHello);
    hb_free(&data);
}

static void max_psks(flood_scene *s)
{
    take_hello(s);
    psks(s, BIG / 40 / s->share, S("?"));
}

static void with_tickets(pair_options *o)
{
    static hf_sessions *sessions;

    if (!sessions)
        sessions = hf_sessions_new(&(hf_sessions_options){ .tickets = true, .lifetime = 3600 });
    o->sessions = sessions;
}

/* Under the name of the server's own ticket key, but for the last byte: each is opened in vain. */
static void tickets_that_do_not_open(flood_scene *s)
{
    uint8_t state[1800] = { 1 }, ticket[HF_TICKET_MAX];
    size_t len = 0;
    hf_sessions *sessions = s->h.p.config[HF_SERVER]->sessions;

    take_hello(s);
    if (hf_ticket_seal(sessions, NULL, TEST_NOW, hf_span_of(state, sizeof state), ticket, &len) !=
        HF_OK)
        abort();
    ticket[len - 1] ^= 1;
    psks(s, 30 / s->share, hf_span_of(ticket, len));
}

#define LIST "its length; ClientHello 64 KiB"

/* clang-format off */
const flood flood_messages[] = {
    { "an ordinary ClientHello, and the answer", HF_TLS13, HF_SERVER, ordinary, NULL, "one key exchange, one signature", false, NULL, NULL },
    { "the same for TLS 1.2", HF_TLS12, HF_SERVER, ordinary, NULL, "one key exchange, one signature", false, NULL, NULL },
    { "ClientHello, a byte a record", HF_TLS13, HF_SERVER, byte_by_byte, NULL, "HF_FRAGMENTS_MAX", true, NULL, NULL },
    { "ClientHello, a byte a record, longer", HF_TLS13, HF_SERVER, byte_by_byte_too_long, NULL, "HF_FRAGMENTS_MAX", false, NULL, NULL },
    { "ClientHello of 60 extensions", HF_TLS13, HF_SERVER, max_extensions, NULL, "HF_EXTENSIONS_MAX", true, NULL, NULL },
    { "ClientHello of 16,000 extensions", HF_TLS13, HF_SERVER, too_many_extensions, NULL, "HF_EXTENSIONS_MAX", true, NULL, NULL },
    { "ClientHello of 32,000 groups", HF_TLS13, HF_SERVER, max_groups, NULL, LIST, true, NULL, NULL },
    { "ClientHello of 32,000 suites", HF_TLS13, HF_SERVER, max_suites, NULL, LIST, true, NULL, NULL },
    { "ClientHello of 32,000 signature schemes", HF_TLS13, HF_SERVER, max_schemes, NULL, LIST, true, NULL, NULL },
    { "the same, none of them ours", HF_TLS13, HF_SERVER, no_schemes, NULL, LIST, true, NULL, NULL },
    { "ClientHello of 9,000 key shares", HF_TLS13, HF_SERVER, max_shares, NULL, LIST, true, NULL, NULL },
    { "the same, the last one wrong", HF_TLS13, HF_SERVER, wrong_last_share, NULL, LIST, true, NULL, NULL },
    { "ClientHello of 32,000 protocols", HF_TLS13, HF_SERVER, max_protocols, NULL, LIST, true, NULL, NULL },
    { "ClientHello of 12,000 authorities", HF_TLS13, HF_SERVER, max_authorities, NULL, LIST, true, NULL, NULL },
    { "ClientHello of 1,600 PSK identities", HF_TLS13, HF_SERVER, max_psks, NULL, "4 are looked up, one binder", true, NULL, NULL },
    { "ClientHello of 30 tickets that do not open", HF_TLS13, HF_SERVER, tickets_that_do_not_open, NULL, "4 are opened, one binder", true, with_tickets, NULL },
    { NULL, 0, 0, NULL, NULL, NULL, false, NULL, NULL },
};
