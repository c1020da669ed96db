/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A reload in its steps: read and judge (on a thread, so that dead workers are replaced meanwhile), open what is new, offer the plan
 * to all workers, and then either all of it counts or nothing has changed. One at a time; what is asked for meanwhile is one more
 * after it. Nothing that a configuration can say is silently ignored: what cannot be changed is refused.
 */
#ifndef HF_TOOL_PROXY_RELOAD_H
#define HF_TOOL_PROXY_RELOAD_H

#include <uv.h>

#include "tool/proxy/admin.h"
#include "tool/proxy/control.h"
#include "tool/proxy/crew.h"
#include "tool/proxy/load.h"
#include "tool/proxy/own_keys.h"
#include "tool/proxy/watch.h"

struct hf_parent;

/* Each includes those before it. */
typedef enum hf_reload_cause {
    HF_RELOAD_TIME, /* a certificate has expired, a name may lead elsewhere by now: if nothing is different, nothing happens */
    HF_RELOAD_KEYS, /* new ticket keys */
    HF_RELOAD_FILES, /* certificates, keys, … changed */
    HF_RELOAD_ALL    /* somebody asked: the configuration is read as well */
} hf_reload_cause;

typedef struct hf_reload {
    bool running, again;
    bool reading; /* the thread has it */
    bool taken;   /* the plan counts in every worker */
    json_t *done; /* while workers take it: what will be answered */
    hf_reload_cause cause, next_cause;
    /* To be answered; more are sent away, as two control sockets may let them in while one takes the other's place. */
    hf_control_client *waiting[HF_CONTROL_CLIENTS], *waiting_next[HF_CONTROL_CLIENTS];
    size_t n_waiting, n_waiting_next;
    /* the thread's */
    uv_work_t work;
    const char *file;
    const hf_loaded *before;
    hf_own_keys keys;
    struct timespec since;
    hf_watch_look *look; /* what is watched, before it reads */
    hf_config_fault fault;
    /* what is new */
    hf_watched_files *watched;
    hf_loaded *loaded;
    hf_sockets *sockets; /* NULL: the same */
    hf_account account;
    hf_folder challenges; /* of what was read */
    hf_crew *crew;        /* NULL: the same */
    hf_control *control;
    hf_admin *admin;
    bool new_control, new_admin; /* NULL then means: none any more */
    struct hf_parent *parent;
} hf_reload;

/* client: to be answered, or NULL. */
void hf_reload_ask(struct hf_parent *parent, hf_reload_cause cause, hf_control_client *client);
/* Of the plan that was offered. */
void hf_reload_answered(struct hf_parent *parent, bool good, const char *why);
/* The plan counts in every worker. */
void hf_reload_taken(struct hf_parent *parent);
/* Of workers that were replaced, all of a crew let nobody in any more. */
void hf_reload_shut(struct hf_parent *parent);
/* Whether time alone may have changed what a load would come to. What names lead to is asked apart (parent_names.c), without a load. */
bool hf_reload_is_due(const hf_loaded *now, int64_t taken_at, int64_t at);
/* The proxy stops: nothing new counts any more. */
void hf_reload_abandon(struct hf_parent *parent);

/* ---- reload_words.c ---- */

/* Would workers see no difference? */
bool hf_reload_is_same(const hf_loaded *before, const hf_loaded *now);
/* What differs, one line each, as an array of texts. */
json_t *hf_reload_changes(const hf_loaded *before, const hf_loaded *now);
/* {"schema": "handfast.reload/1", "result": "done", …}; before: to say what changed. */
json_t *hf_reload_done(const hf_loaded *before, const hf_loaded *now);
json_t *hf_reload_refused(const hf_config_fault *fault);

#endif
