/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A tape with a connection of the tool: what it hears, between whom, and how it ended. A tape that could not be made is no
 * reason to fail: nothing is recorded then.
 *
 *     hf_recording_start(&r, HF_TAPE_CLIENT, "example.org:443");
 *     hf_recording_addresses(&r, tcp);
 *     hf_trace_sink sink = hf_recording_sink(&r);         hf_conn_options.trace
 *     hf_recording_connected(&r);  or  hf_recording_failed(&r, conn);
 *     hf_recording_end(&r);
 */
#ifndef HF_TOOL_RECORDING_H
#define HF_TOOL_RECORDING_H

#include <uv.h>

#include <handfast/config.h>
#include <handfast/conn.h>
#include "explain/tape.h"

typedef struct hf_recording {
    hf_tape *tape;   /* NULL: nothing is recorded, or nothing more */
    size_t data;     /* bytes of application data, of both ends */
    bool data_of[2]; /* by role: it has sent application data */
} hf_recording;

/* target: whom a client wants; NULL: a server. */
void hf_recording_start(hf_recording *recording, hf_tape_side side, const char *target);
/* Of both ends, as the socket knows them. */
void hf_recording_addresses(hf_recording *recording, const uv_tcp_t *tcp);
/* For hf_conn_options.trace; the recording must outlive the connection. event NULL: nobody listens. */
hf_trace_sink hf_recording_sink(hf_recording *recording);
void hf_recording_connected(hf_recording *recording);
/* Takes over why it failed, if it did. */
void hf_recording_failed(hf_recording *recording, hf_conn *conn);
/* The same for who shows the handshake while it goes on: what was refused is to be shown as refused. Nothing after CONNECTED. */
void hf_recording_refused(hf_recording *recording, hf_conn *conn);
/* How the peer's chain was judged, if one came: rule by rule, as this config and that name have it. The end of the handshake is
   known by then. */
void hf_recording_checks(hf_recording *recording, hf_conn *conn, const hf_config *config,
                         const char *name);
/* Nothing is recorded any more. NULL tapes are fine. */
void hf_recording_end(hf_recording *recording);

/* True if TLS was spoken: the peer of a server sent a record, or a client did. */
bool hf_recording_has_tls(const hf_recording *recording);

#endif
