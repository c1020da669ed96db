/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Lines of the proxy's log: nobody can forge one, none is longer than its limit, and a stderr that takes nothing holds nobody up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#include "tool/proxy/log.h"

enum { OUT_MAX = 1 << 20 };

/* A log that writes to a file, and what it wrote. */
typedef struct scene {
    hf_log log;
    FILE *file;
    char out[OUT_MAX];
} scene;

static scene *begin(bool json)
{
    scene *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->file = tmpfile();
    assert_non_null(s->file);
    assert_true(hf_log_start(&s->log, NULL, fileno(s->file), json));
    return s;
}

static const char *written(scene *s)
{
    ssize_t n = pread(fileno(s->file), s->out, OUT_MAX - 1, 0);

    assert_true(n >= 0);
    s->out[n] = '\0';
    return s->out;
}

static void end(scene *s)
{
    hf_log_stop(&s->log);
    fclose(s->file);
    free(s);
}

static json_t *object_of(const char *line)
{
    json_error_t error;
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);

    if (!object)
        fail_msg("%s in %s", error.text, line);
    return object;
}

static void assert_value(const json_t *object, const char *key, const char *wanted)
{
    const char *value = json_string_value(json_object_get(object, key));

    assert_non_null(value);
    assert_string_equal(value, wanted);
}

/* ---- form ---- */

static void say_sample(hf_log *log)
{
    hf_line line;

    hf_line_begin(&line, log, HF_SAY_WARNING, "request");
    hf_line_text(&line, "site", "a.test");
    hf_line_text(&line, "none", NULL);
    hf_line_text(&line, "empty", "");
    hf_line_number(&line, "status", 503);
    hf_line_ms(&line, "ms", 1.2345);
    hf_line_ms(&line, "unknown_ms", -1);
    hf_line_flag(&line, "resumed", true);
    hf_line_text(&line, "why", "two words");
    hf_line_end(&line);
}

static void test_a_line_of_text(void **state)
{
    scene *s = begin(false);
    const char *line;

    (void)state;
    say_sample(&s->log);
    line = written(s);
    assert_int_equal(strspn(line, "0123456789-T:.Z"), 24); /* 2026-11-22T06:00:00.123Z */
    assert_true(line[10] == 'T' && line[19] == '.' && line[23] == 'Z');
    assert_string_equal(
        line + 24,
        " warning request site=a.test status=503 ms=1.234 resumed=yes why=\"two words\"\n");
    end(s);
}

static void test_a_line_of_json(void **state)
{
    scene *s = begin(true);

    (void)state;
    say_sample(&s->log);
    json_t *object = object_of(written(s));
    assert_value(object, "level", "warning");
    assert_value(object, "event", "request");
    assert_value(object, "site", "a.test");
    assert_value(object, "why", "two words");
    assert_int_equal(strlen(json_string_value(json_object_get(object, "ts"))), 24);
    assert_int_equal(json_integer_value(json_object_get(object, "status")), 503);
    assert_true(json_is_true(json_object_get(object, "resumed")));
    assert_int_equal(json_object_size(object), 8);
    json_decref(object);
    end(s);
}

/* Every byte, alone and within others: a line stays one line of pairs that we wrote. */
static void test_no_byte_breaks_a_line(void **state)
{
    scene *s = begin(false);

    (void)state;
    for (int c = 0; c < 256; c++) {
        hf_line line;
        uint8_t bytes[] = { 'a', (uint8_t)c, 'b' };
        hf_line_begin(&line, &s->log, HF_SAY_INFO, "x");
        hf_line_span(&line, "k", bytes, sizeof bytes);
        hf_line_end(&line);
    }
    char *line = strtok((char *)(uintptr_t)written(s), "\n");
    for (int c = 0; c < 256; c++, line = strtok(NULL, "\n")) {
        assert_non_null(line);
        const char *value = strstr(line, " k=");
        assert_non_null(value);
        for (const char *p = value; *p; p++)
            assert_in_range((uint8_t)*p, 0x20, 0x7e);
        bool quoted = value[3] == '"';
        if (c == ' ' || c == '"' || c == '=' || c == '\\' || c < 0x20 || c >= 0x7f)
            assert_true(quoted);
        if (!quoted)
            assert_null(strpbrk(value + 3, " =\"\\"));
    }
    assert_null(line);
    end(s);
}

static void test_json_holds_what_came(void **state)
{
    static const struct {
        const char *bytes, *wanted;
    } rows[] = {
        { "plain", "plain" },
        { "a\"b\\c/\n\t\x7f", "a\"b\\c/\n\t\x7f" },
        { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
        { "\xe4 \xff", "\xc3\xa4 \xc3\xbf" },           /* not UTF-8: Latin-1 */
        { "\xed\xa0\x80", "\xc3\xad\xc2\xa0\xc2\x80" }, /* a lone surrogate */
        { "\xc0\xaf", "\xc3\x80\xc2\xaf" },             /* too long a form */
        { "\xe2\x82", "\xc3\xa2\xc2\x82" },             /* cut */
        { "\xf4\x90\x80\x80", "\xc3\xb4\xc2\x90\xc2\x80\xc2\x80" },
        { "\",\"level\":\"error", "\",\"level\":\"error" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scene *s = begin(true);
        hf_line line;
        hf_line_begin(&line, &s->log, HF_SAY_INFO, "x");
        hf_line_text(&line, "k", rows[i].bytes);
        hf_line_end(&line);
        json_t *object = object_of(written(s));
        assert_value(object, "k", rows[i].wanted);
        assert_value(object, "level", "info");
        json_decref(object);
        end(s);
    }
}

/* What is too long is cut, and says so; what follows has its place as long as there is one. */
static void test_a_long_line_is_cut_and_whole(void **state)
{
    static char flood[100000];

    (void)state;
    memset(flood, '\x01', sizeof flood);
    for (int json = 0; json < 2; json++) {
        scene *s = begin(json);
        hf_line line;
        hf_line_begin(&line, &s->log, HF_SAY_INFO, "x");
        hf_line_text(&line, "first", "kept");
        for (int i = 0; i < 6; i++)
            hf_line_span(&line, "flood", flood, i < 3 ? 600 : sizeof flood);
        hf_line_number(&line, "last", 7);
        hf_line_end(&line);
        const char *text = written(s);
        assert_in_range(strlen(text), 2, HF_LOG_LINE);
        assert_true(text[strlen(text) - 1] == '\n' &&
                    strchr(text, '\n') == text + strlen(text) - 1);
        assert_non_null(strstr(text, json ? "\"first\":\"kept\"" : "first=kept"));
        assert_non_null(strstr(text, json ? "\"last\":7" : "last=7"));
        assert_non_null(strstr(text, json ? "\"cut\":true}\n" : " cut=yes\n"));
        end(s);
    }
}

/* ---- ways out ---- */

static void say(hf_log *log, int n)
{
    hf_line line;

    hf_line_begin(&line, log, HF_SAY_INFO, "tick");
    hf_line_number(&line, "n", (uint64_t)n);
    hf_line_text(&line, "pad", "................................................................");
    hf_line_end(&line);
}

/* What stands in the pipe or socket: whole lines alone, in their order, and how many are told as lost. last: the last number seen. */
static int drain(int fd, int *last, uint64_t *lost)
{
    static char bytes[OUT_MAX];
    size_t len = 0;
    int lines = 0;

    for (ssize_t n; (n = read(fd, bytes + len, sizeof bytes - 1 - len)) > 0;)
        len += (size_t)n;
    bytes[len] = '\0';
    for (char *line = strtok(bytes, "\n"); line; line = strtok(NULL, "\n")) {
        const char *told = strstr(line, " log lost="), *n = strstr(line, " tick n=");
        assert_true(told || n);
        *lost += told ? strtoull(told + 10, NULL, 10) : 0;
        if (!n)
            continue;
        assert_true(atoi(n + 8) > *last);
        assert_non_null(
            strstr(line, " pad=................................................................"));
        *last = atoi(n + 8);
        lines++;
    }
    return lines;
}

/* With an end that nobody reads: the writer goes on, what is dropped is counted, and told once it is read again. */
static void flood_and_drain(int out, int in)
{
    hf_log log;
    uint64_t lost = 0;
    int last = -1, said = 0, seen = 0;

    assert_true(hf_log_start(&log, NULL, out, false));
    assert_int_equal(fcntl(in, F_SETFL, O_NONBLOCK), 0);
    for (; log.lost < 10 && said < 100000; said++)
        say(&log, said);
    assert_int_equal(log.lost, 10);
    for (int round = 0; round < 20; round++) {
        seen += drain(in, &last, &lost);
        hf_log_flush(&log);
    }
    say(&log, said);
    hf_log_stop(&log);
    seen += drain(in, &last, &lost);
    assert_int_equal(last, said);
    assert_int_equal(seen + 10, said + 1);
    assert_int_equal(lost, 10);
}

static void test_a_pipe_that_nobody_reads(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    flood_and_drain(ends[1], ends[0]);
    assert_false(fcntl(ends[1], F_GETFL) & O_NONBLOCK); /* others share it */
    close(ends[0]);
    close(ends[1]);
}

static void test_a_socket_that_nobody_reads(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    flood_and_drain(ends[1], ends[0]);
    close(ends[0]);
    close(ends[1]);
}

static void test_a_reader_that_is_gone(void **state)
{
    int ends[2];
    hf_log log;

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_true(hf_log_start(&log, NULL, ends[1], false));
    say(&log, 1);
    say(&log, 2);
    assert_int_equal(log.lost, 2);
    assert_int_equal(log.len, 0);
    hf_log_stop(&log);
    close(ends[1]);
}

/* A disk that is full in the middle of a line: the half is ended, what is missing is told, and all goes on. The limit of a file's size
   stands for the disk's: the same short writes, then an error. */
static void test_a_full_disk(void **state)
{
    scene *s = begin(false);
    struct rlimit before, small;
    int next = 0;
    const char *told;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 1000;
    setrlimit(RLIMIT_FSIZE, &small);
    while (s->log.lost < 5)
        say(&s->log, next++);
    assert_int_equal(lseek(fileno(s->file), 0, SEEK_END), 1000);
    setrlimit(RLIMIT_FSIZE, &before);
    say(&s->log, next);
    assert_int_equal(s->log.lost, 5);
    told = strstr(written(s), " warning log lost=5\n");
    assert_non_null(told);
    assert_true(s->out[1000] == '\n'); /* ends the half line */
    assert_non_null(strstr(told, " tick n="));
    end(s);
}

/* ---- turns ---- */

static void say_in_turn(uv_timer_t *timer)
{
    hf_log *log = timer->data;

    say(log, 0);
    say(log, 1);
    assert_true(log->len > 0); /* gathered */
}

static void look_after(uv_check_t *check)
{
    hf_log *log = check->data;

    assert_int_equal(log->len, 0);
    hf_log_stop(log);
    uv_close((uv_handle_t *)check, NULL);
}

/* libuv's order: timers, prepare, the wait, check. The log's own handle keeps no loop going. */
static void test_lines_leave_before_the_loop_waits(void **state)
{
    uv_loop_t loop;
    uv_timer_t timer;
    uv_check_t check;
    scene *s = begin(false);

    (void)state;
    hf_log_stop(&s->log);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_true(hf_log_start(&s->log, &loop, fileno(s->file), false));
    uv_timer_init(&loop, &timer);
    uv_check_init(&loop, &check);
    timer.data = check.data = &s->log;
    assert_int_equal(uv_loop_alive(&loop), 0);
    uv_timer_start(&timer, say_in_turn, 0, 0);
    uv_check_start(&check, look_after);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_non_null(strstr(written(s), " tick n=1 "));
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_of_text),
        cmocka_unit_test(test_a_line_of_json),
        cmocka_unit_test(test_no_byte_breaks_a_line),
        cmocka_unit_test(test_json_holds_what_came),
        cmocka_unit_test(test_a_long_line_is_cut_and_whole),
        cmocka_unit_test(test_a_pipe_that_nobody_reads),
        cmocka_unit_test(test_a_socket_that_nobody_reads),
        cmocka_unit_test(test_a_reader_that_is_gone),
        cmocka_unit_test(test_a_full_disk),
        cmocka_unit_test(test_lines_leave_before_the_loop_waits),
    };

    return cmocka_run_group_tests_name("proxy log", tests, NULL, NULL);
}
