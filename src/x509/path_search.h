/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The search for a path (RFC 4158): its state, and the one step that path.c starts. What comes
 * before and after it, and the words when it fails, are in path.c.
 */
#ifndef HF_X509_PATH_SEARCH_H
#define HF_X509_PATH_SEARCH_H

#include "x509/path_rules.h"
#include "x509/pool.h"

/* No path from here: go on searching. Never leaves path.c. */
#define HF_NO_PATH HF_E_CERT_UNKNOWN_CA

typedef struct hf_path_link {
    const hf_cert *cert;
    size_t at;             /* place in the peer's chain; n_chain for an anchor */
    const hf_cert *signer; /* tolerant: whose key made its signature, NULL: nobody's who is known */
} hf_path_link;

typedef struct hf_path_check {
    const hf_cert *cert, *issuer;
    bool good;
} hf_path_check;

typedef struct hf_defect {
    hf_error code; /* HF_OK: none */
    size_t at;
    char detail[HF_DETAIL_MAX];
} hf_defect;

typedef struct hf_path_search {
    const hf_path_query *query;
    hf_path_result *result; /* for path.c */
    hf_pool pool;
    hf_path_link path[HF_PATH_MAX];
    size_t depth;
    hf_path_check checks[HF_SIGNATURE_BUDGET]; /* every signature that was checked */
    size_t n_checks;
    unsigned units;        /* of HF_SIGNATURE_BUDGET that are left */
    unsigned status_units; /* of HF_STATUS_BUDGET, for CRLs and OCSP responses */
    hf_defect
        revoked[HF_PATH_MAX]; /* certificates that are known to be: in no path are they good */
    size_t n_revoked;
    unsigned names;        /* of HF_NAME_BUDGET */
    unsigned steps;        /* candidates that may still be looked at */
    bool tolerant;         /* a defect is remembered instead of ending the way */
    unsigned defects;      /* of the path so far, tolerant only */
    hf_defect first;       /* the first of them */
    unsigned best_defects; /* of the best path that reached an anchor; 0: none did */
    hf_defect best;
    hf_defect dead_end;    /* the furthest certificate for which there was no issuer */
    size_t dead_end_depth; /* 0: there was always one */
} hf_path_search;

/* Sets back what is counted for one search. Signatures and names are counted for the whole question; the tolerant search, which
   only explains, looks at few candidates. */
void hf_path_start(hf_path_search *s, bool tolerant);
/* From the last certificate of s->path to an anchor. HF_OK: s->path holds it whole. HF_NO_PATH: there is
   none. HF_E_CERT_BUDGET, _BUDGET_NAMES, _BUDGET_STEPS, HF_E_NO_MEMORY, HF_E_CRYPTO: the search was given up. */
hf_error hf_path_extend(hf_path_search *s);
/* Strict: HF_NO_PATH, and whoever listens is told. Tolerant: the defect is remembered, and HF_OK (or
   HF_E_CERT_BUDGET: it left a signature unchecked, and no unit is left for that). */
hf_error hf_path_defect(hf_path_search *s, hf_error code, size_t at, const char *detail);
/* Appends words and the text of a Name, as far as there is room. */
void hf_append_name(char detail[HF_DETAIL_MAX], const char *words, hf_span name);

/* path_judge.c: what only several certificates together can break. Errors as hf_path_extend. */
/* The last certificate of s->path as the issuer of the one before it. */
hf_error hf_path_judge_issuer(hf_path_search *s);
/* Who of those that are trusted or were sent signed it, itself perhaps. *signer stays NULL where none is at hand. */
hf_error hf_path_signer(hf_path_search *s, const hf_cert *cert, const hf_cert **signer);
/* s->path from the leaf to an anchor. */
hf_error hf_path_judge_whole(hf_path_search *s);
/* A leaf that is in the trust store itself: what is known of its status. HF_OK, or the error, told in s->result. */
hf_error hf_path_judge_trusted_leaf(hf_path_search *s);

#endif
