/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Bytes as a file of our own, and what the tool says about it on stderr: for targets whose reader takes a path. */
#ifndef TESTS_FUZZ_FILES_H
#define TESTS_FUZZ_FILES_H

#include "fuzz/fuzz.h"

/* A file of mode 0600 that holds these bytes, the same one each time; it goes away with the process. */
const char *file_of(hf_span bytes);
/* From here on stderr is heard; and back: all that was said since, ended by a NUL, good until the next call. */
void hear_stderr(void);
const char *heard_on_stderr(size_t *len);
/* Whoever is refused is told what, why and what to do, in lines that are safe to print. */
void check_refusal(const char *said, size_t len);

#endif
