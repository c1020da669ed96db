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

/* CA certificates that chains may end at. It cannot be changed any more (HF_E_CONFIG_SEALED) once a sealed config holds it. */
hf_trust *hf_trust_new(void);
hf_error hf_trust_add_der(hf_trust *trust, hf_span der);
/* Every CERTIFICATE block of a bundle; those that do not parse are left out. *added (may be NULL)
   gets how many came in. HF_E_CONFIG_PEM when there was not one. */
hf_error hf_trust_add_pem(hf_trust *trust, hf_span pem, size_t *added);
size_t hf_trust_count(const hf_trust *trust);
/* CRLs (RFC 5280 5), one in DER or any number in PEM ("X509 CRL"), by which certificates of chains are judged. Their signatures
   are checked when they are used. HF_E_CRL_… if one is malformed; HF_E_CONFIG_PEM when there was none. */
hf_error hf_trust_add_crls(hf_trust *trust, hf_span pem_or_der);
hf_trust *hf_trust_ref(hf_trust *trust);
void hf_trust_free(hf_trust *trust);

/* ---- identities ---- */

/* A private key that the library never sees: it may be in this process, another one or an HSM. */
typedef struct hf_signer_ops {
    /* Signs `message` (not its hash) with that scheme; signature has room for 1024 bytes. May block
       if it runs inside a job executor that allows it. HF_OK, or any error. Thread-safe. */
    hf_error (*sign)(void *user, uint16_t scheme, hf_span message, uint8_t *signature, size_t *len);
    void (*free)(void *user);
    /* Static RSA key exchange, which of our policies only `classroom` has; NULL: the key cannot. premaster gets the 48 bytes of the
       ciphertext, or, whatever is wrong with it, `substitute`: no result, time or side effect may tell which. */
    void (*premaster)(void *user, uint16_t client_version, hf_span ciphertext,
                      const uint8_t *substitute, uint8_t *premaster);
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
/* The OCSP response (RFC 6960, DER) that a server sends along with this chain to clients that ask for one. It takes the place of
   the one before, also while connections run: thread-safe. It must be for the leaf, whose issuer must stand in the chain, and
   not stale `now` (seconds since 1970); its signature is the clients' to check. Once its nextUpdate has passed it is not sent
   any more. Empty: no staple from now on. HF_E_OCSP_…, or HF_E_LIMIT over 32 KiB; the one before stays then. */
hf_error hf_identity_staple(hf_identity *identity, hf_span response, int64_t now);
hf_identity *hf_identity_ref(hf_identity *identity);
void hf_identity_free(hf_identity *identity);

/* ---- hooks ---- */

/* What comes from outside. A NULL function keeps the default: libcrypto's generator, time(), the
   monotonic clock; no key log. All must be thread-safe. */
typedef struct hf_hooks {
    bool (*random)(void *user, uint8_t *out, size_t len);
    int64_t (*wall_time)(void *user); /* seconds since 1970: certificates, sessions */
    uint64_t (*clock_ms)(void *user); /* never goes back: deadlines */
    /* RFC 9850: one line per secret, without a newline. Whoever reads it reads the traffic. */
    void (*keylog)(void *user, const char *line);
    /* Bytes of zero padding for a record with `len` bytes of content (RFC 9846 5.4). */
    size_t (*padding)(void *user, uint8_t content_type, size_t len);
    /* Whether a domain (A-labels, lower case) is a public suffix as "co.uk" is: no certificate is accepted for a wildcard right
       under one. NULL: only top-level domains count as such. */
    bool (*public_suffix)(void *user, const char *domain);
    void *user;
} hf_hooks;

/* ---- config ---- */

/* The policy is copied, but for its name and summary, which must outlive the config. NULL: no memory,
   or no policy (hf_policy_named of an unknown name). */
hf_config *hf_config_new(hf_role role, const hf_policy *policy);
hf_config *hf_config_ref(hf_config *config);
void hf_config_free(hf_config *config);

/* Servers need one or more; chosen by server name, then by what the client can verify. A client shows one when a server asks
   for it: the first that its CAs and algorithms fit. */
hf_error hf_config_add_identity(hf_config *config, hf_identity *identity);
/* The CAs that the other end's chain may end at; a server that asks for certificates names them. */
hf_error hf_config_set_trust(hf_config *config, hf_trust *trust);
/* Protocols, best first. A server refuses clients that offer none of them. */
hf_error hf_config_set_alpn(hf_config *config, const char *const *names, size_t n);
hf_error hf_config_set_hooks(hf_config *config, const hf_hooks *hooks);

/* Servers: whether clients are asked for a certificate (RFC 9846 4.4.2, RFC 5246 7.4.4). One that comes must be good in
   either case. */
typedef enum hf_client_auth {
    HF_CLIENT_AUTH_NONE,
    HF_CLIENT_AUTH_REQUEST, /* ask, and go on without one */
    HF_CLIENT_AUTH_REQUIRE
} hf_client_auth;

/* Settings that are a number or a yes or no. */
typedef enum hf_setting {
    /* Milliseconds that a handshake may take (default 10,000; 0: no limit). */
    HF_SET_HANDSHAKE_TIMEOUT,
    /* Seconds that a TLS 1.2 connection may last, as it cannot renew its keys (default 86,400; 0: no limit). Then it is closed,
       and fails with HF_E_MAX_AGE. */
    HF_SET_MAX_AGE,
    /* Servers: stop at ClientHello with HF_EVENT_CLIENT_HELLO, for hf_conn_switch_config. The hello is judged by this config's
       policy before, so it should allow what any of the others does. */
    HF_SET_PAUSE_AT_CLIENT_HELLO,
    /* Chains are judged by the application (HF_EVENT_VERIFY) instead of by the library. */
    HF_SET_EXTERNAL_VERIFY,
    /* Asymmetric operations are handed out as HF_EVENT_JOB instead of being done at once; a client's encryption of a premaster
       secret, which is cheap, is not. */
    HF_SET_EXTERNAL_JOBS,
    /* Clients: go on with a peer whose chain does not verify; hf_conn_info says so. For tests only. */
    HF_SET_INSECURE,
    /* Servers: always send a HelloRetryRequest with a cookie, so that a client must show that it hears us before we do
       expensive work. It costs every client a round trip. */
    HF_SET_ALWAYS_RETRY,
    /* Servers: an hf_client_auth. */
    HF_SET_CLIENT_AUTH
} hf_setting;
/* HF_E_CONFIG_SEALED; HF_E_MISUSE: no such setting, or a value outside its range. */
hf_error hf_config_set(hf_config *config, hf_setting setting, uint64_t value);

/* ---- returning clients ---- */

/* What a server keeps for clients that come back: ticket keys (RFC 5077), which are renewed while it runs, and a cache of
   `entries` sessions for clients without tickets (0: none). A session may be used for `lifetime` seconds (1 to 604,800) after
   its first handshake. Shared by configs and threads. NULL: no memory, no random bytes, a lifetime out of range, or more than
   1,048,576 entries. */
hf_sessions *hf_sessions_new(bool tickets, size_t entries, uint32_t lifetime);
/* A new ticket key; the one before it still opens tickets, those before that are forgotten. */
hf_error hf_sessions_rotate(hf_sessions *sessions);
void hf_sessions_free(hf_sessions *sessions);
/* Servers; NULL (the default): nobody is remembered. */
hf_error hf_config_set_sessions(hf_config *config, hf_sessions *sessions);

/* Checks that everything fits together and freezes it. */
hf_error hf_config_seal(hf_config *config);

#ifdef __cplusplus
}
#endif
#endif
