/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the programs about memory share that go through all shapes of a version: what the ends draw and
 * what of it goes over the wire, connections that fail after each flight, and each allocation and each
 * draw that fails in its turn. A part of the program that includes it, as memory_watch.h is.
 */
#ifndef TESTS_FLOWS_WITHOUT_MEMORY_H
#define TESTS_FLOWS_WITHOUT_MEMORY_H

#include "flows/memory_watch.h"
#include "support/hostile.h"

/* ---- what the ends drew ---- */

enum { DRAWS_MAX = 16 };

typedef struct drawer {
    uint8_t bytes[DRAWS_MAX][SECRET]; /* of draws that are long enough */
    size_t n;
    unsigned draws, fail; /* the draw that fails, UINT32_MAX: none */
} drawer;

static drawer drawers[2];
static size_t public_start; /* of a draw that is so much longer than a secret: it says a version */

static bool draw(drawer *d, uint8_t *out, size_t len)
{
    if (d->draws++ == d->fail)
        return false;
    fill(out, len);
    if (len >= SECRET && d->n < DRAWS_MAX) {
        size_t from = len >= SECRET + public_start ? public_start : 0;
        memcpy(d->bytes[d->n++], out + from, SECRET);
    }
    return true;
}

static bool draw_client(void *user, uint8_t *out, size_t len)
{
    (void)user;
    return draw(&drawers[HF_CLIENT], out, len);
}

static bool draw_server(void *user, uint8_t *out, size_t len)
{
    (void)user;
    return draw(&drawers[HF_SERVER], out, len);
}

/* The last word of a line of the key log: a secret in hex. */
static void secret_of_line(const char *line, uint8_t bytes[SECRET])
{
    const char *hex = strrchr(line, ' ') + 1;

    for (size_t i = 0; i < SECRET; i++) {
        unsigned v = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
        bytes[i] = (uint8_t)v;
    }
}

/* ---- the wire, on which a draw may be seen: then it is none of the secrets ---- */

static uint8_t wire[1 << 16];
static size_t n_wire;

static void keep_wire(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    (void)p, (void)from;
    if (n_wire + *len <= sizeof wire) {
        memcpy(wire + n_wire, bytes, *len);
        n_wire += *len;
    }
}

static bool was_sent(const uint8_t bytes[SECRET])
{
    for (size_t i = 0; i + SECRET <= n_wire; i++)
        if (memcmp(wire + i, bytes, SECRET) == 0)
            return true;
    return false;
}

/* The last thing that an end drew and did not send; NULL: all was sent. All of it is remembered. */
static uint8_t *remember_hidden(int role)
{
    uint8_t *hidden = NULL;

    for (size_t i = 0; i < drawers[role].n; i++)
        if (!was_sent(drawers[role].bytes[i])) {
            hidden = drawers[role].bytes[i];
            remember(role == HF_CLIENT ? "what the client drew" : "what the server drew", hidden,
                     false);
        }
    return hidden;
}

static void forget_everything(void)
{
    forget_all();
    for (int role = 0; role < 2; role++)
        drawers[role] = (drawer){ .fail = UINT32_MAX };
    n_wire = 0;
}

/* ---- connections ---- */

typedef struct memory_scene {
    const char *name;
    const pair_options *options; /* of both ends */
    void *setup;                 /* the version's, for what follows */
    void (*start)(pair *p, void *setup);
    /* Looks for what is left when both ends have failed. */
    void (*search)(const void *setup, unsigned flights);
    /* The role's nth draw failed (missed), or was not needed. */
    void (*judge_draw)(pair *p, const void *setup, int role, unsigned n, bool missed);
    bool keeps; /* a cache may have a new entry in the end: memory that is not given back */
} memory_scene;

/* A connection that fails after each number of flights, at either end first. */
static unsigned after_failure(const memory_scene *s)
{
    unsigned cases = 0;

    for (unsigned flights = 0; flights < 6; flights++)
        for (int first = 0; first < 2; first++, cases++) {
            pair p;
            s->start(&p, s->setup);
            pair_events(&p, HF_CLIENT);
            for (unsigned i = 0; i < flights; i++)
                pair_carry(&p, (hf_role)(i % 2));
            for (int role = 0; role < 2; role++)
                hf_conn_abort(p.end[role == 0 ? first : !first].conn, HF_ALERT_internal_error);
            s->search(s->setup, flights);
            pair_free(&p);
            if (found > 0)
                fail_msg("%s: it failed after %u flights", s->name, flights);
        }
    return cases;
}

/* ---- what may be missing ---- */

static void renew(pair *p, int role, const pair_options *options)
{
    hf_conn_options o = { .server_name = "localhost",
                          .session = options->session,
                          .want_session = options->want_session };

    p->end[role].conn = hf_conn_new(p->config[role], p->worker, role == HF_CLIENT ? &o : NULL);
}

/* Either somebody failed, and says that it was our fault, or it could be done without: an old session is then not found, early data
   not taken. */
static void judge(const pair *p)
{
    bool failed = false;

    for (int role = 0; role < 2; role++) {
        const hf_failure *f = hf_conn_failure(p->end[role].conn);
        failed |= f != NULL;
        if (f && f->code != HF_E_ALERT_RECEIVED)
            assert_int_equal(f->blame, HF_BLAME_US);
    }
    if (!failed)
        assert_true(p->end[0].connected && p->end[1].connected);
}

static void free_ends(pair *p)
{
    for (int role = 0; role < 2; role++) {
        hf_conn_free(p->end[role].conn);
        p->end[role].conn = NULL;
    }
    hf_blocks_drop(&p->worker->blocks); /* what a worker keeps is no leak */
}

/* False: there is no allocation n. */
static bool without_memory(const memory_scene *s, size_t n)
{
    pair p;

    s->start(&p, s->setup);
    free_ends(&p);
    size_t before = live;
    calls = 0;
    fail_at = n;
    for (int role = 0; role < 2; role++)
        renew(&p, role, s->options);
    bool made = p.end[0].conn && p.end[1].conn;
    if (made)
        pair_run(&p);
    bool missed = calls > fail_at;
    fail_at = SIZE_MAX;
    if (made)
        judge(&p);
    free_ends(&p);
    if (!s->keeps)
        assert_int_equal(live, before);
    pair_free(&p);
    return missed;
}

static unsigned each_allocation(const memory_scene *s)
{
    unsigned n = 0;

    while (without_memory(s, n))
        n++;
    printf("%s: %u allocations of two connections failed, one at a time\n", s->name, n);
    assert_true(n >= (blocks_are_kept() ? 5u : 15u));
    return n;
}

static bool without_random(const memory_scene *s, int role, unsigned n)
{
    pair p;

    s->start(&p, s->setup);
    drawers[role].draws = 0;
    drawers[role].fail = n;
    pair_run(&p);
    bool missed = drawers[role].draws > n;
    s->judge_draw(&p, s->setup, role, n, missed);
    pair_free(&p);
    return missed;
}

static unsigned each_draw(const memory_scene *s)
{
    unsigned cases = 0;

    for (int role = 0; role < 2; role++)
        for (unsigned n = 0; without_random(s, role, n); n++)
            cases++;
    return cases;
}

#endif
