/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The ways in which a certificate or key file can be wrong, at the start and at a reload. Each row breaks the files of the site
 * a.test, which had worked before; b.test is to go on as if nothing was.
 *   start   the site is unavailable, and it is said which file it is and what is wrong
 *   reload  it keeps what it had, all of it from memory, and says the same
 */
#include "proxy_load_support.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "proxy_bad_pem.h"
#include "support/x509_make.h"

static const char plain_yaml[] = "listen: [\"127.0.0.1:8443\"]\n"
                                 "sites:\n"
                                 "  - {names: [a.test, www.a.test], certificates: [{chain: a.pem, "
                                 "key: a.key}], backend: \"127.0.0.1:9000\"}\n"
                                 "  - {names: [b.test], certificates: [{chain: b.pem, key: "
                                 "b.key}], backend: \"127.0.0.1:9000\"}\n";
static const char password_yaml[] = "listen: [\"127.0.0.1:8443\"]\n"
                                    "sites:\n"
                                    "  - {names: [a.test, www.a.test], certificates: [{chain: "
                                    "a.pem, key: a.key, password_file: a.pw}], backend: "
                                    "\"127.0.0.1:9000\"}\n"
                                    "  - {names: [b.test], certificates: [{chain: b.pem, key: "
                                    "b.key}], backend: \"127.0.0.1:9000\"}\n";

static void put_good(void)
{
    put_cert("a.pem",
             (test_cert_options){ .names = { "a.test", "www.a.test" }, .key_slot = SLOT_A });
    put_key("a.key", SLOT_A);
    put("a.pw", "secret\n");
    put_pair("b.pem", "b.key", "b.test", SLOT_B);
}

/* ---- the ways ---- */

static void cut(const char *name, size_t keep)
{
    assert_int_equal(truncate(name, (off_t)keep), 0);
}

static void leaf(test_cert_options o)
{
    if (!o.names[0] && !o.no_names)
        o.names[0] = "a.test";
    if (!o.key_slot)
        o.key_slot = SLOT_A;
    put_cert("a.pem", o);
}

static void break_chain_missing(void)
{
    remove("a.pem");
}
static void break_chain_empty(void)
{
    put("a.pem", "");
}
static void break_chain_cut(void)
{
    cut("a.pem", 300);
}
static void break_chain_garbage(void)
{
    put("a.pem", "garbage\n");
}
static void break_chain_base64(void)
{
    put("a.pem", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n");
}
static void break_chain_der_inside(void)
{
    put("a.pem", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
}
static void break_other_key(void)
{
    put_key("a.key", SLOT_STRANGER);
}
static void break_half_swap(void)
{
    leaf((test_cert_options){ .key_slot = SLOT_A2 });
}
static void break_encrypted(void)
{
    put("a.pem", sha1_pem);
    leaf((test_cert_options){ .key_slot = SLOT_A });
    put("a.key", encrypted_key);
}
static void break_password(void)
{
    break_encrypted();
    put("a.pw", "wrong\n");
}
static void break_password_file(void)
{
    break_encrypted();
    remove("a.pw");
}
static void break_not_yet(void)
{
    leaf((test_cert_options){ .not_before = LOAD_NOW + 2 * TEST_DAY,
                              .not_after = LOAD_NOW + 20 * TEST_DAY });
}
static void break_chain_mode(void)
{
    chmod("a.pem", 0);
}
static void break_key_mode(void)
{
    chmod("a.key", 0);
}
static void break_key_writable(void)
{
    chmod("a.key", 0606);
}
static void break_chain_folder(void)
{
    remove("a.pem");
    mkdir("a.pem", 0700);
}
static void break_key_folder(void)
{
    remove("a.key");
    mkdir("a.key", 0700);
}
static void break_chain_fifo(void)
{
    remove("a.pem");
    mkfifo("a.pem", 0600);
}
static void break_key_fifo(void)
{
    remove("a.key");
    mkfifo("a.key", 0600);
}
static void break_chain_loop(void)
{
    remove("a.pem");
    assert_int_equal(symlink("a.pem", "a.pem"), 0);
}
static void break_chain_dangling(void)
{
    remove("a.pem");
    assert_int_equal(symlink("nowhere", "a.pem"), 0);
}
static void break_chain_device(void)
{
    remove("a.pem");
    assert_int_equal(symlink("/dev/zero", "a.pem"), 0);
}
static void break_chain_socket(void)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "a.pem" };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    remove("a.pem");
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    close(fd);
}
static void break_name(void)
{
    leaf((test_cert_options){ .names = { "c.test" } });
}
static void break_weak(void)
{
    put("a.pem", weak_pem);
    put("a.key", weak_key);
}
static void break_sha1(void)
{
    put("a.pem", sha1_pem);
    put("a.key", sha1_key);
}

static void put_both(const char *first, const char *second)
{
    char *all = malloc(strlen(first) + strlen(second) + 1);

    assert_non_null(all);
    strcpy(all, first);
    put("a.pem", strcat(all, second));
    free(all);
}

static void break_order(void)
{
    char *above = test_cert_pem(load_ca);
    char *below = cert_text((test_cert_options){ .names = { "a.test" }, .key_slot = SLOT_A });

    put_both(above, below);
    hf_free(above);
    hf_free(below);
}

/* Two leaves: only the key tells which is meant. */
static void break_order_of_leaves(void)
{
    char *other =
        cert_text((test_cert_options){ .names = { "a.test" }, .key_slot = SLOT_STRANGER });
    char *own = cert_text((test_cert_options){ .names = { "a.test" }, .key_slot = SLOT_A });

    put_both(other, own);
    hf_free(other);
    hf_free(own);
}
static void break_second(void)
{
    char *own = cert_text((test_cert_options){ .names = { "a.test" }, .key_slot = SLOT_A });

    put_both(own, "-----BEGIN CERTIFICATE-----\nMIIB\n");
    hf_free(own);
}
static void break_ca(void)
{
    char *pem = test_cert_pem(load_middle);

    put("a.pem", pem);
    put_key("a.key", SLOT_MIDDLE);
    hf_free(pem);
}
static void break_purpose(void)
{
    leaf((test_cert_options){ .eku = HF_EKU_CLIENT_AUTH });
}
static void break_der(void)
{
    test_cert *cert =
        test_cert_new(&(test_cert_options){ .names = { "a.test" }, .key_slot = SLOT_A }, load_ca);

    put_bytes("a.pem", cert->der, cert->len);
    test_cert_free(cert);
}
static void break_usage(void)
{
    const make_ext exts[] = { { MAKE_EXT_SAN, .value = make_san("dns:a.test") },
                              { "2.5.29.15", true, make_hex("03020520") } }; /* keyEncipherment */
    hf_span der = make_cert(&(make_cert_options){ .subject = "CN=a.test",
                                                  .issuer = "CN=Test CA",
                                                  .key = test_key(HF_KEY_P256, SLOT_A),
                                                  .issuer_key = load_ca->key,
                                                  .exts = exts,
                                                  .n_exts = 2 });
    uint8_t *pem;
    size_t len;

    assert_int_equal(hf_pem_write("CERTIFICATE", der, &pem, &len), HF_OK);
    put_bytes("a.pem", pem, len);
    hf_free(pem);
    make_free();
}
static void break_huge(void)
{
    int fd = open("a.pem", O_WRONLY);

    assert_true(fd >= 0 && ftruncate(fd, (off_t)8 << 30) == 0); /* sparse */
    close(fd);
}
static void break_many(void)
{
    char *own = cert_text((test_cert_options){ .names = { "a.test" }, .key_slot = SLOT_A });
    size_t len = strlen(own);
    char *all = malloc(11 * len + 1);

    assert_non_null(all);
    for (size_t i = 0; i < 11; i++)
        memcpy(all + i * len, own, len + 1);
    put("a.pem", all);
    free(all);
    hf_free(own);
}
static void break_request(void)
{
    put("a.pem", request_pem);
}
static void break_swapped(void)
{
    assert_int_equal(rename("a.pem", "x"), 0);
    assert_int_equal(rename("a.key", "a.pem"), 0);
    assert_int_equal(rename("x", "a.key"), 0);
}
static void break_key_missing(void)
{
    remove("a.key");
}
static void break_key_empty(void)
{
    put("a.key", "");
}
static void break_key_cut(void)
{
    cut("a.key", 100);
}
static void break_key_garbage(void)
{
    put("a.key", "garbage\n");
}
static void break_key_kind(void)
{
    put("a.key", foreign_key);
}
static void break_key_der(void)
{
    put_bytes("a.key", "\x30\x81\x87\x02\x01\x00", 6);
}

static const struct way {
    const char *name;
    void (*break_it)(void);
    const char *file, *words;
    bool password, denied; /* denied: root can read it all the same */
} ways[] = {
    { "the chain is missing", break_chain_missing, "a.pem", "there is no such file", false, false },
    { "the chain is empty", break_chain_empty, "a.pem", "it is empty", false, false },
    { "the chain is cut off", break_chain_cut, "a.pem", "not whole", false, false },
    { "the chain is garbage", break_chain_garbage, "a.pem", "holds no certificate", false, false },
    { "its base64 is garbage", break_chain_base64, "a.pem", "damaged", false, false },
    { "its DER is garbage", break_chain_der_inside, "a.pem", "certificate 1", false, false },
    { "the key is another's", break_other_key, "a.key", "not that of the certificate in a.pem",
      false, false },
    { "half of a swap", break_half_swap, "a.key", "not that of the certificate in a.pem", false,
      false },
    { "the key is encrypted", break_encrypted, "a.key", "is encrypted", false, false },
    { "the password is wrong", break_password, "a.key", "password in a.pw", true, false },
    { "the password's file is missing", break_password_file, "a.pw", "no such file", true, false },
    { "not yet valid", break_not_yet, "a.pem", "not valid before", false, false },
    { "the chain may not be read", break_chain_mode, "a.pem", "may not read", false, true },
    { "the key may not be read", break_key_mode, "a.key", "may not read", false, true },
    { "everybody may write to the key", break_key_writable, "a.key", "may write", false, false },
    { "the chain is a folder", break_chain_folder, "a.pem", "a folder", false, false },
    { "the key is a folder", break_key_folder, "a.key", "a folder", false, false },
    { "the chain is a FIFO", break_chain_fifo, "a.pem", "a FIFO", false, false },
    { "the key is a FIFO", break_key_fifo, "a.key", "a FIFO", false, false },
    { "the chain links to itself", break_chain_loop, "a.pem", "circle", false, false },
    { "the chain links to nothing", break_chain_dangling, "a.pem", "no such file", false, false },
    { "the chain is an endless device", break_chain_device, "a.pem", "a device", false, false },
    { "the chain is a socket", break_chain_socket, "a.pem", "not a file", false, false },
    { "none of the site's names", break_name, "a.pem", "c.test", false, false },
    { "RSA of 1024 bits", break_weak, "a.pem", "1024 bits", false, false },
    { "signed with SHA-1", break_sha1, "a.pem", "SHA-1", false, false },
    { "a CA comes first", break_order, "a.pem", "out of order", false, false },
    { "another leaf comes first", break_order_of_leaves, "a.pem", "out of order", false, false },
    { "the second certificate is damaged", break_second, "a.pem", "certificate 2", false, false },
    { "a CA's certificate", break_ca, "a.pem", "of a CA", false, false },
    { "for clients only", break_purpose, "a.pem", "serverAuth is needed", false, false },
    { "DER", break_der, "a.pem", "it is DER", false, false },
    { "a keyUsage that cannot sign", break_usage, "a.pem", "digitalSignature", false, false },
    { "8 GiB", break_huge, "a.pem", "8589934592 bytes", false, false },
    { "eleven certificates", break_many, "a.pem", "more than 10", false, false },
    { "a certificate request", break_request, "a.pem", "certificate request", false, false },
    { "chain and key are swapped", break_swapped, "a.pem", "a private key and no certificate",
      false, false },
    { "the key is missing", break_key_missing, "a.key", "no such file", false, false },
    { "the key is empty", break_key_empty, "a.key", "it is empty", false, false },
    { "the key is cut off", break_key_cut, "a.key", "not whole", false, false },
    { "the key is garbage", break_key_garbage, "a.key", "holds no private key", false, false },
    { "the key is of a foreign kind", break_key_kind, "a.key", "not supported", false, false },
    { "the key is DER", break_key_der, "a.key", "it is DER", false, false },
};

static bool applies(const struct way *w)
{
    return !w->denied || geteuid() != 0;
}

static void restore(void)
{
    rmdir("a.pem");
    rmdir("a.key");
    put_good();
}

static void assert_told(const hf_loaded *loaded, const struct way *w)
{
    if (strncmp(loaded->sites[0].why, w->file, strlen(w->file)) != 0)
        fail_msg("%s: \"%s\" does not begin with %s", w->name, loaded->sites[0].why, w->file);
    assert_why(loaded, 0, w->words);
    assert_health(loaded, 1, HF_HEALTH_GOOD);
    assert_true(plan_has_key(loaded, 1, 0, SLOT_B));
}

static void test_at_the_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (!applies(&ways[i]))
            continue;
        restore();
        ways[i].break_it();
        hf_loaded *loaded = load_with(ways[i].password ? password_yaml : plain_yaml, NULL);
        assert_health(loaded, 0, HF_HEALTH_UNAVAILABLE);
        assert_told(loaded, &ways[i]);
        assert_false(has_part(loaded, HF_PART_CHAIN, 0, 0));
        assert_false(has_part(loaded, HF_PART_KEY, 0, 0));
        assert_true(has_part(loaded, HF_PART_SPARE_CHAIN, 0, 0));
        assert_true(has_part(loaded, HF_PART_SPARE_KEY, 0, 0));
        assert_string_equal(hf_plan_text(&loaded->plan, HF_PART_UNAVAILABLE, 0, 0),
                            loaded->sites[0].why);
        assert_false(has_part(loaded, HF_PART_SPARE_CHAIN, 1, 0));
        hf_loaded_free(loaded);
    }
    restore();
}

static void test_at_a_reload(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const char *yaml = ways[i].password ? password_yaml : plain_yaml;
        if (!applies(&ways[i]))
            continue;
        restore();
        hf_loaded *before = load_with(yaml, NULL);
        assert_health(before, 0, HF_HEALTH_GOOD);
        ways[i].break_it();
        hf_loaded *after = load_with(yaml, before);
        assert_health(after, 0, HF_HEALTH_KEPT);
        assert_told(after, &ways[i]);
        assert_true(plan_has_key(after, 0, 0, SLOT_A));
        assert_true(hf_span_equal(hf_plan_find(&before->plan, HF_PART_CHAIN, 0, 0),
                                  hf_plan_find(&after->plan, HF_PART_CHAIN, 0, 0)));
        assert_null(hf_plan_text(&after->plan, HF_PART_UNAVAILABLE, 0, 0));
        hf_loaded_free(
            before); /* nothing of it is needed any more: a second reload keeps them as well */
        hf_loaded *third = load_with(yaml, after);
        assert_health(third, 0, HF_HEALTH_KEPT);
        assert_true(plan_has_key(third, 0, 0, SLOT_A));
        hf_loaded_free(after);
        restore();
        hf_loaded *last = load_with(yaml, third);
        assert_health(last, 0, HF_HEALTH_GOOD);
        assert_string_equal(last->sites[0].why, "");
        hf_loaded_free(third);
        hf_loaded_free(last);
    }
}

/* ---- whatever is there, a load ends and holds nothing ---- */

static size_t count_descriptors(void)
{
    size_t n = 0;

    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void test_a_thousand_loads(void **state)
{
    size_t descriptors = count_descriptors();
    hf_loaded *now;

    (void)state;
    restore();
    now = load_with(plain_yaml, NULL);
    for (size_t i = 0; i < 1000; i++) {
        if (i % 3 == 1)
            ways[i % (sizeof ways / sizeof *ways)].break_it();
        hf_config_fault fault;
        hf_loaded *next = hf_load_again(now, NULL, 0, &fault);
        assert_non_null(next);
        assert_int_equal(next->plan.number, i + 2);
        assert_health(next, 1, HF_HEALTH_GOOD);
        assert_true(next->sites[0].health == HF_HEALTH_GOOD ||
                    next->sites[0].health == HF_HEALTH_KEPT);
        hf_loaded_free(now);
        now = next;
        if (i % 3 == 1)
            restore();
    }
    hf_loaded_free(now);
    assert_int_equal(count_descriptors(), descriptors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_the_start),
        cmocka_unit_test(test_at_a_reload),
        cmocka_unit_test(test_a_thousand_loads),
    };

    return cmocka_run_group_tests(tests, load_enter, load_leave);
}
