/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The input is a program. It says first how the peer rewrites one kind of its own messages (before
 * its own transcript, so that both ends agree on what was said), then step by step (program.h) what it delivers:
 * the messages that are due as they are, edited, cut in pieces, joined or left out; records of any
 * type under its keys or in the clear; raw bytes; records once more; and what the application of the
 * victim does meanwhile. With that the fuzzer gets behind encryption without a build that has none.
 *
 * Whatever it says:
 *   - CONNECTED only if both ends hold the same exporter secret (TLS 1.2: master secret), that is, the same
 *     transcript; for a client only with our leaf, verified now or in the session that is resumed, or
 *     with the key that both share; and with parameters that it offered;
 *   - a server resumes a session, or takes such a key, only on the ClientHello that its binder was made
 *     for;
 *   - the data delivered is the beginning of what was sealed as data, in order; before CONNECTED it is
 *     early data that was accepted, within its limit;
 *   - at most one fatal alert leaves, nothing follows it, and a failed connection is silent for good;
 *   - one that is connected, has not failed, and waits for a record under keys that the peer holds, takes it.
 */
#include "fuzz/bad_peer.h"

#include "fuzz/pki.h"
#include "fuzz/program.h"
#include "fuzz/schedule.h"

enum { STEPS_MAX = 48 };

/* What the hooks of one end share. */
typedef struct hooks {
    uint64_t random, *clock_ms;
    char exporter[2 * HF_HASH_MAX + 1]; /* in hex, from its key log; empty: it has none */
} hooks;

typedef struct run {
    hostile h;
    input *in; /* the arguments of the step */
    acquaintance known;
    hf_trace_sink watch;
    hooks hooks[2];
    uint64_t clock_ms;
    size_t chunk; /* of delivery, 0: all at once */
    hf_msg rewritten;
    hf_span edits; /* of that message */
    hostile_bytes last, data,
        early;           /* the last record; all data that was sealed, and all early data */
    hostile_bytes hello; /* the last ClientHello's body before it was rewritten */
    bool hello_changed;  /* the victim got another one */
    unsigned alerts, after_alert;
    bool told_connected;
    size_t data_at_failure;
} run;

/* ---- the victim's trace: what leaves it ---- */

static void on_trace(void *user, const hf_trace_event *event)
{
    run *r = user;

    if (event->kind == HF_TRACE_MESSAGE && strcmp(event->name, "ClientHello") == 0)
        r->hello_changed = !hf_span_equal(hb_span(&r->hello),
                                          hf_span_of(event->bytes.data + 4, event->bytes.len - 4));
    if (event->writer != r->h.victim || event->kind == HF_TRACE_KEYS ||
        event->kind == HF_TRACE_PROVED)
        return;
    if (event->kind == HF_TRACE_MESSAGE && event->content_type == HF_CT_ALERT &&
        event->bytes.data[0] == 2)
        CHECK(++r->alerts == 1);
    else if (r->alerts > 0)
        CHECK(++r->after_alert == 1 && event->kind == HF_TRACE_RECORD); /* the alert's own record */
}

/* ---- rewriting ---- */

static void rewrite(hostile *h, hf_msg msg, hostile_bytes *body)
{
    run *r = h->user;
    input in = { r->edits.data, r->edits.len };

    if (msg == HF_MSG_ClientHello)
        hb_set(&r->hello, hb_span(body));
    if (msg == r->rewritten && r->edits.len > 0)
        edits_apply(&in, msg, false, body);
}

/* ---- start ---- */

static uint64_t on_clock(void *user)
{
    return *((hooks *)user)->clock_ms;
}

static void on_keylog(void *user, const char *line)
{
    hooks *own = user;

    if (strncmp(line, "EXPORTER_SECRET ", 16) == 0 || strncmp(line, "CLIENT_RANDOM ", 14) == 0)
        snprintf(own->exporter, sizeof own->exporter, "%s", strrchr(line, ' ') + 1);
}

static void configure(hf_config *config, hf_role role, void *user)
{
    run *r = user;

    config->hooks.clock_ms = on_clock;
    config->hooks.keylog = on_keylog;
    config->hooks.user = &r->hooks[role];
    config->random = (hf_random){ fuzz_draw, &r->hooks[role].random };
}

static void prefer_another_group(hf_policy *policy)
{
    policy->groups[0] = HF_GROUP_secp256r1;
    policy->groups[1] = HF_GROUP_x25519;
    policy->server_prefers = true;
}

static void put_options(run *r, uint8_t how, bool before, pair_options *o)
{
    static const uint8_t records[2];

    *o = (pair_options){ .pki = fuzz_pki(),
                         .configure = configure,
                         .user = r,
                         .alpn = { { "h2", "fuzz" }, { "fuzz" } } };
    acquaintance_options(&r->known, records, before, o);
    if (how & 2)
        prefer_another_group(&r->known.policy[HF_SERVER]);
    if (how & 4)
        memset(o->alpn, 0, sizeof o->alpn);
    if (how & 8)
        o->verify_name = "127.0.0.1";
}

/* Good ends, so that there is a session. */
static void meet_before(run *r, uint8_t how)
{
    pair_options o;
    pair p;

    put_options(r, how, true, &o);
    pair_start(&p, &o);
    pair_connect(&p);
    acquaintance_keep(&r->known, p.end[HF_CLIENT].conn);
    pair_free(&p);
}

static void start(run *r, hf_role victim, input *in, bool honest)
{
    uint8_t how = input_u8(in), flow = input_u8(in);
    pair_options o;

    memset(r, 0, sizeof *r);
    r->clock_ms = 1000000;
    r->hooks[0].clock_ms = r->hooks[1].clock_ms = &r->clock_ms;
    r->hooks[1].random = 1;
    acquaintance_start(&r->known, flow, input_u8(in));
    for (int i = 0; i < acquaintance_visits(&r->known); i++)
        meet_before(r, how);
    memset(r->hooks[0].exporter, 0, sizeof r->hooks[0].exporter);
    memset(r->hooks[1].exporter, 0, sizeof r->hooks[1].exporter);
    r->watch = (hf_trace_sink){ on_trace, r };
    r->rewritten = (hf_msg)(input_u8(in) % HF_MSG_COUNT);
    r->edits = input_take(in, how & PROGRAM_REWRITES ? input_u8(in) : 0);
    if (honest)
        r->edits.len = 0;
    put_options(r, how, false, &o);
    o.trace[victim] = &r->watch;
    hostile_start_with(&r->h, victim, &o, rewrite);
}

/* ---- delivering ---- */

static void deliver(run *r, hf_span bytes)
{
    while (bytes.len > 0) {
        size_t n = r->chunk && r->chunk < bytes.len ? r->chunk : bytes.len, at = 0, taken = 1;
        uint8_t *copy = tight_copy(hf_span_of(bytes.data, n));
        for (; at < n && taken > 0; at += taken) {
            taken = hf_conn_wire_in(hostile_conn(&r->h), copy + at, n - at);
            CHECK(taken <= n - at);
            pair_events(&r->h.p, r->h.victim);
        }
        free(copy);
        bytes = hf_span_of(bytes.data + n, taken > 0 ? bytes.len - n : 0);
    }
    hostile_pump(&r->h);
}

static void deliver_plain(run *r, uint8_t type, hf_span content)
{
    hb_set(&r->last, hf_span_of(&type, 1));
    hb_add_uint(&r->last, 0x0303, 2);
    hb_add_uint(&r->last, content.len, 2);
    hb_add(&r->last, content);
    deliver(r, hb_span(&r->last));
}

/* Under the keys of that epoch, as far as the peer has come to have them. */
static bool seal(run *r, unsigned epoch, uint8_t type, hf_span content, size_t padding)
{
    const hf_traffic *keys = &r->h.keys[epoch < HF_APP ? epoch : HF_APP];

    if (epoch < HF_EARLY || keys->limit == 0)
        return false;
    hostile_seal(&r->h, epoch, type, content, keys->version == HF_TLS13 ? padding : 0, &r->last);
    return true;
}

static void deliver_under(run *r, unsigned epoch, uint8_t type, hf_span content, size_t padding)
{
    if (seal(r, epoch, type, content, padding)) {
        if (type == HF_CT_APPLICATION_DATA)
            hb_add(epoch == HF_EARLY ? &r->early : &r->data, content);
        deliver(r, hb_span(&r->last));
    } else {
        deliver_plain(r, type, content);
    }
}

/* Keys that the victim reads with now. */
static unsigned reading_epoch(const run *r)
{
    const hf_conn *c = hostile_conn(&r->h);

    return c->in.is_protected ? c->engine.script.epoch[r->h.self] : HF_PLAIN;
}

/* ---- what is due ---- */

static uint8_t type_of(const hostile_said *said)
{
    return said->msg == HF_MSG_ChangeCipherSpec ? HF_CT_CHANGE_CIPHER_SPEC : HF_CT_HANDSHAKE;
}

/* In records of `piece` bytes. */
static void say(run *r, unsigned epoch, uint8_t type, hf_span bytes, size_t piece)
{
    while (bytes.len > 0) {
        size_t n = bytes.len < piece ? bytes.len : piece;
        deliver_under(r, epoch, type, hf_span_of(bytes.data, n), 0);
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
    }
}

static const hostile_said *take_due(run *r)
{
    const hostile_said *due = hostile_due(&r->h);

    if (due)
        r->h.delivered++;
    return due;
}

static void say_due(run *r, size_t piece)
{
    const hostile_said *due = take_due(r);

    if (due)
        say(r, due->epoch, type_of(due), hb_span(&due->bytes), piece);
}

static void say_edited(run *r, bool keep_header)
{
    const hostile_said *due = take_due(r);
    hostile_bytes b = { 0 };

    if (!due)
        return;
    hb_set(&b, hb_span(&due->bytes));
    edits_apply(r->in, due->msg, due->msg != HF_MSG_ChangeCipherSpec, &b);
    if (keep_header && b.len >= HF_HANDSHAKE_HEADER) {
        b.data[0] = due->bytes.data[0];
        b.data[1] = (uint8_t)((b.len - HF_HANDSHAKE_HEADER) >> 16);
        b.data[2] = (uint8_t)((b.len - HF_HANDSHAKE_HEADER) >> 8);
        b.data[3] = (uint8_t)(b.len - HF_HANDSHAKE_HEADER);
    }
    say(r, due->epoch, type_of(due), hb_span(&b), HF_PLAINTEXT_MAX);
    hb_free(&b);
}

/* Messages of one epoch in one record. */
static void say_joined(run *r, size_t n)
{
    const hostile_said *first = hostile_due(&r->h), *due;
    hostile_bytes b = { 0 };

    for (; n > 0 && (due = hostile_due(&r->h)) != NULL && due->epoch == first->epoch; n--)
        hb_add(&b, hb_span(&take_due(r)->bytes));
    if (first)
        say(r, first->epoch, HF_CT_HANDSHAKE, hb_span(&b), HF_PLAINTEXT_MAX);
    hb_free(&b);
}

static void say_damaged(run *r)
{
    const hostile_said *due = take_due(r);
    size_t at = input_u16(r->in);
    uint8_t mask = input_u8(r->in);

    if (!due || due->bytes.len > HF_PLAINTEXT_MAX ||
        !seal(r, due->epoch, type_of(due), hb_span(&due->bytes), 0))
        return;
    r->last.data[at % r->last.len] ^= mask;
    deliver(r, hb_span(&r->last));
}

/* ---- anything ---- */

static void any_record(run *r, bool plain)
{
    uint8_t type = input_u8(r->in), len = input_u8(r->in);
    hf_span content = input_take(r->in, len);
    bool early = type >= 64 && type < 128 && r->h.keys[HF_EARLY].limit > 0;

    if (type < 128)
        type = (uint8_t)(20 + type % 5);
    if (plain)
        deliver_plain(r, type, content);
    else
        deliver_under(r, early ? HF_EARLY : reading_epoch(r), type, content,
                      len % 7 == 0 ? 300 : 0);
}

static void any_message(run *r)
{
    uint8_t head[4] = { input_u8(r->in) };
    size_t len = input_u8(r->in);
    hf_span body = input_take(r->in, len);
    hostile_bytes b = { 0 };

    head[3] = (uint8_t)body.len;
    hb_set(&b, hf_span_of(head, sizeof head));
    hb_add(&b, body);
    say(r, reading_epoch(r), HF_CT_HANDSHAKE, hb_span(&b), HF_PLAINTEXT_MAX);
    hb_free(&b);
}

static void update_keys(run *r)
{
    static const uint8_t update[] = { 24, 0, 0, 1, 0 };

    if (reading_epoch(r) < HF_APP || r->h.keys[HF_APP].limit == 0 ||
        r->h.keys[HF_APP].version != HF_TLS13)
        return;
    deliver_under(r, HF_APP, HF_CT_HANDSHAKE, hf_span_of(update, sizeof update), 0);
    hostile_next_keys(&r->h);
}

static void application(run *r)
{
    hf_conn *c = hostile_conn(&r->h);
    uint8_t how = input_u8(r->in), secret[32];
    hf_iovec iov = { "from the application", 20 };

    switch (how % 6) {
    case 0: (void)hf_conn_close_write(c); break;
    case 1: (void)hf_conn_key_update(c, how & 0x80); break;
    case 2: (void)hf_conn_data_in(c, &iov, 1); break;
    case 3:
        (void)hf_conn_export(c, "EXPORTER-fuzz", hf_span_of(&how, 1), secret, sizeof secret);
        break;
    case 4: (void)hf_conn_set_max_record(c, how); break;
    default: hf_conn_abort(c, how & 0x80 ? HF_ALERT_user_canceled : HF_ALERT_access_denied);
    }
    hostile_pump(&r->h);
}

static void say_again(run *r)
{
    hostile_bytes again = { 0 };

    hb_set(&again, hb_span(&r->last));
    deliver(r, hb_span(&again));
    hb_free(&again);
}

static void pass_time(run *r, bool ends)
{
    r->clock_ms += 100u * input_u8(r->in);
    hf_conn_tick(hostile_conn(&r->h));
    if (ends)
        hf_conn_wire_eof(hostile_conn(&r->h));
    hostile_pump(&r->h);
}

static void step(run *r, hf_span bytes)
{
    input arguments = { bytes.data, bytes.len };
    uint8_t op = input_u8(&arguments);

    r->in = &arguments;
    switch ((program_op)(op % PROGRAM_OPS)) {
    case OP_DUE: say_due(r, HF_PLAINTEXT_MAX); break;
    case OP_EDITED: say_edited(r, true); break;
    case OP_EDITED_WHOLE: say_edited(r, false); break;
    case OP_JOINED: say_joined(r, 1 + op / PROGRAM_OPS); break;
    case OP_PIECES: say_due(r, 1 + (size_t)input_u8(r->in)); break;
    case OP_LEFT_OUT: (void)take_due(r); break;
    case OP_DAMAGED: say_damaged(r); break;
    case OP_RECORD: any_record(r, false); break;
    case OP_PLAIN_RECORD: any_record(r, true); break;
    case OP_MESSAGE: any_message(r); break;
    case OP_RAW:
        input_u16(r->in); /* its length */
        deliver(r, input_take(r->in, r->in->left));
        break;
    case OP_AGAIN: say_again(r); break;
    case OP_UPDATE_KEYS: update_keys(r); break;
    case OP_APPLICATION: application(r); break;
    case OP_CHUNK: r->chunk = input_u8(r->in); break;
    default: pass_time(r, op & 0x80);
    }
}

/* ---- what must hold ---- */

/* Who the peer is, and by what: a client knows only our leaf, or the key. */
static void check_peer(const run *r, const hf_conn_info *info)
{
    const hf_peer *peer = hf_conn_peer(hostile_conn(&r->h));
    const hf_span *chain;

    CHECK((peer != NULL) == info->peer_verified);
    CHECK(peer ? r->h.victim == HF_CLIENT : info->psk_used || r->h.victim == HF_SERVER);
    if (!peer)
        return;
    CHECK(strcmp(peer->subject, "CN=localhost") == 0 && !info->psk_used);
    if (!info->resumed)
        CHECK(hf_conn_peer_chain(hostile_conn(&r->h), &chain) >= 1 &&
              hf_span_equal(chain[0], fuzz_cert_der(FUZZ_LEAF)));
}

static void check_terms(const hf_conn_info *info, const hf_policy *policy)
{
    bool known_before = info->resumed || info->psk_used;

    CHECK(info->version >= policy->min_version && info->version <= policy->max_version);
    CHECK(hf_in_list(policy->suites, info->cipher_suite));
    CHECK(hf_in_list(policy->groups, info->group) || (info->group == 0 && known_before));
    CHECK(known_before ? info->signature_scheme == 0
                       : hf_in_list(policy->schemes, info->signature_scheme));
    CHECK(!info->alpn || strcmp(info->alpn, "fuzz") == 0 || strcmp(info->alpn, "h2") == 0 ||
          strcmp(info->alpn, "other") == 0);
}

static void check_connected(run *r)
{
    const hf_conn_info *info = hf_conn_info_of(hostile_conn(&r->h));

    if (!hostile_end(&r->h)->connected || r->told_connected)
        return;
    r->told_connected = true;
    CHECK(r->hooks[0].exporter[0] && strcmp(r->hooks[0].exporter, r->hooks[1].exporter) == 0);
    check_terms(info, &hostile_conn(&r->h)->engine.config->policy);
    check_peer(r, info);
}

/* With two keys the other's binder may be anything. */
static void check_binder(const run *r)
{
    const hf_conn_info *info = hf_conn_info_of(hostile_conn(&r->h));

    CHECK(!info->resumed || (!info->psk_used && r->known.session.len > 0));
    CHECK(!info->psk_used || r->known.psks[HF_CLIENT]);
    if (r->h.victim == HF_SERVER && info->version == HF_TLS13 && r->known.flow != FLOW_BOTH &&
        (info->resumed || info->psk_used))
        CHECK(!r->hello_changed && acquaintance_may_return(&r->known));
}

static bool begins(const hostile_bytes *sent, const uint8_t *data, size_t from, size_t to)
{
    size_t n = to - from;

    return n <= sent->len && (n == 0 || memcmp(data + from, sent->data, n) == 0);
}

static void check_data(const run *r)
{
    const pair_end *end = &r->h.p.end[r->h.victim];
    const hf_conn_info *info = hf_conn_info_of(end->conn);

    CHECK(begins(&r->early, end->data, 0, end->n_early));
    CHECK(begins(&r->data, end->data, end->n_early, end->n_data));
    CHECK(end->n_data == end->n_early || end->connected);
    CHECK(end->n_early == 0 ||
          (info->early == HF_EARLY_ACCEPTED && end->n_early <= r->known.limit));
}

static bool same_keys(const hf_traffic *a, const hf_traffic *b)
{
    return a->version == b->version && a->sequence == b->sequence && a->key.id == b->key.id &&
           memcmp(a->key.key, b->key.key, sizeof a->key.key) == 0 &&
           memcmp(a->iv, b->iv, sizeof a->iv) == 0;
}

/* Failed once, failed for good. */
static void check_failed(run *r, bool had_failed)
{
    pair_end *end = hostile_end(&r->h);
    uint8_t more[] = { HF_CT_HANDSHAKE, 3, 3, 0, 0 };
    hf_iovec iov = { "x", 1 };

    CHECK(end->failed == (hf_conn_failure(end->conn) != NULL));
    if (!end->failed)
        return;
    const hf_failure *f = hf_conn_failure(end->conn);
    check_text(f->field, sizeof f->field);
    check_text(f->rule, sizeof f->rule);
    check_text(f->expected, sizeof f->expected);
    check_text(f->offered, sizeof f->offered);
    CHECK(f->code > HF_OK && f->code < HF_ERROR_COUNT && f->code != HF_E_INTERNAL && f->step);
    CHECK((f->alert_direction == HF_ALERT_SENT) >= (r->alerts > 0));
    CHECK(!had_failed || end->n_data == r->data_at_failure);
    r->data_at_failure = end->n_data;
    CHECK(hf_conn_wire_out(end->conn).len == 0 && hf_conn_data_out(end->conn).len == 0);
    CHECK(hf_conn_wants(end->conn, NULL) == 0 && hf_conn_data_in(end->conn, &iov, 1) == 0);
    CHECK(hf_conn_wire_in(end->conn, more, sizeof more) == sizeof more);
    CHECK(hf_conn_key_update(end->conn, true) != HF_OK && hf_conn_next(end->conn) == HF_EVENT_NONE);
}

/* At a record's end, under keys that the peer has too: data is taken. */
static void check_alive(run *r)
{
    const hf_conn *c = hostile_conn(&r->h);
    const pair_end *end = hostile_end(&r->h);
    size_t before = end->n_data;

    if (!end->connected || end->failed || c->in.closed || c->header_len > 0 || c->partial_len > 0 ||
        c->engine.inbox_len > 0 || !same_keys(&c->in.keys, &r->h.keys[HF_APP]))
        return;
    deliver_under(r, HF_APP, HF_CT_APPLICATION_DATA, hf_span_of("alive", 5), 0);
    CHECK(!end->failed && end->n_data == before + 5);
    check_data(r);
}

static void run_steps(run *r, input *in)
{
    bool had_failed = false;

    for (int i = 0; i < STEPS_MAX && in->left > 0; i++) {
        step(r, input_take(in, program_step_size(*in)));
        check_connected(r);
        check_binder(r);
        check_data(r);
        check_failed(r, had_failed);
        had_failed = hostile_end(&r->h)->failed;
    }
}

void bad_peer_run(hf_role victim, bool after_connecting, input *in)
{
    static run r;

    start(&r, victim, in, after_connecting);
    if (after_connecting) {
        hostile_rest(&r.h);
        check_connected(&r);
        CHECK(hostile_end(&r.h)->connected);
    }
    run_steps(&r, in);
    check_alive(&r);
    hb_free(&r.last);
    hb_free(&r.data);
    hb_free(&r.early);
    hb_free(&r.hello);
    hostile_free(&r.h);
    acquaintance_end(&r.known);
}
