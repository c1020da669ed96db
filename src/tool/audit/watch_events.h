/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What has changed since the last round, as events. Nothing here asks anybody or opens a file, and `now` is an argument. An event is
 *
 *     {"schema": "handfast.watch-event/1", "time", "event", "target", "text", "worse", "details": {…}}
 *
 *     first                 it is watched from now on; details: verdict, or reached (false)
 *     finding-new           all that are alike in one; details: policy, rule, key and severity of the first, rules (all), n
 *     finding-changed       graver, or in other words; details as before
 *     finding-gone          all of one check in one; details: n, policies
 *     certificate-changed
 *     fact-changed          a version, list, trait …
 *     changes-more          there is more than is told; details: n
 *     expiry                details: fingerprint, not_after, days
 *     unreachable           for the second round in a row; details: reached (false)
 *     reachable             again; details: verdict
 *     left                  FILE does not name it any more
 *     error                 a file that cannot be read
 */
#ifndef HF_TOOL_AUDIT_WATCH_EVENTS_H
#define HF_TOOL_AUDIT_WATCH_EVENTS_H

#include <jansson.h>

#include "audit/report.h"

enum {
    HF_WATCH_DAYS_MAX = 20,
    HF_WATCH_PATIENCE = 2 /* rounds in a row: then it is unreachable */
};

typedef struct hf_watch_days {
    int32_t at[HF_WATCH_DAYS_MAX]; /* as given */
    size_t n;
} hf_watch_days;

typedef struct hf_watch_scene {
    const char *target; /* "example.org:443", a path */
    const hf_watch_days *days;
    int64_t now;
    json_t *events; /* an array: what happened is added */
    bool failed;    /* no memory: state and events are not to be used */
} hf_watch_scene;

/* A round's audit of that target. The state becomes what this round leaves. */
void hf_watch_audited(hf_watch_scene *scene, json_t *state, hf_audit *audit);
/* It was not asked this time: what it showed before goes on towards its end. error: why, told once until it is another; NULL: somebody
   else tells it. */
void hf_watch_not_audited(hf_watch_scene *scene, json_t *state, const char *error);

/* Something with an end: a certificate or a CRL. */
typedef struct hf_watch_end {
    const char *kind, *name, *fingerprint; /* "certificate", "CN=…" */
    int64_t not_before, not_after;
} hf_watch_end;
bool hf_watch_has_end(const hf_watch_end *ends, size_t n, const char *fingerprint);
/* All ends of that file, or error: why it could not be read. */
void hf_watch_ends(hf_watch_scene *scene, json_t *state, const hf_watch_end *ends, size_t n,
                   const char *error);

/* "30,14,7,3,1". False: it is no such list. */
bool hf_watch_days_read(const char *text, hf_watch_days *days);
/* The number that counts now: the fewest days of the list that are reached, 0 if it has expired; -1: none. */
int hf_watch_days_due(const hf_watch_days *days, const hf_watch_end *end, int64_t now);

/* ---- for watch_*.c ---- */

/* Takes details, which may be NULL. text is made visible. */
void hf_watch_tell(hf_watch_scene *scene, const char *event, bool worse, json_t *details,
                   const char *text);
/* Of an audit that was compared: a policy that it was not judged by before is left out. */
void hf_watch_findings(hf_watch_scene *scene, const hf_audit *audit);
/* What was not seen this time is as it was: findings, versions, lists, traits, chains go from the old report into the fresh one. */
void hf_watch_keep(json_t *fresh, const json_t *old);

#endif
