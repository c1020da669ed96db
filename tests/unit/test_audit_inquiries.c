/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The table of inquiries, and what they have in common: hellos, asks, evidence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "audit/inquiry.h"
#include "base/bytes.h"

static void test_each_has_a_name_a_title_and_a_phase(void **state)
{
    (void)state;
    assert_true(hf_n_inquiries > 0);
    for (size_t i = 0; i < hf_n_inquiries; i++) {
        const hf_inquiry_row *row = hf_inquiries[i];
        assert_true(row->name && *row->name && strlen(row->name) < 32);
        assert_true(row->title && *row->title && strlen(row->title) < 64);
        assert_true(row->phase < HF_PHASE_COUNT);
        assert_true(row->next && row->got);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(row->name, hf_inquiries[j]->name);
    }
}

/* What only thinks must ask nobody even if nothing was seen: it is called when an audit was cut short. */
static void test_thoughts_ask_nobody(void **state)
{
    hf_trust *trust = hf_trust_new();
    hf_audit_setup setup = {
        .trust = trust, .policy = hf_policy_named("default"), .now = 1, .name = "a.test"
    };
    hf_ask *ask = calloc(1, sizeof *ask);

    (void)state;
    for (size_t i = 0; i < hf_n_inquiries; i++) {
        const hf_inquiry_row *row = hf_inquiries[i];
        hf_seen *seen = hf_seen_new();
        hf_inquiry q = { .row = row, .seen = seen, .setup = &setup };
        q.state = calloc(1, row->state_size > 0 ? row->state_size : 1);
        if (row->phase == HF_PHASE_THOUGHTS)
            assert_false(row->next(&q, ask));
        if (row->finish)
            row->finish(&q);
        free(q.state);
        hf_seen_free(seen);
    }
    free(ask);
    hf_trust_free(trust);
}

static void test_a_hello_names_whom_it_is_for(void **state)
{
    hf_audit_setup setup = { .sni = "a.test" };
    hf_inquiry q = { .setup = &setup };
    hf_crafted hello;
    hf_ask *ask = calloc(1, sizeof *ask);
    bool found = false;

    (void)state;
    hf_inquiry_open(&q, HF_TLS12, &hello);
    assert_string_equal(hello.server_name, "a.test");
    assert_true(hf_inquiry_say(ask, &hello));
    assert_int_equal(ask->kind, HF_ASK_BYTES);
    for (size_t i = 0; i + 6 <= ask->len; i++)
        found |= memcmp(ask->bytes + i, "a.test", 6) == 0;
    assert_true(found);
    setup.sni = NULL;
    hf_inquiry_open(&q, HF_TLS12, &hello);
    assert_null(hello.server_name);
    free(ask);
}

/* What was sent and what came is kept from its beginning, no more than there is room for. */
static void test_evidence_is_cut(void **state)
{
    hf_seen *seen = hf_seen_new();
    const hf_inquiry_row row = { .name = "test" };
    hf_inquiry q = { .row = &row, .seen = seen };
    hf_ask *ask = calloc(1, sizeof *ask);
    hf_flight *flight = hf_flight_new();
    hf_reply reply = { .ask = ask, .flight = flight };
    const hf_evidence *e;

    (void)state;
    ask->kind = HF_ASK_BYTES;
    ask->len = sizeof ask->bytes;
    memset(ask->bytes, 'x', sizeof ask->bytes);
    e = hf_seen_evidence_at(seen, hf_inquiry_evidence(&q, &reply, "%d words", 2));
    assert_non_null(e);
    assert_string_equal(e->words, "2 words");
    assert_string_equal(e->inquiry, "test");
    assert_int_equal(e->sent.len, HF_EVIDENCE_BYTES);
    assert_int_equal(e->received.len, 0);
    ask->kind = HF_ASK_ENGINE; /* whose bytes are encrypted */
    e = hf_seen_evidence_at(seen, hf_inquiry_evidence(&q, &reply, "words"));
    assert_int_equal(e->sent.len, 0);
    hf_flight_free(flight);
    free(ask);
    hf_seen_free(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_has_a_name_a_title_and_a_phase),
        cmocka_unit_test(test_thoughts_ask_nobody),
        cmocka_unit_test(test_a_hello_names_whom_it_is_for),
        cmocka_unit_test(test_evidence_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
