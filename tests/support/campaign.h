/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A world of servers and clients that meet, part, change and come back, and what is known of it:
 * the real ends (campaign_scene.c, campaign_world.c, campaign_visit.c), what happens to them
 * (campaign_steps.c), and the oracle (campaign_oracle.c, campaign_memory.c), which knows of each
 * session what it was made under and says of each connection, before it is made, whether it must
 * succeed, must resume, and must carry early data.
 *
 * Everything follows from one seed. Time moves in whole even seconds.
 */
#ifndef TESTS_SUPPORT_CAMPAIGN_H
#define TESTS_SUPPORT_CAMPAIGN_H

#include "keys/session.h"
#include "support/pair.h"

enum {
    CAMP_SERVERS = 3,
    CAMP_CLIENTS = 3,
    CAMP_MEMORIES = 3,
    CAMP_STORES = 2,
    CAMP_POLICIES = 6,
    CAMP_TRUSTS = 3,
    CAMP_NAMES = 3,
    CAMP_ENDPOINTS = 3,
    CAMP_ALPNS = 4,
    CAMP_SERVER_CERTS = 5,
    CAMP_CLIENT_CERTS = 4,
    CAMP_SERVER_SOON = 3, /* certificates that end soon */
    CAMP_CLIENT_SOON = 2,
    CAMP_POLICY_TLS12 = 2,
    CAMP_KEPT = 4,
    CAMP_GIVEN_KEYS = 4,
    CAMP_SESSIONS_MAX = 512,
    CAMP_STORE_MAX = 32,
    CAMP_LOG = 8192,
    CAMP_WINDOW_MS = 10000, /* by which a ticket's age may be wrong for 0-RTT (RFC 9846 8.3) */
    CAMP_NONE = -1
};

/* ---- what does not change: certificates and policies ---- */

typedef struct camp_cert {
    const char *common_name;
    int root;
    unsigned key;
    int64_t not_after;
} camp_cert;

extern const camp_cert camp_server_certs[CAMP_SERVER_CERTS], camp_client_certs[CAMP_CLIENT_CERTS];

typedef struct camp_policy {
    uint16_t min_version, max_version;
    bool aes256;   /* first */
    bool p256;     /* and no other group */
    uint16_t bits; /* RSA's least: a difference that no connection here shows */
    uint8_t tickets;
    uint32_t seconds; /* a session's longest life */
} camp_policy;

extern const camp_policy camp_policies[CAMP_POLICIES];
/* Bit r: root r is trusted. Bit a: protocol a of the list, in that order. */
extern const unsigned camp_trusts[CAMP_TRUSTS];
extern const char *const camp_names[CAMP_NAMES], *const camp_endpoints[CAMP_ENDPOINTS];
extern const char *const camp_alpns[CAMP_ALPNS][3];

/* ---- who there is ---- */

typedef struct camp_server {
    int policy, trust, alpn, memory;
    int auth;    /* hf_client_auth */
    int cert[2]; /* the second may be CAMP_NONE */
    bool early, psk, retry;
    hf_config *config; /* NULL: to be made */
} camp_server;

typedef enum camp_psk { CAMP_PSK_NONE, CAMP_PSK_KNOWN, CAMP_PSK_UNKNOWN } camp_psk;

typedef struct camp_kept {
    uint8_t *bytes;
    size_t len;
    int session;
} camp_kept;

typedef struct camp_client {
    int policy, trust, alpn, cert, store;
    int name, verify; /* what is asked for, and what the certificate must say */
    camp_psk psk;
    bool early;
    hf_config *config;
    camp_kept kept[CAMP_KEPT];
    unsigned n_kept; /* so far */
} camp_client;

/* ---- what they remember, as the oracle sees it ---- */

typedef struct camp_ring {
    int n;
    bool given;
    struct {
        int id;
        int64_t made;
    } key[HF_TICKET_KEYS_MAX];
} camp_ring;

typedef struct camp_memory {
    hf_sessions *sessions;
    bool tickets, shared; /* shared: its register is one for all who share */
    size_t entries, strikes;
    uint32_t lifetime, rotation;
    int life; /* which one this is: a restart begins another */
    camp_ring ring;
    uint64_t clock_ms; /* of its register */
    /* of a register of one slot: the ticket that has it, plus 1; until when; what it has forgotten, or found no room for */
    int slot;
    uint64_t until, forgotten;
} camp_memory;

/* Settings under which a peer was accepted; what one role lacks is 0. */
typedef struct camp_terms {
    int policy, trust, auth, cert;
} camp_terms;

typedef struct camp_session {
    uint16_t version;
    bool aes256;
    int name, verify, alpn_chosen; /* the names: the client's */
    /* the server's */
    camp_terms server;
    int server_name; /* as it was asked for */
    unsigned server_key;
    int by_ticket_key, by_cache_of; /* one of them is CAMP_NONE */
    int64_t born, dies;
    uint64_t issued_ms;
    bool early;
    int ticket; /* the session whose ticket it is; not itself if a client made a
                 changed copy */
    /* the client's */
    camp_terms client;
    int endpoint;
    int64_t client_born, client_got, client_dies, client_chain_ends; /* got: this ticket */
    /* proved in the first handshake */
    int saw_server, saw_client;
} camp_session;

typedef struct camp_store {
    hf_sessions *sessions;
    size_t entries;
    int n; /* from new to old */
    struct {
        camp_terms terms;
        int endpoint, name, verify, session;
    } item[CAMP_STORE_MAX];
} camp_store;

/* ---- the world ---- */

typedef struct camp_tally {
    unsigned long sequences, connections, failed_rightly, full, resumed13, resumed_ticket12,
        resumed_id12, shared_key, not_offered, declined, early_taken, early_refused, retried,
        rotations, restarts, clock_moves, changes;
} camp_tally;

typedef struct camp_visit {
    int client, server, endpoint;
    const camp_kept *kept; /* that the client gives; NULL: what its store has */
} camp_visit;

typedef struct camp_world {
    uint64_t seed, chance, draws; /* two streams: what happens does not depend on
                                   what the ends draw */
    int64_t wall[2];              /* of each role */
    uint64_t mono_ms;             /* the servers' */
    camp_server server[CAMP_SERVERS];
    camp_client client[CAMP_CLIENTS];
    camp_memory memory[CAMP_MEMORIES];
    camp_store store[CAMP_STORES];
    camp_session session[CAMP_SESSIONS_MAX];
    bool used[CAMP_SESSIONS_MAX]; /* by its ticket: early data has come with it */
    int n_sessions, n_keys, n_lives;
    /* the shared register of those that are given keys */
    uint8_t claimed[CAMP_SESSIONS_MAX][HF_EARLY_ID];
    int n_claimed;
    uint64_t shared_ms;
    camp_visit last;
    unsigned payload; /* number of the next early data */
    hf_worker *worker;
    char log[CAMP_LOG];
    size_t n_log;
    camp_tally *tally;
} camp_world;

void camp_world_new(camp_world *w, uint64_t seed, camp_tally *tally);
void camp_world_free(camp_world *w);
uint64_t camp_next(uint64_t *state);             /* of a stream of random numbers */
unsigned camp_chance(camp_world *w, unsigned n); /* 0 to n - 1 */
void camp_note(camp_world *w, const char *format, ...);
/* Prints the seed and all that happened, and ends the test. */
void camp_fail(camp_world *w, const char *what);

/* scene: fresh memories, and the configs of changed ends */
void camp_memory_start(camp_world *w, camp_memory *m);
void camp_memory_give(camp_world *w, camp_memory *m, const int *ids, int n);
hf_config *camp_server_config(camp_world *w, int server);
hf_config *camp_client_config(camp_world *w, int client);
void camp_forget_config(hf_config **config);
/* A stranger's ticket comes, so that the real memories see what their clocks say. */
void camp_knock(camp_world *w);

/* ---- one connection ---- */

typedef struct camp_seen {
    bool connected[2], resumed[2], psk_used[2], retried, spoke; /* spoke: a word came each way */
    uint16_t version;
    hf_error session_error;
    hf_early early[2];
    unsigned early_arrived; /* times that its early data came as such */
    unsigned other_arrived; /* what should not have come at all */
    char peer[2][256];      /* as the other end proved to be; "": nobody */
    unsigned told;          /* sessions */
    uint8_t *session;       /* the newest; malloc'd */
    size_t session_len;
} camp_seen;

camp_seen camp_connect(camp_world *w, const camp_visit *v);

/* ---- the oracle ---- */

enum {
    CAMP_EXPIRED = 1,
    CAMP_OTHER_PEER = 2,
    CAMP_OTHER_SETTINGS = 4,
    CAMP_DECLINED = 8 /* by the server */
};

typedef struct camp_verdict {
    bool connects, resumes, psk, retried;
    uint16_t version;
    unsigned why_not; /* any of these is the session_error; 0: HF_OK */
    hf_early early;   /* at the end */
    int offered;      /* the session that the client offers, or CAMP_NONE */
    int sees[2];      /* certificate of the other end, or CAMP_NONE */
    int alpn;         /* protocol chosen, or CAMP_NONE */
} camp_verdict;

/* What must happen. What the client takes out of its store is taken out, and what the server claims is claimed. */
camp_verdict camp_judge(camp_world *w, const camp_visit *v);
/* It has happened: what both ends remember of it. Returns the session that the client holds last, or CAMP_NONE; *told: how
   many it was given. */
int camp_remember(camp_world *w, const camp_visit *v, const camp_verdict *r, unsigned *told);
/* The clocks have moved, or a memory was made: all of them see it. */
void camp_time_passes(camp_world *w);
/* The ring of a memory was rotated by hand. */
void camp_ring_rotated(camp_world *w, camp_memory *m);
camp_terms camp_client_terms(const camp_client *c);
bool camp_same_terms(camp_terms a, camp_terms b);

/* For these two files: NULL if the server remembers nobody; whether a memory has a session, or can open its ticket; its
   register's clock, whether it has a register, and whether nobody claimed a ticket there before; why a client may not offer a
   session; the one that its store offers. */
camp_memory *camp_memory_of(camp_world *w, const camp_visit *v);
bool camp_remembers(const camp_memory *m, const camp_session *s);
uint64_t camp_register_ms(const camp_world *w, const camp_memory *m);
bool camp_has_register(const camp_memory *m);
bool camp_claim(camp_world *w, camp_memory *m, int ticket, uint64_t until);
unsigned camp_client_objects(const camp_world *w, const camp_visit *v, const camp_session *s);
int camp_take_from_store(camp_world *w, const camp_visit *v);

/* Ends the test unless what was seen is what had to be, and counts it; told: sessions that the client had to be given. It
   is called after camp_remember, which does not change what r says of the session that was offered. */
void camp_check(camp_world *w, const camp_visit *v, const camp_verdict *r, const camp_seen *s,
                unsigned told);
void camp_note_visit(camp_world *w, const camp_visit *v, const camp_verdict *r);

/* One random thing happens, and is checked. */
void camp_step(camp_world *w);

#endif
