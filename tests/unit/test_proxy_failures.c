/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The ring of failed handshakes and what is said of the proxy's state: what a worker tells is looked at, bounded, and shown harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/proxy/counters.h"
#include "tool/proxy/backend_errors.h"
#include "tool/proxy/fail_words.h"
#include "tool/proxy/failures_ring.h"
#include "tool/proxy/status.h"

#define GOOD                                                                                       \
    "{\"ts\":1700000000,\"site\":\"a.test\",\"client\":\"192.0.2.1\",\"failure\":{\"code\":\"NOT_" \
    "TLS\",\"text\":\"%s\",\"hint\":\"h\"}}"

static hf_span span(const char *text)
{
    return (hf_span){ (const uint8_t *)text, strlen(text) };
}

static bool add(hf_failures_ring *ring, unsigned worker, const char *text)
{
    return hf_failures_ring_add(ring, worker, span(text));
}

static const char *text_at(const json_t *array, size_t i)
{
    return json_string_value(
        json_object_get(json_object_get(json_array_get(array, i), "failure"), "text"));
}

static void test_the_last_are_kept_newest_first(void **state)
{
    hf_failures_ring *ring = hf_failures_ring_new();
    char one[512], number[16];

    (void)state;
    for (int i = 0; i < 2 * HF_RING_MAX + 5; i++) {
        snprintf(number, sizeof number, "n%d", i);
        snprintf(one, sizeof one, GOOD, number);
        assert_true(add(ring, 1, one));
        json_t *all = hf_failures_ring_json(ring);
        assert_int_equal(json_array_size(all), i < HF_RING_MAX ? i + 1 : HF_RING_MAX);
        assert_string_equal(text_at(all, 0), number);
        json_decref(all);
    }
    json_t *all = hf_failures_ring_json(ring);
    snprintf(number, sizeof number, "n%d", HF_RING_MAX + 5);
    assert_string_equal(text_at(all, HF_RING_MAX - 1), number);
    assert_string_equal(json_string_value(json_object_get(json_array_get(all, 0), "ts")),
                        "2023-11-14T22:13:20Z");
    assert_true(json_is_null(json_object_get(json_array_get(all, 0), "trace")));
    json_decref(all);
    hf_failures_ring_free(ring);
}

static void test_what_is_no_failure_is_refused(void **state)
{
    static const char *const bad[] = { "",
                                       "{",
                                       "[]",
                                       "null",
                                       "{}",
                                       "{\"ts\":1}",
                                       "{\"ts\":1,\"failure\":[]}",
                                       "{\"ts\":1,\"failure\":{}}",
                                       "{\"ts\":1,\"failure\":{\"code\":1}}",
                                       "{\"ts\":\"x\",\"failure\":{\"code\":\"NOT_TLS\"}}",
                                       "{\"ts\":1,\"ts\":2,\"failure\":{\"code\":\"NOT_TLS\"}}",
                                       "{\"ts\":1,\"failure\":{\"code\":\"NOT_TLS\"}}x" };
    static char huge[HF_RING_BYTES_MAX + 200];
    hf_failures_ring *ring = hf_failures_ring_new();

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (add(ring, 0, bad[i]))
            fail_msg("%s was taken", bad[i]);
    memset(huge, 'a', sizeof huge - 1);
    memcpy(huge, "{\"ts\":1,\"failure\":{\"code\":\"", 27);
    memcpy(huge + sizeof huge - 4, "\"}}", 3);
    assert_false(add(ring, 0, huge));
    assert_false(add(ring, HF_SLOTS_MAX, "{\"ts\":1,\"failure\":{\"code\":\"NOT_TLS\"}}"));
    assert_false(hf_failures_ring_trace(ring, HF_SLOTS_MAX, span("{}")));
    assert_false(hf_failures_ring_trace(ring, 0, span("")));
    assert_false(hf_failures_ring_trace(ring, 0, span("no")));
    json_t *all = hf_failures_ring_json(ring);
    assert_int_equal(json_array_size(all), 0);
    json_decref(all);
    hf_failures_ring_free(ring);
}

/* ---- traces ---- */

static char scene[64];

static size_t files(const char *dir, bool remove)
{
    DIR *folder = opendir(dir);
    char path[512];
    size_t n = 0;

    for (struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder)) {
        n += e->d_name[0] != '.';
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (remove && e->d_name[0] != '.')
            unlink(path);
    }
    if (folder)
        closedir(folder);
    return n;
}

static const char *trace_at(const json_t *array, size_t i)
{
    return json_string_value(json_object_get(json_array_get(array, i), "trace"));
}

/* A trace belongs to the failure of its own worker that follows it; only so many are kept. */
static void test_traces_are_kept_and_named(void **state)
{
    hf_failures_ring *ring = hf_failures_ring_new();
    char folder[128];
    const char *with = "{\"ts\":1,\"traced\":true,\"failure\":{\"code\":\"NOT_TLS\"}}";
    struct stat s;

    (void)state;
    snprintf(scene, sizeof scene, "/tmp/handfast-test.XXXXXX");
    assert_non_null(mkdtemp(scene));
    snprintf(folder, sizeof folder, "%s/failures", scene);
    assert_true(hf_failures_ring_trace(ring, 0, span("{}"))); /* no folder: dropped */
    assert_true(hf_failures_ring_state(ring, scene));
    assert_true(hf_failures_ring_trace(ring, 0, span("{\"a\":1}")));
    assert_true(add(ring, 1, with)); /* of another worker */
    assert_true(add(ring, 0, with));
    assert_true(add(ring, 0, with)); /* it had only one */
    json_t *all = hf_failures_ring_json(ring);
    assert_null(trace_at(all, 0));
    assert_null(trace_at(all, 2));
    assert_int_equal(strncmp(trace_at(all, 1), folder, strlen(folder)), 0);
    assert_int_equal(stat(trace_at(all, 1), &s), 0);
    assert_true(s.st_size == 7 && (s.st_mode & 0777) == 0600);
    json_decref(all);
    for (int i = 0; i < HF_RING_MAX + 20; i++)
        assert_true(hf_failures_ring_trace(ring, 2, span("{}")));
    assert_int_equal(files(folder, false), HF_RING_MAX);
    assert_true(hf_failures_ring_state(ring, NULL));
    assert_true(hf_failures_ring_trace(ring, 3, span("{}")));
    assert_int_equal(files(folder, true), HF_RING_MAX);
    assert_false(hf_failures_ring_state(ring, "/proc/no/such"));
    rmdir(folder);
    rmdir(scene);
    hf_failures_ring_free(ring);
}

/* ---- words ---- */

static void assert_tame(const char *text)
{
    for (const char *p = text; *p; p++)
        if (*p != '\n' && (*p < 0x20 || *p > 0x7e))
            fail_msg("byte %02x in %s", (unsigned char)*p, text);
}

static void test_what_strangers_sent_is_shown_harmless(void **state)
{
    static const char nasty[] = "[{\"ts\":\"\\u001b[2J\",\"site\":null,\"sni\":\"\\u001b]0;"
                                "x\\u0007\\u202e\",\"client\":\"\\n\",\"trace\":\"/a b'c\\u001b\","
                                "\"failure\":{\"code\":\"X\",\"text\":\"\\u0000nul\",\"blame\":"
                                "\"\\u0085\",\"hint\":7}},{},7,null]";
    json_t *array = json_loads(nasty, JSON_ALLOW_NUL, NULL);
    hf_text out = hf_text_new(1 << 16);

    (void)state;
    assert_non_null(array);
    assert_true(hf_failures_words(array, &out));
    assert_tame(out.data);
    hf_text_clear(&out);
    assert_true(hf_failures_words(NULL, &out));
    assert_non_null(strstr(out.data, "no handshake failed"));
    hf_text_clear(&out);
    assert_true(
        hf_status_words(json_array_get(array, 0), &out)); /* no status at all: nothing breaks */
    assert_tame(out.data);
    json_decref(array);
    hf_text_free(&out);
}

/* ---- the proxy's own words ---- */

static hf_failure failed(hf_error code, int alert, hf_alert_direction direction)
{
    hf_failure f = { .code = code,
                     .blame = hf_error_row_of(code)->blame,
                     .side = HF_SERVER,
                     .step = "ClientHello",
                     .offset = -1 };

    f.alert = alert;
    f.alert_direction = direction;
    return f;
}

static void test_what_the_proxy_ended_itself_is_in_its_words(void **state)
{
    static const struct {
        int alert;
        hf_blame blame;
        const char *part;
    } rows[] = {
        { HF_ALERT_unrecognized_name, HF_BLAME_POLICY, "no site has the name" },
        { HF_ALERT_internal_error, HF_BLAME_CONFIG, "no certificate" },
        { HF_ALERT_user_canceled, HF_BLAME_US, "the proxy ended" },
        { HF_ALERT_general_error, HF_BLAME_US, "the proxy ended" },
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_failure f = failed(HF_E_ABORTED, rows[i].alert, HF_ALERT_SENT);
        hf_fail_words words = hf_fail_words_of(&f);
        assert_int_equal(words.blame, rows[i].blame);
        assert_non_null(strstr(words.sentence, rows[i].part));
        assert_non_null(strstr(hf_fail_text(&f, text, sizeof text), rows[i].part));
        assert_non_null(strstr(text, hf_alert_name(rows[i].alert)));
        assert_true(strlen(words.hint) > 10);
    }
}

/* Which of its limits it was, and not an option of another command. */
static void test_who_is_late_is_told_the_limit(void **state)
{
    hf_failure f = failed(HF_E_TIMEOUT, HF_ALERT_user_canceled, HF_ALERT_SENT);
    hf_fail_words words = hf_fail_words_of(&f);
    char text[256];

    (void)state;
    assert_int_equal(words.blame, HF_BLAME_NETWORK);
    assert_string_equal(words.sentence, "the handshake took longer than limits.handshake");
    assert_string_equal(hf_fail_text(&f, text, sizeof text),
                        "the handshake took longer than limits.handshake, told by user_canceled");
}

/* Those that the engine does not speak, too; what does not fit stays a number. */
static void test_codes_have_the_names_that_people_know(void **state)
{
    hf_failure f = failed(HF_E_VERSION_UNSUPPORTED, HF_ALERT_protocol_version, HF_ALERT_SENT);

    (void)state;
    snprintf(f.offered, sizeof f.offered, "0x0302, 0xzz, 0x");
    hf_fail_name_codes(&f);
    assert_string_equal(f.offered, "TLS 1.1, 0xzz, 0x");
    f.code = HF_E_NO_COMMON_SUITE;
    memset(f.offered, '.', sizeof f.offered);
    memcpy(f.offered + sizeof f.offered - 8, "0x002f.", 8);
    hf_fail_name_codes(&f);
    assert_string_equal(f.offered + sizeof f.offered - 8, "0x002f.");
}

/* The last of each backend; what is none of ours is refused. */
static void test_failures_of_backends_are_looked_at_before_they_are_believed(void **state)
{
    static const char *const bad[] = { "", "[]", "{\"ts\":1,\"site\":\"a\",\"backend\":\"b\"}",
                                       "{\"ts\":\"1\",\"site\":\"a\",\"backend\":\"b\",\"why\":"
                                       "\"c\"}",
                                       "{\"ts\":1,\"site\":7,\"backend\":\"b\",\"why\":\"c\"}" };
    json_t *errors = json_object();

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(hf_backend_errors_add(errors, span(bad[i])));
    for (int i = 0; i < 2; i++)
        assert_true(hf_backend_errors_add(
            errors, span(i ? "{\"ts\":2,\"site\":\"a\",\"backend\":\"b\",\"why\":\"late\"}"
                           : "{\"ts\":1,\"site\":\"a\",\"backend\":\"b\",\"why\":\"down\"}")));
    const json_t *one = hf_backend_errors_of(errors, "a", "b");
    assert_string_equal(json_string_value(json_object_get(one, "why")), "late");
    assert_null(hf_backend_errors_of(errors, "a", "c"));
    json_decref(errors);
}

/* An operator is never sent to an option that the proxy does not have. */
static void test_no_hint_speaks_of_other_commands(void **state)
{
    (void)state;
    for (int e = 1; e < HF_ERROR_COUNT; e++) {
        hf_failure f = failed((hf_error)e, HF_ALERT_none, HF_ALERT_NOT_SENT);
        hf_fail_words words = hf_fail_words_of(&f);
        assert_true(strlen(words.sentence) > 5 && strlen(words.hint) > 10);
        if (strstr(words.hint, "--"))
            fail_msg("%s: %s", hf_error_row_of((hf_error)e)->name, words.hint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_are_kept_newest_first),
        cmocka_unit_test(test_what_is_no_failure_is_refused),
        cmocka_unit_test(test_traces_are_kept_and_named),
        cmocka_unit_test(test_what_strangers_sent_is_shown_harmless),
        cmocka_unit_test(test_what_the_proxy_ended_itself_is_in_its_words),
        cmocka_unit_test(test_who_is_late_is_told_the_limit),
        cmocka_unit_test(test_no_hint_speaks_of_other_commands),
        cmocka_unit_test(test_codes_have_the_names_that_people_know),
        cmocka_unit_test(test_failures_of_backends_are_looked_at_before_they_are_believed),
    };

    return cmocka_run_group_tests_name("proxy failures", tests, NULL, NULL);
}
