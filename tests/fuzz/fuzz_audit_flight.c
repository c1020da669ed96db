/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The reader of what a server answers to a crafted hello. The first byte chooses the pieces, the second how often and how far it is
 * gone on with after the flight; the rest is what comes. It keeps within its bounds and its room, an end stays, its words are safe
 * to print, and the pieces make no difference.
 */
#include "audit/flight_parts.h"
#include "fuzz/fuzz.h"

static hf_flight *fresh(void)
{
    hf_flight *flight = hf_flight_new();

    CHECK(flight && flight->end == HF_FLIGHT_OPEN);
    return flight;
}

static void check_span(const hf_flight *flight, hf_span span)
{
    hf_span room = hf_span_of(flight->room->messages, flight->room->n_messages);

    CHECK(span.len == 0 || hf_span_within(span, room));
}

static void check_spans(const hf_flight *flight)
{
    CHECK(flight->n_certs <= HF_FLIGHT_CERTS_MAX);
    for (size_t i = 0; i < flight->n_certs; i++)
        check_span(flight, flight->certs[i]);
    check_span(flight, flight->alpn);
    check_span(flight, flight->staple);
    check_span(flight, flight->dh_p);
    check_span(flight, flight->dh_g);
}

static void check_bounds(const hf_flight *flight)
{
    char words[HF_FLIGHT_WORDS];

    CHECK(flight->bytes <= HF_FLIGHT_BYTES_MAX && flight->n_shown <= HF_FLIGHT_SHOWN);
    CHECK(flight->n_shown == (flight->bytes < HF_FLIGHT_SHOWN ? flight->bytes : HF_FLIGHT_SHOWN));
    CHECK(flight->session_id_len <= sizeof flight->session_id);
    CHECK(flight->extensions.n <= HF_CODES_MAX && flight->suites2.n <= HF_CODES_MAX);
    CHECK(flight->n_warnings <= flight->n_alerts && flight->has_alert == (flight->n_alerts > 0));
    CHECK(flight->dh_bits <= 8 * flight->dh_p.len);
    CHECK(flight->room->n_messages <= sizeof flight->room->messages);
    CHECK(flight->room->at <= flight->room->n_messages);
    CHECK(!flight->done || flight->hello);
    check_text(flight->why, sizeof flight->why);
    check_text(hf_flight_words(flight, words), sizeof words);
    CHECK(words[0] != '\0');
    check_spans(flight);
}

static void check_records(const hf_flight *flight)
{
    hf_flight_record record;
    size_t i = 0;

    for (; hf_flight_record_at(flight, i, &record); i++) {
        CHECK(record.content.len <= HF_FLIGHT_AFTER_CONTENT && record.content.len <= record.len);
        CHECK(record.len <= 0x7fff);
    }
    CHECK(i <= HF_FLIGHT_AFTER_MAX);
}

/* Feeds the bytes from copies of exactly their size; if so wished, goes on whenever it may. */
static void feed(hf_flight *flight, hf_span bytes, size_t piece, size_t records)
{
    while (bytes.len > 0) {
        size_t n = bytes.len < piece ? bytes.len : piece;
        uint8_t *copy = tight_copy(hf_span_of(bytes.data, n));
        hf_flight_end before = flight->end, end = hf_flight_feed(flight, hf_span_of(copy, n));
        free(copy);
        CHECK(end == flight->end && (before == HF_FLIGHT_OPEN || end == before));
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
        if (records > 0)
            hf_flight_go_on(flight, records);
    }
}

static void check_same(const hf_flight *a, const hf_flight *b)
{
    CHECK(a->end == b->end && strcmp(a->why, b->why) == 0);
    CHECK(a->hello == b->hello && a->version == b->version && a->suite == b->suite);
    CHECK(a->group == b->group && a->scheme == b->scheme && a->share_len == b->share_len);
    CHECK(a->n_certs == b->n_certs && a->bytes == b->bytes && a->done == b->done);
    CHECK(a->n_alerts == b->n_alerts && a->alert == b->alert && a->n_warnings == b->n_warnings);
    CHECK(a->room->n_after == b->room->n_after && a->room->n_records == b->room->n_records);
    CHECK(hf_span_equal(a->staple, b->staple) && hf_span_equal(a->alpn, b->alpn));
}

/* After everything came: the transport's end, and further calls, which lead to an end that stays. */
static void finish(hf_flight *flight, size_t records)
{
    hf_flight_ended(flight, HF_FLIGHT_CLOSED);
    CHECK(flight->end != HF_FLIGHT_OPEN);
    for (unsigned i = 0; i < 3; i++) {
        hf_flight_go_on(flight, records);
        CHECK(flight->end != HF_FLIGHT_OPEN);
        check_bounds(flight);
    }
    hf_flight_end end = flight->end;
    hf_flight_ended(flight, HF_FLIGHT_RESET);
    CHECK(flight->end == end && hf_flight_feed(flight, hf_span_str("\26\3\1\0\0")) == end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    size_t piece = 1u + input_u8(&in) % 64, records = 1u + input_u8(&in) % 8;
    hf_span bytes = { in.p, in.left };
    hf_flight *whole = fresh(), *pieces = fresh(), *eager = fresh();

    feed(whole, bytes, size + 1, 0);
    feed(pieces, bytes, piece, 0);
    feed(eager, bytes, piece, records);
    check_same(whole, pieces);
    check_bounds(whole);
    check_bounds(eager);
    finish(whole, records);
    finish(pieces, records);
    check_same(whole, pieces);
    finish(eager, records);
    check_records(whole);
    check_records(eager);
    hf_flight_free(whole);
    hf_flight_free(pieces);
    hf_flight_free(eager);
    return 0;
}
