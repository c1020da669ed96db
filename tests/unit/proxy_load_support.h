/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A folder with a configuration, certificates and keys, and what a load makes of it. Include it first. */
#ifndef TESTS_UNIT_PROXY_LOAD_SUPPORT_H
#define TESTS_UNIT_PROXY_LOAD_SUPPORT_H

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
#include "support/testpki.h"
#include "tool/proxy/load.h"
#include "tool/proxy/load_test.h"

/* Within the validity of everything that is made. */
#define LOAD_NOW (TEST_NOW + 5 * TEST_DAY)

enum { SLOT_CA, SLOT_A, SLOT_B, SLOT_A2, SLOT_STRANGER, SLOT_MIDDLE };

static char load_folder[] = "/tmp/handfast-load-XXXXXX";
static int64_t load_clock = LOAD_NOW;
static test_cert *load_ca, *load_middle;

static inline int64_t clock_of_test(void)
{
    return load_clock;
}

/* ---- files ---- */

static inline void put_bytes(const char *name, const void *data, size_t len)
{
    remove(name);
    assert_int_equal(hf_os_write_file(name, hf_span_of(data, len), 0600, true), HF_OK);
}

static inline void put(const char *name, const char *text)
{
    put_bytes(name, text, strlen(text));
}

static inline void put_key(const char *name, unsigned slot)
{
    uint8_t *pem;
    size_t len;

    assert_int_equal(hf_private_key_to_pem(test_key(HF_KEY_P256, slot), &pem, &len), HF_OK);
    put_bytes(name, pem, len);
    hf_free_secret(pem, len);
}

/* The options' issuer is the CA. */
static inline char *cert_text(test_cert_options o)
{
    test_cert *cert = test_cert_new(&o, load_ca);
    char *pem = test_cert_pem(cert);

    test_cert_free(cert);
    return pem;
}

static inline void put_cert(const char *name, test_cert_options o)
{
    char *pem = cert_text(o);

    put(name, pem);
    hf_free(pem);
}

static inline void put_pair(const char *chain, const char *key, const char *host, unsigned slot)
{
    put_cert(chain, (test_cert_options){ .names = { host }, .key_slot = slot });
    put_key(key, slot);
}

/* ---- loads ---- */

static inline hf_loaded *load_with(const char *yaml, const hf_loaded *before)
{
    hf_config_fault fault;

    put("proxy.yaml", yaml);
    hf_loaded *loaded = hf_load("proxy.yaml", before, NULL, 0, &fault);
    if (!loaded)
        fail_msg("%u:%u %s %s", fault.at.line, fault.at.column, fault.what, fault.why);
    return loaded;
}

static inline bool has_warning(const hf_loaded *loaded, const char *words)
{
    for (size_t i = 0; i < loaded->n_warnings; i++)
        if (strstr(loaded->warnings[i], words))
            return true;
    return false;
}

static inline void assert_warning(const hf_loaded *loaded, const char *words)
{
    if (has_warning(loaded, words))
        return;
    for (size_t i = 0; i < loaded->n_warnings; i++)
        print_error("warning: %s\n", loaded->warnings[i]);
    fail_msg("no warning says \"%s\"", words);
}

static inline void assert_health(const hf_loaded *loaded, size_t site, hf_health health)
{
    if (loaded->sites[site].health != health)
        fail_msg("site %zu has health %d, not %d: %s", site, loaded->sites[site].health, health,
                 loaded->sites[site].why);
}

static inline void assert_why(const hf_loaded *loaded, size_t site, const char *words)
{
    if (!strstr(loaded->sites[site].why, words))
        fail_msg("\"%s\" does not say \"%s\"", loaded->sites[site].why, words);
    assert_true(loaded->sites[site].todo[0] != '\0');
}

static inline bool has_part(const hf_loaded *loaded, hf_part_kind kind, size_t site, size_t item)
{
    return hf_plan_find(&loaded->plan, kind, site, item).len > 0;
}

/* Is it that key, as a plan has it? */
static inline bool plan_has_key(const hf_loaded *loaded, size_t site, size_t item, unsigned slot)
{
    hf_span there = hf_plan_find(&loaded->plan, HF_PART_KEY, site, item);
    uint8_t *pem;
    size_t len;

    assert_int_equal(hf_private_key_to_pem(test_key(HF_KEY_P256, slot), &pem, &len), HF_OK);
    bool same = hf_span_equal(there, hf_span_of(pem, len));
    hf_free_secret(pem, len);
    return same;
}

/* ---- around the tests ---- */

static inline int load_enter(void **state)
{
    (void)state;
    hf_load_world.now = clock_of_test;
    load_ca = test_cert_new(
        &(test_cert_options){ .common_name = "Test CA", .ca = true, .key_slot = SLOT_CA }, NULL);
    load_middle = test_cert_new(&(test_cert_options){ .common_name = "Test Intermediate",
                                                      .ca = true,
                                                      .key_slot = SLOT_MIDDLE },
                                load_ca);
    return mkdtemp(load_folder) && chdir(load_folder) == 0 ? 0 : -1;
}

static inline int load_leave(void **state)
{
    char command[64];

    (void)state;
    test_cert_free(load_ca);
    test_cert_free(load_middle);
    snprintf(command, sizeof command, "rm -rf %s", load_folder);
    return chdir("/") == 0 ? system(command) : -1;
}

#endif
