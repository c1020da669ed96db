/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a round could not see is not gone: until a later one sees it, the state holds what was known. Otherwise a finding would be
 * told as new each time that a server was too slow for one round.
 */
#include <string.h>

#include "tool/audit/watch_events.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* The element whose member is that text; NULL: none. */
static json_t *with(const json_t *list, const char *name, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(text_of(json_array_get(list, i), name), text) == 0)
            return json_array_get(list, i);
    return NULL;
}

static void take(json_t *fresh, const json_t *old, const char *name)
{
    json_t *value = json_object_get(old, name);

    if (value)
        json_object_set(fresh, name, value);
}

/* ---- findings ---- */

static bool has_finding(const json_t *findings, const json_t *one)
{
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *f = json_array_get(findings, i);
        if (strcmp(text_of(f, "rule"), text_of(one, "rule")) == 0 &&
            strcmp(text_of(f, "key"), text_of(one, "key")) == 0)
            return true;
    }
    return false;
}

static void keep_findings(json_t *fresh, const json_t *old)
{
    json_t *findings = json_object_get(fresh, "findings"),
           *before = json_object_get(old, "findings");

    for (size_t i = 0; i < json_array_size(before); i++) {
        json_t *one = json_array_get(before, i);
        const json_t *rule = with(json_object_get(fresh, "rules"), "id", text_of(one, "rule"));
        if (strcmp(text_of(rule, "verdict"), "unseen") == 0 && !has_finding(findings, one))
            json_array_append(findings, one);
    }
}

static void keep_judgements(json_t *fresh, const json_t *old)
{
    json_t *list = json_object_get(fresh, "judgements");

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        keep_findings(one,
                      with(json_object_get(old, "judgements"), "policy", text_of(one, "policy")));
    }
}

/* ---- what was seen ---- */

static bool is_unknown(const json_t *object, const char *name)
{
    return strcmp(text_of(object, name), "unknown") == 0;
}

static void keep_list(json_t *fresh, const json_t *old, const char *list, const char *whole)
{
    if (json_is_true(json_object_get(fresh, whole)) || !json_is_true(json_object_get(old, whole)))
        return;
    take(fresh, old, list);
    take(fresh, old, whole);
}

static void keep_versions(json_t *fresh, const json_t *old)
{
    for (size_t i = 0; i < json_array_size(fresh); i++) {
        json_t *now = json_array_get(fresh, i), *then = with(old, "name", text_of(now, "name"));
        if (!then)
            continue;
        if (is_unknown(now, "state")) {
            json_object_update(now, then);
            continue;
        }
        keep_list(now, then, "suites", "suites_whole");
        keep_list(now, then, "groups", "groups_whole");
        keep_list(now, then, "schemes", "schemes_whole");
        if (is_unknown(now, "order"))
            take(now, then, "order");
    }
}

static void keep_traits(json_t *fresh, const json_t *old)
{
    const char *id;
    json_t *trait;

    json_object_foreach(fresh, id, trait) if (is_unknown(trait, "state") &&
                                              json_is_object(json_object_get(old, id)))
        json_object_update(trait, json_object_get(old, id));
}

/* Whether another certificate is still there was not seen: it counts as there. */
static void keep_chains(json_t *fresh, const json_t *old)
{
    json_t *now = json_object_get(fresh, "chains"), *then = json_object_get(old, "chains");

    if (json_array_size(now) == 0) {
        take(fresh, old, "chains");
        return;
    }
    if (!json_is_false(json_object_get(fresh, "chains_whole")))
        return;
    for (size_t i = 0; i < json_array_size(then) && json_array_size(now) < HF_SEEN_CHAINS; i++) {
        json_t *one = json_array_get(then, i);
        if (!with(now, "fingerprint", text_of(one, "fingerprint")))
            json_array_append(now, one);
    }
}

static void keep_seen(json_t *fresh, const json_t *old)
{
    keep_versions(json_object_get(fresh, "versions"), json_object_get(old, "versions"));
    keep_traits(json_object_get(fresh, "traits"), json_object_get(old, "traits"));
    keep_chains(fresh, old);
    if (json_is_null(json_object_get(fresh, "alpn")))
        take(fresh, old, "alpn");
}

void hf_watch_keep(json_t *fresh, const json_t *old)
{
    json_t *now = json_array_get(json_object_get(fresh, "targets"), 0);
    const json_t *then = json_array_get(json_object_get(old, "targets"), 0);

    if (!now || !then)
        return;
    keep_judgements(now, then);
    keep_seen(json_object_get(now, "seen"), json_object_get(then, "seen"));
}
