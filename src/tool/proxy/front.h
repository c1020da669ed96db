/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A client's connection: from accept through the PROXY protocol, the first bytes (plain HTTP on the TLS port is told so) and the
 * handshake, where the name picks the site, to a mode, which speaks what is inside. front.c knows no HTTP, modes know no TLS.
 */
#ifndef HF_TOOL_PROXY_FRONT_H
#define HF_TOOL_PROXY_FRONT_H

#include "tool/proxy/stream.h"
#include "tool/proxy/worker.h"

typedef struct hf_front hf_front;
struct hf_recording;

/* What is spoken with a client. The stream is the mode's to read from and write to between start and gone. */
typedef struct hf_mode {
    /* The handshake is over (plain: at once). False: no memory. */
    bool (*start)(hf_front *front);
    void (*data)(hf_front *front, hf_span bytes);
    void (*end)(hf_front *front);
    void (*drained)(hf_front *front);
    /* Its deadline is over. */
    void (*late)(hf_front *front, hf_limit_kind kind);
    /* The proxy is to stop: finish in HF_LAST_REQUEST_MS if nothing is under way, else as soon as possible. */
    void (*stop)(hf_front *front);
    /* The last call, if start was true: the connection is gone. Frees what it made. */
    void (*gone)(hf_front *front);
} hf_mode;

extern const hf_mode hf_http_mode;  /* http.c */
extern const hf_mode hf_tcp_mode;   /* tcp.c */
extern const hf_mode hf_plain_mode; /* plain.c: the redirect listener */
extern const hf_mode hf_hint_mode;  /* plain.c: plain HTTP on the TLS port, answered with 400 */

typedef struct hf_peer_at {
    uint8_t ip[16]; /* IPv4 mapped into IPv6 */
    uint16_t port;
} hf_peer_at;

struct hf_front {
    hf_stream stream;         /* its user is the front */
    hf_front *before, *after; /* in house->fronts */
    hf_house *house;
    hf_generation *generation;      /* a reference */
    hf_site *site;                  /* NULL until it is known, and on the redirect listener */
    const hf_mode *mode;            /* NULL during the handshake */
    void *talk;                     /* the mode's */
    struct hf_recording *recording; /* or NULL (telling.c) */
    hf_peer_at client, own;         /* own: hf_front_own's */
    uint64_t came_at, connected_at; /* uv_hrtime */
    uint64_t hello_at;              /* the same: the ClientHello was whole (telling.c sets it) */
    uint32_t id;
    uint8_t door;
    bool admitted, mode_started;
    bool own_known;       /* own is filled in */
    bool pp_done;         /* its PROXY protocol header was read */
    bool is_late;         /* cut off by the handshake's deadline: telling.c says so */
    uint16_t prelude_len; /* bytes in prelude that wait for more */
    uint8_t *prelude;     /* a PROXY header or first line that is not whole yet; NULL mostly */
};

/* A listening socket of this worker is readable: accepts what is there. */
void hf_front_accept(hf_house *house, int listening, hf_door door);
/* The client's own end of the connection, asked for once. */
const hf_peer_at *hf_front_own(hf_front *front);
/* What was agreed on: "TLSv1.3", "TLSv1.2"; NULL: nothing yet. */
const char *hf_front_version(const hf_front *front);
/* "192.0.2.1", "2001:db8::1" */
enum { HF_ADDRESS_TEXT = 46 };
const char *hf_peer_text(const hf_peer_at *at, char text[HF_ADDRESS_TEXT]);
/* The proxy is to stop: those that wait for a client have a moment, for what it may have sent already, all others end when they can. */
enum { HF_LAST_REQUEST_MS = 1000 };
void hf_front_stop_all(hf_house *house);

#endif
