/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A folder of traces: files named <UTC time>-<n>.json, mode 0600, without secrets, of which only the last ones are kept. Nothing
 * is said here: who asked for the folder complains, and who did not lives without it.
 */
#ifndef HF_TOOL_TRACE_FOLDER_H
#define HF_TOOL_TRACE_FOLDER_H

#include "explain/tape.h"

enum { HF_TRACE_PATH_MAX = 4096 };

/* The folder with those above it, each new one for its owner alone. False: errno says why. */
bool hf_trace_folder_make(const char *dir);
/* Whose choice a folder was: one of ours is refused if it is a link, not the user's, or for others to write to as well. */
typedef enum hf_folder { HF_FOLDER_OURS, HF_FOLDER_NAMED } hf_folder;

/* Writes the tape under the number `n`, or the next that is free, and removes the oldest traces over `limit`. path gets the
   file's name. False: errno says why, and path is empty. */
bool hf_trace_folder_keep(const char *dir, hf_folder whose, size_t limit, unsigned n,
                          const hf_tape *tape, char path[HF_TRACE_PATH_MAX]);
/* The same with a trace that was drawn elsewhere (hf_show_json). */
bool hf_trace_folder_keep_json(const char *dir, hf_folder whose, size_t limit, unsigned n,
                               hf_span json, char path[HF_TRACE_PATH_MAX]);

#endif
