/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What two good ends write in every shape of a handshake, message by message and record by record, for the tests of what
 * RFC 9846 demands of senders: each looks at all that was written in all scenes.
 */
#ifndef TESTS_FLOWS_RFC9846_WITNESS_H
#define TESTS_FLOWS_RFC9846_WITNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow13.h"
#include "wire/wire.h"

enum { WITNESS_MAX = 96 };

/* By number: these tests do not use the registry that they are to test. */
enum {
    STATUS_REQUEST_V2 = 17,
    TRUNCATED_HMAC = 4,
    SUPPORTED_GROUPS = 10,
    SIGNATURE_ALGORITHMS = 13,
    PADDING = 21,
    PRE_SHARED_KEY = 41,
    EARLY_DATA = 42,
    SUPPORTED_VERSIONS = 43,
    COOKIE = 44,
    PSK_MODES = 45,
    OID_FILTERS = 48,
    POST_HANDSHAKE_AUTH = 49,
    SIGNATURE_ALGORITHMS_CERT = 50,
    KEY_SHARE = 51,
    UNKNOWN = 0xfe00
};

#define HAS(hello, name) (((hello)->ext.present & HF_EXT_BIT(name)) != 0)

/* A message or a record, by its writer's own trace. */
typedef struct written {
    hf_trace_kind kind;
    hf_role writer;
    const char *name; /* of a message */
    uint8_t type;     /* content type */
    unsigned keys;    /* of a record: 0 none, 1 the writer's first, 2 his second … */
    hostile_bytes bytes, content;
} written;

typedef struct witness {
    const char *scene;
    pair p;
    written all[WITNESS_MAX];
    size_t n;
    hf_trace_sink sink[2];
    hf_role own[2];
} witness;

static witness seen;

/* Which of its writer's keys a record is under: told after it was sealed, before other keys take their place. */
static inline unsigned keys_of(hf_role writer)
{
    static uint8_t last[2][HF_AEAD_KEY_MAX];
    const hf_direction *out = &seen.p.end[writer].conn->out;
    unsigned before = 0;

    for (size_t i = 0; i + 1 < seen.n; i++)
        if (seen.all[i].kind == HF_TRACE_RECORD && seen.all[i].writer == writer &&
            seen.all[i].keys > before)
            before = seen.all[i].keys;
    if (!out->is_protected)
        return 0;
    bool same = before > 0 && memcmp(last[writer], out->keys.key.key, sizeof last[writer]) == 0;
    memcpy(last[writer], out->keys.key.key, sizeof last[writer]);
    return same ? before : before + 1;
}

static inline void witness_event(void *user, const hf_trace_event *event)
{
    const hf_role own = *(const hf_role *)user;

    if (event->writer != own || (event->kind != HF_TRACE_MESSAGE && event->kind != HF_TRACE_RECORD))
        return;
    assert_true(seen.n < WITNESS_MAX);
    written *w = &seen.all[seen.n++];
    *w = (written){
        .kind = event->kind, .writer = own, .name = event->name, .type = event->content_type
    };
    if (event->kind == HF_TRACE_RECORD && event->content_type != HF_CT_CHANGE_CIPHER_SPEC)
        w->keys = keys_of(own);
    hb_set(&w->bytes, event->bytes);
    hb_set(&w->content, event->content);
}

static inline void witness_forget(void)
{
    for (size_t i = 0; i < seen.n; i++) {
        hb_free(&seen.all[i].bytes);
        hb_free(&seen.all[i].content);
    }
    seen.n = 0;
}

static inline void witness_start(const char *scene, pair_options *o)
{
    witness_forget();
    seen.scene = scene;
    for (int role = 0; role < 2; role++) {
        seen.own[role] = (hf_role)role;
        seen.sink[role] = (hf_trace_sink){ witness_event, &seen.own[role] };
        o->trace[role] = &seen.sink[role];
    }
    pair_start(&seen.p, o);
}

/* Data both ways, a renewal of keys by either end, more data, and the end. */
static inline void witness_talk(bool tls13)
{
    for (int i = 0; i < 2; i++) {
        pair_send(&seen.p, HF_CLIENT, "ping", 4);
        pair_send(&seen.p, HF_SERVER, "pong", 4);
        if (tls13)
            assert_int_equal(hf_conn_key_update(seen.p.end[i].conn, true), HF_OK);
        pair_run(&seen.p);
    }
    for (int role = 0; role < 2; role++)
        assert_int_equal(hf_conn_close_write(seen.p.end[role].conn), HF_OK);
    pair_run(&seen.p);
}

/* ---- the scenes ---- */

typedef struct scene {
    const char *name;
    uint16_t version[2];   /* the one version that this end speaks; 0: both */
    uint16_t server_group; /* its only one: a retry follows */
    bool no_disguise, mutual, always_retry;
} scene;

static const scene witness_scenes[] = {
    { .name = "full" },
    { .name = "TLS 1.3 alone", .version = { HF_TLS13, HF_TLS13 } },
    { .name = "without a disguise", .version = { HF_TLS13, HF_TLS13 }, .no_disguise = true },
    { .name = "retry", .server_group = HF_GROUP_secp384r1 },
    { .name = "retry by a cookie", .always_retry = true },
    { .name = "retry by both", .always_retry = true, .server_group = HF_GROUP_secp256r1 },
    { .name = "mutual", .mutual = true },
    { .name = "a client of TLS 1.2", .version = { HF_TLS12, 0 } },
    { .name = "a server of TLS 1.2", .version = { 0, HF_TLS12 } },
    { .name = "mutual, TLS 1.2", .version = { 0, HF_TLS12 }, .mutual = true },
};

static inline void always_retry(hf_config *config, hf_role role, void *user)
{
    const scene *s = user;

    if (role == HF_SERVER && s->always_retry)
        assert_int_equal(hf_config_set(config, HF_SET_ALWAYS_RETRY, 1), HF_OK);
}

static inline pair_options witness_options(const scene *s, hf_policy policy[2])
{
    pair_options o = { .configure = always_retry,
                       .user = (void *)(uintptr_t)s,
                       .client_auth = s->mutual ? HF_CLIENT_AUTH_REQUIRE : HF_CLIENT_AUTH_NONE,
                       .client_identity = s->mutual };

    for (int role = 0; role < 2; role++) {
        policy[role] = *hf_policy_named("default");
        if (s->version[role])
            policy[role].min_version = policy[role].max_version = s->version[role];
        policy[role].middlebox_compat = !s->no_disguise;
        o.policy[role] = &policy[role];
    }
    if (s->server_group) {
        memset(policy[HF_SERVER].groups, 0, sizeof policy[HF_SERVER].groups);
        policy[HF_SERVER].groups[0] = policy[HF_SERVER].key_shares[0] = s->server_group;
        policy[HF_SERVER].key_shares[1] = 0;
    }
    return o;
}

static inline bool witness_is13(void)
{
    return hf_conn_info_of(seen.p.end[HF_CLIENT].conn)->version == HF_TLS13;
}

/* look() is called after each scene, with all that was written in `seen`. */
static inline void witness_all(void (*look)(void))
{
    hf_policy policy[2];

    for (size_t i = 0; i < sizeof witness_scenes / sizeof *witness_scenes; i++) {
        pair_options o = witness_options(&witness_scenes[i], policy);
        witness_start(witness_scenes[i].name, &o);
        pair_connect(&seen.p);
        witness_talk(witness_is13());
        look();
        pair_free(&seen.p);
    }
    for (size_t i = 0; flow13_row(i); i++) {
        flow13_setup s;
        flow13_prepare(&s, flow13_row(i));
        witness_start(flow13_row(i)->name, &s.options);
        pair_run(&seen.p);
        flow13_assert(&seen.p, flow13_row(i));
        witness_talk(true);
        look();
        pair_free(&seen.p);
        flow13_release(&s);
    }
    witness_forget();
}

/* ---- what was written ---- */

static inline hf_span body_of(const written *w)
{
    return hf_span_of(w->bytes.data + HF_HANDSHAKE_HEADER, w->bytes.len - HF_HANDSHAKE_HEADER);
}

/* The nth message of that name, NULL: there is none. */
static inline const written *said(const char *name, unsigned nth)
{
    for (size_t i = 0; i < seen.n; i++)
        if (seen.all[i].kind == HF_TRACE_MESSAGE && strcmp(seen.all[i].name, name) == 0 &&
            nth-- == 0)
            return &seen.all[i];
    return NULL;
}

static inline hf_client_hello client_hello(unsigned nth)
{
    const written *w = said("ClientHello", nth);
    const hf_wire wire = { .writer = HF_CLIENT };
    hf_client_hello hello = { 0 };
    hf_fault fault = { 0 };

    assert_non_null(w);
    hf_reader r = hf_rd_start(body_of(w), "ClientHello", 0, &fault, NULL);
    hf_client_hello_read(&r, &wire, &hello);
    assert_int_equal(fault.code, HF_OK);
    return hello;
}

static inline hf_server_hello server_hello(const char *name)
{
    const written *w = said(name, 0);
    const hf_wire wire = { .writer = HF_SERVER };
    hf_server_hello hello = { 0 };
    hf_fault fault = { 0 };

    assert_non_null(w);
    hf_reader r = hf_rd_start(body_of(w), name, 0, &fault, NULL);
    hf_server_hello_read(&r, &wire, &hello);
    assert_int_equal(fault.code, HF_OK);
    return hello;
}

/* The extensions of a block as sent, one after another; false at the end. */
static inline bool next_extension(hf_span *raw, uint16_t *type, hf_span *data)
{
    if (raw->len < 4)
        return false;
    *type = (uint16_t)(raw->data[0] << 8 | raw->data[1]);
    *data = hf_span_of(raw->data + 4, (size_t)(raw->data[2] << 8 | raw->data[3]));
    assert_true(data->len + 4 <= raw->len);
    *raw = hf_span_of(raw->data + 4 + data->len, raw->len - 4 - data->len);
    return true;
}

static inline bool find_extension(hf_span raw, uint16_t wanted, hf_span *data)
{
    uint16_t type;

    while (next_extension(&raw, &type, data))
        if (type == wanted)
            return true;
    return false;
}

static inline unsigned count_hellos(void)
{
    unsigned n = 0;

    while (said("ClientHello", n))
        n++;
    return n;
}

static inline hf_span share_of(const hf_client_hello *h, uint16_t group)
{
    hf_span rest = h->ext.key_shares;
    hf_key_share share;

    while (hf_key_share_next(&rest, &share))
        if (share.group == group)
            return share.key_exchange;
    return hf_span_of(NULL, 0);
}

/* Puts an extension into a message that is rewritten. */
static inline void put(hostile_bytes *body, hf_msg msg, uint16_t type, const char *bytes,
                       size_t len)
{
    hb_extension_put(body, msg, type, hf_span_of((const uint8_t *)bytes, len));
}

#endif
