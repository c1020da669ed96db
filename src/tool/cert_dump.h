/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Every field of a certificate's encoding, as the validator's own reader names it. */
#ifndef HF_TOOL_CERT_DUMP_H
#define HF_TOOL_CERT_DUMP_H

#include <handfast/types.h>

/* To stdout, up to the place where reading fails, if it does. True: it can be read to its end. */
bool hf_cert_dump(hf_span der);

#endif
