/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server with keys of every kind, and visitors that name them (fuzz_client_hello_psk): the keys, a
 * ClientHello as the input composes it, the visit, and a reading of the bytes that were sent which
 * owes nothing to the wire floor.
 */
#ifndef TESTS_FUZZ_HELLO_PSK_H
#define TESTS_FUZZ_HELLO_PSK_H

#include "conn/conn.h"
#include "fuzz/fuzz.h"
#include "support/hostile.h"

/* How the server is set up. */
enum { PSK_ONLY = 1, PSK_EARLY_OFF = 2, PSK_BOTH_VERSIONS = 4, PSK_RETRY = 8, PSK_NO_KEYS = 16 };

#define PSK_PROTOCOL "fuzz"
#define PSK_ISSUED   UINT64_C(1000000) /* when tickets were issued, by the register's clock */

enum {
    PSK_IDENTITIES_MAX = 12,
    PSK_EARLY_MAX = 64, /* bytes, of a ticket */
    PSK_KEYS = 10
};

/* A key that the server may or may not take. */
typedef struct psk_key {
    hf_span identity; /* as a ClientHello names it */
    uint8_t ticket[HF_TICKET_MAX];
    uint8_t secret[HF_HASH_MAX];
    size_t secret_len;
    hf_hash_id hash;
    uint16_t suite;
    uint32_t age_add;
    bool external;
    bool good;    /* it may be taken at all */
    bool claimed; /* early data came with it, and was accepted or refused */
    bool named;   /* early data came with its name, by whomever: the server may count it as used */
} psk_key;

typedef struct psk_scene {
    uint8_t how;
    bool no_keys;
    unsigned rotations;
    hf_worker *worker;
    hf_config *config;
    hf_sessions *sessions, *foreign;
    uint64_t clock_ms, random;
    psk_key keys[PSK_KEYS];
} psk_scene;

typedef struct psk_visit {
    hf_conn *conn;
    hf_trace_sink ear;
    int chosen;  /* selected_identity of the ServerHello; -1: none */
    bool honest; /* everything in it is as it should be, so that the first key must be taken … */
    bool due_early; /* … and the early data too */
    size_t n_records, n_sent,
        n_early; /* of early data: records and bytes sent, bytes that arrived */
} psk_visit;

void psk_scene_start(psk_scene *s, uint8_t how);
void psk_scene_end(psk_scene *s);
/* NULL: nobody knows it. */
psk_key *psk_key_named(const psk_scene *s, hf_span identity);
/* The clock goes on, a ticket key is replaced. */
void psk_time_passes(psk_scene *s, uint8_t how);

void psk_visit_start(psk_scene *s, psk_visit *v);
/* Sends the hello, and early data under the keys of its first identity, if it has some. */
void psk_visit_run(psk_scene *s, psk_visit *v, const hostile_bytes *hello, input *in);
void psk_visit_end(psk_visit *v);

void compose_hello(const psk_scene *s, psk_visit *v, input *in, hostile_bytes *message);
void make_binder(const psk_key *key, bool external, hf_span partial, uint8_t out[HF_HASH_MAX]);

/* What a ClientHello message says about keys; spans point into it. False: malformed. */
typedef struct hello_parts {
    hf_span identities[PSK_IDENTITIES_MAX * 4], binders[PSK_IDENTITIES_MAX * 4], partial;
    uint32_t ages[PSK_IDENTITIES_MAX * 4];
    size_t n, n_binders;
    bool has_dhe, has_early;
} hello_parts;
bool hello_parts_of(hf_span message, hello_parts *parts);

#endif
