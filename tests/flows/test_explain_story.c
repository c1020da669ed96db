/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A story tells what the engine did. The story finds the row of each message by watching alone; the engine knows which one it
 * followed, and says so in its trace: both must name the same section and the same steps of teaching texts. And every byte of
 * every message belongs to exactly one named field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>

#include "support/stage_scenes.h"

enum { SCENES_MAX = 128 };

static bool is_told(const hf_story_step *step)
{
    return step->kind == HF_STEP_MESSAGE || step->kind == HF_STEP_CCS ||
           step->kind == HF_STEP_ALERT;
}

/* ---- against the engine ---- */

/* What comes and means nothing has no row in the engine (the table `ignored`); the story names that which its writer followed. */
static bool was_dropped(const hf_story_step *step, const stage_heard *heard)
{
    bool tls13 = step->row && strcmp(step->row->rfc, "RFC 9846 E.4") == 0;

    return *heard->source == '\0' && step->kind == HF_STEP_CCS && tls13;
}

static void same_row(const char *where, const hf_story_step *step, const stage_heard *heard)
{
    const hf_row *row = step->row;

    if (strcmp(step->name, heard->name) != 0 || step->bytes.len != heard->len)
        fail_msg("%s: the engine told %s of %zu bytes, the story has %s of %zu", where, heard->name,
                 heard->len, step->name, step->bytes.len);
    if (step->kind == HF_STEP_ALERT || was_dropped(step, heard))
        return;
    if (!row)
        fail_msg("%s: the story has no row for %s", where, step->name);
    else if (strcmp(row->rfc, heard->source) != 0 || strcmp(step->source, heard->source) != 0)
        fail_msg("%s: %s: %s, and the engine's row is %s", where, step->name, step->source,
                 heard->source);
    else if (row->phase != heard->phase || row->six != heard->six || row->nine != heard->nine)
        fail_msg("%s: %s: phase %d, steps %d and %d; the engine's %d, %d and %d", where, step->name,
                 row->phase, row->six, row->nine, heard->phase, heard->six, heard->nine);
}

static const hf_story_step *next_told(const hf_story *story, hf_role writer, size_t *at)
{
    while (*at < story->n) {
        const hf_story_step *step = &story->steps[(*at)++];
        if (is_told(step) && step->writer == writer)
            return step;
    }
    return NULL;
}

/* Each writer's messages in order: between the two the engine may tell of its own before it has read the other's. */
static void same_as_engine(const char *where, const stage_end *end, const hf_story *story,
                           hf_role writer)
{
    size_t at = 0;

    for (size_t i = 0; i < end->n_heard; i++) {
        if (end->heard[i].writer != writer)
            continue;
        const hf_story_step *step = next_told(story, writer, &at);
        if (!step)
            fail_msg("%s: the story lacks %s", where, end->heard[i].name);
        else
            same_row(where, step, &end->heard[i]);
    }
    if (next_told(story, writer, &at))
        fail_msg("%s: the story has a message that the engine never told", where);
}

static void test_rows_are_the_engines(void **state)
{
    const scene *row = *state;
    stage s;

    if (!scene_play(row, &s))
        skip();
    for (int side = 0; side < 2; side++) {
        hf_story *story = hf_story_of(s.end[side].tape);
        assert_non_null(story);
        assert_true(story->connected);
        for (int writer = 0; writer < 2; writer++)
            same_as_engine(row->name, &s.end[side], story, (hf_role)writer);
        hf_story_free(story);
    }
    stage_free(&s);
}

/* ---- every byte ---- */

static void each_byte_once(const char *where, const hf_story_step *step, const hf_tree *tree)
{
    size_t at = 0;

    for (size_t i = 0; i < tree->n; i++) {
        if (!hf_node_is_leaf(&tree->nodes[i]))
            continue;
        if (tree->nodes[i].offset != at)
            fail_msg("%s: %s: byte %zu belongs to no field, or to two", where, step->name, at);
        at += tree->nodes[i].len;
    }
    if (at != step->bytes.len)
        fail_msg("%s: %s: %zu of %zu bytes have a field", where, step->name, at, step->bytes.len);
}

static bool whole(const scene *row, const hf_story_step *step, const hf_tree *tree)
{
    bool read = tree->unnamed == 0;

    if (row->fails == HF_OK && !read)
        fail_msg("%s: %s: %zu bytes were not read", row->name, step->name, tree->unnamed);
    for (size_t i = 0; read && i < tree->n; i++)
        if (!tree->nodes[i].meaning) {
            char path[HF_PATH_ROOM];
            fail_msg("%s: %s has no meaning", row->name, hf_node_path(tree, i, path));
        }
    return read;
}

/* In the good ones all of them are read, and have a meaning; where a reader gave up, a field says so. */
static void test_every_byte_has_a_name(void **state)
{
    const scene *row = *state;
    hf_story *story;
    stage s;

    if (!scene_play(row, &s))
        skip();
    story = hf_story_of(s.end[row->side].tape);
    assert_non_null(story);
    for (size_t i = 0; i < story->n; i++) {
        const hf_story_step *step = &story->steps[i];
        hf_tree tree = { 0 };
        bool is_tls = step->kind != HF_STEP_PRELUDE;
        if (step->bytes.len == 0 || !is_tls)
            continue;
        assert_int_equal(hf_story_tree(step, &tree), HF_OK);
        each_byte_once(row->name, step, &tree);
        whole(row, step, &tree);
        hf_tree_free(&tree);
    }
    hf_story_free(story);
    stage_free(&s);
}

/* What a failure points at is in the story. */
static void test_a_failure_is_the_storys_end(void **state)
{
    const scene *row = *state;
    hf_story *story;
    stage s;

    if (!scene_play(row, &s))
        skip();
    story = hf_story_of(s.end[row->side].tape);
    assert_non_null(story);
    assert_true(story->failed);
    size_t fault = hf_story_fault(story);
    assert_true(fault <= story->n);
    if (fault < story->n && s.end[row->side].tape->failure.message)
        assert_true(story->steps[fault].kind != HF_STEP_KEYS);
    hf_story_free(story);
    stage_free(&s);
}

/* A record of which the keys were there is told apart from those whose keys nobody here has. */
static void test_a_record_that_does_not_open(void **state)
{
    const scene *row = *state;
    hf_story *story;
    unsigned refused = 0;
    stage s;

    if (!scene_play(row, &s))
        skip();
    story = hf_story_of(s.end[row->side].tape);
    assert_non_null(story);
    for (size_t i = 0; i < story->n; i++) {
        char words[HF_WORDS_ROOM];
        const hf_story_step *step = &story->steps[i];
        bool shut = strstr(hf_step_summary(story, i, words), "what does not open: ") != NULL;
        assert_int_equal(step->refused, shut);
        assert_int_equal(step->refused, step->kind == HF_STEP_SEALED);
        assert_int_equal(step->n_records, step->refused ? 1 : 0);
        refused += step->refused;
    }
    assert_int_equal(refused, 1);
    hf_story_free(story);
    stage_free(&s);
}

/* ---- proofs ---- */

static uint8_t proofs_of(const json_t *list)
{
    static const char *const words[] = { "chain", "signature", "finished" };
    uint8_t mask = 0;

    for (size_t i = 0; i < json_array_size(list); i++)
        for (unsigned k = 0; k < 3; k++)
            if (strcmp(json_string_value(json_array_get(list, i)), words[k]) == 0)
                mask |= (uint8_t)(1u << k);
    return mask;
}

static uint8_t told_by_engine(const hf_tape *tape)
{
    uint8_t mask = 0;

    for (size_t i = 0; i < tape->n; i++)
        mask |= tape->events[i].proofs;
    return mask;
}

static void judge_proofs(const char *where, const hf_story *story, const json_t *messages)
{
    const hf_tape *tape = story->tape;
    const char *self = tape->side == HF_TAPE_SERVER ? "server" : "client";
    size_t at = 0;
    uint8_t own = 0, told = told_by_engine(tape);

    for (size_t i = 0; i < story->n; i++) {
        const hf_story_step *step = &story->steps[i];
        if (!is_told(step) && step->kind != HF_STEP_BROKEN)
            continue;
        const json_t *both = json_object_get(json_array_get(messages, at++), "proofs");
        uint8_t least = own;
        own = proofs_of(json_object_get(both, self));
        uint8_t most = told & step->provable[tape->side == HF_TAPE_SERVER];
        if (own & ~most || least & ~own)
            fail_msg("%s, %s: after %s it holds %d; of the engine's it can be %d", where, self,
                     step->name, own, most);
    }
    assert_int_equal(at, json_array_size(messages));
    if (own != told)
        fail_msg("%s, %s: it holds %d, and the engine told %d", where, self, own, told);
}

/* docs/trace.md, `proofs`: of the end that listened they are those that the engine told, each from the
   message on that proves it, and no more. */
static void test_proofs_are_the_engines(void **state)
{
    const hf_show show = { .verbose = 0 };
    const scene *row = *state;
    stage s;

    if (!scene_play(row, &s))
        skip();
    for (int side = 0; side < 2; side++) {
        hf_story *story = hf_story_of(s.end[side].tape);
        hf_sheet sheet = { 0 };
        assert_non_null(story);
        assert_int_equal(hf_show_json(story, &show, &sheet), HF_OK);
        json_t *root = json_loads(sheet.text, 0, NULL);
        assert_non_null(root);
        judge_proofs(row->name, story, json_object_get(root, "messages"));
        json_decref(root);
        hf_sheet_free(&sheet);
        hf_story_free(story);
    }
    stage_free(&s);
}

static const scene *scene_named(const char *name)
{
    const scene *row;

    for (size_t i = 0; (row = scene_row(i)) != NULL; i++)
        if (strcmp(row->name, name) == 0)
            return row;
    fail_msg("no scene %s", name);
    return NULL;
}

/* RFC 9846 6.2: who sends an alert about a certificate holds nothing proved from that certificate on; each end's tape says so
   of both. */
static void test_who_refused_holds_no_proof(void **state)
{
    static const struct {
        const char *scene;
        hf_role refuses;
    } rows[] = { { "failed-untrusted", HF_CLIENT }, /* its own tape, and its peer's */
                 { "failed-wrong-name", HF_CLIENT },
                 { "failed-expired-client", HF_SERVER },
                 { "failed-no-client-certificate", HF_SERVER },
                 { "failed12-wrong-name", HF_CLIENT } };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        stage s;
        if (!scene_play(scene_named(rows[r].scene), &s))
            skip();
        for (int side = 0; side < 2; side++) {
            hf_story *story = hf_story_of(s.end[side].tape);
            assert_non_null(story);
            for (size_t i = 0; i < story->n; i++)
                if (hf_step_proofs(story, i, rows[r].refuses) & HF_CHAIN)
                    fail_msg("%s, tape %d: %s holds a chain proved after %s", rows[r].scene, side,
                             rows[r].refuses ? "server" : "client", story->steps[i].name);
            if (side != (int)rows[r].refuses)
                assert_int_equal(hf_step_proofs(story, story->n - 1, rows[r].refuses), 0);
            hf_story_free(story);
        }
        stage_free(&s);
    }
}

/* ---- alerts after Finished ---- */

static void shows(char *(*words)(const hf_story *, char *), const hf_story *story, const char *what)
{
    char text[HF_WORDS_ROOM];

    if (!strstr(words(story, text), what))
        fail_msg("\"%s\" is not in: %s", what, text);
}

static void shows_in(hf_error (*show)(const hf_story *, const hf_show *, hf_sheet *),
                     const hf_story *story, const char *what)
{
    const hf_show how = { .width = 200 };
    hf_sheet sheet = { 0 };

    assert_int_equal(show(story, &how, &sheet), HF_OK);
    if (!strstr(sheet.text, what))
        fail_msg("\"%s\" is not in: %s", what, sheet.text);
    hf_sheet_free(&sheet);
}

/* As somebody on the line has it who has the keys: nothing but records. */
static hf_story *by_a_witness(hf_tape *tape)
{
    tape->side = HF_TAPE_CAPTURE;
    tape->connected = tape->failed = false;
    for (size_t i = 0; i < tape->n; i++)
        tape->events[i].proofs = 0;
    hf_story *story = hf_story_of(tape);
    assert_non_null(story);
    return story;
}

/* RFC 9846 4.5, 6.2: a server judges its client's certificate when both Finished are on the wire, and may refuse it then. */
static void test_an_alert_after_both_finished(void **state)
{
    stage s;

    (void)state;
    if (!scene_play(scene_named("failed-expired-client-told"), &s))
        skip();
    hf_story *story = by_a_witness(s.end[HF_CLIENT].tape);
    char words[HF_WORDS_ROOM];
    assert_false(story->connected);
    assert_true(story->failed);
    assert_int_equal(story->steps[hf_story_fault(story)].kind, HF_STEP_ALERT);
    shows(hf_story_outcome, story, "failed: the server sent the alert certificate_expired");
    shows(hf_story_outcome, story, "it did not accept the client's certificate");
    shows_in(hf_show_text, story, "failed: the server sent the alert certificate_expired");
    shows_in(hf_show_json, story, "\"outcome\": \"failed\"");
    shows_in(hf_show_page, story, "<div class=\"outcome bad\">");
    shows_in(hf_show_page, story, "Show the alert: Alert");
    assert_int_equal(hf_step_proofs(story, story->n - 1, HF_SERVER), 0);
    hf_step_proved(story, story->n - 1, HF_SERVER, words);
    assert_null(strstr(words, "who the client is"));
    hf_story_free(story);
    stage_free(&s);
}

/* What ends a connection that was used is no end of its handshake. */
static void test_an_alert_after_data(void **state)
{
    stage s;

    (void)state;
    if (!scene_play(scene_named("tls13-mutual"), &s))
        skip();
    hf_tape *tape = s.end[HF_SERVER].tape;
    hf_story *story = by_a_witness(tape);
    assert_true(story->connected && !story->failed);
    hf_story_free(story);
    for (size_t i = 0; i < tape->n; i++) /* the close_notify of both */
        if (tape->events[i].opened && tape->events[i].content_type == HF_CT_ALERT)
            memcpy(tape->bytes + tape->events[i].content_at, "\x02\x14", 2);
    story = by_a_witness(tape);
    assert_true(story->connected && !story->failed);
    assert_int_equal(hf_step_proofs(story, story->n - 1, HF_SERVER),
                     HF_CHAIN | HF_SIGNATURE | HF_FINISHED);
    hf_story_free(story);
    for (size_t i = 0; i < tape->n; i++) /* now none was sent */
        if (tape->events[i].content_type == HF_CT_APPLICATION_DATA)
            tape->events[i].kind = HF_TAPE_PROVED;
    story = by_a_witness(tape);
    assert_true(!story->connected && story->failed);
    hf_story_free(story);
    stage_free(&s);
}

/* ---- keys ---- */

/* New keys without a message are of a row of their own (RFC 9846 7.3, 4.3.10); the rest are of their message's. */
static void test_keys_have_their_row(void **state)
{
    const scene *row = *state;
    hf_story *story;
    stage s;

    if (!scene_play(row, &s))
        skip();
    story = hf_story_of(s.end[row->side].tape);
    assert_non_null(story);
    for (size_t i = 0; i < story->n; i++) {
        const hf_story_step *step = &story->steps[i], *before = i > 0 ? step - 1 : step;
        bool by_message = before->writer == step->writer && before->row &&
                          before->kind != HF_STEP_KEYS && before->row->keys == step->epoch;
        bool alone = step->version != HF_TLS12 && step->epoch < HF_APP && !by_message;
        if (step->kind != HF_STEP_KEYS)
            continue;
        assert_int_equal(step->row != NULL, alone);
        if (!step->row)
            continue;
        assert_int_equal(step->row->msg, HF_ROW_KEYS);
        assert_int_equal(step->row->writer, step->writer);
        assert_int_equal(step->row->keys, step->epoch);
        assert_int_equal(step->row->six, 4);
        assert_int_equal(step->row->nine, 6);
    }
    hf_story_free(story);
    stage_free(&s);
}

static struct CMUnitTest tests[4 * SCENES_MAX];
static char names[4 * SCENES_MAX][64];

static void add(size_t *n, const char *what, const scene *row, CMUnitTestFunction test)
{
    snprintf(names[*n], sizeof names[*n], "%s: %s", row->name, what);
    tests[*n] = (struct CMUnitTest){ names[*n], test, NULL, NULL, (void *)(uintptr_t)row };
    ++*n;
}

int main(void)
{
    const scene *row;
    size_t n = 0;

    for (size_t i = 0; (row = scene_row(i)) != NULL && i < SCENES_MAX; i++) {
        if (row->fails == HF_OK)
            add(&n, "rows", row, test_rows_are_the_engines);
        else
            add(&n, "the end", row, test_a_failure_is_the_storys_end);
        if (row->fails == HF_OK)
            add(&n, "keys", row, test_keys_have_their_row);
        if (row->fails == HF_E_RECORD_MAC || row->fails == HF_E_PSK_WRONG)
            add(&n, "does not open", row, test_a_record_that_does_not_open);
        add(&n, "bytes", row, test_every_byte_has_a_name);
        add(&n, "proofs", row, test_proofs_are_the_engines);
    }
    add(&n, "refused", &scenes_good[0], test_who_refused_holds_no_proof);
    add(&n, "an alert after both Finished", &scenes_good[0], test_an_alert_after_both_finished);
    add(&n, "an alert after data", &scenes_good[0], test_an_alert_after_data);
    return _cmocka_run_group_tests("explain: stories", tests, n, NULL, NULL);
}
