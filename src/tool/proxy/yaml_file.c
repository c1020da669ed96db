/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * libyaml reads the file twice: as events, which show anchors, aliases and tags and are bounded as they come, then as a document,
 * which has resolved them. Its own complaints are put in plainer words where they can be.
 */
#include "tool/proxy/yaml_file.h"

#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/complaints.h"

hf_place hf_yaml_place(yaml_mark_t mark)
{
    return (hf_place){ (unsigned)mark.line + 1, (unsigned)mark.column + 1 };
}

static bool no_memory(hf_config_fault *fault)
{
    hf_fault_what(fault, (hf_place){ 1, 1 }, "there is no memory to read the file");
    return hf_fault_next(fault, "try again when the machine is less busy");
}

/* ---- what YAML has and a configuration has not ---- */

typedef struct guard {
    size_t depth, nodes, documents;
    hf_config_fault *fault;
} guard;

static bool refuse(guard *g, yaml_mark_t mark, const char *what, const char *why, const char *next)
{
    hf_fault_what(g->fault, hf_yaml_place(mark), "%s", what);
    hf_fault_why(g->fault, "%s", why);
    return hf_fault_next(g->fault, "%s", next);
}

static bool refuse_alias(guard *g, const yaml_event_t *event)
{
    char shown[HF_SHOWN_MAX];

    hf_fault_what(g->fault, hf_yaml_place(event->start_mark),
                  "*%s is an alias, and aliases are refused",
                  hf_fault_shown((const char *)event->data.alias.anchor, shown));
    hf_fault_why(g->fault, "each site stands for itself, so that a line means what it says");
    return hf_fault_next(g->fault, "write the value out; a name that begins with * needs quotes");
}

static bool is_plain(guard *g, const yaml_event_t *event, const yaml_char_t *anchor,
                     const yaml_char_t *tag)
{
    if (anchor)
        return refuse(g, event->start_mark, "an anchor (&) stands here, and anchors are refused",
                      "each site stands for itself, so that a line means what it says",
                      "write the value out; a word that begins with & needs quotes");
    if (tag)
        return refuse(g, event->start_mark, "a tag (!) stands here, and tags are refused",
                      "the key says what kind of value it takes",
                      "take the tag out; a word that begins with ! needs quotes");
    if (++g->nodes > HF_PROXY_NODES_MAX)
        return refuse(g, event->start_mark, "the file holds too many values",
                      "at most 100000 are read", "is it the right file?");
    return true;
}

static bool starts(guard *g, const yaml_event_t *event)
{
    if (++g->depth > HF_PROXY_DEPTH_MAX)
        return refuse(g, event->start_mark, "this is nested too deep", "at most 16 levels are read",
                      "does a bracket or a quote lack its end?");
    return true;
}

static bool starts_document(guard *g, const yaml_event_t *event)
{
    if (++g->documents > 1)
        return refuse(g, event->start_mark, "a second document begins here (---)",
                      "a configuration is one document",
                      "make two files of it, or take the --- out");
    if (event->data.document_start.tag_directives.start !=
        event->data.document_start.tag_directives.end)
        return refuse(g, event->start_mark, "a %TAG directive stands here, and tags are refused",
                      "the key says what kind of value it takes", "take it out");
    return true;
}

static bool allows(guard *g, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT: return refuse_alias(g, event);
    case YAML_DOCUMENT_START_EVENT: return starts_document(g, event);
    case YAML_SCALAR_EVENT:
        return is_plain(g, event, event->data.scalar.anchor, event->data.scalar.tag);
    case YAML_SEQUENCE_START_EVENT:
        return is_plain(g, event, event->data.sequence_start.anchor,
                        event->data.sequence_start.tag) &&
               starts(g, event);
    case YAML_MAPPING_START_EVENT:
        return is_plain(g, event, event->data.mapping_start.anchor,
                        event->data.mapping_start.tag) &&
               starts(g, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: g->depth--; return true;
    default: return true;
    }
}

static bool parser_start(yaml_parser_t *parser, hf_span bytes)
{
    if (!yaml_parser_initialize(parser))
        return false;
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, bytes.data, bytes.len);
    return true;
}

static bool all_allowed(hf_span bytes, hf_config_fault *fault)
{
    guard g = { .fault = fault };
    yaml_parser_t parser;
    bool good = true, ends = false;

    if (!parser_start(&parser, bytes))
        return no_memory(fault);
    while (good && !ends) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            good = hf_yaml_complain(&parser, bytes, fault);
            break;
        }
        good = allows(&g, &event);
        ends = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return good && (g.documents > 0 || hf_complain_nothing(fault, (hf_place){ 1, 1 }));
}

/* ---- the document ---- */

static bool load(hf_span bytes, yaml_document_t *document, hf_config_fault *fault)
{
    yaml_parser_t parser;

    if (!parser_start(&parser, bytes))
        return no_memory(fault);
    bool good = yaml_parser_load(&parser, document) || hf_yaml_complain(&parser, bytes, fault);
    yaml_parser_delete(&parser);
    if (!good || yaml_document_get_root_node(document))
        return good;
    yaml_document_delete(document);
    return no_memory(fault);
}

bool hf_yaml_load(hf_span file, yaml_document_t *document, hf_config_fault *fault)
{
    hf_span bytes = hf_yaml_without_mark(file);

    return hf_yaml_is_text(bytes, fault) && all_allowed(bytes, fault) &&
           load(bytes, document, fault);
}
