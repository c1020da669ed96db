/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Trees when there is no memory: each allocation fails once, and nothing is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/memory_support.h"
#include "explain/tree.h"

enum { NAMES = 300 };

/* Of a size that the nodes' array grows several times for. */
static hf_span hello(void)
{
    static uint8_t out[4096];
    hf_builder b = hf_wr_start(out, sizeof out);
    hf_span message;

    hf_message_open(&b, HF_MSG_ClientHello);
    hf_wr_u16(&b, HF_TLS12);
    hf_wr_space(&b, HF_RANDOM);
    hf_wr_u8(&b, 0);
    hf_wr_u16(&b, 2);
    hf_wr_u16(&b, 0x1301);
    hf_wr_u16(&b, 0x0100);
    hf_wr_open16(&b);
    hf_wr_u16(&b, 16);
    hf_wr_open16(&b);
    hf_wr_open16(&b);
    for (size_t i = 0; i < NAMES; i++)
        hf_wr_vec8(&b, hf_span_str("h2"));
    hf_wr_close(&b);
    hf_wr_close(&b);
    hf_wr_close(&b);
    hf_message_close(&b);
    assert_int_equal(hf_wr_finish(&b, &message), HF_OK);
    return message;
}

static void test_every_allocation(void **state)
{
    hf_wire w = { .version = 0 };
    hf_error e = HF_E_NO_MEMORY;
    size_t n = 0;

    (void)state;
    for (; e == HF_E_NO_MEMORY; n++) {
        hf_tree tree;
        calls = 0;
        fail_at = n;
        e = hf_tree_of_message(&tree, HF_MSG_ClientHello, &w, hello());
        fail_at = SIZE_MAX;
        assert_true(e == HF_OK || tree.n == 0);
        hf_tree_free(&tree);
        assert_int_equal(live, 0);
    }
    assert_int_equal(e, HF_OK);
    assert_true(n >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_allocation) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
