/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Distinguished names under constraints (RFC 5280 4.2.1.10, 7.1): the base's RDNs must be the name's first. Case and
 * white space do not count, in ASCII; other characters are compared as code points. Where it is not sure that two values
 * differ, nothing is permitted by it, and all is excluded.
 */
#include "x509/constraints_kinds.h"
#include "x509/parts.h"

enum { RDN_ATTRIBUTES_MAX = 8 };

typedef struct attribute {
    hf_span type, value;
    uint8_t tag;
} attribute;

/* ---- characters ---- */

enum { END = -1, MALFORMED = -2, UNIVERSAL_STRING = 0x1c, BMP_STRING = 0x1e };

static size_t width_of(uint8_t tag)
{
    switch (tag) {
    case HF_DER_UTF8_STRING:
    case HF_DER_NUMERIC_STRING:
    case HF_DER_PRINTABLE_STRING:
    case HF_DER_T61_STRING: /* read as Latin-1, as everybody does */
    case HF_DER_IA5_STRING:
    case HF_DER_VISIBLE_STRING: return 1;
    case BMP_STRING: return 2;
    case UNIVERSAL_STRING: return 4;
    default: return 0;
    }
}

/* How many octets the UTF-8 character takes, by its first one: 0 for none that may stand there. */
static size_t utf8_width(uint8_t first)
{
    return first < 0x80   ? 1
           : first < 0xc2 ? 0
           : first < 0xe0 ? 2
           : first < 0xf0 ? 3
           : first < 0xf5 ? 4
                          : 0;
}

static int32_t utf8_at(hf_span text, size_t n)
{
    static const uint8_t first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    static const int32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    int32_t c = text.data[0] & first_bits[n];

    for (size_t i = 1; i < n; i++) {
        if ((text.data[i] & 0xc0) != 0x80)
            return MALFORMED;
        c = c << 6 | (text.data[i] & 0x3f);
    }
    return c < least[n] ? MALFORMED : c;
}

static int32_t fixed_at(hf_span text, size_t n)
{
    uint32_t c = 0;

    for (size_t i = 0; i < n; i++)
        c = c << 8 | text.data[i];
    return c > 0x10ffff ? MALFORMED : (int32_t)c;
}

/* The next code point; stays where it is at what is malformed. */
static int32_t next_point(attribute *a)
{
    bool utf8 = a->tag == HF_DER_UTF8_STRING;

    if (a->value.len == 0)
        return END;
    size_t n = utf8 ? utf8_width(a->value.data[0]) : width_of(a->tag);
    if (n == 0 || n > a->value.len)
        return MALFORMED;
    int32_t c = utf8 ? utf8_at(a->value, n) : fixed_at(a->value, n);
    if (c >= 0)
        a->value = hf_span_of(a->value.data + n, a->value.len - n);
    return c;
}

static bool is_space(int32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_spaces(attribute *a)
{
    for (attribute next = *a; is_space(next_point(&next));)
        *a = next;
}

/* A run of white space is one space, and none at the end. */
static int32_t next_folded(attribute *a)
{
    int32_t c = next_point(a);

    if (!is_space(c))
        return c >= 0 && c < 0x80 ? hf_lower((uint8_t)c) : c;
    skip_spaces(a);
    return a->value.len == 0 ? END : ' ';
}

/* ---- values ---- */

typedef enum sameness { SAME, DIFFERENT, UNSURE } sameness;

/* Whatever is no printable ASCII may look like something else, or like nothing (RFC 4518 2.2 to 2.6). */
static bool is_odd(int32_t c)
{
    return c != END && (c < 0x20 || c >= 0x7f);
}

static bool has_odd(attribute rest)
{
    int32_t c;

    do
        c = next_point(&rest);
    while (c >= 0 && (is_space(c) || !is_odd(c)));
    return c != END;
}

/* After the first difference. Between spaces and the end it may be undone by characters that follow and do not show. */
static sameness how_different(int32_t c, const attribute *a, int32_t d, const attribute *b)
{
    bool blank = c == ' ' || c == END || d == ' ' || d == END;

    if (is_odd(c) || is_odd(d) || (blank && (has_odd(*a) || has_odd(*b))))
        return UNSURE;
    return DIFFERENT;
}

static sameness compare_folded(attribute a, attribute b)
{
    int32_t c, d;

    skip_spaces(&a);
    skip_spaces(&b);
    do {
        c = next_folded(&a);
        d = next_folded(&b);
        if (c == MALFORMED || d == MALFORMED)
            return UNSURE;
        if (c != d)
            return how_different(c, &a, d, &b);
    } while (c != END);
    return SAME;
}

/* RFC 5280 7.1, as far as ASCII goes: case and white space do not count, and the kinds of string may stand for one
   another. */
static sameness compare_values(const attribute *a, const attribute *b)
{
    if (a->tag == b->tag && hf_span_equal(a->value, b->value))
        return SAME;
    if (width_of(a->tag) == 0 || width_of(b->tag) == 0)
        return UNSURE;
    return compare_folded(*a, *b);
}

/* ---- RDNs ---- */

static bool same_attribute(const attribute *a, const attribute *b, bool unsure)
{
    if (!hf_span_equal(a->type, b->type))
        return false;
    sameness s = compare_values(a, b);
    return s == SAME || (s == UNSURE && unsure);
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

static bool all_in(const attribute *some, size_t n_some, const attribute *others, size_t n_others,
                   bool unsure)
{
    for (size_t i = 0; i < n_some; i++) {
        size_t j = 0;
        while (j < n_others && !same_attribute(&some[i], &others[j], unsure))
            j++;
        if (j == n_others)
            return false;
    }
    return true;
}

/* A set: its order, which folding does not keep, does not count. */
static bool same_rdn(hf_reader *a, hf_reader *b, bool unsure)
{
    attribute of_a[RDN_ATTRIBUTES_MAX], of_b[RDN_ATTRIBUTES_MAX];
    size_t n_a = read_rdn(a, of_a), n_b = read_rdn(b, of_b);

    return n_a == n_b && n_a <= RDN_ATTRIBUTES_MAX && all_in(of_a, n_a, of_b, n_b, unsure) &&
           all_in(of_b, n_b, of_a, n_a, unsure);
}

/* ---- names ---- */

/* The base's RDNs are the name's first. */
bool hf_directory_within(hf_span name, hf_span base, bool unsure)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader of_name = hf_rd_start(name, "Name", 0, &fault, NULL);
    hf_reader of_base = hf_rd_start(base, "base", 0, &fault, NULL);
    hf_reader n = hf_der_open(&of_name, HF_DER_SEQUENCE, "Name");
    hf_reader b = hf_der_open(&of_base, HF_DER_SEQUENCE, "Name");

    while (hf_rd_left(&b) > 0)
        if (hf_rd_left(&n) == 0 || !same_rdn(&n, &b, unsure))
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
