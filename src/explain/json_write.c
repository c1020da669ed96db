/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * handfast.trace/1: a story as JSON. What is the tape's own (events, failure, checks, notes) is written whole, so that
 * json_read.c makes the same tape of it; the rest is derived, and there for who reads the file.
 */
#include <handfast/handfast.h>

#include "explain/json_parts.h"

static json_t *started(const hf_tape *tape)
{
    int64_t us = tape->started_us % 1000000;

    if (tape->started_us <= 0)
        return json_null();
    return hf_jw_time(tape->started_us / 1000000, (int)us);
}

static const char *outcome(const hf_story *story)
{
    return story->failed ? "failed" : story->connected ? "connected" : "unfinished";
}

static void set_who(hf_jw *j, json_t *root)
{
    const hf_tape *tape = j->story->tape;

    hf_jw_set(j, root, "schema", json_string(HF_TRACE_SCHEMA));
    hf_jw_set(j, root, "handfast", json_string(hf_version()));
    hf_jw_set(j, root, "program", hf_jw_text_or_null(tape->program));
    hf_jw_set(j, root, "side", json_string(hf_jw_sides[tape->side]));
    hf_jw_set(j, root, "started", started(tape));
    hf_jw_set(j, root, "target", hf_jw_text_or_null(tape->target));
    hf_jw_set(j, root, "client", hf_jw_text_or_null(tape->client));
    hf_jw_set(j, root, "server", hf_jw_text_or_null(tape->server));
    hf_jw_set(j, root, "origin", hf_jw_text_or_null(tape->origin));
}

static void set_what(hf_jw *j, json_t *root)
{
    const hf_story *story = j->story;
    const hf_follower *end = &story->end;
    char words[HF_WORDS_ROOM];

    hf_jw_set(j, root, "outcome", json_string(outcome(story)));
    hf_jw_set(j, root, "outcome_words", hf_jw_text(hf_story_outcome(story, words)));
    hf_jw_set(j, root, "connected", json_boolean(story->tape->connected));
    hf_jw_set(j, root, "version", hf_jw_code(j, HF_NAMES_VERSIONS, end->version));
    hf_jw_set(j, root, "cipher_suite", hf_jw_code(j, HF_NAMES_SUITES, end->cipher_suite));
    hf_jw_set(j, root, "group", hf_jw_code(j, HF_NAMES_GROUPS, end->group));
    hf_jw_set(j, root, "failure", hf_jw_failure(j));
    hf_jw_set(j, root, "counts", hf_jw_counts(j));
}

static json_t *check(hf_jw *j, const hf_tape_check *c)
{
    json_t *object = json_object();

    hf_jw_set(j, object, "certificate", json_integer(c->certificate));
    hf_jw_set(j, object, "kept", json_boolean(c->kept));
    if (c->unknown)
        hf_jw_set(j, object, "unknown", json_true());
    hf_jw_set(j, object, "rule", hf_jw_text(c->rule));
    hf_jw_set(j, object, "detail", hf_jw_text(c->detail));
    hf_jw_set(j, object, "source", hf_jw_text(c->source));
    return object;
}

/* null: nobody judged the chain. */
static json_t *checks(hf_jw *j)
{
    const hf_tape *tape = j->story->tape;
    json_t *list = json_array();

    for (size_t i = 0; i < tape->n_checks; i++)
        hf_jw_append(j, list, check(j, &tape->checks[i]));
    if (tape->n_checks > 0 || tape->checks_done)
        return list;
    json_decref(list);
    return json_null();
}

static json_t *notes(hf_jw *j)
{
    const hf_tape *tape = j->story->tape;
    json_t *list = json_array();

    for (size_t i = 0; i < tape->n_notes; i++)
        hf_jw_append(j, list, hf_jw_text(tape->notes[i]));
    return list;
}

static json_t *secrets(hf_jw *j)
{
    const hf_tape *tape = j->story->tape;
    json_t *list = json_array();

    for (size_t i = 0; i < tape->n_secrets; i++) {
        const hf_tape_secret *s = &tape->secrets[i];
        json_t *object = json_object();
        hf_jw_set(j, object, "label", hf_jw_text(s->label));
        hf_jw_set(j, object, "client_random",
                  hf_jw_hex(hf_span_of(s->client_random, sizeof s->client_random)));
        hf_jw_set(j, object, "secret", hf_jw_hex(hf_span_of(s->secret, s->len)));
        hf_jw_append(j, list, object);
    }
    return list;
}

hf_error hf_show_json(const hf_story *story, const hf_show *show, hf_sheet *out)
{
    hf_jw j = { .story = story };
    json_t *root = json_object();

    if (!show->secrets)
        j.failed = hf_prelude_mask_start(&j.mask, story->tape) != HF_OK;
    set_who(&j, root);
    set_what(&j, root);
    hf_jw_set(&j, root, "messages", hf_jw_messages(&j));
    hf_jw_set(&j, root, "chain", hf_jw_chain(&j));
    hf_jw_set(&j, root, "checks", checks(&j));
    hf_jw_set(&j, root, "notes", notes(&j));
    hf_jw_set(&j, root, "events", hf_jw_events(&j));
    if (show->secrets)
        hf_jw_set(&j, root, "secrets", secrets(&j));
    if (!j.failed)
        hf_jw_print(root, out);
    else if (!out->error)
        out->error = HF_E_NO_MEMORY;
    hf_prelude_mask_end(&j.mask);
    json_decref(root);
    return out->error;
}
