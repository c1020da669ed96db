/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The reader: bounds are checked here and nowhere else. */
#include "base/reader.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/listen.h"

/* ---- faults ---- */

/* "ServerHello.extensions.key_share.group": outermost name first. */
static size_t put_path(const hf_reader *r, char *out, size_t room)
{
    size_t n = r->up ? put_path(r->up, out, room) : 0;
    int added = snprintf(out + n, room - n, "%s%s", n ? "." : "", r->name);

    if (added < 0 || n + (size_t)added >= room)
        return room - 1;
    return n + (size_t)added;
}

static void set_fault(hf_reader *r, hf_error code, size_t offset, const char *field)
{
    hf_fault *f = r->fault;
    size_t n = put_path(r, f->path, sizeof f->path);

    if (field)
        snprintf(f->path + n, sizeof f->path - n, ".%s", field);
    f->code = code;
    f->offset = offset;
}

static size_t offset_of(const hf_reader *r)
{
    return r->origin + (size_t)(r->p - r->base);
}

void hf_rd_refuse(hf_reader *r, hf_error code, size_t back, const char *field, const char *rule,
                  ...)
{
    va_list args;

    if (r->fault->code != HF_OK)
        return;
    set_fault(r, code, offset_of(r) - back, field);
    va_start(args, rule);
    vsnprintf(r->fault->rule, sizeof r->fault->rule, rule, args);
    va_end(args);
    r->p = r->end;
}

/* The first fault anywhere in the message empties every reader that is touched afterwards. */
static bool has(hf_reader *r, size_t n, const char *field)
{
    size_t left = (size_t)(r->end - r->p);

    if (r->fault->code != HF_OK) {
        r->p = r->end;
        return false;
    }
    if (HF_LIKELY(left >= n))
        return true;
    hf_rd_refuse(r, HF_E_TRUNCATED, 0, field, "%zu byte%s left, %zu needed", left,
                 left == 1 ? "" : "s", n);
    return false;
}

/* ---- the sink ---- */

static void tell(const hf_reader *r, hf_field_kind kind, const char *name, size_t len,
                 uint64_t value)
{
    if (!hf_listens(r->sink))
        return;
    hf_field field = { kind, name, offset_of(r) - len, len, value, r->p - len };
    r->sink->field(r->sink->user, &field);
}

static void tell_edge(const hf_reader *r, hf_field_kind kind, const char *name, size_t offset,
                      size_t len)
{
    if (!hf_listens(r->sink))
        return;
    hf_field field = { kind, name, offset, len, 0, NULL };
    r->sink->field(r->sink->user, &field);
}

/* ---- reading ---- */

hf_reader hf_rd_start(hf_span bytes, const char *name, size_t origin, hf_fault *fault,
                      const hf_field_sink *sink)
{
    static const uint8_t nothing[1];
    const uint8_t *p = bytes.data ? bytes.data : nothing;

    return (hf_reader){ p, p + bytes.len, p, origin, name, NULL, fault, sink };
}

size_t hf_rd_left(const hf_reader *r)
{
    return r->fault->code == HF_OK ? (size_t)(r->end - r->p) : 0;
}

bool hf_rd_ok(const hf_reader *r)
{
    return r->fault->code == HF_OK;
}

static uint32_t read_uint(hf_reader *r, size_t width, const char *field, hf_field_kind kind)
{
    uint32_t v = 0;

    if (!has(r, width, field))
        return 0;
    for (size_t i = 0; i < width; i++)
        v = v << 8 | r->p[i];
    r->p += width;
    tell(r, kind, field, width, v);
    return v;
}

uint8_t hf_rd_u8(hf_reader *r, const char *field)
{
    return (uint8_t)read_uint(r, 1, field, HF_FIELD_UINT);
}

uint16_t hf_rd_u16(hf_reader *r, const char *field)
{
    return (uint16_t)read_uint(r, 2, field, HF_FIELD_UINT);
}

uint32_t hf_rd_u24(hf_reader *r, const char *field)
{
    return read_uint(r, 3, field, HF_FIELD_UINT);
}

uint32_t hf_rd_u32(hf_reader *r, const char *field)
{
    return read_uint(r, 4, field, HF_FIELD_UINT);
}

static hf_span take(hf_reader *r, size_t n)
{
    hf_span out = { r->p, n };

    r->p += n;
    return out;
}

hf_span hf_rd_bytes(hf_reader *r, size_t n, const char *field)
{
    if (!has(r, n, field))
        return (hf_span){ NULL, 0 };
    hf_span out = take(r, n);
    tell(r, HF_FIELD_BYTES, field, n, 0);
    return out;
}

void hf_rd_copy(hf_reader *r, uint8_t *out, size_t n, const char *field)
{
    hf_span bytes = hf_rd_bytes(r, n, field);

    if (bytes.data)
        memcpy(out, bytes.data, n);
    else
        memset(out, 0, n);
}

static bool in_range(hf_reader *r, size_t n, size_t min, size_t max, size_t back, const char *field)
{
    if (n < min)
        hf_rd_refuse(r, HF_E_LENGTH_OUT_OF_RANGE, back, field, "%zu byte%s, at least %zu required",
                     n, n == 1 ? "" : "s", min);
    else if (n > max)
        hf_rd_refuse(r, HF_E_LENGTH_OUT_OF_RANGE, back, field, "%zu bytes, at most %zu allowed", n,
                     max);
    return r->fault->code == HF_OK;
}

hf_span hf_rd_rest(hf_reader *r, size_t min, size_t max, const char *field)
{
    size_t n = hf_rd_left(r);

    if (!in_range(r, n, min, max, 0, field))
        return (hf_span){ NULL, 0 };
    return hf_rd_bytes(r, n, field);
}

/* Reads and checks a length prefix; the content is still to be taken. */
static bool read_length(hf_reader *r, size_t width, size_t min, size_t max, const char *field,
                        size_t *len)
{
    *len = read_uint(r, width, field, HF_FIELD_LENGTH);
    return r->fault->code == HF_OK && in_range(r, *len, min, max, width, field) &&
           has(r, *len, field);
}

static hf_span read_vec(hf_reader *r, size_t width, size_t min, size_t max, const char *field,
                        hf_field_kind kind)
{
    size_t n;

    if (!read_length(r, width, min, max, field, &n))
        return (hf_span){ NULL, 0 };
    hf_span out = take(r, n);
    tell(r, kind, field, n, 0);
    return out;
}

hf_span hf_rd_vec8(hf_reader *r, size_t min, size_t max, const char *field)
{
    return read_vec(r, 1, min, max, field, HF_FIELD_BYTES);
}

hf_span hf_rd_vec16(hf_reader *r, size_t min, size_t max, const char *field)
{
    return read_vec(r, 2, min, max, field, HF_FIELD_BYTES);
}

hf_span hf_rd_vec24(hf_reader *r, size_t min, size_t max, const char *field)
{
    return read_vec(r, 3, min, max, field, HF_FIELD_BYTES);
}

hf_span hf_rd_list16(hf_reader *r, size_t min, size_t max, const char *field)
{
    hf_span list = read_vec(r, 2, min, max, field, HF_FIELD_LIST16);

    if (list.len % 2 == 0)
        return list;
    hf_rd_refuse(r, HF_E_ODD_LIST, list.len + 2, field, "%zu bytes is not a multiple of 2",
                 list.len);
    return (hf_span){ NULL, 0 };
}

/* ---- structures inside structures ---- */

static hf_reader sub_of(hf_reader *r, size_t n, const char *field)
{
    hf_reader sub = *r;

    sub.name = field;
    sub.up = r;
    sub.end = sub.p + n;
    tell_edge(r, HF_FIELD_BEGIN, field, offset_of(r), n);
    r->p += n;
    return sub;
}

static hf_reader no_sub(hf_reader *r, const char *field)
{
    hf_reader sub = *r;

    sub.name = field;
    sub.up = r;
    sub.p = sub.end;
    return sub;
}

static hf_reader read_sub(hf_reader *r, size_t width, size_t min, size_t max, const char *field)
{
    size_t n;

    return read_length(r, width, min, max, field, &n) ? sub_of(r, n, field) : no_sub(r, field);
}

hf_reader hf_rd_sub8(hf_reader *r, size_t min, size_t max, const char *field)
{
    return read_sub(r, 1, min, max, field);
}

hf_reader hf_rd_sub16(hf_reader *r, size_t min, size_t max, const char *field)
{
    return read_sub(r, 2, min, max, field);
}

hf_reader hf_rd_sub24(hf_reader *r, size_t min, size_t max, const char *field)
{
    return read_sub(r, 3, min, max, field);
}

hf_reader hf_rd_sub(hf_reader *r, size_t n, const char *field)
{
    return has(r, n, field) ? sub_of(r, n, field) : no_sub(r, field);
}

void hf_rd_end(hf_reader *r)
{
    size_t left = hf_rd_left(r);

    if (left > 0)
        hf_rd_refuse(r, HF_E_TRAILING_BYTES, 0, NULL, "%zu byte%s left over", left,
                     left == 1 ? "" : "s");
    else if (r->up && r->fault->code == HF_OK)
        tell_edge(r, HF_FIELD_END, r->name, offset_of(r), 0);
}

bool hf_list16_has(hf_span list, uint16_t value)
{
    for (size_t i = 0; i < hf_list16_count(list); i++)
        if (hf_list16_at(list, i) == value)
            return true;
    return false;
}
