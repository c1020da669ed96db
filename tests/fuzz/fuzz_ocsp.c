/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An OCSPResponse as a peer staples it. What the parser hands out lies within the input, and only what
 * the issuer has signed is an answer, and then the one that he gave.
 */
#include "fuzz/fuzz.h"
#include "fuzz/pki.h"
#include "x509/issue_ocsp.h"
#include "x509/ocsp.h"
#include "x509/revocation_parts.h"

/* The intermediate's responses for the leaf: good, revoked, unknown; by name and SHA-1, by key and SHA-256. */
enum { GENUINE = 6 };

static hf_status meant_by(size_t i)
{
    static const hf_status said[] = { HF_STATUS_GOOD, HF_STATUS_REVOKED, HF_STATUS_UNKNOWN };

    return said[i % 3];
}

static hf_span genuine(size_t i)
{
    static hf_span made[GENUINE];
    const test_pki *pki = fuzz_pki();
    hf_ocsp_answer answer = { .cert = &pki->leaf->cert,
                              .issuer = &pki->intermediate->cert,
                              .status = meant_by(i),
                              .revoked_at = TEST_NOW - TEST_DAY,
                              .reason = 4,
                              .this_update = TEST_NOW - TEST_DAY,
                              .next_update = TEST_NOW + TEST_DAY,
                              .sha256 = i >= 3,
                              .by_key = i >= 3 };
    uint8_t *der = NULL;
    size_t len = 0;

    if (made[i].len == 0) {
        CHECK(hf_ocsp_issue(&answer, pki->intermediate->key, &der, &len) == HF_OK);
        made[i] = hf_span_of(der, len);
    }
    return made[i];
}

static void check_within(hf_span part, hf_span der)
{
    CHECK(part.len == 0 || hf_span_within(part, der));
}

static void check_singles(const hf_ocsp *ocsp)
{
    hf_fault fault;
    hf_reader responses = hf_status_start(ocsp->responses, "responses", &fault);
    hf_ocsp_single single;
    size_t n = 0;

    while (hf_ocsp_next(&responses, &single)) {
        check_within(single.name_hash, ocsp->responses);
        check_within(single.key_hash, ocsp->responses);
        check_within(single.serial, ocsp->responses);
        CHECK(single.serial.len > 0 && ++n <= ocsp->responses.len);
    }
    CHECK(fault.offset <= ocsp->responses.len);
}

static void check_parsed(hf_span der)
{
    hf_fault fault;
    hf_ocsp ocsp;
    hf_error e = hf_ocsp_parse(&ocsp, der, &fault);

    CHECK(e == HF_OK || e == HF_E_OCSP_DER || e == HF_E_OCSP_STATUS);
    CHECK(fault.offset <= der.len);
    check_text(fault.path, sizeof fault.path);
    check_text(fault.rule, sizeof fault.rule);
    if (e != HF_OK)
        return;
    const hf_span parts[] = { ocsp.tbs,       ocsp.by_name,   ocsp.by_key,
                              ocsp.responses, ocsp.signature, ocsp.certs };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        check_within(parts[i], der);
    CHECK((ocsp.by_name.len == 0) != (ocsp.by_key.len == 0) || ocsp.by_name.len == 0);
    check_singles(&ocsp);
}

/* certs, which nobody signs, may be anything. */
static hf_span signed_part(hf_span der)
{
    hf_fault fault;
    hf_ocsp ocsp;

    CHECK(hf_ocsp_parse(&ocsp, der, &fault) == HF_OK);
    return ocsp.tbs;
}

static void check_answer(hf_span der)
{
    const test_pki *pki = fuzz_pki();
    hf_path_query query = test_pki_query(pki);
    char detail[HF_DETAIL_MAX];
    hf_status status;
    int64_t next = 0;
    unsigned units = HF_SIGNATURE_BUDGET;
    hf_error e = hf_ocsp_status(&query, der, &pki->leaf->cert, &pki->intermediate->cert, &units,
                                &status, detail);

    check_text(detail, sizeof detail);
    CHECK(e == HF_OK || status == HF_STATUS_UNKNOWN);
    hf_error fits = hf_ocsp_fits(der, &pki->leaf->cert, &pki->intermediate->cert, TEST_NOW, &next);
    CHECK(e != HF_OK || fits == HF_OK);
    CHECK((fits == HF_OK) == (next > 0));
    if (status == HF_STATUS_UNKNOWN)
        return;
    size_t i = 0;
    while (i < GENUINE && !hf_span_equal(signed_part(der), signed_part(genuine(i))))
        i++;
    CHECK(i < GENUINE && status == meant_by(i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_parsed(hf_span_of(data, size));
    check_answer(hf_span_of(data, size));
    return 0;
}
