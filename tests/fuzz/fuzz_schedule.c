/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Two good ends in memory, and the input as the weather: it decides who does what when, in pieces of
 * which size. Whatever it decides, both connect once, every byte that was taken for sending arrives
 * in order, both see the other's close, and nobody fails; and hf_conn_wants tells the truth.
 *
 * Three bytes set the ends up (jobs, verification and ClientHello outside, retry, padding, small
 * records); each step is one byte (which end, which call) and often one for a size.
 */
#include "conn/conn.h"
#include "fuzz/fuzz.h"
#include "fuzz/pki.h"
#include "support/pair.h"

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
    unsigned updates, connected, closed;
    bool hello_asked, verify_asked, no_more_events, close_sent;
} side;

typedef struct weather {
    side side[2];
    uint8_t how[3];
} weather;

/* ---- setting up ---- */

static size_t padding(void *user, uint8_t type, size_t len)
{
    (void)user, (void)type;
    return len % 3 * 50;
}

static hf_policy small_records(uint16_t limit)
{
    hf_policy policy = *hf_policy_named("default");

    memset(policy.groups, 0, sizeof policy.groups);
    memset(policy.key_shares, 0, sizeof policy.key_shares);
    policy.groups[0] = policy.key_shares[0] = HF_GROUP_x25519;
    policy.groups[1] = HF_GROUP_secp256r1;
    policy.record_size_limit = limit;
    return policy;
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

static void start(pair *p, weather *w, input *in)
{
    static hf_policy policy[2];
    static net nets[2];
    pair_options o = {
        .pki = fuzz_pki(), .configure = configure, .user = w, .alpn = { { "fuzz" }, { "fuzz" } }
    };

    memset(w, 0, sizeof *w);
    for (int role = 0; role < 2; role++) {
        w->how[role] = input_u8(in);
        w->side[role].random = (uint64_t)role;
        w->side[role].from = &nets[role];
        nets[role].start = nets[role].end = 0;
        policy[role] = small_records(w->how[role] & 16 ? 64 + w->how[role] / 32u * 100u : 16385);
        o.policy[role] = &policy[role];
    }
    pair_start(p, &o);
    for (int role = 0; role < 2; role++)
        w->side[role].conn = p->end[role].conn;
    w->how[2] = input_u8(in);
    if (w->how[2] & 1)
        CHECK(hf_conn_set_max_record(w->side[w->how[2] / 2 % 2].conn, 1 + w->how[2] / 4u * 8u) ==
              HF_OK);
}

/* ---- data: byte i of each direction is known ---- */

static uint8_t nth(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

static void send_data(side *s, size_t len)
{
    uint8_t bytes[4096];
    size_t n = len < sizeof bytes ? len : sizeof bytes;
    bool can = hf_conn_wants(s->conn, NULL) & HF_WANT_CAN_SEND;

    n = n < DATA_MAX - s->sent ? n : DATA_MAX - s->sent;
    for (size_t i = 0; i < n; i++)
        bytes[i] = nth(s->sent + i);
    const hf_iovec parts[3] = { { bytes, n / 3 }, { bytes, 0 }, { bytes + n / 3, n - n / 3 } };
    size_t taken = hf_conn_data_in(s->conn, parts, 3);
    CHECK(taken <= n && (n == 0 || can == (taken > 0)));
    s->sent += taken;
}

static void take_data(side *s, const side *from, size_t len)
{
    hf_span data = hf_conn_data_out(s->conn);
    size_t n = len < data.len ? len : data.len;

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
        fprintf(stderr, "%s at %s, %s: %s, %s\n", hf_error_name(f->code), f->step, f->field,
                f->rule, f->offered);
    CHECK(!f);
}

static void next_event(side *s)
{
    hf_event event = hf_conn_next(s->conn);

    s->no_more_events = event == HF_EVENT_NONE;
    check_alive(s);
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
    if (s->updates == UPDATES_MAX)
        return;
    bool may = hf_conn_info_of(s->conn)->connected && !s->close_sent;
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
    case 7: take_data(s, other, size); break;
    case 8: take_data(s, other, DATA_MAX); break;
    case 9:
    case 10: next_event(s); break;
    case 11: answer(s); break;
    case 12: take_job(s); break;
    case 13: (void)finish_job(s, op / 32); break;
    case 14: update_keys(s, op & 64); break;
    default:
        if (op / 32 == 7)
            close_write(s);
        else
            hf_conn_tick(s->conn);
    }
}

/* Everything that can be done, in an order that is fair. */
static bool turn(side *s, side *other)
{
    size_t before = s->from->end, was = s->received;
    bool moved = false;

    do
        next_event(s);
    while (!s->no_more_events);
    moved |= s->hello_asked || s->verify_asked;
    answer(s);
    take_job(s);
    moved |= finish_job(s, 0);
    take_data(s, other, DATA_MAX);
    do
        next_event(s);
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
        moved = turn(&w->side[0], &w->side[1]);
        moved |= turn(&w->side[1], &w->side[0]);
    }
}

static void check_end(weather *w)
{
    uint8_t secret[2][32];

    for (int role = 0; role < 2; role++) {
        side *s = &w->side[role];
        CHECK(s->connected == 1 && hf_conn_info_of(s->conn)->connected);
        CHECK(s->received == w->side[!role].sent);
        CHECK(hf_conn_export(s->conn, "EXPORTER-fuzz", hf_span_of(NULL, 0), secret[role], 32) ==
              HF_OK);
    }
    CHECK(memcmp(secret[0], secret[1], 32) == 0);
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
        free(w.side[role].lent);
    }
    pair_free(&p);
    return 0;
}
