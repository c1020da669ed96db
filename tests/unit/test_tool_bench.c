/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The core of the bench with an implementation that only plays: two flights of the client, two of the server.
 * Whose call is attributed to whom, in which order bytes go, what counts as failed, and the figures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/bench_run.h"

/* ---- the implementation ---- */

enum { FLIGHT = 200 };

typedef struct actor {
    int side, flights;
} actor;

static struct {
    char log
        [64]; /* a letter a call: c, s made; 1 to 9: steps of the client; a …: of the server; C, S freed */
    size_t n;
    bool resumed[2], breaks, silent;
    uint64_t calls; /* "allocations": one a call of the client, three a call of the server */
    int64_t bytes;
} stage;

static void note(char letter, int side)
{
    if (stage.n < sizeof stage.log - 1)
        stage.log[stage.n++] = letter;
    stage.calls += side == HF_BENCH_SERVER ? 3 : 1;
}

static const char *version(void)
{
    return "1";
}

static void *end_new(const hf_bench_case *what, int role, const char **why)
{
    actor *end = calloc(1, sizeof *end);

    if (what->mutual) {
        *why = "no mutual";
        free(end);
        return NULL;
    }
    end->side = role;
    return end;
}

static void *conn_new(void *end)
{
    actor *conn = calloc(1, sizeof *conn);

    conn->side = ((actor *)end)->side;
    note(conn->side ? 's' : 'c', conn->side);
    stage.bytes += conn->side ? 200 : 100;
    return conn;
}

static hf_bench_step step(void *of, uint8_t *in, size_t n, hf_bench_wire *out)
{
    actor *conn = of;

    note((char)((conn->side ? 'a' : '1') + conn->flights), conn->side);
    assert_true(n == 0 || in[0] == '0' + !conn->side); /* what the other side wrote */
    if (stage.breaks && conn->flights == 1)
        return HF_BENCH_FAILED;
    if (++conn->flights <= 2 && !stage.silent) {
        memset(out->bytes + out->len, '0' + conn->side, FLIGHT);
        out->len += FLIGHT;
    }
    return conn->flights >= 2 ? HF_BENCH_DONE : HF_BENCH_GOING;
}

static int was_resumed(void *conn)
{
    return stage.resumed[((actor *)conn)->side];
}

static void conn_free(void *of)
{
    actor *conn = of;

    note(conn->side ? 'S' : 'C', conn->side);
    stage.bytes -= conn->side ? 200 : 100;
    free(conn);
}

static const hf_bench_peer player = { .abi = HF_BENCH_ABI,
                                      .name = "player",
                                      .version = version,
                                      .end_new = end_new,
                                      .end_free = free,
                                      .conn_new = conn_new,
                                      .step = step,
                                      .was_resumed = was_resumed,
                                      .conn_free = conn_free };

static void start(void)
{
}

static hf_bench_count read_stage(void)
{
    return (
        hf_bench_count){ .calls = stage.calls, .bytes = stage.bytes, .heap_bytes = stage.bytes };
}

static const hf_bench_counter counter = { start, start, read_stage };

/* ---- one handshake ---- */

static hf_bench_meter meter;

static const char *shake(bool resumed)
{
    static const hf_bench_case what = { .name = "played" };
    hf_bench_pair pair;
    const char *fault;

    assert_true(hf_pair_open(&pair, &player, &what, &fault));
    memset(&meter, 0, sizeof meter);
    meter.counter = &counter;
    pair.meter = &meter;
    fault = hf_pair_shake_once(&pair, resumed);
    hf_pair_close(&pair);
    return fault;
}

static int set_stage(void **state)
{
    (void)state;
    memset(&stage, 0, sizeof stage);
    return 0;
}

/* Client first, each flight whole to the other side, until nothing is under way; then both are freed. */
static void test_the_order_of_a_handshake(void **state)
{
    (void)state;
    assert_null(shake(false));
    assert_string_equal(stage.log, "cs1a2b3CS");
}

/* Making, steps and freeing count for the side whose function runs. */
static void test_each_side_pays_for_its_own_calls(void **state)
{
    (void)state;
    assert_null(shake(false));
    assert_int_equal(meter.count[HF_BENCH_CLIENT].calls, 5);
    assert_int_equal(meter.count[HF_BENCH_SERVER].calls, 4 * 3);
    assert_int_equal(meter.count[HF_BENCH_CLIENT].bytes, 0);
    assert_int_equal(meter.count[HF_BENCH_SERVER].bytes, 0);
}

static void test_a_step_that_fails_is_a_failed_handshake_and_leaks_nothing(void **state)
{
    (void)state;
    stage.breaks = true;
    assert_string_equal(shake(false), "a handshake failed");
    assert_string_equal(stage.log, "cs1a2CS");
}

static void test_ends_that_fall_silent_have_failed(void **state)
{
    (void)state;
    stage.silent = true;
    assert_string_equal(shake(false), "a handshake failed");
}

/* A full handshake where a resumed one was to be measured would be a wrong figure, and the other way round; so at either end. */
static void test_resumption_is_asked_of_both_ends(void **state)
{
    (void)state;
    assert_string_equal(shake(true), "a handshake was not resumed");
    stage.resumed[HF_BENCH_CLIENT] = true;
    assert_string_equal(shake(true), "a handshake was not resumed");
    assert_string_equal(shake(false), "a full handshake was resumed");
    stage.resumed[HF_BENCH_SERVER] = true;
    assert_null(shake(true));
    stage.resumed[HF_BENCH_CLIENT] = false;
    assert_string_equal(shake(false), "a full handshake was resumed");
}

/* ---- figures ---- */

static void test_median_and_quartiles(void **state)
{
    double odd[] = { 9, 1, 5, 3, 7 }, even[] = { 4, 1, 3, 2 }, same[] = { 2, 2, 2 };

    (void)state;
    hf_bench_figure figure = hf_bench_figure_of(odd, 5);
    assert_true(figure.median == 5 && figure.spread == 80); /* 7 - 3 in percent of 5 */
    figure = hf_bench_figure_of(even, 4);
    assert_true(figure.median == 2.5 && figure.spread == 40);
    figure = hf_bench_figure_of(same, 3);
    assert_true(figure.median == 2 && figure.spread == 0);
}

/* ---- a run ---- */

static hf_bench_results results;

static void run(const char *name)
{
    static hf_bench_certs certs;
    const hf_bench_plan plan = { .peer = { &player },
                                 .n_peers = 1,
                                 .names = &name,
                                 .n_names = 1,
                                 .seconds = 0.01,
                                 .counter = &counter,
                                 .certs = &certs };

    hf_bench_run(&plan, &results);
}

static void test_a_row_has_what_was_counted(void **state)
{
    const hf_bench_row *row = results.rows;

    (void)state;
    run("full-tls12");
    assert_int_equal(results.n, 1);
    assert_null(row->left_out);
    assert_string_equal(row->kind->name, "full-tls12");
    assert_true(row->side[0].allocations == 5 && row->side[1].allocations == 12);
    assert_true(row->side[0].idle == 100 && row->side[1].idle == 200);
    assert_true(row->side[0].ratio == 0); /* nobody is called libssl */
    assert_null(hf_bench_fault(&results, &player));
}

static void test_what_cannot_be_done_is_no_failure_but_nothing_at_all_is(void **state)
{
    (void)state;
    run("mutual-ecdsa-x25519");
    assert_string_equal(results.rows[0].left_out, "no mutual");
    assert_false(results.rows[0].failed);
    assert_string_equal(hf_bench_fault(&results, &player), "it can do none of the cases");
    stage.breaks = true;
    run("full-tls12");
    assert_true(results.rows[0].failed);
    assert_string_equal(hf_bench_fault(&results, &player), "a handshake failed");
}

static void test_names_of_cases_are_different(void **state)
{
    (void)state;
    for (size_t i = 0; hf_bench_kind_row(i); i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(hf_bench_kind_row(i)->name, hf_bench_kind_row(j)->name);
}

#define TEST(name) cmocka_unit_test_setup(name, set_stage)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_order_of_a_handshake),
        TEST(test_each_side_pays_for_its_own_calls),
        TEST(test_a_step_that_fails_is_a_failed_handshake_and_leaks_nothing),
        TEST(test_ends_that_fall_silent_have_failed),
        TEST(test_resumption_is_asked_of_both_ends),
        TEST(test_median_and_quartiles),
        TEST(test_a_row_has_what_was_counted),
        TEST(test_what_cannot_be_done_is_no_failure_but_nothing_at_all_is),
        TEST(test_names_of_cases_are_different),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
