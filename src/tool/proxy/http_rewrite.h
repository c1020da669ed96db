/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Heads as the proxy passes them on: hop-by-hop fields taken out (RFC 9110 7.6.1), what a client says about itself that only the proxy may say
 * taken out and said anew (X-Forwarded-*, Forwarded, certificate and TLS facts), HSTS put in. From a head that was read to bytes.
 */
#ifndef HF_TOOL_PROXY_HTTP_REWRITE_H
#define HF_TOOL_PROXY_HTTP_REWRITE_H

#include "tool/proxy/http_head.h"

/*
 * What is known of the client's connection; texts that are NULL are left out. In a certificate's words all that is not printable ASCII,
 * and the percent sign, is percent-encoded: nobody's subject ends a line.
 */
typedef struct hf_client_facts {
    const char *address; /* "192.0.2.1" or "2001:db8::1"; NULL: a Unix socket's ("unknown") */
    uint16_t port;
    const char *own_name; /* by= of Forwarded, and Via; a token; NULL: no by=, and "handfast" */
    uint16_t own_port;    /* X-Forwarded-Port */
    const char *
        server_name; /* Host of a request of HTTP/1.0 that has none: SNI, or the site's name; NULL: it stays empty */
    const char *version, *suite; /* "TLSv1.3", "TLS_AES_128_GCM_SHA256" */
    const char *cert_subject, *cert_fingerprint, *cert_sans; /* a verified client certificate's */
    bool cert_verified;
    bool early; /* Early-Data: 1 (RFC 8470) */
} hf_client_facts;

typedef struct hf_hsts {
    bool on, include_subdomains, preload;
    uint64_t max_age;
} hf_hsts;

/*
 * Into out; returns the length, 0: no room (nothing of out counts then). close: the backend's connection is not kept.
 * Written anew: the request line (always HTTP/1.1, origin-form), Host, framing, Connection, Expect, Via, and what is ours:
 *   X-Forwarded-For, -Proto, -Host, -Port; Forwarded; Early-Data;
 *   X-TLS-Version, X-TLS-Cipher; X-Client-Cert-Verified (yes, no), -Subject, -Fingerprint, -SANs.
 */
size_t hf_request_rewrite(const hf_head *head, const hf_client_facts *facts, bool close, char *out,
                          size_t room);
/* hsts (NULL: none) is not doubled when the backend sent one, and never on 1xx and 503; close: the client's connection ends after this
   response (it does in any case if its body ends with the connection, or loses its chunks: head->plain_body). */
size_t hf_response_rewrite(const hf_head *head, const hf_hsts *hsts, bool close, char *out,
                           size_t room);
/* A field of a request that is the proxy's alone to set, in whatever spelling ("x_forwarded_for" too: some backends fold _ and -). */
bool hf_field_is_ours(hf_span name);
/* One that nobody may send as a trailer (RFC 9110 6.5.1): framing, routing, authentication, and what is ours. */
bool hf_field_is_no_trailer(hf_span name);

#endif
