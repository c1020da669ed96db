/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Writing a block: in the order in which it was read, or in the table's when it is new. */
#include "unit/wire_samples.h"

static hf_span write_block(unsigned message, const hf_extensions *ext)
{
    static uint8_t out[BYTES_MAX];
    hf_builder b = hf_wr_start(out, sizeof out);
    hf_span back;

    hf_extensions_write(&b, message, ext);
    assert_int_equal(hf_wr_finish(&b, &back), HF_OK);
    return back;
}

/* All extensions of a message in the table's order, then in reverse with unknown ones between: both
   come back byte for byte. Not so where bytes are dropped on reading: other name types in
   server_name, padding that is not zero. */
static void test_order_is_kept(void **state)
{
    static bytes block;
    hf_extensions ext;
    hf_fault fault;

    (void)state;
    for (size_t m = 0; m < COUNT(each_message); m++)
        for (int reverse = 0; reverse < 2; reverse++) {
            const sample *s, *last = NULL;
            block.len = 0;
            if (each_message[m] == IN_CH)
                last = sample_of(HF_EXT_pre_shared_key, IN_CH);
            for (int i = 0; i < HF_EXT_COUNT; i++) {
                s = sample_of((hf_ext)(reverse ? HF_EXT_COUNT - 1 - i : i), each_message[m]);
                if (reverse && i % 3 == 0)
                    add_extension(&block, (uint16_t)(0x8000 + i), hf_span_str("abc"));
                if (s && s != last)
                    add_sample(&block, s);
            }
            add_extension(&block, 0x5a5a, hf_span_str(""));
            if (last)
                add_sample(&block, last);
            assert_int_equal(read_block(each_message[m], span_of(&block), &ext, &fault, NULL),
                             HF_OK);
            hf_span back = write_block(each_message[m], &ext);
            assert_int_equal(back.len, 2 + block.len);
            assert_memory_equal(back.data + 2, block.data, block.len);
        }
}

/* Without `raw` the order is the table's, and nothing unknown is written. */
static void test_fresh_block_has_the_table_s_order(void **state)
{
    static bytes in_order, reversed;
    hf_extensions ext;
    hf_fault fault;

    (void)state;
    for (size_t m = 0; m < COUNT(each_message); m++) {
        unsigned message = each_message[m];
        in_order.len = reversed.len = 0;
        add_extension(&reversed, 0xfffe, hf_span_str("unknown"));
        for (int i = 0; i < HF_EXT_COUNT; i++) {
            int back = (2 * HF_EXT_COUNT - 2 - i) % HF_EXT_COUNT; /* the last row stays last */
            if (sample_of((hf_ext)i, message))
                add_sample(&in_order, sample_of((hf_ext)i, message));
            if (sample_of((hf_ext)back, message))
                add_sample(&reversed, sample_of((hf_ext)back, message));
        }
        assert_int_equal(read_block(message, span_of(&reversed), &ext, &fault, NULL), HF_OK);
        ext.raw = hf_span_of(NULL, 0);
        hf_span back = write_block(message, &ext);
        assert_int_equal(back.len, 2 + in_order.len);
        assert_memory_equal(back.data + 2, in_order.data, in_order.len);
    }
}

static void assert_written(unsigned message, const hf_extensions *ext, const char *hex)
{
    static bytes expected;
    hf_span back = write_block(message, ext);

    expected.len = 0;
    add_hex(&expected, hex);
    assert_int_equal(back.len, expected.len);
    assert_memory_equal(back.data, expected.data, expected.len);
}

/* What is added after reading goes behind what was read, but before pre_shared_key; what was taken
   out stays away. */
static void test_change_after_reading(void **state)
{
    static bytes block;
    hf_extensions ext;
    hf_fault fault;

    (void)state;
    block.len = 0;
    add_hex(&block, "002d 0002 01 01  002a 0000  fffe 0001 aa  000a 0004 0002 001d");
    assert_int_equal(read_block(IN_CH, span_of(&block), &ext, &fault, NULL), HF_OK);
    ext.present &= ~HF_EXT_BIT(early_data);
    ext.present |= HF_EXT_BIT(cookie) | HF_EXT_BIT(pre_shared_key);
    ext.cookie = hf_span_str("\x01\x02");
    ext.psk_identities = hf_span_of("\x00\x01\x61\x00\x00\x00\x01", 7);
    ext.psk_binders = hf_span_str("\x01");
    assert_written(IN_CH, &ext,
                   "002b 002d 0002 01 01  fffe 0001 aa  000a 0004 0002 001d  002c 0004 0002 0102"
                   "0029 000c 0007 00016100000001 0001 01");
}

static void test_grease_first_and_last(void **state)
{
    hf_extensions ext = { .grease_first = 0x3a3a, .grease_last = 0xbaba };

    (void)state;
    assert_written(IN_CH, &ext, "0009 3a3a 0000 baba 0001 00");
    ext.present = HF_EXT_BIT(pre_shared_key) | HF_EXT_BIT(post_handshake_auth);
    ext.psk_identities = ext.psk_binders = hf_span_str("x");
    assert_written(IN_CH, &ext, "0017 3a3a 0000 0031 0000 baba 0001 00 0029 0006 000178 000178");
}

/* A fresh status_request asks for OCSP with two empty lists. */
static void test_fresh_status_request(void **state)
{
    hf_extensions ext = { .present = HF_EXT_BIT(status_request), .status_type = 1 };

    (void)state;
    assert_written(IN_CH, &ext, "0009 0005 0005 01 0000 0000");
    assert_written(IN_CR, &ext, "0004 0005 0000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_is_kept),
        cmocka_unit_test(test_fresh_block_has_the_table_s_order),
        cmocka_unit_test(test_change_after_reading),
        cmocka_unit_test(test_grease_first_and_last),
        cmocka_unit_test(test_fresh_status_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
