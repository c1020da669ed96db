/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The listening sockets, which are the parent's for ever: for each address one SO_REUSEPORT socket a worker, so that the kernel
 * shares connections out. None is closed while the configuration names its address: closing one would reset what waits in it. So
 * with fewer workers than before one has several, and what systemd opened for us is one socket that all have.
 */
#ifndef HF_TOOL_PROXY_SOCKETS_H
#define HF_TOOL_PROXY_SOCKETS_H

#include <sys/socket.h>

#include "tool/proxy/config.h"
#include "tool/proxy/worker.h"

enum {
    HF_SOCKETS_BACKLOG = 4096,
    HF_SOCKETS_ROWS = 2 * HF_PROXY_LISTENERS_MAX,
    HF_SOCKETS_GIVEN_MAX = 64, /* by systemd */
    HF_SOCKETS_FIRST_GIVEN = 3
};

typedef struct hf_socket_row {
    hf_door door;
    struct sockaddr_storage wanted, at; /* they differ if port 0 was asked for: any */
    socklen_t len;
    int fds[HF_SLOTS_MAX];
    size_t n;
    bool given; /* by systemd: one for all workers */
} hf_socket_row;

typedef struct hf_sockets {
    hf_socket_row rows[HF_SOCKETS_ROWS];
    size_t n;
    unsigned workers; /* for how many */
} hf_sockets;

/* What systemd handed over (sd_listen_fds(3)); kept until the process ends. Returns how many; the environment forgets them. */
size_t hf_sockets_take_given(void);
/* Of these, how many no address of the configuration asks for. */
size_t hf_sockets_unused(const hf_sockets *sockets);

/* What the configuration asks for: what `before` (or NULL) has is taken over, the rest opened. NULL: fault, with the place in the
   file; nothing stays open then. */
hf_sockets *hf_sockets_open(const hf_proxy_config *config, unsigned workers,
                            const hf_sockets *before, hf_config_fault *fault);
/* Closes what `keep` (or NULL) does not have, and frees. */
void hf_sockets_close(hf_sockets *sockets, const hf_sockets *keep);
/* True if both ask for the same, so that no worker needs another socket. */
bool hf_sockets_same(const hf_sockets *a, const hf_sockets *b);
/* Those of one worker behind that door; how many. */
size_t hf_sockets_of(const hf_sockets *sockets, unsigned worker, hf_door door, int fds[],
                     size_t room);
/* "127.0.0.1:8443, [::1]:8443" */
void hf_sockets_text(const hf_sockets *sockets, hf_door door, char *out, size_t room);

/* One listening socket, for admin. -1: fault. */
int hf_socket_listen_one(const hf_config_text *asked, const char *role, hf_config_fault *fault);

#endif
