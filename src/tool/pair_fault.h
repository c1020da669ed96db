/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Why a certificate and its key cannot be used: which of the two files, and what is wrong with it. */
#ifndef HF_TOOL_PAIR_FAULT_H
#define HF_TOOL_PAIR_FAULT_H

#include <handfast/error.h>

/* Says it, for the error that hf_os_identity or hf_config_add_identity gave. cert == key: one file was
   given for both. HF_EXIT_USAGE. */
int hf_pair_refuse(hf_error e, const char *cert, const char *key);

#endif
