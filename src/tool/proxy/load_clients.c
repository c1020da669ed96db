/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Who may come in: the CA and the CRL of client authentication. A site that cannot judge its clients serves none of them. */
#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "tool/proxy/generation.h"
#include "tool/proxy/judge.h"
#include "tool/proxy/loading.h"
#include "x509/revocation.h"
#include "x509/trust.h"

/* ---- words ---- */

static void fail(hf_loaded_site *site, hf_health health, const char *why, const char *todo)
{
    site->health = health;
    snprintf(site->why, sizeof site->why, "%s", why);
    snprintf(site->todo, sizeof site->todo, "%s", todo);
}

static void note_ca(hf_loading *l, const char *path, size_t i, const hf_cert *cert)
{
    hf_expiry e = { .what = HF_EXPIRES_CLIENT_CA,
                    .site = (uint16_t)i,
                    .not_before = cert->not_before,
                    .not_after = cert->not_after };
    char until[24];

    snprintf(e.file, sizeof e.file, "%.255s", path);
    hf_name_text(cert->subject, e.name, sizeof e.name);
    hf_expiry_fingerprint(&e, cert->der);
    hf_loading_expiry(l, &e);
    hf_time_text(cert->not_after, until);
    if (l->now > cert->not_after)
        hf_loading_warn(l, "%s: the CA %s has expired (%s): its clients are refused", path, e.name,
                        until);
}

static void note_crl(hf_loading *l, const char *path, size_t i, const hf_crl *crl)
{
    hf_expiry e = { .what = HF_EXPIRES_CRL,
                    .site = (uint16_t)i,
                    .not_before = crl->this_update,
                    .not_after = crl->next_update };
    char until[24];

    if (crl->next_update == 0)
        return;
    snprintf(e.file, sizeof e.file, "%.255s", path);
    hf_name_text(crl->issuer, e.name, sizeof e.name);
    hf_expiry_fingerprint(&e, crl->der);
    hf_loading_expiry(l, &e);
    hf_time_text(crl->next_update, until);
    if (l->now > crl->next_update)
        hf_loading_warn(l,
                        "%s: the CRL is out of date (%s): who was revoked since is let in; fetch "
                        "the present one",
                        path, until);
}

/* ---- CRLs ---- */

static void note_crls(hf_loading *l, const char *path, size_t i, const hf_trust *trust)
{
    hf_fault fault = { .code = HF_OK };
    hf_span der;
    hf_crl crl;
    size_t next;

    for (size_t k = 0; (der = hf_trust_crl_at(trust, k)).len > 0; k++) {
        if (hf_crl_parse(&crl, der, &fault) != HF_OK)
            continue;
        next = 0;
        note_crl(l, path, i, &crl);
        if (!hf_trust_find(trust, crl.issuer, &next))
            hf_loading_warn(l,
                            "%s: none of the CAs of client_auth issued this CRL: it may say "
                            "nothing about the clients",
                            path);
    }
}

static bool whole_pem(const hf_careful *file)
{
    hf_span rest = hf_span_of(file->bytes, file->len);
    uint8_t *der;
    size_t len;

    if (file->bytes[0] == 0x30)
        return true;
    while (hf_pem_next(&rest, "X509 CRL", &der, &len) == HF_OK)
        hf_free(der);
    return rest.len == 0;
}

static bool read_crl(hf_loading *l, size_t i, const hf_careful *ca, char why[HF_LOAD_WHY],
                     char todo[256])
{
    const char *path = l->config->sites[i].client_auth.crl.text;
    const hf_careful *f = path ? hf_loading_file(l, path, HF_LOAD_CRL_MAX) : NULL;
    hf_trust *trust = f && f->bytes ? hf_trust_new() : NULL;
    hf_error e = HF_E_CONFIG_FILE;

    if (!path)
        return true;
    if (trust)
        e = hf_trust_add_pem(trust, hf_span_of(ca->bytes, ca->len), NULL);
    if (e == HF_OK)
        e = whole_pem(f) ? hf_trust_add_crls(trust, hf_span_of(f->bytes, f->len)) : HF_E_CONFIG_PEM;
    if (e == HF_OK)
        note_crls(l, path, i, trust);
    hf_trust_free(trust);
    if (e == HF_OK)
        return true;
    snprintf(todo, 256, "%s", f->bytes ? "fetch the CRL again, whole, as PEM or DER" : f->todo);
    snprintf(why, HF_LOAD_WHY, "%.250s: %s", path,
             !f->bytes              ? f->why
             : e == HF_E_CONFIG_PEM ? "it holds no CRL, or one that is damaged or not whole yet"
                                    : hf_error_row_of(e)->sentence);
    return false;
}

/* ---- from before ---- */

static bool same_text(const hf_config_text *a, const hf_config_text *b)
{
    return a->text && b->text ? strcmp(a->text, b->text) == 0 : a->text == b->text;
}

/* What is kept still expires. */
static void keep_expiries(hf_loading *l, size_t i, const hf_loaded_site *former)
{
    for (size_t k = 0; k < l->before->n_expiries; k++) {
        hf_expiry e = l->before->expiries[k];
        if (e.site != former - l->before->sites ||
            (e.what != HF_EXPIRES_CLIENT_CA && e.what != HF_EXPIRES_CRL))
            continue;
        e.site = (uint16_t)i;
        hf_loading_expiry(l, &e);
    }
}

/* Another file name is another intention: then nothing of before will do. */
static bool keep(hf_loading *l, size_t i, hf_loaded_site *site)
{
    const hf_loaded_site *former = hf_loading_former(l, site->label);
    hf_span ca = hf_loading_former_part(l, former, HF_PART_CLIENT_CA, 0);
    hf_span crl = hf_loading_former_part(l, former, HF_PART_CLIENT_CRL, 0);

    if (ca.len == 0 || !same_text(&former->row->client_auth.ca, &site->row->client_auth.ca) ||
        !same_text(&former->row->client_auth.crl, &site->row->client_auth.crl) ||
        (site->row->client_auth.crl.text && crl.len == 0))
        return false;
    hf_loading_part(l, HF_PART_CLIENT_CA, i, 0, ca);
    if (crl.len > 0)
        hf_loading_part(l, HF_PART_CLIENT_CRL, i, 0, crl);
    keep_expiries(l, i, former);
    return true;
}

static void take(hf_loading *l, size_t i, const hf_config_site *row, const hf_cas *cas)
{
    hf_loading_part(l, HF_PART_CLIENT_CA, i, 0, hf_span_of(cas->file->bytes, cas->file->len));
    if (row->client_auth.crl.text) {
        const hf_careful *crl = hf_loading_file(l, row->client_auth.crl.text, HF_LOAD_CRL_MAX);
        hf_loading_part(l, HF_PART_CLIENT_CRL, i, 0, hf_span_of(crl->bytes, crl->len));
    }
    if (cas->n_cas == 0)
        hf_loading_warn(l,
                        "%s: it holds no CA's certificate: only clients that show exactly %s are "
                        "let in",
                        cas->path, cas->n == 1 ? "this one" : "one of these");
}

void hf_load_clients(hf_loading *l, size_t i)
{
    hf_loaded_site *site = &l->out->sites[i];
    const hf_config_site *row = site->row;
    size_t noted = l->out->n_expiries;
    hf_cas cas;

    if (!hf_site_asks(row))
        return;
    hf_loading_at_site(l, row->client_auth.at, i);
    if (hf_cas_read(l, row->client_auth.ca.text, &cas, note_ca, i) &&
        read_crl(l, i, cas.file, cas.why, cas.todo)) {
        take(l, i, row, &cas);
        return;
    }
    l->out->n_expiries = noted; /* of what is not used nobody is reminded */
    if (!keep(l, i, site)) {
        if (site->health != HF_HEALTH_UNAVAILABLE)
            fail(site, HF_HEALTH_UNAVAILABLE, cas.why, cas.todo);
        return;
    }
    if (site->health == HF_HEALTH_GOOD)
        fail(site, HF_HEALTH_KEPT, cas.why, cas.todo);
    else
        hf_loading_warn(l, "%s; those from before stay in use; %s", cas.why, cas.todo);
}
