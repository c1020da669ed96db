/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the parts of the shim share: the process (shim) with what one connection leaves to the next, and one connection in it
 * (visit). main.c makes the process; drive.c drives a visit, with wire.c (socket and loop), talk.c (application data) and trace.c
 * (which messages passed); settings.c makes its config and answers its questions; checks.c says whether what came out is what the
 * test wanted; names.c gives our errors BoringSSL's names.
 */
#ifndef BOGO_SHIM_SHIM_H
#define BOGO_SHIM_SHIM_H

#include "options.h"
#include <handfast/handfast.h>

enum { SHIM_SESSION_MAX = 20000 };

/* One process. It begins as all zero but for `options`. */
typedef struct shim {
    const options *options; /* [SHIM_CONFIGS] */
    hf_worker *worker;
    hf_sessions *
        sessions; /* a server's tickets and cache, kept from connection to connection; settings.c's */
    uint8_t session[SHIM_SESSION_MAX]; /* a client's last session */
    size_t session_len;
    int64_t clock; /* seconds that -resumption-delay has added */
    bool refused;  /* a connection ended with an alert of ours: no further one is tried */
    void *kept;    /* whatever else settings.c keeps between connections */
} shim;

/* One connection. */
typedef struct visit {
    shim *shim;
    int number;             /* 0 is the first */
    const options *options; /* the set in force: changes to SHIM_RETRY's after refused early data */
    bool retrying;          /* … which was */
    hf_config *config;
    hf_conn_options conn_options;
    hf_conn *conn;

    /* what happened, by drive.c */
    bool connected;      /* HF_EVENT_CONNECTED came */
    bool early_rejected; /* HF_EVENT_EARLY_REJECTED came */
    bool hello_seen;     /* HF_EVENT_CLIENT_HELLO came */
    bool
        new_session; /* HF_EVENT_SESSION came since the handshake began (or since checks_after_handshake) */
    uint8_t session[SHIM_SESSION_MAX]; /* … and this is it */
    size_t session_len;
    bool peer_closed;     /* close_notify came */
    bool renegotiation;   /* the peer asked for it */
    bool certificate_due; /* a CertificateRequest came */
    int last_message;     /* type of the last handshake message that came, -1: none */
    char messages[4096];  /* -expect-msg-callback's lines: "write hs 1\nread hs 2\n" … */
    bool eof;             /* the transport ended */

    /* by settings.c */
    unsigned verifications; /* how often HF_EVENT_VERIFY came */
    hf_error verify_result;
    const char *
        said; /* BoringSSL's name for a failure that an application's callback of settings.c caused ("CERT_CB_ERROR"),
                         printed instead of the engine's; NULL: none */
    void *own; /* whatever else settings.c and checks.c keep for a visit */
} visit;

/* ---- settings.c ---- */

/* Makes visit->config (sealed) and ->conn_options from visit->options. SHIM_OK; SHIM_UNIMPLEMENTED: a value that is not known
   here; SHIM_FAILED with words on stderr. */
int settings_make(visit *v);
/* HF_EVENT_CLIENT_HELLO: goes on, or aborts the connection. Always answered at once. */
void settings_client_hello(visit *v);
/* A client whose application may refuse to say which certificate it shows. True: it has, and there are events again. */
bool settings_asked(visit *v);
/* HF_EVENT_VERIFY: gives the verdict. */
void settings_verify(visit *v);
/* HF_EVENT_CONNECTED: an application that judges resumed peers again does it here. */
void settings_connected(visit *v);
/* v->conn exists now; nothing has been sent yet. */
void settings_started(visit *v);
void settings_free(visit *v);
/* At the end of the process. */
void settings_forget(shim *s);

/* ---- checks.c ---- they say on stderr what is wrong, and never anything that looks like :NAME: */

/* Hears all that the connection's trace tells. */
void checks_saw(visit *v, const hf_trace_event *event);
/* After the handshake is done, or a client's 0-RTT can go, or a server's half-RTT data can; again after a refusal of 0-RTT. */
bool checks_after_handshake(visit *v);
/* After the data phase, before shutdown. */
bool checks_at_end(visit *v);

/* ---- names.c ---- */

/* BoringSSL's name, without the colons, for how this connection failed; "UNKNOWN" where there is none. */
const char *name_of(const visit *v, const hf_failure *failure);

/* ---- drive.c ---- */

/* One connection from dialling to closing. SHIM_OK, SHIM_UNIMPLEMENTED or SHIM_FAILED. */
int drive(visit *v);

#endif
