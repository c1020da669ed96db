/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The system's own store: every certificate parses, comes in as an anchor, and says what it is. */
#include "x509_support.h"

#include <handfast/cert.h>
#include <handfast/config.h>

#define STORE "/etc/ssl/certs/ca-certificates.crt"

enum { STORE_MAX = 4 << 20, ROOTS_MIN = 50 };

static uint8_t text[STORE_MAX];

static hf_span read_store(void)
{
    FILE *file = fopen(STORE, "rb");

    if (!file) {
        print_message("skip: %s is not there\n", STORE);
        skip();
    }
    hf_span pem = hf_span_of(text, fread(text, 1, sizeof text, file));
    fclose(file);
    assert_true(pem.len < sizeof text);
    return pem;
}

static void check(hf_span der, size_t number)
{
    uint8_t *copy = tight(der);
    hf_cert_summary summary;
    hf_fault fault;
    hf_cert cert;

    if (hf_cert_parse(&cert, hf_span_of(copy, der.len), &fault) != HF_OK)
        fail_msg("certificate %zu: %s, byte %zu: %s", number, fault.path, fault.offset, fault.rule);
    assert_true(cert.is_ca && !cert.unknown_critical);
    assert_error(hf_cert_summarize(der, &summary), HF_OK);
    free(copy);
}

static void test_every_root_parses(void **state)
{
    hf_span pem = read_store();
    hf_trust *trust = hf_trust_new();
    uint8_t *der = NULL;
    size_t len = 0, n = 0, added = 0;

    (void)state;
    assert_non_null(trust);
    assert_error(hf_trust_add_pem(trust, pem, &added), HF_OK);
    for (; hf_pem_next(&pem, "CERTIFICATE", &der, &len) == HF_OK; n++) {
        check(hf_span_of(der, len), n);
        hf_free(der);
    }
    assert_int_equal(pem.len, 0);
    assert_int_equal(added, n);
    assert_int_equal(hf_trust_count(trust), n);
    assert_true(n >= ROOTS_MIN);
    hf_trust_free(trust);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_root_parses) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
