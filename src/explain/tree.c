/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A tree grows while a reader reads: groups open and close, leaves stand in them, and what the reader did not name becomes a
 * leaf "unread" in the group that it stands in. So every byte has exactly one leaf, whatever the bytes are.
 */
#include "explain/tree_parts.h"

enum { FIRST_ROOM = 64 };

/* ---- nodes ---- */

static bool make_room(hf_growth *g)
{
    size_t room = g->room > 0 ? 2 * g->room : FIRST_ROOM;

    if (g->tree->n < g->room)
        return true;
    hf_node *nodes = hf_alloc(room * sizeof *nodes);
    if (!nodes) {
        g->error = HF_E_NO_MEMORY;
        return false;
    }
    if (g->tree->n > 0)
        memcpy(nodes, g->tree->nodes, g->tree->n * sizeof *nodes);
    hf_free(g->tree->nodes);
    g->tree->nodes = nodes;
    g->room = room;
    return true;
}

static void add(hf_growth *g, const hf_field *field, const char *name)
{
    int32_t parent = g->n_open > 0 ? g->open[g->n_open - 1] : -1;

    if (g->error != HF_OK || !make_room(g))
        return;
    g->tree->nodes[g->tree->n++] = (hf_node){
        .name = name,
        .kind = (uint8_t)field->kind,
        .depth = (uint16_t)g->n_open,
        .parent = parent,
        .offset = field->offset,
        .len = field->len,
        .value = field->value,
    };
}

static void open_group(hf_growth *g, const hf_field *field, const char *name)
{
    add(g, field, name);
    if (g->error == HF_OK)
        g->open[g->n_open++] = (int32_t)(g->tree->n - 1);
}

static void add_leaf(hf_growth *g, const hf_field *field, const char *name)
{
    add(g, field, name);
    g->place = field->offset + field->len;
}

/* ---- fields that the engine leaves closed ---- */

/* What fills an extension or a message needs no group of its own. */
static bool fills_its_group(const char *field)
{
    return strcmp(field, "extension_data") == 0 || strcmp(field, "body") == 0;
}

/* The leaf becomes a group, or, if its bytes are not what they should be, a leaf again. */
static void open_leaf(hf_growth *g, const hf_field *field, const char *name, hf_opener *opener)
{
    hf_growth before = *g;
    size_t n = g->tree->n;
    hf_fault fault = { 0 };
    hf_field_sink sink = { hf_growth_hear, g };
    hf_field group = { HF_FIELD_BEGIN, field->name, field->offset, field->len, 0, NULL };
    hf_reader r =
        hf_rd_start(hf_span_of(field->bytes, field->len), name, field->offset, &fault, &sink);

    if (!fills_its_group(field->name))
        open_group(g, &group, name);
    g->inside = true;
    opener(&r);
    hf_rd_end(&r);
    before.room = g->room;
    before.error = g->error;
    bool whole = fault.code == HF_OK && !g->full && g->place == field->offset + field->len;
    if (g->error == HF_OK && !whole)
        g->tree->n = n;
    size_t place = g->place;
    *g = before;
    g->place = place;
    if (!whole)
        add_leaf(g, field, name);
}

/* ---- listening ---- */

/* The engine has names for the messages and extensions that it speaks; the registry has the others'. */
static const char *name_of(const hf_growth *g, const hf_field *field)
{
    const hf_tree *tree = g->tree;
    const char *name = NULL;

    if (strcmp(field->name, "unknown_extension") == 0)
        name = hf_name_of(HF_NAMES_EXTENSIONS, g->extension_type);
    else if (tree->n == 0 && tree->bytes.len > 0 &&
             strcmp(field->name, hf_msg_name(HF_MSG_UNKNOWN)) == 0 &&
             hf_msg_of_type(tree->bytes.data[0]) == HF_MSG_UNKNOWN)
        name = hf_name_of(HF_NAMES_MESSAGES, tree->bytes.data[0]);
    return name ? name : field->name;
}

static bool is_full(const hf_growth *g, const hf_field *field)
{
    bool deep = field->kind == HF_FIELD_BEGIN && g->n_open + 1 >= HF_TREE_DEPTH_MAX;

    return deep || g->tree->n + HF_TREE_SPARE >= HF_TREE_NODES_MAX;
}

static void hear_leaf(hf_growth *g, const hf_field *field)
{
    hf_opener *opener = field->kind == HF_FIELD_BYTES && field->len > 0 && !g->inside
                            ? hf_opener_of(g, field)
                            : NULL;

    if (strcmp(field->name, "extension_type") == 0)
        g->extension_type = (uint16_t)field->value;
    if (opener)
        open_leaf(g, field, name_of(g, field), opener);
    else
        add_leaf(g, field, name_of(g, field));
}

void hf_growth_hear(void *user, const hf_field *field)
{
    hf_growth *g = user;

    if (!g->full && is_full(g, field))
        g->full = true;
    if (g->full || g->error != HF_OK)
        return;
    if (field->kind == HF_FIELD_END)
        g->n_open--;
    else if (field->kind == HF_FIELD_BEGIN)
        open_group(g, field, name_of(g, field));
    else
        hear_leaf(g, field);
}

/* ---- the end ---- */

static void add_unread(hf_growth *g, size_t end)
{
    hf_field rest = { HF_FIELD_BYTES, "unread", g->place, end - g->place, 0, NULL };

    g->tree->unnamed += rest.len;
    add_leaf(g, &rest, rest.name);
}

/* The groups that were left open, from the innermost outwards: each has the bytes that are its own. */
static void cover(hf_growth *g)
{
    for (; g->n_open > 0 && g->error == HF_OK; g->n_open--) {
        const hf_node *group = &g->tree->nodes[g->open[g->n_open - 1]];
        size_t end = group->offset + group->len;
        if (g->place < end)
            add_unread(g, end);
    }
}

/* The leaf with the byte at fault. Past the last byte there is none: then one without bytes is added. */
static void mark_fault(hf_growth *g)
{
    hf_tree *tree = g->tree;
    size_t at = tree->fault.offset;

    for (size_t i = 0; i < tree->n; i++) {
        hf_node *node = &tree->nodes[i];
        if (hf_node_is_leaf(node) && at >= node->offset && at < node->offset + node->len) {
            node->fault = true;
            return;
        }
    }
    g->open[g->n_open++] = 0;
    add_unread(g, g->place);
    if (g->error == HF_OK)
        tree->nodes[tree->n - 1].fault = true;
}

static hf_error finish(hf_growth *g)
{
    cover(g);
    if (g->error == HF_OK && g->tree->fault.code != HF_OK)
        mark_fault(g);
    if (g->error != HF_OK)
        hf_tree_free(g->tree);
    else
        hf_tree_give_meanings(g->tree);
    return g->error;
}

/* ---- what trees are of ---- */

static hf_growth start(hf_tree *tree, hf_span bytes)
{
    *tree = (hf_tree){ .bytes = bytes };
    return (hf_growth){ .tree = tree };
}

hf_error hf_tree_of_message(hf_tree *tree, hf_msg msg, const hf_wire *w, hf_span message)
{
    hf_growth g = start(tree, message);
    hf_field_sink sink = { hf_growth_hear, &g };

    hf_message_explain(msg, w, message, &sink, &tree->fault);
    hf_growth_read_on(&g, w);
    return finish(&g);
}

hf_error hf_tree_of_alert(hf_tree *tree, hf_span alert)
{
    hf_growth g = start(tree, alert);
    hf_field_sink sink = { hf_growth_hear, &g };
    hf_field group = { HF_FIELD_BEGIN, "Alert", 0, alert.len, 0, NULL };
    hf_reader r = hf_rd_start(alert, "Alert", 0, &tree->fault, &sink);
    hf_alert_message parsed;

    hf_growth_hear(&g, &group);
    hf_alert_read(&r, &parsed);
    return finish(&g);
}

/* RFC 5246 6.2.3.3, RFC 5288 3, RFC 6655 3: these carry eight bytes of the nonce; RFC 7905 2: none. */
static size_t explicit_nonce(const hf_suite *suite)
{
    if (!suite || suite->version != HF_TLS12 || suite->aead == HF_CHACHA20_POLY1305)
        return 0;
    return 8;
}

static void read_protected(hf_reader *r, uint16_t version, uint16_t code)
{
    const hf_suite *suite = hf_suite_of(code);
    size_t tag = suite ? suite->tag_len : 0, nonce = explicit_nonce(suite);
    size_t left = hf_rd_left(r);

    if (version != HF_TLS12 && version != HF_TLS13)
        tag = nonce = 0;
    if (left < nonce + tag) /* somebody else's bytes: hf_tree_of_record judges nothing */
        tag = nonce = 0;
    if (nonce > 0)
        hf_rd_bytes(r, nonce, "nonce_explicit");
    hf_rd_bytes(r, left - nonce - tag, "encrypted_record");
    if (tag > 0)
        hf_rd_bytes(r, tag, "tag");
}

hf_error hf_tree_of_record(hf_tree *tree, hf_span record, bool is_protected, uint16_t version,
                           uint16_t suite)
{
    hf_growth g = start(tree, record);
    hf_field_sink sink = { hf_growth_hear, &g };
    const char *name = is_protected ? "TLSCiphertext" : "TLSPlaintext";
    hf_field group = { HF_FIELD_BEGIN, name, 0, record.len, 0, NULL };
    hf_reader r = hf_rd_start(record, name, 0, &tree->fault, &sink);

    hf_growth_hear(&g, &group);
    hf_rd_u8(&r, is_protected && (version == HF_TLS13 || version == 0) ? "opaque_type" : "type");
    hf_rd_u16(&r, "legacy_record_version");
    uint16_t length = hf_rd_u16(&r, "length");
    size_t left = hf_rd_left(&r);
    if (hf_rd_ok(&r) && left != length)
        hf_rd_refuse(&r, left < length ? HF_E_TRUNCATED : HF_E_TRAILING_BYTES, 2, "length",
                     "%u, but %zu bytes follow", length, left);
    if (is_protected)
        read_protected(&r, version, suite);
    else
        hf_rd_bytes(&r, left, "fragment");
    return finish(&g);
}

void hf_tree_free(hf_tree *tree)
{
    hf_free(tree->nodes);
    *tree = (hf_tree){ 0 };
}
