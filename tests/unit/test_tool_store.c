/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The store that `serve` and `demo` keep: made once, kept while good, renewed when not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <handfast/os.h>
#include "tool/ca_store.h"
#include "tool/exit.h"
#include "tool/store_files.h"
#include "x509/issue.h"

static char folder[] = "/tmp/handfast-test-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 ? system(command) : -1;
}

static hf_local_store open_good(const char *dir)
{
    hf_local_store store;

    assert_int_equal(hf_local_store_open(dir, &store), HF_EXIT_OK);
    return store;
}

static void test_made_once(void **state)
{
    struct stat s;
    hf_local_store first = open_good("deep/er/store"), second = open_good("deep/er/store");

    (void)state;
    assert_true(first.new_ca && first.new_leaf);
    assert_true(!second.new_ca && !second.new_leaf);
    assert_int_equal(first.not_after, second.not_after);
    assert_string_equal(first.ca, "deep/er/store/ca.pem");
    assert_string_equal(second.key, "deep/er/store/leaf.key");
    assert_int_equal(stat("deep/er/store", &s), 0);
    assert_int_equal(s.st_mode & 0777, 0700);
    assert_int_equal(stat("deep", &s), 0);
    assert_int_equal(s.st_mode & 0777, 0700);
}

static void assert_renewed(const char *what)
{
    hf_local_store store;

    assert_int_equal(system(what), 0);
    store = open_good("s");
    assert_true(store.new_leaf && !store.new_ca);
    store = open_good("s");
    assert_true(!store.new_leaf);
}

static void test_leaf_is_renewed(void **state)
{
    static const char *const names[] = { "other.test" };
    hf_leaf_request other = {
        .ca_dir = "s", .dir = "s", .names = names, .n_names = 1, .replace = true
    };
    hf_ca_request ca = { .dir = "foreign" };
    hf_leaf_request foreign = {
        .ca_dir = "foreign", .dir = "foreign", .names = names, .n_names = 1
    };
    hf_made made;

    (void)state;
    open_good("s");
    assert_renewed("rm s/leaf.pem");
    assert_renewed("rm s/leaf.key");
    assert_renewed(": > s/leaf.pem");
    assert_renewed("head -c 100 /dev/urandom > s/leaf.key");
    assert_int_equal(hf_leaf_make(&other, &made), HF_EXIT_OK);
    assert_renewed("true"); /* for other names */
    assert_int_equal(hf_ca_make(&ca, &made), HF_EXIT_OK);
    assert_int_equal(hf_leaf_make(&foreign, &made), HF_EXIT_OK);
    assert_renewed("cp foreign/leaf.* s/"); /* of another CA */
}

/* A certificate with those days behind and before it, signed by itself or by the CA of `dir`. */
static void plant(const char *dir, const char *stem, bool is_ca, int behind, int before)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "::1" };
    int64_t now = (int64_t)time(NULL);
    hf_cert_request want = {
        .common_name = "planted",
        .names = names,
        .n_names = is_ca ? 0 : 3,
        .ca = is_ca,
        .path_len = is_ca ? 0 : -1,
        .eku = is_ca ? 0 : HF_EKU_SERVER_AUTH,
        .not_before = now - behind * 86400,
        .not_after = now + before * 86400,
    };
    const hf_random random = { NULL, NULL };
    char cert[HF_STORE_PATH_MAX], key[HF_STORE_PATH_MAX];
    hf_private_key *private_key;
    hf_stored_ca ca = { 0 };
    uint8_t *der, *pem, *key_pem;
    size_t len, pem_len, key_len;

    assert_int_equal(hf_private_key_generate(&private_key, HF_KEY_P256, 0), HF_OK);
    if (!is_ca)
        assert_int_equal(hf_store_load(dir, &ca), HF_EXIT_OK);
    assert_int_equal(hf_cert_issue(&want, private_key, is_ca ? NULL : &ca.cert,
                                   is_ca ? private_key : ca.key, &random, &der, &len),
                     HF_OK);
    assert_int_equal(hf_pem_write("CERTIFICATE", hf_span_of(der, len), &pem, &pem_len), HF_OK);
    assert_int_equal(hf_private_key_to_pem(private_key, &key_pem, &key_len), HF_OK);
    assert_int_equal(hf_store_paths(dir, stem, cert, key), HF_EXIT_OK);
    hf_file_pair pair = { cert, key, hf_span_of(pem, pem_len), hf_span_of(key_pem, key_len) };
    assert_int_equal(hf_store_pair(&pair, true), HF_EXIT_OK);
    hf_store_unload(&ca);
    hf_private_key_free(private_key);
    hf_free(der);
    hf_free(pem);
    hf_free_secret(key_pem, key_len);
}

static void test_renewed_in_the_last_third(void **state)
{
    (void)state;
    open_good("third");
    plant("third", "leaf", false, 50, 40);
    assert_false(open_good("third").new_leaf);
    plant("third", "leaf", false, 70, 20);
    assert_true(open_good("third").new_leaf);
    plant("third", "leaf", false, 70, -1);
    assert_true(open_good("third").new_leaf);
}

static void test_an_expired_ca_is_replaced(void **state)
{
    hf_local_store store;

    (void)state;
    assert_int_equal(mkdir("old", 0700), 0);
    plant("old", "ca", true, 100, -1);
    store = open_good("old");
    assert_true(store.new_ca && store.new_leaf);
    assert_false(open_good("old").new_ca);
}

/* A CA that cannot be read is somebody's: it is never replaced in silence. */
static void test_a_broken_ca_is_left_alone(void **state)
{
    hf_local_store store;

    (void)state;
    open_good("b");
    assert_int_equal(system(": > b/ca.key"), 0);
    assert_int_equal(hf_local_store_open("b", &store), HF_EXIT_USAGE);
    assert_int_equal(system("test ! -s b/ca.key"), 0);
}

static void test_several_at_once(void **state)
{
    enum { N = 8 };
    hf_local_store store;
    int status, made = 0;

    (void)state;
    for (int i = 0; i < N; i++) {
        if (fork() == 0) {
            int e = hf_local_store_open("race", &store);
            _exit(e != HF_EXIT_OK ? 99 : store.new_ca ? 1 : 0);
        }
    }
    for (int i = 0; i < N; i++) {
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
        made += WEXITSTATUS(status);
    }
    assert_int_equal(made, 1);
}

static void test_where(void **state)
{
    char path[HF_STORE_PATH_MAX], small[8];

    (void)state;
    setenv("XDG_DATA_HOME", "/x", 1);
    setenv("HOME", "/h", 1);
    assert_int_equal(hf_local_store_path(path, sizeof path), HF_EXIT_OK);
    assert_string_equal(path, "/x/handfast/ca");
    assert_int_equal(hf_local_store_path(small, sizeof small), HF_EXIT_USAGE);
    setenv("XDG_DATA_HOME", "relative", 1);
    assert_int_equal(hf_local_store_path(path, sizeof path), HF_EXIT_OK);
    assert_string_equal(path, "/h/.local/share/handfast/ca");
    unsetenv("XDG_DATA_HOME");
    unsetenv("HOME");
    assert_int_equal(hf_local_store_path(path, sizeof path), HF_EXIT_USAGE);
}

/* `serve --policy classroom`: a key that may decrypt, in files of its own. */
static void test_another_kind_stands_beside_the_usual_one(void **state)
{
    hf_local_store usual = open_good("kinds"), rsa, again;

    (void)state;
    assert_int_equal(hf_local_store_open_kind("kinds", "rsa2048", &rsa), HF_EXIT_OK);
    assert_int_equal(hf_local_store_open_kind("kinds", "rsa2048", &again), HF_EXIT_OK);
    assert_string_equal(rsa.cert, "kinds/leaf-rsa2048.pem");
    assert_string_equal(rsa.key, "kinds/leaf-rsa2048.key");
    assert_true(!rsa.new_ca && rsa.new_leaf && !again.new_leaf);
    assert_false(open_good("kinds").new_leaf);
    assert_string_equal(rsa.ca, usual.ca);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made_once),
        cmocka_unit_test(test_leaf_is_renewed),
        cmocka_unit_test(test_renewed_in_the_last_third),
        cmocka_unit_test(test_an_expired_ca_is_replaced),
        cmocka_unit_test(test_a_broken_ca_is_left_alone),
        cmocka_unit_test(test_several_at_once),
        cmocka_unit_test(test_where),
        cmocka_unit_test(test_another_kind_stands_beside_the_usual_one),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
