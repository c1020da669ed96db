/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is linked here: our version, and where the primitives come from. */
#include <handfast/handfast.h>

#include "crypto/kex.h"
#include "crypto/signature.h"

const char *hf_version(void)
{
    return "0.1.0"; /* CMake's project(VERSION) is the same: tests/unit/test_os_trust.c */
}

hf_crypto_info hf_crypto(void)
{
    return (hf_crypto_info){ hf_libcrypto_version(), hf_mlkem_source() };
}
