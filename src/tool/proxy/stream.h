/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A socket as a stream of bytes, with TLS inside or without, for both sides of the proxy. It holds no buffer while nothing waits: what
 * is read goes through one buffer of the whole worker, straight into the owner's hands; what a full socket did not take is kept, and
 * the owner is told to wait. So an idle or slow connection costs its struct and the engine's state.
 *
 * The rule of back-pressure: `data` gives bytes that the owner must use up or copy within the call; if what it passed them on to
 * says "wait" (hf_stream_send returned false), it calls hf_stream_pause here, and hf_stream_resume when that one has drained. What
 * was read already still comes after hf_stream_pause: the rest of one reading.
 *
 * All sockets of a worker stand in one epoll set of its own, which the loop watches: a connection enters it once, and changes its
 * entry only when a socket is full or its owner makes it wait (libuv would ask the kernel five times a connection). What is sent
 * leaves at the end of the loop's turn, the parts of an answer together.
 */
#ifndef HF_TOOL_PROXY_STREAM_H
#define HF_TOOL_PROXY_STREAM_H

#include <uv.h>

#include <handfast/conn.h>
#include "tool/proxy/deadlines.h"

struct hf_house; /* worker.h */
typedef struct hf_stream hf_stream;

enum {
    HF_STREAM_ROOM = 64 * 1024, /* of one reading */
    HF_STREAM_HIGH = 64 * 1024,
    HF_STREAM_SMALL =
        4096, /* bytes without TLS that wait for the end of the turn; more leave at once */
    HF_STREAM_DROP_MAX = 1 << 20, /* bytes that are read and dropped after our last ones */
    HF_STREAM_LINGER_MS = 1000,   /* the peer's time to close after us */
    HF_STREAM_FLUSH_MS = 10000    /* for the last bytes to leave */
};

/* What the streams of a worker share. */
typedef struct hf_streams {
    int set; /* epoll */
    uv_poll_t poll;
    uv_check_t check;
    uv_prepare_t prepare;
    hf_stream *dirty, **dirty_end; /* with something to send, or to hear, at the end of the turn */
    hf_stream *gone, **gone_end;   /* closed, not told yet */
    size_t
        high; /* waiting bytes after which the owner is told to wait: HF_STREAM_HIGH, or fewer by limits.memory */
    size_t reading; /* bytes of one reading: HF_STREAM_ROOM, or fewer */
    size_t n_open;
} hf_streams;

typedef struct hf_stream_ops {
    /* CLIENT_HELLO (hf_conn_switch_config before it returns, or hf_conn_abort), CONNECTED, FAILED (the stream closes by itself after it). */
    void (*event)(hf_stream *stream, hf_event event);
    void (*data)(hf_stream *stream, hf_span bytes);
    /* The peer's side ended in order: close_notify, or FIN without TLS. Ours may go on. */
    void (*end)(hf_stream *stream);
    /* After hf_stream_send said false: all that waited has left. */
    void (*drained)(hf_stream *stream);
    /* A non-blocking connect has come through (hf_stream_connect). */
    void (*reached)(hf_stream *stream);
    /* A deadline that the owner set is over. */
    void (*late)(hf_stream *stream, hf_limit_kind kind);
    /* The last call. error: 0, or what the socket said (UV_E…). The memory is the owner's again; conn is still there, and freed afterwards. */
    void (*closed)(hf_stream *stream, int error);
} hf_stream_ops;

struct hf_stream {
    struct hf_house *house;
    const hf_stream_ops *ops;
    void *user;
    hf_conn *conn;    /* NULL: no TLS (yet) */
    uint8_t *waiting; /* what the socket (without TLS) or the connection (with it) did not take */
    hf_stream *next, *next_gone;  /* in streams->dirty and ->gone */
    hf_deadline deadline;         /* the owner's until finish; then FLUSH's and LINGER's */
    uint64_t bytes_in, bytes_out; /* on the wire */
    uint32_t waiting_at, waiting_len, waiting_room, dropped;
    int fd, error;
    uint8_t stage; /* stream.c */
    uint8_t armed; /* what epoll is asked for, 0: it is not in the set */
    bool paused, told_to_wait, connected, broken;
    bool ended;          /* the peer's side: close_notify, or FIN without TLS; told */
    bool eof;            /* its FIN or error was read */
    bool writing_closed; /* ours: the owner asked for it … */
    bool shut;           /* … and it was done: close_notify is sealed, or FIN sent */
    bool blocked;        /* the socket is full */
    bool is_dirty, failed;
};

/* deadlines, room and loop of the house stand already. False: no descriptors or memory. */
bool hf_streams_start(hf_streams *streams, struct hf_house *house);
/* Closes its handles; no stream may be open. */
void hf_streams_stop(hf_streams *streams);
/* hf_deadlines_start's: every deadline of a worker is a stream's. */
void hf_stream_late(hf_deadline *deadline, hf_limit_kind kind);

/* Takes over fd (connected, non-blocking). The stream is all zero before. Reading begins with the loop's next turn. False: no memory or descriptors; fd is closed,
   and `closed` does not come. */
bool hf_stream_open(hf_stream *stream, struct hf_house *house, int fd, const hf_stream_ops *ops,
                    void *user);
/* What is there already, in this turn: of a fresh connection. */
void hf_stream_read(hf_stream *stream);
/* The same with a connect() of its own; `reached` or `closed` follows, never within the call. */
bool hf_stream_connect(hf_stream *stream, struct hf_house *house, const struct sockaddr *to,
                       socklen_t len, const hf_stream_ops *ops, void *user);
/* TLS from here on, over the bytes that come; `first` were read already (a prelude's rest). Takes over conn. */
void hf_stream_tls(hf_stream *stream, hf_conn *conn, hf_span first);
/* In `reached`, before TLS: all of it at once. False: the socket did not take it. */
bool hf_stream_preface(hf_stream *stream, hf_span bytes);
/* Takes all of it. False: it is kept, but wait for `drained` before the next. Nothing after hf_stream_finish. */
bool hf_stream_send(hf_stream *stream, const hf_iovec *parts, int n);
/* The owner's deadline, set anew: `late` follows. On a stream that is closing nothing happens: its last bytes have limits of their own, and
   what is closed already would be in a queue when its memory is given back. Owners set theirs by these two alone. */
void hf_stream_limit(hf_stream *stream, hf_limit_kind kind, uint64_t ms);
void hf_stream_unlimit(hf_stream *stream);
/* `drained` comes at the end of the turn, or as soon as all that waits has left. */
void hf_stream_ask(hf_stream *stream);
void hf_stream_pause(hf_stream *stream);
void hf_stream_resume(hf_stream *stream);
/* After hf_conn_tick or hf_conn_abort from outside: what follows from it happens at the end of the turn. */
void hf_stream_hear(hf_stream *stream);
/* Our side ends: close_notify or FIN behind what was sent; reading goes on. */
void hf_stream_end(hf_stream *stream);
/* All that was sent leaves, close_notify with it, what still comes is dropped, FIN, then `closed` after the peer's (HF_STREAM_LINGER_MS at most). */
void hf_stream_finish(hf_stream *stream);
/* Now. `closed` follows in a later turn. */
void hf_stream_close(hf_stream *stream);
/* Nothing of ours waits for the socket. */
bool hf_stream_is_empty(const hf_stream *stream);
/* True once finish or close was called, or the socket broke. */
bool hf_stream_is_closing(const hf_stream *stream);

#endif
