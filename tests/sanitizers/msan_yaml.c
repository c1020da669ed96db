/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The boundary to libyaml in a build with MemorySanitizer (msan_wrap.h). Nodes and words are on the heap. */
#include <yaml.h>

#include "msan_wrap.h"

/* clang-format off */
WRAP(int, yaml_parser_initialize, (yaml_parser_t *parser), (parser), NONE, OUT(parser))
WRAP(int, yaml_parser_parse, (yaml_parser_t *parser, yaml_event_t *event), (parser, event),
     in(parser, sizeof *parser), OUT(parser); OUT(event))
WRAP(int, yaml_parser_load, (yaml_parser_t *parser, yaml_document_t *document), (parser, document),
     in(parser, sizeof *parser), OUT(parser); OUT(document))
/* clang-format on */
