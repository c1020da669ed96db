/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One visit's socket, and the loop between it and the connection. With -async one byte moves at a time, in either direction.
 */
#ifndef BOGO_SHIM_WIRE_H
#define BOGO_SHIM_WIRE_H

#include "shim.h"

enum { WIRE_BUFFER = 32768 };

typedef struct wire {
    visit *visit;
    int fd;
    size_t held; /* so many bytes at the end of what is to be sent stay, until more follows them */
    uint8_t in[WIRE_BUFFER];
    size_t at, end; /* what the connection has not taken of it */
    uint8_t *
        early; /* data that had to be taken before anybody asked for it: malloc, early_at bytes of early_len are read */
    size_t early_at, early_len;
} wire;

/* Dials the runner and says which test this is. False: words are on stderr. */
bool wire_open(wire *w, visit *v);
/* What is pending leaves, then our direction is closed, and what still comes is dropped: else the kernel would take back our last
   words with a reset. */
void wire_close(wire *w);

/* What ends a step of the loop. */
typedef enum wire_state {
    WIRE_GOES_ON,
    WIRE_CLOSED,   /* close_notify, or the bare end of the transport after the handshake */
    WIRE_REJECTED, /* HF_EVENT_EARLY_REJECTED: once */
    WIRE_FAILED    /* hf_conn_failure */
} wire_state;

/* All events there are. */
wire_state wire_events(wire *w);
/* Moves some bytes: out if there are any, else in. Blocks. */
void wire_move(wire *w);
/* Everything leaves that is not held. */
void wire_flush(wire *w);
/* Of what was written last, one byte leaves, and the rest is held. */
void wire_hold(wire *w);

/* At most `room` bytes of data, at least one if it is WIRE_GOES_ON. */
wire_state wire_read(wire *w, uint8_t *out, size_t room, size_t *len);
/* All of it is on its way. */
wire_state wire_write(wire *w, const void *bytes, size_t len);

#endif
