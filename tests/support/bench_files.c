/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates as files: one folder for the process, a file each. */
#include "support/bench_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/testpki.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

bench_files bench_ecdsa, bench_rsa, bench_other;
static char folder[] = "/tmp/handfast-bench-peers-XXXXXX";

static void save(char path[BENCH_PATH_ROOM], const char *set, const char *name, const char *first,
                 const char *second)
{
    FILE *f;

    snprintf(path, BENCH_PATH_ROOM, "%s/%s-%s.pem", folder, set, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(first, f);
    fputs(second, f);
    assert_int_equal(fclose(f), 0);
}

static void save_key(char path[BENCH_PATH_ROOM], const char *set, const char *name,
                     hf_key_type type, unsigned slot)
{
    uint8_t *pem = NULL;
    size_t len;

    assert_int_equal(hf_private_key_to_pem(test_key(type, slot), &pem, &len), HF_OK);
    save(path, set, name, (const char *)pem, "");
    hf_free_secret(pem, len);
}

/* The certificate alone, or with its issuer's behind it. */
static void save_cert(char path[BENCH_PATH_ROOM], const char *set, const char *name,
                      const test_cert *cert, const test_cert *issuer)
{
    char *first = test_cert_pem(cert), *second = issuer ? test_cert_pem(issuer) : NULL;

    save(path, set, name, first, second ? second : "");
    hf_free(first);
    hf_free(second);
}

enum { ROOT, INTERMEDIATE, LEAF, CLIENT, EXPIRED, CERTS };

static void issue(test_cert *certs[CERTS], hf_key_type type, unsigned slot)
{
    static const int issuers[] = { -1, ROOT, INTERMEDIATE, INTERMEDIATE, INTERMEDIATE };
    int64_t now = (int64_t)time(NULL);
    test_cert_options o[CERTS] = {
        { .common_name = "Root", .ca = true },
        { .common_name = "Intermediate", .ca = true },
        { .common_name = "localhost" },
        { .common_name = "client", .eku = HF_EKU_CLIENT_AUTH, .no_names = true },
        { .common_name = "localhost" },
    };

    for (unsigned i = 0; i < CERTS; i++) {
        o[i].key_type = type;
        o[i].key_slot = slot + (i == EXPIRED ? LEAF : i);
        o[i].not_before = now - 2 * TEST_DAY;
        o[i].not_after = i == EXPIRED ? now - TEST_DAY : now + 30 * TEST_DAY;
        certs[i] = test_cert_new(&o[i], issuers[i] < 0 ? NULL : certs[issuers[i]]);
    }
}

static void make(bench_files *f, const char *set, hf_key_type type, unsigned slot)
{
    test_cert *certs[CERTS];

    issue(certs, type, slot);
    save_cert(f->root, set, "root", certs[ROOT], NULL);
    save_cert(f->chain, set, "chain", certs[LEAF], certs[INTERMEDIATE]);
    save_cert(f->client_chain, set, "client", certs[CLIENT], certs[INTERMEDIATE]);
    save_cert(f->expired, set, "expired", certs[EXPIRED], certs[INTERMEDIATE]);
    save_key(f->key, set, "key", type, slot + LEAF);
    save_key(f->client_key, set, "client-key", type, slot + CLIENT);
    for (unsigned i = 0; i < CERTS; i++)
        test_cert_free(certs[i]);
}

int bench_files_make(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    make(&bench_ecdsa, "ecdsa", HF_KEY_P256, 0);
    make(&bench_rsa, "rsa", HF_KEY_RSA, 0);
    make(&bench_other, "other", HF_KEY_P256, CERTS);
    return 0;
}

int bench_files_remove(void **state)
{
    const bench_files *all[] = { &bench_ecdsa, &bench_rsa, &bench_other };

    (void)state;
    for (size_t i = 0; i < COUNT(all); i++) {
        const char *paths[] = { all[i]->root,    all[i]->chain,        all[i]->key,
                                all[i]->expired, all[i]->client_chain, all[i]->client_key };

        for (size_t k = 0; k < COUNT(paths); k++)
            unlink(paths[k]);
    }
    return rmdir(folder);
}
