/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What TLS 1.2's keys are good for: application data in records of every allowed size and never before
 * CONNECTED, exporters, and a key log from which somebody else can read the traffic.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow12.h"

enum { EXPLICIT_NONCE = 8, HEADER = HF_RECORD_HEADER };

/* ---- no data before CONNECTED ---- */

static void assert_no_data(pair *p)
{
    for (int role = 0; role < 2; role++) {
        hf_conn *c = p->end[role].conn;
        if (p->end[role].connected)
            continue;
        assert_int_equal(hf_conn_data_in(c, &(hf_iovec){ "early", 5 }, 1), 0);
        assert_false(hf_conn_wants(c, NULL) & HF_WANT_CAN_SEND);
        assert_int_equal(
            hf_conn_export(c, "EXPORTER-x", (hf_span){ NULL, 0 }, (uint8_t[8]){ 0 }, 8),
            HF_E_MISUSE);
    }
}

/* RFC 5246 7.4.9: data flows when Finished was sent, received and found right: keys are there two messages earlier. Asked after
   every byte, in every shape. */
static void test_no_data_between_keys_and_connected(void **state)
{
    const flow12 *flow;
    unsigned asked = 0, with_keys = 0;

    (void)state;
    for (size_t i = 0; (flow = flow12_row(i)) != NULL; i++) {
        flow12_setup setup;
        pair p;
        flow12_prepare(&setup, flow);
        setup.options.chunk = 1;
        flow12_start(&p, &setup);
        for (bool moved = true; moved; asked++) {
            moved = false;
            for (int role = 0; role < 2; role++) {
                pair_events(&p, (hf_role)role);
                assert_no_data(&p);
                with_keys += p.end[role].conn->out.is_protected && !p.end[role].connected;
                moved |= pair_carry(&p, (hf_role)role);
            }
        }
        assert_true(p.end[0].connected && p.end[1].connected);
        assert_int_equal(p.end[0].n_data + p.end[1].n_data, 0);
        pair_free(&p);
        flow12_release(&setup);
    }
    printf("asked %u times, %u of them with writing keys\n", asked, with_keys);
    assert_true(with_keys > 100);
}

/* The peer's data in that window is refused. */
static void test_the_peers_data_is_refused_before_finished(void **state)
{
    const flow12 *flow;

    (void)state;
    for (size_t i = 0; (flow = flow12_row(i)) != NULL; i++)
        for (int victim = 0; victim < 2; victim++) {
            flow12_setup setup;
            hostile h;
            flow12_prepare(&setup, flow);
            flow12_hostile(&h, (hf_role)victim, &setup);
            hostile_until(&h, HF_MSG_Finished, 0);
            assert_true(hostile_conn(&h)->in.is_protected);
            hostile_record(&h, HF_CT_APPLICATION_DATA, hf_span_str("too early"));
            assert_int_equal(hostile_alert(&h), HF_ALERT_unexpected_message);
            assert_int_equal(hostile_failure(&h)->code, HF_E_UNEXPECTED_DATA);
            assert_false(hostile_end(&h)->connected);
            hostile_assert_dead(&h, 0);
            hostile_free(&h);
            flow12_release(&setup);
        }
}

/* ---- records ---- */

typedef struct seen {
    hf_role writer;
    bool protected;
    size_t longest;
} seen;

/* Whole records go by; in TLS 1.2 the type stands outside, so it does not count. */
static void look(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    seen *s = p->user;
    size_t at = 0;

    while (from == s->writer && at < *len) {
        size_t body = (size_t)(bytes[at + 3] << 8 | bytes[at + 4]);
        if (s->protected && body - EXPLICIT_NONCE - HF_AEAD_TAG > s->longest)
            s->longest = body - EXPLICIT_NONCE - HF_AEAD_TAG;
        s->protected |= bytes[at] == HF_CT_CHANGE_CIPHER_SPEC;
        at += HEADER + body;
        assert_true(at <= *len);
    }
}

static void send_and_check(pair *p, hf_role from, size_t n)
{
    uint8_t *bytes = malloc(n);

    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    p->end[!from].n_data = 0;
    pair_send(p, from, bytes, n);
    assert_int_equal(p->end[!from].n_data, n);
    assert_memory_equal(p->end[!from].data, bytes, n);
    free(bytes);
}

/* RFC 5246 6.2.1: boundaries mean nothing, whatever the transport makes of them. */
static void test_much_data_both_ways(void **state)
{
    static const uint16_t suites[] = { 0xc02b, 0xc02c, 0xcca9 };
    static const size_t chunks[] = { 0, 1447, 1 };

    (void)state;
    for (size_t s = 0; s < 3; s++)
        for (size_t c = 0; c < 3; c++) {
            hf_policy policy = flow12_policy(false);
            pair_options o = { .pki = shared_pki(HF_KEY_ED25519),
                               .policy = { &policy, &policy },
                               .chunk = chunks[c] };
            size_t much = chunks[c] == 1 ? 20000 : 1000000;
            pair p;
            policy.suites[0] = suites[s];
            pair_start(&p, &o);
            pair_connect(&p);
            send_and_check(&p, HF_CLIENT, much);
            send_and_check(&p, HF_SERVER, much);
            assert_int_equal(hf_conn_info_of(p.end[HF_CLIENT].conn)->data_out, much);
            assert_int_equal(hf_conn_info_of(p.end[HF_CLIENT].conn)->data_in, much);
            pair_free(&p);
        }
}

static size_t padding(void *user, uint8_t type, size_t len)
{
    (void)user, (void)type, (void)len;
    return 100;
}

/* set_max_record counts content; TLS 1.2's AEAD suites have no padding, and the hook is not asked for any. */
static void test_max_record(void **state)
{
    hf_policy policy = flow12_policy(false);
    pair_options o = { .pki = shared_pki(HF_KEY_ED25519),
                       .policy = { &policy, &policy },
                       .hooks = { { .padding = padding } } };
    seen s = { .writer = HF_CLIENT };
    pair p;

    (void)state;
    pair_start(&p, &o);
    p.user = &s;
    p.tamper = look;
    pair_connect(&p);
    s.longest = 0;
    assert_int_equal(hf_conn_set_max_record(p.end[HF_CLIENT].conn, 100), HF_OK);
    send_and_check(&p, HF_CLIENT, 1000);
    assert_int_equal(s.longest, 100);
    pair_free(&p);
}

/* ---- record_size_limit (RFC 8449) ---- */

static void limits(uint16_t client, uint16_t server)
{
    size_t limit[2] = { client, server };

    for (int writer = 0; writer < 2; writer++) {
        hf_policy policy[2] = { flow12_policy(false), flow12_policy(false) };
        size_t allowed = limit[!writer] < HF_PLAINTEXT_MAX ? limit[!writer] : HF_PLAINTEXT_MAX;
        seen s = { .writer = (hf_role)writer };
        pair p;
        policy[HF_CLIENT].record_size_limit = client;
        policy[HF_SERVER].record_size_limit = server;
        pair_options o = { .pki = shared_pki(HF_KEY_ED25519),
                           .policy = { &policy[HF_CLIENT], &policy[HF_SERVER] } };
        pair_start(&p, &o);
        p.user = &s;
        p.tamper = look;
        pair_connect(&p);
        send_and_check(&p, (hf_role)writer, 20000);
        assert_int_equal(s.longest, allowed); /* honoured, and used */
        pair_free(&p);
    }
}

static void test_record_size_limit_is_honoured(void **state)
{
    (void)state;
    limits(64, 16385);
    limits(16385, 64);
    limits(512, 64);
    limits(64, 512);
    limits(16385, 16385);
    limits(16384, 16384);
}

/* RFC 8449 4: a record that is longer than what was announced is record_overflow; one as long is not. */
static void test_record_size_limit_is_enforced(void **state)
{
    static const uint8_t data[HF_PLAINTEXT_MAX + 1];
    static const uint16_t announced[] = { 64, 512, 16384, 16385 };

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (int victim = 0; victim < 2; victim++)
            for (int longer = 0; longer < 2; longer++) {
                size_t limit = announced[i] < HF_PLAINTEXT_MAX ? announced[i] : HF_PLAINTEXT_MAX;
                hf_policy narrow = flow12_policy(false), wide = flow12_policy(false);
                narrow.record_size_limit = announced[i];
                pair_options o = { .pki = shared_pki(HF_KEY_ED25519), .policy = { &wide, &wide } };
                hostile h;
                o.policy[victim] = &narrow;
                flow12_hostile_with(&h, (hf_role)victim, &o);
                hostile_rest(&h);
                hostile_record(&h, HF_CT_APPLICATION_DATA,
                               hf_span_of(data, limit + (size_t)longer));
                if (longer) {
                    assert_int_equal(hostile_alert(&h), HF_ALERT_record_overflow);
                    hostile_assert_dead(&h, 0);
                } else {
                    assert_int_equal(hostile_end(&h)->n_data, limit);
                }
                hostile_free(&h);
            }
}

/* RFC 8449 4: no value above the version's own maximum may be announced: 2^14 where TLS 1.2 is the newest. */
static void test_the_announced_limit_is_one_of_tls12(void **state)
{
    hf_policy policy = flow12_policy(false);
    pair_options o = { .pki = shared_pki(HF_KEY_ED25519), .policy = { &policy, &policy } };

    (void)state;
    policy.record_size_limit = 16385;
    for (int victim = 0; victim < 2; victim++) {
        hf_msg msg = victim == HF_SERVER ? HF_MSG_ClientHello : HF_MSG_ServerHello;
        hostile_bytes body = { 0 };
        size_t at = 0, len = 0;
        hostile h;
        flow12_hostile_with(&h, (hf_role)victim, &o);
        hostile_until(&h, msg, 0);
        hb_set(&body, hostile_due_body(&h));
        assert_true(hb_extension(&body, msg, 28, &at, &len));
        assert_int_equal(len, 2);
        assert_int_equal(body.data[at] << 8 | body.data[at + 1], 16384);
        hb_free(&body);
        hostile_free(&h);
    }
}

/* ---- exporters (RFC 5705 4) ---- */

enum { OUT = 40 };

static void export_with(pair *p, int role, const char *label, hf_span context, uint8_t out[OUT])
{
    assert_int_equal(hf_conn_export(p->end[role].conn, label, context, out, OUT), HF_OK);
}

/* Equal at both ends; of another label, context, or connection, another value. No context is not an empty one. */
static void test_exporter(void **state)
{
    static const char *const labels[] = { "EXPORTER-one", "EXPORTER-two" };
    const hf_span contexts[] = { { NULL, 0 },
                                 hf_span_of((const uint8_t *)"", 0),
                                 hf_span_str("context"),
                                 hf_span_str("Context") };
    static const char *const flows[] = { "ECDHE", "static RSA", "resumed by ticket", "ECDHE" };
    uint8_t outs[32][OUT], again[OUT];
    size_t n = 0;

    (void)state;
    for (size_t f = 0; f < 4; f++) {
        flow12_setup setup;
        pair p;
        flow12_prepare(&setup, flow12_named(flows[f]));
        flow12_start(&p, &setup);
        pair_connect(&p);
        for (size_t l = 0; l < 2; l++)
            for (size_t c = 0; c < 4; c++, n++) {
                export_with(&p, HF_CLIENT, labels[l], contexts[c], outs[n]);
                export_with(&p, HF_SERVER, labels[l], contexts[c], again);
                assert_memory_equal(outs[n], again, OUT);
            }
        hf_conn_abort(p.end[0].conn, HF_ALERT_internal_error); /* and then the secrets are gone */
        assert_int_equal(hf_conn_export(p.end[0].conn, labels[0], contexts[0], again, OUT),
                         HF_E_MISUSE);
        pair_free(&p);
        flow12_release(&setup);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(outs[i], outs[j], OUT);
}

/* RFC 5705 4: what TLS itself derives must not come out. */
static void test_reserved_labels_are_refused(void **state)
{
    static const char *const reserved[] = { "client finished", "server finished", "master secret",
                                            "key expansion", "extended master secret" };
    flow12_setup setup;
    uint8_t out[OUT];
    pair p;

    (void)state;
    flow12_prepare(&setup, flow12_named("ECDHE"));
    flow12_start(&p, &setup);
    pair_connect(&p);
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        assert_int_equal(hf_conn_export(p.end[0].conn, reserved[i], (hf_span){ NULL, 0 }, out, OUT),
                         HF_E_MISUSE);
    pair_free(&p);
    flow12_release(&setup);
}

static hostile_bytes bare_hello;

/* A client that is too old for RFC 7627. */
static bool without_ems(void *user, hf_msg msg, hf_span *body)
{
    (void)user;
    if (msg != HF_MSG_ClientHello)
        return false;
    hb_set(&bare_hello, *body);
    hb_extension_remove(&bare_hello, msg, 23);
    *body = hb_span(&bare_hello);
    return true;
}

static void old_client(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        config->override = (hf_override){ without_ems, NULL };
}

/* RFC 7627 5.4: without extended_main_secret two connections can be made to share a master secret: nothing is exported. */
static void test_exporter_needs_the_extended_main_secret(void **state)
{
    flow12_setup setup;
    uint8_t out[OUT];
    pair p;

    (void)state;
    flow12_prepare(&setup, flow12_named("static RSA"));
    setup.options.configure = old_client;
    flow12_start(&p, &setup);
    pair_connect(&p);
    for (int role = 0; role < 2; role++) {
        assert_false(hf_conn_info_of(p.end[role].conn)->extended_main_secret);
        assert_int_equal(
            hf_conn_export(p.end[role].conn, "EXPORTER-x", (hf_span){ NULL, 0 }, out, OUT),
            HF_E_MISUSE);
    }
    pair_send(&p, HF_CLIENT, "x", 1); /* else it is a connection like any other */
    assert_int_equal(p.end[HF_SERVER].n_data, 1);
    pair_free(&p);
    flow12_release(&setup);
    hb_free(&bare_hello);
}

/* ---- the key log (RFC 9850) ---- */

/* What somebody who listens has: the lines of the log, both hellos, the records. */
typedef struct listener {
    char lines[2][HF_KEYLOG_LINE]; /* of each end's log */
    unsigned n_lines[2];
    uint8_t random[2][32];
    uint8_t record[256]; /* the last that the client sent */
    size_t len;
} listener;

static listener ear;

static void client_line(void *user, const char *line)
{
    (void)user;
    snprintf(ear.lines[HF_CLIENT], HF_KEYLOG_LINE, "%s", line);
    ear.n_lines[HF_CLIENT]++;
}

static void server_line(void *user, const char *line)
{
    (void)user;
    snprintf(ear.lines[HF_SERVER], HF_KEYLOG_LINE, "%s", line);
    ear.n_lines[HF_SERVER]++;
}

static void listen(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    hf_role writer = bytes[HEADER] == 1 ? HF_CLIENT : HF_SERVER;

    (void)p;
    if (bytes[0] == HF_CT_HANDSHAKE && (bytes[HEADER] == 1 || bytes[HEADER] == 2) && from == writer)
        memcpy(ear.random[from], bytes + HEADER + HF_HANDSHAKE_HEADER + 2, 32);
    if (from == HF_CLIENT && bytes[0] == HF_CT_APPLICATION_DATA && *len <= sizeof ear.record)
        memcpy(ear.record, bytes, ear.len = *len);
}

static void from_hex(const char *hex, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned v = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
        out[i] = (uint8_t)v;
    }
}

/* RFC 5246 6.3: client_write_key and client_write_IV come from the key_block, the master secret from the log. */
static void client_keys(const hf_suite *suite, hf_aead_key *key, uint8_t iv[HF_AEAD_NONCE])
{
    size_t key_len = hf_aead_key_len(suite->aead), iv_len = 4;
    uint8_t master[48], block[2 * (HF_AEAD_KEY_MAX + HF_AEAD_NONCE)];

    if (suite->aead == HF_CHACHA20_POLY1305)
        iv_len = 12;
    from_hex(strrchr(ear.lines[HF_CLIENT], ' ') + 1, master, sizeof master);
    assert_int_equal(hf_prf(suite->hash, hf_span_of(master, sizeof master), "key expansion",
                            hf_span_of(ear.random[HF_SERVER], 32),
                            hf_span_of(ear.random[HF_CLIENT], 32), block, 2 * (key_len + iv_len)),
                     HF_OK);
    key->id = suite->aead;
    memcpy(key->key, block, key_len);
    memset(iv, 0, HF_AEAD_NONCE);
    memcpy(iv, block + 2 * key_len, iv_len);
}

/* The client's second record under its keys (the first was Finished). */
static void open_record(const pair *p, const hf_suite *suite, const char *text)
{
    bool chacha = suite->aead == HF_CHACHA20_POLY1305;
    size_t before = HEADER + (chacha ? 0 : EXPLICIT_NONCE), n = strlen(text), plain_len = 0;
    uint8_t nonce[HF_AEAD_NONCE];
    const uint8_t ad[13] = { 0, 0, 0, 0, 0, 0, 0, 1, HF_CT_APPLICATION_DATA, 3, 3, 0, (uint8_t)n };
    hf_aead_key key = { 0 };

    client_keys(suite, &key, nonce);
    if (chacha)
        nonce[11] ^= 1; /* RFC 7905 2 */
    else
        memcpy(nonce + 4, ear.record + HEADER, EXPLICIT_NONCE); /* RFC 5288 3 */
    assert_int_equal(hf_aead_open(p->worker->aead, &key, nonce, hf_span_of(ad, sizeof ad),
                                  ear.record + before, ear.len - before, &plain_len),
                     HF_OK);
    assert_int_equal(plain_len, n);
    assert_memory_equal(ear.record + before, text, n);
}

static void read_along(const flow12 *flow, uint16_t suite)
{
    char random[65] = "", *at = random;
    flow12_setup setup;
    pair p;

    flow12_prepare(&setup, flow);
    if (suite)
        setup.policy[0].suites[0] = setup.policy[1].suites[0] = suite;
    setup.options.hooks[HF_CLIENT].keylog = client_line;
    setup.options.hooks[HF_SERVER].keylog = server_line;
    memset(&ear, 0, sizeof ear);
    pair_start(&p, &setup.options);
    p.tamper = listen;
    pair_connect(&p);
    for (size_t i = 0; i < 32; i++)
        at += snprintf(at, 3, "%02x", ear.random[HF_CLIENT][i]);
    for (int role = 0; role < 2; role++) {
        assert_int_equal(ear.n_lines[role], 1);
        assert_memory_equal(ear.lines[role], "CLIENT_RANDOM ", 14);
        assert_memory_equal(ear.lines[role] + 14, random, 64);
        assert_int_equal(strlen(ear.lines[role]), 14 + 64 + 1 + 96);
    }
    assert_string_equal(ear.lines[HF_CLIENT], ear.lines[HF_SERVER]);
    pair_send(&p, HF_CLIENT, "a secret message", 16);
    open_record(&p, hf_suite_of(setup.policy[HF_SERVER].suites[0]), "a secret message");
    pair_free(&p);
    flow12_release(&setup);
}

static void test_key_log_opens_the_traffic(void **state)
{
    static const uint16_t suites[] = { 0xc02b, 0xc02c, 0xcca9 };
    const flow12 *flow;

    (void)state;
    for (size_t i = 0; (flow = flow12_row(i)) != NULL; i++)
        read_along(flow, 0);
    for (size_t i = 0; i < 3; i++)
        read_along(flow12_named("ECDHE"), suites[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_data_between_keys_and_connected),
        cmocka_unit_test(test_the_peers_data_is_refused_before_finished),
        cmocka_unit_test(test_much_data_both_ways),
        cmocka_unit_test(test_max_record),
        cmocka_unit_test(test_record_size_limit_is_honoured),
        cmocka_unit_test(test_record_size_limit_is_enforced),
        cmocka_unit_test(test_the_announced_limit_is_one_of_tls12),
        cmocka_unit_test(test_exporter),
        cmocka_unit_test(test_reserved_labels_are_refused),
        cmocka_unit_test(test_exporter_needs_the_extended_main_secret),
        cmocka_unit_test(test_key_log_opens_the_traffic),
    };

    return cmocka_run_group_tests_name("flow_data12", tests, NULL, NULL);
}
