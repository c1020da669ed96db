/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What stands where in certificates and OCSP responses: names, tags, and what is inside. Nothing is judged: that is src/x509. */
#include "explain/tree_shapes.h"

#include "x509/der.h"

enum { EXPLICIT_0 = 0xa0, EXPLICIT_1, EXPLICIT_2, EXPLICIT_3, ENUMERATED = 0x0a };

/* ---- shapes: RFC 5280 4.1 ---- */

static const hf_shape algorithm[] = { { "algorithm", HF_DER_OID, HF_DER_PLAIN, NULL },
                                      { "parameters", 0, HF_DER_PLAIN, NULL },
                                      { 0 } };
static const hf_shape validity[] = { { "notBefore", 0, HF_DER_PLAIN, NULL },
                                     { "notAfter", 0, HF_DER_PLAIN, NULL },
                                     { 0 } };
static const hf_shape key_info[] = { { "algorithm", HF_DER_SEQUENCE, HF_DER_PLAIN, algorithm },
                                     { "subjectPublicKey", HF_DER_BIT_STRING, HF_DER_PLAIN, NULL },
                                     { 0 } };
static const hf_shape extension[] = { { "extnID", HF_DER_OID, HF_DER_PLAIN, NULL },
                                      { "critical", HF_DER_BOOLEAN, HF_DER_PLAIN, NULL },
                                      { "extnValue", HF_DER_OCTET_STRING, HF_DER_OPENED, NULL },
                                      { 0 } };
static const hf_shape extension_list[] = {
    { "Extension", HF_DER_SEQUENCE, HF_DER_EXTENSION, extension }, { 0 }
};
static const hf_shape extensions[] = {
    { "Extensions", HF_DER_SEQUENCE, HF_DER_PLAIN, extension_list }, { 0 }
};
static const hf_shape tbs_certificate[] = {
    { "version", EXPLICIT_0, HF_DER_PLAIN,
      (const hf_shape[]){ { "Version", HF_DER_INTEGER, HF_DER_PLAIN, NULL }, { 0 } } },
    { "serialNumber", HF_DER_INTEGER, HF_DER_PLAIN, NULL },
    { "signature", HF_DER_SEQUENCE, HF_DER_PLAIN, algorithm },
    { "issuer", HF_DER_SEQUENCE, HF_DER_CLOSED, NULL },
    { "validity", HF_DER_SEQUENCE, HF_DER_PLAIN, validity },
    { "subject", HF_DER_SEQUENCE, HF_DER_CLOSED, NULL },
    { "subjectPublicKeyInfo", HF_DER_SEQUENCE, HF_DER_PLAIN, key_info },
    { "issuerUniqueID", 0x81, HF_DER_PLAIN, NULL },
    { "subjectUniqueID", 0x82, HF_DER_PLAIN, NULL },
    { "extensions", EXPLICIT_3, HF_DER_PLAIN, extensions },
    { 0 }
};
static const hf_shape certificate[] = {
    { "tbsCertificate", HF_DER_SEQUENCE, HF_DER_PLAIN, tbs_certificate },
    { "signatureAlgorithm", HF_DER_SEQUENCE, HF_DER_PLAIN, algorithm },
    { "signatureValue", HF_DER_BIT_STRING, HF_DER_PLAIN, NULL },
    { 0 }
};
const hf_shape hf_shape_certificate[] = {
    { "X509Certificate", HF_DER_SEQUENCE, HF_DER_PLAIN, certificate }, { 0 }
};

/* RFC 5280 4.2.1.6 */
static const hf_shape general_name[] = { { "otherName", EXPLICIT_0, HF_DER_MANY, NULL },
                                         { "rfc822Name", 0x81, HF_DER_MANY, NULL },
                                         { "dNSName", 0x82, HF_DER_MANY, NULL },
                                         { "directoryName", 0xa4, HF_DER_MANY, NULL },
                                         { "uniformResourceIdentifier", 0x86, HF_DER_MANY, NULL },
                                         { "iPAddress", 0x87, HF_DER_MANY, NULL },
                                         { "registeredID", 0x88, HF_DER_MANY, NULL },
                                         { 0 } };
static const hf_shape general_names[] = {
    { "GeneralNames", HF_DER_SEQUENCE, HF_DER_PLAIN, general_name }, { 0 }
};
/* 4.2.1.9, 4.2.1.3, 4.2.1.12, 4.2.1.2, 4.2.1.1, 4.2.2.1 */
static const hf_shape constraints[] = { { "cA", HF_DER_BOOLEAN, HF_DER_PLAIN, NULL },
                                        { "pathLenConstraint", HF_DER_INTEGER, HF_DER_PLAIN, NULL },
                                        { 0 } };
static const hf_shape basic_constraints[] = {
    { "BasicConstraints", HF_DER_SEQUENCE, HF_DER_PLAIN, constraints }, { 0 }
};
static const hf_shape key_usage[] = { { "KeyUsage", HF_DER_BIT_STRING, HF_DER_PLAIN, NULL },
                                      { 0 } };
static const hf_shape purposes[] = { { "KeyPurposeId", HF_DER_OID, HF_DER_MANY, NULL }, { 0 } };
static const hf_shape ext_key_usage[] = {
    { "ExtKeyUsageSyntax", HF_DER_SEQUENCE, HF_DER_PLAIN, purposes }, { 0 }
};
static const hf_shape key_id[] = { { "KeyIdentifier", HF_DER_OCTET_STRING, HF_DER_PLAIN, NULL },
                                   { 0 } };
static const hf_shape authority_parts[] = {
    { "keyIdentifier", 0x80, HF_DER_PLAIN, NULL },
    { "authorityCertIssuer", EXPLICIT_1, HF_DER_PLAIN, general_name },
    { "authorityCertSerialNumber", 0x82, HF_DER_PLAIN, NULL },
    { 0 }
};
static const hf_shape authority_key[] = {
    { "AuthorityKeyIdentifier", HF_DER_SEQUENCE, HF_DER_PLAIN, authority_parts }, { 0 }
};
static const hf_shape access_parts[] = { { "accessMethod", HF_DER_OID, HF_DER_PLAIN, NULL },
                                         { "accessLocation", 0, HF_DER_PLAIN, NULL },
                                         { 0 } };
static const hf_shape access_list[] = {
    { "AccessDescription", HF_DER_SEQUENCE, HF_DER_MANY, access_parts }, { 0 }
};
static const hf_shape access_info[] = {
    { "AuthorityInfoAccessSyntax", HF_DER_SEQUENCE, HF_DER_PLAIN, access_list }, { 0 }
};
static const hf_shape policy_parts[] = { { "policyIdentifier", HF_DER_OID, HF_DER_PLAIN, NULL },
                                         { "policyQualifiers", HF_DER_SEQUENCE, HF_DER_PLAIN,
                                           NULL },
                                         { 0 } };
static const hf_shape policy_list[] = {
    { "PolicyInformation", HF_DER_SEQUENCE, HF_DER_MANY, policy_parts }, { 0 }
};
static const hf_shape policies[] = {
    { "CertificatePolicies", HF_DER_SEQUENCE, HF_DER_PLAIN, policy_list }, { 0 }
};
static const hf_shape point_name[] = { { "fullName", EXPLICIT_0, HF_DER_PLAIN, general_name },
                                       { 0 } };
static const hf_shape point[] = { { "distributionPoint", EXPLICIT_0, HF_DER_PLAIN, point_name },
                                  { "reasons", 0x81, HF_DER_PLAIN, NULL },
                                  { "cRLIssuer", EXPLICIT_2, HF_DER_PLAIN, general_name },
                                  { 0 } };
static const hf_shape point_list[] = { { "DistributionPoint", HF_DER_SEQUENCE, HF_DER_MANY, point },
                                       { 0 } };
static const hf_shape crl_points[] = {
    { "CRLDistributionPoints", HF_DER_SEQUENCE, HF_DER_PLAIN, point_list }, { 0 }
};
static const hf_shape features[] = {
    { "Features", HF_DER_SEQUENCE, HF_DER_PLAIN,
      (const hf_shape[]){ { "Feature", HF_DER_INTEGER, HF_DER_MANY, NULL }, { 0 } } },
    { 0 }
};

static const hf_shape sct_list[] = {
    { "SignedCertificateTimestamps", HF_DER_OCTET_STRING, HF_DER_SCTS, NULL }, { 0 }
};

/* RFC 6960 4.2.1 */
static const hf_shape cert_id_parts[] = {
    { "hashAlgorithm", HF_DER_SEQUENCE, HF_DER_PLAIN, algorithm },
    { "issuerNameHash", HF_DER_OCTET_STRING, HF_DER_PLAIN, NULL },
    { "issuerKeyHash", HF_DER_OCTET_STRING, HF_DER_PLAIN, NULL },
    { "serialNumber", HF_DER_INTEGER, HF_DER_PLAIN, NULL },
    { 0 }
};
static const hf_shape revoked[] = { { "revocationTime", HF_DER_GENERALIZED_TIME, HF_DER_PLAIN,
                                      NULL },
                                    { "revocationReason", EXPLICIT_0, HF_DER_PLAIN, NULL },
                                    { 0 } };
static const hf_shape next_update[] = {
    { "GeneralizedTime", HF_DER_GENERALIZED_TIME, HF_DER_PLAIN, NULL }, { 0 }
};
static const hf_shape single[] = { { "certID", HF_DER_SEQUENCE, HF_DER_PLAIN, cert_id_parts },
                                   { "good", 0x80, HF_DER_PLAIN, NULL },
                                   { "revoked", EXPLICIT_1, HF_DER_PLAIN, revoked },
                                   { "unknown", 0x82, HF_DER_PLAIN, NULL },
                                   { "thisUpdate", HF_DER_GENERALIZED_TIME, HF_DER_PLAIN, NULL },
                                   { "nextUpdate", EXPLICIT_0, HF_DER_PLAIN, next_update },
                                   { "singleExtensions", EXPLICIT_1, HF_DER_PLAIN, extensions },
                                   { 0 } };
static const hf_shape responses[] = { { "SingleResponse", HF_DER_SEQUENCE, HF_DER_MANY, single },
                                      { 0 } };
static const hf_shape response_data[] = {
    { "version", EXPLICIT_0, HF_DER_PLAIN, NULL },
    { "byName", EXPLICIT_1, HF_DER_CLOSED, NULL },
    { "byKey", EXPLICIT_2, HF_DER_PLAIN, key_id },
    { "producedAt", HF_DER_GENERALIZED_TIME, HF_DER_PLAIN, NULL },
    { "responses", HF_DER_SEQUENCE, HF_DER_PLAIN, responses },
    { "responseExtensions", EXPLICIT_1, HF_DER_PLAIN, extensions },
    { 0 }
};
static const hf_shape signers[] = {
    { "X509Certificate", HF_DER_SEQUENCE, HF_DER_MANY, certificate }, { 0 }
};
static const hf_shape signer_list[] = { { "SEQUENCE", HF_DER_SEQUENCE, HF_DER_PLAIN, signers },
                                        { 0 } };
static const hf_shape basic_parts[] = {
    { "tbsResponseData", HF_DER_SEQUENCE, HF_DER_PLAIN, response_data },
    { "signatureAlgorithm", HF_DER_SEQUENCE, HF_DER_PLAIN, algorithm },
    { "signature", HF_DER_BIT_STRING, HF_DER_PLAIN, NULL },
    { "certs", EXPLICIT_0, HF_DER_PLAIN, signer_list },
    { 0 }
};
static const hf_shape basic[] = {
    { "BasicOCSPResponse", HF_DER_SEQUENCE, HF_DER_PLAIN, basic_parts }, { 0 }
};
static const hf_shape response_bytes[] = { { "responseType", HF_DER_OID, HF_DER_PLAIN, NULL },
                                           { "response", HF_DER_OCTET_STRING, HF_DER_OPENED,
                                             basic },
                                           { 0 } };
static const hf_shape response_explicit[] = {
    { "ResponseBytes", HF_DER_SEQUENCE, HF_DER_PLAIN, response_bytes }, { 0 }
};
static const hf_shape response[] = { { "responseStatus", ENUMERATED, HF_DER_PLAIN, NULL },
                                     { "responseBytes", EXPLICIT_0, HF_DER_PLAIN,
                                       response_explicit },
                                     { 0 } };
const hf_shape hf_shape_ocsp[] = { { "OCSPResponseBody", HF_DER_SEQUENCE, HF_DER_PLAIN, response },
                                   { 0 } };

/* ---- extensions: RFC 5280 4.2, RFC 6960 4.4, RFC 6962 3.3, RFC 7633 ---- */

static const struct {
    hf_oid id;
    const char *name;
    const hf_shape *value; /* NULL: as DER names it */
} known[] = {
    { HF_OID_subject_key_identifier, "subjectKeyIdentifier", key_id },
    { HF_OID_key_usage, "keyUsage", key_usage },
    { HF_OID_subject_alt_name, "subjectAltName", general_names },
    { HF_OID_issuer_alt_name, "issuerAltName", general_names },
    { HF_OID_basic_constraints, "basicConstraints", basic_constraints },
    { HF_OID_name_constraints, "nameConstraints", NULL },
    { HF_OID_crl_distribution_points, "cRLDistributionPoints", crl_points },
    { HF_OID_certificate_policies, "certificatePolicies", policies },
    { HF_OID_policy_mappings, "policyMappings", NULL },
    { HF_OID_authority_key_identifier, "authorityKeyIdentifier", authority_key },
    { HF_OID_policy_constraints, "policyConstraints", NULL },
    { HF_OID_ext_key_usage, "extKeyUsage", ext_key_usage },
    { HF_OID_inhibit_any_policy, "inhibitAnyPolicy", NULL },
    { HF_OID_freshest_crl, "freshestCRL", crl_points },
    { HF_OID_authority_info_access, "authorityInfoAccess", access_info },
    { HF_OID_subject_info_access, "subjectInfoAccess", access_info },
    { HF_OID_tls_feature, "tlsFeature", features },
    { HF_OID_sct_list, "SignedCertificateTimestampList", sct_list },
    { HF_OID_ct_poison, "poison", NULL },
    { HF_OID_ocsp_nonce, "nonce", NULL },
    { HF_OID_ocsp_nocheck, "noCheck", NULL },
};

const char *hf_shape_of_extension(hf_oid id, const hf_shape **value)
{
    *value = NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].id == id) {
            *value = known[i].value;
            return known[i].name;
        }
    return "Extension";
}
