/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The bytes of a file that is not seen yet: write.c's, and of who opened it in a folder of its own. */
#ifndef HF_OS_FILL_H
#define HF_OS_FILL_H

#include <handfast/types.h>

/* Writes all of it, syncs and closes fd, also on failure; errno tells why. */
bool hf_fd_fill(int fd, hf_span bytes);

#endif
