/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a worker tells of its connections: lines of the log, counters, failures for `status --failures`, and traces. front.c and the
 * modes call; what is made of it is decided here alone.
 */
#ifndef HF_TOOL_PROXY_TELLING_H
#define HF_TOOL_PROXY_TELLING_H

#include "base/compiler.h"
#include "tool/proxy/front.h"

/* Security events (events.def). */
typedef enum hf_event_kind {
#define HF_SECURITY_EVENT(name, severity, help) HF_EVENT_OF_##name,
#include "tool/proxy/events.def"
#undef HF_SECURITY_EVENT
    HF_EVENT_OF_COUNT
} hf_event_kind;

/* Before hf_conn_new: traces are kept if `state` is configured. event NULL: nobody listens. */
hf_trace_sink hf_tell_sink(hf_front *front);
void hf_tell_hello(hf_front *front); /* the site is known, or nobody's (front->site NULL) */
void hf_tell_connected(
    hf_front *front); /* counters, and events such as a refused 0-RTT; ends the recording */
void hf_tell_failed(hf_front *front); /* hf_conn_failure says why */
/* TLS to a backend came to nothing; nothing is said of one that broke later. */
void hf_tell_backend_failed(hf_house *house, const hf_site *site, const char *backend,
                            hf_conn *conn);
/* No connection to a backend came about, it broke, or its answer did not come: its last failure, in `proxy status`. */
void hf_tell_backend_down(const hf_house *house, const hf_site *site, const char *backend,
                          const char *why);
/* It was turned away before TLS: "too many connections", "no PROXY header" … */
void hf_tell_refused(hf_house *house, const hf_peer_at *client, hf_event_kind kind,
                     const char *why);
void hf_tell_gone(hf_front *front); /* ends what is left of a recording */

/* A request that was answered, by a backend or by us. */
typedef struct hf_request_tale {
    const char *method, *target, *host; /* as far as they were read; may be NULL */
    unsigned status;
    const char *why;         /* of an answer of ours: "421: the request is for b.test" */
    const char *backend;     /* NULL: none was asked */
    bool cut;                /* the response was begun, and could not be ended */
    uint64_t sent, received; /* bytes of bodies */
    double ms, backend_ms;   /* in all; to the response's head. < 0: not known */
} hf_request_tale;
void hf_tell_request(hf_front *front, const hf_request_tale *tale);
/* A connection of tcp mode is over, and by whom. */
typedef enum hf_relay_end {
    HF_RELAY_IN_ORDER,
    HF_RELAY_CLIENT, /* it went without a word, which many do */
    HF_RELAY_LIMIT,
    HF_RELAY_BACKEND,   /* its connection broke */
    HF_RELAY_NO_BACKEND /* none was reached */
} hf_relay_end;
/* why NULL: in order. */
void hf_tell_relay(hf_front *front, hf_relay_end end, const char *backend, uint64_t sent,
                   uint64_t received, const char *why);
/* Lines of failures and events that come too fast are left out (of one reason HF_EVENT_BURST at once, then HF_EVENT_PACE a second);
   the counters miss none, and a line a second says how many they were: `suppressed`. */
enum { HF_EVENT_BURST = 20, HF_EVENT_PACE = 10, HF_LEFT_OUT_MS = 1000 };
void hf_tell_left_out(hf_house *house);
/* front NULL: of nobody in particular. */
void hf_tell_event(hf_house *house, hf_event_kind kind, const hf_front *front, const char *format,
                   ...) HF_PRINTF(4, 5);

typedef struct hf_event_row {
    const char *name, *help;
    hf_severity severity;
} hf_event_row;
const hf_event_row *hf_event_row_of(hf_event_kind kind);

#endif
