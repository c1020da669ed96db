/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * PEM. Blocks that are found lie within the text and in order; a body that decodes is written and
 * decoded as the same again. Any bytes survive being written and read. A bundle of certificates, one of
 * CRLs and a private key may be anything at all: they are read, or refused by one of the rows for them, and a
 * key that is read reads the same when it was written.
 */
#include <handfast/config.h>

#include "crypto/base64.h"
#include "crypto/pem.h"
#include "fuzz/fuzz.h"
#include "x509/revocation_parts.h"
#include "x509/trust.h"

static void check_round_trip(const char *label, hf_span der)
{
    uint8_t *pem = NULL, *again = NULL;
    size_t pem_len = 0, len = 0;

    CHECK(hf_pem_write(label, der, &pem, &pem_len) == HF_OK && strlen((char *)pem) == pem_len);
    hf_span text = hf_span_of(pem, pem_len);
    hf_error e = hf_pem_next(&text, label, &again, &len);
    CHECK(der.len > 0 ? e == HF_OK && hf_span_equal(hf_span_of(again, len), der) : e != HF_OK);
    if (e == HF_OK)
        hf_free(again);
    hf_free(pem);
}

static void check_block(const hf_pem_block *block)
{
    uint8_t *der = NULL;
    size_t len = 0;

    CHECK(hf_span_within(block->label, block->whole) && hf_span_within(block->body, block->whole));
    if (hf_pem_decode(block, &der, &len) != HF_OK)
        return;
    CHECK(block->closed && len > 0 && len <= block->body.len / 4 * 3);
    check_round_trip("CERTIFICATE", hf_span_of(der, len));
    hf_free_secret(der, block->body.len);
}

static void check_blocks(hf_span text)
{
    hf_span rest = text;
    hf_pem_block block;
    const uint8_t *last = text.data;

    while (hf_pem_find(&rest, &block)) {
        CHECK(hf_span_within(block.whole, text) && block.whole.data >= last);
        last = block.whole.data + block.whole.len;
        CHECK(rest.data == last && rest.data + rest.len == text.data + text.len);
        check_block(&block);
    }
    CHECK(rest.len == 0);
}

static void check_bundle(hf_span text)
{
    hf_trust *trust = hf_trust_new();
    size_t added = 0;

    CHECK(trust);
    hf_error e = hf_trust_add_pem(trust, text, &added);
    CHECK((e == HF_OK) == (added > 0) || e == HF_E_LIMIT);
    CHECK(e == HF_OK || e == HF_E_LIMIT || e == HF_E_CONFIG_PEM ||
          strncmp(hf_error_row_of(e)->name, "CERT_", 5) == 0);
    CHECK(hf_trust_count(trust) <= added); /* the same one twice counts once */
    hf_trust_free(trust);
}

/* One in DER, or any number in PEM; what came in reads as one. */
static void check_crls(hf_span text)
{
    hf_trust *trust = hf_trust_new();
    hf_crl crl;
    hf_fault fault;
    hf_span der;

    CHECK(trust);
    hf_error e = hf_trust_add_crls(trust, text);
    CHECK(e == HF_OK || e == HF_E_LIMIT || e == HF_E_CONFIG_PEM ||
          strncmp(hf_error_row_of(e)->name, "CRL_", 4) == 0);
    CHECK(e != HF_OK || hf_trust_crl_at(trust, 0).len > 0);
    for (size_t i = 0; (der = hf_trust_crl_at(trust, i)).len > 0; i++)
        CHECK(hf_crl_parse(&crl, der, &fault) == HF_OK);
    hf_trust_free(trust);
}

static void check_key(hf_span text)
{
    hf_private_key *key = NULL, *again = NULL;
    uint8_t *pem = NULL;
    size_t len = 0;

    hf_error e = hf_private_key_from_pem(&key, text, NULL);
    if (e != HF_OK) {
        CHECK(!key && (e == HF_E_CONFIG_PEM || e == HF_E_CONFIG_KEY_ENCRYPTED ||
                       e == HF_E_CONFIG_KEY_PASSWORD || e == HF_E_CONFIG_KEY_UNSUPPORTED ||
                       e == HF_E_LIMIT));
        return;
    }
    CHECK(hf_private_key_to_pem(key, &pem, &len) == HF_OK);
    CHECK(hf_private_key_from_pem(&again, hf_span_of(pem, len), NULL) == HF_OK);
    CHECK(hf_private_key_type(again) == hf_private_key_type(key));
    CHECK(hf_private_key_bits(again) == hf_private_key_bits(key));
    hf_free_secret(pem, len);
    hf_private_key_free(again);
    hf_private_key_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = tight_copy(hf_span_of(data, size));
    hf_span text = hf_span_of(copy, size);

    check_blocks(text);
    check_bundle(text);
    check_crls(text);
    check_key(text);
    check_round_trip("ANY LABEL", text);
    free(copy);
    return 0;
}
