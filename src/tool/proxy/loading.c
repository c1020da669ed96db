/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a load gathers: files, parts, warnings, ends of validity. Lists that grow, and one place that remembers a lack of memory. */
#include "tool/proxy/loading.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/judge.h"

enum { WARNING_ROOM = HF_WARNING_PLACE + 2 * HF_LOAD_WHY };

bool hf_loading_room(hf_loading *l, void **array, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return true;
    size_t bigger = *room > 0 ? *room * 2 : 16;
    void *fresh = hf_alloc(bigger * size);
    if (!fresh) {
        l->no_memory = true;
        return false;
    }
    if (n > 0)
        memcpy(fresh, *array, n * size);
    hf_free(*array);
    *array = fresh;
    *room = bigger;
    return true;
}

static char *copy_text(hf_loading *l, const char *text)
{
    char *copy = (char *)hf_copy(hf_span_str(text));

    l->no_memory |= !copy;
    return copy;
}

/* ---- files ---- */

static void absolute(const hf_loading *l, const char *path, char out[HF_LOAD_PATH])
{
    char here[HF_LOAD_PATH], seen[HF_LOAD_PATH];

    hf_proxy_path(l->config, path, seen, sizeof seen);
    if (seen[0] == '/' || !getcwd(here, sizeof here))
        snprintf(out, HF_LOAD_PATH, "%s", seen);
    else if (strlen(here) + strlen(seen) + 2 > HF_LOAD_PATH)
        *out = '\0';
    else {
        size_t n = strlen(here);
        memcpy(out, here, n);
        out[n] = '/';
        memcpy(out + n + 1, seen, strlen(seen) + 1);
    }
}

/* Where it stands, or should. */
static size_t place_of(const hf_loading *l, const char *path, bool *there)
{
    size_t low = 0, high = l->n_files;

    *there = false;
    while (low < high && !*there) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(path, l->files[middle].path);
        *there = order == 0;
        if (*there)
            low = middle;
        else if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void watch(hf_loading *l, const char *path)
{
    hf_loaded *out = l->out;
    void *list = out->watched;

    if (out->n_watched == HF_WATCHED_MAX ||
        !hf_loading_room(l, &list, out->n_watched, &l->room_watched, sizeof *out->watched))
        return;
    out->watched = list;
    char *copy = copy_text(l, path);
    if (copy)
        out->watched[out->n_watched++] = copy;
}

static const hf_careful *no_file(void)
{
    static const hf_careful none = { .why = "there is no memory to read it",
                                     .todo = "give the machine more memory" };

    return &none;
}

const hf_careful *hf_loading_file(hf_loading *l, const char *path, size_t limit)
{
    char whole[HF_LOAD_PATH];
    bool there;
    void *list = l->files;

    absolute(l, path, whole);
    size_t at = place_of(l, whole, &there);
    if (there)
        return l->files[at].file;
    if (!hf_loading_room(l, &list, l->n_files, &l->room_files, sizeof *l->files))
        return no_file();
    l->files = list;
    char *copy = copy_text(l, whole);
    hf_careful *file = hf_alloc(sizeof *file);
    if (!copy || !file) {
        l->no_memory = true;
        hf_free(copy);
        hf_free(file);
        return no_file();
    }
    memmove(l->files + at + 1, l->files + at, (l->n_files - at) * sizeof *l->files);
    l->n_files++;
    l->files[at].path = copy;
    l->files[at].file = file;
    hf_careful_read(whole, limit, file);
    watch(l, whole);
    return file;
}

/* ---- parts ---- */

void hf_loading_part(hf_loading *l, hf_part_kind kind, size_t site, size_t item, hf_span bytes)
{
    void *list = l->parts;

    if (!hf_loading_room(l, &list, l->n_parts, &l->room_parts, sizeof *l->parts))
        return;
    l->parts = list;
    l->parts[l->n_parts++] = (hf_plan_part){ kind, (uint16_t)site, (uint16_t)item, bytes };
}

void hf_loading_give(hf_loading *l, hf_part_kind kind, size_t site, size_t item, uint8_t *bytes,
                     size_t len)
{
    void *list = l->owned;

    if (!bytes || !hf_loading_room(l, &list, l->n_owned, &l->room_owned, sizeof *l->owned)) {
        hf_free_secret(bytes, len);
        l->no_memory = true;
        return;
    }
    l->owned = list;
    l->owned[l->n_owned++] = hf_span_of(bytes, len);
    hf_loading_part(l, kind, site, item, hf_span_of(bytes, len));
}

void hf_loading_text(hf_loading *l, hf_part_kind kind, size_t site, size_t item, const char *text)
{
    size_t len = strlen(text) + 1;

    hf_loading_give(l, kind, site, item, hf_copy(hf_span_of(text, len)), len);
}

/* ---- what is told ---- */

void hf_loading_at(hf_loading *l, hf_place at, const char *label)
{
    l->told_at = at;
    l->told_label = label;
}

void hf_loading_at_site(hf_loading *l, hf_place at, size_t i)
{
    hf_loading_at(l, at, l->out->sites[i].label);
}

static void keep_warning(hf_loading *l, const char *line)
{
    hf_loaded *out = l->out;
    void *list = out->warnings;

    if (out->n_warnings == HF_LOAD_WARNINGS_MAX ||
        !hf_loading_room(l, &list, out->n_warnings, &l->room_warnings, sizeof *out->warnings))
        return;
    out->warnings = list;
    char *copy = copy_text(l, line);
    if (copy)
        out->warnings[out->n_warnings++] = copy;
}

void hf_loading_warn_line(void *loading, const char *line)
{
    hf_loading *l = loading;
    char whole[WARNING_ROOM], shown[HF_WARNING_PLACE];

    if (l->told_at.line == 0) {
        keep_warning(l, line);
        return;
    }
    hf_warning_place(l->config, l->told_at, l->told_label, shown);
    snprintf(whole, sizeof whole, "%s%s", shown, line);
    keep_warning(l, whole);
}

void hf_loading_warn(hf_loading *l, const char *format, ...)
{
    char line[2 * HF_LOAD_WHY];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    hf_loading_warn_line(l, line);
}

void hf_loading_expiry(hf_loading *l, const hf_expiry *expiry)
{
    hf_loaded *out = l->out;
    void *list = out->expiries;

    if (!hf_loading_room(l, &list, out->n_expiries, &l->room_expiries, sizeof *out->expiries))
        return;
    out->expiries = list;
    out->expiries[out->n_expiries++] = *expiry;
}

void hf_loading_leaf_expiry(hf_loading *l, size_t site, const hf_cert *leaf, const char *file)
{
    hf_expiry e = { .what = HF_EXPIRES_CERTIFICATE,
                    .site = (uint16_t)site,
                    .not_before = leaf->not_before,
                    .not_after = leaf->not_after };

    snprintf(e.file, sizeof e.file, "%.255s", file);
    hf_leaf_name(leaf, e.name, sizeof e.name);
    hf_expiry_fingerprint(&e, leaf->der);
    hf_loading_expiry(l, &e);
}

void hf_expiry_fingerprint(hf_expiry *expiry, hf_span of)
{
    uint8_t digest[HF_HASH_MAX];
    hf_hash h;

    if (hf_hash_init(&h, HF_SHA256) != HF_OK)
        return;
    hf_hash_update(&h, of);
    hf_hash_final(&h, digest);
    for (size_t i = 0; i < 32; i++)
        snprintf(expiry->fingerprint + 2 * i, 3, "%02x", digest[i]);
}

/* ---- what was there before ---- */

const hf_loaded_site *hf_loading_former(const hf_loading *l, const char *label)
{
    for (size_t i = 0; l->before && i < l->before->config->n_sites; i++)
        if (strcmp(l->before->sites[i].label, label) == 0)
            return &l->before->sites[i];
    return NULL;
}

hf_span hf_loading_former_part(const hf_loading *l, const hf_loaded_site *former, hf_part_kind kind,
                               size_t item)
{
    if (!former)
        return (hf_span){ NULL, 0 };
    return hf_plan_find(&l->before->plan, kind, (size_t)(former - l->before->sites), item);
}
