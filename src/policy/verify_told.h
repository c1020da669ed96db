/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* hf_verify_chain for those who want to see each rule that was applied. */
#ifndef HF_POLICY_VERIFY_TOLD_H
#define HF_POLICY_VERIFY_TOLD_H

#include <handfast/verify.h>

#include "x509/path_account.h"

/* The same verdict; the account has to be zeroed. *known gets what is known of the leaf's revocation. */
hf_error hf_verify_chain_told(const hf_span *chain, size_t n, const hf_verify_options *options,
                              hf_path_account *account, hf_leaf_known *known,
                              hf_verify_result *result);

/* The same verdict but for the dates of certificates, which are not looked at: what else is wrong with an expired one? */
hf_error hf_verify_chain_undated(const hf_span *chain, size_t n, const hf_verify_options *options,
                                 hf_verify_result *result);

#endif
