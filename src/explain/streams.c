/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Reassembly of one direction by sequence numbers. They are counted modulo 2^32 (RFC 9293 3.4), so places are reckoned
 * from the next byte that is wanted: what is up to 2^31 after it lies ahead, the rest behind.
 */
#include "explain/streams.h"

#include "base/error.h"

enum {
    WINDOW = HF_STREAM_MAX, /* what lies further ahead is not kept; it shows that there is more */
    FIRST_BYTES = 4096,
    FIRST_PIECES = 16
};

/* ---- room ---- */

/* Room for n things of that size, in a block that has *room. */
static void *grown(void *block, size_t used, size_t n, size_t size, size_t first, size_t *room)
{
    size_t wanted = *room ? *room : first;

    while (wanted < n)
        wanted *= 2;
    if (wanted == *room)
        return block;
    void *larger = hf_alloc(wanted * size);
    if (!larger)
        return NULL;
    if (used > 0)
        memcpy(larger, block, used * size);
    hf_free(block);
    *room = wanted;
    return larger;
}

static hf_error make_room(hf_stream *s, size_t more)
{
    uint8_t *bytes = grown(s->bytes, s->len, s->len + more, 1, FIRST_BYTES, &s->room);

    if (!bytes)
        return HF_E_NO_MEMORY;
    s->bytes = bytes;
    hf_piece *pieces = grown(s->pieces, s->n_pieces, s->n_pieces + 1, sizeof *pieces, FIRST_PIECES,
                             &s->pieces_room);
    if (!pieces)
        return HF_E_NO_MEMORY;
    s->pieces = pieces;
    return HF_OK;
}

/* ---- in order ---- */

static hf_error append(hf_direction *way, hf_stream *s, const hf_waiting *run, int64_t us,
                       uint64_t *order)
{
    size_t room = HF_STREAM_MAX - s->len, n = run->bytes.len < room ? run->bytes.len : room;

    s->full |= n < run->bytes.len;
    if (n == 0)
        return HF_OK;
    TRY(make_room(s, n));
    memcpy(s->bytes + s->len, run->bytes.data, n);
    s->pieces[s->n_pieces++] =
        (hf_piece){ .at = s->len, .us = us, .packet = run->packet, .order = ++*order };
    s->len += n;
    way->next += (uint32_t)n;
    return HF_OK;
}

/* What waited for the bytes that are now there. */
static hf_error drain(hf_direction *way, hf_stream *s, int64_t us, uint64_t *order)
{
    size_t n = 0;

    while (n < way->n_ahead && way->ahead[n].at == s->len && !s->full)
        TRY(append(way, s, &way->ahead[n++], us, order));
    if (n == 0)
        return HF_OK;
    way->n_ahead -= n;
    memmove(way->ahead, way->ahead + n, way->n_ahead * sizeof *way->ahead);
    return HF_OK;
}

/* ---- ahead ---- */

static size_t end_of(const hf_waiting *run)
{
    return run->at + run->bytes.len;
}

static void drop_front(hf_waiting *run, size_t n)
{
    run->at += n;
    run->bytes.data += n;
    run->bytes.len -= n;
}

/* The first that waits and ends after that place. */
static size_t find_ahead(const hf_direction *way, size_t at)
{
    size_t low = 0, high = way->n_ahead;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (end_of(&way->ahead[middle]) <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert(hf_direction *way, size_t i, const hf_waiting *run, size_t len)
{
    memmove(way->ahead + i + 1, way->ahead + i, (way->n_ahead - i) * sizeof *way->ahead);
    way->ahead[i] = *run;
    way->ahead[i].bytes.len = len;
    way->n_ahead++;
}

/* Keeps the parts of a run that do not wait already. What finds no room is lost: `known` tells. */
static hf_error put_ahead(hf_direction *way, hf_waiting run)
{
    if (!way->ahead && !(way->ahead = hf_alloc(HF_AHEAD_MAX * sizeof *way->ahead)))
        return HF_E_NO_MEMORY;
    size_t i = find_ahead(way, run.at);
    while (run.bytes.len > 0 && way->n_ahead < HF_AHEAD_MAX) {
        size_t next = i < way->n_ahead ? way->ahead[i].at : SIZE_MAX, n = run.bytes.len;
        if (run.at < next) {
            n = n < next - run.at ? n : next - run.at;
            insert(way, i, &run, n);
        } else if (n > end_of(&way->ahead[i]) - run.at) {
            n = end_of(&way->ahead[i]) - run.at;
        }
        drop_front(&run, n);
        i++;
    }
    return HF_OK;
}

/* A run that begins at or before the end of what is there, or after it. */
static hf_error place(hf_direction *way, hf_stream *s, hf_waiting run, int64_t us, uint64_t *order)
{
    while (end_of(&run) > s->len && !s->full) {
        if (run.at > s->len)
            return put_ahead(way, run);
        drop_front(&run, s->len - run.at);
        hf_waiting now = run; /* up to the first that waits: that one was there before */
        if (way->n_ahead > 0 && end_of(&now) > way->ahead->at)
            now.bytes.len = way->ahead->at - now.at;
        TRY(append(way, s, &now, us, order));
        TRY(drain(way, s, us, order));
    }
    return HF_OK;
}

/* ---- segments ---- */

static void know(hf_direction *way, int64_t bytes, uint64_t packet)
{
    if (bytes > 0 && (uint64_t)bytes > way->known) {
        way->known = (uint64_t)bytes;
        way->known_packet = packet;
    }
}

/* Where a sequence number is in the stream; below 0: before it. Modulo 2^32, of which the upper half is before. */
static int64_t place_of(const hf_direction *way, const hf_stream *s, uint32_t sequence)
{
    uint32_t ahead = sequence - way->next;

    return (int64_t)s->len +
           (ahead < 0x80000000u ? (int64_t)ahead : (int64_t)ahead - ((int64_t)1 << 32));
}

static void open_at(hf_direction *way, hf_stream *s, uint32_t sequence, bool middle)
{
    way->open = true;
    way->first = way->next = sequence;
    s->middle = middle;
}

hf_error hf_direction_take(hf_direction *way, hf_stream *s, const hf_segment *segment,
                           uint64_t *order)
{
    uint32_t sequence = segment->sequence + segment->syn; /* a SYN takes one number, a FIN too */
    size_t len = segment->payload.len;

    s->reset |= segment->rst;
    if (s->full || segment->rst) /* with RST there is at most a word for people */
        return HF_OK;
    if (!way->open && (segment->syn || segment->fin || len > 0))
        open_at(way, s, sequence, !segment->syn);
    if (!way->open)
        return HF_OK;
    int64_t at = place_of(way, s, sequence), end = at + (int64_t)(len + segment->cut);
    if (way->fin && end > (int64_t)way->fin_at)
        return HF_OK;
    know(way, end, segment->packet);
    if (segment->fin && end >= 0 && !way->fin) {
        way->fin = true;
        way->fin_at = (uint64_t)end;
    }
    if (at + (int64_t)len <= (int64_t)s->len || at - (int64_t)s->len > WINDOW)
        return HF_OK;
    hf_waiting run = { .at = 0, .bytes = segment->payload, .packet = segment->packet };
    if (at < 0)
        drop_front(&run, (size_t)-at);
    run.at = at < 0 ? 0 : (size_t)at;
    return place(way, s, run, segment->us, order);
}

void hf_direction_acked(hf_direction *way, const hf_stream *s, const hf_segment *by)
{
    if (way->open && by->has_ack &&
        !by->rst) /* one number more may be a FIN that was not captured */
        know(way, place_of(way, s, by->ack) - 1, by->packet);
}

void hf_direction_end(hf_direction *way, hf_stream *s)
{
    s->fin = way->fin && s->len >= way->fin_at;
    s->gap = !s->full && !s->fin && way->known > s->len;
    s->gap_packet = !s->gap ? 0 : way->n_ahead > 0 ? way->ahead->packet : way->known_packet;
    hf_free(way->ahead);
    way->ahead = NULL;
    way->n_ahead = 0;
}
