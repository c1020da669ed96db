/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One site: its certificates from the files, or all of those from before, or none. Files of one load are never mixed with memory
 * of another: what a client is shown was good together.
 */
#include <stdio.h>

#include "base/bytes.h"
#include "tool/proxy/judge.h"
#include "tool/proxy/loading.h"

/* All certificates of a site, from one source. */
typedef struct unit {
    hf_pair pairs[HF_PROXY_CERTIFICATES_MAX];
    hf_careful former[HF_PROXY_CERTIFICATES_MAX][3]; /* chain, key, staple of before, as files */
    size_t n;
    bool good, expired;
    char why[HF_LOAD_WHY], todo[256]; /* if it is not good, or expired */
} unit;

static hf_pair_file pair_file(hf_loading *l, const hf_config_text *text)
{
    if (!text->text)
        return (hf_pair_file){ NULL, NULL };
    return (hf_pair_file){ text->text, hf_loading_file(l, text->text, HF_LOAD_PEM_MAX) };
}

static hf_pair_case case_of(hf_loading *l, const hf_config_site *row, const hf_config_pair *files)
{
    return (hf_pair_case){ .use = HF_PAIR_SITE,
                           .chain = pair_file(l, &files->chain),
                           .key = pair_file(l, &files->key),
                           .password = pair_file(l, &files->password_file),
                           .staple = pair_file(l, &files->staple),
                           .policy = hf_policy_named(row->policy.text),
                           .names = &row->names,
                           .now = l->now,
                           .warn = hf_loading_warn_line,
                           .user = l };
}

static void note_expired(unit *u, const hf_pair *pair, const char *path)
{
    char when[24];

    if (!pair->expired || u->expired)
        return;
    u->expired = true;
    hf_time_text(pair->certs[0].not_after, when);
    snprintf(u->why, sizeof u->why, "%.250s: the certificate expired on %s", path, when);
    snprintf(u->todo, sizeof u->todo, "renew it; the new one counts as soon as it is there");
}

static void judge_one(unit *u, const hf_pair_case *c)
{
    hf_pair *pair = &u->pairs[u->n++];

    if (hf_judge_pair(c, pair)) {
        if (u->good)
            note_expired(u, pair, c->chain.path);
        return;
    }
    if (!u->good)
        return; /* the first fault is told */
    u->good = false;
    memcpy(u->why, pair->why, sizeof u->why);
    memcpy(u->todo, pair->todo, sizeof u->todo);
}

static void from_files(hf_loading *l, const hf_loaded_site *site, unit *u)
{
    const hf_config_site *row = site->row;

    u->good = true;
    for (size_t k = 0; k < row->n_certificates; k++) {
        hf_loading_at(l, row->certificates[k].at, site->label);
        hf_pair_case c = case_of(l, row, &row->certificates[k]);
        judge_one(u, &c);
    }
}

/* ---- from memory ---- */

static const hf_careful *as_file(hf_careful *file, hf_span bytes)
{
    file->bytes = bytes.len > 0 ? hf_copy(bytes) : NULL; /* the NUL behind it is looked for */
    file->len = file->bytes ? bytes.len : 0;
    file->mode = 0600;
    snprintf(file->why, sizeof file->why, "there is no memory");
    return file;
}

/* Judged again: time has passed, and names or policy may be others now. What was warned of then is not said once more. */
static void from_before(hf_loading *l, const hf_config_site *row, const hf_loaded_site *former,
                        unit *u)
{
    static const char path[] = "the certificate from before";
    hf_span chain;

    while (u->n < HF_PROXY_CERTIFICATES_MAX &&
           (chain = hf_loading_former_part(l, former, HF_PART_CHAIN, u->n)).len > 0) {
        hf_careful *files = u->former[u->n];
        hf_span staple = hf_loading_former_part(l, former, HF_PART_STAPLE, u->n);
        hf_pair_case c = {
            .use = HF_PAIR_SITE,
            .chain = { path, as_file(&files[0], chain) },
            .key = { path,
                     as_file(&files[1], hf_loading_former_part(l, former, HF_PART_KEY, u->n)) },
            .policy = hf_policy_named(row->policy.text),
            .names = &row->names,
            .now = l->now,
            .was_served = true,
        };
        if (staple.len > 0)
            c.staple = (hf_pair_file){ path, as_file(&files[2], staple) };
        u->good = u->good || u->n == 0;
        judge_one(u, &c);
    }
}

static void unit_free(unit *u)
{
    if (!u)
        return;
    for (size_t k = 0; k < u->n; k++) {
        hf_pair_free(&u->pairs[k]);
        for (size_t f = 0; f < 3; f++)
            hf_careful_free(&u->former[k][f]);
    }
    hf_free(u);
}

/* ---- into the plan ---- */

static void add_staple_expiry(hf_loading *l, size_t i, const hf_pair *pair, const char *file)
{
    hf_expiry e = { .what = HF_EXPIRES_STAPLE,
                    .site = (uint16_t)i,
                    .not_before = pair->staple_from,
                    .not_after = pair->staple_until };

    if (pair->staple_until == 0)
        return;
    snprintf(e.file, sizeof e.file, "%.255s", file);
    hf_leaf_name(&pair->certs[0], e.name, sizeof e.name);
    hf_expiry_fingerprint(&e, pair->staple.len > 0 ? pair->staple : hf_span_str(file));
    hf_loading_expiry(l, &e);
}

static void give(hf_loading *l, hf_part_kind kind, size_t i, size_t k, hf_span bytes)
{
    hf_loading_give(l, kind, i, k, hf_copy(bytes), bytes.len);
}

static const char *path_or(const hf_config_text *text, const char *otherwise)
{
    return text->text ? text->text : otherwise;
}

static void take(hf_loading *l, size_t i, const unit *u)
{
    const hf_config_site *row = &l->config->sites[i];

    for (size_t k = 0; k < u->n; k++) {
        const hf_pair *pair = &u->pairs[k];
        const hf_config_pair *files =
            &row->certificates[k < row->n_certificates ? k : row->n_certificates - 1];
        give(l, HF_PART_CHAIN, i, k, hf_span_of(pair->chain, pair->chain_len));
        give(l, HF_PART_KEY, i, k, hf_span_of(pair->key, pair->key_len));
        if (pair->staple.len > 0)
            give(l, HF_PART_STAPLE, i, k, pair->staple);
        hf_loading_leaf_expiry(l, i, &pair->certs[0], path_or(&files->chain, ""));
        add_staple_expiry(l, i, pair, path_or(&files->staple, "a staple from before"));
    }
}

static void warn_names(hf_loading *l, const hf_loaded_site *site, const unit *u)
{
    const hf_config_list *names = &site->row->names;

    for (size_t n = 0; n < names->n; n++) {
        bool covered = strcmp(names->at[n].text, "default") == 0;
        for (size_t k = 0; k < u->n && !covered; k++)
            covered = hf_leaf_covers(&u->pairs[k].certs[0], names->at[n].text);
        if (covered)
            continue;
        hf_loading_at(l, names->at[n].at, site->label);
        hf_loading_warn(l,
                        "no certificate of the site is for %s: its clients will refuse it; have it "
                        "added, or take the name out",
                        names->at[n].text);
    }
}

/* ---- which ---- */

static void set_health(hf_loaded_site *site, hf_health health, const unit *u)
{
    site->health = health;
    memcpy(site->why, u->why, sizeof site->why);
    memcpy(site->todo, u->todo, sizeof site->todo);
}

/* Rather what is good and old than what is new and bad; and rather what is still valid. */
static const unit *choose(hf_loaded_site *site, const unit *fresh, const unit *old)
{
    bool strict = site->row->unavailable_when_expired;
    bool old_lives = old->n > 0 && old->good && !(old->expired && (strict || fresh->good));

    if (fresh->good && !fresh->expired) {
        site->health = HF_HEALTH_GOOD;
        return fresh;
    }
    set_health(site, HF_HEALTH_UNAVAILABLE, fresh);
    if (old_lives) {
        site->health = HF_HEALTH_KEPT;
        return old;
    }
    if (!fresh->good || strict)
        return NULL;
    site->health = HF_HEALTH_EXPIRED;
    return fresh;
}

/* What it is shown with, if its clients can be judged: parts and ends, from the files or from before. */
static void settle(hf_loading *l, size_t i, const unit *chosen, const hf_loaded_site *judged)
{
    hf_loaded_site *site = &l->out->sites[i];

    site->n_of_warnings = l->out->n_warnings - site->first_warning;
    hf_load_clients(l, i);
    site->first_expiry = l->out->n_expiries;
    if (site->health != HF_HEALTH_UNAVAILABLE && judged)
        hf_load_reuse(l, i, judged);
    else if (site->health != HF_HEALTH_UNAVAILABLE && chosen)
        take(l, i, chosen);
    site->n_of_expiries = l->out->n_expiries - site->first_expiry;
}

static void judge(hf_loading *l, size_t i)
{
    hf_loaded_site *site = &l->out->sites[i];
    unit *fresh = hf_alloc(sizeof *fresh), *old = hf_alloc(sizeof *old);

    if (fresh && old) {
        from_files(l, site, fresh);
        if (!fresh->good || fresh->expired)
            from_before(l, site->row, hf_loading_former(l, site->label), old);
        const unit *chosen = choose(site, fresh, old);
        if (chosen)
            warn_names(l, site, chosen);
        settle(l, i, chosen, NULL);
    } else {
        l->no_memory = true;
    }
    unit_free(fresh);
    unit_free(old);
}

void hf_load_site(hf_loading *l, size_t i)
{
    hf_loaded_site *site = &l->out->sites[i];
    const hf_loaded_site *judged = hf_load_judged(l, i);

    site->first_warning = l->out->n_warnings;
    if (!judged) {
        judge(l, i);
        return;
    }
    site->health = HF_HEALTH_GOOD;
    hf_load_reuse_warnings(l, judged);
    settle(l, i, NULL, judged);
}
