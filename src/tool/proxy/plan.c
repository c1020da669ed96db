/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A plan as bytes and back:
 *
 *     magic, number, n_parts, file, yaml              where: offset and length in what follows the table
 *     n_parts times: kind, site, item, 0, where       ascending
 *     the bytes themselves
 *
 * What is unpacked has passed every check that does not need to understand certificates.
 */
#include "tool/proxy/plan.h"

#include <stdlib.h>

#include "base/builder.h"
#include "base/reader.h"
#include "tool/proxy/counters.h"

enum { HEAD_BYTES = 8 + 8 + 4 + 2 * 8, ROW_BYTES = 4 * 2 + 8, PARTS_MAX = 1 << 20 };

static const char magic[] = "hf-plan1"; /* its NUL is not written */

/* ---- finding ---- */

static int compare(hf_part_kind kind, size_t site, size_t item, const hf_plan_part *part)
{
    if (kind != part->kind)
        return kind < part->kind ? -1 : 1;
    if (site != part->site)
        return site < part->site ? -1 : 1;
    return (item > part->item) - (item < part->item);
}

hf_span hf_plan_find(const hf_plan *plan, hf_part_kind kind, size_t site, size_t item)
{
    size_t low = 0, high = plan->n_parts;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(kind, site, item, &plan->parts[middle]);
        if (order == 0)
            return plan->parts[middle].bytes;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return (hf_span){ NULL, 0 };
}

const char *hf_plan_text(const hf_plan *plan, hf_part_kind kind, size_t site, size_t item)
{
    return (const char *)hf_plan_find(plan, kind, site, item).data;
}

/* ---- packing ---- */

/* A part that is to be packed, and where its bytes go. */
typedef struct row {
    hf_plan_part part;
    uint32_t at;
} row;

static int by_bytes(const void *left, const void *right)
{
    const row *a = left, *b = right;

    if (a->part.bytes.data != b->part.bytes.data)
        return (uintptr_t)a->part.bytes.data < (uintptr_t)b->part.bytes.data ? -1 : 1;
    return (a->part.bytes.len > b->part.bytes.len) - (a->part.bytes.len < b->part.bytes.len);
}

static int by_key(const void *left, const void *right)
{
    const row *a = left, *b = right;

    return compare(a->part.kind, a->part.site, a->part.item, &b->part);
}

/* Gives every part its place behind `used`; equal ones the same. Returns what is used then. */
static size_t lay_out(row *rows, size_t n, size_t used)
{
    qsort(rows, n, sizeof *rows, by_bytes);
    for (size_t i = 0; i < n && used <= HF_PLAN_BYTES_MAX; i++) {
        if (i > 0 && by_bytes(&rows[i - 1], &rows[i]) == 0) {
            rows[i].at = rows[i - 1].at;
            continue;
        }
        rows[i].at = (uint32_t)used;
        used += rows[i].part.bytes.len;
    }
    qsort(rows, n, sizeof *rows, by_key);
    return used;
}

static void put_place(hf_builder *b, size_t at, size_t len)
{
    hf_wr_u32(b, (uint32_t)at);
    hf_wr_u32(b, (uint32_t)len);
}

static void put_head(hf_builder *b, const hf_plan *plan, size_t file_len)
{
    hf_wr_bytes(b, hf_span_str(magic));
    hf_wr_u64(b, plan->number);
    hf_wr_u32(b, (uint32_t)plan->n_parts);
    put_place(b, 0, file_len);
    put_place(b, file_len, plan->yaml.len);
}

static void put_row(hf_builder *b, const row *r)
{
    hf_wr_u16(b, (uint16_t)r->part.kind);
    hf_wr_u16(b, r->part.site);
    hf_wr_u16(b, r->part.item);
    hf_wr_u16(b, 0);
    put_place(b, r->at, r->part.bytes.len);
}

static void put_bytes(uint8_t *at, const hf_plan *plan, size_t file_len, const row *rows)
{
    memcpy(at, plan->file, file_len);
    if (plan->yaml.len > 0)
        memcpy(at + file_len, plan->yaml.data, plan->yaml.len);
    for (size_t i = 0; i < plan->n_parts; i++)
        if (rows[i].part.bytes.len > 0)
            memcpy(at + rows[i].at, rows[i].part.bytes.data, rows[i].part.bytes.len);
}

static bool pack_rows(const hf_plan *plan, row *rows, uint8_t **bytes, size_t *len)
{
    size_t file_len = strlen(plan->file) + 1, head = HEAD_BYTES + plan->n_parts * ROW_BYTES;
    size_t body = lay_out(rows, plan->n_parts, file_len + plan->yaml.len);
    hf_span written;

    if (head + body > HF_PLAN_BYTES_MAX)
        return false;
    *bytes = hf_alloc(head + body);
    if (!*bytes)
        return false;
    hf_builder b = hf_wr_start(*bytes, head);
    put_head(&b, plan, file_len);
    for (size_t i = 0; i < plan->n_parts; i++)
        put_row(&b, &rows[i]);
    put_bytes(*bytes + head, plan, file_len, rows);
    *len = head + body;
    return hf_wr_finish(&b, &written) == HF_OK && written.len == head;
}

bool hf_plan_pack(const hf_plan *plan, uint8_t **bytes, size_t *len)
{
    *bytes = NULL;
    *len = 0;
    if (plan->n_parts > PARTS_MAX || plan->yaml.len > HF_PLAN_BYTES_MAX)
        return false;
    row *rows = hf_alloc((plan->n_parts + 1) * sizeof *rows);
    if (!rows)
        return false;
    for (size_t i = 0; i < plan->n_parts; i++)
        rows[i].part = plan->parts[i];
    bool good = pack_rows(plan, rows, bytes, len);
    hf_free(rows);
    if (!good && *bytes) {
        hf_plan_bytes_free(*bytes, *len);
        *bytes = NULL;
    }
    return good;
}

void hf_plan_bytes_free(uint8_t *bytes, size_t len)
{
    hf_free_secret(bytes, len);
}

/* ---- unpacking ---- */

static bool take_place(hf_reader *r, hf_span body, hf_span *out)
{
    uint32_t at = hf_rd_u32(r, "offset"), len = hf_rd_u32(r, "length");

    if (at > body.len || len > body.len - at)
        return false;
    *out = hf_span_of(body.data + at, len);
    return true;
}

/* One NUL, at its end. */
static bool is_text(hf_span bytes)
{
    return bytes.len > 0 && memchr(bytes.data, '\0', bytes.len) == bytes.data + bytes.len - 1;
}

static bool are_addresses(hf_span bytes)
{
    size_t n = bytes.len / sizeof(hf_plan_address);
    hf_plan_address address;

    if (n == 0 || n > HF_PLAN_ADDRESSES_MAX || bytes.len % sizeof address != 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        memcpy(&address, bytes.data + i * sizeof address, sizeof address);
        if (address.len < sizeof(struct sockaddr) || address.len > sizeof address.at)
            return false;
    }
    return true;
}

static bool is_slot(hf_span bytes)
{
    uint32_t slot = UINT32_MAX;

    if (bytes.len == sizeof slot)
        memcpy(&slot, bytes.data, sizeof slot);
    return slot < HF_SITE_SLOTS_MAX;
}

static bool has_form(const hf_plan_part *part)
{
    size_t len = part->bytes.len;

    switch (part->kind) {
    case HF_PART_UNAVAILABLE:
    case HF_PART_LABEL:
    case HF_PART_BACKEND_UNUSABLE: return is_text(part->bytes);
    case HF_PART_ADDRESS: return are_addresses(part->bytes);
    case HF_PART_SLOT: return is_slot(part->bytes);
    case HF_PART_TICKET_KEYS:
        return len % HF_TICKET_KEY == 0 && len / HF_TICKET_KEY <= HF_TICKET_KEYS_MAX && len > 0;
    default: return part->kind < HF_PART_KIND_COUNT && len > 0;
    }
}

static bool take_row(hf_reader *r, hf_span body, hf_plan_part *part)
{
    uint16_t kind = hf_rd_u16(r, "kind");

    part->kind = kind < HF_PART_KIND_COUNT ? (hf_part_kind)kind : HF_PART_KIND_COUNT;
    part->site = hf_rd_u16(r, "site");
    part->item = hf_rd_u16(r, "item");
    return hf_rd_u16(r, "0") == 0 && take_place(r, body, &part->bytes) && has_form(part);
}

static bool take_rows(hf_reader *r, hf_span body, hf_plan *plan)
{
    for (size_t i = 0; i < plan->n_parts; i++) {
        hf_plan_part *part = &plan->parts[i];
        if (!take_row(r, body, part))
            return false;
        if (i > 0 && compare(part->kind, part->site, part->item, part - 1) <= 0)
            return false;
    }
    return true;
}

static uint64_t take_u64(hf_reader *r)
{
    uint64_t high = hf_rd_u32(r, "number");

    return high << 32 | hf_rd_u32(r, "number");
}

static bool take_table(hf_reader *table, hf_span places, hf_span body, hf_plan *plan)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(places, "places", 0, &fault, NULL);
    hf_span file;

    if (!take_place(&r, body, &file) || !take_place(&r, body, &plan->yaml) || !is_text(file))
        return false;
    plan->file = (char *)(uintptr_t)file.data;
    plan->parts = hf_alloc((plan->n_parts + 1) * sizeof *plan->parts);
    return plan->parts && take_rows(table, body, plan);
}

static bool take_all(hf_span bytes, hf_plan *plan)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(bytes, "plan", 0, &fault, NULL);
    hf_span head = hf_rd_bytes(&r, sizeof magic - 1, "magic");

    plan->number = take_u64(&r);
    plan->n_parts = hf_rd_u32(&r, "n_parts");
    hf_span places = hf_rd_bytes(&r, 2 * 8, "places");
    if (!hf_span_equal(head, hf_span_str(magic)) || plan->n_parts > PARTS_MAX)
        return false;
    hf_span rows = hf_rd_bytes(&r, plan->n_parts * ROW_BYTES, "parts");
    hf_span body = hf_rd_rest(&r, 1, HF_PLAN_BYTES_MAX, "bytes");
    hf_reader table = hf_rd_start(rows, "parts", 0, &fault, NULL);
    return hf_rd_ok(&r) && take_table(&table, places, body, plan);
}

bool hf_plan_unpack(hf_span bytes, hf_plan *plan)
{
    memset(plan, 0, sizeof *plan);
    if (bytes.len < HEAD_BYTES || bytes.len > HF_PLAN_BYTES_MAX)
        return false;
    plan->memory = hf_copy(bytes);
    plan->memory_len = plan->memory ? bytes.len : 0;
    if (plan->memory && take_all(hf_span_of(plan->memory, plan->memory_len), plan))
        return true;
    hf_plan_free(plan);
    return false;
}

void hf_plan_free(hf_plan *plan)
{
    hf_free_secret(plan->memory, plan->memory_len);
    hf_free(plan->parts);
    memset(plan, 0, sizeof *plan);
}
