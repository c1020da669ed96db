/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The table of policies, and names for code points. What a config does with one is config.c. */
#include "policy/policy.h"
#include "x509/trust.h"

#include <string.h>

enum { TICKETS_MAX = 8, WEEK = 604800 };

static const hf_policy policies[] = {
#define HF_POLICY(...) { __VA_ARGS__ },
#include "policy/policies.def"
#undef HF_POLICY
};

/* "default" is the newest "default-…": rows are in order of time. */
const hf_policy *hf_policy_named(const char *name)
{
    const hf_policy *found = NULL;
    size_t n = strlen(name);

    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        const char *dated = policies[i].name;
        if (strcmp(dated, name) == 0)
            return &policies[i];
        if (strncmp(dated, name, n) == 0 && dated[n] == '-' && dated[n + 1] == '2')
            found = &policies[i];
    }
    return found;
}

const hf_policy *hf_policy_row(size_t i)
{
    return i < sizeof policies / sizeof *policies ? &policies[i] : NULL;
}

bool hf_in_list(const uint16_t *list, uint16_t code)
{
    for (size_t i = 0; i < HF_POLICY_LIST && list[i]; i++)
        if (list[i] == code)
            return true;
    return false;
}

/* Nothing is offered that is not spoken (RFC 9846 9.3#3). */
static bool all_known(const uint16_t *list, const void *(*look_up)(uint16_t))
{
    for (size_t i = 0; i < HF_POLICY_LIST && list[i]; i++)
        if (!look_up(list[i]))
            return false;
    return list[0] != 0;
}

static const void *suite_of(uint16_t code)
{
    return hf_suite_of(code);
}
static const void *group_of(uint16_t code)
{
    return hf_group_of(code);
}
static const void *scheme_of(uint16_t code)
{
    return hf_scheme_of(code);
}

uint8_t hf_profile_in_force(const hf_policy *policy, const hf_trust *trust)
{
    if (policy->profile != HF_PROFILE_AUTO)
        return policy->profile;
    return trust && hf_trust_is_public(trust) ? HF_PROFILE_WEBPKI : HF_PROFILE_PRIVATE;
}

/* Key shares must stand in groups, in the same order, once (RFC 9846 4.3.8#1 #2 #4 #5). */
static bool shares_fit(const hf_policy *p)
{
    size_t at = 0;

    for (size_t i = 0; i < sizeof p->key_shares / sizeof *p->key_shares && p->key_shares[i]; i++) {
        while (at < HF_POLICY_LIST && p->groups[at] && p->groups[at] != p->key_shares[i])
            at++;
        if (at == HF_POLICY_LIST || !p->groups[at++])
            return false;
    }
    return true;
}

/* RFC 9846 4.3.7#1 */
static bool each_once(const uint16_t *list)
{
    for (size_t i = 0; i < HF_POLICY_LIST && list[i]; i++)
        for (size_t j = 0; j < i; j++)
            if (list[j] == list[i])
                return false;
    return true;
}

/* A version needs a suite, TLS 1.2 with ECDHE a group and TLS 1.3 a scheme of its own. That a suite of pre-shared keys is of no use
   without such keys is the config's and the connection's business. */
static bool speaks(const hf_policy *p, uint16_t version)
{
    bool group = version == HF_TLS13, scheme = version == HF_TLS12;

    for (size_t i = 0; i < HF_POLICY_LIST && p->schemes[i]; i++)
        scheme |= hf_scheme_of(p->schemes[i]) && hf_scheme_of(p->schemes[i])->tls13;
    for (size_t i = 0; i < HF_POLICY_LIST && p->groups[i]; i++)
        group |= hf_group_of(p->groups[i]) && !hf_group_of(p->groups[i])->post_quantum;
    for (size_t i = 0; i < HF_POLICY_LIST && p->suites[i]; i++) {
        const hf_suite *suite = hf_suite_of(p->suites[i]);
        if (suite && suite->version == version && (group || !hf_kx_is_ephemeral(suite->kx)))
            return scheme;
    }
    return false;
}

/* No version below TLS 1.2 (RFC 9846 E.5#3). */
hf_error hf_policy_check(hf_policy *p)
{
    bool versions = p->min_version <= p->max_version && p->min_version >= HF_TLS12 &&
                    p->max_version <= HF_TLS13;
    bool lists = all_known(p->suites, suite_of) && all_known(p->groups, group_of) &&
                 all_known(p->schemes, scheme_of) && all_known(p->cert_schemes, scheme_of);
    bool limits = p->rsa_min_bits <= p->rsa_max_bits && p->record_size_limit >= 64 &&
                  p->record_size_limit <= 16385;
    bool certificates = p->profile <= HF_PROFILE_AUTO && p->revocation <= HF_REVOCATION_HARD;
    bool sessions = p->tickets <= TICKETS_MAX && p->session_seconds >= 1 &&
                    p->session_seconds <= WEEK; /* RFC 9846 4.7.1#5 */

    while (versions && p->min_version < p->max_version && !speaks(p, p->min_version))
        p->min_version++;
    while (versions && p->min_version < p->max_version && !speaks(p, p->max_version))
        p->max_version--;
    versions = versions && speaks(p, p->min_version);
    return versions && lists && limits && certificates && sessions && each_once(p->groups) &&
                   shares_fit(p)
               ? HF_OK
               : HF_E_CONFIG_POLICY;
}

uint16_t hf_code(hf_registry registry, const char *name)
{
    const hf_suite *suite = registry == HF_SUITES ? hf_suite_named(name) : NULL;
    const hf_group *group = registry == HF_GROUPS ? hf_group_named(name) : NULL;
    const hf_scheme *scheme = registry == HF_SCHEMES ? hf_scheme_named(name) : NULL;

    return suite ? suite->code : group ? group->code : scheme ? scheme->code : 0;
}

const char *hf_code_name(hf_registry registry, uint16_t code)
{
    switch (registry) {
    case HF_SUITES: return hf_suite_name(code);
    case HF_GROUPS: return hf_group_name(code);
    case HF_SCHEMES: return hf_scheme_name(code);
    }
    return NULL;
}
