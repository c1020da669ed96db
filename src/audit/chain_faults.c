/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The validator's verdict, and what else is wrong. The engine stops at the first rule that is broken; who has to mend a certificate
 * wants to hear of all. So the question is asked again with what was broken left aside (another time, no name, the unknown root
 * trusted), until the answer is yes, or nothing more can be left aside.
 */
#include <stdarg.h>
#include <stdio.h>

#include "audit/chain_judge.h"
#include "policy/policy.h"
#include "policy/verify_told.h"
#include "x509/revocation.h"

enum { SUBJECT_ROOM = 96 };

typedef struct question {
    hf_verify_options options;
    hf_policy policy;  /* options.policy, with rules left out */
    hf_trust *relaxed; /* owned; NULL: the setup's store is asked */
    const hf_chain_shape *shape;
    bool undated;
} question;

/* ---- the paths that were tried ---- */

typedef struct told {
    hf_seen_chain *chain;
    size_t len;
    unsigned n;
} told;

static void HF_PRINTF(2, 3) append(told *t, const char *format, ...)
{
    size_t room = sizeof t->chain->why - t->len;
    va_list args;

    va_start(args, format);
    int n = vsnprintf(t->chain->why + t->len, room, format, args);
    va_end(args);
    if (n > 0)
        t->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void subject_of(hf_span der, char out[SUBJECT_ROOM])
{
    hf_cert cert;

    snprintf(out, SUBJECT_ROOM, "(cannot be read)");
    if (hf_cert_parse(&cert, der, NULL) != HF_OK)
        return;
    hf_name_text(cert.subject, out, SUBJECT_ROOM);
    if (!*out)
        snprintf(out, SUBJECT_ROOM, "(empty subject)");
}

/* "path 1: CN=localhost <- CN=intermediate <- CN=root: good" */
static void tell_path(void *user, const hf_verify_result *r)
{
    told *t = user;
    char subject[SUBJECT_ROOM];

    if (++t->n > HF_SEEN_ATTEMPTS)
        return;
    append(t, "path %u:", t->n);
    for (size_t i = 0; i < r->depth; i++) {
        subject_of(r->path[i], subject);
        append(t, "%s %s", i > 0 ? " <-" : "", subject);
    }
    if (r->error == HF_OK)
        append(t, ": good\n");
    else
        append(t, ": %s%s%s (%s)\n", hf_error_row_of(r->error)->sentence, *r->detail ? ": " : "",
               r->detail, hf_error_row_of(r->error)->source);
}

static void tell_verdict(told *t, const hf_verify_result *r)
{
    if (t->n > HF_SEEN_ATTEMPTS)
        append(t, "%u more paths were tried\n", t->n - HF_SEEN_ATTEMPTS);
    if (r->error != HF_OK)
        append(t, "verdict: %s%s%s (%s)\n", hf_error_row_of(r->error)->sentence,
               *r->detail ? ": " : "", r->detail, hf_error_row_of(r->error)->source);
    else if (*r->detail)
        append(t, "remark: %s\n", r->detail);
}

/* The first fault is the verdict's own. */
static void tell_others(told *t)
{
    for (size_t i = 1; i < t->chain->n_faults; i++) {
        const hf_chain_fault *f = &t->chain->faults[i];
        append(t, "beside that: %s%s%s (%s)\n", hf_error_row_of(f->error)->sentence,
               *f->detail ? ": " : "", f->detail, hf_error_row_of(f->error)->source);
    }
}

/* ---- leaving aside ---- */

/* All dates are left aside at once: at another time other certificates would be out of date that are good today. */
static bool drop_time(question *q)
{
    bool had = !q->undated;

    q->undated = true;
    return had;
}

/* The profile stays what it was, though the store is now one of our own. */
static bool trust_top(question *q, const hf_seen_chain *chain)
{
    if (q->relaxed || !(q->relaxed = hf_trust_new()))
        return false;
    q->policy.profile = hf_profile_in_force(&q->policy, q->options.trust);
    q->options.trust = q->relaxed;
    return hf_trust_add_der(q->relaxed, chain->der[q->shape->top]) == HF_OK;
}

static bool drop_name(question *q)
{
    bool had = q->options.name != NULL;

    q->options.name = NULL;
    return had;
}

/* What only the rules of public CAs forbid; what is forbidden to everybody is found again, and ends it. */
static bool drop_profile(question *q)
{
    bool had = hf_profile_in_force(&q->policy, q->options.trust) != HF_PROFILE_PRIVATE;

    q->policy.profile = HF_PROFILE_PRIVATE;
    return had;
}

static bool drop_status(question *q)
{
    bool had = q->options.staple.len > 0 || q->policy.revocation != HF_REVOCATION_SOFT;

    q->options.staple = (hf_span){ NULL, 0 };
    q->policy.revocation = HF_REVOCATION_SOFT;
    return had;
}

static bool drop_bits(question *q)
{
    bool had = q->policy.rsa_min_bits > 0;

    q->policy.rsa_min_bits = 0;
    return had;
}

static bool drop_lifetime(question *q)
{
    bool had = q->policy.leaf_max_days > 0;

    q->policy.leaf_max_days = 0;
    return had || drop_profile(q);
}

/* False: it cannot be left aside. */
static bool leave_aside(question *q, const hf_seen_chain *chain, const hf_verify_result *r)
{
    switch (r->error) {
    case HF_E_CERT_EXPIRED:
    case HF_E_CERT_NOT_YET_VALID: return drop_time(q);
    case HF_E_CERT_NAME: return drop_name(q);
    case HF_E_CERT_SIGNATURE: /* perhaps of a trusted one of the same name */
    case HF_E_CERT_UNKNOWN_CA:
    case HF_E_CERT_SELF_SIGNED: return trust_top(q, chain);
    case HF_E_CERT_REVOKED:
    case HF_E_CERT_STATUS_UNKNOWN: return drop_status(q);
    case HF_E_CERT_KEY_WEAK: return drop_bits(q);
    case HF_E_CERT_LIFETIME: return drop_lifetime(q);
    default: return drop_profile(q);
    }
}

/* The same again, found by another way, is no news; two certificates may well both be expired. */
static bool is_news(const hf_seen_chain *chain, const hf_verify_result *r)
{
    for (size_t i = 0; i < chain->n_faults; i++)
        if (chain->faults[i].error == r->error && chain->faults[i].at == r->at)
            return false;
    return true;
}

/* Trouble of ours is no fault of the chain. */
static bool keep_fault(hf_seen_chain *chain, const hf_verify_result *r)
{
    if (chain->n_faults == HF_SEEN_FAULTS || r->error == HF_E_NO_MEMORY || r->error == HF_E_CRYPTO)
        return false;
    if (!is_news(chain, r))
        return true;
    hf_chain_fault *fault = &chain->faults[chain->n_faults++];
    *fault = (hf_chain_fault){ .error = r->error, .at = r->at };
    memcpy(fault->detail, r->detail, sizeof fault->detail);
    return true;
}

/* The validator stops at the first certificate that is out of date, or before; those above the leaf have dates of their own. */
static void add_dates(question *q, hf_seen_chain *chain)
{
    for (size_t i = 1; i < chain->n; i++) {
        const hf_cert *cert = &q->shape->cert[i];
        bool over = cert->not_after<q->options.time, early = cert->not_before> q->options.time;
        hf_verify_result r = { .error = over ? HF_E_CERT_EXPIRED : HF_E_CERT_NOT_YET_VALID,
                               .at = i };
        char date[24];
        if (!q->shape->reached[i] || cert->self_issued || !(over || early))
            continue;
        hf_time_text(over ? cert->not_after : cert->not_before, date);
        snprintf(r.detail, sizeof r.detail, "not %s %s", over ? "after" : "before", date);
        keep_fault(chain, &r);
    }
}

/* ---- the whole ---- */

static question ask(const hf_seen_chain *chain, const hf_chain_shape *shape,
                    const hf_audit_setup *setup)
{
    return (question){ .policy = *setup->policy,
                       .shape = shape,
                       .options = { .trust = setup->trust,
                                    .name = setup->name,
                                    .time = setup->now,
                                    .staple = chain->staple,
                                    .hooks = setup->hooks } };
}

/* Revocation is looked at last, on a path with which all else is in order. */
static bool is_of_status(hf_error error)
{
    return error == HF_E_CERT_REVOKED || error == HF_E_CERT_STAPLE_MISSING ||
           error == HF_E_CERT_STATUS_UNKNOWN;
}

/* A CRL is asked once everything else is in order; the staple is judged on its own. */
static void verify(const question *q, hf_seen_chain *chain, hf_verify_result *r)
{
    hf_leaf_known known = { 0 };

    hf_verify_chain_told(chain->der, chain->n, &q->options, NULL, &known, r);
    chain->status_good |= known.leaf == HF_STATUS_GOOD;
}

/* The words are without the staple's: a revoked leaf is told of once. */
static void find_more(question *q, hf_seen_chain *chain, hf_verify_result *r)
{
    enum { ROUNDS = 2 * HF_SEEN_FAULTS };

    q->options.tried = NULL;
    for (int i = 0; i < ROUNDS && r->error != HF_OK; i++) {
        if (!keep_fault(chain, r) || !leave_aside(q, chain, r))
            break;
        if (q->undated)
            hf_verify_chain_undated(chain->der, chain->n, &q->options, r);
        else
            verify(q, chain, r);
    }
    chain->settled = r->error == HF_OK || is_of_status(r->error);
}

static void tell_first(hf_seen_chain *chain, const hf_verify_result *r)
{
    chain->verdict = r->error;
    chain->path_len = r->error == HF_OK ? r->depth : 0;
    memcpy(chain->detail, r->detail, sizeof chain->detail);
}

void hf_chain_tell_faults(hf_seen_chain *chain, const hf_chain_shape *shape,
                          const hf_audit_setup *setup)
{
    question q = ask(chain, shape, setup);
    told t = { .chain = chain };
    hf_verify_result result;

    q.options.policy = &q.policy;
    q.options.tried = tell_path;
    q.options.user = &t;
    verify(&q, chain, &result);
    tell_verdict(&t, &result);
    tell_first(chain, &result);
    find_more(&q, chain, &result);
    if (q.undated || !chain->settled)
        add_dates(&q, chain);
    tell_others(&t);
    hf_trust_free(q.relaxed);
    chain->name_matches =
        chain->parsed && setup->name && hf_cert_matches(&chain->leaf, setup->name);
}
