/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a run of `connect` came to: the source of the report in words and of the one in JSON. */
#ifndef HF_TOOL_OUTCOME_H
#define HF_TOOL_OUTCOME_H

#include "tool/dial.h"
#include "tool/http_response.h"
#include "tool/own_cert.h"
#include "tool/target.h"
#include "tool/trouble.h"

typedef struct hf_outcome {
    const hf_target *target;
    const char *name; /* asked for and verified: --servername or the target's host */
    hf_dial_result dial;
    bool traced;                                  /* every message is shown anyway */
    hf_conn *conn;                                /* NULL: it never came to one */
    double handshake_ms, first_byte_ms, total_ms; /* negative: not reached */
    const hf_http_response *http;                 /* NULL: none was asked for, or none began */
    struct {
        const char *file;    /* --session; NULL: not given */
        bool there, offered; /* one was in the file; and it went along with the ClientHello */
        bool withheld;       /* it did not fit this connection */
        bool saved;          /* a session for the next time is in the file */
        bool dropped;        /* the connection failed: the file is gone */
        bool unwritten;      /* there was one to keep, and the file could not be written */
        bool spent;          /* one of TLS 1.3 was offered: the file does not hold it any more */
        bool taken;          /* another run took the one that was there */
    } session;
    hf_own_cert own; /* the first --cert */
    hf_trouble trouble;
} hf_outcome;

#endif
