/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * RFC 8448, sections 3 to 5: a simple handshake, a resumed one with 0-RTT and one with
 * HelloRetryRequest, between two ends of ours, byte for byte as other people's ends made them. support/rfc8448.h says what the trace
 * gives to the ends and what they must find by themselves; rfc8448_watch.c what is compared on the
 * way. What must be refused when a bit of it changes is test_rfc8448_flipped.c.
 */
#include "support/rfc8448.h"

#include <stdio.h>

/* Nothing was left out: every draw used, every key compared, nothing more to say. */
static void assert_complete(const replay_end *end)
{
    enum { ALL_KEYS = 0xf, ALL_LINES = 0x1f, KEY_CHANGES = 4 };
    enum { EARLY_KEYS = 0x1f, EARLY_LINES = 0x7f, EARLY_KEY_CHANGES = 5 };
    bool early = replay_resumes(end->replay);

    assert_true(end->connected);
    assert_true(end->closed);
    assert_int_equal(end->drawn, end->n_draws);
    assert_int_equal(end->keys_seen,
                     early ? EARLY_KEYS
                           : ALL_KEYS); /* client and server, handshake and application */
    assert_int_equal(end->stages, early ? EARLY_KEY_CHANGES : KEY_CHANGES);
    assert_int_equal(end->logged, early ? EARLY_LINES : ALL_LINES);
    assert_int_equal(hf_conn_wire_out(end->conn).len, 0);
}

/* The client knows whom it talks to except for the name, which the certificate holds nowhere that
   counts (RFC 9525): what was relaxed is that and no more. */
static void assert_only_the_name_is_wrong(replay *r)
{
    const hf_conn_info *info = hf_conn_info_of(r->end[HF_CLIENT].conn);

    assert_false(info->peer_verified);
    assert_int_equal(info->peer_error, HF_E_CERT_NAME);
    assert_int_equal(info->signature_scheme, HF_SCHEME_rsa_pss_rsae_sha256);
}

/* RFC 9846 2.3, 4.3.10: who comes back knows the peer from before; the early data was taken as such, once, after the register
   was asked. */
static void assert_early_data(replay *r)
{
    const hf_conn_info *info = hf_conn_info_of(r->end[HF_CLIENT].conn);

    assert_true(info->peer_verified);
    assert_string_equal(hf_conn_peer(r->end[HF_CLIENT].conn)->subject, "CN=rsa");
    for (int role = 0; role < 2; role++) {
        info = hf_conn_info_of(r->end[role].conn);
        assert_true(info->resumed);
        assert_int_equal(info->early, HF_EARLY_ACCEPTED);
        assert_int_equal(info->early_error, HF_OK);
        assert_int_equal(info->session_error, HF_OK);
    }
    assert_int_equal(r->claimed, 1);
    assert_int_equal(r->end[HF_SERVER].early, 1);
}

static void assert_replays(const replay_options *options, bool retried)
{
    static replay r;

    replay_start(&r, options);
    replay_run(&r);
    replay_compare_ends(&r);
    replay_print(&r);
    assert_int_equal(r.n_differences, 0);
    for (int role = 0; role < 2; role++) {
        const hf_conn_info *info = hf_conn_info_of(r.end[role].conn);
        assert_complete(&r.end[role]);
        assert_int_equal(info->cipher_suite, HF_TLS_AES_128_GCM_SHA256);
        assert_int_equal(info->group, retried ? HF_GROUP_secp256r1 : HF_GROUP_x25519);
        assert_int_equal(info->retried, retried);
        assert_string_equal(info->server_name, "server");
    }
    size_t records = json_array_size(json_object_get(r.trace, "records"));
    assert_int_equal(r.end[HF_CLIENT].opened + r.end[HF_SERVER].opened, records);
    if (replay_resumes(&r))
        assert_early_data(&r);
    else
        assert_only_the_name_is_wrong(&r);
    if (options->chunk <= 1)
        printf("%s, %s: %zu records, %zu comparisons, no difference\n", options->trace,
               options->chunk ? "byte by byte" : "record by record", records, r.compared);
    replay_stop(&r);
}

static void simple_1rtt(void **state)
{
    (void)state;
    assert_replays(&(replay_options){ .trace = "simple-1rtt" }, false);
}

static void simple_1rtt_in_pieces(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk <= 7; chunk++)
        assert_replays(&(replay_options){ .trace = "simple-1rtt", .chunk = chunk }, false);
}

static void hello_retry_request(void **state)
{
    (void)state;
    assert_replays(&(replay_options){ .trace = "hello-retry-request" }, true);
}

static void hello_retry_request_in_pieces(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk <= 7; chunk++)
        assert_replays(&(replay_options){ .trace = "hello-retry-request", .chunk = chunk }, true);
}

static void resumed_0rtt(void **state)
{
    (void)state;
    assert_replays(&(replay_options){ .trace = "resumed-0rtt" }, false);
}

static void resumed_0rtt_in_pieces(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk <= 7; chunk++)
        assert_replays(&(replay_options){ .trace = "resumed-0rtt", .chunk = chunk }, false);
}

/* Certificate and CertificateVerify need no override: with the trace's certificate as its identity
   and the trace's signature from its signer, our server writes the same messages. */
static void own_certificate(void **state)
{
    (void)state;
    assert_replays(&(replay_options){ .trace = "simple-1rtt", .own_certificate = true }, false);
    assert_replays(&(replay_options){ .trace = "hello-retry-request", .own_certificate = true },
                   true);
}

/* The ticket of the trace belongs to the secret that both ends kept (RFC 9846 4.7.1). */
static void resumption_psk(void **state)
{
    static replay r;
    uint8_t psk[32];

    (void)state;
    replay_start(&r, &(replay_options){ .trace = "simple-1rtt" });
    replay_run(&r);
    for (int role = 0; role < 2; role++) {
        const hf_secrets *s = &r.end[role].conn->engine.secrets;
        assert_int_equal(hf_expand_label(s->hash, hf_span_of(s->resumption, sizeof psk),
                                         "resumption", replay_value(&r, "ticket_nonce"), psk,
                                         sizeof psk),
                         HF_OK);
        vector_equal("resumption_psk", hf_span_of(psk, sizeof psk),
                     replay_value(&r, "resumption_psk"));
    }
    replay_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simple_1rtt),         cmocka_unit_test(simple_1rtt_in_pieces),
        cmocka_unit_test(hello_retry_request), cmocka_unit_test(hello_retry_request_in_pieces),
        cmocka_unit_test(resumed_0rtt),        cmocka_unit_test(resumed_0rtt_in_pieces),
        cmocka_unit_test(own_certificate),     cmocka_unit_test(resumption_psk),
    };

    return cmocka_run_group_tests_name("rfc8448", tests, NULL, NULL);
}
