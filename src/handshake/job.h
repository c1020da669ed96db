/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Jobs: the asymmetric operations and look-ups of a handshake, as things that can be done elsewhere
 * and later. A job owns copies of all its inputs and touches nothing else, so that it may run on any
 * thread while its connection goes on, fails, or is freed.
 */
#ifndef HF_HANDSHAKE_JOB_H
#define HF_HANDSHAKE_JOB_H

#include <stdalign.h>
#include <stdatomic.h>

#include <handfast/job.h>
#include "base/blocks.h"
#include "crypto/kex.h"
#include "policy/policy.h"

struct hf_job {
    atomic_uint refs;
    hf_job_kind kind;
    uint8_t proves;        /* owed: the evidence that its success is; 0: its row waits for it */
    bool handed_out, done; /* the connection's book-keeping */
    bool fulfilled; /* the work was really done: hf_job_run succeeded, or an output was set */
    hf_error result;

    /* what is at fault if it fails: a field of that message; HF_MSG_NONE: nothing of the peer's */
    hf_msg about;
    const char *field; /* its path in the message */
    int64_t offset;

    /* inputs; unused ones are zero. Spans and the name point into `copies` */
    uint16_t code; /* group or signature scheme */
    hf_random random;
    hf_kex kex;        /* DECAPSULATE, and KEYGEN's result */
    hf_span input;     /* the peer's share, or what is signed */
    hf_span signature; /* VERIFY */
    hf_span spki;      /* VERIFY: the signer's public key; key points into it */
    hf_public_key key;
    hf_signer *signer;           /* SIGN, RSA_DECRYPT; a reference */
    hf_span chain[HF_CHAIN_MAX]; /* VERIFY_CHAIN */
    size_t n_chain;
    hf_span staple;    /* VERIFY_CHAIN; empty: none */
    hf_config *config; /* VERIFY_CHAIN: whose trust, policy and hooks count; a reference */
    const char *name;
    int64_t now;
    uint8_t purpose;
    bool decrypts; /* VERIFY_CHAIN: static RSA */
    bool (*find_psk)(void *user, hf_span identity, uint8_t *key,
                     size_t *len); /* PSK_LOOKUP: the config's hook, or NULL */
    void *hook_user;
    hf_psks *psks;         /* PSK_LOOKUP; a reference, or NULL */
    hf_sessions *sessions; /* REPLAY_CHECK; a reference */
    uint8_t early_id[HF_EARLY_ID];
    uint64_t now_ms, until_ms;

    /* outputs */
    union {
        uint8_t share[HF_KEY_SHARE_MAX]; /* of a key exchange */
        uint8_t output[HF_SIGNATURE_MAX];
    };
    size_t output_len;
    uint8_t secret[HF_SHARED_SECRET_MAX];
    char detail[HF_FAILURE_TEXT_MAX];
    size_t at;
    hf_leaf_known known; /* VERIFY_CHAIN */

    hf_blocks
        *home; /* where its memory goes back to; NULL for jobs that may end on another thread */
    size_t room, used;
    alignas(max_align_t) uint8_t copies[];
};

/* Notes whose fault a failure will be: the field whose first byte is `at`. NULL goes through. */
hf_job *hf_job_about(hf_job *job, hf_msg msg, hf_span message, const char *field,
                     const uint8_t *at);

/* Makers. home: of the connection's worker, if the job stays on its thread; else NULL (hf_job_home). NULL: no memory. */
hf_job *hf_job_keygen(hf_blocks *home, uint16_t group, hf_random random);
hf_job *hf_job_encapsulate(hf_blocks *home, uint16_t group, hf_random random, hf_span peer_share);
hf_job *hf_job_decapsulate(hf_blocks *home, const hf_kex *kex, hf_span peer_share);
hf_job *hf_job_sign(hf_blocks *home, hf_signer *signer, uint16_t scheme, hf_span content);
/* RSA_DECRYPT never fails for the ciphertext's sake: `secret` is the substitute until the work is done. */
hf_job *hf_job_premaster(hf_blocks *home, hf_signer *signer, uint16_t client_version,
                         hf_span ciphertext, const uint8_t substitute[48]);
/* `leaf` is copied as far as its key goes. */
hf_job *hf_job_verify(hf_blocks *home, const hf_cert *leaf, uint16_t scheme, hf_span content,
                      hf_span signature);
hf_job *hf_job_verify_chain(hf_blocks *home, const hf_span *chain, size_t n, hf_config *config,
                            const char *name, uint8_t purpose, hf_span staple);

/* PSK_LOOKUP: the identity is `input`, the key comes out as output. HF_E_PSK_UNKNOWN. */
hf_job *hf_job_psk_lookup(hf_blocks *home, const hf_config *config, hf_span identity);
/* REPLAY_CHECK: see hf_early_claim. */
hf_job *hf_job_replay_check(hf_blocks *home, hf_sessions *sessions, const uint8_t id[HF_EARLY_ID],
                            uint64_t now_ms, uint64_t until_ms);

#endif
