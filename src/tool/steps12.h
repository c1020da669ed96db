/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The handshake of TLS 1.2 in the nine steps by which it is taught. */
#ifndef HF_TOOL_STEPS12_H
#define HF_TOOL_STEPS12_H

#include "tool/steps.h"

/* "Step 4 of 9: the premaster secret", before the first message of a step; and what stands between two of them. */
void hf_steps12_announce(hf_steps *steps, const hf_step *step, const hf_conn_info *info);
/* What the message settled, on lines that begin after six blanks; the first is begun. False: nothing is known of it. */
bool hf_steps12_meaning(hf_steps *steps, const hf_step *step, const hf_conn_info *info);
/* Below the proof of the server's Finished: what static RSA proves only then. */
void hf_steps12_key_proof(hf_steps *steps, const hf_conn_info *info);
/* The steps that have no message of their own, after the message or the proof that leads to them. */
void hf_steps12_after(hf_steps *steps, const hf_step *step, const hf_conn_info *info);

#endif
