/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Sites as the tests of loads write them down. */
#ifndef TESTS_UNIT_PROXY_SITES_SUPPORT_H
#define TESTS_UNIT_PROXY_SITES_SUPPORT_H

#include "proxy_load_support.h"

static char yaml[8192];

static inline const char *with_sites(const char *sites)
{
    snprintf(yaml, sizeof yaml, "listen: [\"127.0.0.1:8443\"]\nsites:\n%s", sites);
    return yaml;
}

#define SITE(names, pairs, more)                                                                   \
    "  - {names: [" names "], certificates: [" pairs "], backend: \"127.0.0.1:9000\"" more "}\n"
#define A "{chain: a.pem, key: a.key}"
#define B "{chain: b.pem, key: b.key}"

static inline hf_loaded *load(const char *sites, const hf_loaded *before)
{
    return load_with(with_sites(sites), before);
}

static inline void put_good(void)
{
    char *ca = test_cert_pem(load_ca);

    load_clock = LOAD_NOW;
    put_pair("a.pem", "a.key", "a.test", SLOT_A);
    put_pair("b.pem", "b.key", "a.test", SLOT_B);
    put("ca.pem", ca);
    hf_free(ca);
}

/* A second load after the files were changed; frees the first. */
static inline hf_loaded *reload(hf_loaded *before, const char *sites)
{
    hf_loaded *after = load(sites, before);

    hf_loaded_free(before);
    return after;
}

#endif
