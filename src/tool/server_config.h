/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From options to a sealed config of a server: certificates with their keys, ALPN, policy. */
#ifndef HF_TOOL_SERVER_CONFIG_H
#define HF_TOOL_SERVER_CONFIG_H

#include <handfast/config.h>
#include "tool/options.h"

typedef struct hf_server_wishes {
    const hf_protocol_options *protocol;
    const char *const *cert, *const
                                 *key; /* n pairs; a key may stand in the file of its certificate */
    size_t n_cert, n_key;
    const char *password_file; /* NULL: ask on a terminal */
    const char *const *alpn;   /* n_alpn 0: whatever the client offers is ignored */
    size_t n_alpn;
    const char *keylog; /* NULL: SSLKEYLOGFILE */
    long timeout_ms;    /* for a handshake */
} hf_server_wishes;

/* An exit code, after it said what is wrong. *keylog: see keylog.h. */
int hf_server_config(const hf_server_wishes *wishes, hf_config **config, void **keylog);

#endif
