/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Do mlkem.c and rsa_unpad.c branch on a secret, or use one as an address? Valgrind can tell,
 * though not of a program that runs under a sanitizer. So this test compiles the sources anew, with
 * each compiler at hand and at the optimisation levels that users have, and runs the result under
 * valgrind.
 */
#include <sys/wait.h>

#include "crypto_support.h"

static char folder[] = "/tmp/handfast-ct-XXXXXX";

static int shell(const char *command)
{
    int status = system(command);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void need(const char *program)
{
    char command[100];

    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
    if (shell(command) == 0)
        return;
    printf("skip: %s is not installed\n", program);
    fflush(stdout);
    skip();
}

static int run(const char *compiler, const char *flags)
{
    static const char sources[] =
        "src/crypto/mlkem_ntt.c src/crypto/mlkem_code.c src/crypto/mlkem_sample.c "
        "src/crypto/keccak.c src/crypto/rsa_unpad.c src/base/bytes.c";
    char command[2000];

    snprintf(
        command, sizeof command,
        "cd '%s' && %s -std=c11 %s -Iinclude -Isrc tests/unit/crypto_ct_program.c %s -o %s/program",
        HF_SOURCE_DIR, compiler, flags, sources, folder);
    assert_int_equal(shell(command), 0);
    snprintf(command, sizeof command,
             "valgrind -q --error-exitcode=9 %s/program >%s/report 2>&1 || { s=$?; [ $s = 9 ] || "
             "cat %s/report; exit $s; }",
             folder, folder, folder);
    return shell(command);
}

static void needed(void)
{
    need("valgrind");
    if (shell("echo '#include <valgrind/memcheck.h>' | cc -E - >/dev/null 2>&1") != 0) {
        printf("skip: valgrind/memcheck.h is not installed\n");
        fflush(stdout);
        skip();
    }
}

static void try_levels(const char *compiler)
{
    static const char *const levels[] = { "-O1", "-O2", "-O3", "-Os" };
    char command[100];

    needed();
    need(compiler);
    for (size_t i = 0; i < COUNT(levels); i++)
        if (run(compiler, levels[i]) != 0) {
            snprintf(command, sizeof command, "head -40 %s/report", folder);
            shell(command);
            fail_msg("%s %s: a secret shows", compiler, levels[i]);
        }
}

static void by_gcc(void **state)
{
    (void)state;
    try_levels("gcc");
}

static void by_clang(void **state)
{
    (void)state;
    try_levels("clang");
}

/* The method itself: a branch on a secret is reported. */
static void a_leak_is_seen(void **state)
{
    (void)state;
    needed();
    need("cc");
    assert_int_equal(run("cc", "-O2 -DLEAK"), 9);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[100];

    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return shell(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_gcc),
        cmocka_unit_test(by_clang),
        cmocka_unit_test(a_leak_is_seen),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
