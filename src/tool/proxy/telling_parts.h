/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the files of telling.h share. */
#ifndef HF_TOOL_PROXY_TELLING_PARTS_H
#define HF_TOOL_PROXY_TELLING_PARTS_H

#include "tool/proxy/telling.h"

uint32_t hf_tell_site(const hf_front *front);
void hf_tell_count(const hf_front *front, hf_metric metric, uint64_t n);
/* < 0: one of them is not known. */
double hf_tell_ms(uint64_t from, uint64_t to);
/* Lines that were lost since the last time go to the counters. */
void hf_tell_lost(hf_log *log, hf_counters *counters, unsigned worker);
void hf_tell_client(hf_line *line, const hf_peer_at *client);
/* A line of a connection: whose it is. */
void hf_tell_begin(hf_line *line, const hf_front *front, hf_severity severity, const char *what);

/* ---- telling_pace.c ---- */

/* A bucket: as many at once as it holds, then some a second. */
typedef struct hf_pace {
    double spent;
    uint64_t at; /* uv_hrtime */
    uint64_t left_out;
} hf_pace;
bool hf_pace_may(hf_pace *pace, double at_once, double a_second);

/* Lines that clients can bring about at will. */
typedef enum hf_flood {
    HF_FLOOD_EVENT,      /* reason: an hf_event_kind */
    HF_FLOOD_HANDSHAKE,  /* an hf_fail_reason */
    HF_FLOOD_CONNECTION, /* the same */
    HF_FLOOD_BACKEND,    /* 0 */
    HF_FLOOD_COUNT
} hf_flood;
/* What such a line is called; of events each has its own name. */
const char *hf_flood_name(hf_flood flood);
/* May one more of that reason be written? False: it is counted, and hf_tell_left_out says so within a second. */
bool hf_tell_may(hf_house *house, hf_flood flood, unsigned reason);

/* ---- telling_parent.c ---- */

/* May one more be told? If so, hf_tell_parent is to follow. */
bool hf_tell_parent_may(const hf_house *house, hf_message kind);
void hf_tell_parent(const hf_house *house, hf_message kind, json_t *message); /* takes it over */
void hf_tell_header_refused(const hf_house *house, const hf_peer_at *client, const char *why);

/* ---- telling_trace.c ---- */

/* The handshake is over: nothing more is recorded, and what was is gone. */
void hf_trace_over(hf_front *front);
void hf_trace_free(hf_front *front);
/* To the parent, if it was recorded and TLS was spoken. True: the failure's own message is to follow. */
bool hf_trace_send(hf_front *front, const hf_failure *failure);

#endif
