/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The dialogue on a socket: one timer, one write at a time. Lives until libuv has let go of both. */
#include "tool/prelude.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "tool/dial.h"
#include "tool/say.h"

enum { PIECE = 4096 };

struct hf_prelude {
    uv_tcp_t *tcp; /* NULL once it was closed or handed back */
    uv_timer_t timer;
    uv_write_t write;
    bool writing;
    unsigned refs; /* the timer and a write that still point here */
    hf_starttls dialogue;
    hf_tape *tape; /* or NULL */
    hf_prelude_done done;
    void *user;
    char piece[PIECE];
    uint8_t sending[HF_STARTTLS_OUT_MAX];
};

static void drop(hf_prelude *p)
{
    if (--p->refs == 0)
        free(p);
}

static void timer_closed(uv_handle_t *handle)
{
    drop(handle->data);
}

static void close_tcp(hf_prelude *p)
{
    if (p->tcp)
        uv_close((uv_handle_t *)p->tcp, hf_handle_free);
    p->tcp = NULL;
}

static void let_go(hf_prelude *p)
{
    p->done = NULL;
    uv_close((uv_handle_t *)&p->timer, timer_closed);
}

void hf_prelude_cancel(hf_prelude *prelude)
{
    close_tcp(prelude);
    let_go(prelude);
}

/* What lies in the socket already, behind the peer's last words: it is told to the dialogue, which
   refuses it, and is not taken out. */
static void look_ahead(hf_prelude *p)
{
    uv_os_fd_t fd;

    if (uv_fileno((uv_handle_t *)p->tcp, &fd) != 0)
        return;
    ssize_t n = recv(fd, p->piece, sizeof p->piece, MSG_PEEK);
    if (n > 0)
        hf_starttls_feed(&p->dialogue, hf_span_of(p->piece, (size_t)n));
}

/* Hands the socket back, or closes it. */
static void finish(hf_prelude *p)
{
    hf_prelude_done done = p->done;
    uv_tcp_t *tcp = NULL;

    uv_read_stop((uv_stream_t *)p->tcp);
    if (p->dialogue.state == HF_STARTTLS_GO) {
        tcp = p->tcp;
        p->tcp = NULL;
    }
    close_tcp(p);
    let_go(p);
    done(p->user, tcp, &p->dialogue);
}

static void settle(hf_prelude *p);

static void written(uv_write_t *request, int status)
{
    hf_prelude *p = request->data;

    p->writing = false;
    if (p->done) {
        if (status < 0)
            hf_starttls_end(&p->dialogue, HF_STARTTLS_CLOSED);
        settle(p);
    }
    drop(p);
}

static void write_out(hf_prelude *p)
{
    hf_starttls *s = &p->dialogue;
    size_t n = s->out_len;
    uv_buf_t buf = uv_buf_init((char *)p->sending, (unsigned)n);

    memcpy(p->sending, s->out, n);
    hf_starttls_sent(s, n);
    if (p->tape)
        hf_tape_prelude(p->tape, HF_CLIENT, hf_span_of(p->sending, n));
    p->write.data = p;
    if (uv_write(&p->write, (uv_stream_t *)p->tcp, &buf, 1, written) != 0) {
        hf_starttls_end(s, HF_STARTTLS_CLOSED);
        return;
    }
    p->writing = true;
    p->refs++;
}

/* What follows from where the dialogue now is. */
static void settle(hf_prelude *p)
{
    hf_starttls *s = &p->dialogue;

    if (s->state != HF_STARTTLS_NO && !p->writing && s->out_len > 0)
        write_out(p);
    if (s->state == HF_STARTTLS_GO && !p->writing)
        look_ahead(p);
    if (s->state == HF_STARTTLS_NO || (s->state == HF_STARTTLS_GO && !p->writing))
        finish(p);
}

/* ---- what libuv calls ---- */

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    hf_prelude *p = handle->data;

    (void)suggested;
    *buf = uv_buf_init(p->piece, sizeof p->piece);
}

static void got(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    hf_prelude *p = stream->data;

    if (n > 0 && p->tape)
        hf_tape_prelude(p->tape, HF_SERVER, hf_span_of(buf->base, (size_t)n));
    if (n > 0)
        hf_starttls_feed(&p->dialogue, hf_span_of(buf->base, (size_t)n));
    else if (n < 0)
        hf_starttls_end(&p->dialogue, HF_STARTTLS_CLOSED);
    settle(p);
}

static void late(uv_timer_t *timer)
{
    hf_prelude *p = timer->data;

    hf_starttls_end(&p->dialogue, HF_STARTTLS_LATE);
    settle(p);
}

static void note(const char *title, bool ours, hf_span bytes)
{
    char line[HF_STARTTLS_SAID_MAX];

    hf_starttls_visible(bytes, line, sizeof line);
    hf_note_lines("%s %s in the clear, %zu bytes: %s\n", title,
                  ours ? "client -> server" : "client <- server", bytes.len, line);
}

hf_prelude *hf_prelude_start(uv_loop_t *loop, uv_tcp_t *tcp, const hf_starttls_script *script,
                             const char *name, uint64_t timeout_ms, bool trace, hf_tape *tape,
                             hf_prelude_done done, void *user)
{
    hf_prelude *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->tcp = tcp;
    p->tape = tape;
    p->done = done;
    p->user = user;
    p->refs = 1;
    tcp->data = p;
    uv_timer_init(loop, &p->timer);
    p->timer.data = p;
    uv_update_time(loop);
    uv_timer_start(&p->timer, late, timeout_ms, 0);
    hf_starttls_start(&p->dialogue, script, name, trace ? note : NULL);
    uv_read_start((uv_stream_t *)tcp, room, got);
    if (p->dialogue.out_len > 0)
        write_out(p);
    if (p->dialogue.state == HF_STARTTLS_NO) /* done is never called from here */
        uv_timer_start(&p->timer, late, 0, 0);
    return p;
}
