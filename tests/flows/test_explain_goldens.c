/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a story looks like as text and as JSON: scenes that are the same each time (tests/support/stage.h) against the files of
 * tests/goldens/trace. HF_UPDATE_GOLDENS=1 writes the files anew, for somebody to read the difference.
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

#define FOLDER HF_SOURCE_DIR "/tests/goldens/trace/"

enum { SCENES_MAX = 128, SHOWN = 6 };

/* ---- files ---- */

static char *read_golden(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *text = NULL;
    size_t len = 0, n;

    if (!f)
        return NULL;
    do {
        text = realloc(text, len + 65537);
        assert_non_null(text);
        n = fread(text + len, 1, 65536, f);
        len += n;
    } while (n > 0);
    text[len] = '\0';
    fclose(f);
    return text;
}

static void write_golden(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

/* ---- comparing ---- */

static void print_line(char mark, unsigned number, const char *text)
{
    printf("  %c%4u  %.*s\n", mark, number, (int)strcspn(text, "\n"), text);
}

static const char *next_line(const char *text)
{
    text += strcspn(text, "\n");
    return *text ? text + 1 : text;
}

/* The lines from the first difference on, those of the file with '-', those of now with '+'. */
static void print_difference(const char *path, const char *file, const char *now)
{
    unsigned line = 1;

    while (*file && *now && next_line(file) - file == next_line(now) - now &&
           memcmp(file, now, (size_t)(next_line(now) - now)) == 0) {
        file = next_line(file);
        now = next_line(now);
        line++;
    }
    printf("%s differs from line %u on:\n", path, line);
    for (unsigned i = 0; i < SHOWN && *file; i++, file = next_line(file))
        print_line('-', line + i, file);
    for (unsigned i = 0; i < SHOWN && *now; i++, now = next_line(now))
        print_line('+', line + i, now);
    printf("HF_UPDATE_GOLDENS=1 writes it anew.\n");
}

static void compare(const char *name, const char *ending, const char *now)
{
    char path[512];
    char *file;

    snprintf(path, sizeof path, FOLDER "%s.%s", name, ending);
    if (getenv("HF_UPDATE_GOLDENS"))
        write_golden(path, now);
    file = read_golden(path);
    if (!file)
        fail_msg("there is no %s; HF_UPDATE_GOLDENS=1 writes it", path);
    bool same = strcmp(file, now) == 0;
    if (!same)
        print_difference(path, file, now);
    free(file);
    assert_true(same);
}

/* ---- scenes ---- */

/* The version that made the file changes with every release. */
static void hide_version(char *json)
{
    char line[64];
    char *at;

    snprintf(line, sizeof line, "\"handfast\": \"%s\"", hf_version());
    at = strstr(json, line);
    assert_non_null(at);
    memset(at + 13, '-', strlen(hf_version()));
}

/* Every scene as text, those with JSON with all their fields; one, with bytes and secrets. */
static void show_text(const scene *row, const hf_story *story)
{
    hf_show show = { .verbose = row->json };
    hf_sheet sheet = { 0 };

    assert_int_equal(hf_show_text(story, &show, &sheet), HF_OK);
    compare(row->name, "txt", sheet.text);
    hf_sheet_free(&sheet);
}

/* Who shows a connection while it goes on writes the same lines, step by step. */
static void show_steps(const hf_story *story)
{
    hf_show show = { .verbose = 0 };
    hf_sheet all = { 0 }, steps = { 0 };
    uint8_t told = 0;

    assert_int_equal(hf_show_text(story, &show, &all), HF_OK);
    for (size_t i = 0; i < story->n; i++)
        assert_int_equal(hf_show_step(story, i, &show, &told, &steps), HF_OK);
    if (story->n > 0)
        assert_non_null(strstr(all.text, steps.text));
    hf_sheet_free(&all);
    hf_sheet_free(&steps);
}

static void show_json(const scene *row, const hf_story *story)
{
    hf_show show = { .verbose = 0 };
    hf_sheet sheet = { 0 };

    if (!row->json)
        return;
    assert_int_equal(hf_show_json(story, &show, &sheet), HF_OK);
    hide_version(sheet.text);
    compare(row->name, "json", sheet.text);
    hf_sheet_free(&sheet);
}

static void test_scene(void **state)
{
    const scene *row = *state;
    hf_story *story;
    stage s;

    if (!scene_play(row, &s))
        skip();
    hf_tape *tape = s.end[row->side].tape;
    assert_int_equal(tape->failed, row->fails != HF_OK);
    if (tape->failed)
        assert_string_equal(hf_error_row_of(tape->failure.code)->name,
                            hf_error_row_of(row->fails)->name);
    story = hf_story_of(tape);
    assert_non_null(story);
    show_text(row, story);
    show_steps(story);
    show_json(row, story);
    hf_story_free(story);
    stage_free(&s);
}

/* The bytes below the fields, colour, a narrow terminal, and secrets, once. */
static void test_everything(void **state)
{
    const hf_show show = { .verbose = 2, .secrets = true, .colour = true, .width = 60 };
    hf_sheet sheet = { 0 };
    hf_story *story;
    stage s;

    (void)state;
    if (!scene_play(&scenes_good[0], &s))
        skip();
    story = hf_story_of(s.end[HF_CLIENT].tape);
    assert_int_equal(hf_show_text(story, &show, &sheet), HF_OK);
    compare("everything", "txt", sheet.text);
    hf_sheet_free(&sheet);
    hf_story_free(story);
    stage_free(&s);
}

/* Each scene twice in one process gives the same bytes: what the goldens rest on. */
static void test_scenes_repeat(void **state)
{
    stage a, b;

    (void)state;
    if (!stage_can_play())
        skip();
    for (const scene *row = scenes_good; row->name; row++) {
        scene_play(row, &a);
        scene_play(row, &b);
        const hf_tape *x = a.end[row->side].tape, *y = b.end[row->side].tape;
        assert_true(
            hf_span_equal(hf_span_of(x->bytes, x->n_bytes), hf_span_of(y->bytes, y->n_bytes)));
        stage_free(&a);
        stage_free(&b);
    }
}

int main(void)
{
    static struct CMUnitTest tests[SCENES_MAX + 2];
    size_t n = 0;

    for (const scene *row; (row = scene_row(n)) != NULL && n < SCENES_MAX; n++)
        tests[n] = (struct CMUnitTest){ row->name, test_scene, NULL, NULL, (void *)(uintptr_t)row };
    tests[n++] = (struct CMUnitTest){ "everything", test_everything, NULL, NULL, NULL };
    tests[n++] = (struct CMUnitTest){ "the same each time", test_scenes_repeat, NULL, NULL, NULL };
    return _cmocka_run_group_tests("explain: goldens", tests, n, NULL, NULL);
}
