/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Is a chain valid? Each reason has a check and words of its own, beside what the validator said first. */
#include "audit/checks.h"
#include "audit/whole.h"

#include <stdio.h>

/* ---- which chain ---- */

static const char *key_name(const hf_seen_chain *chain)
{
    if (!chain->parsed)
        return "unreadable";
    switch (chain->leaf.key.type) {
    case HF_KEY_RSA: return "rsa";
    case HF_KEY_RSA_PSS: return "rsa-pss";
    case HF_KEY_P256: return "p256";
    case HF_KEY_P384: return "p384";
    case HF_KEY_P521: return "p521";
    case HF_KEY_ED25519: return "ed25519";
    default: return "other";
    }
}

/* Several with one kind of key are counted, in the order in which they were seen. */
char *hf_chain_key(const hf_seen *seen, size_t i, char key[HF_CHAIN_KEY])
{
    const char *name = key_name(&seen->chains[i]);
    unsigned before = 0;

    for (size_t k = 0; k < i; k++)
        before += strcmp(key_name(&seen->chains[k]), name) == 0;
    if (before > 0)
        snprintf(key, HF_CHAIN_KEY, "%s-%u", name, before + 1);
    else
        snprintf(key, HF_CHAIN_KEY, "%s", name);
    return key;
}

/* What holds for those that were seen may not hold for another one. */
static void need_all(hf_case *c)
{
    char why[HF_CHAINS_WHY];

    if (!hf_chains_whole(c->seen, why))
        hf_case_unseen(c, "%s", why);
    else if (!hf_chains_certain(c->seen))
        hf_case_partial(c, "whether versions are spoken is not known of all");
}

void hf_each_chain(hf_case *c, hf_chain_look *look)
{
    char key[HF_CHAIN_KEY];

    for (size_t i = 0; i < c->seen->n_chains; i++)
        look(c, &c->seen->chains[i], hf_chain_key(c->seen, i, key));
    need_all(c);
}

void hf_each_leaf(hf_case *c, hf_chain_look *look)
{
    char key[HF_CHAIN_KEY];

    for (size_t i = 0; i < c->seen->n_chains; i++) {
        hf_chain_key(c->seen, i, key);
        if (c->seen->chains[i].parsed)
            look(c, &c->seen->chains[i], key);
        else
            hf_case_unseen(c, "the certificate (%s) cannot be read", key);
    }
    need_all(c);
}

static bool readable(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (!chain->parsed)
        hf_case_unseen(c, "the certificate (%s) cannot be read", key);
    return chain->parsed;
}

/* What is wrong with the chain, by kind: the verdict, or what stands behind it. NULL: not that. */
static const char *fault(const hf_seen_chain *chain, hf_error error)
{
    for (size_t i = 0; i < chain->n_faults; i++)
        if (chain->faults[i].error == error)
            return chain->faults[i].detail;
    return chain->verdict == error ? chain->detail : NULL;
}

static bool judged(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (!chain->judged)
        hf_case_unseen(c, "the chain (%s) was not judged", key);
    return chain->judged;
}

void hf_all_sent(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (!judged(c, chain, key) || chain->verdict == HF_OK)
        return;
    if (*chain->missing_issuer)
        hf_case_unseen(c, "%.70s, the issuer in the chain (%s), was not sent and is not trusted",
                       chain->missing_issuer, key);
    else if (chain->more)
        hf_case_unseen(c, "the chain (%s) is longer than what is kept of it", key);
}

/* All of it was sent, and looked at by the validator. */
static void all_seen(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    hf_all_sent(c, chain, key);
    if (chain->judged && chain->verdict != HF_OK && !chain->settled)
        hf_case_unseen(c, "the validator went no further with the chain (%s): %.90s", key,
                       hf_error_row_of(chain->verdict)->sentence);
}

/* ---- time ---- */

static void tell_above(hf_case *c, const hf_seen_chain *chain, const char *key, hf_error error)
{
    const char *detail = fault(chain, error);

    hf_case_found(c, key, chain->evidence, "above the server's certificate (%s) %s%s%.120s", key,
                  hf_error_row_of(error)->sentence, *detail ? ": " : "", detail);
}

static void look_at_time(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    char when[24];

    if (!readable(c, chain, key))
        return;
    if (chain->leaf.not_after < c->now) {
        hf_time_text(chain->leaf.not_after, when);
        hf_case_found(c, key, chain->evidence, "the certificate (%s) expired on %s", key, when);
    } else if (chain->leaf.not_before > c->now) {
        hf_time_text(chain->leaf.not_before, when);
        hf_case_found(c, key, chain->evidence, "the certificate (%s) is not valid before %s", key,
                      when);
    } else if (fault(chain, HF_E_CERT_EXPIRED)) {
        tell_above(c, chain, key, HF_E_CERT_EXPIRED);
    } else if (fault(chain, HF_E_CERT_NOT_YET_VALID)) {
        tell_above(c, chain, key, HF_E_CERT_NOT_YET_VALID);
    } else {
        hf_all_sent(c, chain, key);
    }
}

void hf_check_cert_time(hf_case *c)
{
    hf_each_chain(c, look_at_time);
}

/* ---- name ---- */

static void look_at_name(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (readable(c, chain, key) && judged(c, chain, key) && !chain->name_matches)
        hf_case_found(c, key, chain->evidence,
                      "the certificate (%s) is not for %.80s but for %.200s", key,
                      c->seen->name[0] ? c->seen->name : c->seen->host,
                      chain->sans[0] ? chain->sans : "no name at all");
}

void hf_check_cert_name(hf_case *c)
{
    hf_each_chain(c, look_at_name);
}

/* ---- trust ---- */

static void ends_early(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (chain->missing_intermediate)
        hf_case_unseen(c, "where the chain (%s) ends is not known: its issuer %.70s was not sent",
                       key, chain->missing_issuer);
    else
        hf_case_found(
            c, key, chain->evidence,
            "the chain (%s) ends at no trusted CA, for its issuer %.120s was neither sent "
            "nor is trusted: an intermediate is missing, or this is a CA of your own (--ca "
            "FILE)",
            key, chain->missing_issuer);
}

static void look_at_trust(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    const char *unknown = fault(chain, HF_E_CERT_UNKNOWN_CA);

    if (!judged(c, chain, key))
        return;
    if (fault(chain, HF_E_CERT_SELF_SIGNED))
        hf_case_found(c, key, chain->evidence,
                      "the certificate (%s) is self-signed and is not among the trusted ones", key);
    else if (*chain->missing_issuer)
        ends_early(c, chain, key);
    else if (unknown)
        hf_case_found(c, key, chain->evidence, "the chain (%s) ends at no trusted CA%s%.120s", key,
                      *unknown ? ": " : "", unknown);
    else if (fault(chain, HF_E_CERT_SIGNATURE))
        hf_case_unseen(c, "a signature of the chain (%s) is wrong, so that it leads nowhere", key);
    else
        all_seen(c, chain, key);
}

void hf_check_cert_trust(hf_case *c)
{
    hf_each_chain(c, look_at_trust);
}

static void look_at_intermediate(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (judged(c, chain, key) && chain->missing_intermediate)
        hf_case_found(c, key, chain->evidence,
                      "an intermediate certificate is missing (%s), %.120s: clients that do not "
                      "happen to know it cannot connect",
                      key, chain->missing_issuer);
    else
        hf_all_sent(c, chain, key);
}

void hf_check_cert_intermediate(hf_case *c)
{
    hf_each_chain(c, look_at_intermediate);
}

static void look_at_revocation(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    const char *revoked = fault(chain, HF_E_CERT_REVOKED);

    if (!judged(c, chain, key))
        return;
    if (revoked)
        hf_case_found(c, key, chain->evidence, "the chain (%s) holds a revoked certificate%s%.120s",
                      key, *revoked ? ": " : "", revoked);
    else if (!chain->status_good && chain->staple.len > 0)
        hf_case_unseen(c, "the staple (%s) does not tell, and no CRL that does was given", key);
    else if (!chain->status_good)
        hf_case_unseen(c, "no CRL that tells was given and no staple came (%s); nothing is fetched",
                       key);
    else
        all_seen(c, chain, key);
}

void hf_check_cert_revoked(hf_case *c)
{
    hf_each_chain(c, look_at_revocation);
}

/* ---- the rest of what the validator refuses ---- */

/* What checks of their own tell of. */
static bool has_own_check(hf_error verdict)
{
    static const hf_error own[] = { HF_E_CERT_EXPIRED,       HF_E_CERT_NOT_YET_VALID,
                                    HF_E_CERT_NAME,          HF_E_CERT_UNKNOWN_CA,
                                    HF_E_CERT_REVOKED,       HF_E_CERT_SELF_SIGNED,
                                    HF_E_CERT_KEY_WEAK,      HF_E_CERT_SIGALG_BROKEN,
                                    HF_E_CERT_STAPLE_MISSING };

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (verdict == own[i])
            return true;
    return false;
}

/* The first that has no check of its own. */
static const hf_chain_fault *unsound(const hf_seen_chain *chain)
{
    for (size_t i = 1; i < chain->n_faults; i++)
        if (!has_own_check(chain->faults[i].error))
            return &chain->faults[i];
    return NULL;
}

/* RFC 9846 4.5.1.2 and RFC 5246 7.4.2 want version 3: the older ones have no place for what a client has to know. */
static void tell_version(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    c->source = "RFC 9846 4.5.1.2";
    hf_case_found(c, key, chain->evidence,
                  "the server's certificate (%s) is one of X.509 version %d: it has no extensions, "
                  "and so no names, and nothing that says what it is for; version 3 is asked for, "
                  "and clients refuse others",
                  key, chain->leaf.version);
    c->source = NULL;
}

/* The section is that of what is wrong: the rule is of RFC 5280 as a whole, and some of what it finds is the CA/Browser Forum's. */
static void tell_unsound(hf_case *c, const hf_seen_chain *chain, const char *key, hf_error error,
                         const char *detail)
{
    const hf_error_row *row = hf_error_row_of(error);

    c->source = row->source;
    hf_case_found(c, key, chain->evidence, "the chain (%s) is refused: %s%s%.120s", key,
                  row->sentence, *detail ? ": " : "", detail);
    c->source = NULL;
}

static void look_at_soundness(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    hf_error verdict = chain->parsed ? chain->verdict : chain->parse_error;

    if (chain->parsed && !judged(c, chain, key))
        return;
    if (chain->parsed && chain->parse_error == HF_E_CERT_VERSION)
        tell_version(c, chain, key);
    else if (verdict != HF_OK && !has_own_check(verdict))
        tell_unsound(c, chain, key, verdict, chain->detail);
    else if (chain->parsed && unsound(chain))
        tell_unsound(c, chain, key, unsound(chain)->error, unsound(chain)->detail);
    else
        all_seen(c, chain, key);
}

void hf_check_cert_sound(hf_case *c)
{
    hf_each_chain(c, look_at_soundness);
}
