/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * handfast.trace/1 (docs/trace.md): a tape that was written and read back tells the same story, byte for byte; secrets are there
 * only for who asked; what is no such file is refused with the place of the fault.
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

static char *shown(const hf_tape *tape, const hf_show *show, bool json)
{
    hf_story *story = hf_story_of(tape);
    hf_sheet sheet = { 0 };

    assert_non_null(story);
    assert_int_equal(json ? hf_show_json(story, show, &sheet) : hf_show_text(story, show, &sheet),
                     HF_OK);
    hf_story_free(story);
    return sheet.text; /* hf_free */
}

static hf_tape *read_back(const char *json)
{
    char why[HF_WHY_ROOM];
    hf_tape *tape;
    hf_error e = hf_tape_from_json(hf_span_str(json), &tape, why);

    if (e)
        fail_msg("%s: %s", hf_error_row_of(e)->name, why);
    return tape;
}

/* ---- round trips ---- */

static void comes_back(const hf_tape *tape, bool secrets)
{
    const hf_show show = { .verbose = 2, .secrets = secrets };
    char *json = shown(tape, &show, true), *text = shown(tape, &show, false);
    hf_tape *again = read_back(json);
    char *json_again = shown(again, &show, true), *text_again = shown(again, &show, false);

    assert_string_equal(json, json_again);
    assert_string_equal(text, text_again);
    assert_int_equal(again->n_secrets, secrets ? tape->n_secrets : 0);
    hf_free(json);
    hf_free(text);
    hf_free(json_again);
    hf_free(text_again);
    hf_tape_free(again);
}

static void test_tapes_come_back(void **state)
{
    const scene *row;
    stage s;

    (void)state;
    for (size_t i = 0; (row = scene_row(i)) != NULL; i++) {
        if (!scene_play(row, &s))
            skip();
        for (int side = 0; side < 2; side++) {
            comes_back(s.end[side].tape, false);
            comes_back(s.end[side].tape, true);
        }
        stage_free(&s);
    }
}

/* The tape itself, event by event: JSON may leave out nothing that a story could be told from later. */
static void test_events_come_back(void **state)
{
    const hf_show show = { .secrets = true };
    stage s;

    (void)state;
    if (!scene_play(&scenes_good[0], &s))
        skip();
    const hf_tape *tape = s.end[HF_CLIENT].tape;
    char *json = shown(tape, &show, true);
    hf_tape *again = read_back(json);
    assert_int_equal(again->n, tape->n);
    for (size_t i = 0; i < tape->n; i++)
        assert_memory_equal(&again->events[i], &tape->events[i], sizeof tape->events[i]);
    assert_int_equal(again->n_bytes, tape->n_bytes);
    assert_memory_equal(again->bytes, tape->bytes, tape->n_bytes);
    assert_int_equal(again->n_secrets, tape->n_secrets);
    assert_memory_equal(again->secrets, tape->secrets, tape->n_secrets * sizeof *tape->secrets);
    assert_int_equal(again->started_us, tape->started_us);
    hf_free(json);
    hf_tape_free(again);
    stage_free(&s);
}

/* ---- secrets ---- */

static void lacks_secrets(const hf_tape *tape, const char *text)
{
    for (size_t i = 0; i < tape->n_secrets; i++) {
        char hex[2 * HF_TAPE_SECRET_MAX + 1];
        for (size_t k = 0; k < tape->secrets[i].len; k++)
            snprintf(hex + 2 * k, 3, "%02x", tape->secrets[i].secret[k]);
        assert_null(strstr(text, hex));
    }
}

static void test_secrets_only_if_asked(void **state)
{
    const hf_show show = { .verbose = 2 }, all = { .verbose = 2, .secrets = true };
    stage s;

    (void)state;
    if (!scene_play(&scenes_good[0], &s))
        skip();
    const hf_tape *tape = s.end[HF_CLIENT].tape;
    assert_true(tape->n_secrets >= 4);
    for (int json = 0; json < 2; json++) {
        char *text = shown(tape, &show, json), *whole = shown(tape, &all, json);
        lacks_secrets(tape, text);
        assert_null(strstr(text, "CLIENT_HANDSHAKE_TRAFFIC_SECRET"));
        assert_non_null(strstr(whole, "CLIENT_HANDSHAKE_TRAFFIC_SECRET"));
        hf_free(text);
        hf_free(whole);
    }
    stage_free(&s);
}

/* ---- foreign text ---- */

static hf_tape *small_tape(void)
{
    hf_tape *tape = hf_tape_new(HF_TAPE_CAPTURE, NULL, NULL);
    static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, 40 };
    hf_tape_event event = {
        .kind = HF_TAPE_RECORD, .content_type = HF_CT_ALERT, .epoch = HF_PLAIN, .opened = true
    };

    assert_non_null(tape);
    assert_true(
        hf_tape_add(tape, &event, hf_span_of(alert, sizeof alert), hf_span_of(alert + 5, 2)));
    return tape;
}

/* Nothing that a stranger wrote reaches the terminal as it is: no control character, no mark of direction, no broken UTF-8. */
static void test_text_does_not_steer_the_terminal(void **state)
{
    static const char *const evil[] = { "\x1b[31m",     "\x9b", "\xc2\x9b",     "\xe2\x80\xae",
                                        "\xe2\x81\xa6", "\r",   "\xe2\x80\xa8", "\xef\xbb\xbf" };
    static const char *const shown_as[] = { "\\x1b[31m", "\\x9b", "\\u009b", "\\u202e",
                                            "\\u2066",   "\\x0d", "\\u2028", "\\ufeff" };
    enum { BROKEN = 1 }; /* no UTF-8 */
    const hf_show show = { .verbose = 2 };

    (void)state;
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        hf_tape *tape = small_tape();
        snprintf(tape->target, sizeof tape->target, "a%sb", evil[i]);
        snprintf(tape->origin, sizeof tape->origin, "c%sd", evil[i]);
        hf_tape_note(tape, "e%sf", evil[i]);
        char *text = shown(tape, &show, false);
        assert_null(strstr(text, evil[i]));
        assert_non_null(strstr(text, shown_as[i]));
        hf_free(text);
        if (i != BROKEN)
            comes_back(tape, false);
        hf_tape_free(tape);
    }
}

/* JSON is UTF-8: other bytes are written as '?', one for one, so that what is written again is the same. */
static void test_broken_utf8_is_replaced(void **state)
{
    const hf_show show = { .verbose = 0 };
    hf_tape *tape = small_tape(), *again;

    (void)state;
    snprintf(tape->target, sizeof tape->target, "gr\xfc\xdf dich");
    char *json = shown(tape, &show, true);
    assert_non_null(strstr(json, "\"target\": \"gr?? dich\""));
    again = read_back(json);
    assert_string_equal(again->target, "gr?? dich");
    comes_back(again, false);
    hf_free(json);
    hf_tape_free(again);
    hf_tape_free(tape);
}

static void test_colour_only_if_asked(void **state)
{
    const hf_show plain = { .verbose = 2 }, coloured = { .colour = true };
    hf_tape *tape = small_tape();

    (void)state;
    char *text = shown(tape, &plain, false), *colour = shown(tape, &coloured, false);
    assert_null(strchr(text, '\x1b'));
    assert_non_null(strstr(colour, "\x1b[1m"));
    hf_free(text);
    hf_free(colour);
    hf_tape_free(tape);
}

static unsigned columns(const char *line)
{
    unsigned n = 0;

    for (; *line && *line != '\n'; line++)
        n += ((unsigned char)*line & 0xc0) != 0x80;
    return n;
}

static void fits(const char *where, const char *text, unsigned width)
{
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        if (columns(text) > width)
            fail_msg("%s: over %u columns: %.*s", where, width, (int)strcspn(text, "\n"), text);
}

static void test_lines_keep_their_width(void **state)
{
    const scene *row;
    stage s;

    (void)state;
    for (size_t i = 0; (row = scene_row(i)) != NULL; i++) {
        if (!scene_play(row, &s))
            skip();
        for (unsigned width = 80; width <= 120; width += 8) {
            const hf_show show = { .verbose = 2, .width = width };
            char *text = shown(s.end[row->side].tape, &show, false);
            fits(row->name, text, width);
            hf_free(text);
        }
        stage_free(&s);
    }
}

/* ---- what is refused ---- */

static json_t *good_file(void)
{
    const hf_show show = { .secrets = true };
    stage s;

    if (!stage_can_play())
        return NULL;
    assert_true(scene_play(&scenes_named[0], &s));
    hf_tape *tape = s.end[HF_CLIENT].tape;
    hf_tape_note(tape, "a note");
    *hf_tape_check_add(tape) = (hf_tape_check){ .rule = "a rule", .source = "RFC 5280 6" };
    char *text = shown(tape, &show, true);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    hf_free(text);
    stage_free(&s);
    return root;
}

static void refused(const char *json, size_t len, const char *expected)
{
    char why[HF_WHY_ROOM];
    hf_tape *tape = (hf_tape *)1;

    assert_int_equal(hf_tape_from_json(hf_span_of(json, len), &tape, why), HF_E_TRACE_FORMAT);
    assert_null(tape);
    if (!strstr(why, expected))
        fail_msg("expected \"%s\", was told \"%s\"", expected, why);
}

/* "events[3].wire" of root, set to a value in JSON; "" takes it away. */
static void change(json_t *root, const char *path, const char *value)
{
    json_t *at = root, *new = *value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
    char name[32];
    size_t i;
    int used;

    assert_true(!*value || new);
    while (sscanf(path, "%31[a-z_]%n", name, &used) == 1) {
        path += used;
        if (sscanf(path, "[%zu]%n", &i, &used) == 1) {
            path += used;
            if (!*path) {
                assert_int_equal(json_array_set_new(json_object_get(at, name), i, new), 0);
                return;
            }
            at = json_array_get(json_object_get(at, name), i);
        } else if (*path) {
            at = json_object_get(at, name);
        }
        assert_non_null(at);
        path += *path == '.';
    }
    assert_int_equal(new ? json_object_set_new(at, name, new) : json_object_del(at, name), 0);
}

static void test_nonsense_is_refused_with_its_place(void **state)
{
    static const char *const rows[][3] = {
        { "schema", "", "schema: is missing" },
        { "schema", "7", "schema: is no string" },
        { "schema", "\"handfast.trace/2\"",
          "schema: handfast.trace/2, and this version reads handfast.trace/1" },
        { "schema", "\"handfast.connect/1\"",
          "schema: \"handfast.connect/1\" is not handfast.trace/1" },
        { "side", "\"middle\"", "side: \"middle\" means nothing here" },
        { "side", "", "side: is missing" },
        { "started", "\"yesterday\"", "started: is no time" },
        { "started", "\"2026-02-30T00:00:00.000000Z\"", "started: is no time" },
        { "started", "\"2026-11-21T09:00:00.12345xZ\"", "started: is no time" },
        { "target", "[]", "target: is no string" },
        { "client", "\"123456789012345678901234567890123456789012345678901234567890abcd\"",
          "client: is longer than 63 bytes" },
        { "counts.lost", "-1", "counts.lost: is not between" },
        { "failure", "\"bad\"", "failure: is no object" },
        { "failure.code", "\"NO_SUCH_ROW\"", "failure.code: \"NO_SUCH_ROW\" is no error" },
        { "failure.code", "", "failure.code: is missing" },
        { "failure.blame", "\"nobody\"", "failure.blame: \"nobody\" means nothing here" },
        { "failure.offset", "-2", "failure.offset: is not between" },
        { "failure.alert", "{\"code\":256}", "failure.code: is not between 0 and 255" },
        { "failure.direction", "\"up\"", "failure.direction: \"up\"" },
        { "checks", "{}", "checks: is no list" },
        { "checks[0].kept", "1", "checks[0].kept: is neither true nor false" },
        { "checks[0]", "7", "checks[0]: is no object" },
        { "notes[0]", "7", "notes: number 1 is no string" },
        { "events", "", "events: is missing" },
        { "events", "3", "events: is no list" },
        { "events[0]", "[]", "events[0]: is no object" },
        { "events[0].kind", "\"smell\"", "events[0].kind: \"smell\" means nothing here" },
        { "events[0].writer", "null", "events[0].writer: is missing" },
        { "events[0].epoch", "256", "events[0].epoch: is not between 0 and 255" },
        { "events[0].version", "65536", "events[0].version: is not between" },
        { "events[0].us", "-1", "events[0].us: is not between" },
        { "events[0].us", "1.5", "events[0].us: is no whole number" },
        { "events[0].opened", "\"yes\"", "events[0].opened: is neither true nor false" },
        { "events[0].content_length", "1",
          "events[0].content_length: says 1, and the content has" },
        { "events[1].wire", "\"160\"", "events[1].wire: odd number of digits" },
        { "events[1].wire", "\"16z0\"", "events[1].wire: character 3 is no hexadecimal digit" },
        { "events[1].wire", "", "events[1].wire: is missing" },
        { "events[1].wire", "22", "events[1].wire: is no string" },
        { "events[1].content", "\"0x\"", "events[1].content: character 2" },
        { "secrets", "{}", "secrets: is no list" },
        { "secrets[0].secret", "\"\"", "secrets[0].secret: has 0 bytes" },
        { "secrets[0].client_random", "\"00\"", "secrets[0].client_random: has 1 bytes" },
    };
    json_t *good = good_file();

    (void)state;
    if (!good)
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *bad = json_deep_copy(good);
        change(bad, rows[i][0], rows[i][1]);
        char *text = json_dumps(bad, JSON_COMPACT);
        refused(text, strlen(text), rows[i][2]);
        free(text);
        json_decref(bad);
    }
    json_decref(good);
}

static void test_what_is_no_json(void **state)
{
    static const char *const rows[][2] = {
        { "", "this is no JSON" },
        { "hello", "line 1, column" },
        { "{\"schema\": \"handfast.trace/1\"", "this is no JSON" },
        { "{\"schema\": 1, \"schema\": 2}", "duplicate object key" },
        { "[]", "schema: is missing" },
        { "\xff\xfe", "this is no JSON" },
        { "{\"schema\": \"\x1b[2J\"}", "this is no JSON" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        refused(rows[i][0], strlen(rows[i][0]), rows[i][1]);
    refused("{}\0{}", 5, "this is no JSON");
}

/* No depth and no number makes it fall. */
static void test_bounds(void **state)
{
    enum { DEEP = 200000 };
    char *deep = malloc(DEEP);
    json_t *root =
        json_pack("{s:s s:s s:[]}", "schema", "handfast.trace/1", "side", "client", "events");
    char *text;

    (void)state;
    assert_non_null(deep);
    memset(deep, '[', DEEP);
    refused(deep, DEEP, "maximum parsing depth");
    free(deep);
    for (int i = 0; i <= HF_TAPE_EVENTS_MAX; i++)
        json_array_append_new(json_object_get(root, "events"), json_object());
    text = json_dumps(root, 0);
    refused(text, strlen(text), "events: has 4097 entries, at most 4096");
    free(text);
    json_decref(root);
}

/* ---- without memory ---- */

static unsigned long allocations, failing;

static void *failing_malloc(size_t size)
{
    return allocations++ == failing ? NULL : malloc(size);
}

/* Each allocation of jansson's fails in its turn (some it can do without): nothing is written or read that lacks a part. */
static void test_without_memory(void **state)
{
    const hf_show show = { .secrets = true };
    hf_tape *tape = small_tape();
    char *whole = shown(tape, &show, true), why[HF_WHY_ROOM];
    hf_story *story = hf_story_of(tape);
    hf_error e;

    (void)state;
    json_set_alloc_funcs(failing_malloc, free);
    for (failing = allocations = 0; failing <= allocations; failing++) {
        hf_sheet sheet = { 0 };
        allocations = 0;
        e = hf_show_json(story, &show, &sheet);
        assert_true(e == HF_OK || e == HF_E_NO_MEMORY);
        if (!e)
            assert_string_equal(sheet.text, whole);
        hf_sheet_free(&sheet);
    }
    assert_true(failing > 100);
    assert_int_equal(e, HF_OK);
    for (failing = allocations = 0; failing <= allocations; failing++) {
        hf_tape *again;
        allocations = 0;
        e = hf_tape_from_json(hf_span_str(whole), &again, why);
        assert_true(e ? !again : again->n == tape->n); /* jansson calls some of them bad tokens */
        hf_tape_free(again);
    }
    assert_true(failing > 100);
    assert_int_equal(e, HF_OK);
    json_set_alloc_funcs(malloc, free);
    hf_story_free(story);
    hf_free(whole);
    hf_tape_free(tape);
}

/* Thousands of empty messages in one record: a bounded number is told, and that more were there. */
static void test_a_story_has_an_end(void **state)
{
    enum { MORE = 500, RECORD = 5 };
    static uint8_t wire[RECORD + 4 * (HF_STORY_MESSAGES_MAX + MORE)] = { HF_CT_HANDSHAKE, 3, 3 };
    const size_t len = sizeof wire - RECORD;
    hf_tape_event event = {
        .kind = HF_TAPE_RECORD, .content_type = HF_CT_HANDSHAKE, .epoch = HF_PLAIN, .opened = true
    };
    const hf_show show = { .verbose = 0 };
    hf_tape *tape = hf_tape_new(HF_TAPE_CAPTURE, NULL, NULL);

    (void)state;
    assert_non_null(tape);
    wire[3] = (uint8_t)(len >> 8);
    wire[4] = (uint8_t)len;
    assert_true(
        hf_tape_add(tape, &event, hf_span_of(wire, sizeof wire), hf_span_of(wire + RECORD, len)));
    hf_story *story = hf_story_of(tape);
    assert_non_null(story);
    assert_int_equal(story->messages, HF_STORY_MESSAGES_MAX);
    assert_int_equal(story->left_out, 4 * MORE);
    hf_story_free(story);
    char *text = shown(tape, &show, false);
    assert_non_null(
        strstr(text, "2000 bytes of handshake messages after the first 1024 are left out"));
    hf_free(text);
    hf_tape_free(tape);
}

/* The least that is a trace. */
static void test_an_empty_trace(void **state)
{
    hf_tape *tape =
        read_back("{\"schema\": \"handfast.trace/1\", \"side\": \"server\", \"events\": []}");
    const hf_show show = { .verbose = 2, .secrets = true };

    (void)state;
    assert_int_equal(tape->side, HF_TAPE_SERVER);
    assert_int_equal(tape->n, 0);
    assert_false(tape->connected || tape->failed || tape->checks_done);
    comes_back(tape, true);
    hf_free(shown(tape, &show, false));
    hf_tape_free(tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tapes_come_back),
        cmocka_unit_test(test_events_come_back),
        cmocka_unit_test(test_secrets_only_if_asked),
        cmocka_unit_test(test_text_does_not_steer_the_terminal),
        cmocka_unit_test(test_broken_utf8_is_replaced),
        cmocka_unit_test(test_colour_only_if_asked),
        cmocka_unit_test(test_lines_keep_their_width),
        cmocka_unit_test(test_nonsense_is_refused_with_its_place),
        cmocka_unit_test(test_what_is_no_json),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_a_story_has_an_end),
        cmocka_unit_test(test_an_empty_trace),
    };

    return cmocka_run_group_tests_name("explain: JSON", tests, NULL, NULL);
}
