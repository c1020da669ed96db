/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The talk between the parent and a worker: messages arrive whole and in order whatever their size and however the pieces fall; what is
 * longer than allowed, and an end that goes away, ends it once; a channel may be freed within any call.
 */
#include "unit/proxy_support.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tool/proxy/channel.h"

enum { BIG = 3 << 20, MAX = 4 << 20 };

typedef struct side {
    hf_channel *channel;
    unsigned messages, ended;
    hf_message kinds[64];
    size_t lens[64];
    bool damaged, free_at_message;
} side;

typedef struct pair {
    uv_loop_t loop;
    side left, right;
    int raw; /* in place of the left side */
} pair;

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * 31 + i / 251);
}

static void came(hf_channel *channel, hf_message kind, hf_span bytes)
{
    side *s = hf_channel_user(channel);

    assert_true(s->messages < 64);
    s->kinds[s->messages] = kind;
    s->lens[s->messages++] = bytes.len;
    for (size_t i = 0; i < bytes.len; i++)
        s->damaged = s->damaged || bytes.data[i] != byte_at(i);
    if (s->free_at_message) {
        hf_channel_free(channel);
        s->channel = NULL;
    }
}

static void ended(hf_channel *channel)
{
    side *s = hf_channel_user(channel);

    s->ended++;
    hf_channel_free(channel);
    s->channel = NULL;
}

static const hf_channel_ops ops = { came, ended };

static void open_right(pair *p, int ends[2])
{
    memset(p, 0, sizeof *p);
    assert_int_equal(uv_loop_init(&p->loop), 0);
    assert_true(hf_channel_pair(ends));
    p->right.channel = hf_channel_new(&p->loop, ends[1], MAX, &ops, &p->right);
    assert_non_null(p->right.channel);
}

static void open_pair(pair *p)
{
    int ends[2];

    open_right(p, ends);
    p->left.channel = hf_channel_new(&p->loop, ends[0], MAX, &ops, &p->left);
    assert_non_null(p->left.channel);
    p->raw = -1;
}

static void open_raw(pair *p)
{
    int ends[2];

    open_right(p, ends);
    p->raw = ends[0];
}

static void close_pair(pair *p)
{
    hf_channel_free(p->left.channel);
    hf_channel_free(p->right.channel);
    if (p->raw >= 0)
        close(p->raw);
    uv_run(&p->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&p->loop), 0);
}

/* Until as many messages came, or the talk ended: nothing here waits for time to pass. */
static void run_until(pair *p, const side *s, unsigned messages)
{
    while (s->messages < messages && !s->ended)
        uv_run(&p->loop, UV_RUN_ONCE);
}

static uint8_t *body(size_t len)
{
    uint8_t *bytes = hf_alloc(len + 1);

    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = byte_at(i);
    return bytes;
}

/* ---- good talk ---- */

static void messages_arrive_whole_and_in_order(void **state)
{
    static const size_t lens[] = { 0, 1, 7, 8, 9, 65536, BIG, 0, 3 };
    enum { N = sizeof lens / sizeof lens[0] };
    uint8_t *bytes = body(BIG);
    pair p;

    (void)state;
    open_pair(&p);
    for (size_t i = 0; i < N; i++)
        assert_true(hf_channel_say(p.left.channel, (hf_message)(HF_MESSAGE_PLAN + i % 4),
                                   hf_span_of(bytes, lens[i])));
    run_until(&p, &p.right, N);
    assert_int_equal(p.right.messages, N);
    assert_false(p.right.damaged);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(p.right.kinds[i], HF_MESSAGE_PLAN + i % 4);
        assert_int_equal(p.right.lens[i], lens[i]);
    }
    hf_free(bytes);
    close_pair(&p);
}

static void a_message_may_come_byte_by_byte(void **state)
{
    const uint32_t head[2] = { HF_MESSAGE_GO, 5 };
    uint8_t frame[13];
    pair p;

    (void)state;
    memcpy(frame, head, 8);
    for (size_t i = 0; i < 5; i++)
        frame[8 + i] = byte_at(i);
    open_raw(&p);
    for (size_t i = 0; i < sizeof frame; i++) {
        assert_int_equal(p.right.messages, 0);
        assert_int_equal(write(p.raw, frame + i, 1), 1);
        uv_run(&p.loop, UV_RUN_NOWAIT);
    }
    run_until(&p, &p.right, 1);
    assert_int_equal(p.right.kinds[0], HF_MESSAGE_GO);
    assert_int_equal(p.right.lens[0], 5);
    assert_false(p.right.damaged);
    close_pair(&p);
}

static void both_ends_talk_at_once(void **state)
{
    uint8_t *bytes = body(BIG);
    pair p;

    (void)state;
    open_pair(&p);
    assert_true(hf_channel_say(p.left.channel, HF_MESSAGE_PLAN, hf_span_of(bytes, BIG)));
    assert_true(hf_channel_say(p.right.channel, HF_MESSAGE_READY, hf_span_of(bytes, BIG)));
    run_until(&p, &p.right, 1);
    run_until(&p, &p.left, 1);
    assert_int_equal(p.left.lens[0], BIG);
    assert_int_equal(p.right.lens[0], BIG);
    hf_free(bytes);
    close_pair(&p);
}

/* ---- bounds ---- */

static void what_is_longer_than_allowed_ends_the_talk(void **state)
{
    const uint32_t head[2] = { HF_MESSAGE_FAILURE, MAX + 1 };
    pair p;

    (void)state;
    open_raw(&p);
    assert_int_equal(write(p.raw, head, sizeof head), sizeof head);
    run_until(&p, &p.right, 1);
    assert_int_equal(p.right.ended, 1);
    assert_int_equal(p.right.messages, 0);
    close_pair(&p);
}

/* Failures and traces are dropped when the parent does not keep up; what a plan needs is not. */
static void what_may_be_lost_does_not_pile_up(void **state)
{
    enum { PIECE = 1 << 20 };
    uint8_t *bytes = body(PIECE);
    unsigned taken = 0;
    pair p;

    (void)state;
    open_raw(&p); /* which reads nothing */
    while (taken < 64 &&
           hf_channel_say(p.right.channel, HF_MESSAGE_FAILURE, hf_span_of(bytes, PIECE)))
        taken++;
    assert_in_range(taken, 1, HF_CHANNEL_UP_WAITING / PIECE + 1);
    assert_true(hf_channel_say(p.right.channel, HF_MESSAGE_READY, hf_span_of(bytes, 8)));
    hf_free(bytes);
    close_pair(&p);
}

/* ---- ends ---- */

static void an_end_that_goes_away_is_told_once_after_its_last_words(void **state)
{
    const uint32_t head[2] = { HF_MESSAGE_REFUSED, 0 };
    pair p;

    (void)state;
    open_raw(&p);
    assert_int_equal(write(p.raw, head, sizeof head), sizeof head);
    close(p.raw);
    p.raw = -1;
    while (!p.right.ended)
        uv_run(&p.loop, UV_RUN_ONCE);
    assert_int_equal(p.right.messages, 1);
    assert_int_equal(p.right.ended, 1);
    close_pair(&p);
}

static void half_a_message_is_no_message(void **state)
{
    const uint32_t head[2] = { HF_MESSAGE_PLAN, 100 };
    pair p;

    (void)state;
    open_raw(&p);
    assert_int_equal(write(p.raw, head, sizeof head), sizeof head);
    close(p.raw);
    p.raw = -1;
    run_until(&p, &p.right, 1);
    assert_int_equal(p.right.messages, 0);
    assert_int_equal(p.right.ended, 1);
    close_pair(&p);
}

static void talking_to_nobody_is_told_later_not_within_the_call(void **state)
{
    pair p;

    (void)state;
    open_raw(&p);
    close(p.raw);
    p.raw = -1;
    assert_true(hf_channel_say(p.right.channel, HF_MESSAGE_GO, hf_span_of(NULL, 0)));
    assert_int_equal(p.right.ended, 0);
    run_until(&p, &p.right, 1);
    assert_int_equal(p.right.ended, 1);
    close_pair(&p);
}

static void a_channel_may_be_freed_within_a_message(void **state)
{
    uint8_t *bytes = body(100);
    pair p;

    (void)state;
    open_pair(&p);
    p.right.free_at_message = true;
    for (int i = 0; i < 3; i++)
        assert_true(hf_channel_say(p.left.channel, HF_MESSAGE_PLAN, hf_span_of(bytes, 100)));
    run_until(&p, &p.right, 1);
    run_until(&p, &p.left, 1); /* it hears of the end */
    assert_int_equal(p.right.messages, 1);
    assert_int_equal(p.right.ended, 0);
    assert_int_equal(p.left.ended, 1);
    hf_free(bytes);
    close_pair(&p);
}

/* What waits to leave is freed with the channel: the sanitizer sees to it. */
static void what_waits_is_freed_with_it(void **state)
{
    uint8_t *bytes = body(BIG);
    pair p;

    (void)state;
    open_pair(&p);
    assert_true(hf_channel_say(p.left.channel, HF_MESSAGE_PLAN, hf_span_of(bytes, BIG)));
    hf_free(bytes);
    close_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_arrive_whole_and_in_order),
        cmocka_unit_test(a_message_may_come_byte_by_byte),
        cmocka_unit_test(both_ends_talk_at_once),
        cmocka_unit_test(what_is_longer_than_allowed_ends_the_talk),
        cmocka_unit_test(what_may_be_lost_does_not_pile_up),
        cmocka_unit_test(an_end_that_goes_away_is_told_once_after_its_last_words),
        cmocka_unit_test(half_a_message_is_no_message),
        cmocka_unit_test(talking_to_nobody_is_told_later_not_within_the_call),
        cmocka_unit_test(a_channel_may_be_freed_within_a_message),
        cmocka_unit_test(what_waits_is_freed_with_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
