/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The kinds: DNS names, addresses, mail addresses and URIs; distinguished names are in
 * constraints_directory.c. What is compared is ASCII in any case, but for the local part of a mail address, which is compared byte
 * by byte.
 */
#include "x509/constraints_kinds.h"

#include <stdio.h>

#include "x509/ip.h"
#include "x509/label.h"
#include "x509/x509.h"

enum { MASKS = 2 }; /* address and mask */

/* ---- text ---- */

static hf_span drop(hf_span text, size_t n)
{
    return hf_span_of(text.data + n, text.len - n);
}

/* Up to `c`, which is not included; all of it when there is none. */
static hf_span before(hf_span text, char c)
{
    const uint8_t *at = text.len > 0 ? memchr(text.data, c, text.len) : NULL;

    return at ? hf_span_of(text.data, (size_t)(at - text.data)) : text;
}

static bool starts_with(hf_span text, char c)
{
    return text.len > 0 && text.data[0] == (uint8_t)c;
}

/* ---- DNS names ---- */

/* The base itself, or labels before it; the empty base is above all names. */
static bool host_below(hf_span host, hf_span base)
{
    if (base.len == 0)
        return true;
    if (host.len <= base.len)
        return hf_span_equal_text(host, base);
    hf_span end = drop(host, host.len - base.len);
    return end.data[-1] == '.' && hf_span_equal_text(end, base);
}

/* RFC 5280 4.2.1.10 has no leading dot; those who write one mean what is below, without the domain itself. */
static bool is_dns_base(hf_span base, bool strict)
{
    if (!strict && starts_with(base, '.'))
        base = drop(base, 1);
    else if (base.len == 0)
        return true;
    return hf_is_host_name(base);
}

/* All that a wildcard stands for ends in what follows its star. */
static bool dns_within(const hf_bound_name *name, hf_span base)
{
    hf_span text = name->wildcard ? drop(name->value, 1) : name->host;

    if (!starts_with(base, '.'))
        return host_below(name->host, base);
    return text.len >= base.len + !name->wildcard &&
           hf_span_equal_text(drop(text, text.len - base.len), base);
}

/* A wildcard is the whole left-most label (RFC 9525 6.3). */
static void read_dns(hf_bound_name *name)
{
    name->host = name->value;
    name->wildcard = starts_with(name->value, '*');
    if (name->wildcard && name->value.len > 2 && name->value.data[1] == '.')
        name->host = drop(name->value, 2);
    name->good = hf_is_host_name(name->host);
}

/* A wildcard stands for one label: a base that has one label more is among what it may mean. */
static bool wildcard_reaches(const hf_bound_name *name, hf_span base)
{
    hf_span label = before(base, '.');

    return name->wildcard && label.len < base.len &&
           hf_span_equal_text(drop(base, label.len + 1), name->host);
}

/* ---- IP addresses ---- */

static bool is_mask(hf_span mask)
{
    bool ended = false;

    for (size_t bit = 0; bit < 8 * mask.len; bit++) {
        bool set = (mask.data[bit / 8] & (0x80u >> (bit % 8))) != 0;
        if (set && ended)
            return false;
        ended = !set;
    }
    return true;
}

/* Address and mask as in RFC 4632: the mask's ones come first. */
static bool is_network(hf_span base)
{
    return (base.len == 8 || base.len == 32) && is_mask(drop(base, base.len / MASKS));
}

/* An IPv4 address is in no IPv6 network, and the other way round. */
static bool ip_within(hf_span ip, hf_span base)
{
    if (base.len != MASKS * ip.len)
        return false;
    for (size_t i = 0; i < ip.len; i++)
        if ((ip.data[i] ^ base.data[i]) & base.data[ip.len + i])
            return false;
    return true;
}

/* ---- mail addresses ---- */

/* A dot-atom (RFC 5321 4.1.2). A quoted local part has many spellings and is not understood. */
static bool is_local_part(hf_span local)
{
    static const char marks[] = "!#$%&'*+-/=?^_`{|}~.";
    uint8_t last = '.';

    for (size_t i = 0; i < local.len; i++) {
        uint8_t c = local.data[i], low = hf_lower(c);
        bool plain = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (c == '\0' || !strchr(marks, c)))
            return false;
        if (c == '.' && last == '.')
            return false;
        last = c;
    }
    return last != '.';
}

static bool split_mailbox(hf_span text, hf_span *local, hf_span *host)
{
    *local = before(text, '@');
    if (local->len == text.len)
        return false;
    *host = drop(text, local->len + 1);
    return is_local_part(*local) && hf_is_host_name(*host);
}

/* "example.org", or ".example.org" for what is below it; empty for all. */
static bool is_host_or_domain(hf_span base)
{
    return base.len == 0 || hf_is_host_name(starts_with(base, '.') ? drop(base, 1) : base);
}

static bool host_or_domain_has(hf_span host, hf_span base)
{
    if (!starts_with(base, '.'))
        return base.len == 0 || hf_span_equal_text(host, base);
    return host.len > base.len && hf_span_equal_text(drop(host, host.len - base.len), base);
}

static bool is_email_base(hf_span base)
{
    hf_span local, host;

    return is_host_or_domain(base) || split_mailbox(base, &local, &host);
}

static bool email_within(const hf_bound_name *name, hf_span base)
{
    hf_span local = before(base, '@');

    if (local.len == base.len)
        return host_or_domain_has(name->host, base);
    return hf_span_equal(name->local, local) &&
           hf_span_equal_text(name->host, drop(base, local.len + 1));
}

/* ---- URIs ---- */

static bool is_scheme(hf_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i], low = hf_lower(c);
        bool letter = low >= 'a' && low <= 'z', digit = c >= '0' && c <= '9';
        if (!letter && (i == 0 || (!digit && c != '+' && c != '-' && c != '.')))
            return false;
    }
    return text.len > 0;
}

static bool is_port(hf_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return true;
}

/* RFC 3986 3.2.1. A backslash, say, would let two readers see two hosts. */
static bool is_user_info(hf_span text)
{
    static const char marks[] = "-._~%!$&'()*+,;=:";

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i], low = hf_lower(c);
        bool plain = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (c == '\0' || !strchr(marks, c)))
            return false;
    }
    return true;
}

static bool drop_user_info(hf_span *authority)
{
    hf_span user = before(*authority, '@');

    if (user.len == authority->len)
        return true;
    *authority = drop(*authority, user.len + 1);
    return is_user_info(user);
}

/* RFC 3986 3.2, without what is no host name. RFC 5280 4.2.1.10: a URI without an authority, or with an
   address for a host, is refused where URIs are constrained. */
static void read_uri(hf_bound_name *name)
{
    hf_span scheme = before(name->value, ':'), rest = drop(name->value, scheme.len);

    if (!is_scheme(scheme) || rest.len < 3 || memcmp(rest.data, "://", 3) != 0)
        return;
    hf_span authority = before(before(before(drop(rest, 3), '/'), '?'), '#');
    if (!drop_user_info(&authority))
        return;
    name->host = before(authority, ':');
    name->good = hf_is_host_name(name->host) &&
                 (name->host.len == authority.len || is_port(drop(authority, name->host.len + 1)));
}

/* ---- all kinds ---- */

bool hf_constraint_understood(uint8_t tag)
{
    return tag == HF_GN_EMAIL || tag == HF_GN_DNS || tag == HF_GN_DIRECTORY || tag == HF_GN_URI ||
           tag == HF_GN_IP;
}

hf_bound_name hf_bound_name_of(uint8_t tag, hf_span value)
{
    hf_bound_name name = { .tag = tag, .value = value };

    switch (tag) {
    case HF_GN_EMAIL: name.good = split_mailbox(value, &name.local, &name.host); break;
    case HF_GN_DNS: read_dns(&name); break;
    case HF_GN_DIRECTORY: name.good = hf_directory_name_good(value); break;
    case HF_GN_URI: read_uri(&name); break;
    case HF_GN_IP: name.good = value.len == 4 || value.len == 16; break;
    default: break;
    }
    return name;
}

bool hf_constraint_base_good(uint8_t tag, hf_span base, bool strict)
{
    switch (tag) {
    case HF_GN_EMAIL: return is_email_base(base);
    case HF_GN_DNS: return is_dns_base(base, strict);
    case HF_GN_DIRECTORY: return hf_directory_name_good(base);
    case HF_GN_URI: return is_host_or_domain(base);
    case HF_GN_IP: return is_network(base);
    default: return false;
    }
}

bool hf_name_within(const hf_bound_name *name, hf_span base)
{
    switch (name->tag) {
    case HF_GN_EMAIL: return email_within(name, base);
    case HF_GN_DNS: return dns_within(name, base);
    case HF_GN_DIRECTORY: return hf_directory_within(name->value, base, false);
    case HF_GN_URI: return host_or_domain_has(name->host, base);
    case HF_GN_IP: return ip_within(name->value, base);
    default: return false;
    }
}

bool hf_name_touches(const hf_bound_name *name, hf_span base)
{
    if (name->tag == HF_GN_DIRECTORY)
        return hf_directory_within(name->value, base, true);
    return hf_name_within(name, base) || wildcard_reaches(name, base);
}

/* ---- words ---- */

static void put_printable(hf_label *t, hf_span text)
{
    for (size_t i = 0; i < text.len && !t->cut; i++) {
        bool shown = text.data[i] > 0x20 && text.data[i] < 0x7f;
        hf_label_put(t, shown ? (const char *)text.data + i : "?", 1);
    }
}

/* An address, or a network with the length of its prefix. */
static void put_ip(hf_label *t, hf_span ip)
{
    char text[HF_IP_TEXT_MAX], length[8];
    size_t bits = 0;

    if (!is_network(ip)) {
        hf_ip_text(ip, text);
        hf_label_add(t, text);
        return;
    }
    hf_span mask = drop(ip, ip.len / MASKS);
    while (bits < 8 * mask.len && (mask.data[bits / 8] & (0x80u >> (bits % 8))))
        bits++;
    hf_ip_text(hf_span_of(ip.data, ip.len / MASKS), text);
    snprintf(length, sizeof length, "/%zu", bits);
    hf_label_add(t, text);
    hf_label_add(t, length);
}

static const char *kind_text(uint8_t tag)
{
    switch (tag) {
    case HF_GN_EMAIL: return "mail address ";
    case HF_GN_DNS: return "DNS name ";
    case HF_GN_DIRECTORY: return "directory name ";
    case HF_GN_URI: return "URI ";
    case HF_GN_IP: return "address ";
    case HF_DER_CONTEXT_CONS(0): return "otherName";
    default: return "name of another kind";
    }
}

void hf_general_name_text(uint8_t tag, hf_span value, char *out, size_t room)
{
    hf_label t = hf_label_start(out, room);

    hf_label_add(&t, kind_text(tag));
    if (tag == HF_GN_IP)
        put_ip(&t, value);
    else if (tag == HF_GN_DIRECTORY)
        hf_name_text(value, t.out + t.len, t.room - t.len);
    else if (hf_constraint_understood(tag))
        put_printable(&t, value);
}
