/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Trust from files, folders and the environment; identities from files; the version. */
#include <errno.h>
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

#include <handfast/handfast.h>
#include <handfast/os.h>
#include "base/bytes.h"
#include "hf_build.h"
#include "tool/ca_store.h"

static char folder[] = "/tmp/handfast-test-XXXXXX";

/* Two CAs, a leaf, their files once more as a bundle and under hashes, and files that are none. */
static int enter(void **state)
{
    hf_ca_request one = { .dir = "one", .name = "One" }, two = { .dir = "two", .name = "Two" };
    static const char *const names[] = { "localhost" };
    hf_leaf_request leaf = { .ca_dir = "one", .dir = "leaf", .names = names, .n_names = 1 };
    hf_made made;

    (void)state;
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    if (hf_ca_make(&one, &made) || hf_ca_make(&two, &made) || hf_leaf_make(&leaf, &made))
        return -1;
    return system(
        "mkdir hashed none && cp one/ca.pem hashed/one.pem && cp two/ca.pem hashed/two.crt && "
        "ln -s one.pem hashed/0a0a0a0a.0 && ln -s nowhere hashed/dangling && echo words > "
        "hashed/README && "
        "cp one/ca.pem hashed/.hidden && echo words > none/x && cat one/ca.pem two/ca.pem > bundle "
        "&& "
        ": > empty && head -c 300 /dev/urandom > garbage");
}

static int leave(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 ? system(command) : -1;
}

static hf_error add(const char *path, size_t *added, size_t *count)
{
    hf_trust *trust = hf_trust_new();
    hf_error e;

    assert_non_null(trust);
    e = hf_os_trust_path(trust, path, added);
    *count = hf_trust_count(trust);
    hf_trust_free(trust);
    return e;
}

static void test_paths(void **state)
{
    static const struct {
        const char *path;
        hf_error e;
        size_t added;
    } cases[] = {
        { "one/ca.pem", HF_OK, 1 },
        { "bundle", HF_OK, 2 },
        { "hashed", HF_OK, 2 },
        { "hashed/", HF_OK, 2 },
        { "none", HF_E_CONFIG_PEM, 0 },
        { "empty", HF_E_CONFIG_PEM, 0 },
        { "garbage", HF_E_CONFIG_PEM, 0 },
        { "one/ca.key", HF_E_CONFIG_PEM, 0 },
        { "nowhere", HF_E_CONFIG_FILE, 0 },
        { "/dev/zero", HF_E_CONFIG_FILE, 0 },
    };
    size_t added = 0, count;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(add(cases[i].path, &added, &count), cases[i].e);
        assert_int_equal(count, cases[i].added);
        if (cases[i].e == HF_OK)
            assert_int_equal(added, cases[i].added);
    }
}

static hf_error system_trust(const char *file, const char *dir, char *source, size_t room,
                             size_t *count)
{
    hf_trust *trust = hf_trust_new();
    hf_error e;

    file ? setenv("SSL_CERT_FILE", file, 1) : unsetenv("SSL_CERT_FILE");
    dir ? setenv("SSL_CERT_DIR", dir, 1) : unsetenv("SSL_CERT_DIR");
    e = hf_os_trust_system(trust, source, room);
    *count = hf_trust_count(trust);
    hf_trust_free(trust);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    return e;
}

static void test_environment(void **state)
{
    static const struct {
        const char *file, *dir;
        hf_error e;
        size_t count;
        const char *source;
    } cases[] = {
        { "one/ca.pem", NULL, HF_OK, 1, "SSL_CERT_FILE=one/ca.pem" },
        { "one/ca.pem", "", HF_OK, 1, "SSL_CERT_FILE=one/ca.pem" },
        { NULL, "two", HF_OK, 1, "SSL_CERT_DIR=two" },
        { NULL, "one:two", HF_OK, 2, "SSL_CERT_DIR=two" },
        { NULL, ":one::two:", HF_OK, 2, "SSL_CERT_DIR=two" },
        { "one/ca.pem", "two", HF_OK, 2, "SSL_CERT_FILE=one/ca.pem" },
        { "nowhere", NULL, HF_E_CONFIG_FILE, 0,
          "SSL_CERT_FILE=nowhere: No such file or directory" },
        { "empty", NULL, HF_E_CONFIG_FILE, 0, "SSL_CERT_FILE=empty: holds no certificate" },
        { NULL, "none", HF_E_CONFIG_FILE, 0, "SSL_CERT_DIR=none: holds no certificate" },
        { NULL, "one:nowhere", HF_E_CONFIG_FILE, 1,
          "SSL_CERT_DIR=nowhere: No such file or directory" },
        { "nowhere", "one", HF_E_CONFIG_FILE, 1,
          "SSL_CERT_FILE=nowhere: No such file or directory" },
    };
    char source[256];
    size_t count;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(system_trust(cases[i].file, cases[i].dir, source, sizeof source, &count),
                         cases[i].e);
        assert_int_equal(count, cases[i].count);
        assert_string_equal(source, cases[i].source);
        assert_int_equal(system_trust(cases[i].file, cases[i].dir, NULL, 0, &count), cases[i].e);
    }
}

/* A machine has a store or has none; either way the answer is consistent and names a place. */
static void test_usual_places(void **state)
{
    char source[256] = "";
    size_t count;
    hf_error e = system_trust(NULL, NULL, source, sizeof source, &count);

    (void)state;
    assert_true(e == HF_OK || e == HF_E_CONFIG_NO_TRUST);
    assert_int_equal(e == HF_OK, count > 0);
    assert_true(strlen(source) > 0);
    if (e == HF_OK)
        assert_int_equal(source[0], '/');
}

static void test_identities(void **state)
{
    hf_identity *identity;

    (void)state;
    assert_int_equal(hf_os_identity(&identity, "leaf/leaf.pem", "leaf/leaf.key", NULL), HF_OK);
    hf_identity_free(identity);
    assert_int_equal(system("cat leaf/leaf.pem leaf/leaf.key > both"), 0);
    assert_int_equal(hf_os_identity(&identity, "both", "both", NULL), HF_OK);
    hf_identity_free(identity);
    assert_int_equal(hf_os_identity(&identity, "leaf/leaf.pem", "one/ca.key", NULL),
                     HF_E_CONFIG_KEY_MISMATCH);
    assert_null(identity);
    assert_int_equal(hf_os_identity(&identity, "leaf/leaf.pem", "empty", NULL), HF_E_CONFIG_PEM);
    assert_int_equal(hf_os_identity(&identity, "empty", "leaf/leaf.key", NULL), HF_E_CONFIG_PEM);
    assert_int_equal(hf_os_identity(&identity, "nowhere", "leaf/leaf.key", NULL), HF_E_CONFIG_FILE);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(hf_os_identity(&identity, "leaf/leaf.pem", "nowhere", NULL), HF_E_CONFIG_FILE);
    assert_null(identity);
}

static void test_version(void **state)
{
    (void)state;
    assert_string_equal(hf_version(), HF_VERSION);
    assert_true(strlen(hf_crypto().version) > 0);
    assert_true(strcmp(hf_crypto().mlkem, "libcrypto") == 0 ||
                strcmp(hf_crypto().mlkem, "handfast") == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_usual_places), cmocka_unit_test(test_identities),
        cmocka_unit_test(test_version),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
