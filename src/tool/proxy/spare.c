/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The certificate of nobody. No client trusts it, which is right: it only carries the news that the site is unavailable. */
#include "tool/proxy/spare.h"

#include "base/bytes.h"
#include "x509/issue.h"

enum { DAY = 24 * 3600, DAYS = 365 };

static hf_error issue(const hf_private_key *key, int64_t now, uint8_t **der, size_t *len)
{
    static const char *const names[] = { "unavailable.invalid" };
    const hf_random random = { NULL, NULL };
    hf_cert_request request = { .common_name = "unavailable",
                                .names = names,
                                .n_names = 1,
                                .path_len = -1,
                                .eku = HF_EKU_SERVER_AUTH,
                                .not_before = now - DAY,
                                .not_after = now + DAYS * (int64_t)DAY };

    return hf_cert_issue(&request, key, NULL, key, &random, der, len);
}

static hf_error write_out(hf_spare *spare, const hf_private_key *key, hf_span der)
{
    TRY(hf_pem_write("CERTIFICATE", der, &spare->chain, &spare->chain_len));
    return hf_private_key_to_pem(key, &spare->key, &spare->key_len);
}

hf_error hf_spare_make(hf_spare *spare, int64_t now)
{
    hf_private_key *key = NULL;
    uint8_t *der = NULL;
    size_t len = 0;

    memset(spare, 0, sizeof *spare);
    TRY(hf_private_key_generate(&key, HF_KEY_P256, 0));
    hf_error e = issue(key, now, &der, &len);
    if (e == HF_OK)
        e = write_out(spare, key, hf_span_of(der, len));
    hf_free(der);
    hf_private_key_free(key);
    return e;
}

void hf_spare_free(hf_spare *spare)
{
    hf_free(spare->chain);
    hf_free_secret(spare->key, spare->key_len);
    memset(spare, 0, sizeof *spare);
}
