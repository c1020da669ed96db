/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A ClientHello as the input composes it, and what the bytes of one say about keys. */
#include "fuzz/hello_psk.h"
#include "fuzz/pki.h"
#include "support/visit.h"

enum {
    HEADER = 4,
    ALPN = 16,
    MODES = 45,
    EARLY = 42,
    PSKS = 41,
    RANDOM_END = 2 + 32,
    BINDER_MIN = 32
};

/* ---- where it starts from ---- */

/* The body of what a client of ours says who wants a session and has none. */
static const hostile_bytes *plain_hello(void)
{
    static hostile_bytes body;
    static uint64_t random;
    static const char *const protocols[] = { PSK_PROTOCOL };
    hf_policy policy = policy_of_version("default", HF_TLS13);

    if (body.len > 0)
        return &body;
    policy.key_shares[0] = policy.groups[0] = HF_GROUP_x25519;
    policy.key_shares[1] = policy.groups[1] = 0;
    hf_config *c = hf_config_new(HF_CLIENT, &policy);
    hf_hooks hooks = { .wall_time = test_wall_time };
    hf_worker *worker = hf_worker_new();
    CHECK(c && hf_config_set_hooks(c, &hooks) == HF_OK);
    c->random = (hf_random){ fuzz_draw, &random };
    CHECK(hf_config_set_trust(c, fuzz_pki()->trust) == HF_OK);
    CHECK(hf_config_set_alpn(c, protocols, 1) == HF_OK && hf_config_seal(c) == HF_OK);
    hf_conn *conn = hf_conn_new(
        c, worker, &(hf_conn_options){ .server_name = "localhost", .want_session = true });
    CHECK(conn && hf_conn_next(conn) == HF_EVENT_NONE);
    hf_span out = hf_conn_wire_out(conn);
    size_t skip = HF_RECORD_HEADER + HEADER;
    CHECK(out.len > skip);
    hb_set(&body, hf_span_of(out.data + skip, out.len - skip));
    hf_conn_free(conn);
    hf_config_free(c);
    hf_worker_free(worker);
    return &body;
}

/* ---- identities and binders, as the input wants them ---- */

typedef struct draft {
    const psk_key *key[PSK_IDENTITIES_MAX]; /* NULL: of nobody */
    uint8_t binder[PSK_IDENTITIES_MAX];     /* what is wrong with it */
    size_t binder_len[PSK_IDENTITIES_MAX];  /* 0: left out */
    size_t n;
    hostile_bytes identities, binders;
    bool well_formed, first_aged; /* the first says its true age */
    bool terms_kept;
} draft;

enum binder_flaw {
    RIGHT,
    OTHER_KEY,
    OTHER_LABEL,
    FLIPPED,
    OTHER_LENGTH,
    LEFT_OUT,
    TWICE,
    GARBAGE,
    FLAWS
};

static void add_identity(const psk_scene *s, draft *d, input *in, uint8_t kind)
{
    static const uint8_t nobody[] = "nobody";
    const psk_key *key = kind % 12 < PSK_KEYS ? &s->keys[kind % 12] : NULL;
    hf_span identity = key ? key->identity : hf_span_of(nobody, sizeof nobody);
    hostile_bytes b = { 0 };

    hb_set(&b, identity);
    if (kind % 12 == PSK_KEYS) /* a ticket that was changed */
        hb_set(&b, s->keys[0].identity);
    if (kind % 12 == PSK_KEYS) {
        size_t at = input_u8(in) % b.len;
        b.data[at] ^= (uint8_t)(1 + input_u8(in) % 255);
    }
    d->key[d->n] = key;
    hb_add_uint(&d->identities, b.len, 2);
    hb_add(&d->identities, hb_span(&b));
    hb_free(&b);
}

/* 0: the age that it has; else so many seconds more or less. */
static void add_age(const psk_scene *s, draft *d, uint8_t how)
{
    const psk_key *key = d->key[d->n];
    uint32_t add = key ? key->age_add : 0;
    uint32_t age = (uint32_t)(s->clock_ms - PSK_ISSUED) + 1000u * (uint32_t)(int32_t)(int8_t)how;

    hb_add_uint(&d->identities, (uint32_t)(age + add), 4);
}

/* Room for it: how long it will be. */
static void plan_binder(draft *d, input *in, uint8_t how)
{
    const psk_key *key = d->key[d->n];
    size_t len = key ? hf_hash_len(key->hash) : BINDER_MIN;

    d->binder[d->n] = how % FLAWS;
    if (d->binder[d->n] == OTHER_LENGTH)
        len = input_u8(in);
    if (d->binder[d->n] == LEFT_OUT)
        len = 0;
    d->binder_len[d->n] = len;
    d->well_formed &= d->binder[d->n] != LEFT_OUT && d->binder[d->n] != TWICE && len >= BINDER_MIN;
}

static void draft_psks(const psk_scene *s, draft *d, input *in)
{
    size_t n = input_u8(in) % (PSK_IDENTITIES_MAX + 1);

    *d = (draft){ .well_formed = n > 0, .terms_kept = d->terms_kept };
    for (; d->n < n; d->n++) {
        uint8_t kind = input_u8(in), how = input_u8(in);
        add_identity(s, d, in, kind);
        uint8_t off = how & 8 ? input_u8(in) : 0;
        d->first_aged |= d->n == 0 && off == 0;
        add_age(s, d, off);
        plan_binder(d, in, how);
    }
}

static size_t binders_len(const draft *d)
{
    size_t len = 0;

    for (size_t i = 0; i < d->n; i++)
        if (d->binder_len[i] > 0)
            len += (1 + d->binder_len[i]) * (d->binder[i] == TWICE ? 2 : 1);
    return len;
}

void make_binder(const psk_key *key, bool external, hf_span partial, uint8_t out[HF_HASH_MAX])
{
    uint8_t hash[HF_HASH_MAX];

    CHECK(hf_hash_once(key->hash, partial, hash) == HF_OK);
    CHECK(hf_psk_binder(key->hash, hf_span_of(key->secret, key->secret_len), external, hash, out) ==
          HF_OK);
}

static void write_binder(const draft *d, size_t i, hf_span partial, const psk_scene *s,
                         hostile_bytes *to)
{
    uint8_t bytes[256] = { 0 };
    const psk_key *key = d->key[i];
    uint8_t flaw = d->binder[i];

    if (d->binder_len[i] == 0)
        return;
    if (flaw == OTHER_KEY)
        key = &s->keys[key == &s->keys[0] ? 2 : 0];
    if (key && flaw != GARBAGE)
        make_binder(key, key->external != (flaw == OTHER_LABEL), partial, bytes);
    if (flaw == FLIPPED)
        bytes[i % BINDER_MIN] ^= 1;
    for (int twice = 0; twice < (flaw == TWICE ? 2 : 1); twice++) {
        hb_add_uint(to, d->binder_len[i], 1);
        hb_add(to, hf_span_of(bytes, d->binder_len[i]));
    }
}

/* ---- the whole ---- */

typedef struct modes_row {
    uint8_t len, modes[3];
    bool good; /* psk_dhe_ke is among them */
} modes_row;

static void put_modes(hostile_bytes *body, uint8_t how, bool *honest)
{
    static const modes_row rows[] = { { 1, { 1 }, true },       { 2, { 0, 1 }, true },
                                      { 3, { 7, 1, 0 }, true }, { 1, { 0 }, false },
                                      { 2, { 7, 7 }, false },   { 0, { 0 }, false } };
    const modes_row *row = &rows[how % 6];
    hostile_bytes data = { 0 };

    *honest &= row->good;
    hb_extension_remove(body, HF_MSG_ClientHello, MODES);
    hb_add_uint(&data, row->len, 1);
    hb_add(&data, hf_span_of(row->modes, row->len));
    if (row->good || how & 0x80)
        hb_extension_front(body, HF_MSG_ClientHello, MODES, hb_span(&data));
    hb_free(&data);
}

/* Another random, and perhaps neither the protocol nor the suite of the tickets: true if both stay. */
static bool put_terms(hostile_bytes *body, uint8_t how)
{
    static const uint8_t suite[] = { 0x13, 0x01 };
    size_t end = hb_extensions_at(body, HF_MSG_ClientHello);

    body->data[2] ^= how;
    if (how & 0x80)
        hb_extension_remove(body, HF_MSG_ClientHello, ALPN);
    for (size_t i = RANDOM_END; how & 0x40 && i + 1 < end; i++)
        if (memcmp(body->data + i, suite, sizeof suite) == 0)
            body->data[i] = 0xfa;
    return !(how & 0xc0);
}

static void put_psks(hostile_bytes *body, const draft *d, uint8_t how, hostile_bytes *data)
{
    hb_add_uint(data, d->identities.len, 2);
    hb_add(data, hb_span(&d->identities));
    hb_add_uint(data, d->binders.len, 2);
    hb_add(data, hb_span(&d->binders));
    if (how % 4 == 1)
        hb_extension_front(body, HF_MSG_ClientHello, PSKS, hb_span(data));
    else
        hb_extension_last(body, HF_MSG_ClientHello, PSKS, hb_span(data));
    if (how % 4 == 2)
        hb_extension_front(body, HF_MSG_ClientHello, PSKS, hb_span(data));
}

static void frame(hostile_bytes *message, const hostile_bytes *body)
{
    message->len = 0;
    hb_add_uint(message, 1, 1);
    hb_add_uint(message, body->len, 3);
    hb_add(message, hb_span(body));
}

/* The binders are as long as zeroes were that stood there before them. */
static void fill_binders(const psk_scene *s, draft *d, hostile_bytes *message)
{
    size_t len = binders_len(d), at = message->len - len;

    d->binders.len = 0;
    for (size_t i = 0; i < d->n; i++)
        write_binder(d, i, hf_span_of(message->data, at - 2), s, &d->binders);
    CHECK(d->binders.len == len);
    hb_replace(message, at, len, hb_span(&d->binders));
}

static bool edit_after(input *in, hostile_bytes *message)
{
    size_t n = input_u8(in) % 4;

    for (size_t i = 0; i < n; i++) {
        size_t at = input_u16(in) % message->len;
        message->data[at] ^= input_u8(in);
    }
    return n > 0;
}

static void expect(const psk_scene *s, psk_visit *v, const draft *d, uint8_t early)
{
    const psk_key *key = d->n > 0 ? d->key[0] : NULL;

    v->honest = v->honest && d->well_formed && key && key->good && d->binder[0] == RIGHT &&
                !(key->external ? s->no_keys : s->how & PSK_ONLY) && !(s->how & PSK_RETRY);
    v->due_early = v->honest && early && !key->external && !key->named && d->first_aged &&
                   d->terms_kept && !(s->how & PSK_EARLY_OFF);
}

void compose_hello(const psk_scene *s, psk_visit *v, input *in, hostile_bytes *message)
{
    static const uint8_t zeroes[PSK_IDENTITIES_MAX * 2 * 256];
    hostile_bytes body = { 0 }, data = { 0 };
    uint8_t how = input_u8(in), modes = input_u8(in), early = input_u8(in) % 4;
    draft d;

    hb_set(&body, hb_span(plain_hello()));
    d.terms_kept = put_terms(&body, input_u8(in));
    v->honest = how % 4 == 0 && early < 2;
    put_modes(&body, modes, &v->honest);
    if (early > 0)
        hb_extension_front(&body, HF_MSG_ClientHello, EARLY, hf_span_of("\0\0\0", early - 1u));
    draft_psks(s, &d, in);
    hb_add(&d.binders, hf_span_of(zeroes, binders_len(&d)));
    if (how % 4 != 3)
        put_psks(&body, &d, how, &data);
    frame(message, &body);
    if (how % 4 == 0)
        fill_binders(s, &d, message);
    v->honest &= !edit_after(in, message);
    expect(s, v, &d, early);
    hb_free(&body);
    hb_free(&data);
    hb_free(&d.identities);
    hb_free(&d.binders);
}

/* ---- what the bytes say ---- */

typedef struct cursor {
    const uint8_t *p;
    size_t left;
    bool bad;
} cursor;

static hf_span take(cursor *c, size_t n)
{
    hf_span out = { c->p, n };

    if (c->bad || n > c->left) {
        c->bad = true;
        return hf_span_of(NULL, 0);
    }
    c->p += n;
    c->left -= n;
    return out;
}

static size_t number(cursor *c, size_t width)
{
    hf_span bytes = take(c, width);
    size_t v = 0;

    for (size_t i = 0; i < bytes.len; i++)
        v = v << 8 | bytes.data[i];
    return v;
}

static cursor part(cursor *c, size_t width)
{
    hf_span in = take(c, number(c, width));

    return (cursor){ in.data, in.len, c->bad };
}

static bool read_psks(cursor c, const uint8_t *start, hello_parts *parts)
{
    const size_t most = sizeof parts->identities / sizeof *parts->identities;
    cursor list = part(&c, 2);

    while (!list.bad && list.left > 0 && parts->n < most) {
        parts->identities[parts->n] = take(&list, number(&list, 2));
        parts->ages[parts->n++] = (uint32_t)number(&list, 4);
    }
    parts->partial = hf_span_of(start, (size_t)(c.p - start));
    cursor binders = part(&c, 2);
    while (!binders.bad && binders.left > 0 && parts->n_binders < most)
        parts->binders[parts->n_binders++] = take(&binders, number(&binders, 1));
    return !list.bad && !binders.bad && !c.bad;
}

bool hello_parts_of(hf_span message, hello_parts *parts)
{
    cursor c = { message.data, message.len, message.len == 0 };

    *parts = (hello_parts){ .n = 0 };
    if (number(&c, 1) != 1 || number(&c, 3) != c.left)
        return false;
    (void)take(&c, RANDOM_END);
    (void)part(&c, 1);
    (void)part(&c, 2);
    (void)part(&c, 1);
    cursor block = part(&c, 2);
    while (!block.bad && block.left > 0) {
        size_t type = number(&block, 2);
        cursor body = part(&block, 2);
        parts->has_early |= type == EARLY;
        if (type == MODES && !body.bad && body.left > 0)
            parts->has_dhe |= memchr(body.p + 1, 1, body.left - 1) != NULL;
        if (type == PSKS && (body.bad || !read_psks(body, message.data, parts)))
            return false;
    }
    return !block.bad && !c.bad && c.left == 0;
}
