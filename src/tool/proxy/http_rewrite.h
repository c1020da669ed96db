/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Heads as the proxy passes them on: hop-by-hop fields taken out (RFC 9110 7.6.1), what a client says about itself that only the proxy may say
 * taken out and said anew (X-Forwarded-*, Forwarded, certificate and TLS facts), HSTS put in. From a head that was read to bytes.
 */
#ifndef HF_TOOL_PROXY_HTTP_REWRITE_H
#define HF_TOOL_PROXY_HTTP_REWRITE_H

#include "tool/proxy/http_fields.h"
#include "tool/proxy/http_head.h"

/*
 * What is known of the client's connection; texts that are NULL are left out. In a certificate's words all that is not printable ASCII,
 * and the percent sign, is percent-encoded: nobody's subject ends a line.
 */
typedef struct hf_client_facts {
    const char *address; /* "192.0.2.1" or "2001:db8::1"; NULL: a Unix socket's ("unknown") */
    uint16_t port;
    uint16_t own_port; /* X-Forwarded-Port */
    const char *
        server_name; /* Host of a request of HTTP/1.0 that has none: SNI, or the site's name; NULL: it stays empty */
    const char *version, *suite; /* "TLSv1.3", "TLS_AES_128_GCM_SHA256" */
    const char *cert_subject, *cert_fingerprint, *cert_sans; /* a verified client certificate's */
    bool cert_verified;
} hf_client_facts;

/* What goes into a response. */
typedef struct hf_response_facts {
    hf_hsts hsts; /* never on 1xx, 421 and 503, and not doubled when the backend sent it */
    bool
        close; /* the client's connection ends after it; it does in any case if its body ends with the connection, or loses its
                     chunks: head->plain_body */
    int64_t
        now; /* seconds since 1970, for the Date that RFC 9110 6.6.1 asks for where the backend sent none; 0: no clock */
} hf_response_facts;

/*
 * Into out; returns the length, 0: no room (nothing of out counts then).
 * Written anew: the request line (always HTTP/1.1, origin-form), Host, framing, Connection, Expect, Via, and what is ours:
 *   X-Forwarded-For, -Proto, -Host, -Port; Forwarded; Early-Data;
 *   X-TLS-Version, X-TLS-Cipher; X-Client-Cert-Verified (yes, no), -Subject, -Fingerprint, -SANs.
 */
size_t hf_request_rewrite(const hf_head *head, const hf_client_facts *facts, char *out,
                          size_t room);
/* The same for a response. */
size_t hf_response_rewrite(const hf_head *head, const hf_response_facts *facts, char *out,
                           size_t room);
/* A field of a request that is the proxy's alone to set, in whatever spelling ("x_forwarded_for" too: backends fold what is no letter or digit). */
bool hf_field_is_ours(hf_span name);
/* One that nobody may send as a trailer (RFC 9110 6.5.1): framing, routing, authentication, and what is ours. */
bool hf_field_is_no_trailer(hf_span name);

#endif
