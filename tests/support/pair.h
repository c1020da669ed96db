/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Both ends of a connection in memory, on the public interface: configs are made from options, bytes
 * are carried in pieces of a chosen size, everything that happens is written down.
 */
#ifndef TESTS_SUPPORT_PAIR_H
#define TESTS_SUPPORT_PAIR_H

#include <handfast/handfast.h>
#include "support/testpki.h"

enum { PAIR_LOG = 64 };

typedef struct pair_options {
    const test_pki *pki;        /* NULL: one of P-256 that all tests share */
    const hf_policy *policy[2]; /* NULL: default, TLS 1.3 only */
    const char *server_name;    /* NULL: "localhost"; "" : none */
    const char *verify_name;
    const char *alpn[2][4];
    size_t chunk;      /* bytes carried at a time, 0: all */
    hf_hooks hooks[2]; /* the wall clock is TEST_NOW unless set */
    void (*configure)(hf_config *config, hf_role role, void *user); /* before sealing */
    void *user;
    const hf_trace_sink *trace[2];
    bool no_trust;
    /* TLS 1.2 and mutual authentication: the server asks (hf_client_auth) and trusts the PKI's root, the client shows its
       certificate, sessions are offered and asked for. */
    int client_auth;
    bool client_identity;
    hf_sessions *sessions;
    hf_span session;
    bool want_session;
    const char *endpoint;
    /* Keys shared beforehand; who has no certificate; what of it is offered. */
    hf_psks *psks[2];
    bool no_identity;
    hf_span psk_identity;
    /* 0-RTT: HF_SET_EARLY_DATA of each end, and what the client sends as soon as it may. */
    uint32_t early_data[2];
    hf_span early;
    hf_sessions *store; /* a client's */
} pair_options;

typedef struct pair_end {
    hf_conn *conn;
    hf_event log[PAIR_LOG];
    size_t n_log;
    bool connected, failed, closed;
    uint8_t *data; /* received, freed by pair_free */
    size_t n_data;
    size_t n_early; /* of them, as early data */
} pair_end;

typedef struct pair {
    hf_worker *worker;
    hf_config *config[2];
    pair_end end[2];
    size_t chunk;
    void (*tamper)(struct pair *p, hf_role from, uint8_t *bytes,
                   size_t *len); /* of each piece that is carried */
    void *user;
    size_t carried[2];
    hf_span early;    /* not sent yet */
    uint8_t *held[2]; /* of each writer: bytes that the other end has not taken yet */
    size_t n_held[2];
} pair;

void pair_start(pair *p, const pair_options *options);
void pair_free(pair *p);
/* Takes events and carries bytes until nothing moves. */
void pair_run(pair *p);
/* One end's events only; then one end's bytes to the other: true if any were carried. */
void pair_events(pair *p, hf_role role);
bool pair_carry(pair *p, hf_role from);
/* Sends all of it and runs until it has arrived. */
void pair_send(pair *p, hf_role from, const void *data, size_t len);
bool pair_saw(const pair_end *end, hf_event event);
/* Runs and asserts that both ends are connected; prints the failures otherwise. */
void pair_connect(pair *p);
/* A PKI of that key type, made once a process. */
const test_pki *shared_pki(hf_key_type type);
hf_identity *pki_identity(const test_pki *pki);
hf_identity *pki_client_identity(const test_pki *pki);
/* Any certificate with its issuer's; signer: whose key signs, NULL: its own. */
hf_identity *cert_identity(const test_cert *leaf, const test_cert *issuer, const test_cert *signer);
/* A named policy with one version only. */
hf_policy policy_of_version(const char *name, uint16_t version);
/* Adds a code point at the end of one of a policy's lists. */
void policy_add(uint16_t list[HF_POLICY_LIST], uint16_t code);
int64_t test_wall_time(void *user);

#endif
