/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the tool's exit status means, and which status a failure of the library earns. */
#ifndef HF_TOOL_EXIT_H
#define HF_TOOL_EXIT_H

#include <handfast/error.h>

typedef enum hf_exit {
    HF_EXIT_OK = 0,
    HF_EXIT_FINDING = 1,     /* done, and what was looked at has a fault */
    HF_EXIT_USAGE = 2,       /* the command line or the configuration */
    HF_EXIT_UNREACHABLE = 3, /* no connection to the peer */
    HF_EXIT_HANDSHAKE = 4,   /* connected, but the handshake failed */
    HF_EXIT_IO = 5,          /* a file, stdout or a descriptor of this machine */
    HF_EXIT_CERTIFICATE = 6, /* the peer's certificate was not accepted */
    HF_EXIT_BUG = 70         /* ours */
} hf_exit;

/* HF_OK gives HF_EXIT_OK. */
int hf_exit_of(hf_error code);

#endif
