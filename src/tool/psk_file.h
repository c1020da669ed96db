/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* --psk-file of `serve` and `connect`: keys shared beforehand, lines of identity:hex, divided at the last ':'. */
#ifndef HF_TOOL_PSK_FILE_H
#define HF_TOOL_PSK_FILE_H

#include <handfast/config.h>

typedef struct hf_psk_file {
    hf_psks *psks; /* NULL: none was given */
    size_t n;
} hf_psk_file;

/* wanted (may be NULL): an identity that must be in it. An exit code, after it said what is wrong; path NULL: none, HF_EXIT_OK. */
int hf_psk_file_load(hf_psk_file *file, const char *path, const char *wanted);
void hf_psk_file_free(hf_psk_file *file);

/* "device1", good for a line of text: of an identity that a peer may have sent. */
enum { HF_PSK_NAME_ROOM = HF_PSK_IDENTITY_MAX + 4 };
const char *hf_psk_name(hf_span identity, char out[HF_PSK_NAME_ROOM]);

#endif
