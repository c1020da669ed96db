/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Backends: where they are, whom to trust there, and who we are to them. What is missing makes one backend unusable, never a plain one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/proxy/backend_names.h"
#include "tool/proxy/judge.h"
#include "tool/proxy/loading.h"
#include "tool/text.h"
#include "x509/trust.h"

enum { SYSTEM_MAX = 32 << 20 };

static void unusable(hf_loading *l, size_t i, size_t k, const char *why, const char *todo)
{
    const hf_config_backend *b = &l->config->sites[i].backends[k];

    hf_loading_text(l, HF_PART_BACKEND_UNUSABLE, i, k, why);
    hf_loading_warn(l, "the backend %s is not used: %s; %s", b->address.text, why, todo);
}

/* ---- the same backend in the load before ---- */

static bool same(const hf_config_text *a, const hf_config_text *b)
{
    return a->text && b->text ? strcmp(a->text, b->text) == 0 : a->text == b->text;
}

static bool same_backend(const hf_config_backend *a, const hf_config_backend *b)
{
    return same(&a->address, &b->address) && same(&a->tls_ca, &b->tls_ca) &&
           same(&a->identity.chain, &b->identity.chain) && same(&a->identity.key, &b->identity.key);
}

/* Its number; false: there was none. */
static bool former_backend(const hf_loading *l, size_t i, size_t k, const hf_loaded_site **former,
                           size_t *at)
{
    *former = hf_loading_former(l, l->out->sites[i].label);
    for (*at = 0; *former && *at < (*former)->row->n_backends; ++*at)
        if (same_backend(&(*former)->row->backends[*at], &l->config->sites[i].backends[k]))
            return true;
    return false;
}

/* True: what was good then stays in use. */
static bool keep(hf_loading *l, hf_part_kind kind, size_t i, size_t k, const char *why)
{
    const hf_loaded_site *former;
    size_t at;

    if (!former_backend(l, i, k, &former, &at))
        return false;
    hf_span bytes = hf_loading_former_part(l, former, kind, at);
    if (bytes.len == 0)
        return false;
    hf_loading_part(l, kind, i, k, bytes);
    if (kind == HF_PART_BACKEND_CHAIN)
        hf_loading_part(l, HF_PART_BACKEND_KEY, i, k,
                        hf_loading_former_part(l, former, HF_PART_BACKEND_KEY, at));
    hf_loading_warn(l, "for the backend %s what was read before stays in use: %s",
                    l->config->sites[i].backends[k].address.text, why);
    return true;
}

/* ---- the system's CAs, once for all ---- */

static bool write_pem(hf_text *text, const hf_trust *trust)
{
    const hf_cert *cert;

    for (size_t i = 0; (cert = hf_trust_at(trust, i)) != NULL; i++) {
        uint8_t *pem = NULL;
        size_t len = 0;
        if (hf_pem_write("CERTIFICATE", cert->der, &pem, &len) != HF_OK)
            return false;
        hf_text_add(text, pem, len);
        hf_free(pem);
    }
    return !text->full && text->len > 0;
}

static void load_system(hf_loading *l, char why[HF_LOAD_WHY])
{
    hf_trust *trust = hf_trust_new();
    hf_text text = hf_text_new(SYSTEM_MAX);
    char source[256] = "";
    hf_error e = trust ? hf_os_trust_system(trust, source, sizeof source) : HF_E_NO_MEMORY;

    if (e == HF_OK && write_pem(&text, trust))
        hf_loading_give(l, HF_PART_SYSTEM_CA, 0, hf_trust_is_public(trust),
                        hf_copy(hf_span_of(text.data, text.len)), text.len);
    else
        snprintf(why, HF_LOAD_WHY, "there are no CA certificates of the system (%s)",
                 *source ? source : "none of the usual places is there");
    hf_text_free(&text);
    hf_trust_free(trust);
}

/* ---- one backend's TLS ---- */

static bool load_ca(hf_loading *l, size_t i, size_t k, const char *system_why)
{
    const hf_config_backend *b = &l->config->sites[i].backends[k];
    hf_cas cas;

    if (!b->tls_ca.text) {
        if (*system_why)
            unusable(l, i, k, system_why,
                     "install ca-certificates, or give it a CA: tls: {ca: FILE}");
        return !*system_why;
    }
    if (hf_cas_read(l, b->tls_ca.text, &cas, NULL, i)) {
        hf_loading_part(l, HF_PART_BACKEND_CA, i, k, hf_span_of(cas.file->bytes, cas.file->len));
        return true;
    }
    if (keep(l, HF_PART_BACKEND_CA, i, k, cas.why))
        return true;
    unusable(l, i, k, cas.why, cas.todo);
    return false;
}

static hf_pair_file file_of(hf_loading *l, const hf_config_text *text)
{
    if (!text->text)
        return (hf_pair_file){ NULL, NULL };
    return (hf_pair_file){ text->text, hf_loading_file(l, text->text, HF_LOAD_PEM_MAX) };
}

static void take_identity(hf_loading *l, size_t i, size_t k, const hf_pair *pair)
{
    hf_loading_give(l, HF_PART_BACKEND_CHAIN, i, k,
                    hf_copy(hf_span_of(pair->chain, pair->chain_len)), pair->chain_len);
    hf_loading_give(l, HF_PART_BACKEND_KEY, i, k, hf_copy(hf_span_of(pair->key, pair->key_len)),
                    pair->key_len);
}

static void load_identity(hf_loading *l, size_t i, size_t k)
{
    const hf_config_pair *files = &l->config->sites[i].backends[k].identity;
    hf_pair pair;

    if (!files->chain.text)
        return;
    hf_pair_case c = { .use = HF_PAIR_BACKEND,
                       .chain = file_of(l, &files->chain),
                       .key = file_of(l, &files->key),
                       .password = file_of(l, &files->password_file),
                       .policy = hf_policy_named("default"),
                       .now = l->now,
                       .warn = hf_loading_warn_line,
                       .user = l };
    bool good = hf_judge_pair(&c, &pair);
    if (good && pair.expired)
        hf_loading_warn(l, "%s: the certificate for the backend has expired: it may be refused",
                        files->chain.text);
    if (good)
        take_identity(l, i, k, &pair);
    else if (!keep(l, HF_PART_BACKEND_CHAIN, i, k, pair.why))
        unusable(l, i, k, pair.why, pair.todo);
    hf_pair_free(&pair);
}

static bool needs_system(const hf_config_site *site)
{
    for (size_t k = 0; k < site->n_backends; k++)
        if (site->backends[k].tls && !site->backends[k].tls_ca.text)
            return true;
    return false;
}

static void load_tls(hf_loading *l)
{
    char why[HF_LOAD_WHY] = "";
    bool system = false;

    for (size_t i = 0; i < l->config->n_sites; i++)
        system = system || needs_system(&l->config->sites[i]);
    if (system)
        load_system(l, why);
    for (size_t i = 0; i < l->config->n_sites; i++)
        for (size_t k = 0; k < l->config->sites[i].n_backends; k++) {
            hf_loading_at_site(l, l->config->sites[i].backends[k].at, i);
            if (l->config->sites[i].backends[k].tls && load_ca(l, i, k, why))
                load_identity(l, i, k);
        }
}

/* ---- addresses ---- */

static void warn_name(hf_loading *l, const hf_wanted *w, size_t i, size_t k)
{
    hf_loading_at_site(l, l->config->sites[i].backends[k].at, i);
    hf_loading_warn(l, "the backend %s:%u cannot be found: %s; %s", w->host, (unsigned)w->port,
                    w->why,
                    w->n > 0 ? "its addresses from before stay in use"
                             : "correct the name and reload; it is looked up again every minute");
}

/* Each name once, where it stands first. */
static void warn_names(hf_loading *l, hf_wanted *names, size_t n)
{
    for (size_t i = 0; i < l->config->n_sites; i++)
        for (size_t k = 0; k < l->config->sites[i].n_backends; k++) {
            const hf_config_backend *b = &l->config->sites[i].backends[k];
            hf_wanted *w = b->kind == HF_BACKEND_TCP ? hf_backend_names_find(names, n, b) : NULL;
            if (!w || !w->why)
                continue;
            warn_name(l, w, i, k);
            w->why = NULL;
        }
}

static void give_addresses(hf_loading *l, hf_wanted *names, size_t n)
{
    for (size_t i = 0; i < l->config->n_sites; i++)
        for (size_t k = 0; k < l->config->sites[i].n_backends; k++) {
            const hf_config_backend *b = &l->config->sites[i].backends[k];
            const hf_wanted *w =
                b->kind == HF_BACKEND_TCP ? hf_backend_names_find(names, n, b) : NULL;
            if (w && w->n > 0)
                hf_loading_part(l, HF_PART_ADDRESS, i, k,
                                hf_span_of(w->at, w->n * sizeof w->at[0]));
        }
}

/* What is behind it may come later, and then a connection finds it: so nothing is refused, and it is looked for by its path alone. */
static const char *no_socket(const char *path)
{
    struct stat s;

    if (stat(path, &s) == 0)
        return S_ISSOCK(s.st_mode) ? NULL : "that is no socket";
    return errno == ENOENT || errno == ENOTDIR ? "there is no such socket" : NULL;
}

static void warn_sockets(hf_loading *l)
{
    for (size_t i = 0; i < l->config->n_sites; i++)
        for (size_t k = 0; k < l->config->sites[i].n_backends; k++) {
            const hf_config_backend *b = &l->config->sites[i].backends[k];
            const char *why = b->kind == HF_BACKEND_UNIX ? no_socket(b->host) : NULL;
            if (!why)
                continue;
            hf_loading_at_site(l, b->at, i);
            hf_loading_warn(l,
                            "the backend %s cannot be reached: %s; start the service, or correct "
                            "the path",
                            b->address.text, why);
        }
}

void hf_load_backends(hf_loading *l, hf_look_up *look_up)
{
    size_t n = 0;
    hf_wanted *names = hf_backend_names(l->config, &n);

    load_tls(l);
    if (!names) {
        l->no_memory = true;
        return;
    }
    hf_resolve(names, n, HF_RESOLVE_MS, look_up);
    if (l->before)
        hf_backend_names_keep(names, n, l->before);
    warn_names(l, names, n);
    give_addresses(l, names, n);
    warn_sockets(l);
    l->wanted = names; /* the parts point to it */
}

/* ---- sites that nobody is behind ---- */

/* Why that backend cannot be asked as things stand; NULL: it can be tried. */
static const char *out_of_reach(const hf_loaded *out, size_t i, size_t k)
{
    const hf_config_backend *b = &out->config->sites[i].backends[k];
    const char *unusable = hf_plan_text(&out->plan, HF_PART_BACKEND_UNUSABLE, i, k);

    if (unusable || b->kind == HF_BACKEND_UNIX)
        return unusable ? unusable : no_socket(b->host);
    return hf_plan_find(&out->plan, HF_PART_ADDRESS, i, k).len > 0 ? NULL
                                                                   : "the name cannot be found";
}

static void note_backless(hf_loaded *out, size_t i)
{
    const hf_config_site *row = &out->config->sites[i];
    const char *why = NULL;

    for (size_t k = 0; k < row->n_backends; k++)
        if (!(why = out_of_reach(out, i, k)))
            return;
    if (why)
        snprintf(out->sites[i].backless, HF_LOAD_WHY, "%s%.200s: %.256s",
                 row->n_backends > 1 ? "none of its backends can be asked; the last, " : "",
                 row->backends[row->n_backends - 1].address.text, why);
}

void hf_load_backless(hf_loaded *out)
{
    for (size_t i = 0; i < out->config->n_sites; i++)
        note_backless(out, i);
}
