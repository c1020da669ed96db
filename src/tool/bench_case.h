/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What `handfast bench` measures: its cases, and the certificates that all implementations are given for them. */
#ifndef HF_TOOL_BENCH_CASE_H
#define HF_TOOL_BENCH_CASE_H

#include <handfast/types.h>

#include "tool/bench_peer.h"
#include "tool/temp_folder.h"

typedef struct hf_bench_kind {
    const char *name; /* "full-ecdsa-x25519" */
    uint16_t version, suite, group;
    bool resumed, mutual, rsa;
    const char *about; /* for --list */
} hf_bench_kind;

/* Row i of the handshakes; NULL past the end. */
const hf_bench_kind *hf_bench_kind_row(size_t i);

/* Bulk: a suite of TLS 1.3 and the application data in a record. */
typedef struct hf_bench_load {
    const char *name; /* "bulk-aes128gcm-16384" */
    uint16_t suite;
    size_t record;
} hf_bench_load;
const hf_bench_load *hf_bench_load_row(size_t i);

/* Root, intermediate, server's and client's leaf, of ECDSA P-256 and of RSA-2048 all through, in a temporary folder. */
enum { HF_BENCH_CHAINS = 2, HF_BENCH_FILES = 5, HF_BENCH_PATH = HF_TEMP_PATH_MAX + 32 };
typedef struct hf_bench_certs {
    char folder[HF_TEMP_PATH_MAX]; /* "": there is none */
    char path[HF_BENCH_CHAINS][HF_BENCH_FILES][HF_BENCH_PATH];
} hf_bench_certs;
/* rsa: the second kind as well. An exit code, after it said what failed. */
int hf_bench_certs_make(hf_bench_certs *certs, bool rsa);
void hf_bench_certs_remove(hf_bench_certs *certs);

/* The same for an implementation; it points into both. */
hf_bench_case hf_bench_case_of(const hf_bench_kind *kind, const hf_bench_certs *certs);

#endif
