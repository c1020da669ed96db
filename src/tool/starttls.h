/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The dialogue by which a protocol that begins in the clear agrees to go on with TLS, as a machine
 * over bytes: it is fed what the peer said, and tells what to send, that TLS may start, or why not.
 * It knows no socket and no clock (prelude.h has them).
 *
 *     hf_starttls_start(&s, hf_starttls_script_of("smtp"), "mail.example.org", NULL);
 *     while (s.state == HF_STARTTLS_TALKING)
 *         … send s.out (hf_starttls_sent), hf_starttls_feed(&s, what came)
 *
 * Nothing that was said in the clear has a meaning once TLS runs: the machine keeps none of it, and
 * refuses what comes between the peer's word and our ClientHello.
 */
#ifndef HF_TOOL_STARTTLS_H
#define HF_TOOL_STARTTLS_H

#include "tool/trouble.h"

enum {
    HF_STARTTLS_ANSWER_MAX = 16 * 1024, /* one answer of the peer, all of its lines */
    HF_STARTTLS_OUT_MAX = 768,          /* our longest words: XMPP's stream header with a name */
    HF_STARTTLS_SAID_MAX = 160          /* of an answer that is quoted */
};

typedef enum hf_starttls_state {
    HF_STARTTLS_TALKING,
    HF_STARTTLS_GO, /* once `out` is sent, the next byte is our ClientHello's */
    HF_STARTTLS_NO
} hf_starttls_state;

typedef enum hf_starttls_why {
    HF_STARTTLS_NOT_OFFERED,
    HF_STARTTLS_REFUSED,
    HF_STARTTLS_UNEXPECTED, /* the answer is none of that protocol */
    HF_STARTTLS_EARLY,      /* an answer to what was not asked yet */
    HF_STARTTLS_INJECTED,
    HF_STARTTLS_TOO_LONG,
    HF_STARTTLS_CLOSED,
    HF_STARTTLS_LATE
} hf_starttls_why;

typedef struct hf_starttls hf_starttls;

/* Each part of the dialogue goes here as it happens, for --trace. */
typedef void (*hf_starttls_trace)(const char *title, bool ours, hf_span bytes);

/* One protocol. Its functions look at a dialogue and call what stands under "for scripts". */
typedef struct hf_starttls_script {
    const char *word;  /* of --starttls */
    const char *title; /* "SMTP" */
    uint16_t port;
    uint16_t tls_port; /* where it speaks TLS from the first byte; 0: nowhere */
    bool unasked;      /* the server may say more than it was asked */
    void (*begin)(hf_starttls *s);
    /* A whole answer at the beginning of `got`: acts on it and returns its length. 0: it goes on. */
    size_t (*take)(hf_starttls *s, hf_span got);
} hf_starttls_script;

struct hf_starttls {
    const hf_starttls_script *script;
    const char *name; /* the server's, as it is verified afterwards */
    hf_starttls_trace trace;
    hf_starttls_state state;
    unsigned step;        /* the script's own */
    const char *expected; /* "250 to EHLO" */
    size_t in_len, out_len;
    uint8_t in[HF_STARTTLS_ANSWER_MAX], out[HF_STARTTLS_OUT_MAX];
    hf_starttls_why why;             /* state NO */
    char said[HF_STARTTLS_SAID_MAX]; /* what the peer answered, made visible; "": nothing */
    size_t extra;                    /* EARLY, INJECTED: bytes */
};

/* By the word of --starttls, which is one of them. */
const hf_starttls_script *hf_starttls_script_of(const char *word);

/* `name` outlives the dialogue; trace may be NULL. */
void hf_starttls_start(hf_starttls *s, const hf_starttls_script *script, const char *name,
                       hf_starttls_trace trace);
void hf_starttls_feed(hf_starttls *s, hf_span bytes);
/* n bytes of `out` are on their way. */
void hf_starttls_sent(hf_starttls *s, size_t n);
/* No more will come: the peer closed (CLOSED) or time is over (LATE). */
void hf_starttls_end(hf_starttls *s, hf_starttls_why why);
/* What came of state NO, for people: starttls_words.c. */
void hf_starttls_trouble(const hf_starttls *s, hf_trouble *trouble, const char *where);

/* ---- for scripts ---- */

void hf_starttls_say(hf_starttls *s, const void *bytes, size_t len);
/* What comes next must be that. A static text. */
void hf_starttls_await(hf_starttls *s, const char *expected);
void hf_starttls_go(hf_starttls *s);
/* `said`: the part of the answer that tells most; its first line is kept. */
void hf_starttls_no(hf_starttls *s, hf_starttls_why why, hf_span said);
/* The first line of foreign bytes as printable ASCII, cut to what fits. */
void hf_starttls_visible(hf_span bytes, char *out, size_t room);

extern const hf_starttls_script hf_starttls_smtp, hf_starttls_imap, hf_starttls_pop3,
    hf_starttls_ldap, hf_starttls_xmpp, hf_starttls_postgres, hf_starttls_mysql;

#endif
