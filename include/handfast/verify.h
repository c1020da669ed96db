/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Judging certificates without a connection: the validator that the handshake uses, for tools, for
 * applications that verify by themselves (HF_SET_EXTERNAL_VERIFY), and for tests.
 *
 *     hf_verify_options options = { .trust = trust, .time = time(NULL),
 *                                   .name = "www.example.org" };
 *     hf_verify_result result;
 *     if (hf_verify_chain(chain, n, &options, &result) != HF_OK)
 *         printf("certificate %zu: %s: %s\n", result.at,
 *                hf_error_row_of(result.error)->sentence, result.detail);
 */
#ifndef HANDFAST_VERIFY_H
#define HANDFAST_VERIFY_H

#include <handfast/config.h>

HF_BEGIN_DECLS

enum { HF_VERIFY_POOL_MAX = 4096, HF_VERIFY_PATH_MAX = 16 };

struct hf_verify_result;
typedef struct hf_verify_options {
    hf_trust *trust;         /* anchors and CRLs */
    const hf_policy *policy; /* NULL: default */
    const char *name; /* a DNS name or an IP address that the leaf must hold; NULL: whoever it is */
    const char *const *emails; /* mail addresses that it must hold, all of them */
    size_t n_emails;
    bool client; /* the leaf is a client's (clientAuth), not a server's */
    uint16_t
        key_usage; /* keyUsage bits that the leaf must allow beside the usual one, bit 0 digitalSignature */
    int64_t time;     /* seconds since 1970 */
    bool limit_depth; /* only so many intermediates, self-issued ones not counted … */
    unsigned max_intermediates;
    hf_span staple;        /* an OCSP response for the leaf, empty: none */
    const hf_hooks *hooks; /* for public_suffix; without it only top-level domains count as such */
    /* Told of every candidate path that was given up, and of the one that was taken; NULL: nobody. */
    void (*tried)(void *user, const struct hf_verify_result *attempt);
    void *user;
} hf_verify_options;

typedef struct hf_verify_result {
    hf_error error;
    size_t at;        /* which certificate of the chain; its number for an anchor */
    char detail[128]; /* what was found and what is allowed, in words; HF_OK: empty, or a warning */
    size_t depth;
    hf_span path
        [HF_VERIFY_PATH_MAX]; /* leaf first, anchor last: into the chain, or into the trust store */
    unsigned signatures;      /* that were checked */
} hf_verify_result;

/* chain[0] is the leaf, the others are in any order. HF_OK, or the HF_E_CERT_… row of the best explanation. */
hf_error hf_verify_chain(const hf_span *chain, size_t n, const hf_verify_options *options,
                         hf_verify_result *result);

HF_END_DECLS
#endif
