/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the words of a story are made of, for words*.c and for the page's files that tell the same: text that is put together piece
 * by piece, and what was said in the clear or proved up to a step, read from the messages with the engine's own readers. What
 * cannot be read is not known.
 */
#ifndef HF_EXPLAIN_WORDS_H
#define HF_EXPLAIN_WORDS_H

#include "explain/story.h"

/* ---- text ---- */

/* What finds no room is cut, and "…" stands for it. */
typedef struct hf_phrase {
    char *text; /* HF_WORDS_ROOM bytes */
    size_t len;
    bool cut;
} hf_phrase;
hf_phrase hf_phrase_start(char text[HF_WORDS_ROOM]);
void hf_phrase_add(hf_phrase *p, const char *format, ...) HF_PRINTF(2, 3);
/* Somebody else's bytes: what is not printable ASCII is shown as \xNN, and no more than 80 bytes of it. */
void hf_phrase_quote(hf_phrase *p, hf_span bytes);
void hf_phrase_name(hf_phrase *p, hf_names names, uint64_t value);
/* "7 records", "1 record" */
void hf_phrase_count(hf_phrase *p, uint64_t n, const char *what);
/* "a", "a and b", "a, b and 5 more": up to 3 names, GREASE left out. */
void hf_phrase_list(hf_phrase *p, hf_names names, const uint16_t *values, size_t n);
/* "h2, http/1.1": a list of vec8 (hf_name_next). */
void hf_phrase_alpn(hf_phrase *p, hf_span list);

/* Records that stay closed: of what, and whose ("the client"; NULL: of both). */
typedef struct hf_closed {
    uint16_t version, suite;
    const char *who;
} hf_closed;
/* Adds `before` and the reason, if it is known: "handfast opens no records of TLS 1.1". */
bool hf_phrase_closed(hf_phrase *p, const hf_story *story, const hf_closed *what,
                      const char *before);

/* "client", "server" */
const char *hf_end_name(unsigned role);
static inline hf_role hf_other(hf_role role)
{
    return role == HF_CLIENT ? HF_SERVER : HF_CLIENT;
}

/* ---- what is known ---- */

/* How the keys come about. Of TLS 1.2 and older it stands in the suite's name. */
typedef enum hf_exchange {
    HF_EXCHANGE_UNKNOWN,
    HF_EXCHANGE_TLS13,
    HF_EXCHANGE_ECDHE,
    HF_EXCHANGE_DHE,
    HF_EXCHANGE_RSA,
    HF_EXCHANGE_PSK,
    HF_EXCHANGE_ECDHE_PSK,
    HF_EXCHANGE_DHE_PSK,
    HF_EXCHANGE_RSA_PSK,
    HF_EXCHANGE_ANON,
    HF_EXCHANGE_STATIC_DH
} hf_exchange;
hf_exchange hf_exchange_of(uint16_t version, uint16_t suite);
static inline bool hf_exchange_is_psk(hf_exchange x)
{
    return x == HF_EXCHANGE_PSK || x == HF_EXCHANGE_ECDHE_PSK || x == HF_EXCHANGE_DHE_PSK ||
           x == HF_EXCHANGE_RSA_PSK;
}

typedef struct hf_story_known {
    unsigned hellos; /* ClientHellos so far */
    bool offer_read; /* `offer` is the last of them */
    hf_client_hello offer;
    bool retry; /* HelloRetryRequest, in `asked` */
    hf_server_hello asked;
    bool answer_read; /* ServerHello */
    hf_server_hello answer;
    uint16_t version, suite, group; /* 0: not yet */
    hf_exchange exchange;
    bool psk;     /* TLS 1.3: the server took a pre-shared key; TLS 1.2: the suite is one of PSK */
    bool resumed; /* TLS 1.2 */
    bool psk_named; /* TLS 1.2: the client has named it, in the clear */
    bool
        early_refused; /* EncryptedExtensions came without early_data, though it was offered; or HelloRetryRequest */
    bool cert_asked;        /* CertificateRequest */
    size_t certificates[2]; /* in the Certificate of each writer */
    bool cert_clear[2];     /* … which went in the clear */
    bool signature[2];      /* CertificateVerify, or a signed ServerKeyExchange */
    bool finished[2], ccs[2];
    bool sealed[2]; /* that writer wrote what nobody here has the keys of */
    bool data[2];   /* application data, after early data */
    bool ticket, ticket_clear;
    bool prelude, early; /* early: early data was sent */
    bool encrypted;      /* something was */
    bool bare;           /* something went under keys that do not encrypt (hf_suite_is_null) */
} hf_known;
/* Reads every message once; story.c calls it when the steps are there. False: no memory. */
bool hf_known_learn(hf_story *story);
/* After that step; the spans point into the story's bytes. */
void hf_known_at(const hf_story *story, size_t step, hf_known *known);

/* The body's reader, after the header. */
hf_reader hf_body_reader(const hf_story_step *step, hf_fault *fault);
/* The step's message, read whole; false: it is none of that kind, or cannot be read. */
bool hf_read_client_hello(const hf_story_step *step, hf_client_hello *hello);
bool hf_read_server_hello(const hf_story_step *step, hf_server_hello *hello);
bool hf_read_certificate(const hf_story_step *step, hf_certificate *certificate);

/* Of a ClientHello: the versions that it offers (supported_versions, else legacy_version), its groups with a share. */
enum { HF_OFFERS_MAX = 32 };
size_t hf_offered_versions(const hf_client_hello *hello, uint16_t versions[HF_OFFERS_MAX]);
size_t hf_offered_shares(const hf_client_hello *hello, uint16_t groups[HF_OFFERS_MAX]);
bool hf_offers(const hf_client_hello *hello, hf_ext ext);
/* encrypted_client_hello (RFC 9849), which may be GREASE. */
bool hf_offers_ech(const hf_client_hello *hello);
static inline bool hf_is_13(uint16_t version)
{
    return version == HF_TLS13;
}

/* Of the two KeyExchange messages: their form is known here (follow.c). */
static inline bool hf_exchange_is_read(const hf_story_step *step)
{
    return step->wire.version == HF_TLS12;
}

/* words_hello.c, words_exchange.c, words_certificate.c: summaries of single messages. */
typedef struct hf_telling {
    const hf_story *story;
    const hf_story_step *step;
    hf_known before, after;
    hf_phrase *out;
} hf_telling;
void hf_tell_client_hello(const hf_telling *t);
void hf_tell_server_hello(const hf_telling *t);
void hf_tell_retry(const hf_telling *t);
void hf_tell_encrypted_extensions(const hf_telling *t);
void hf_tell_certificate(const hf_telling *t);
void hf_tell_certificate_request(const hf_telling *t);
void hf_tell_certificate_status(const hf_telling *t);
void hf_tell_certificate_verify(const hf_telling *t);
void hf_tell_server_key_exchange(const hf_telling *t);
void hf_tell_client_key_exchange(const hf_telling *t);
void hf_tell_ticket(const hf_telling *t);
void hf_tell_finished(const hf_telling *t);
void hf_tell_key_update(const hf_telling *t);

#endif
