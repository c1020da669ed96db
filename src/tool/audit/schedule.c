/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The course of one audit. Everything happens in its turn, which the timer calls: after each answer, when the rate allows more, at the end. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/whole.h"
#include "tool/audit/schedule_parts.h"

enum {
    LATE_ROW =
        6, /* questions in a row without an answer in time, or by garbage: it has stopped answering … */
    LATE_ALL = 24,       /* … or so many in all */
    UNREACHABLE_ROW = 4, /* connections in a row that did not come about */
    RETRY_MS = 200,      /* before the next connection after one that did not come about */
    SLOW_MS = 200        /* between two, where pauses were needed */
};

typedef hf_audit_course course;
typedef hf_inquirer inquirer;

static void wake(course *c, double ms)
{
    uv_update_time(c->loop);
    uv_timer_start(&c->timer, hf_audit_turn, ms > 0 ? (uint64_t)ms + 1 : 0, 0);
}

/* ---- ending early ---- */

void hf_audit_end(course *c, bool cut, const char *format, ...)
{
    va_list args;

    if (c->ending)
        return;
    c->ending = true;
    c->seen->cut = cut;
    va_start(args, format);
    if (vsnprintf(c->seen->trouble, sizeof c->seen->trouble, format, args) < 0)
        c->seen->trouble[0] = '\0';
    va_end(args);
    for (size_t i = 0; i < hf_n_inquiries; i++)
        if (c->inquirers[i].asking)
            hf_asking_stop(c->inquirers[i].asking);
    wake(c, 0);
}

void hf_audit_course_cut(hf_audit_course *c, const char *why)
{
    hf_audit_end(c, true, "%s", why);
}

/* ---- answers ---- */

static bool is_tls(const hf_reply *r)
{
    const hf_flight *f = r->flight;

    if (r->ask->kind == HF_ASK_BYTES)
        return f->hello || f->ssl2 || f->has_alert;
    if (r->ask->kind != HF_ASK_ENGINE || !r->conn)
        return false;
    return hf_conn_info_of(r->conn)->version != 0 || f->end == HF_FLIGHT_ALERT;
}

static void count_unreachable(course *c, const hf_asked *asked)
{
    c->seen->unreachable++;
    c->rests_until = hf_now_ms() + RETRY_MS;
    if (asked->ours)
        hf_audit_end(c, true, "this machine could make no more connections: %s", asked->trouble);
    else if (!c->opened)
        hf_audit_end(c, false, "%s", asked->trouble);
    else if (++c->unreachable_row >= UNREACHABLE_ROW)
        hf_audit_end(c, true, "it stopped taking connections: %s", asked->trouble);
}

static void count_late(course *c)
{
    c->late_row++;
    c->late_all++;
    if (c->late_row < LATE_ROW && c->late_all < LATE_ALL)
        return;
    if (c->seen->reached)
        hf_audit_end(c, true,
                     "it stopped answering: %u questions%s had no answer in time, or none "
                     "that can be read",
                     c->late_row < LATE_ROW ? c->late_all : c->late_row,
                     c->late_row < LATE_ROW ? "" : " in a row");
    else
        hf_audit_end(c, true, "it takes connections and does not answer");
}

/* What it did in place of TLS: words of another protocol tell more than an end without any. */
static void note_strange(course *c, const hf_flight *flight)
{
    char words[HF_FLIGHT_WORDS];

    if (flight->end == HF_FLIGHT_FOREIGN && !c->foreign)
        snprintf(c->strange, sizeof c->strange, "%s", flight->why);
    else if (!*c->strange && flight->end != HF_FLIGHT_UNREACHABLE)
        snprintf(c->strange, sizeof c->strange, "it %s", hf_flight_words(flight, words));
    c->foreign = c->foreign || flight->end == HF_FLIGHT_FOREIGN;
}

/* Nothing in time; or, where TLS was spoken before, what is none. */
static bool says_nothing(const course *c, const hf_asked *asked)
{
    const hf_flight *f = asked->reply.flight;

    if (f->end == HF_FLIGHT_LATE)
        return !asked->patience;
    return c->seen->reached && asked->reply.ask->kind == HF_ASK_BYTES && !is_tls(&asked->reply) &&
           (f->end == HF_FLIGHT_FOREIGN || f->end == HF_FLIGHT_MALFORMED ||
            f->end == HF_FLIGHT_TOO_LONG);
}

/* What a reply says of the other end as such. Plain HTTP is another service. */
static void judge(course *c, const hf_asked *asked)
{
    const hf_reply *r = &asked->reply;

    if (r->ask->kind == HF_ASK_PLAIN || c->ending)
        return;
    c->opened = c->opened || asked->opened;
    if (asked->connected && !*c->seen->address)
        snprintf(c->seen->address, sizeof c->seen->address, "%s", asked->address);
    c->seen->reached = c->seen->reached || is_tls(r);
    if (!c->seen->reached)
        note_strange(c, r->flight);
    if (r->flight->end == HF_FLIGHT_UNREACHABLE) {
        count_unreachable(c, asked);
        return;
    }
    c->unreachable_row = 0;
    if (says_nothing(c, asked))
        count_late(c);
    else
        c->late_row = 0;
}

/* Nothing was said yet, so that nothing is said twice. A port that answers nobody is not asked again: that is an answer. */
static bool deserves_another(const course *c, const inquirer *i, const hf_reply *r)
{
    return r->flight->end == HF_FLIGHT_UNREACHABLE && r->ask->kind != HF_ASK_PLAIN && !c->ending &&
           !i->was_again;
}

static void answered(void *user, const hf_asked *asked)
{
    inquirer *i = user;
    course *c = i->course;

    i->asking = NULL;
    c->busy--;
    judge(c, asked);
    i->again = !i->controls && deserves_another(c, i, &asked->reply);
    i->was_again = i->again;
    if (!i->again && !hf_audit_holds(i, &asked->reply))
        i->q.row->got(&i->q, &asked->reply);
    wake(c, 0);
}

/* ---- questions ---- */

static void finish_inquirer(inquirer *i)
{
    if (i->over)
        return;
    i->over = true;
    i->course->n_over++;
    if (i->q.state && i->q.row->finish)
        i->q.row->finish(&i->q);
    free(i->q.state);
    free(i->ask);
    i->q.state = NULL;
    i->ask = NULL;
}

static void tell_progress(course *c, const inquirer *i)
{
    if (c->settings->progress)
        c->settings->progress(c->settings->user, c->job, i->q.row->title, c->n_over,
                              (unsigned)hf_n_inquiries);
}

static bool open_inquirer(inquirer *i)
{
    size_t size = i->q.row->state_size;

    if (i->ask)
        return true;
    i->ask = malloc(sizeof *i->ask);
    i->q.state = calloc(1, size > 0 ? size : 1);
    return i->ask && i->q.state;
}

/* NULL: it has nothing to ask now. */
static const hf_ask *next_question(inquirer *i)
{
    const hf_ask *doubted = NULL;

    if (i->again) {
        i->again = false;
        return i->ask;
    }
    if (hf_doubt_open(&i->doubt))
        doubted = hf_audit_doubted(i);
    if (doubted || i->course->ending)
        return doubted;
    memset(i->ask, 0, sizeof *i->ask);
    if (i->q.row->next(&i->q, i->ask))
        return i->ask;
    finish_inquirer(i);
    return NULL;
}

static void ask(course *c, inquirer *i)
{
    const hf_ask *question;

    if (!open_inquirer(i)) {
        hf_audit_end(c, true, "out of memory");
        return;
    }
    question = next_question(i);
    if (!question)
        return;
    tell_progress(c, i);
    i->asking = hf_asking_start(&c->place, question, answered, i);
    if (!i->asking) {
        hf_audit_end(c, true, "out of memory");
        return;
    }
    c->busy++;
    c->seen->connections++;
    c->starts[c->at++ % c->settings->rate] = hf_now_ms();
    if (c->doubts.limits > 0)
        c->rests_until = hf_now_ms() + SLOW_MS;
}

/* Milliseconds until another connection may begin; 0: now. */
static double held_back(const course *c)
{
    double now = hf_now_ms(), wait = c->rests_until - now;

    if (c->at >= c->settings->rate) {
        double oldest = c->starts[c->at % c->settings->rate] + 1000 - now;
        wait = oldest > wait ? oldest : wait;
    }
    return wait > 0 ? wait : 0;
}

/* Until one connection could begin with TLS there is only one: whoever cannot be reached is asked once. */
static bool has_room(const course *c)
{
    bool one = !c->opened || hf_doubts_troubled(&c->doubts);

    return c->busy < (one ? 1 : c->settings->parallel);
}

/* A proof that a connection was refused has no other one beside it. */
static inquirer *next_inquirer(course *c)
{
    inquirer *first = NULL;

    for (size_t i = 0; i < hf_n_inquiries; i++) {
        inquirer *q = &c->inquirers[i];
        if (q->over || q->q.row->phase != c->phase)
            continue;
        if (hf_doubt_alone(&c->doubts, &q->doubt))
            return c->busy == 0 ? q : NULL;
        if (!first && !q->asking && !hf_audit_is_held(q))
            first = q;
    }
    return first;
}

/* ---- the turn ---- */

static void closed(uv_handle_t *handle)
{
    course *c = handle->data;

    c->done(c->user, c->job);
    free(c->inquirers);
    free(c);
}

/* What needs nobody's answer is done whatever else was cut short. */
static void think_over(course *c)
{
    for (size_t i = 0; i < hf_n_inquiries; i++) {
        inquirer *q = &c->inquirers[i];
        if (!q->over && q->q.row->phase == HF_PHASE_THOUGHTS && open_inquirer(q))
            q->q.row->next(&q->q, q->ask);
    }
}

/* Lists that the end came upon: why they are not whole. */
static void tell_why(hf_seen *seen)
{
    for (unsigned id = 0; id < HF_V_COUNT; id++) {
        hf_seen_version *v = &seen->v[id];
        bool open = v->spoken == HF_UNKNOWN || (v->spoken == HF_PRESENT && !v->suites_whole);
        if (open && !*v->why)
            snprintf(v->why, sizeof v->why, "%.*s", (int)sizeof v->why - 1, seen->trouble);
    }
}

static void finish(course *c)
{
    hf_chains_look_back(c->seen);
    if (c->seen->cut && c->seen->reached)
        tell_why(c->seen);
    if (c->ending)
        think_over(c);
    for (size_t i = 0; i < hf_n_inquiries; i++)
        finish_inquirer(&c->inquirers[i]);
    c->seen->seconds = (hf_now_ms() - c->began) / 1000;
    uv_close((uv_handle_t *)&c->timer, closed);
}

/* It speaks TLS, and not with us: nothing that follows would find out more. */
static bool is_shut(const hf_seen *seen)
{
    return hf_seen_newest(seen) == HF_V_COUNT &&
           (seen->v[HF_V_TLS13].spoken == HF_UNKNOWN || seen->v[HF_V_TLS12].spoken == HF_UNKNOWN);
}

static void shut(course *c, const char *what, const char *why)
{
    if (!c->ending)
        c->seen->shut = c->seen->declined;
    hf_audit_end(c, true, "%s: %s", what, why);
}

static void look_at_versions(course *c)
{
    const hf_seen_version *v = c->seen->v;

    if (!c->seen->reached)
        hf_audit_end(c, false, "what answers there does not speak TLS%s%s", *c->strange ? ": " : "",
                     c->strange);
    else if (is_shut(c->seen))
        shut(c, "no hello was taken, of whatever version",
             *v[HF_V_TLS13].why ? v[HF_V_TLS13].why : v[HF_V_TLS12].why);
}

/* It speaks a version, and never came to its certificate: what it says to more hellos is said to any. */
static void look_at_chains(course *c)
{
    if (c->seen->n_chains == 0 && hf_chains_due(c->seen))
        shut(c, "no handshake came to the server's certificate",
             *c->seen->uncertified ? c->seen->uncertified : "it was not sent");
}

/* Only when all of a phase is over does the next one begin, as it rests on it. */
static void next_phase(course *c)
{
    c->phase++;
    if (c->phase == HF_PHASE_LISTS)
        look_at_versions(c);
    else if (c->phase == HF_PHASE_DETAILS)
        look_at_chains(c);
}

static void ask_more(course *c)
{
    inquirer *i;

    while (!c->ending && has_room(c) && held_back(c) <= 0) {
        i = next_inquirer(c);
        if (!i && (c->busy > 0 || c->phase + 1 >= HF_PHASE_COUNT))
            return;
        if (!i && hf_audit_tell_held(c))
            continue;
        if (!i)
            next_phase(c);
        else if (c->seen->connections >= HF_AUDIT_CONNECTIONS_MAX)
            hf_audit_end(c, true, "the limit of %d connections", HF_AUDIT_CONNECTIONS_MAX);
        else
            ask(c, i);
    }
}

static bool is_over(course *c)
{
    if (c->busy > 0)
        return false;
    return c->ending || (c->phase + 1 >= HF_PHASE_COUNT && !next_inquirer(c));
}

void hf_audit_turn(uv_timer_t *timer)
{
    course *c = timer->data;
    double now = hf_now_ms(), wait;

    if (now >= c->ends)
        hf_audit_end(c, true, "the limit of %d seconds", HF_AUDIT_SECONDS_MAX);
    ask_more(c);
    if (is_over(c)) {
        finish(c);
        return;
    }
    wait = c->ending ? c->ends + 1000 - now : c->ends - now;
    if (!c->ending && has_room(c) && held_back(c) > 0)
        wait = held_back(c);
    wake(c, wait);
}
