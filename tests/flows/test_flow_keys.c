/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Keys over the life of a connection: KeyUpdate sent, answered, requested, coalesced and forced by
 * the limit of the keys; exporters; shares that are used once; early data that is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile.h"

/* ---- KeyUpdate (RFC 9846 4.7.3) ---- */

static unsigned generation(const pair *p, hf_role end, hf_role writer)
{
    return p->end[end].conn->engine.script.epoch[writer];
}

static void talk(pair *p)
{
    static const char text[] = "with whatever keys";

    for (int from = 0; from < 2; from++) {
        pair_end *to = &p->end[!from];
        to->n_data = 0;
        pair_send(p, (hf_role)from, text, sizeof text);
        assert_int_equal(to->n_data, sizeof text);
        assert_memory_equal(to->data, text, sizeof text);
    }
}

/* Renewing one direction leaves the other alone. */
static void test_key_update_without_request(void **state)
{
    (void)state;
    for (int role = 0; role < 2; role++) {
        pair p;
        pair_start(&p, NULL);
        assert_int_equal(hf_conn_key_update(p.end[role].conn, false),
                         HF_E_MISUSE); /* not before CONNECTED */
        pair_connect(&p);
        for (unsigned i = 1; i <= 3; i++) {
            assert_int_equal(hf_conn_key_update(p.end[role].conn, false), HF_OK);
            pair_run(&p);
            talk(&p);
            for (int end = 0; end < 2; end++) {
                assert_int_equal(generation(&p, (hf_role)end, (hf_role)role), HF_APP + i);
                assert_int_equal(generation(&p, (hf_role)end, (hf_role)!role), HF_APP);
            }
        }
        pair_free(&p);
    }
}

/* A request is answered before the next application data, and not before there is some. */
static void test_key_update_request_is_answered_before_data(void **state)
{
    (void)state;
    for (int role = 0; role < 2; role++) {
        pair p;
        pair_start(&p, NULL);
        pair_connect(&p);
        assert_int_equal(hf_conn_key_update(p.end[role].conn, true), HF_OK);
        pair_run(&p);
        assert_int_equal(generation(&p, (hf_role)role, (hf_role)role), HF_APP + 1);
        assert_int_equal(generation(&p, (hf_role)role, (hf_role)!role), HF_APP);
        talk(&p);
        for (int end = 0; end < 2; end++)
            assert_int_equal(generation(&p, (hf_role)end, (hf_role)!role), HF_APP + 1);
        talk(&p); /* once */
        assert_int_equal(generation(&p, (hf_role)role, (hf_role)!role), HF_APP + 1);
        pair_free(&p);
    }
}

/* Having asked, an end does not ask again until the peer's KeyUpdate has come. (RFC 9846 4.7.3#6) */
static void test_one_request_at_a_time(void **state)
{
    static const uint8_t asked[] = { 1, 0, 0, 1, 0 };
    size_t n = 0;
    hostile h;

    (void)state;
    hostile_start(&h, HF_CLIENT, NULL); /* for its trace: here it is the bad peer's end that asks */
    hostile_rest(&h);
    hf_conn *asking = h.p.end[HF_SERVER].conn;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(hf_conn_key_update(asking, true), HF_OK);
        hostile_rest(&h);
        hostile_next_keys(&h);
        if (i != 2)
            continue;
        assert_int_equal(hf_conn_data_in(hostile_conn(&h), &(hf_iovec){ "x", 1 }, 1),
                         1); /* the answer goes first */
        hostile_pump(&h);
    }
    for (size_t i = 0; i < h.n_said; i++)
        if (h.said[i].msg == HF_MSG_KeyUpdate && n < sizeof asked)
            assert_int_equal(h.said[i].bytes.data[HF_HANDSHAKE_HEADER], asked[n++]);
    assert_int_equal(hostile_count_said(&h, HF_MSG_KeyUpdate), 5);
    hostile_free(&h);
}

/* Several requests before this end writes get one answer, which asks for nothing; only then comes the data. */
static void test_requests_are_coalesced(void **state)
{
    (void)state;
    for (int victim = 0; victim < 2; victim++) {
        hostile h;
        hostile_start(&h, (hf_role)victim, NULL);
        hostile_rest(&h);
        for (int i = 0; i < 5; i++) {
            hostile_send(&h, HF_MSG_KeyUpdate, hf_span_of("\1", 1));
            hostile_next_keys(&h);
        }
        assert_int_equal(hf_conn_wire_out(hostile_conn(&h)).len, 0);
        pair_end *bad = &h.p.end[h.self];
        for (int i = 0; i < 2; i++) {
            assert_int_equal(hf_conn_data_in(hostile_conn(&h), &(hf_iovec){ "data", 4 }, 1), 4);
            hostile_pump(&h);
            assert_int_equal(generation(&h.p, h.self, (hf_role)victim), HF_APP + 1);
        }
        assert_int_equal(bad->n_data, 8);
        assert_false(bad->conn->engine.update_owed); /* update_not_requested */
        hostile_free(&h);
    }
}

/* RFC 9846 4.7.3: a receiver must not enforce how often keys are updated. */
static void test_many_updates(void **state)
{
    pair p;

    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    for (int i = 0; i < 600; i++) {
        assert_int_equal(hf_conn_key_update(p.end[i & 1].conn, i % 3 == 0), HF_OK);
        talk(&p);
    }
    pair_free(&p);
}

/* RFC 9846 5.5: keys are renewed before their limit, and data goes on. (RFC 9846 5.5#1) */
static void test_keys_change_before_their_limit(void **state)
{
    enum { LIMIT = 20, RECORDS = 200 };
    pair p;

    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    hf_conn *client = p.end[HF_CLIENT].conn;
    uint64_t highest = 0;
    for (int i = 0; i < RECORDS; i++) {
        client->out.keys.limit = LIMIT;
        pair_send(&p, HF_CLIENT, "x", 1);
        highest = client->out.keys.sequence > highest ? client->out.keys.sequence : highest;
    }
    assert_int_equal(p.end[HF_SERVER].n_data, RECORDS);
    assert_true(highest < LIMIT);
    assert_true(generation(&p, HF_SERVER, HF_CLIENT) >= HF_APP + RECORDS / LIMIT);
    assert_int_equal(generation(&p, HF_SERVER, HF_SERVER), HF_APP);
    pair_free(&p);
}

/* The same within one call that writes many records, and the close_notify still fits under the last key. */
static void test_keys_change_within_one_call(void **state)
{
    static uint8_t bytes[60 * 1024];
    pair p;

    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    hf_conn *server = p.end[HF_SERVER].conn;
    assert_int_equal(hf_conn_set_max_record(server, 1024), HF_OK);
    server->out.keys.limit = 8;
    pair_send(&p, HF_SERVER, bytes, sizeof bytes);
    assert_int_equal(p.end[HF_CLIENT].n_data, sizeof bytes);
    assert_int_equal(generation(&p, HF_CLIENT, HF_SERVER), HF_APP + 1);
    server->out.keys.limit = server->out.keys.sequence + 4;
    assert_int_equal(hf_conn_close_write(server), HF_OK);
    pair_run(&p);
    assert_true(p.end[HF_CLIENT].closed);
    pair_free(&p);
}

/* ---- exporters (RFC 9846 7.5) ---- */

static void export_with(pair *p, int role, const char *label, const char *context, uint8_t out[40])
{
    assert_int_equal(hf_conn_export(p->end[role].conn, label, hf_span_str(context), out, 40),
                     HF_OK);
}

/* RFC 9846 7.5#1 */
static void test_exporter(void **state)
{
    static const char *const labels[] = { "EXPORTER-one", "EXPORTER-two" }, *const contexts[] = {
        "", "context", "Context"
    };
    uint8_t outs[12][40], again[40];
    size_t n = 0;

    (void)state;
    for (int connection = 0; connection < 2; connection++) {
        pair p;
        pair_start(&p, NULL);
        assert_int_equal(hf_conn_export(p.end[0].conn, "x", hf_span_str(""), again, 8),
                         HF_E_MISUSE);
        pair_connect(&p);
        for (int l = 0; l < 2; l++)
            for (int c = 0; c < 3; c++, n++) {
                export_with(&p, HF_CLIENT, labels[l], contexts[c], outs[n]);
                export_with(&p, HF_SERVER, labels[l], contexts[c], again);
                assert_memory_equal(outs[n], again, 40);
            }
        assert_int_equal(hf_conn_key_update(p.end[0].conn, true), HF_OK);
        talk(&p);
        export_with(&p, HF_SERVER, labels[1], contexts[2],
                    again); /* does not depend on traffic keys */
        assert_memory_equal(outs[n - 1], again, 40);
        assert_int_equal(hf_conn_export(p.end[0].conn, "x", hf_span_str(""), again, 255 * 32 + 1),
                         HF_E_MISUSE);
        hf_conn_abort(p.end[0].conn, HF_ALERT_internal_error); /* and then the secrets are gone */
        assert_int_equal(hf_conn_export(p.end[0].conn, labels[0], hf_span_str(""), again, 40),
                         HF_E_MISUSE);
        pair_free(&p);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(outs[i], outs[j], 40);
}

/* ---- shares (RFC 9846 4.3.8) ---- */

static void share_of(const hostile *h, hf_msg msg, unsigned nth, hostile_bytes *share)
{
    for (size_t i = 0; i < h->n_said; i++)
        if (h->said[i].msg == msg && nth-- == 0) {
            hostile_bytes body = { 0 };
            size_t at = 0, len = 0;
            hf_span all = hb_span(&h->said[i].bytes);
            hb_set(&body,
                   hf_span_of(all.data + HF_HANDSHAKE_HEADER, all.len - HF_HANDSHAKE_HEADER));
            assert_true(hb_extension(&body, msg, 51, &at, &len));
            hb_set(share, hf_span_of(body.data + at, len));
            hb_free(&body);
            return;
        }
    fail_msg("no share");
}

/* True if a window of 16 bytes of one stands anywhere in the other. */
static bool overlap(const hostile_bytes *a, const hostile_bytes *b)
{
    for (size_t i = 0; i + 16 <= a->len; i += 16)
        for (size_t j = 0; j + 16 <= b->len; j++)
            if (memcmp(a->data + i, b->data + j, 16) == 0)
                return true;
    return false;
}

/* No share is ever used twice: over connections of the same config and worker, at both ends, and after a retry.
   (RFC 9846 4.3.8#6) */
static void test_no_share_is_used_twice(void **state)
{
    hostile_bytes shares[10] = { { 0 } };
    size_t n = 0;

    (void)state;
    for (int role = 0; role < 2; role++)
        for (int i = 0; i < 2; i++) {
            hostile h;
            hostile_start(&h, (hf_role)!role, NULL);
            hostile_rest(&h);
            share_of(&h, role == HF_CLIENT ? HF_MSG_ClientHello : HF_MSG_ServerHello, 0,
                     &shares[n++]);
            hostile_free(&h);
        }
    hostile h;
    pair_options o = { .policy = { NULL, hostile_retry_policy() } };
    hostile_start(&h, HF_SERVER, &o);
    hostile_rest(&h);
    share_of(&h, HF_MSG_ClientHello, 0, &shares[n++]);
    share_of(&h, HF_MSG_ClientHello, 1, &shares[n++]);
    hostile_free(&h);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            assert_false(overlap(&shares[i], &shares[j]));
    for (size_t i = 0; i < n; i++)
        hb_free(&shares[i]);
}

/* Two connections of one config and one worker. (RFC 9846 4.3.8#3 #6) */
static void test_shares_of_one_config_differ(void **state)
{
    pair p;
    uint8_t hellos[2][4096];
    size_t len[2];

    (void)state;
    pair_start(&p, NULL);
    for (int i = 0; i < 2; i++) {
        hf_conn *c = hf_conn_new(p.config[HF_CLIENT], p.worker,
                                 &(hf_conn_options){ .server_name = "localhost" });
        hf_span out = hf_conn_wire_out(c);
        assert_true(out.len > 1200 && out.len <= sizeof hellos[0]);
        memcpy(hellos[i], out.data, len[i] = out.len);
        hf_conn_free(c);
    }
    hostile_bytes share[2] = { { hellos[0] + len[0] / 4, len[0] / 2, 0 },
                               { hellos[1] + len[1] / 4, len[1] / 2, 0 } };
    assert_false(overlap(&share[0], &share[1])); /* the middle of the hello is all key share */
    pair_free(&p);
}

/* ---- early data with a PSK that nobody knows (RFC 9846 4.3.10) ---- */

static void start_early(hostile *h, bool retry)
{
    pair_options o = { .policy = { NULL, retry ? hostile_retry_policy() : NULL } };

    hostile_start_with(h, HF_SERVER, &o, hostile_offer_early_data);
}

static void early_record(hostile *h, size_t len)
{
    hostile_bytes junk = { 0 };

    for (size_t i = 0; i < len; i++)
        hb_add_uint(&junk, i * 7 % 251, 1);
    hostile_plain(h, HF_CT_APPLICATION_DATA, hb_span(&junk));
    hb_free(&junk);
}

/* Refused early data is skipped, and the handshake completes in full. */
static void test_refused_early_data_is_skipped(void **state)
{
    (void)state;
    for (int retry = 0; retry < 2; retry++) {
        hostile h;
        start_early(&h, retry);
        hostile_until(&h, retry ? HF_MSG_ClientHello : HF_MSG_Finished, retry ? 1 : 0);
        for (int i = 0; i < 3; i++)
            early_record(&h, 1000);
        assert_null(hostile_failure(&h));
        hostile_assert_works(&h);
        assert_false(hf_conn_info_of(hostile_conn(&h))->resumed);
        hostile_free(&h);
    }
}

/* … up to the limit of its content, which is as much as any ticket may allow, and 64 KiB. */
static void test_too_much_early_data(void **state)
{
    enum { CONTENT = 16384, AROUND = 1 + HF_AEAD_TAG, RECORDS = HF_EARLY_SKIP_MAX / CONTENT };

    (void)state;
    assert_int_equal(RECORDS * CONTENT, HF_EARLY_SKIP_MAX);
    for (int retry = 0; retry < 2; retry++) {
        hostile h;
        start_early(&h, retry);
        hostile_until(&h, retry ? HF_MSG_ClientHello : HF_MSG_Finished, retry ? 1 : 0);
        for (int i = 0; i < RECORDS; i++)
            early_record(&h, CONTENT + AROUND);
        assert_null(hostile_failure(&h));
        early_record(&h, 1 + AROUND);
        assert_int_equal(hostile_alert(&h), HF_ALERT_unexpected_message);
        assert_int_equal(hostile_failure(&h)->code, HF_E_EARLY_SKIP_LIMIT);
        hostile_assert_dead(&h, 0);
        hostile_free(&h);
    }
}

/* Skipping ends with the first record that opens: what does not open then is an error. */
static void test_skipping_ends(void **state)
{
    hostile h;

    (void)state;
    start_early(&h, false);
    hostile_until(&h, HF_MSG_Finished, 0);
    early_record(&h, 100);
    hf_span all = hb_span(&hostile_due(&h)->bytes);
    hostile_record(&h, HF_CT_HANDSHAKE, hf_span_of(all.data, 5)); /* a part of Finished: opens */
    assert_null(hostile_failure(&h));
    early_record(&h, 100);
    assert_int_equal(hostile_alert(&h), HF_ALERT_bad_record_mac);
    hostile_assert_dead(&h, 0);
    hostile_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_update_without_request),
        cmocka_unit_test(test_key_update_request_is_answered_before_data),
        cmocka_unit_test(test_one_request_at_a_time),
        cmocka_unit_test(test_requests_are_coalesced),
        cmocka_unit_test(test_many_updates),
        cmocka_unit_test(test_keys_change_before_their_limit),
        cmocka_unit_test(test_keys_change_within_one_call),
        cmocka_unit_test(test_exporter),
        cmocka_unit_test(test_no_share_is_used_twice),
        cmocka_unit_test(test_shares_of_one_config_differ),
        cmocka_unit_test(test_refused_early_data_is_skipped),
        cmocka_unit_test(test_too_much_early_data),
        cmocka_unit_test(test_skipping_ends),
    };

    return cmocka_run_group_tests_name("flow_keys", tests, NULL, NULL);
}
