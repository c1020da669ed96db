/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What `handfast watch` remembers: a file for each target or path, handfast.watch/1,
 *
 *     {"schema", "what": "example.org:443", "report": a handfast.audit/1 or null, "unreachable": rounds in a row, "told": that it is so,
 *      "error": why a file could not be read, or null, "reminded": {fingerprint: {"days", "not_after"}},
 *      "pending": [events that --command has not taken yet, the oldest first],
 *      "list": path of the FILE that names it}
 *
 * written whole or not at all, for the owner alone. One watch a folder at a time.
 */
#ifndef HF_TOOL_AUDIT_WATCH_STATE_H
#define HF_TOOL_AUDIT_WATCH_STATE_H

#include <jansson.h>

#include <handfast/types.h>

enum { HF_WATCH_PATH_MAX = 4096, HF_WATCH_STATE_MAX = 64 << 20 };

typedef struct hf_watch_folder {
    char path[HF_WATCH_PATH_MAX];
    int lock;
} hf_watch_folder;

/* given: --state, or NULL. The folder is made and locked. An exit code, after it said what is wrong; close it only if it was good. */
int hf_watch_folder_open(hf_watch_folder *folder, const char *given);
void hf_watch_folder_close(hf_watch_folder *folder);

/* Where the state of `key` stands; what: how people call it. */
void hf_watch_state_path(const hf_watch_folder *folder, const char *what, const char *key,
                         char path[HF_WATCH_PATH_MAX]);
/* What is no state is put aside with a warning, and it begins anew. NULL: it cannot be read now, errno says why; it is as it was. */
json_t *hf_watch_state_read(const char *path, const char *what);
/* False: errno says why. */
bool hf_watch_state_write(const char *path, const json_t *state);

#endif
