/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The extensions of a certificate (RFC 5280 4.2): a table of those that are understood, each with
 * its reader. A critical one that is not in the table is remembered; whoever validates refuses it.
 * Whether one may be there, or be critical, is not asked here.
 */
#include "x509/cert_policies.h"
#include "x509/constraints.h"
#include "x509/oid.h"
#include "x509/parts.h"

typedef void extension_read(hf_reader *value, hf_cert *cert);

/* RFC 5280 4.2.1.9. An explicit `cA FALSE`, which DER leaves out, is too common to be refused. */
static void read_basic_constraints(hf_reader *value, hf_cert *cert)
{
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "BasicConstraints");

    cert->has_basic_constraints = true;
    if (hf_der_peek(&content) == HF_DER_BOOLEAN)
        cert->is_ca = hf_der_boolean(&content, "cA");
    if (hf_rd_left(&content) > 0)
        cert->path_len = (int)hf_der_small(&content, INT16_MAX, "pathLenConstraint");
    hf_rd_end(&content);
}

/* RFC 5280 4.2.1.3 */
static void read_key_usage(hf_reader *value, hf_cert *cert)
{
    cert->has_key_usage = true;
    cert->key_usage = hf_der_flags(value, "KeyUsage");
    if (cert->key_usage == 0)
        hf_rd_refuse(value, HF_E_CERT_DER, 0, "KeyUsage", "no bit is set");
}

static uint8_t eku_bit(hf_span oid)
{
    switch (hf_oid_of(oid)) {
    case HF_OID_server_auth: return HF_EKU_SERVER_AUTH;
    case HF_OID_client_auth: return HF_EKU_CLIENT_AUTH;
    case HF_OID_any_ext_key_usage: return HF_EKU_ANY;
    default: return HF_EKU_OTHER;
    }
}

/* RFC 5280 4.2.1.12 */
static void read_ext_key_usage(hf_reader *value, hf_cert *cert)
{
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "ExtKeyUsageSyntax");

    cert->has_eku = true;
    do
        cert->eku = (uint8_t)(cert->eku | eku_bit(hf_der_oid(&content, "KeyPurposeId")));
    while (hf_rd_left(&content) > 0);
}

/* RFC 5280 4.2.1.6 */
static void read_subject_alt_name(hf_reader *value, hf_cert *cert)
{
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "GeneralNames");

    cert->san = hf_span_of(content.p, hf_rd_left(&content));
    hf_san_check(&content, "GeneralName");
}

/* RFC 5280 4.2.1.2 */
static void read_subject_key_identifier(hf_reader *value, hf_cert *cert)
{
    cert->ski = hf_der_read(value, HF_DER_OCTET_STRING, "KeyIdentifier");
}

/* RFC 5280 4.2.1.1. Issuer and serial number identify a certificate, not a key: only that they are there is kept. */
static void read_authority_key_identifier(hf_reader *value, hf_cert *cert)
{
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "AuthorityKeyIdentifier");

    if (hf_der_peek(&content) == HF_DER_CONTEXT(0))
        cert->aki = hf_der_read(&content, HF_DER_CONTEXT(0), "keyIdentifier");
    cert->aki_names_issuer = hf_rd_left(&content) > 0;
    if (hf_der_peek(&content) == HF_DER_CONTEXT_CONS(1))
        hf_der_read(&content, HF_DER_CONTEXT_CONS(1), "authorityCertIssuer");
    if (hf_der_peek(&content) == HF_DER_CONTEXT(2))
        hf_der_read(&content, HF_DER_CONTEXT(2), "authorityCertSerialNumber");
    hf_rd_end(&content);
}

/* RFC 5280 4.2.1.10 */
static void read_name_constraints(hf_reader *value, hf_cert *cert)
{
    hf_constraints_read(value, &cert->name_constraints);
}

/* RFC 7633 4.1 and 4.2.3.1: TLS extensions by their number, and status_request's is 5. */
static void read_tls_feature(hf_reader *value, hf_cert *cert)
{
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "Features");

    while (hf_rd_left(&content) > 0)
        if (hf_der_small(&content, UINT16_MAX, "feature") == 5)
            cert->must_staple = true;
}

/* RFC 6962 3.3: an octet string in the octet string. What logs promise is not asked for. */
static void read_scts(hf_reader *value, hf_cert *cert)
{
    (void)cert;
    hf_der_read(value, HF_DER_OCTET_STRING, "SignedCertificateTimestampList");
}

/* ---- all of them ---- */

static const struct {
    hf_oid oid;
    hf_cert_ext ext;
    const char *name;
    extension_read *read;
} understood[] = {
    { HF_OID_subject_key_identifier, HF_CX_SKI, "subjectKeyIdentifier",
      read_subject_key_identifier },
    { HF_OID_authority_key_identifier, HF_CX_AKI, "authorityKeyIdentifier",
      read_authority_key_identifier },
    { HF_OID_key_usage, HF_CX_KEY_USAGE, "keyUsage", read_key_usage },
    { HF_OID_ext_key_usage, HF_CX_EKU, "extKeyUsage", read_ext_key_usage },
    { HF_OID_basic_constraints, HF_CX_BASIC_CONSTRAINTS, "basicConstraints",
      read_basic_constraints },
    { HF_OID_subject_alt_name, HF_CX_SAN, "subjectAltName", read_subject_alt_name },
    { HF_OID_name_constraints, HF_CX_NAME_CONSTRAINTS, "nameConstraints", read_name_constraints },
    { HF_OID_certificate_policies, HF_CX_POLICIES, "certificatePolicies", hf_policies_read },
    { HF_OID_policy_mappings, HF_CX_POLICY_MAPPINGS, "policyMappings", hf_policy_mappings_read },
    { HF_OID_policy_constraints, HF_CX_POLICY_CONSTRAINTS, "policyConstraints",
      hf_policy_constraints_read },
    { HF_OID_inhibit_any_policy, HF_CX_INHIBIT_ANY_POLICY, "inhibitAnyPolicy",
      hf_inhibit_any_policy_read },
    { HF_OID_crl_distribution_points, HF_CX_CRL_POINTS, "cRLDistributionPoints",
      hf_crl_points_read },
    { HF_OID_authority_info_access, HF_CX_AIA, "authorityInfoAccess", hf_aia_read },
    { HF_OID_tls_feature, HF_CX_TLS_FEATURE, "TLS feature", read_tls_feature },
    { HF_OID_sct_list, HF_CX_SCTS, "SignedCertificateTimestampList", read_scts },
};

static void note(hf_cert *cert, hf_cert_ext ext, bool critical)
{
    cert->has |= 1u << ext;
    cert->critical |= critical ? 1u << ext : 0;
    cert->san_critical = (cert->critical & HF_CX_BIT(SAN)) != 0;
}

static void read_value(hf_reader *extension, hf_span oid, bool critical, hf_cert *cert)
{
    hf_oid id = hf_oid_of(oid);

    for (size_t i = 0; i < sizeof understood / sizeof *understood; i++) {
        if (understood[i].oid != id)
            continue;
        hf_reader value = hf_der_open(extension, HF_DER_OCTET_STRING, understood[i].name);
        understood[i].read(&value, cert);
        hf_rd_end(&value);
        note(cert, understood[i].ext, critical);
        return;
    }
    hf_der_read(extension, HF_DER_OCTET_STRING, "extnValue");
    if (critical && !cert->unknown_critical) {
        cert->unknown_critical = true;
        cert->unknown_critical_oid = oid;
    }
}

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

static bool is_duplicate(const hf_span *seen, size_t n, hf_span oid)
{
    for (size_t i = 0; i < n; i++)
        if (hf_span_equal(seen[i], oid))
            return true;
    return false;
}

void hf_cert_extensions_read(hf_reader *r, hf_cert *cert)
{
    hf_span seen[HF_CERT_EXTENSIONS_MAX];
    size_t n = 0;
    hf_reader list = hf_der_open(r, HF_DER_SEQUENCE, "Extensions");

    do {
        hf_reader extension = hf_der_open(&list, HF_DER_SEQUENCE, "Extension");
        hf_span oid = hf_der_oid(&extension, "extnID");
        if (n == HF_CERT_EXTENSIONS_MAX)
            hf_rd_refuse(&extension, HF_E_CERT_DER, 0, NULL, "more than %d extensions",
                         HF_CERT_EXTENSIONS_MAX);
        if (is_duplicate(seen, n, oid)) /* RFC 5280 4.2 */
            hf_rd_refuse(&extension, HF_E_CERT_DER, oid.len, "extnID",
                         "this extension is there twice");
        if (!hf_rd_ok(r))
            return;
        seen[n++] = oid;
        read_value(&extension, oid, read_critical(&extension), cert);
        hf_rd_end(&extension);
    } while (hf_rd_left(&list) > 0);
}
