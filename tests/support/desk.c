/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Jobs that wait for their answers. */
#include "support/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void desk_external(hf_config *config, hf_role role, void *user)
{
    (void)role, (void)user;
    assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_JOBS, true), HF_OK);
}

void desk_start(desk_ends *e, desk *d, const pair_options *options)
{
    pair_options o = options ? *options : (pair_options){ 0 };

    if (!o.configure)
        o.configure = desk_external;
    memset(e, 0, sizeof *e);
    e->desk = d;
    pair_start(&e->p, &o);
}

static void collect(desk_ends *e, hf_conn *conn)
{
    desk *d = e->desk;
    hf_job *job;

    while ((job = hf_conn_job_next(conn)) != NULL) {
        assert_true(d->n < DESK_JOBS_MAX);
        d->jobs[d->n++] = (desk_job){ conn, job };
        d->seen++;
    }
}

static bool carry(desk_ends *e, hf_role from)
{
    hf_conn *to = e->p.end[!from].conn, *source = e->p.end[from].conn;
    hf_span out = hf_conn_wire_out(source);
    uint8_t *wire = e->wire[!from];
    size_t *n = &e->n_wire[!from];

    assert_true(*n + out.len <= DESK_WIRE_MAX);
    if (out.len > 0)
        memcpy(wire + *n, out.data, out.len);
    *n += out.len;
    hf_conn_wire_sent(source, out.len);
    size_t taken = *n > 0 ? hf_conn_wire_in(to, wire, *n) : 0;
    memmove(wire, wire + taken, *n - taken);
    *n -= taken;
    return out.len > 0 || taken > 0;
}

void desk_run(desk_ends *e)
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (int role = 0; role < 2; role++) {
            pair_events(&e->p, (hf_role)role);
            collect(e, e->p.end[role].conn);
            moved |= carry(e, (hf_role)role);
        }
    }
}

desk_job desk_take(desk *d, size_t i)
{
    desk_job one = d->jobs[i];

    memmove(d->jobs + i, d->jobs + i + 1, (d->n - i - 1) * sizeof *d->jobs);
    d->n--;
    return one;
}

void desk_answer(desk_job one)
{
    hf_error result = hf_job_run(one.job);

    assert_int_equal(hf_conn_job_done(one.conn, one.job, result), HF_OK);
}

bool desk_nobody_connected(const desk_ends *e)
{
    return !e->p.end[0].connected && !e->p.end[1].connected;
}

void desk_finish(desk_ends *e)
{
    while (e->desk->n > 0) {
        desk_answer(desk_take(e->desk, 0));
        desk_run(e);
    }
}

bool desk_advance_to(desk_ends *e, unsigned k)
{
    desk_run(e);
    for (unsigned i = 0; i < k; i++) {
        if (e->desk->n == 0)
            return false;
        desk_answer(desk_take(e->desk, 0));
        desk_run(e);
    }
    return e->desk->n > 0;
}

void desk_assert_silent(desk_ends *e)
{
    for (int role = 0; role < 2; role++) {
        pair_end *end = &e->p.end[role];
        assert_false(end->connected);
        assert_int_equal(hf_conn_wire_out(end->conn).len, 0);
        assert_int_equal(hf_conn_next(end->conn), HF_EVENT_NONE);
        assert_int_equal(end->n_data, 0);
    }
}

uint32_t desk_draw(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}
