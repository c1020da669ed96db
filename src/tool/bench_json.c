/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The same as JSON, schema handfast.bench/1: a row for each side of each case. And what --list names. */
#include <math.h>

#include <handfast/handfast.h>
#include "tool/bench_report.h"
#include "tool/json_text.h"

/* What was not measured is null. */
static json_t *number(double value, bool measured)
{
    return measured ? json_real(floor(value * 1000 + 0.5) / 1000) : json_null();
}

static json_t *whole(double value, bool measured)
{
    return measured ? json_integer((json_int_t)floor(value + 0.5)) : json_null();
}

static json_t *side_json(const hf_bench_report *r, const hf_bench_row *row, int which)
{
    const hf_bench_side *side = &row->side[which];
    bool counted = r->plan->counter != NULL, server = which == HF_BENCH_SERVER;

    return json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "case", row->kind->name,
        "side", server ? "server" : "client", "implementation", row->peer->name, "version",
        hf_json_text(row->peer->version()), "cpu_us", number(side->cpu_us.median, true),
        "spread_percent", number(side->cpu_us.spread, true), "ratio_to_libssl",
        number(side->ratio, side->ratio > 0), "allocations", number(side->allocations, counted),
        "allocations_libcrypto",
        number(side->allocations_crypto, counted && row->peer == r->peers->peer[0]), "idle_bytes",
        whole(side->idle, counted), "idle_malloc_bytes", whole(side->idle_heap, counted),
        "fresh_bytes", whole(side->fresh, counted && server));
}

static json_t *rows_json(const hf_bench_report *r)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < r->results->n; i++)
        for (int side = 0; side < 2 && !r->results->rows[i].left_out; side++)
            json_array_append_new(rows, side_json(r, &r->results->rows[i], side));
    return rows;
}

static json_t *bulk_json(const hf_bench_report *r)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < r->results->n_bulk; i++) {
        const hf_bench_bulk *row = &r->results->bulk[i];
        if (row->left_out)
            continue;
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:o, s:s, s:i, s:o, s:o, s:o, s:o}", "case",
                            row->load->name, "implementation", row->peer->name, "version",
                            hf_json_text(row->peer->version()), "cipher_suite",
                            hf_code_name(HF_SUITES, row->load->suite), "record_bytes",
                            (int)row->load->record, "seal_gb_s", number(row->seal.median, true),
                            "seal_spread_percent", number(row->seal.spread, true), "open_gb_s",
                            number(row->open.median, true), "open_spread_percent",
                            number(row->open.spread, true)));
    }
    return rows;
}

static json_t *left_out_row(const char *implementation, const char *name, const char *why)
{
    return json_pack("{s:o, s:s?, s:o}", "implementation", hf_json_text(implementation), "case",
                     name, "why", hf_json_text(why));
}

static json_t *left_out_json(const hf_bench_report *r)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < r->results->n; i++) {
        const hf_bench_row *row = &r->results->rows[i];
        if (row->left_out)
            json_array_append_new(rows,
                                  left_out_row(row->peer->name, row->kind->name, row->left_out));
    }
    for (size_t i = 0; i < r->results->n_bulk; i++) {
        const hf_bench_bulk *row = &r->results->bulk[i];
        if (row->left_out)
            json_array_append_new(rows,
                                  left_out_row(row->peer->name, row->load->name, row->left_out));
    }
    for (size_t i = 0; i < r->peers->n_missing; i++)
        json_array_append_new(
            rows, left_out_row(r->peers->missing[i].name, NULL, r->peers->missing[i].why));
    return rows;
}

json_t *hf_bench_json(const hf_bench_report *r)
{
    hf_crypto_info crypto = hf_crypto();
    char machine[HF_BENCH_MACHINE_ROOM];

    hf_bench_machine(machine);
    return json_pack("{s:s, s:o, s:s, s:o, s:s, s:i, s:o, s:o, s:o}", "schema", "handfast.bench/1",
                     "time", hf_json_now(), "handfast", hf_version(), "machine",
                     hf_json_text(machine), "libcrypto", crypto.version, "rounds",
                     (int)HF_BENCH_ROUNDS, "rows", rows_json(r), "bulk", bulk_json(r), "left_out",
                     left_out_json(r));
}

/* ---- --list ---- */

static json_t *cases_json(void)
{
    json_t *rows = json_array();

    for (size_t i = 0; hf_bench_kind_row(i); i++) {
        const hf_bench_kind *kind = hf_bench_kind_row(i);
        json_array_append_new(rows,
                              json_pack("{s:s, s:s}", "name", kind->name, "about", kind->about));
    }
    return rows;
}

static json_t *loads_json(void)
{
    json_t *rows = json_array();

    for (size_t i = 0; hf_bench_load_row(i); i++) {
        const hf_bench_load *load = hf_bench_load_row(i);
        json_array_append_new(rows, json_pack("{s:s, s:i, s:s}", "name", load->name, "record_bytes",
                                              (int)load->record, "cipher_suite",
                                              hf_code_name(HF_SUITES, load->suite)));
    }
    return rows;
}

json_t *hf_bench_list_json(const hf_bench_peers *peers)
{
    json_t *here = json_array(), *missing = json_array();

    for (size_t i = 0; i < peers->n; i++)
        json_array_append_new(here, json_pack("{s:s, s:o}", "name", peers->peer[i]->name, "version",
                                              hf_json_text(peers->peer[i]->version())));
    for (size_t i = 0; i < peers->n_missing; i++)
        json_array_append_new(missing,
                              json_pack("{s:o, s:o}", "name", hf_json_text(peers->missing[i].name),
                                        "why", hf_json_text(peers->missing[i].why)));
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "schema", "handfast.bench-list/1", "cases",
                     cases_json(), "bulk", loads_json(), "implementations", here, "not_here",
                     missing);
}
