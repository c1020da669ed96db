/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the inquiries about known weaknesses share. Each says something that a good server refuses, and looks at how: it goes as far as
 * that, asks for nothing that it does not throw away, and judges by a difference that chance does not make. Silence proves nothing.
 */
#ifndef HF_AUDIT_WEAK_H
#define HF_AUDIT_WEAK_H

#include "audit/inquiry.h"
#include "base/builder.h"

enum { HF_WEAK_PATIENCE_MS = 1500 }; /* for an answer that may never come */

/* Of one connection: what was said after the server's flight. */
typedef struct hf_weak_said {
    bool said;
    size_t n;
    uint8_t bytes[HF_EVIDENCE_BYTES]; /* the first of them, for the evidence */
} hf_weak_said;

/* The newest version up to TLS 1.2 that is spoken, not older than `oldest`; HF_V_COUNT: none. */
hf_seen_version_id hf_weak_version(const hf_seen *seen, hf_seen_version_id oldest);
/* There is nobody to ask: idle, as none of these versions is spoken; UNKNOWN if nobody could tell whether. */
void hf_weak_idle(hf_inquiry *q, hf_trait_id id, hf_seen_version_id oldest);
/* It never came to the question: UNKNOWN, with what came instead. */
void hf_weak_unasked(hf_inquiry *q, hf_trait_id id, const hf_reply *reply);
/* A hello of that version is asked with, and after the server's flight what `more` says; it gets the inquiry as its user. */
bool hf_weak_ask(hf_inquiry *q, hf_ask *ask, const hf_crafted *hello,
                 size_t (*more)(void *user, const hf_flight *flight, uint8_t out[HF_ASK_MORE_MAX],
                                size_t *records));
/* One record in the clear. */
void hf_weak_record(hf_builder *b, uint8_t type, uint16_t version, hf_span content);
/* A Finished of zeroes that comes too early: whatever a server did not answer before, to this it has something to say. */
void hf_weak_nonsense(hf_builder *b, uint16_t version, size_t len);
/* What a `more` returns: the length, or 0 if it did not fit. */
size_t hf_weak_say(hf_weak_said *said, hf_builder *b);

/* The answer to it. */
typedef struct hf_weak_answer {
    bool alert,
        strange_alert; /* an alert in the clear; one whose length is not an alert's: it is encrypted */
    uint8_t description;
    bool gone;   /* the connection was closed or reset */
    bool silent; /* time was over */
} hf_weak_answer;
hf_weak_answer hf_weak_answer_of(const hf_flight *flight);
/* "unexpected_message (10)", "a closed connection", "silence". */
char *hf_weak_words(const hf_weak_answer *answer, char text[HF_FLIGHT_WORDS]);
/* With what was said and the records that answered it; of heartbeat messages no more than their header is kept. */
size_t hf_weak_evidence(const hf_inquiry *q, const hf_weak_said *said, const hf_flight *flight,
                        const char *words, ...) HF_PRINTF(4, 5);

#endif
