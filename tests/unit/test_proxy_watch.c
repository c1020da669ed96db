/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Watched files: a change counts once it rests, and none is lost to a reading that was under way, not even a link that was turned to
 * a file of long ago. The timer's turns are taken by the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "tool/proxy/watch.h"

enum { THREADS = 4 /* of libuv's pool */ };

static uv_sem_t way;
static int blocked;
static char folder[] = "/tmp/hf-watch-XXXXXX";
static char *paths[] = { "file", "link" };

static struct {
    uv_loop_t loop;
    hf_watch watch;
    unsigned changes;
} scene;

static void changed(void *user)
{
    (void)user;
    scene.changes++;
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen("fresh", "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(rename("fresh", name), 0);
}

static void turn_link(const char *to)
{
    assert_int_equal(symlink(to, "fresh"), 0);
    assert_int_equal(rename("fresh", "link"), 0);
}

/* After all that was written before: files may be stamped by a finer clock. */
static struct timespec later(void)
{
    struct timespec first, now;

    clock_gettime(CLOCK_REALTIME, &first);
    do
        now = hf_watch_now();
    while (now.tv_sec < first.tv_sec ||
           (now.tv_sec == first.tv_sec && now.tv_nsec <= first.tv_nsec));
    return now;
}

/* `file`, and `link`, which leads to `one` of `one` and `two`: all of them are of long ago. */
static int begin(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    blocked = 0;
    assert_int_equal(uv_loop_init(&scene.loop), 0);
    write_file("file", "a");
    write_file("one", "1");
    write_file("two", "2");
    turn_link("one");
    hf_watch_start(&scene.watch, &scene.loop, changed, NULL);
    uv_timer_stop(&scene.watch.timer);
    hf_watch_set(&scene.watch, hf_watch_files(paths, 2), later());
    return 0;
}

static int end(void **state)
{
    (void)state;
    hf_watch_stop(&scene.watch);
    uv_run(&scene.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&scene.loop), 0);
    return 0;
}

static void tick(void)
{
    scene.watch.timer.timer_cb(&scene.watch.timer);
}

static unsigned after_looks(unsigned n)
{
    while (n-- > 0) {
        tick();
        while (scene.watch.looking)
            uv_run(&scene.loop, UV_RUN_ONCE);
    }
    return scene.changes;
}

static hf_watch_look *looked_there(void)
{
    hf_watch_look *look = hf_watch_begin(&scene.watch);

    hf_watch_look_there(look);
    return look;
}

/* A reading begins, and its thread has looked. */
static void begin_reading(void)
{
    hf_watch_began(&scene.watch, looked_there());
}

static void end_reading(size_t n, struct timespec since)
{
    hf_watch_set(&scene.watch, hf_watch_files(paths, n), since);
}

static void test_nothing_happens(void **state)
{
    (void)state;
    assert_int_equal(after_looks(5), 0);
}

static void test_a_change_counts_once_it_rests(void **state)
{
    (void)state;
    write_file("file", "b");
    assert_int_equal(after_looks(1), 0);
    turn_link("two");
    assert_int_equal(after_looks(1), 0);
    assert_int_equal(after_looks(1), 1);
    assert_int_equal(after_looks(5), 1);
}

static void test_what_never_rests_counts_as_well(void **state)
{
    char text[8];

    (void)state;
    for (unsigned i = 0; i < HF_WATCH_RESTLESS; i++) {
        snprintf(text, sizeof text, "%u", i);
        write_file("file", text);
        after_looks(1);
    }
    assert_int_equal(scene.changes, 1);
}

/* What a reading has seen is no news after it. */
static void test_a_change_before_a_reading(void **state)
{
    (void)state;
    turn_link("two");
    begin_reading();
    end_reading(2, hf_watch_now());
    assert_int_equal(after_looks(5), 0);
}

static void test_a_change_during_a_reading(void **state)
{
    struct timespec since = later();

    (void)state;
    begin_reading();
    turn_link("two"); /* which is older than the reading */
    end_reading(2, since);
    assert_int_equal(after_looks(5), 1);
}

/* The same, with the time for a look in between. */
static void test_a_look_during_a_reading(void **state)
{
    struct timespec since = later();

    (void)state;
    begin_reading();
    turn_link("two");
    assert_int_equal(after_looks(1), 0);
    end_reading(2, since);
    assert_int_equal(after_looks(5), 1);
}

static void test_a_reading_that_was_refused(void **state)
{
    (void)state;
    write_file("file", "b");
    begin_reading();
    hf_watch_refused(&scene.watch);
    assert_int_equal(after_looks(5), 1);
    begin_reading();
    hf_watch_refused(&scene.watch);
    assert_int_equal(after_looks(5), 1);
    begin_reading();
    write_file("file", "c");
    hf_watch_read(&scene.watch);
    assert_int_equal(after_looks(5), 2);
}

/* Of files that were not watched when their reading began. */
static void test_a_change_of_what_is_new(void **state)
{
    struct timespec since = later();

    (void)state;
    end_reading(1, since);
    begin_reading();
    turn_link("two");
    end_reading(2, since);
    assert_int_equal(after_looks(5), 1);
}

static void test_files_that_come_and_go(void **state)
{
    (void)state;
    assert_int_equal(unlink("file"), 0);
    assert_int_equal(after_looks(5), 1);
    write_file("file", "a");
    assert_int_equal(after_looks(5), 2);
}

/* ---- a file system that hangs ---- */

static void hang(uv_work_t *work)
{
    (void)work;
    uv_sem_wait(&way);
}

static void went_on(uv_work_t *work, int status)
{
    (void)work;
    (void)status;
    blocked--;
}

/* All threads hang, as one that looks would. */
static void begin_to_hang(void)
{
    static uv_work_t works[THREADS];

    assert_int_equal(uv_sem_init(&way, 0), 0);
    for (; blocked < THREADS; blocked++)
        assert_int_equal(uv_queue_work(&scene.loop, &works[blocked], hang, went_on), 0);
}

static void go_on(void)
{
    for (int i = 0; i < THREADS; i++)
        uv_sem_post(&way);
    while (blocked > 0)
        uv_run(&scene.loop, UV_RUN_ONCE);
    uv_sem_destroy(&way);
}

/* The loop's turns go on, one look waits, and what it sees then is told as ever. */
static void test_a_file_system_that_hangs(void **state)
{
    (void)state;
    write_file("file", "b");
    begin_to_hang();
    for (int i = 0; i < 5; i++)
        tick();
    hf_watch_look *look = scene.watch.looking;
    assert_non_null(look);
    tick();
    uv_run(&scene.loop, UV_RUN_NOWAIT);
    assert_ptr_equal(scene.watch.looking, look);
    assert_int_equal(scene.changes, 0);
    go_on();
    assert_int_equal(after_looks(5), 1);
}

/* What it says in the end is of long ago: a reading has seen more. */
static void test_a_look_that_comes_back_after_a_reading(void **state)
{
    (void)state;
    begin_to_hang();
    tick();
    write_file("file", "b");
    begin_reading();
    end_reading(1, hf_watch_now());
    go_on();
    assert_int_equal(after_looks(5), 0);
}

static void test_the_end_while_it_hangs(void **state)
{
    (void)state;
    begin_to_hang();
    tick();
    hf_watch_stop(&scene.watch);
    go_on();
    assert_int_equal(scene.changes, 0);
}

static int go_there(void **state)
{
    (void)state;
    uv_os_unsetenv("UV_THREADPOOL_SIZE");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int clear_up(void **state)
{
    static const char *const names[] = { "file", "one", "two", "link" };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(names[i]);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

#define WATCH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WATCH(test_nothing_happens),
        WATCH(test_a_change_counts_once_it_rests),
        WATCH(test_what_never_rests_counts_as_well),
        WATCH(test_a_change_before_a_reading),
        WATCH(test_a_change_during_a_reading),
        WATCH(test_a_look_during_a_reading),
        WATCH(test_a_reading_that_was_refused),
        WATCH(test_a_change_of_what_is_new),
        WATCH(test_files_that_come_and_go),
        WATCH(test_a_file_system_that_hangs),
        WATCH(test_a_look_that_comes_back_after_a_reading),
        WATCH(test_the_end_while_it_hangs),
    };

    return cmocka_run_group_tests(tests, go_there, clear_up);
}
