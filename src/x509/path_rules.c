/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rules, and the words for each. */
#include "x509/path_rules.h"

#include <handfast/policy.h>

#include <stdio.h>

#include "x509/ip.h"
#include "x509/oid.h"
#include "x509/parts.h"
#include "x509/path_account.h"
#include "x509/label.h"

enum { DAY = 24 * 3600 };

/* What a rule found, told to whoever keeps an account; it is what comes of it, too. */
#define TOLD(rule, found) hf_tell_rule(query, HF_RULE_##rule, (found), detail)

/* ---- for every certificate ---- */

static hf_error check_validity(const hf_path_query *query, const hf_cert *cert,
                               char detail[HF_DETAIL_MAX])
{
    char now[24], bound[24];
    bool early = query->now < cert->not_before;

    if (query->undated || (!early && query->now <= cert->not_after))
        return HF_OK;
    hf_time_text(query->now, now);
    hf_time_text(early ? cert->not_before : cert->not_after, bound);
    snprintf(detail, HF_DETAIL_MAX, "not %s %s, now %s", early ? "before" : "after", bound, now);
    return early ? HF_E_CERT_NOT_YET_VALID : HF_E_CERT_EXPIRED;
}

static hf_error check_critical(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    char oid[64];

    if (!cert->unknown_critical)
        return HF_OK;
    hf_oid_text(cert->unknown_critical_oid, oid, sizeof oid);
    snprintf(detail, HF_DETAIL_MAX, "critical extension %s", oid);
    return HF_E_CERT_EXTENSION_CRITICAL;
}

static hf_error check_strength(const hf_path_query *query, const hf_cert *cert,
                               char detail[HF_DETAIL_MAX])
{
    if (cert->key.type != HF_KEY_RSA && cert->key.type != HF_KEY_RSA_PSS)
        return HF_OK;
    unsigned bits = hf_rsa_bits(&cert->key);
    if (bits >= query->rsa_min_bits && bits <= query->rsa_max_bits)
        return HF_OK;
    snprintf(detail, HF_DETAIL_MAX, "RSA key of %u bits, allowed are %u to %u", bits,
             query->rsa_min_bits, query->rsa_max_bits);
    return bits < query->rsa_min_bits ? HF_E_CERT_KEY_WEAK : HF_E_CERT_KEY_LARGE;
}

/* RFC 5280 4.2.1.12; in a CA, too, it limits what the certificates below may be for. */
static hf_error check_purpose(const hf_path_query *query, const hf_cert *cert,
                              char detail[HF_DETAIL_MAX])
{
    if (!cert->has_eku || (cert->eku & (query->purpose | HF_EKU_ANY)) != 0)
        return HF_OK;
    bool server = query->purpose == HF_EKU_SERVER_AUTH;
    snprintf(detail, HF_DETAIL_MAX, "extKeyUsage allows %s%s, %s is needed",
             cert->eku & HF_EKU_SERVER_AUTH   ? "serverAuth"
             : cert->eku & HF_EKU_CLIENT_AUTH ? "clientAuth"
                                              : "",
             cert->eku & HF_EKU_OTHER
                 ? (cert->eku == HF_EKU_OTHER ? "other uses only" : " and other uses")
                 : "",
             server ? "serverAuth" : "clientAuth");
    return HF_E_CERT_PURPOSE;
}

static hf_error check_serial(const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    if (cert->serial.len != 1 || cert->serial.data[0] != 0) /* RFC 5280 4.1.2.2 */
        return HF_OK;
    snprintf(detail, HF_DETAIL_MAX, "serialNumber is 0, must be positive");
    return HF_E_CERT_SERIAL;
}

/* ---- the leaf ---- */

static void put_printable(hf_label *t, hf_span name)
{
    for (size_t i = 0; i < name.len; i++)
        hf_label_put(
            t, name.data[i] > 0x20 && name.data[i] < 0x7f ? (const char *)name.data + i : "?", 1);
}

static void put_name(hf_label *t, hf_san_kind kind, hf_span name)
{
    char ip[HF_IP_TEXT_MAX];

    if (kind == HF_SAN_DNS) {
        put_printable(t, name);
        return;
    }
    hf_ip_text(name, ip);
    hf_label_add(t, ip);
}

/* "localhost, 127.0.0.1"; a name that does not fit whole is left out, with all that follow. */
static void put_names(hf_label *t, const hf_cert *cert)
{
    hf_span rest = cert->san, name;
    hf_san_kind kind;
    bool more = false;

    while (!t->cut && hf_san_next(&rest, &kind, &name)) {
        if (kind != HF_SAN_DNS && kind != HF_SAN_IP)
            continue;
        hf_label_add(t, more ? ", " : "");
        size_t before = t->len;
        put_name(t, kind, name);
        if (t->cut)
            t->len = before;
        more = true;
    }
    if (!more)
        hf_label_add(t, "no DNS name or address");
}

/* The names of the certificate may fill 80 characters, so that the name asked for has room. */
static void tell_names(const hf_path_query *query, const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    char names[80];
    hf_label list = hf_label_start(names, sizeof names - 3), all;

    put_names(&list, leaf);
    if (list.cut)
        memcpy(names + list.len, "...", 4);
    all = hf_label_start(detail, HF_DETAIL_MAX);
    hf_label_add(&all, "certificate is for ");
    hf_label_add(&all, names);
    hf_label_add(&all, "; asked for ");
    put_printable(&all, hf_span_str(query->name));
}

/* RFC 9525 6 */
static hf_error check_name(const hf_path_query *query, const hf_cert *leaf,
                           char detail[HF_DETAIL_MAX])
{
    hf_match match = query->name ? hf_match_name(query, leaf) : HF_MATCH_GOOD;
    hf_label words = hf_label_start(detail, HF_DETAIL_MAX);

    if (match == HF_MATCH_GOOD)
        return HF_OK;
    if (match == HF_MATCH_NONE) {
        tell_names(query, leaf, detail);
        return HF_E_CERT_NAME;
    }
    hf_label_add(&words, "a wildcard under a public suffix does not stand for ");
    put_printable(&words, hf_span_str(query->name));
    return HF_E_CERT_WILDCARD;
}

static hf_error check_emails(const hf_path_query *query, const hf_cert *leaf,
                             char detail[HF_DETAIL_MAX])
{
    hf_label words = hf_label_start(detail, HF_DETAIL_MAX);
    size_t i = 0;

    while (i < query->n_emails && hf_match_email(leaf, query->emails[i]))
        i++;
    if (i == query->n_emails)
        return HF_OK;
    hf_label_add(&words, "no rfc822Name is ");
    put_printable(&words, hf_span_str(query->emails[i]));
    return HF_E_CERT_NAME;
}

static const char *key_usage_name(unsigned bit)
{
    static const char *const names[] = { "digitalSignature", "contentCommitment", "keyEncipherment",
                                         "dataEncipherment", "keyAgreement",      "keyCertSign",
                                         "cRLSign",          "encipherOnly",      "decipherOnly" };

    return bit < sizeof names / sizeof *names ? names[bit] : "a bit that is not defined";
}

/* TLS 1.3 and the suites of TLS 1.2 with ECDHE sign with this key (RFC 9846 4.5.1.2#3), static RSA key exchange decrypts
   with it (RFC 5246 7.4.2). Without the extension a key may be used for everything. */
static hf_error check_leaf_usage(const hf_path_query *query, const hf_cert *leaf,
                                 char detail[HF_DETAIL_MAX])
{
    unsigned needed =
        query->key_usage | (query->decrypts ? HF_KU_KEY_ENCIPHERMENT : HF_KU_DIGITAL_SIGNATURE);
    unsigned missing = needed & ~(unsigned)leaf->key_usage, bit = 0;

    if (!leaf->has_key_usage || missing == 0)
        return HF_OK;
    while (!(missing & 1u << bit))
        bit++;
    snprintf(detail, HF_DETAIL_MAX, "keyUsage is there without %s", key_usage_name(bit));
    return HF_E_CERT_USAGE;
}

/* Both ends of the validity count (RFC 5280 4.1.2.5). */
static hf_error check_lifetime(const hf_path_query *query, const hf_cert *leaf,
                               char detail[HF_DETAIL_MAX])
{
    int64_t days = (leaf->not_after - leaf->not_before + DAY) / DAY;

    if (query->leaf_max_days == 0 || days <= query->leaf_max_days)
        return HF_OK;
    snprintf(detail, HF_DETAIL_MAX, "valid for %lld days, at most %u allowed", (long long)days,
             query->leaf_max_days);
    return HF_E_CERT_LIFETIME;
}

hf_error hf_rule_leaf(const hf_path_query *query, const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    bool webpki = query->profile == HF_PROFILE_WEBPKI;

    TRY(TOLD(SERIAL, check_serial(leaf, detail)));
    TRY(TOLD(CRITICAL, check_critical(leaf, detail)));
    TRY(TOLD(KEY, check_strength(query, leaf, detail)));
    TRY(TOLD(VALIDITY, check_validity(query, leaf, detail)));
    if (query->leaf_max_days != 0)
        TRY(TOLD(LIFETIME, check_lifetime(query, leaf, detail)));
    if (webpki)
        TRY(TOLD(PROFILE, hf_profile_leaf(leaf, detail)));
    TRY(TOLD(USAGE, check_leaf_usage(query, leaf, detail)));
    TRY(TOLD(PURPOSE, check_purpose(query, leaf, detail)));
    if (query->n_emails > 0)
        TRY(TOLD(EMAIL, check_emails(query, leaf, detail)));
    if (query->name)
        TRY(TOLD(NAME, check_name(query, leaf, detail)));
    if (webpki && query->purpose == HF_EKU_SERVER_AUTH) /* clients have no host names */
        TRY(TOLD(COMMON_NAME, hf_profile_common_name(leaf, detail)));
    return HF_OK;
}

/* ---- issuers ---- */

static hf_error check_ca(const hf_cert *issuer, char detail[HF_DETAIL_MAX])
{
    if (!issuer->is_ca) { /* RFC 5280 6.1.4 (k) */
        snprintf(detail, HF_DETAIL_MAX,
                 issuer->has_basic_constraints ? "basicConstraints says cA FALSE"
                                               : "basicConstraints is not there");
        return HF_E_CERT_NOT_CA;
    }
    if (issuer->has_key_usage &&
        !(issuer->key_usage & HF_KU_KEY_CERT_SIGN)) { /* RFC 5280 6.1.4 (n) */
        snprintf(detail, HF_DETAIL_MAX, "keyUsage is there without keyCertSign");
        return HF_E_CERT_USAGE;
    }
    return HF_OK;
}

static hf_error check_path_length(const hf_cert *issuer, unsigned below, char detail[HF_DETAIL_MAX])
{
    if (issuer->path_len < 0 || below <= (unsigned)issuer->path_len) /* RFC 5280 6.1.4 (l), (m) */
        return HF_OK;
    snprintf(detail, HF_DETAIL_MAX, "pathLenConstraint %d, %u CA certificates below",
             issuer->path_len, below);
    return HF_E_CERT_PATH_LENGTH;
}

hf_error hf_rule_issuer(const hf_path_query *query, const hf_cert *issuer, bool anchor,
                        unsigned below, char detail[HF_DETAIL_MAX])
{
    if (!anchor)
        TRY(TOLD(SERIAL, check_serial(issuer, detail)));
    TRY(TOLD(CRITICAL, check_critical(issuer, detail)));
    TRY(TOLD(KEY, check_strength(query, issuer, detail)));
    TRY(TOLD(CA, check_ca(issuer, detail)));
    TRY(TOLD(PATH_LENGTH, check_path_length(issuer, below, detail)));
    TRY(TOLD(PURPOSE, check_purpose(query, issuer, detail)));
    TRY(TOLD(VALIDITY, check_validity(query, issuer, detail)));
    if (query->profile == HF_PROFILE_WEBPKI)
        TRY(TOLD(PROFILE, hf_profile_issuer(issuer, anchor, detail)));
    return HF_OK;
}
