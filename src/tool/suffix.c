/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which domains are public suffixes is known to libpsl, from the list that it was built with. */
#include "tool/suffix.h"

#include <libpsl.h>
#include <stddef.h>

/* Registries' suffixes, not those of companies (github.io): a company holds all names under its own, and its certificates say so. */
static bool is_registry_suffix(void *user, const char *domain)
{
    (void)user;
    return psl_is_public_suffix2(psl_builtin(), domain, PSL_TYPE_ICANN) != 0;
}

static bool is_listed_suffix(void *user, const char *domain)
{
    (void)user;
    return psl_is_public_suffix(psl_builtin(), domain) != 0;
}

hf_suffix_check *hf_suffix_hook(bool whole_list)
{
    if (!psl_builtin())
        return NULL;
    return whole_list ? is_listed_suffix : is_registry_suffix;
}
