/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From a YAML document to structs, as the table of keys says: the form of a configuration. */
#ifndef HF_TOOL_PROXY_READ_H
#define HF_TOOL_PROXY_READ_H

#include "base/arena.h"
#include "tool/proxy/yaml_file.h"

/* All memory is the arena's. False: faults, whose first room holds the file's name already. */
bool hf_config_walk(yaml_document_t *document, hf_arena *arena, hf_proxy_config *config,
                    hf_config_faults *faults);

#endif
