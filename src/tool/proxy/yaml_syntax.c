/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What libyaml complains of, in the words of people who write a configuration: a quote, a blank, a line's indentation. */
#include <ctype.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/yaml_file.h"

enum { KEY_ROOM = 32 };

static bool no_memory(hf_config_fault *fault)
{
    hf_fault_what(fault, (hf_place){ 1, 1 }, "there is no memory to read the file");
    return hf_fault_next(fault, "try again when the machine is less busy");
}

/* ---- single characters ---- */

/* What people meet who write a text without quotes that YAML takes for something else; by its first byte. */
static const struct {
    char first;
    const char *what, *next;
} quotes[] = {
    { '*', "a word that begins with * needs quotes", "write \"*.a.test\"" },
    { '&', "a word that begins with & needs quotes", "put it in quotes" },
    { '!', "a word that begins with ! needs quotes", "put it in quotes" },
    { '%', "a word that begins with % needs quotes", "put it in quotes" },
    { '@', "a word that begins with @ needs quotes", "put it in quotes" },
    { '`', "a word that begins with ` needs quotes", "put it in quotes" },
    { '\t', "a tab stands where YAML wants blanks", "indent with blanks" },
};

static bool explain_byte(char byte, hf_place at, const char *problem, hf_config_fault *fault)
{
    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
        if (quotes[i].first != byte)
            continue;
        hf_fault_what(fault, at, "%s", quotes[i].what);
        hf_fault_why(fault, "YAML gives this character a meaning of its own (%s)", problem);
        hf_fault_next(fault, "%s", quotes[i].next);
        return true;
    }
    return false;
}

/* "[::1]:8443" without quotes begins a list. */
static bool explain_address(hf_span bytes, hf_place at, hf_config_fault *fault)
{
    hf_place before = { at.line, at.column - 1 };

    if (at.column < 2 || hf_yaml_byte_at(bytes, at) != ':' || hf_yaml_byte_at(bytes, before) != '[')
        return false;
    hf_fault_what(fault, before, "an address that begins with [ needs quotes");
    hf_fault_why(fault, "without them YAML begins a list here");
    hf_fault_next(fault, "write \"[::1]:8443\"");
    return true;
}

/* "mode:tcp": of a word with a colon in it the part before, if that looks like a key. */
static bool key_at(hf_span bytes, hf_place at, char key[KEY_ROOM])
{
    size_t n = 0;
    char c;

    for (; n + 1 < KEY_ROOM; n++, at.column++) {
        c = hf_yaml_byte_at(bytes, at);
        if (!islower((unsigned char)c) && c != '_')
            break;
        key[n] = c;
    }
    key[n] = '\0';
    return n > 0 && hf_yaml_byte_at(bytes, at) == ':';
}

static bool explain_colon(hf_span bytes, hf_place from, hf_config_fault *fault)
{
    char key[KEY_ROOM];

    hf_fault_what(fault, from, "a key is wanted, a word stands here");
    hf_fault_why(fault, "behind a key stand a colon and a blank");
    if (key_at(bytes, from, key))
        return hf_fault_next(fault, "put a blank behind the colon: %s: ...", key);
    return hf_fault_next(fault, "write it like this: mode: tcp");
}

/* ---- indentation ---- */

/* Blanks before the first word of a line; false: the line has none, or is a comment. */
static bool indent_of(hf_span bytes, unsigned line, unsigned *blanks)
{
    hf_place at = { line, 1 };

    while (hf_yaml_byte_at(bytes, at) == ' ')
        at.column++;
    *blanks = at.column - 1;
    char c = hf_yaml_byte_at(bytes, at);
    return c != '\0' && c != '\r' && c != '\n' && c != '#';
}

/* "  - names": the key stands behind 4, as the dash counts like a blank for those below it. */
static unsigned behind_dash(hf_span bytes, unsigned line, unsigned blanks)
{
    while (hf_yaml_byte_at(bytes, (hf_place){ line, blanks + 1 }) == '-' &&
           hf_yaml_byte_at(bytes, (hf_place){ line, blanks + 2 }) == ' ')
        for (blanks++; hf_yaml_byte_at(bytes, (hf_place){ line, blanks + 1 }) == ' ';)
            blanks++;
    return blanks;
}

/* The line above that says something, and behind how many blanks its first word stands. */
static bool line_above(hf_span bytes, unsigned line, unsigned *above, unsigned *blanks)
{
    for (*above = line - 1; *above > 0; --*above)
        if (indent_of(bytes, *above, blanks)) {
            *blanks = behind_dash(bytes, *above, *blanks);
            return true;
        }
    return false;
}

static bool explain_indent(hf_span bytes, hf_place at, hf_place from, hf_config_fault *fault)
{
    unsigned blanks, above, theirs;

    if (!indent_of(bytes, at.line, &blanks) || at.column != blanks + 1 ||
        !line_above(bytes, at.line, &above, &theirs))
        return false;
    hf_fault_what(fault, at, "the indentation of this line, %u blanks, fits none above it", blanks);
    hf_fault_why(fault,
                 "the word in line %u above it stands behind %u, and what this line would belong "
                 "to begins at %u:%u",
                 above, theirs, from.line, from.column);
    hf_fault_next(fault, "indent keys that belong together alike");
    return true;
}

/* "user: a: b", or a key that is indented as if the value above went on. */
static bool explain_second_colon(hf_span bytes, hf_place at, hf_config_fault *fault)
{
    unsigned blanks, above, theirs;

    hf_fault_what(fault, at, "a key cannot stand here");
    if (indent_of(bytes, at.line, &blanks) && line_above(bytes, at.line, &above, &theirs) &&
        blanks > theirs)
        hf_fault_why(fault,
                     "this line is indented by %u blanks and line %u above it by %u, so it "
                     "goes on with what stands there",
                     blanks, above, theirs);
    else
        hf_fault_why(fault, "a colon with a blank behind it makes a key, and this line has one");
    return hf_fault_next(fault, "indent keys that belong together alike, one a line; put a value "
                                "with a colon in quotes");
}

/* ---- quotes and brackets ---- */

static bool explain_quote(hf_span bytes, hf_place from, hf_config_fault *fault)
{
    hf_fault_what(fault, from, "a quote (%c) begins here and does not end",
                  hf_yaml_byte_at(bytes, from));
    hf_fault_why(fault, "everything down to the end of the file would be one word");
    return hf_fault_next(fault, "end it in line %u", from.line);
}

static bool explain_bracket(hf_place at, hf_place from, bool list, hf_config_fault *fault)
{
    hf_fault_what(fault, at, "the %s that begins at %u:%u does not end before this",
                  list ? "list [" : "mapping {", from.line, from.column);
    hf_fault_why(fault, "a comma or a %c is wanted here", list ? ']' : '}');
    return hf_fault_next(fault, "look for a quote or bracket that lacks its end, from line %u on",
                         from.line);
}

/* ---- all of them ---- */

static bool is_context(const yaml_parser_t *parser, const char *what)
{
    return parser->context && strcmp(parser->context, what) == 0;
}

static bool is_problem(const yaml_parser_t *parser, const char *what)
{
    return parser->problem && strcmp(parser->problem, what) == 0;
}

static bool is_indented(const yaml_parser_t *parser)
{
    return is_context(parser, "while parsing a block mapping") ||
           is_context(parser, "while parsing a block collection");
}

static bool explain_end(hf_place at, hf_config_fault *fault)
{
    hf_fault_what(fault, at, "more stands here than the configuration holds");
    hf_fault_why(fault, "the bracket that began it is closed above");
    return hf_fault_next(fault, "put this before the last bracket");
}

static bool complain_anyway(const yaml_parser_t *parser, hf_place at, hf_place from,
                            const char *problem, hf_config_fault *fault)
{
    hf_fault_what(fault, at, "this is not YAML");
    if (parser->context)
        hf_fault_why(fault, "%s %s that begins at %u:%u", problem, parser->context, from.line,
                     from.column);
    else
        hf_fault_why(fault, "%s", problem);
    return hf_fault_next(fault, "look at quotes, brackets and indentation, here and above");
}

bool hf_yaml_complain(const yaml_parser_t *parser, hf_span bytes, hf_config_fault *fault)
{
    const char *problem = parser->problem ? parser->problem : "it cannot be read";
    hf_place at = hf_yaml_place(parser->problem_mark), from = hf_yaml_place(parser->context_mark);
    bool list = is_context(parser, "while parsing a flow sequence");

    if (parser->error == YAML_MEMORY_ERROR)
        return no_memory(fault);
    if (is_context(parser, "while scanning a simple key") ||
        is_problem(parser, "found unexpected ':'"))
        return explain_colon(bytes, from, fault);
    if (is_context(parser, "while scanning a quoted scalar") &&
        is_problem(parser, "found unexpected end of stream"))
        return explain_quote(bytes, from, fault);
    if (is_context(parser, "while scanning an alias") ||
        is_context(parser, "while scanning an anchor"))
        at = from;
    if (explain_byte(hf_yaml_byte_at(bytes, at), at, problem, fault) ||
        explain_address(bytes, at, fault) ||
        (is_indented(parser) && explain_indent(bytes, at, from, fault)))
        return false;
    if (list || is_context(parser, "while parsing a flow mapping"))
        return explain_bracket(at, from, list, fault);
    if (is_problem(parser, "mapping values are not allowed in this context"))
        return explain_second_colon(bytes, at, fault);
    if (is_problem(parser, "did not find expected <document start>"))
        return explain_end(at, fault);
    return complain_anyway(parser, at, from, problem, fault);
}
