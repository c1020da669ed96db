/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The hooks that every config of the tool has: the links' clock, the public suffix list, and the key log if one was asked
   for. */
#ifndef HF_TOOL_KEYLOG_H
#define HF_TOOL_KEYLOG_H

#include <handfast/config.h>

/* path NULL: SSLKEYLOGFILE, if set; else none. Says on stderr that the file will hold secrets. *keylog gets what
   hf_keylog_end wants, after the config is gone. An exit code. */
int hf_keylog_hooks(hf_config *config, const char *path, void **keylog);
void hf_keylog_end(void *keylog);

#endif
