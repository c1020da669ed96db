/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Where failed handshakes are kept, and how many. */
#include "tool/failures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool hf_failures_folder(char path[HF_TRACE_PATH_MAX])
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    const char *wish = getenv("HANDFAST_STATE");
    int n = -1;

    if (wish && strcmp(wish, "off") == 0)
        return false;
    if (state && *state == '/') /* the specification has relative ones ignored */
        n = snprintf(path, HF_TRACE_PATH_MAX, "%s/handfast/failures", state);
    else if (home && *home == '/')
        n = snprintf(path, HF_TRACE_PATH_MAX, "%s/.local/state/handfast/failures", home);
    return n > 0 && n < HF_TRACE_PATH_MAX;
}

void hf_failures_keep(const hf_recording *recording, char path[HF_TRACE_PATH_MAX])
{
    char dir[HF_TRACE_PATH_MAX];

    path[0] = '\0';
    if (hf_recording_has_tls(recording) && hf_failures_folder(dir) && hf_trace_folder_make(dir))
        hf_trace_folder_keep(dir, HF_FOLDER_OURS, HF_FAILURES_KEPT, 1, recording->tape, path);
}

bool hf_failures_may(hf_failures_pace *pace, double now_ms)
{
    pace->spent -= (now_ms - pace->at) / 1000;
    pace->at = now_ms;
    if (pace->spent < 0)
        pace->spent = 0;
    if (pace->spent > HF_FAILURES_KEPT - 1)
        return false;
    pace->spent++;
    return true;
}
