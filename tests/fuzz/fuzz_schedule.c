/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Two good ends in memory, and the input as the weather: it decides who does what when, in pieces of
 * which size. Whatever it decides, both connect once and with the same view of what they have, every
 * byte that was taken for sending arrives in order, both see the other's close, and nobody fails; and
 * hf_conn_wants tells the truth. Early data arrives once, as such, within its limit, or not at all;
 * other data never before CONNECTED; a session is resumed exactly if it should be.
 *
 * Five bytes set the ends up (jobs, verification and ClientHello outside, retry, padding, small
 * records; how they know each other, and what happened since: schedule.h); each step is one byte
 * (which end, which call) and often one for a size.
 */
#include "fuzz/fuzz.h"
#include "fuzz/pki.h"
#include "fuzz/schedule.h"

enum {
    STEPS_MAX = 600,
    DATA_MAX = 12000, /* each way */
    UPDATES_MAX = 12, /* of each end: fewer than HF_POST_HANDSHAKE_FLOOD with the answers */
    HELD_MAX = 4,
    PIECE = 2000, /* of the wire: what is offered again and again is copied each time */
    NET_MAX = 1 << 19,
    ROUNDS_MAX = 20000
};

/* One direction of the network. */
typedef struct net {
    uint8_t bytes[NET_MAX];
    size_t start, end;
} net;

typedef struct side {
    hf_conn *conn;
    net *from; /* what it has sent and the other has not taken */
    uint64_t random;
    uint8_t *lent;          /* the piece that data_out may point into */
    hf_job *held[HELD_MAX]; /* taken, run, not yet told */
    hf_error result[HELD_MAX];
    size_t n_held;
    size_t sent, received;
    size_t early; /* of them, before the handshake was over: sent as 0-RTT, and taken as such */
    unsigned updates, connected, closed, rejected, sessions;
    bool hello_asked, verify_asked, no_more_events, close_sent;
    bool again; /* what was sent as early data and refused is to be sent again */
} side;

typedef struct weather {
    side side[2];
    uint8_t how[3];
    acquaintance known;
} weather;

/* ---- setting up ---- */

static size_t padding(void *user, uint8_t type, size_t len)
{
    (void)user, (void)type;
    return len % 3 * 50;
}

static void configure(hf_config *config, hf_role role, void *user)
{
    weather *w = user;
    uint8_t how = w->how[role];

    config->random = (hf_random){ fuzz_draw, &w->side[role].random };
    if (how & 4)
        config->hooks.padding = padding;
    CHECK(hf_config_set(config, HF_SET_EXTERNAL_JOBS, how & 1) == HF_OK);
    if (role == HF_CLIENT)
        CHECK(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, (how & 2) != 0) == HF_OK);
    if (role == HF_SERVER)
        CHECK(hf_config_set(config, HF_SET_PAUSE_AT_CLIENT_HELLO, (how & 2) != 0) == HF_OK);
    if (role == HF_SERVER)
        CHECK(hf_config_set(config, HF_SET_ALWAYS_RETRY, (how & 8) != 0) == HF_OK);
}

/* The first of them, or the one that the input is about. */
static void meet(pair *p, weather *w, bool first)
{
    static net nets[2];
    pair_options o = {
        .pki = fuzz_pki(), .configure = configure, .user = w, .alpn = { { "fuzz" }, { "fuzz" } }
    };

    memset(w->side, 0, sizeof w->side);
    for (int role = 0; role < 2; role++) {
        w->side[role].random = (uint64_t)role;
        w->side[role].from = &nets[role];
        nets[role].start = nets[role].end = 0;
    }
    acquaintance_options(&w->known, w->how, first, &o);
    pair_start(p, &o);
    for (int role = 0; role < 2; role++) {
        w->side[role].conn = p->end[role].conn;
        w->side[role].random += first ? 2 : 0; /* the configs are the same, the connections not */
    }
}

static void part(pair *p, weather *w)
{
    for (int role = 0; role < 2; role++)
        free(w->side[role].lent);
    pair_free(p);
}

/* ---- data: byte i of each direction is known ---- */

static uint8_t nth(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

/* RFC 9846 4.3.10: refused early data is lost; all is sent once more. */
static void note_refusal(side *s)
{
    if (s->again || hf_conn_info_of(s->conn)->early != HF_EARLY_REJECTED)
        return;
    s->again = true;
    s->sent = 0;
}

static void send_data(side *s, size_t len)
{
    uint8_t bytes[4096];

    note_refusal(s);
    size_t n = len < sizeof bytes ? len : sizeof bytes;
    bool can = hf_conn_wants(s->conn, NULL) & HF_WANT_CAN_SEND;

    n = n < DATA_MAX - s->sent ? n : DATA_MAX - s->sent;
    for (size_t i = 0; i < n; i++)
        bytes[i] = nth(s->sent + i);
    const hf_iovec parts[3] = { { bytes, n / 3 }, { bytes, 0 }, { bytes + n / 3, n - n / 3 } };
    size_t taken = hf_conn_data_in(s->conn, parts, 3);
    CHECK(taken <= n && (n == 0 || can == (taken > 0)));
    s->sent += taken;
    if (s->conn->engine.role == HF_CLIENT && !hf_conn_info_of(s->conn)->connected)
        s->early += taken;
}

/* Before CONNECTED a server gets early data alone, and a client nothing. */
static void check_early(weather *w, side *s, size_t n)
{
    const hf_conn_info *info = hf_conn_info_of(s->conn);

    if (info->connected || n == 0)
        return;
    CHECK(s == &w->side[HF_SERVER] && info->early == HF_EARLY_ACCEPTED);
    s->early += n;
    CHECK(s->early <= w->known.limit);
}

static void take_data(weather *w, side *s, const side *from, size_t len)
{
    hf_span data = hf_conn_data_out(s->conn);
    size_t n = len < data.len ? len : data.len;

    check_early(w, s, n);

    for (size_t i = 0; i < n; i++)
        CHECK(data.data[i] == nth(s->received + i));
    s->received += n;
    CHECK(s->received <= from->sent);
    hf_conn_data_taken(s->conn, n);
    CHECK(hf_conn_data_out(s->conn).len == data.len - n);
}

/* ---- the wire ---- */

static void send_wire(side *s, size_t len)
{
    hf_span out = hf_conn_wire_out(s->conn);
    size_t n = len < out.len ? len : out.len;

    CHECK((out.len > 0) == !!(hf_conn_wants(s->conn, NULL) & HF_WANT_WIRE_OUT));
    CHECK(s->from->end + n <= NET_MAX);
    if (n > 0)
        memcpy(s->from->bytes + s->from->end, out.data, n);
    s->from->end += n;
    hf_conn_wire_sent(s->conn, n);
}

static bool receive_wire(side *s, side *from, size_t len)
{
    net *pipe = from->from;
    size_t left = pipe->end - pipe->start, n = len < left ? len : left;
    bool wants = s->no_more_events && (hf_conn_wants(s->conn, NULL) & HF_WANT_WIRE_IN);

    if (n == 0 || hf_conn_data_out(s->conn).len > 0)
        return false; /* data_out may point into what was lent before */
    free(s->lent);
    s->lent = tight_copy(hf_span_of(pipe->bytes + pipe->start, n));
    size_t taken = hf_conn_wire_in(s->conn, s->lent, n);
    CHECK(taken <= n && (!wants || taken > 0));
    s->no_more_events = false;
    pipe->start += taken;
    return taken > 0;
}

/* ---- events and answers ---- */

static void check_alive(const side *s)
{
    const hf_failure *f = hf_conn_failure(s->conn);

    if (f)
        fprintf(stderr, "%s at %s, %s: %s, %s\n", hf_error_row_of(f->code)->name, f->step, f->field,
                f->rule, f->offered);
    CHECK(!f);
}

static void check_event(const weather *w, const side *s, hf_event event)
{
    bool server = s == &w->side[HF_SERVER], is_13 = hf_conn_info_of(s->conn)->version != HF_TLS12;

    switch (event) {
    case HF_EVENT_DATA: CHECK(s->connected); break;
    case HF_EVENT_EARLY_DATA: CHECK(server && !s->connected && w->known.flow == FLOW_EARLY); break;
    case HF_EVENT_EARLY_REJECTED: CHECK(!server && s->rejected == 0 && !s->connected); break;
    case HF_EVENT_SESSION: CHECK(!server && (s->connected || !is_13)); break;
    case HF_EVENT_PEER_CLOSED: CHECK(s->connected); break;
    case HF_EVENT_CLIENT_HELLO:
    case HF_EVENT_VERIFY: CHECK(!s->connected); break;
    default: break;
    }
}

static void next_event(weather *w, side *s)
{
    hf_event event = hf_conn_next(s->conn);

    s->no_more_events = event == HF_EVENT_NONE;
    check_alive(s);
    check_event(w, s, event);
    s->rejected += event == HF_EVENT_EARLY_REJECTED;
    s->sessions += event == HF_EVENT_SESSION;
    s->hello_asked |= event == HF_EVENT_CLIENT_HELLO;
    s->verify_asked |= event == HF_EVENT_VERIFY;
    s->connected += event == HF_EVENT_CONNECTED;
    s->closed += event == HF_EVENT_PEER_CLOSED;
    CHECK(s->connected <= 1 && s->closed <= 1);
}

static void answer(side *s)
{
    const hf_span *chain;

    if (s->hello_asked) {
        CHECK(hf_conn_hello(s->conn) &&
              hf_conn_hello(s->conn)->server_name.len == strlen("localhost"));
        CHECK(hf_conn_switch_config(s->conn, NULL) == HF_OK);
    }
    if (s->verify_asked) {
        CHECK(hf_conn_peer_chain(s->conn, &chain) == 2 &&
              hf_span_equal(chain[0], fuzz_cert_der(FUZZ_LEAF)));
        CHECK(hf_conn_verify_done(s->conn, HF_OK) == HF_OK);
    }
    if (s->hello_asked || s->verify_asked)
        s->no_more_events = false;
    s->hello_asked = s->verify_asked = false;
}

static void take_job(side *s)
{
    hf_job *job = s->n_held < HELD_MAX ? hf_conn_job_next(s->conn) : NULL;

    if (!job)
        return;
    s->result[s->n_held] = hf_job_run(job);
    s->held[s->n_held++] = job;
}

static bool finish_job(side *s, size_t which)
{
    if (s->n_held == 0)
        return false;
    which %= s->n_held;
    hf_job *job = s->held[which];
    hf_error result = s->result[which];
    s->n_held--;
    s->held[which] = s->held[s->n_held];
    s->result[which] = s->result[s->n_held];
    CHECK(hf_conn_job_done(s->conn, job, result) == HF_OK);
    s->no_more_events = false;
    return true;
}

static void update_keys(side *s, bool request)
{
    const hf_conn_info *info = hf_conn_info_of(s->conn);
    bool may = info->connected && info->version == HF_TLS13 && !s->close_sent;

    if (s->updates == UPDATES_MAX)
        return;
    CHECK((hf_conn_key_update(s->conn, request) == HF_OK) == may);
    s->updates += may;
}

static void close_write(side *s)
{
    if (!s->connected)
        return;
    CHECK(hf_conn_close_write(s->conn) == HF_OK);
    s->close_sent = true;
    CHECK(!(hf_conn_wants(s->conn, NULL) & HF_WANT_CAN_SEND));
}

/* ---- running ---- */

static void step(weather *w, input *in)
{
    uint8_t op = input_u8(in);
    side *s = &w->side[op & 1], *other = &w->side[!(op & 1)];
    size_t size = 1 + op / 32u * 37u;

    switch (op / 2 % 16) {
    case 0: send_wire(s, size); break;
    case 1: send_wire(s, 1 + (size_t)input_u8(in) * 64); break;
    case 2: (void)receive_wire(s, other, size); break;
    case 3: (void)receive_wire(s, other, 1 + (size_t)input_u8(in) * 64); break;
    case 4: (void)receive_wire(s, other, PIECE); break;
    case 5: send_data(s, size); break;
    case 6: send_data(s, (size_t)input_u8(in) * 16); break;
    case 7: take_data(w, s, other, size); break;
    case 8: take_data(w, s, other, DATA_MAX); break;
    case 9:
    case 10: next_event(w, s); break;
    case 11: answer(s); break;
    case 12: take_job(s); break;
    case 13: (void)finish_job(s, op / 32); break;
    case 14: update_keys(s, op & 64); break;
    default:
        if (op / 32 == 7 && hf_conn_info_of(s->conn)->version == HF_TLS13)
            close_write(s); /* in TLS 1.2 it would end the other direction too */
        else
            hf_conn_tick(s->conn);
    }
}

/* Everything that can be done, in an order that is fair. */
static bool turn(weather *w, side *s, side *other)
{
    size_t before = s->from->end, was = s->received;
    bool moved = false;

    do
        next_event(w, s);
    while (!s->no_more_events);
    moved |= s->hello_asked || s->verify_asked;
    answer(s);
    take_job(s);
    moved |= finish_job(s, 0);
    take_data(w, s, other, DATA_MAX);
    do
        next_event(w, s);
    while (!s->no_more_events);
    moved |= receive_wire(s, other, PIECE);
    send_wire(s, NET_MAX);
    return moved || s->from->end != before || s->received != was;
}

static void settle(weather *w)
{
    bool moved = true;

    for (int round = 0; moved; round++) {
        CHECK(round < ROUNDS_MAX);
        moved = turn(w, &w->side[0], &w->side[1]);
        moved |= turn(w, &w->side[1], &w->side[0]);
    }
}

static void check_end(weather *w)
{
    uint8_t secret[2][32];
    side *c = &w->side[HF_CLIENT], *server = &w->side[HF_SERVER];

    note_refusal(c);
    for (int role = 0; role < 2; role++) {
        side *s = &w->side[role];
        CHECK(s->connected == 1 && hf_conn_info_of(s->conn)->connected);
        CHECK(s->received == w->side[!role].sent);
        CHECK(hf_conn_export(s->conn, "EXPORTER-fuzz", hf_span_of(NULL, 0), secret[role], 32) ==
              HF_OK);
    }
    CHECK(memcmp(secret[0], secret[1], 32) == 0);
    acquaintance_check(&w->known, w->how, c->conn, server->conn);
    CHECK(c->rejected == (hf_conn_info_of(c->conn)->early == HF_EARLY_REJECTED));
    CHECK(server->early == (c->rejected ? 0 : c->early));
}

static void start(pair *p, weather *w, input *in)
{
    memset(w, 0, sizeof *w);
    for (int i = 0; i < 3; i++)
        w->how[i] = input_u8(in);
    uint8_t flow = input_u8(in);
    acquaintance_start(&w->known, flow, input_u8(in));
    for (int i = 0; i < acquaintance_visits(&w->known); i++) {
        meet(p, w, true);
        settle(w);
        acquaintance_keep(&w->known, w->side[HF_CLIENT].conn);
        part(p, w);
    }
    meet(p, w, false);
    if (w->how[2] & 1)
        CHECK(hf_conn_set_max_record(w->side[w->how[2] / 2 % 2].conn, 1 + w->how[2] / 4u * 8u) ==
              HF_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static weather w;
    input in = { data, size };
    pair p;

    start(&p, &w, &in);
    for (int i = 0; i < STEPS_MAX && in.left > 0; i++)
        step(&w, &in);
    settle(&w);
    check_end(&w);
    for (int role = 0; role < 2; role++)
        close_write(&w.side[role]);
    settle(&w);
    check_end(&w);
    for (int role = 0; role < 2; role++) {
        CHECK(w.side[role].closed == 1 && hf_conn_wants(w.side[role].conn, NULL) == 0);
        hf_conn_wire_eof(w.side[role].conn);
        CHECK(hf_conn_next(w.side[role].conn) == HF_EVENT_NONE);
    }
    part(&p, &w);
    acquaintance_end(&w.known);
    return 0;
}
