/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A stream from inside: stream.c is its life, stream_wire.c its bytes, stream_set.c the epoll set that wakes it. */
#ifndef HF_TOOL_PROXY_STREAM_PARTS_H
#define HF_TOOL_PROXY_STREAM_PARTS_H

#include "tool/proxy/stream.h"
#include "tool/proxy/worker.h"

enum {
    HF_STREAM_CONNECTING = 1,
    HF_STREAM_OPEN,
    HF_STREAM_FINISHING, /* what waits leaves, what comes is dropped */
    HF_STREAM_LINGERING, /* our FIN left, theirs is waited for */
    HF_STREAM_CLOSED     /* `closed` is to be told */
};

/* stream_set.c */
void hf_stream_arm(hf_stream *stream, unsigned events); /* EPOLL…; 0: out of the set */
void hf_stream_make_dirty(hf_stream *stream);
void hf_stream_make_gone(hf_stream *stream);

/* stream_wire.c */
void hf_stream_turn(hf_stream *stream, unsigned events);
void hf_stream_clean(hf_stream *stream); /* the end of the turn */
void hf_stream_feed(hf_stream *stream, uint8_t *bytes, size_t len);
void hf_stream_flush(hf_stream *stream);
/* Events and data of the connection. */
void hf_stream_pump(hf_stream *stream);
bool hf_stream_keep(hf_stream *stream, const hf_iovec *parts, int n, size_t skip);
size_t hf_stream_waits(const hf_stream *stream);
void hf_stream_break(hf_stream *stream, int error);

/* stream.c */
void hf_stream_finishing(hf_stream *stream);
void hf_stream_close_for(hf_stream *stream, int error);

#endif
