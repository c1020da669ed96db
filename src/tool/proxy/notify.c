/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The protocol of sd_notify(3) is a few lines, so no library is needed for it. */
#include "tool/proxy/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_MAX = 1024 };

static struct {
    int fd; /* 0: none */
    struct sockaddr_un to;
    socklen_t len;
    unsigned watchdog_ms;
} state;

/* A path, or with @ in place of its first byte an abstract name. */
static bool read_address(const char *text)
{
    size_t len = strlen(text);

    if ((text[0] != '/' && text[0] != '@') || len < 2 || len >= sizeof state.to.sun_path)
        return false;
    state.to.sun_family = AF_UNIX;
    memcpy(state.to.sun_path, text, len);
    if (text[0] == '@')
        state.to.sun_path[0] = '\0';
    state.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return true;
}

static unsigned read_watchdog(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    unsigned long long every = usec ? strtoull(usec, NULL, 10) / 1000 : 0;

    if (pid && strtoull(pid, NULL, 10) != (unsigned long long)getpid())
        return 0;
    return every > 3600000 ? 3600000 : (unsigned)every;
}

void hf_notify_start(void)
{
    const char *text = getenv("NOTIFY_SOCKET");

    if (text && read_address(text)) {
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        state.fd = fd > 0 ? fd : 0;
    }
    state.watchdog_ms = state.fd ? read_watchdog() : 0;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void hf_notify(const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list args;
    int n;

    if (!state.fd)
        return;
    va_start(args, format);
    n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n > 0)
        (void)!sendto(state.fd, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1,
                      MSG_NOSIGNAL, (struct sockaddr *)&state.to, state.len);
}

void hf_notify_reloading(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    hf_notify("RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=Reading the configuration",
              (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

unsigned hf_notify_watchdog_ms(void)
{
    return state.watchdog_ms;
}
