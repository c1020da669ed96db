/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Binding and listening. A port in use shows itself only when listening, so each try has a socket of its own. */
#include "tool/listener.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BACKLOG = 128, TRIES = 100 };

static const char *read_port(const char *text, uint16_t *port)
{
    unsigned value = 0;

    if (!*text || strlen(text) > 5)
        return "the port is not a number from 0 to 65535";
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return "the port is not a number from 0 to 65535";
        value = value * 10 + (unsigned)(*text - '0');
    }
    *port = (uint16_t)value;
    return value > 65535 ? "the port is not a number from 0 to 65535" : NULL;
}

static bool to_address(const char *host, uint16_t port, struct sockaddr_storage *address)
{
    return uv_ip4_addr(host, port, (struct sockaddr_in *)(void *)address) == 0 ||
           uv_ip6_addr(host, port, (struct sockaddr_in6 *)(void *)address) == 0;
}

/* "127.0.0.1", "localhost", "[::1]", "127.0.0.1:"; digits alone are a port. */
static bool lacks_port(const char *text)
{
    size_t len = strlen(text);

    if (len == 0 || text[len - 1] == ':' || text[len - 1] == ']')
        return true;
    return !strchr(text, ':') && text[strspn(text, "0123456789")] != '\0';
}

const char *hf_listener_parse(const char *text, hf_listener *l)
{
    const char *colon = strrchr(text, ':');
    const char *start = colon && *text == '[' ? text + 1 : text;
    size_t len = colon ? (size_t)(colon - start) : 0;
    struct sockaddr_storage address;

    memset(l, 0, sizeof *l);
    if (lacks_port(text))
        return "the port is missing";
    if (start > text && (len == 0 || start[--len] != ']'))
        return "an IPv6 address stands in brackets: [::1]:8443";
    if (len >= sizeof l->host)
        return "the address is too long";
    memcpy(l->host, start, len);
    if (!colon || strcmp(l->host, "localhost") == 0)
        strcpy(l->host, "127.0.0.1");
    else if (len == 0 || strcmp(l->host, "*") == 0)
        strcpy(l->host, "0.0.0.0");
    if (strchr(l->host, ':') && *text != '[')
        return "an IPv6 address stands in brackets: [::1]:8443";
    if (!to_address(l->host, 0, &address))
        return "the address to listen on is not an IP address of this machine";
    return read_port(colon ? colon + 1 : text, &l->wanted);
}

static int try_port(hf_listener *l, uv_loop_t *loop, uint16_t port, uv_connection_cb came)
{
    struct sockaddr_storage address;
    int error;

    memset(&address, 0, sizeof address);
    to_address(l->host, port, &address);
    l->tcp = malloc(sizeof *l->tcp);
    if (!l->tcp)
        return UV_ENOMEM;
    uv_tcp_init(loop, l->tcp);
    error = uv_tcp_bind(l->tcp, (struct sockaddr *)&address, 0);
    if (!error)
        error = uv_listen((uv_stream_t *)l->tcp, BACKLOG, came);
    if (error)
        hf_listener_close(l);
    return error;
}

static int learn_port(hf_listener *l)
{
    struct sockaddr_storage address;
    int len = sizeof address;
    int error = uv_tcp_getsockname(l->tcp, (struct sockaddr *)&address, &len);

    if (error)
        return error;
    hf_address_text((struct sockaddr *)&address, l->address);
    l->port =
        ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&address)->sin6_port
                                            : ((struct sockaddr_in *)(void *)&address)->sin_port);
    return 0;
}

int hf_listener_open(hf_listener *l, uv_loop_t *loop, uv_connection_cb came, void *user)
{
    int error = UV_EADDRINUSE;
    unsigned tries = l->moves_on && l->wanted != 0 ? TRIES : 1;

    for (unsigned i = 0; i < tries && error == UV_EADDRINUSE && l->wanted + i <= 65535; i++)
        error = try_port(l, loop, (uint16_t)(l->wanted + i), came);
    if (error)
        return error;
    l->tcp->data = user;
    return learn_port(l);
}

uv_tcp_t *hf_listener_accept(hf_listener *l, uv_loop_t *loop)
{
    uv_tcp_t *tcp = l->tcp ? malloc(sizeof *tcp) : NULL;

    if (!tcp)
        return NULL;
    uv_tcp_init(loop, tcp);
    if (uv_accept((uv_stream_t *)l->tcp, (uv_stream_t *)tcp) == 0)
        return tcp;
    uv_close((uv_handle_t *)tcp, hf_handle_free);
    return NULL;
}

void hf_listener_close(hf_listener *l)
{
    if (l->tcp)
        uv_close((uv_handle_t *)l->tcp, hf_handle_free);
    l->tcp = NULL;
}
