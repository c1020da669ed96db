/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Every pair of intents that two configurations can hold, sensible or not, and what comes of it by the
 * RFCs. An end that means to do what its peer never offered must simply not do it, so the senseless
 * pairs are there on purpose: without them no `unless` of the tables would ever be tested.
 */
#ifndef HF_TEST_SCRIPT_MODES_H
#define HF_TEST_SCRIPT_MODES_H

#include "handshake/script.h"

typedef struct script_mode {
    hf_facts client, server; /* what each end means to do */
    hf_facts wire;           /* what is then offered, chosen and sent */
    bool unproved; /* the server requires a certificate that never comes: it may not connect */
} script_mode;

size_t script_mode_count(void);
const script_mode *script_mode_at(size_t i);

#endif
