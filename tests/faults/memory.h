/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * All memory of the library, block by block: how much of it is out, and what secrets lie in it. A block that is given back
 * with a secret in it is noted at once; blocks in use are searched when asked to. libcrypto's blocks are counted, and searched
 * when they are given back.
 */
#ifndef TESTS_FAULTS_MEMORY_H
#define TESTS_FAULTS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MEMORY_SECRET = 32 }; /* bytes of a secret that are looked for */

/* Before anything else in the process: libcrypto's allocator can be chosen only once. */
void memory_watch_libcrypto(void);
/* Blocks that are out. */
size_t memory_live(void);
/* The error queue must be empty. */
size_t memory_live_in_libcrypto(void);

/* name: static. kept: a connection needs it as long as it lives. homes: blocks that may hold it in any case. */
void memory_remember(const char *name, const uint8_t bytes[MEMORY_SECRET], bool kept, size_t homes);
void memory_forget_all(void);
size_t memory_secrets(void);
/* Searches the blocks in use; all: also for those that living connections keep. */
void memory_search(bool all);
/* What was found since memory_forget_all; *what gets a line about the first. */
unsigned memory_found(const char **what);
/* … in blocks that libcrypto gave back. */
unsigned memory_found_in_libcrypto(const char **what);

#endif
