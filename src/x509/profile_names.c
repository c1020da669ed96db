/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The profile `webpki`: the names of the peer's own certificate. Each must be one that could be meant,
 * also those that nobody asked for; and the common name, which is never used (RFC 9525 2), may not
 * speak against them.
 */
#include <stdio.h>

#include "x509/ip.h"
#include "x509/issue.h"
#include "x509/label.h"
#include "x509/oid.h"
#include "x509/parts.h"
#include "x509/path_rules.h"

enum { NAME_MAX_LEN = 253, LABEL_MAX_LEN = 63, EMAIL_MAX_LEN = 320 };

/* "words: name", with the name in printable characters and as far as there is room. */
static hf_error refuse(hf_error e, char detail[HF_DETAIL_MAX], const char *words, hf_span name)
{
    hf_label t = hf_label_start(detail, HF_DETAIL_MAX);

    hf_label_add(&t, words);
    hf_label_add(&t, ": ");
    for (size_t i = 0; i < name.len && !t.cut; i++)
        hf_label_put(
            &t, name.data[i] >= 0x20 && name.data[i] < 0x7f ? (const char *)name.data + i : "?", 1);
    return e;
}

/* ---- dNSName ---- */

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* RFC 1034 3.5 with RFC 1123 2.1: a label may also begin with a digit. */
static const char *label_fault(hf_span label)
{
    if (label.len == 0)
        return "dNSName has an empty label";
    if (label.len > LABEL_MAX_LEN)
        return "dNSName has a label of over 63 octets";
    if (label.data[0] == '-' || label.data[label.len - 1] == '-')
        return "dNSName has a label that begins or ends with a hyphen";
    for (size_t i = 0; i < label.len; i++)
        if (!is_letter(label.data[i]) && !is_digit(label.data[i]) && label.data[i] != '-')
            return "dNSName has another character than letters, digits, hyphens and dots";
    return NULL;
}

static hf_span cut_label(hf_span *rest)
{
    const uint8_t *dot = memchr(rest->data, '.', rest->len);
    size_t len = dot ? (size_t)(dot - rest->data) : rest->len;
    hf_span label = hf_span_of(rest->data, len);

    *rest = dot ? hf_span_of(dot + 1, rest->len - len - 1) : hf_span_of(NULL, 0);
    return label;
}

static bool all_digits(hf_span label)
{
    size_t i = 0;

    while (i < label.len && is_digit(label.data[i]))
        i++;
    return i == label.len;
}

/* RFC 5280 4.2.1.6: the preferred name syntax. A name whose last label is a number would be an address. */
static const char *dns_fault(hf_span name)
{
    hf_span rest = name, label;
    const char *fault = name.len > NAME_MAX_LEN ? "dNSName of over 253 octets" : NULL;
    bool more = true;

    while (more && !fault) {
        more = memchr(rest.data, '.', rest.len) != NULL;
        label = cut_label(&rest);
        fault = more && rest.len == 0 ? "dNSName ends with a dot" : label_fault(label);
        if (!more && !fault && all_digits(label))
            fault = "dNSName is an IP address, or looks like one";
    }
    return fault;
}

/* CA/Browser Forum BR 1.6.1 (Wildcard Domain Name), 3.2.2.6: the root and the top-level domains are public suffixes. Of longer
   ones somebody may own the whole namespace, so for them only matching asks the hook. */
static hf_error check_wildcard(hf_span name, char detail[HF_DETAIL_MAX])
{
    hf_span rest = name;

    cut_label(&rest);
    if (rest.len > 0 && memchr(rest.data, '.', rest.len))
        return HF_OK;
    return refuse(HF_E_CERT_WILDCARD, detail, "a wildcard for a whole top-level domain", name);
}

static hf_error check_dns(hf_span name, char detail[HF_DETAIL_MAX])
{
    hf_span host = name;
    bool wildcard = name.data[0] == '*' && (name.len == 1 || name.data[1] == '.');

    if (wildcard)
        cut_label(&host);
    const char *fault = wildcard && name.len == 1 ? NULL : dns_fault(host);
    if (fault)
        return refuse(HF_E_CERT_SAN, detail, fault, name);
    return wildcard ? check_wildcard(name, detail) : HF_OK;
}

/* ---- subjectAltName ---- */

/* RFC 5280 4.2.1.6: a Mailbox, local-part@domain. */
static hf_error check_email(hf_span name, char detail[HF_DETAIL_MAX])
{
    char text[EMAIL_MAX_LEN + 1];

    if (name.len <= EMAIL_MAX_LEN) {
        memcpy(text, name.data, name.len);
        text[name.len] = '\0';
        if (hf_is_email(text))
            return HF_OK;
    }
    return refuse(HF_E_CERT_SAN, detail, "rfc822Name is not a mail address", name);
}

static hf_error check_san_names(const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    hf_span rest = leaf->san, name;
    hf_san_kind kind;

    while (hf_san_next(&rest, &kind, &name)) {
        if (kind == HF_SAN_DNS)
            TRY(check_dns(name, detail));
        else if (kind == HF_SAN_EMAIL)
            TRY(check_email(name, detail));
    }
    return HF_OK;
}

/* RFC 5280 4.2.1.6, CA/Browser Forum BR 7.1.2.7.12 */
static hf_error check_san_form(const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    bool no_subject = leaf->subject.len <= 2;

    if (leaf->san.len == 0) {
        snprintf(detail, HF_DETAIL_MAX, "subjectAltName is not there, must be");
        return HF_E_CERT_SAN;
    }
    if (leaf->san_critical == no_subject)
        return HF_OK;
    snprintf(detail, HF_DETAIL_MAX, "subjectAltName is %s, and the subject is %s",
             no_subject ? "not critical" : "critical", no_subject ? "empty" : "not empty");
    return HF_E_CERT_EXTENSION_FORM;
}

/* ---- the common name ---- */

/* "192.168.001.1", "0xC0A80101", "2001:DB8::1": what some reader of the past took for an address. */
static bool is_number(hf_span label)
{
    size_t i = 0;
    bool hex = label.len > 2 && label.data[0] == '0' && (label.data[1] | 0x20) == 'x';

    for (i = hex ? 2 : 0; i < label.len; i++)
        if (!is_digit(label.data[i]) &&
            !(hex && (label.data[i] | 0x20) >= 'a' && (label.data[i] | 0x20) <= 'f'))
            return false;
    return label.len > 0;
}

static bool is_like_address(hf_span name)
{
    hf_span rest = name;

    if (name.len > 0 && memchr(name.data, ':', name.len))
        return true;
    while (rest.len > 0)
        if (!is_number(cut_label(&rest)))
            return false;
    return name.len > 0;
}

/* example.org stands above www.example.org and *.example.org; org stands for nobody. */
static bool is_above(hf_span parent, hf_span name)
{
    size_t less = name.len - parent.len;

    return parent.len > 0 && memchr(parent.data, '.', parent.len) && name.len > parent.len &&
           name.data[less - 1] == '.' && memcmp(name.data + less, parent.data, parent.len) == 0;
}

static bool is_text_of(hf_span text, hf_span ip)
{
    char canonical[HF_IP_TEXT_MAX];

    hf_ip_text(ip, canonical);
    return hf_span_equal(text, hf_span_str(canonical));
}

/* CA/Browser Forum BR 7.1.4.3: a character-for-character copy of one of the names, addresses as RFC 5952 writes them. What is
   refused is a common name that speaks against the names: another host's, or an address in other letters. The domain above
   a dNSName, and words where there is no dNSName, claim nothing that could be mistaken for a name that was validated. */
static bool fits_names(hf_span common_name, const hf_cert *leaf)
{
    hf_span rest = leaf->san, name;
    hf_san_kind kind;
    bool any_dns = false;

    while (hf_san_next(&rest, &kind, &name)) {
        any_dns = any_dns || kind == HF_SAN_DNS;
        if (kind == HF_SAN_DNS && (hf_span_equal(name, common_name) || is_above(common_name, name)))
            return true;
        if (kind == HF_SAN_IP && is_text_of(common_name, name))
            return true;
    }
    return !any_dns && !is_like_address(common_name);
}

static hf_error check_attribute(hf_reader *rdn, const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    uint8_t tag;
    hf_reader attribute = hf_der_open(rdn, HF_DER_SEQUENCE, "AttributeTypeAndValue");
    bool is_common_name = hf_oid_of(hf_der_oid(&attribute, "type")) == HF_OID_common_name;
    hf_span value = hf_der_any(&attribute, &tag, "value");

    if (!is_common_name || fits_names(value, leaf))
        return HF_OK;
    return refuse(HF_E_CERT_COMMON_NAME, detail, "common name that is not in subjectAltName",
                  value);
}

hf_error hf_profile_common_name(const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(leaf->subject, "subject", 0, &fault, NULL);
    hf_reader name = hf_der_open(&r, HF_DER_SEQUENCE, "subject");

    while (hf_rd_left(&name) > 0) {
        hf_reader rdn = hf_der_open(&name, HF_DER_SET, "RelativeDistinguishedName");
        while (hf_rd_left(&rdn) > 0)
            TRY(check_attribute(&rdn, leaf, detail));
    }
    return HF_OK;
}

hf_error hf_profile_names(const hf_cert *leaf, char detail[HF_DETAIL_MAX])
{
    TRY(check_san_form(leaf, detail));
    return check_san_names(leaf, detail);
}
