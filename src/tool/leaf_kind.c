/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From a policy's schemes and suites to a type of key. */
#include "tool/leaf_kind.h"

#include <stddef.h>

#include "registry/registry.h"
#include "tool/options.h"

enum { USUAL_RSA_BITS = 2048 };

/* Does a version that is spoken let such a key sign the handshake? */
static bool may_sign(const hf_policy *policy, hf_key_type type)
{
    for (size_t i = 0; i < HF_POLICY_LIST && policy->schemes[i]; i++) {
        const hf_scheme *scheme = hf_scheme_of(policy->schemes[i]);
        if (scheme && scheme->key == type && (scheme->tls13 || policy->min_version == HF_TLS12))
            return true;
    }
    return false;
}

/* TLS 1.3 suites say nothing about keys; those of TLS 1.2 do. */
static bool has_suite_for(const hf_policy *policy, hf_key_type type)
{
    const hf_kx wanted = type == HF_KEY_RSA ? HF_KX_ECDHE_RSA : HF_KX_ECDHE_ECDSA;

    if (policy->max_version == HF_TLS13)
        return true;
    for (size_t i = 0; i < HF_POLICY_LIST && policy->suites[i]; i++) {
        const hf_suite *suite = hf_suite_of(policy->suites[i]);
        if (suite && suite->kx == wanted)
            return true;
    }
    return false;
}

static const char *rsa_for(const hf_policy *policy)
{
    return policy->rsa_min_bits > USUAL_RSA_BITS ? "rsa3072" : "rsa2048";
}

const char *hf_leaf_kind(const hf_policy *policy)
{
    static const struct {
        hf_key_type type;
        const char *name;
    } kinds[] = { { HF_KEY_P256, "p256" }, { HF_KEY_P384, "p384" }, { HF_KEY_ED25519, "ed25519" } };

    /* the handshake that classroom is for needs a key that decrypts */
    if (policy->min_version == HF_TLS12 && hf_policy_static_rsa(policy))
        return rsa_for(policy);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (may_sign(policy, kinds[i].type) && has_suite_for(policy, kinds[i].type))
            return kinds[i].name;
    return may_sign(policy, HF_KEY_RSA) && has_suite_for(policy, HF_KEY_RSA) ? rsa_for(policy)
                                                                             : NULL;
}
