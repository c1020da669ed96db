/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Certificates and OCSP responses as trees of their DER. Shapes name what stands where; what they do not expect is named by its
 * type, so that any DER becomes a tree, and what is no DER stays bytes. Nothing is judged: that is src/x509.
 *
 * A value is a LENGTH node, its tag and length, and a group or a leaf, its content. Names of people and CAs are one leaf.
 */
#include "explain/tree_parts.h"
#include "explain/tree_shapes.h"
#include "x509/der.h"

enum { DEPTH_MAX = 16, ENUMERATED = 0x0a };

/* ---- names of what no shape expects ---- */

static const char *name_of_tag(uint8_t tag)
{
    static const char *const names[0x32] = {
        [HF_DER_BOOLEAN] = "BOOLEAN",
        [HF_DER_INTEGER] = "INTEGER",
        [HF_DER_BIT_STRING] = "BIT STRING",
        [HF_DER_OCTET_STRING] = "OCTET STRING",
        [HF_DER_NULL] = "NULL",
        [HF_DER_OID] = "OBJECT IDENTIFIER",
        [ENUMERATED] = "ENUMERATED",
        [HF_DER_UTF8_STRING] = "UTF8String",
        [HF_DER_PRINTABLE_STRING] = "PrintableString",
        [HF_DER_IA5_STRING] = "IA5String",
        [HF_DER_UTC_TIME] = "UTCTime",
        [HF_DER_GENERALIZED_TIME] = "GeneralizedTime",
        [HF_DER_VISIBLE_STRING] = "VisibleString",
        [HF_DER_SEQUENCE] = "SEQUENCE",
        [HF_DER_SET] = "SET",
    };

    return tag < sizeof names / sizeof *names && names[tag] ? names[tag] : "value";
}

/* ---- walking ---- */

static bool is_constructed(uint8_t tag)
{
    return (tag & 0x20) != 0;
}

static hf_reader quiet_reader(hf_span bytes, hf_fault *fault)
{
    return hf_rd_start(bytes, "DER", 0, fault, NULL);
}

/* Values one after the other, all the way down. */
static bool is_der(hf_span bytes, unsigned depth)
{
    hf_fault fault = { 0 };
    hf_reader r = quiet_reader(bytes, &fault);

    while (hf_rd_left(&r) > 0) {
        uint8_t tag = 0;
        hf_span content = hf_der_any(&r, &tag, "value");
        if (hf_rd_ok(&r) && is_constructed(tag) && (depth == 0 || !is_der(content, depth - 1)))
            return false;
    }
    return hf_rd_ok(&r);
}

/* The identifier that the value starts with. */
static hf_oid first_oid(hf_span content)
{
    hf_fault fault = { 0 };
    hf_reader r = quiet_reader(content, &fault);

    return hf_oid_of(hf_der_read(&r, HF_DER_OID, "id"));
}

/* Tag and length of the next value as a LENGTH node; its content is next. */
static hf_span read_header(hf_reader *r, const char *name, uint8_t *tag)
{
    hf_fault fault = { 0 };
    hf_reader quiet = quiet_reader(hf_span_of(r->p, hf_rd_left(r)), &fault);
    hf_span content = hf_der_any(&quiet, tag, name);
    size_t header = fault.code == HF_OK ? (size_t)(content.data - r->p) : 0;

    if (fault.code != HF_OK) {
        hf_rd_refuse(r, fault.code, 0, name, "no DER");
        return content;
    }
    hf_field field = { HF_FIELD_LENGTH, name,        r->origin + (size_t)(r->p - r->base),
                       header,          content.len, r->p };
    r->sink->field(r->sink->user, &field);
    r->p += header;
    return content;
}

static bool holds_scts(hf_span content)
{
    hf_fault fault = { 0 };

    return hf_opener_fits(quiet_reader(content, &fault), hf_sct_list_open);
}

static void walk(hf_reader *r, const hf_shape *shapes);

/* `value`: of an extension's value. */
static void read_value(hf_reader *r, const char *name, const hf_shape *s, const hf_shape *value)
{
    uint8_t tag = 0;
    hf_span content = read_header(r, name, &tag);
    bool opened = s && s->how == HF_DER_OPENED && is_der(content, DEPTH_MAX);
    bool scts = s && s->how == HF_DER_SCTS && holds_scts(content);

    if (!hf_rd_ok(r))
        return;
    if ((s && s->how == HF_DER_CLOSED) || !(is_constructed(tag) || opened || scts) ||
        content.len == 0) {
        hf_rd_bytes(r, content.len, name);
        return;
    }
    hf_reader inside = hf_rd_sub(r, content.len, name);
    if (scts)
        hf_sct_list_open(&inside);
    else
        walk(&inside, opened && value ? value : s ? s->inside : NULL);
    hf_rd_end(&inside);
}

static void read_extension(hf_reader *list, const hf_shape *s)
{
    uint8_t tag = 0;
    hf_fault fault = { 0 };
    hf_reader ahead = quiet_reader(hf_span_of(list->p, hf_rd_left(list)), &fault);
    const hf_shape *value;
    const char *name =
        hf_shape_of_extension(first_oid(hf_der_any(&ahead, &tag, "extension")), &value);
    hf_span content = read_header(list, name, &tag);

    if (!hf_rd_ok(list))
        return;
    hf_reader inside = hf_rd_sub(list, content.len, name);
    for (const hf_shape *part = s->inside; part->name; part++)
        if (hf_der_peek(&inside) == part->tag)
            read_value(&inside, part->name, part, value);
    walk(&inside, NULL);
    hf_rd_end(&inside);
}

static bool fits(const hf_reader *r, const hf_shape *s)
{
    return hf_rd_left(r) > 0 && (s->tag == 0 || hf_der_peek(r) == s->tag);
}

static bool repeats(const hf_shape *s)
{
    return s->how == HF_DER_MANY || s->how == HF_DER_EXTENSION;
}

/* One value by one of the shapes; those that may come several times may come in any order. */
static const hf_shape *read_by(hf_reader *r, const hf_shape *shapes)
{
    for (const hf_shape *s = shapes; s->name; s++) {
        if (!fits(r, s))
            continue;
        if (s->how == HF_DER_EXTENSION)
            read_extension(r, s);
        else
            read_value(r, s->name, s, NULL);
        return repeats(s) ? shapes : s + 1;
    }
    return NULL;
}

static void walk(hf_reader *r, const hf_shape *shapes)
{
    while (hf_rd_left(r) > 0) {
        const hf_shape *next = shapes ? read_by(r, shapes) : NULL;
        if (next)
            shapes = next;
        else
            read_value(r, name_of_tag(hf_der_peek(r)), NULL, NULL);
    }
}

static void open_as(hf_reader *r, const hf_shape *shapes)
{
    if (!is_der(hf_span_of(r->p, hf_rd_left(r)), DEPTH_MAX))
        hf_rd_refuse(r, HF_E_CERT_DER, 0, NULL, "no DER");
    walk(r, shapes);
}

static void open_certificate(hf_reader *r)
{
    open_as(r, hf_shape_certificate);
}

static void open_ocsp(hf_reader *r)
{
    open_as(r, hf_shape_ocsp);
}

static void open_any(hf_reader *r)
{
    open_as(r, NULL);
}

static const struct {
    const char *field;
    hf_opener *open;
} openers[] = {
    { "cert_data", open_certificate },
    { "OCSPResponse", open_ocsp },
    { "certificate_extension_values", open_any },
    { "request_extensions", open_any },
};

hf_opener *hf_der_opener(const char *field)
{
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
        if (strcmp(openers[i].field, field) == 0)
            return openers[i].open;
    return NULL;
}

bool hf_node_in_der(const hf_tree *tree, size_t node)
{
    int32_t up = tree->nodes[node].parent;

    for (; up >= 0; up = tree->nodes[up].parent)
        if (hf_der_opener(tree->nodes[up].name))
            return true;
        else if (strcmp(tree->nodes[up].name, "sct_list") == 0)
            return false; /* in a certificate, but no DER */
    return false;
}
