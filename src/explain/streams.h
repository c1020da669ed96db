/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One direction of a TCP connection while its segments are read, in whatever order they were captured. What is in order is in
 * the hf_stream; what lies ahead of it waits here, as views of the capture. Of bytes that came twice the first ones count.
 */
#ifndef HF_EXPLAIN_STREAMS_H
#define HF_EXPLAIN_STREAMS_H

#include "explain/capture.h"

/* A run of bytes that waits for those before it. */
typedef struct hf_waiting {
    size_t at; /* in the stream */
    hf_span bytes;
    uint64_t packet;
} hf_waiting;

typedef struct hf_direction {
    bool open; /* the sequence numbers are known */
    uint32_t first,
        next;          /* of the stream's first byte, and of the one after those that are there */
    hf_waiting *ahead; /* sorted, not overlapping, none adjoins what is there; NULL: never any */
    size_t n_ahead;
    uint64_t known; /* so many bytes there are at least: seen, or acknowledged by the other end */
    uint64_t known_packet;
    bool fin;
    uint64_t fin_at;
} hf_direction;

/* A segment of the writer of that stream. *order counts pieces. HF_E_NO_MEMORY. */
hf_error hf_direction_take(hf_direction *way, hf_stream *stream, const hf_segment *segment,
                           uint64_t *order);
/* The other end has everything before that sequence number. */
void hf_direction_acked(hf_direction *way, const hf_stream *stream, const hf_segment *by);
/* Nothing more comes: what is missing is told in the stream, and what waited for it goes. */
void hf_direction_end(hf_direction *way, hf_stream *stream);

#endif
