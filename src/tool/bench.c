/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast bench: who takes part, which cases, and where the result goes. The measuring is bench_run.c's. */
#include "tool/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/bench_report.h"
#include "tool/exit.h"
#include "tool/json_text.h"
#include "tool/say.h"
#include "tool/suggest.h"

/* ---- what was asked for ---- */

static const char *name_of(size_t i)
{
    size_t n = 0;

    while (hf_bench_kind_row(n))
        n++;
    if (i < n)
        return hf_bench_kind_row(i)->name;
    return hf_bench_load_row(i - n) ? hf_bench_load_row(i - n)->name : NULL;
}

static int check_name(const char *name)
{
    hf_nearest nearest = { .word = name };
    const char *known;

    for (size_t i = 0; (known = name_of(i)) != NULL; i++) {
        if (strcmp(known, name) == 0)
            return HF_EXIT_OK;
        hf_nearest_try(&nearest, known);
    }
    hf_error_what("there is no such case: %s", name);
    if (nearest.best)
        hf_error_why("--case %s: did you mean %s?", name, nearest.best);
    else
        hf_error_why("--case %s: it is none of those that --list names", name);
    hf_error_next("see all of them: handfast bench --list");
    return HF_EXIT_USAGE;
}

static int check_names(const hf_opt_strings *names)
{
    int status = HF_EXIT_OK;

    for (size_t i = 0; i < names->n && status == HF_EXIT_OK; i++)
        status = check_name(names->at[i]);
    return status;
}

static int find_peers(const hf_bench_options *o, hf_bench_peers *peers)
{
    int status = HF_EXIT_OK;

    hf_bench_peers_init(peers, o->recorded);
    for (size_t i = 0; i < o->peers.n && status == HF_EXIT_OK; i++)
        status = hf_bench_peers_add(peers, o->peers.at[i]);
    if (status == HF_EXIT_OK)
        status = hf_bench_peers_add_folder(peers, o->peer_dir);
    hf_bench_peers_end(peers);
    return status;
}

static int list(const hf_bench_peers *peers)
{
    const hf_bench_kind *kind;
    const hf_bench_load *load;

    hf_out(HF_BOLD "Cases" HF_PLAIN " (--case)\n");
    for (size_t i = 0; (kind = hf_bench_kind_row(i)) != NULL; i++)
        hf_out_lines("  %-22s  %s\n", kind->name, kind->about);
    for (size_t i = 0; (load = hf_bench_load_row(i)) != NULL; i++)
        hf_out_lines("  %-22s  records of %zu bytes, %s\n", load->name, load->record,
                     hf_code_name(HF_SUITES, load->suite));
    hf_out("\n" HF_BOLD "Implementations" HF_PLAIN " (--peer)\n");
    for (size_t i = 0; i < peers->n; i++)
        hf_out_lines("  %-22s  %s\n", peers->peer[i]->name, peers->peer[i]->version());
    for (size_t i = 0; i < peers->n_missing; i++)
        hf_out_lines("  %-22s  not here: %s\n", peers->missing[i].name, peers->missing[i].why);
    hf_bench_say_how(peers);
    return HF_EXIT_OK;
}

/* ---- the run ---- */

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = number;
}

static void watch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void show_progress(const char *name, size_t i, size_t n)
{
    char text[80];

    snprintf(text, sizeof text, "measuring %s, case %zu of %zu", name, i, n);
    hf_progress(text);
}

/* RSA keys take their time to make. */
static bool wants_rsa(const hf_opt_strings *names)
{
    bool wants = names->n == 0;

    for (size_t i = 0; i < names->n; i++)
        wants |= strstr(names->at[i], "rsa") != NULL;
    return wants;
}

static int measure(const hf_bench_options *o, const hf_bench_counter *counter,
                   const hf_bench_peers *peers, hf_bench_plan *plan, hf_bench_results *results)
{
    hf_bench_certs certs = { .folder = "" };
    bool tells = hf_say_terminal();

    if (tells)
        hf_progress("making keys and certificates");
    int status = hf_bench_certs_make(&certs, wants_rsa(&o->cases));
    if (tells)
        hf_progress("");
    if (status != HF_EXIT_OK)
        return status;
    *plan = (hf_bench_plan){ .n_peers = peers->n,
                             .names = o->cases.at,
                             .n_names = o->cases.n,
                             .seconds = (double)o->time / 1000,
                             .counter = counter,
                             .progress = tells ? show_progress : NULL,
                             .interrupted = &interrupted,
                             .certs = &certs };
    memcpy(plan->peer, peers->peer, sizeof plan->peer);
    hf_bench_run(plan, results);
    plan->certs = NULL;
    hf_bench_certs_remove(&certs);
    if (tells)
        hf_progress("");
    return interrupted ? 128 + (int)interrupted : HF_EXIT_OK;
}

/* ---- the result ---- */

static int write_file(const char *path, json_t *json)
{
    char *text = json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    hf_error e = text ? hf_os_write_file(path, hf_span_str(text), 0644, true) : HF_E_NO_MEMORY;

    free(text);
    if (e == HF_OK)
        return HF_EXIT_OK;
    hf_error_what("cannot write the result");
    hf_error_why("--json-file %s: %s", path, strerror(errno));
    hf_error_next("give a file in a folder that exists and can be written");
    return HF_EXIT_IO;
}

static int report(const hf_bench_options *o, const hf_bench_report *r)
{
    json_t *json = hf_bench_json(r);
    int status = HF_EXIT_OK;

    if (!json)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot write the report", "JSON");
    if (o->json_file)
        status = write_file(o->json_file, json);
    if (o->json && status == HF_EXIT_OK)
        return hf_json_print(json, true);
    json_decref(json);
    if (status == HF_EXIT_OK)
        hf_bench_table(r);
    return status;
}

/* Ours and those that were asked for by name must do what they can; the others are left out where they do not. */
static int verdict(const hf_bench_report *r)
{
    for (size_t i = 0; i < r->peers->n; i++) {
        const char *fault = hf_bench_fault(r->results, r->peers->peer[i]);
        if (!fault || !r->peers->asked_for[i])
            continue;
        hf_out_flush();
        hf_error_what("%s could not be measured", r->peers->peer[i]->name);
        hf_error_why("%s", fault);
        hf_error_next("run a case alone: handfast bench --case NAME");
        return i == 0 ? HF_EXIT_HANDSHAKE : HF_EXIT_FINDING;
    }
    return HF_EXIT_OK;
}

int hf_bench_with(const hf_bench_options *options, const hf_bench_counter *counter)
{
    static hf_bench_results results; /* one a process */
    static hf_bench_peers peers;
    hf_bench_plan plan;
    int status = check_names(&options->cases);

    if (status == HF_EXIT_OK)
        status = find_peers(options, &peers);
    if (status != HF_EXIT_OK)
        return status;
    if (options->list && options->json)
        return hf_json_print(hf_bench_list_json(&peers), true);
    if (options->list)
        return list(&peers);
    watch_signals();
    status = measure(options, counter, &peers, &plan, &results);
    const hf_bench_report r = { &plan, &results, &peers };
    if (status == HF_EXIT_OK)
        status = report(options, &r);
    return status == HF_EXIT_OK ? verdict(&r) : status;
}

int hf_cmd_bench(const hf_bench_options *options)
{
    return hf_bench_with(options, NULL);
}
