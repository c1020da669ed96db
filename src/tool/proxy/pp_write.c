/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Writing the PROXY protocol, for a backend that asks for it. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/builder.h"
#include "tool/proxy/pp.h"
#include "tool/proxy/pp_parts.h"

const uint8_t hf_pp2_signature[12] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                       0x0a, 'Q',  'U',  'I',  'T',  0x0a };

static size_t write_v1(const hf_pp *pp, uint8_t *out, size_t room)
{
    char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN], line[HF_PP_V1_MAX + 1];
    int family = pp->ipv6 ? AF_INET6 : AF_INET, n;

    inet_ntop(family, pp->source, source, sizeof source);
    inet_ntop(family, pp->destination, destination, sizeof destination);
    if (pp->local)
        n = snprintf(line, sizeof line, "PROXY UNKNOWN\r\n");
    else
        n = snprintf(line, sizeof line, "PROXY TCP%c %s %s %u %u\r\n", pp->ipv6 ? '6' : '4', source,
                     destination, pp->source_port, pp->destination_port);
    if (n < 0 || (size_t)n >= sizeof line || (size_t)n > room)
        return 0;
    memcpy(out, line, (size_t)n);
    return (size_t)n;
}

static void put_tlv(hf_builder *b, uint8_t type, const char *value)
{
    if (!value)
        return;
    hf_wr_u8(b, type);
    hf_wr_vec16(b, hf_span_str(value));
}

/* verify is 0 only for a certificate that was shown, and is good. */
static void put_tls(hf_builder *b, const hf_pp_facts *facts)
{
    uint8_t certificate = facts->certificate ? (facts->resumed ? 0x04 : 0x06) : 0;

    if (!facts->tls)
        return;
    hf_wr_u8(b, HF_PP2_SSL);
    hf_wr_open16(b);
    hf_wr_u8(b, 0x01 | certificate);
    hf_wr_u32(b, facts->certificate && facts->verified ? 0 : 1);
    put_tlv(b, HF_PP2_SSL_VERSION, facts->version);
    put_tlv(b, HF_PP2_SSL_CIPHER, facts->cipher);
    put_tlv(b, HF_PP2_SSL_CN, facts->certificate ? facts->cn : NULL);
    hf_wr_close(b);
}

static void put_addresses(hf_builder *b, const hf_pp *pp)
{
    size_t n = pp->ipv6 ? 16 : 4;

    hf_wr_bytes(b, hf_span_of(pp->source, n));
    hf_wr_bytes(b, hf_span_of(pp->destination, n));
    hf_wr_u16(b, pp->source_port);
    hf_wr_u16(b, pp->destination_port);
}

static void put_facts(hf_builder *b, const hf_pp_facts *facts)
{
    put_tlv(b, HF_PP2_ALPN, facts->alpn);
    put_tlv(b, HF_PP2_AUTHORITY, facts->authority);
    put_tls(b, facts);
}

static size_t write_v2(const hf_pp *pp, const hf_pp_facts *facts, uint8_t *out, size_t room)
{
    hf_builder b = hf_wr_start(out, room);
    hf_span header;

    hf_wr_bytes(&b, hf_span_of(hf_pp2_signature, sizeof hf_pp2_signature));
    hf_wr_u8(&b, pp->local ? 0x20 : 0x21);
    hf_wr_u8(&b, pp->local ? 0x00 : pp->ipv6 ? 0x21 : 0x11);
    hf_wr_open16(&b);
    if (!pp->local)
        put_addresses(&b, pp);
    if (!pp->local && facts)
        put_facts(&b, facts);
    hf_wr_close(&b);
    return hf_wr_finish(&b, &header) == HF_OK && header.len <= HF_PP_MAX ? header.len : 0;
}

size_t hf_pp_write(const hf_pp *pp, const hf_pp_facts *facts, uint8_t *out, size_t room)
{
    return pp->version == 1 ? write_v1(pp, out, room) : write_v2(pp, facts, out, room);
}
