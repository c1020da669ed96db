/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A worker that confined itself: what it can no longer do, and what it still must. Each in a process of its own, for it is for ever. */
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
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/proxy/confine.h"

enum { CALL_SKIPPED = 77, NOT_CONFINED = 78, FILE_ROOM = 300 };

static char folder[] = "/tmp/handfast-confine-XXXXXX", allowed[FILE_ROOM], beside[FILE_ROOM];

static int set_up(void **state)
{
    char inner[FILE_ROOM];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(inner, sizeof inner, "%s/challenges", folder);
    snprintf(allowed, sizeof allowed, "%s/challenges/token", folder);
    snprintf(beside, sizeof beside, "%s/beside", folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    close(open(allowed, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    close(open(beside, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    return 0;
}

static int tear_down(void **state)
{
    char inner[FILE_ROOM];

    (void)state;
    snprintf(inner, sizeof inner, "%s/challenges", folder);
    unlink(allowed);
    unlink(beside);
    rmdir(inner);
    return rmdir(folder);
}

/* What `attempt` comes to in a confined child: 0, or its errno. */
static int confined(int (*attempt)(void), bool with_folder)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        char inner[FILE_ROOM];
        hf_confined offered = hf_confine_offered(), is;
        snprintf(inner, sizeof inner, "%s/challenges", folder);
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
            _exit(NOT_CONFINED);
        is = hf_confine(with_folder ? inner : NULL);
        if (is.files != offered.files || is.calls != offered.calls)
            _exit(NOT_CONFINED);
        _exit(attempt());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), NOT_CONFINED);
    return WEXITSTATUS(status);
}

static void need(bool there, const char *what)
{
    if (!there) {
        print_message("skipped: this system has no %s\n", what);
        skip();
    }
}

/* ---- files ---- */

static int opened(const char *path, int flags)
{
    return open(path, flags | O_CLOEXEC, 0600) >= 0 ? 0 : errno;
}

static int read_allowed(void)
{
    return opened(allowed, O_RDONLY);
}

static int write_allowed(void)
{
    return opened(allowed, O_WRONLY);
}

static int read_beside(void)
{
    return opened(beside, O_RDONLY);
}

static int make_file(void)
{
    return opened("/tmp/handfast-confine-new", O_WRONLY | O_CREAT);
}

static int remove_file(void)
{
    return unlink(beside) == 0 ? 0 : errno;
}

static int change_mode(void)
{
    return chmod(beside, 0777) == 0 ? 0 : errno;
}

static void test_only_that_folder_can_be_read(void **state)
{
    (void)state;
    need(hf_confine_offered().files, "Landlock");
    assert_int_equal(confined(read_allowed, true), 0);
    assert_int_equal(confined(write_allowed, true), EACCES);
    assert_int_equal(confined(make_file, true), EACCES);
    assert_int_equal(confined(remove_file, true), EACCES);
    if (hf_confine_is_loose())
        return; /* a sanitizer reads files of its own */
    assert_int_equal(confined(read_beside, true), EACCES);
    assert_int_equal(confined(read_allowed, false), EACCES);
}

/* ---- calls ---- */

static int run_program(void)
{
    char name[] = "/bin/true", *words[] = { name, NULL };

    execv(name, words);
    return errno;
}

static int make_process(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid > 0 ? 0 : errno;
}

static int kill_parent(void)
{
    return kill(getppid(), 0) == 0 ? 0 : errno;
}

static int kill_group(void)
{
    return kill(0, SIGCONT) == 0 ? 0 : errno;
}

static int limit_parent(void)
{
    struct rlimit limit;

    return syscall(SYS_prlimit64, getppid(), RLIMIT_CORE, NULL, &limit) == 0 ? 0 : errno;
}

static int own_signals(void)
{
    int ends[2];

    if (pipe(ends) != 0)
        return CALL_SKIPPED;
    return fcntl(ends[0], F_SETOWN, (int)getppid()) == 0 ? 0 : errno;
}

static int read_memory(void)
{
    return syscall(SYS_process_vm_readv, getppid(), NULL, 0L, NULL, 0L, 0L) == 0 ? 0 : errno;
}

static int other_family(void)
{
    return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0 ? 0 : errno;
}

static int open_door(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd < 0 ? CALL_SKIPPED : listen(fd, 1) == 0 ? 0 : errno;
}

static int name_space(void)
{
    return syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */) == 0 ? 0 : errno;
}

static int load_bpf(void)
{
    return syscall(SYS_bpf, 0, NULL, 0) == 0 ? 0 : errno;
}

static void test_other_processes_and_the_kernel_are_out_of_reach(void **state)
{
    static const struct {
        const char *name;
        int (*attempt)(void);
        bool loose; /* a sanitizer does it too */
    } rows[] = {
        { "execve", run_program, true },
        { "fork", make_process, true },
        { "kill the parent", kill_parent, false },
        { "kill the group", kill_group, false },
        { "prlimit", limit_parent, false },
        { "F_SETOWN", own_signals, false },
        { "process_vm_readv", read_memory, false },
        { "AF_NETLINK", other_family, false },
        { "listen", open_door, false },
        { "chmod", change_mode, false },
        { "unshare", name_space, false },
        { "bpf", load_bpf, false },
    };

    (void)state;
    need(hf_confine_offered().calls, "filter of system calls for this processor");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].loose && hf_confine_is_loose())
            continue;
        int got = confined(rows[i].attempt, true);
        if (got != EPERM)
            fail_msg("%s: %s", rows[i].name, got ? strerror(got) : "it worked");
    }
}

/* ---- what it needs ---- */

static void *nothing(void *arg)
{
    return arg;
}

static int go_on(void)
{
    pthread_t thread;
    struct rlimit limit;
    int pair[2], fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
        return 1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 && errno != EPERM)
        return 2;
    if (socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 || (fd < 0 && errno != EAFNOSUPPORT))
        return 3;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || setpriority(PRIO_PROCESS, 0, 5) != 0)
        return 4;
    return kill(getpid(), 0) == 0 && raise(SIGCONT) == 0 ? 0 : 5;
}

static void test_a_worker_goes_on(void **state)
{
    (void)state;
    assert_int_equal(confined(go_on, true), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_that_folder_can_be_read),
        cmocka_unit_test(test_other_processes_and_the_kernel_are_out_of_reach),
        cmocka_unit_test(test_a_worker_goes_on),
    };

    return cmocka_run_group_tests_name("proxy confinement", tests, set_up, tear_down);
}
