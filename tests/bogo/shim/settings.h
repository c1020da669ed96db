/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the files of settings share (settings.c makes a config; settings_policy.c, settings_credential.c and settings_sessions.c
 * each make a part of it), and what a visit remembers for checks.c.
 */
#ifndef BOGO_SHIM_SETTINGS_H
#define BOGO_SHIM_SETTINGS_H

#include "shim.h"

enum { SEEN_LIST_MAX = 64, SEEN_NAMES_MAX = 2048, SEEN_HELLO_MAX = 16384, NO_CREDENTIAL = -1 };

/* What a visit remembers beside shim.h: visit.own. */
typedef struct seen {
    hf_identity *identities[SHIM_CREDENTIALS_MAX +
                            1]; /* as the config has them; the config holds the references … */
    int credentials[SHIM_CREDENTIALS_MAX + 1]; /* … and which -new-x509-credential each is */
    size_t n_identities;
    int credential;       /* that was shown, NO_CREDENTIAL: the default one, or none */
    uint16_t peer_scheme; /* that the peer signed with, 0: it did not */
    bool session_id;      /* the server gave a session an id of TLS 1.2 */
    uint16_t peer_prefs[SEEN_LIST_MAX]; /* the peer's signature_algorithms … */
    size_t n_peer_prefs;
    uint8_t types[32]; /* of a CertificateRequest: certificate_types … */
    size_t n_types;
    uint8_t names[SEEN_NAMES_MAX]; /* … and its CAs, as on the wire */
    size_t n_names;
    uint8_t alpn[SEEN_NAMES_MAX]; /* of a ClientHello */
    size_t n_alpn;
    char server_name[256]; /* the same; empty: none */
    int32_t ticket_skew;   /* seconds, server: the ticket is younger by the client's clock */
    bool hello13;          /* the peer's ServerHello is one of TLS 1.3 */
    bool session_offered;  /* server: by pre_shared_key */
    uint8_t hello[SEEN_HELLO_MAX]; /* a client's own, as it is sent */
    bool checks_wait;              /* nothing was known yet when they were due */
} seen;

seen *seen_of(const visit *v);

/* BoringSSL's defaults where a flag says nothing. SHIM_UNIMPLEMENTED for a code point that is not spoken here. */
int settings_policy(const options *o, hf_policy *policy);
/* Adds what the options want shown; the numbers go to seen. */
int settings_credentials(visit *v);
/* A server, at ClientHello: leaves out credentials whose issuers the client does not name although they must be. False: none is left. */
bool settings_match_issuers(visit *v);
/* Some credential may be shown to whoever asks for one. */
bool settings_any_issuer(const visit *v);
/* A client, before its answer to a CertificateRequest: leaves out the same, if others remain. */
void settings_request(visit *v, hf_span authorities);
/* A server's tickets and cache, which last as long as the process. */
int settings_sessions(visit *v);
void settings_sessions_free(shim *s);
/* A client that asks for no staple. */
void settings_hello(visit *v);
/* The CAs that a server names (-use-client-ca-list). */
int settings_authorities(visit *v);

/* The seconds since 1970 of the shim's own clock, which only -resumption-delay moves. */
int64_t settings_now(const shim *s);

#endif
