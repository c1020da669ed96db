/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A tape as a capture that other programs open and decrypt: pcapng (draft-ietf-opsawg-pcapng) with the tape's secrets in a block of
 * its own, and one TCP connection over Ethernet. The records and what came before TLS are the tape's, byte for
 * byte and at their times; segments, acknowledgements and, where the tape knows none, addresses are made up around them.
 */
#include "explain/pcapng.h"

#include <stdio.h>
#include <stdlib.h>

#include "x509/x509.h"

enum {
    SECTION_HEADER = 0x0a0d0d0a, /* block types */
    INTERFACE_DESCRIPTION = 1,
    ENHANCED_PACKET = 6,
    DECRYPTION_SECRETS = 10,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    SECRETS_TLS = 0x544c534b,
    OPT_END = 0, /* options: of any block, of the section's, of the interface's */
    OPT_COMMENT = 1,
    SHB_USERAPPL = 4,
    IF_NAME = 2,
    IF_TSRESOL = 9,
    LINK_ETHERNET = 1,
    SEGMENTS_UNTIL_ACK = 16, /* well within the window of 65,535 bytes */
    HTTPS = 443,
    EPHEMERAL = 49152
};

/* ---- blocks: the least significant byte first, as most captures have it; padded to 32 bits ---- */

static void put16(hf_sheet *out, unsigned v)
{
    uint8_t bytes[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

    hf_sheet_bytes(out, bytes, 2);
}

static void put32(hf_sheet *out, uint32_t v)
{
    put16(out, v & 0xffff);
    put16(out, v >> 16);
}

static void pad(hf_sheet *out, size_t len)
{
    hf_sheet_bytes(out, "\0\0\0", (4 - len % 4) % 4);
}

static void put_option(hf_sheet *out, unsigned code, hf_span value)
{
    put16(out, code);
    put16(out, (unsigned)value.len);
    hf_sheet_bytes(out, value.data, value.len);
    pad(out, value.len);
}

/* Type and length; the same length stands at the end. */
static uint32_t open_block(hf_sheet *out, uint32_t type, size_t body)
{
    uint32_t len = (uint32_t)(12 + (body + 3) / 4 * 4);

    put32(out, type);
    put32(out, len);
    return len;
}

static void put_block(hf_sheet *out, uint32_t type, const hf_sheet *body)
{
    uint32_t len = open_block(out, type, body->len);

    hf_sheet_bytes(out, body->text, body->len);
    pad(out, body->len);
    put32(out, len);
    out->error = out->error ? out->error : body->error;
}

static void put_section(hf_sheet *out, const hf_tape *tape)
{
    static const char comment[] =
        "The TLS records are as they were on the wire. TCP and IP are made up around them.";
    hf_sheet body = { .error = HF_OK };

    put32(&body, BYTE_ORDER_MAGIC);
    put16(&body, 1);
    put16(&body, 0);
    put32(&body, 0xffffffff); /* the length of the section is not told */
    put32(&body, 0xffffffff);
    put_option(&body, OPT_COMMENT, hf_span_str(comment));
    put_option(&body, SHB_USERAPPL, hf_span_str(tape->program[0] ? tape->program : "handfast"));
    put_option(&body, OPT_END, hf_span_str(""));
    put_block(out, SECTION_HEADER, &body);
    hf_sheet_free(&body);
}

static void put_interface(hf_sheet *out)
{
    static const uint8_t microseconds = 6;
    hf_sheet body = { .error = HF_OK };

    put16(&body, LINK_ETHERNET);
    put16(&body, 0);
    put32(&body, 0); /* no limit to what was captured */
    put_option(&body, IF_NAME, hf_span_str("handfast"));
    put_option(&body, IF_TSRESOL, hf_span_of(&microseconds, 1));
    put_option(&body, OPT_END, hf_span_str(""));
    put_block(out, INTERFACE_DESCRIPTION, &body);
    hf_sheet_free(&body);
}

/* ---- secrets ---- */

static void put_hex(hf_sheet *out, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hf_sheet_add(out, "%02x", bytes[i]);
}

static void put_secrets(hf_sheet *out, const hf_tape *tape)
{
    hf_sheet lines = { .error = HF_OK }, body = { .error = HF_OK };

    if (tape->n_secrets == 0)
        return;
    for (size_t i = 0; i < tape->n_secrets; i++) {
        const hf_tape_secret *secret = &tape->secrets[i];
        hf_sheet_add(&lines, "%s ", secret->label);
        put_hex(&lines, secret->client_random, sizeof secret->client_random);
        hf_sheet_put(&lines, " ");
        put_hex(&lines, secret->secret, secret->len);
        hf_sheet_put(&lines, "\n");
    }
    put32(&body, SECRETS_TLS);
    put32(&body, (uint32_t)lines.len);
    hf_sheet_bytes(&body, lines.text, lines.len);
    put_block(out, DECRYPTION_SECRETS, &body);
    out->error = out->error ? out->error : lines.error;
    hf_sheet_free(&lines);
    hf_sheet_free(&body);
}

/* ---- the connection ---- */

static void put_segment(hf_conversation *c, hf_role writer, unsigned flags, hf_span payload)
{
    uint8_t headers[HF_MADE_HEADERS_MAX];
    size_t n = hf_made_headers(c, writer, flags, payload, headers);

    uint32_t len = open_block(c->out, ENHANCED_PACKET, 20 + n + payload.len);
    put32(c->out, 0);
    put32(c->out, (uint32_t)(c->us >> 32));
    put32(c->out, (uint32_t)c->us);
    put32(c->out, (uint32_t)(n + payload.len));
    put32(c->out, (uint32_t)(n + payload.len));
    hf_sheet_bytes(c->out, headers, n);
    hf_sheet_bytes(c->out, payload.data, payload.len);
    pad(c->out, n + payload.len);
    put32(c->out, len);
}

static void say(hf_conversation *c, hf_role writer, unsigned flags)
{
    put_segment(c, writer, flags, hf_span_str(""));
    c->unacknowledged = 0;
}

static void put_bytes(hf_conversation *c, hf_role writer, hf_span bytes)
{
    size_t most = hf_made_segment_max(c);

    while (bytes.len > 0) {
        size_t n = bytes.len < most ? bytes.len : most;
        put_segment(c, writer, n == bytes.len ? HF_TCP_ACK | HF_TCP_PSH : HF_TCP_ACK,
                    hf_span_of(bytes.data, n));
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
        if (++c->unacknowledged == SEGMENTS_UNTIL_ACK)
            say(c, !writer, HF_TCP_ACK);
    }
}

static bool has_bytes(const hf_tape_event *e)
{
    return (e->kind == HF_TAPE_RECORD || e->kind == HF_TAPE_PRELUDE) && e->wire_len > 0;
}

/* What one end wrote at one moment is one run of bytes, as it would be on its way to a socket. The first event not of it. */
static size_t put_run(hf_conversation *c, const hf_tape *tape, size_t i)
{
    const hf_tape_event *first = &tape->events[i];
    hf_sheet run = { .error = HF_OK };

    for (; i < tape->n; i++) {
        const hf_tape_event *e = &tape->events[i];
        if (!has_bytes(e))
            continue;
        if (e->writer != first->writer || e->us != first->us)
            break;
        hf_sheet_bytes(&run, tape->bytes + e->wire_at, e->wire_len);
    }
    uint64_t us = (uint64_t)tape->started_us + first->us;
    c->us = us > c->us ? us : c->us;
    hf_role writer = first->writer == HF_SERVER ? HF_SERVER : HF_CLIENT;
    put_bytes(c, writer, hf_span_of(run.text, run.len));
    if (c->unacknowledged > 0)
        say(c, !writer, HF_TCP_ACK);
    c->out->error = c->out->error ? c->out->error : run.error;
    hf_sheet_free(&run);
    return i;
}

static void put_connection(hf_conversation *c, const hf_tape *tape)
{
    c->us = (uint64_t)tape->started_us;
    say(c, HF_CLIENT, HF_TCP_SYN);
    say(c, HF_SERVER, HF_TCP_SYN | HF_TCP_ACK);
    say(c, HF_CLIENT, HF_TCP_ACK);
    for (size_t i = 0; i < tape->n && !c->out->error;)
        i = has_bytes(&tape->events[i]) ? put_run(c, tape, i) : i + 1;
    say(c, HF_CLIENT, HF_TCP_FIN | HF_TCP_ACK);
    say(c, HF_SERVER, HF_TCP_FIN | HF_TCP_ACK);
    say(c, HF_CLIENT, HF_TCP_ACK);
}

/* ---- who ---- */

/* "127.0.0.1:443" or "[::1]:443". How long the address is, 0: that is no address. */
static size_t read_end(const char *text, uint8_t address[16], uint16_t *port)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;

    if (n < 2 || n >= sizeof host)
        return 0;
    bool bracketed = text[0] == '[' && colon[-1] == ']';
    snprintf(host, sizeof host, "%.*s", (int)(bracketed ? n - 2 : n), text + bracketed);
    unsigned long number = strtoul(colon + 1, NULL, 10);
    size_t len = hf_parse_ip(host, address);
    if (len > 0 && number > 0 && number <= 65535)
        *port = (uint16_t)number;
    return len;
}

/* Addresses of documentation (RFC 5737, RFC 3849). */
static void make_up(hf_conversation *c, hf_role role)
{
    static const uint8_t v4[4] = { 192, 0, 2, 1 }, v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };

    memcpy(c->address[role], c->ipv6 ? v6 : v4, c->ipv6 ? 16 : 4);
    c->address[role][c->ipv6 ? 15 : 3] = role == HF_CLIENT ? 1 : 2;
}

/* The server's address is the one that somebody looks for: the client's gives way to it. */
static hf_conversation with_ends(const hf_tape *tape, hf_sheet *out)
{
    hf_conversation c = { .out = out, .port = { EPHEMERAL, HTTPS }, .next = { 1000, 2000 } };
    size_t client = read_end(tape->client, c.address[HF_CLIENT], &c.port[HF_CLIENT]);
    size_t server = read_end(tape->server, c.address[HF_SERVER], &c.port[HF_SERVER]);

    c.ipv6 = server == 16 || (server == 0 && client == 16);
    if (client == 0 || (client == 16) != c.ipv6)
        make_up(&c, HF_CLIENT);
    if (server == 0)
        make_up(&c, HF_SERVER);
    if (c.port[0] == c.port[1] && memcmp(c.address[0], c.address[1], 16) == 0)
        c.port[HF_CLIENT] ^= 1; /* else nobody could tell the two apart */
    return c;
}

hf_error hf_show_pcapng(const hf_story *story, hf_sheet *out)
{
    hf_conversation c = with_ends(story->tape, out);

    put_section(out, story->tape);
    put_interface(out);
    put_secrets(out, story->tape);
    put_connection(&c, story->tape);
    return out->error;
}
