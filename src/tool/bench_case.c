/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The tables of what is measured. */
#include "tool/bench_case.h"

enum {
    AES128 = 0x1301,
    CHACHA20 = 0x1303,
    ECDSA12 = 0xc02b, /* TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 */
    RSA12 = 0xc02f,   /* TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 */
    X25519 = 0x001d,
    P256 = 0x0017,
    MLKEM = 0x11ec /* X25519MLKEM768 */
};

static const hf_bench_kind kinds[] = {
    { "full-ecdsa-x25519", HF_TLS13, AES128, X25519, false, false, false,
      "TLS 1.3, ECDSA P-256 certificates, X25519" },
    { "full-ecdsa-p256", HF_TLS13, AES128, P256, false, false, false,
      "TLS 1.3, ECDSA P-256 certificates, secp256r1" },
    { "full-ecdsa-mlkem", HF_TLS13, AES128, MLKEM, false, false, false,
      "TLS 1.3, ECDSA P-256 certificates, X25519MLKEM768" },
    { "full-rsa2048", HF_TLS13, AES128, X25519, false, false, true,
      "TLS 1.3, RSA-2048 certificates, X25519" },
    { "mutual-ecdsa-x25519", HF_TLS13, AES128, X25519, false, true, false,
      "the first with a client's certificate as well" },
    { "resumed-tls13", HF_TLS13, AES128, X25519, true, false, false,
      "TLS 1.3 with a ticket, psk_dhe_ke with X25519" },
    { "full-tls12", HF_TLS12, ECDSA12, X25519, false, false, false,
      "TLS 1.2, ECDHE_ECDSA, P-256 certificates, X25519" },
    { "full-tls12-rsa2048", HF_TLS12, RSA12, X25519, false, false, true,
      "TLS 1.2, ECDHE_RSA, RSA-2048 certificates, X25519" },
    { "resumed-tls12", HF_TLS12, ECDSA12, X25519, true, false, false,
      "TLS 1.2 with a ticket (RFC 5077)" },
};

static const hf_bench_load loads[] = {
    { "bulk-aes128gcm-16384", AES128, 16384 },
    { "bulk-aes128gcm-1400", AES128, 1400 },
    { "bulk-chacha20-16384", CHACHA20, 16384 },
    { "bulk-chacha20-1400", CHACHA20, 1400 },
};

const hf_bench_kind *hf_bench_kind_row(size_t i)
{
    return i < sizeof kinds / sizeof kinds[0] ? &kinds[i] : NULL;
}

const hf_bench_load *hf_bench_load_row(size_t i)
{
    return i < sizeof loads / sizeof loads[0] ? &loads[i] : NULL;
}

hf_bench_case hf_bench_case_of(const hf_bench_kind *kind, const hf_bench_certs *certs)
{
    const char(*path)[HF_BENCH_PATH] = certs->path[kind->rsa];

    return (hf_bench_case){
        .name = kind->name,
        .version = kind->version,
        .suite = kind->suite,
        .group = kind->group,
        .resumed = kind->resumed,
        .mutual = kind->mutual,
        .ca = path[0],
        .server_chain = path[1],
        .server_key = path[2],
        .client_chain = path[3],
        .client_key = path[4],
        .server_name = "localhost",
    };
}
