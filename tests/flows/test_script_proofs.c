/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The tables' `proves` column is run: in real handshakes, of each shape, each proof is taken from its row or given to another,
 * and the end that reads this row stops there by a failure of its own. Nobody is connected by a proof that no row claims.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "conn/conn.h"
#include "support/flow12.h"
#include "support/flow13.h"
#include "support/script_mutants.h"
#include "support/staple_scene.h"

static script_tables tables;

/* Rows that an end read, of the present run. */
static bool heard[2][HF_TABLE_COUNT][SCRIPT_ROWS_MAX];
static const hf_script_ops *sound;
static hf_script_ops spying;

static hf_error spy(void *ctx, const hf_row *row)
{
    const hf_engine *e = ctx;

    for (unsigned k = 0; k < HF_TABLE_COUNT; k++)
        for (unsigned i = 0; i < SCRIPT_ROWS_MAX; i++)
            if (row == &tables.rows[k][i])
                heard[e->role][k][i] = true;
    return sound->accept(ctx, row);
}

/* Both ends walk the tables of this file. */
static void start(pair *p, const pair_options *options)
{
    pair_start(p, options);
    for (int role = 0; role < 2; role++) {
        hf_script *s = &p->end[role].conn->engine.script;
        sound = s->ops;
        spying = *sound;
        spying.accept = spy;
        s->ops = &spying;
        s->tables = &tables.scripts;
        s->walk[0].at = tables.scripts.table[HF_TABLE_OPENING];
    }
}

/* Says yes where the application is asked for its verdict; nobody else listens. */
static void run(pair *p)
{
    for (int i = 0; i < 4; i++) {
        pair_run(p);
        for (int role = 0; role < 2; role++)
            (void)hf_conn_verify_done(p->end[role].conn, HF_OK);
    }
}

/* Takes the row's proof, and puts it to another row of the table if there is one. */
static void move_proof(unsigned table, unsigned from, int to)
{
    const script_mutant m = { SCRIPT_MUTATION_PROVES, table, from, 0 };

    script_mutate(&tables, &m);
    if (to >= 0)
        tables.rows[table][to].proves |= hf_scripts_tls.table[table][from].proves;
}

static void expect_stop(const pair_options *options, hf_role reader, unsigned table, unsigned row)
{
    pair p;

    start(&p, options);
    run(&p);
    const pair_end *end = &p.end[reader];
    const hf_failure *f = hf_conn_failure(end->conn);
    const char *name = hf_msg_name((hf_msg)hf_scripts_tls.table[table][row].msg);
    if (!f || f->code != HF_E_INTERNAL || end->connected || hf_conn_info_of(end->conn)->connected)
        fail_msg("%s of %s: %s", name, hf_table_name((hf_table)table),
                 f ? hf_error_row_of(f->code)->name : "no failure");
    pair_free(&p);
}

/* Every proof that an end takes in this shape. */
static long try_all(const pair_options *options, bool read[2][HF_TABLE_COUNT][SCRIPT_ROWS_MAX])
{
    long cases = 0;

    for (int role = 0; role < 2; role++)
        for (unsigned k = 0; k < HF_TABLE_COUNT; k++)
            for (unsigned i = 0; i < script_table_length((hf_table)k); i++) {
                if (!read[role][k][i] || !hf_scripts_tls.table[k][i].proves)
                    continue;
                for (int to = -1; to < (int)script_table_length((hf_table)k); to++, cases++) {
                    move_proof(k, i, to == (int)i ? -1 : to);
                    expect_stop(options, (hf_role)role, k, i);
                }
            }
    return cases;
}

static void go_through(const char *name, const pair_options *options, unsigned proofs, long *cases)
{
    bool read[2][HF_TABLE_COUNT][SCRIPT_ROWS_MAX];
    unsigned n = 0;
    pair p;

    move_proof(HF_TABLE_OPENING, 0, -1); /* it has none: the tables are sound */
    memset(heard, 0, sizeof heard);
    start(&p, options);
    run(&p);
    assert_true(p.end[HF_CLIENT].connected && p.end[HF_SERVER].connected);
    pair_free(&p);
    memcpy(read, heard, sizeof read);
    for (unsigned k = 0; k < HF_TABLE_COUNT; k++)
        for (unsigned i = 0; i < SCRIPT_ROWS_MAX; i++)
            for (int role = 0; role < 2; role++)
                n += read[role][k][i] && tables.rows[k][i].proves;
    long now = try_all(options, read);
    printf("%s: %u proofs, %ld mutants\n", name, n, now);
    assert_int_equal(n, proofs);
    *cases += now;
}

/* Chain, signature and Finished of the server; of the client what it shows. */
static void test_certificates13(void **state)
{
    pair_options one = { 0 };
    pair_options both = { .client_auth = HF_CLIENT_AUTH_REQUIRE, .client_identity = true };
    scene external = { .version = HF_TLS13, .staple = says(HF_STATUS_GOOD), .external = true };
    long cases = 0;

    (void)state;
    go_through("TLS 1.3", &one, 4, &cases);
    go_through("TLS 1.3, client certificate", &both, 6, &cases);
    go_through("TLS 1.3, the application verifies", options_of(&external), 4, &cases);
    assert_true(cases >= 14 * 14);
}

static void test_keys13(void **state)
{
    static const char *const names[] = { "resumed", "a shared key after a retry" };
    long cases = 0;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        flow13_setup s;
        flow13_prepare(&s, flow13_named(names[i]));
        go_through(names[i], &s.options, 2, &cases);
        flow13_release(&s);
    }
    assert_true(cases >= 4 * 14);
}

static void test_tls12(void **state)
{
    static const struct {
        const char *name;
        unsigned proofs;
    } flows[] = {
        { "ECDHE", 4 },
        { "ECDHE, client certificate", 6 },
        { "static RSA, client certificate", 5 },
        { "resumed by ticket", 2 },
        { "ECDHE_PSK", 2 },
    };
    long cases = 0;

    (void)state;
    for (size_t i = 0; i < sizeof flows / sizeof *flows; i++) {
        flow12_setup s;
        flow12_prepare(&s, flow12_named(flows[i].name));
        go_through(flows[i].name, &s.options, flows[i].proofs, &cases);
        flow12_release(&s);
    }
    assert_true(cases >= 18 * 6);
}

/* With a staple promised the chain's check is owed at a later row: the claim is Certificate's all the same. */
static void test_staple12(void **state)
{
    long cases = 0;

    (void)state;
    for (int external = 0; external < 2; external++) {
        scene s = { .version = HF_TLS12,
                    .staple = says(HF_STATUS_GOOD),
                    .external = external != 0 };
        go_through(external ? "TLS 1.2, the application verifies" : "TLS 1.2, staple",
                   options_of(&s), 4, &cases);
    }
    assert_true(cases >= 8 * 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificates13),
        cmocka_unit_test(test_keys13),
        cmocka_unit_test(test_tls12),
        cmocka_unit_test(test_staple12),
    };

    return cmocka_run_group_tests_name("script proofs", tests, set_up, tear_down);
}
