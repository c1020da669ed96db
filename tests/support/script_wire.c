/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Records as flat bytes: a connection must be cheap to copy, for it is copied before each injection. */
#include "support/script_wire.h"
#include "support/script_figures.h"

#include <string.h>

enum { HEADER = 3 };

void script_stream_put(script_stream *s, const script_record *record)
{
    if (s->len + HEADER + (size_t)record->len > sizeof s->bytes) {
        s->overflow = true;
        return;
    }
    uint8_t *at = s->bytes + s->len;
    at[0] = record->type;
    at[1] = record->epoch;
    at[2] = record->len;
    memcpy(at + HEADER, record->bytes, record->len);
    s->last = s->len;
    s->len = (uint16_t)(s->len + HEADER + record->len);
}

bool script_stream_first(const script_stream *s, script_record *out)
{
    if (s->len == 0)
        return false;
    *out = (script_record){ .type = s->bytes[0], .epoch = s->bytes[1], .len = s->bytes[2] };
    memcpy(out->bytes, s->bytes + HEADER, out->len);
    return true;
}

bool script_stream_take(script_stream *s, script_record *out)
{
    if (!script_stream_first(s, out))
        return false;
    size_t n = HEADER + (size_t)out->len;
    memmove(s->bytes, s->bytes + n, s->len - n);
    s->len = (uint16_t)(s->len - n);
    s->last = s->last >= n ? (uint16_t)(s->last - n) : 0;
    s->open = s->open && s->len > 0;
    return true;
}

/* Coalesced: an open record takes more, whatever the epoch is by now. Closing it is the duty of the one
   who changes keys, and that he does it is what we want to see. */
static bool add_to_open(script_stream *s, const uint8_t *bytes, size_t n)
{
    uint8_t *record = s->bytes + s->last;

    if (!s->open || record[2] + n > SCRIPT_RECORD_MAX || s->len + n > sizeof s->bytes)
        return false;
    memcpy(s->bytes + s->len, bytes, n);
    record[2] = (uint8_t)(record[2] + n);
    s->len = (uint16_t)(s->len + n);
    return true;
}

void script_stream_write(script_stream *s, script_cut cut, uint8_t epoch, const uint8_t *bytes,
                         size_t n)
{
    size_t most = cut == SCRIPT_RECORD_A_BYTE ? 1 : n;

    if (cut == SCRIPT_COALESCED && add_to_open(s, bytes, n))
        return;
    for (; n > 0; n -= most, bytes += most) {
        script_record r = { .type = HF_CT_HANDSHAKE, .epoch = epoch, .len = (uint8_t)most };
        memcpy(r.bytes, bytes, most);
        script_stream_put(s, &r);
    }
    s->open = true;
}

void script_message_encode(uint8_t out[SCRIPT_MESSAGE], hf_msg msg, hf_facts facts)
{
    out[0] = hf_msg_type(msg);
    out[1] = SCRIPT_MESSAGE - 2;
    for (size_t i = 0; i < 4; i++)
        out[2 + i] = (uint8_t)(facts >> (8 * i));
    out[6] = msg == HF_MSG_HelloRetryRequest;
}

hf_msg script_message_decode(const uint8_t *bytes, hf_facts *facts)
{
    hf_msg msg = hf_msg_of_type(bytes[0]);

    *facts = 0;
    for (size_t i = 0; i < 4; i++)
        *facts |= (hf_facts)bytes[2 + i] << (8 * i);
    return msg == HF_MSG_ServerHello && bytes[6] ? HF_MSG_HelloRetryRequest : msg;
}

script_record script_record_of(int injection, uint8_t epoch, hf_facts facts)
{
    script_record r = { .type = HF_CT_HANDSHAKE, .epoch = epoch, .len = SCRIPT_MESSAGE };

    if (injection == SCRIPT_CCS)
        return (script_record){
            .type = HF_CT_CHANGE_CIPHER_SPEC, .epoch = epoch, .len = 1, .bytes = { 1 }
        };
    script_message_encode(r.bytes, HF_MSG_UNKNOWN, facts);
    r.bytes[0] = (uint8_t)(injection == SCRIPT_RETRY ? 2 : injection);
    r.bytes[6] = injection == SCRIPT_RETRY;
    return r;
}
