/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Facts that are not what they were: reached, versions, suites, groups, certificates, traits. Only what both reports know. */
#include "audit/report_compare.h"
#include "audit/whole.h"

/* ---- lists ---- */

typedef struct list_names {
    hf_seen_version_id version;
    const char *what; /* one of it */
    hf_names names;
} list_names;

static bool list_has(const json_t *list, uint16_t code)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_integer_value(json_object_get(json_array_get(list, i), "code")) == code)
            return true;
    return false;
}

/* "TLS 1.2: the cipher suite A is new", "TLS 1.2: 12 cipher suites are gone: A, B, …": what came or went together is one change. */
static void tell_codes(hf_audit_change *change, const list_names *l, const hf_codes *codes,
                       const char *how)
{
    hf_sheet all = { .error = HF_OK };
    char name[HF_NAME_ROOM];

    for (size_t i = 0; i < codes->n; i++) {
        if (all.len > HF_AC_LINE - HF_AC_LINE / 8) {
            hf_sheet_add(&all, " and %zu more", codes->n - i);
            break;
        }
        const char *text = l->names == HF_NAMES_SUITES
                               ? hf_suite_text(l->version, codes->at[i], name)
                               : hf_code_text(l->names, codes->at[i], name);
        hf_sheet_add(&all, "%s%s", i > 0 ? ", " : "", text);
    }
    change->failed |= all.error != HF_OK;
    if (codes->n == 1 && !all.error)
        hf_ac_fact(change, "%s: the %s %s is %s", hf_seen_version_name(l->version), l->what,
                   all.text, how);
    else if (codes->n > 1 && !all.error)
        hf_ac_fact(change, "%s: %zu %ss are %s: %s", hf_seen_version_name(l->version), codes->n,
                   l->what, how, all.text);
    hf_sheet_free(&all);
}

static void compare_list(hf_audit_change *change, const list_names *l, const hf_codes *now,
                         const json_t *then)
{
    hf_codes fresh = { .n = 0 }, gone = { .n = 0 };

    for (size_t i = 0; i < now->n; i++)
        if (!list_has(then, now->at[i]))
            hf_codes_add(&fresh, now->at[i]);
    for (size_t i = 0; i < json_array_size(then); i++) {
        json_int_t code = json_integer_value(json_object_get(json_array_get(then, i), "code"));
        if (code >= 0 && code <= UINT16_MAX && !hf_codes_have(now, (uint16_t)code))
            hf_codes_add(&gone, (uint16_t)code);
    }
    tell_codes(change, l, &fresh, "new");
    tell_codes(change, l, &gone, "gone");
}

/* Both lists are whole, or nobody can say what is missing. */
static void compare_lists(hf_audit_change *change, const hf_seen_version *now,
                          hf_seen_version_id version, const json_t *then)
{
    const list_names suites = { version, "cipher suite", HF_NAMES_SUITES },
                     groups = { version, "group", HF_NAMES_GROUPS },
                     schemes = { version, "signature scheme", HF_NAMES_SCHEMES };

    if (now->suites_whole && json_is_true(json_object_get(then, "suites_whole")))
        compare_list(change, &suites, &now->suites, json_object_get(then, "suites"));
    if (now->groups_whole && json_is_true(json_object_get(then, "groups_whole")))
        compare_list(change, &groups, &now->groups, json_object_get(then, "groups"));
    if (now->schemes_whole && json_is_true(json_object_get(then, "schemes_whole")))
        compare_list(change, &schemes, &now->schemes, json_object_get(then, "schemes"));
}

/* ---- versions ---- */

static const json_t *find_version(const json_t *seen, const char *name)
{
    const json_t *list = json_object_get(seen, "versions");

    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(hf_ac_text(json_array_get(list, i), "name"), name) == 0)
            return json_array_get(list, i);
    return NULL;
}

/* Known then and now, and not the same. */
static bool differs(const char *then, hf_tri now)
{
    bool known = strcmp(then, "present") == 0 || strcmp(then, "absent") == 0;

    return known && now != HF_UNKNOWN && strcmp(then, hf_tri_word(now)) != 0;
}

static void compare_versions(hf_audit_change *change, const hf_seen *seen, const json_t *old)
{
    for (unsigned v = HF_V_COUNT; v-- > 0;) {
        const hf_seen_version *now = &seen->v[v];
        const char *name = hf_seen_version_name((hf_seen_version_id)v);
        const json_t *then = find_version(old, name);
        const char *order = hf_ac_text(then, "order");
        if (differs(hf_ac_text(then, "state"), now->spoken)) {
            hf_ac_fact(change, "%s is %s", name,
                       now->spoken == HF_PRESENT ? "spoken, and was not" : "not spoken any more");
            continue;
        }
        if (now->spoken != HF_PRESENT)
            continue;
        compare_lists(change, now, (hf_seen_version_id)v, then);
        if (now->order != HF_ORDER_UNKNOWN && strcmp(order, "unknown") != 0 && *order &&
            strcmp(order, hf_order_word(now->order)) != 0)
            hf_ac_fact(change, "%s: the order of cipher suites is the %s's, and was the %s's", name,
                       hf_order_word(now->order),
                       strcmp(order, "server") == 0 ? "server" : "client");
    }
}

/* ---- certificates ---- */

static bool chains_have(const json_t *chains, const char *fingerprint)
{
    for (size_t i = 0; i < json_array_size(chains); i++)
        if (strcmp(hf_ac_text(json_array_get(chains, i), "fingerprint"), fingerprint) == 0)
            return true;
    return false;
}

static bool seen_has(const hf_seen *seen, const char *fingerprint)
{
    for (size_t i = 0; i < seen->n_chains; i++)
        if (strcmp(seen->chains[i].fingerprint, fingerprint) == 0)
            return true;
    return false;
}

/* SSL 2.0 counts for nothing here: nobody's certificate is there alone. */
static unsigned unknown_versions(const hf_seen *seen, const json_t *old, bool then)
{
    unsigned unknown = 0;

    for (unsigned v = HF_V_SSL3; v < HF_V_COUNT; v++) {
        const json_t *version = find_version(old, hf_seen_version_name((hf_seen_version_id)v));
        bool open = then ? strcmp(hf_ac_text(version, "state"), "unknown") == 0
                         : seen->v[v].spoken == HF_UNKNOWN;
        unknown |= open ? 1u << v : 0;
    }
    return unknown;
}

/* Which certificates could be seen, then and now. */
typedef struct chain_sights {
    bool then, now; /* all of them … */
    bool same;      /* … or just the same part, as of a server that never answers for one */
} chain_sights;

static chain_sights chain_sights_of(const hf_seen *seen, const json_t *old, bool complete)
{
    char why[HF_CHAINS_WHY];
    bool whole = hf_chains_whole(seen, why),
         was = !json_is_false(json_object_get(old, "chains_whole"));
    unsigned unknown = unknown_versions(seen, old, false),
             unknown_then = unknown_versions(seen, old, true);

    return (chain_sights){ .then = was && unknown_then == 0,
                           .now = whole && unknown == 0,
                           .same = complete && whole == was && unknown == unknown_then };
}

static bool is_one_gone(const hf_seen *seen, const json_t *then)
{
    for (size_t i = 0; i < json_array_size(then); i++)
        if (!seen_has(seen, hf_ac_text(json_array_get(then, i), "fingerprint")))
            return true;
    return false;
}

/* One that was not there when not all could be seen may have been there, unless it stands in the place of another. */
static void compare_chains(hf_audit_change *change, const hf_seen *seen, const json_t *old,
                           bool complete)
{
    const json_t *then = json_object_get(old, "chains");
    chain_sights s = chain_sights_of(seen, old, complete);
    bool whole = seen->n_chains > 0 && (s.now || s.same);
    bool comparable = s.then || s.same || (whole && is_one_gone(seen, then));
    char when[HF_WHEN_ROOM];

    for (size_t i = 0; i < seen->n_chains; i++) {
        const hf_seen_chain *now = &seen->chains[i];
        if (!comparable || chains_have(then, now->fingerprint))
            continue;
        if (now->parsed)
            hf_ac_fact(change, "another certificate: %s, which expires %s", now->fingerprint,
                       hf_when_words(now->leaf.not_after, seen->started, when));
        else
            hf_ac_fact(change, "another certificate, which cannot be read: %s", now->fingerprint);
    }
    for (size_t i = 0; i < json_array_size(then) && whole; i++) {
        const char *was = hf_ac_text(json_array_get(then, i), "fingerprint");
        if (!seen_has(seen, was))
            hf_ac_fact(change, "the certificate %.95s is not shown any more", was);
    }
}

/* ---- traits ---- */

static void compare_traits(hf_audit_change *change, const hf_seen *seen, const json_t *old)
{
    const json_t *traits = json_object_get(old, "traits");

    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++) {
        const hf_trait_row *row = &hf_trait_rows[i];
        const char *then = hf_ac_text(json_object_get(traits, row->id), "state");
        if (differs(then, seen->traits[i].state))
            hf_ac_fact(change, "%s: %s; it was: %s", row->title,
                       hf_trait_words(seen, (hf_trait_id)i),
                       strcmp(then, "present") == 0 ? row->present : row->absent);
    }
}

/* Files of before do not say it: of what is not known at all the trait does. */
static bool alpn_was_whole(const json_t *old)
{
    const json_t *whole = json_object_get(old, "alpn_whole"),
                 *trait = json_object_get(json_object_get(old, "traits"), "alpn");

    return whole ? json_is_true(whole) : strcmp(hf_ac_text(trait, "state"), "unknown") != 0;
}

void hf_ac_facts(hf_audit_change *change, const hf_seen *seen, const json_t *target)
{
    const json_t *old = json_object_get(target, "seen");
    bool was = json_is_true(json_object_get(target, "reached"));
    bool complete = !seen->cut && json_is_true(json_object_get(target, "complete"));

    if (seen->reached && !was)
        hf_ac_fact(change, "it can be reached, and could not");
    if (!seen->reached && was)
        hf_ac_fact(change, "it cannot be reached any more: %s",
                   *seen->trouble ? seen->trouble : "nothing that came back was TLS");
    if (!seen->reached || !was)
        return;
    compare_versions(change, seen, old);
    change->certificates = change->n_facts;
    compare_chains(change, seen, old, complete);
    change->n_certificates = change->n_facts - change->certificates;
    compare_traits(change, seen, old);
    if (*seen->alpn && seen->alpn_whole && alpn_was_whole(old) &&
        !hf_ac_same(change, old, "alpn", seen->alpn))
        hf_ac_fact(change, "ALPN: %s; it was: %.200s", seen->alpn,
                   *hf_ac_text(old, "alpn") ? hf_ac_text(old, "alpn") : "none");
}
