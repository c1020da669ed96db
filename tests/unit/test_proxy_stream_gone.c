/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The proxy's streams behind their end: whatever an owner still asks of one, its last bytes keep their limit, and nothing of it stays. */
#include "unit/proxy_stream_support.h"

enum { SOME = 100 * 1000 };

static void test_an_owner_sets_no_deadline_once_it_ends(void **state)
{
    owner o;
    peer p;
    uint8_t *bytes = pattern(SOME);

    (void)state;
    meet(&o, &p);
    p.deaf = true;
    send_bytes(&o, bytes, SOME);
    hf_stream_finish(&o.stream);
    turn();
    hf_stream_limit(&o.stream, HF_LIMIT_IDLE, 1);
    assert_int_equal(o.stream.deadline.kind, HF_LIMIT_FLUSH);
    hf_stream_unlimit(&o.stream);
    assert_non_null(o.stream.deadline.after);
    hf_stream_close(&o.stream);
    hf_stream_limit(&o.stream, HF_LIMIT_IDLE, 1);
    assert_null(o.stream.deadline.after);
    UNTIL(&p, o.is_gone);
    assert_null(o.stream.deadline.after);
    free(bytes);
    part(&o, &p);
}

/* Whoever sets a deadline of what is closed: no queue holds it once its memory is its owner's again. */
static void test_what_is_gone_is_in_no_queue(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet(&o, &p);
    hf_stream_close(&o.stream);
    hf_deadline_set(&house.deadlines, &o.stream.deadline, HF_LIMIT_IDLE, 1000);
    UNTIL(&p, o.is_gone);
    assert_null(o.stream.deadline.after);
    part(&o, &p);
}

/* The peer's reset is noticed while more is sent: nothing is kept for a socket that is closed. */
static void test_a_socket_that_breaks_while_it_is_sent_to_keeps_nothing(void **state)
{
    owner o;
    peer p;
    uint8_t *bytes = pattern(SOME);

    (void)state;
    meet(&o, &p);
    shutdown(p.fd, SHUT_WR);
    UNTIL(&p, o.stream.eof);
    close(p.fd);
    p.fd = -1;
    p.deaf = true;
    assert_true(send_bytes(&o, bytes, SOME));
    assert_null(o.stream.waiting);
    UNTIL(&p, o.is_gone);
    assert_null(o.stream.waiting);
    free(bytes);
    part(&o, &p);
}

/* Asked for in any order and as often as one likes: told once, and in no list. */
static void test_what_is_gone_takes_no_wish(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet(&o, &p);
    hf_stream_close(&o.stream);
    assert_true(send_bytes(&o, "lost", 4));
    hf_stream_pause(&o.stream);
    hf_stream_resume(&o.stream);
    hf_stream_ask(&o.stream);
    hf_stream_hear(&o.stream);
    hf_stream_end(&o.stream);
    hf_stream_finish(&o.stream);
    hf_stream_read(&o.stream);
    assert_null(o.stream.waiting);
    assert_false(o.stream.is_dirty);
    UNTIL(&p, o.is_gone);
    turn();
    assert_string_equal(o.told, "x");
    part(&o, &p);
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, house_begin, house_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(test_an_owner_sets_no_deadline_once_it_ends),
        RULE(test_what_is_gone_is_in_no_queue),
        RULE(test_a_socket_that_breaks_while_it_is_sent_to_keeps_nothing),
        RULE(test_what_is_gone_takes_no_wish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
