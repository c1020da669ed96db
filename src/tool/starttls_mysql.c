/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * MySQL and MariaDB (client/server protocol, "Connection Phase"): the server's handshake packet says
 * whether it can; our SSLRequest, the head of a login without a name, is followed by TLS at once.
 */
#include "base/reader.h"
#include "tool/starttls.h"

enum {
    HEAD = 4, /* the length in three bytes, lowest first, and the packet's number */
    VERSION_10 = 10,
    ERROR_PACKET = 0xff,
    CLIENT_PROTOCOL_41 = 0x0200,
    CLIENT_SSL = 0x0800,
    CLIENT_SECURE_CONNECTION = 0x8000,
    REQUEST_BYTES = 32,
    UTF8MB4 = 45
};

static void begin(hf_starttls *s)
{
    hf_starttls_await(s, "the handshake packet, with CLIENT_SSL");
}

/* Our capabilities, the longest packet (16 MB), the character set, and 23 zeroes. */
static void ask(hf_starttls *s)
{
    static const unsigned flags = CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION;
    const uint8_t packet[HEAD + REQUEST_BYTES] = {
        REQUEST_BYTES, 0, 0, 1, flags & 0xff, flags >> 8, 0, 0, 0, 0, 0, 1, UTF8MB4
    };

    hf_starttls_say(s, packet, sizeof packet);
    hf_starttls_go(s);
}

/* The text of version 10: version, thread, eight bytes of a nonce, a filler; then the capabilities. */
static bool read_capabilities(hf_span packet, unsigned *flags)
{
    const uint8_t *nul = memchr(packet.data + 1, 0, packet.len - 1);
    size_t version = nul ? (size_t)(nul - packet.data) : packet.len;
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(packet, "Handshake", 0, &fault, NULL);

    hf_rd_bytes(&r, version, "server version");
    hf_rd_bytes(&r, 1 + 4 + 8 + 1, "thread id, auth-plugin-data, filler");
    unsigned low = hf_rd_u8(&r, "capability_flags_1"), high = hf_rd_u8(&r, "capability_flags_1");
    *flags = low | high << 8;
    return hf_rd_ok(&r);
}

/* An error packet has a number in two bytes before its text. */
static hf_span error_text(hf_span packet)
{
    return packet.len > 3 ? hf_span_of(packet.data + 3, packet.len - 3) : packet;
}

static void judge(hf_starttls *s, hf_span packet)
{
    unsigned flags;

    if (packet.data[0] == ERROR_PACKET)
        hf_starttls_no(s, HF_STARTTLS_REFUSED, error_text(packet));
    else if (packet.data[0] != VERSION_10 || !read_capabilities(packet, &flags))
        hf_starttls_no(s, HF_STARTTLS_UNEXPECTED, packet);
    else if (!(flags & CLIENT_SSL))
        hf_starttls_no(s, HF_STARTTLS_NOT_OFFERED, hf_span_str("no CLIENT_SSL"));
    else
        ask(s);
}

static size_t take(hf_starttls *s, hf_span got)
{
    if (got.len < HEAD)
        return 0;
    size_t n = (size_t)got.data[0] | (size_t)got.data[1] << 8 | (size_t)got.data[2] << 16;
    if (got.data[3] != 0 || n == 0) {
        hf_starttls_no(s, HF_STARTTLS_UNEXPECTED, got);
        return got.len;
    }
    if (HEAD + n > HF_STARTTLS_ANSWER_MAX) {
        hf_starttls_no(s, HF_STARTTLS_TOO_LONG, got);
        return got.len;
    }
    if (HEAD + n > got.len)
        return 0;
    judge(s, hf_span_of(got.data + HEAD, n));
    return HEAD + n;
}

const hf_starttls_script hf_starttls_mysql = { "mysql", "MySQL", 3306, 0, false, begin, take };
