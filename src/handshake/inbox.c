/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The inbox: the peer's handshake bytes between record and message. A message may span records and a
 * record may hold several messages; the buffer exists only while something is in it.
 */
#include "handshake/engine.h"

enum { INBOX_FIRST = 2048, RANDOM_END = 34 };

bool hf_engine_mid_message(const hf_engine *e)
{
    return e->inbox_len > 0;
}

static hf_error make_room(hf_engine *e, size_t more)
{
    size_t want = e->inbox_len + more, cap = e->inbox_cap ? e->inbox_cap : INBOX_FIRST;

    if (want <= e->inbox_cap)
        return HF_OK;
    while (cap < want)
        cap *= 2;
    uint8_t *bigger = hf_block_take(&e->worker->blocks, cap);
    if (!bigger)
        return HF_E_NO_MEMORY;
    if (e->inbox_len > 0)
        memcpy(bigger, e->inbox, e->inbox_len);
    hf_block_give(&e->worker->blocks, e->inbox, e->inbox_cap, e->inbox_cap);
    e->inbox = bigger;
    e->inbox_cap = cap;
    return HF_OK;
}

/* Bounded by the limit of the message at the head (hf_inbox_peek) and one record: the connection feeds
   a record only when no whole message is here. */
hf_error hf_engine_feed(hf_engine *e, hf_span bytes)
{
    TRY(hf_engine_begin(e));
    if (++e->fragments > HF_FRAGMENTS_MAX)
        return HF_E_FRAGMENT_FLOOD;
    TRY(make_room(e, bytes.len));
    memcpy(e->inbox + e->inbox_len, bytes.data, bytes.len);
    e->inbox_len += bytes.len;
    return HF_OK;
}

hf_error hf_engine_feed_ccs(hf_engine *e)
{
    if (e->inbox_len > 0)
        return HF_E_INTERLEAVED; /* RFC 9846 5.1#2 #3 */
    e->ccs = true;
    return HF_OK;
}

/* ServerHello and HelloRetryRequest share a type: the random, whose last byte is the 34th, tells them
   apart, before anything else is read (RFC 9846 4.2.3#12). HF_MSG_NONE until it is here. */
static hf_msg kind_of(const hf_engine *e, size_t len)
{
    const size_t enough = len < RANDOM_END ? len : RANDOM_END;
    hf_msg msg = hf_msg_of_type(e->inbox[0]);

    if (msg != HF_MSG_ServerHello)
        return msg;
    if (e->inbox_len < HF_HANDSHAKE_HEADER + enough)
        return HF_MSG_NONE;
    return hf_is_retry(hf_span_of(e->inbox + HF_HANDSHAKE_HEADER, enough))
               ? HF_MSG_HelloRetryRequest
               : msg;
}

/* Not told apart yet, a ServerHello or HelloRetryRequest is whichever is waited for. */
static bool is_expected(hf_msg msg, hf_msg expected)
{
    bool hello = expected == HF_MSG_ServerHello || expected == HF_MSG_HelloRetryRequest;

    return msg == expected || (msg == HF_MSG_NONE && hello);
}

static hf_error peek_ccs(hf_engine *e, hf_msg *msg, bool *whole)
{
    static const uint8_t one = 1;

    *msg = e->msg = HF_MSG_ChangeCipherSpec;
    *whole = true;
    e->message = hf_span_of(&one, 1);
    return HF_OK;
}

static hf_error too_long(hf_msg msg)
{
    return msg == HF_MSG_Certificate ? HF_E_CERT_CHAIN_TOO_LARGE : HF_E_MESSAGE_TOO_LONG;
}

/* The limit is for the message that is waited for: any other is refused or passed by its kind, and
   never buffered. */
hf_error hf_inbox_peek(hf_engine *e, hf_msg expected, hf_msg *msg, bool *whole)
{
    *msg = HF_MSG_NONE;
    if (e->ccs)
        return peek_ccs(e, msg, whole);
    if (e->inbox_len < HF_HANDSHAKE_HEADER)
        return HF_OK;
    size_t len = (size_t)e->inbox[1] << 16 | (size_t)e->inbox[2] << 8 | e->inbox[3];
    *msg = e->msg = kind_of(e, len);
    *whole = e->inbox_len >= HF_HANDSHAKE_HEADER + len || *msg == HF_MSG_UNKNOWN;
    e->message =
        hf_span_of(e->inbox, HF_HANDSHAKE_HEADER + (*whole && *msg != HF_MSG_UNKNOWN ? len : 0));
    if (e->role == HF_CLIENT && *msg == HF_MSG_HelloRetryRequest && e->script.facts & HF_F_RETRY)
        return hf_refuse(e, HF_E_RETRY_TWICE, "random", NULL, NULL); /* RFC 9846 4.2.4#5 */
    if (*msg != HF_MSG_UNKNOWN && is_expected(*msg, expected) && len > hf_msg_limit(expected))
        return hf_refuse(e, too_long(*msg), "length", NULL, NULL);
    return HF_OK;
}

void hf_inbox_consume(hf_engine *e)
{
    size_t n = e->message.len;

    e->message = (hf_span){ NULL, 0 };
    e->fragments = 0;
    if (e->ccs) {
        e->ccs = false;
        return;
    }
    memmove(e->inbox, e->inbox + n, e->inbox_len - n);
    e->inbox_len -= n;
    if (e->inbox_len > 0)
        return;
    hf_block_give(&e->worker->blocks, e->inbox, e->inbox_cap, e->inbox_cap);
    e->inbox = NULL;
    e->inbox_cap = 0;
}
