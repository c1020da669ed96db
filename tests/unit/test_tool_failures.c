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
#include "tool/server.h"

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
    assert_true(hf_trace_folder_keep(scene, HF_FOLDER_NAMED, 3, 7, tape, path));
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
    assert_true(hf_trace_folder_keep(scene, HF_FOLDER_NAMED, 10, 1, tape, first));
    assert_true(hf_trace_folder_keep(scene, HF_FOLDER_NAMED, 10, 1, tape, second));
    assert_string_not_equal(first, second);
    assert_int_equal(stat(first, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_false(hf_trace_folder_keep("/nowhere", HF_FOLDER_OURS, 10, 1, tape, first));
    assert_string_equal(first, "");
    hf_tape_free(tape);
}

static void test_what_no_run_of_ours_would_write_stays(void **state)
{
    static const char *const names[] = { "20200101T000000Z-07.json",
                                         "20200101T000000Z-12345678901.json",
                                         "20200101T000000Z-1.json.part" };
    char path[HF_TRACE_PATH_MAX], link[512], folder[512];
    hf_tape *tape = hf_tape_new(HF_TAPE_CLIENT, NULL, NULL);

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put(names[i]);
    put("mine");
    snprintf(link, sizeof link, "%s/20200101T000000Z-8.json", scene);
    assert_int_equal(symlink("mine", link), 0);
    snprintf(folder, sizeof folder, "%s/20200101T000000Z-9.json", scene);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_true(hf_trace_folder_keep(scene, HF_FOLDER_NAMED, 1, 7, tape, path));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(is_there(names[i]));
    assert_true(is_there("20200101T000000Z-8.json") && is_there("20200101T000000Z-9.json"));
    assert_true(is_there("mine") && access(path, F_OK) == 0);
    hf_tape_free(tape);
}

/* ---- whose folder ---- */

static bool keeps(const char *dir, hf_folder whose)
{
    char path[HF_TRACE_PATH_MAX];
    hf_tape *tape = hf_tape_new(HF_TAPE_CLIENT, NULL, NULL);
    bool kept = hf_trace_folder_keep(dir, whose, 10, 1, tape, path);

    assert_int_equal(kept, access(path, F_OK) == 0);
    hf_tape_free(tape);
    return kept;
}

/* Others could put a link, or files of their names, in its place. */
static void test_a_folder_of_ours_is_for_nobody_else(void **state)
{
    static const mode_t open[] = { 0777, 0770, 0702, 01777 };
    char real[512], link[512];

    (void)state;
    snprintf(real, sizeof real, "%s/real", scene);
    snprintf(link, sizeof link, "%s/link", scene);
    assert_int_equal(mkdir(real, 0700), 0);
    assert_int_equal(symlink(real, link), 0);
    assert_true(keeps(real, HF_FOLDER_OURS));
    assert_false(keeps(link, HF_FOLDER_OURS));
    assert_true(keeps(link, HF_FOLDER_NAMED));
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        assert_int_equal(chmod(real, open[i]), 0);
        assert_false(keeps(real, HF_FOLDER_OURS));
        assert_true(keeps(real, HF_FOLDER_NAMED));
    }
    assert_int_equal(chmod(real, 0755), 0);
    assert_true(keeps(real, HF_FOLDER_OURS));
    if (chown(real, 1, (gid_t)-1) == 0) /* which root alone can do */
        assert_false(keeps(real, HF_FOLDER_OURS));
}

/* ---- how much ---- */

static void hear(hf_recording *recording, hf_role writer, uint8_t type, uint8_t epoch)
{
    static const uint8_t bytes[16384];
    hf_trace_sink sink = hf_recording_sink(recording);
    hf_trace_event event = { .kind = HF_TRACE_RECORD,
                             .writer = writer,
                             .content_type = type,
                             .epoch = epoch,
                             .bytes = hf_span_of(bytes, sizeof bytes),
                             .content = hf_span_of(bytes, sizeof bytes - 22) };

    sink.event(sink.user, &event);
}

/* Early data comes before the handshake is over, and is data all the same. */
static void test_early_data_counts_as_data(void **state)
{
    hf_recording recording = { .tape = NULL };

    (void)state;
    hf_recording_start(&recording, HF_TAPE_SERVER, NULL);
    for (int i = 0; i < 10; i++)
        hear(&recording, HF_CLIENT, HF_CT_APPLICATION_DATA, 2);
    assert_int_equal(recording.tape->n, 4);
    assert_int_equal(recording.tape->lost, 6);
    for (int i = 0; i < 6; i++) /* a chain may be long */
        hear(&recording, HF_CLIENT, HF_CT_HANDSHAKE, 3);
    hf_recording_connected(&recording);
    hear(&recording, HF_SERVER, HF_CT_APPLICATION_DATA, 4);
    assert_int_equal(recording.tape->n, 10);
    assert_int_equal(recording.tape->lost, 7);
    hf_recording_end(&recording);
}

static void test_a_server_records_if_somebody_can_get_it(void **state)
{
    static hf_serve_options options;
    static hf_server server;

    (void)state;
    server.o = &options;
    unsetenv("HANDFAST_STATE");
    setenv("XDG_STATE_HOME", "/x", 1);
    hf_server_rules(&server);
    assert_true(server.records);
    setenv("HANDFAST_STATE", "off", 1);
    hf_server_rules(&server);
    assert_false(server.records);
    options.trace_dir = "traces";
    hf_server_rules(&server);
    assert_true(server.records);
    unsetenv("HANDFAST_STATE");
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
        cmocka_unit_test_setup_teardown(test_what_no_run_of_ours_would_write_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_folder_of_ours_is_for_nobody_else, set_up,
                                        tear_down),
        cmocka_unit_test(test_early_data_counts_as_data),
        cmocka_unit_test(test_a_server_records_if_somebody_can_get_it),
        cmocka_unit_test(test_a_server_writes_a_burst_and_then_one_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
