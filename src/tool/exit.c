/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Failures of the library as exit codes: by blame, and certificates apart. */
#include "tool/exit.h"

/* The rows of errors.def that say why a peer's certificate was not accepted. */
static bool is_certificate(hf_error code)
{
    return code >= HF_E_CERT_DER && code <= HF_E_CERT_REFUSED;
}

/* What went wrong here although nobody did anything wrong: no memory, no randomness. */
static bool is_local(hf_error code)
{
    return code == HF_E_NO_MEMORY || code == HF_E_RANDOM || code == HF_E_CRYPTO;
}

static bool is_bug(hf_error code)
{
    return code == HF_E_INTERNAL || code == HF_E_MISUSE || code == HF_E_NOT_PROVED;
}

int hf_exit_of(hf_error code)
{
    if (code == HF_OK)
        return HF_EXIT_OK;
    if (is_certificate(code))
        return HF_EXIT_CERTIFICATE;
    if (is_local(code))
        return HF_EXIT_IO;
    if (is_bug(code) || code < HF_OK || code >= HF_ERROR_COUNT)
        return HF_EXIT_BUG;
    return hf_error_row_of(code)->blame == HF_BLAME_CONFIG ? HF_EXIT_USAGE : HF_EXIT_HANDSHAKE;
}
