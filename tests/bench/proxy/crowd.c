/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The modes whose clients speak TLS: new (and resumed), keepalive, idle, rate. */
#include <stdlib.h>

#include "load.h"

enum { STALL_MS = 20000 };

static size_t open_now, begun;
static uint64_t until_us;
static bool running;
static client *first;
static times handshakes, answers;

static void nothing(client *c)
{
    (void)c;
}

static void add(void)
{
    client *c = client_new();

    c->after = first;
    if (first)
        first->before = c;
    first = c;
    begun++;
    open_now++;
}

static void gone(client *c)
{
    if (c->before)
        c->before->after = c->after;
    else
        first = c->after;
    if (c->after)
        c->after->before = c->before;
    open_now--;
}

static void ask(client *c)
{
    times_add(&handshakes, now_us() - c->began_us);
    client_ask(c);
}

static void count(client *c)
{
    times_add(&answers, now_us() - c->asked_us);
}

/* Turns until `enough`; a crowd that stands still for so long is an error. */
static void turns_until(bool (*enough)(void), int ms)
{
    uint64_t moved = now_us(), seen_before = 0;

    while (!enough()) {
        loop_turn(ms);
        uint64_t all = saw.connected + saw.answered + saw.wrong;
        if (all != seen_before) {
            seen_before = all;
            moved = now_us();
        } else if (now_us() - moved > STALL_MS * 1000ULL) {
            saw_wrong("nothing moves any more");
            return;
        }
    }
}

static void begin(void)
{
    here.told = false;
    saw = (seen){ 0 };
    handshakes.n = answers.n = begun = 0;
    until_us = now_us() + here.run_ms * 1000;
    running = true;
}

static bool nobody_is_there(void)
{
    return open_now == 0;
}

/* ---- new: at_once handshakes at all times, one request each ---- */

/* Once in any case: the time may be over before this process gets to run. */
static bool filled_up(void)
{
    running = running && (begun == 0 || now_us() < until_us);
    while (running && open_now < here.at_once)
        add();
    return open_now == 0;
}

void run_new(void)
{
    hooks = (client_hooks){ ask, count, gone };
    begin();
    running = false;
    for (size_t i = 0; i < here.at_once; i++) /* fills caches and, to resume, gets tickets */
        add();
    turns_until(nobody_is_there, 1000);
    loop_wait_told();
    begin();
    turns_until(filled_up, 10);
    times_print(&handshakes, "handshake");
    times_print(&answers, "answer");
}

/* ---- keepalive: at_once connections, each asks as soon as it is answered ---- */

static void count_and_ask(client *c)
{
    count(c);
    if (running && now_us() < until_us)
        client_ask(c);
}

static bool all_answered(void)
{
    return saw.answered == here.at_once;
}

static bool none_waits(void)
{
    if (now_us() < until_us)
        return false;
    for (client *c = first; c; c = c->after)
        if (c->answers < c->asked)
            return false;
    return true;
}

void run_keepalive(void)
{
    hooks = (client_hooks){ ask, count_and_ask, gone };
    for (size_t i = 0; i < here.at_once; i++)
        add();
    turns_until(all_answered, 1000);
    loop_wait_told();
    begin();
    for (client *c = first; c; c = c->after)
        client_ask(c);
    turns_until(none_waits, 10);
    if (open_now != here.at_once)
        saw_wrong("connections were closed");
    times_print(&answers, "answer");
}

/* ---- idle: connections that are there and say nothing ---- */

static size_t settled;

static void connected_and_silent(client *c)
{
    times_add(&handshakes, now_us() - c->began_us);
    settled++;
}

static void answered_and_silent(client *c)
{
    count(c);
    settled++;
}

static bool all_settled(void)
{
    while (begun < here.connections && begun - settled < here.at_once)
        add();
    return settled == here.connections || saw.wrong > 0;
}

void run_idle(void)
{
    hooks = (client_hooks){ here.silent ? connected_and_silent : ask,
                            here.silent ? nothing : answered_and_silent, gone };
    turns_until(all_settled, 1000);
    loop_wait_told();
    fprintf(here.out, ", \"still_there\": %zu", open_now);
    while (first)
        client_close(first);
}

/* ---- rate: so many new ones a second, whatever becomes of those before ---- */

static uint64_t began_us;

static void count_and_end(client *c)
{
    count(c);
    c->ending = true;
}

static bool on_time(void)
{
    uint64_t now = now_us(), until = now < until_us ? now : until_us;

    while (begun < (until - began_us) * here.rate / 1000000)
        add();
    return now >= until_us && open_now == 0;
}

void run_rate(void)
{
    hooks = (client_hooks){ ask, count_and_end, gone };
    loop_wait_told();
    begin();
    began_us = now_us();
    turns_until(on_time, 1);
    times_print(&handshakes, "handshake");
    times_print(&answers, "answer");
}
