/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The time of a question: what came while this process did not run is read before silence is told. No test here waits for a time to pass. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tool/audit/ask_parts.h"

enum { TIMEOUT = 60000 };

/* A question for a page without TLS, to a server that is this test. */
typedef struct scene {
    uv_loop_t loop;
    hf_ask_place place;
    hf_ask ask;
    hf_asking *asking;
    int listener, peer;
    bool over;
    hf_flight_end end;
    int status;
} scene;

static void done(void *user, const hf_asked *asked)
{
    scene *s = user;

    s->over = true;
    s->end = asked->reply.flight->end;
    s->status = asked->reply.http.status;
}

static void listen_here(scene *s)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof address;

    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)(void *)&address, len), 0);
    assert_int_equal(listen(s->listener, 1), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)(void *)&address, &len), 0);
    assert_int_equal(fcntl(s->listener, F_SETFL, O_NONBLOCK), 0);
    s->ask.port = ntohs(address.sin_port);
}

/* Up to where the request has come and nothing was answered yet. */
static void begin(scene *s)
{
    char request[4096];

    memset(s, 0, sizeof *s);
    assert_int_equal(uv_loop_init(&s->loop), 0);
    s->ask.kind = HF_ASK_PLAIN;
    s->ask.path = "/";
    s->peer = -1;
    listen_here(s);
    s->place = (hf_ask_place){
        .loop = &s->loop, .host = "127.0.0.1", .authority = "localhost", .timeout_ms = TIMEOUT
    };
    s->asking = hf_asking_start(&s->place, &s->ask, done, s);
    assert_non_null(s->asking);
    while (s->peer < 0) {
        uv_run(&s->loop, UV_RUN_NOWAIT);
        assert_false(s->over);
        s->peer = accept(s->listener, NULL, NULL);
    }
    assert_int_equal(fcntl(s->peer, F_SETFL, O_NONBLOCK), 0);
    while (recv(s->peer, request, sizeof request, 0) <= 0) {
        uv_run(&s->loop, UV_RUN_NOWAIT);
        assert_false(s->over);
    }
}

/* As if the process had been stopped until long after the deadline: with the loop's next turn its timer comes first. */
static void oversleep(scene *s)
{
    s->asking->deadline = hf_now_ms() - TIMEOUT / 2;
    hf_asking_patience(s->asking, 0);
}

static void end(scene *s)
{
    uv_run(&s->loop, UV_RUN_DEFAULT);
    assert_true(s->over);
    assert_int_equal(uv_loop_close(&s->loop), 0);
    close(s->peer);
    close(s->listener);
}

static void what_came_meanwhile_is_read_before_silence_is_told(void **state)
{
    static const char answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
    scene s;
    (void)state;

    begin(&s);
    assert_int_equal(send(s.peer, answer, sizeof answer - 1, 0), sizeof answer - 1);
    oversleep(&s);
    end(&s);
    assert_int_equal(s.end, HF_FLIGHT_DONE);
    assert_int_equal(s.status, 204);
}

/* Once: what was lost is given back, no more than there was, and then it is over. */
static void silence_is_told_after_one_look(void **state)
{
    scene s;
    (void)state;

    begin(&s);
    oversleep(&s);
    uv_run(&s.loop, UV_RUN_NOWAIT);
    assert_false(s.over);
    assert_true(s.asking->looked && s.asking->deadline < hf_now_ms() + TIMEOUT);
    s.asking->deadline = hf_now_ms();
    s.asking->looked = true;
    uv_timer_start(&s.asking->timer, s.asking->timer.timer_cb, 0, 0);
    end(&s);
    assert_int_equal(s.end, HF_FLIGHT_LATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_meanwhile_is_read_before_silence_is_told),
        cmocka_unit_test(silence_is_told_after_one_look),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
