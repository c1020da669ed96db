/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From the options of `connect` (and the wishes of `demo`) to a sealed config of a client. */
#ifndef HF_TOOL_CLIENT_CONFIG_H
#define HF_TOOL_CLIENT_CONFIG_H

#include <handfast/config.h>
#include "tool/identities.h"
#include "tool/options.h"

typedef struct hf_client_wishes {
    const hf_protocol_options *protocol;
    const char *const *ca; /* files and folders; n_ca 0: the system's store */
    size_t n_ca;
    hf_identity_files own;   /* shown if the server asks for a certificate */
    const char *const *alpn; /* n_alpn 0: none is offered */
    size_t n_alpn;
    const char *keylog; /* NULL: SSLKEYLOGFILE */
    long timeout_ms;    /* for a handshake */
    bool insecure;
} hf_client_wishes;

/* An exit code, after it said what is wrong. *keylog: see keylog.h. */
int hf_client_config(const hf_client_wishes *wishes, hf_config **config, void **keylog);

#endif
