/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The control socket's other end: `handfast proxy reload` and `handfast proxy status` ask a proxy that runs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tool/proxy/control.h"

/* A proxy that is stuck, or stopped by a signal, still has its socket. */
static void limit(int fd, unsigned ms)
{
    struct timeval time = { .tv_sec = (time_t)(ms / 1000) };

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

static int reach(const char *path, unsigned ms)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int fd;

    if (strlen(path) >= sizeof at.sun_path)
        return errno = ENAMETOOLONG, -1;
    memcpy(at.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        limit(fd, ms);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static bool put(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

/* Until the end, at most HF_CONTROL_ANSWER_MAX; NULL: errno. */
static char *read_all(int fd, size_t *len)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t n = 1;

    for (*len = 0; n > 0; *len += (size_t)n) {
        if (*len == room) {
            room = room ? 2 * room : 4096;
            char *more = room <= HF_CONTROL_ANSWER_MAX ? realloc(text, room) : NULL;
            if (!more) {
                free(text);
                errno = room <= HF_CONTROL_ANSWER_MAX ? ENOMEM : EMSGSIZE;
                return NULL;
            }
            text = more;
        }
        do
            n = recv(fd, text + *len, room - *len, 0);
        while (n < 0 && errno == EINTR);
        if (n < 0) { /* it is late, or gone: half an answer is none */
            free(text);
            return NULL;
        }
    }
    return text;
}

json_t *hf_control_ask(const char *path, const char *line, unsigned ms)
{
    int fd = reach(path, ms);
    json_t *answer = NULL;
    size_t len;

    if (fd < 0)
        return NULL;
    char *text = put(fd, line, strlen(line)) && put(fd, "\n", 1) ? read_all(fd, &len) : NULL;
    if (text) {
        answer = json_loadb(text, len, 0, NULL);
        errno = 0;
    }
    free(text);
    close(fd);
    return answer;
}
