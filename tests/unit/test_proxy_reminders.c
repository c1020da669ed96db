/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Reminders: one for each share of a lifetime and each certificate, also across a restart; the command gets the facts and is
 * bounded in time and number; a state folder that cannot be written costs nothing but a second reminder.
 */
#include "proxy_load_support.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "tool/proxy/reminders.h"

static uv_loop_t loop;
static hf_log log_;
static char said[65536];
static hf_loaded *loaded;

#define FROM (TEST_NOW - TEST_DAY)
#define LIFE (31 * TEST_DAY)

static void at_percent(int64_t percent)
{
    load_clock = FROM + LIFE * percent / 100;
}

static void load_top(const char *top)
{
    char yaml[2048];

    snprintf(yaml, sizeof yaml,
             "listen: [\":8443\"]\n%s"
             "sites:\n"
             "  - {names: [a.test], certificates: [{chain: a.pem, key: a.key}], backend: "
             "\"127.0.0.1:1\"}\n"
             "  - {names: [default], certificates: [{chain: a.pem, key: a.key}], backend: "
             "\"127.0.0.1:1\"}\n",
             top);
    hf_loaded *next = load_with(yaml, loaded);
    hf_loaded_free(loaded);
    loaded = next;
}

static hf_reminders *start(void)
{
    int fd = open("log", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0 && uv_loop_init(&loop) == 0);
    assert_true(hf_log_start(&log_, NULL, fd, false));
    hf_reminders *r = hf_reminders_start(&loop, &log_);
    assert_non_null(r);
    hf_reminders_loaded(r, loaded);
    return r;
}

/* The loop turns until nothing is left to wait for: commands and writing included. */
static void stop(hf_reminders *r, bool at_once)
{
    int fd = log_.fd;

    if (!at_once)
        while (loop.active_reqs.count > 0 || loop.active_handles > 1)
            uv_run(&loop, UV_RUN_ONCE);
    hf_reminders_stop(r);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    hf_log_stop(&log_);
    assert_int_equal(uv_loop_close(&loop), 0);
    close(fd);
    fd = open("log", O_RDONLY);
    ssize_t n = read(fd, said, sizeof said - 1);
    close(fd);
    said[n > 0 ? n : 0] = '\0';
}

static unsigned lines(const char *words)
{
    unsigned n = 0;

    for (const char *at = said; (at = strstr(at, words)) != NULL; at++)
        n++;
    return n;
}

static void put_good(void)
{
    remove("state/reminders");
    mkdir("state", 0700);
    load_clock = LOAD_NOW;
    put_pair("a.pem", "a.key", "a.test", SLOT_A);
}

/* ---- when ---- */

static void test_once_a_share(void **state)
{
    (void)state;
    put_good();
    load_top("");
    at_percent(66);
    hf_reminders *r = start();
    assert_int_equal(hf_reminders_sent(r), 0);
    static const struct {
        int64_t percent;
        uint64_t sent;
    } steps[] = { { 68, 1 },
                  { 79, 1 },
                  { 81, 2 },
                  { 98, 3 /* 90 is not caught up on */ },
                  { 50, 3 /* a clock that was set back */ },
                  { 98, 3 },
                  { 300, 3 } };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        at_percent(steps[i].percent);
        hf_reminders_loaded(r, loaded);
        assert_int_equal(hf_reminders_sent(r), steps[i].sent);
    }
    stop(r, false);
    assert_int_equal(lines("kind=certificate"), 3); /* two sites show it: it is one certificate */
    assert_int_equal(lines("percent=67"), 1);
    assert_int_equal(lines("percent=97"), 1);
    assert_int_equal(lines("a.pem"), 3);
}

static void test_a_new_certificate_begins_anew(void **state)
{
    (void)state;
    put_good();
    load_top("");
    at_percent(70);
    hf_reminders *r = start();
    put_pair("a.pem", "a.key", "a.test", SLOT_A);
    load_top("");
    hf_reminders_loaded(r, loaded);
    assert_int_equal(hf_reminders_sent(r), 2);
    stop(r, false);
}

static void test_none_if_none_are_configured(void **state)
{
    (void)state;
    put_good();
    load_top("reminders: {percent: []}\n");
    at_percent(99);
    hf_reminders *r = start();
    assert_int_equal(hf_reminders_sent(r), 0);
    stop(r, false);
}

/* ---- across a restart ---- */

static void test_a_restart_says_nothing_again(void **state)
{
    (void)state;
    put_good();
    load_top("state: state\n");
    at_percent(70);
    hf_reminders *r = start();
    assert_int_equal(hf_reminders_sent(r), 1);
    stop(r, true); /* what is being written is still written */
    r = start();
    assert_int_equal(hf_reminders_sent(r), 0);
    at_percent(85);
    hf_reminders_loaded(r, loaded);
    assert_int_equal(hf_reminders_sent(r), 1);
    stop(r, false);
    put("state/reminders", "nonsense\n\x01\xff\ndeadbeef 67 1\n");
    r = start();
    assert_int_equal(hf_reminders_sent(r), 1);
    stop(r, false);
}

static void test_a_folder_that_is_not_there(void **state)
{
    (void)state;
    put_good();
    load_top("state: nowhere/state\n");
    at_percent(70);
    hf_reminders *r = start();
    assert_int_equal(hf_reminders_sent(r), 1);
    stop(r, false);
    assert_int_equal(lines("cannot be written"), 1);
}

/* ---- commands ---- */

static void test_the_command_knows_the_facts(void **state)
{
    (void)state;
    put_good();
    setenv("SECRET_OF_THE_PARENT", "x", 1);
    load_top("reminders: {percent: [67], command: \"env > facts; exit 3\"}\n");
    at_percent(70);
    hf_reminders *r = start();
    while (hf_reminders_failed(r) == 0)
        uv_run(&loop, UV_RUN_ONCE);
    stop(r, false);
    assert_int_equal(lines("exit code 3"), 1);
    int fd = open("facts", O_RDONLY);
    ssize_t n = read(fd, said, sizeof said - 1);
    close(fd);
    assert_true(n > 0);
    said[n] = '\0';
    assert_int_equal(lines("HANDFAST_FILE=a.pem\n"), 1);
    assert_int_equal(lines("HANDFAST_NAME=a.test\n"), 1);
    assert_int_equal(lines("HANDFAST_KIND=certificate\n"), 1);
    assert_int_equal(lines("HANDFAST_NOT_AFTER=2026-12-21T09:00:00Z\n"), 1);
    assert_int_equal(lines("HANDFAST_PERCENT=67\n"), 1);
    assert_int_equal(lines("HANDFAST_DAYS=9\n"), 1);
    assert_int_equal(lines("SECRET"), 0);
}

/* With everything that it started. */
static void test_a_command_that_takes_too_long(void **state)
{
    (void)state;
    put_good();
    load_top("reminders: {percent: [67], command: \"sleep 1000 & sleep 1000; wait\"}\n");
    at_percent(70);
    hf_load_world.command_ms = 1;
    hf_reminders *r = start();
    while (hf_reminders_failed(r) == 0)
        uv_run(&loop, UV_RUN_ONCE);
    stop(r, false);
    hf_load_world.command_ms = 0;
    assert_int_equal(lines("took too long"), 1);
}

/* No more than a few at a time, and no more than the queue has room for. */
static void test_many_commands(void **state)
{
    enum { N = 400 };
    hf_expiry *many = calloc(N, sizeof *many), *own;
    size_t n_own;

    (void)state;
    assert_non_null(many);
    put_good();
    load_top("reminders: {percent: [67], command: \"exit 0\"}\n");
    own = loaded->expiries;
    n_own = loaded->n_expiries;
    for (size_t i = 0; i < N; i++) {
        many[i] = own[0];
        snprintf(many[i].fingerprint, sizeof many[i].fingerprint, "%064zx", i);
    }
    loaded->expiries = many;
    loaded->n_expiries = N;
    at_percent(70);
    hf_reminders *r = start();
    assert_int_equal(hf_reminders_sent(r), N);
    assert_int_equal(hf_reminders_failed(r),
                     N - HF_REMINDER_COMMANDS - HF_REMINDER_COMMANDS_WAITING);
    stop(r, true);
    loaded->expiries = own;
    loaded->n_expiries = n_own;
    free(many);
}

/* A stop does not wait for it, and it is left to run. */
static void test_a_command_that_goes_on(void **state)
{
    char pid[32] = "";

    (void)state;
    put_good();
    remove("pid");
    load_top("reminders: {percent: [67], command: \"echo $$ > pid.new; mv pid.new pid; exec sleep "
             "60\"}\n");
    at_percent(70);
    hf_reminders *r = start();
    stop(r, true);
    int fd = -1;
    while (fd < 0)
        fd = open("pid", O_RDONLY);
    assert_true(read(fd, pid, sizeof pid - 1) > 0);
    close(fd);
    assert_int_equal(kill((pid_t)atol(pid), SIGKILL), 0);
    waitpid((pid_t)atol(pid), NULL, 0);
}

static int leave(void **state)
{
    hf_loaded_free(loaded);
    return load_leave(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once_a_share),
        cmocka_unit_test(test_a_new_certificate_begins_anew),
        cmocka_unit_test(test_none_if_none_are_configured),
        cmocka_unit_test(test_a_restart_says_nothing_again),
        cmocka_unit_test(test_a_folder_that_is_not_there),
        cmocka_unit_test(test_the_command_knows_the_facts),
        cmocka_unit_test(test_a_command_that_takes_too_long),
        cmocka_unit_test(test_many_commands),
        cmocka_unit_test(test_a_command_that_goes_on),
    };

    return cmocka_run_group_tests(tests, load_enter, leave);
}
