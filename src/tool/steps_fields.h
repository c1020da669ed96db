/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Every field of a handshake message, as the engine's own parser names them, one a line. */
#ifndef HF_TOOL_STEPS_FIELDS_H
#define HF_TOOL_STEPS_FIELDS_H

#include <handfast/types.h>

/* message: whole, with its header. Nothing is said about messages that the registry does not know. */
void hf_steps_fields(void (*say)(const char *, ...), const char *name, hf_role writer,
                     hf_span message);

#endif
