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
        if (step->bytes.len == 0)
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

static struct CMUnitTest tests[3 * SCENES_MAX];
static char names[3 * SCENES_MAX][64];

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
        add(&n, "bytes", row, test_every_byte_has_a_name);
    }
    return _cmocka_run_group_tests("explain: stories", tests, n, NULL, NULL);
}
