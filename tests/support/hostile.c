/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A bad peer for the real engine. */
#include "support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- policies ---- */

static uint16_t spoken = HF_TLS13;
static bool widened;

void hostile_speak(uint16_t version, bool victim_speaks_both)
{
    spoken = version;
    widened = victim_speaks_both;
}

static hf_policy narrowed(uint16_t first, uint16_t second)
{
    hf_policy policy = policy_of_version("default", spoken);

    memset(policy.groups, 0, sizeof policy.groups);
    memset(policy.key_shares, 0, sizeof policy.key_shares);
    policy.groups[0] = first;
    policy.groups[1] = second;
    policy.key_shares[0] = first;
    return policy;
}

const hf_policy *hostile_policy(void)
{
    static hf_policy policies[2];
    hf_policy *policy = &policies[spoken == HF_TLS12];

    if (!policy->name)
        *policy = narrowed(hf_code(HF_GROUPS, "x25519"), hf_code(HF_GROUPS, "secp256r1"));
    return policy;
}

const hf_policy *hostile_retry_policy(void)
{
    static hf_policy policies[2];
    hf_policy *policy = &policies[spoken == HF_TLS12];

    if (!policy->name) {
        *policy = narrowed(hf_code(HF_GROUPS, "secp256r1"), hf_code(HF_GROUPS, "x25519"));
        policy->server_prefers = true;
    }
    return policy;
}

/* The victim's, if it is to speak both versions. */
static void widen(const hf_policy **policy)
{
    static hf_policy wide;

    if (!widened)
        return;
    wide = **policy;
    wide.min_version = HF_TLS12;
    wide.max_version = HF_TLS13;
    *policy = &wide;
}

/* ---- who else hears and helps ---- */

static const hostile_carrier *carrier;
static void (*on_keys)(const hostile *h);

void hostile_carry_by(const hostile_carrier *by)
{
    carrier = by;
}

void hostile_on_keys(void (*keys)(const hostile *h))
{
    on_keys = keys;
}

/* ---- hearing what the bad peer's engine says ---- */

static hf_msg msg_named(const char *name)
{
    int msg = 0;

    while (msg < HF_MSG_COUNT && strcmp(hf_msg_name((hf_msg)msg), name) != 0)
        msg++;
    return (hf_msg)msg;
}

static void hear_message(hostile *h, const hf_trace_event *event)
{
    hostile_said *said = &h->said[h->n_said++];

    assert_true(h->n_said < HOSTILE_SAID_MAX);
    said->msg = msg_named(event->name);
    said->epoch = said->msg == HF_MSG_ChangeCipherSpec ? HF_PLAIN : event->epoch;
    hb_set(&said->bytes, event->bytes);
}

static void hear_keys(hostile *h, unsigned epoch)
{
    const hf_engine *e = &h->p.end[h->self].conn->engine;

    if (epoch == HF_EARLY && e->hs->early_suite)
        assert_int_equal(hf_traffic_keys(&h->keys[epoch], e->hs->early_suite, e->hs->early_traffic),
                         HF_OK);
    if (epoch != HF_HANDSHAKE && epoch != HF_APP)
        return;
    if (e->suite->version == HF_TLS12) {
        assert_int_equal(hf_traffic_keys12(&h->keys[epoch], e->suite, &e->secrets, h->self), HF_OK);
        return;
    }
    const uint8_t *secret =
        epoch == HF_HANDSHAKE ? e->hs->traffic[h->self] : e->secrets.traffic[h->self];
    if (epoch == HF_APP)
        memcpy(h->secret, secret, sizeof h->secret);
    assert_int_equal(hf_traffic_keys(&h->keys[epoch], e->suite, secret), HF_OK);
}

static void hear_alert(hostile *h, hf_span bytes)
{
    assert_int_equal(bytes.len, sizeof h->last_alert);
    memcpy(h->last_alert, bytes.data, sizeof h->last_alert);
    h->n_alerts++;
}

static void hear(void *user, const hf_trace_event *event)
{
    hostile *h = user;

    if (event->writer != h->self) {
        if (event->kind == HF_TRACE_MESSAGE && strcmp(event->name, "Alert") == 0)
            hear_alert(h, event->bytes);
        return;
    }
    if (event->kind == HF_TRACE_MESSAGE && strcmp(event->name, "Alert") != 0)
        hear_message(h, event);
    if (event->kind == HF_TRACE_KEYS)
        hear_keys(h, event->epoch);
    if (event->kind == HF_TRACE_KEYS && on_keys)
        on_keys(h);
}

/* ---- life ---- */

static bool override_body(void *user, hf_msg msg, hf_span *body)
{
    hostile *h = user;

    if (!h->rewrite)
        return false;
    hb_set(&h->rewritten, *body);
    h->rewrite(h, msg, &h->rewritten);
    *body = hb_span(&h->rewritten);
    return true;
}

static void configure(hf_config *config, hf_role role, void *user)
{
    hostile *h = user;

    if (role == h->self)
        config->override = (hf_override){ override_body, h };
    if (h->configure)
        h->configure(config, role, h->user);
}

static void choose_policies(pair_options *o, hf_role victim)
{
    for (int role = 0; role < 2; role++)
        if (!o->policy[role])
            o->policy[role] = hostile_policy();
    widen(&o->policy[victim]);
}

void hostile_start_with(hostile *h, hf_role victim, const pair_options *options,
                        hostile_rewrite *rewrite)
{
    static const pair_options defaults;
    pair_options o = options ? *options : defaults;

    memset(h, 0, sizeof *h);
    h->victim = victim;
    h->self = (hf_role)!victim;
    h->rewrite = rewrite;
    h->configure = o.configure;
    h->user = o.user;
    h->sink = (hf_trace_sink){ hear, h };
    o.trace[h->self] = &h->sink;
    o.configure = configure;
    o.user = h;
    choose_policies(&o, victim);
    pair_start(&h->p, &o);
    h->aead = hf_aead_new();
    assert_non_null(h->aead);
    h->carrier = carrier;
    if (carrier)
        carrier->start(h);
    hostile_pump(h);
}

void hostile_start(hostile *h, hf_role victim, const pair_options *options)
{
    hostile_start_with(h, victim, options, NULL);
}

static void start_good(hostile *h, const pair_options *o, hf_role victim, hostile_rewrite *prior)
{
    pair_options first = *o;

    *h = (hostile){
        .self = HF_CLIENT, .rewrite = prior, .configure = o->configure, .user = o->user
    };
    first.configure = configure;
    first.user = h;
    choose_policies(&first, victim);
    pair_start(&h->p, &first);
    pair_connect(&h->p);
}

void hostile_visit(const pair_options *o, hf_role victim)
{
    hostile h;

    start_good(&h, o, victim, NULL);
    hostile_free(&h);
}

void hostile_remember(pair_options *o, hf_role victim, hostile_rewrite *prior)
{
    static hostile_bytes session;
    hostile h;

    start_good(&h, o, victim, prior);
    hb_set(&session, hf_conn_session(h.p.end[HF_CLIENT].conn));
    assert_true(session.len > 0);
    o->session = hb_span(&session);
    hostile_free(&h);
}

void hostile_leave(hostile *h)
{
    hf_conn_free(h->p.end[h->self].conn);
    h->p.end[h->self].conn = NULL;
    hf_aead_free(h->aead);
    h->aead = NULL;
}

void hostile_free(hostile *h)
{
    if (h->carrier)
        h->carrier->stop(h);
    for (size_t i = 0; i < h->n_said; i++)
        hb_free(&h->said[i].bytes);
    hb_free(&h->rewritten);
    hf_aead_free(h->aead);
    pair_free(&h->p);
}

hf_conn *hostile_conn(const hostile *h)
{
    return h->p.end[h->victim].conn;
}

pair_end *hostile_end(hostile *h)
{
    return &h->p.end[h->victim];
}

/* ---- moving ---- */

static bool in_memory(hostile *h)
{
    pair_events(&h->p, h->victim);
    return pair_carry(&h->p, h->victim);
}

void hostile_pump(hostile *h)
{
    hf_conn *self = h->p.end[h->self].conn;
    bool moved = true;

    while (moved) {
        pair_events(&h->p, h->self);
        moved = h->carrier ? h->carrier->take(h) : in_memory(h);
        hf_span out = hf_conn_wire_out(self);
        moved |= out.len > 0;
        hf_conn_wire_sent(self, out.len);
    }
}

static void give_in_memory(hostile *h, hf_span bytes)
{
    uint8_t *copy = malloc(bytes.len > 0 ? bytes.len : 1);
    size_t at = 0, taken = 1;

    assert_non_null(copy);
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    while (at < bytes.len && taken > 0) {
        taken = hf_conn_wire_in(hostile_conn(h), copy + at, bytes.len - at);
        at += taken;
        pair_events(&h->p, h->victim);
    }
    free(copy);
}

void hostile_raw(hostile *h, hf_span bytes)
{
    if (h->carrier)
        h->carrier->give(h, bytes);
    else
        give_in_memory(h, bytes);
    hostile_pump(h);
}

size_t hostile_say(hostile *h, hf_span data)
{
    hf_iovec iov = { data.data, data.len };
    size_t taken = hf_conn_data_in(hostile_conn(h), &iov, 1);

    hostile_pump(h);
    return taken;
}

void hostile_seal(hostile *h, unsigned epoch, uint8_t type, hf_span content, size_t padding,
                  hostile_bytes *out)
{
    hf_traffic *keys = &h->keys[epoch < HF_APP ? epoch : HF_APP];
    size_t len = 0, room = HF_RECORD_OVERHEAD + content.len + padding;
    uint8_t *record = malloc(room);

    assert_non_null(record);
    assert_int_equal(hf_record_seal(h->aead, keys, type, &content, 1, padding, record, &len),
                     HF_OK);
    hb_set(out, hf_span_of(record, len));
    free(record);
}

void hostile_plain_version(hostile *h, uint16_t version, uint8_t type, hf_span content)
{
    hostile_bytes record = { 0 };

    hb_add_uint(&record, type, 1);
    hb_add_uint(&record, version, 2);
    hb_add_uint(&record, content.len, 2);
    hb_add(&record, content);
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

void hostile_plain(hostile *h, uint8_t type, hf_span content)
{
    hostile_plain_version(h, 0x0303, type, content);
}

/* Early data that was only pretended to has no keys. */
static bool is_sealed(const hostile *h, unsigned epoch)
{
    return epoch >= HF_HANDSHAKE || (epoch == HF_EARLY && h->keys[HF_EARLY].version != 0);
}

void hostile_record_under(hostile *h, unsigned epoch, uint8_t type, hf_span content)
{
    hostile_bytes record = { 0 };

    if (!is_sealed(h, epoch)) {
        hostile_plain(h, type, content);
        return;
    }
    hostile_seal(h, epoch, type, content, 0, &record);
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

static unsigned reading_epoch(const hostile *h)
{
    const hf_conn *victim = hostile_conn(h);

    return victim->in.is_protected ? victim->engine.script.epoch[h->self] : HF_PLAIN;
}

void hostile_record_padded(hostile *h, uint8_t type, hf_span content, size_t padding)
{
    hostile_bytes record = { 0 };

    hostile_seal(h, reading_epoch(h), type, content, padding, &record);
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

void hostile_record(hostile *h, uint8_t type, hf_span content)
{
    hostile_record_under(h, reading_epoch(h), type, content);
}

void hostile_next_keys(hostile *h)
{
    const hf_engine *e = &h->p.end[h->self].conn->engine;

    assert_int_equal(hf_next_traffic_secret(e->suite->hash, h->secret), HF_OK);
    assert_int_equal(hf_traffic_keys(&h->keys[HF_APP], e->suite, h->secret), HF_OK);
}

void hostile_eof(hostile *h)
{
    if (h->carrier)
        h->carrier->eof(h);
    else
        hf_conn_wire_eof(hostile_conn(h));
    hostile_pump(h);
}

/* ---- messages ---- */

/* Long ones in several records. */
static void in_records(hostile *h, unsigned epoch, hf_span bytes)
{
    size_t most = h->max_content && epoch >= HF_HANDSHAKE ? h->max_content : HF_PLAINTEXT_MAX;

    while (bytes.len > most) {
        hostile_record_under(h, epoch, HF_CT_HANDSHAKE, hf_span_of(bytes.data, most));
        bytes = hf_span_of(bytes.data + most, bytes.len - most);
    }
    hostile_record_under(h, epoch, HF_CT_HANDSHAKE, bytes);
}

static void send_under(hostile *h, unsigned epoch, uint8_t msg_type, hf_span body)
{
    hostile_bytes message = { 0 };

    hb_add_uint(&message, msg_type, 1);
    hb_add_uint(&message, body.len, 3);
    hb_add(&message, body);
    in_records(h, epoch, hb_span(&message));
    hb_free(&message);
}

void hostile_send_type(hostile *h, uint8_t msg_type, hf_span body)
{
    send_under(h, reading_epoch(h), msg_type, body);
}

void hostile_send(hostile *h, hf_msg msg, hf_span body)
{
    hostile_send_type(h, hf_msg_type(msg == HF_MSG_HelloRetryRequest ? HF_MSG_ServerHello : msg),
                      body);
}

const hostile_said *hostile_due(const hostile *h)
{
    return h->delivered < h->n_said ? &h->said[h->delivered] : NULL;
}

hf_span hostile_due_body(const hostile *h)
{
    hf_span all = hb_span(&h->said[h->delivered].bytes);

    return hf_span_of(all.data + HF_HANDSHAKE_HEADER, all.len - HF_HANDSHAKE_HEADER);
}

bool hostile_next(hostile *h)
{
    const hostile_said *due = hostile_due(h);

    if (!due)
        return false;
    h->delivered++;
    if (due->msg == HF_MSG_ChangeCipherSpec)
        hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, hb_span(&due->bytes));
    else
        in_records(h, due->epoch, hb_span(&due->bytes));
    return true;
}

void hostile_rest(hostile *h)
{
    while (hostile_next(h)) {
    }
}

void hostile_connected(hostile *h)
{
    hostile_rest(h);
    assert_true(hostile_end(h)->connected);
    h->was_connected = true;
}

void hostile_until(hostile *h, hf_msg msg, unsigned nth)
{
    const hostile_said *due;

    while ((due = hostile_due(h)) != NULL && (due->msg != msg || nth-- > 0))
        hostile_next(h);
    if (!due)
        fail_msg("the bad peer never said %s", hf_msg_name(msg));
}

void hostile_skip(hostile *h)
{
    assert_non_null(hostile_due(h));
    h->delivered++;
}

void hostile_instead(hostile *h, hf_span body)
{
    const hostile_said *due = hostile_due(h);

    h->delivered++;
    send_under(h, due->epoch, due->bytes.data[0], body);
}

unsigned hostile_count_said(const hostile *h, hf_msg msg)
{
    unsigned n = 0;

    for (size_t i = 0; i < h->n_said; i++)
        n += h->said[i].msg == msg;
    return n;
}

/* The second ClientHello keeps the PSK and loses early_data (RFC 9846 4.2.2). */
void hostile_offer_early_data(hostile *h, hf_msg msg, hostile_bytes *body)
{
    static const uint8_t psk[] = { 0,  10, 0,  4,  'n', 'o', 'p', 'e', 0,  0,  0,  1,
                                   0,  33, 32, 1,  2,   3,   4,   5,   6,  7,  8,  9,
                                   10, 11, 12, 13, 14,  15,  16,  17,  18, 19, 20, 21,
                                   22, 23, 24, 25, 26,  27,  28,  29,  30, 31, 32 };

    if (msg != HF_MSG_ClientHello)
        return;
    if (hostile_count_said(h, HF_MSG_ClientHello) == 0)
        hb_extension_front(body, msg, 42, hf_span_of(NULL, 0));
    else
        hb_extension_remove(body, msg, 45); /* a good client says it again (RFC 9846 4.2.2) */
    hb_extension_last(body, msg, 45, hf_span_of("\1\1", 2));
    hb_extension_last(body, msg, 41, hf_span_of(psk, sizeof psk));
}
