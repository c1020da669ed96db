/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A bad peer for the real engine. Its own engine is real too, so that it always knows what a good
 * peer would say and under which keys; but none of its bytes leave by themselves. What it says is
 * taken from its trace, message by message, and the test decides what the victim gets: a message as
 * it is, changed, cut, left out, or records of any content under any of the keys.
 *
 *     hostile h;
 *     hostile_start(&h, HF_CLIENT, NULL);              the client is the victim
 *     hostile_until(&h, HF_MSG_Certificate, 0);        it waits for Certificate
 *     hostile_send(&h, HF_MSG_Finished, hf_span_of(NULL, 0));
 *     assert_int_equal(hostile_alert(&h), HF_ALERT_unexpected_message);
 *     hostile_free(&h);
 */
#ifndef TESTS_SUPPORT_HOSTILE_H
#define TESTS_SUPPORT_HOSTILE_H

#include "conn/conn.h"
#include "support/pair.h"

enum { HOSTILE_SAID_MAX = 64, HOSTILE_BODY_MAX = 140000 };

/* ---- bytes that can be changed ---- */

typedef struct hostile_bytes {
    uint8_t *data;
    size_t len, cap;
} hostile_bytes;

void hb_set(hostile_bytes *b, hf_span from);
void hb_add(hostile_bytes *b, hf_span more);
void hb_add_uint(hostile_bytes *b, size_t value, size_t width);
/* Replaces `len` bytes at `at` by others. */
void hb_replace(hostile_bytes *b, size_t at, size_t len, hf_span by);
void hb_free(hostile_bytes *b);
static inline hf_span hb_span(const hostile_bytes *b)
{
    return hf_span_of(b->data, b->len);
}

/* Extensions of a message body, lengths kept right. `msg` tells where the block stands (Certificate: the first entry's). */
size_t hb_extensions_at(const hostile_bytes *body,
                        hf_msg msg); /* of the block's two length bytes */
bool hb_extension(const hostile_bytes *body, hf_msg msg, uint16_t type, size_t *at,
                  size_t *len); /* of extension_data */
void hb_extension_remove(hostile_bytes *body, hf_msg msg, uint16_t type);
/* In the place of the one that is there, or added as the last. */
void hb_extension_put(hostile_bytes *body, hf_msg msg, uint16_t type, hf_span data);
/* Added in front, whether there is one already or not. */
void hb_extension_front(hostile_bytes *body, hf_msg msg, uint16_t type, hf_span data);
void hb_extension_last(hostile_bytes *body, hf_msg msg, uint16_t type, hf_span data);

/* ---- the bad peer ---- */

/* Something its engine said: a handshake message with its header, or a change_cipher_spec. */
typedef struct hostile_said {
    hf_msg msg;
    unsigned epoch; /* of the keys that it goes under; HF_PLAIN for change_cipher_spec */
    hostile_bytes bytes;
} hostile_said;

typedef struct hostile {
    pair p;
    hf_role victim, self;
    hostile_said said[HOSTILE_SAID_MAX];
    size_t n_said, delivered;
    size_t max_content; /* of its records; 0: 16384 */
    bool was_connected; /* the victim was, before the misbehaviour: see hostile_connected */
    hf_traffic keys[HF_APP + 1]; /* its writing keys by epoch, sequence counted here */
    hf_aead *aead;               /* what it seals by itself with: the worker is the victim's */
    uint8_t secret[HF_HASH_MAX]; /* of its application keys */
    unsigned n_alerts;           /* that it heard from the victim; and the last of them: */
    uint8_t last_alert[2];
    hf_trace_sink sink;
    void (*rewrite)(struct hostile *h, hf_msg msg, hostile_bytes *body);
    hostile_bytes rewritten;
    void (*configure)(hf_config *config, hf_role role, void *user);
    void *user; /* the test's */
    const struct hostile_carrier *carrier;
    struct hostile_line *line; /* the carrier's */
} hostile;

/* How bytes get to the victim and back, and who drives it. None: memory to memory, and this file does. */
typedef struct hostile_carrier {
    void (*start)(hostile *h);
    void (*give)(hostile *h, hf_span bytes); /* to the victim, which has dealt with them then */
    void (*eof)(hostile *h);
    bool (*take)(hostile *h); /* what the victim wrote, to the bad peer: whether anything moved */
    void (*stop)(hostile *h);
} hostile_carrier;

/* For every hostile_start from now on. keys: called whenever the bad peer has new writing keys. */
void hostile_carry_by(const hostile_carrier *carrier);
void hostile_on_keys(void (*keys)(const hostile *h));

/* options may be NULL; the trace of the bad peer's end is taken. Policies are the fast one unless options have others. */
void hostile_start(hostile *h, hf_role victim, const pair_options *options);
/* rewrite changes a message's body before the bad peer's own transcript and the wire: both ends agree on it. */
typedef void hostile_rewrite(hostile *h, hf_msg msg, hostile_bytes *body);
void hostile_start_with(hostile *h, hf_role victim, const pair_options *options,
                        hostile_rewrite *rewrite);
void hostile_free(hostile *h);
/* The bad peer is gone, and what it knew; the victim is still there. */
void hostile_leave(hostile *h);
/* A session that good ends with these options and the victim's policy make: the options get it, to be offered again. The bytes
   stay until the next call. prior: as rewrite, for the good client. */
void hostile_remember(pair_options *o, hf_role victim, hostile_rewrite *prior);
/* Good ends with these options and the victim's policy connect once. */
void hostile_visit(const pair_options *o, hf_role victim);
hf_conn *hostile_conn(const hostile *h); /* the victim */
pair_end *hostile_end(hostile *h);       /* the victim's */
/* Which version the two ends of hostile_policy speak from now on (TLS 1.3 unless said), and whether the victim of
   hostile_start speaks both, whatever its policy says. */
void hostile_speak(uint16_t version, bool victim_speaks_both);
/* "default" with X25519 and P-256, a share for X25519 only, AES-128 first: quick, and leaves room for a retry. */
const hf_policy *hostile_policy(void);
/* The same as a server's that prefers P-256: HelloRetryRequest follows. */
const hf_policy *hostile_retry_policy(void);

/* Carries what the victim writes to the bad peer and lets that go on; both ends' events are taken. */
void hostile_pump(hostile *h);
/* Delivers what is due, each message in a record of its own, up to but not including that one (the nth of its kind). */
void hostile_until(hostile *h, hf_msg msg, unsigned nth);
/* Delivers the next of what was said; false if there is nothing. */
bool hostile_next(hostile *h);
/* Delivers all. */
void hostile_rest(hostile *h);
/* … and the victim must be connected then. */
void hostile_connected(hostile *h);
/* The message that is due (after hostile_until). */
const hostile_said *hostile_due(const hostile *h);
hf_span hostile_due_body(const hostile *h);
/* Delivers this body in place of the due one, under its keys. */
void hostile_instead(hostile *h, hf_span body);
/* Leaves the due one out. */
void hostile_skip(hostile *h);

/* ---- arbitrary bytes, under the keys that the victim reads with now ---- */

/* A handshake message: header and body in one record. */
void hostile_send(hostile *h, hf_msg msg, hf_span body);
void hostile_send_type(hostile *h, uint8_t msg_type, hf_span body);
/* One record, protected if the victim has reading keys; padding: zeroes after the content type. */
void hostile_record(hostile *h, uint8_t type, hf_span content);
void hostile_record_padded(hostile *h, uint8_t type, hf_span content, size_t padding);
/* One record under the keys of that epoch. */
void hostile_record_under(hostile *h, unsigned epoch, uint8_t type, hf_span content);
/* One record in the clear, with any type (and version). */
void hostile_plain(hostile *h, uint8_t type, hf_span content);
void hostile_plain_version(hostile *h, uint16_t version, uint8_t type, hf_span content);
/* Any bytes, in a buffer of exactly that size. */
void hostile_raw(hostile *h, hf_span bytes);
/* A sealed record, not sent. */
void hostile_seal(hostile *h, unsigned epoch, uint8_t type, hf_span content, size_t padding,
                  hostile_bytes *out);
/* The bad peer's next generation of application keys. */
void hostile_next_keys(hostile *h);
void hostile_eof(hostile *h);
/* The victim's application says something; how much of it was taken. */
size_t hostile_say(hostile *h, hf_span data);

/* A rewrite: the first ClientHello offers early data with a PSK that nobody knows. */
void hostile_offer_early_data(hostile *h, hf_msg msg, hostile_bytes *body);
unsigned hostile_count_said(const hostile *h, hf_msg msg);

/* ---- what became of the victim ---- */

const hf_failure *hostile_failure(const hostile *h);
/* The alert that it sent, -1: none. */
int hostile_alert(const hostile *h);
/* Fails the test unless the victim is dead: nothing is sent, taken or delivered any more, and its secrets are gone. `data`: bytes
   received before. */
void hostile_assert_dead(hostile *h, size_t data);
/* … and that it sent this alert; the bad peer must have been able to read it if it still lives. */
void hostile_assert_alert(hostile *h, int alert);
/* Delivers all, and then data flows both ways. */
void hostile_assert_works(hostile *h);

#endif
