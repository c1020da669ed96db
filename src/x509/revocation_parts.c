/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Lists of extensions, faults in words, and signatures that are paid for from a budget. */
#include "x509/revocation_parts.h"

#include <stdio.h>

#include "x509/parts.h"
#include "x509/signature_cost.h"

/* ---- extensions ---- */

/* An explicit `critical FALSE` is refused: DER leaves a default out (X.690 11.5). */
static bool read_critical(hf_reader *extension)
{
    if (hf_der_peek(extension) != HF_DER_BOOLEAN)
        return false;
    bool critical = hf_der_boolean(extension, "critical");
    if (!critical)
        hf_rd_refuse(extension, HF_E_CERT_DER, 1, "critical",
                     "a default value that is not left out");
    return critical;
}

/* RFC 5280 4.2, 5.2: "MUST NOT include more than one instance of a particular extension". */
static void check_new(hf_reader *extension, const hf_span *seen, size_t n, hf_span oid)
{
    if (n == HF_CERT_EXTENSIONS_MAX)
        hf_rd_refuse(extension, HF_E_CERT_DER, 0, NULL, "more than %d extensions",
                     HF_CERT_EXTENSIONS_MAX);
    for (size_t i = 0; i < n; i++)
        if (hf_span_equal(seen[i], oid))
            hf_rd_refuse(extension, HF_E_CERT_DER, oid.len, "extnID",
                         "this extension is there twice");
}

void hf_extensions_each(hf_reader *r, hf_extension_read *read, void *into)
{
    hf_span seen[HF_CERT_EXTENSIONS_MAX];
    size_t n = 0;
    hf_reader list = hf_der_open(r, HF_DER_SEQUENCE, "Extensions");

    do {
        hf_reader extension = hf_der_open(&list, HF_DER_SEQUENCE, "Extension");
        hf_span oid = hf_der_oid(&extension, "extnID");
        check_new(&extension, seen, n, oid);
        bool critical = read_critical(&extension);
        hf_reader value = hf_der_open(&extension, HF_DER_OCTET_STRING, "extnValue");
        hf_rd_end(&extension);
        if (!hf_rd_ok(r))
            return;
        seen[n++] = oid;
        read(into, hf_oid_of(oid), critical, &value);
    } while (hf_rd_left(&list) > 0);
}

/* ---- reading ---- */

uint8_t hf_der_enumerated(hf_reader *r, const char *field)
{
    hf_span v = hf_der_read(r, HF_DER_ENUMERATED, field);

    if (hf_rd_ok(r) && (v.len != 1 || v.data[0] > 127))
        hf_rd_refuse(r, HF_E_CERT_DER, v.len, field, "not a value between 0 and 127");
    return hf_rd_ok(r) ? v.data[0] : 0;
}

hf_reader hf_status_start(hf_span der, const char *name, hf_fault *fault)
{
    fault->code = HF_OK;
    fault->offset = 0;
    fault->path[0] = fault->rule[0] = '\0';
    return hf_rd_start(der, name, 0, fault, NULL);
}

void hf_status_fault_text(const hf_fault *fault, char detail[HF_DETAIL_MAX])
{
    snprintf(detail, HF_DETAIL_MAX, "%.60s, byte %zu: %.50s", fault->path, fault->offset,
             fault->rule);
}

/* ---- signatures ---- */

static bool is_allowed(const hf_path_query *query, hf_span tbs, hf_sig_algorithm algorithm,
                       const hf_public_key *key)
{
    char words[HF_DETAIL_MAX];
    const hf_cert signed_like_it = { .tbs = tbs, .signed_with = algorithm };
    bool rsa = key->type == HF_KEY_RSA || key->type == HF_KEY_RSA_PSS;

    if (rsa && (hf_rsa_bits(key) < query->rsa_min_bits || hf_rsa_bits(key) > query->rsa_max_bits))
        return false;
    return hf_rule_signature(query, &signed_like_it, key, words) == HF_OK;
}

hf_error hf_status_charge(const hf_path_query *query, hf_span tbs, hf_sig_algorithm algorithm,
                          const hf_public_key *key, unsigned *units)
{
    unsigned cost = hf_signature_units(key);

    if (!is_allowed(query, tbs, algorithm, key))
        return HF_E_SIGNATURE_WRONG;
    if (cost > *units)
        return HF_E_CERT_BUDGET;
    *units -= cost;
    return HF_OK;
}

hf_error hf_status_signed(const hf_path_query *query, hf_span tbs, hf_sig_algorithm algorithm,
                          hf_span signature, const hf_public_key *key, unsigned *units)
{
    TRY(hf_status_charge(query, tbs, algorithm, key, units));
    return hf_verify(key, algorithm.kind, algorithm.hash, tbs, signature);
}
