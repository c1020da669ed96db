/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The certificates in handfast.trace/1, as people read them; their bytes are fields of the Certificate messages. */
#include <handfast/cert.h>

#include "explain/json_parts.h"

/* "DNS:localhost, IP:127.0.0.1" as a list. */
static json_t *names(hf_jw *j, const char *sans)
{
    json_t *list = json_array();
    char name[HF_CERT_TEXT_MAX + 8];

    while (*sans) {
        size_t n = strcspn(sans, ",");
        if (n < sizeof name) {
            memcpy(name, sans, n);
            name[n] = '\0';
            hf_jw_append(j, list, hf_jw_text(name));
        }
        sans += n;
        sans += strspn(sans, ", ");
    }
    return list;
}

static void set_summary(hf_jw *j, json_t *object, const hf_cert_summary *c)
{
    hf_jw_set(j, object, "subject", hf_jw_text(c->subject));
    hf_jw_set(j, object, "issuer", hf_jw_text(c->issuer));
    hf_jw_set(j, object, "names", names(j, c->sans));
    hf_jw_set(j, object, "not_before", hf_jw_time(c->not_before, -1));
    hf_jw_set(j, object, "not_after", hf_jw_time(c->not_after, -1));
    hf_jw_set(j, object, "key", hf_jw_text(c->key));
    hf_jw_set(j, object, "signature", hf_jw_text(c->signature));
    hf_jw_set(j, object, "ca", json_boolean(c->is_ca));
    hf_jw_set(j, object, "serial", hf_jw_text(c->serial));
    hf_jw_set(j, object, "fingerprint", hf_jw_text(c->fingerprint));
}

/* One that cannot be read says why in place of what it is. */
static json_t *certificate(hf_jw *j, const hf_story_step *step, size_t index, hf_span der)
{
    json_t *object = json_object();
    hf_cert_summary c;
    hf_error e = hf_cert_summarize(der, &c);

    hf_jw_set(j, object, "of", json_string(hf_jw_roles[step->writer]));
    hf_jw_set(j, object, "n", hf_jw_uint(step->number));
    hf_jw_set(j, object, "index", hf_jw_uint(index));
    hf_jw_set(j, object, "length", hf_jw_uint(der.len));
    hf_jw_set(j, object, "error", e ? json_string(hf_error_row_of(e)->name) : json_null());
    if (!e)
        set_summary(j, object, &c);
    return object;
}

/* Of one Certificate message; what its reader refused is no field, and no certificate. */
static void add(hf_jw *j, json_t *list, const hf_story_step *step)
{
    hf_tree tree = { 0 };
    size_t index = 0;

    if (hf_story_tree(step, &tree) != HF_OK) {
        j->failed = true;
        return;
    }
    for (size_t at = 0; at < tree.n; at++)
        if (tree.nodes[at].kind != HF_FIELD_LENGTH && strcmp(tree.nodes[at].name, "cert_data") == 0)
            hf_jw_append(j, list, certificate(j, step, index++, hf_node_bytes(&tree, at)));
    hf_tree_free(&tree);
}

json_t *hf_jw_chain(hf_jw *j)
{
    json_t *list = json_array();

    for (size_t i = 0; i < j->story->n; i++) {
        const hf_story_step *step = &j->story->steps[i];
        if (step->kind == HF_STEP_MESSAGE && step->msg == HF_MSG_Certificate && step->bytes.len > 0)
            add(j, list, step);
    }
    return list;
}
