/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The guests of `serve`, from the door to the door; and closing time. */
#include "tool/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tool/say.h"

typedef hf_server server;
typedef hf_guest guest;

enum {
    VISITORS_MAX = 256, /* more wait in the kernel's queue */
    REQUEST_MS = 15000,
    IDLE_PAGE_MS = 30000,
    IDLE_ECHO_MS = 300000,
    DRAIN_MS = 5000,
    GOODBYE_MS = 1000
};

/* ---- the end ---- */

static void door_closed(server *s)
{
    if (s->open > 0 || uv_is_closing((uv_handle_t *)&s->drain))
        return;
    hf_returning_unwatch(&s->returning);
    hf_shared_keys_unwatch(&s->psk);
    uv_close((uv_handle_t *)&s->drain, NULL);
    uv_close((uv_handle_t *)&s->interrupted, NULL);
    uv_close((uv_handle_t *)&s->terminated, NULL);
}

static void each_guest(server *s, void (*what)(hf_visitor *))
{
    for (guest *g = s->guests, *next; g; g = next) {
        next = g->next;
        what(g->visitor);
    }
}

static void finish_lazily(hf_visitor *visitor)
{
    hf_visitor_finish(visitor, true);
}

static void finish_now(hf_visitor *visitor)
{
    hf_visitor_finish(visitor, false);
}

static void drained(uv_timer_t *timer)
{
    server *s = timer->data;

    each_guest(s, s->pressed ? hf_visitor_close : finish_now);
    s->pressed = true;
    uv_timer_start(timer, drained, GOODBYE_MS, 0);
}

static void close_doors(server *s)
{
    hf_listener_close(&s->listener);
    hf_listener_close(&s->second);
}

static unsigned count_busy(const server *s)
{
    unsigned n = 0;

    for (const guest *g = s->guests; g; g = g->next)
        n += hf_visitor_is_busy(g->visitor);
    return n;
}

/* No new connections; those without a request end at once, the others have until the drain timer. */
void hf_server_stop(server *s)
{
    unsigned busy = count_busy(s);

    s->draining = true;
    close_doors(s);
    if (busy > 0)
        hf_serve_log_draining(&s->log, busy, DRAIN_MS / 1000);
    if (s->open > 0) {
        uv_timer_start(&s->drain, drained, DRAIN_MS, 0);
        each_guest(s, finish_lazily);
    }
    door_closed(s);
}

static void end(void *user)
{
    server *s = user;

    if (s->draining)
        each_guest(s, hf_visitor_close); /* asked twice: now */
    else
        hf_server_stop(s);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    end(handle->data);
}

/* ---- visitors ---- */

static bool accept_one(server *s, hf_listener *from);

static server *server_of(hf_visitor *visitor)
{
    return hf_visitor_rules_of(visitor)->user;
}

static hf_trace_sink on_trace(hf_visitor *visitor, const uv_tcp_t *tcp)
{
    guest *g = hf_visitor_note(visitor);

    if (server_of(visitor)->records) {
        hf_recording_start(&g->recording, HF_TAPE_SERVER, NULL);
        hf_recording_addresses(&g->recording, tcp);
    }
    hf_steps_start(&g->steps, HF_STEPS_NOTE, 0);
    return hf_recording_sink(&g->recording);
}

/* The first of a client's data says that it took the handshake as it was. */
static void forget(server *s, guest *g)
{
    if (!s->o->trace_dir && !s->o->trace &&
        hf_conn_info_of(hf_visitor_conn(g->visitor))->connected && g->recording.data_of[HF_CLIENT])
        hf_recording_end(&g->recording);
}

static void on_turn(hf_visitor *visitor)
{
    guest *g = hf_visitor_note(visitor);

    forget(server_of(visitor), g);
    if (!server_of(visitor)->o->trace)
        return;
    hf_recording_refused(&g->recording, hf_visitor_conn(visitor));
    hf_steps_flush(&g->steps, g->recording.tape);
}

static void on_connected(hf_visitor *visitor)
{
    guest *g = hf_visitor_note(visitor);

    hf_recording_connected(&g->recording);
    hf_serve_log_connected(&server_of(visitor)->log, visitor);
}

/* An alert after the last message of ours is the client's answer to it, as long as it has sent nothing else. */
static bool is_of_handshake(const guest *g, hf_conn *conn)
{
    const hf_failure *failure = hf_conn_failure(conn);

    return !hf_conn_info_of(conn)->connected ||
           (failure && failure->code == HF_E_ALERT_RECEIVED && !g->recording.data_of[HF_CLIENT]);
}

/* Only the handshake's failures: what comes later is told by the log alone. */
static void keep_failure(server *s, guest *g, char path[HF_TRACE_PATH_MAX])
{
    hf_conn *conn = hf_visitor_conn(g->visitor);

    path[0] = '\0';
    hf_recording_failed(&g->recording, conn);
    hf_recording_checks(&g->recording, conn, s->config, NULL);
    if (g->recording.tape && is_of_handshake(g, conn) && hf_recording_has_tls(&g->recording) &&
        hf_failures_may(&s->pace, hf_now_ms()))
        hf_failures_keep(&g->recording, path);
}

/* --trace-dir: once, as a full disk is told of once. */
static void keep_trace(server *s, guest *g)
{
    char path[HF_TRACE_PATH_MAX];

    if (!s->o->trace_dir || !hf_recording_has_tls(&g->recording))
        return;
    if (!g->recording.tape->checks_done)
        hf_recording_checks(&g->recording, hf_visitor_conn(g->visitor), s->config, NULL);
    if (hf_trace_folder_keep(s->o->trace_dir, HF_FOLDER_NAMED, HF_SERVER_TRACES,
                             hf_visitor_id(g->visitor), g->recording.tape, path) ||
        s->complained)
        return;
    s->complained = true;
    hf_warn("a trace could not be written to %s: %s; it goes on without", s->o->trace_dir,
            strerror(errno));
}

static void on_failed(hf_visitor *visitor, const hf_failure *failure)
{
    server *s = server_of(visitor);
    char path[HF_TRACE_PATH_MAX];

    keep_failure(s, hf_visitor_note(visitor), path);
    hf_serve_log_failed(&s->log, visitor, failure, path);
}

static void leave(server *s, guest *g)
{
    *g->link = g->next;
    if (g->next)
        g->next->link = g->link;
    hf_recording_end(&g->recording);
    free(g);
    s->open--;
}

static void on_gone(hf_visitor *visitor)
{
    server *s = server_of(visitor);
    guest *g = hf_visitor_note(visitor);

    keep_trace(s, g);
    if (s->o->trace)
        hf_steps_end(&g->steps, g->recording.tape);
    hf_serve_log_closed(&s->log, visitor);
    leave(s, g);
    if (s->o->once && !s->draining)
        hf_server_stop(s);
    if (s->draining)
        door_closed(s);
    else if (s->waiting && !accept_one(s, &s->listener))
        accept_one(s, &s->second);
}

static void enter(server *s, guest *g, hf_visitor *visitor)
{
    g->visitor = visitor;
    g->next = s->guests;
    g->link = &s->guests;
    if (g->next)
        g->next->link = &g->next;
    s->guests = g;
    s->open++;
    hf_visitor_start(visitor);
}

/* False: nobody was there. */
static bool accept_one(server *s, hf_listener *from)
{
    uv_tcp_t *tcp = hf_listener_accept(from, &s->loop);
    guest *g = tcp ? calloc(1, sizeof *g) : NULL;
    hf_visitor *visitor = NULL;

    s->waiting = false;
    if (g)
        visitor = hf_visitor_new(&s->loop, tcp, &s->rules, ++s->came, g);
    else if (tcp)
        uv_close((uv_handle_t *)tcp, hf_handle_free);
    if (!visitor) {
        if (g)
            hf_recording_end(&g->recording);
        free(g);
        return tcp != NULL;
    }
    if (s->o->once)
        close_doors(s); /* the door shuts behind the only guest */
    enter(s, g, visitor);
    return true;
}

void hf_server_came(uv_stream_t *stream, int status)
{
    server *s = stream->data;

    if (status < 0)
        return;
    s->waiting = s->open >= VISITORS_MAX;
    if (!s->waiting)
        accept_one(s, stream == (uv_stream_t *)s->second.tcp ? &s->second : &s->listener);
}

void hf_server_rules(server *s)
{
    char path[HF_TRACE_PATH_MAX];

    s->records = s->o->trace || s->o->trace_dir || hf_failures_folder(path);
    s->rules = (hf_visitor_rules){
        .config = s->config,
        .worker = s->worker,
        .echo = s->o->echo,
        .request_ms = REQUEST_MS,
        .idle_ms = s->o->echo ? IDLE_ECHO_MS : IDLE_PAGE_MS,
        .user = s,
        .trace = on_trace,
        .turn = on_turn,
        .connected = on_connected,
        .failed = on_failed,
        .gone = on_gone,
    };
}

static void hook(server *s, uv_signal_t *handle, int number)
{
    uv_signal_init(&s->loop, handle);
    handle->data = s;
    uv_signal_start(handle, on_signal, number);
}

void hf_server_watch_signals(server *s)
{
    hook(s, &s->interrupted, SIGINT);
    hook(s, &s->terminated, SIGTERM);
    s->returning.hung_up = end;
    s->returning.user = s;
    s->returning.psks = &s->psk;
    hf_returning_watch(&s->returning, &s->loop);
    hf_shared_keys_watch(&s->psk, &s->loop);
    uv_timer_init(&s->loop, &s->drain);
    s->drain.data = s;
}
