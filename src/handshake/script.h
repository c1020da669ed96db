/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The scripts: a handshake as tables of rows, and the loop that walks them. They are the only state
 * machine of the library. A row is a message, or a change of keys, or both, and one row serves both
 * ends: who writes it runs `build`, the other `accept`.
 *
 * Facts are what was on the wire: equal at both ends, never cleared within the handshake. Intent has
 * the same bits and is private: what this end means to do where the choice is its own. So a reader
 * never guesses: an optional message that came sets its fact; one that did not come is passed.
 *
 * This header and script.c know no cryptography and no wire format, so that the tables can be tested
 * as tables (tests/flows/test_script_*.c). The steps themselves are one file a message, beside this.
 */
#ifndef HF_HANDSHAKE_SCRIPT_H
#define HF_HANDSHAKE_SCRIPT_H

#include "base/error.h"
#include "registry/registry.h"

typedef uint32_t hf_facts;

/* name, what it says */
#define HF_FACTS(F)                                                                                \
    F(OFFER13, "the client offers TLS 1.3")                                                        \
    F(EARLY_OFFERED, "the client offers early data")                                               \
    F(COMPAT, "the client asks for middlebox compatibility")                                       \
    F(PHA_OFFERED, "the client offers post-handshake authentication")                              \
    F(TLS13, "TLS 1.3 is negotiated")                                                              \
    F(RETRY, "there was a HelloRetryRequest")                                                      \
    F(PSK, "a pre-shared key was chosen")                                                          \
    F(EARLY_ACCEPTED, "the server takes the early data")                                           \
    F(CERT_REQUESTED, "the server asked for a certificate")                                        \
    F(CLIENT_CERT, "the client sent a certificate")                                                \
    F(RESUMED, "a TLS 1.2 session is resumed")                                                     \
    F(EPHEMERAL, "the key exchange is ephemeral")                                                  \
    F(TICKET_PROMISED, "the TLS 1.2 server will send a ticket")                                    \
    F(OCSP_PROMISED, "the TLS 1.2 server may send CertificateStatus")                              \
    F(OCSP_SENT, "the TLS 1.2 server sent CertificateStatus")                                      \
    F(PSK_HINT, "the TLS 1.2 server sent a PSK identity hint")                                     \
    F(CLIENT_DONE, "the client's Finished was sent")                                               \
    F(SERVER_DONE, "the server's Finished was sent")                                               \
    F(TICKET, "the server sends a NewSessionTicket")                                               \
    F(ASKED, "the server asked for a certificate after the handshake")                             \
    F(ANSWER, "the client answers that")                                                           \
    F(CLIENT_UPDATE, "the client renews its keys")                                                 \
    F(SERVER_UPDATE, "the server renews its keys")                                                 \
    F(RENEGOTIATE, "a TLS 1.2 end asks for renegotiation")                                         \
    F(CERT_REQUIRED, "intent only: no handshake without a client certificate")

enum {
#define HF_FACT(name, words) HF_FACT_BIT_##name,
    HF_FACTS(HF_FACT) HF_N_FACTS
#undef HF_FACT
};
enum {
#define HF_FACT(name, words) HF_F_##name = 1 << HF_FACT_BIT_##name,
    HF_FACTS(HF_FACT)
#undef HF_FACT
};

/* Under which keys a direction is written. NEXT: one generation on; generations count up from APP. */
typedef enum hf_epoch { HF_SAME, HF_PLAIN, HF_EARLY, HF_HANDSHAKE, HF_APP, HF_NEXT } hf_epoch;

/* What can be proved to an end. */
enum { HF_CHAIN = 1, HF_SIGNATURE = 2, HF_FINISHED = 4 };

/* Rows that are not messages. */
enum { HF_ROW_END = HF_MSG_NONE, HF_ROW_KEYS = 100, HF_ROW_GO = 101 };

typedef enum hf_table {
    HF_TABLE_OPENING,
    HF_TABLE_SCRIPT13,
    HF_TABLE_SCRIPT12,
    HF_TABLE_RESUMED12,
    HF_TABLE_POST13_SERVER,
    HF_TABLE_POST13_CLIENT,
    HF_TABLE_POST12_SERVER,
    HF_TABLE_POST12_CLIENT,
    HF_TABLE_IGNORED,
    HF_TABLE_COUNT
} hf_table;

typedef struct hf_row {
    uint8_t
        msg; /* an hf_msg; ROW_KEYS: only a key change; ROW_GO: carry on in another table; ROW_END */
    uint8_t writer;        /* hf_role: who writes it, or whose writing keys change */
    hf_facts when, unless; /* taken if all of `when` and none of `unless` hold */
    hf_facts
        optional; /* the writer's own choice: his intent decides, its arrival tells the reader; becomes a fact */
    uint8_t
        proves;   /* what the reader may hold proved by it, and nothing else: see hf_script_claim */
    uint8_t keys; /* from the next byte on the writer writes under this epoch */
    const char *rfc;
    uint8_t phase, six,
        nine;   /* the phase (of four) and the steps (of six, of nine) of teaching texts; 0: none */
    uint8_t go; /* ROW_GO: the hf_table */
} hf_row;

/* What must have been proved to an end, in which mode, before it is CONNECTED. On purpose a table of its
   own: derived from the rows, a dropped row would drop the duty. role 9 ends it. */
typedef struct hf_duty {
    uint8_t role, must;
    hf_facts when, unless;
} hf_duty;

typedef struct hf_scripts {
    const hf_row *table[HF_TABLE_COUNT];
    const hf_duty *duties;       /* of the handshake */
    const hf_duty *round_duties; /* of a post-handshake authentication */
} hf_scripts;

extern const hf_scripts hf_scripts_tls;
extern const hf_row hf_opening[], hf_script13[], hf_post13_server[], hf_post13_client[];
extern const hf_row hf_script12[], hf_resumed12[], hf_post12_server[], hf_post12_client[],
    hf_ignored[];
extern const hf_duty hf_duties[], hf_round_duties[];
const char *hf_fact_name(unsigned bit);
const char *hf_fact_words(unsigned bit);
const char *hf_epoch_name(unsigned epoch);
const char *hf_table_name(hf_table table);

/* What the loop asks of the floor around it. ctx is the owner's. */
typedef struct hf_script_ops {
    /* Do the row's step. HF_WAIT: a job is under way, call again when it is done. */
    hf_error (*build)(void *ctx, const hf_row *row);
    hf_error (*accept)(void *ctx, const hf_row *row);
    /* The peer's next message as soon as its kind is known, HF_MSG_NONE before; whole: all of it is
       here. One of the expected kind that passes its length limit is refused by its header. */
    hf_error (*peek)(void *ctx, hf_msg expected, hf_msg *msg, bool *whole);
    /* Done with the message at the head. */
    void (*consume)(void *ctx);
    /* Bytes of the peer's handshake messages that are not consumed, a partial message included. */
    bool (*pending)(void *ctx);
    /* Installs an epoch for our writing or our reading. Never HF_WAIT: the row would be done twice. */
    hf_error (*keys)(void *ctx, hf_role whose, bool ours, unsigned epoch);
    /* A proof was recorded, for traces. */
    void (*proved)(void *ctx, uint8_t what);
} hf_script_ops;

enum { HF_DROPPED_MAX = 32 }; /* in one handshake */

typedef struct hf_walk {
    const hf_row *at, *start; /* start: of a post-handshake table, NULL in the handshake */
    hf_facts taken;           /* facts of this round: they end with it */
    bool took;                /* a row was done in this round */
    bool waiting;             /* the row's step has begun and waits for a job */
} hf_walk;

typedef struct hf_script {
    const hf_scripts *tables;
    const hf_script_ops *ops;
    void *ctx;
    hf_role role;
    hf_facts facts, intent;
    uint8_t provable; /* what the row that is being heard proves; 0 between rows */
    uint8_t claimed;  /* … that its step said would be proved, at once or later; */
    uint8_t proved;   /* the evidence so far. Both are reset at CONNECTED */
    uint8_t owed;     /* proofs under way: rows done, results outstanding */
    uint8_t epoch[2]; /* of each role's writing */
    /* The handshake's table has ended. Three moments bear that name, in this order: here the script's; then hf_conn.connected,
       when tickets are written, the last record is closed and HF_EVENT_CONNECTED is made; with it hf_conn_info.connected, which
       stays true for whoever asks later. */
    bool connected;
    uint8_t dropped; /* messages that meant nothing so far */
    hf_error error;
    hf_walk walk[2]; /* [0] alone until CONNECTED, then one for each writer */
} hf_script;

typedef enum hf_run { HF_RUN_FAILED, HF_RUN_WIRE, HF_RUN_JOB, HF_RUN_IDLE } hf_run;

void hf_script_start(hf_script *s, const hf_scripts *tables, const hf_script_ops *ops, void *ctx,
                     hf_role role, hf_facts intent);
/* Walks as far as it goes: until the peer's bytes are needed, a job is awaited, or (after CONNECTED)
   nobody has anything to say. */
hf_run hf_script_run(hf_script *s);
/* The row that the handshake stands at, for failure records; NULL: none. */
const hf_row *hf_script_row(const hf_script *s);
/* The row that our own next message is of, for traces: after the handshake each direction has a walk of its own. */
const hf_row *hf_script_own_row(const hf_script *s);
/* Evidence. While a message is accepted its step may claim what the row `proves`: HF_E_INTERNAL for anything else. What was
   claimed is proved at once, or when an owed job or the application's verdict comes in. */
hf_error hf_script_claim(hf_script *s, uint8_t what);
/* Records it; claims it before, if that was not done. */
hf_error hf_script_prove(hf_script *s, uint8_t what);

/* Application data of that writer may flow. Keys alone do not allow it in TLS 1.2, where they come before Finished; early data
   may be sent before it is known whether it is taken. */
static inline bool hf_script_data_flows(const hf_script *s, hf_role writer)
{
    if (s->epoch[writer] == HF_EARLY)
        return s->role == writer || s->facts & HF_F_EARLY_ACCEPTED;
    return s->epoch[writer] >= HF_APP && (s->connected || s->facts & HF_F_TLS13);
}

static inline bool hf_row_holds(const hf_row *row, hf_facts facts)
{
    return (facts & row->when) == row->when && !(facts & row->unless);
}

#endif
