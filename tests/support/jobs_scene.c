/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Jobs that are held, failed or late. */
#include "support/jobs_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void jobs_start(desk_ends *e, desk *d, const jobs_scene *s)
{
    s->options->configure = desk_external;
    desk_start(e, d, s->options);
}

unsigned jobs_list(const jobs_scene *s, const char *expected)
{
    desk d = { .n = 0 };
    desk_ends e;
    char names[400] = "";
    unsigned n = 0;

    jobs_start(&e, &d, s);
    for (desk_run(&e); d.n > 0; desk_run(&e), n++) {
        desk_job one = desk_take(&d, 0);
        snprintf(names + strlen(names), sizeof names - strlen(names), " %s", hf_job_name(one.job));
        desk_answer(one);
    }
    s->assert_connected(&e.p, s->flow);
    printf("%s:%s\n", s->name, names);
    assert_string_equal(names, expected);
    pair_free(&e.p);
    return n;
}

/* ---- held ---- */

/* Job number k is never answered, all others are; then the connections are freed, and only then it runs. */
static bool hold(const jobs_scene *s, unsigned k)
{
    desk d = { .n = 0 };
    desk_ends e;

    jobs_start(&e, &d, s);
    bool more = desk_advance_to(&e, k);
    if (!more) {
        s->assert_connected(&e.p, s->flow);
        pair_free(&e.p);
        return false;
    }
    desk_job one = desk_take(&d, 0);
    uint64_t said = hf_conn_info_of(one.conn)->bytes_out;
    size_t heard = e.p.end[HF_SERVER].n_data;
    desk_finish(&e);
    s->assert_held(&e, one.conn, heard);
    assert_int_equal(hf_conn_info_of(one.conn)->bytes_out, said); /* not a word since */
    for (int role = 0; role < 2; role++)
        assert_null(hf_conn_failure(e.p.end[role].conn));
    pair_free(&e.p);
    (void)hf_job_run(one.job); /* legal: it owns what it needs */
    hf_job_free(one.job);
    return true;
}

unsigned jobs_hold_each(const jobs_scene *s)
{
    unsigned k = 0;

    while (hold(s, k))
        k++;
    return k;
}

/* ---- failed, claimed ---- */

/* HF_WAIT is no result, and HF_OK none for a job that nobody ran: its evidence is struck out. */
static hf_error shown_for(hf_error code)
{
    return code == HF_WAIT || code == HF_OK ? HF_E_JOB_FAILED : code;
}

void jobs_assert_failed(desk_ends *e, jobs_failure failure, bool unheard)
{
    hf_error shown = shown_for(failure.code);
    const hf_failure *f = hf_conn_failure(e->p.end[failure.side].conn),
                     *theirs = hf_conn_failure(e->p.end[!failure.side].conn);

    assert_true(desk_nobody_connected(e));
    assert_non_null(f);
    assert_int_equal(f->code, shown);
    assert_int_equal(f->alert, hf_error_row_of(shown)->alert);
    assert_int_equal(f->blame, hf_error_row_of(shown)->blame);
    if (!theirs && unheard)
        return;
    assert_non_null(theirs);
    assert_int_equal(theirs->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(theirs->alert, f->alert);
}

static bool fail_with(const jobs_scene *s, unsigned k, hf_error code)
{
    desk d = { .n = 0 };
    desk_ends e;

    jobs_start(&e, &d, s);
    bool more = desk_advance_to(&e, k);
    if (more) {
        desk_job one = desk_take(&d, 0);
        jobs_failure failure = { one.conn == e.p.end[HF_SERVER].conn, hf_job_kind_of(one.job),
                                 code };
        assert_int_equal(hf_conn_job_done(one.conn, one.job, code), HF_OK);
        desk_run(&e);
        desk_finish(&e); /* late answers to a failed connection are dropped */
        s->assert_failed(&e, failure, s->flow);
    }
    for (; d.n > 0; d.n--)
        hf_job_free(d.jobs[d.n - 1].job);
    pair_free(&e.p);
    return more;
}

unsigned jobs_fail_each(const jobs_scene *s, const hf_error *codes, size_t n)
{
    unsigned cases = 0;

    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; fail_with(s, k, codes[i]); k++)
            cases++;
    return cases;
}

/* ---- late ---- */

void jobs_backwards(const jobs_scene *s)
{
    desk d = { .n = 0 };
    desk_ends e;

    jobs_start(&e, &d, s);
    for (desk_run(&e); d.n > 0; desk_run(&e)) {
        hf_error results[DESK_JOBS_MAX];
        for (size_t i = 0; i < d.n; i++)
            results[i] = hf_job_run(d.jobs[i].job);
        for (; d.n > 0; d.n--) {
            desk_job one = d.jobs[d.n - 1];
            assert_int_equal(hf_conn_job_done(one.conn, one.job, results[d.n - 1]), HF_OK);
        }
    }
    s->assert_connected(&e.p, s->flow);
    pair_free(&e.p);
}
