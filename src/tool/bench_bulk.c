/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Application data: a batch of records is sealed by the client, then opened by the server, each in one measured time. */
#include <stdlib.h>
#include <string.h>

#include "tool/bench_run.h"

enum { BATCH = 16, SPARE = 512, WARM_UP = 4, LEAST = 2, MOST = 4000 };

typedef struct entrant {
    hf_bench_bulk *row;
    hf_bench_meter meter;
    hf_bench_pair pair;
    hf_bench_link link;
    uint8_t *data;    /* one record's */
    uint8_t *records; /* BATCH of them, and room behind for what a wire promises */
    size_t sealed[BATCH];
    long batches; /* in a round */
    double rate[2][HF_BENCH_ROUNDS];
} entrant;

static void stop(entrant *e, const char *why, bool failed)
{
    if (why) {
        e->row->left_out = why;
        e->row->failed = failed;
    }
    if (e->pair.peer) {
        hf_link_hang_up(&e->pair, &e->link);
        hf_pair_close(&e->pair);
    }
    free(e->data);
    free(e->records);
    memset(&e->pair, 0, sizeof e->pair);
    e->data = e->records = NULL;
}

static uint8_t *place(const entrant *e, int i)
{
    return e->records + (size_t)i * (e->row->load->record + SPARE);
}

static bool run_batch(entrant *e)
{
    const hf_bench_peer *peer = e->pair.peer;
    size_t n = e->row->load->record;
    bool good = true;

    hf_meter_begin(&e->meter);
    for (int i = 0; i < BATCH; i++) {
        hf_bench_wire wire = { place(e, i), 0 };
        good &= peer->seal(e->link.conn[HF_BENCH_CLIENT], e->data, n, &wire) > 0;
        e->sealed[i] = wire.len;
        good &= wire.len > n && wire.len < n + SPARE;
    }
    hf_meter_end(&e->meter, HF_BENCH_CLIENT);
    hf_meter_begin(&e->meter);
    for (int i = 0; i < BATCH && good; i++)
        good &= peer->open(e->link.conn[HF_BENCH_SERVER], place(e, i), e->sealed[i]) == n;
    hf_meter_end(&e->meter, HF_BENCH_SERVER);
    return good;
}

static bool run_batches(entrant *e, long n)
{
    e->meter.us[0] = e->meter.us[1] = 0;
    for (long i = 0; i < n; i++)
        if (!run_batch(e))
            return false;
    return true;
}

static bool connect_ends(entrant *e, const hf_bench_case *what, const char **why)
{
    if (!hf_pair_open(&e->pair, e->row->peer, what, why)) {
        e->pair.peer = NULL;
        return false;
    }
    e->pair.meter = &e->meter;
    return true;
}

static void start(entrant *e, const hf_bench_case *what, double seconds)
{
    size_t n = e->row->load->record;
    const char *why = NULL;

    hf_meter_init(&e->meter);
    e->data = calloc(1, n);
    e->records = calloc(1, BATCH * (n + SPARE) + HF_BENCH_WIRE_ROOM);
    if (!e->data || !e->records || !connect_ends(e, what, &why)) {
        stop(e, why ? why : "no memory", false);
        return;
    }
    if (!e->pair.peer->seal || !e->pair.peer->open) {
        stop(e, "no bulk", false);
        return;
    }
    if (!hf_link_shake(&e->pair, &e->link) || !run_batches(e, WARM_UP)) {
        stop(e, "application data was not carried", true);
        return;
    }
    double each = (e->meter.us[0] + e->meter.us[1]) / WARM_UP;
    double fits = seconds * 1e6 / HF_BENCH_ROUNDS / (each > 1 ? each : 1);
    e->batches = fits < LEAST ? LEAST : fits > MOST ? MOST : (long)fits;
}

static void run_round(entrant *e, int round)
{
    double bytes = (double)e->batches * BATCH * (double)e->row->load->record;

    if (!run_batches(e, e->batches)) {
        stop(e, "application data was not carried", true);
        return;
    }
    for (int side = 0; side < 2; side++)
        e->rate[side][round] = bytes / (e->meter.us[side] > 1 ? e->meter.us[side] : 1) / 1e3;
}

static void finish(entrant *e)
{
    e->row->seal = hf_bench_figure_of(e->rate[HF_BENCH_CLIENT], HF_BENCH_ROUNDS);
    e->row->open = hf_bench_figure_of(e->rate[HF_BENCH_SERVER], HF_BENCH_ROUNDS);
    stop(e, NULL, false);
}

static hf_bench_case case_of(const hf_bench_plan *plan, const hf_bench_load *load)
{
    hf_bench_case what = hf_bench_case_of(hf_bench_kind_row(0), plan->certs);

    what.name = load->name;
    what.suite = load->suite;
    return what;
}

void hf_bench_run_bulk(const hf_bench_plan *plan, const hf_bench_load *load, double seconds,
                       hf_bench_results *results)
{
    static entrant entrants[HF_BENCH_PEERS_MAX];
    hf_bench_case what = case_of(plan, load);
    hf_bench_bulk *rows = &results->bulk[results->n_bulk];

    memset(entrants, 0, sizeof entrants);
    for (size_t i = 0; i < plan->n_peers; i++) {
        rows[i] = (hf_bench_bulk){ .load = load, .peer = plan->peer[i] };
        entrants[i].row = &rows[i];
        start(&entrants[i], &what, seconds / (double)plan->n_peers);
    }
    for (int round = 0; round < HF_BENCH_ROUNDS; round++)
        for (size_t i = 0; i < plan->n_peers; i++) {
            if (!rows[i].left_out && hf_bench_interrupted(plan))
                stop(&entrants[i], "interrupted", true);
            if (!rows[i].left_out)
                run_round(&entrants[i], round);
        }
    for (size_t i = 0; i < plan->n_peers; i++)
        if (!rows[i].left_out)
            finish(&entrants[i]);
    results->n_bulk += plan->n_peers;
}
