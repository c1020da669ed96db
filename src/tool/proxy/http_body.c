/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A body's end. Chunks are read byte by byte in one state machine, their content in one go; what was taken is always all that comes
 * before the first byte that is wrong, however the bytes were cut.
 */
#include "tool/proxy/http_body.h"

#include "tool/proxy/http_parts.h"
#include "tool/proxy/http_rewrite.h"

enum {
    SIZE,  /* a chunk's size, in digits */
    BLANK, /* behind it, before an extension */
    EXTENSION,
    SIZE_LF, /* its CR was there */
    DATA,
    DATA_CR, /* after the content */
    DATA_LF,
    LINE, /* where a trailer, or the empty line, begins */
    NAME,
    VALUE,
    VALUE_LF,
    LAST_LF /* the empty line's */
};

static const uint64_t size_max = (uint64_t)1 << 62;

void hf_body_start(hf_body *body, const hf_head *head)
{
    *body = (hf_body){ .framing = head->framing, .state = SIZE, .response = head->response };
    if (head->framing == HF_BODY_LENGTH)
        body->left = head->length;
    body->done =
        head->framing == HF_BODY_NONE || (head->framing == HF_BODY_LENGTH && body->left == 0);
}

static bool bad(hf_body *body, const char *why)
{
    body->why = why;
    return false;
}

static bool expect(hf_body *body, uint8_t c, uint8_t wanted, uint8_t next, const char *why)
{
    if (c != wanted)
        return bad(body, why);
    body->state = next;
    return true;
}

/* ---- a chunk's size ---- */

/* Left out of what is passed on. */
static bool is_left_out(const hf_body *body)
{
    return body->state == BLANK || body->state == EXTENSION;
}

/* Whatever it says: no CR and no LF can be in it, quoted or not, so that it ends with its line for everybody. */
static bool on_extension(hf_body *body, uint8_t c)
{
    if (c == '\r' && body->state == EXTENSION) {
        body->state = SIZE_LF;
        return true;
    }
    if (body->state != EXTENSION && c != ';' && c != ' ' && c != '\t')
        return bad(body, "a chunk's size is not hexadecimal digits alone");
    if ((c < ' ' && c != '\t') || c == 0x7f)
        return bad(body, "a control character in a chunk extension");
    if (++body->extension > HF_CHUNK_EXTENSION_MAX)
        return bad(body, "a chunk's extensions are too long");
    body->state = body->state == EXTENSION || c == ';' ? EXTENSION : BLANK;
    body->left_out++;
    return true;
}

static bool on_size(hf_body *body, uint8_t c)
{
    int digit = hf_hex_digit(c);

    if (digit >= 0) {
        if (body->digits == HF_CHUNK_DIGITS_MAX || body->left > size_max >> 4)
            return bad(body, "a chunk's size is too large");
        body->left = body->left << 4 | (unsigned)digit;
        body->digits++;
        return body->left <= size_max || bad(body, "a chunk's size is too large");
    }
    if (c == ';' && !body->response)
        return bad(body, "a chunk extension");
    if (body->digits == 0)
        return bad(body, "a chunk without a size");
    if (body->response && (c == ';' || c == ' ' || c == '\t'))
        return on_extension(body, c);
    return expect(body, c, '\r', SIZE_LF,
                  c == '\n' ? "a chunk's size ends with a LF without CR"
                            : "a chunk's size is not hexadecimal digits alone");
}

static bool on_size_end(hf_body *body, uint8_t c)
{
    body->digits = 0;
    body->extension = 0;
    return expect(body, c, '\n', body->left > 0 ? DATA : LINE,
                  "a CR without LF after a chunk's size");
}

/* ---- trailers ---- */

static bool on_name(hf_body *body, uint8_t c)
{
    if (c == ':') {
        hf_span name = hf_span_of(body->name, body->n_name);
        body->state = VALUE;
        return !hf_field_is_no_trailer(name) || bad(body, "a trailer that is none");
    }
    if (!hf_is_tchar(c))
        return bad(body, "a trailer's name is not a token");
    if (body->n_name < HF_TRAILER_NAME) /* no name that matters is longer */
        body->name[body->n_name++] = (char)c;
    return true;
}

static bool on_line(hf_body *body, uint8_t c)
{
    if (c == ' ' || c == '\t')
        return bad(body, "a folded trailer, or white space before it");
    if (c == '\r') {
        body->state = LAST_LF;
        return true;
    }
    if (c == ':')
        return bad(body, "a trailer without a name");
    body->state = NAME;
    body->n_name = 0;
    return on_name(body, c);
}

static bool on_value(hf_body *body, uint8_t c)
{
    if (c == '\r')
        body->state = VALUE_LF;
    else if ((c < ' ' && c != '\t') || c == 0x7f)
        return bad(body, c == '\n' ? "a trailer ends with a LF without CR"
                                   : "a control character in a trailer");
    return true;
}

static bool on_last(hf_body *body, uint8_t c)
{
    body->done = c == '\n';
    return body->done || bad(body, "a CR without LF after the last chunk");
}

static bool on_trailer(hf_body *body, uint8_t c)
{
    if (++body->trailer > HF_TRAILER_MAX)
        return bad(body, "the trailers are too long");
    switch (body->state) {
    case LINE: return on_line(body, c);
    case NAME: return on_name(body, c);
    case VALUE: return on_value(body, c);
    case VALUE_LF: return expect(body, c, '\n', LINE, "a CR without LF in a trailer");
    default: return on_last(body, c);
    }
}

static bool on_framing(hf_body *body, uint8_t c)
{
    switch (body->state) {
    case SIZE: return on_size(body, c);
    case BLANK:
    case EXTENSION: return on_extension(body, c);
    case SIZE_LF: return on_size_end(body, c);
    case DATA_CR: return expect(body, c, '\r', DATA_LF, "a chunk is longer than its size says");
    case DATA_LF: return expect(body, c, '\n', SIZE, "a CR without LF after a chunk");
    default: return on_trailer(body, c);
    }
}

/* ---- taking ---- */

/* As much content as there is; the state when it is over. */
static size_t take_content(hf_body *body, size_t len)
{
    size_t n = len < body->left ? len : (size_t)body->left;

    body->left -= n;
    if (body->left == 0 && body->framing == HF_BODY_LENGTH)
        body->done = true;
    if (body->left == 0)
        body->state = DATA_CR;
    return n;
}

/* To where an extension begins or ends, the byte at which that shows included; or to the content. */
static size_t take_framing(hf_body *body, hf_span bytes, hf_span *kept)
{
    bool leaves_out = is_left_out(body);
    size_t n = 0;

    while (n < bytes.len && body->state != DATA && !body->done && is_left_out(body) == leaves_out)
        if (!on_framing(body, bytes.data[n]))
            break;
        else
            n++;
    bool turned = is_left_out(body) != leaves_out;
    *kept = leaves_out ? hf_span_of(bytes.data + n - turned, turned)
                       : hf_span_of(bytes.data, n - turned);
    return n;
}

/* The framing before the content, if there is any, and the content. */
static size_t take_chunk(hf_body *body, hf_span bytes, hf_span *data, hf_span *kept)
{
    size_t n = take_framing(body, bytes, kept);

    if (body->state == DATA) {
        size_t content = take_content(body, bytes.len - n);
        *data = hf_span_of(bytes.data + n, content);
        n += content;
        kept->len += content;
    }
    return n;
}

static size_t take(hf_body *body, hf_span bytes, hf_span *data, hf_span *kept)
{
    *data = *kept = hf_span_of(bytes.data, 0);
    if (body->done || body->why || bytes.len == 0)
        return 0;
    if (body->framing == HF_BODY_CHUNKED)
        return take_chunk(body, bytes, data, kept);
    *data = bytes;
    if (body->framing == HF_BODY_LENGTH)
        data->len = take_content(body, bytes.len);
    *kept = *data;
    return data->len;
}

size_t hf_body_part(hf_body *body, hf_span bytes, hf_span *data)
{
    hf_span kept;

    return take(body, bytes, data, &kept);
}

size_t hf_body_piece(hf_body *body, hf_span bytes, hf_span *kept)
{
    hf_span data;

    return take(body, bytes, &data, kept);
}

size_t hf_body_take(hf_body *body, hf_span bytes)
{
    size_t taken = 0;
    hf_span data;

    while (taken < bytes.len && !body->done && !body->why)
        taken += hf_body_part(body, hf_span_of(bytes.data + taken, bytes.len - taken), &data);
    return taken;
}

bool hf_body_end(hf_body *body)
{
    if (body->framing == HF_BODY_CLOSE || body->framing == HF_BODY_TUNNEL)
        body->done = true;
    if (!body->done && !body->why)
        body->why = "the message ends before its body does";
    return body->done;
}
