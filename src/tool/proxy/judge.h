/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Is this certificate, with this key, good to be shown? What is asked is what clients would ask, before they do: a pair that no
 * client takes must not take the place of one that works. Chain and key are judged together, so that half of a swap is never used.
 */
#ifndef HF_TOOL_PROXY_JUDGE_H
#define HF_TOOL_PROXY_JUDGE_H

#include <handfast/policy.h>
#include "base/compiler.h"
#include "tool/proxy/careful.h"
#include "tool/proxy/load.h"
#include "x509/x509.h"

typedef enum hf_pair_use {
    HF_PAIR_SITE,   /* shown to clients who ask for one of the names */
    HF_PAIR_SPARE,  /* shown for a site that is unavailable: whatever it names */
    HF_PAIR_BACKEND /* shown to a backend: a client's */
} hf_pair_use;

/* A file, as far as it could be read. */
typedef struct hf_pair_file {
    const char *path; /* for words; NULL: none is configured */
    const hf_careful *file;
} hf_pair_file;

typedef struct hf_pair_case {
    hf_pair_use use;
    hf_pair_file chain, key, password, staple;
    const hf_policy *policy;
    const hf_config_list *names; /* of the site; NULL: any will do */
    int64_t now;
    bool was_served; /* it was valid then: if it is not valid yet now, the clock was set back */
    /* What does not keep it from being used, a line each. */
    void (*warn)(void *user, const char *line);
    void *user;
} hf_pair_case;

typedef struct hf_pair {
    bool expired; /* and nothing else is wrong with it */
    char why[HF_LOAD_WHY], todo[256];
    uint8_t *chain, *key; /* PEM: certificates alone; the key, not encrypted */
    size_t chain_len, key_len;
    hf_span staple; /* of the case's file; empty: none that is good now */
    int64_t staple_from, staple_until;
    size_t n;
    uint8_t *der[HF_CHAIN_MAX];
    hf_cert certs[HF_CHAIN_MAX]; /* leaf first; they point into der */
} hf_pair;

/* False: why and todo. What it gives is freed with hf_pair_free in any case. */
bool hf_judge_pair(const hf_pair_case *c, hf_pair *pair);
void hf_pair_free(hf_pair *pair); /* wipes */

/* judge_chain.c: the chain's file alone, as far as it can be judged without the key. */
bool hf_judge_chain(const hf_pair_case *c, hf_pair *pair);
/* judge_key.c: the key, and that it is the leaf's. */
bool hf_judge_key(const hf_pair_case *c, hf_pair *pair);

/* Does the certificate stand for all of that name of a site ("a.test", "*.a.test")? */
bool hf_leaf_covers(const hf_cert *leaf, const char *name);
/* Of that wildcard, at least for one name. */
bool hf_leaf_touches(const hf_cert *leaf, const char *name);
/* Its first name, or its subject, for people. */
void hf_leaf_name(const hf_cert *leaf, char *out, size_t room);

/* Sets why ("PATH: …") and todo. Returns false. */
bool hf_pair_bad(hf_pair *pair, const char *path, const char *todo, const char *format, ...)
    HF_PRINTF(4, 5);
void hf_pair_warn(const hf_pair_case *c, const char *format, ...) HF_PRINTF(2, 3);

/* Of a certificate's error: what to do about it. */
const char *hf_todo_of(hf_error e);

#endif
