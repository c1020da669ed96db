/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Rules of the loop that no sound table ever calls upon: they stand guard against a table, or a step,
 * that is wrong. Each is called upon here by tables made for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "support/script_mutants.h"

static const script_how plainly = { SCRIPT_RECORD_A_MESSAGE, SCRIPT_FIFO, false };

/* TLS 1.3 with certificates on both sides. */
static const script_mode *mutual(void)
{
    hf_facts server = HF_F_TLS13 | HF_F_CERT_REQUESTED, client = HF_F_OFFER13 | HF_F_CLIENT_CERT;

    for (size_t i = 0; i < script_mode_count(); i++)
        if (script_mode_at(i)->server == server && script_mode_at(i)->client == client)
            return script_mode_at(i);
    fail();
    return NULL;
}

/* Copies of the tables as they are, with room for one more row. */
static script_tables *sound_tables(void)
{
    static script_tables tables;
    static const script_mutant nothing = { .kind = SCRIPT_MUTATION_KEYS,
                                           .table = HF_TABLE_IGNORED };

    script_mutate(&tables, &nothing); /* keys of a dropped message: there are none to drop */
    return &tables;
}

static script_pair *run_over(const script_tables *tables, hf_role held)
{
    static script_pair p;

    script_the_world.tables = &tables->scripts;
    script_pair_start(&p, mutual(), plainly);
    p.end[held].hold_owed = true;
    script_pair_finish(&p);
    script_the_world.tables = &hf_scripts_tls;
    return &p;
}

/* The same key row twice: the second would start its nonces again. Neither writer nor reader does it. */
static void test_keys_are_never_installed_twice(void **state)
{
    long cases = 0;

    (void)state;
    for (unsigned i = 0; i < script_table_length(HF_TABLE_SCRIPT13); i++) {
        script_tables *tables = sound_tables();
        hf_row *rows = tables->rows[HF_TABLE_SCRIPT13];
        if (rows[i].msg != HF_ROW_KEYS || rows[i].when)
            continue;
        memmove(&rows[i + 1], &rows[i], (SCRIPT_ROWS_MAX - 1 - i) * sizeof *rows);
        const script_pair *p = run_over(tables, HF_CLIENT);
        assert_int_equal(p->end[HF_CLIENT].script.error, HF_E_INTERNAL);
        assert_int_equal(p->end[HF_SERVER].script.error, HF_E_INTERNAL);
        cases++;
    }
    printf("key rows installed twice and refused: %ld\n", cases);
    assert_int_equal(cases, 2);
}

/* No row of ours and no application keys stand between the proof that is owed and the end: still no end. */
static void test_no_script_ends_with_a_proof_owed(void **state)
{
    script_tables *tables = sound_tables();
    hf_row *rows = tables->rows[HF_TABLE_SCRIPT13];

    (void)state;
    for (unsigned i = 0; i < script_table_length(HF_TABLE_SCRIPT13); i++)
        if (rows[i].msg == HF_MSG_Finished && rows[i].writer == HF_CLIENT)
            rows[i].keys = HF_SAME;
    script_pair *p = run_over(tables, HF_SERVER);
    assert_true(
        script_saw(&p->end[HF_SERVER].trace, HF_CLIENT, HF_MSG_Finished)); /* it came to the end */
    assert_int_equal(p->end[HF_SERVER].last, HF_RUN_JOB);
    assert_false(p->end[HF_SERVER].script.connected);
    p->end[HF_SERVER].hold_owed = false;
    script_end_settle(&p->end[HF_SERVER]);
    assert_true(p->end[HF_SERVER].script.connected);
}

static void test_a_proof_is_announced_once(void **state)
{
    script_end e;

    (void)state;
    script_end_start(&e, HF_CLIENT, HF_F_OFFER13, plainly);
    e.script.provable = HF_CHAIN | HF_SIGNATURE;
    assert_int_equal(hf_script_prove(&e.script, HF_CHAIN), HF_OK);
    assert_int_equal(hf_script_prove(&e.script, HF_CHAIN), HF_OK);
    assert_int_equal(hf_script_prove(&e.script, 0), HF_OK);
    assert_int_equal(e.announcements, 1);
    assert_int_equal(hf_script_prove(&e.script, HF_CHAIN | HF_SIGNATURE), HF_OK);
    assert_int_equal(e.announcements, 2);
    assert_int_equal(e.script.proved, HF_CHAIN | HF_SIGNATURE);
}

/* Nothing is proved that a row does not say; what was claimed while it was heard may come in later. */
static void test_a_proof_is_the_rows(void **state)
{
    script_end e;

    (void)state;
    script_end_start(&e, HF_CLIENT, HF_F_OFFER13, plainly);
    assert_int_equal(hf_script_prove(&e.script, HF_FINISHED), HF_E_INTERNAL); /* between rows */
    e.script.provable = HF_CHAIN;
    assert_int_equal(hf_script_claim(&e.script, HF_CHAIN | HF_SIGNATURE), HF_E_INTERNAL);
    assert_int_equal(hf_script_claim(&e.script, HF_CHAIN), HF_OK);
    assert_int_equal(hf_script_prove(&e.script, HF_FINISHED), HF_E_INTERNAL);
    assert_int_equal(e.script.proved, 0);
    e.script.provable = HF_SIGNATURE; /* another row */
    assert_int_equal(hf_script_prove(&e.script, HF_CHAIN), HF_OK);
    assert_int_equal(e.script.proved, HF_CHAIN);
}

/* Generations of keys are counted in a byte; the counting ends, the renewing does not. */
static void test_keys_are_renewed_without_end(void **state)
{
    static script_pair p;
    script_end *client = &p.end[HF_CLIENT], *server = &p.end[HF_SERVER];

    (void)state;
    script_pair_start(&p, mutual(), plainly);
    script_pair_finish(&p);
    for (unsigned i = 0; i < 600; i++) {
        client->trace.n = server->trace.n = (uint8_t)client->after;
        client->script.intent |= HF_F_CLIENT_UPDATE;
        server->script.intent |= HF_F_SERVER_UPDATE;
        script_pair_finish(&p);
        assert_int_equal(client->script.error, HF_OK);
        assert_int_equal(server->script.error, HF_OK);
        assert_int_equal(server->trace.n, client->after + 2);
    }
    assert_int_equal(client->writes_under, UINT8_MAX);
    assert_int_equal(client->writes_under, server->reads_under);
}

/* What a failure record names as the step. */
static void test_the_row_that_an_end_stands_at(void **state)
{
    static script_pair p;

    (void)state;
    script_pair_start(&p, mutual(), plainly);
    assert_int_equal(hf_script_row(&p.end[HF_SERVER].script)->msg, HF_MSG_ClientHello);
    script_pair_settle(&p);
    assert_int_equal(hf_script_row(&p.end[HF_SERVER].script)->msg, HF_MSG_ClientHello);
    assert_int_equal(hf_script_row(&p.end[HF_CLIENT].script)->writer, HF_SERVER);
    script_record bad = script_record_of(20, HF_PLAIN, 0);
    script_stream_put(&p.end[HF_CLIENT].in, &bad);
    script_pair_settle(&p);
    assert_int_equal(p.end[HF_CLIENT].script.error, HF_E_UNEXPECTED_MESSAGE);
    assert_int_equal(hf_script_row(&p.end[HF_CLIENT].script)->msg, HF_MSG_ServerHello);
    script_pair_start(&p, mutual(), plainly);
    script_pair_finish(&p);
    assert_int_equal(hf_script_row(&p.end[HF_CLIENT].script)->writer, HF_SERVER);
    assert_int_equal(hf_script_row(&p.end[HF_SERVER].script)->writer, HF_CLIENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_are_never_installed_twice),
        cmocka_unit_test(test_no_script_ends_with_a_proof_owed),
        cmocka_unit_test(test_a_proof_is_announced_once),
        cmocka_unit_test(test_a_proof_is_the_rows),
        cmocka_unit_test(test_keys_are_renewed_without_end),
        cmocka_unit_test(test_the_row_that_an_end_stands_at),
    };

    return cmocka_run_group_tests_name("script guards", tests, NULL, NULL);
}
