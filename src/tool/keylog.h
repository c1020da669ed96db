/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The hooks that every config of the tool has: the links' clock, the public suffix list, the key log if one was asked for, and
   a server's pre-shared keys. */
#ifndef HF_TOOL_KEYLOG_H
#define HF_TOOL_KEYLOG_H

#include <handfast/config.h>
#include "explain/tape.h"
#include "tool/shared_keys.h"

/* path NULL: SSLKEYLOGFILE, if set; else none. Says on stderr that the file will hold secrets. psks: a server's; NULL: none.
   tape: where the tape stands, once there is one, that gets the secrets as well; NULL: none. *keylog gets what hf_keylog_end wants, after the config is gone, also on failure. An exit code. */
int hf_keylog_hooks(hf_config *config, const char *path, hf_shared_keys *psks, hf_tape *const *tape,
                    void **keylog);
void hf_keylog_end(void *keylog);

#endif
