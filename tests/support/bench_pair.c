/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Loading a peer, its handshakes, and what is seen of them. */
#include "support/bench_pair.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/wire.h"

enum { PATH_ROOM = 512, TURNS = 12, RECORD_HEADER = 5, HANDSHAKE = 22, TLS13 = 0x0304 };

/* ---- loading ---- */

/* Beside the folder of this program: ../bench/peers. Never closed, so that what it holds stays reachable. */
static void *open_peer(const char *file)
{
    char path[PATH_ROOM + 64], self[PATH_ROOM];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    if (n <= 0)
        return NULL;
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(path, sizeof path, "%s/../bench/peers/%s.so", self, file);
    return access(path, R_OK) == 0 ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
}

const hf_bench_peer *bench_peer_load(const char *file)
{
    void *library = open_peer(file), *symbol = library ? dlsym(library, "hf_bench_peer_row") : NULL;
    hf_bench_peer_row_fn row = NULL;

    if (!symbol) {
        print_message("skip: missing peer: %s.so, of the benchmark\n", file);
        skip();
    }
    memcpy(&row, &symbol, sizeof row);
    assert_non_null(row());
    return row();
}

/* ---- what is seen ---- */

typedef struct place {
    size_t at, end; /* of the next message, and of the record that it is in */
} place;

static size_t number(const uint8_t *bytes, int n)
{
    size_t value = 0;

    while (n-- > 0)
        value = value << 8 | *bytes++;
    return value;
}

/* The next handshake message in the clear: up to the first record of another type, none longer than its record. */
static bool next_message(const hf_bench_wire *wire, place *p, int *type, hf_span *body)
{
    if (p->at == p->end) {
        if (p->at + RECORD_HEADER > wire->len || wire->bytes[p->at] != HANDSHAKE)
            return false;
        p->end = p->at + RECORD_HEADER + number(wire->bytes + p->at + 3, 2);
        p->at += RECORD_HEADER;
    }
    *type = wire->bytes[p->at];
    *body =
        hf_span_of(wire->bytes + p->at + HF_HANDSHAKE_HEADER, number(wire->bytes + p->at + 1, 3));
    p->at += HF_HANDSHAKE_HEADER + body->len;
    assert_true(p->at <= p->end && p->end <= wire->len);
    return true;
}

static hf_reader reader(hf_span body, hf_fault *fault)
{
    return hf_rd_start(body, "message", HF_HANDSHAKE_HEADER, fault, NULL);
}

static void see_share(uint8_t seen[BENCH_SHARE_SEEN], hf_span share)
{
    assert_true(share.len >= BENCH_SHARE_SEEN);
    memcpy(seen, share.data, BENCH_SHARE_SEEN);
}

static void see_client_hello(bench_pair *p, hf_span body)
{
    hf_client_hello hello;
    hf_key_share share;
    hf_fault fault = { 0 };
    hf_reader r = reader(body, &fault);

    hf_client_hello_read(&r, &(hf_wire){ .writer = HF_CLIENT }, &hello);
    assert_int_equal(fault.code, HF_OK);
    p->seen.offered_ticket = hello.ext.session_ticket.len > 0;
    for (hf_span rest = hello.ext.key_shares;
         p->version == TLS13 && hf_key_share_next(&rest, &share); p->seen.client_shares++)
        see_share(p->seen.client_share, share.key_exchange);
}

static void see_server_hello(bench_pair *p, hf_span body)
{
    hf_server_hello hello;
    hf_fault fault = { 0 };
    hf_reader r = reader(body, &fault);

    assert_false(hf_is_retry(body));
    hf_server_hello_read(&r, &(hf_wire){ .writer = HF_SERVER }, &hello);
    assert_int_equal(fault.code, HF_OK);
    p->seen.suite = hello.cipher_suite;
    p->seen.extended_main_secret = hello.ext.present & HF_EXT_BIT(extended_main_secret);
    if (p->version != TLS13)
        return;
    assert_int_equal(hello.ext.selected_version, TLS13);
    p->seen.group = hello.ext.key_share.group;
    see_share(p->seen.server_share, hello.ext.key_share.key_exchange);
}

static void see_key_exchange(bench_pair *p, hf_span body)
{
    hf_server_key_exchange ske;
    hf_fault fault = { 0 };
    hf_reader r = reader(body, &fault);

    hf_server_key_exchange_read(
        &r, &(hf_wire){ .version = 0x0303, .writer = HF_SERVER, .kx = HF_KX_ECDHE_ECDSA }, &ske);
    assert_int_equal(fault.code, HF_OK);
    p->seen.group = ske.named_curve;
    see_share(p->seen.server_share, ske.point);
}

static void see(bench_pair *p, const hf_bench_wire *wire)
{
    place at = { 0 };
    hf_span body;
    int type;

    while (next_message(wire, &at, &type, &body))
        switch (type) {
        case 1: see_client_hello(p, body); break;
        case 2: see_server_hello(p, body); break;
        case 4: p->seen.tickets++; break;
        case 12: see_key_exchange(p, body); break;
        default: break;
        }
}

int bench_records(const hf_bench_wire *wire)
{
    int n = 0;

    for (size_t at = 0; at + RECORD_HEADER <= wire->len; n++)
        at += RECORD_HEADER + number(wire->bytes + at + 3, 2);
    return n;
}

/* ---- both ends ---- */

bool bench_pair_new(bench_pair *p, const hf_bench_peer *peer, const hf_bench_case *client,
                    const hf_bench_case *server, const char **why)
{
    *why = NULL;
    memset(p, 0, sizeof *p);
    p->peer = peer;
    p->version = client->version;
    p->client.end = peer->end_new(client, HF_BENCH_CLIENT, why);
    p->server.end = peer->end_new(server, HF_BENCH_SERVER, why);
    if (p->client.end && p->server.end)
        return true;
    assert_non_null(*why);
    return false;
}

void bench_pair_free(bench_pair *p)
{
    if (p->client.end)
        p->peer->end_free(p->client.end);
    if (p->server.end)
        p->peer->end_free(p->server.end);
}

/* What it writes is seen before the other may overwrite it. */
static bool step(bench_pair *p, bench_side *me, bench_side *from)
{
    me->wire = (hf_bench_wire){ .bytes = me->bytes };
    me->at = p->peer->step(me->conn, from->wire.bytes, from->wire.len, &me->wire);
    from->wire.len = 0;
    if (me->at != HF_BENCH_FAILED)
        see(p, &me->wire);
    return me->at != HF_BENCH_FAILED;
}

bool bench_pair_shake(bench_pair *p)
{
    p->client.conn = p->peer->conn_new(p->client.end);
    p->server.conn = p->peer->conn_new(p->server.end);
    p->client.wire.len = p->server.wire.len = 0;
    p->client.at = p->server.at = HF_BENCH_GOING;
    p->seen = (bench_seen){ 0 };
    assert_true(p->client.conn && p->server.conn);
    for (int turn = 0; turn < TURNS; turn++) {
        if (!step(p, &p->client, &p->server) || p->client.wire.len == 0 ||
            !step(p, &p->server, &p->client))
            break;
        p->seen.last_records = bench_records(&p->server.wire);
    }
    return p->client.at == HF_BENCH_DONE && p->server.at == HF_BENCH_DONE;
}

void bench_pair_part(bench_pair *p)
{
    p->peer->conn_free(p->client.conn);
    p->peer->conn_free(p->server.conn);
}
