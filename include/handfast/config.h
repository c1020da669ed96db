/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A config is built once, checked and sealed, then shared by any number of connections and threads.
 *
 *     const hf_policy *policy = hf_policy_named("default");
 *     hf_config *config = hf_config_new(HF_CLIENT, policy);
 *     hf_trust *trust = hf_trust_new();
 *     hf_trust_add_pem(trust, pem, NULL);
 *     hf_config_set_trust(config, trust);
 *     hf_trust_free(trust);           the config has a reference of its own
 *     hf_error e = hf_config_seal(config);
 *
 * Ownership: setters copy or take references of their own; what the caller made, the caller frees.
 * Threads: until it is sealed a config belongs to one thread; afterwards it is immutable.
 */
#ifndef HANDFAST_CONFIG_H
#define HANDFAST_CONFIG_H

#include <handfast/error.h>
#include <handfast/policy.h>

HF_BEGIN_DECLS

/* ---- trust ---- */

/* CA certificates that chains may end at. It cannot be changed any more (HF_E_CONFIG_SEALED) once a sealed config holds it. */
hf_trust *hf_trust_new(void);
/* One certificate; copied. HF_E_CERT_… if it does not parse. */
hf_error hf_trust_add_der(hf_trust *trust, hf_span der);
/* Every CERTIFICATE block of a bundle; those that do not parse are left out. *added (may be NULL)
   gets how many came in. HF_E_CONFIG_PEM when there was not one. */
hf_error hf_trust_add_pem(hf_trust *trust, hf_span pem, size_t *added);
/* How many CA certificates it holds. */
size_t hf_trust_count(const hf_trust *trust);
/* These are public CAs, which owe everybody more than a private one owes its owner (HF_PROFILE_AUTO). hf_os_trust_system says it of
   the system's store. HF_E_CONFIG_SEALED. */
hf_error hf_trust_mark_public(hf_trust *trust);
/* CRLs (RFC 5280 5), one in DER or any number in PEM ("X509 CRL"), by which certificates of chains are judged. Their signatures
   are checked when they are used. HF_E_CRL_… if one is malformed; HF_E_CONFIG_PEM when there was none. */
hf_error hf_trust_add_crls(hf_trust *trust, hf_span pem_or_der);
hf_trust *hf_trust_ref(hf_trust *trust);
void hf_trust_free(hf_trust *trust);

/* ---- identities ---- */

/* A private key that the library never sees: it may be in this process, another one or an HSM. */
typedef struct hf_signer_ops {
    /* Signs `message` (not its hash) with that scheme; signature has room for 1024 bytes. May block
       if it runs inside a job executor that allows it. HF_OK, or any error. Thread-safe. NULL: the application answers
       HF_JOB_SIGN by itself (HF_SET_EXTERNAL_JOBS, hf_job_set_output); hf_job_run of such a job is HF_E_JOB_FAILED. */
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

/* A certificate chain, leaf first, with its signer: an end's proof of who it is. One span a certificate in DER, or a single one
   (n is 1) with all of them in PEM. HF_E_CONFIG_PEM or an HF_E_CERT_… row. That the key is the certificate's is not checked. */
hf_error hf_identity_new(hf_identity **identity, const hf_span *chain, size_t n, hf_signer *signer);
/* The same with a key that is here too, from PEM in memory; password may be NULL. HF_E_CONFIG_PEM, HF_E_CONFIG_KEY_ENCRYPTED,
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
    /* Servers: the key of an identity that is not in the config's hf_psks; *len: HF_PSK_KEY_MAX bytes of room, then the key's
       length. False: nobody of that name. Called inside a job (HF_JOB_PSK_LOOKUP): with HF_SET_EXTERNAL_JOBS it may take its
       time on another thread, or hf_job_set_output gives the key later. */
    bool (*find_psk)(void *user, hf_span identity, uint8_t *key, size_t *len);
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
/* Copied, but for what `user` points to. HF_E_CONFIG_SEALED. */
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
    /* Chains are judged by the application (HF_EVENT_VERIFY) instead of by the library. Sessions are then good for this very config
       alone, not for another one or another process, whose judgement may differ. */
    HF_SET_EXTERNAL_VERIFY,
    /* Asymmetric operations are handed out as HF_EVENT_JOB instead of being done at once; a client's encryption of a premaster
       secret, which is cheap, is not. */
    HF_SET_EXTERNAL_JOBS,
    /* Clients: go on with a peer whose chain does not verify; hf_conn_info says so. For tests only. */
    HF_SET_INSECURE,
    /* Servers: always send a HelloRetryRequest with a cookie, so that a client must show that it hears us before we do
       expensive work. It costs every client a round trip. */
    HF_SET_ALWAYS_RETRY,
    /* Servers: an hf_client_auth. Clients: HF_CLIENT_AUTH_REQUIRE: a server that asks for a certificate gets one, or the handshake
       fails here and says why none will do; by default it goes on without one, and the server may refuse that. */
    HF_SET_CLIENT_AUTH,
    /* Bytes of 0-RTT data (RFC 9846 2.3) that a connection may carry, 0 (the default): none; at most 1,048,576. Such data is not
       forward secret, and whoever watched can send it again: what may come in it must be harmless if done twice. Servers also
       need hf_sessions, whose register refuses a flight that comes again. */
    HF_SET_EARLY_DATA,
    /* Seconds after which a direction's keys are renewed in TLS 1.3 (default 86,400; 0: only before the AEAD's limit). */
    HF_SET_KEY_UPDATE_AFTER,
    /* Clients: where the CAs that a server names (hf_conn_authority) issued none of our certificates, show the first one whose
       algorithms fit all the same; servers whose list is incomplete exist. Default: off, for the list says what the server takes
       (RFC 9846 4.3.4), and a certificate tells who we are. */
    HF_SET_IGNORE_AUTHORITIES
} hf_setting;
/* HF_E_CONFIG_SEALED; HF_E_MISUSE: no such setting, or a value outside its range. */
hf_error hf_config_set(hf_config *config, hf_setting setting, uint64_t value);

/* ---- coming back ---- */

enum {
    HF_TICKET_STATE_MAX = 2048, /* bytes that a ticket seals */
    HF_TICKET_ROOM = 4096,      /* bytes of a ticket that other code seals */
    HF_TICKET_KEY = 48,         /* bytes of a ticket key: 16 of its name, 32 of AES-256 */
    HF_TICKET_KEYS_MAX = 8,
    HF_EARLY_ID = 16
};

/* A server's memory in another place (an HSM, a database), so that several machines share it. A pair of functions that is NULL
   (seal and open, claim and now_ms) keeps the default, the memory of this object. All must be thread-safe. */
typedef struct hf_sessions_ops {
    /* Seals a ticket's content; `ticket` has HF_TICKET_ROOM bytes. HF_OK, or an error: no ticket is sent. Must not block. */
    hf_error (*seal)(void *user, hf_span state, uint8_t *ticket, size_t *len);
    /* Opens one; `state` has HF_TICKET_STATE_MAX bytes. HF_OK, or HF_E_SESSION_DAMAGED: a full handshake. *renew: its key is
       about to go, so that a new ticket should be sent. Must not block. */
    hf_error (*open)(void *user, hf_span ticket, uint8_t *state, size_t *len, bool *renew);
    /* The register of 0-RTT tickets that came: HF_OK for the first who claims an id, HF_E_EARLY_USED for all others, in any case
       until the clock has passed the latest until_ms that anybody claimed it with. Another error refuses the early data as well,
       and then nobody may be told HF_OK for that id before until_ms; nor may a register that starts empty while tickets live on
       tell anybody so for the first 20 s. Times are now_ms's, read alike by all to a second or so. It is called inside a job
       (HF_JOB_REPLAY_CHECK), and may block where jobs may. */
    hf_error (*claim)(void *user, const uint8_t id[HF_EARLY_ID], uint64_t now_ms,
                      uint64_t until_ms);
    /* Milliseconds by a clock that all who share the register read alike. */
    uint64_t (*now_ms)(void *user);
    void *user;
} hf_sessions_ops;

typedef struct hf_sessions_options {
    bool
        tickets; /* servers: tickets (RFC 9846 4.7.1, RFC 5077), under keys that are renewed while it runs */
    /* Servers: sessions kept for clients of TLS 1.2 without tickets. Clients: sessions kept, of whatever server. 0: none; at most
       1,048,576. The oldest makes room. */
    size_t entries;
    uint32_t
        lifetime; /* seconds, at most 604,800 (0 stands for that), that a session may be used after its first handshake; the policy's
                     session_seconds may make it fewer */
    uint32_t
        rotation; /* seconds, at most 604,800, until a ticket key is replaced; 0: as `lifetime` */
    /* Servers: 0-RTT tickets that can be remembered as used, 0: 65,536; at most 1,048,576. While all are taken, early data is
       refused. */
    size_t strikes;
    const hf_sessions_ops *ops; /* copied; NULL: all in memory */
} hf_sessions_options;

/* What an end keeps so that the next handshake is short: a server's ticket keys, cache and register of 0-RTT tickets; a client's
   sessions. Shared by configs and threads, not by processes: make it after a fork(), and let no snapshot of a machine go on
   with one. NULL: no memory, no random bytes, or an option out of range. */
hf_sessions *hf_sessions_new(const hf_sessions_options *options);
/* A new ticket key; the one before it still opens tickets, those before that are forgotten. HF_E_MISUSE: no tickets, keys
   that were given, or tickets that other code seals. */
hf_error hf_sessions_rotate(hf_sessions *sessions);
/* Takes these ticket keys (1 to HF_TICKET_KEYS_MAX) instead of its own and of those that were given before: the first seals,
   all open. So several machines accept each other's tickets; give each key to all of them before the first one seals with it.
   No key is replaced by itself any more, and 0-RTT is off from now on, unless the register is shared too. HF_E_MISUSE: no
   tickets, or other code seals them; HF_E_LIMIT: their number, or two of one name. */
hf_error hf_sessions_set_keys(hf_sessions *sessions, const uint8_t (*keys)[HF_TICKET_KEY],
                              size_t n);
void hf_sessions_free(hf_sessions *sessions);
/* Servers: NULL (the default): nobody is remembered. Clients: sessions are asked for, kept here and offered again where they
   come from, those of TLS 1.3 once; hf_conn_options.session goes before. */
hf_error hf_config_set_sessions(hf_config *config, hf_sessions *sessions);

/* ---- keys shared beforehand (RFC 9846 2.2, RFC 9257) ---- */

enum {
    HF_PSK_IDENTITY_MAX = 128,
    HF_PSK_KEY_MIN = 16, /* a key must be random bytes, not a password (RFC 9257 4) */
    HF_PSK_KEY_MAX = 64,
    HF_PSKS_MAX = 65536
};

/* Identities and their keys. All are for SHA-256 (RFC 9846 4.3.11). A key belongs to one client and one server: who has both
   roles needs a set for each, else its own messages could be given back to it (the Selfie attack, RFC 9257 4.1), so that one set
   can be used by configs of one role only. */
hf_psks *hf_psks_new(void);
/* Copies. HF_E_PSK_IDENTITY, HF_E_PSK_KEY (lengths), HF_E_PSK_TWICE, HF_E_LIMIT. HF_E_CONFIG_SEALED: a sealed config holds it. One key
   serves TLS 1.3 and 1.2 alike: restrict the policy's versions where that is not wanted. */
hf_error hf_psks_add(hf_psks *psks, hf_span identity, hf_span key);
void hf_psks_free(hf_psks *psks);
/* Clients offer one of them (hf_conn_options.psk_identity, else the first); without trusted CAs nothing else will do. Servers
   take all, and what hf_hooks.find_psk finds; without an identity of their own (hf_config_add_identity) nothing else. A server that
   requires clients' certificates can have none (HF_E_CONFIG_POLICY). Of a client's offer the first four identities are tried.
   HF_E_PSK_ROLE: the set is the other role's. */
hf_error hf_config_set_psks(hf_config *config, hf_psks *psks);

/* Checks that everything fits together and freezes it. */
hf_error hf_config_seal(hf_config *config);

HF_END_DECLS
#endif
