/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Heads of HTTP/1.1 messages, as strictly as a gateway must read them (RFC 9112, RFC 9110): what two readers could understand in two
 * ways is refused, never mended, so that nothing is smuggled past the proxy. Bytes in, fields out; no I/O. Bodies are http_body.h.
 */
#ifndef HF_TOOL_PROXY_HTTP_HEAD_H
#define HF_TOOL_PROXY_HTTP_HEAD_H

#include <handfast/types.h>

enum {
    HF_HEAD_FIELDS_MAX = 200,
    HF_HEAD_START_MAX = 8 * 1024,  /* its first line */
    HF_HEAD_BYTES_MAX = 16 * 1024, /* of a request; one field may be all of it */
    HF_HEAD_REPLY_MAX = 32 * 1024  /* of a response */
};

typedef struct hf_head_field {
    hf_span name, value; /* as written, without the white space around the value */
} hf_head_field;

typedef enum hf_framing {
    HF_BODY_NONE,
    HF_BODY_LENGTH, /* Content-Length */
    HF_BODY_CHUNKED,
    HF_BODY_CLOSE, /* a response's: until the connection ends */
    HF_BODY_TUNNEL /* after 101, or CONNECT's 2xx: not HTTP any more */
} hf_framing;

typedef struct hf_head {
    bool response;
    hf_span method, target; /* request */
    unsigned status;        /* response */
    hf_span reason;
    unsigned minor; /* of HTTP/1.x: 0 or 1 */
    hf_head_field fields[HF_HEAD_FIELDS_MAX];
    size_t n_fields;
    hf_framing framing;
    uint64_t length;       /* HF_BODY_LENGTH */
    bool keep_alive;       /* the sender means to */
    bool expects_continue; /* Expect: 100-continue */
    hf_framing
        announced; /* what the fields say, though there is no body (HEAD's answer, 304); else framing */
    bool upgrade;     /* Connection: upgrade and Upgrade: one protocol that is not HTTP */
    hf_span protocol; /* upgrade: that one */
    bool
        last_hop; /* OPTIONS with Max-Forwards: 0: to be answered here, with 200, not passed on (RFC 9110 7.6.2) */
    bool
        plain_body; /* a chunked response to a client of HTTP/1.0: pass on the data alone (hf_body_part), then close */
    unsigned asked_minor; /* response: of the request */
    hf_span
        host; /* request: without port and the root's dot; [] stay around an address; empty: HTTP/1.0 without one */
    uint16_t port; /* 0: none given */
    hf_span
        path; /* request: from the first "/", with the query; "*" for OPTIONS *. Static text if the target has none */
} hf_head;

/* What to answer, and in words for the log; status 0: it is good. */
typedef struct hf_head_fault {
    unsigned status; /* 400, 414, 417, 431, 501, 505; 502 for a response */
    const char *why; /* static: "Content-Length and Transfer-Encoding together" */
    size_t offset;
} hf_head_fault;

/* How long the head is, with its empty line; 0: not all of it is there yet (fault tells when it never will be: too long, or a byte
   that no head has). Skips at most one empty line before a request (RFC 9112 2.2); it counts. What it says of a part, it says of
   the whole: bytes are judged in their order. */
size_t hf_head_length(hf_span bytes, size_t max, bool response, hf_head_fault *fault);
/* A whole head. request: the head that a response answers (NULL: this is a request). False: fault. Spans point into bytes. The caller
   drops 1xx but 101 for a client of HTTP/1.0, and counts them; a 101 before all of the request was sent is a fault too. */
bool hf_head_read(hf_span bytes, const hf_head *request, hf_head *head, hf_head_fault *fault);
/* The first field of that name (case ignored), from *at on; moves *at behind it. */
bool hf_head_next(const hf_head *head, const char *name, size_t *at, hf_span *value);
/* The next element of a comma-separated list that is not empty; false at the end. Knows no quotes. */
bool hf_list_next(hf_span *rest, hf_span *element);
/* The path, as the most obliging backend might read it, lies at or below the prefix ("/admin": "/admin", "/admin/x", "/ADMIN", "//admin",
   "/%61dmin;v=1", "/;/admin", "/x/%2e%2e/admin", "/admin.json", "/index.php/admin"; not "/administer"). For rules that protect; never
   for those that open. */
bool hf_path_below(hf_span path, const char *prefix);

#endif
