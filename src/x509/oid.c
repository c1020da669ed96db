/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* oids.def as a table, and the dotted form of what is not in it. */
#include "x509/oid.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct oid_row {
    size_t len;
    const char *octets, *name;
} oid_row;

static const oid_row rows[HF_OID_COUNT] = {
    [HF_OID_UNKNOWN] = { 0, "", "?" },
#define HF_OID(id, octets, name) [HF_OID_##id] = { sizeof(octets) - 1, octets, name },
#include "x509/oids.def"
#undef HF_OID
};

/* The last octet tells most of them apart. */
static bool is_row(const oid_row *row, hf_span octets)
{
    return row->len == octets.len &&
           (uint8_t)row->octets[row->len - 1] == octets.data[octets.len - 1] &&
           memcmp(row->octets, octets.data, octets.len) == 0;
}

hf_oid hf_oid_of(hf_span octets)
{
    for (int i = HF_OID_UNKNOWN + 1; octets.len > 0 && i < HF_OID_COUNT; i++)
        if (is_row(&rows[i], octets))
            return (hf_oid)i;
    return HF_OID_UNKNOWN;
}

hf_span hf_oid_octets(hf_oid id)
{
    return hf_span_of(rows[id].octets, rows[id].len);
}

bool hf_oid_well_formed(hf_span octets)
{
    bool starts = true;

    for (size_t i = 0; i < octets.len; i++) {
        if (starts && octets.data[i] == 0x80)
            return false;
        starts = (octets.data[i] & 0x80) == 0;
    }
    return octets.len > 0 && starts;
}

/* The first sub-identifier holds two numbers: 40 times the first, which is 0 to 2, plus the second. */
static int put_number(char *out, size_t room, uint64_t v, bool first)
{
    if (!first)
        return snprintf(out, room, ".%" PRIu64, v);
    uint64_t top = v < 80 ? v / 40 : 2;
    return snprintf(out, room, "%" PRIu64 ".%" PRIu64, top, v - 40 * top);
}

static void put_dotted(hf_span octets, char *out, size_t room)
{
    uint64_t v = 0;
    size_t n = 0;
    bool first = true;

    for (size_t i = 0; i < octets.len; i++) {
        if (v >> 57) { /* a number that does not fit must not look like another one */
            snprintf(out, room, "(an OID with a huge number)");
            return;
        }
        v = v << 7 | (octets.data[i] & 0x7f);
        if (octets.data[i] & 0x80)
            continue;
        int added = put_number(out + n, room - n, v, first);
        if (added < 0 || (size_t)added >= room - n)
            return;
        n += (size_t)added;
        v = 0;
        first = false;
    }
}

void hf_oid_text(hf_span octets, char *out, size_t room)
{
    hf_oid id = hf_oid_of(octets);

    if (room == 0)
        return;
    out[0] = '\0';
    if (id != HF_OID_UNKNOWN)
        snprintf(out, room, "%s", rows[id].name);
    else
        put_dotted(octets, out, room);
}
