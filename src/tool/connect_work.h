/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What `connect` does over its connection: a GET, a pipe, or nothing; and what it still waits for when that is done. */
#ifndef HF_TOOL_CONNECT_WORK_H
#define HF_TOOL_CONNECT_WORK_H

#include "tool/connect_run.h"

/* At each turn: sends the request as 0-RTT data, once that is possible, if it is wished for; and ends waiting. */
void hf_work_turn(hf_connect_run *run);
/* At CONNECTED. */
void hf_work_begin(hf_connect_run *run);
/* At EARLY_REJECTED: what went with the first flight is sent again. */
void hf_work_again(hf_connect_run *run);
/* At SESSION. */
void hf_work_got_session(hf_connect_run *run);
/* All that was wanted is there: closes, once the session and the server's verdict have come, which take a moment. */
void hf_work_done(hf_connect_run *run);
/* Closes. */
void hf_work_finish(hf_connect_run *run);
/* Whether HF_EVENT_FAILED spoils anything. */
bool hf_work_is_failure(const hf_connect_run *run);

#endif
