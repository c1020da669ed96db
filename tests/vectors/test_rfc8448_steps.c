/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The key schedule of RFC 8448's five traces, step by step as the RFC prints it: key pairs, extract,
 * derive, traffic keys, Finished, binder and resumption PSK, each from its printed inputs. This
 * reaches what the replay of three traces does not: client authentication, and secrets that the engine
 * passes by (early, shared, "derived").
 */
#include "crypto/kex.h"
#include "support/rfc8448.h"

#include <stdio.h>
#include <string.h>

enum { LEN = 32 }; /* SHA-256 throughout */

typedef struct place {
    vector_file *file;
    const json_t *values, *step, *fields;
    hf_schedule schedule;
    const char *label; /* of the step, without its "tls13 " */
    hf_kex client;     /* the last key pair of each end, of the server only what it shows */
    hf_span server_share;
} place;

static hf_span field(const place *p, const char *name)
{
    return vector_hex(p->file, p->fields, name);
}

static void found(const place *p, const uint8_t *bytes, size_t len, const char *expected)
{
    vector_equal(expected, hf_span_of(bytes, len), field(p, expected));
}

/* ---- key exchange ---- */

/* The hook for a private key that is already known. */
static bool draw(void *user, uint8_t *out, size_t len)
{
    const hf_span *key = user;

    assert_int_equal(len, key->len);
    memcpy(out, key->data, len);
    return true;
}

static void keypair(place *p)
{
    hf_span key = field(p, "private_key");
    hf_random random = { draw, &key };
    const hf_group *group = hf_group_named(vector_text(p->step, "group"));
    uint8_t share[HF_KEY_SHARE_MAX];
    hf_kex kex;

    assert_non_null(group);
    assert_int_equal(hf_kex_generate(&kex, group->code, &random, share), HF_OK);
    found(p, share, group->client_share, "public_key");
    if (strcmp(vector_text(p->step, "actor"), "client") == 0)
        p->client = kex;
    else
        p->server_share = field(p, "public_key");
}

/* What the handshake secret is extracted from. */
static void shared_secret(const place *p)
{
    uint8_t secret[HF_SHARED_SECRET_MAX];

    assert_int_equal(hf_kex_decapsulate(&p->client, p->server_share, secret), HF_OK);
    found(p, secret, hf_group_of(p->client.group)->secret, "IKM");
}

/* ---- the schedule ---- */

/* An input of zeroes is what hf_schedule puts in place of none. */
static hf_span unless_zero(hf_span input)
{
    static const uint8_t zeroes[LEN];

    return hf_span_equal(input, hf_span_of(zeroes, LEN)) ? (hf_span){ NULL, 0 } : input;
}

static void extract(place *p)
{
    const char *secret = vector_text(p->step, "secret");
    hf_span input = unless_zero(field(p, "IKM"));

    if (strcmp(secret, "handshake") == 0)
        shared_secret(p);
    if (strcmp(secret, "early") == 0)
        assert_int_equal(hf_schedule_early(&p->schedule, HF_SHA256, input), HF_OK);
    else if (strcmp(secret, "handshake") == 0)
        assert_int_equal(hf_schedule_handshake(&p->schedule, input), HF_OK);
    else
        assert_int_equal(hf_schedule_main(&p->schedule), HF_OK);
    found(p, p->schedule.secret, LEN, "secret");
}

static void derive(place *p)
{
    uint8_t out[LEN];

    assert_int_equal(
        hf_derive_secret(HF_SHA256, field(p, "PRK").data, p->label, field(p, "hash").data, out),
        HF_OK);
    found(p, out, LEN, "expanded");
}

static void traffic_keys(place *p)
{
    hf_traffic t;
    const hf_suite *suite = hf_suite_of(HF_TLS_AES_128_GCM_SHA256);

    assert_int_equal(hf_traffic_keys(&t, suite, field(p, "PRK").data), HF_OK);
    found(p, t.key.key, hf_aead_key_len(suite->aead), "key_expanded");
    found(p, t.iv, sizeof t.iv, "iv_expanded");
    assert_int_equal(t.sequence, 0);
}

/* finished_key and the HMAC of a hash under it: the same for Finished and for a binder. */
static void mac(place *p, hf_span hash)
{
    uint8_t out[LEN];
    hf_span secret = field(p, "PRK");

    assert_int_equal(hf_expand_label(HF_SHA256, secret, "finished", hf_span_of(NULL, 0), out, LEN),
                     HF_OK);
    found(p, out, LEN, "expanded");
    assert_int_equal(hf_verify_data(HF_SHA256, secret.data, hash.data, out), HF_OK);
    found(p, out, LEN, "finished");
}

static void finished(place *p)
{
    char name[64];

    snprintf(name, sizeof name, "transcript_hash_for_%s_Finished", vector_text(p->step, "actor"));
    mac(p, vector_hex(p->file, p->values, name));
}

static void psk_binder(place *p)
{
    mac(p, field(p, "binder_hash"));
}

static void resumption_psk(place *p)
{
    uint8_t out[LEN];

    assert_int_equal(
        hf_expand_label(HF_SHA256, field(p, "PRK"), p->label, field(p, "hash"), out, LEN), HF_OK);
    found(p, out, LEN, "expanded");
}

/* ---- the traces ---- */

static const struct {
    const char *op;
    void (*run)(place *p);
    size_t expected; /* how many steps of that kind the traces print */
} ops[] = {
    { "keypair", keypair, 11 },
    { "extract", extract, 15 },
    { "derive", derive, 47 },
    { "traffic_keys", traffic_keys, 21 },
    { "finished", finished, 10 },
    { "psk_binder", psk_binder, 1 },
    { "resumption_psk", resumption_psk, 1 },
};
enum { OPS = sizeof ops / sizeof *ops };

/* A step that only repeats the other side's values prints none. */
static void run_trace(vector_file *file, const json_t *trace, size_t counts[OPS])
{
    place p = { .file = file, .values = json_object_get(trace, "values") };
    size_t i;

    json_array_foreach(json_object_get(trace, "steps"), i, p.step)
    {
        const char *label = json_string_value(json_object_get(p.step, "label"));
        p.fields = json_object_get(p.step, "fields");
        p.label = label ? label + strlen("tls13 ") : NULL;
        for (size_t k = 0; p.fields && k < OPS; k++)
            if (strcmp(vector_text(p.step, "op"), ops[k].op) == 0) {
                ops[k].run(&p);
                counts[k]++;
            }
    }
}

static void every_step(void **state)
{
    size_t counts[OPS] = { 0 }, i;
    vector_file file;
    const json_t *trace;

    (void)state;
    vector_open(&file, "rfc8448.json");
    json_array_foreach(json_object_get(file.root, "traces"), i, trace)
    {
        run_trace(&file, trace, counts);
    }
    vector_close(&file);
    for (i = 0; i < OPS; i++) {
        printf("%s: %zu steps\n", ops[i].op, counts[i]);
        assert_int_equal(counts[i], ops[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_step) };

    return cmocka_run_group_tests_name("rfc8448_steps", tests, NULL, NULL);
}
