/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A config is built once, checked and sealed, then shared by any number of connections and threads.
 *
 *     hf_config *config = hf_config_new(HF_CLIENT, hf_policy_named("default"));
 *     hf_trust *trust = hf_trust_new();
 *     hf_trust_add_pem(trust, pem, NULL);
 *     hf_config_set_trust(config, trust);
 *     hf_trust_free(trust);                       the config holds its own reference
 *     hf_error e = hf_config_seal(config);
 *
 * Ownership: setters copy or take references of their own; what the caller made, the caller frees.
 * Threads: until it is sealed a config belongs to one thread; afterwards it is immutable.
 */
#ifndef HANDFAST_CONFIG_H
#define HANDFAST_CONFIG_H

#include <handfast/error.h>
#include <handfast/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- trust ---- */

/* CA certificates that chains may end at. Not to be changed once a sealed config holds it. */
hf_trust *hf_trust_new(void);
hf_error hf_trust_add_der(hf_trust *trust, hf_span der);
/* Every CERTIFICATE block of a bundle; those that do not parse are left out. *added (may be NULL)
   gets how many came in. HF_E_CONFIG_PEM when there was not one. */
hf_error hf_trust_add_pem(hf_trust *trust, hf_span pem, size_t *added);
size_t hf_trust_count(const hf_trust *trust);
hf_trust *hf_trust_ref(hf_trust *trust);
void hf_trust_free(hf_trust *trust);

/* ---- identities ---- */

/* A private key that the library never sees: it may be in this process, another one or an HSM. */
typedef struct hf_signer_ops {
    /* Signs `message` (not its hash) with that scheme; signature has room for 1024 bytes. May block
       if it runs inside a job executor that allows it. HF_OK, or any error. Thread-safe. */
    hf_error (*sign)(void *user, uint16_t scheme, hf_span message, uint8_t *signature, size_t *len);
    void (*free)(void *user);
} hf_signer_ops;

/* schemes: what the key can sign with, best first, ended by 0; copied. Takes over `user`. */
hf_signer *hf_signer_new(const hf_signer_ops *ops, void *user, const uint16_t *schemes);
void hf_signer_free(hf_signer *signer);

/* A certificate chain, leaf first, with its signer: an end's proof of who it is. */
hf_error hf_identity_new(hf_identity **identity, const hf_span *chain_der, size_t n,
                         hf_signer *signer);
/* The same from PEM in memory; password may be NULL. HF_E_CONFIG_PEM, HF_E_CONFIG_KEY_ENCRYPTED,
   _KEY_PASSWORD, _KEY_UNSUPPORTED, _KEY_MISMATCH, or an HF_E_CERT_… row. */
hf_error hf_identity_from_pem(hf_identity **identity, hf_span chain_pem, hf_span key_pem,
                              const char *password);
hf_identity *hf_identity_ref(hf_identity *identity);
void hf_identity_free(hf_identity *identity);

/* ---- hooks ---- */

/* What comes from outside. A NULL function keeps the default: libcrypto's generator, time(), the
   monotonic clock; no key log. All must be thread-safe. */
typedef struct hf_hooks {
    bool (*random)(void *user, uint8_t *out, size_t len);
    int64_t (*wall_time)(void *user); /* seconds since 1970: certificates */
    uint64_t (*clock_ms)(void *user); /* never goes back: deadlines, tickets */
    /* RFC 9850: one line per secret, without a newline. Whoever reads it reads the traffic. */
    void (*keylog)(void *user, const char *line);
    /* Bytes of zero padding for a record with `len` bytes of content (RFC 9846 5.4). */
    size_t (*padding)(void *user, uint8_t content_type, size_t len);
    void *user;
} hf_hooks;

/* ---- config ---- */

/* The policy is copied, but for its name and summary, which must outlive the config. NULL: no memory,
   or no policy (hf_policy_named of an unknown name). */
hf_config *hf_config_new(hf_role role, const hf_policy *policy);
hf_config *hf_config_ref(hf_config *config);
void hf_config_free(hf_config *config);

/* Servers need one or more; chosen by server name, then by what the client can verify. */
hf_error hf_config_add_identity(hf_config *config, hf_identity *identity);
hf_error hf_config_set_trust(hf_config *config, hf_trust *trust);
/* Protocols, best first. A server refuses clients that offer none of them. */
hf_error hf_config_set_alpn(hf_config *config, const char *const *names, size_t n);
hf_error hf_config_set_hooks(hf_config *config, const hf_hooks *hooks);
/* Milliseconds that a handshake may take (default 10,000; 0: no limit). */
hf_error hf_config_set_handshake_timeout(hf_config *config, uint32_t ms);
/* Servers: stop at ClientHello with HF_EVENT_CLIENT_HELLO, for hf_conn_switch_config. */
hf_error hf_config_set_pause_at_client_hello(hf_config *config, bool pause);
/* Clients: chains are judged by the application (HF_EVENT_VERIFY) instead of by the library. */
hf_error hf_config_set_external_verify(hf_config *config, bool external);
/* Asymmetric operations are handed out as HF_EVENT_JOB instead of being done at once. */
hf_error hf_config_set_external_jobs(hf_config *config, bool external);
/* Clients: go on with a peer whose chain does not verify; hf_conn_info says so. For tests only. */
hf_error hf_config_set_insecure(hf_config *config, bool insecure);
/* Servers: always send a HelloRetryRequest with a cookie, so that a client must show that it hears
   us before we do expensive work. It costs every client a round trip. */
hf_error hf_config_set_always_retry(hf_config *config, bool retry);

/* Checks that everything fits together and freezes it. */
hf_error hf_config_seal(hf_config *config);

#ifdef __cplusplus
}
#endif
#endif
