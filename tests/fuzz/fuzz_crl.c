/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A CRL in DER. What the parser hands out lies within the input, faults have a place in it, entries
 * come to an end, and only what the issuer has signed is an answer, and then the one that he gave; in a
 * trust store, which has an index and remembers the signer, as well.
 */
#include "fuzz/fuzz.h"
#include "fuzz/pki.h"
#include "x509/crl_known.h"
#include "x509/issue_crl.h"
#include "x509/revocation_parts.h"

/* The intermediate's CRLs: without entries, with the leaf's serial number, with the client's. */
enum { GENUINE = 3 };

static hf_span genuine(size_t i, hf_status *status)
{
    static hf_span made[GENUINE];
    const test_pki *pki = fuzz_pki();
    const hf_crl_entry entries[GENUINE] = {
        { .serial = { NULL, 0 } },
        { .serial = pki->leaf->cert.serial, .date = TEST_NOW - TEST_DAY, .reason = 1 },
        { .serial = pki->client->cert.serial, .date = TEST_NOW - TEST_DAY, .reason = -1 },
    };
    hf_crl_request request = { .entries = &entries[i],
                               .n = i > 0,
                               .number = i,
                               .this_update = TEST_NOW - TEST_DAY,
                               .next_update = TEST_NOW + TEST_DAY };
    uint8_t *der = NULL;
    size_t len = 0;

    *status = i == 1 ? HF_STATUS_REVOKED : HF_STATUS_GOOD;
    if (made[i].len == 0) {
        CHECK(hf_crl_issue(&request, &pki->intermediate->cert, pki->intermediate->key, &der,
                           &len) == HF_OK);
        made[i] = hf_span_of(der, len);
    }
    return made[i];
}

static void check_within(hf_span part, hf_span der)
{
    CHECK(part.len == 0 || hf_span_within(part, der));
}

static void check_entries(const hf_crl *crl)
{
    hf_fault fault;
    hf_reader entries = hf_status_start(crl->revoked, "revokedCertificates", &fault);
    hf_crl_entry entry;
    size_t n = 0;

    while (hf_crl_next(&entries, &entry)) {
        check_within(entry.serial, crl->revoked);
        CHECK(entry.serial.len > 0 && ++n <= crl->revoked.len);
        CHECK(entry.reason == HF_REASON_NONE || hf_crl_reason_name(entry.reason));
    }
    CHECK(fault.offset <= crl->revoked.len);
    check_text(fault.path, sizeof fault.path);
    check_text(fault.rule, sizeof fault.rule);
}

static void check_parsed(const hf_crl *crl, hf_span der)
{
    const hf_span parts[] = { crl->tbs, crl->issuer, crl->revoked, crl->signature,
                              crl->aki, crl->number, crl->idp };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        check_within(parts[i], der);
    CHECK(crl->tbs.len > 0 && crl->number.len > 0 && crl->issuer.len > 0);
    check_entries(crl);
}

/* Points are read before any signature is checked: against themselves, and against nothing. */
static void check_points(const hf_crl *crl)
{
    hf_cert cert = fuzz_pki()->leaf->cert;

    hf_crl_point_fits(crl, &cert);
    cert.crl_points = crl->idp;
    hf_crl_point_fits(crl, &cert);
    cert.crl_points = crl->revoked;
    hf_crl_point_fits(crl, &cert);
}

/* Ed25519 has one signature for a message, so that the whole CRL is the genuine one. */
static void check_answer(const hf_crl *crl)
{
    const test_pki *pki = fuzz_pki();
    hf_path_query query = test_pki_query(pki);
    char detail[HF_DETAIL_MAX];
    hf_status status, meant;
    unsigned units = HF_SIGNATURE_BUDGET;
    hf_error e = hf_crl_status(&query, crl, &pki->leaf->cert, &pki->intermediate->cert, &units,
                               &status, detail);

    check_text(detail, sizeof detail);
    CHECK((e == HF_OK) == (status != HF_STATUS_UNKNOWN));
    for (size_t i = 0; e == HF_OK; i++) {
        CHECK(i < GENUINE);
        if (hf_span_equal(crl->der, genuine(i, &meant))) {
            CHECK(status == meant);
            return;
        }
    }
}

/* The index finds each entry's serial number, at its first place. */
static void check_index(const hf_crl *crl)
{
    hf_fault fault;
    hf_reader entries = hf_status_start(crl->revoked, "revokedCertificates", &fault);
    hf_crl_entry entry, found;

    while (hf_crl_has_index(crl) && hf_crl_next(&entries, &entry)) {
        size_t next = 0;
        CHECK(!entry.unknown_critical && !entry.other_issuer);
        CHECK(hf_crl_find(crl, entry.serial, &next, &found));
        CHECK(hf_span_equal(found.serial, entry.serial) && found.serial.data <= entry.serial.data);
    }
    CHECK(!hf_crl_has_index(crl) || fault.code == HF_OK);
}

static void check_known(hf_crl *crl)
{
    CHECK(hf_crl_know(crl) == HF_OK);
    check_index(crl);
    check_answer(crl);
    check_answer(crl); /* the signer is known now */
    hf_crl_forget(crl);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_span der = { data, size };
    hf_crl crl;
    hf_fault fault;
    hf_error e = hf_crl_parse(&crl, der, &fault);

    CHECK(e == HF_OK || e == HF_E_CRL_DER);
    CHECK(fault.offset <= size);
    check_text(fault.path, sizeof fault.path);
    check_text(fault.rule, sizeof fault.rule);
    if (e != HF_OK)
        return 0;
    check_parsed(&crl, der);
    check_points(&crl);
    check_answer(&crl);
    check_known(&crl);
    return 0;
}
