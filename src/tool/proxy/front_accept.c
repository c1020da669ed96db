/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Where clients come in: accept, the limits that turn them away, and who is told of it. */
#define _GNU_SOURCE /* accept4 */
#include "tool/proxy/front_parts.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool/proxy/mapped.h"

enum {
    ACCEPT_MAX = 64, /* of one turn: others wait for theirs */
    TELL_FULL_MS = 60000
};

void hf_peer_of(hf_peer_at *at, const struct sockaddr_storage *from)
{
    *at = (hf_peer_at){ .port = 0 };
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)from;
        memcpy(at->ip, &in6->sin6_addr, 16);
        at->port = ntohs(in6->sin6_port);
    } else if (from->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)from;
        hf_map(at->ip, &in->sin_addr);
        at->port = ntohs(in->sin_port);
    }
}

bool hf_front_admit(hf_house *house, const hf_peer_at *client, uint64_t per_address)
{
    uint64_t connections = house->now->config->limits.connections;
    hf_admission admission =
        hf_counters_admit(house->counters, house->slot, client->ip, connections, per_address);

    if (admission == HF_ADMITTED)
        return true;
    hf_tell_refused(house, client, HF_EVENT_OF_limit_hit,
                    admission == HF_FULL
                        ? "too many connections (limits.connections)"
                        : "too many connections of this address (limits.per_address)");
    return false;
}

/* What this worker may have open is no bound that anybody has written: it must never be reached. */
static bool is_full(hf_house *house, const hf_peer_at *client)
{
    if (house->streams.n_open < house->most_open)
        return false;
    hf_count(house->counters, house->slot, HF_SITE_NONE, HF_METRIC_refused_connections, 1);
    hf_tell_refused(
        house, client, HF_EVENT_OF_limit_hit,
        "too many connections for the files that a worker may have open (LimitNOFILE=)");
    return true;
}

/* Behind a proxy all come from its address: they are counted by their own once it is known. */
static void take(hf_house *house, int fd, hf_door door, const struct sockaddr_storage *from)
{
    const hf_proxy_config *config = house->now->config;
    bool speaks_pp = door == HF_DOOR_TLS && config->proxy_protocol_in;
    hf_peer_at client;

    hf_peer_of(&client, from);
    if (is_full(house, &client) ||
        !hf_front_admit(house, &client, speaks_pp ? 0 : config->limits.per_address)) {
        close(fd);
        return;
    }
    if (!hf_front_begin(house, fd, door, &client))
        hf_counters_leave(house->counters, house->slot, client.ip);
}

static void out_of_descriptors(hf_house *house, int error)
{
    uint64_t now = uv_now(&house->loop);

    if (house->told_full_at == 0 || now - house->told_full_at >= TELL_FULL_MS) {
        house->told_full_at = now > 0 ? now : 1;
        hf_tell_event(house, HF_EVENT_OF_limit_hit, NULL,
                      "no connection can be accepted for a moment: %s; raise the limit of open "
                      "files (LimitNOFILE=)",
                      strerror(error));
    }
    hf_worker_breathe(house);
}

static bool is_short(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

void hf_front_accept(hf_house *house, int listening, hf_door door)
{
    for (int i = 0; i < ACCEPT_MAX && house->now && !house->draining; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        int fd = accept4(listening, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            uv_update_time(
                &house->loop); /* its limits run from now on, not from the turn's begin */
            take(house, fd, door, &from);
            continue;
        }
        if (is_short(errno))
            out_of_descriptors(house, errno);
        if (errno == EAGAIN || is_short(errno))
            return;
        /* else it was that one connection's fault */
    }
}
