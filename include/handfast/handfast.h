/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* All of the library. Start reading at conn.h. */
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
    const char *mlkem;   /* who does ML-KEM-768: "libcrypto" or "handfast" */
} hf_crypto_info;
/* What is linked into this process. */
hf_crypto_info hf_crypto(void);

HF_END_DECLS
#endif
