/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What all sites have: a label and a slot, a spare certificate if they need one, and the ticket keys. */
#include <stdio.h>

#include "base/bytes.h"
#include "tool/proxy/counters.h"
#include "tool/proxy/judge.h"
#include "tool/proxy/loading.h"
#include "tool/proxy/spare.h"
#include "tool/proxy/tickets.h"

/* ---- labels ---- */

static const char *first_name(const hf_config_site *site)
{
    return site->names.at[0].text;
}

/* Sites that begin with the same name are told apart by their protocols (names.c), and so are their labels. */
static bool has_twin(const hf_proxy_config *config, size_t i)
{
    for (size_t k = 0; k < config->n_sites; k++)
        if (k != i && strcmp(first_name(&config->sites[k]), first_name(&config->sites[i])) == 0)
            return true;
    return false;
}

static void label_of(const hf_proxy_config *config, size_t i, char *out, size_t room)
{
    const hf_config_site *site = &config->sites[i];

    if (site->mode == HF_SITE_HTTP || !has_twin(config, i))
        snprintf(out, room, "%s", first_name(site));
    else
        snprintf(out, room, "%s/%s", first_name(site),
                 site->alpn.n > 0 ? site->alpn.at[0].text : "tcp");
}

/* ---- slots ---- */

static bool add_slot(hf_loading *l, const char *label)
{
    hf_loaded *out = l->out;
    void *list = out->slots;

    if (!hf_loading_room(l, &list, out->n_slots, &l->room_slots, sizeof *out->slots))
        return false;
    out->slots = list;
    out->slots[out->n_slots] = (char *)hf_copy(hf_span_str(label));
    if (!out->slots[out->n_slots]) {
        l->no_memory = true;
        return false;
    }
    out->n_slots++;
    return true;
}

static void inherit_slots(hf_loading *l)
{
    for (size_t i = 0; l->before && i < l->before->n_slots; i++)
        if (!add_slot(l, l->before->slots[i]))
            return;
}

/* A label keeps its slot as long as the proxy runs; a new one gets the next. */
static uint32_t slot_of(hf_loading *l, const char *label)
{
    for (size_t i = 0; i < l->out->n_slots; i++)
        if (strcmp(l->out->slots[i], label) == 0)
            return (uint32_t)i;
    if (l->out->n_slots < HF_SITE_NONE)
        return add_slot(l, label) ? (uint32_t)l->out->n_slots - 1 : HF_SITE_NONE;
    hf_loading_warn(l, "more sites have come and gone than can be counted: it is not counted by "
                       "itself until the proxy is restarted");
    return HF_SITE_NONE;
}

static void give_slot(hf_loading *l, size_t i, uint32_t slot)
{
    uint8_t *bytes = hf_alloc(sizeof slot);

    if (bytes)
        memcpy(bytes, &slot, sizeof slot);
    hf_loading_give(l, HF_PART_SLOT, i, 0, bytes, sizeof slot);
}

void hf_load_labels(hf_loading *l)
{
    char label[512];

    inherit_slots(l);
    for (size_t i = 0; i < l->config->n_sites && !l->no_memory; i++) {
        hf_loaded_site *site = &l->out->sites[i];
        label_of(l->config, i, label, sizeof label);
        site->row = &l->config->sites[i];
        hf_loading_text(l, HF_PART_LABEL, i, 0, label);
        if (l->no_memory)
            return;
        site->label = (const char *)l->parts[l->n_parts - 1].bytes.data;
        hf_loading_at(l, site->row->at, label);
        site->slot = slot_of(l, label);
        give_slot(l, i, site->slot);
    }
}

/* ---- spares ---- */

static hf_pair_file file_of(hf_loading *l, const hf_config_text *text)
{
    if (!text->text)
        return (hf_pair_file){ NULL, NULL };
    return (hf_pair_file){ text->text, hf_loading_file(l, text->text, HF_LOAD_PEM_MAX) };
}

/* Of none of the names: whoever comes while it is shown sees an error of his client's, and no 503. */
static void warn_fallback(hf_loading *l, size_t i, const hf_cert *leaf)
{
    const hf_config_list *names = &l->config->sites[i].names;

    for (size_t n = 0; n < names->n; n++)
        if (strcmp(names->at[n].text, "default") == 0 || hf_leaf_covers(leaf, names->at[n].text))
            return;
    hf_loading_warn(l,
                    "the fallback %s is for none of the site's names: clients will refuse it; "
                    "have one made for them",
                    l->config->sites[i].fallback.chain.text);
}

/* Judged at every load, also while nothing needs it: the day on which it is needed is a bad one to learn of it. */
static bool use_configured(hf_loading *l, size_t i, bool needed)
{
    const hf_config_site *row = &l->config->sites[i];
    hf_pair pair;
    hf_pair_case c = { .use = HF_PAIR_SPARE,
                       .chain = file_of(l, &row->fallback.chain),
                       .key = file_of(l, &row->fallback.key),
                       .password = file_of(l, &row->fallback.password_file),
                       .staple = file_of(l, &row->fallback.staple),
                       .policy = hf_policy_named(row->policy.text),
                       .now = l->now,
                       .warn = hf_loading_warn_line,
                       .user = l };

    hf_loading_at_site(l, row->fallback.at, i);
    bool good = hf_judge_pair(&c, &pair);
    if (!good)
        hf_loading_warn(l, "the fallback cannot be used: %s; %s", pair.why, pair.todo);
    else if (pair.expired)
        hf_loading_warn(l, "the fallback has expired: clients will refuse it");
    if (good) {
        hf_loading_leaf_expiry(l, i, &pair.certs[0], c.chain.path);
        warn_fallback(l, i, &pair.certs[0]);
    }
    if (good && needed) {
        hf_loading_give(l, HF_PART_SPARE_CHAIN, i, 0,
                        hf_copy(hf_span_of(pair.chain, pair.chain_len)), pair.chain_len);
        hf_loading_give(l, HF_PART_SPARE_KEY, i, 0, hf_copy(hf_span_of(pair.key, pair.key_len)),
                        pair.key_len);
    }
    hf_pair_free(&pair);
    return good;
}

/* Once for all sites that need it. */
static void use_made(hf_loading *l, size_t i, hf_span made[2])
{
    hf_spare spare;

    if (made[0].len > 0) {
        hf_loading_part(l, HF_PART_SPARE_CHAIN, i, 0, made[0]);
        hf_loading_part(l, HF_PART_SPARE_KEY, i, 0, made[1]);
        return;
    }
    if (hf_spare_make(&spare, l->now) != HF_OK) {
        l->no_memory = true;
        hf_spare_free(&spare);
        return;
    }
    made[0] = hf_span_of(spare.chain, spare.chain_len);
    made[1] = hf_span_of(spare.key, spare.key_len);
    hf_loading_give(l, HF_PART_SPARE_CHAIN, i, 0, spare.chain, spare.chain_len);
    hf_loading_give(l, HF_PART_SPARE_KEY, i, 0, spare.key, spare.key_len);
}

void hf_load_spares(hf_loading *l)
{
    hf_span made[2] = { { NULL, 0 }, { NULL, 0 } };

    for (size_t i = 0; i < l->config->n_sites && !l->no_memory; i++) {
        const hf_loaded_site *site = &l->out->sites[i];
        bool needed = site->health == HF_HEALTH_UNAVAILABLE;
        if (needed)
            hf_loading_text(l, HF_PART_UNAVAILABLE, i, 0, site->why);
        bool done = site->row->fallback.chain.text && use_configured(l, i, needed);
        if (needed && !done)
            use_made(l, i, made);
    }
}

/* ---- ticket keys ---- */

static void give_keys(hf_loading *l, const uint8_t (*keys)[HF_TICKET_KEY], size_t n)
{
    if (n > 0)
        hf_loading_give(l, HF_PART_TICKET_KEYS, 0, 0, hf_copy(hf_span_of(keys, n * HF_TICKET_KEY)),
                        n * HF_TICKET_KEY);
}

/* Those of a file that was good before, if it still has that name. */
static bool keep_keys(hf_loading *l, const char *path)
{
    const hf_loaded *before = l->before;
    const char *former = before ? before->config->ticket_keys.text : NULL;
    hf_span keys =
        before ? hf_plan_find(&before->plan, HF_PART_TICKET_KEYS, 0, 0) : (hf_span){ NULL, 0 };

    if (!former || strcmp(former, path) != 0 || keys.len == 0)
        return false;
    hf_loading_part(l, HF_PART_TICKET_KEYS, 0, 0, keys);
    return true;
}

void hf_load_ticket_keys(hf_loading *l, const uint8_t (*own)[HF_TICKET_KEY], size_t n)
{
    uint8_t keys[HF_TICKET_KEYS_MAX][HF_TICKET_KEY];
    const char *path = l->config->ticket_keys.text;
    char why[192];
    size_t count;

    if (!path) {
        give_keys(l, own, n);
        return;
    }
    if (hf_tickets_read(hf_loading_file(l, path, 64 * 1024), keys, &count, why)) {
        give_keys(l, (const uint8_t(*)[HF_TICKET_KEY])keys, count);
        hf_wipe(keys, sizeof keys);
        return;
    }
    bool kept = keep_keys(l, path);
    if (!kept)
        give_keys(l, own, n);
    hf_loading_at(l, l->config->ticket_keys.at, NULL);
    hf_loading_warn(l, "%s: the ticket keys cannot be used: %s; %s", path, why,
                    kept ? "those from before stay in use"
                         : "the proxy uses keys of its own, which other machines do not know");
}
