/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The messages in handfast.trace/1: what a message means, and each of its fields. */
#include "explain/json_parts.h"

static bool is_shown(const hf_story_step *step)
{
    return step->kind == HF_STEP_MESSAGE || step->kind == HF_STEP_CCS ||
           step->kind == HF_STEP_ALERT || step->kind == HF_STEP_BROKEN;
}

static const char *kind_of(const hf_story_step *step)
{
    switch (step->kind) {
    case HF_STEP_CCS: return "change_cipher_spec";
    case HF_STEP_ALERT: return "alert";
    case HF_STEP_BROKEN: return "broken";
    default: return "handshake";
    }
}

/* ---- fields ---- */

static const char *kind_of_node(const hf_node *node)
{
    static const char *const kinds[] = { [HF_FIELD_UINT] = "uint",
                                         [HF_FIELD_BYTES] = "bytes",
                                         [HF_FIELD_LIST16] = "list",
                                         [HF_FIELD_LENGTH] = "length",
                                         [HF_FIELD_BEGIN] = "struct" };

    return kinds[node->kind];
}

static json_t *items(hf_jw *j, const hf_tree *tree, size_t node)
{
    json_t *list = json_array();
    uint64_t value;

    for (size_t k = 0; hf_node_item(tree, node, k, &value); k++)
        hf_jw_append(j, list, hf_jw_uint(value));
    return list;
}

/* A number, the numbers of a list; null for bytes, which stand in the message's own. */
static json_t *value_of(hf_jw *j, const hf_tree *tree, size_t node)
{
    const hf_node *n = &tree->nodes[node];
    bool named = n->meaning && n->meaning->names != HF_NAMES_NONE;

    if (n->kind == HF_FIELD_UINT || n->kind == HF_FIELD_LENGTH)
        return hf_jw_uint(n->value);
    if (n->kind == HF_FIELD_LIST16 || (n->kind == HF_FIELD_BYTES && named))
        return items(j, tree, node);
    return json_null();
}

static json_t *field(hf_jw *j, const hf_tree *tree, size_t node)
{
    const hf_node *n = &tree->nodes[node];
    char path[HF_PATH_ROOM], words[HF_VALUE_ROOM];
    json_t *object = json_object();

    hf_jw_set(j, object, "name", hf_jw_text(n->name));
    hf_jw_set(j, object, "path", hf_jw_text(hf_node_path(tree, node, path)));
    hf_jw_set(j, object, "offset", hf_jw_uint(n->offset));
    hf_jw_set(j, object, "length", hf_jw_uint(n->len));
    hf_jw_set(j, object, "kind", json_string(kind_of_node(n)));
    if (hf_node_is_leaf(n)) {
        hf_jw_set(j, object, "value", value_of(j, tree, node));
        hf_jw_set(j, object, "words", hf_jw_text(hf_node_value(tree, node, words)));
    }
    if (n->fault)
        hf_jw_set(j, object, "fault", json_true());
    hf_jw_set(j, object, "title", hf_jw_text(n->meaning ? n->meaning->title : NULL));
    hf_jw_set(j, object, "meaning", hf_jw_text(n->meaning ? n->meaning->meaning : NULL));
    hf_jw_set(j, object, "source", hf_jw_text(n->meaning ? n->meaning->source : NULL));
    return object;
}

/* The nodes from *at on that are at this depth, with all below them. */
static json_t *fields(hf_jw *j, const hf_tree *tree, size_t *at, uint16_t depth)
{
    json_t *list = json_array();

    while (*at < tree->n && tree->nodes[*at].depth >= depth) {
        bool leaf = hf_node_is_leaf(&tree->nodes[*at]);
        json_t *own = field(j, tree, (*at)++);
        if (!leaf)
            hf_jw_set(j, own, "children", fields(j, tree, at, (uint16_t)(depth + 1)));
        hf_jw_append(j, list, own);
    }
    return list;
}

static json_t *coverage(hf_jw *j, const hf_tree *tree)
{
    size_t total = tree->bytes.len, named = total - tree->unnamed;
    json_t *object = json_object();

    hf_jw_set(j, object, "named", hf_jw_uint(named));
    hf_jw_set(j, object, "total", hf_jw_uint(total));
    hf_jw_set(j, object, "percent", hf_jw_uint(total > 0 ? 100 * named / total : 100));
    return object;
}

static void set_fields(hf_jw *j, json_t *object, const hf_story_step *step)
{
    hf_tree tree = { 0 };
    hf_error e = step->bytes.len > 0 ? hf_story_tree(step, &tree) : HF_E_MISUSE;
    size_t at = 0;

    j->failed |= e == HF_E_NO_MEMORY;
    hf_jw_set(j, object, "bytes", step->bytes.len > 0 ? hf_jw_hex(step->bytes) : json_null());
    hf_jw_set(j, object, "coverage", e == HF_OK ? coverage(j, &tree) : json_null());
    hf_jw_set(j, object, "fields", e == HF_OK ? fields(j, &tree, &at, 0) : json_array());
    hf_tree_free(&tree);
}

/* ---- messages ---- */

static json_t *type_of(hf_jw *j, const hf_story_step *step)
{
    if (step->kind != HF_STEP_MESSAGE || step->bytes.len == 0)
        return json_null();
    return hf_jw_code_even_0(j, HF_NAMES_MESSAGES, step->bytes.data[0]);
}

static json_t *number_or_null(unsigned n)
{
    return n == 0 ? json_null() : json_integer((json_int_t)n);
}

/* Where it stands. */
static void set_place(hf_jw *j, json_t *object, const hf_story_step *step)
{
    const hf_row *row = step->row;
    json_t *records = json_array();

    hf_jw_append(j, records, hf_jw_uint(step->first_record));
    hf_jw_append(j, records, hf_jw_uint(step->last_record));
    hf_jw_set(j, object, "n", number_or_null(step->number));
    hf_jw_set(j, object, "kind", json_string(kind_of(step)));
    hf_jw_set(j, object, "us", hf_jw_uint(step->us));
    hf_jw_set(j, object, "writer", json_string(hf_jw_roles[step->writer]));
    hf_jw_set(j, object, "name", hf_jw_text(step->name));
    hf_jw_set(j, object, "type", type_of(j, step));
    hf_jw_set(j, object, "length", hf_jw_uint(step->bytes.len));
    hf_jw_set(j, object, "flight", json_integer((json_int_t)step->flight));
    hf_jw_set(j, object, "epoch", json_integer(step->epoch));
    hf_jw_set(j, object, "encrypted", json_boolean(step->encrypted));
    hf_jw_set(j, object, "records", records);
    hf_jw_set(j, object, "expected", json_boolean(row != NULL));
    hf_jw_set(j, object, "refused", json_boolean(step->refused));
    hf_jw_set(j, object, "source", hf_jw_text(step->source));
    hf_jw_set(j, object, "group", hf_jw_text_or_null(hf_rfc_group(step)));
    hf_jw_set(j, object, "phase", number_or_null(row ? row->phase : 0));
    hf_jw_set(j, object, "six", number_or_null(row ? row->six : 0));
    hf_jw_set(j, object, "nine", number_or_null(row ? row->nine : 0));
}

static json_t *would_prove(hf_jw *j, size_t i)
{
    char client[HF_WORDS_ROOM], server[HF_WORDS_ROOM];

    return hf_jw_both(j, hf_jw_text(hf_step_proved(j->story, i, HF_CLIENT, client)),
                      hf_jw_text(hf_step_proved(j->story, i, HF_SERVER, server)));
}

/* What it means. */
static void set_words(hf_jw *j, json_t *object, size_t i)
{
    const hf_story_step *step = &j->story->steps[i];
    char words[HF_WORDS_ROOM];

    hf_jw_set(j, object, "summary", hf_jw_text(hf_step_summary(j->story, i, words)));
    hf_jw_set(j, object, "purpose", hf_jw_text(hf_step_purpose(step)));
    hf_jw_set(j, object, "eavesdropper", hf_jw_text(hf_step_eavesdropper(j->story, i, words)));
    hf_jw_set(j, object, "proved", would_prove(j, i));
    hf_jw_set(j, object, "proofs",
              hf_jw_both(j, hf_jw_proof_list(j, hf_step_proofs(j->story, i, HF_CLIENT)),
                         hf_jw_proof_list(j, hf_step_proofs(j->story, i, HF_SERVER))));
    hf_jw_set(j, object, "secret", hf_jw_text(hf_step_secret(j->story, i)));
}

static json_t *message(hf_jw *j, size_t i)
{
    json_t *object = json_object();

    set_place(j, object, &j->story->steps[i]);
    set_words(j, object, i);
    set_fields(j, object, &j->story->steps[i]);
    return object;
}

json_t *hf_jw_messages(hf_jw *j)
{
    json_t *list = json_array();

    for (size_t i = 0; i < j->story->n; i++)
        if (is_shown(&j->story->steps[i]))
            hf_jw_append(j, list, message(j, i));
    return list;
}
