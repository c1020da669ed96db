/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Every block that the library takes is known here, and is searched for the secrets of the connections
 * under test when it is given back. Programs are linked with --wrap for base/bytes.h's four functions
 * (cmake/Tests.cmake); libcrypto's own memory is not seen.
 */
#ifndef TESTS_SUPPORT_HOSTILE_MEMORY_H
#define TESTS_SUPPORT_HOSTILE_MEMORY_H

#include "support/hostile.h"

/* How many blocks the library has now. */
size_t hostile_blocks(void);
/* Notes the secrets that both ends have now; for hostile_on_keys. */
void hostile_note_secrets(const hostile *h);
void hostile_forget_secrets(void);
/* Searches the blocks that are there now. */
void hostile_search_blocks(void);
/* In how many blocks a secret was found, at any of these times; each is printed. */
unsigned hostile_secrets_found(void);

#endif
