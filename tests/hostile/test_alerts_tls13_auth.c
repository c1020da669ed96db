/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows cert-* and cv-* of alerts.tsv: certificates and signatures that prove nothing, at our client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_rows.h"

static const hf_msg CERT = HF_MSG_Certificate;

/* ---- the message (RFC 9846 4.5.1): context, list, entries ---- */

enum { LIST_AT = 1, FIRST_LEN_AT = 4, FIRST_AT = 7 };

static size_t get24(const hostile_bytes *b, size_t at)
{
    return (size_t)b->data[at] << 16 | (size_t)b->data[at + 1] << 8 | b->data[at + 2];
}

static void set24(hostile_bytes *b, size_t at, size_t value)
{
    b->data[at] = (uint8_t)(value >> 16);
    b->data[at + 1] = (uint8_t)(value >> 8);
    b->data[at + 2] = (uint8_t)value;
}

/* Where the DER of an entry starts. */
static size_t entry_at(const hostile_bytes *b, int which)
{
    return which == 0 ? FIRST_AT : FIRST_AT + get24(b, FIRST_LEN_AT) + 2 + 3;
}

static void put_entry(hostile_bytes *b, int which, hf_span der)
{
    size_t at = entry_at(b, which), len = get24(b, at - 3);

    hb_replace(b, at, len, der);
    set24(b, at - 3, der.len);
    set24(b, LIST_AT, b->len - 4);
}

static hf_span entry(const hostile_bytes *b, int which)
{
    size_t at = entry_at(b, which);

    return hf_span_of(b->data + at, get24(b, at - 3));
}

static void empty_list(hostile_bytes *b, int v)
{
    (void)v;
    hb_set(b, S("\0\0\0\0"));
}

static void missing(hostile *h, int v)
{
    hostile_until(h, CERT, 0);
    for (int i = 0; i <= v; i++)
        hostile_skip(h);
    hostile_next(h);
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

static void bad_lengths(hostile_bytes *b, int v)
{
    size_t extensions = entry_at(b, 0) + get24(b, FIRST_LEN_AT), second = entry_at(b, 1);

    switch (v) {
    case 0: set24(b, LIST_AT, get24(b, LIST_AT) - 1); break;
    case 1: set24(b, LIST_AT, get24(b, LIST_AT) + 1); break;
    case 2: set24(b, FIRST_LEN_AT, 0xffffff); break;
    case 3: b->data[extensions + 1] = 1; break;
    case 4: b->data[extensions] = 0xff; break;
    case 5: set24(b, second - 3, get24(b, second - 3) + 1); break;
    case 6: put_entry(b, 0, S("")); break;
    case 7: put_entry(b, 1, S("")); break;
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
        { 5, 5, "\1\0\0\1x" },
        { 18, 5, "\0\3\0\1x" },
        { 0x1234, 4, "what" },
        { 0xbaba, 0, "" },
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

/* ---- DER: what the whole server says about its certificate, transcript and signature included ---- */

static void bad_der(hostile *h, hf_msg msg, hostile_bytes *b)
{
    int v = hostile_variant(), which = v / 7;
    hostile_bytes der = { 0 };

    if (msg != CERT || h->self != HF_SERVER)
        return;
    hb_set(&der, entry(b, which));
    switch (v % 7) {
    case 0: hb_set(&der, S("random bytes of no meaning at all, and then some more of them")); break;
    case 1:
        der.data[1] = 0x80;
        hb_add(&der, S("\0\0"));
        break;                              /* BER: indefinite length */
    case 2: hb_add_uint(&der, 0, 1); break; /* trailing byte */
    case 3: der.len--; break;
    case 4: hb_replace(&der, 1, 1, S("\x83\0")); break; /* an overlong length */
    case 5: der.data[0] = 0x31; break;                  /* a SET */
    default: hb_set(&der, S("\x30\0")); break;
    }
    put_entry(b, which, hb_span(&der));
    hb_free(&der);
}

/* Overwrites each of the byte strings that is there; fails if there are none. */
static void patch(hostile_bytes *b, int which, hf_span from, hf_span to)
{
    hostile_bytes der = { 0 };
    unsigned n = 0;

    hb_set(&der, entry(b, which));
    for (size_t i = 0; i + from.len <= der.len; i++)
        if (memcmp(der.data + i, from.data, from.len) == 0)
            memcpy(der.data + i, to.data, to.len), n++;
    assert_true(n > 0);
    put_entry(b, which, hb_span(&der));
    hb_free(&der);
}

/* X.509 version 1; a DSA key; an EC key on P-192. */
static void unsupported(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CERT || h->self != HF_SERVER)
        return;
    if (hostile_variant() == 0)
        patch(b, 0, S("\xa0\3\2\1\2"), S("\xa0\3\2\1\0"));
    else if (hostile_variant() == 1)
        patch(b, 0, S("\6\7\x2a\x86\x48\xce\x3d\2\1"), S("\6\7\x2a\x86\x48\xce\x38\4\1"));
    else
        patch(b, 0, S("\6\x08\x2a\x86\x48\xce\x3d\3\1\7"), S("\6\x08\x2a\x86\x48\xce\x3d\3\1\1"));
}

/* A bit of the signature, of what is signed, in the leaf or the intermediate. */
static void bad_chain_signature(hostile *h, hf_msg msg, hostile_bytes *b)
{
    int v = hostile_variant();

    if (msg != CERT || h->self != HF_SERVER)
        return;
    hf_span der = entry(b, v / 2);
    size_t at = entry_at(b, v / 2);
    if (v % 2 == 0)
        b->data[at + der.len - 1] ^= 1;
    else
        b->data[at + 20] ^= 1; /* in the serial number */
}

/* MD5 and SHA-1 with RSA in place of SHA-256. */
static void weak_hash(hostile_bytes *b, uint8_t last)
{
    uint8_t to[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last };

    patch(b, 0, S("\x2a\x86\x48\x86\xf7\x0d\1\1\x0b"), hf_span_of(to, sizeof to));
}

static void md5(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg == CERT && h->self == HF_SERVER)
        weak_hash(b, 4);
}

static void sha1(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg == CERT && h->self == HF_SERVER)
        weak_hash(b, 5);
}

/* Eleven certificates. */
static void too_many(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CERT || h->self != HF_SERVER)
        return;
    hostile_bytes second = { 0 };
    size_t at = entry_at(b, 1) - 3;
    hb_set(&second, hf_span_of(b->data + at, b->len - at));
    for (int i = 0; i < 9; i++)
        hb_add(b, hb_span(&second));
    set24(b, LIST_AT, b->len - 4);
    hb_free(&second);
}

/* ---- whole PKIs with a fault ---- */

static void with_rsa(pair_options *o, int v)
{
    (void)v;
    o->pki = shared_pki(HF_KEY_RSA);
}

static void rsa_3072(pair_options *o, int v)
{
    static hf_policy policy;

    with_rsa(o, v);
    policy = *hostile_policy();
    policy.rsa_min_bits = 3072;
    o->policy[HF_CLIENT] = &policy;
}

static void other_trust(hf_config *config, hf_role role, void *user)
{
    test_cert_options root = { .common_name = "Another Root",
                               .ca = true,
                               .key_slot = TEST_KEY_OTHER };

    (void)user;
    if (role == HF_SERVER)
        return;
    test_cert *other = test_cert_new(&root, NULL);
    hf_trust *trust = test_trust(other);
    assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    hf_trust_free(trust);
    test_cert_free(other);
}

static void unknown_ca(pair_options *o, int v)
{
    (void)v;
    o->configure = other_trust;
}

static int64_t at_another_time(void *user)
{
    (void)user;
    return TEST_NOW + (hostile_variant() ? -40 : 40) * TEST_DAY;
}

static void expired(pair_options *o, int v)
{
    (void)v;
    o->hooks[HF_CLIENT].wall_time = at_another_time;
}

static void other_name(pair_options *o, int v)
{
    static const char *const names[] = { "other.test", "localhost.test", "a.b.wild.test",
                                         "wild.test",  "127.0.0.2",      "::2" };

    o->verify_name = names[v];
}

/* wrong extendedKeyUsage, CA as leaf, a leaf that issues, a path that is too long. */
static void wrong_usage(pair_options *o, int v)
{
    static test_pki made[4];
    test_cert_options root = {
        .common_name = "R", .ca = true, .path_len_given = v == 3, .path_len = 0
    };
    test_cert_options middle = {
        .common_name = "M", .ca = v != 2, .no_names = true, .key_slot = TEST_KEY_INTERMEDIATE
    };
    test_cert_options leaf = { .common_name = "L",
                               .names = { "localhost" },
                               .ca = v == 1,
                               .key_slot = TEST_KEY_LEAF,
                               .eku = v == 0 ? HF_EKU_CLIENT_AUTH : HF_EKU_SERVER_AUTH };
    test_pki *p = &made[v];

    o->pki = p;
    if (p->root)
        return;
    p->root = test_cert_new(&root, NULL);
    p->intermediate = test_cert_new(&middle, p->root);
    p->leaf = test_cert_new(&leaf, p->intermediate);
    p->chain[0] = test_cert_der(p->leaf);
    p->chain[1] = test_cert_der(p->intermediate);
    p->trust = test_trust(p->root);
}

/* A critical extension of the leaf (keyUsage) that is not known. */
static void unknown_critical(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg == CERT && h->self == HF_SERVER)
        patch(b, 0, S("\6\3\x55\x1d\x0f\1\1\xff"), S("\6\3\x55\x1d\x63\1\1\xff"));
}

/* ---- CertificateVerify: algorithm, signature<0..2^16-1> ---- */

static void set_scheme(hostile_bytes *b, unsigned scheme)
{
    b->data[0] = (uint8_t)(scheme >> 8);
    b->data[1] = (uint8_t)scheme;
}

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

static void cv_malformed(hostile_bytes *b, int v)
{
    switch (v) {
    case 0: b->data[3]--; break;
    case 1: b->data[3]++; break;
    case 2: b->len--; break;
    case 3: hb_add_uint(b, 0, 1); break;
    case 4: b->len = 3; break;
    default: b->len = 0; break;
    }
}

static void cv_not_offered(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0603, 0xbaba, 0x0808, 0x0000, 0xffff };

    set_scheme(b, schemes[v]);
}

static void cv_legacy(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0401, 0x0501, 0x0601, 0x0201, 0x0203, 0x0202, 0x0101 };

    set_scheme(b, schemes[v]);
}

static void cv_other_key(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0804, 0x0807, 0x0809, 0x0806 };

    set_scheme(b, schemes[v]);
}

static void cv_other_key_rsa(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0403, 0x0807, 0x0809, 0x080b };

    set_scheme(b, schemes[v]);
}

static void cv_curve(hostile_bytes *b, int v)
{
    (void)v;
    set_scheme(b, 0x0503);
}

static void cv_curve_384(hostile_bytes *b, int v)
{
    (void)v;
    set_scheme(b, 0x0403);
}

static void with_p384(pair_options *o, int v)
{
    (void)v;
    o->pki = shared_pki(HF_KEY_P384);
}

/* A bit flipped, nothing, zeroes, not a DER value, cut short. */
static void cv_bad(hostile *h, int v)
{
    hostile_bytes b = { 0 };

    hostile_until(h, HF_MSG_CertificateVerify, 0);
    hb_set(&b, hostile_due_body(h));
    switch (v) {
    case 0: b.data[b.len - 1] ^= 1; break;
    case 1: b.data[4] ^= 0x80; break;
    case 2: b.len = 4; break;
    case 3: memset(b.data + 4, 0, b.len - 4); break;
    case 4: b.len--; break;
    default: hb_add_uint(&b, 0, 1); break;
    }
    b.data[2] = (uint8_t)((b.len - 4) >> 8);
    b.data[3] = (uint8_t)(b.len - 4);
    hostile_instead(h, hb_span(&b));
    hb_free(&b);
    hostile_rest(h);
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
    case 0: memcpy(copy + 64 + 9, "client", 6); break;
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
    if (role == HF_CLIENT)
        return;
    hf_signer *good = config->identities[0]->signer;
    hf_signer *evil = hf_signer_new(&ops, good->user, good->schemes);
    hf_signer_free(good);
    config->identities[0]->signer = evil;
}

static void wrong_content(pair_options *o, int v)
{
    static const hf_key_type types[] = { HF_KEY_P256, HF_KEY_RSA, HF_KEY_ED25519 };

    o->pki = shared_pki(types[v / 4]);
    o->configure = evil_signer;
}

/* Nothing is said or delivered on the way to the verdict: the proof is owed. */
static void all_of_it(hostile *h, int v)
{
    (void)v;
    hostile_rest(h);
}

#define AT_CERT(row, n, function) EDIT(row, AT_CLIENT, n, HF_MSG_Certificate, 0, function)
#define AT_CV(row, n, function, how)                                                               \
    EDIT_WITH(row, AT_CLIENT, n, HF_MSG_CertificateVerify, 0, function, .options = how)

static const hostile_case cases[] = {
    AT_CERT("cert-server-empty", 1, empty_list),
    RUN("cert-server-missing", AT_CLIENT, 2, missing),
    AT_CERT("cert-server-context-nonempty", 2, with_context),
    RUN("cert-client-not-requested", AT_SERVER, 3, unasked),
    AT_CERT("cert-lengths-bad", 10, bad_lengths),
    AT_CERT("cert-entry-extension-unsolicited", 4, extension_unasked),
    AT_CERT("cert-entry-extension-not-allowed", 5, extension_misplaced),
    REWRITE("cert-bad-der", AT_CLIENT, 14, bad_der, .options = NULL),
    REWRITE("cert-unsupported-type", AT_CLIENT, 3, unsupported, .options = NULL),
    REWRITE("cert-signature-invalid", AT_CLIENT, 4, bad_chain_signature, .options = NULL),
    WITH("cert-unknown-ca", AT_CLIENT, 1, all_of_it, .options = unknown_ca),
    WITH("cert-expired", AT_CLIENT, 2, all_of_it, .options = expired),
    WITH("cert-name-mismatch", AT_CLIENT, 6, all_of_it, .options = other_name),
    WITH("cert-usage-wrong", AT_CLIENT, 4, all_of_it, .options = wrong_usage),
    REWRITE("cert-usage-wrong", AT_CLIENT, 1, unknown_critical, .options = NULL),
    REWRITE("cert-md5", AT_CLIENT, 1, md5, .options = with_rsa),
    REWRITE("cert-sha1", AT_CLIENT, 1, sha1, .options = with_rsa),
    WITH("cert-key-too-small", AT_CLIENT, 1, all_of_it, .options = rsa_3072, .policy = true),
    REWRITE("cert-chain-unacceptable", AT_CLIENT, 1, too_many, .options = NULL),
    RUN("cv-missing", AT_CLIENT, 1, cv_missing),
    RUN("cv-without-certificate", AT_SERVER, 2, cv_unasked),
    AT_CV("cv-malformed", 6, cv_malformed, NULL),
    AT_CV("cv-sigalg-not-offered", 5, cv_not_offered, NULL),
    AT_CV("cv-sigalg-legacy-13", 7, cv_legacy, NULL),
    AT_CV("cv-sigalg-key-mismatch", 4, cv_other_key, NULL),
    AT_CV("cv-sigalg-key-mismatch", 4, cv_other_key_rsa, with_rsa),
    AT_CV("cv-ecdsa-curve-mismatch-13", 1, cv_curve, NULL),
    AT_CV("cv-ecdsa-curve-mismatch-13", 1, cv_curve_384, with_p384),
    RUN("cv-bad-signature", AT_CLIENT, 6, cv_bad),
    WITH("cv-bad-signature", AT_CLIENT, 6, cv_bad, .options = with_rsa),
    WITH("cv-bad-signature", AT_CLIENT, 12, all_of_it, .options = wrong_content),
};

#define NO_CLIENT_CERTIFICATES "servers do not ask for client certificates yet"
static const hostile_later later[] = {
    { "cert-with-psk", AT_BOTH, "our client offers no PSK: resumption" },
    { "cert-client-context-wrong", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-client-omitted", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-client-empty-required", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-lengths-bad", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-entry-extension-unsolicited", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-entry-extension-not-allowed", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-ocsp-bad", AT_CLIENT, "no OCSP yet: status_request is not offered" },
    { "cert-ocsp-structure-bad", AT_CLIENT, "no OCSP yet: status_request is not offered" },
    { "cert-bad-der", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-unsupported-type", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-signature-invalid", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-unknown-ca", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-expired", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-revoked", AT_BOTH, "no CRL and no OCSP yet" },
    { "cert-usage-wrong", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-md5", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-sha1", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-key-too-small", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cert-chain-unacceptable", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cv-missing", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cv-malformed", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cv-sigalg-not-offered", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cv-sigalg-legacy-13", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cv-sigalg-key-mismatch", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cv-ecdsa-curve-mismatch-13", AT_SERVER, NO_CLIENT_CERTIFICATES },
    { "cv-bad-signature", AT_SERVER, NO_CLIENT_CERTIFICATES },
};

int main(void)
{
    static const hostile_rows rows = { cases, sizeof cases / sizeof *cases, later,
                                       sizeof later / sizeof *later };

    return hostile_rows_main("alerts_tls13_auth", &rows, 100);
}
