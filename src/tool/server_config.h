/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From options to a sealed config of a server: certificates with their keys, clients' CAs, sessions, ALPN, policy. */
#ifndef HF_TOOL_SERVER_CONFIG_H
#define HF_TOOL_SERVER_CONFIG_H

#include <handfast/config.h>
#include "tool/identities.h"
#include "tool/options.h"
#include "tool/shared_keys.h"

typedef struct hf_server_wishes {
    const hf_protocol_options *protocol;
    hf_identity_files own;
    hf_client_auth client_auth;
    const char *const *client_ca; /* files and folders */
    size_t n_client_ca;
    const char *const *crl; /* files, for clients' certificates */
    size_t n_crl;
    hf_sessions *sessions;   /* of clients that come back; NULL: nobody is remembered */
    uint32_t early_data;     /* bytes of 0-RTT data; 0: none is taken */
    hf_shared_keys *psks;    /* NULL: none */
    const char *const *alpn; /* n_alpn 0: whatever the client offers is ignored */
    size_t n_alpn;
    const char *keylog; /* NULL: SSLKEYLOGFILE */
    long timeout_ms;    /* for a handshake */
    long max_age;       /* seconds, of TLS 1.2 connections; negative: the library's default */
} hf_server_wishes;

/* An exit code, after it said what is wrong. *keylog: see keylog.h. */
int hf_server_config(const hf_server_wishes *wishes, hf_config **config, void **keylog);

#endif
