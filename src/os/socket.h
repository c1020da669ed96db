/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the calls on a blocking descriptor have in common. */
#ifndef HF_OS_SOCKET_H
#define HF_OS_SOCKET_H

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <handfast/types.h>

/* Only a socket can be asked not to send SIGPIPE, and not to block: everything else is refused. */
static inline bool hf_os_is_socket(int fd)
{
    int type;
    socklen_t len = sizeof type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

static inline bool hf_os_is_passing(int error)
{
    return error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
}

/* A peer that is gone must not end our process: no SIGPIPE. */
static inline ssize_t hf_os_put(int fd, hf_span bytes, int flags)
{
    return send(fd, bytes.data, bytes.len, MSG_NOSIGNAL | flags);
}

#endif
