/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which domains are public suffixes is known to libpsl, from the list that it was built with. */
#include "tool/suffix.h"

#include <libpsl.h>
#include <stddef.h>

static bool is_public_suffix(void *user, const char *domain)
{
    (void)user;
    return psl_is_public_suffix(psl_builtin(), domain) != 0;
}

hf_suffix_check *hf_suffix_hook(void)
{
    return psl_builtin() ? is_public_suffix : NULL;
}
