/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Two configurations side by side: versions, suites, groups, signatures, client authentication, who may name addresses. */
#include "tool/proxy/weaker.h"

#include <stdio.h>
#include <string.h>

#include <handfast/policy.h>

typedef struct search {
    const char *site;
    hf_weaker_found found;
    void *user;
} search;

static void tell(const search *s, const char *what)
{
    s->found(s->user, s->site, what);
}

/* ---- policies ---- */

static bool has(const uint16_t *list, uint16_t code)
{
    for (size_t i = 0; i < HF_POLICY_LIST && list[i]; i++)
        if (list[i] == code)
            return true;
    return false;
}

static uint16_t first_new(const uint16_t *before, const uint16_t *now)
{
    for (size_t i = 0; i < HF_POLICY_LIST && now[i]; i++)
        if (!has(before, now[i]))
            return now[i];
    return 0;
}

static bool allows_more(const hf_policy *before, const hf_policy *now)
{
    return now->min_version < before->min_version || first_new(before->suites, now->suites) ||
           first_new(before->groups, now->groups) || first_new(before->schemes, now->schemes) ||
           first_new(before->cert_schemes, now->cert_schemes) ||
           now->rsa_min_bits < before->rsa_min_bits || (before->require_ems && !now->require_ems) ||
           (before->require_renegotiation_info && !now->require_renegotiation_info) ||
           now->revocation < before->revocation;
}

static void compare_policies(const search *s, const char *before, const char *now)
{
    const hf_policy *a = hf_policy_named(before), *b = hf_policy_named(now);
    char text[256];

    if (!a || !b || !allows_more(a, b))
        return;
    snprintf(text, sizeof text, "policy %s allows what %s did not", b->name, a->name);
    tell(s, text);
}

/* ---- client authentication ---- */

static hf_site_auth auth_of(const hf_config_site *site)
{
    return site->client_auth.at.line > 0 ? site->client_auth.mode : HF_AUTH_NONE;
}

/* Is every path of before still at or below one that needs a certificate now? */
static bool covers(const hf_config_list *now, const char *path)
{
    for (size_t i = 0; i < now->n; i++) {
        const char *above = now->at[i].text;
        size_t len = strlen(above);
        if (strncmp(path, above, len) == 0 &&
            (path[len] == '\0' || path[len] == '/' || (len > 0 && above[len - 1] == '/')))
            return true;
    }
    return false;
}

static bool paths_shrink(const hf_config_list *before, const hf_config_list *now)
{
    if (now->n == 0)
        return false; /* everywhere */
    for (size_t i = 0; i < before->n; i++)
        if (!covers(now, before->at[i].text))
            return true;
    return before->n == 0;
}

static void compare_auth(const search *s, const hf_config_site *before, const hf_config_site *now)
{
    if (auth_of(now) < auth_of(before))
        tell(s, auth_of(now) == HF_AUTH_NONE ? "clients are not asked for a certificate any more"
                                             : "clients need no certificate any more");
    else if (auth_of(before) == HF_AUTH_REQUIRE &&
             paths_shrink(&before->client_auth.paths, &now->client_auth.paths))
        tell(s, "fewer paths need a client's certificate");
    if (before->client_auth.crl.text && !now->client_auth.crl.text && auth_of(now) != HF_AUTH_NONE)
        tell(s, "no CRL is asked about clients any more");
}

/* ---- all ---- */

static bool verifies_all(const hf_config_site *site)
{
    for (size_t i = 0; i < site->n_backends; i++)
        if (!site->backends[i].tls)
            return false;
    return true;
}

static void compare_sites(const search *s, const hf_config_site *before, const hf_config_site *now)
{
    compare_policies(s, before->policy.text, now->policy.text);
    compare_auth(s, before, now);
    if (verifies_all(before) && !verifies_all(now))
        tell(s, "a backend is reached without TLS");
    if (before->hsts.on && before->hsts.max_age > 0 && (!now->hsts.on || now->hsts.max_age == 0))
        tell(s, "HSTS is not sent any more");
}

static const hf_config_site *same_site(const hf_proxy_config *config, const char *label)
{
    for (size_t i = 0; i < config->n_sites; i++)
        if (strcmp(config->sites[i].names.at[0].text, label) == 0)
            return &config->sites[i];
    return NULL;
}

void hf_weaker_find(const hf_proxy_config *before, const hf_proxy_config *now,
                    hf_weaker_found found, void *user)
{
    search whole = { NULL, found, user };

    for (size_t i = 0; i < now->n_sites; i++) {
        search s = { now->sites[i].names.at[0].text, found, user };
        const hf_config_site *old = same_site(before, s.site);
        if (old)
            compare_sites(&s, old, &now->sites[i]);
    }
    if (now->proxy_protocol_in && before->proxy_protocol_in && before->proxy_protocol_from.n > 0 &&
        now->proxy_protocol_from.n == 0)
        tell(&whole, "anyone may send a PROXY protocol header");
    if (now->admin_public && !before->admin_public && now->admin.text)
        tell(&whole, "admin may be reached from outside");
}
