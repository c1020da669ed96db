/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The engine: one end of a handshake. It takes handshake messages, walks the script, and says what
 * to write and which keys to install; it knows nothing of records, sockets or threads. The steps
 * (build and accept) are one file a message, beside this; what all of them share stands here.
 *
 *   hf_engine     lives as long as the connection: script, secrets, failure
 *   hf_handshake  lives until CONNECTED is told, after the tickets, with its arena behind it, and is wiped then
 */
#ifndef HF_HANDSHAKE_ENGINE_H
#define HF_HANDSHAKE_ENGINE_H

#include <handfast/conn.h>
#include "base/arena.h"
#include "handshake/job.h"
#include "handshake/script.h"
#include "keys/keys.h"
#include "keys/session.h"
#include "policy/policy.h"
#include "wire/wire.h"

enum {
    HF_HANDSHAKE_MEMORY =
        512 * 1024,   /* the arena's limit: the longest messages of a flight, and a margin */
    HF_STEP_JOBS = 4, /* jobs of one row */
    HF_OWED_JOBS = 4,
    HF_SAID_MAX = 16,           /* messages up to a CertificateVerify of TLS 1.2 */
    HF_AUTHORITIES_MAX = 16384, /* bytes of CA names that we send */
    HF_FRAGMENTS_MAX = 16384,   /* records of one message: 16 KiB come through a byte at a time */
    HF_POST_HANDSHAKE_FLOOD =
        32, /* KeyUpdates, tickets and HelloRequests in a row without application data … */
    HF_POST_HANDSHAKE_MAX = 512,     /* … or with it … */
    HF_POST_HANDSHAKE_PERIOD = 10000 /* … within so many milliseconds */
};

/* Of a writer's keys (RFC 9846 4.7.3). */
#define HF_GENERATIONS_MAX (((uint64_t)1 << 48) - 1)

/* What one thread's connections share. */
struct hf_worker {
    hf_aead *aead;
    hf_blocks blocks;
    hf_failure last_failure; /* of a connection that had no memory for a record of its own */
};

/* What the engine asks of the connection. */
typedef struct hf_below {
    /* Bytes of that content type, under the present writing keys. */
    hf_error (*write)(void *conn, uint8_t content_type, hf_span bytes);
    /* keys: NULL for the plain epoch, and for early data that is skipped. */
    hf_error (*install)(void *conn, hf_role whose, bool ours, unsigned epoch,
                        const hf_traffic *keys);
} hf_below;

/* A key that a client offers: a ticket's, or one shared beforehand. Spans are good as long as the handshake. */
enum { HF_OFFERED_PSKS = 2 };
typedef struct hf_offered_psk {
    hf_span identity, key;
    hf_hash_id hash;
    uint32_t obfuscated_ticket_age;
    bool external;
} hf_offered_psk;

/* A server: of the first identity, if it is a ticket of ours, whether it fits here or not. Early data belongs to it. */
typedef struct hf_early_ticket {
    bool opened;
    uint8_t id[HF_EARLY_ID];
    uint64_t issued_ms, life_ms;
    uint32_t age_ms; /* as the client says */
    uint32_t max_early_data;
} hf_early_ticket;

/* Everything that only the handshake needs. */
typedef struct hf_handshake {
    hf_arena arena;
    hf_job *jobs[HF_STEP_JOBS]; /* n_jobs of the row that waits … */
    hf_job *owed[HF_OWED_JOBS]; /* … and n_owed whose proof is outstanding */
    hf_transcript transcript;
    hf_schedule schedule;
    uint8_t traffic[2][HF_SUITE_HASH_MAX]; /* handshake traffic secrets of each role */
    hf_span hello_message;                 /* the last ClientHello with its header, copied */
    hf_client_hello hello;                 /* parsed from it: what was offered */
    hf_client_hello first_hello;           /* the one before a HelloRetryRequest */
    hf_span session_id;
    uint16_t version; /* a server's choice */
    const hf_suite *suite;
    const hf_group *group;
    uint16_t retry_group; /* asked for in HelloRetryRequest, 0: none */
    uint16_t retry_suite;
    hf_span cookie;           /* of the HelloRetryRequest */
    uint32_t offered;         /* extensions of our ClientHello or CertificateRequest, as bits */
    hf_kex kex[HF_STEP_JOBS]; /* the client's private shares */
    size_t n_kex;
    hf_span key_shares; /* the client's, as written */
    hf_span peer_share;
    int64_t peer_share_at;     /* TLS 1.2: its place in ServerKeyExchange */
    uint8_t grease[6];         /* which GREASE values: the same in both ClientHellos */
    hf_identity *identity;     /* chosen by the server */
    hf_staple *staple;         /* that it sends; a reference */
    const hf_scheme *scheme;   /* that signs with it */
    hf_span said[HF_SAID_MAX]; /* TLS 1.2: the messages themselves, for CertificateVerify … */
    size_t n_said;
    bool keep_said;        /* … as long as one may be due */
    hf_session session;    /* a client's offer, or what a server resumes; spans into … */
    hf_span session_bytes; /* … this copy in the arena; empty: no session */
    hf_new_session_ticket new_ticket; /* TLS 1.3, server: the next to be sent */
    bool renew_ticket;
    bool session_cached;                  /* … which came from the cache */
    hf_offered_psk psks[HF_OFFERED_PSKS]; /* a client's offers, in order */
    size_t n_psks;
    uint8_t psk
        [HF_PSK_KEY_MAX]; /* what the handshake rests on, once it is chosen; a ticket's is hash-sized */
    uint8_t psk_len;      /* 0: none */
    bool psk_external;            /* shared beforehand, not a ticket's */
    bool psk_searched;            /* a server: the identities of this hello were looked up … */
    int ticket_at;                /* … and this one is a ticket of ours; -1: none */
    hf_early_ticket first_ticket; /* a server: what early data would rest on */
    bool psk_offered;             /* a client: in this hello or in the one before */
    bool has_ticket13;            /* a client: `session` is of TLS 1.3, and offered */
    bool hello_kept, chosen;      /* a server's steps that are not done twice */
    uint16_t psk_index;           /* TLS 1.3: of the identity that was chosen */
    const hf_suite *early_suite;  /* of 0-RTT, once it is offered (client) or acceptable (server) */
    uint8_t early_traffic[HF_SUITE_HASH_MAX];
    hf_cert peer_leaf;
    int64_t leaf_offset;             /* in Certificate, for a verdict that comes later */
    bool chain_due;                  /* the peer's chain came, and its check is not under way yet */
    uint8_t offer_alpn[HF_ALPN_MAX]; /* the client's list for this connection */
    size_t offer_alpn_len;
    bool hello_paused, hello_told, hello_answered; /* HF_EVENT_CLIENT_HELLO */
    hf_hello hello_view;
} hf_handshake;

typedef struct hf_engine {
    hf_script script;
    hf_config *config;
    hf_role role;
    const hf_below *below;
    void *conn;
    hf_worker *worker;
    hf_handshake *hs; /* NULL before hf_engine_begin and after hf_engine_forget */
    hf_secrets secrets;
    const hf_suite *suite;
    uint8_t client_random[HF_RANDOM];  /* for the key log */
    uint8_t session_id[HF_SESSION_ID]; /* TLS 1.2: under which the session is known */
    hf_span ticket; /* TLS 1.2, client: as it came, until it is in `session`; owned */
    uint32_t ticket_lifetime;
    uint8_t session_id_len;
    uint8_t verify_data
        [HF_VERIFY_DATA12]; /* TLS 1.2, client: of our Finished, by which a renegotiation names this connection (RFC 5746 3.5) */
    bool session_fresh;     /* HF_EVENT_SESSION is due */
    bool renegotiation_refused;
    bool chain_verified; /* info.peer_verified once everything else is proved too */
    hf_span borrowed; /* client: from the config's hf_sessions, until it is really offered; owned */
    hf_span session;  /* for hf_conn_session; owned */
    hf_span
        psk_identity; /* of a key shared beforehand that was offered (server) or chosen (client); owned */
    hf_span template;     /* TLS 1.3, client: the session that the first ticket completes; owned */
    unsigned tickets_due; /* TLS 1.3, server: to be sent */
    uint32_t early_left;  /* bytes of early data that may still be sent or taken */
    uint64_t generations[2]; /* of each role's keys (RFC 9846 4.7.3) */
    hf_peer *peer; /* made when it is asked for, or from a session; one allocation with its texts */
    hf_span authorities; /* that the server named; owned */

    uint8_t *inbox; /* handshake bytes of the peer that are not consumed */
    size_t inbox_len, inbox_cap;
    unsigned fragments; /* records since the last message was consumed */
    hf_span message;    /* at the head, its bytes with the header … */
    hf_msg msg;         /* … and which it is */
    bool ccs;           /* a change_cipher_spec record stands at the head instead */
    bool told;          /* the trace has heard of it */

    bool verify_wanted, verify_asked; /* HF_EVENT_VERIFY */
    uint8_t n_jobs, n_owed;           /* 0 when there is no handshake */

    unsigned post_total;    /* post-handshake messages since post_since */
    unsigned post_messages; /* in a row, without data between them … */
    uint64_t post_since;    /* … since then, by the config's clock */
    bool update_owed;       /* the peer asked for ours: due before our next data */
    bool update_awaited;    /* we asked for the peer's */
    bool request_update;    /* what our next KeyUpdate asks */
    bool size_limit_agreed; /* RFC 8449: both ends told a limit */
    bool want_session;
    uint16_t peer_record_limit; /* RFC 8449, 0: not told */

    uint8_t *scratch; /* of a message written after the handshake */
    uint8_t *
        texts; /* a server's: the name it was asked for. A client's four texts stand behind the connection */
    const char *server_name, *verify_name, *endpoint;
    hf_span wanted_psk;  /* client: hf_conn_options.psk_identity */
    char *alpn;          /* for info.alpn */
    char *detail;        /* for info.peer_error_detail or info.revocation_detail */
    hf_span *peer_chain; /* one allocation with its certificates */
    size_t n_peer_chain;
    hf_span peer_staple; /* owned; empty: none came */
    size_t n_peer_scts;  /* client: that came with the handshake, if they were asked for */
    hf_conn_info info;
    hf_failure *failure; /* made when there is one: hf_failure_of */
    const hf_trace_sink *trace;
} hf_engine;

/* What an end means to do where the choice is its own. */
hf_facts hf_engine_intent(const hf_config *config);
hf_error hf_engine_start(hf_engine *e, hf_config *config, const hf_conn_options *options,
                         const hf_below *below, void *conn, hf_worker *worker);
/* Bytes that its copies of the options' texts take … */
size_t hf_engine_text_room(const hf_conn_options *options);
/* … which are made in that room. Before hf_engine_start. */
void hf_engine_take_texts(hf_engine *e, const hf_conn_options *options, uint8_t *room);
/* Where the failure is written down; code is HF_OK while nothing failed. Never NULL. */
hf_failure *hf_failure_of(hf_engine *e);
/* What a failure record says of its place and its reason; NULL: not known. */
typedef struct hf_refusal {
    const char *message, *field; /* field: the whole path */
    int64_t offset;              /* -1: none */
    const char *rule;            /* NULL: the row's sentence */
    const char *expected, *offered;
} hf_refusal;
/* Nobody else writes these parts of the record: nothing of an earlier failure stays in it. */
void hf_refusal_write(hf_engine *e, hf_error code, const hf_refusal *r);
void hf_engine_free(hf_engine *e);
/* Makes the handshake's memory, if it is not there or over: a client at once, a server when the first message comes. */
hf_error hf_engine_begin(hf_engine *e);
/* The handshake's arena is wiped and freed, with the jobs that are left; called at CONNECTED and at failure. */
void hf_engine_forget(hf_engine *e);

/* Content of a handshake record, or a change_cipher_spec record (checked). Legal only while the engine waits for the peer. */
hf_error hf_engine_feed(hf_engine *e, hf_span handshake_bytes);
hf_error hf_engine_feed_ccs(hf_engine *e);
/* See hf_script_ops.peek. */
hf_error hf_inbox_peek(hf_engine *e, hf_msg expected, hf_msg *msg, bool *whole);
void hf_inbox_consume(hf_engine *e);
bool hf_engine_mid_message(const hf_engine *e);
hf_run hf_engine_run(hf_engine *e);

/* Jobs: the next that nobody has taken; a result. */
hf_job *hf_engine_job_next(hf_engine *e);
hf_error hf_engine_job_done(hf_engine *e, hf_job *job, hf_error result);
bool hf_engine_jobs_left(const hf_engine *e); /* some are not handed out */

/* ---- for the steps ---- */

typedef struct hf_step {
    hf_error (*build)(hf_engine *e);
    hf_error (*accept)(hf_engine *e);
} hf_step;

/* A failure with its place: field is the RFC's name, as far as it is needed to find it ("cipher_suite",
   "key_share.group"), and the record gets its whole path; expected and offered are for people and may be NULL. Returns code. */
hf_error hf_refuse(hf_engine *e, hf_error code, const char *field, const char *expected,
                   const char *offered);
/* The same for an element of a list, or where several fields have that name: it is about what stands at `at`, in the message or
   in the server's copy of it. */
hf_error hf_refuse_item(hf_engine *e, hf_error code, const uint8_t *at, const char *field,
                        const char *expected, const char *offered);
/* The same where the message is gone and its place was noted before: the whole path but for the message's name. */
hf_error hf_refuse_at(hf_engine *e, hf_error code, hf_msg msg, const char *field, int64_t offset,
                      const char *offered);
/* The same where two lists have nothing in common: ours is the policy's and ends at the first 0, theirs is the peer's. */
hf_error hf_refuse_lists(hf_engine *e, hf_error code, const char *field, const uint16_t *ours,
                         hf_span theirs, const char *(*name)(uint16_t));
/* The same for two-byte code points. */
hf_error hf_refuse_code(hf_engine *e, hf_error code, const char *field, uint16_t offered,
                        const char *(*name)(uint16_t));
hf_error hf_refuse_code_item(hf_engine *e, hf_error code, const uint8_t *at, const char *field,
                             uint16_t offered, const char *(*name)(uint16_t));

/* The body of the message at the head, for a _read; then hf_read_done for its verdict. */
hf_reader hf_message_reader(hf_engine *e, hf_fault *fault);
hf_error hf_read_done(hf_engine *e, const hf_fault *fault);
hf_wire hf_engine_wire(const hf_engine *e, hf_role writer);

/* One certificate of the chain is issued by one of those names (RFC 9846 4.3.4, RFC 5246 7.4.6). */
bool hf_names_issuer(hf_span authorities, const hf_identity *id);

/* What a trace hears (tell.c). row: where the script stands, NULL: nowhere. */
void hf_tell_message(hf_engine *e, const hf_row *row, hf_role writer, hf_span bytes);
void hf_tell_keys(hf_engine *e, hf_role whose, unsigned epoch);
void hf_tell_proved(hf_engine *e, uint8_t what);

/* Writing: room of that size for a message, and what to do with the finished one (override, transcript, trace, wire). */
hf_error hf_message_start(hf_engine *e, size_t room, hf_builder *b);
/* The two halves of hf_message_send: for whom has to change the finished bytes. put: they may be replaced (override). */
hf_error hf_message_finish(hf_builder *b, hf_span *message);
hf_error hf_message_put(hf_engine *e, hf_span *message);
hf_error hf_message_send(hf_engine *e, hf_builder *b,
                         hf_span *sent); /* sent: NULL, or its bytes (in the arena) */
/* Every message goes into the transcript through this. */
hf_error hf_note_message(hf_engine *e, hf_span message);
/* Adds the message at the head to the transcript. */
hf_error hf_transcribe(hf_engine *e);
hf_error hf_draw(hf_engine *e, uint8_t *out, size_t len);
/* Where a job's memory may come from. */
hf_blocks *hf_job_home(hf_engine *e);
/* A job for this row, taken over; NULL is HF_E_NO_MEMORY. HF_WAIT when it is under way. */
hf_error hf_submit(hf_engine *e, hf_job *job);
void hf_jobs_clear(hf_engine *e);
/* HF_WAIT while a job of this row is under way, its error when one failed. */
hf_error hf_jobs_verdict(hf_engine *e);
/* A job whose success is evidence; the row goes on. HF_E_INTERNAL: the row does not claim it. */
hf_error hf_owe(hf_engine *e, hf_job *job, uint8_t proves);
/* TLS 1.2: the master secret, when the transcript stands at ClientKeyExchange; the premaster is wiped. */
hf_error hf_derive_master(hf_engine *e, uint8_t *premaster, size_t len);
/* Handshake traffic secrets from the PSK, if there is one, and the shared secret; and application secrets after the server's Finished. */
hf_error hf_derive_handshake(hf_engine *e, hf_span shared_secret);
hf_error hf_derive_application(hf_engine *e);
/* What a finished VERIFY_CHAIN means here: the result, or HF_OK with a note if the config is insecure. */
hf_error hf_chain_verdict(hf_engine *e, const hf_job *job);
void hf_log_secret(hf_engine *e, const char *label, hf_span secret);

/* ---- keys shared beforehand (psk.c) ---- */

/* Remembers the name for info.psk_identity. */
hf_error hf_psk_remember(hf_engine *e, hf_span identity);
/* Client: the one to be offered; NULL: none. */
const hf_psk *hf_psk_of_client(const hf_engine *e);
/* TLS 1.2: the first protected record does not open. HF_E_PSK_WRONG where that shows that the keys differ, else HF_E_RECORD_MAC
   (client_key_exchange.c). */
hf_error hf_psk_mismatch(hf_engine *e);
/* ---- sessions (session.c; TLS 1.2: resume12.c) ---- */

/* Client: takes the session of the options, if it may be offered here; else info.session_error says why not. */
hf_error hf_session_offer(hf_engine *e, const hf_conn_options *options);
/* Client: what was taken from the config's hf_sessions went out with a ClientHello, or not. */
void hf_session_return(hf_engine *e, bool offered);
/* Server: the session that the hello offers, if it may be resumed: hs->session_bytes then. An error: the hello breaks a rule. */
hf_error hf_session_resume(hf_engine *e);
/* Server: what a ticket or the cache holds about this handshake, and how many seconds it is good for. *state is in the arena; empty:
   it cannot be remembered. */
hf_error hf_session_state(hf_engine *e, hf_span *state, uint32_t *seconds);
/* Server: seconds that a session may be used after its first handshake. */
int64_t hf_session_lifetime(const hf_engine *e);
/* At CONNECTED: what of the handshake outlives it. A client makes its session (TLS 1.2) or what a ticket will complete, a server
   fills its cache or has tickets due. What cannot be kept is not: the connection stands. */
void hf_session_keep(hf_engine *e);
/* TLS 1.3, server, before the handshake's memory goes: makes the next ticket that is due; false: there is none. */
bool hf_ticket_next(hf_engine *e);
/* TLS 1.3, client: a ticket completes a session. */
hf_error hf_session_complete(hf_engine *e, const hf_new_session_ticket *ticket);
/* TLS 1.3, server: what the next ticket seals, but for the secret and what belongs to this ticket alone. */
hf_error hf_session_of_ticket(hf_engine *e, hf_session *s);
/* A connection that failed is not resumed (RFC 5246 7.2.2). */
void hf_session_drop(hf_engine *e);
/* e->peer, from the verified chain; NULL: nobody. */
const hf_peer *hf_engine_peer(hf_engine *e);
/* The same, from the session that is resumed. */
hf_error hf_session_peer(hf_engine *e);

extern const hf_step hf_step_client_hello, hf_step_server_hello, hf_step_retry,
    hf_step_encrypted_extensions, hf_step_certificate_request, hf_step_certificate,
    hf_step_certificate_verify, hf_step_finished, hf_step_new_session_ticket, hf_step_key_update,
    hf_step_change_cipher_spec, hf_step_server_key_exchange, hf_step_server_hello_done,
    hf_step_client_key_exchange, hf_step_hello_request, hf_step_certificate_status,
    hf_step_end_of_early_data;

#endif
