/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Diffie-Hellman parameters (Logjam, CVE-2015-4000): for each version up to TLS 1.2 that has suites with DHE, what prime a client gets that
 * names no group of its own, as old ones do; and once more for export suites, which have parameters of their own.
 */
#include "audit/inquiry.h"
#include "audit/primes.h"
#include "explain/names.h"

enum { EXPORT_BITS = 768 }; /* below it, whatever the suite is called */

typedef struct dh {
    int version; /* hf_seen_version_id + 1 of the one that was asked last, from TLS 1.2 downwards; 0: none yet */
    bool export_suites;
} dh;

static bool is_dhe(uint16_t suite, bool export_suites)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, suite);

    return name &&
           (strncmp(name, "TLS_DHE_RSA_", 12) == 0 || strncmp(name, "TLS_DHE_DSS_", 12) == 0 ||
            strncmp(name, "TLS_DH_anon_", 12) == 0) &&
           (strstr(name, "_EXPORT") != NULL) == export_suites;
}

static void dhe_of(const hf_codes *all, bool export_suites, hf_codes *out)
{
    out->n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (is_dhe(all->at[i], export_suites))
            hf_codes_add(out, all->at[i]);
}

/* The next version and kind with suites to ask for. */
static bool step(hf_inquiry *q, dh *s, hf_codes *suites)
{
    do {
        s->export_suites = s->version != 0 && !s->export_suites;
        if (!s->export_suites)
            s->version = s->version == 0 ? HF_V_TLS12 + 1 : s->version - 1;
        if (s->version <= HF_V_SSL3)
            return false;
        dhe_of(&q->seen->v[s->version - 1].suites, s->export_suites, suites);
    } while (suites->n == 0);
    return true;
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    dh *s = q->state;
    hf_crafted hello;
    hf_codes suites;

    if (!step(q, s, &suites))
        return false;
    hf_inquiry_open(q, hf_seen_version_code((hf_seen_version_id)(s->version - 1)), &hello);
    hello.suites = suites;
    hello.groups.n = 0; /* RFC 7919's would be named there, and chosen */
    return hf_inquiry_say(ask, &hello);
}

static void note(hf_inquiry *q, const hf_flight *flight, size_t evidence)
{
    const dh *s = q->state;
    hf_seen_dh *to = &q->seen->dh[q->seen->n_dh];

    if (q->seen->n_dh >= HF_SEEN_DH)
        return;
    q->seen->n_dh++;
    *to = (hf_seen_dh){ .bits = flight->dh_bits,
                        .name = hf_prime_name(flight->dh_p),
                        .version = flight->version,
                        .evidence = evidence,
                        .export_grade = s->export_suites || flight->dh_bits < EXPORT_BITS };
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    const hf_flight *flight = reply->flight;
    char name[HF_NAME_ROOM];

    if (!flight->hello || flight->dh_bits == 0)
        return;
    note(q, flight,
         hf_inquiry_evidence(q, reply, "%s: a prime of %u bits",
                             hf_code_text(HF_NAMES_SUITES, flight->suite, name), flight->dh_bits));
}

const hf_inquiry_row hf_inquiry_dh = {
    .name = "dh",
    .title = "Diffie-Hellman parameters",
    .phase = HF_PHASE_DETAILS,
    .state_size = sizeof(dh),
    .next = next,
    .got = got,
};
