/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From the options of `connect` (and the wishes of `demo`) to a sealed config of a client. */
#ifndef HF_TOOL_CLIENT_CONFIG_H
#define HF_TOOL_CLIENT_CONFIG_H

#include <handfast/config.h>
#include "explain/tape.h"
#include "tool/identities.h"
#include "tool/options.h"

typedef struct hf_client_wishes {
    const hf_protocol_options *protocol;
    const char *const
        *ca; /* files and folders; n_ca 0: the system's store, or nobody if there are psks */
    size_t n_ca;
    const char *
        profile; /* "webpki" or "private"; NULL: webpki with the system's store, private with CAs of one's own */
    const char *const *crl; /* files */
    size_t n_crl;
    hf_revocation revocation;
    hf_identity_files own;   /* shown if the server asks for a certificate */
    const char *const *alpn; /* n_alpn 0: none is offered */
    size_t n_alpn;
    const char *keylog;   /* NULL: SSLKEYLOGFILE */
    hf_tape *const *tape; /* gets the secrets, once it is there; NULL: none */
    long timeout_ms;      /* for a handshake */
    hf_psks *psks;        /* NULL: none */
    uint32_t early_data;  /* bytes that may be sent as 0-RTT data; 0: none */
    bool insecure;
} hf_client_wishes;

/* The profile of that word; NULL: the one for CAs of one's own or for the system's. */
hf_cert_profile hf_profile_of(const char *word, bool own_cas);
/* The system's CA certificates. An exit code, after it said that there are none. */
int hf_system_cas_load(hf_trust *trust, bool may_be_empty);

/* An exit code, after it said what is wrong. *keylog: see keylog.h. */
int hf_client_config(const hf_client_wishes *wishes, hf_config **config, void **keylog);

#endif
