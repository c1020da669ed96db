/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Distinguished names: their shape (RFC 5280 4.1.2.4) and their text (RFC 4514). Names are compared
 * as bytes, by whoever compares them. The text is safe to print: control characters are escaped.
 */
#include "x509/oid.h"
#include "x509/parts.h"
#include "x509/label.h"

enum { RDNS_SHOWN_MAX = 32 };

/* ---- shape ---- */

static void check_attribute(hf_reader *rdn)
{
    uint8_t tag;
    hf_reader attribute = hf_der_open(rdn, HF_DER_SEQUENCE, "AttributeTypeAndValue");

    hf_der_oid(&attribute, "type");
    hf_der_any(&attribute, &tag, "value");
    hf_rd_end(&attribute);
}

void hf_rdn_check(hf_reader *rdn)
{
    do
        check_attribute(rdn);
    while (hf_rd_left(rdn) > 0);
}

hf_span hf_name_read(hf_reader *r, const char *field)
{
    hf_span whole;
    hf_reader name = hf_der_open_whole(r, HF_DER_SEQUENCE, &whole, field);

    while (hf_rd_left(&name) > 0) {
        hf_reader rdn = hf_der_open(&name, HF_DER_SET, "RelativeDistinguishedName");
        hf_rdn_check(&rdn);
    }
    return hf_rd_ok(r) ? whole : hf_span_of(NULL, 0);
}

/* ---- text ---- */

static void put_hex(hf_label *t, const char *before, uint8_t byte)
{
    static const char hex[] = "0123456789ABCDEF";
    char text[4] = { before[0], hex[byte >> 4], hex[byte & 15], '\0' };

    hf_label_add(t, before[0] ? text : text + 1);
}

/* The length of the UTF-8 character at p, or 0: malformed, or a control character of C1. */
static size_t utf8_len(const uint8_t *p, size_t left)
{
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

    if (p[0] < 0xc2 || p[0] > 0xf4 || n > left || (p[0] == 0xc2 && p[1] < 0xa0))
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

static bool needs_backslash(hf_span v, size_t i)
{
    bool first = i == 0, last = i + 1 == v.len;

    return strchr("\"+,;<>\\", v.data[i]) != NULL || (v.data[i] == '#' && first) ||
           (v.data[i] == ' ' && (first || last));
}

/* RFC 4514 2.4. Returns how many bytes were put. */
static size_t put_char(hf_label *t, hf_span v, size_t i)
{
    const uint8_t *p = v.data + i;
    size_t n = 1;

    if (*p >= 0x80 && (n = utf8_len(p, v.len - i)) > 0) {
        hf_label_put(t, (const char *)p, n);
        return n;
    }
    if (*p < 0x20 || *p >= 0x7f) {
        put_hex(t, "\\", *p);
        return 1;
    }
    if (needs_backslash(v, i))
        hf_label_add(t, "\\");
    hf_label_put(t, (const char *)p, 1);
    return 1;
}

static bool is_byte_string(uint8_t tag)
{
    return tag == HF_DER_UTF8_STRING || tag == HF_DER_PRINTABLE_STRING ||
           tag == HF_DER_IA5_STRING || tag == HF_DER_NUMERIC_STRING ||
           tag == HF_DER_VISIBLE_STRING || tag == HF_DER_T61_STRING;
}

static void put_value(hf_label *t, uint8_t tag, hf_span v)
{
    if (!is_byte_string(tag)) {
        hf_label_add(t, "#");
        for (size_t i = 0; i < v.len && !t->cut; i++)
            put_hex(t, "", v.data[i]);
        return;
    }
    for (size_t i = 0; i < v.len && !t->cut;)
        i += put_char(t, v, i);
}

static void put_rdn(hf_label *t, hf_reader *rdn)
{
    for (bool more = false; hf_rd_left(rdn) > 0; more = true) {
        char type[64];
        uint8_t tag = 0;
        hf_reader attribute = hf_der_open(rdn, HF_DER_SEQUENCE, "AttributeTypeAndValue");
        hf_oid_text(hf_der_oid(&attribute, "type"), type, sizeof type);
        hf_span value = hf_der_any(&attribute, &tag, "value");
        hf_label_add(t, more ? "+" : "");
        hf_label_add(t, type);
        hf_label_add(t, "=");
        put_value(t, tag, value);
    }
}

/* RFC 4514 2.1: the last RelativeDistinguishedName comes first. */
void hf_name_text(hf_span name, char *out, size_t room)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(name, "Name", 0, &fault, NULL), rdns[RDNS_SHOWN_MAX];
    hf_reader content = hf_der_open(&r, HF_DER_SEQUENCE, "Name");
    hf_label t = hf_label_start(out, room);
    size_t n = 0;

    while (hf_rd_left(&content) > 0) /* the last ones, which say most, are kept */
        rdns[n++ % RDNS_SHOWN_MAX] = hf_der_open(&content, HF_DER_SET, "RelativeDistinguishedName");
    for (size_t i = n; i > 0 && i + RDNS_SHOWN_MAX > n;) {
        put_rdn(&t, &rdns[--i % RDNS_SHOWN_MAX]);
        hf_label_add(&t, i > 0 ? ", " : "");
    }
    if (n > RDNS_SHOWN_MAX)
        hf_label_add(&t, "...");
}
