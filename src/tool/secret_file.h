/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Files of keys, one a line: nobody but their owner may read them. Empty lines and those that begin with # are passed over.
 *
 *     hf_secret_file f;
 *     int status = hf_secret_file_open(&f, path, "--psk-file", "pre-shared keys", "identity:hex");
 *     while (status == HF_EXIT_OK && hf_secret_file_line(&f, &line))
 *         if (!good(line))
 *             status = hf_secret_file_refuse(&f, next, "why");
 *     hf_secret_file_close(&f);
 */
#ifndef HF_TOOL_SECRET_FILE_H
#define HF_TOOL_SECRET_FILE_H

#include <handfast/types.h>
#include "base/compiler.h"

typedef struct hf_secret_file {
    const char *path, *option; /* "--psk-file" */
    const char *holds;         /* "pre-shared keys" */
    const char *form;          /* "identity:hex" */
    uint8_t *bytes;
    size_t len, at;
    unsigned line; /* the number of the one that was read last, from 1 */
} hf_secret_file;

/* Reads it whole, if it is a regular file of ours (or root's) that no group and nobody else has rights to. An exit code, after
   it said what is wrong; closed then. */
int hf_secret_file_open(hf_secret_file *file, const char *path, const char *option,
                        const char *holds, const char *form);
/* The next line without its end and the blanks before that; good until the file is closed. False: there is none. */
bool hf_secret_file_line(hf_secret_file *file, hf_span *line);
/* Says what is wrong with that line, or with the file (line 0), and what to do; next may be NULL. Never a part of a key. */
int hf_secret_file_refuse(const hf_secret_file *file, const char *next, const char *format, ...)
    HF_PRINTF(3, 4);
/* Wipes. */
void hf_secret_file_close(hf_secret_file *file);

/* How many of them stand before the first that is no hex digit; digits.len: all are. In time that depends on the length. */
size_t hf_hex_digits(hf_span digits);
/* digits.len / 2 bytes. False: an odd number of digits, or something else among them. In time that depends on the length. */
bool hf_hex_bytes(hf_span digits, uint8_t *out);

#endif
