/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * TLS 1.3's key schedule (RFC 9846 7) for all three suites, without a PSK and with one: every output
 * of tests/vectors/data/tls13-keyschedule.json from src/keys, in the order of the RFC's diagram. RFC
 * 8448 knows SHA-256 and AES-128 only. An output that no check asks for is a failure too.
 */
#include "keys/keys.h"
#include "support/vector_file.h"

#include <stdio.h>
#include <string.h>

enum { GENERATIONS = 3, NAME = 80 }; /* application traffic secrets 0, 1 and 2 */

typedef struct vector {
    vector_file *file;
    const json_t *inputs, *outputs;
    const hf_suite *suite;
    hf_hash_id id;
    size_t n; /* bytes of a secret */
    size_t checked;
} vector;

static hf_span input(const vector *v, const char *name)
{
    return vector_hex(v->file, v->inputs, name);
}

static void output(vector *v, const char *name, const uint8_t *found, size_t len)
{
    vector_equal(name, hf_span_of(found, len), vector_hex(v->file, v->outputs, name));
    v->checked++;
}

/* Derive-Secret, and what becomes of it is the output of that name. hash: an input, or NULL for that
   of the empty string. */
static void derive(vector *v, const uint8_t *from, const char *label, const char *hash,
                   const char *name, uint8_t *out)
{
    uint8_t of_nothing[HF_HASH_MAX];

    assert_int_equal(hf_hash_once(v->id, hf_span_of("", 0), of_nothing), HF_OK);
    assert_int_equal(
        hf_derive_secret(v->id, from, label, hash ? input(v, hash).data : of_nothing, out), HF_OK);
    output(v, name, out, v->n);
}

/* ---- what hangs on a secret ---- */

/* name: with %s for "key" and "iv". */
static void keys(vector *v, const uint8_t *secret, const char *name)
{
    char text[NAME];
    hf_traffic t;

    assert_int_equal(hf_traffic_keys(&t, v->suite, secret), HF_OK);
    assert_int_equal(t.key.id, v->suite->aead);
    snprintf(text, sizeof text, name, "key");
    output(v, text, t.key.key, hf_aead_key_len(v->suite->aead));
    snprintf(text, sizeof text, name, "iv");
    output(v, text, t.iv, sizeof t.iv);
}

static void finished(vector *v, const uint8_t *base, const char *hash, const char *key_name,
                     const char *data_name)
{
    uint8_t out[HF_HASH_MAX];
    hf_span nothing = { NULL, 0 };

    assert_int_equal(hf_expand_label(v->id, hf_span_of(base, v->n), "finished", nothing, out, v->n),
                     HF_OK);
    output(v, key_name, out, v->n);
    assert_int_equal(hf_verify_data(v->id, base, input(v, hash).data, out), HF_OK);
    output(v, data_name, out, v->n);
}

static void exporter(vector *v, const uint8_t *exporter_secret, bool with_context, const char *name)
{
    hf_secrets s = { .hash = v->id };
    uint8_t out[256];
    size_t len = (size_t)json_integer_value(json_object_get(v->inputs, "exporter_length"));

    memcpy(s.exporter, exporter_secret, v->n);
    assert_in_range(len, 1, sizeof out);
    assert_int_equal(hf_export(&s, vector_text(v->inputs, "exporter_label"),
                               with_context ? input(v, "exporter_context") : hf_span_of("", 0), out,
                               len),
                     HF_OK);
    output(v, name, out, len);
}

/* ---- the three stages ---- */

static void with_psk(vector *v, const hf_schedule *s)
{
    uint8_t out[HF_HASH_MAX];

    derive(v, s->secret, "ext binder", NULL, "binder_key_external", out);
    finished(v, out, "transcript_hash_client_hello_without_binders", "binder_finished_key_external",
             "binder_external");
    derive(v, s->secret, "res binder", NULL, "binder_key_resumption", out);
    finished(v, out, "transcript_hash_client_hello_without_binders",
             "binder_finished_key_resumption", "binder_resumption");
    derive(v, s->secret, "c e traffic", "transcript_hash_client_hello",
           "client_early_traffic_secret", out);
    keys(v, out, "client_early_traffic_%s");
    derive(v, s->secret, "e exp master", "transcript_hash_client_hello",
           "early_exporter_master_secret", out);
    exporter(v, out, true, "early_exporter_output");
}

static void early(vector *v, hf_schedule *s)
{
    uint8_t out[HF_HASH_MAX];
    hf_span psk = input(v, "psk");

    assert_int_equal(hf_schedule_early(s, v->id, psk), HF_OK);
    output(v, "early_secret", s->secret, v->n);
    if (psk.len > 0)
        with_psk(v, s);
    derive(v, s->secret, "derived", NULL, "derived_for_handshake", out);
}

static void handshake(vector *v, hf_schedule *s)
{
    uint8_t out[HF_HASH_MAX];

    assert_int_equal(hf_schedule_handshake(s, input(v, "ecdhe")), HF_OK);
    output(v, "handshake_secret", s->secret, v->n);
    derive(v, s->secret, "c hs traffic", "transcript_hash_server_hello",
           "client_handshake_traffic_secret", out);
    keys(v, out, "client_handshake_traffic_%s");
    finished(v, out, "transcript_hash_before_client_finished", "client_finished_key",
             "client_finished_verify_data");
    derive(v, s->secret, "s hs traffic", "transcript_hash_server_hello",
           "server_handshake_traffic_secret", out);
    keys(v, out, "server_handshake_traffic_%s");
    finished(v, out, "transcript_hash_before_server_finished", "server_finished_key",
             "server_finished_verify_data");
    derive(v, s->secret, "derived", NULL, "derived_for_master", out);
}

/* RFC 9846 7.2: two key updates. */
static void traffic(vector *v, const hf_schedule *s, const char *label, const char *role)
{
    uint8_t secret[HF_HASH_MAX];
    char name[NAME];

    snprintf(name, sizeof name, "%s_application_traffic_secret_0", role);
    derive(v, s->secret, label, "transcript_hash_server_finished", name, secret);
    for (int i = 0; i < GENERATIONS; i++) {
        if (i > 0) {
            assert_int_equal(hf_next_traffic_secret(v->id, secret), HF_OK);
            snprintf(name, sizeof name, "%s_application_traffic_secret_%d", role, i);
            output(v, name, secret, v->n);
        }
        snprintf(name, sizeof name, "%s_application_traffic_%%s_%d", role, i);
        keys(v, secret, name);
    }
}

static void application(vector *v, hf_schedule *s)
{
    uint8_t out[HF_HASH_MAX], psk[HF_HASH_MAX];

    assert_int_equal(hf_schedule_main(s), HF_OK);
    output(v, "master_secret", s->secret, v->n);
    traffic(v, s, "c ap traffic", "client");
    traffic(v, s, "s ap traffic", "server");
    derive(v, s->secret, "exp master", "transcript_hash_server_finished", "exporter_master_secret",
           out);
    exporter(v, out, true, "exporter_output");
    exporter(v, out, false, "exporter_output_empty_context");
    derive(v, s->secret, "res master", "transcript_hash_client_finished",
           "resumption_master_secret", out);
    assert_int_equal(hf_expand_label(v->id, hf_span_of(out, v->n), "resumption",
                                     input(v, "ticket_nonce"), psk, v->n),
                     HF_OK);
    output(v, "resumption_psk", psk, v->n);
}

/* ---- the file ---- */

static void run(vector_file *file, const json_t *json)
{
    const char *name = vector_text(json, "cipher_suite");
    vector v = { .file = file,
                 .inputs = json_object_get(json, "inputs"),
                 .outputs = json_object_get(json, "outputs") };
    hf_schedule schedule;

    v.suite = hf_suite_named(name);
    assert_non_null(v.suite);
    v.id = v.suite->hash;
    v.n = hf_hash_len(v.id);
    early(&v, &schedule);
    handshake(&v, &schedule);
    application(&v, &schedule);
    printf("%s, %s: %zu outputs\n", name, vector_text(json, "psk_mode"), v.checked);
    assert_int_equal(v.checked, json_object_size(v.outputs));
}

static void every_suite(void **state)
{
    vector_file file;
    const json_t *vectors, *one;
    size_t i;

    (void)state;
    vector_open(&file, "tls13-keyschedule.json");
    vectors = json_object_get(file.root, "vectors");
    assert_int_equal(json_array_size(vectors), 6); /* three suites, without and with a PSK */
    json_array_foreach(vectors, i, one)
    {
        run(&file, one);
    }
    vector_close(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_suite) };

    return cmocka_run_group_tests_name("keyschedule", tests, NULL, NULL);
}
