/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One run of `connect` while its loop turns: reaching the peer, the handshake, and what is done over it. */
#ifndef HF_TOOL_CONNECT_RUN_H
#define HF_TOOL_CONNECT_RUN_H

#include "tool/carry.h"
#include "tool/cert_bag.h"
#include "tool/fetch.h"
#include "tool/options.h"
#include "tool/outcome.h"
#include "tool/prelude.h"
#include "tool/psk_file.h"
#include "tool/recording.h"
#include "tool/session_file.h"
#include "tool/steps.h"

typedef struct hf_connect_run {
    const hf_connect_options *o;
    hf_target target;
    const char *address;             /* what is dialled: the host, or --resolve's address */
    char name[HF_HOST_MAX];          /* asked for and verified */
    char where[HF_TROUBLE_TEXT_MAX]; /* for messages: host and address */
    hf_outcome out;
    hf_config *config;
    hf_worker *worker;
    void *keylog;
    hf_alpn_list alpn;
    hf_session_file session;
    hf_psk_file psk;
    uv_loop_t loop;
    uv_signal_t interrupted, terminated;
    hf_dial *dial;
    hf_prelude *prelude;
    hf_link *link;
    hf_steps steps;
    hf_recording recording;
    hf_fetch fetch;
    hf_carry carry;
    double started, connected_at;
    bool connected;
    bool warned_no_secrecy; /* before the handshake */
    bool began;             /* ClientHello is written */
    bool awaits_verdict;    /* on our answer to the wish for a certificate */
    bool awaits_session, got_session;
    double patience_ends; /* of waiting for these two */
    int signal;
    bool only_chain;    /* nothing is wanted but the certificates that the server shows */
    bool traced;        /* the handshake is what is wanted, to be shown … */
    bool wants_secrets; /* … with the secrets on its tape */
} hf_connect_run;

/* Returns when all is closed. HF_EXIT_OK, or an exit code after it said what failed; what became of the
   connection stands in run->out. */
int hf_connect_go(hf_connect_run *run);

/* A run for its tape: no report; `show` gets the recording as soon as the end is known, if there is anything on it, and its exit
   code counts where the run itself was good. secrets: they are wanted on the tape. An exit code, after it said what failed.
   connect.c */
typedef int (*hf_connect_show)(void *user, const hf_recording *recording);
int hf_connect_traced(const hf_connect_options *options, bool secrets, hf_connect_show show,
                      void *user);

/* The certificates that a server shows, unverified: into the bag. target: HOST:PORT or an https:// URL. An exit code, after it
   said what failed. connect.c */
int hf_connect_chain(const char *target, hf_cert_bag *bag);

#endif
