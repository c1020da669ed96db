/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Inside a link, for link.c (its life and its owner) and link_wire.c (its socket) alone.
 *
 * The life: OPEN moves bytes; FINISHING lets the last ones out; LINGERING has said FIN and waits for
 * the peer's, because a socket that is closed with unread bytes sends RST, and an RST takes our alert
 * away from the peer; CLOSING waits for libuv.
 */
#ifndef HF_TOOL_LINK_STATE_H
#define HF_TOOL_LINK_STATE_H

#include "tool/link.h"

enum {
    HF_LINK_IN_MAX = 17 * 1024,     /* a whole record */
    HF_LINK_OUT_MAX = 17 * 1024,    /* what waits for a full socket */
    HF_LINK_LINGER_MS = 1000,       /* the peer's time to close after us … */
    HF_LINK_LINGER_BYTES = 1 << 24, /* … and what we read and drop meanwhile */
    HF_LINK_FLUSH_MS = 10000        /* for the last bytes to leave */
};

typedef enum hf_link_stage {
    HF_LINK_OPEN,
    HF_LINK_FINISHING,
    HF_LINK_LINGERING,
    HF_LINK_CLOSING
} hf_link_stage;

struct hf_link {
    uv_loop_t *loop;
    uv_tcp_t *tcp;
    uv_timer_t timer;
    uv_write_t write;
    uv_shutdown_t shutdown;
    hf_conn *conn;
    const hf_link_ops *ops;
    void *user;
    hf_link_stage stage;
    unsigned handles; /* open: the socket and the timer */
    bool pumping, again, reading, writing;
    bool eof, eof_told, failed, refused, broken, idled, held;
    bool early; /* the data that is delivered */
    int transport_error;
    uint64_t idle_ms, moved_at, stage_ends, dropped;
    size_t in_start, in_len;
    uint8_t in[HF_LINK_IN_MAX], out[HF_LINK_OUT_MAX];
};

/* Moves bytes and takes events until nothing moves. Called again while it runs, it goes round once more. */
void hf_link_pump(hf_link *link);
/* Reads from the socket if, and only if, there is room. */
void hf_link_set_reading(hf_link *link);
/* Writes what the socket takes. True: bytes moved. */
bool hf_link_flush(hf_link *link);

#endif
