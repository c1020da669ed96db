/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Every field of a handshake message, as the engine's own parser names them, one a line. */
#ifndef HF_TOOL_STEPS_FIELDS_H
#define HF_TOOL_STEPS_FIELDS_H

#include "wire/wire.h"

/* message: whole, with its header. wire: what was settled when it was written. Nothing is said about messages that the registry does not know. */
void hf_steps_fields(void (*say)(const char *, ...), const char *name, const hf_wire *wire,
                     hf_span message);
/* Whether it has a field of that name. */
bool hf_steps_has_field(const char *name, const hf_wire *wire, hf_span message, const char *field);

#endif
