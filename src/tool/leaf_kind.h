/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which kind of key a certificate that we make ourselves must have under a policy: `serve` and `demo`. */
#ifndef HF_TOOL_LEAF_KIND_H
#define HF_TOOL_LEAF_KIND_H

#include <handfast/policy.h>

/* "p256" if it may be, else the first of ca_store's types that fits; NULL: none does. */
const char *hf_leaf_kind(const hf_policy *policy);

#endif
