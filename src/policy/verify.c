/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* <handfast/verify.h>: the validator's question put together from a policy and the caller's options. */
#include <assert.h>

#include <handfast/verify.h>

#include "policy/policy.h"
#include "policy/verify_told.h"

static_assert((int)HF_VERIFY_POOL_MAX == (int)HF_POOL_MAX, "the public limit is the validator's");
static_assert((int)HF_VERIFY_PATH_MAX == (int)HF_PATH_MAX, "the public limit is the validator's");

static hf_path_query from_policy(const hf_policy *policy, const hf_trust *trust)
{
    return (hf_path_query){
        .profile = hf_profile_in_force(policy, trust),
        .revocation = policy->revocation,
        .rsa_min_bits = policy->rsa_min_bits,
        .rsa_max_bits = policy->rsa_max_bits,
        .leaf_max_days = policy->leaf_max_days,
        .schemes = policy->cert_schemes,
        .max_intermediates = -1,
    };
}

static hf_path_query from_options(const hf_span *chain, size_t n, const hf_verify_options *options)
{
    hf_path_query query =
        from_policy(options->policy ? options->policy : hf_policy_named("default"), options->trust);

    query.chain = chain;
    query.n_chain = n;
    query.trust = options->trust;
    query.now = options->time;
    query.name = options->name;
    query.emails = options->emails;
    query.n_emails = options->n_emails;
    query.key_usage = options->key_usage;
    query.purpose = options->client ? HF_EKU_CLIENT_AUTH : HF_EKU_SERVER_AUTH;
    query.staple = options->staple;
    if (options->limit_depth && options->max_intermediates < HF_PATH_MAX)
        query.max_intermediates = (int)options->max_intermediates;
    if (options->hooks) {
        query.public_suffix = options->hooks->public_suffix;
        query.user = options->hooks->user;
    }
    return query;
}

static void to_public(const hf_path_result *from, hf_verify_result *to)
{
    *to = (hf_verify_result){
        .error = from->error, .at = from->at, .depth = from->depth, .signatures = from->signatures
    };
    static_assert(sizeof to->detail == sizeof from->detail, "the same words");
    memcpy(to->detail, from->detail, sizeof to->detail);
    memcpy(to->path, from->path, sizeof to->path);
}

static void pass_on(void *user, const hf_path_result *attempt)
{
    const hf_verify_options *options = user;
    hf_verify_result result;

    to_public(attempt, &result);
    options->tried(options->user, &result);
}

static hf_error verify(hf_path_query *query, const hf_verify_options *options,
                       hf_verify_result *result)
{
    hf_path_result found = { .error = HF_E_CONFIG_NO_TRUST };

    if (options->tried) {
        query->tried = pass_on;
        query->tried_user = (void *)(uintptr_t)options;
    }
    if (options->trust)
        hf_path_verify(query, &found);
    to_public(&found, result);
    return found.error;
}

hf_error hf_verify_chain_told(const hf_span *chain, size_t n, const hf_verify_options *options,
                              hf_path_account *account, hf_leaf_known *known,
                              hf_verify_result *result)
{
    hf_path_query query = from_options(chain, n, options);

    query.account = account;
    query.known = known;
    return verify(&query, options, result);
}

hf_error hf_verify_chain_undated(const hf_span *chain, size_t n, const hf_verify_options *options,
                                 hf_verify_result *result)
{
    hf_path_query query = from_options(chain, n, options);

    query.undated = true;
    return verify(&query, options, result);
}

hf_error hf_verify_chain(const hf_span *chain, size_t n, const hf_verify_options *options,
                         hf_verify_result *result)
{
    return hf_verify_chain_told(chain, n, options, NULL, NULL, result);
}
