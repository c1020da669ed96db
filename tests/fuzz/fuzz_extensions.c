/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An extensions block. The first byte picks the message that it stands in. What was read lies within
 * the block, its lists can be walked to their end, and holds nothing that is not for this message.
 * Written in the order it had, and afresh in the order of the table, it is read as the same again.
 */
#include "fuzz/fields.h"
#include "fuzz/mutate.h"
#include "wire/wire.h"

static const unsigned places[] = { IN_CH, IN_SH, IN_HRR, IN_EE, IN_CR, IN_CT, IN_NST, IN_SH12 };

static const struct {
    hf_ext row;
    unsigned messages;
} table[] = {
#define HF_EXTENSION(name, type, messages) { HF_EXT_##name, messages },
#include "registry/extensions.def"
#undef HF_EXTENSION
};

static hf_error read_block(hf_span block, unsigned message, hf_extensions *ext)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(block, "Message", 0, &fault, NULL);

    hf_extensions_read(&r, message, ext);
    hf_rd_end(&r);
    CHECK(fault.offset <= block.len);
    return fault.code;
}

/* ---- what was read ---- */

static void check_spans(hf_span block, const hf_extensions *e)
{
    const hf_span spans[] = {
        e->raw,
        e->host_name,
        e->supported_groups,
        e->point_formats,
        e->session_ticket,
        e->renegotiated_connection,
        e->alpn,
        e->status_request,
        e->ocsp_response,
        e->signature_algorithms,
        e->signature_algorithms_cert,
        e->sct_list,
        e->key_shares,
        e->key_share.key_exchange,
        e->psk_modes,
        e->supported_versions,
        e->cookie,
        e->authorities,
        e->oid_filters,
        e->psk_identities,
        e->psk_binders,
    };

    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        CHECK(spans[i].len == 0 || hf_span_within(spans[i], block));
}

static void walk_lists(const hf_extensions *e)
{
    hf_span rest = e->key_shares, name;
    hf_key_share share;
    hf_psk_identity psk;

    while (hf_key_share_next(&rest, &share))
        CHECK(share.key_exchange.len > 0);
    CHECK(rest.len == 0);
    for (rest = e->psk_identities; hf_psk_identity_next(&rest, &psk);)
        CHECK(psk.identity.len > 0);
    CHECK(rest.len == 0);
    for (rest = e->psk_binders; hf_name_next(&rest, &name);)
        CHECK(name.len >= 32);
    CHECK(rest.len == 0);
    for (rest = e->alpn; hf_name_next(&rest, &name);)
        CHECK(name.len > 0);
    CHECK(rest.len == 0);
    for (rest = e->authorities; hf_name16_next(&rest, &name);)
        CHECK(name.len > 0);
    CHECK(rest.len == 0);
    for (rest = e->sct_list; hf_name16_next(&rest, &name);)
        CHECK(name.len > 0);
    CHECK(rest.len == 0);
}

static void check_places(unsigned message, const hf_extensions *e)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        CHECK(!(e->present >> table[i].row & 1) || (table[i].messages & message));
}

/* ---- written ---- */

static bool same(const hf_extensions *a, const hf_extensions *b)
{
    return a->present == b->present && hf_span_equal(a->host_name, b->host_name) &&
           hf_span_equal(a->supported_groups, b->supported_groups) &&
           hf_span_equal(a->alpn, b->alpn) && hf_span_equal(a->key_shares, b->key_shares) &&
           a->key_share.group == b->key_share.group &&
           hf_span_equal(a->key_share.key_exchange, b->key_share.key_exchange) &&
           a->selected_group == b->selected_group && a->selected_version == b->selected_version &&
           hf_span_equal(a->supported_versions, b->supported_versions) &&
           hf_span_equal(a->cookie, b->cookie) &&
           hf_span_equal(a->signature_algorithms, b->signature_algorithms) &&
           hf_span_equal(a->psk_identities, b->psk_identities) &&
           hf_span_equal(a->psk_binders, b->psk_binders) &&
           a->record_size_limit == b->record_size_limit && a->padding == b->padding &&
           a->max_early_data_size == b->max_early_data_size &&
           hf_span_equal(a->sct_list, b->sct_list) && a->status_type == b->status_type &&
           hf_span_equal(a->ocsp_response, b->ocsp_response);
}

static void write_and_read(hf_extensions e, unsigned message, size_t room)
{
    uint8_t *out = malloc(room);
    hf_builder b = hf_wr_start(out, room);
    hf_extensions again;
    hf_span written;

    CHECK(out);
    hf_extensions_write(&b, message, &e);
    CHECK(hf_wr_finish(&b, &written) == HF_OK);
    CHECK(read_block(written, message, &again) == HF_OK);
    CHECK(same(&e, &again));
    free(out);
}

static void check_written(const hf_extensions *e, unsigned message, size_t len)
{
    hf_extensions afresh = *e;
    bool no_host = (e->present & HF_EXT_BIT(server_name)) && e->host_name.len == 0 &&
                   message & (IN_CH | IN_CR);

    if (no_host || e->sni_two_names) /* names of other types are not kept */
        return;
    write_and_read(*e, message, len);
    afresh.raw = hf_span_of(NULL, 0);
    if (e->present)
        write_and_read(afresh, message, len);
    if (e->present && message == IN_CH && len < 65000) {
        afresh.grease_first = 0x0a0a;
        afresh.grease_last = 0xfafa;
        write_and_read(afresh, message, len + 9);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    unsigned message = places[input_u8(&in) % (sizeof places / sizeof *places)];
    hf_span rest = input_take(&in, in.left);
    uint8_t *copy = tight_copy(rest);
    hf_span block = hf_span_of(copy, rest.len);
    hf_extensions e;

    if (read_block(block, message, &e) == HF_OK) {
        check_spans(block, &e);
        walk_lists(&e);
        check_places(message, &e);
        check_written(&e, message, block.len);
    }
    free(copy);
    return 0;
}

static void tell_block(const void *what, hf_span block, const hf_field_sink *sink)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(block, "Message", 0, &fault, sink);
    hf_extensions ext;

    hf_extensions_read(&r, *(const unsigned *)what, &ext);
}

/* Half of the mutations edit the block's fields. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    uint8_t chance[FIELDS_EDIT + FIELDS_MORE];
    uint64_t random = seed;
    hostile_bytes block = { 0 };

    if (size < 2 || seed % 2)
        return LLVMFuzzerMutate(data, size, max);
    unsigned message = places[data[0] % (sizeof places / sizeof *places)];
    input in = fields_random_input(&random, chance, sizeof chance);
    hb_set(&block, hf_span_of(data + 1, size - 1));
    if (fields_edit(&in, tell_block, &message, &block) && block.len + 1 <= max) {
        if (block.len > 0)
            memcpy(data + 1, block.data, block.len);
        size = 1 + block.len;
    }
    hb_free(&block);
    return size;
}
