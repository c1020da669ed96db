/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* PostgreSQL's SSLRequest (protocol 3, "SSL Session Encryption"): eight bytes, and one in answer. */
#include "base/bytes.h"
#include "tool/starttls.h"

enum { ERROR_HEAD = 5 }; /* 'E' and the length of what follows, itself included */

/* Int32 8, Int32 80877103. */
static const uint8_t ssl_request[] = { 0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f };

static void begin(hf_starttls *s)
{
    hf_starttls_await(s, "S in answer to SSLRequest");
    hf_starttls_say(s, ssl_request, sizeof ssl_request);
}

/* The field M of an ErrorResponse: its message. Fields are a letter and text up to a NUL. */
static hf_span message_of(hf_span fields)
{
    size_t i = 0;

    while (i < fields.len && fields.data[i] != 0) {
        hf_span text = { fields.data + i + 1, 0 };

        while (i + 1 + text.len < fields.len && text.data[text.len] != 0)
            text.len++;
        if (fields.data[i] == 'M')
            return text;
        i += text.len + 2;
    }
    return fields;
}

/* A server that does not know the request, or has no room for us, says so in an ErrorResponse. */
static size_t take_error(hf_starttls *s, hf_span got)
{
    if (got.len < ERROR_HEAD)
        return 0;
    size_t n = 1 + ((size_t)got.data[1] << 24 | (size_t)got.data[2] << 16 |
                    (size_t)got.data[3] << 8 | got.data[4]);
    if (n < ERROR_HEAD)
        hf_starttls_no(s, HF_STARTTLS_UNEXPECTED, got);
    else if (n > HF_STARTTLS_ANSWER_MAX)
        hf_starttls_no(s, HF_STARTTLS_TOO_LONG, got);
    else if (n > got.len)
        return 0;
    else
        hf_starttls_no(s, HF_STARTTLS_REFUSED,
                       message_of(hf_span_of(got.data + ERROR_HEAD, n - ERROR_HEAD)));
    return n < got.len ? n : got.len;
}

static size_t take(hf_starttls *s, hf_span got)
{
    if (got.data[0] == 'E')
        return take_error(s, got);
    if (got.data[0] == 'S')
        hf_starttls_go(s);
    else if (got.data[0] == 'N')
        hf_starttls_no(s, HF_STARTTLS_NOT_OFFERED, hf_span_of(got.data, 1));
    else
        hf_starttls_no(s, HF_STARTTLS_UNEXPECTED, got);
    return 1;
}

const hf_starttls_script hf_starttls_postgres = { "postgres", "PostgreSQL", 5432, 0,
                                                  false,      begin,        take };
