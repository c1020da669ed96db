/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Commands with facts in their environment: what they get, that they are bounded in time and number, and that a stop leaves them. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tool/shell.h"

static uv_loop_t loop;
static char folder[] = "/tmp/handfast-shell-XXXXXX";
static char reasons[4096]; /* of what failed, one behind the other */
static size_t n_failed;

static void note(void *user, const char *why, const char *const *facts, size_t n)
{
    size_t len = strlen(reasons);

    (void)user;
    assert_true(n == 0 || strncmp(facts[0], "HANDFAST_", 9) == 0);
    snprintf(reasons + len, sizeof reasons - len, "%s\n", why);
    n_failed++;
}

static hf_shell *start_with(hf_shell_limits limits)
{
    reasons[0] = '\0';
    n_failed = 0;
    assert_int_equal(uv_loop_init(&loop), 0);
    hf_shell *shell = hf_shell_new(&loop, &limits, note, NULL);
    assert_non_null(shell);
    return shell;
}

static hf_shell *start(size_t waiting, uint64_t ms)
{
    return start_with((hf_shell_limits){ .at_once = 2, .waiting = waiting, .ms = ms });
}

static void stop(hf_shell *shell)
{
    while (hf_shell_busy(shell))
        uv_run(&loop, UV_RUN_ONCE);
    assert_int_equal(hf_shell_failures(shell), n_failed);
    hf_shell_stop(shell);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static size_t read_back(const char *name, char *text, size_t room)
{
    int fd = open(name, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, text, room - 1);

    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return strlen(text);
}

static void test_facts_and_nothing_else_of_ours(void **state)
{
    static const char *const facts[] = { "HANDFAST_A=one $(false) \"two\"", "HANDFAST_B=" };
    char text[4096];

    (void)state;
    setenv("SECRET_OF_OURS", "x", 1);
    hf_shell *shell = start(4, 30000);
    hf_shell_run(shell, "env > facts", facts, 2);
    stop(shell);
    assert_true(read_back("facts", text, sizeof text) > 0);
    assert_non_null(strstr(text, "HANDFAST_A=one $(false) \"two\"\n"));
    assert_non_null(strstr(text, "HANDFAST_B=\n"));
    assert_non_null(strstr(text, "PATH="));
    assert_null(strstr(text, "SECRET"));
    assert_int_equal(n_failed, 0);
}

static void test_a_long_fact_is_cut(void **state)
{
    static char fact[HF_SHELL_FACT_MAX + 100];
    const char *const facts[] = { fact };
    char text[64];

    (void)state;
    memset(fact, 'x', sizeof fact - 1);
    memcpy(fact, "HANDFAST_L=", 11);
    hf_shell *shell = start(4, 30000);
    hf_shell_run(shell, "echo ${#HANDFAST_L} > long", facts, 1);
    stop(shell);
    assert_true(read_back("long", text, sizeof text) > 0);
    assert_int_equal(atoi(text), HF_SHELL_FACT_MAX - 11);
}

static void test_failures_are_told(void **state)
{
    (void)state;
    hf_shell *shell = start(4, 30000);
    hf_shell_run(shell, "exit 3", NULL, 0);
    hf_shell_run(shell, "kill -9 $$", NULL, 0);
    stop(shell);
    assert_int_equal(n_failed, 2);
    assert_non_null(strstr(reasons, "exit code 3"));
    assert_non_null(strstr(reasons, "signal 9"));
}

/* With everything that it started, and the next one gets its turn. */
static void test_one_that_hangs_is_ended(void **state)
{
    char text[16];

    (void)state;
    hf_shell *shell = start(4, 1);
    hf_shell_run(shell, "sleep 1000 & sleep 1000; wait", NULL, 0);
    hf_shell_run(shell, "sleep 1000", NULL, 0);
    hf_shell_run(shell, "sleep 1000; echo no > late", NULL, 0);
    stop(shell);
    assert_int_equal(n_failed, 3);
    assert_non_null(strstr(reasons, "took too long"));
    assert_int_equal(read_back("late", text, sizeof text), 0);
}

static void test_no_more_than_may_wait(void **state)
{
    (void)state;
    hf_shell *shell = start(3, 30000);
    for (int i = 0; i < 9; i++)
        hf_shell_run(shell, "exit 0", NULL, 0);
    assert_int_equal(n_failed, 9 - 2 - 3);
    stop(shell);
    assert_non_null(strstr(reasons, "too many wait"));
}

static void test_a_stop_leaves_what_runs(void **state)
{
    char text[32];

    (void)state;
    hf_shell *shell = start(4, 30000);
    hf_shell_run(shell, "echo $$ > pid.new; mv pid.new pid; exec sleep 1000", NULL, 0);
    hf_shell_run(shell, "exec sleep 0", NULL, 0);
    hf_shell_run(shell, "echo never > waited", NULL, 0);
    hf_shell_stop(shell);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    while (read_back("pid", text, sizeof text) == 0)
        ;
    assert_int_equal(kill((pid_t)atol(text), SIGKILL), 0);
    assert_int_equal(read_back("waited", text, sizeof text), 0);
}

static void note_over(void *token, bool good)
{
    int *over = token;

    assert_int_equal(*over, -1);
    *over = good;
}

/* Who was told that a command has not told anything does so again: it must not be done behind his back. All of it has gone when nobody
   has the pipe open any more. One that was over in time has told, though nobody looked. */
static void test_a_stop_may_end_what_runs(void **state)
{
    int hangs = -1, told = -1;
    char text[32];
    siginfo_t info;

    (void)state;
    assert_int_equal(mkfifo("held", 0600), 0);
    hf_shell *shell =
        start_with((hf_shell_limits){ .at_once = 2, .waiting = 4, .ms = 30000, .ends = true });
    hf_shell_run_for(shell, "exec > held; echo it; sleep 1000 & sleep 1000; wait", NULL, 0,
                     note_over, &hangs);
    hf_shell_run_for(shell, "echo $$ > over.new; mv over.new over", NULL, 0, note_over, &told);
    int held = open("held", O_RDONLY);
    assert_int_equal(read(held, text, 3), 3);
    while (read_back("over", text, sizeof text) == 0)
        ;
    assert_int_equal(waitid(P_PID, (id_t)atol(text), &info, WEXITED | WNOWAIT), 0);
    hf_shell_stop(shell);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(read(held, text, sizeof text), 0);
    close(held);
    assert_true(hangs == 0 && told == 1);
}

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    static const char *const names[] = { "facts", "long", "late", "pid", "waited", "held", "over" };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove(names[i]);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_and_nothing_else_of_ours),
        cmocka_unit_test(test_a_long_fact_is_cut),
        cmocka_unit_test(test_failures_are_told),
        cmocka_unit_test(test_one_that_hangs_is_ended),
        cmocka_unit_test(test_no_more_than_may_wait),
        cmocka_unit_test(test_a_stop_leaves_what_runs),
        cmocka_unit_test(test_a_stop_may_end_what_runs),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
