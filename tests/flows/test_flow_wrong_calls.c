/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a caller says that cannot be: more was sent than there was, a verdict that is none, data for keys
 * that are used up. The connection goes on as if nothing had been said, or fails; nobody is let in by
 * it, and nothing is sent that was not counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow13.h"

static const uint16_t versions[] = { HF_TLS13, HF_TLS12 };

static void external_verify(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, true), HF_OK);
}

static void start(pair *p, uint16_t version, bool verify)
{
    hf_policy policy = policy_of_version("default", version);
    pair_options o = { .policy = { &policy, &policy },
                       .configure = verify ? external_verify : NULL };

    pair_start(p, &o);
}

/* A caller that hands on what send() gave it, -1 too, loses no byte by it. */
static void assert_not_believed(pair *p, hf_role role)
{
    hf_conn *c = p->end[role].conn;
    hf_span out = hf_conn_wire_out(c);
    uint64_t said = hf_conn_info_of(c)->bytes_out;
    const size_t lies[] = { out.len + 1, SIZE_MAX };

    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        hf_conn_wire_sent(c, lies[i]);
        hf_span left = hf_conn_wire_out(c);
        assert_int_equal(left.len, out.len);
        assert_ptr_equal(left.data, out.data);
        assert_int_equal(hf_conn_info_of(c)->bytes_out, said);
    }
}

static void test_more_was_sent_than_there_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        pair p;
        start(&p, versions[i], false);
        pair_events(&p, HF_CLIENT);
        assert_true(hf_conn_wire_out(p.end[HF_CLIENT].conn).len > 0);
        assert_not_believed(&p, HF_CLIENT); /* ClientHello waits */
        assert_not_believed(&p, HF_SERVER); /* nothing does */
        pair_connect(&p);
        assert_int_equal(hf_conn_data_in(p.end[HF_SERVER].conn, &(hf_iovec){ "data", 4 }, 1), 4);
        assert_not_believed(&p, HF_SERVER);
        pair_run(&p);
        assert_int_equal(p.end[HF_CLIENT].n_data, 4);
        assert_memory_equal(p.end[HF_CLIENT].data, "data", 4);
        pair_free(&p);
    }
}

/* The server's flight to the client, which then waits for the verdict. */
static void run_to_verify(pair *p)
{
    hf_conn *client = p->end[HF_CLIENT].conn, *server = p->end[HF_SERVER].conn;

    pair_events(p, HF_CLIENT);
    assert_true(pair_carry(p, HF_CLIENT));
    hf_span out = hf_conn_wire_out(server);
    uint8_t *copy = malloc(out.len);
    assert_non_null(copy);
    memcpy(copy, out.data, out.len);
    size_t len = out.len;
    hf_conn_wire_sent(server, len);
    assert_int_equal(hf_conn_wire_in(client, copy, len), len);
    free(copy);
    pair_events(p, HF_CLIENT);
    assert_true(pair_saw(&p->end[HF_CLIENT], HF_EVENT_VERIFY));
}

/* Neither "later" nor a number that is in no table is a yes. */
static void test_a_verdict_that_is_none(void **state)
{
    static const int verdicts[] = { HF_WAIT, HF_ERROR_COUNT, HF_ERROR_COUNT + 1000 };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof verdicts / sizeof *verdicts; i++) {
        pair p;
        start(&p, versions[i % 2], true);
        run_to_verify(&p);
        hf_conn *client = p.end[HF_CLIENT].conn;
        assert_int_equal(hf_conn_verify_done(client, (hf_error)verdicts[i / 2]), HF_OK);
        pair_run(&p);
        const hf_failure *f = hf_conn_failure(client);
        assert_non_null(f);
        assert_int_equal(f->code, HF_E_CERT_REFUSED);
        assert_int_equal(f->alert, hf_error_row_of(HF_E_CERT_REFUSED)->alert);
        assert_int_equal(f->alert_direction, HF_ALERT_SENT);
        assert_false(hf_conn_info_of(client)->peer_verified);
        assert_false(p.end[HF_CLIENT].connected || p.end[HF_SERVER].connected);
        assert_int_equal(hf_conn_verify_done(client, HF_OK), HF_E_MISUSE);
        pair_free(&p);
    }
}

/* ---- keys that are used up ---- */

static void count_records(void *user, const hf_trace_event *event)
{
    unsigned *n = user;

    *n += event->kind == HF_TRACE_RECORD && event->writer == HF_CLIENT;
}

/* Early keys cannot be renewed: with the last record gone (RFC 9846 5.5) the connection fails, and what was told to a trace was
   sent. */
static void test_early_data_behind_the_last_record(void **state)
{
    unsigned records = 0;
    hf_trace_sink sink = { count_records, &records };
    flow13_setup s;
    pair p;

    (void)state;
    flow13_prepare(&s, flow13_named("early data taken"));
    s.options.early = hf_span_of(NULL, 0);
    s.options.trace[HF_CLIENT] = &sink;
    pair_start(&p, &s.options);
    pair_events(&p, HF_CLIENT);
    hf_conn *client = p.end[HF_CLIENT].conn;
    assert_int_equal(hf_conn_info_of(client)->early, HF_EARLY_OFFERED);
    client->out.keys.sequence = client->out.keys.limit - 1;
    assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ "early", 5 }, 1), 5);
    unsigned before = records;
    assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ "late", 4 }, 1), 0);
    assert_non_null(hf_conn_failure(client));
    assert_int_equal(hf_conn_failure(client)->code, HF_E_KEY_LIMIT);
    assert_int_equal(hf_conn_info_of(client)->data_out, 5);
    assert_int_equal(records, before);
    assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ "late", 4 }, 1), 0);
    pair_free(&p);
    flow13_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_was_sent_than_there_was),
        cmocka_unit_test(test_a_verdict_that_is_none),
        cmocka_unit_test(test_early_data_behind_the_last_record),
    };

    return cmocka_run_group_tests_name("flow_wrong_calls", tests, NULL, NULL);
}
