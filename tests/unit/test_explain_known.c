/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the words of a story are made of is read out of its messages once, when the story is made: an output asks for it a few times a
 * step, so that a question which read again what came before would make a long trace cost the square of its length.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "explain/words.h"

enum { HELLOS = 1000 };

static hf_tape *tape;
static hf_story *story;

static int set_up(void **state)
{
    (void)state;
    tape = hf_tape_new(HF_TAPE_CAPTURE, NULL, NULL);
    return tape ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    hf_story_free(story);
    hf_tape_free(tape);
    story = NULL;
    return 0;
}

static void say(hf_role from, uint8_t type, hf_span content)
{
    uint8_t wire[256] = { type, 3, 3, 0, (uint8_t)content.len };
    hf_tape_event event = { .kind = HF_TAPE_RECORD,
                            .writer = (uint8_t)from,
                            .epoch = HF_PLAIN,
                            .content_type = type,
                            .opened = true,
                            .content_len = content.len };

    memcpy(wire + 5, content.data, content.len);
    assert_true(hf_tape_add(tape, &event, hf_span_of(wire, 5 + content.len), content));
}

/* Of TLS 1.2, with TLS_RSA_WITH_AES_128_GCM_SHA256. */
static void say_hello(hf_role from)
{
    uint8_t client[] = { 1, 0, 0, 41, 3, 3, [38] = 0, [39] = 0, [40] = 2, [42] = 0x9c, 1, 0 };
    uint8_t server[] = { 2, 0, 0, 38, 3, 3, [38] = 0, [40] = 0x9c, [41] = 0 };

    client[3] = (uint8_t)(sizeof client - 4);
    server[3] = (uint8_t)(sizeof server - 4);
    if (from == HF_CLIENT)
        say(from, HF_CT_HANDSHAKE, hf_span_of(client, sizeof client));
    else
        say(from, HF_CT_HANDSHAKE, hf_span_of(server, sizeof server));
}

static void tell(void)
{
    story = hf_story_of(tape);
    assert_non_null(story);
}

/* Every question is answered without the messages: they are overwritten before. */
static void test_questions_read_no_message(void **state)
{
    hf_known known;

    (void)state;
    say_hello(HF_CLIENT);
    say_hello(HF_SERVER);
    for (int i = 2; i < HELLOS; i++)
        say_hello(HF_CLIENT);
    tell();
    assert_int_equal(story->n, HELLOS);
    for (int w = 0; w < 2; w++)
        memset(story->streams[w], 0xff, story->n_stream[w]);
    for (size_t i = 0; i < story->n; i++) {
        hf_known_at(story, i, &known);
        assert_true(known.offer_read);
        assert_int_equal(known.hellos, i == 0 ? 1 : i);
        assert_int_equal(known.suite, i == 0 ? 0 : 0x009c);
        assert_int_equal(known.version, i == 0 ? 0 : HF_TLS12);
    }
    assert_int_equal(story->n_known, HELLOS);
}

/* What is no message adds to it a few times, and not at each step. */
static void test_other_steps_keep_little(void **state)
{
    enum { STEPS = 3000, KINDS = 10 };

    (void)state;
    for (int i = 0; i < STEPS; i++)
        say(i & 1 ? HF_SERVER : HF_CLIENT, i & 2 ? HF_CT_ALERT : HF_CT_CHANGE_CIPHER_SPEC,
            hf_span_of("\1", 1));
    tell();
    assert_int_equal(story->n, STEPS);
    assert_in_range(story->n_known, 1, KINDS);
    for (size_t i = 0; i < story->n; i++)
        assert_true(story->steps[i].known < story->n_known);
}

static void test_before_and_after(void **state)
{
    hf_known known = { .hellos = 7 };

    (void)state;
    tell();
    hf_known_at(story, 0, &known); /* nothing was said */
    assert_int_equal(known.hellos, 0);
    hf_story_free(story);
    say_hello(HF_CLIENT);
    tell();
    hf_known_at(story, 12, &known); /* past the end: all of it */
    assert_int_equal(known.hellos, 1);
}

#define STORY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY_TEST(test_questions_read_no_message),
        STORY_TEST(test_other_steps_keep_little),
        STORY_TEST(test_before_and_after),
    };

    return cmocka_run_group_tests_name("what is known, step by step", tests, NULL, NULL);
}
