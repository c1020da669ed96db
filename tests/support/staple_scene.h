/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the tests of stapling share: OCSP responses about the leaf of a PKI, a leaf that demands one, and both ends with
 * what is special about them.
 */
#ifndef TESTS_SUPPORT_STAPLE_SCENE_H
#define TESTS_SUPPORT_STAPLE_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "support/pair.h"
#include "support/x509_make.h"
#include "x509/issue_ocsp.h"

#define HOUR INT64_C(3600)

static const uint16_t versions[] = { HF_TLS13, HF_TLS12 };

/* ---- certificates and what is said about them ---- */

static const test_pki *pki;
static test_cert must_staple; /* pki's leaf again, with the TLS feature status_request */

/* RFC 7633 4.1; the rest as hf_cert_issue writes it. */
static inline int set_up(void **state)
{
    make_ext exts[] = { { MAKE_EXT_SAN, .value = make_san("dns:localhost") },
                        { "2.5.29.37", .value = make_hex("300a06082b06010505070301") },
                        { "2.5.29.15", true, make_hex("03020780") },
                        { "1.3.6.1.5.5.7.1.24", .value = make_hex("3003020105") } };

    (void)state;
    pki = shared_pki(HF_KEY_P256);
    must_staple.key = test_key(HF_KEY_P256, TEST_KEY_LEAF);
    hf_span der = make_cert(&(make_cert_options){ .subject = "CN=localhost",
                                                  .issuer_der = pki->intermediate->cert.subject,
                                                  .serial = make_hex("0777"),
                                                  .key = must_staple.key,
                                                  .issuer_key = pki->intermediate->key,
                                                  .exts = exts,
                                                  .n_exts = sizeof exts / sizeof *exts });
    must_staple.der = hf_copy(der);
    must_staple.len = der.len;
    assert_non_null(must_staple.der);
    assert_int_equal(hf_cert_parse(&must_staple.cert, test_cert_der(&must_staple), NULL), HF_OK);
    assert_true(must_staple.cert.must_staple);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    hf_free(must_staple.der);
    make_free();
    return 0;
}

/* An answer of the intermediate's about one of its certificates, in x509_make's pool. */
static inline hf_span answer(const test_cert *leaf, hf_status status, int64_t from, int64_t until)
{
    hf_ocsp_answer a = { .cert = &leaf->cert,
                         .issuer = &pki->intermediate->cert,
                         .status = status,
                         .revoked_at = TEST_NOW - 2 * HOUR,
                         .reason = 1,
                         .this_update = from,
                         .next_update = until };
    uint8_t *der = NULL;
    size_t len = 0;

    assert_int_equal(hf_ocsp_issue(&a, pki->intermediate->key, &der, &len), HF_OK);
    hf_span kept = make_bytes(der, len);
    hf_free(der);
    return kept;
}

static inline hf_span says(hf_status status)
{
    return answer(pki->leaf, status, TEST_NOW - HOUR, TEST_NOW + HOUR);
}

/* ---- a handshake ---- */

typedef struct scene {
    uint16_t version;
    hf_span staple;        /* empty: none */
    int64_t set_at;        /* when the server gets it; 0: now */
    const test_cert *leaf; /* NULL: pki's */
    hf_revocation wish;    /* the client's */
    const char *policy;    /* NULL: "default" */
    bool external;         /* the application verifies */
    pair_options options;
    hf_policy policies[2];
} scene;

static inline void configure(hf_config *config, hf_role role, void *user)
{
    const scene *s = user;

    if (role == HF_CLIENT && s->external)
        assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, 1), HF_OK);
    if (role == HF_CLIENT)
        return;
    if (s->leaf) {
        hf_identity_free(config->identities[0]);
        config->identities[0] = cert_identity(s->leaf, pki->intermediate, NULL);
    }
    assert_int_equal(
        hf_identity_staple(config->identities[0], s->staple, s->set_at ? s->set_at : TEST_NOW),
        HF_OK);
}

static inline const pair_options *options_of(scene *s)
{
    for (int role = 0; role < 2; role++) {
        s->policies[role] = policy_of_version(s->policy ? s->policy : "default", s->version);
        s->options.policy[role] = &s->policies[role];
    }
    s->policies[HF_CLIENT].revocation = (uint8_t)s->wish;
    s->options.pki = pki;
    s->options.configure = configure;
    s->options.user = s;
    return &s->options;
}

static inline const hf_conn_info *client_info(const pair *p)
{
    return hf_conn_info_of(p->end[HF_CLIENT].conn);
}

static inline void expect_good(scene s, bool stapled, hf_known staple)
{
    pair p;

    pair_start(&p, options_of(&s));
    pair_connect(&p);
    const hf_conn_info *info = client_info(&p);
    assert_int_equal(info->version, s.version);
    assert_true(info->peer_verified);
    assert_int_equal(info->stapled, stapled);
    assert_int_equal(info->staple, staple);
    assert_int_equal(info->revocation, staple);
    hf_span sent = hf_conn_peer_staple(p.end[HF_CLIENT].conn);
    assert_true(hf_span_equal(sent, stapled ? s.staple : hf_span_of(NULL, 0)));
    pair_send(&p, HF_CLIENT, "hello", 5);
    pair_free(&p);
}

static inline void expect_refused(scene s, hf_error why, uint8_t alert)
{
    pair p;

    pair_start(&p, options_of(&s));
    pair_run(&p);
    const hf_failure *f = hf_conn_failure(p.end[HF_CLIENT].conn);
    assert_non_null(f);
    assert_string_equal(hf_error_row_of(f->code)->name, hf_error_row_of(why)->name);
    assert_int_equal(f->alert, alert);
    assert_false(p.end[HF_SERVER].connected && !p.end[HF_SERVER].failed);
    assert_false(client_info(&p)->peer_verified);
    pair_free(&p);
}

/* Every scene in both versions, and in pieces of one byte. */
#define EACH(s)                                                                                    \
    for (size_t v = 0; v < 4; v++)                                                                 \
        if ((s).version = versions[v & 1], (s).options.chunk = v >> 1, true)

#endif
