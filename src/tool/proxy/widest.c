/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The policy that is in force until a client's site is known; then the hello is judged again by the site's own. */
#include "tool/proxy/generation.h"

#include <string.h>

bool hf_site_asks(const hf_config_site *site)
{
    return site->client_auth.at.line > 0 && site->client_auth.mode != HF_AUTH_NONE;
}

static void merge_list(uint16_t *list, const uint16_t *more)
{
    for (size_t i = 0; i < HF_POLICY_LIST && more[i]; i++) {
        size_t n = 0;
        while (n < HF_POLICY_LIST && list[n] && list[n] != more[i])
            n++;
        if (n < HF_POLICY_LIST)
            list[n] = more[i];
    }
}

static void merge(hf_policy *all, const hf_policy *p)
{
    if (p->min_version < all->min_version)
        all->min_version = p->min_version;
    if (p->max_version > all->max_version)
        all->max_version = p->max_version;
    if (p->rsa_min_bits < all->rsa_min_bits)
        all->rsa_min_bits = p->rsa_min_bits;
    if (p->rsa_max_bits > all->rsa_max_bits)
        all->rsa_max_bits = p->rsa_max_bits;
    merge_list(all->suites, p->suites);
    merge_list(all->groups, p->groups);
    merge_list(all->schemes, p->schemes);
    merge_list(all->cert_schemes, p->cert_schemes);
    all->require_ems = all->require_ems && p->require_ems;
    all->require_renegotiation_info =
        all->require_renegotiation_info && p->require_renegotiation_info;
}

void hf_widest_policy(const hf_proxy_config *config, hf_policy *out)
{
    *out = *hf_policy_named(config->sites[0].policy.text);
    for (size_t i = 1; i < config->n_sites; i++)
        merge(out, hf_policy_named(config->sites[i].policy.text));
    memset(out->key_shares, 0, sizeof out->key_shares); /* a client's business */
}
