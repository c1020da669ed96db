/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows cert-* and cv-* of alerts.tsv: certificates and signatures that prove nothing, at both ends. */
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
    hb_set(b, S("\0\0\0\0"));
}

static void with_context(hostile_bytes *b, int v)
{
    hb_replace(b, 0, 1, v ? S("\3abc") : S("\1x"));
}

static void unasked(hostile *h, int v)
{
    if (v < 2)
        hostile_until(h, HF_MSG_Finished, 0);
    else
        hostile_connected(h);
    hostile_send(h, CERT, v == 0 ? S("\0\0\0\0") : S("\0\0\0\6\0\0\1x\0\0"));
}

/* Finished, or CertificateVerify, where Certificate is due. */
static void omitted(hostile *h, int v)
{
    hostile_until(h, CERT, 0);
    hostile_skip(h);
    if (v == 0)
        hostile_skip(h);
    hostile_next(h);
}

static void bad_lengths(hostile_bytes *b, int v)
{
    size_t extensions = hostile_entry_at(b, 0) + hostile_get24(b, hostile_list_at() + 3),
           second = hostile_entry_at(b, 1);

    switch (v) {
    case 0: hostile_set24(b, hostile_list_at(), hostile_get24(b, hostile_list_at()) - 1); break;
    case 1: hostile_set24(b, hostile_list_at(), hostile_get24(b, hostile_list_at()) + 1); break;
    case 2: hostile_set24(b, hostile_list_at() + 3, 0xffffff); break;
    case 3: b->data[extensions + 1] = 1; break;
    case 4: b->data[extensions] = 0xff; break;
    case 5: hostile_set24(b, second - 3, hostile_get24(b, second - 3) + 1); break;
    case 6: hostile_put_entry(b, 0, S("")); break;
    case 7: hostile_put_entry(b, 1, S("")); break;
    default: hb_set(b, v == 8 ? S("\0\0\0\1\0") : S("\0\0\0\3\0\0\0")); break;
    }
}

static void extension_unasked(hostile_bytes *b, int v)
{
    static const struct {
        uint16_t type;
        size_t len;
        const char *body;
    } rows[] = {
        { 18, 5, "\0\3\0\1x" },
        { 0x1234, 4, "what" },
        { 0xbaba, 0, "" },
        { 5, 5, "\1\0\0\1x" }, /* a client asks for it */
    };

    hb_extension_last(b, CERT, rows[v].type, hf_span_of(rows[v].body, rows[v].len));
}

static void extension_misplaced(hostile_bytes *b, int v)
{
    static const struct {
        uint16_t type;
        size_t len;
        const char *body;
    } rows[] = {
        { 51, 7, "\0\x1d\0\3abc" },
        { 0, 0, "" },
        { 16, 5, "\0\3\2h2" },
        { 43, 2, "\3\4" },
    };

    if (v == 4) { /* one type twice */
        hb_extension_last(b, CERT, 0x1234, S(""));
        hb_extension_last(b, CERT, 0x1234, S(""));
        return;
    }
    hb_extension_last(b, CERT, rows[v].type, hf_span_of(rows[v].body, rows[v].len));
}

/* ---- CertificateVerify: algorithm, signature<0..2^16-1> ---- */

static void cv_missing(hostile *h, int v)
{
    (void)v;
    hostile_until(h, HF_MSG_CertificateVerify, 0);
    hostile_skip(h);
    hostile_next(h);
}

static void cv_unasked(hostile *h, int v)
{
    hostile_until(h, HF_MSG_Finished, 0);
    hostile_send(h, HF_MSG_CertificateVerify, v ? S("") : S("\4\3\0\4sign"));
}

static void cv_not_offered(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0603, 0xbaba, 0x0808, 0x0000, 0xffff };

    hostile_set_scheme(b, schemes[v]);
}

static void cv_legacy(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0401, 0x0501, 0x0601, 0x0201, 0x0203, 0x0202, 0x0101 };

    hostile_set_scheme(b, schemes[v]);
}

static void cv_other_key(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0804, 0x0807, 0x0809, 0x0806 };

    hostile_set_scheme(b, schemes[v]);
}

static void cv_other_key_rsa(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0403, 0x0807, 0x0809, 0x080b };

    hostile_set_scheme(b, schemes[v]);
}

static void cv_curve(hostile_bytes *b, int v)
{
    (void)v;
    hostile_set_scheme(b, 0x0503);
}

static void cv_curve_384(hostile_bytes *b, int v)
{
    (void)v;
    hostile_set_scheme(b, 0x0403);
}

static void with_p384(pair_options *o, int v)
{
    hostile_mutual(o, v);
    o->pki = shared_pki(HF_KEY_P384);
}

/* Signs something else than it was told: the other role's context string; the hash alone, as TLS 1.2 would; another
   transcript; no spaces. */
static hf_error sign_another(void *user, uint16_t scheme, hf_span message, uint8_t *signature,
                             size_t *len)
{
    const hf_scheme *s = hf_scheme_of(scheme);
    uint8_t copy[256];
    size_t from = 0;

    assert_true(message.len <= sizeof copy);
    memcpy(copy, message.data, message.len);
    switch (hostile_variant() % 4) {
    case 0: memcpy(copy + 64 + 9, hostile_victim() == HF_CLIENT ? "client" : "server", 6); break;
    case 1: from = 64 + 34; break;
    case 2: copy[message.len - 1] ^= 1; break;
    default: from = 64; break;
    }
    return hf_sign(user, s->kind, s->hash, hf_span_of(copy + from, message.len - from), signature,
                   len);
}

static void evil_signer(hf_config *config, hf_role role, void *user)
{
    static const hf_signer_ops ops = { .sign = sign_another };

    (void)user;
    if (role == hostile_victim())
        return;
    hf_signer *good = config->identities[0]->signer;
    hf_signer *evil = hf_signer_new(&ops, good->user, good->schemes);
    hf_signer_free(good);
    config->identities[0]->signer = evil;
}

static void wrong_content(pair_options *o, int v)
{
    static const hf_key_type types[] = { HF_KEY_P256, HF_KEY_RSA, HF_KEY_ED25519 };

    hostile_mutual(o, v);
    o->pki = shared_pki(types[v / 4]);
    o->configure = evil_signer;
}

#define AT_CERT(row, who, n, function)                                                             \
    EDIT_WITH(row, who, n, HF_MSG_Certificate, 0, function, .options = hostile_mutual)
#define SAID(row, n, function, how) REWRITE(row, AT_BOTH, n, function, .options = how)
#define AT_CV(row, n, function, how)                                                               \
    EDIT_WITH(row, AT_BOTH, n, HF_MSG_CertificateVerify, 0, function, .options = how)

static const hostile_case cases[] = {
    AT_CERT("cert-server-empty", AT_CLIENT, 1, empty_list),
    RUN("cert-server-missing", AT_CLIENT, 2, hostile_no_certificate),
    AT_CERT("cert-server-context-nonempty", AT_CLIENT, 2, with_context),
    AT_CERT("cert-client-context-wrong", AT_SERVER, 2, with_context),
    RUN("cert-client-not-requested", AT_SERVER, 3, unasked),
    WITH("cert-client-omitted", AT_SERVER, 2, omitted, .options = hostile_mutual),
    EDIT_WITH("cert-client-empty-required", AT_SERVER, 1, HF_MSG_Certificate, 0, empty_list,
              .options = hostile_mutual, .policy = true),
    AT_CERT("cert-lengths-bad", AT_BOTH, 10, bad_lengths),
    AT_CERT("cert-entry-extension-unsolicited", AT_CLIENT, 3, extension_unasked),
    AT_CERT("cert-entry-extension-unsolicited", AT_SERVER, 4, extension_unasked),
    AT_CERT("cert-entry-extension-not-allowed", AT_BOTH, 5, extension_misplaced),
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
    WITH("cv-missing", AT_BOTH, 1, cv_missing, .options = hostile_mutual),
    RUN("cv-without-certificate", AT_SERVER, 2, cv_unasked),
    WITH("cv-without-certificate", AT_SERVER, 2, cv_unasked, .options = hostile_asked_and_empty),
    AT_CV("cv-malformed", 6, hostile_proof_malformed, hostile_mutual),
    AT_CV("cv-sigalg-not-offered", 5, cv_not_offered, hostile_mutual),
    AT_CV("cv-sigalg-legacy-13", 7, cv_legacy, hostile_mutual),
    AT_CV("cv-sigalg-key-mismatch", 4, cv_other_key, hostile_mutual),
    AT_CV("cv-sigalg-key-mismatch", 4, cv_other_key_rsa, hostile_mutual_rsa),
    AT_CV("cv-ecdsa-curve-mismatch-13", 1, cv_curve, hostile_mutual),
    AT_CV("cv-ecdsa-curve-mismatch-13", 1, cv_curve_384, with_p384),
    WITH("cv-bad-signature", AT_BOTH, 6, hostile_bad_proof, .options = hostile_mutual),
    WITH("cv-bad-signature", AT_BOTH, 6, hostile_bad_proof, .options = hostile_mutual_rsa),
    WITH("cv-bad-signature", AT_BOTH, 12, hostile_deliver_all, .options = wrong_content),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_auth", &rows, 400);
}
