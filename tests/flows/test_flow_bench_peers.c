/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The peers of the benchmark (tests/bench/peers) keep the rules of tool/bench_peer.h, which its figures take for granted:
 * every case completes as asked, resumes when it says so, sends one ticket, draws fresh key shares, and the certificates are
 * really verified. A peer that is not built is a skip.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/bench_files.h"
#include "support/bench_pair.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { ROUNDS = 4, CASES = 20, RECORD = 16384 };
enum { TLS12 = 0x0303, TLS13 = 0x0304, CHACHA20 = 0x1303, P256 = 0x0017, HYBRID = 0x11ec };

typedef struct candidate {
    const char *file;
    bool no_tls13; /* may decline it */
    const hf_bench_peer *row;
} candidate;

static candidate candidates[] = {
    { .file = "libssl" },  { .file = "gnutls" },
    { .file = "wolfssl" }, { .file = "mbedtls", .no_tls13 = true },
    { .file = "rustls" },
};

static bench_pair pair;

static candidate *load(void **state)
{
    candidate *who = *state;

    if (!who->row)
        who->row = bench_peer_load(who->file);
    return who;
}

/* ---- cases ---- */

static hf_bench_case case_of(const char *name, uint16_t version, const bench_files *f)
{
    uint16_t suite12 = f == &bench_rsa ? 0xc02f : 0xc02b;

    return (hf_bench_case){ .name = name,
                            .version = version,
                            .suite = version == TLS13 ? 0x1301 : suite12,
                            .group = 0x001d,
                            .ca = f->root,
                            .server_chain = f->chain,
                            .server_key = f->key,
                            .client_chain = f->client_chain,
                            .client_key = f->client_key,
                            .server_name = "localhost" };
}

/* Full, with another group, resumed, mutual. */
static size_t four_cases(hf_bench_case *cases, uint16_t version, const bench_files *f)
{
    cases[0] = case_of("full", version, f);
    cases[1] = case_of("full-p256", version, f);
    cases[1].group = P256;
    cases[2] = case_of("resumed", version, f);
    cases[2].resumed = 1;
    cases[3] = case_of("mutual", version, f);
    cases[3].mutual = 1;
    return 4;
}

static size_t all_cases(hf_bench_case cases[CASES])
{
    size_t n = 0;

    for (uint16_t version = TLS12; version <= TLS13; version++) {
        n += four_cases(cases + n, version, &bench_ecdsa);
        n += four_cases(cases + n, version, &bench_rsa);
    }
    cases[n] = case_of("full-chacha20", TLS13, &bench_ecdsa);
    cases[n++].suite = CHACHA20;
    cases[n] = case_of("full-hybrid", TLS13, &bench_ecdsa);
    cases[n++].group = HYBRID;
    return n;
}

static bool may_decline(const candidate *who, const hf_bench_case *c)
{
    return c->group == HYBRID || (who->no_tls13 && c->version == TLS13);
}

/* ---- a case completes ---- */

/* n bytes from one to the other, as one record. */
static void send_data(bench_side *from, bench_side *to, size_t n)
{
    static uint8_t data[RECORD];

    memset(data, 0x5a, sizeof data);
    from->wire = (hf_bench_wire){ .bytes = from->bytes };
    assert_int_equal(pair.peer->seal(from->conn, data, n, &from->wire), n);
    assert_int_equal(bench_records(&from->wire), 1);
    assert_int_equal(pair.peer->open(to->conn, from->bytes, from->wire.len), n);
}

/* As asked: one share, of that group also when it resumes; one ticket in each handshake of TLS 1.3 and each full one of TLS
   1.2, where it is the ticket that is resumed by. */
static void check_seen(const hf_bench_case *c, bool resumed)
{
    const bench_seen *seen = &pair.seen;

    assert_int_equal(seen->suite, c->suite);
    if (c->version == TLS13) {
        assert_int_equal(seen->client_shares, 1);
        assert_int_equal(seen->last_records, 1);
    } else {
        assert_true(seen->extended_main_secret);
        assert_int_equal(seen->offered_ticket, resumed);
        if (!resumed)
            assert_int_equal(seen->tickets, 1);
    }
    if (c->version == TLS13 || !resumed)
        assert_int_equal(seen->group, c->group);
}

/* Nothing of the handshake before comes again. */
static void check_fresh(const hf_bench_case *c, const bench_seen *before)
{
    if (c->version == TLS13)
        assert_memory_not_equal(pair.seen.client_share, before->client_share, BENCH_SHARE_SEEN);
    if (c->version == TLS13 || !c->resumed)
        assert_memory_not_equal(pair.seen.server_share, before->server_share, BENCH_SHARE_SEEN);
}

static void run_round(const hf_bench_case *c, bool resumed)
{
    bench_seen before = pair.seen;

    if (!bench_pair_shake(&pair))
        fail_msg("%s %04x: client %d, server %d", c->name, c->version, pair.client.at,
                 pair.server.at);
    assert_int_equal(pair.peer->was_resumed(pair.client.conn) != 0, resumed);
    assert_int_equal(pair.peer->was_resumed(pair.server.conn) != 0, resumed);
    check_seen(c, resumed);
    check_fresh(c, &before);
    send_data(&pair.client, &pair.server, RECORD);
    send_data(&pair.server, &pair.client, RECORD);
    send_data(&pair.server, &pair.client, 1);
    bench_pair_part(&pair);
}

static void run_case(const candidate *who, const hf_bench_case *c)
{
    const char *why;
    bool made = bench_pair_new(&pair, who->row, c, c, &why);

    if (!made && !may_decline(who, c))
        fail_msg("%s %04x: %s", c->name, c->version, why);
    for (int round = 0; made && round < ROUNDS; round++)
        run_round(c, c->resumed && round > 0);
    bench_pair_free(&pair);
}

static void completes_every_case(void **state)
{
    const candidate *who = load(state);
    hf_bench_case cases[CASES];
    size_t n = all_cases(cases);

    assert_int_equal(who->row->abi, HF_BENCH_ABI);
    assert_true(strlen(who->row->version()) > 0);
    for (size_t i = 0; i < n; i++)
        run_case(who, &cases[i]);
}

/* ---- what is wrong is refused ---- */

/* The one of that role refuses; everybody agrees on the handshake without what is wrong (completes_every_case). */
static void refused(const candidate *who, const hf_bench_case *client, const hf_bench_case *server,
                    const bench_side *judge)
{
    const char *why;
    bool made = bench_pair_new(&pair, who->row, client, server, &why);

    if (!made && !may_decline(who, client))
        fail_msg("%04x: %s", client->version, why);
    if (made) {
        assert_false(bench_pair_shake(&pair));
        assert_int_equal(judge->at, HF_BENCH_FAILED);
        bench_pair_part(&pair);
    }
    bench_pair_free(&pair);
}

static void client_looks(const candidate *who, uint16_t version)
{
    hf_bench_case good = case_of("refused", version, &bench_ecdsa), bad = good;

    bad.server_name = "example.test";
    refused(who, &bad, &good, &pair.client);
    bad = good;
    bad.ca = bench_other.root;
    refused(who, &bad, &good, &pair.client);
    bad = good;
    bad.server_chain = bench_ecdsa.expired;
    refused(who, &good, &bad, &pair.client);
}

static void client_verifies(void **state)
{
    const candidate *who = load(state);

    client_looks(who, TLS12);
    client_looks(who, TLS13);
}

static void server_looks(const candidate *who, uint16_t version)
{
    hf_bench_case good = case_of("refused", version, &bench_ecdsa), bad;

    good.mutual = 1;
    bad = good;
    bad.client_chain = bench_other.client_chain;
    bad.client_key = bench_other.client_key;
    refused(who, &bad, &good, &pair.server);
    bad = good;
    bad.mutual = 0; /* the client has no certificate */
    refused(who, &bad, &good, &pair.server);
}

static void server_verifies(void **state)
{
    const candidate *who = load(state);

    server_looks(who, TLS12);
    server_looks(who, TLS13);
}

int main(void)
{
    static const struct {
        const char *name;
        CMUnitTestFunction run;
    } checks[] = {
        { "completes_every_case", completes_every_case },
        { "client_verifies", client_verifies },
        { "server_verifies", server_verifies },
    };
    static struct CMUnitTest tests[COUNT(candidates) * COUNT(checks)];
    static char names[COUNT(tests)][64];

    for (size_t i = 0; i < COUNT(tests); i++) {
        candidate *who = &candidates[i / COUNT(checks)];

        snprintf(names[i], sizeof names[i], "%s_%s", who->file, checks[i % COUNT(checks)].name);
        tests[i] = (struct CMUnitTest){ .name = names[i],
                                        .test_func = checks[i % COUNT(checks)].run,
                                        .initial_state = who };
    }
    return cmocka_run_group_tests(tests, bench_files_make, bench_files_remove);
}
