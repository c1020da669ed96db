/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Addresses of backends and networks, names of sites, and who can reach an address. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tool/proxy/mapped.h"
#include "tool/proxy/value.h"
#include "tool/target.h"

enum { HOST_ROOM = 256, SOCKET_TEXT_MAX = 107 };

/* ---- backends ---- */

static const char *parse_socket(const char *path, char host[HOST_ROOM])
{
    size_t len = strlen(path);

    if (len == 0)
        return "the path of the socket is missing after unix:";
    if (len > SOCKET_TEXT_MAX)
        return "the path of the socket is longer than the system allows (107 bytes)";
    memcpy(host, path, len + 1);
    return NULL;
}

const char *hf_backend_parse(const char *text, hf_backend_kind *kind, char host[HOST_ROOM],
                             uint16_t *port)
{
    hf_target target;
    const char *wrong;

    *kind = strncmp(text, "unix:", 5) == 0 ? HF_BACKEND_UNIX : HF_BACKEND_TCP;
    *port = 0;
    if (*kind == HF_BACKEND_UNIX)
        return parse_socket(text + 5, host);
    if (strstr(text, "://"))
        return "it is HOST:PORT, not a URL; TLS is asked for by {address: HOST:PORT, tls: {}}";
    if (strchr(text, '/'))
        return "a path is passed on as the client sent it; a socket is written unix:PATH";
    if ((wrong = hf_target_parse(text, 0, &target)))
        return wrong;
    if (target.port == 0)
        return "the port is missing";
    memcpy(host, target.host, sizeof target.host);
    *port = target.port;
    return NULL;
}

/* ---- networks ---- */

/* The interface of fe80::1%eth0 does not count. */
static bool to_bytes(const char *text, uint8_t bytes[16], unsigned *bits)
{
    char address[INET6_ADDRSTRLEN];
    size_t len = strcspn(text, "%");

    *bits = strchr(text, ':') ? 128 : 32;
    if (len >= sizeof address)
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    return inet_pton(*bits == 128 ? AF_INET6 : AF_INET, address, bytes) == 1;
}

const char *hf_network_parse(const char *text)
{
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);
    char address[64], *end;
    uint8_t bytes[16];
    unsigned bits;

    if (len >= sizeof address)
        return "it is not an IP address";
    memcpy(address, text, len);
    address[len] = '\0';
    if (strchr(address, '%') || !to_bytes(address, bytes, &bits))
        return "it is not an IP address";
    if (!slash)
        return NULL;
    unsigned long length = isdigit((unsigned char)slash[1]) ? strtoul(slash + 1, &end, 10) : 999;
    if (length > bits || *end != '\0')
        return "behind / stands how many bits the network has: 0 to 32, of IPv6 0 to 128";
    for (unsigned i = (unsigned)length; i < bits; i++)
        if (bytes[i / 8] >> (7 - i % 8) & 1)
            return "it has bits behind those of the network, so it is unclear which of the two is "
                   "meant";
    return NULL;
}

static const struct {
    const char *address;
    unsigned bits;
    hf_reach reach;
} ranges[] = {
    { "127.0.0.0", 8, HF_REACH_MACHINE },    { "::1", 128, HF_REACH_MACHINE },
    { "0.0.0.0", 32, HF_REACH_ALL },         { "::", 128, HF_REACH_ALL },
    { "10.0.0.0", 8, HF_REACH_PRIVATE },     { "172.16.0.0", 12, HF_REACH_PRIVATE },
    { "192.168.0.0", 16, HF_REACH_PRIVATE }, { "169.254.0.0", 16, HF_REACH_PRIVATE },
    { "100.64.0.0", 10, HF_REACH_PRIVATE },  { "fc00::", 7, HF_REACH_PRIVATE },
    { "fe80::", 10, HF_REACH_PRIVATE },
};

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned n)
{
    unsigned rest = n % 8;

    return memcmp(a, b, n / 8) == 0 && (rest == 0 || (a[n / 8] ^ b[n / 8]) >> (8 - rest) == 0);
}

hf_reach hf_address_reach(const char *host)
{
    uint8_t bytes[16], range[16];
    unsigned bits, bits_of_range;

    if (!to_bytes(host, bytes, &bits))
        return HF_REACH_NAME;
    if (bits == 128 && hf_is_mapped(bytes)) {
        memmove(bytes, bytes + HF_MAPPED_AT, 4);
        bits = 32;
    }
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (to_bytes(ranges[i].address, range, &bits_of_range) && bits == bits_of_range &&
            same_bits(bytes, range, ranges[i].bits))
            return ranges[i].reach;
    return HF_REACH_PUBLIC;
}

bool hf_address_same(const char *a, const char *b)
{
    uint8_t left[16], right[16];
    unsigned bits, others;

    return to_bytes(a, left, &bits) && to_bytes(b, right, &others) && bits == others &&
           memcmp(left, right, bits / 8) == 0;
}

bool hf_address_covers(const char *all, const char *one)
{
    return hf_address_reach(all) == HF_REACH_ALL && hf_address_reach(one) != HF_REACH_NAME &&
           !strchr(all, ':') == !strchr(one, ':');
}

/* ---- names ---- */

static const char *check_labels(const char *name, bool wildcard)
{
    if (strchr(name, '*'))
        return "* stands for the whole first label and nothing else: \"*.a.test\"";
    if (hf_address_reach(name) != HF_REACH_NAME)
        return "clients never ask for an IP address by SNI (RFC 6066 3); the site named default "
               "answers there";
    if (wildcard && !strchr(name, '.'))
        return "clients accept no certificate for all names below a single label";
    return NULL;
}

const char *hf_site_name(const char *text, char out[HOST_ROOM])
{
    bool wildcard = text[0] == '*' && text[1] == '.';
    const char *rest = text + 2 * wildcard, *wrong;
    char name[HF_HOST_MAX];

    out[0] = '\0';
    if (strchr(rest, '*'))
        return check_labels(rest, wildcard);
    if (strchr(rest, ':') && hf_address_reach(rest) == HF_REACH_NAME)
        return "a name has no port; that stands in listen";
    if ((wrong = hf_target_name(rest, name)) || (wrong = check_labels(name, wildcard)))
        return wrong;
    if (strlen(name) + 2 * wildcard > 253)
        return "the host name is longer than 253 bytes";
    memcpy(out, "*.", 2);
    for (char *p = name, *q = out + 2 * wildcard; (*q = (char)tolower((unsigned char)*p)); p++)
        q++;
    return NULL;
}
