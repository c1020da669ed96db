/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Rounds, medians and ratios. */
#include "tool/bench_run.h"

#include <stdlib.h>
#include <string.h>

enum { WARM_UP = 12, LEAST = 2, MOST = 4000 };

/* One implementation in one case. */
typedef struct entrant {
    hf_bench_row *row;
    hf_bench_meter meter;
    hf_bench_pair pair;
    long handshakes; /* in a round */
    double us[2][HF_BENCH_ROUNDS];
} entrant;

/* ---- figures ---- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

hf_bench_figure hf_bench_figure_of(double *values, size_t n)
{
    qsort(values, n, sizeof values[0], compare);
    double median = (values[(n - 1) / 2] + values[n / 2]) / 2;
    double range = values[n - 1 - n / 4] - values[n / 4];

    return (hf_bench_figure){ median, median > 0 ? 100 * range / median : 0 };
}

/* ---- one implementation ---- */

static void fail(entrant *e, const char *why)
{
    e->row->left_out = why;
    e->row->failed = true;
    hf_pair_close(&e->pair);
}

/* Caches fill, and a client that resumes gets its first session, by a full handshake. */
static const char *warm_up(entrant *e)
{
    const char *fault = NULL;

    for (int i = 0; i < WARM_UP && !fault; i++) {
        if (i == WARM_UP / 2)
            e->meter.us[0] = e->meter.us[1] = 0;
        fault = hf_pair_shake_once(&e->pair, e->row->kind->resumed && i > 0);
    }
    return fault;
}

static bool start(entrant *e, const hf_bench_case *what, double seconds)
{
    const char *why;

    hf_meter_init(&e->meter);
    if (!hf_pair_open(&e->pair, e->row->peer, what, &why)) {
        e->row->left_out = why;
        return false;
    }
    e->pair.meter = &e->meter;
    if ((why = warm_up(e)) != NULL) {
        fail(e, why);
        return false;
    }
    double each = (e->meter.us[0] + e->meter.us[1]) / (WARM_UP - WARM_UP / 2);
    double fits = seconds * 1e6 / HF_BENCH_ROUNDS / (each > 1 ? each : 1);
    e->handshakes = fits < LEAST ? LEAST : fits > MOST ? MOST : (long)fits;
    return true;
}

static void run_round(entrant *e, int round)
{
    const char *fault = NULL;

    e->meter.us[0] = e->meter.us[1] = 0;
    for (long i = 0; i < e->handshakes && !fault; i++)
        fault = hf_pair_shake_once(&e->pair, e->row->kind->resumed);
    if (fault)
        fail(e, fault);
    for (int side = 0; side < 2; side++)
        e->us[side][round] = e->meter.us[side] / (double)e->handshakes;
}

static void finish(entrant *e, const hf_bench_plan *plan)
{
    const char *fault;

    for (int side = 0; side < 2; side++)
        e->row->side[side].cpu_us = hf_bench_figure_of(e->us[side], HF_BENCH_ROUNDS);
    if (plan->counter && (fault = hf_bench_memory(plan, &e->pair, e->row)) != NULL) {
        fail(e, fault);
        return;
    }
    hf_pair_close(&e->pair);
}

/* ---- one case ---- */

static void compare_with_libssl(hf_bench_row *rows, size_t n)
{
    const hf_bench_row *libssl = NULL;

    for (size_t i = 0; i < n; i++)
        if (!rows[i].left_out && strcmp(rows[i].peer->name, "libssl") == 0)
            libssl = &rows[i];
    for (size_t i = 0; libssl && i < n; i++)
        for (int side = 0; side < 2; side++)
            if (rows[i].side[side].cpu_us.median > 0)
                rows[i].side[side].ratio =
                    libssl->side[side].cpu_us.median / rows[i].side[side].cpu_us.median;
}

/* Interleaved: the next round begins when all have had their turn. */
static void run_rounds(const hf_bench_plan *plan, entrant *entrants, size_t n)
{
    for (int round = 0; round < HF_BENCH_ROUNDS; round++)
        for (size_t i = 0; i < n; i++) {
            if (!entrants[i].row->left_out && hf_bench_interrupted(plan))
                fail(&entrants[i], "interrupted");
            if (!entrants[i].row->left_out)
                run_round(&entrants[i], round);
        }
}

static void run_kind(const hf_bench_plan *plan, const hf_bench_kind *kind, double seconds,
                     hf_bench_results *results)
{
    static entrant entrants[HF_BENCH_PEERS_MAX];
    hf_bench_case what = hf_bench_case_of(kind, plan->certs);
    hf_bench_row *rows = &results->rows[results->n];

    memset(entrants, 0, sizeof entrants);
    for (size_t i = 0; i < plan->n_peers; i++) {
        rows[i] = (hf_bench_row){ .kind = kind, .peer = plan->peer[i] };
        entrants[i].row = &rows[i];
        start(&entrants[i], &what, seconds / (double)plan->n_peers);
    }
    run_rounds(plan, entrants, plan->n_peers);
    for (size_t i = 0; i < plan->n_peers; i++)
        if (!rows[i].left_out)
            finish(&entrants[i], plan);
    compare_with_libssl(rows, plan->n_peers);
    results->n += plan->n_peers;
}

/* ---- all of it ---- */

bool hf_bench_wanted(const hf_bench_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->n_names; i++)
        if (strcmp(plan->names[i], name) == 0)
            return true;
    return plan->n_names == 0;
}

bool hf_bench_interrupted(const hf_bench_plan *plan)
{
    return plan->interrupted && *plan->interrupted != 0;
}

static size_t wanted_cases(const hf_bench_plan *plan)
{
    size_t n = 0;

    for (size_t i = 0; hf_bench_kind_row(i); i++)
        n += hf_bench_wanted(plan, hf_bench_kind_row(i)->name);
    for (size_t i = 0; hf_bench_load_row(i); i++)
        n += hf_bench_wanted(plan, hf_bench_load_row(i)->name);
    return n;
}

static bool begins(const hf_bench_plan *plan, const hf_bench_results *results, const char *name)
{
    size_t done = (results->n + results->n_bulk) / plan->n_peers;

    if (!hf_bench_wanted(plan, name) || hf_bench_interrupted(plan))
        return false;
    if (plan->progress)
        plan->progress(name, done + 1, wanted_cases(plan));
    return true;
}

void hf_bench_run(const hf_bench_plan *plan, hf_bench_results *results)
{
    const hf_bench_kind *kind;
    const hf_bench_load *load;
    size_t n = wanted_cases(plan);
    double seconds = n > 0 ? plan->seconds / (double)n : 0;

    memset(results, 0, sizeof *results);
    for (size_t i = 0; (kind = hf_bench_kind_row(i)) != NULL; i++)
        if (begins(plan, results, kind->name))
            run_kind(plan, kind, seconds, results);
    for (size_t i = 0; (load = hf_bench_load_row(i)) != NULL; i++)
        if (begins(plan, results, load->name))
            hf_bench_run_bulk(plan, load, seconds, results);
}

const char *hf_bench_fault(const hf_bench_results *results, const hf_bench_peer *peer)
{
    const char *fault = NULL, *cannot = "it can do none of the cases";

    for (size_t i = 0; i < results->n; i++) {
        const hf_bench_row *row = &results->rows[i];
        fault = row->peer == peer && row->failed ? row->left_out : fault;
        cannot = row->peer == peer && !row->left_out ? NULL : cannot;
    }
    for (size_t i = 0; i < results->n_bulk; i++) {
        const hf_bench_bulk *row = &results->bulk[i];
        fault = row->peer == peer && row->failed ? row->left_out : fault;
        cannot = row->peer == peer && !row->left_out ? NULL : cannot;
    }
    return fault ? fault : cannot;
}
