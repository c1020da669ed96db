/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Records, out of bytes that come in any pieces. In which ones makes no difference: everything happens at a record's end.
 */
#include "audit/flight_parts.h"

/* ---- whole records ---- */

static void keep(hf_flight_room *room)
{
    size_t i = room->n_after++;

    if (i >= HF_FLIGHT_AFTER_MAX)
        return;
    room->after[i].type = room->type;
    room->after[i].version = room->version;
    room->after[i].len = room->len;
    room->after[i].n = room->n_scrap;
    memcpy(room->after[i].content, room->scrap, room->n_scrap);
}

static void record_after(hf_flight *flight)
{
    hf_flight_room *room = flight->room;

    keep(room);
    if (room->type == HF_CT_ALERT)
        hf_flight_alert_record(flight);
    if (room->n_after >= room->want)
        hf_flight_settle(flight, HF_FLIGHT_DONE);
}

/* A server that resumes a session changes keys at once: the rest is encrypted. */
static void record_change(hf_flight *flight)
{
    if (!flight->hello) {
        hf_flight_refuse(flight, HF_FLIGHT_MALFORMED, "ChangeCipherSpec before ServerHello");
        return;
    }
    flight->change_cipher_spec = true;
    hf_flight_settle(flight, HF_FLIGHT_DONE);
}

static void record_done(hf_flight *flight)
{
    hf_flight_room *room = flight->room;

    room->in_content = false;
    room->n_header = 0;
    if (room->over)
        record_after(flight);
    else if (room->form == HF_FORM_SSL2)
        hf_flight_ssl2(flight, hf_span_of(room->messages, room->n_messages));
    else if (room->type == HF_CT_HANDSHAKE)
        hf_flight_messages(flight);
    else if (room->type == HF_CT_ALERT)
        hf_flight_alert_record(flight);
    else if (room->type == HF_CT_CHANGE_CIPHER_SPEC)
        record_change(flight);
    else
        hf_flight_refuse(flight, HF_FLIGHT_MALFORMED, "a record of type %u before keys",
                         room->type);
}

/* ---- pieces of records ---- */

static bool is_collected(const hf_flight_room *room)
{
    return !room->over && (room->form == HF_FORM_SSL2 || room->type == HF_CT_HANDSHAKE);
}

/* There is always room: all bytes of an answer together are no more than HF_FLIGHT_BYTES_MAX. */
static size_t take_content(hf_flight *flight, hf_span bytes)
{
    hf_flight_room *room = flight->room;
    size_t n = bytes.len < room->left ? bytes.len : room->left;

    if (is_collected(room)) {
        memcpy(room->messages + room->n_messages, bytes.data, n);
        room->n_messages += n;
    } else {
        size_t free_bytes = sizeof room->scrap - room->n_scrap;
        size_t kept = n < free_bytes ? n : free_bytes;
        memcpy(room->scrap + room->n_scrap, bytes.data, kept);
        room->n_scrap += kept;
    }
    room->left -= n;
    if (room->left == 0)
        record_done(flight);
    return n;
}

static void begin_content(hf_flight *flight, size_t len)
{
    hf_flight_room *room = flight->room;

    room->len = room->left = len;
    room->n_scrap = 0;
    room->in_content = true;
    if (++room->n_records > HF_FLIGHT_RECORDS_MAX)
        hf_flight_refuse(flight, HF_FLIGHT_TOO_LONG, "more than %d records", HF_FLIGHT_RECORDS_MAX);
    else if (len == 0)
        record_done(flight);
}

static void check_header(hf_flight *flight)
{
    hf_flight_room *room = flight->room;
    const uint8_t *h = room->header;
    size_t len = (size_t)h[3] << 8 | h[4];

    room->type = h[0];
    room->version = (uint16_t)(h[1] << 8 | h[2]);
    if (flight->record_version == 0)
        flight->record_version = room->version;
    if (!hf_flight_may_be_tls(room->type) || h[1] != 3)
        hf_flight_refuse(flight, HF_FLIGHT_MALFORMED, "record %u: type %u, version 0x%04x",
                         room->n_records + 1, room->type, room->version);
    else if (len > HF_RECORD_CONTENT_MAX)
        hf_flight_refuse(flight, HF_FLIGHT_MALFORMED, "record %u: %zu bytes, at most %d allowed",
                         room->n_records + 1, len, HF_RECORD_CONTENT_MAX);
    else
        begin_content(flight, len);
}

static void check_header2(hf_flight *flight)
{
    hf_flight_room *room = flight->room;
    uint8_t early = room->header[2]; /* of a header with two bytes it is content */
    size_t len, n = hf_flight_ssl2_lengths(room->header, &len);

    if (len == 0) {
        hf_flight_refuse(flight, HF_FLIGHT_MALFORMED, "an empty SSL 2.0 record");
        return;
    }
    begin_content(flight, len);
    if (n == 2 && !room->deaf)
        take_content(flight, hf_span_of(&early, 1));
}

static void header_byte(hf_flight *flight, uint8_t byte)
{
    hf_flight_room *room = flight->room;

    room->header[room->n_header++] = byte;
    if (room->form == HF_FORM_SSL2 ? room->n_header == 3 : room->n_header == HF_RECORD_HEADER)
        (room->form == HF_FORM_SSL2 ? check_header2 : check_header)(flight);
}

/* What speaks? The bytes that it took to know are then read as what they are. */
static void first_byte(hf_flight *flight, uint8_t byte)
{
    hf_flight_room *room = flight->room;
    uint8_t sight[HF_FLIGHT_SIGHT];

    room->header[room->n_header++] = byte;
    size_t n = room->n_header;
    memcpy(sight, room->header, n);
    room->form = hf_flight_form_of(hf_span_of(sight, n));
    if (room->form == HF_FORM_UNKNOWN || room->form == HF_FORM_FOREIGN)
        return;
    room->n_header = 0;
    for (size_t i = 0; i < n && !room->deaf;) {
        if (room->in_content)
            i += take_content(flight, hf_span_of(sight + i, n - i));
        else
            header_byte(flight, sight[i++]);
    }
}

/* Foreign bytes are collected until they say what they are: a line, or enough of them. */
static void foreign_byte(hf_flight *flight)
{
    enum { ENOUGH = 64 };

    if (flight->n_shown >= ENOUGH || memchr(flight->shown, '\n', flight->n_shown))
        hf_flight_foreign(flight);
}

static void show(hf_flight *flight, hf_span bytes)
{
    size_t free_bytes = sizeof flight->shown - flight->n_shown;
    size_t n = bytes.len < free_bytes ? bytes.len : free_bytes;

    memcpy(flight->shown + flight->n_shown, bytes.data, n);
    flight->n_shown += n;
    flight->bytes += bytes.len;
}

/* Returns how many bytes were taken: at least one. */
static size_t step(hf_flight *flight, hf_span bytes)
{
    hf_flight_room *room = flight->room;
    size_t n = room->in_content && bytes.len > room->left ? room->left : bytes.len;

    if (!room->in_content)
        n = 1;
    show(flight, hf_span_of(bytes.data, n));
    if (room->in_content)
        return take_content(flight, hf_span_of(bytes.data, n));
    if (room->form == HF_FORM_UNKNOWN)
        first_byte(flight, bytes.data[0]);
    else if (room->form != HF_FORM_FOREIGN)
        header_byte(flight, bytes.data[0]);
    if (room->form == HF_FORM_FOREIGN)
        foreign_byte(flight);
    return n;
}

/* What may still be read without passing the bound. */
static hf_span within_bound(const hf_flight *flight, hf_span bytes)
{
    size_t most = HF_FLIGHT_BYTES_MAX - flight->bytes;

    return hf_span_of(bytes.data, bytes.len < most ? bytes.len : most);
}

hf_flight_end hf_flight_feed(hf_flight *flight, hf_span bytes)
{
    hf_flight_room *room = flight->room;

    while (bytes.len > 0 && !room->deaf) {
        hf_span some = within_bound(flight, bytes);
        if (some.len == 0) {
            hf_flight_refuse(flight, HF_FLIGHT_TOO_LONG, "more than %d bytes", HF_FLIGHT_BYTES_MAX);
            break;
        }
        size_t n = step(flight, some);
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
    }
    return flight->end;
}
