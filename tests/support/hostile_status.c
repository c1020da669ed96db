/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a bad peer's certificates are said to be: revoked, by CRL or by staple, or with a staple that says nothing. */
#include "support/hostile_certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "x509/issue_crl.h"
#include "x509/issue_ocsp.h"

#define HOUR INT64_C(3600)

enum { STATUS_REQUEST = 5, OCSP = 1 };

static hf_span staple_for(const test_cert *leaf, hf_status status)
{
    static hostile_bytes kept;
    const test_pki *pki = shared_pki(HF_KEY_P256);
    hf_ocsp_answer a = { .cert = &leaf->cert,
                         .issuer = &pki->intermediate->cert,
                         .status = status,
                         .revoked_at = TEST_NOW - HOUR,
                         .reason = HF_REASON_NONE,
                         .this_update = TEST_NOW - HOUR,
                         .next_update = TEST_NOW + HOUR };
    uint8_t *der = NULL;
    size_t len = 0;

    assert_int_equal(hf_ocsp_issue(&a, pki->intermediate->key, &der, &len), HF_OK);
    hb_set(&kept, hf_span_of(der, len));
    hf_free(der);
    return hb_span(&kept);
}

/* ---- a server's staple ---- */

static void staple(hf_config *config, hf_status status)
{
    const test_pki *pki = shared_pki(HF_KEY_P256);

    assert_int_equal(
        hf_identity_staple(config->identities[0], staple_for(pki->leaf, status), TEST_NOW), HF_OK);
}

static void staple_good(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        staple(config, HF_STATUS_GOOD);
}

static void staple_revoked(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        staple(config, HF_STATUS_REVOKED);
}

void hostile_stapled(pair_options *o, int v)
{
    (void)v;
    o->pki = shared_pki(HF_KEY_P256);
    o->configure = staple_good;
}

void hostile_stapled_revoked(pair_options *o, int v)
{
    hostile_stapled(o, v);
    o->configure = staple_revoked;
}

void hostile_stapled_hard(pair_options *o, int v)
{
    static hf_policy hard;

    hostile_stapled(o, v);
    hard = *(o->policy[HF_CLIENT] ? o->policy[HF_CLIENT] : hostile_policy());
    hard.revocation = HF_REVOCATION_HARD;
    o->policy[HF_CLIENT] = &hard;
}

/* ---- another one in its place ---- */

static void put_status(hf_msg msg, hostile_bytes *body, hf_span status)
{
    if (msg == HF_MSG_CertificateStatus)
        hb_set(body, status);
    else if (msg == HF_MSG_Certificate && hostile_version() == HF_TLS13)
        hb_extension_put(body, msg, STATUS_REQUEST, status);
}

static void put_response(hf_msg msg, hostile_bytes *body, hf_span response)
{
    hostile_bytes status = { 0 };

    hb_add_uint(&status, OCSP, 1);
    hb_add_uint(&status, response.len, 3);
    hb_add(&status, response);
    put_status(msg, body, hb_span(&status));
    hb_free(&status);
}

/* No DER, a refusal, for another certificate, an answer that is none, damaged. */
void hostile_bad_staple(hostile *h, hf_msg msg, hostile_bytes *body)
{
    const test_pki *pki = shared_pki(HF_KEY_P256);
    uint8_t refusal[HF_OCSP_REFUSAL_LEN];

    (void)h;
    hf_ocsp_refusal(3, refusal);
    switch (hostile_variant()) {
    case 0: put_response(msg, body, hf_span_of("junk", 4)); break;
    case 1: put_response(msg, body, hf_span_of(refusal, sizeof refusal)); break;
    case 2: put_response(msg, body, staple_for(pki->client, HF_STATUS_GOOD)); break;
    case 3: put_response(msg, body, staple_for(pki->leaf, HF_STATUS_UNKNOWN)); break;
    default: {
        hf_span good = staple_for(pki->leaf, HF_STATUS_GOOD);
        put_response(msg, body, hf_span_of(good.data, good.len - 1));
    }
    }
}

/* Another type, no response, too short, too long, nothing. */
void hostile_bad_status(hostile *h, hf_msg msg, hostile_bytes *body)
{
    static const struct {
        size_t len;
        const char *status;
    } rows[] = { { 5, "\2\0\0\1x" },  { 4, "\1\0\0\0" }, { 5, "\1\0\0\2x" },
                 { 6, "\1\0\0\1xy" }, { 3, "\1\0\0" },   { 0, "" } };
    int v = hostile_variant();

    (void)h;
    put_status(msg, body, hf_span_of(rows[v].status, rows[v].len));
}

/* ---- the victim's CRL ---- */

static hf_trust *trust_that_revokes(const test_pki *pki)
{
    hf_crl_entry entries[] = {
        { .serial = pki->leaf->cert.serial, .date = TEST_NOW - HOUR, .reason = HF_REASON_NONE },
        { .serial = pki->client->cert.serial, .date = TEST_NOW - HOUR, .reason = HF_REASON_NONE },
    };
    hf_crl_request request = { .entries = entries,
                               .n = 2,
                               .number = 1,
                               .this_update = TEST_NOW - HOUR,
                               .next_update = TEST_NOW + HOUR };
    hf_trust *trust = test_trust(pki->root);
    uint8_t *der = NULL;
    size_t len = 0;

    assert_int_equal(
        hf_crl_issue(&request, &pki->intermediate->cert, pki->intermediate->key, &der, &len),
        HF_OK);
    assert_int_equal(hf_trust_add_crls(trust, hf_span_of(der, len)), HF_OK);
    hf_free(der);
    return trust;
}

static void give_crl(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role != hostile_victim())
        return;
    hf_trust *trust = trust_that_revokes(shared_pki(HF_KEY_P256));
    assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    hf_trust_free(trust);
}

void hostile_revoked(pair_options *o, int v)
{
    hostile_mutual(o, v);
    o->pki = shared_pki(HF_KEY_P256);
    o->configure = give_crl;
}
