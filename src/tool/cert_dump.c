/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A listener for the reader's fields: tag and length come as numbers of a name, then the value or the beginning of
 * what is inside. One line an element: offset, bytes of header and content, name by depth, type and value.
 */
#include "tool/cert_dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/say.h"
#include "x509/label.h"
#include "x509/oid.h"
#include "x509/parts.h"

enum {
    DEPTH_MAX = 32,
    NAME_ROOM = 40,
    VALUE_ROOM = 200,
    LINE = 80,
    BEFORE_NAME = 16,
    HEX_SHOWN = 48,
    ELEMENTS_MAX = 8192
};

/* One element. */
typedef struct element {
    size_t start, header, len;
    uint8_t tag;
    bool tagged, opens; /* opens: others are inside */
    const char *name;
    const uint8_t *bytes;
} element;

typedef struct dump {
    element list[ELEMENTS_MAX];
    size_t n;
    bool pending; /* a header was read, its content follows */
    uint8_t tag;
    size_t start;
} dump;

/* ---- values ---- */

static bool printable(hf_span v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.data[i] < 0x20 || v.data[i] > 0x7e)
            return false;
    return v.len > 0;
}

static void put_hex(hf_span v, char *out)
{
    hf_label t = hf_label_start(out, VALUE_ROOM);
    char text[40];

    for (size_t i = 0; i < v.len && i < HEX_SHOWN; i++) {
        snprintf(text, sizeof text, "%02x", v.data[i]);
        hf_label_add(&t, text);
    }
    if (v.len > HEX_SHOWN) {
        snprintf(text, sizeof text, "... %zu bytes", v.len);
        hf_label_add(&t, text);
    }
}

static void put_integer(hf_span v, char *out)
{
    unsigned long n = 0;

    if (v.len == 0 || v.len > 4 || (v.data[0] & 0x80)) {
        put_hex(v, out);
        return;
    }
    for (size_t i = 0; i < v.len; i++)
        n = n << 8 | v.data[i];
    snprintf(out, VALUE_ROOM, "%lu", n);
}

static void put_value(uint8_t tag, hf_span v, char *out)
{
    *out = '\0';
    if (tag == HF_DER_BOOLEAN && v.len == 1)
        snprintf(out, VALUE_ROOM, "%s", v.data[0] ? "TRUE" : "FALSE");
    else if (tag == HF_DER_INTEGER)
        put_integer(v, out);
    else if (tag == HF_DER_OID)
        hf_oid_text(v, out, VALUE_ROOM);
    else if (tag != HF_DER_OCTET_STRING && tag != HF_DER_BIT_STRING && printable(v))
        snprintf(out, VALUE_ROOM, "\"%.*s\"", (int)(v.len < 150 ? v.len : 150),
                 (const char *)v.data);
    else
        put_hex(v, out);
}

static void put_type(uint8_t tag, char out[24])
{
    static const struct {
        uint8_t tag;
        const char *name;
    } rows[] = {
        { HF_DER_BOOLEAN, "BOOLEAN" },
        { HF_DER_INTEGER, "INTEGER" },
        { HF_DER_BIT_STRING, "BIT STRING" },
        { HF_DER_OCTET_STRING, "OCTET STRING" },
        { HF_DER_NULL, "NULL" },
        { HF_DER_OID, "OID" },
        { HF_DER_UTF8_STRING, "UTF8String" },
        { HF_DER_NUMERIC_STRING, "NumericString" },
        { HF_DER_PRINTABLE_STRING, "PrintableString" },
        { HF_DER_T61_STRING, "T61String" },
        { HF_DER_IA5_STRING, "IA5String" },
        { HF_DER_UTC_TIME, "UTCTime" },
        { HF_DER_GENERALIZED_TIME, "GeneralizedTime" },
        { HF_DER_VISIBLE_STRING, "VisibleString" },
        { HF_DER_SEQUENCE, "SEQUENCE" },
        { HF_DER_SET, "SET" },
    };

    snprintf(out, 24, (tag & 0xc0) == 0x80 ? "[%u]" : "tag %u", tag & 0x1fu);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].tag == tag)
            snprintf(out, 24, "%s", rows[i].name);
}

/* ---- lines ---- */

/* What does not fit beside the name goes below it, in as many lines as it needs. */
static void show_value(const char *type, const char *value, size_t indent, size_t column)
{
    size_t len = strlen(value), room = LINE - indent;

    if (column + 1 + strlen(type) + 1 + len <= LINE) {
        hf_out(" %s%s%s\n", type, len > 0 ? " " : "", value);
        return;
    }
    hf_out(" %s\n", type);
    for (size_t at = 0; at < len; at += room)
        hf_out("%*s%.*s\n", (int)indent, "", (int)room, value + at);
}

static void show(const element *x, size_t depth)
{
    char name[NAME_ROOM], type[24] = "", value[VALUE_ROOM] = "", sizes[48];
    size_t indent = BEFORE_NAME + depth;

    if (x->tagged)
        put_type(x->tag, type);
    if (!x->opens)
        put_value(x->tagged ? x->tag : HF_DER_OCTET_STRING, hf_span_of(x->bytes, x->len), value);
    snprintf(sizes, sizeof sizes, "%zu+%zu", x->header, x->len);
    snprintf(name, sizeof name, "%s", x->name);
    hf_out("%6zu %-8s %*s%s", x->start, sizes, (int)depth, "", name);
    show_value(type, value, indent + 2, indent + strlen(name));
}

static void show_all(const dump *d)
{
    size_t ends[DEPTH_MAX], depth = 0;

    for (size_t i = 0; i < d->n; i++) {
        const element *x = &d->list[i];
        while (depth > 0 && ends[depth - 1] <= x->start)
            depth--;
        show(x, depth);
        if (x->opens && depth < DEPTH_MAX)
            ends[depth++] = x->start + x->header + x->len;
    }
}

/* ---- the listener ---- */

static void add(dump *d, const hf_field *f)
{
    if (d->n == ELEMENTS_MAX)
        return;
    size_t start = d->pending ? d->start : f->offset;
    d->list[d->n++] = (element){ start,      f->offset - start,         f->len,  d->tag,
                                 d->pending, f->kind == HF_FIELD_BEGIN, f->name, f->bytes };
    d->pending = false;
}

static void on_field(void *user, const hf_field *f)
{
    dump *d = user;

    if (f->kind == HF_FIELD_UINT && !d->pending) {
        d->pending = true;
        d->tag = (uint8_t)f->value;
        d->start = f->offset;
    } else if (f->kind == HF_FIELD_BYTES || f->kind == HF_FIELD_BEGIN) {
        add(d, f);
    }
}

/* The reader may look at what comes later first: a key's bits before its curve. Of two at one place the outer one was told
   first, and qsort may turn them round. */
static int by_place(const void *a, const void *b)
{
    const element *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->header + x->len < y->header + y->len) - (x->header + x->len > y->header + y->len);
}

bool hf_cert_dump(hf_span der)
{
    dump *d = hf_alloc(sizeof *d);
    hf_field_sink sink = { on_field, d };
    hf_fault fault;

    if (!d)
        return false;
    hf_error e = hf_cert_explain(der, &sink, &fault);
    qsort(d->list, d->n, sizeof d->list[0], by_place);
    hf_out(HF_BOLD "offset size     field" HF_PLAIN "\n");
    show_all(d);
    if (d->n == ELEMENTS_MAX)
        hf_out("... there are more than %d fields\n", ELEMENTS_MAX);
    if (e != HF_OK)
        hf_out_lines("%6zu %s: %s\n", fault.offset, fault.path,
                     *fault.rule ? fault.rule : hf_error_row_of(fault.code)->sentence);
    hf_free(d);
    return e == HF_OK;
}
