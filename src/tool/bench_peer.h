/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What `handfast bench` needs of a TLS implementation: a row of functions. handfast's own row is compiled in; every other one
 * is a shared object that defines `const hf_bench_peer *hf_bench_peer_row(void)`, so that each library keeps to itself and a
 * missing one is merely missing. This header stands alone: peers are built without the rest of the project.
 *
 * An end (client or server) is made once a case, outside what is measured. A handshake is then
 *
 *     client = conn_new(client_end), server = conn_new(server_end)
 *     step(client, nothing, &wire), step(server, what the client wrote, &wire), step(client, ...) until both say DONE
 *     conn_free(client), conn_free(server)
 *
 * all of it inside the measured time of its side. One thread, memory only, no sockets.
 */
#ifndef HF_TOOL_BENCH_PEER_H
#define HF_TOOL_BENCH_PEER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { HF_BENCH_ABI = 1, HF_BENCH_CLIENT = 0, HF_BENCH_SERVER = 1 };
/* More than any flight of these cases; a connection that writes more has failed. */
enum { HF_BENCH_WIRE_ROOM = 65536 };

/* What is to be done; equal for both ends. Paths are of PEM files, chains leaf first with the intermediate, without the root. */
typedef struct hf_bench_case {
    const char *name; /* "full-ecdsa-x25519" */
    uint16_t version; /* 0x0303 or 0x0304: that one alone */
    uint16_t
        suite; /* 0x1301 TLS_AES_128_GCM_SHA256, 0x1303 TLS_CHACHA20_POLY1305_SHA256; in TLS 1.2 0xc02b or
                         0xc02f: that one alone */
    uint16_t
        group; /* 0x001d x25519, 0x0017 secp256r1, 0x11ec X25519MLKEM768: that one alone, with its key share; in TLS 1.2 with
                         an ECDSA certificate secp256r1 stands behind it, as RFC 8422 5.1.1 wants the certificate's curve named */
    int resumed;    /* measured are handshakes that resume; TLS 1.2: by a ticket (RFC 5077) */
    int mutual;     /* the server asks for, and verifies, the client's certificate */
    const char *ca; /* the root that both ends trust */
    const char *server_chain, *server_key;
    const char *client_chain, *client_key;
    const char *server_name; /* sent, and looked for in the certificate: "localhost" */
} hf_bench_case;

/* Where a step writes: room for HF_BENCH_WIRE_ROOM bytes, `len` are there. */
typedef struct hf_bench_wire {
    uint8_t *bytes;
    size_t len;
} hf_bench_wire;

typedef enum hf_bench_step {
    HF_BENCH_FAILED = -1,
    HF_BENCH_GOING = 0,
    HF_BENCH_DONE = 1
} hf_bench_step;

typedef struct hf_bench_peer {
    uint32_t abi;     /* HF_BENCH_ABI */
    const char *name; /* "libssl", "GnuTLS", "wolfSSL", "mbedTLS", "rustls", "handfast" */
    const char *(*version)(void); /* of what runs: "OpenSSL 3.0.22" */

    /* One side of a case: config, certificates, trust, ticket keys. NULL when this implementation cannot do the case, and *why
       then says so in a few words ("no X25519MLKEM768"). Rules for all:
       - verification on at the client (chain to `ca`, name, dates), at the server too when mutual; no caches or memos of
         verification results;
       - fresh key shares for each handshake, made inside conn_new or step;
       - in TLS 1.3 a server sends exactly one NewSessionTicket a handshake, full or resumed, sealed by its own ticket keys
         (stateless), and the client reads it; in TLS 1.2 one ticket in each full handshake, and none of the two session-ID
         caches;
       - a client end keeps the newest session (when resumed is set) and offers it in the next conn_new; the first handshakes of
         such a case are then full ones, which the caller does not measure;
       - no early data, no compression, no OCSP, no ALPN, no SCT; middlebox compatibility as the implementation's default is. */
    void *(*end_new)(const hf_bench_case *what, int role, const char **why);
    void (*end_free)(void *end);

    void *(*conn_new)(void *end); /* NULL: failed */
    /* Takes the n bytes (which it may overwrite), all of them; appends what it wants to send. DONE: the handshake is complete at
       this end. Steps go on after it (tickets come). */
    hf_bench_step (*step)(void *conn, uint8_t *in, size_t n, hf_bench_wire *out);
    int (*was_resumed)(void *conn); /* after DONE */
    void (*conn_free)(void *conn);

    /* Bulk, on a connection that is DONE. Seals n bytes of application data (n at most 16384, one record); opens one record
       and gives back how many bytes of data were in it. 0: failed. */
    size_t (*seal)(void *conn, const uint8_t *data, size_t n, hf_bench_wire *out);
    size_t (*open)(void *conn, uint8_t *record, size_t n);
} hf_bench_peer;

typedef const hf_bench_peer *(*hf_bench_peer_row_fn)(void);

#ifdef __cplusplus
}
#endif
#endif
