/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Is this the peer we meant? Reference identities against subjectAltName (RFC 9525 6). The common
 * name is not looked at, and an address is never compared as text. A wildcard right under a public
 * suffix stands for the names of many owners, and matches none.
 */
#include "x509/path_rules.h"

enum { NAME_MAX_LEN = 253, LABEL_MAX_LEN = 63 };

/* ---- host names ---- */

static bool is_label_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static bool is_labels(hf_span name)
{
    size_t label = 0;

    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '.' && label > 0)
            label = 0;
        else if (is_label_char(name.data[i]) && label < LABEL_MAX_LEN)
            label++;
        else
            return false;
    }
    return label > 0;
}

/* "127.1" is an address to many a resolver: no host's last label is a number. */
static bool ends_in_number(hf_span name)
{
    size_t i = name.len;

    while (i > 0 && name.data[i - 1] >= '0' && name.data[i - 1] <= '9')
        i--;
    return i < name.len && (i == 0 || name.data[i - 1] == '.');
}

bool hf_is_host_name(hf_span name)
{
    char text[NAME_MAX_LEN + 1];
    uint8_t ip[16];

    if (name.len == 0 || name.len > NAME_MAX_LEN || !is_labels(name) || ends_in_number(name))
        return false;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    return hf_parse_ip(text, ip) == 0;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static bool same_dns(hf_span a, hf_span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

static hf_span from_first_dot(hf_span name)
{
    const uint8_t *dot = memchr(name.data, '.', name.len);

    return dot ? hf_span_of(dot, (size_t)(name.data + name.len - dot)) : hf_span_of(NULL, 0);
}

static bool is_wildcard(hf_span presented)
{
    return presented.len > 2 && presented.data[0] == '*' && presented.data[1] == '.';
}

/* RFC 9525 6.3: the wildcard is the whole left-most label and stands for exactly one. */
static bool dns_matches(hf_span presented, hf_span reference)
{
    if (!is_wildcard(presented))
        return same_dns(presented, reference);
    return same_dns(hf_span_of(presented.data + 1, presented.len - 1), from_first_dot(reference));
}

/* ---- public suffixes ---- */

/* Top-level domains are, whatever the hook knows: "*.com" is nobody's name. */
static bool is_public_suffix(const hf_path_query *query, hf_span domain)
{
    char text[NAME_MAX_LEN + 1];

    if (from_first_dot(domain).len <= 1 || domain.len > NAME_MAX_LEN)
        return true;
    if (!query->public_suffix)
        return false;
    for (size_t i = 0; i < domain.len; i++)
        text[i] = (char)lower(domain.data[i]);
    text[domain.len] = '\0';
    return query->public_suffix(query->user, text);
}

/* CA/Browser Forum BR 3.2.2.6 */
static bool is_barred(const hf_path_query *query, hf_span presented)
{
    return is_wildcard(presented) &&
           is_public_suffix(query, hf_span_of(presented.data + 2, presented.len - 2));
}

/* ---- certificates ---- */

static bool has_ip(const hf_cert *cert, hf_span ip)
{
    hf_span rest = cert->san, name;
    hf_san_kind kind;

    while (hf_san_next(&rest, &kind, &name))
        if (kind == HF_SAN_IP && hf_span_equal(name, ip))
            return true;
    return false;
}

static hf_match match_dns(const hf_path_query *query, const hf_cert *cert, hf_span reference)
{
    hf_span rest = cert->san, name;
    hf_san_kind kind;
    hf_match found = HF_MATCH_NONE;

    while (hf_san_next(&rest, &kind, &name)) {
        if (kind != HF_SAN_DNS || !dns_matches(name, reference))
            continue;
        if (!is_barred(query, name))
            return HF_MATCH_GOOD;
        found = HF_MATCH_BARRED;
    }
    return found;
}

hf_match hf_match_name(const hf_path_query *query, const hf_cert *cert)
{
    uint8_t ip[16];
    hf_span reference = hf_span_str(query->name);
    size_t ip_len = hf_parse_ip(query->name, ip);

    if (ip_len > 0)
        return has_ip(cert, hf_span_of(ip, ip_len)) ? HF_MATCH_GOOD : HF_MATCH_NONE;
    if (reference.len > 1 && reference.data[reference.len - 1] == '.')
        reference.len--;
    return hf_is_host_name(reference) ? match_dns(query, cert, reference) : HF_MATCH_NONE;
}

bool hf_cert_matches(const hf_cert *cert, const char *name)
{
    const hf_path_query query = { .name = name };

    return hf_match_name(&query, cert) == HF_MATCH_GOOD;
}

/* ---- mail addresses ---- */

static hf_span from_at(hf_span mailbox)
{
    size_t i = mailbox.len;

    while (i > 0 && mailbox.data[i - 1] != '@')
        i--;
    return i > 0 ? hf_span_of(mailbox.data + i - 1, mailbox.len - i + 1) : hf_span_of(NULL, 0);
}

/* RFC 5280 7.5: the local part to the letter, the host in any case. */
static bool same_mailbox(hf_span a, hf_span b)
{
    hf_span host_a = from_at(a), host_b = from_at(b);

    return a.len == b.len && host_a.len > 1 && same_dns(host_a, host_b) &&
           memcmp(a.data, b.data, a.len - host_a.len) == 0;
}

bool hf_match_email(const hf_cert *cert, const char *email)
{
    hf_span rest = cert->san, name;
    hf_san_kind kind;

    while (hf_san_next(&rest, &kind, &name))
        if (kind == HF_SAN_EMAIL && same_mailbox(name, hf_span_str(email)))
            return true;
    return false;
}
