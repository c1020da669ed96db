/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A set of keys shared beforehand (made in <handfast/config.h>). How one is used is the handshake's question. */
#ifndef HF_KEYS_PSKS_H
#define HF_KEYS_PSKS_H

#include <handfast/config.h>
#include "base/bytes.h"

typedef struct hf_psk {
    hf_span identity, key; /* owned by the set */
} hf_psk;

hf_psks *hf_psks_ref(hf_psks *psks);
/* NULL: not there. An empty identity stands for the first. */
const hf_psk *hf_psks_find(const hf_psks *psks, hf_span identity);
size_t hf_psks_count(const hf_psks *psks);
/* HF_E_PSK_ROLE if a config of the other role has it. */
hf_error hf_psks_claim_role(hf_psks *psks, hf_role role);
/* Nothing is added any more. */
void hf_psks_seal(hf_psks *psks);

#endif
