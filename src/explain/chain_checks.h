/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Why a certificate chain was believed, or not: the validation runs once more, and every rule that it applied becomes a check
 * of the tape. A good chain lists the rules that each certificate of its path keeps; a bad one ends at the rule that it breaks.
 */
#ifndef HF_EXPLAIN_CHAIN_CHECKS_H
#define HF_EXPLAIN_CHAIN_CHECKS_H

#include <handfast/verify.h>

#include "explain/tape.h"

/* chain and options as in hf_verify_chain, and so is what is returned; or HF_E_NO_MEMORY, and the tape is as it was. Checks that
   the tape holds already are replaced. The checks stand by certificate, a broken one last. */
hf_error hf_checks_of(hf_tape *tape, const hf_span *chain, size_t n,
                      const hf_verify_options *options);

#endif
