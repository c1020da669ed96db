/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows cert-*, cv-* and certstatus-* of alerts.tsv in TLS 1.2: certificates and signatures that prove nothing, at both ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_certs.h"

static const hf_msg CERT = HF_MSG_Certificate;

static void empty_list(hostile_bytes *b, int v)
{
    (void)v;
    hb_set(b, S("\0\0\0"));
}

static void unasked(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_ClientKeyExchange, HF_MSG_ChangeCipherSpec,
                                 HF_MSG_Finished };

    if (v < 6)
        hostile_until(h, at[v / 2], 0);
    else
        hostile_connected(h);
    hostile_send(h, CERT, v % 2 ? S("\0\0\0") : S("\0\0\4\0\0\1x"));
}

/* ClientKeyExchange, ChangeCipherSpec or Finished where Certificate is due. */
static void omitted(hostile *h, int v)
{
    static const hf_msg others[] = { HF_MSG_ClientKeyExchange, HF_MSG_CertificateVerify,
                                     HF_MSG_ChangeCipherSpec };

    hostile_until(h, CERT, 0);
    while (hostile_due(h)->msg != others[v])
        hostile_skip(h);
    hostile_next(h);
}

static void bad_lengths(hostile_bytes *b, int v)
{
    size_t second = hostile_entry_at(b, 1);

    switch (v) {
    case 0: hostile_set24(b, hostile_list_at(), hostile_get24(b, hostile_list_at()) - 1); break;
    case 1: hostile_set24(b, hostile_list_at(), hostile_get24(b, hostile_list_at()) + 1); break;
    case 2: hostile_set24(b, hostile_list_at() + 3, 0xffffff); break;
    case 3:
        hostile_set24(b, hostile_list_at() + 3, hostile_get24(b, hostile_list_at() + 3) + 1);
        break;
    case 4: hostile_set24(b, second - 3, hostile_get24(b, second - 3) + 1); break;
    case 5: hostile_set24(b, second - 3, hostile_get24(b, second - 3) - 1); break;
    case 6: hostile_put_entry(b, 0, S("")); break;
    case 7: hostile_put_entry(b, 1, S("")); break;
    default: hb_set(b, v == 8 ? S("\0\0\1\0") : S("\0\0\3\0\0\0")); break;
    }
}

/* RSA with ECDHE_ECDSA; a curve that was not offered. */
static void other_key(hostile_bytes *b, int v)
{
    hostile_put_entry(b, 0, shared_pki(v ? HF_KEY_P384 : HF_KEY_RSA)->chain[0]);
}

/* ECDSA and Ed25519 with ECDHE_RSA. */
static void other_key_rsa(hostile_bytes *b, int v)
{
    hostile_put_entry(b, 0, shared_pki(v ? HF_KEY_ED25519 : HF_KEY_P256)->chain[0]);
}

static void status_unasked(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_ServerKeyExchange, HF_MSG_ServerHelloDone,
                                 HF_MSG_Certificate, HF_MSG_ChangeCipherSpec };

    hostile_until(h, at[v], 0);
    hostile_send(h, HF_MSG_CertificateStatus, S("\1\0\0\4ocsp"));
}

static void status_twice(hostile *h, int v)
{
    (void)v;
    hostile_until(h, HF_MSG_ServerKeyExchange, 0);
    assert_int_equal(hostile_count_said(h, HF_MSG_CertificateStatus), 1);
    hostile_send(h, HF_MSG_CertificateStatus, S("\1\0\0\4ocsp"));
}

static void status_in_resumed(hostile *h, int v)
{
    (void)v;
    hostile_until(h, HF_MSG_ChangeCipherSpec, 0);
    hostile_send(h, HF_MSG_CertificateStatus, S("\1\0\0\4ocsp"));
}

/* ---- CertificateVerify, of a client: algorithm, signature<0..2^16-1> ---- */

static void cv_missing(hostile *h, int v)
{
    hostile_until(h, HF_MSG_CertificateVerify, 0);
    hostile_skip(h);
    if (v)
        hostile_skip(h);
    hostile_next(h);
}

static void cv_unasked(hostile *h, int v)
{
    hostile_until(h, HF_MSG_ChangeCipherSpec, 0);
    hostile_send(h, HF_MSG_CertificateVerify, v ? S("") : S("\4\3\0\4sign"));
}

static void cv_too_early(hostile *h, int v)
{
    hostile_until(h, HF_MSG_ClientKeyExchange, 0);
    hostile_skip(h);
    if (v)
        hostile_send(h, HF_MSG_CertificateVerify, S("\4\3\0\4sign"));
    else
        hostile_next(h);
}

/* A server of TLS 1.2 proves its key in ServerKeyExchange, behind the parameters (RFC 5246 7.4.3): the same rows at a client. */
static void change_proof(hostile_bytes *b, int v, void (*edit)(hostile_bytes *proof, int v))
{
    size_t at = 4 + (size_t)b->data[3];
    hostile_bytes proof = { 0 };

    hb_set(&proof, hf_span_of(b->data + at, b->len - at));
    edit(&proof, v);
    hb_replace(b, at, b->len - at, hb_span(&proof));
    hb_free(&proof);
}

static void ske_malformed(hostile_bytes *b, int v)
{
    change_proof(b, v, hostile_proof_malformed);
}

/* Left out; CertificateRequest in its place; ServerHelloDone too. */
static void ske_missing(hostile *h, int v)
{
    hostile_until(h, HF_MSG_ServerKeyExchange, 0);
    hostile_skip(h);
    if (v == 0)
        hostile_next(h);
    else
        hostile_send(h, v == 1 ? HF_MSG_CertificateRequest : HF_MSG_CertificateVerify,
                     S("\1\100\0\2\4\3\0\0"));
}

static void cv_not_offered(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0603, 0xbaba, 0x0808, 0x0000, 0xffff, 0x0402 };

    hostile_set_scheme(b, schemes[v]);
}

static void cv_other_key(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0804, 0x0807, 0x0809, 0x0806, 0x0401 };

    hostile_set_scheme(b, schemes[v]);
}

static void cv_other_key_rsa(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0403, 0x0807, 0x0809, 0x080b, 0x0503 };

    hostile_set_scheme(b, schemes[v]);
}

static void ske_not_offered(hostile_bytes *b, int v)
{
    change_proof(b, v, cv_not_offered);
}

static void ske_other_key(hostile_bytes *b, int v)
{
    change_proof(b, v, cv_other_key);
}

static void ske_other_key_rsa(hostile_bytes *b, int v)
{
    change_proof(b, v, cv_other_key_rsa);
}

/* A bit flipped in two places, zeroes, no signature. */
static void spoil(hostile_bytes *proof, int v)
{
    switch (v) {
    case 0: proof->data[proof->len - 1] ^= 1; break;
    case 1: proof->data[4] ^= 0x80; break;
    case 2: memset(proof->data + 4, 0, proof->len - 4); break;
    default: hb_replace(proof, 2, proof->len - 2, S("\0\0")); break;
    }
}

/* It is verified together with the chain, at the end of the flight. */
static void ske_bad(hostile *h, int v)
{
    hostile_bytes b = { 0 };

    hostile_until(h, HF_MSG_ServerKeyExchange, 0);
    hb_set(&b, hostile_due_body(h));
    change_proof(&b, v, spoil);
    hostile_instead(h, hb_span(&b));
    hb_free(&b);
    hostile_next(h);
}

/* ECDSA's hash does not name a curve in TLS 1.2: SHA-256 comes first, whatever the key. */
static void p384(pair_options *o, int v)
{
    static hf_policy policies[2];

    hostile_mutual(o, v);
    o->pki = shared_pki(HF_KEY_P384);
    for (int role = 0; role < 2; role++) {
        policies[role] = *hostile_policy();
        policies[role].groups[2] = hf_code(HF_GROUPS, "secp384r1");
        o->policy[role] = &policies[role];
    }
}

static void check_sha256(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_int_equal(hf_conn_info_of(hostile_conn(h))->signature_scheme, 0x0403);
}

/* Signs something else than all messages so far: one changed, the last left out, ClientHello left out, a byte more. */
static void other_content(hostile_bytes *content)
{
    size_t hello = 4 + hostile_get24(content, 1);

    switch (hostile_variant() % 4) {
    case 0: content->data[content->len - 1] ^= 1; break;
    case 1: content->len -= 4 + 33; break; /* ClientKeyExchange of X25519 */
    case 2: hb_replace(content, 0, hello, S("")); break;
    default: hb_add_uint(content, 0, 1); break;
    }
}

static void sign_other(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        hostile_sign_other(config, other_content);
}

static void wrong_content(pair_options *o, int v)
{
    static const hf_key_type types[] = { HF_KEY_P256, HF_KEY_RSA, HF_KEY_ED25519 };

    hostile_mutual(o, v);
    o->pki = shared_pki(types[v / 4]);
    o->configure = sign_other;
}

#define AT_CERT(row, who, n, function, how)                                                        \
    EDIT_WITH(row, who, n, HF_MSG_Certificate, 0, function, .options = how)
#define SAID(row, n, function, how) REWRITE(row, AT_BOTH, n, function, .options = how)
#define AT_SKE(row, n, function, how)                                                              \
    EDIT_WITH(row, AT_CLIENT, n, HF_MSG_ServerKeyExchange, 0, function, .options = how)
#define AT_CV(row, n, function, how)                                                               \
    EDIT_WITH(row, AT_SERVER, n, HF_MSG_CertificateVerify, 0, function, .options = how)

static const hostile_case cases[] = {
    AT_CERT("cert-server-empty", AT_CLIENT, 1, empty_list, NULL),
    RUN("cert-server-missing", AT_CLIENT, 2, hostile_no_certificate),
    RUN("cert-client-not-requested", AT_SERVER, 8, unasked),
    WITH("cert-client-omitted", AT_SERVER, 3, omitted, .options = hostile_mutual),
    WITH("cert-client-omitted", AT_SERVER, 1, omitted, .options = hostile_asked_and_empty),
    EDIT_WITH("cert-client-empty-required-12", AT_SERVER, 1, HF_MSG_Certificate, 0, empty_list,
              .options = hostile_mutual, .policy = true),
    AT_CERT("cert-lengths-bad", AT_BOTH, 10, bad_lengths, hostile_mutual),
    SAID("cert-bad-der", 14, hostile_bad_der, hostile_mutual),
    SAID("cert-unsupported-type", 3, hostile_unsupported_cert, hostile_mutual),
    SAID("cert-signature-invalid", 4, hostile_bad_chain_signature, hostile_mutual),
    WITH("cert-unknown-ca", AT_BOTH, 1, hostile_deliver_all, .options = hostile_unknown_ca),
    WITH("cert-expired", AT_BOTH, 2, hostile_deliver_all, .options = hostile_expired),
    WITH("cert-name-mismatch", AT_CLIENT, 6, hostile_deliver_all, .options = hostile_other_name),
    WITH("cert-usage-wrong", AT_BOTH, 3, hostile_deliver_all, .options = hostile_wrong_usage),
    SAID("cert-usage-wrong", 1, hostile_show_ca, hostile_ca_as_leaf),
    SAID("cert-usage-wrong", 1, hostile_unknown_critical, hostile_mutual),
    SAID("cert-md5", 1, hostile_md5, hostile_mutual_rsa),
    SAID("cert-sha1", 1, hostile_sha1, hostile_mutual_rsa),
    WITH("cert-key-too-small", AT_BOTH, 1, hostile_deliver_all, .options = hostile_small_key,
         .policy = true),
    WITH("cert-revoked", AT_BOTH, 1, hostile_deliver_all, .options = hostile_revoked),
    WITH("cert-revoked", AT_CLIENT, 1, hostile_deliver_all, .options = hostile_stapled_revoked),
    REWRITE("cert-ocsp-bad", AT_CLIENT, 5, hostile_bad_staple, .options = hostile_stapled_hard,
            .policy = true),
    REWRITE("cert-ocsp-structure-bad", AT_CLIENT, 6, hostile_bad_status,
            .options = hostile_stapled),
    SAID("cert-chain-unacceptable", 1, hostile_too_many_certs, hostile_mutual),
    AT_CERT("cert-suite-mismatch-12", AT_CLIENT, 2, other_key, NULL),
    AT_CERT("cert-suite-mismatch-12", AT_CLIENT, 2, other_key_rsa, hostile_rsa),
    RUN("certstatus-unsolicited", AT_CLIENT, 4, status_unasked),
    WITH("certstatus-unsolicited", AT_CLIENT, 1, status_in_resumed, .resumes = true),
    WITH("certstatus-unsolicited", AT_CLIENT, 1, status_twice, .options = hostile_stapled),
    WITH("cv-missing", AT_SERVER, 2, cv_missing, .options = hostile_mutual),
    RUN("cv-without-certificate", AT_SERVER, 2, cv_unasked),
    WITH("cv-without-certificate", AT_SERVER, 2, cv_unasked, .options = hostile_asked_and_empty),
    AT_CV("cv-malformed", 6, hostile_proof_malformed, hostile_mutual),
    AT_CV("cv-sigalg-not-offered", 6, cv_not_offered, hostile_mutual),
    AT_CV("cv-sigalg-key-mismatch", 5, cv_other_key, hostile_mutual),
    AT_CV("cv-sigalg-key-mismatch", 5, cv_other_key_rsa, hostile_mutual_rsa),
    WITH("cv-ecdsa-curve-12", AT_BOTH, 1, hostile_deliver_all, .options = p384,
         .check = check_sha256),
    WITH("cv-bad-signature", AT_SERVER, 7, hostile_bad_proof, .options = hostile_mutual),
    WITH("cv-bad-signature", AT_SERVER, 7, hostile_bad_proof, .options = hostile_mutual_rsa),
    WITH("cv-bad-signature", AT_SERVER, 12, hostile_deliver_all, .options = wrong_content),
    RUN("cv-missing", AT_CLIENT, 3, ske_missing),
    AT_SKE("cv-malformed", 6, ske_malformed, NULL),
    AT_SKE("cv-sigalg-not-offered", 6, ske_not_offered, NULL),
    AT_SKE("cv-sigalg-key-mismatch", 5, ske_other_key, NULL),
    AT_SKE("cv-sigalg-key-mismatch", 5, ske_other_key_rsa, hostile_rsa),
    RUN("cv-bad-signature", AT_CLIENT, 4, ske_bad),
    WITH("cv-bad-signature", AT_CLIENT, 4, ske_bad, .options = hostile_rsa),
    WITH("cv-before-cke-12", AT_SERVER, 2, cv_too_early, .options = hostile_mutual),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS12, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls12_auth", &rows, 250);
}
