/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Who does ML-KEM in this build. Each kex_mlkem*.c is empty unless it is the one. */
#ifndef HF_CRYPTO_MLKEM_SOURCE_H
#define HF_CRYPTO_MLKEM_SOURCE_H

#include <openssl/crypto.h>

#if defined(OPENSSL_IS_AWSLC)
#define HF_MLKEM_BY_AWSLC
#elif OPENSSL_VERSION_NUMBER >= 0x30500000L
#define HF_MLKEM_BY_OPENSSL
#else
#define HF_MLKEM_BY_HANDFAST
#endif

#endif
