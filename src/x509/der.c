/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Tags, lengths and primitive types. Bounds are the reader's; what DER adds to them is here. */
#include "x509/der.h"

#include "x509/oid.h"

static void refuse(hf_reader *r, size_t back, const char *field, const char *rule)
{
    hf_rd_refuse(r, HF_E_CERT_DER, back, field, "%s", rule);
}

/* ---- tag and length: X.690 8.1.2, 8.1.3 and 10.1 ---- */

static size_t read_long_length(hf_reader *r, size_t width, const char *field)
{
    size_t len = 0;

    if (width == 0) {
        refuse(r, 1, field, "indefinite length");
        return 0;
    }
    if (width > 3) {
        refuse(r, 1, field, "a length of 16 MiB or more, or with leading zeroes");
        return 0;
    }
    for (size_t i = 0; i < width; i++)
        len = len << 8 | hf_rd_u8(r, field);
    if (len < 0x80 || len >> (8 * (width - 1)) == 0)
        refuse(r, width + 1, field, "a length that is not minimal");
    return len;
}

static size_t read_header(hf_reader *r, uint8_t *tag, const char *field)
{
    *tag = hf_rd_u8(r, field);
    if ((*tag & 0x1f) == 0x1f)
        refuse(r, 1, field, "a tag number above 30");
    size_t len = hf_rd_u8(r, field);
    return len < 0x80 ? len : read_long_length(r, len & 0x7f, field);
}

static size_t read_header_of(hf_reader *r, uint8_t tag, const char *field)
{
    if (hf_rd_left(r) > 0 && *r->p != tag)
        hf_rd_refuse(r, HF_E_CERT_DER, 0, field, "tag %02x, expected %02x", *r->p, tag);
    return read_header(r, &tag, field);
}

uint8_t hf_der_peek(const hf_reader *r)
{
    return hf_rd_left(r) > 0 ? *r->p : 0;
}

hf_span hf_der_any(hf_reader *r, uint8_t *tag, const char *field)
{
    size_t len = read_header(r, tag, field);

    return hf_rd_bytes(r, len, field);
}

hf_span hf_der_read(hf_reader *r, uint8_t tag, const char *field)
{
    size_t len = read_header_of(r, tag, field);

    return hf_rd_bytes(r, len, field);
}

static hf_span up_to_here(const hf_reader *r, const uint8_t *from)
{
    return hf_rd_ok(r) ? hf_span_of(from, (size_t)(r->p - from)) : hf_span_of(NULL, 0);
}

hf_span hf_der_whole(hf_reader *r, uint8_t tag, const char *field)
{
    const uint8_t *from = r->p;

    hf_der_read(r, tag, field);
    return up_to_here(r, from);
}

hf_reader hf_der_open(hf_reader *r, uint8_t tag, const char *field)
{
    size_t len = read_header_of(r, tag, field);

    return hf_rd_sub(r, len, field);
}

hf_reader hf_der_open_whole(hf_reader *r, uint8_t tag, hf_span *whole, const char *field)
{
    const uint8_t *from = r->p;
    hf_reader content = hf_der_open(r, tag, field);

    *whole = up_to_here(r, from);
    return content;
}

/* ---- primitive types ---- */

bool hf_der_boolean(hf_reader *r, const char *field)
{
    hf_span v = hf_der_read(r, HF_DER_BOOLEAN, field);

    if (!hf_rd_ok(r))
        return false;
    if (v.len != 1 || (v.data[0] != 0x00 && v.data[0] != 0xff)) /* X.690 11.1 */
        refuse(r, v.len, field, "a boolean that is neither 00 nor FF");
    return v.len == 1 && v.data[0] == 0xff;
}

void hf_der_null(hf_reader *r, const char *field)
{
    hf_span v = hf_der_read(r, HF_DER_NULL, field);

    if (v.len > 0)
        refuse(r, v.len, field, "a NULL with content");
}

hf_span hf_der_integer(hf_reader *r, const char *field)
{
    hf_span v = hf_der_read(r, HF_DER_INTEGER, field);

    if (!hf_rd_ok(r))
        return v;
    if (v.len == 0) {
        refuse(r, 0, field, "an integer without content");
    } else if (v.len > 1) { /* X.690 8.3.2: the first nine bits are not all equal */
        bool high = (v.data[1] & 0x80) != 0;
        if ((v.data[0] == 0x00 && !high) || (v.data[0] == 0xff && high))
            refuse(r, v.len, field, "an integer that is not minimal");
    }
    return hf_rd_ok(r) ? v : hf_span_of(NULL, 0);
}

hf_span hf_der_unsigned(hf_reader *r, const char *field)
{
    hf_span v = hf_der_integer(r, field);

    if (v.len == 0)
        return v;
    if (v.data[0] & 0x80) {
        refuse(r, v.len, field, "a negative integer");
        return hf_span_of(NULL, 0);
    }
    return v.len > 1 && v.data[0] == 0 ? hf_span_of(v.data + 1, v.len - 1) : v;
}

uint32_t hf_der_small(hf_reader *r, uint32_t max, const char *field)
{
    hf_span v = hf_der_unsigned(r, field);
    uint32_t n = 0;

    if (v.len > 4) {
        hf_rd_refuse(r, HF_E_CERT_DER, v.len, field, "more than %u", max);
        return 0;
    }
    for (size_t i = 0; i < v.len; i++)
        n = n << 8 | v.data[i];
    if (n > max)
        hf_rd_refuse(r, HF_E_CERT_DER, v.len, field, "%u, at most %u allowed", n, max);
    return n > max ? 0 : n;
}

/* The octets after the count of unused bits, which X.690 11.2.1 wants to be zero. */
static hf_span read_bit_string(hf_reader *r, uint8_t tag, uint8_t *unused, const char *field)
{
    hf_span v = hf_der_read(r, tag, field);

    *unused = 0;
    if (!hf_rd_ok(r))
        return v;
    if (v.len == 0 || v.data[0] > 7 || (v.len == 1 && v.data[0] > 0)) {
        refuse(r, v.len, field, "a bit string with a wrong count of unused bits");
        return hf_span_of(NULL, 0);
    }
    *unused = v.data[0];
    if ((v.data[v.len - 1] & ((1u << *unused) - 1)) != 0 && v.len > 1)
        refuse(r, 1, field, "a bit string whose unused bits are not zero");
    return hf_rd_ok(r) ? hf_span_of(v.data + 1, v.len - 1) : hf_span_of(NULL, 0);
}

hf_span hf_der_bits(hf_reader *r, uint8_t tag, const char *field)
{
    uint8_t unused;
    hf_span v = read_bit_string(r, tag, &unused, field);

    if (unused > 0)
        refuse(r, v.len + 1, field, "a bit string that does not end at an octet");
    return hf_rd_ok(r) ? v : hf_span_of(NULL, 0);
}

uint16_t hf_der_flags_of(hf_reader *r, uint8_t tag, const char *field)
{
    uint8_t unused;
    uint16_t flags = 0;
    hf_span v = read_bit_string(r, tag, &unused, field);

    if (v.len > 2) {
        refuse(r, v.len, field, "more named bits than are defined");
        return 0;
    }
    for (size_t bit = 0; bit < 8 * v.len; bit++)
        if (v.data[bit / 8] & (0x80u >> (bit % 8)))
            flags = (uint16_t)(flags | 1u << bit);
    return flags;
}

uint16_t hf_der_flags(hf_reader *r, const char *field)
{
    return hf_der_flags_of(r, HF_DER_BIT_STRING, field);
}

hf_span hf_der_oid(hf_reader *r, const char *field)
{
    hf_span v = hf_der_read(r, HF_DER_OID, field);

    if (hf_rd_ok(r) && !hf_oid_well_formed(v))
        refuse(r, v.len, field, "an object identifier that is not well-formed");
    return hf_rd_ok(r) ? v : hf_span_of(NULL, 0);
}
