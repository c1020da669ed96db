/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a peer can cost us with what it sends: every kind of flood up to where it is cut off, or LONGEST bytes of it. For each
 * the bytes that came, the processor time a byte, the slowest single record (with all that it set going), and the most memory
 * that was held. Records are timed one by one, ROUNDS times over, and the fastest time of each counts: what other programs
 * did in between is not ours.
 *
 *   bench_floods [--markdown] [NAME]                   all, or those whose name holds NAME
 *
 * Fails (exit 1) if a list that is twice as long takes more than GROWTH times as long, unless that is less than QUICK; if more
 * memory is held than MEMORY; or if a connection costs more than ONCE, which is what its proofs may cost, and NS for each byte.
 * Built with -O2 and without sanitizers:
 *
 *   cmake -S . -B build/bench --preset release -DHF_TESTS=ON
 *   cmake --build build/bench --target bench_floods && build/bench/bench/bench_floods
 */
#include "flood.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "peak.h"

enum { LONGEST = 16 * 1024 * 1024, ROUNDS = 5, MOST_RECORDS = LONGEST / 16, BATCH = 64 };

static const double GROWTH = 2.6, NS = 100, ONCE = 50e6, QUICK = 200e3;
static const size_t MEMORY = 1024 * 1024;

typedef struct cost {
    size_t bytes, records, memory;
    double ns, worst;
    hf_error code;
} cost;

static float fastest[MOST_RECORDS];

static uint64_t clock_of_bench(void *user)
{
    (void)user;
    return 1000000; /* no period ends */
}

static double now_ns(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* What a reading of the clock takes by itself. */
static double clock_cost;

static void read_clock(void)
{
    clock_cost = 1e9;
    for (int i = 0; i < 1000; i++) {
        double start = now_ns(CLOCK_MONOTONIC), took = now_ns(CLOCK_MONOTONIC) - start;
        clock_cost = took < clock_cost ? took : clock_cost;
    }
}

/* ---- one record ---- */

static void take_events(hf_conn *c)
{
    while (hf_conn_next(c) != HF_EVENT_NONE)
        hf_conn_data_taken(c, hf_conn_data_out(c).len);
    hf_conn_wire_sent(c, hf_conn_wire_out(c).len);
}

static double give(hf_conn *c, uint8_t *bytes, size_t len)
{
    double cpu = now_ns(CLOCK_THREAD_CPUTIME_ID), start = now_ns(CLOCK_MONOTONIC);

    peak_count(true);
    for (size_t at = 0, n = 1; at < len && n > 0; at += n) {
        n = hf_conn_wire_in(c, bytes + at, len - at);
        take_events(c);
    }
    peak_count(false);
    double took = now_ns(CLOCK_MONOTONIC) - start - clock_cost;
    cpu = now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
    took = cpu < took
               ? cpu
               : took; /* a slow one was interrupted; for quick ones that clock is too coarse */
    return took > 0 ? took : 0;
}

/* ---- one flood ---- */

static void set_up(flood_scene *s, const flood *f, size_t share)
{
    pair_options o = { 0 };

    memset(s, 0, sizeof *s);
    s->share = share;
    for (int role = 0; role < 2; role++)
        o.hooks[role].clock_ms = clock_of_bench;
    if (f->options)
        f->options(&o);
    hostile_speak(f->version, false);
    hostile_start_with(&s->h, f->victim, &o, f->rewrite);
    f->start(s);
}

/* Records are made ahead, a few at a time, and not timed. */
static size_t make_batch(flood_scene *s, const flood *f, hostile_bytes batch[BATCH])
{
    size_t n = 0;

    for (; n < BATCH; n++) {
        batch[n].len = 0;
        if (!(f->next ? f->next : flood_piece)(s, &batch[n]))
            break;
    }
    return n;
}

static void run_once(flood_scene *s, const flood *f, cost *all, bool first)
{
    static hostile_bytes batch[BATCH];
    hf_conn *victim = hostile_conn(&s->h);
    size_t n;

    all->bytes = all->records = 0;
    peak_reset();
    while (all->bytes < LONGEST && !hf_conn_failure(victim) && (n = make_batch(s, f, batch)) > 0)
        for (size_t i = 0; i < n && all->bytes < LONGEST && !hf_conn_failure(victim); i++) {
            float took = (float)give(victim, batch[i].data, batch[i].len);
            float *best = &fastest[all->records++];
            *best = first || took < *best ? took : *best;
            all->bytes += batch[i].len;
        }
    const hf_failure *failure = hf_conn_failure(victim);
    all->code = failure ? failure->code : HF_OK;
    all->memory = all->memory > peak_bytes() ? all->memory : peak_bytes();
}

static cost measure(const flood *f, size_t share)
{
    cost all = { 0 };

    for (int round = 0; round < ROUNDS; round++) {
        flood_scene s;
        set_up(&s, f, share);
        run_once(&s, f, &all, round == 0);
        hb_free(&s.message);
        hostile_free(&s.h);
    }
    for (size_t i = 0; i < all.records; i++) {
        all.ns += fastest[i];
        all.worst = fastest[i] > all.worst ? fastest[i] : all.worst;
    }
    return all;
}

/* ---- telling ---- */

static void grouped(size_t n, char out[24])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%zu", n);

    for (int i = 0; i < len; i++) {
        *out++ = digits[i];
        if ((len - i) % 3 == 1 && i + 1 < len)
            *out++ = ',';
    }
    *out = '\0';
}

static void tell(const flood *f, const cost *c, double growth, bool markdown)
{
    char bytes[24], grown[24] = "";
    double each = c->ns / (double)c->bytes, us = c->worst / 1000, kib = (double)c->memory / 1024;
    const char *end = c->code == HF_OK ? "not refused" : hf_error_row_of(c->code)->name;

    grouped(c->bytes, bytes);
    if (growth > 0)
        snprintf(grown, sizeof grown, "%.1f", growth);
    printf(markdown ? "| %s | %s | %s | %.1f | %.1f | %.0f | %s | %s |\n"
                    : "%-46s %10s %-22s %8.1f ns/byte %9.1f us %6.0f KiB %4s  %s\n",
           f->name, bytes, end, each, us, kib, grown, f->bound);
    fflush(stdout);
}

static bool within(const flood *f, const cost *c, double growth)
{
    bool good = c->ns <= ONCE + NS * (double)c->bytes && c->memory <= MEMORY &&
                (growth <= GROWTH || c->ns < QUICK);

    if (!good)
        fprintf(stderr, "bench_floods: %s: over the limit\n", f->name);
    return good;
}

static bool run_table(const flood *table, const char *name, bool markdown)
{
    bool good = true;

    for (; table->name; table++) {
        if (name && !strstr(table->name, name))
            continue;
        cost half = table->grows ? measure(table, 2) : (cost){ 0 }, whole = measure(table, 1);
        double growth = table->grows ? whole.ns / half.ns : 0;
        tell(table, &whole, growth, markdown);
        good &= within(table, &whole, growth);
    }
    return good;
}

int main(int argc, char **argv)
{
    bool markdown = argc > 1 && strcmp(argv[1], "--markdown") == 0;
    const char *name = argc > 1 + markdown ? argv[1 + markdown] : NULL;

    read_clock();
    bool good = run_table(flood_records, name, markdown);
    good &= run_table(flood_messages, name, markdown);
    good &= run_table(flood_chains, name, markdown);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
