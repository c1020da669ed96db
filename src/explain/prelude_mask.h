/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Bytes before TLS as they may be shown to who did not ask for secrets: mail, file transfer and proxies take passwords there.
 * What is masked is as many `*` as it had bytes, so that every length and place stays true; what was masked is masked again.
 */
#ifndef HF_EXPLAIN_PRELUDE_MASK_H
#define HF_EXPLAIN_PRELUDE_MASK_H

#include "explain/tape.h"

/* Start with zeros, which mask nothing. */
typedef struct hf_prelude_mask {
    const uint8_t *from; /* the tape's bytes, as far as its preludes reach … */
    uint8_t *shown;      /* … the same, masked … */
    bool *masked;        /* … and where */
    size_t len;
} hf_prelude_mask;

/* HF_OK or HF_E_NO_MEMORY. The tape must not change while the mask is used. */
hf_error hf_prelude_mask_start(hf_prelude_mask *mask, const hf_tape *tape);
/* What to show of bytes of the tape's; *masked: how many of them are hidden. */
hf_span hf_prelude_shown(const hf_prelude_mask *mask, hf_span bytes, size_t *masked);
void hf_prelude_mask_end(hf_prelude_mask *mask);

#endif
