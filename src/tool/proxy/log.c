/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Lines gathered, and given to a descriptor that may take nothing: a full pipe is tried again at the next turn, as long as there is
 * room for what comes; a full disk drops what is there. What was dropped is told in one line once it works again.
 */
#include "tool/proxy/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/proxy/log_line.h"

/* POLL: asked beforehand, for what has no other way (a pipe that may not be opened again). */
enum { WAY_WRITE, WAY_SEND, WAY_POLL };
enum { AT_ONCE = 4096 /* PIPE_BUF: a pipe takes all of it or nothing */ };

/* ---- out ---- */

/* A pipe or terminal is shared with others, so that its flags are not ours to change: we open it a second time. */
static void choose_way(hf_log *log, int fd)
{
    struct stat s;
    char path[32];

    log->fd = fd;
    log->way = WAY_WRITE;
    if (fstat(fd, &s) != 0 || S_ISREG(s.st_mode))
        return;
    log->way = S_ISSOCK(s.st_mode) ? WAY_SEND : WAY_POLL;
    if (S_ISSOCK(s.st_mode))
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (again < 0)
        return;
    log->fd = again;
    log->own = true;
    log->way = WAY_WRITE;
}

static bool is_ready(int fd)
{
    struct pollfd asked = { .fd = fd, .events = POLLOUT };

    return poll(&asked, 1, 0) == 1 && (asked.revents & POLLOUT);
}

/* How many bytes were taken; -1: errno. */
static ssize_t give(hf_log *log, const char *bytes, size_t len)
{
    if (log->way == WAY_SEND)
        return send(log->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (log->way == WAY_POLL && !is_ready(log->fd)) {
        errno = EAGAIN;
        return -1;
    }
    return write(log->fd, bytes, len);
}

/* Whole lines, AT_ONCE bytes at most (a line is never longer). */
static size_t piece_of(const char *bytes, size_t len)
{
    if (len <= AT_ONCE)
        return len;
    for (len = AT_ONCE; len > 1 && bytes[len - 1] != '\n';)
        len--;
    return len;
}

static uint64_t lines_of(const char *bytes, size_t len)
{
    uint64_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += bytes[i] == '\n';
    return n;
}

static bool is_later(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* Once it works again: how many are missing. False: it does not. */
static bool tell_lost(hf_log *log)
{
    char words[160];
    size_t len;

    if (log->lost == log->told_lost)
        return true;
    len = hf_line_of_lost(words, sizeof words, log->json, log->lost - log->told_lost, log->torn);
    ssize_t n = give(log, words, len);
    if (n != (ssize_t)len) {
        log->torn = log->torn || n > 0;
        return false;
    }
    log->told_lost = log->lost;
    log->torn = log->within = false;
    return true;
}

/* What is gathered, from there on. */
static void drop(hf_log *log, size_t at)
{
    log->lost += lines_of(log->room + at, log->len - at);
    log->torn = log->within;
    log->len = at;
}

/* How many bytes left. */
static size_t give_all(hf_log *log)
{
    size_t at = 0;

    while (at < log->len) {
        ssize_t n = give(log, log->room + at, piece_of(log->room + at, log->len - at));
        if (n > 0) {
            at += (size_t)n;
            log->within = log->room[at - 1] != '\n';
        } else if (n < 0 && is_later(errno)) {
            break;
        } else {
            drop(log, at);
        }
    }
    return at;
}

void hf_log_flush(hf_log *log)
{
    if (log->len == 0)
        return;
    if ((!log->within || log->torn) && !tell_lost(log)) {
        if (!is_later(errno))
            drop(log, 0);
        return;
    }
    size_t at = give_all(log);
    memmove(log->room, log->room + at, log->len - at);
    log->len -= at;
}

/* ---- turns ---- */

static void on_turn(uv_prepare_t *turn)
{
    hf_log_flush(turn->data);
}

bool hf_log_start(hf_log *log, uv_loop_t *loop, int fd, bool json)
{
    memset(log, 0, sizeof *log);
    log->room = malloc(HF_LOG_ROOM);
    log->json = json;
    if (!log->room)
        return false;
    choose_way(log, fd);
    if (!loop)
        return true;
    uv_prepare_init(loop, &log->turn);
    log->turn.data = log;
    uv_prepare_start(&log->turn, on_turn);
    uv_unref((uv_handle_t *)&log->turn);
    log->turns = true;
    return true;
}

void hf_log_stop(hf_log *log)
{
    if (!log->room)
        return;
    hf_log_flush(log);
    if (log->turns)
        uv_close((uv_handle_t *)&log->turn, NULL);
    if (log->own)
        close(log->fd);
    free(log->room);
    log->room = NULL;
    log->len = 0;
    log->turns = log->own = false;
}

void hf_log_put(hf_log *log, const char *line, size_t len)
{
    if (log->room && len > HF_LOG_ROOM - log->len)
        hf_log_flush(log);
    if (!log->room || len > HF_LOG_ROOM - log->len) {
        log->lost++;
        return;
    }
    memcpy(log->room + log->len, line, len);
    log->len += len;
    if (!log->turns)
        hf_log_flush(log);
}
