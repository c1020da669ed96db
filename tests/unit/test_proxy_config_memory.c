/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A configuration when memory runs out, at each allocation of ours in turn: refused with a place and words, and nothing is left over. */
#include "memory_support.h"

#include <stdio.h>

#include "tool/proxy/config.h"

/* Long enough to need several blocks. */
static char *long_file(void)
{
    char *text = malloc(200000), *at;

    assert_non_null(text);
    at = text + sprintf(text, "listen: [\"127.0.0.1:8443\"]\nsites:\n");
    for (unsigned i = 0; i < 500; i++)
        at += sprintf(at,
                      "- {names: [a%u.test], certificates: [{chain: c, key: k}], backend: "
                      "[\"h:1\", \"unix:/s\"]}\n",
                      i);
    return text;
}

static void test_every_allocation(void **state)
{
    char *text = long_file();
    bool good = false;
    size_t n = 0;

    (void)state;
    for (; !good && n < 1000; n++) {
        hf_proxy_config *config;
        hf_config_fault fault;
        calls = 0;
        fail_at = n;
        good = hf_proxy_config_read(hf_span_str(text), "p.yaml", &config, &fault);
        fail_at = SIZE_MAX;
        if (!good) {
            assert_null(config);
            assert_true(fault.at.line > 0 && fault.at.column > 0);
            assert_true(strstr(fault.what, "memory") && fault.next[0]);
        }
        hf_proxy_config_free(config);
        assert_int_equal(live, 0);
    }
    assert_true(good && n >= 4);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_allocation) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
