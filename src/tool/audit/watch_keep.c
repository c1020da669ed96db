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

static json_t *same_finding(const json_t *findings, const json_t *one)
{
    for (size_t i = 0; i < json_array_size(findings); i++) {
        json_t *f = json_array_get(findings, i);
        if (strcmp(text_of(f, "rule"), text_of(one, "rule")) == 0 &&
            strcmp(text_of(f, "key"), text_of(one, "key")) == 0)
            return f;
    }
    return NULL;
}

/* Why not all that a rule looks at was seen; NULL: it was. States of before say it by the verdict alone. */
static const char *partial(const json_t *rule)
{
    const char *why = json_string_value(json_object_get(rule, "partial"));

    return !why && strcmp(text_of(rule, "verdict"), "unseen") == 0 ? text_of(rule, "why") : why;
}

/* Not all was seen, and not just the same part as before, as of a server that never answers some question. */
static bool is_lost(const json_t *rule, const json_t *before, bool complete)
{
    const char *now = partial(rule), *then = partial(before);

    return now && !(complete && then && strcmp(now, then) == 0);
}

/* The old one, or what it is now; the words of a part are not compared with those of all. */
static json_t *kept_finding(const json_t *findings, json_t *one, bool was_whole)
{
    json_t *now = same_finding(findings, one);
    bool alike = now && strcmp(text_of(now, "severity"), text_of(one, "severity")) == 0;

    if (alike && was_whole)
        take(now, one, "what");
    return now ? now : one;
}

static void keep_of_rule(json_t *all, const json_t *before, const json_t *findings,
                         const json_t *then)
{
    for (size_t i = 0; i < json_array_size(before); i++) {
        json_t *one = json_array_get(before, i);
        if (strcmp(text_of(one, "rule"), text_of(then, "id")) == 0)
            json_array_append(all, kept_finding(findings, one, !partial(then)));
    }
}

/* In the order of rules, those of before first: a state is the same whichever round it was made by. */
static void keep_findings(json_t *fresh, const json_t *old, bool complete)
{
    const json_t *rules = json_object_get(fresh, "rules"),
                 *findings = json_object_get(fresh, "findings"),
                 *before = json_object_get(old, "findings");
    json_t *all = json_array();

    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i),
                     *then = with(json_object_get(old, "rules"), "id", text_of(rule, "id"));
        if (then && is_lost(rule, then, complete))
            keep_of_rule(all, before, findings, then);
        for (size_t k = 0; k < json_array_size(findings); k++) {
            json_t *one = json_array_get(findings, k);
            if (strcmp(text_of(one, "rule"), text_of(rule, "id")) == 0 && !same_finding(all, one))
                json_array_append(all, one);
        }
    }
    json_object_set_new(fresh, "findings", all);
}

/* What was once seen whole is known: what comes behind it is news. */
static void keep_rules(json_t *fresh, const json_t *old)
{
    for (size_t i = 0; i < json_array_size(fresh); i++) {
        json_t *now = json_array_get(fresh, i), *then = with(old, "id", text_of(now, "id"));
        if (!then || !partial(now) || partial(then))
            continue;
        take(now, then, "verdict");
        take(now, then, "why");
        json_object_set_new(now, "partial", json_null());
    }
}

static void keep_judgements(json_t *fresh, const json_t *old, bool complete)
{
    json_t *list = json_object_get(fresh, "judgements");

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        const json_t *then =
            with(json_object_get(old, "judgements"), "policy", text_of(one, "policy"));
        keep_findings(one, then, complete);
        keep_rules(json_object_get(one, "rules"), json_object_get(then, "rules"));
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

/* Of each version but SSL 2.0 it is known whether it is spoken, and of those that are all certificates. */
static bool chains_certain(const json_t *seen)
{
    const json_t *versions = json_object_get(seen, "versions");

    for (size_t i = 0; i < json_array_size(versions); i++) {
        const json_t *one = json_array_get(versions, i);
        if (is_unknown(one, "state") && strcmp(text_of(one, "name"), "SSL 2.0") != 0)
            return false;
    }
    return !json_is_false(json_object_get(seen, "chains_whole"));
}

/* The same is not known of both. */
static bool chains_alike(const json_t *fresh, const json_t *old)
{
    const json_t *now = json_object_get(fresh, "versions"),
                 *then = json_object_get(old, "versions");

    for (size_t i = 0; i < json_array_size(now); i++) {
        const json_t *one = json_array_get(now, i);
        if (is_unknown(one, "state") !=
            is_unknown(with(then, "name", text_of(one, "name")), "state"))
            return false;
    }
    return json_is_false(json_object_get(fresh, "chains_whole")) ==
           json_is_false(json_object_get(old, "chains_whole"));
}

/* Whether another certificate is still there was not seen: it counts as there. Before versions, by whose states it goes. */
static void keep_chains(json_t *fresh, const json_t *old, bool complete)
{
    json_t *now = json_object_get(fresh, "chains"), *then = json_object_get(old, "chains");
    bool none = json_array_size(now) == 0;

    if (!none && (chains_certain(fresh) || (complete && chains_alike(fresh, old))))
        return;
    if (chains_certain(old))
        take(fresh, old, "chains_whole");
    if (none) {
        take(fresh, old, "chains");
        return;
    }
    for (size_t i = 0; i < json_array_size(then) && json_array_size(now) < HF_SEEN_CHAINS; i++) {
        json_t *one = json_array_get(then, i);
        if (!with(now, "fingerprint", text_of(one, "fingerprint")))
            json_array_append(now, one);
    }
}

static void keep_alpn(json_t *fresh, const json_t *old)
{
    if (json_is_true(json_object_get(fresh, "alpn_whole")) ||
        json_is_false(json_object_get(old, "alpn_whole")))
        return;
    take(fresh, old, "alpn");
    take(fresh, old, "alpn_whole");
}

static void keep_seen(json_t *fresh, const json_t *old, bool complete)
{
    keep_chains(fresh, old, complete);
    keep_versions(json_object_get(fresh, "versions"), json_object_get(old, "versions"));
    keep_traits(json_object_get(fresh, "traits"), json_object_get(old, "traits"));
    keep_alpn(fresh, old);
}

void hf_watch_keep(json_t *fresh, const json_t *old)
{
    json_t *now = json_array_get(json_object_get(fresh, "targets"), 0);
    const json_t *then = json_array_get(json_object_get(old, "targets"), 0);

    if (!now || !then)
        return;
    bool complete = json_is_true(json_object_get(now, "complete")) &&
                    json_is_true(json_object_get(then, "complete"));
    keep_judgements(now, then, complete);
    keep_seen(json_object_get(now, "seen"), json_object_get(then, "seen"), complete);
}
