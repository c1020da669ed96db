/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What RFC 9846 demands of the records that our ends write, in every shape of a handshake: their types, versions and lengths,
 * where they end, and under which keys they go; and of the alerts in them.
 */
#include "rfc9846_witness.h"

enum { CCS = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23 };

static bool is_record(const written *w)
{
    return w->kind == HF_TRACE_RECORD;
}

static bool is_protected(const written *w)
{
    return w->keys > 0;
}

static void each_record(void (*look)(const written *w))
{
    for (size_t i = 0; i < seen.n; i++)
        if (is_record(&seen.all[i]))
            look(&seen.all[i]);
}

static size_t length_of(const written *w)
{
    return (size_t)(w->bytes.data[3] << 8 | w->bytes.data[4]);
}

/* ---- headers ---- */

/* RFC 9846 5#4: four types; and in TLS 1.3 a protected record says application_data, whatever is in it. */
static void look_at_type(const written *w)
{
    assert_in_range(w->type, CCS, DATA);
    assert_int_equal(w->bytes.data[0], is_protected(w) && witness_is13() ? DATA : w->type);
}

/* RFC 9846 5.1#14, 5.2#1 */
static void look_at_length(const written *w)
{
    assert_int_equal(length_of(w) + 5, w->bytes.len);
    assert_true(length_of(w) <= (is_protected(w) ? 16384 + 256 : 16384));
    assert_true(w->content.len <= 16384);
}

/* RFC 9846 5.1#8, 5.4#2 */
static void look_at_content(const written *w)
{
    assert_true(w->type == DATA || w->content.len > 0);
}

static void look_at_records(void)
{
    each_record(look_at_type);
    each_record(look_at_length);
    each_record(look_at_content);
}

static void test_types_and_lengths(void **state)
{
    (void)state;
    witness_all(look_at_records);
}

/* RFC 9846 5.1#12 #16, E.5#8: 0x0301 in a client's first record, 0x0303 in all that follow. */
static void look_at_record_versions(void)
{
    bool first[2] = { true, true };

    for (size_t i = 0; i < seen.n; i++) {
        const written *w = &seen.all[i];
        if (!is_record(w))
            continue;
        bool initial = w->writer == HF_CLIENT && first[HF_CLIENT];
        assert_int_equal(w->bytes.data[1], 3);
        assert_int_equal(w->bytes.data[2], initial ? 1 : 3);
        assert_true(!initial || w->type == HANDSHAKE);
        first[w->writer] = false;
    }
}

static void test_record_versions(void **state)
{
    (void)state;
    witness_all(look_at_record_versions);
}

/* RFC 9846 5.1#12: an alert is no ClientHello, also if it is all that a client ever says. */
static void test_version_of_an_early_alert(void **state)
{
    static const scene plain = { .name = "given up at once" };
    hf_policy policy[2];
    pair_options o = witness_options(&plain, policy);

    (void)state;
    witness_start(plain.name, &o);
    hf_conn_abort(seen.p.end[HF_CLIENT].conn, HF_ALERT_internal_error);
    hf_span out = hf_conn_wire_out(seen.p.end[HF_CLIENT].conn);
    assert_int_equal(out.len, 7);
    assert_int_equal(out.data[0], ALERT);
    assert_int_equal(out.data[1], 3);
    assert_int_equal(out.data[2], 3);
    pair_free(&seen.p);
    witness_forget();
}

/* ---- edges ---- */

/* A record is told when it is closed: before the next message is in it. */
static bool ends_a_record(size_t at)
{
    for (size_t i = at + 1; i < seen.n; i++)
        if (seen.all[i].writer == seen.all[at].writer && seen.all[i].type == HANDSHAKE)
            return is_record(&seen.all[i]);
    return false;
}

static bool is_before_keys(const char *name)
{
    static const char *const names[] = { "ClientHello", "ServerHello", "EndOfEarlyData", "Finished",
                                         "KeyUpdate" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* RFC 9846 5.1#4 #7: the record that holds the end of such a message ends with it. */
static void look_at_edges(void)
{
    for (size_t i = 0; witness_is13() && i < seen.n; i++)
        if (!is_record(&seen.all[i]) && seen.all[i].type == HANDSHAKE &&
            is_before_keys(seen.all[i].name))
            assert_true(ends_a_record(i));
}

static void test_edges(void **state)
{
    (void)state;
    witness_all(look_at_edges);
}

/* RFC 9846 5.1#2 #3: a message that is longer than a record is followed by its own records alone. A small limit makes all of
   them longer. */
static void small_records(hf_config *config, hf_role role, void *user)
{
    (void)role, (void)user;
    config->policy.record_size_limit = 64;
}

static void test_nothing_between_the_parts(void **state)
{
    static const scene mutual = { .name = "small records", .mutual = true };
    size_t due[2] = { 0, 0 };
    hf_policy policy[2];
    pair_options o = witness_options(&mutual, policy);

    (void)state;
    o.configure = small_records;
    witness_start(mutual.name, &o);
    pair_connect(&seen.p);
    for (size_t i = 0; i < seen.n; i++) {
        const written *w = &seen.all[i];
        if (!is_record(w) && w->type == HANDSHAKE)
            due[w->writer] += w->bytes.len;
        if (!is_record(w))
            continue;
        assert_true(w->type == HANDSHAKE || due[w->writer] == 0);
        due[w->writer] -= w->type == HANDSHAKE ? w->content.len : 0;
    }
    assert_int_equal(due[HF_CLIENT] + due[HF_SERVER], 0);
    pair_free(&seen.p);
    witness_forget();
}

/* ---- keys ---- */

/* RFC 9846 2#2, 5.1#17, 4.5.3#3: after a writer's Finished everything is under other keys than Finished was; application data
   comes then, or under a client's first keys as early data, and never without keys. */
static void look_at_keys(hf_role role, bool early)
{
    unsigned finished = 0; /* its keys, once it is said */
    bool said_it = false;

    for (size_t i = 0; i < seen.n; i++) {
        const written *w = &seen.all[i];
        if (w->writer != role)
            continue;
        said_it |= !is_record(w) && strcmp(w->name, "Finished") == 0;
        if (!is_record(w))
            continue;
        if (finished > 0)
            assert_true(w->keys > finished);
        else if (w->type == DATA)
            assert_true(early && role == HF_CLIENT && w->keys == 1);
        if (said_it && finished == 0)
            finished = w->keys;
    }
    assert_true(finished > 0);
}

static void look_at_epochs(void)
{
    bool early = strstr(seen.scene, "early data") != NULL;

    for (int role = 0; witness_is13() && role < 2; role++)
        look_at_keys((hf_role)role, early);
}

static void test_epochs(void **state)
{
    (void)state;
    witness_all(look_at_epochs);
}

/* RFC 9846 4.7.3#2 #7: KeyUpdate goes under the old keys, the next record under the next, and so on until the next KeyUpdate. */
static void look_at_updates(hf_role role)
{
    unsigned keys = 0, updates = 0;
    bool renewed = false;

    for (size_t i = 0; i < seen.n; i++) {
        const written *w = &seen.all[i];
        if (w->writer != role || !is_record(w))
            continue;
        bool update = w->type == HANDSHAKE && w->content.len == 5 && w->content.data[0] == 24;
        if (updates > 0)
            assert_int_equal(w->keys, renewed ? keys + 1 : keys);
        updates += update;
        renewed = update;
        keys = w->keys;
    }
    assert_true(updates >= 1);
}

static void look_at_key_updates(void)
{
    for (int role = 0; witness_is13() && role < 2; role++)
        look_at_updates((hf_role)role);
}

static void test_key_updates(void **state)
{
    (void)state;
    witness_all(look_at_key_updates);
}

/* RFC 9846 5.3#1: each key begins with record 0, so that the number is that of the records since. */
static void test_numbers(void **state)
{
    pair p;

    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    for (unsigned i = 0; i < 3; i++) {
        for (int role = 0; role < 2; role++) {
            hf_conn *from = p.end[role].conn, *to = p.end[!role].conn;
            assert_int_equal(from->out.keys.sequence, 0);
            assert_int_equal(to->in.keys.sequence, 0);
            for (unsigned n = 1; n <= 3; n++) {
                pair_send(&p, (hf_role)role, "x", 1);
                assert_int_equal(from->out.keys.sequence, n);
                assert_int_equal(to->in.keys.sequence, n);
            }
        }
        for (int role = 0; role < 2; role++)
            assert_int_equal(hf_conn_key_update(p.end[role].conn, false), HF_OK);
        pair_run(&p);
    }
    pair_free(&p);
}

/* RFC 9846 5.3#2: at the last number there is is an end, not a second record 0. */
static void test_numbers_end(void **state)
{
    (void)state;
    for (int role = 0; role < 2; role++) {
        pair p;
        pair_start(&p, NULL);
        pair_connect(&p);
        hf_conn *from = p.end[role].conn, *to = p.end[!role].conn;
        from->out.keys.limit = from->out.keys.sequence = UINT64_MAX;
        to->in.keys.sequence = UINT64_MAX;
        hf_conn_data_in(from, &(hf_iovec){ "x", 1 }, 1);
        pair_run(&p);
        assert_true(p.end[role].failed);
        assert_int_equal(p.end[!role].n_data, 0);
        pair_free(&p);
    }
}

/* RFC 9846 5.5#2: there is no KeyUpdate for early data, so that it ends where its keys do. */
static void test_early_keys_end(void **state)
{
    flow13_setup s;
    pair p;

    (void)state;
    flow13_prepare(&s, flow13_named("early data taken"));
    s.options.early = hf_span_of(NULL, 0);
    pair_start(&p, &s.options);
    hf_conn *client = p.end[HF_CLIENT].conn;
    hf_conn_next(client);
    client->out.keys.limit = 3;
    unsigned sent = 0;
    while (sent < 5 && hf_conn_data_in(client, &(hf_iovec){ "x", 1 }, 1) == 1)
        sent++;
    assert_int_equal(sent, 3);
    assert_int_equal(hf_conn_failure(client)->code, HF_E_KEY_LIMIT);
    pair_free(&p);
    flow13_release(&s);
}

/* ---- alerts ---- */

/* RFC 9846 6#3, 6.1#2 #3 #4, 5.1#9 #10 #11: one a record, close_notify is a warning and the last that is said, all errors are
   fatal. */
static void assert_alerts(hf_role role, const hf_alert *wanted, size_t n)
{
    size_t at = 0;

    for (size_t i = 0; i < seen.n; i++) {
        const written *w = &seen.all[i];
        if (w->writer != role || !is_record(w))
            continue;
        assert_true(at == 0 || w->type == ALERT);
        if (w->type != ALERT)
            continue;
        assert_true(at < n);
        bool warning = wanted[at] == HF_ALERT_close_notify || wanted[at] == HF_ALERT_user_canceled;
        assert_int_equal(w->content.len, 2);
        assert_int_equal(w->content.data[0], warning ? 1 : 2);
        assert_int_equal(w->content.data[1], wanted[at++]);
    }
    assert_int_equal(at, n);
}

static void look_at_the_end(void)
{
    static const hf_alert bye[] = { HF_ALERT_close_notify };

    for (int role = 0; role < 2; role++)
        assert_alerts((hf_role)role, bye, 1);
}

static void test_close_notify(void **state)
{
    (void)state;
    witness_all(look_at_the_end);
}

static void test_levels(void **state)
{
    static const hf_alert alerts[] = {
#define HF_ALERT(name, number, words) HF_ALERT_##name,
#include <handfast/tables/alerts.def>
#undef HF_ALERT
    };
    static const scene plain = { .name = "aborted" };
    hf_policy policy[2];

    (void)state;
    for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++) {
        const hf_alert wanted[] = { alerts[i], HF_ALERT_close_notify };
        pair_options o = witness_options(&plain, policy);
        if (alerts[i] == HF_ALERT_close_notify)
            continue;
        witness_start(plain.name, &o);
        pair_connect(&seen.p);
        hf_conn_abort(seen.p.end[HF_SERVER].conn, alerts[i]);
        pair_run(&seen.p);
        assert_alerts(HF_SERVER, wanted, alerts[i] == HF_ALERT_user_canceled ? 2 : 1);
        pair_free(&seen.p);
    }
    witness_forget();
}

/* ---- the disguise ---- */

/* RFC 9846 E.4#1: a session id that is not empty is answered by change_cipher_spec, after the first ServerHello or
   HelloRetryRequest. */
static void look_for_ccs(void)
{
    hf_client_hello h = client_hello(0);
    unsigned n = 0;

    for (size_t i = 0; i < seen.n; i++)
        if (is_record(&seen.all[i]) && seen.all[i].type == CCS && seen.all[i].writer == HF_SERVER) {
            assert_int_equal(seen.all[i].content.len, 1);
            assert_int_equal(seen.all[i].content.data[0], 1);
            n++;
        }
    if (witness_is13())
        assert_int_equal(n, h.legacy_session_id.len > 0);
}

static void test_change_cipher_spec(void **state)
{
    (void)state;
    witness_all(look_for_ccs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_and_lengths),
        cmocka_unit_test(test_record_versions),
        cmocka_unit_test(test_version_of_an_early_alert),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_nothing_between_the_parts),
        cmocka_unit_test(test_epochs),
        cmocka_unit_test(test_key_updates),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_numbers_end),
        cmocka_unit_test(test_early_keys_end),
        cmocka_unit_test(test_close_notify),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_change_cipher_spec),
    };

    return cmocka_run_group_tests_name("flow_rfc9846_records", tests, NULL, NULL);
}
