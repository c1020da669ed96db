/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whether a staple is of any use: signed by who may, for this certificate, fresh, and what it says. It is asked apart from the path, so that
 * the staple of a chain that is bad otherwise gets its verdict as well.
 */
#include <stdio.h>

#include "audit/chain_judge.h"
#include "policy/policy.h"
#include "x509/ocsp.h"

/* The dates of the answer about that serial; without one they stay 0. */
static void tell_dates(hf_seen_chain *chain)
{
    hf_fault fault = { .code = HF_OK };
    hf_ocsp_single single;
    hf_ocsp ocsp;

    if (hf_ocsp_parse(&ocsp, chain->staple, &fault) != HF_OK)
        return;
    hf_reader answers = hf_rd_start(ocsp.responses, "responses", 0, &fault, NULL);
    while (hf_ocsp_next(&answers, &single))
        if (!chain->parsed || hf_span_equal(single.serial, chain->leaf.serial)) {
            chain->staple_this_update = single.this_update;
            chain->staple_next_update = single.next_update;
            return;
        }
}

static void say(hf_seen_chain *chain, hf_tri state, const char *words)
{
    chain->staple_good = state;
    snprintf(chain->staple_words, sizeof chain->staple_words, "%s", words);
}

static hf_path_query query_of(const hf_audit_setup *setup)
{
    return (hf_path_query){ .trust = setup->trust,
                            .now = setup->now,
                            .purpose = HF_EKU_SERVER_AUTH,
                            .profile = hf_profile_in_force(setup->policy, setup->trust),
                            .rsa_min_bits = setup->policy->rsa_min_bits,
                            .rsa_max_bits = setup->policy->rsa_max_bits,
                            .schemes = setup->policy->cert_schemes,
                            .max_intermediates = -1 };
}

static void judge(hf_seen_chain *chain, const hf_cert *issuer, const hf_audit_setup *setup)
{
    hf_path_query query = query_of(setup);
    unsigned units = HF_STATUS_BUDGET;
    hf_status status = HF_STATUS_UNKNOWN;
    char detail[HF_DETAIL_MAX] = "";
    hf_error error =
        hf_ocsp_status(&query, chain->staple, &chain->leaf, issuer, &units, &status, detail);

    if (error == HF_E_NO_MEMORY || error == HF_E_CRYPTO)
        say(chain, HF_UNKNOWN, hf_error_row_of(error)->sentence);
    else if (error != HF_OK)
        say(chain, HF_ABSENT, *detail ? detail : hf_error_row_of(error)->sentence);
    else if (status == HF_STATUS_GOOD)
        say(chain, HF_PRESENT, "it says good");
    else
        say(chain, HF_ABSENT, detail);
}

void hf_chain_tell_staple(hf_seen_chain *chain, const hf_chain_shape *shape,
                          const hf_audit_setup *setup)
{
    const hf_cert *issuer = hf_chain_leaf_issuer(shape, chain, setup->trust);

    if (chain->staple.len == 0)
        return;
    tell_dates(chain);
    if (!chain->parsed)
        say(chain, HF_UNKNOWN, "the certificate that it is about cannot be read");
    else if (!issuer)
        say(chain, HF_UNKNOWN, "who issued the certificate is not known here");
    else
        judge(chain, issuer, setup);
}
