/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What findings are called together, and what shows one: the words of its evidence tell of a connection, which says all of a version
 * or a suite, but nothing of a certificate that came in it, or of a list that many of them made.
 */
#include <handfast/cert.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/checks.h"
#include "audit/report_parts.h"
#include "explain/names.h"
#include "x509/x509.h"
#include "x509/summary.h"

/* ---- what they are called ---- */

static const struct {
    uint32_t classes;
    const char *title;
} titles[] = {
    { HF_CLASS_NULL, "Suites without encryption" },
    { HF_CLASS_ANON, "Suites without a certificate (anonymous)" },
    { HF_CLASS_EXPORT, "Export suites, of 40 or 56 bits" },
    { HF_CLASS_RC4, "Suites with RC4" },
    { HF_CLASS_DES, "Suites with DES or RC2" },
    { HF_CLASS_3DES, "Suites with 3DES" },
    { HF_CLASS_CBC, "Suites with CBC" },
    { HF_CLASS_RSA_KX | HF_CLASS_STATIC_DH | HF_CLASS_NO_FS, "Suites without forward secrecy" },
    { HF_CLASS_DSS, "Suites with DSA" },
    { HF_CLASS_MD5, "Suites with HMAC-MD5" },
    { HF_CLASS_BLOCK64, "Suites with blocks of 64 bits" },
    { HF_CLASS_SHORT_TAG, "Suites with a tag of 64 bits" },
    { HF_CLASS_PSK, "Suites with keys shared beforehand" },
    { HF_CLASS_DHE, "Suites with Diffie-Hellman over finite fields" },
    { HF_CLASS_UNUSUAL, "Suites of a kind that nobody on the Internet needs" },
    { HF_CLASS_SHA1, "Suites with HMAC-SHA-1" },
};

static bool is_of(const hf_finding *finding, hf_check_at check)
{
    return finding->rule->check == &hf_check_rows[check];
}

static uint16_t code_of(const hf_finding *finding)
{
    return (uint16_t)strtoul(finding->key, NULL, 16);
}

/* The kind for which it is refused: the one that its reason names. */
static uint32_t kind_of(const hf_finding *finding)
{
    uint32_t classes = hf_classes_of(code_of(finding)) & finding->rule->number;

    return classes & (~classes + 1);
}

const char *hf_told_title(const hf_told *told, size_t n)
{
    uint32_t kinds = 0;

    for (size_t i = 0; i < n && is_of(told[i].finding, HF_CHECK_suites_refused); i++)
        kinds |= kind_of(told[i].finding);
    for (size_t i = 0; kinds && i < sizeof titles / sizeof *titles; i++)
        if ((kinds & ~titles[i].classes) == 0)
            return titles[i].title;
    return told->finding->rule->check->title;
}

const char *hf_told_reason(const hf_told *told, size_t n, size_t i)
{
    const char *reason = hf_reason_in(told[i].finding->what);

    if (*reason)
        return reason + strlen(": ");
    for (size_t k = 0; k < n; k++)
        if (*hf_reason_in(told[k].finding->what))
            return "no weakness of its kind, but not on the list";
    return "";
}

/* ---- what shows one ---- */

static const hf_seen_chain *chain_of(const hf_seen *seen, const hf_finding *finding)
{
    char key[HF_CHAIN_KEY];

    for (size_t i = 0; i < seen->n_chains; i++)
        if (strcmp(hf_chain_key(seen, i, key), finding->key) == 0)
            return &seen->chains[i];
    return NULL;
}

static bool has_code(const hf_seen *seen, hf_seen_version_id v, bool groups, uint16_t code)
{
    return hf_codes_have(groups ? &seen->v[v].groups : &seen->v[v].schemes, code);
}

/* A list is made by many hellos, of which none is kept. */
static void tell_code(const hf_seen *seen, const hf_finding *finding, bool groups, hf_sheet *out)
{
    uint16_t code = code_of(finding);
    bool older = has_code(seen, HF_V_TLS12, groups, code);
    char name[HF_NAME_ROOM];

    hf_code_text(groups ? HF_NAMES_GROUPS : HF_NAMES_SCHEMES, code, name);
    if (groups)
        hf_sheet_add(out, "hellos with %s among others: the server chose it", name);
    else if (older)
        hf_sheet_add(out, "hellos of TLS 1.2 with %s: ServerKeyExchange was signed with it", name);
    else
        hf_sheet_add(out, "hellos of TLS 1.3 with %s and without those found before: taken", name);
}

static void tell_groups(const hf_seen *seen, hf_sheet *out)
{
    const hf_codes *groups = &seen->v[HF_V_TLS13].groups;
    char name[HF_NAME_ROOM];

    for (size_t i = 0; i < groups->n; i++)
        hf_sheet_add(out, "%s%s", i > 0 ? ", " : "of all that were offered in TLS 1.3 it chose ",
                     hf_code_text(HF_NAMES_GROUPS, groups->at[i], name));
}

typedef enum detail { SUBJECT, KEY, SIGNATURE } detail;

static void tell_certificate(const hf_cert_summary *s, detail what, hf_sheet *out)
{
    hf_sheet_add(out, "%s%s", out->len > 0 ? "; " : "", s->subject);
    if (what == KEY)
        hf_sheet_add(out, " has %s", s->key);
    if (what == SIGNATURE)
        hf_sheet_add(out, " is signed with %s", s->signature);
}

/* of_rsa: those with such a key alone. */
static void tell_certificates(const hf_seen_chain *chain, size_t n, detail what, bool of_rsa,
                              hf_sheet *out)
{
    hf_cert_summary s;

    for (size_t i = 0; i < chain->n && i < n; i++)
        if (hf_cert_summarize_any(chain->der[i], &s) == HF_OK &&
            (!of_rsa || strncmp(s.key, "RSA", 3) == 0))
            tell_certificate(&s, what, out);
}

static void tell_times(const hf_seen_chain *chain, bool both, hf_sheet *out)
{
    char from[24], to[24];

    hf_time_text(chain->leaf.not_before, from);
    hf_time_text(chain->leaf.not_after, to);
    if (both)
        hf_sheet_add(out, "notBefore %s, ", from);
    hf_sheet_add(out, "notAfter %s", to);
}

static void tell_sent(const hf_seen_chain *chain, hf_sheet *out)
{
    hf_sheet_add(out, "%zu certificate%s came", chain->n, chain->n == 1 ? "" : "s");
}

static void tell_missing(const hf_seen_chain *chain, hf_sheet *out)
{
    tell_sent(chain, out);
    hf_sheet_add(out, ", and that of the last one's issuer did not%s%s",
                 *chain->missing_issuer ? ": " : "", chain->missing_issuer);
}

static void tell_chain(const hf_seen_chain *chain, hf_sheet *out)
{
    tell_sent(chain, out);
    hf_sheet_put(out, ": ");
    hf_sheet list = { .error = HF_OK };
    tell_certificates(chain, chain->n, SUBJECT, false, &list);
    hf_sheet_put(out, list.text ? list.text : "none that can be read");
    hf_sheet_free(&list);
}

static void tell_of_chain(const hf_seen_chain *chain, const hf_finding *f, hf_sheet *out)
{
    if (is_of(f, HF_CHECK_cert_intermediate))
        tell_missing(chain, out);
    else if (is_of(f, HF_CHECK_cert_days_left))
        tell_times(chain, false, out);
    else if (is_of(f, HF_CHECK_cert_share_left) || is_of(f, HF_CHECK_cert_lifetime) ||
             is_of(f, HF_CHECK_cert_time))
        tell_times(chain, true, out);
    else if (is_of(f, HF_CHECK_rsa_bits))
        tell_certificates(chain, chain->n, KEY, true, out);
    else if (is_of(f, HF_CHECK_cert_curves))
        tell_certificates(chain, 1, KEY, false, out);
    else if (is_of(f, HF_CHECK_cert_signature))
        tell_certificates(chain, 1, SIGNATURE, false, out);
    else if (is_of(f, HF_CHECK_cert_hash))
        tell_certificates(chain, chain->n, SIGNATURE, false, out);
    else if (is_of(f, HF_CHECK_cert_name))
        hf_sheet_add(out, "subjectAltName: %s", *chain->sans ? chain->sans : "none");
    else if (is_of(f, HF_CHECK_cert_responder))
        hf_sheet_put(out, "no OCSP responder in the certificate's authorityInfoAccess");
    else if (is_of(f, HF_CHECK_staple) || is_of(f, HF_CHECK_must_staple))
        hf_sheet_put(out, "the certificate came, and no OCSP response with it");
    else if (is_of(f, HF_CHECK_staple_good))
        hf_sheet_put(out, chain->staple_words);
    else
        tell_chain(chain, out);
}

char *hf_finding_shown(const hf_seen *seen, const hf_finding *finding, char text[HF_SHOWN_ROOM])
{
    const hf_seen_chain *chain = chain_of(seen, finding);
    hf_sheet out = { .error = HF_OK };
    bool groups = is_of(finding, HF_CHECK_groups_only) || is_of(finding, HF_CHECK_groups_refused);
    bool schemes =
        is_of(finding, HF_CHECK_schemes_only) || is_of(finding, HF_CHECK_schemes_refused);

    if (groups || schemes)
        tell_code(seen, finding, groups, &out);
    else if (is_of(finding, HF_CHECK_hybrid))
        tell_groups(seen, &out);
    else if (chain)
        tell_of_chain(chain, finding, &out);
    snprintf(text, HF_SHOWN_ROOM, "%s", out.text ? out.text : "");
    hf_sheet_free(&out);
    return text;
}
