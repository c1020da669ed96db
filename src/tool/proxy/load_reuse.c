/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Judging a site's certificates costs milliseconds, mostly for its keys: with a thousand sites that is seconds of each reload. What was
 * good, and comes from the same files with the same words about them, is good for an hour more, unless one of its ends is reached.
 */
#include "base/bytes.h"
#include "crypto/hash.h"
#include "tool/proxy/loading.h"

/* ---- what it is judged from ---- */

/* With its length, so that no two things run together. */
static void add(hf_hash *h, const void *bytes, size_t len)
{
    uint64_t n = len;

    hf_hash_update(h, hf_span_of(&n, sizeof n));
    hf_hash_update(h, hf_span_of(bytes, len));
}

static void add_text(hf_hash *h, const hf_config_text *text)
{
    add(h, text->text ? text->text : "", text->text ? strlen(text->text) + 1 : 0);
    add(h, &text->at, sizeof text->at); /* warnings name it */
}

static void add_file(hf_loading *l, hf_hash *h, const hf_config_text *path)
{
    add_text(h, path);
    if (!path->text)
        return;
    const hf_careful *file = hf_loading_file(l, path->text, HF_LOAD_PEM_MAX);
    uint64_t mode = file->mode;
    add(h, &mode, sizeof mode);
    add(h, file->bytes, file->bytes ? file->len : 0);
    add(h, file->why, strlen(file->why));
}

static bool digest(hf_loading *l, const hf_config_site *row, uint8_t out[32])
{
    uint8_t whole[HF_HASH_MAX];
    hf_hash h;

    if (hf_hash_init(&h, HF_SHA256) != HF_OK)
        return false;
    add_text(&h, &row->policy);
    for (size_t i = 0; i < row->names.n; i++)
        add_text(&h, &row->names.at[i]);
    for (size_t k = 0; k < row->n_certificates; k++) {
        const hf_config_pair *files = &row->certificates[k];
        add(&h, &files->at, sizeof files->at);
        add_file(l, &h, &files->chain);
        add_file(l, &h, &files->key);
        add_file(l, &h, &files->password_file);
        add_file(l, &h, &files->staple);
    }
    hf_hash_final(&h, whole);
    memcpy(out, whole, 32);
    return true;
}

/* ---- whether it still holds ---- */

static int age_of(const hf_expiry *e, int64_t at)
{
    return at < e->not_before ? -1 : at > e->not_after;
}

static bool ends_were_reached(const hf_loading *l, const hf_loaded_site *former)
{
    for (size_t i = 0; i < former->n_of_expiries; i++) {
        const hf_expiry *e = &l->before->expiries[former->first_expiry + i];
        if (age_of(e, former->judged_at) != age_of(e, l->now))
            return true;
    }
    return false;
}

const hf_loaded_site *hf_load_judged(hf_loading *l, size_t i)
{
    hf_loaded_site *site = &l->out->sites[i];
    const hf_loaded_site *former = hf_loading_former(l, site->label);

    site->judged_at = l->now;
    if (!digest(l, site->row, site->judged_from) || !former || former->health != HF_HEALTH_GOOD ||
        memcmp(former->judged_from, site->judged_from, sizeof site->judged_from) != 0 ||
        l->now < former->judged_at || l->now - former->judged_at >= HF_JUDGED_SECONDS ||
        ends_were_reached(l, former))
        return NULL;
    site->judged_at = former->judged_at;
    return former;
}

/* ---- taken over ---- */

void hf_load_reuse(hf_loading *l, size_t i, const hf_loaded_site *former)
{
    static const hf_part_kind kinds[] = { HF_PART_CHAIN, HF_PART_KEY, HF_PART_STAPLE };

    for (size_t n = 0; n < sizeof kinds / sizeof kinds[0]; n++)
        for (size_t k = 0; k < HF_PROXY_CERTIFICATES_MAX; k++) {
            hf_span bytes = hf_loading_former_part(l, former, kinds[n], k);
            if (bytes.len > 0)
                hf_loading_part(l, kinds[n], i, k, bytes);
        }
    for (size_t n = 0; n < former->n_of_expiries; n++) {
        hf_expiry e = l->before->expiries[former->first_expiry + n];
        e.site = (uint16_t)i;
        hf_loading_expiry(l, &e);
    }
}

void hf_load_reuse_warnings(hf_loading *l, const hf_loaded_site *former)
{
    hf_loading_at(l, (hf_place){ 0, 0 }, NULL); /* they have their places */
    for (size_t n = 0; n < former->n_of_warnings; n++)
        hf_loading_warn_line(l, l->before->warnings[former->first_warning + n]);
}
