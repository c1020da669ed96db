/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Both ends of the demo, event by event. They are the ends of `serve` and `connect`. */
#include "tool/play.h"

#include <string.h>

#include <handfast/policy.h>
#include "tool/exit.h"
#include "tool/report.h"
#include "tool/say.h"

typedef hf_play play;

/* ---- the end of the play ---- */

static void unhook(play *p)
{
    for (size_t i = 0; i < 3; i++)
        if (!uv_is_closing((uv_handle_t *)&p->signals[i]))
            uv_close((uv_handle_t *)&p->signals[i], NULL);
}

void hf_play_over(play *p)
{
    hf_listener_close(&p->listener);
    if (p->signal && p->visitor)
        hf_visitor_close(p->visitor);
    unhook(p);
}

static void on_signal(uv_signal_t *handle, int number)
{
    play *p = handle->data;

    p->signal = number;
    if (p->dial) {
        hf_dial_cancel(p->dial);
        p->dial = NULL;
        hf_play_over(p);
    } else if (p->link) {
        hf_link_close(p->link);
    }
}

/* ---- the server ---- */

static play *play_of(hf_visitor *visitor)
{
    return hf_visitor_note(visitor);
}

static hf_trace_sink server_trace(hf_visitor *visitor, const uv_tcp_t *tcp)
{
    play *p = play_of(visitor);

    hf_recording_start(&p->servers, HF_TAPE_SERVER, NULL);
    hf_recording_addresses(&p->servers, tcp);
    return hf_recording_sink(&p->servers);
}

/* The client's steps, and what was proved to the server by then. */
static void flush_steps(play *p)
{
    hf_recording_refused(&p->recording, p->conn);
    hf_steps_flush(&p->steps, p->recording.tape);
    hf_steps_proofs(&p->at_server, p->servers.tape);
}

static void server_turn(hf_visitor *visitor)
{
    flush_steps(play_of(visitor));
}

static void server_gone(hf_visitor *visitor)
{
    play_of(visitor)->visitor = NULL;
}

void hf_play_came(uv_stream_t *stream, int status)
{
    play *p = stream->data;
    uv_tcp_t *tcp = status == 0 ? hf_listener_accept(&p->listener, &p->loop) : NULL;

    if (!tcp)
        return;
    hf_listener_close(&p->listener); /* one guest is all that there will be */
    p->visitor = hf_visitor_new(&p->loop, tcp, &p->rules, 1, p);
    if (p->visitor)
        hf_visitor_start(p->visitor);
}

/* ---- the client ---- */

static void say_connected(play *p)
{
    const hf_conn_info *info = hf_conn_info_of(p->conn);
    const char *group = hf_code_name(HF_GROUPS, info->group);

    hf_out("\n");
    hf_out_lines(HF_GREEN "Connected" HF_PLAIN ": %s, %s, %s, %s.\n",
                 hf_version_name(info->version), hf_code_name(HF_SUITES, info->cipher_suite),
                 group ? group : "RSA",
                 info->forward_secrecy ? "forward" HF_TIE "secrecy"
                                       : "NO" HF_TIE "forward" HF_TIE "secrecy");
    hf_out("The server is " HF_GREEN "verified" HF_PLAIN " as localhost.\n\n");
}

static void keep_failure(play *p)
{
    if (p->connected)
        return;
    hf_recording_failed(&p->recording, p->conn);
    hf_recording_checks(&p->recording, p->conn, p->client, "localhost");
    hf_failures_keep(&p->recording, p->trouble.trace);
}

static void on_event(hf_link *link, hf_event event)
{
    play *p = hf_link_user(link);

    if (event == HF_EVENT_CONNECTED) {
        p->connected = true;
        hf_recording_connected(&p->recording);
        p->handshake_ms = hf_now_ms() - p->connected_at;
        say_connected(p);
        hf_fetch_send(&p->fetch, link);
    } else if (event == HF_EVENT_PEER_CLOSED) {
        hf_fetch_end(&p->fetch);
        hf_link_finish(link);
    } else if (event == HF_EVENT_FAILED && hf_conn_failure(p->conn)) {
        hf_trouble_failure(&p->trouble, hf_conn_failure(p->conn), p->listener.address);
        keep_failure(p);
    }
}

static size_t on_data(hf_link *link, hf_span data)
{
    play *p = hf_link_user(link);

    hf_fetch_take(&p->fetch,
                  data); /* it ends with the server's close_notify, which is shown as well */
    return data.len;
}

static void on_can_send(hf_link *link)
{
    play *p = hf_link_user(link);

    hf_fetch_send(&p->fetch, link);
}

static void on_turn(hf_link *link)
{
    flush_steps(hf_link_user(link));
}

static void on_closed(hf_link *link)
{
    play *p = hf_link_user(link);

    hf_steps_end(&p->steps, p->recording.tape);
    hf_play_over(p);
}

static const hf_link_ops ops = { on_event, on_data, on_can_send, on_turn, on_closed };

void hf_play_no_client(play *p, const char *why)
{
    hf_trouble_own(&p->trouble, HF_EXIT_IO, "DEMO", "us", "connect");
    hf_trouble_sentence(&p->trouble, "the demo's client could not connect to its server");
    hf_trouble_where(&p->trouble, "%s: %s", p->listener.address, why);
    hf_trouble_hint(&p->trouble, "loopback connections must be allowed on this machine");
    hf_play_over(p);
}

void hf_play_dialled(void *user, uv_tcp_t *tcp, const hf_dial_result *result)
{
    play *p = user;
    hf_trace_sink sink;
    hf_conn_options options = { .server_name = "localhost",
                                .verify_name = "localhost",
                                .trace = &sink };

    p->dial = NULL;
    if (!tcp) {
        hf_play_no_client(p, uv_strerror(result->error));
        return;
    }
    p->connected_at = hf_now_ms();
    hf_recording_start(&p->recording, HF_TAPE_CLIENT, "localhost");
    hf_recording_addresses(&p->recording, tcp);
    sink = hf_recording_sink(&p->recording);
    p->conn = hf_conn_new(p->client, p->worker, &options);
    p->link = p->conn ? hf_link_new(&p->loop, tcp, p->conn, &ops, p) : NULL;
    if (p->link) {
        hf_link_set_idle(p->link, HF_PLAY_LIMIT_S * 1000);
        hf_link_start(p->link);
        return;
    }
    hf_conn_free(p->conn);
    p->conn = NULL;
    uv_close((uv_handle_t *)tcp, hf_handle_free);
    hf_play_no_client(p, "no memory");
}

void hf_play_watch_signals(play *p)
{
    static const int numbers[3] = { SIGINT, SIGTERM, SIGHUP };

    for (size_t i = 0; i < 3; i++) {
        uv_signal_init(&p->loop, &p->signals[i]);
        p->signals[i].data = p;
        uv_signal_start(&p->signals[i], on_signal, numbers[i]);
    }
}

void hf_play_rules(play *p)
{
    p->rules = (hf_visitor_rules){ .config = p->server,
                                   .worker = p->worker,
                                   .request_ms = HF_PLAY_LIMIT_S * 1000,
                                   .idle_ms = HF_PLAY_LIMIT_S * 1000,
                                   .trace = server_trace,
                                   .turn = server_turn,
                                   .gone = server_gone };
}
