/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The public suffix list, for hf_hooks.public_suffix. */
#ifndef HF_TOOL_SUFFIX_H
#define HF_TOOL_SUFFIX_H

#include <stdbool.h>

typedef bool hf_suffix_check(void *user, const char *domain);

/* The suffixes of registries (co.uk); with `whole_list` also those of companies that give names to others (github.io), as
   x509-limbo demands. NULL: libpsl was built without a list, and only top-level domains count. */
hf_suffix_check *hf_suffix_hook(bool whole_list);

#endif
