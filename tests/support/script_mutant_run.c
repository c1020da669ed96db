/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A run in a process of its own: a mutant may crash, loop or spoil memory, and must not spoil the test. */
#include "support/script_mutants.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS_MAX = 120 };

/* Of the child: what is known so far, and where to say it. */
static script_verdict verdict;
static int verdict_fd, running;

static _Noreturn void say_verdict(void)
{
    ssize_t n = write(verdict_fd, &verdict, sizeof verdict);

    _exit(n == (ssize_t)sizeof verdict ? 0 : 1);
}

static void caught(const script_report *r)
{
    verdict.by = running;
    verdict.noticed |= 1u << running;
    verdict.cases[running] = r->cases;
    say_verdict();
}

static _Noreturn void run_suites(void)
{
    bool campaign = getenv("HF_CAMPAIGN") != NULL;

    verdict = (script_verdict){ .by = -1 };
    struct rlimit limit = { SECONDS_MAX,
                            SECONDS_MAX }; /* of its own time: the machine may be busy */
    setrlimit(RLIMIT_CPU, &limit);
    for (running = 0; running < SCRIPT_SUITES; running++) {
        script_report r = { .suite = script_suites[running].name,
                            .brief = !campaign,
                            .quiet = true };
        r.stop = campaign ? NULL : caught;
        script_suites[running].run(&r);
        verdict.cases[running] = r.cases;
        if (r.wrong > 0) {
            verdict.noticed |= 1u << running;
            verdict.by = verdict.by < 0 ? running : verdict.by;
        }
    }
    say_verdict();
}

int script_run_start(script_prepare *prepare, const void *what, int *pid)
{
    int ends[2];

    fflush(stdout);
    if (pipe(ends) != 0)
        abort();
    *pid = fork();
    if (*pid < 0)
        abort();
    if (*pid == 0) {
        close(ends[0]);
        verdict_fd = ends[1];
        prepare(what);
        run_suites();
    }
    close(ends[1]);
    return ends[0];
}

script_verdict script_run_end(int fd, int pid)
{
    script_verdict v = { .by = -1 };
    int status = 0;

    bool told = read(fd, &v, sizeof v) == (ssize_t)sizeof v;
    close(fd);
    waitpid(pid, &status, 0);
    if (!told)
        v = (script_verdict){ .by = -1, .crashed = true };
    return v;
}

long script_verdict_cases(const script_verdict *v)
{
    long cases = 0;

    for (size_t i = 0; i < SCRIPT_SUITES; i++)
        cases += v->cases[i];
    return cases;
}
