/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the parent says of itself, to admin and over the control socket. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/parent.h"

static const hf_status *status_of(void *user)
{
    hf_parent *p = user;
    hf_status *s = &p->status;

    s->loaded = p->now;
    s->counters = p->house.counters;
    s->failures = p->failures;
    s->backend_errors = p->backend_errors;
    s->workers = p->workers;
    s->n_workers = hf_crew_status(&p->house, p->workers, HF_SLOTS_MAX);
    s->stopping = p->stops > 0;
    s->log_lost = p->log.lost;
    s->reminders = p->reminders ? hf_reminders_sent(p->reminders) : 0;
    s->reminder_commands_failed = p->reminders ? hf_reminders_failed(p->reminders) : 0;
    if (!s->reloads.good_at)
        s->reloads.good_at = s->started;
    return s;
}

hf_admin *hf_parent_admin(hf_parent *p, const hf_proxy_config *config, hf_config_fault *fault)
{
    int fd = hf_socket_listen_one(&config->admin, "admin", fault), error;
    hf_admin *admin = fd >= 0 ? hf_admin_start(&p->loop, fd, status_of, p, &error) : NULL;

    if (fd >= 0 && !admin)
        hf_fault_what(fault, config->admin.at, "admin: %s", uv_strerror(error));
    return admin;
}

void hf_parent_note_reload(hf_parent *p, const hf_config_fault *fault)
{
    int64_t now = hf_clock_wall();

    p->status.reloads.at = now;
    p->status.reloads.last_good = !fault;
    if (!fault) {
        p->status.reloads.good++;
        p->status.reloads.good_at = now;
        p->status.reloads.why[0] = '\0';
        return;
    }
    p->status.reloads.refused++;
    if (fault->at.line > 0)
        snprintf(p->status.reloads.why, HF_STATUS_WHY, "%s:%u:%u: %s: %s", fault->file,
                 fault->at.line, fault->at.column, fault->what, fault->why);
    else
        snprintf(p->status.reloads.why, HF_STATUS_WHY, "%s: %s", fault->what, fault->why);
}

/* ---- the control socket ---- */

static json_t *failures(const hf_parent *p, size_t n)
{
    json_t *all = hf_failures_ring_json(p->failures);

    while (all && json_array_size(all) > n)
        json_array_remove(all, json_array_size(all) - 1);
    return json_pack("{s:s, s:o?}", "schema", "handfast.proxy-failures/1", "failures", all);
}

/* A worker has nothing to ask for: whoever speaks for one has taken it over. And who is gone already may have been one. */
static bool is_refused(hf_parent *p, hf_control_client *client)
{
    pid_t pid = hf_control_pid(client);

    if (pid >= 0 && !hf_crew_end_one(&p->house, pid))
        return false;
    if (pid > 0)
        hf_parent_say(p, HF_SAY_ERROR, "control",
                      "worker %ld spoke to the control socket: it is refused, and ended",
                      (long)pid);
    hf_control_answer(client, NULL);
    return true;
}

void hf_parent_asked(void *parent, hf_control_client *client, const char *line)
{
    hf_parent *p = parent;

    if (is_refused(p, client))
        return;
    if (strcmp(line, "reload") == 0 && p->stops == 0)
        hf_reload_ask(p, HF_RELOAD_ALL, client);
    else if (strcmp(line, "status") == 0)
        hf_control_answer(client, hf_status_json(status_of(p)));
    else if (strncmp(line, "failures ", 9) == 0)
        hf_control_answer(client, failures(p, strtoul(line + 9, NULL, 10)));
    else
        hf_control_answer(client, json_pack("{s:s}", "error",
                                            p->stops ? "the proxy stops"
                                                     : "it takes: reload, status, failures N"));
}
