/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Weaknesses with a name that follow from what is spoken: no further question is asked of the server. */
#include "audit/checks.h"

#include <stdio.h>

#include "explain/names.h"

enum { SSL3 = 1u << HF_V_SSL3, TLS10 = 1u << HF_V_TLS10, LOGJAM_BITS = 1024 };

static void unseen_version(hf_case *c, hf_seen_version_id v)
{
    hf_case_unseen(c, "whether %s is spoken is not known: %s", hf_seen_version_name(v),
                   c->seen->v[v].why[0] ? c->seen->v[v].why : "it was not asked");
}

void hf_check_drown(hf_case *c)
{
    const hf_seen_version *v = &c->seen->v[HF_V_SSL2];

    if (v->spoken == HF_PRESENT)
        hf_case_found(c, "", v->evidence,
                      "SSL 2.0 is spoken: with its help, connections of TLS that used RSA key "
                      "transport with the same key can be read");
    else if (v->spoken == HF_UNKNOWN)
        unseen_version(c, HF_V_SSL2);
}

/* A version that must not have suites of that kind. */
static void version_with(hf_case *c, hf_seen_version_id v, uint32_t classes, const char *words)
{
    const hf_seen_version *of = &c->seen->v[v];

    if (of->spoken == HF_UNKNOWN)
        unseen_version(c, v);
    if (of->spoken != HF_PRESENT)
        return;
    if (hf_speaks_suite_of(c->seen, 1u << v, classes))
        hf_case_found(c, "", of->evidence, "%s", words);
    else if (!of->suites_whole)
        hf_case_unseen(c, "the list of suites of %s is not whole", hf_seen_version_name(v));
}

void hf_check_poodle(hf_case *c)
{
    version_with(c, HF_V_SSL3, HF_CLASS_CBC,
                 "SSL 3.0 is spoken with CBC, whose padding nothing protects: who stands in "
                 "between reads cookies byte by byte");
}

void hf_check_beast(hf_case *c)
{
    version_with(c, HF_V_TLS10, HF_CLASS_CBC,
                 "TLS 1.0 is spoken with CBC, whose initialisation vectors are known beforehand; "
                 "clients of today work around it");
}

/* ---- one finding for all suites of a kind ---- */

typedef struct kind {
    uint32_t all; /* bits that it must have, all of them */
    size_t n, evidence;
    uint16_t first;
} kind;

static void count_kind(void *user, uint16_t suite, unsigned versions, size_t evidence)
{
    kind *k = user;

    (void)versions;
    if ((hf_classes_of(suite) & k->all) != k->all)
        return;
    if (k->n++ == 0) {
        k->first = suite;
        k->evidence = evidence;
    }
}

static void tell_kind(hf_case *c, uint32_t all, const char *words)
{
    kind k = { .all = all };
    char name[HF_NAME_ROOM], more[32] = "";

    hf_each_suite(c->seen, ~0u, count_kind, &k);
    if (k.n > 1)
        snprintf(more, sizeof more, " and %zu more", k.n - 1);
    if (k.n > 0)
        hf_case_found(c, "", k.evidence, "%s: %s%s", words,
                      hf_code_text(HF_NAMES_SUITES, k.first, name), more);
    hf_case_needs_suites(c, ~0u);
}

void hf_check_sweet32(hf_case *c)
{
    tell_kind(c, HF_CLASS_BLOCK64,
              "after some dozens of gigabytes of one connection, blocks of 64 bits give plaintext "
              "away");
}

void hf_check_freak(hf_case *c)
{
    tell_kind(c, HF_CLASS_EXPORT | HF_CLASS_RSA_KX,
              "the key exchange can be brought down to RSA keys of 512 bits, which are factored in "
              "hours");
}

void hf_check_lucky13(hf_case *c)
{
    const hf_trait *etm = &c->seen->traits[HF_TRAIT_encrypt_then_mac];

    if (etm->state == HF_UNKNOWN)
        hf_case_unknown(c, etm);
    if (etm->state != HF_ABSENT)
        return;
    tell_kind(c, HF_CLASS_CBC,
              "with CBC, how long the server takes may tell about the plaintext, unless its code "
              "is careful, which cannot be seen from here");
}

/* ---- Diffie-Hellman over finite fields ---- */

/* True if there are parameters to look at. */
static bool see_dh(hf_case *c)
{
    if (c->seen->n_dh > 0)
        return true;
    if (hf_speaks_suite_of(c->seen, ~(1u << HF_V_TLS13), HF_CLASS_DHE))
        hf_case_unseen(c, "suites with DHE are spoken, but no parameters were seen");
    else if (!hf_suites_whole(c->seen, ~(1u << HF_V_TLS13)))
        hf_case_unseen(c, "the lists of suites are not whole");
    else
        hf_case_idle(c, "no suite with DHE is spoken");
    return false;
}

/* Of the size and where from: the version belongs to it, for a server may have parameters for each. */
static char *dh_key(const hf_seen_dh *dh, char key[32])
{
    snprintf(key, 32, "dh-%u%s", dh->bits, dh->export_grade ? "-export" : "");
    return key;
}

/* Parameters that were told of already, as seen with another version. */
static bool is_again(const hf_seen *seen, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (seen->dh[k].bits == seen->dh[i].bits && seen->dh[k].name == seen->dh[i].name &&
            seen->dh[k].export_grade == seen->dh[i].export_grade)
            return true;
    return false;
}

void hf_check_dh_bits(hf_case *c)
{
    char key[32];

    if (!see_dh(c))
        return;
    for (size_t i = 0; i < c->seen->n_dh; i++) {
        const hf_seen_dh *dh = &c->seen->dh[i];
        if (dh->bits < c->number && !is_again(c->seen, i))
            hf_case_found(c, dh_key(dh, key), dh->evidence,
                          "Diffie-Hellman parameters have %u bits; at least %u are asked for",
                          dh->bits, (unsigned)c->number);
    }
}

void hf_check_dh_common(hf_case *c)
{
    char key[32];

    if (!see_dh(c))
        return;
    for (size_t i = 0; i < c->seen->n_dh; i++) {
        const hf_seen_dh *dh = &c->seen->dh[i];
        if (dh->name && dh->bits <= c->number && !is_again(c->seen, i))
            hf_case_found(c, dh_key(dh, key), dh->evidence,
                          "the prime is %s: many servers have it, so that one great effort breaks "
                          "all of them",
                          dh->name);
    }
}

void hf_check_logjam(hf_case *c)
{
    char key[32];

    if (!see_dh(c))
        return;
    for (size_t i = 0; i < c->seen->n_dh; i++) {
        const hf_seen_dh *dh = &c->seen->dh[i];
        if (is_again(c->seen, i))
            continue;
        if (dh->export_grade || dh->bits < LOGJAM_BITS)
            hf_case_found(c, dh_key(dh, key), dh->evidence,
                          "Diffie-Hellman with %u bits%s is broken within minutes", dh->bits,
                          dh->export_grade ? " (export)" : "");
        else if (dh->bits == LOGJAM_BITS && dh->name)
            hf_case_found(c, dh_key(dh, key), dh->evidence,
                          "Diffie-Hellman with %s is within reach of a state", dh->name);
    }
}
