/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What watches the hostile tests can fail: a leak is seen, a secret that stays, and which way the bytes go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile_memory.h"
#include "support/hostile_sockets.h"

static void test_a_block_that_stays_is_counted(void **state)
{
    size_t before = hostile_blocks();

    (void)state;
    void *block = hf_alloc(100);
    uint8_t *copy = hf_copy(hf_span_str("bytes"));
    assert_int_equal(hostile_blocks(), before + 2);
    hf_free(block);
    hf_free_secret(copy, 5);
    assert_int_equal(hostile_blocks(), before);
}

/* A connection of that version, whose secrets are noted; and its first writing secret. */
static const uint8_t *connect_and_note(hostile *h, uint16_t version)
{
    const hf_secrets *s;

    hostile_speak(version, false);
    hostile_forget_secrets();
    hostile_on_keys(hostile_note_secrets);
    hostile_start(h, HF_SERVER, NULL);
    hostile_connected(h);
    s = &hostile_conn(h)->engine.secrets;
    return version == HF_TLS12 ? s->master_secret : s->traffic[HF_SERVER];
}

static void a_secret_that_stays_is_found(uint16_t version)
{
    hostile h;
    const uint8_t *secret = connect_and_note(&h, version);

    hf_free_secret(hf_copy(hf_span_of(secret, 32)), 32);
    assert_int_equal(hostile_secrets_found(), 0); /* it was wiped */
    uint8_t *copy = hf_copy(hf_span_of(secret, 32));
    hf_free(copy);
    assert_int_equal(hostile_secrets_found(), 1);
    hostile_search_blocks();
    unsigned in_use = hostile_secrets_found();
    assert_true(in_use >= 1 + 2); /* both ends need theirs still … */
    hostile_free(&h);
    assert_int_equal(hostile_secrets_found(), in_use); /* … and have forgotten them */
    hostile_forget_secrets();
}

static void test_a_secret_that_stays_is_found(void **state)
{
    (void)state;
    a_secret_that_stays_is_found(HF_TLS12);
    a_secret_that_stays_is_found(HF_TLS13);
}

static void test_a_victim_is_really_behind_a_socket(void **state)
{
    size_t before = hostile_blocks(), received, said, read_before;
    hostile h;

    (void)state;
    hostile_carry_by(&hostile_sockets);
    connect_and_note(&h, HF_TLS13);
    hostile_socket_bytes(&h, &read_before, &said);
    assert_true(read_before > 0 && said > 0);
    hostile_assert_works(&h);
    hostile_socket_bytes(&h, &received, &said);
    assert_int_equal(received - read_before, 5 + sizeof "question" + 1 + 16); /* one record */
    hostile_eof(&h);
    assert_int_equal(hostile_failure(&h)->code, HF_E_TRUNCATED_STREAM);
    hostile_free(&h);
    hostile_carry_by(NULL);
    assert_int_equal(hostile_blocks(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_block_that_stays_is_counted),
        cmocka_unit_test(test_a_secret_that_stays_is_found),
        cmocka_unit_test(test_a_victim_is_really_behind_a_socket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
