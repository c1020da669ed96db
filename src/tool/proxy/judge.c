/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A pair as a whole: chain, key, what the policy makes of them, and the staple that goes along. */
#include "tool/proxy/judge.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "policy/policy.h"
#include "tool/text.h"
#include "x509/ocsp.h"

/* ---- words ---- */

bool hf_pair_bad(hf_pair *pair, const char *path, const char *todo, const char *format, ...)
{
    int n = snprintf(pair->why, sizeof pair->why, "%.250s: ", path);
    va_list args;

    va_start(args, format);
    vsnprintf(pair->why + n, sizeof pair->why - (size_t)n, format, args);
    va_end(args);
    snprintf(pair->todo, sizeof pair->todo, "%s", todo ? todo : "");
    return false;
}

void hf_pair_warn(const hf_pair_case *c, const char *format, ...)
{
    char line[HF_LOAD_WHY];
    va_list args;

    if (!c->warn)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    c->warn(c->user, line);
}

const char *hf_todo_of(hf_error e)
{
    switch (e) {
    case HF_E_CERT_KEY_WEAK:
    case HF_E_CERT_KEY_LARGE:
        return "have a certificate issued for a new key: ECDSA P-256, or RSA of 3072 bits";
    case HF_E_CERT_SIGALG_BROKEN: return "have it issued again, with SHA-256";
    case HF_E_CERT_PURPOSE:
    case HF_E_CERT_PURPOSE_OPEN: return "have one issued for this purpose";
    case HF_E_CERT_USAGE:
        return "have one issued whose keyUsage has digitalSignature, or none at all";
    case HF_E_CERT_KEY_UNSUPPORTED: return "use ECDSA P-256 or P-384, Ed25519, or RSA";
    default: return "have it issued again; handfast cert inspect FILE shows all of it";
    }
}

void hf_leaf_name(const hf_cert *leaf, char *out, size_t room)
{
    hf_span rest = leaf->san, name;
    hf_san_kind kind;

    while (hf_san_next(&rest, &kind, &name))
        if (kind == HF_SAN_DNS && name.len < room) {
            memcpy(out, name.data, name.len);
            out[name.len] = '\0';
            return;
        }
    hf_name_text(leaf->subject, out, room);
    if (!*out)
        snprintf(out, room, "nobody");
}

/* ---- names ---- */

static bool equal_text(hf_span a, const char *b)
{
    return hf_span_equal_text(a, hf_span_str(b));
}

/* For a wildcard the certificate needs the same one. */
bool hf_leaf_covers(const hf_cert *leaf, const char *name)
{
    hf_span rest = leaf->san, san;
    hf_san_kind kind;

    if (name[0] != '*')
        return hf_cert_matches(leaf, name);
    while (hf_san_next(&rest, &kind, &san))
        if (kind == HF_SAN_DNS && equal_text(san, name))
            return true;
    return false;
}

/* "www.a.test" is one of "*.a.test". */
static bool is_below(hf_span san, const char *wildcard)
{
    const uint8_t *dot = san.len > 0 ? memchr(san.data, '.', san.len) : NULL;

    return dot && dot > san.data &&
           equal_text(hf_span_of(dot, san.len - (size_t)(dot - san.data)), wildcard + 1);
}

bool hf_leaf_touches(const hf_cert *leaf, const char *name)
{
    hf_span rest = leaf->san, san;
    hf_san_kind kind;

    if (hf_leaf_covers(leaf, name))
        return true;
    while (name[0] == '*' && hf_san_next(&rest, &kind, &san))
        if (kind == HF_SAN_DNS && is_below(san, name))
            return true;
    return false;
}

/* ---- as it will be shown ---- */

static bool write_chain(hf_pair *pair)
{
    hf_text text = hf_text_new((size_t)1 << 24);
    uint8_t *pem = NULL;
    size_t len;

    for (size_t i = 0; i < pair->n && !text.full; i++) {
        if (hf_pem_write("CERTIFICATE", pair->certs[i].der, &pem, &len) != HF_OK)
            text.full = true;
        else
            hf_text_add(&text, pem, len);
        hf_free(pem);
        pem = NULL;
    }
    bool good = !text.full && text.len > 0;
    pair->chain = good ? hf_copy(hf_span_of(text.data, text.len)) : NULL;
    pair->chain_len = pair->chain ? text.len : 0;
    hf_text_free(&text);
    return pair->chain != NULL;
}

/* A config of that policy must take it. */
static hf_error try_out(const hf_pair_case *c, hf_identity *identity)
{
    hf_config *config = hf_config_new(HF_SERVER, c->policy);
    hf_error e = config ? hf_config_add_identity(config, identity) : HF_E_NO_MEMORY;

    if (e == HF_OK)
        e = hf_config_seal(config);
    hf_config_free(config);
    return e;
}

/* ---- the staple ---- */

static void read_staple_times(const hf_pair_case *c, hf_pair *pair, hf_span der)
{
    hf_fault fault = { .code = HF_OK };
    hf_ocsp_single single;
    hf_ocsp ocsp;

    if (hf_ocsp_parse(&ocsp, der, &fault) != HF_OK)
        return;
    hf_reader responses = hf_rd_start(ocsp.responses, "responses", 0, &fault, NULL);
    if (!hf_ocsp_next(&responses, &single))
        return;
    pair->staple_from = single.this_update;
    pair->staple_until = single.next_update;
    if (single.status == HF_STATUS_REVOKED)
        hf_pair_warn(c, "%s: it says that the certificate in %s is revoked", c->staple.path,
                     c->chain.path);
}

/* A staple that cannot be used is left out: clients go on without. */
static void take_staple(const hf_pair_case *c, hf_pair *pair, hf_identity *identity)
{
    const hf_careful *f = c->staple.file;

    if (pair->certs[0].must_staple && !c->staple.path)
        hf_pair_warn(c,
                     "%s: the certificate demands a staple, and none is configured: clients "
                     "that look at this refuse it",
                     c->chain.path);
    if (!c->staple.path)
        return;
    if (!f->bytes) {
        hf_pair_warn(c, "%s: %s: no OCSP response is sent", c->staple.path, f->why);
        return;
    }
    hf_span der = hf_span_of(f->bytes, f->len);
    hf_error e = hf_identity_staple(identity, der, c->now);
    read_staple_times(c, pair, der);
    if (e == HF_OK)
        pair->staple = der;
    else
        hf_pair_warn(c, "%s: %s: it is not sent", c->staple.path, hf_error_row_of(e)->sentence);
}

/* ---- all of it ---- */

static bool refuse_policy(const hf_pair_case *c, hf_pair *pair, hf_error e)
{
    if (e == HF_E_CONFIG_POLICY)
        return hf_pair_bad(pair, c->chain.path, "use a key of another kind, or another policy",
                           "the policy %s has no signature that this kind of key can make",
                           c->policy->name);
    return hf_pair_bad(pair, c->chain.path, hf_todo_of(e), "%s", hf_error_row_of(e)->sentence);
}

bool hf_judge_pair(const hf_pair_case *c, hf_pair *pair)
{
    hf_identity *identity = NULL;

    memset(pair, 0, sizeof *pair);
    if (!hf_judge_chain(c, pair) || !hf_judge_key(c, pair))
        return false;
    if (!write_chain(pair))
        return hf_pair_bad(pair, c->chain.path, "give the machine more memory",
                           "there is no memory");
    hf_error e = hf_identity_from_pem(&identity, hf_span_of(pair->chain, pair->chain_len),
                                      hf_span_of(pair->key, pair->key_len), NULL);
    if (e == HF_OK && (e = try_out(c, identity)) == HF_OK)
        take_staple(c, pair, identity);
    hf_identity_free(identity);
    return e == HF_OK || refuse_policy(c, pair, e);
}

void hf_pair_free(hf_pair *pair)
{
    for (size_t i = 0; i < pair->n; i++)
        hf_free(pair->der[i]);
    hf_free(pair->chain);
    hf_free_secret(pair->key, pair->key_len);
    memset(pair, 0, sizeof *pair);
}
