/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The few shapes that every other header uses. Lengths are size_t and count bytes; code points are
 * the uint16_t of the IANA registries in host order; no function takes ownership of a span's bytes.
 */
#ifndef HANDFAST_TYPES_H
#define HANDFAST_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands between these two has C's linkage in C++, and is what the shared library shows; all else in it is hidden. */
#ifdef __cplusplus
#define HF_C_BEGIN extern "C" {
#define HF_C_END   }
#else
#define HF_C_BEGIN
#define HF_C_END
#endif
#ifdef __GNUC__
#define HF_BEGIN_DECLS HF_C_BEGIN _Pragma("GCC visibility push(default)")
#define HF_END_DECLS   _Pragma("GCC visibility pop") HF_C_END
#else
#define HF_BEGIN_DECLS HF_C_BEGIN
#define HF_END_DECLS   HF_C_END
#endif

HF_BEGIN_DECLS

/* A view of bytes that somebody else owns. How long it is good stands with each function. */
typedef struct hf_span {
    const uint8_t *data;
    size_t len;
} hf_span;

typedef enum hf_role { HF_CLIENT = 0, HF_SERVER = 1 } hf_role;

/* ProtocolVersion, as on the wire. */
enum { HF_TLS12 = 0x0303, HF_TLS13 = 0x0304 };

/* Objects that the application holds by pointer only. Those with a _ref and _free count references:
   _free gives one back. Every _free takes NULL too. */
typedef struct hf_config hf_config;
typedef struct hf_conn hf_conn;
typedef struct hf_worker hf_worker;
typedef struct hf_identity hf_identity;
typedef struct hf_signer hf_signer;
typedef struct hf_trust hf_trust;
typedef struct hf_job hf_job;
typedef struct hf_sessions hf_sessions;
typedef struct hf_psks hf_psks;

HF_END_DECLS
#endif
