/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Every scene (tests/support/stage_scenes.h), from both ends, in all four outputs, with and without its secrets: the page is right
 * and small, has every message in its place and the mark of what failed; the pcapng file and the JSON tell the same again; the text
 * fits a terminal. A test has its scene's name.
 *
 * HF_PAGES=FOLDER writes the pages there, for tests/interop/test_page.py to open in a browser.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "explain/capture.h"
#include "handshake/script.h"
#include "support/markup.h"
#include "support/stage_scenes.h"

enum { SCENES_MAX = 128, PAGE_MAX = 400000, COLUMNS = 80 };

/* One scene as one end saw it. */
typedef struct view {
    const scene *row;
    hf_role side;
    hf_tape *tape;
    hf_story *story;
} view;

static const char *who(hf_role role)
{
    return role == HF_CLIENT ? "client" : "server";
}

#define WRONG(v, ...) wrong(v, __LINE__, __VA_ARGS__)
static void wrong(const view *v, int line, const char *format, ...) HF_PRINTF(3, 4);
static void wrong(const view *v, int line, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fail_msg("%s, seen by the %s: %s (line %d)", v->row->name, who(v->side), text, line);
}

/* ---- secrets ---- */

static void hex_of(const uint8_t *bytes, size_t len, char *hex)
{
    for (size_t i = 0; i < len; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

/* Any eight bytes of a secret in a row, from an even place on. */
static bool has_part_of(const char *text, const hf_tape_secret *secret)
{
    char hex[17];

    for (size_t at = 0; at + 8 <= secret->len; at += 8) {
        hex_of(secret->secret + at, 8, hex);
        if (strstr(text, hex))
            return true;
    }
    return false;
}

static void judge_secrets(const view *v, const char *text, bool asked)
{
    for (size_t i = 0; i < v->tape->n_secrets; i++) {
        const hf_tape_secret *secret = &v->tape->secrets[i];
        if (has_part_of(text, secret) != asked)
            WRONG(v, "%s %s", secret->label, asked ? "is missing" : "is shown");
    }
}

/* ---- the page ---- */

static const char *find(const char *text, const char *format, ...) HF_PRINTF(2, 3);
static const char *find(const char *text, const char *format, ...)
{
    char what[256];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return strstr(text, what);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    while ((text = strstr(text, what)) != NULL) {
        text += strlen(what);
        n++;
    }
    return n;
}

/* An element for each step, in order, on the writer's side, with the name of what was sent. */
static void judge_ladder(const view *v, const char *page)
{
    const char *at = strstr(page, "<ol class=\"ladder\">");

    assert_non_null(at);
    for (size_t i = 0; i < v->story->n; i++) {
        const hf_story_step *step = &v->story->steps[i];
        const char *next = find(at, " id=\"m%zu\"", i);
        if (!next)
            WRONG(v, "step %zu, %s, is not there, or not in its place", i, step->name);
        const char *start = next;
        while (*start != '<')
            start--;
        bool keys = step->kind == HF_STEP_KEYS;
        const char *kind =
            find(start, "<li class=\"%s %s", keys ? "moment keys" : "step", who(step->writer));
        const char *name = keys ? start : find(next, "<span class=\"label\"><b>%s</b>", step->name);
        if (kind != start || !name || (i + 1 < v->story->n && !find(name, " id=\"m%zu\"", i + 1)))
            WRONG(v, "step %zu is not %s of the %s", i, step->name, who(step->writer));
        at = next + 1;
    }
}

static void judge_fault(const view *v, const char *page)
{
    const hf_story *story = v->story;
    size_t fault = hf_story_fault(story), marks = count(page, "<div class=\"fault\">");
    bool refused = fault < story->n && story->steps[fault].refused;
    bool good = story->connected && !story->unverified;
    const char *outcome = story->failed ? "bad" : good ? "good" : "open";

    if (!find(page, "<div class=\"outcome %s\">", outcome))
        WRONG(v, "its outcome is not shown as %s", outcome);
    if (!find(page, "<li class=\"end %s\">", story->failed ? "bad" : "open"))
        WRONG(v, "the end of its ladder is not the story's");
    if (good && !find(page, "<li class=\"reached good\">"))
        WRONG(v, "the ladder does not say where it was connected");
    if (marks != refused ||
        count(page, "refused\" id=\"m") + count(page, "refused first\" id=\"m") != refused)
        WRONG(v, "%zu marks of a fault", marks);
    if (refused && !find(page, "href=\"#m%zu\">Show the fault", fault))
        WRONG(v, "nothing leads to the fault");
}

static hf_sheet page_of(const hf_story *story, bool secrets)
{
    const hf_show show = { .secrets = secrets };
    hf_sheet sheet = { 0 };

    assert_int_equal(hf_show_page(story, &show, &sheet), HF_OK);
    return sheet;
}

static void judge_page(const view *v, bool secrets)
{
    hf_sheet page = page_of(v->story, secrets);
    hf_span text = hf_span_of(page.text, page.len);
    char why[MARKUP_WHY], *words = markup_words(text);

    assert_int_equal(strlen(page.text), page.len);
    if (page.len >= PAGE_MAX)
        WRONG(v, "the page has %zu bytes", page.len);
    if (!markup_is_right(text, why))
        WRONG(v, "the page is not right: %s", why);
    judge_ladder(v, page.text);
    judge_fault(v, page.text);
    judge_secrets(v, words, secrets);
    if (!find(page.text, "There are no secrets in this page") !=
        (secrets && v->tape->n_secrets > 0))
        WRONG(v, "the page says something else about its secrets");
    free(words);
    hf_sheet_free(&page);
}

/* ---- two tapes ---- */

/* What is a record: of a header alone nobody can tell how it would have gone on. */
static const hf_tape_event *next_record(const hf_tape *tape, size_t *i)
{
    while (*i < tape->n) {
        const hf_tape_event *e = &tape->events[(*i)++];
        if (e->kind == HF_TAPE_RECORD && !hf_is_header_alone(hf_tape_wire(tape, e)))
            return e;
    }
    return NULL;
}

static bool same_record(const hf_tape *a, const hf_tape_event *x, const hf_tape *b,
                        const hf_tape_event *y, bool inside)
{
    if (!x || !y || x->writer != y->writer ||
        !hf_span_equal(hf_tape_wire(a, x), hf_tape_wire(b, y)))
        return x == y;
    if (!inside)
        return y->opened == (y->epoch <= HF_PLAIN);
    return x->opened == y->opened && x->content_type == y->content_type &&
           x->content_len == y->content_len &&
           hf_span_equal(hf_tape_content(a, x), hf_tape_content(b, y));
}

/* The same records in the same order; inside: with the same in them, else closed where they are protected. */
static void same_records(const view *v, const hf_tape *other, bool inside)
{
    size_t i = 0, k = 0;
    const hf_tape_event *x, *y;

    do {
        x = next_record(v->tape, &i);
        y = next_record(other, &k);
        if (!same_record(v->tape, x, other, y, inside))
            WRONG(v, "event %zu is not event %zu of what was read back%s", i, k,
                  inside ? "" : " without secrets");
    } while (x);
}

/* ---- two stories ---- */

static bool is_message(const hf_story_step *step)
{
    return step->kind == HF_STEP_MESSAGE || step->kind == HF_STEP_CCS ||
           step->kind == HF_STEP_ALERT;
}

static const hf_story_step *next_message(const hf_story *story, size_t *i)
{
    while (*i < story->n)
        if (is_message(&story->steps[(*i)++]))
            return &story->steps[*i - 1];
    return NULL;
}

static bool same_message(const hf_story_step *x, const hf_story_step *y)
{
    if (!x || !y)
        return x == y;
    return x->kind == y->kind && x->msg == y->msg && x->writer == y->writer && x->row == y->row &&
           x->encrypted == y->encrypted && hf_span_equal(x->bytes, y->bytes);
}

static void same_messages(const view *v, const hf_tape *other)
{
    hf_story *story = hf_story_of(other);
    size_t i = 0, k = 0;
    const hf_story_step *x, *y;

    assert_non_null(story);
    do {
        x = next_message(v->story, &i);
        y = next_message(story, &k);
        if (!same_message(x, y))
            WRONG(v, "%s of the story is %s of what was read back", x ? x->name : "nothing",
                  y ? y->name : "nothing");
    } while (x);
    hf_story_free(story);
}

/* ---- the capture ---- */

static hf_tape *dissected(const view *v)
{
    hf_sheet file = { 0 };
    hf_capture capture = { 0 };
    hf_tape *tape;

    assert_int_equal(hf_show_pcapng(v->story, &file), HF_OK);
    assert_int_equal(hf_capture_read(&capture, hf_span_of(file.text, file.len)), HF_OK);
    assert_int_equal(capture.n, 1);
    assert_int_equal(capture.keylog.n, v->tape->n_secrets);
    assert_int_equal(hf_dissect(&capture.tcp[0], &capture.keylog, &tape), HF_OK);
    assert_int_equal(tape->lost, 0);
    hf_capture_free(&capture);
    hf_sheet_free(&file);
    return tape;
}

static void judge_capture(const view *v)
{
    size_t n = v->tape->n_secrets;
    hf_tape *open = dissected(v);

    same_records(v, open, true);
    same_messages(v, open);
    hf_tape_free(open);
    v->tape->n_secrets = 0;
    hf_tape *closed = dissected(v);
    v->tape->n_secrets = n;
    same_records(v, closed, false);
    hf_tape_free(closed);
}

/* ---- JSON ---- */

static void same_page(const view *v, const hf_tape *other, bool secrets)
{
    hf_story *story = hf_story_of(other);
    hf_sheet page = page_of(v->story, secrets), again = page_of(story, secrets);

    if (strcmp(page.text, again.text) != 0)
        WRONG(v, "the page of what was read back from JSON is another");
    hf_sheet_free(&page);
    hf_sheet_free(&again);
    hf_story_free(story);
}

static void judge_json(const view *v, bool secrets)
{
    const hf_show show = { .secrets = secrets };
    char why[HF_WHY_ROOM] = "";
    hf_sheet json = { 0 };
    hf_tape *again;

    assert_int_equal(hf_show_json(v->story, &show, &json), HF_OK);
    judge_secrets(v, json.text, secrets);
    if (hf_tape_from_json(hf_span_of(json.text, json.len), &again, why) != HF_OK)
        WRONG(v, "JSON: %s", why);
    same_records(v, again, true);
    same_messages(v, again);
    same_page(v, again, secrets);
    assert_int_equal(again->n_secrets, secrets ? v->tape->n_secrets : 0);
    hf_tape_free(again);
    hf_sheet_free(&json);
}

/* ---- text ---- */

/* A line of a key log is as long as it is. */
static void judge_line(const view *v, const char *line, size_t len, bool is_secret)
{
    size_t columns = 0;

    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)line[i];
        columns += (c & 0xc0) != 0x80;
        if (c < ' ' || c == 0x7f)
            WRONG(v, "byte %02x in the text", c);
    }
    if (columns > COLUMNS && !is_secret)
        WRONG(v, "%zu columns: %.*s", columns, (int)len, line);
    if (len > 0 && line[len - 1] == ' ')
        WRONG(v, "a blank at the end: %.*s", (int)len, line);
}

static void judge_text(const view *v, int verbose, bool secrets)
{
    const hf_show show = { .verbose = verbose, .secrets = secrets };
    hf_sheet text = { 0 };
    bool is_secret = false;

    assert_int_equal(hf_show_text(v->story, &show, &text), HF_OK);
    judge_secrets(v, text.text, secrets);
    for (const char *line = text.text; *line; line += strcspn(line, "\n") + 1) {
        judge_line(v, line, strcspn(line, "\n"), is_secret);
        is_secret |= find(line, "The secrets, as a key log has them") == line;
    }
    assert_int_equal(text.text[text.len - 1], '\n');
    hf_sheet_free(&text);
}

/* ---- scenes ---- */

static void write_page(const view *v)
{
    const char *folder = getenv("HF_PAGES");
    hf_sheet page = page_of(v->story, false);
    char path[512];

    snprintf(path, sizeof path, "%s/%s.html", folder, v->row->name);
    FILE *file = fopen(path, "wb");
    if (!file)
        fail_msg("cannot write %s", path);
    assert_int_equal(fwrite(page.text, 1, page.len, file), page.len);
    assert_int_equal(fclose(file), 0);
    hf_sheet_free(&page);
}

static void judge(const view *v)
{
    for (int secrets = 0; secrets < 2; secrets++) {
        judge_page(v, secrets);
        judge_json(v, secrets);
        for (int verbose = 0; verbose < 3; verbose++)
            judge_text(v, verbose, secrets);
    }
    judge_capture(v);
}

static void test_scene(void **state)
{
    const scene *row = *state;
    stage s;

    if (!scene_play(row, &s))
        skip();
    for (int side = 0; side < 2; side++) {
        view v = { row, (hf_role)side, s.end[side].tape, NULL };
        if (s.is_hostile && v.side != s.h.victim) /* says one thing and does another */
            continue;
        v.story = hf_story_of(v.tape);
        assert_non_null(v.story);
        if (!getenv("HF_PAGES"))
            judge(&v);
        else if (side == row->side)
            write_page(&v);
        hf_story_free(v.story);
    }
    stage_free(&s);
}

int main(void)
{
    static struct CMUnitTest tests[SCENES_MAX];
    size_t n = 0;

    for (const scene *row; (row = scene_row(n)) != NULL && n < SCENES_MAX; n++)
        tests[n] = (struct CMUnitTest){ row->name, test_scene, NULL, NULL, (void *)(uintptr_t)row };
    return _cmocka_run_group_tests("explain: outputs", tests, n, NULL, NULL);
}
