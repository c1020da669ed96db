/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The rows of tests/hostile/alerts.tsv as tests: a case is a misbehaviour in one or more variants;
 * the table says which alerts are right for it and what becomes of the connection. Every row of a
 * version is tested at each of its receivers; else the program fails. A feature that we do not have is
 * tested by what refuses it.
 */
#ifndef TESTS_SUPPORT_HOSTILE_ROWS_H
#define TESTS_SUPPORT_HOSTILE_ROWS_H

#include "support/hostile.h"

/* Who receives the misbehaviour. */
enum { AT_CLIENT = 1, AT_SERVER = 2, AT_BOTH = 3 };

typedef struct hostile_case {
    const char *id;   /* the row */
    unsigned victims; /* AT_… */
    int variants;     /* 0 counts as 1 */
    /* Either: the nth message `at` is delivered with its body changed … */
    hf_msg at;
    unsigned nth;
    void (*edit)(hostile_bytes *body, int variant);
    /* … or anything. */
    void (*run)(hostile *h, int variant);
    hostile_rewrite *rewrite;
    void (*options)(pair_options *o, int variant);
    void (*check)(hostile *h, int variant); /* besides the judgement by the row's outcome */
    hf_error code; /* of the failure, where several have that alert; HF_OK: any */
    bool policy;   /* the blame is the policy's: both ends are sound */
    bool aborts;   /* it is the victim's application that says no, and so the blame is ours */
    bool lawful;   /* what the row must not be taken to forbid: all is well */
    int alert;  /* not the row's: we have no such feature, or tests/hostile/disputed.md; 0: it is */
    bool alone; /* only with a victim that speaks no other version … */
    bool wide;  /* … only with one that speaks both; neither: with the one and the other */
    bool sessions;              /* the server has tickets, the client asks for a session … */
    bool cache;                 /* … the server has a cache instead … */
    const hf_sessions_ops *ops; /* … and keeps what these say elsewhere … */
    bool resumes;               /* … and offers the session of a handshake before this one … */
    hostile_rewrite *prior;     /* … where its messages were rewritten by this */
    /* … and then this may be done: to the server's memory, to what is offered */
    void (*before)(pair_options *o, int variant);
} hostile_case;

typedef struct hostile_rows {
    uint16_t version; /* HF_TLS13, HF_TLS12 */
    const hostile_case *cases;
    size_t n_cases;
} hostile_rows;

/* Runs each case as a test of its own, then fails if a row of this program (which has which: hostile_rows.c) is not tested at
   all its receivers, or cases (times variants) are fewer than `least`. For main to return. With HOSTILE_ROW=id in the
   environment that row's cases run alone (scripts/mutate-checks); HF_HOSTILE_OVER=sockets puts the victims behind sockets. */
int hostile_rows_main(const char *name, const hostile_rows *rows, unsigned least);
/* The case that runs: set by the runner alone. */
typedef struct hostile_running {
    int variant;
    hf_role victim;
    uint16_t version;
    hf_sessions *sessions;
    bool prior;
} hostile_running;
extern hostile_running hostile_now;

/* Which variant's rewrite or hook is running, at whom, and whether it is the handshake before the one under test. */
int hostile_variant(void);
hf_role hostile_victim(void);
uint16_t hostile_version(void);
bool hostile_is_prior(void);
hf_sessions *hostile_sessions(void); /* the server's */

/* Building blocks. */
/* The victim waits for a protected message: Certificate, or the client's Finished; in TLS 1.2 the Finished of either. */
void hostile_until_protected(hostile *h);
/* run: everything as the bad peer's engine says it. */
void hostile_deliver_all(hostile *h, int variant);
void hostile_give_alert(hostile *h, int level, int description);
void hostile_give_data(hostile *h, const char *text);
/* A record of early data; in the clear where the bad peer has no keys for it. */
void hostile_give_early(hostile *h, hf_span data);
/* check: all is well, and 100 bytes of early data were taken. */
void hostile_check_early(hostile *h, int variant);
void hostile_retry(pair_options *o, int variant); /* options: a HelloRetryRequest for P-256 */
void hostile_retry_cookie(pair_options *o, int variant); /* … with a cookie */
void hostile_hybrid(pair_options *o, int variant);       /* X25519MLKEM768 */
void hostile_pure(pair_options *o, int variant);         /* MLKEM1024 alone */
void hostile_alpn(pair_options *o, int variant);         /* both ends know h2 and http/1.1 */
void hostile_mutual(pair_options *o, int variant); /* client certificates are required and shown */
void hostile_rsa(pair_options *o, int variant);    /* all keys are RSA */
void hostile_static_rsa(pair_options *o, int variant); /* … and TLS 1.2 exchanges keys by them */
/* A key that was shared beforehand: the server has certificates too, or nothing else. */
void hostile_psk(pair_options *o, int variant);
void hostile_psk_only(pair_options *o, int variant);
/* Both ends know such a key, of that identity each. */
void hostile_share_key(pair_options *o, const char *clients, const char *servers);
/* 0-RTT is on at both ends (with resumes). */
enum { HOSTILE_EARLY = 1000 };
void hostile_early(pair_options *o, int variant);
/* configure: what that role signs is changed first. */
void hostile_sign_other(hf_config *config, void (*change)(hostile_bytes *content));
/* check: the victim has failed and said nothing; … because of the peer's alert. */
void hostile_check_silent(hostile *h, int variant);
void hostile_check_alert_received(hostile *h, int variant);

/* Rows of a table of cases. */
#define RUN(row, who, n, function)                                                                 \
    {                                                                                              \
        .id = row, .victims = who, .variants = n, .run = function                                  \
    }
#define WITH(row, who, n, function, ...)                                                           \
    {                                                                                              \
        .id = row, .victims = who, .variants = n, .run = function, __VA_ARGS__                     \
    }
/* The nth message of a kind, edited. */
#define EDIT(row, who, n, msg, number, function)                                                   \
    {                                                                                              \
        .id = row, .victims = who, .variants = n, .at = msg, .nth = number, .edit = function       \
    }
#define EDIT_WITH(row, who, n, msg, number, function, ...)                                         \
    {                                                                                              \
        .id = row, .victims = who, .variants = n, .at = msg, .nth = number, .edit = function,      \
        __VA_ARGS__                                                                                \
    }
/* A rewrite only, and all is delivered. */
#define REWRITE(row, who, n, function, ...)                                                        \
    {                                                                                              \
        .id = row, .victims = who, .variants = n, .rewrite = function, __VA_ARGS__                 \
    }

#endif
