/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a visit says once it may: exporter, secrets, alert, first words, the echo of what comes, and goodbye. */
#ifndef BOGO_SHIM_TALK_H
#define BOGO_SHIM_TALK_H

#include "wire.h"

/* How a part of the exchange ended. */
typedef enum outcome {
    DONE,
    FINISHED, /* and the connection with it */
    REFUSED,  /* early data was: it begins again */
    WRONG,    /* a check failed; words are on stderr */
    BROKEN    /* hf_conn_failure */
} outcome;

outcome outcome_of(wire_state state);
/* WRONG, with these words on stderr. */
outcome wrong(const char *why);

/* -export-keying-material, -export-traffic-secrets, -send-alert */
outcome talk_exporter(wire *w);
outcome talk_secrets(wire *w);
outcome talk_alert(wire *w);
/* -shim-writes-first, -read-with-unfinished-write */
outcome talk_first(wire *w);
/* Answers all that comes, each byte turned over, until the peer has closed. */
outcome talk_echo(wire *w);
/* -check-close-notify */
outcome talk_shut_down(wire *w);

#endif
