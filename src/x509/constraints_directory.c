/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Distinguished names under constraints (RFC 5280 4.2.1.10, 7.1): the base's RDNs must be the name's first. Case and
 * white space do not count, in ASCII; other characters, and other kinds of string, are compared as bytes.
 */
#include "x509/constraints_kinds.h"
#include "x509/parts.h"

enum { RDN_ATTRIBUTES_MAX = 8 };

/* ---- values ---- */

static hf_span drop(hf_span text, size_t n)
{
    return hf_span_of(text.data + n, text.len - n);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static hf_span trim(hf_span text)
{
    while (text.len > 0 && is_space(text.data[0]))
        text = drop(text, 1);
    while (text.len > 0 && is_space(text.data[text.len - 1]))
        text.len--;
    return text;
}

/* The next character, a run of white space as one space; -1 at the end. */
static int next_folded(hf_span *text)
{
    if (text->len == 0)
        return -1;
    uint8_t c = text->data[0];
    *text = drop(*text, 1);
    if (!is_space(c))
        return hf_lower(c);
    while (text->len > 0 && is_space(text->data[0]))
        *text = drop(*text, 1);
    return ' ';
}

static bool same_folded(hf_span a, hf_span b)
{
    int c;

    a = trim(a);
    b = trim(b);
    do {
        c = next_folded(&a);
        if (c != next_folded(&b))
            return false;
    } while (c >= 0);
    return true;
}

/* ---- RDNs ---- */

typedef struct attribute {
    hf_span type, value;
    uint8_t tag;
} attribute;

static bool is_folded(uint8_t tag)
{
    return tag == HF_DER_UTF8_STRING || tag == HF_DER_PRINTABLE_STRING || tag == HF_DER_IA5_STRING;
}

/* RFC 5280 7.1, as far as ASCII goes: case and white space do not count in UTF8String, PrintableString and
   IA5String, which may stand for one another; everything else must be the same bytes. */
static bool same_attribute(const attribute *a, const attribute *b)
{
    if (!hf_span_equal(a->type, b->type))
        return false;
    if (is_folded(a->tag) && is_folded(b->tag))
        return same_folded(a->value, b->value);
    return a->tag == b->tag && hf_span_equal(a->value, b->value);
}

/* The attributes of the next RDN; RDN_ATTRIBUTES_MAX + 1 when there are more. */
static size_t read_rdn(hf_reader *name, attribute out[RDN_ATTRIBUTES_MAX])
{
    size_t n = 0;
    hf_reader rdn = hf_der_open(name, HF_DER_SET, "RelativeDistinguishedName");

    while (hf_rd_left(&rdn) > 0) {
        if (n == RDN_ATTRIBUTES_MAX)
            return n + 1;
        hf_reader one = hf_der_open(&rdn, HF_DER_SEQUENCE, "AttributeTypeAndValue");
        out[n].type = hf_der_oid(&one, "type");
        out[n].value = hf_der_any(&one, &out[n].tag, "value");
        n++;
    }
    return n;
}

static bool all_in(const attribute *some, size_t n_some, const attribute *others, size_t n_others)
{
    for (size_t i = 0; i < n_some; i++) {
        size_t j = 0;
        while (j < n_others && !same_attribute(&some[i], &others[j]))
            j++;
        if (j == n_others)
            return false;
    }
    return true;
}

/* A set: its order, which folding does not keep, does not count. */
static bool same_rdn(hf_reader *a, hf_reader *b)
{
    attribute of_a[RDN_ATTRIBUTES_MAX], of_b[RDN_ATTRIBUTES_MAX];
    size_t n_a = read_rdn(a, of_a), n_b = read_rdn(b, of_b);

    return n_a == n_b && n_a <= RDN_ATTRIBUTES_MAX && all_in(of_a, n_a, of_b, n_b) &&
           all_in(of_b, n_b, of_a, n_a);
}

/* ---- names ---- */

/* The base's RDNs are the name's first. */
bool hf_directory_within(hf_span name, hf_span base)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader of_name = hf_rd_start(name, "Name", 0, &fault, NULL);
    hf_reader of_base = hf_rd_start(base, "base", 0, &fault, NULL);
    hf_reader n = hf_der_open(&of_name, HF_DER_SEQUENCE, "Name");
    hf_reader b = hf_der_open(&of_base, HF_DER_SEQUENCE, "Name");

    while (hf_rd_left(&b) > 0)
        if (hf_rd_left(&n) == 0 || !same_rdn(&n, &b))
            return false;
    return fault.code == HF_OK;
}

bool hf_directory_name_good(hf_span value)
{
    attribute unused[RDN_ATTRIBUTES_MAX];
    hf_fault fault = { .code = HF_OK };
    hf_reader shape = hf_rd_start(value, "directoryName", 0, &fault, NULL), r = shape;

    hf_name_read(&shape, "directoryName");
    hf_rd_end(&shape);
    hf_reader name = hf_der_open(&r, HF_DER_SEQUENCE, "directoryName");
    while (hf_rd_left(&name) > 0)
        if (read_rdn(&name, unused) > RDN_ATTRIBUTES_MAX)
            return false;
    return fault.code == HF_OK;
}
