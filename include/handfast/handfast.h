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

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0" */
const char *hf_version(void);
/* Whose primitives: "OpenSSL 3.0.19 27 Jan 2026"; and who does ML-KEM-768: "libcrypto" or "handfast". */
const char *hf_crypto_version(void);
const char *hf_crypto_mlkem(void);

#ifdef __cplusplus
}
#endif
#endif
