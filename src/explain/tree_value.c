/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a node says, in words: names for code points, text where the bytes are text, and what is hidden in bytes that look random.
 * Numbers are in tree_number.c, groups in tree_group.c, what DER says in tree_der_value.c.
 */
#include "explain/tree_parts.h"
#include "x509/time.h"
#include "x509/x509.h"

#include <stdio.h>

enum { HEX_MAX = 32, TIME_MAX = 24 };

/* ---- lists of code points ---- */

static size_t item_width(const hf_node *node)
{
    if (node->kind == HF_FIELD_LIST16)
        return 2;
    return node->kind == HF_FIELD_BYTES && node->meaning ? hf_names_width(node->meaning->names) : 0;
}

bool hf_node_item(const hf_tree *tree, size_t node, size_t k, uint64_t *value)
{
    hf_span bytes = hf_node_bytes(tree, node);
    size_t width = item_width(&tree->nodes[node]);

    if (width == 0 || k >= bytes.len / width)
        return false;
    *value = 0;
    for (size_t i = 0; i < width; i++)
        *value = *value << 8 | bytes.data[k * width + i];
    return true;
}

static void say_list(hf_words *words, const hf_tree *tree, size_t node)
{
    const hf_node *at = &tree->nodes[node];
    hf_names names = at->meaning ? at->meaning->names : HF_NAMES_NONE;
    size_t n = at->len / item_width(at);
    char text[HF_NAME_ROOM];
    uint64_t value;

    for (size_t k = 0; hf_node_item(tree, node, k, &value); k++) {
        if (hf_name_is_grease(names, value))
            snprintf(text, sizeof text, "GREASE (0x%0*llx)", names == HF_NAMES_PSK_MODES ? 2 : 4,
                     (unsigned long long)value);
        else
            hf_code_text(names, value, text);
        if (!hf_words_entry(words, text, k, n))
            return;
    }
    if (n == 0)
        hf_words_add(words, "empty");
}

/* ---- bytes ---- */

static void say_hex(hf_words *words, hf_span bytes)
{
    hf_words_hex(words, bytes, HEX_MAX);
    if (bytes.len > HEX_MAX)
        hf_words_add(words, " (%zu bytes)", bytes.len);
}

static void say_text(hf_words *words, const hf_tree *tree, size_t node)
{
    hf_words_text(words, hf_node_bytes(tree, node));
}

/* A name that people gave, or a ticket. */
static void say_identity(hf_words *words, const hf_tree *tree, size_t node)
{
    hf_span bytes = hf_node_bytes(tree, node);

    if (hf_is_printable(bytes))
        hf_words_text(words, bytes);
    else
        say_hex(words, bytes);
}

/* RFC 9846 4.2.3: the fixed random of HelloRetryRequest, and what a server of TLS 1.3 writes into one of older versions. */
static const char *hidden_in(hf_span random)
{
    static const char sentinel[] = "DOWNGRD";
    const uint8_t *last = random.data + random.len - 8;

    if (memcmp(random.data, hf_retry_random, HF_RANDOM) == 0)
        return ": the fixed value that makes this a HelloRetryRequest, SHA-256 of "
               "\"HelloRetryRequest\"";
    if (memcmp(last, sentinel, 7) == 0 && last[7] == 1)
        return ": ends in \"DOWNGRD\" and 01, so the server speaks TLS 1.3, and was led to believe "
               "that the client does not";
    if (memcmp(last, sentinel, 7) == 0 && last[7] == 0)
        return ": ends in \"DOWNGRD\" and 00, so the server speaks TLS 1.2 or later, and was led "
               "to believe that the client does not";
    return "";
}

static void say_random(hf_words *words, const hf_tree *tree, size_t node)
{
    hf_span random = hf_node_bytes(tree, node);
    bool is_server = strcmp(hf_tree_kind(tree), "ClientHello") != 0;

    say_hex(words, random);
    if (is_server && random.len == HF_RANDOM)
        hf_words_add(words, "%s", hidden_in(random));
}

static void say_padding(hf_words *words, const hf_tree *tree, size_t node)
{
    hf_span bytes = hf_node_bytes(tree, node);
    size_t zeroes = 0;

    while (zeroes < bytes.len && bytes.data[zeroes] == 0)
        zeroes++;
    if (zeroes == bytes.len)
        hf_words_add(words, "%zu zero byte%s", zeroes, zeroes == 1 ? "" : "s");
    else
        say_hex(words, bytes);
}

static void say_unread(hf_words *words, const hf_tree *tree, size_t node)
{
    hf_span bytes = hf_node_bytes(tree, node);

    if (bytes.len == 0) {
        hf_words_add(words, "nothing: the message ends here");
        return;
    }
    hf_words_add(words, "%zu byte%s not read: ", bytes.len, bytes.len == 1 ? "" : "s");
    hf_words_hex(words, bytes, HEX_MAX);
}

/* RFC 6962 3.2: milliseconds since 1970. */
static void say_timestamp(hf_words *words, const hf_tree *tree, size_t node)
{
    hf_span bytes = hf_node_bytes(tree, node);
    uint64_t ms = 0;
    char text[TIME_MAX];

    for (size_t i = 0; i < bytes.len; i++)
        ms = ms << 8 | bytes.data[i];
    if (ms / 1000 > HF_TIME_MAX) {
        say_hex(words, bytes);
        return;
    }
    hf_time_text((int64_t)(ms / 1000), text);
    hf_words_add(words, "%s", text);
}

static void say_protected(hf_words *words, const hf_tree *tree, size_t node)
{
    hf_words_add(words, "%zu bytes that only the holders of the keys can read",
                 tree->nodes[node].len);
}

static const struct {
    const char *name;
    void (*say)(hf_words *, const hf_tree *, size_t);
} particular[] = {
    { "random", say_random },
    { "host_name", say_text },
    { "ProtocolName", say_text },
    { "identity", say_identity },
    { "psk_identity", say_identity },
    { "psk_identity_hint", say_identity },
    { "cookie", say_identity },
    { "padding", say_padding },
    { "timestamp", say_timestamp },
    { "unread", say_unread },
    { "encrypted_record", say_protected },
};

static void say_bytes(hf_words *words, const hf_tree *tree, size_t node)
{
    const hf_node *at = &tree->nodes[node];

    for (size_t i = 0; i < sizeof particular / sizeof *particular; i++)
        if (strcmp(particular[i].name, at->name) == 0 &&
            (at->len > 0 || particular[i].say == say_unread)) {
            particular[i].say(words, tree, node);
            return;
        }
    if (hf_der_say(words, tree, node))
        return;
    if (at->len == 0)
        hf_words_add(words, "empty");
    else if (item_width(at) > 0 && at->len % item_width(at) == 0)
        say_list(words, tree, node);
    else
        say_hex(words, hf_node_bytes(tree, node));
}

static void say_length(hf_words *words, const hf_tree *tree, size_t node)
{
    hf_size_say(words, tree->nodes[node].value);
    if (node + 1 < tree->n && tree->nodes[node + 1].kind == HF_FIELD_LIST16)
        hf_words_add(words, ": %zu entries", tree->nodes[node + 1].len / 2);
}

char *hf_node_value(const hf_tree *tree, size_t node, char text[HF_VALUE_ROOM])
{
    const hf_node *at = &tree->nodes[node];
    hf_words words = hf_words_start(text, HF_VALUE_ROOM);

    if (at->kind == HF_FIELD_LENGTH)
        say_length(&words, tree, node);
    else if (at->kind == HF_FIELD_UINT)
        hf_number_say(&words, at);
    else if (at->kind == HF_FIELD_LIST16)
        say_list(&words, tree, node);
    else if (at->kind == HF_FIELD_BYTES)
        say_bytes(&words, tree, node);
    else if (at->depth == 0)
        hf_size_say(&words, at->len);
    else if (!hf_der_say(&words, tree, node))
        hf_group_say(&words, tree, node);
    if (words.n == 0) /* an identifier, a name or a string that says nothing */
        say_hex(&words, hf_node_bytes(tree, node));
    if (words.n == 0)
        hf_words_add(&words, "empty");
    return text;
}
