/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * All of the library: this header includes the others, but for os.h. libhandfast performs the handshake of TLS 1.3 (RFC 9846) and
 * TLS 1.2 (RFC 5246), for clients and for servers, and protects the data that follows. It has no sockets, no threads and no files:
 * a connection takes bytes that came from the peer, gives bytes that are for the peer, and tells by events what they came to. So
 * it fits into any event loop, and whatever carries bytes carries it. Keys, certificates and primitives are libcrypto's.
 *
 * libhandfast_os, a library of its own, has what needs an operating system: the system's trust store, PEM files, and a handshake
 * on a blocking socket. A program that is content with that reads os.h and little else.
 *
 * A program makes a config once (whom it trusts, who it is, which policy), seals it and shares it; a worker for each of its
 * threads; a connection for each peer:
 *
 *     const hf_policy *policy = hf_policy_named("default");
 *     hf_config *config = hf_config_new(HF_CLIENT, policy);
 *     hf_error e = hf_config_seal(config);      hf_config_set_… before it
 *     hf_worker *worker = hf_worker_new();
 *     hf_conn_options options = { .server_name = "example.org" };
 *     hf_conn *conn = hf_conn_new(config, worker, &options);
 *
 * Start reading at conn.h. In the order in which most programs need them:
 *
 *   conn.h    the connection: bytes in, bytes out, events, closing; the loop around it, whole
 *   config.h  trust, identities, hooks, settings: what connections share
 *   os.h      system trust, PEM files, key log, and reading and writing on a blocking descriptor
 *   error.h   what went wrong, whose fault it is, and a line of it for a log
 *   policy.h  named, dated lists of what is spoken, and how to narrow one
 *   job.h     workers; signatures and look-ups that are done elsewhere or later
 *   verify.h  judging a chain without a connection, or by rules of one's own
 *   cert.h    a certificate in words for people
 *   trace.h   every message and field, as the engine's parser reads them
 *   types.h   the few shapes that all others use
 *
 * The tutorial and the examples that it explains line by line (a client, a server, an event loop, own verification, a key in another
 * process, both ends in memory) are installed as share/doc/handfast/docs/tutorial.md and share/doc/handfast/examples, below
 * the prefix: /usr/local, if nothing else was said. To compile one:
 *
 *     cc client.c $(pkg-config --cflags --libs handfast_os)
 *
 * Or `handfast` instead of `handfast_os`, for programs that do not include os.h. With CMake: find_package(handfast), then link
 * handfast::handfast or handfast::os. If it was installed below a prefix of one's own, say so before:
 *
 *     export PKG_CONFIG_PATH=$HOME/.local/lib/pkgconfig
 *     export LD_LIBRARY_PATH=$HOME/.local/lib
 */
#ifndef HANDFAST_HANDFAST_H
#define HANDFAST_HANDFAST_H

#include <handfast/cert.h>
#include <handfast/config.h>
#include <handfast/conn.h>
#include <handfast/error.h>
#include <handfast/job.h>
#include <handfast/policy.h>
#include <handfast/trace.h>
#include <handfast/types.h>
#include <handfast/verify.h>

HF_BEGIN_DECLS

/* "0.1.0" */
const char *hf_version(void);

/* Whose primitives these are. */
typedef struct hf_crypto_info {
    const char *version; /* "OpenSSL 3.0.19 27 Jan 2026" */
    const char *mlkem;   /* who does ML-KEM: "libcrypto" or "handfast" */
} hf_crypto_info;
/* What is linked into this process. */
hf_crypto_info hf_crypto(void);

HF_END_DECLS
#endif
