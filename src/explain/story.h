/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The story of a handshake: what a tape means. Messages are cut out of the records, each with the row of the script that it
 * followed, the fields that it has, and what both ends and a stranger on the line knew once it was there. Every output (text.h,
 * json.h, page.h) is written from a story.
 */
#ifndef HF_EXPLAIN_STORY_H
#define HF_EXPLAIN_STORY_H

#include "explain/follow.h"
#include "explain/tape.h"
#include "explain/tree.h"

typedef enum hf_step_kind {
    HF_STEP_MESSAGE, /* of the handshake */
    HF_STEP_CCS,     /* change_cipher_spec */
    HF_STEP_ALERT,
    HF_STEP_DATA,    /* application data: a run of records of one writer */
    HF_STEP_SEALED,  /* protected records that nobody here can open: a run of them */
    HF_STEP_PRELUDE, /* before TLS */
    HF_STEP_KEYS,    /* the writer's keys change */
    HF_STEP_BROKEN   /* a message whose rest never came, or bytes that are no message */
} hf_step_kind;

typedef struct hf_story_step {
    hf_step_kind kind;
    hf_role writer;
    unsigned number; /* of messages, alerts and change_cipher_specs: 1, 2, …; others 0 */
    unsigned flight; /* turns of the writer: 1, 2, … */
    hf_msg msg;
    const char *name; /* "ServerHello", "Alert", "application data", "keys" */
    hf_wire wire;     /* what its reader had to know */
    hf_span
        bytes; /* message with its header, or the alert's two bytes; empty: not known. In the tape or the story */
    uint64_t us; /* when its first byte was there, and its last */
    uint64_t us_end;
    uint8_t epoch; /* of its bytes */
    bool encrypted;
    bool bare; /* under keys that authenticate and do not encrypt: `encrypted` is false then */
    uint16_t version, cipher_suite;   /* settled once it was read, 0: not yet */
    size_t first_record, last_record; /* events of the tape; equal: within one record */
    size_t n_records, wire_len;       /* DATA, SEALED: how many, and how many bytes with headers */
    const hf_row *row;   /* of the script; NULL: none expected it, or KEYS that a message changes */
    const char *source;  /* the row's, or the section that defines it; never NULL */
    uint8_t provable[2]; /* what each role could hold proved after it (hf_follower) */
    uint8_t proved;      /* live: what the tape's own end had proved by then */
    bool refused;        /* the failure points at it */
    size_t known;        /* in the story's */
} hf_story_step;

/* What is cut out of the records; no connection that anybody wants to look at has so many. */
enum { HF_STORY_MESSAGES_MAX = 1024 };

typedef struct hf_story {
    const hf_tape *tape; /* must outlive the story */
    hf_story_step *steps;
    size_t n;
    uint8_t *streams[2]; /* the handshake bytes of each writer, that steps point into */
    size_t n_stream[2];
    hf_follower end; /* how it stood at the end */
    bool connected;  /* both Finished were seen, and it did not fail */
    bool failed;     /* the tape says so, or an alert ended it (ended_by) */
    size_t ended_by; /* the alert that ended the handshake, or told what came of it; n: none did */
    size_t verdict[2]; /* each role's own; n: none */
    size_t refuses[2]; /* … and from which step on it accepted no more; n: there is none */
    bool
        unverified; /* the tape's own end went on though the chain that it was shown is not proved (--insecure): it does not know
                        who the other end is */
    unsigned messages, flights;
    struct hf_story_known
        *known; /* what the messages had settled and shown, step by step (words.h) */
    size_t n_known;
    size_t left_out; /* bytes of handshake messages after the first HF_STORY_MESSAGES_MAX */
    uint64_t us;     /* from the first to the last event */
} hf_story;

/* NULL: no memory. */
hf_story *hf_story_of(const hf_tape *tape);
void hf_story_free(hf_story *story);

/* The fields of a step; HF_E_MISUSE for one that has no bytes. */
hf_error hf_story_tree(const hf_story_step *step, hf_tree *tree);
/* Which proofs that role holds after the step: of the tape's own end what it did prove, of the other what it could; without what
   checks or alerts show to be refused. */
uint8_t hf_step_proofs(const hf_story *story, size_t step, hf_role to);
/* The chain was held to rules, and broke one. */
bool hf_is_chain_refused(const hf_tape *tape);
/* Of a story in the making, whose steps are there: ended_by, verdict, refuses and unverified. */
void hf_story_find_end(hf_story *story);
/* Of its making as well (story_proof.c): what the tape's own end had proved; the event of the record that it could not open, tape->n: of none; and the step that it
   refused. */
void hf_story_put_proofs(hf_story *story);
size_t hf_story_find_shut(const hf_tape *tape);
void hf_story_find_fault(hf_story *story, size_t shut);
/* Since the first thing that was seen, of a time since the tape began: what people are shown. */
static inline uint64_t hf_story_us(const hf_story *story, uint64_t us)
{
    return story->n > 0 && us > story->steps[0].us ? us - story->steps[0].us : 0;
}
/* The step that the failure points at, or the last one; story->n if there is none. */
size_t hf_story_fault(const hf_story *story);

/* ---- words: one or two sentences each. Return text. ---- */

enum { HF_WORDS_ROOM = 640 };
/* "chooses TLS_AES_128_GCM_SHA256 and X25519MLKEM768: from here both ends have a shared secret" */
char *hf_step_summary(const hf_story *story, size_t step, char text[HF_WORDS_ROOM]);
/* What this message is for, whatever is in it: from steps.def. Static, never NULL. */
const char *hf_step_purpose(const hf_story_step *step);
/* What somebody on the line can read at that moment, this step and those before included. */
char *hf_step_eavesdropper(const hf_story *story, size_t step, char text[HF_WORDS_ROOM]);
/* What each end would have proved had it stopped after this step. */
char *hf_step_proved(const hf_story *story, size_t step, hf_role to, char text[HF_WORDS_ROOM]);
/* Which secret protects this step's bytes ("client_handshake_traffic_secret"); "none: in the clear". Static. */
const char *hf_step_secret(const hf_story *story, size_t step);
/* How it ended: "connected", or the failure's sentence with blame and hint. */
char *hf_story_outcome(const hf_story *story, char text[HF_WORDS_ROOM]);

/* The groupings of teaching texts. Names are static; NULL: there is no such number. */
const char *hf_phase_name(unsigned phase); /* 1 to 4 */
const char *hf_six_name(unsigned step);    /* 1 to 6 */
const char *hf_nine_name(unsigned step);   /* 1 to 9 */
/* What the RFC calls the group that a message is of: "Key Exchange", "Server Parameters", "Authentication"; "" for others. */
const char *hf_rfc_group(const hf_story_step *step);

#endif
