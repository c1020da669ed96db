/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a trace is told of records (handfast/trace.h): the epoch is that of the bytes, also of a record that a change of keys
 * closes, and such a record comes before the change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "support/pair.h"
#include "record/record.h"

enum { RECORDS = 64 };

/* Of one listener: each writer's epoch by the changes of keys that were told, and records. */
typedef struct ear {
    uint8_t now[2], epoch[2][RECORDS], type[2][RECORDS];
    size_t n[2];
} ear;

/* An application's record is protected, a plain one is not: TLS 1.3 says so in its first byte, TLS 1.2 by its length. */
static bool looks_plain(const hf_trace_event *e)
{
    return e->bytes.len == HF_RECORD_HEADER + e->content.len;
}

static void hear(void *user, const hf_trace_event *e)
{
    ear *seen = user;
    hf_role w = e->writer;
    bool ccs = e->content_type == HF_CT_CHANGE_CIPHER_SPEC;

    if (e->kind == HF_TRACE_KEYS)
        seen->now[w] = e->epoch;
    if (e->kind != HF_TRACE_RECORD)
        return;
    assert_int_equal(e->epoch, ccs ? 1 : seen->now[w]);
    assert_int_equal(e->epoch == 1, looks_plain(e));
    assert_true(seen->n[w] < RECORDS);
    seen->type[w][seen->n[w]] = e->content_type;
    seen->epoch[w][seen->n[w]++] = e->epoch;
}

static void expect(const ear *a, hf_role writer, uint8_t type, const char *epochs)
{
    char seen[RECORDS + 1] = "";
    size_t n = 0;

    for (size_t i = 0; i < a->n[writer]; i++)
        if (a->type[writer][i] == type)
            seen[n++] = (char)('0' + a->epoch[writer][i]);
    seen[n] = 0;
    assert_string_equal(seen, epochs);
}

static void run(uint16_t version, ear ears[2])
{
    hf_policy policy = policy_of_version("default", version);
    hf_trace_sink sinks[2] = { { hear, &ears[0] }, { hear, &ears[1] } };
    pair_options o = { .policy = { &policy, &policy }, .trace = { &sinks[0], &sinks[1] } };
    pair p;

    memset(ears, 0, 2 * sizeof *ears);
    for (int i = 0; i < 2; i++)
        ears[i].now[0] = ears[i].now[1] = 1;
    pair_start(&p, &o);
    pair_connect(&p);
    pair_send(&p, HF_CLIENT, "hello", 5);
    if (version == HF_TLS13) {
        assert_int_equal(hf_conn_key_update(p.end[HF_CLIENT].conn, false), HF_OK);
        pair_run(&p);
        pair_send(&p, HF_CLIENT, "again", 5);
    }
    pair_free(&p);
}

/* Both ends tell the same: what was sealed under the old keys is of the old epoch. */
static void test_records_have_the_epoch_of_their_bytes(void **state)
{
    ear ears[2];

    (void)state;
    run(HF_TLS13, ears);
    for (int i = 0; i < 2; i++) {
        expect(&ears[i], HF_CLIENT, HF_CT_HANDSHAKE, "134"); /* ClientHello, Finished, KeyUpdate */
        expect(&ears[i], HF_CLIENT, HF_CT_APPLICATION_DATA, "45");
        expect(&ears[i], HF_SERVER, HF_CT_HANDSHAKE, "13");
    }
    run(HF_TLS12, ears);
    for (int i = 0; i < 2; i++) {
        expect(&ears[i], HF_CLIENT, HF_CT_HANDSHAKE, "114");
        expect(&ears[i], HF_CLIENT, HF_CT_APPLICATION_DATA, "4");
        expect(&ears[i], HF_SERVER, HF_CT_HANDSHAKE, "14");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_have_the_epoch_of_their_bytes),
    };

    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
