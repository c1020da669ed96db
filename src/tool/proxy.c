/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `handfast proxy run` and `proxy check`. What runs is proxy/parent.c; what is judged is proxy/load.c; --json is proxy_check_json.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tool/exit.h"
#include "tool/json_text.h"
#include "tool/options.h"
#include "tool/proxy/account.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/parent.h"
#include "tool/proxy/possible.h"
#include "tool/proxy_check.h"
#include "tool/proxy_file.h"
#include "tool/say.h"

int hf_cmd_proxy_run(const hf_proxy_run_options *options)
{
    return hf_parent_run(hf_proxy_file(options->file));
}

/* ---- check: what there is to say ---- */

enum { LINE_ROOM = 2048 };

static hf_place place_of(const hf_config_site *site, const hf_expiry *e)
{
    for (size_t i = 0; i < site->n_certificates; i++)
        if (e->what == HF_EXPIRES_CERTIFICATE &&
            strcmp(site->certificates[i].chain.text, e->file) == 0)
            return site->certificates[i].chain.at;
    return e->what == HF_EXPIRES_CLIENT_CA || e->what == HF_EXPIRES_CRL ? site->client_auth.at
                                                                        : site->at;
}

/* When little is left; an expired certificate of a site is told with the site. False: enough is. */
static bool age_words(const hf_loaded *loaded, const hf_expiry *e, int64_t now,
                      char line[LINE_ROOM])
{
    const hf_loaded_site *site = &loaded->sites[e->site];
    char place[HF_WARNING_PLACE];
    int64_t life = e->not_after - e->not_before, left = e->not_after - now;

    if (left < 0 || left > life / 10 * 3)
        return false;
    hf_warning_place(loaded->config, place_of(site->row, e), site->label, place);
    snprintf(
        line, LINE_ROOM,
        "%s%s: %s expires in %lld day%s, %lld %% of its lifetime are over; is its renewal set up?",
        place, e->file, e->name, (long long)(left / 86400), left / 86400 == 1 ? "" : "s",
        (long long)(life > 0 ? (life - left) * 100 / life : 100));
    return true;
}

void hf_proxy_check_warnings(const hf_loaded *loaded, void (*each)(void *user, const char *line),
                             void *user)
{
    char line[LINE_ROOM];

    for (size_t i = 0; i < loaded->n_warnings; i++)
        each(user, loaded->warnings[i]);
    for (size_t i = 0; i < loaded->n_expiries; i++)
        if (age_words(loaded, &loaded->expiries[i], hf_clock_wall(), line))
            each(user, line);
    hf_possible_warnings(loaded->config, each, user);
}

static bool is_bad(const hf_loaded *loaded, size_t i)
{
    return loaded->sites[i].health != HF_HEALTH_GOOD || hf_loaded_unusable(loaded, i);
}

size_t hf_proxy_check_bad(const hf_loaded *loaded)
{
    size_t bad = 0;

    for (size_t i = 0; i < loaded->config->n_sites; i++)
        bad += is_bad(loaded, i);
    return bad;
}

/* ---- check: in words ---- */

static void say_warning(void *user, const char *line)
{
    (void)user;
    hf_warn("%s", line);
}

/* Of the user that nobody named. */
static void say_account(const hf_loaded *loaded)
{
    const char *words = hf_account_words(loaded->config);

    if (words)
        hf_out_lines("%s\n", words);
}

static const char *mode_of(const hf_config_site *site)
{
    return site->mode == HF_SITE_TCP ? "tcp" : "http";
}

static void say_site(const hf_loaded_site *site, const char *unusable)
{
    static const char *const words[] = { HF_GREEN "good" HF_PLAIN, HF_RED "expired" HF_PLAIN,
                                         HF_RED "kept" HF_PLAIN, HF_RED "unavailable" HF_PLAIN };

    hf_out(HF_BOLD "%s" HF_PLAIN "  %s (%s, %zu certificate%s, %zu backend%s)\n", site->label,
           unusable && site->health == HF_HEALTH_GOOD ? words[HF_HEALTH_UNAVAILABLE]
                                                      : words[site->health],
           mode_of(site->row), site->row->n_certificates, site->row->n_certificates == 1 ? "" : "s",
           site->row->n_backends, site->row->n_backends == 1 ? "" : "s");
    if (site->health != HF_HEALTH_GOOD) {
        hf_out_lines("  why:  %s\n", site->why);
        hf_out_lines("  next: %s\n", site->todo);
    } else if (unusable) {
        hf_out_lines("  why:  all of its backends are unusable: %s\n", unusable);
        hf_out_lines("  next: %s\n", "correct what the warning about the backend names");
    }
}

static void say_sites(const hf_loaded *loaded, bool runs)
{
    size_t bad = hf_proxy_check_bad(loaded), n = loaded->config->n_sites;

    for (size_t i = 0; i < n; i++)
        say_site(&loaded->sites[i], hf_loaded_unusable(loaded, i));
    if (!runs)
        hf_out(HF_RED "handfast proxy run would end here" HF_PLAIN "\n");
    else if (bad == 0)
        hf_out(HF_GREEN "good" HF_PLAIN ": %zu site%s\n", n, n == 1 ? "" : "s");
    else
        hf_out(HF_RED "%zu of %zu site%s would not be served as configured" HF_PLAIN "\n", bad, n,
               n == 1 ? "" : "s");
}

static void say_words(const hf_proxy_finding *f)
{
    hf_config_faults_say(f->faults);
    if (!f->loaded)
        return;
    hf_proxy_check_warnings(f->loaded, say_warning, NULL);
    say_account(f->loaded);
    say_sites(f->loaded, f->status == HF_EXIT_OK);
}

/* ---- check ---- */

static int say(const hf_proxy_finding *f, bool json)
{
    int written = HF_EXIT_OK;

    if (json)
        written = hf_json_print(hf_proxy_check_json(f), true);
    else
        say_words(f);
    if (written != HF_EXIT_OK)
        return written;
    if (f->status != HF_EXIT_OK)
        return f->status;
    return hf_proxy_check_bad(f->loaded) == 0 ? HF_EXIT_OK : HF_EXIT_FINDING;
}

int hf_cmd_proxy_check(const hf_proxy_check_options *options)
{
    const char *file = hf_proxy_file(options->file);
    hf_config_fault room[HF_PROXY_FAULTS_MAX];
    hf_config_faults faults = { .at = room, .room = HF_PROXY_FAULTS_MAX };
    hf_loaded *loaded = hf_load_first(file, NULL, 0, &faults);
    int would = loaded ? hf_possible(loaded->config, &faults) : HF_EXIT_USAGE;
    int status = say(&(hf_proxy_finding){ file, loaded, &faults, would }, options->json);

    hf_loaded_free(loaded);
    return status;
}
