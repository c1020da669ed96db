/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The extensions block (RFC 9846 4.3), and the table that drives it. What holds for all extensions
 * is here, once: their frame, duplicates, placement, the unknown ones, the order. What is inside
 * each is in its ext_….c. Whether an answer was asked for is the handshake's question.
 *
 *     struct {
 *         ExtensionType extension_type;
 *         opaque extension_data<0..2^16-1>;
 *     } Extension;
 */
#include "wire/extension.h"

static const struct {
    const char *name;
    uint16_t type;
    unsigned messages;
    hf_ext_read *read;
    hf_ext_write *write;
} rows[HF_EXT_COUNT] = {
#define HF_EXTENSION(name, type, messages)                                                         \
    { #name, type, messages, hf_ext_##name##_read, hf_ext_##name##_write },
#include "registry/extensions.def"
#undef HF_EXTENSION
};

uint16_t hf_extension_type(hf_ext ext)
{
    return rows[ext].type;
}

hf_ext hf_extension_row(uint16_t type)
{
    int row = 0;

    while (row < HF_EXT_COUNT && rows[row].type != type)
        row++;
    return (hf_ext)row;
}

/* ---- reading ---- */

/* The block while it is read: the types so far. */
typedef struct block {
    hf_reader r;
    unsigned message;
    size_t n;
    uint16_t types[HF_EXTENSIONS_MAX];
} block;

static bool seen(const block *blk, uint16_t type)
{
    for (size_t i = 0; i < blk->n; i++)
        if (blk->types[i] == type)
            return true;
    return false;
}

/* The rules about a type that has just been read. Unknown and GREASE types may not repeat either. */
static void check_type(block *blk, uint16_t type, hf_ext row, const hf_extensions *ext)
{
    const char *name = row < HF_EXT_COUNT ? rows[row].name : "extension_type";
    bool opening = (blk->message & (IN_CH | IN_SH | IN_SH12 | IN_EE)) != 0;
    hf_reader *r = &blk->r;

    if (blk->n == HF_EXTENSIONS_MAX)
        hf_rd_refuse(r, HF_E_TOO_MANY_EXTENSIONS, 2, name, "more than %d", HF_EXTENSIONS_MAX);
    else if (seen(blk, type)) /* RFC 9846 4.3#7; no RFC names an alert */
        hf_rd_refuse(r, opening ? HF_E_DUPLICATE_EXTENSION : HF_E_REPEATED_EXTENSION, 2, name,
                     "type %u stands here twice", type);
    else if (blk->message == IN_CH &&
             ext->present & HF_EXT_BIT(pre_shared_key)) /* RFC 9846 4.3.11#11 */
        hf_rd_refuse(r, HF_E_PSK_NOT_LAST, 2, name, "type %u follows pre_shared_key", type);
    /* RFC 9846 4.3#5, 4.4.1#2 #3 */
    else if (row < HF_EXT_COUNT && !(rows[row].messages & blk->message))
        hf_rd_refuse(r, HF_E_EXTENSION_NOT_ALLOWED, 2, name, "type %u is not for this message",
                     type);
    else
        blk->types[blk->n++] = type;
}

/* RFC 9846 4.2.2#15, 4.4.2#5, 4.7.1#8, 9.3#4 #5: what is not recognised is skipped, and GREASE is never recognised (RFC 8701). */
static void read_unknown(hf_reader *r, uint16_t type, hf_extensions *ext)
{
    hf_rd_rest(r, 0, HF_VEC16_MAX, "extension_data");
    if (hf_is_grease(type)) {
        ext->has_grease = true;
        ext->grease_type = type;
    } else if (!ext->has_unknown) {
        ext->has_unknown = true;
        ext->unknown_type = type;
    }
}

static void read_extension(block *blk, hf_extensions *ext)
{
    uint16_t type = hf_rd_u16(&blk->r, "extension_type");
    hf_ext row = hf_extension_row(type);

    if (hf_rd_ok(&blk->r))
        check_type(blk, type, row, ext);
    hf_reader data = hf_rd_sub16(&blk->r, 0, HF_VEC16_MAX, hf_extension_name(type));
    if (!hf_rd_ok(&data))
        return;
    if (row == HF_EXT_COUNT) {
        read_unknown(&data, type, ext);
    } else {
        ext->present |= (uint32_t)1 << row;
        rows[row].read(&data, blk->message, ext);
    }
    hf_rd_end(&data); /* RFC 9846 4.3#2: nothing may follow a recognised extension's structure */
}

/* The presentation language says 7.. for ClientHello, but that of TLS 1.2 may be empty. */
static size_t least(unsigned message)
{
    return message & (IN_SH | IN_HRR) ? 6 : 0;
}

void hf_extensions_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    block blk = { .message = message };

    *ext = (hf_extensions){ 0 };
    blk.r = hf_rd_sub16(r, least(message), HF_VEC16_MAX, "extensions");
    ext->raw = hf_ext_content(&blk.r);
    while (hf_rd_left(&blk.r) > 0)
        read_extension(&blk, ext);
    hf_rd_end(&blk.r);
}

const uint8_t *hf_extension_at(const hf_extensions *ext, uint16_t type)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(ext->raw, "extensions", 0, &fault, NULL);

    while (hf_rd_left(&r) > 0) {
        const uint8_t *at = r.p;
        if (hf_rd_u16(&r, "extension_type") == type)
            return at;
        hf_rd_vec16(&r, 0, HF_VEC16_MAX, "extension_data");
    }
    return NULL;
}

/* ---- writing ---- */

/* A structure and nothing after it (RFC 9846 4.3#1). */
static void write_extension(hf_builder *b, unsigned message, hf_ext row, const hf_extensions *ext)
{
    hf_wr_u16(b, rows[row].type);
    hf_wr_open16(b);
    rows[row].write(b, message, ext);
    hf_wr_close(b);
}

static void write_raw(hf_builder *b, uint16_t type, hf_span extension_data)
{
    hf_wr_u16(b, type);
    hf_wr_vec16(b, extension_data);
}

/* In the order of the block that was read; what it did not hold stays in `due`. */
static void write_as_read(hf_builder *b, unsigned message, const hf_extensions *ext, uint32_t *due)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(ext->raw, "extensions", 0, &fault, NULL);

    while (hf_rd_left(&r) > 0) {
        uint16_t type = hf_rd_u16(&r, "extension_type");
        hf_span data = hf_rd_vec16(&r, 0, HF_VEC16_MAX, "extension_data");
        hf_ext row = hf_extension_row(type);
        if (hf_rd_ok(&r) && row == HF_EXT_COUNT)
            write_raw(b, type, data);
        else if (hf_rd_ok(&r) && *due >> row & 1) {
            write_extension(b, message, row, ext);
            *due &= ~((uint32_t)1 << row);
        }
    }
}

static void write_rows(hf_builder *b, unsigned message, const hf_extensions *ext, uint32_t due)
{
    for (int row = 0; row < HF_EXT_COUNT; row++)
        if (due >> row & 1)
            write_extension(b, message, (hf_ext)row, ext);
}

/* Writing one where it may not stand (RFC 9846 4.3.6#2, 4.3.9#5) would be a bug of ours. */
static bool may_stand(unsigned message, uint32_t present)
{
    for (int row = 0; row < HF_EXT_COUNT; row++)
        if (present >> row & 1 && !(rows[row].messages & message))
            return false;
    return present >> HF_EXT_COUNT == 0;
}

void hf_extensions_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    uint32_t last = message == IN_CH ? ext->present & HF_EXT_BIT(pre_shared_key) : 0;
    uint32_t due = ext->present & ~last;

    if (!may_stand(message, ext->present) && b->error == HF_OK)
        b->error = HF_E_INTERNAL;
    hf_wr_open16(b);
    if (ext->grease_first)
        write_raw(b, ext->grease_first, hf_span_str(""));
    write_as_read(b, message, ext, &due);
    write_rows(b, message, ext, due);
    if (ext->grease_last) /* not empty, so that both kinds are met (RFC 8701 3.1) */
        write_raw(b, ext->grease_last, hf_span_of("", 1));
    write_rows(b, message, ext, last); /* RFC 9846 4.3.11#10, 4.3#6 */
    hf_wr_close(b);
}
