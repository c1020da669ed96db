/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A fake wire. A record carries its epoch in clear; a handshake message is its msg_type, a length, the
 * facts that it settles, and whether it is the ServerHello that is called HelloRetryRequest.
 */
#ifndef HF_TEST_SCRIPT_WIRE_H
#define HF_TEST_SCRIPT_WIRE_H

#include "handshake/script.h"

enum { SCRIPT_MESSAGE = 7, SCRIPT_RECORD_MAX = 64, SCRIPT_STREAM_MAX = 448 };

typedef struct script_record {
    uint8_t type, epoch, len; /* type: HF_CT_* */
    uint8_t bytes[SCRIPT_RECORD_MAX];
} script_record;

/* Records under way, oldest first: type, epoch, length, bytes, and so on. */
typedef struct script_stream {
    uint16_t len, last; /* last: where the youngest record begins */
    bool open;          /* handshake bytes may be added to it */
    bool overflow;
    uint8_t bytes[SCRIPT_STREAM_MAX];
} script_stream;

/* How a writer cuts handshake bytes into records. */
typedef enum script_cut {
    SCRIPT_RECORD_A_MESSAGE,
    SCRIPT_COALESCED,
    SCRIPT_RECORD_A_BYTE
} script_cut;

void script_stream_put(script_stream *s, const script_record *record);
bool script_stream_take(script_stream *s, script_record *out);
bool script_stream_first(const script_stream *s, script_record *out);
void script_stream_write(script_stream *s, script_cut cut, uint8_t epoch, const uint8_t *bytes,
                         size_t n);
/* The next handshake byte begins a new record. */
static inline void script_stream_close(script_stream *s)
{
    s->open = false;
}

void script_message_encode(uint8_t out[SCRIPT_MESSAGE], hf_msg msg, hf_facts facts);
/* Of a whole message in the buffer. */
hf_msg script_message_decode(const uint8_t *bytes, hf_facts *facts);
/* A record that holds one message by number (SCRIPT_RETRY and SCRIPT_CCS included) and these facts. */
script_record script_record_of(int injection, uint8_t epoch, hf_facts facts);

#endif
