/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Complaints about keys: what was wanted and what stands there, the keys that there are, and how to write it. */
#include "tool/proxy/complaints.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LEAST "a configuration has at least the keys listen and sites"

static bool say_sample(hf_config_fault *fault, const hf_key *key)
{
    return hf_fault_next(fault, "write it like this: %s", key->row.sample);
}

/* The first sentence of its help, as a part of another. */
static void say_help(hf_config_fault *fault, const hf_key *key)
{
    const char *help = key->row.help, *end = strstr(help, ". ");
    bool name = isupper((unsigned char)help[0]) && isupper((unsigned char)help[1]);
    size_t len = end ? (size_t)(end - help) : strlen(help);

    while (len > 0 && strchr(".:", help[len - 1]))
        len--;
    if (len > 0)
        hf_fault_why(fault, "%c%.*s", name ? help[0] : tolower((unsigned char)help[0]),
                     (int)len - 1, help + 1);
}

/* The keys that may stand there, as many as fit. */
static void list_keys(const char *above, char *out, size_t room)
{
    const hf_key *key;
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; (key = hf_key_at(i)); i++) {
        const char *name = hf_key_name(key);
        if (!hf_key_is_below(key, above) || len + strlen(name) + 3 > room)
            continue;
        len += (size_t)snprintf(out + len, room - len, "%s%s", len > 0 ? ", " : "", name);
    }
}

static void say_keys(hf_config_fault *fault, const hf_key *key)
{
    char above[64], list[200];

    snprintf(above, sizeof above, "%s%s", key->row.path, key->row.list ? "[]" : "");
    list_keys(above, list, sizeof list);
    hf_fault_why(fault, "the keys of %s%s are: %s", key->row.list ? "each of " : "",
                 hf_key_name(key), list);
}

const char *hf_shape_words(const yaml_node_t *node)
{
    return node->type == YAML_SEQUENCE_NODE  ? "a list"
           : node->type == YAML_MAPPING_NODE ? "a mapping of keys"
                                             : "a word";
}

bool hf_complain_shape(hf_config_fault *fault, const hf_key *key, const yaml_node_t *node,
                       const char *wanted)
{
    hf_fault_what(fault, hf_yaml_place(node->start_mark), "%s: %s is wanted, %s stands here",
                  hf_key_name(key), wanted, hf_shape_words(node));
    if (key->kind == HF_KIND_NONE)
        say_keys(fault, key);
    else if (key->kind == HF_KIND_CHOICE)
        hf_fault_why(fault, "it is one of: %s", key->row.values);
    else
        hf_fault_why(fault, "%s is %s", key->row.list ? "each of its elements" : "it",
                     hf_kind_with_article(key->kind));
    return say_sample(fault, key);
}

bool hf_complain_empty(hf_config_fault *fault, const hf_key *key, hf_place at)
{
    hf_fault_what(fault, at, "%s: nothing stands behind it", hf_key_name(key));
    hf_fault_why(fault, "a key without a value is a slip more often than a wish");
    return say_sample(fault, key);
}

bool hf_complain_missing(hf_config_fault *fault, const hf_key *key, hf_place at)
{
    hf_fault_what(fault, at, "the key %s is missing", hf_key_name(key));
    say_help(fault, key);
    return say_sample(fault, key);
}

bool hf_complain_count(hf_config_fault *fault, const hf_key *key, hf_place at, size_t n)
{
    if (n == 0)
        hf_fault_what(fault, at, "%s: the list is empty", hf_key_name(key));
    else
        hf_fault_what(fault, at, "%s: the list is too long (%zu)", hf_key_name(key), n);
    hf_fault_why(fault, "it has %s elements", key->row.values);
    return say_sample(fault, key);
}

bool hf_complain_value(hf_config_fault *fault, const hf_key *key, hf_place at,
                       const hf_value *value)
{
    char shown[HF_SHOWN_MAX];

    hf_fault_shown(value->text, shown);
    if (value->beyond)
        hf_fault_what(fault, at, "%s: %s is out of bounds", hf_key_name(key), shown);
    else
        hf_fault_what(fault, at, "%s: %s is not %s", hf_key_name(key), shown,
                      key->kind == HF_KIND_NONE ? hf_kind_with_article(HF_KIND_ADDRESS)
                                                : hf_kind_with_article(key->kind));
    hf_fault_why(fault, "%s", value->why);
    return say_sample(fault, key);
}

bool hf_complain_control(hf_config_fault *fault, const hf_key *key, hf_place at)
{
    hf_fault_what(fault, at, "%s: the word holds a control character", hf_key_name(key));
    hf_fault_why(fault, "an escape in double quotes, or a text of several lines, made one");
    return say_sample(fault, key);
}

bool hf_complain_unknown(hf_config_fault *fault, hf_place at, const char *above, const char *name)
{
    const hf_key *near = hf_key_nearest(above, name), *other = hf_key_elsewhere(name);
    char shown[HF_SHOWN_MAX], list[200];

    hf_fault_shown(name, shown);
    list_keys(above, list, sizeof list);
    if (near)
        hf_fault_what(fault, at, "there is no key %s here; did you mean %s?", shown,
                      hf_key_name(near));
    else
        hf_fault_what(fault, at, "there is no key %s here", shown);
    hf_fault_why(fault, "the keys here are: %s", list);
    if (near)
        return say_sample(fault, near);
    if (other && hf_key_is_below(other, ""))
        return hf_fault_next(fault, "it stands at the top of the file, not in here");
    if (other)
        return hf_fault_next(fault, "it stands elsewhere: %s", other->row.path);
    return hf_fault_next(fault, "take it out; docs/proxy-reference.md has all keys");
}

bool hf_complain_twice(hf_config_fault *fault, const hf_key *key, hf_place at, hf_place first)
{
    hf_fault_what(fault, at, "%s stands here a second time", hf_key_name(key));
    hf_fault_why(fault, "the first is at %u:%u, and only one can count", first.line, first.column);
    return hf_fault_next(fault, "take one of them out");
}

bool hf_complain_root(hf_config_fault *fault, hf_place at, const char *stands_here)
{
    hf_fault_what(fault, at, "a mapping of keys is wanted, %s stands here", stands_here);
    hf_fault_why(fault, LEAST);
    return hf_fault_next(fault, "is a blank missing after a colon? write it like this: "
                                "listen: [\"127.0.0.1:8443\"]");
}

bool hf_complain_nothing(hf_config_fault *fault, hf_place at)
{
    hf_fault_what(fault, at, "the file is empty");
    hf_fault_why(fault, LEAST);
    return hf_fault_next(fault, "begin with the example in docs/proxy-reference.md");
}
