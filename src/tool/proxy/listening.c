/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Opening a listening socket, and explaining why it could not be opened. */
#include "tool/proxy/listening.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "tool/listener.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/sockets.h"

enum { PRIVILEGED_PORTS = 1024 };

bool hf_listening_address(const char *text, struct sockaddr_storage *at, socklen_t *len)
{
    hf_listener parsed;

    memset(at, 0, sizeof *at);
    if (hf_listener_parse(text, &parsed))
        return false;
    if (uv_ip4_addr(parsed.host, parsed.wanted, (struct sockaddr_in *)(void *)at) == 0)
        *len = sizeof(struct sockaddr_in);
    else if (uv_ip6_addr(parsed.host, parsed.wanted, (struct sockaddr_in6 *)(void *)at) == 0)
        *len = sizeof(struct sockaddr_in6);
    else
        return false;
    return true;
}

static const struct sockaddr_in *v4(const struct sockaddr_storage *at)
{
    return (const void *)at;
}

static const struct sockaddr_in6 *v6(const struct sockaddr_storage *at)
{
    return (const void *)at;
}

unsigned hf_listening_port(const struct sockaddr_storage *at)
{
    return ntohs(at->ss_family == AF_INET6 ? v6(at)->sin6_port : v4(at)->sin_port);
}

bool hf_listening_same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    if (a->ss_family != b->ss_family || hf_listening_port(a) != hf_listening_port(b))
        return false;
    if (a->ss_family == AF_INET)
        return v4(a)->sin_addr.s_addr == v4(b)->sin_addr.s_addr;
    return a->ss_family == AF_INET6 && v6(a)->sin6_scope_id == v6(b)->sin6_scope_id &&
           memcmp(&v6(a)->sin6_addr, &v6(b)->sin6_addr, sizeof v6(a)->sin6_addr) == 0;
}

/* ---- sockets ---- */

static void set(int fd, int level, int option)
{
    int yes = 1;

    (void)setsockopt(fd, level, option, &yes, sizeof yes);
}

void hf_listening_prepare(int fd)
{
    set(fd, IPPROTO_TCP, TCP_NODELAY);
    set(fd, SOL_SOCKET, SO_KEEPALIVE);
}

static int fail(int fd)
{
    int error = errno;

    close(fd);
    errno = error;
    return -1;
}

static int bound(const struct sockaddr_storage *at, socklen_t len, bool shared)
{
    int fd = socket(at->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    set(fd, SOL_SOCKET, SO_REUSEADDR);
    if (shared)
        set(fd, SOL_SOCKET, SO_REUSEPORT);
    if (at->ss_family == AF_INET6)
        set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    return bind(fd, (const struct sockaddr *)at, len) == 0 ? fd : fail(fd);
}

bool hf_listening_is_free(const struct sockaddr_storage *at, socklen_t len)
{
    int fd = bound(at, len, false);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

bool hf_listening_is_possible(const struct sockaddr_storage *at, socklen_t len)
{
    struct sockaddr_storage any = *at;

    if (at->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)&any)->sin6_port = 0;
    else
        ((struct sockaddr_in *)(void *)&any)->sin_port = 0;
    return hf_listening_is_free(&any, len);
}

int hf_listening_open(const struct sockaddr_storage *at, socklen_t len, bool shared)
{
    int fd = bound(at, len, shared);

    if (fd < 0)
        return -1;
    hf_listening_prepare(fd);
    return listen(fd, HF_SOCKETS_BACKLOG) == 0 ? fd : fail(fd);
}

int hf_socket_listen_one(const hf_config_text *asked, const char *role, hf_config_fault *fault)
{
    struct sockaddr_storage at;
    socklen_t len;
    int fd;

    errno = EINVAL;
    fd = hf_listening_address(asked->text, &at, &len) ? hf_listening_open(&at, len, false) : -1;
    if (fd < 0)
        hf_listening_complain(fault, role, asked, errno);
    return fd;
}

/* ---- what went wrong ---- */

static void complain_taken(hf_config_fault *fault, unsigned port)
{
    hf_fault_why(fault,
                 "another program listens on port %u: perhaps a web server, or this proxy a "
                 "second time",
                 port);
    hf_fault_next(fault, "see who it is: ss -ltnp 'sport = :%u'; end it, or take another port",
                  port);
}

static void complain_rights(hf_config_fault *fault, unsigned port)
{
    if (port >= PRIVILEGED_PORTS) {
        hf_fault_why(fault, "the system does not allow it (%s)", strerror(EACCES));
        hf_fault_next(fault, "look for what confines this process: a sandbox, SELinux or AppArmor");
        return;
    }
    hf_fault_why(fault, "port %u is below 1024 and needs the capability CAP_NET_BIND_SERVICE",
                 port);
    hf_fault_next(fault, "start it by its systemd unit (or a .socket unit), or: setcap "
                         "cap_net_bind_service=+ep on the program");
}

bool hf_listening_complain(hf_config_fault *fault, const char *role, const hf_config_text *asked,
                           int error)
{
    struct sockaddr_storage at;
    socklen_t len;
    char shown[HF_SHOWN_MAX];
    unsigned port = hf_listening_address(asked->text, &at, &len) ? hf_listening_port(&at) : 0;

    hf_fault_what(fault, asked->at, "%s: %s", role, hf_fault_shown(asked->text, shown));
    if (error == EADDRINUSE)
        complain_taken(fault, port);
    else if (error == EACCES || error == EPERM)
        complain_rights(fault, port);
    else if (error == EADDRNOTAVAIL) {
        hf_fault_why(fault, "no interface of this machine has that address");
        hf_fault_next(fault, "ip address shows those there are; 0.0.0.0 and [::] stand for all");
    } else {
        hf_fault_why(fault, "cannot listen there: %s", strerror(error));
        hf_fault_next(fault, "give another address, or mend what the system complains of");
    }
    return false;
}
