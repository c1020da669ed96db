/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One function an extension; the certificate was parsed before, so its shape is known to be good where it matters. */
#include "tool/cert_words.h"

#include <inttypes.h>
#include <stdio.h>

#include "tool/name_words.h"
#include "x509/der.h"
#include "x509/oid.h"
#include "x509/summary.h"

enum { ONE_ROOM = 300, HEX_SHOWN = 32 };

/* ---- pieces ---- */

static void add_comma(hf_label *t)
{
    if (t->len > 0)
        hf_label_add(t, ", ");
}

static void add_hex(hf_label *t, hf_span bytes)
{
    char two[3];

    for (size_t i = 0; i < bytes.len && i < HEX_SHOWN; i++) {
        snprintf(two, sizeof two, "%02x", bytes.data[i]);
        hf_label_add(t, two);
    }
    if (bytes.len > HEX_SHOWN)
        hf_label_add(t, "...");
}

static void add_oid(hf_label *t, hf_span octets)
{
    char name[ONE_ROOM];

    hf_oid_text(octets, name, sizeof name);
    hf_label_add(t, name);
}

static void add_number(hf_label *t, const char *before, unsigned n)
{
    char text[64];

    snprintf(text, sizeof text, "%s%u", before, n);
    hf_label_add(t, text);
}

/* ---- the extensions ---- */

static void say_ski(hf_reader *v, hf_label *t)
{
    add_hex(t, hf_der_read(v, HF_DER_OCTET_STRING, "KeyIdentifier"));
}

static void say_aki(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_SEQUENCE, "AuthorityKeyIdentifier");

    if (hf_der_peek(&in) == HF_DER_CONTEXT(0))
        add_hex(t, hf_der_read(&in, HF_DER_CONTEXT(0), "keyIdentifier"));
    if (hf_der_peek(&in) == HF_DER_CONTEXT_CONS(1)) {
        hf_reader names = hf_der_open(&in, HF_DER_CONTEXT_CONS(1), "authorityCertIssuer");
        hf_label_add(t, t->len > 0 ? ", issuer " : "issuer ");
        hf_general_names_add(t, &names);
    }
    if (hf_der_peek(&in) == HF_DER_CONTEXT(2)) {
        hf_label_add(t, ", serial number ");
        add_hex(t, hf_der_read(&in, HF_DER_CONTEXT(2), "authorityCertSerialNumber"));
    }
}

static void say_key_usage(hf_reader *v, hf_label *t)
{
    static const char *const names[] = { "digitalSignature", "nonRepudiation", "keyEncipherment",
                                         "dataEncipherment", "keyAgreement",   "keyCertSign",
                                         "cRLSign",          "encipherOnly",   "decipherOnly" };
    uint16_t flags = hf_der_flags(v, "KeyUsage");

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!(flags & 1u << i))
            continue;
        add_comma(t);
        hf_label_add(t, names[i]);
    }
}

static void say_oids(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_SEQUENCE, "ExtKeyUsageSyntax");

    while (hf_rd_left(&in) > 0) {
        add_comma(t);
        add_oid(t, hf_der_oid(&in, "KeyPurposeId"));
    }
}

static void say_basic_constraints(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_SEQUENCE, "BasicConstraints");
    bool ca = hf_der_peek(&in) == HF_DER_BOOLEAN && hf_der_boolean(&in, "cA");

    hf_label_add(t, ca ? "a CA" : "not a CA");
    if (hf_rd_left(&in) > 0)
        add_number(t,
                   ", CAs below it at most: ", hf_der_small(&in, INT16_MAX, "pathLenConstraint"));
    else if (ca)
        hf_label_add(t, ", with any number of CAs below it");
}

static void say_names(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_SEQUENCE, "GeneralNames");

    hf_general_names_add(t, &in);
}

static void say_subtrees(hf_reader *in, uint8_t tag, const char *before, hf_label *t)
{
    if (hf_der_peek(in) != tag)
        return;
    hf_reader list = hf_der_open(in, tag, "GeneralSubtrees");
    hf_label_add(t, t->len > 0 ? "; " : "");
    hf_label_add(t, before);
    for (bool more = false; hf_rd_left(&list) > 0; more = true) {
        hf_reader subtree = hf_der_open(&list, HF_DER_SEQUENCE, "GeneralSubtree");
        hf_label_add(t, more ? ", " : "");
        hf_general_name_add(t, &subtree);
    }
}

static void say_name_constraints(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_SEQUENCE, "NameConstraints");

    say_subtrees(&in, HF_DER_CONTEXT_CONS(0), "only names under ", t);
    say_subtrees(&in, HF_DER_CONTEXT_CONS(1), "no names under ", t);
}

/* CA/Browser Forum BR 7.1.6.1, EV guidelines 9.3.2 */
static const char *policy_words(hf_span oid)
{
    static const struct {
        const char *dotted, *words;
    } known[] = {
        { "2.23.140.1.1", " (extended validation)" },
        { "2.23.140.1.2.1", " (domain validated)" },
        { "2.23.140.1.2.2", " (organization validated)" },
        { "2.23.140.1.2.3", " (individual validated)" },
    };
    char dotted[ONE_ROOM];

    hf_oid_dotted(oid, dotted, sizeof dotted);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(dotted, known[i].dotted) == 0)
            return known[i].words;
    return "";
}

static void say_policies(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_SEQUENCE, "CertificatePolicies");

    while (hf_rd_left(&in) > 0) {
        hf_reader policy = hf_der_open(&in, HF_DER_SEQUENCE, "PolicyInformation");
        hf_span oid = hf_der_oid(&policy, "policyIdentifier");
        add_comma(t);
        add_oid(t, oid);
        hf_label_add(t, policy_words(oid));
    }
}

static void say_mappings(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_SEQUENCE, "PolicyMappings");

    while (hf_rd_left(&in) > 0) {
        hf_reader pair = hf_der_open(&in, HF_DER_SEQUENCE, "mapping");
        add_comma(t);
        add_oid(t, hf_der_oid(&pair, "issuerDomainPolicy"));
        hf_label_add(t, " is below it ");
        add_oid(t, hf_der_oid(&pair, "subjectDomainPolicy"));
    }
}

/* Implicit INTEGERs under context tags: their content is short. */
static unsigned skip_certs(hf_span v)
{
    unsigned n = 0;

    for (size_t i = 0; i < v.len; i++)
        n = n << 8 | v.data[i];
    return n;
}

static void say_policy_constraints(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_SEQUENCE, "PolicyConstraints");

    if (hf_der_peek(&in) == HF_DER_CONTEXT(0))
        add_number(t, "a policy is demanded after so many certificates: ",
                   skip_certs(hf_der_read(&in, HF_DER_CONTEXT(0), "requireExplicitPolicy")));
    if (hf_der_peek(&in) == HF_DER_CONTEXT(1)) {
        add_comma(t);
        add_number(t, "no mapping after so many certificates: ",
                   skip_certs(hf_der_read(&in, HF_DER_CONTEXT(1), "inhibitPolicyMapping")));
    }
}

static void say_inhibit_any(hf_reader *v, hf_label *t)
{
    add_number(t, "anyPolicy counts for nothing after so many certificates: ",
               hf_der_small(v, INT16_MAX, "InhibitAnyPolicy"));
}

static void say_point(hf_reader *point, hf_label *t)
{
    if (hf_der_peek(point) == HF_DER_CONTEXT_CONS(0)) {
        hf_reader name = hf_der_open(point, HF_DER_CONTEXT_CONS(0), "distributionPoint");
        if (hf_der_peek(&name) == HF_DER_CONTEXT_CONS(0)) {
            hf_reader full = hf_der_open(&name, HF_DER_CONTEXT_CONS(0), "fullName");
            hf_general_names_add(t, &full);
        }
    }
    if (hf_der_peek(point) == HF_DER_CONTEXT(1)) {
        hf_der_read(point, HF_DER_CONTEXT(1), "reasons");
        hf_label_add(t, " (some reasons only)");
    }
    if (hf_der_peek(point) == HF_DER_CONTEXT_CONS(2)) {
        hf_reader issuer = hf_der_open(point, HF_DER_CONTEXT_CONS(2), "cRLIssuer");
        hf_label_add(t, " issued by ");
        hf_general_names_add(t, &issuer);
    }
}

static void say_crl_points(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_SEQUENCE, "CRLDistributionPoints");

    while (hf_rd_left(&in) > 0) {
        hf_reader point = hf_der_open(&in, HF_DER_SEQUENCE, "DistributionPoint");
        add_comma(t);
        say_point(&point, t);
    }
}

static void say_access(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_SEQUENCE, "AuthorityInfoAccessSyntax");

    while (hf_rd_left(&in) > 0) {
        hf_reader access = hf_der_open(&in, HF_DER_SEQUENCE, "AccessDescription");
        hf_span method = hf_der_oid(&access, "accessMethod");
        add_comma(t);
        if (hf_oid_of(method) == HF_OID_ad_ocsp)
            hf_label_add(t, "OCSP");
        else if (hf_oid_of(method) == HF_OID_ad_ca_issuers)
            hf_label_add(t, "the issuer's certificate");
        else
            add_oid(t, method);
        hf_label_add(t, " at ");
        hf_general_name_add(t, &access);
    }
}

static void say_tls_feature(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_SEQUENCE, "Features");

    while (hf_rd_left(&in) > 0) {
        unsigned feature = hf_der_small(&in, UINT16_MAX, "feature");
        add_comma(t);
        if (feature == 5)
            hf_label_add(t, "the server must staple (status_request)");
        else
            add_number(t, "TLS extension ", feature);
    }
}

/* RFC 6962 3.2: version, log, time in milliseconds. */
static void say_sct(hf_reader *list, hf_label *t)
{
    hf_reader sct = hf_rd_sub16(list, 1, UINT16_MAX, "SignedCertificateTimestamp");
    char stamp[24];

    hf_rd_u8(&sct, "sct_version");
    hf_span log = hf_rd_bytes(&sct, 32, "log_id");
    uint64_t ms = (uint64_t)hf_rd_u32(&sct, "timestamp") << 32;
    ms |= hf_rd_u32(&sct, "timestamp");
    if (!hf_rd_ok(&sct))
        return;
    add_comma(t);
    hf_label_add(t, "log ");
    add_hex(t, hf_span_of(log.data, 4));
    hf_time_text((int64_t)(ms / 1000), stamp);
    hf_label_add(t, "... at ");
    hf_label_add(t, stamp);
}

static void say_scts(hf_reader *v, hf_label *t)
{
    hf_reader in = hf_der_open(v, HF_DER_OCTET_STRING, "SignedCertificateTimestampList");
    hf_reader list = hf_rd_sub16(&in, 0, UINT16_MAX, "sct_list");

    while (hf_rd_left(&list) > 0)
        say_sct(&list, t);
}

static void say_poison(hf_reader *v, hf_label *t)
{
    (void)v;
    hf_label_add(t, "a precertificate: nobody may accept it");
}

static void say_no_check(hf_reader *v, hf_label *t)
{
    (void)v;
    hf_label_add(t, "its own revocation is not asked for");
}

static const struct {
    hf_oid oid;
    void (*say)(hf_reader *value, hf_label *t);
} known[] = {
    { HF_OID_subject_key_identifier, say_ski },
    { HF_OID_authority_key_identifier, say_aki },
    { HF_OID_key_usage, say_key_usage },
    { HF_OID_ext_key_usage, say_oids },
    { HF_OID_basic_constraints, say_basic_constraints },
    { HF_OID_subject_alt_name, say_names },
    { HF_OID_issuer_alt_name, say_names },
    { HF_OID_name_constraints, say_name_constraints },
    { HF_OID_certificate_policies, say_policies },
    { HF_OID_policy_mappings, say_mappings },
    { HF_OID_policy_constraints, say_policy_constraints },
    { HF_OID_inhibit_any_policy, say_inhibit_any },
    { HF_OID_crl_distribution_points, say_crl_points },
    { HF_OID_freshest_crl, say_crl_points },
    { HF_OID_authority_info_access, say_access },
    { HF_OID_subject_info_access, say_access },
    { HF_OID_tls_feature, say_tls_feature },
    { HF_OID_sct_list, say_scts },
    { HF_OID_ct_poison, say_poison },
    { HF_OID_ocsp_nocheck, say_no_check },
};

/* ---- the whole ---- */

static void say_unknown(hf_span value, hf_label *t)
{
    char count[64];

    snprintf(count, sizeof count, "not understood, %zu byte%s: ", value.len,
             value.len == 1 ? "" : "s");
    hf_label_add(t, count);
    add_hex(t, value);
}

/* Room for the mark of what did not fit. */
static void say(hf_oid oid, hf_span value, char *out, size_t room)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(value, "extnValue", 0, &fault, NULL);
    hf_label t = hf_label_start(out, room - 8);

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].oid == oid)
            known[i].say(&r, &t);
    if (fault.code != HF_OK || t.len == 0) {
        t = hf_label_start(out, room - 8);
        say_unknown(value, &t);
    }
    if (t.cut)
        snprintf(out + t.len, room - t.len, " ...");
}

hf_span hf_cert_extensions_of(const hf_cert *cert)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(cert->tbs, "tbsCertificate", 0, &fault, NULL);
    hf_reader tbs = hf_der_open(&r, HF_DER_SEQUENCE, "tbsCertificate");
    uint8_t tag;

    while (hf_rd_left(&tbs) > 0) {
        hf_span value = hf_der_any(&tbs, &tag, "field");
        if (tag != HF_DER_CONTEXT_CONS(3))
            continue;
        hf_reader wrapped = hf_rd_start(value, "extensions", 0, &fault, NULL);
        return hf_der_read(&wrapped, HF_DER_SEQUENCE, "Extensions");
    }
    return hf_span_of(NULL, 0);
}

/* Those that the validator has no use for, but that people meet. */
static void put_extension_name(hf_span oid, hf_extension_words *out)
{
    static const struct {
        const char *dotted, *name;
    } others[] = {
        { "2.5.29.9", "subjectDirectoryAttributes" },
        { "2.5.29.16", "privateKeyUsagePeriod" },
        { "1.3.6.1.5.5.7.1.3", "qcStatements" },
        { "1.3.6.1.4.1.311.20.2", "Microsoft certificate type" },
        { "1.3.6.1.4.1.311.21.1", "Microsoft CA version" },
        { "1.3.6.1.4.1.311.21.7", "Microsoft certificate template" },
        { "2.16.840.1.113730.1.1", "Netscape certificate type" },
        { "2.16.840.1.113730.1.13", "Netscape comment" },
    };

    hf_oid_text(oid, out->name, sizeof out->name);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(out->oid, others[i].dotted) == 0)
            snprintf(out->name, sizeof out->name, "%s", others[i].name);
}

bool hf_cert_words_next(hf_span *rest, hf_extension_words *out)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(*rest, "Extensions", 0, &fault, NULL);

    if (rest->len == 0)
        return false;
    hf_reader extension = hf_der_open(&r, HF_DER_SEQUENCE, "Extension");
    hf_span oid = hf_der_oid(&extension, "extnID");
    out->critical =
        hf_der_peek(&extension) == HF_DER_BOOLEAN && hf_der_boolean(&extension, "critical");
    hf_span value = hf_der_read(&extension, HF_DER_OCTET_STRING, "extnValue");
    if (fault.code != HF_OK)
        return false;
    hf_oid_dotted(oid, out->oid, sizeof out->oid);
    put_extension_name(oid, out);
    say(hf_oid_of(oid), value, out->words, sizeof out->words);
    *rest = hf_span_of(r.p, hf_rd_left(&r));
    return true;
}

void hf_oid_dotted(hf_span octets, char *out, size_t room)
{
    hf_label t = hf_label_start(out, room);
    uint64_t n = 0;
    char text[48];

    for (size_t i = 0, arcs = 0; i < octets.len; i++) {
        n = n << 7 | (octets.data[i] & 0x7f);
        if (octets.data[i] & 0x80)
            continue;
        uint64_t first = n < 40 ? 0 : n < 80 ? 1 : 2;
        if (arcs++ == 0)
            snprintf(text, sizeof text, "%" PRIu64 ".%" PRIu64, first, n - 40 * first);
        else
            snprintf(text, sizeof text, ".%" PRIu64, n);
        hf_label_add(&t, text);
        n = 0;
    }
}
