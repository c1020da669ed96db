/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a sealed config looks like from inside: the policy, identities, trust and hooks that every
 * connection made from it reads and never changes.
 */
#ifndef HF_POLICY_H
#define HF_POLICY_H

#include <stdatomic.h>

#include <handfast/config.h>
#include "base/bytes.h"
#include "base/error.h"
#include "crypto/random.h"
#include "keys/psks.h"
#include "keys/session.h"
#include "registry/registry.h"
#include "wire/wire.h"
#include "x509/x509.h"

enum {
    HF_IDENTITIES_MAX = 64,
    HF_ALPN_MAX = 1024,
    HF_SIGNER_SCHEMES = 12,
    HF_EARLY_DATA_MAX = 1024 * 1024 /* of HF_SET_EARLY_DATA */
};

/* True if code stands in a policy's list. */
bool hf_in_list(const uint16_t *list, uint16_t code);
/* HF_E_CONFIG_POLICY, or HF_OK; versions for which the lists leave nothing are taken out of its range. */
hf_error hf_policy_check(hf_policy *policy);
/* An hf_cert_profile, never HF_PROFILE_AUTO. trust may be NULL. */
uint8_t hf_profile_in_force(const hf_policy *policy, const hf_trust *trust);
/* Makes config->context (context.c). */
hf_error hf_config_digest(hf_config *config);
/* What a session is bound to: those settings, and at a server the key that it proved to hold (NULL at a client). */
hf_error hf_session_context(const hf_config *config, const hf_identity *shown,
                            uint8_t out[HF_SESSION_CONTEXT]);

struct hf_signer {
    hf_signer_ops ops;
    void *user;
    uint16_t schemes[HF_SIGNER_SCHEMES]; /* best first, ended by 0 */
    bool
        beyond_policy; /* only tests set it: signs with all of them, whatever the policy takes from peers */
    atomic_uint refs;
};
hf_signer *hf_signer_ref(hf_signer *signer);

/* An OCSP response: shared by the connections that send it, never changed. */
typedef struct hf_staple {
    atomic_uint refs;
    int64_t next_update;
    hf_span response; /* owned */
} hf_staple;
void hf_staple_free(hf_staple *staple);

struct hf_identity {
    atomic_uint refs;
    hf_signer *signer;
    size_t n;
    hf_span chain[HF_CHAIN_MAX];                /* DER, leaf first; owned */
    hf_cert leaf;                               /* points into chain[0] */
    hf_sig_algorithm signed_with[HF_CHAIN_MAX]; /* those that a peer has to check: without a root */
    size_t n_signed;
    bool broken_signature;   /* one is made with SHA-1 or MD5 */
    atomic_flag staple_lock; /* guards the pointer … */
    hf_staple *staple;       /* … NULL: none */
};
/* A reference to the staple, if it may be sent at that time; NULL: there is none, or it is stale. */
hf_staple *hf_identity_staple_at(hf_identity *identity, int64_t now);

/* Only tests set it: puts the body of a message on the wire in place of ours (RFC 8448's hellos offer what we never would).
   *body holds ours when it is asked. */
typedef struct hf_override {
    bool (*body)(void *user, hf_msg msg, hf_span *body);
    void *user;
} hf_override;

struct hf_config {
    atomic_uint refs;
    hf_role role;
    bool sealed;
    hf_policy policy;
    hf_identity *identities[HF_IDENTITIES_MAX];
    size_t n_identities;
    hf_trust *trust;
    uint8_t alpn[HF_ALPN_MAX]; /* the wire's list of vec8 names */
    size_t alpn_len;
    hf_hooks hooks;
    hf_random random;
    uint32_t handshake_timeout; /* ms */
    uint32_t max_age;           /* seconds */
    uint32_t client_auth;       /* hf_client_auth */
    hf_sessions *sessions;
    hf_psks *psks;             /* NULL: none */
    uint32_t early_data;       /* bytes, 0: off */
    uint32_t key_update_after; /* seconds, 0: never by time */
    uint8_t context
        [HF_SESSION_CONTEXT]; /* digest of all that a session is bound to; made when sealed */
    bool pause_at_client_hello, external_verify, external_jobs, insecure, always_retry,
        ignore_authorities;
    bool
        any_chain; /* an auditor's client, which judges chains itself: asks for SCTs, and takes signatures that it could not check */
    hf_override override;
};

/* Has keys shared beforehand (a server: or a hook for them). */
bool hf_config_psk(const hf_config *config);
/* Can judge a certificate: has CAs, or an application that does. */
bool hf_config_trusts(const hf_config *config);
/* Encodes names as the wire's list of vec8; HF_E_CONFIG_ALPN. */
hf_error hf_alpn_encode(const char *const *names, size_t n, uint8_t out[HF_ALPN_MAX], size_t *len);
int64_t hf_config_now(const hf_config *config);
uint64_t hf_config_clock(const hf_config *config);
/* Whether a peer with this ClientHello or CertificateRequest can check the chain: it says so, it might (a chain to fall back on),
   or a server must not send it (RFC 9846 4.5.1.2#6 #7, 4.3.3#11; a client has nothing better to show). */
typedef enum hf_chain_fit { HF_CHAIN_FITS, HF_CHAIN_UNSURE, HF_CHAIN_FORBIDDEN } hf_chain_fit;
hf_chain_fit hf_identity_chain_fit(const hf_identity *identity, const hf_extensions *peer);
void hf_identity_note_chain(hf_identity *identity);
/* The best scheme that signer, policy and peer (list16) share and that fits the leaf's key in that version; NULL: none,
   or a leaf that may not sign. */
const hf_scheme *hf_identity_scheme(const hf_identity *identity, const hf_policy *policy,
                                    uint16_t version, hf_span peer_schemes);

#endif
