/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Files of the OS floor: limits on reading, whole-or-not-at-all writing, the key log. */
#include <errno.h>
#include <fcntl.h>
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

#include <handfast/os.h>
#include "base/bytes.h"

static char folder[] = "/tmp/handfast-test-XXXXXX";

static int enter(void **state)
{
    (void)state;
    umask(022);
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1; /* a file left behind fails the group */
}

static void put(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static void assert_holds(const char *path, const char *text)
{
    uint8_t *bytes;
    size_t len;

    assert_int_equal(hf_os_read_file(path, 1 << 20, &bytes, &len), HF_OK);
    assert_int_equal(len, strlen(text));
    assert_string_equal((char *)bytes, text);
    hf_os_free(bytes, len);
}

static unsigned mode_of(const char *path)
{
    struct stat s;

    assert_int_equal(lstat(path, &s), 0);
    return (unsigned)s.st_mode & 07777;
}

/* ---- reading ---- */

static void test_read_up_to_the_limit(void **state)
{
    static const size_t sizes[] = { 0, 1, 100, 16383, 16384, 16385, 16386, 32768, 100000 };
    static uint8_t content[100000];
    uint8_t *bytes;
    size_t len;

    (void)state;
    memset(content, 'x', sizeof content);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        put("f", content, sizes[i]);
        assert_int_equal(hf_os_read_file("f", sizes[i], &bytes, &len), HF_OK);
        assert_int_equal(len, sizes[i]);
        assert_memory_equal(bytes, content, len);
        assert_int_equal(bytes[len], 0);
        hf_os_free(bytes, len);
        if (sizes[i] == 0)
            continue;
        assert_int_equal(hf_os_read_file("f", sizes[i] - 1, &bytes, &len), HF_E_CONFIG_FILE);
        assert_int_equal(errno, EFBIG);
        assert_null(bytes);
    }
    unlink("f");
}

static void test_read_what_is_no_file(void **state)
{
    uint8_t *bytes;
    size_t len;

    (void)state;
    assert_int_equal(hf_os_read_file("nowhere", 10, &bytes, &len), HF_E_CONFIG_FILE);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(hf_os_read_file(".", 10, &bytes, &len), HF_E_CONFIG_FILE);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(hf_os_read_file("/dev/zero", 1000, &bytes, &len), HF_E_CONFIG_FILE);
    assert_int_equal(errno, EFBIG);
    hf_os_free(NULL, 0);
}

/* ---- writing ---- */

static void test_write_new(void **state)
{
    (void)state;
    assert_int_equal(hf_os_write_file("a", hf_span_str("one"), 0600, false), HF_OK);
    assert_holds("a", "one");
    assert_int_equal(mode_of("a"), 0600);
    assert_int_equal(hf_os_write_file("./b", hf_span_str(""), 0666, false), HF_OK);
    assert_int_equal(mode_of("b"), 0644); /* the umask counts */
    unlink("a");
    unlink("b");
}

static void test_write_refuses_to_replace(void **state)
{
    struct stat s;

    (void)state;
    put("a", "old", 3);
    assert_int_equal(hf_os_write_file("a", hf_span_str("new"), 0600, false), HF_E_CONFIG_FILE);
    assert_int_equal(errno, EEXIST);
    assert_holds("a", "old");
    assert_int_equal(symlink("nowhere", "l"), 0);
    assert_int_equal(hf_os_write_file("l", hf_span_str("new"), 0600, false), HF_E_CONFIG_FILE);
    assert_int_equal(errno, EEXIST);
    assert_int_not_equal(stat("nowhere", &s), 0);
    unlink("a");
    unlink("l");
}

static void test_write_replaces_when_asked(void **state)
{
    struct stat s;

    (void)state;
    put("a", "a longer old text", 17);
    assert_int_equal(symlink("a", "l"), 0);
    assert_int_equal(hf_os_write_file("a", hf_span_str("new"), 0600, true), HF_OK);
    assert_holds("a", "new");
    assert_int_equal(mode_of("a"), 0600);
    assert_int_equal(hf_os_write_file("l", hf_span_str("through"), 0600, true), HF_OK);
    assert_holds("a", "through");
    assert_int_equal(lstat("l", &s), 0);
    assert_true(S_ISLNK(s.st_mode)); /* the link is still one */
    assert_int_equal(hf_os_write_file("fresh", hf_span_str("x"), 0600, true), HF_OK);
    unlink("a");
    unlink("l");
    unlink("fresh");
}

static void test_write_never_replaces_a_device(void **state)
{
    struct stat s;

    (void)state;
    assert_int_equal(hf_os_write_file("/dev/null", hf_span_str("x"), 0600, true), HF_OK);
    assert_int_equal(stat("/dev/null", &s), 0);
    assert_true(S_ISCHR(s.st_mode));
    assert_int_equal(hf_os_write_file("/dev/full", hf_span_str("x"), 0600, true), HF_E_CONFIG_FILE);
    assert_int_equal(errno, ENOSPC);
}

static void test_write_failures_leave_nothing(void **state)
{
    static char name[300];

    (void)state;
    memset(name, 'n', sizeof name - 1);
    assert_int_equal(hf_os_write_file("no/such/x", hf_span_str("x"), 0600, false),
                     HF_E_CONFIG_FILE);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(hf_os_write_file(name, hf_span_str("x"), 0600, false), HF_E_CONFIG_FILE);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(mkdir("d", 0700), 0);
    assert_int_equal(hf_os_write_file("d", hf_span_str("x"), 0600, true), HF_E_CONFIG_FILE);
    assert_int_equal(hf_os_write_file("d", hf_span_str("x"), 0600, false), HF_E_CONFIG_FILE);
    assert_int_equal(rmdir("d"), 0); /* and leave() sees that no temporary file is there */
}

/* ---- key log ---- */

static void test_keylog_appends_lines(void **state)
{
    static char too_long[2000];

    (void)state;
    memset(too_long, 'z', sizeof too_long - 1);
    for (int i = 0; i < 2; i++) {
        void *log = hf_os_keylog_open("k");
        assert_non_null(log);
        hf_os_keylog(log, i == 0 ? "CLIENT_RANDOM a b" : "EXPORTER_SECRET c d");
        hf_os_keylog(log, too_long);
        hf_os_keylog_close(log);
    }
    assert_holds("k", "CLIENT_RANDOM a b\nEXPORTER_SECRET c d\n");
    assert_int_equal(mode_of("k"), 0600);
    unlink("k");
    assert_null(hf_os_keylog_open("no/such/k"));
    assert_int_equal(errno, ENOENT);
    hf_os_keylog_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_up_to_the_limit),
        cmocka_unit_test(test_read_what_is_no_file),
        cmocka_unit_test(test_write_new),
        cmocka_unit_test(test_write_refuses_to_replace),
        cmocka_unit_test(test_write_replaces_when_asked),
        cmocka_unit_test(test_write_never_replaces_a_device),
        cmocka_unit_test(test_write_failures_leave_nothing),
        cmocka_unit_test(test_keylog_appends_lines),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
