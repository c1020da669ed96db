/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The profile `webpki`: what issuers owe by RFC 5280 section 4 and by the Baseline Requirements of the
 * CA/Browser Forum, demanded of every certificate of a path. `private` knows none of these rules.
 * Names are in profile_names.c.
 */
#include <stdio.h>

#include "x509/parts.h"
#include "x509/path_rules.h"

enum { RSA_BITS_MIN = 2048 };

typedef hf_error rule(const hf_cert *cert, char detail[HF_DETAIL_MAX]);

static hf_error refuse(hf_error e, char detail[HF_DETAIL_MAX], const char *words)
{
    snprintf(detail, HF_DETAIL_MAX, "%s", words);
    return e;
}

static bool has(const hf_cert *cert, uint32_t bit)
{
    return (cert->has & bit) != 0;
}

/* There, and not marked critical. */
static bool is_unmarked(const hf_cert *cert, uint32_t bit)
{
    return has(cert, bit) && !(cert->critical & bit);
}

/* ---- every certificate ---- */

/* CA/Browser Forum BR 6.1.5, 7.1.3.1.1 */
static hf_error check_rsa(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    unsigned bits = hf_rsa_bits(&cert->key);

    if (bits < RSA_BITS_MIN) {
        snprintf(detail, HF_DETAIL_MAX, "RSA key of %u bits, at least %d allowed", bits,
                 RSA_BITS_MIN);
        return HF_E_CERT_KEY_WEAK;
    }
    if (bits % 8 != 0) {
        snprintf(detail, HF_DETAIL_MAX, "RSA modulus of %u bits, must be a multiple of 8", bits);
        return HF_E_CERT_KEY_UNSUPPORTED;
    }
    return HF_OK;
}

/* CA/Browser Forum BR 6.1.5, 7.1.3.1; Ed25519 (RFC 8410) is allowed beside. */
static hf_error check_key(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    switch (cert->key.type) {
    case HF_KEY_RSA: return check_rsa(cert, detail);
    case HF_KEY_P256:
    case HF_KEY_P384:
    case HF_KEY_P521:
    case HF_KEY_ED25519: return HF_OK;
    default:
        return refuse(HF_E_CERT_KEY_UNSUPPORTED, detail,
                      "key of another kind than RSA, P-256, P-384, P-521 and Ed25519");
    }
}

/* RFC 5280 4.2.1.1 */
static hf_error check_aki_mark(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    if (!(cert->critical & HF_CX_BIT(AKI)))
        return HF_OK;
    return refuse(HF_E_CERT_EXTENSION_FORM, detail,
                  "authorityKeyIdentifier is critical, must not be");
}

/* RFC 5280 4.2.1.2 */
static hf_error check_ski_mark(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    if (!(cert->critical & HF_CX_BIT(SKI)))
        return HF_OK;
    return refuse(HF_E_CERT_EXTENSION_FORM, detail,
                  "subjectKeyIdentifier is critical, must not be");
}

/* RFC 5280 4.2.2.1 */
static hf_error check_aia_mark(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    if (!(cert->critical & HF_CX_BIT(AIA)))
        return HF_OK;
    return refuse(HF_E_CERT_EXTENSION_FORM, detail, "authorityInfoAccess is critical, must not be");
}

/* RFC 5280 4.2.1.11 */
static hf_error check_policy_constraints_mark(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    if (!is_unmarked(cert, HF_CX_BIT(POLICY_CONSTRAINTS)))
        return HF_OK;
    return refuse(HF_E_CERT_EXTENSION_FORM, detail, "policyConstraints is not critical, must be");
}

/* RFC 5280 4.2.1.14 */
static hf_error check_inhibit_any_policy_mark(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    if (!is_unmarked(cert, HF_CX_BIT(INHIBIT_ANY_POLICY)))
        return HF_OK;
    return refuse(HF_E_CERT_EXTENSION_FORM, detail, "inhibitAnyPolicy is not critical, must be");
}

/* RFC 5280 4.2.1.3, 4.2.1.9: keyCertSign and cA go together. */
static hf_error check_cert_sign(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    if (cert->is_ca || !(cert->key_usage & HF_KU_KEY_CERT_SIGN))
        return HF_OK;
    return refuse(HF_E_CERT_EXTENSION_FORM, detail,
                  "keyUsage has keyCertSign, and basicConstraints does not say cA");
}

/* RFC 5280 4.2.1.9. That a CA has keyCertSign is everybody's rule. */
static hf_error check_path_len_place(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    if (cert->path_len < 0 || cert->is_ca)
        return HF_OK;
    return refuse(HF_E_CERT_EXTENSION_FORM, detail, "pathLenConstraint is there without cA");
}

static rule *const for_all[] = {
    check_key,
    check_aki_mark,
    check_ski_mark,
    check_aia_mark,
    check_policy_constraints_mark,
    check_inhibit_any_policy_mark,
    check_cert_sign,
    check_path_len_place,
};

/* ---- authorityKeyIdentifier ---- */

/* RFC 5280 4.2.1.1. Only who signed himself may leave it out. */
static hf_error check_aki(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    if (!has(cert, HF_CX_BIT(AKI)))
        return refuse(HF_E_CERT_AKI, detail, "authorityKeyIdentifier is not there");
    if (cert->aki.len == 0)
        return refuse(HF_E_CERT_AKI, detail, "authorityKeyIdentifier has no keyIdentifier");
    return HF_OK;
}

/* RFC 5280 4.2.1.1: what makes it self-signed is the key. The names say so at once; under another name the key has to. */
static bool is_self_signed(const hf_cert *cert)
{
    return cert->self_issued ||
           hf_verify(&cert->key, cert->signed_with.kind, cert->signed_with.hash, cert->tbs,
                     cert->signature) == HF_OK;
}

/* An anchor that another CA issued is judged as the intermediate that it is. */
static hf_error check_anchor_aki(const hf_cert *anchor, char detail[HF_DETAIL_MAX])
{
    if (!has(anchor, HF_CX_BIT(AKI)) && is_self_signed(anchor))
        return HF_OK;
    return check_aki(anchor, detail);
}

/* CA/Browser Forum BR 7.1.2.1.3 */
static hf_error check_root_aki(const hf_cert *root, char detail[HF_DETAIL_MAX])
{
    if (!has(root, HF_CX_BIT(AKI)))
        return HF_OK;
    TRY(check_aki(root, detail));
    if (root->aki_names_issuer)
        return refuse(HF_E_CERT_AKI, detail,
                      "a root's authorityKeyIdentifier has more than keyIdentifier");
    if (!hf_span_equal(root->aki, root->ski))
        return refuse(HF_E_CERT_AKI, detail,
                      "a root's authorityKeyIdentifier is not its subjectKeyIdentifier");
    return HF_OK;
}

/* ---- the leaf ---- */

/* CA/Browser Forum BR 7.1.2.7.8 */
static hf_error check_not_ca(const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    if (!leaf->is_ca)
        return HF_OK;
    return refuse(HF_E_CERT_CA_AS_LEAF, detail, "basicConstraints says cA, must not for a leaf");
}

static hf_error check_leaf_aki(const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    return leaf->self_issued && !has(leaf, HF_CX_BIT(AKI)) ? HF_OK : check_aki(leaf, detail);
}

/* CA/Browser Forum BR 7.1.2.7.6, 7.1.2.7.10. RFC 5280 4.2.1.12 asks for neither: without the extension all uses are allowed. */
static hf_error check_leaf_eku(const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    if (!leaf->has_eku)
        return refuse(HF_E_CERT_PURPOSE_OPEN, detail, "extKeyUsage is missing");
    if (leaf->eku & HF_EKU_ANY)
        return refuse(HF_E_CERT_PURPOSE_OPEN, detail,
                      "extKeyUsage has anyExtendedKeyUsage, which is not allowed");
    if (leaf->critical & HF_CX_BIT(EKU))
        return refuse(HF_E_CERT_EXTENSION_FORM, detail, "extKeyUsage is critical, must not be");
    return HF_OK;
}

/* RFC 5280 4.2.1.10 */
static hf_error check_leaf_constraints(const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    if (!has(leaf, HF_CX_BIT(NAME_CONSTRAINTS)))
        return HF_OK;
    return refuse(HF_E_CERT_EXTENSION_FORM, detail,
                  "nameConstraints is there, allowed in CAs alone");
}

static rule *const for_leaf[] = {
    check_not_ca,
    check_leaf_aki,
    check_leaf_eku,
    check_leaf_constraints,
};

/* ---- CAs ---- */

/* RFC 5280 4.2.1.9 */
static hf_error check_basic_constraints_mark(const hf_cert *ca, char detail[HF_DETAIL_MAX])
{
    if (!is_unmarked(ca, HF_CX_BIT(BASIC_CONSTRAINTS)))
        return HF_OK;
    return refuse(HF_E_CERT_EXTENSION_FORM, detail, "basicConstraints is not critical, must be");
}

/* RFC 5280 4.2.1.2 */
static hf_error check_ski(const hf_cert *ca, char detail[HF_DETAIL_MAX])
{
    if (ca->ski.len > 0)
        return HF_OK;
    return refuse(HF_E_CERT_SKI, detail, "subjectKeyIdentifier is not there, must be in a CA");
}

/* RFC 5280 4.1.2.6: two octets are the empty SEQUENCE. */
static hf_error check_subject(const hf_cert *ca, char detail[HF_DETAIL_MAX])
{
    if (ca->subject.len > 2)
        return HF_OK;
    return refuse(HF_E_CERT_EXTENSION_FORM, detail, "the subject of a CA is empty");
}

/* CA/Browser Forum BR 7.1.2.1.2 */
static hf_error check_root_eku(const hf_cert *root, char detail[HF_DETAIL_MAX])
{
    if (!root->has_eku)
        return HF_OK;
    return refuse(HF_E_CERT_EXTENSION_FORM, detail, "extKeyUsage is there, not allowed in a root");
}

static rule *const for_ca[] = { check_basic_constraints_mark, check_ski, check_subject };
static rule *const for_root[] = { check_root_aki, check_root_eku };

/* ---- all of them ---- */

static hf_error check(rule *const rules[], size_t n, const hf_cert *cert,
                      char detail[HF_DETAIL_MAX])
{
    for (size_t i = 0; i < n; i++)
        TRY(rules[i](cert, detail));
    return HF_OK;
}
#define CHECK(rules, cert, detail) check(rules, sizeof(rules) / sizeof *(rules), cert, detail)

hf_error hf_profile_leaf(const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    TRY(CHECK(for_leaf, leaf, detail));
    TRY(CHECK(for_all, leaf, detail));
    return hf_profile_names(leaf, detail);
}

hf_error hf_profile_issuer(const hf_cert *issuer, bool anchor, char detail[HF_DETAIL_MAX])
{
    TRY(CHECK(for_all, issuer, detail));
    TRY(CHECK(for_ca, issuer, detail));
    if (!anchor)
        return check_aki(issuer, detail);
    return issuer->self_issued ? CHECK(for_root, issuer, detail) : check_anchor_aki(issuer, detail);
}
