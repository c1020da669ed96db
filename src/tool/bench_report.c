/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The table. */
#include "tool/bench_report.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include <handfast/handfast.h>
#include "tool/say.h"

enum { CELL = 16 };

/* ---- the head ---- */

void hf_bench_machine(char out[HF_BENCH_MACHINE_ROOM])
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256];
    struct utsname system;

    snprintf(out, HF_BENCH_MACHINE_ROOM, "%s", uname(&system) == 0 ? system.machine : "unknown");
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        snprintf(out, HF_BENCH_MACHINE_ROOM, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (file)
        fclose(file);
}

static void head(const hf_bench_report *r)
{
    hf_crypto_info crypto = hf_crypto();
    char machine[HF_BENCH_MACHINE_ROOM];

    hf_bench_machine(machine);
    hf_out_lines(HF_BOLD "CPU time of a handshake" HF_PLAIN " on %s\n", machine);
    hf_out_lines("One thread, in memory; each implementation with itself, the same certificates, "
                 "all verified. Medians of %d rounds that take turns; spread: the middle half of "
                 "the rounds. ratio: libssl's time divided by this one, above 1 is faster%s.\n",
                 (int)HF_BENCH_ROUNDS,
                 r->plan->counter ? ". alloc: allocations, handfast's own + libcrypto's" : "");
    hf_out_lines("  handfast %s on %s\n", hf_version(), crypto.version);
    for (size_t i = 1; i < r->peers->n; i++)
        hf_out_lines("  %s: %s\n", r->peers->peer[i]->name, r->peers->peer[i]->version());
}

/* ---- handshakes ---- */

static void allocations_cell(const hf_bench_report *r, const hf_bench_row *row,
                             const hf_bench_side *side, char out[CELL])
{
    *out = '\0';
    if (!r->plan->counter)
        return;
    if (row->peer == r->peers->peer[0])
        snprintf(out, CELL, "%.0f+%.0f", side->allocations, side->allocations_crypto);
    else
        snprintf(out, CELL, "%.0f", side->allocations);
}

static void side_cells(const hf_bench_report *r, const hf_bench_row *row, int which)
{
    const hf_bench_side *side = &row->side[which];
    char ratio[CELL] = "-", allocations[CELL];

    allocations_cell(r, row, side, allocations);
    if (side->ratio > 0)
        snprintf(ratio, sizeof ratio, "%.2f", side->ratio);
    hf_out(" %9.1f %6s %5.1f%%", side->cpu_us.median, ratio, side->cpu_us.spread);
    if (r->plan->counter)
        hf_out(" %7s", allocations);
}

static void columns(const hf_bench_report *r)
{
    const char *alloc = r->plan->counter ? "   alloc" : "";

    if (r->results->n > 0)
        hf_out("\n%-14s client µs  ratio spread%s server µs  ratio spread%s\n", "", alloc, alloc);
}

static void handshakes(const hf_bench_report *r)
{
    const hf_bench_kind *last = NULL;

    columns(r);
    for (size_t i = 0; i < r->results->n; i++) {
        const hf_bench_row *row = &r->results->rows[i];
        if (row->left_out)
            continue;
        if (row->kind != last)
            hf_out(HF_BOLD "%s" HF_PLAIN "\n", row->kind->name);
        last = row->kind;
        hf_out("  %-12s", row->peer->name);
        side_cells(r, row, HF_BENCH_CLIENT);
        side_cells(r, row, HF_BENCH_SERVER);
        hf_out("\n");
    }
}

/* ---- memory ---- */

/* Of the plain full handshakes: the others keep the same. */
static bool shows_memory(const hf_bench_row *row)
{
    const hf_bench_kind *kind = row->kind;

    return !row->left_out && !kind->rsa && !kind->mutual && !kind->resumed && kind->group == 0x001d;
}

static void memory(const hf_bench_report *r)
{
    const hf_bench_kind *last = NULL;

    if (!r->plan->counter || r->results->n == 0)
        return;
    hf_out_lines("\n" HF_BOLD "Bytes of an idle connection" HF_PLAIN
                 ": the implementation's own, and malloc's for all of it, headers included. fresh: "
                 "a server before a whole ClientHello.\n");
    hf_out("%-20s %9s %9s   %9s %9s   %9s\n", "", "client", "malloc", "server", "malloc", "fresh");
    for (size_t i = 0; i < r->results->n; i++) {
        const hf_bench_row *row = &r->results->rows[i];
        if (!shows_memory(row))
            continue;
        if (row->kind != last)
            hf_out(HF_BOLD "%s" HF_PLAIN "\n", row->kind->name);
        last = row->kind;
        hf_out("  %-18s %9.0f %9.0f   %9.0f %9.0f   %9.0f\n", row->peer->name, row->side[0].idle,
               row->side[0].idle_heap, row->side[1].idle, row->side[1].idle_heap,
               row->side[1].fresh);
    }
}

/* ---- bulk ---- */

static void bulk(const hf_bench_report *r)
{
    const hf_bench_load *last = NULL;

    if (r->results->n_bulk > 0)
        hf_out("\n%-22s seal GB/s spread   open GB/s spread\n", "");
    for (size_t i = 0; i < r->results->n_bulk; i++) {
        const hf_bench_bulk *row = &r->results->bulk[i];
        if (row->left_out)
            continue;
        if (row->load != last)
            hf_out(HF_BOLD "%s" HF_PLAIN "\n", row->load->name);
        last = row->load;
        hf_out("  %-20s %9.2f %5.1f%%   %9.2f %5.1f%%\n", row->peer->name, row->seal.median,
               row->seal.spread, row->open.median, row->open.spread);
    }
}

/* ---- what is not in it ---- */

/* Entry i of handshakes and bulk together; false past the last. */
typedef struct absence {
    const hf_bench_peer *peer;
    const char *name, *why; /* why NULL: it took part */
} absence;

static bool absence_at(const hf_bench_results *results, size_t i, absence *a)
{
    if (i < results->n) {
        const hf_bench_row *row = &results->rows[i];
        *a = (absence){ row->peer, row->kind->name, row->left_out };
        return true;
    }
    i -= results->n;
    if (i >= results->n_bulk)
        return false;
    *a = (absence){ results->bulk[i].peer, results->bulk[i].load->name, results->bulk[i].left_out };
    return true;
}

static bool is_same(const absence *a, const absence *b)
{
    return a->peer == b->peer && a->why && b->why && strcmp(a->why, b->why) == 0;
}

/* The cases that this one is the first of; "" if it is not. */
static void same_cases(const hf_bench_results *results, size_t first, char *out, size_t room)
{
    absence a, other;
    size_t n = 0;

    *out = '\0';
    if (!absence_at(results, first, &a) || !a.why)
        return;
    for (size_t i = 0; absence_at(results, i, &other) && n < room; i++) {
        if (!is_same(&a, &other))
            continue;
        if (i < first) {
            *out = '\0';
            return;
        }
        n += (size_t)snprintf(out + n, room - n, "%s%s", n > 0 ? ", " : "", other.name);
    }
}

void hf_bench_say_how(const hf_bench_peers *peers)
{
    if (peers->n_missing > 0)
        hf_out_lines("\n" HF_BOLD "next" HF_PLAIN
                     ": make bench, in a clone of handfast, builds the peer objects of those that "
                     "are not here into build/release/bench/peers; --peer FILE or --peer-dir DIR "
                     "takes them from there\n");
}

static void left_out(const hf_bench_report *r)
{
    char cases[1024];
    absence a;

    hf_out("\n");
    for (size_t i = 0; absence_at(r->results, i, &a); i++) {
        same_cases(r->results, i, cases, sizeof cases);
        if (*cases)
            hf_out_lines("left out: %s: %s: %s\n", a.peer->name, a.why, cases);
    }
    for (size_t i = 0; i < r->peers->n_missing; i++)
        hf_out_lines("not here: %s: %s\n", r->peers->missing[i].name, r->peers->missing[i].why);
    hf_bench_say_how(r->peers);
}

void hf_bench_table(const hf_bench_report *r)
{
    head(r);
    handshakes(r);
    memory(r);
    bulk(r);
    left_out(r);
}
