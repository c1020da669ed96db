/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * pcapng (draft-ietf-opsawg-pcapng): sections, each with its byte order and its interfaces, packets in one of three blocks, secrets.
 * Blocks that are not known and options that are not needed are skipped.
 */
#include "explain/packets.h"

enum {
    INTERFACE_DESCRIPTION = 1, /* block types */
    OLD_PACKET = 2,
    SIMPLE_PACKET = 3,
    ENHANCED_PACKET = 6,
    DECRYPTION_SECRETS = 10,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    BLOCK_FRAME = 12, /* type, length, and the length again at its end */
    OPT_END = 0,
    IF_TSRESOL = 9,
    IF_TSOFFSET = 14,
    SECRETS_TLS = 0x544c534b /* "TLSK": lines of a key log */
};

/* Whatever the file says, the result fits and can be added to. */
static int64_t to_us(uint64_t ticks, const hf_interface *i)
{
    const int64_t most = (int64_t)1 << 40; /* seconds: 34,000 years */
    uint64_t seconds = ticks / i->units, part = ticks % i->units;
    uint64_t us = i->units > (uint64_t)HF_MICRO * HF_MICRO ? part / (i->units / HF_MICRO)
                                                           : part * HF_MICRO / i->units;
    int64_t sum = seconds < (uint64_t)most ? (int64_t)seconds : most;
    int64_t offset = i->offset > most ? most : i->offset < -most ? -most : i->offset;

    return (sum + offset) * HF_MICRO + (int64_t)us;
}

/* ---- sections and interfaces ---- */

static bool read_section(hf_source *s, hf_span body)
{
    s->n_interfaces = 0;
    if (body.len < 16)
        return hf_source_complain(s, "a section header of %zu bytes", body.len);
    if (hf_source_u16(s, body.data + 4) != 1)
        return hf_source_complain(s, "pcapng of version %u, and only 1 is known",
                                  hf_source_u16(s, body.data + 4));
    return true;
}

/* The clock's units in a second: a power of ten, or of two with the highest bit set. 0: they do not fit. */
static uint64_t units_of(uint8_t resolution)
{
    unsigned n = resolution & 0x7f;
    uint64_t units = 1;

    if (resolution & 0x80)
        return n < 64 ? (uint64_t)1 << n : 0;
    if (n > 19)
        return 0;
    while (n-- > 0)
        units *= 10;
    return units;
}

/* Options that do not fit their block are not there. */
static void read_options(const hf_source *s, hf_span options, hf_interface *i)
{
    while (options.len >= 4) {
        unsigned code = hf_source_u16(s, options.data), len = hf_source_u16(s, options.data + 2);
        size_t padded = 4 + (len + 3u) / 4 * 4;

        if (code == OPT_END || padded > options.len)
            return;
        if (code == IF_TSRESOL && len == 1)
            i->units = units_of(options.data[4]);
        if (code == IF_TSOFFSET && len == 8)
            i->offset = (int64_t)hf_source_u64(s, options.data + 4);
        options = hf_source_part(options, padded, options.len - padded);
    }
}

static bool read_interface(hf_source *s, hf_span body)
{
    hf_interface i = { .units = HF_MICRO };

    if (body.len < 8)
        return hf_source_complain(s, "an interface description of %zu bytes", body.len);
    if (s->n_interfaces == HF_INTERFACES_MAX)
        return hf_source_complain(s, "more than %d interfaces", HF_INTERFACES_MAX);
    i.link_type = hf_source_u16(s, body.data);
    i.snap_len = hf_source_u32(s, body.data + 4);
    read_options(s, hf_source_part(body, 8, body.len - 8), &i);
    if (i.units == 0)
        return hf_source_complain(s, "a clock (if_tsresol) finer than can be counted");
    s->interfaces[s->n_interfaces++] = i;
    return true;
}

/* ---- packets and secrets ---- */

/* The fields of the two blocks that have them: a number of an interface, two halves of a time, two lengths, the bytes. */
static bool read_timed_packet(hf_source *s, hf_span body, bool old)
{
    if (body.len < 20)
        return hf_source_complain(s, "a packet block of %zu bytes", body.len);
    const uint8_t *p = body.data;
    uint32_t number = old ? hf_source_u16(s, p) : hf_source_u32(s, p);
    uint32_t len = hf_source_u32(s, p + 12), whole = hf_source_u32(s, p + 16);
    if (number >= s->n_interfaces)
        return hf_source_complain(s, "a packet of interface %lu, and %zu are described",
                                  (unsigned long)number, s->n_interfaces);
    if (len > body.len - 20)
        return hf_source_complain(s, "a packet of %lu bytes in a block that has room for %zu",
                                  (unsigned long)len, body.len - 20);
    const hf_interface *i = &s->interfaces[number];
    uint64_t ticks = (uint64_t)hf_source_u32(s, p + 4) << 32 | hf_source_u32(s, p + 8);
    hf_source_give(s, i->link_type, hf_source_part(body, 20, len), whole, to_us(ticks, i));
    return true;
}

/* Of the first interface; it has no time, so it gets that of the packet before it. */
static bool read_simple_packet(hf_source *s, hf_span body)
{
    if (body.len < 4)
        return hf_source_complain(s, "a packet block of %zu bytes", body.len);
    if (s->n_interfaces == 0)
        return hf_source_complain(s, "a packet of interface 0, and 0 are described");
    const hf_interface *i = s->interfaces;
    uint32_t whole = hf_source_u32(s, body.data);
    uint32_t len = i->snap_len && i->snap_len < whole ? i->snap_len : whole;
    if (len > body.len - 4)
        return hf_source_complain(s, "a packet of %lu bytes in a block that has room for %zu",
                                  (unsigned long)len, body.len - 4);
    hf_source_give(s, i->link_type, hf_source_part(body, 4, len), whole, s->us);
    return true;
}

static bool read_secrets(hf_source *s, hf_span body)
{
    if (body.len < 8 || hf_source_u32(s, body.data + 4) > body.len - 8)
        return hf_source_complain(s, "secrets that are longer than their block");
    if (hf_source_u32(s, body.data) != SECRETS_TLS || !s->keylog)
        return true;
    hf_error e =
        hf_keylog_read(s->keylog, hf_source_part(body, 8, hf_source_u32(s, body.data + 4)));
    if (e == HF_E_NO_MEMORY)
        s->error = e;
    else if (e != HF_OK)
        hf_source_complain(s, "secrets that cannot be read: %s", hf_error_row_of(e)->sentence);
    return e == HF_OK;
}

/* ---- blocks ---- */

/* The byte order of a section is told by its header, before anything that depends on it. */
static bool find_byte_order(hf_source *s, size_t left)
{
    const uint8_t *p = s->file.data + s->at;

    if (left < BLOCK_FRAME)
        return hf_source_complain(s, "the file ends within a block");
    s->little = false;
    if (hf_source_u32(s, p) != HF_PCAPNG_SECTION || hf_source_u32(s, p + 8) == BYTE_ORDER_MAGIC)
        return true;
    s->little = true;
    return hf_source_u32(s, p + 8) == BYTE_ORDER_MAGIC ||
           hf_source_complain(s, "a section header without a byte order");
}

static bool read_body(hf_source *s, uint32_t type, hf_span body)
{
    switch (type) {
    case HF_PCAPNG_SECTION: return read_section(s, body);
    case INTERFACE_DESCRIPTION: return read_interface(s, body);
    case OLD_PACKET: return read_timed_packet(s, body, true);
    case SIMPLE_PACKET: return read_simple_packet(s, body);
    case ENHANCED_PACKET: return read_timed_packet(s, body, false);
    case DECRYPTION_SECRETS: return read_secrets(s, body);
    default: return true;
    }
}

static bool read_block(hf_source *s)
{
    const uint8_t *p = s->file.data + s->at;
    size_t left = s->file.len - s->at;
    bool section = left >= 4 && hf_source_u32(s, p) == HF_PCAPNG_SECTION;

    if (section ? !find_byte_order(s, left)
                : left < BLOCK_FRAME && !hf_source_complain(s, "the file ends within a block"))
        return false;
    uint32_t len = hf_source_u32(s, p + 4);
    if (len < BLOCK_FRAME || len % 4 != 0)
        return hf_source_complain(s, "a block of %lu bytes", (unsigned long)len);
    if (len > left)
        return hf_source_complain(s, "a block of %lu bytes, and %zu bytes left in the file",
                                  (unsigned long)len, left);
    if (hf_source_u32(s, p + len - 4) != len)
        return hf_source_complain(s, "a block of %lu bytes that says %lu at its end",
                                  (unsigned long)len, (unsigned long)hf_source_u32(s, p + len - 4));
    if (!read_body(s, hf_source_u32(s, p), hf_source_part(s->file, s->at + 8, len - BLOCK_FRAME)))
        return false;
    s->at += len;
    return true;
}

void hf_source_pcapng(hf_source *s)
{
    while (s->at < s->file.len && read_block(s))
        ;
}
