/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Is this the peer we meant? Reference identities against subjectAltName (RFC 9525 6). The common
 * name is not looked at, and an address is never compared as text.
 */
#include "x509/x509.h"

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

bool hf_is_host_name(hf_span name)
{
    char text[NAME_MAX_LEN + 1];
    uint8_t ip[16];

    if (name.len == 0 || name.len > NAME_MAX_LEN || !is_labels(name))
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

/* RFC 9525 6.3: the wildcard is the whole left-most label and stands for exactly one. Two labels
   must follow it: "*.com" is nobody's name. */
static bool dns_matches(hf_span presented, hf_span reference)
{
    if (presented.len < 2 || presented.data[0] != '*' || presented.data[1] != '.')
        return same_dns(presented, reference);
    hf_span parent = hf_span_of(presented.data + 1, presented.len - 1);
    hf_span after_dot = hf_span_of(parent.data + 1, parent.len - 1);
    return from_first_dot(after_dot).len > 1 && same_dns(parent, from_first_dot(reference));
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

static bool has_dns(const hf_cert *cert, hf_span reference)
{
    hf_span rest = cert->san, name;
    hf_san_kind kind;

    while (hf_san_next(&rest, &kind, &name))
        if (kind == HF_SAN_DNS && dns_matches(name, reference))
            return true;
    return false;
}

bool hf_cert_matches(const hf_cert *cert, const char *name)
{
    uint8_t ip[16];
    hf_span reference = hf_span_str(name);
    size_t ip_len = hf_parse_ip(name, ip);

    if (ip_len > 0)
        return has_ip(cert, hf_span_of(ip, ip_len));
    if (reference.len > 1 && reference.data[reference.len - 1] == '.')
        reference.len--;
    return hf_is_host_name(reference) && has_dns(cert, reference);
}
