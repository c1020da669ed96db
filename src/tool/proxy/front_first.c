/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What comes before TLS: a PROXY protocol header, and somebody who speaks plain HTTP to a TLS port. */
#include "tool/proxy/front_parts.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/http_parts.h"
#include "tool/proxy/mapped.h"
#include "tool/proxy/pp.h"

enum { HANDSHAKE_RECORD = 0x16, METHOD_MAX = 24 /* UPDATEREDIRECTREF has 17 */ };

/* ---- who may send the header ---- */

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    uint8_t mask = (uint8_t)(0xff00u >> rest);

    return memcmp(a, b, whole) == 0 && (rest == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

/* "10.0.0.0/8", "::1"; it was judged when the configuration was read. */
static bool network_has(const char *text, const uint8_t ip[16])
{
    uint8_t network[16], mapped[16];
    char address[64];
    size_t len = strcspn(text, "/");
    bool is_v4 = !memchr(text, ':', len);
    unsigned most = is_v4 ? 32 : 128;

    if (len >= sizeof address)
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    unsigned long bits = text[len] ? strtoul(text + len + 1, NULL, 10) : most;
    if (inet_pton(is_v4 ? AF_INET : AF_INET6, address, network) != 1 || bits > most)
        return false;
    if (!is_v4)
        return same_bits(network, ip, (unsigned)bits);
    hf_map(mapped, network);
    return same_bits(mapped, ip, (unsigned)bits + HF_MAPPED_BITS);
}

bool hf_front_may_speak_pp(const hf_house *house, const hf_peer_at *client)
{
    const hf_config_list *from = &house->now->config->proxy_protocol_from;

    for (size_t i = 0; i < from->n; i++)
        if (network_has(from->at[i].text, client->ip))
            return true;
    return false;
}

/* ---- the header ---- */

static void set_address(uint8_t ip[16], const hf_pp *pp, const uint8_t *from)
{
    if (pp->ipv6)
        memcpy(ip, from, 16);
    else
        hf_map(ip, from);
}

/* From here on the client is who the header says, and counts as such. */
static bool become(hf_front *front, const hf_pp *pp)
{
    hf_house *house = front->house;
    hf_peer_at client = front->client;

    if (!pp->local) {
        set_address(client.ip, pp, pp->source);
        client.port = pp->source_port;
        set_address(front->own.ip, pp, pp->destination);
        front->own.port = pp->destination_port;
        front->own_known = true;
    }
    hf_counters_leave(house->counters, house->slot, front->client.ip);
    front->admitted = hf_front_admit(house, &client, front->generation->config->limits.per_address);
    front->client = client;
    if (!front->admitted)
        hf_stream_close(&front->stream);
    return front->admitted;
}

/* How many bytes the header has; 0: it is not whole, or it is none and the connection is refused. */
static size_t take_header(hf_front *front, hf_span bytes)
{
    hf_pp pp;
    const char *why = "it is none";
    int n = hf_pp_read(bytes, &pp, &why);

    if (n > 0)
        return become(front, &pp) ? (size_t)n : 0;
    if (n < 0 || bytes.len >= HF_PP_MAX)
        hf_front_refuse(front, HF_EVENT_OF_proxy_header_refused,
                        n < 0 && bytes.data[0] == HANDSHAKE_RECORD
                            ? "TLS began at once, without the PROXY protocol header that must "
                              "come before it (proxy_protocol)"
                        : n < 0 ? why
                                : "its PROXY protocol header is too long");
    return 0;
}

/* ---- plain HTTP ---- */

typedef enum looks { LOOKS_LIKE_HTTP, LOOKS_UNFINISHED, LOOKS_OTHER } looks;

/* What may stand behind a method: a path, "*", or the beginning of an address. Only CONNECT names a host at once. */
static looks look_at_target(hf_span method, hf_span target)
{
    static const char http[] = "http";
    size_t n = 0;

    if (hf_is_word(method, "CONNECT"))
        return LOOKS_LIKE_HTTP;
    if (target.len > 0 && (target.data[0] == '/' || target.data[0] == '*'))
        return LOOKS_LIKE_HTTP;
    while (n < target.len && http[n] && hf_lower(target.data[n]) == http[n])
        n++;
    return !http[n] ? LOOKS_LIKE_HTTP : n == target.len ? LOOKS_UNFINISHED : LOOKS_OTHER;
}

/* Of a record of TLS the first byte is none of a method's. */
static looks look(hf_span bytes)
{
    size_t n = 0;

    while (n < bytes.len && n <= METHOD_MAX && hf_is_tchar(bytes.data[n]))
        n++;
    if (n == bytes.len && n <= METHOD_MAX)
        return LOOKS_UNFINISHED;
    if (n == 0 || n > METHOD_MAX || bytes.data[n] != ' ')
        return LOOKS_OTHER;
    return look_at_target(hf_span_of(bytes.data, n),
                          hf_span_of(bytes.data + n + 1, bytes.len - n - 1));
}

/* ---- the first bytes ---- */

static void keep(hf_front *front, hf_span bytes)
{
    uint8_t *kept = malloc(bytes.len);

    if (!kept) {
        hf_stream_close(&front->stream);
        return;
    }
    memcpy(kept, bytes.data, bytes.len);
    free(front->prelude);
    front->prelude = kept;
    front->prelude_len = (uint16_t)bytes.len;
}

static void begin_with(hf_front *front, hf_span bytes)
{
    looks as = bytes.data[0] == HANDSHAKE_RECORD ? LOOKS_OTHER : look(bytes);

    if (as == LOOKS_UNFINISHED) {
        keep(front, bytes);
    } else if (as == LOOKS_OTHER) {
        front->prelude_len = 0;
        hf_front_start_tls(front, bytes);
    } else {
        front->prelude_len = 0;
        hf_front_start_mode(front, &hf_hint_mode);
        if (front->mode_started && !hf_stream_is_closing(&front->stream))
            front->mode->data(front, bytes);
    }
}

static void take_first(hf_front *front, hf_span bytes)
{
    if (front->generation->config->proxy_protocol_in && !front->pp_done) {
        size_t n = take_header(front, bytes);
        if (hf_stream_is_closing(&front->stream))
            return;
        front->pp_done = n > 0;
        if (n == 0) {
            keep(front, bytes);
            return;
        }
        hf_front_limit_handshake(front);
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
        front->prelude_len = 0;
    }
    if (bytes.len > 0)
        begin_with(front, bytes);
}

/* What waits is short (a PROXY header at most), so that it may be read again with what comes. The connection may free it meanwhile:
   `whole` is ours. */
void hf_front_first(hf_front *front, hf_span bytes)
{
    size_t before = front->prelude_len, len = before + bytes.len;

    if (before == 0) {
        take_first(front, bytes);
        return;
    }
    uint8_t *whole = malloc(len);
    if (!whole) {
        hf_stream_close(&front->stream);
        return;
    }
    memcpy(whole, front->prelude, before);
    memcpy(whole + before, bytes.data, bytes.len);
    take_first(front, hf_span_of(whole, len));
    free(whole);
    if (front->prelude_len == 0) {
        free(front->prelude);
        front->prelude = NULL;
    }
}
