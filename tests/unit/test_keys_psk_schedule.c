/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What TLS 1.3 makes of a key that both ends have: the PSK of a ticket and the binder of its hello in
 * RFC 8448's trace of a resumed handshake; and both against values of this script, which has the hashes
 * and labels that the trace has not:
 *
 *   def expand_label(h, secret, label, context, n):
 *       info = n.to_bytes(2, 'big') + bytes([6 + len(label)]) + b'tls13 ' + label
 *       info, out, t, i = info + bytes([len(context)]) + context, b'', b'', 1
 *       while len(out) < n:
 *           t = hmac.new(secret, t + info + bytes([i]), h).digest()
 *           out, i = out + t, i + 1
 *       return out[:n]
 *   def binder(h, psk, label, hash):
 *       n = h().digest_size
 *       early = hmac.new(bytes(n), psk, h).digest()
 *       key = expand_label(h, early, label, h(b'').digest(), n)
 *       return hmac.new(expand_label(h, key, b'finished', b'', n), hash, h).digest()
 *   for h, n in (hashlib.sha256, 32), (hashlib.sha384, 48):
 *       for psk in bytes(range(16)), bytes(range(n)), bytes(range(64)):
 *           for label in b'res binder', b'ext binder':
 *               print(binder(h, psk, label, bytes(range(100, 100 + n))).hex())
 *       for nonce in b'', bytes(255):
 *           print(expand_label(h, bytes(range(50, 50 + n)), b'resumption', nonce, n).hex())
 */
#include "crypto_support.h"
#include "keys/keys.h"
#include "support/vector_file.h"

enum { LABELS = 2, PSKS = 3, NONCES = 2, NONCE_MAX = 255 };

typedef struct expected {
    hf_hash_id hash;
    const char *binders[PSKS * LABELS], *psks[NONCES];
} expected;

static const expected values[] = {
    { HF_SHA256,
      { "70b8a6fe01fd57e30b003251d83c15797d4a652d0ea7bce42e671748fbd63de8",
        "590671791af1d05907d39a9a20457cb289d4719e09866c48da3251fd9e067406",
        "f5028ed40b79bd0d3978016c5666260d23a1789f1d4f1e00d64591e253aeeeb2",
        "fc5f9e2e8e250135a100c3334409c61e23ccabe41edd7ebd33b07d6f2ee6936b",
        "461be3eab8ba33900b88dac3fb82b797dd9df410c6106ba4548be65c92175789",
        "d815d3d6a7cddfa07ef5d6961ab67179dd9c7c1bb80aad42a3b6e45a4e00567b" },
      { "8f048b8aa03d1067dd273e38c6881e748061539b9bc4a2038d29e65a7ff84204",
        "4ddedaeb425ff9487e17a323ed84dd8cbf4b51215003b1686ce63b85bd2c0935" } },
    { HF_SHA384,
      { "3c04ffc297a7f477cd268ce3a76ad2faa61a417c5b67a96fb9ed2a2a7a1beb8010e9fe4c810621dbe20c23af5c"
        "bad7f1",
        "9cf96c7463bf7b4f05a692af9cf584f2c9728c6364144ce9b8dbf8264653759dea3652eb3e94f978fb798328f8"
        "54b127",
        "8aeb0d0eb31cb2a884dd454179479e0e6751bc4dbe47927c149b7c0ce50d3da092aa0a75bd81ea0801394913dd"
        "e5ce5a",
        "a55730fc61ab367feee30707e0948e1cb4a745e5faafad4d4e21409e88d87b08a8f9674e9660d816af92de02c1"
        "c99775",
        "76347c35b1e78438217aa47dffdbd40d100f9bcbc988f715fc3f705bb2d3d7d41793dc5be62bea2ec8a3ce1637"
        "ba231d",
        "65dcecda71f1dc2226d642b22460d5d05c483a7afc45b1d1db64d37677aa70efc40de9236cbbc6fefe2b0ffdc1"
        "d8ae4b" },
      { "f5dd7852bc77188b012594680ebdb3143c37d7e7de2b53b954869a1ec75572546d63e290caed1e1a90a8a2459c"
        "ff98c4",
        "dcf91f68b70f3e1afe5fa0a9b8114cd2336a9c7351aefd54a34547e0711205e761d505915d9e80933887a08e1e"
        "14987d" } },
};

static hf_span count_from(uint8_t *out, uint8_t first, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(first + i);
    return hf_span_of(out, len);
}

static void binders(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        const expected *v = &values[i];
        size_t n = hf_hash_len(v->hash), lens[PSKS] = { 16, n, 64 };
        uint8_t psk[64], hash[HF_HASH_MAX], out[HF_HASH_MAX];

        (void)count_from(hash, 100, n);
        for (size_t k = 0; k < PSKS * LABELS; k++) {
            hf_span key = count_from(psk, 0, lens[k / LABELS]);
            assert_int_equal(hf_psk_binder(v->hash, key, k % LABELS == 1, hash, out), HF_OK);
            assert_hex(out, v->binders[k]);
        }
    }
}

/* From a nonce of each length that there may be (RFC 9846 4.7.1). */
static void psks_of_tickets(void **state)
{
    static const uint8_t zeroes[NONCE_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        const expected *v = &values[i];
        uint8_t secret[HF_HASH_MAX], out[HF_HASH_MAX], before[HF_HASH_MAX] = { 0 };
        size_t n = hf_hash_len(v->hash);

        (void)count_from(secret, 50, n);
        for (size_t len = 0; len <= NONCE_MAX; len++) {
            assert_int_equal(hf_ticket_psk(v->hash, secret, hf_span_of(zeroes, len), out), HF_OK);
            assert_memory_not_equal(out, before, n);
            memcpy(before, out, n);
            if (len == 0 || len == NONCE_MAX)
                assert_hex(out, v->psks[len > 0]);
        }
    }
}

/* ---- RFC 8448 ---- */

static const json_t *trace_of(const vector_file *f, const char *id)
{
    const json_t *trace;
    size_t i;

    json_array_foreach(json_object_get(f->root, "traces"), i, trace)
    {
        if (strcmp(vector_text(trace, "id"), id) == 0)
            return trace;
    }
    fail_msg("no trace %s", id);
    return NULL;
}

/* The fields of the step that has them. */
static const json_t *step_of(const json_t *trace, const char *op)
{
    const json_t *step;
    size_t i;

    json_array_foreach(json_object_get(trace, "steps"), i, step)
    {
        if (strcmp(vector_text(step, "op"), op) == 0 && json_object_get(step, "fields"))
            return json_object_get(step, "fields");
    }
    fail_msg("no step %s", op);
    return NULL;
}

/* The first trace's ticket is what the second resumes (RFC 8448 3, 4). */
static void the_resumed_handshake(void **state)
{
    vector_file f;
    uint8_t psk[HF_HASH_MAX], hash[HF_HASH_MAX], out[HF_HASH_MAX];
    hf_transcript transcript = { 0 };
    hf_schedule early;

    (void)state;
    vector_open(&f, "rfc8448.json");
    const json_t *first = trace_of(&f, "simple-1rtt"), *second = trace_of(&f, "resumed-0rtt");
    const json_t *made = step_of(first, "resumption_psk"), *bound = step_of(second, "psk_binder");
    const json_t *second_values = json_object_get(second, "values");
    hf_span secret = vector_hex(&f, made, "PRK"), nonce = vector_hex(&f, made, "hash");
    hf_span hello = vector_hex(&f, second_values, "ClientHello_without_binders");

    assert_int_equal(hf_ticket_psk(HF_SHA256, secret.data, nonce, psk), HF_OK);
    vector_equal("PSK", hf_span_of(psk, 32), vector_hex(&f, made, "expanded"));
    assert_int_equal(hf_schedule_early(&early, HF_SHA256, hf_span_of(psk, 32)), HF_OK);
    vector_equal("early secret", hf_span_of(early.secret, 32),
                 vector_hex(&f, second_values, "early_secret"));
    assert_int_equal(hf_transcript_start(&transcript, HF_SHA256), HF_OK);
    hf_transcript_add(&transcript, hello);
    assert_int_equal(hf_transcript_hash(&transcript, hash), HF_OK);
    vector_equal("binder_hash", hf_span_of(hash, 32), vector_hex(&f, bound, "binder_hash"));
    assert_int_equal(hf_psk_binder(HF_SHA256, hf_span_of(psk, 32), false, hash, out), HF_OK);
    vector_equal("binder", hf_span_of(out, 32), vector_hex(&f, second_values, "psk_binder"));
    /* The label tells the two kinds of key apart. */
    assert_int_equal(hf_psk_binder(HF_SHA256, hf_span_of(psk, 32), true, hash, out), HF_OK);
    assert_memory_not_equal(out, vector_hex(&f, second_values, "psk_binder").data, 32);
    hf_transcript_wipe(&transcript);
    vector_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binders),
        cmocka_unit_test(psks_of_tickets),
        cmocka_unit_test(the_resumed_handshake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
