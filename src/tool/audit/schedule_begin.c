/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What an audit begins with: what inquiries are told of the task, where connections go, and what is known beforehand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/random.h"
#include "tool/audit/schedule_parts.h"

typedef hf_audit_course course;

/* Services that are not HTTP although they begin with TLS: their ports say so. */
static bool is_http_port(uint16_t port)
{
    static const uint16_t others[] = { 465,  563,  636,  853,  989,  990,  992,  993,  994,  995,
                                       5061, 5223, 5269, 5349, 5671, 6697, 8883, 5432, 3306, 6380 };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i] == port)
            return false;
    return true;
}

static void set_up(course *c)
{
    const hf_audit_job *job = c->job;
    uint16_t port = job->target.port;

    c->setup = (hf_audit_setup){
        .trust = c->settings->trust,
        .policy = c->settings->policy,
        .hooks = c->settings->hooks,
        .now = c->seen->started,
        .plain_port = c->settings->plain_port ? c->settings->plain_port
                      : port == 443           ? 80
                                              : 0,
        .http = !job->starttls && is_http_port(port),
        .sni = job->send_name ? job->name : NULL,
        .name = job->name,
    };
}

static bool set_place(course *c, hf_worker *worker)
{
    const hf_audit_job *job = c->job;
    const hf_random usual = { NULL, NULL };

    hf_target_text(job->name, job->target.port, c->authority, sizeof c->authority);
    if (job->target.port == 443)
        c->authority[strlen(c->authority) - strlen(":443")] = '\0';
    hf_target_text(job->target.host, job->target.port, c->endpoint, sizeof c->endpoint);
    c->place = (hf_ask_place){
        .loop = c->loop,
        .worker = worker,
        .setup = &c->setup,
        .host = job->address ? job->address : job->target.host,
        .name = job->name,
        .authority = c->authority,
        .endpoint = c->endpoint,
        .port = job->target.port,
        .family = c->settings->family,
        .starttls = job->starttls,
        .timeout_ms = c->settings->timeout_ms,
    };
    return hf_random_bytes(&usual, c->place.salt, sizeof c->place.salt) == HF_OK;
}

/* What is known of a target before anything is asked. */
static bool open_seen(hf_audit_job *job)
{
    hf_seen *seen = job->audit.seen = job->audit.seen ? job->audit.seen : hf_seen_new();

    if (!seen)
        return false;
    snprintf(seen->host, sizeof seen->host, "%s", job->target.host);
    snprintf(seen->name, sizeof seen->name, "%s", job->name);
    snprintf(seen->starttls, sizeof seen->starttls, "%s", job->starttls ? job->starttls->word : "");
    seen->port = job->target.port;
    seen->started = hf_clock_wall();
    return true;
}

bool hf_audit_unasked(hf_audit_job *job, const char *why)
{
    if (!open_seen(job))
        return false;
    job->audit.seen->cut = true;
    snprintf(job->audit.seen->trouble, sizeof job->audit.seen->trouble, "%s", why);
    return true;
}

static void open_inquirers(course *c)
{
    for (size_t i = 0; i < hf_n_inquiries; i++)
        c->inquirers[i] =
            (hf_inquirer){ .course = c,
                           .q = { .row = hf_inquiries[i], .seen = c->seen, .setup = &c->setup } };
}

hf_audit_course *hf_audit_course_start(uv_loop_t *loop, hf_worker *worker, hf_audit_job *job,
                                       const hf_audit_settings *settings,
                                       void (*done)(void *user, hf_audit_job *job), void *user)
{
    course *c = calloc(1, sizeof *c);

    if (c)
        c->inquirers = calloc(hf_n_inquiries, sizeof *c->inquirers);
    if (!c || !c->inquirers || !open_seen(job)) {
        if (c)
            free(c->inquirers);
        free(c);
        return NULL;
    }
    c->job = job;
    c->seen = job->audit.seen;
    c->settings = settings;
    c->done = done;
    c->user = user;
    c->loop = loop;
    c->began = hf_now_ms();
    c->ends = c->began + HF_AUDIT_SECONDS_MAX * 1000.0;
    open_inquirers(c);
    uv_timer_init(loop, &c->timer);
    c->timer.data = c;
    set_up(c);
    if (!set_place(c, worker))
        hf_audit_end(c, true, "no random bytes");
    uv_timer_start(&c->timer, hf_audit_turn, 0, 0);
    return c;
}
