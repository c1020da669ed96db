/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast --version */
#include <handfast/handfast.h>

#include "hf_build.h"
#include "tool/exit.h"
#include "tool/options.h"
#include "tool/say.h"

int hf_cmd_version(void)
{
    hf_out("handfast %s (commit %s)\n", hf_version(), HF_COMMIT);
    hf_out("primitives: %s\n", hf_crypto().version);
    hf_out("ML-KEM: from %s\n", hf_crypto().mlkem);
    return HF_EXIT_OK;
}
