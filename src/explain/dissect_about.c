/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Who spoke with whom, and when: addresses as RFC 5952 writes them. */
#include "explain/dissect.h"

#include <stdio.h>

enum { GROUPS = 8 };

uint64_t hf_dissect_us(const hf_dissection *d, int64_t us)
{
    return us > d->tcp->started_us ? (uint64_t)us - (uint64_t)d->tcp->started_us : 0;
}

void hf_dissect_port(char *out, uint16_t port)
{
    snprintf(out, sizeof ":65535", ":%u", (unsigned)port);
}

static unsigned group_at(const uint8_t *address, size_t i)
{
    return (unsigned)(address[2 * i] << 8 | address[2 * i + 1]);
}

/* RFC 5952 4.2: the longest run of two zero groups or more, the first of several. */
static size_t longest_zeroes(const uint8_t *address, size_t *len)
{
    size_t best = GROUPS, run;

    *len = 1;
    for (size_t i = 0; i < GROUPS; i += run + 1) {
        for (run = 0; i + run < GROUPS && group_at(address, i + run) == 0;)
            run++;
        if (run > *len) {
            best = i;
            *len = run;
        }
    }
    return best;
}

static int put_ipv6(char *out, size_t room, const uint8_t *address)
{
    size_t run, zeroes = longest_zeroes(address, &run);
    int n = 0;

    for (size_t i = 0; i < GROUPS; i++) {
        size_t left = room - (size_t)n;
        if (i == zeroes) {
            n += snprintf(out + n, left, "::");
            i += run - 1;
        } else {
            bool first = i == 0 || i == zeroes + run;
            n += snprintf(out + n, left, first ? "%x" : ":%x", group_at(address, i));
        }
    }
    return n;
}

static void put_address(const hf_tcp *tcp, hf_role role, char *out, size_t room)
{
    const uint8_t *a = tcp->address[role];
    int n;

    if (tcp->ipv6) {
        char text[sizeof "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];
        put_ipv6(text, sizeof text, a);
        n = snprintf(out, room, "[%s]", text);
    } else {
        n = snprintf(out, room, "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
    }
    hf_dissect_port(out + n, tcp->port[role]);
}

void hf_dissect_addresses(const hf_tcp *tcp, hf_tape *tape)
{
    tape->started_us = tcp->started_us;
    put_address(tcp, HF_CLIENT, tape->client, sizeof tape->client);
    put_address(tcp, HF_SERVER, tape->server, sizeof tape->server);
}
