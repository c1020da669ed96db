/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A load from its beginning to its end. Everything is gathered first, then packed and unpacked: so the plan that the parent keeps
 * went the way that it goes to every worker, and nothing of it hangs on what was gathered.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/load_test.h"
#include "tool/proxy/loading.h"
#include "tool/proxy/worker.h"

hf_load_hooks hf_load_world; /* all zero: the real one */

int64_t hf_load_now(void)
{
    return hf_load_world.now ? hf_load_world.now() : hf_clock_wall();
}

/* ---- the configuration ---- */

static bool no_memory(hf_config_fault *fault, const char *file)
{
    memset(fault, 0, sizeof *fault);
    hf_fault_file(fault, file);
    hf_fault_what(fault, (hf_place){ 1, 1 }, "there is no memory for the configuration");
    hf_fault_why(fault, "or the files that it names have more than %d MiB together",
                 HF_PLAN_BYTES_MAX >> 20);
    return hf_fault_next(fault, "try again when the machine is less busy, or name smaller files");
}

static bool cannot_use(hf_config_fault *fault, const char *file, const char *why)
{
    memset(fault, 0, sizeof *fault);
    hf_fault_file(fault, file);
    hf_fault_what(fault, (hf_place){ 1, 1 }, "the configuration cannot be put into force");
    hf_fault_why(fault, "%s", why);
    return hf_fault_next(fault, "correct that site");
}

static bool cannot_read(hf_config_fault *fault, const char *file, const hf_careful *f)
{
    memset(fault, 0, sizeof *fault);
    hf_fault_file(fault, file);
    hf_fault_what(fault, (hf_place){ 0, 0 }, "the configuration cannot be read");
    hf_fault_why(fault, "%s", f->why);
    return hf_fault_next(fault, "%s", f->todo);
}

static void warn_of_config(hf_loading *l)
{
    hf_config_fault w;

    for (size_t i = 0; hf_proxy_config_warning(l->config, i, &w); i++)
        hf_loading_warn(l, "%s:%u:%u: %s%s%s%s%s", w.file, w.at.line, w.at.column, w.what,
                        *w.why ? "; " : "", w.why, *w.next ? "; " : "", w.next);
    l->out->n_of_config = l->out->n_warnings;
}

/* ---- the plan ---- */

static void relabel(hf_loaded *out)
{
    for (size_t i = 0; i < out->config->n_sites; i++)
        out->sites[i].label = hf_plan_text(&out->plan, HF_PART_LABEL, i, 0);
}

static bool make_plan(hf_loading *l, hf_span yaml)
{
    hf_plan gathered = { .number = l->before ? l->before->plan.number + 1 : 1,
                         .file = l->config->file,
                         .yaml = yaml,
                         .parts = l->parts,
                         .n_parts = l->n_parts };
    uint8_t *bytes;
    size_t len;

    if (!hf_plan_pack(&gathered, &bytes, &len))
        return false;
    bool good = hf_plan_unpack(hf_span_of(bytes, len), &l->out->plan);
    hf_plan_bytes_free(bytes, len);
    if (good) {
        relabel(l->out);
        hf_load_backless(l->out);
    }
    return good;
}

/* What no worker could make use of is refused here, where somebody is told. */
static bool try_out(const hf_loaded *out, char *why, size_t room)
{
    hf_plan copy;
    uint8_t *bytes;
    size_t len;

    if (!hf_plan_pack(&out->plan, &bytes, &len))
        return false;
    bool good = hf_plan_unpack(hf_span_of(bytes, len), &copy);
    hf_plan_bytes_free(bytes, len);
    hf_generation *g = good ? hf_generation_build(&copy, NULL, why, room) : NULL;
    hf_generation_free(g);
    return g != NULL;
}

/* Made later it serves all the same, so it is a warning. */
static void warn_challenges(hf_loading *l)
{
    const char *folder = l->config->challenges.text;
    char path[HF_LOAD_PATH];
    struct stat s;

    if (!folder ||
        (stat(hf_proxy_path(l->config, folder, path, sizeof path), &s) == 0 && S_ISDIR(s.st_mode)))
        return;
    hf_loading_at(l, l->config->challenges.at, NULL);
    hf_loading_warn(l,
                    "challenges: there is no folder %s: a certificate authority's questions get "
                    "404; make it, readable for the workers' user",
                    path);
}

static void gather(hf_loading *l, const uint8_t (*ticket_keys)[HF_TICKET_KEY], size_t n)
{
    warn_of_config(l);
    warn_challenges(l);
    hf_load_labels(l);
    for (size_t i = 0; i < l->config->n_sites && !l->no_memory; i++)
        hf_load_site(l, i);
    if (!l->no_memory)
        hf_load_spares(l);
    if (!l->no_memory)
        hf_load_backends(l, hf_load_world.look_up);
    hf_load_ticket_keys(l, ticket_keys, n);
}

static void loading_free(hf_loading *l)
{
    for (size_t i = 0; i < l->n_files; i++) {
        hf_free(l->files[i].path);
        hf_careful_free(l->files[i].file);
        hf_free(l->files[i].file);
    }
    for (size_t i = 0; i < l->n_owned; i++)
        hf_free_secret((void *)(uintptr_t)l->owned[i].data, l->owned[i].len);
    hf_free(l->files);
    hf_free(l->owned);
    hf_free(l->parts);
    hf_free(l->wanted);
}

/* ---- from the text on ---- */

static hf_loaded *load_text(hf_span yaml, const char *file, const hf_loaded *before,
                            const uint8_t (*ticket_keys)[HF_TICKET_KEY], size_t n,
                            hf_config_faults *faults)
{
    hf_loaded *out = hf_alloc(sizeof *out);
    hf_loading l = { .out = out, .before = before, .now = hf_load_now() };
    char why[160] = "";
    bool good = false;

    if (out && !hf_proxy_config_read_all(yaml, file, &out->config, faults)) {
        hf_loaded_free(out);
        return NULL;
    }
    if (out)
        out->sites = hf_alloc((out->config->n_sites + 1) * sizeof *out->sites);
    if (out && out->sites) {
        l.config = out->config;
        gather(&l, ticket_keys, n);
        good = !l.no_memory && make_plan(&l, yaml) && try_out(out, why, sizeof why);
        loading_free(&l);
    }
    if (good)
        return out;
    faults->n = 1;
    if (*why)
        cannot_use(&faults->at[0], file, why);
    else
        no_memory(&faults->at[0], file);
    hf_loaded_free(out);
    return NULL;
}

static hf_loaded *load_file(const char *file, const hf_loaded *before,
                            const uint8_t (*ticket_keys)[HF_TICKET_KEY], size_t n,
                            hf_config_faults *faults)
{
    hf_careful f;
    hf_loaded *loaded = NULL;

    if (hf_careful_read(file, HF_PROXY_FILE_MAX, &f)) {
        loaded = load_text(hf_span_of(f.bytes, f.len), file, before, ticket_keys, n, faults);
    } else {
        cannot_read(&faults->at[0], file, &f);
        faults->n = 1;
    }
    hf_careful_free(&f);
    return loaded;
}

hf_loaded *hf_load_first(const char *file, const uint8_t (*ticket_keys)[HF_TICKET_KEY], size_t n,
                         hf_config_faults *faults)
{
    return load_file(file, NULL, ticket_keys, n, faults);
}

hf_loaded *hf_load(const char *file, const hf_loaded *before,
                   const uint8_t (*ticket_keys)[HF_TICKET_KEY], size_t n, hf_config_fault *fault)
{
    hf_config_faults faults = { .at = fault, .room = 1 };

    return load_file(file, before, ticket_keys, n, &faults);
}

hf_loaded *hf_load_again(const hf_loaded *before, const uint8_t (*ticket_keys)[HF_TICKET_KEY],
                         size_t n, hf_config_fault *fault)
{
    hf_config_faults faults = { .at = fault, .room = 1 };

    return load_text(before->plan.yaml, before->plan.file, before, ticket_keys, n, &faults);
}

/* ---- what came of it ---- */

const char *hf_loaded_unusable(const hf_loaded *loaded, size_t i)
{
    const char *why = NULL;

    for (size_t k = 0; k < loaded->config->sites[i].n_backends; k++)
        if (!(why = hf_plan_text(&loaded->plan, HF_PART_BACKEND_UNUSABLE, i, k)))
            return NULL;
    return why;
}

/* ---- the end ---- */

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hf_free(texts[i]);
    hf_free(texts);
}

void hf_loaded_free(hf_loaded *loaded)
{
    if (!loaded)
        return;
    free_texts(loaded->warnings, loaded->n_warnings);
    free_texts(loaded->watched, loaded->n_watched);
    free_texts(loaded->slots, loaded->n_slots);
    hf_free(loaded->sites);
    hf_free(loaded->expiries);
    hf_plan_free(&loaded->plan);
    hf_proxy_config_free(loaded->config);
    hf_free(loaded);
}
