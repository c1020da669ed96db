/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The oracle: the figures of the RFCs, drawn once more by hand and never derived from the library's
 * tables. From them follow the order of every mode, what a reader may meet next, what it may drop, and
 * what must have been proved to it.
 */
#ifndef HF_TEST_SCRIPT_FIGURES_H
#define HF_TEST_SCRIPT_FIGURES_H

#include "support/script_modes.h"

typedef struct script_step {
    uint8_t writer, msg, epoch; /* hf_role, hf_msg, hf_epoch (generations count up from HF_APP) */
} script_step;

enum { SCRIPT_STEPS_MAX = 64 };

typedef struct script_trace {
    uint8_t n;
    script_step step[SCRIPT_STEPS_MAX];
} script_trace;

/* Everything that can be injected: the 256 values of msg_type, and what has no msg_type of its own. */
enum { SCRIPT_RETRY = 256, SCRIPT_CCS = 257, SCRIPT_INJECTIONS = 258 };

typedef struct script_legal {
    bool may[SCRIPT_INJECTIONS];
} script_legal;

/* The figure of a mode, message by message. ccs_of: whose compatibility ChangeCipherSpec of TLS 1.3 is
   drawn, as bits 1 << hf_role. A reader drops them, so an end sees its own only. (TLS 1.2's is always
   drawn: there it is a message.) */
script_trace script_draw(hf_facts wire, unsigned ccs_of);
script_trace script_without_ccs(const script_trace *trace);
bool script_same_trace(const script_trace *a, const script_trace *b);
bool script_saw(const script_trace *trace, hf_role writer, hf_msg msg);

/* What a reader that saw `trace` in this mode may meet next: the union of all figures that agree with
   everything it knows. */
script_legal script_legal_next(const script_trace *trace, hf_facts wire, hf_role reader);
/* The same after the handshake; from: where in the trace that begins. */
script_legal script_legal_after(const script_trace *trace, size_t from, const script_mode *mode,
                                hf_role reader);
/* The state of a reader that waits, as the drawings know it: what went by, and what that told. */
uint64_t script_state_of(const script_trace *trace, hf_facts wire, hf_role reader);
/* Must be dropped without effect (RFC 9846 5 and E.4, RFC 5246 7.4.1.1). */
bool script_tolerated(const script_trace *trace, hf_facts wire, hf_role reader, int injection);
/* What must have been proved to this end before it is CONNECTED. */
uint8_t script_demands(hf_facts wire, hf_role to);

/* IANA's number of a message, or SCRIPT_RETRY or SCRIPT_CCS. */
int script_injection_of(hf_msg msg);
/* "C.ClientHello/plain S.ServerHello/plain …" in a static buffer. */
const char *script_trace_text(const script_trace *trace);

#endif
