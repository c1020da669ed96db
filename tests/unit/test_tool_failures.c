/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The folders of traces: where, how many, in which order they go, and how often a server may write one. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tool/failures.h"

static char scene[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(scene, sizeof scene, "/tmp/handfast-test.XXXXXX");
    return mkdtemp(scene) ? 0 : -1;
}

static void remove_all(const char *dir)
{
    DIR *folder = opendir(dir);
    char path[512];

    for (struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder)) {
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || unlink(path) == 0)
            continue;
        remove_all(path);
    }
    if (folder)
        closedir(folder);
    rmdir(dir);
}

static int tear_down(void **state)
{
    (void)state;
    remove_all(scene);
    return 0;
}

static void put(const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", scene, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static bool is_there(const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", scene, name);
    return access(path, F_OK) == 0;
}

/* ---- where ---- */

static void test_the_folder_follows_the_specification(void **state)
{
    char path[HF_TRACE_PATH_MAX];

    (void)state;
    unsetenv("HANDFAST_STATE");
    setenv("HOME", "/home/me", 1);
    setenv("XDG_STATE_HOME", "/x", 1);
    assert_true(hf_failures_folder(path));
    assert_string_equal(path, "/x/handfast/failures");
    setenv("XDG_STATE_HOME", "relative", 1);
    assert_true(hf_failures_folder(path));
    assert_string_equal(path, "/home/me/.local/state/handfast/failures");
    unsetenv("XDG_STATE_HOME");
    setenv("HOME", "me", 1);
    assert_false(hf_failures_folder(path));
    setenv("HOME", "/home/me", 1);
    setenv("HANDFAST_STATE", "off", 1);
    assert_false(hf_failures_folder(path));
    unsetenv("HANDFAST_STATE");
}

static void test_folders_are_for_their_owner_alone(void **state)
{
    char path[512];
    struct stat folder;

    (void)state;
    snprintf(path, sizeof path, "%s/a/b", scene);
    assert_true(hf_trace_folder_make(path));
    assert_true(hf_trace_folder_make(path)); /* again */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(stat(path, &folder), 0);
        assert_int_equal(folder.st_mode & 0777, 0700);
        *strrchr(path, '/') = '\0';
    }
    put("file");
    snprintf(path, sizeof path, "%s/file/b", scene);
    assert_false(hf_trace_folder_make(path));
    snprintf(path, sizeof path, "%s/file", scene);
    assert_false(hf_trace_folder_make(path));
}

/* ---- how many ---- */

static void test_the_oldest_go_first_and_only_traces_go(void **state)
{
    char path[HF_TRACE_PATH_MAX];
    hf_tape *tape = hf_tape_new(HF_TAPE_CLIENT, NULL, NULL);

    (void)state;
    put("20200101T000000Z-10.json");
    put("20200101T000000Z-9.json"); /* older: 9 was before 10 */
    put("20200101T000001Z-1.json");
    put("20200101T000000Z-x.json");
    put("20200101T000000Z-1.json.bak");
    put("notes.json");
    assert_true(hf_trace_folder_keep(scene, 3, 7, tape, path));
    assert_false(is_there("20200101T000000Z-9.json"));
    assert_true(is_there("20200101T000000Z-10.json") && is_there("20200101T000001Z-1.json"));
    assert_true(is_there("20200101T000000Z-x.json") && is_there("20200101T000000Z-1.json.bak"));
    assert_true(is_there("notes.json") && access(path, F_OK) == 0);
    hf_tape_free(tape);
}

static void test_no_trace_takes_the_place_of_another(void **state)
{
    char first[HF_TRACE_PATH_MAX], second[HF_TRACE_PATH_MAX];
    hf_tape *tape = hf_tape_new(HF_TAPE_SERVER, NULL, NULL);
    struct stat file;

    (void)state;
    assert_true(hf_trace_folder_keep(scene, 10, 1, tape, first));
    assert_true(hf_trace_folder_keep(scene, 10, 1, tape, second));
    assert_string_not_equal(first, second);
    assert_int_equal(stat(first, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_false(hf_trace_folder_keep("/nowhere", 10, 1, tape, first));
    assert_string_equal(first, "");
    hf_tape_free(tape);
}

/* ---- how often ---- */

static void test_a_server_writes_a_burst_and_then_one_a_second(void **state)
{
    hf_failures_pace pace = { 0 };
    unsigned allowed = 0;

    (void)state;
    for (int i = 0; i < 100; i++)
        allowed += hf_failures_may(&pace, 5000);
    assert_int_equal(allowed, HF_FAILURES_KEPT);
    assert_false(hf_failures_may(&pace, 5900));
    assert_true(hf_failures_may(&pace, 6100));
    assert_false(hf_failures_may(&pace, 6200));
    for (int i = 0; i < 100; i++)
        allowed += hf_failures_may(&pace, 3600000);
    assert_int_equal(allowed, 2 * HF_FAILURES_KEPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_folder_follows_the_specification),
        cmocka_unit_test_setup_teardown(test_folders_are_for_their_owner_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_oldest_go_first_and_only_traces_go, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_no_trace_takes_the_place_of_another, set_up,
                                        tear_down),
        cmocka_unit_test(test_a_server_writes_a_burst_and_then_one_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
