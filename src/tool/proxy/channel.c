/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Frames over a socket pair: kind and length, four bytes each as this machine writes numbers, then the body. All is wiped after use. */
#include "tool/proxy/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"

enum { HEAD = 8 };

typedef struct frame {
    struct frame *next;
    size_t len, sent;
    uint8_t bytes[];
} frame;

struct hf_channel {
    uv_poll_t poll;
    const hf_channel_ops *ops;
    void *user;
    int fd;
    bool freed, writing;
    size_t max;
    /* what comes */
    uint8_t head[HEAD], *body;
    size_t head_len, body_len, body_want;
    /* what goes */
    frame *first, **last;
    size_t waiting;
};

bool hf_channel_pair(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0;
}

static void drop_body(hf_channel *c)
{
    if (c->body)
        hf_free_secret(c->body, c->body_want);
    c->body = NULL;
    c->head_len = c->body_len = c->body_want = 0;
}

static void drop_first(hf_channel *c)
{
    frame *f = c->first;

    c->first = f->next;
    if (!c->first)
        c->last = &c->first;
    c->waiting -= f->len;
    hf_free_secret(f, sizeof *f + f->len);
}

/* ---- what comes ---- */

/* Told from its own turn, never from within hf_channel_say. */
static void end(hf_channel *c)
{
    if (c->freed)
        return;
    uv_poll_stop(&c->poll);
    c->ops->ended(c);
}

static ssize_t take(hf_channel *c, uint8_t *at, size_t room)
{
    ssize_t n;

    do
        n = recv(c->fd, at, room, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return -1;
    return n > 0 ? n : -2; /* the other end is gone */
}

/* The head is there: room for the body. */
static bool begin_body(hf_channel *c)
{
    uint32_t len;

    memcpy(&len, c->head + 4, sizeof len);
    c->body_want = len;
    if (len > c->max)
        return false;
    c->body = len > 0 ? hf_alloc(len) : NULL;
    return len == 0 || c->body;
}

static void deliver(hf_channel *c)
{
    uint32_t kind;
    uint8_t *body = c->body;
    size_t len = c->body_want;

    memcpy(&kind, c->head, sizeof kind);
    c->body = NULL; /* ours, even if the channel is freed within the call */
    drop_body(c);
    c->ops->message(c, (hf_message)kind, hf_span_of(body, len));
    if (body)
        hf_free_secret(body, len);
}

/* One reading. 1: there may be more; 0: nothing for now; -1: out of order, or the end. */
static int take_some(hf_channel *c, unsigned *messages)
{
    bool in_head = c->head_len < HEAD;
    ssize_t n = in_head ? take(c, c->head + c->head_len, HEAD - c->head_len)
                        : take(c, c->body + c->body_len, c->body_want - c->body_len);

    if (n < 0)
        return n == -1 ? 0 : -1;
    if (in_head)
        c->head_len += (size_t)n;
    else
        c->body_len += (size_t)n;
    if (in_head && c->head_len == HEAD && !begin_body(c))
        return -1;
    if (c->head_len == HEAD && c->body_len == c->body_want) {
        deliver(c);
        ++*messages;
    }
    return 1;
}

static void take_all(hf_channel *c)
{
    unsigned messages = 0;
    int more = 1;

    while (more > 0 && !c->freed && messages < HF_CHANNEL_TURN)
        more = take_some(c, &messages);
    if (more < 0)
        end(c);
}

/* ---- what goes ---- */

/* False: the other end is gone. */
static bool give_all(hf_channel *c)
{
    while (c->first) {
        frame *f = c->first;
        ssize_t n = send(c->fd, f->bytes + f->sent, f->len - f->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        f->sent += (size_t)n;
        if (f->sent == f->len)
            drop_first(c);
    }
    return true;
}

static void ready(uv_poll_t *poll, int status, int events);

static void watch(hf_channel *c)
{
    bool writing = c->first != NULL;

    if (c->freed || writing == c->writing)
        return;
    c->writing = writing;
    uv_poll_start(&c->poll, UV_READABLE | (writing ? UV_WRITABLE : 0), ready);
}

static void ready(uv_poll_t *poll, int status, int events)
{
    hf_channel *c = poll->data;

    if (status < 0 || ((events & UV_WRITABLE) && !give_all(c))) {
        end(c);
        return;
    }
    watch(c);
    if (events & UV_READABLE)
        take_all(c);
}

static bool may_wait(const hf_channel *c, hf_message kind, size_t len)
{
    bool optional =
        kind == HF_MESSAGE_FAILURE || kind == HF_MESSAGE_TRACE || kind == HF_MESSAGE_BACKEND;

    return len <= UINT32_MAX && (!optional || c->waiting + len <= HF_CHANNEL_UP_WAITING);
}

bool hf_channel_say(hf_channel *c, hf_message kind, hf_span bytes)
{
    uint32_t head[2] = { (uint32_t)kind, (uint32_t)bytes.len };
    frame *f;

    if (!may_wait(c, kind, bytes.len) || !(f = hf_alloc(sizeof *f + HEAD + bytes.len)))
        return false;
    f->len = HEAD + bytes.len;
    memcpy(f->bytes, head, HEAD);
    if (bytes.len > 0)
        memcpy(f->bytes + HEAD, bytes.data, bytes.len);
    *c->last = f;
    c->last = &f->next;
    c->waiting += f->len;
    (void)give_all(c); /* an end that is gone shows itself when we read */
    watch(c);
    return true;
}

/* ---- life ---- */

hf_channel *hf_channel_new(uv_loop_t *loop, int fd, size_t max, const hf_channel_ops *ops,
                           void *user)
{
    hf_channel *c = hf_alloc(sizeof *c);

    if (!c || uv_poll_init(loop, &c->poll, fd) != 0) {
        hf_free(c);
        close(fd);
        return NULL;
    }
    c->poll.data = c;
    c->fd = fd;
    c->max = max;
    c->ops = ops;
    c->user = user;
    c->last = &c->first;
    uv_poll_start(&c->poll, UV_READABLE, ready);
    return c;
}

void *hf_channel_user(const hf_channel *c)
{
    return c->user;
}

static void closed(uv_handle_t *handle)
{
    hf_free(handle->data);
}

void hf_channel_free(hf_channel *c)
{
    if (!c || c->freed)
        return;
    c->freed = true;
    drop_body(c);
    while (c->first)
        drop_first(c);
    uv_close((uv_handle_t *)&c->poll, closed);
    close(c->fd);
}
