/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Handshakes that failed leave their trace in $XDG_STATE_HOME/handfast/failures (~/.local/state/…), without secrets, for
 * `handfast explain`. This is help, never a duty: where it cannot be written nothing is said. HANDFAST_STATE=off keeps nothing.
 */
#ifndef HF_TOOL_FAILURES_H
#define HF_TOOL_FAILURES_H

#include "tool/recording.h"
#include "tool/trace_folder.h"

enum { HF_FAILURES_KEPT = 20 };

/* The folder. False: there is none, or none is wanted. */
bool hf_failures_folder(char path[HF_TRACE_PATH_MAX]);
/* A recording whose end was told (hf_recording_failed). path gets the file; empty: nothing was kept, as TLS was not spoken or
   for want of a folder. */
void hf_failures_keep(const hf_recording *recording, char path[HF_TRACE_PATH_MAX]);

/* For servers, whom anybody can make fail: as many at once as are kept, then one a second. Start with zeros. */
typedef struct hf_failures_pace {
    double spent, at; /* how many of those at once are used up, when */
} hf_failures_pace;
bool hf_failures_may(hf_failures_pace *pace, double now_ms);

#endif
