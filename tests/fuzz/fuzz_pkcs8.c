/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Private keys. The input is the DER of a key under each label that a key may have, with and without a password: it is
 * read or refused by one of the rows for keys, never half. A key that is read is written as
 * PKCS#8 and read again as the same key: the same type, size and public key.
 */
#include "crypto/signature.h"
#include "fuzz/fuzz.h"

static bool is_refusal(hf_error e)
{
    return e == HF_E_CONFIG_PEM || e == HF_E_CONFIG_KEY_ENCRYPTED ||
           e == HF_E_CONFIG_KEY_PASSWORD || e == HF_E_CONFIG_KEY_UNSUPPORTED || e == HF_E_LIMIT;
}

static void check_same(const hf_private_key *a, const hf_private_key *b)
{
    uint8_t *of_a = NULL, *of_b = NULL;
    size_t len_a = 0, len_b = 0;

    CHECK(hf_private_key_type(a) == hf_private_key_type(b));
    CHECK(hf_private_key_bits(a) == hf_private_key_bits(b));
    CHECK(hf_private_key_spki(a, &of_a, &len_a) == HF_OK);
    CHECK(hf_private_key_spki(b, &of_b, &len_b) == HF_OK);
    CHECK(hf_span_equal(hf_span_of(of_a, len_a), hf_span_of(of_b, len_b)));
    hf_free(of_a);
    hf_free(of_b);
}

static void check_key(hf_span pem, const char *password)
{
    hf_private_key *key = NULL, *again = NULL;
    uint8_t *written = NULL;
    size_t len = 0;
    hf_error e = hf_private_key_from_pem(&key, pem, password);

    if (e != HF_OK) {
        CHECK(key == NULL && is_refusal(e));
        return;
    }
    CHECK(hf_private_key_type(key) != HF_KEY_NONE);
    CHECK(hf_private_key_to_pem(key, &written, &len) == HF_OK);
    CHECK(hf_private_key_from_pem(&again, hf_span_of(written, len), NULL) == HF_OK);
    check_same(key, again);
    hf_free_secret(written, len);
    hf_private_key_free(again);
    hf_private_key_free(key);
}

static void check_label(const char *label, hf_span der)
{
    uint8_t *pem = NULL;
    size_t len = 0;

    CHECK(hf_pem_write(label, der, &pem, &len) == HF_OK);
    check_key(hf_span_of(pem, len), NULL);
    hf_free(pem);
}

/* An input may ask for any number of rounds of a password hash: with a password it is tried only where that number fits in
   two octets, which the schemes write as INTEGER 02 02. */
static bool is_cheap(hf_span der)
{
    for (size_t i = 0; i + 1 < der.len; i++)
        if (der.data[i] == 0x02 && der.data[i + 1] > 2 && der.data[i + 1] <= 8)
            return false;
    return true;
}

static void check_encrypted(hf_span der)
{
    uint8_t *pem = NULL;
    size_t len = 0;

    check_label("ENCRYPTED PRIVATE KEY", der);
    if (!is_cheap(der))
        return;
    CHECK(hf_pem_write("ENCRYPTED PRIVATE KEY", der, &pem, &len) == HF_OK);
    check_key(hf_span_of(pem, len), "password");
    hf_free(pem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = tight_copy(hf_span_of(data, size));
    hf_span der = hf_span_of(copy, size);

    check_label("PRIVATE KEY", der);
    check_label("EC PRIVATE KEY", der);
    check_label("RSA PRIVATE KEY", der);
    check_encrypted(der);
    check_key(der, NULL); /* as text */
    free(copy);
    return 0;
}
