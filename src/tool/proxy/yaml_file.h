/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A YAML file that is nothing but one document of mappings, lists and words, within the bounds: no aliases, anchors or tags. What
 * libyaml would let pass or say in its own words is refused here, each with ours.
 */
#ifndef HF_TOOL_PROXY_YAML_FILE_H
#define HF_TOOL_PROXY_YAML_FILE_H

#include <yaml.h>

#include "tool/proxy/config.h"

/* False: fault. The document is the caller's to delete, and has a root. */
bool hf_yaml_load(hf_span bytes, yaml_document_t *document, hf_config_fault *fault);
hf_place hf_yaml_place(yaml_mark_t mark);

/* ---- yaml_syntax.c ---- */

/* What libyaml stumbled over, in plainer words where there are some. False. */
bool hf_yaml_complain(const yaml_parser_t *parser, hf_span bytes, hf_config_fault *fault);

/* ---- yaml_bytes.c ---- */

/* Without a byte order mark at the beginning; all that follows is about what is left. */
hf_span hf_yaml_without_mark(hf_span bytes);
/* Complains of what is no text: not UTF-8, control characters, too long, nothing. */
bool hf_yaml_is_text(hf_span bytes, hf_config_fault *fault);
/* What stands there ('\0': the end). */
char hf_yaml_byte_at(hf_span bytes, hf_place at);

/* libyaml puts what is missing at the end on a line that may not be there. */
hf_place hf_yaml_within(hf_span bytes, hf_place at);

#endif
