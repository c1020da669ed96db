/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Captures, read and written, while memory ends at each point: no crash, nothing kept, no secret left behind. */
#include "unit/stream_support.h"
#include "unit/memory_support.h"

#include "explain/outputs.h"
#include "handshake/script.h"

static void start(size_t failing)
{
    calls = 0;
    fail_at = failing;
    leaked = false;
}

/* ---- reading ---- */

/* Streams that grow, segments that wait, secrets. */
static pile busy_capture(void)
{
    static const uint8_t zeroes[1400];
    char line[256];
    pile p = { .little = true };

    snprintf(line, sizeof line, "EXPORTER_SECRET %064d ", 7);
    for (int i = 0; i < 32; i++)
        strcat(line, "c5"); /* MARK */
    put_section(&p);
    put_interface(&p, 1, 0, 0, 0);
    put_secrets(&p, 0x544c534b, line);
    for (uint32_t i = 0; i < 40; i++) {
        uint32_t place = i ^ 1; /* two by two the wrong way round */
        talk t = { .sequence = place * 1400, .flags = T_ACK, .bytes = hf_span_of(zeroes, 1400) };
        pile frame = ethernet_of(&t);
        put_enhanced(&p, 0, i, hf_span_of(frame.data, frame.len), frame.len);
        pile_free(&frame);
    }
    return p;
}

static hf_error read_failing(hf_span file, size_t failing)
{
    hf_capture capture = { .n = 0 };

    start(failing);
    hf_error e = hf_capture_read(&capture, file);
    hf_capture_free(&capture);
    assert_int_equal(live, 0);
    assert_false(leaked);
    return e;
}

static void test_reading_without_memory(void **state)
{
    pile p = busy_capture();
    hf_span file = hf_span_of(p.data, p.len);

    (void)state;
    assert_int_equal(read_failing(file, SIZE_MAX), HF_OK);
    size_t n = calls;
    assert_true(n > 10);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(read_failing(file, i), HF_E_NO_MEMORY);
    pile_free(&p);
}

/* ---- writing ---- */

static hf_error write_failing(const hf_tape *tape, size_t failing)
{
    hf_story story = { .tape = tape };
    hf_sheet out = { .error = HF_OK };
    size_t before = live;

    start(failing);
    hf_error e = hf_show_pcapng(&story, &out);
    assert_int_equal(e, out.error);
    hf_sheet_free(&out);
    assert_int_equal(live, before);
    assert_false(leaked);
    return e;
}

static void test_writing_without_memory(void **state)
{
    static const uint8_t record[20000] = { 23, 3, 3 };
    hf_tape *tape = hf_tape_new(HF_TAPE_CLIENT, NULL, NULL);
    hf_tape_event event = { .kind = HF_TAPE_RECORD, .epoch = HF_PLAIN };
    hf_tape_secret secret = { .label = "EXPORTER_SECRET", .len = 32 };

    (void)state;
    assert_non_null(tape);
    memset(secret.secret, MARK, 32);
    assert_true(hf_tape_add_secret(tape, &secret));
    assert_true(hf_tape_add(tape, &event, hf_span_of(record, sizeof record), hf_span_str("")));
    assert_int_equal(write_failing(tape, SIZE_MAX), HF_OK);
    size_t n = calls;
    assert_true(n > 5);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(write_failing(tape, i), HF_E_NO_MEMORY);
    hf_tape_free(tape);
    assert_int_equal(live, 0);
    assert_false(leaked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading_without_memory),
        cmocka_unit_test(test_writing_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
