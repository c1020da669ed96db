/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Checks of versions, groups and signature schemes: lists that are compared with lists. */
#include "audit/checks.h"

#include <stdio.h>

#include "explain/names.h"

/* ---- versions ---- */

static void unseen_version(hf_case *c, int v)
{
    hf_case_unseen(c, "whether %s is spoken is not known: %s",
                   hf_seen_version_name((hf_seen_version_id)v),
                   c->seen->v[v].why[0] ? c->seen->v[v].why : "it was not asked");
}

void hf_check_versions_refused(hf_case *c)
{
    for (int v = 0; v < HF_V_COUNT; v++) {
        const hf_seen_version *of = &c->seen->v[v];
        if (!hf_case_lists(c, hf_seen_version_code((hf_seen_version_id)v)))
            continue;
        if (of->spoken == HF_PRESENT) /* of TLS 1.2 nothing is broken as such */
            hf_case_found_at_most(c, v == HF_V_TLS12 ? HF_SEVERITY_MEDIUM : HF_SEVERITY_CRITICAL,
                                  hf_version_key((hf_seen_version_id)v), of->evidence,
                                  "%s is spoken", hf_seen_version_name((hf_seen_version_id)v));
        else if (of->spoken == HF_UNKNOWN)
            unseen_version(c, v);
    }
}

void hf_check_versions_wanted(hf_case *c)
{
    for (int v = 0; v < HF_V_COUNT; v++) {
        const hf_seen_version *of = &c->seen->v[v];
        if (!hf_case_lists(c, hf_seen_version_code((hf_seen_version_id)v)))
            continue;
        if (of->spoken == HF_ABSENT)
            hf_case_found(c, hf_version_key((hf_seen_version_id)v), of->evidence,
                          "%s is not spoken", hf_seen_version_name((hf_seen_version_id)v));
        else if (of->spoken == HF_UNKNOWN)
            unseen_version(c, v);
    }
}

void hf_check_versions_one_of(hf_case *c)
{
    char text[HF_VERSIONS_TEXT];
    unsigned wanted = 0;
    size_t evidence = 0; /* of the newest */
    int unknown = -1;

    for (int v = 0; v < HF_V_COUNT; v++) {
        if (!hf_case_lists(c, hf_seen_version_code((hf_seen_version_id)v)))
            continue;
        if (c->seen->v[v].spoken == HF_PRESENT)
            return;
        if (c->seen->v[v].spoken == HF_UNKNOWN)
            unknown = v;
        wanted |= 1u << v;
        evidence = c->seen->v[v].evidence;
    }
    if (unknown >= 0)
        unseen_version(c, unknown);
    else
        hf_case_found(c, "", evidence, "none of these is spoken: %s",
                      hf_versions_text(wanted, text));
}

/* ---- lists of a version, groups or schemes ---- */

typedef const hf_codes *list_of(const hf_seen_version *v);

static const hf_codes *groups_of(const hf_seen_version *v)
{
    return &v->groups;
}

static const hf_codes *schemes_of(const hf_seen_version *v)
{
    return &v->schemes;
}

static unsigned versions_with(const hf_seen *seen, unsigned versions, list_of *of, uint16_t code)
{
    unsigned with = 0;

    for (int v = HF_V_SSL3; v < HF_V_COUNT; v++)
        if (versions >> v & 1 && hf_seen_speaks(seen, (hf_seen_version_id)v) &&
            hf_codes_have(of(&seen->v[v]), code))
            with |= 1u << v;
    return with;
}

static void tell_code(hf_case *c, hf_names names, uint16_t code, unsigned versions, size_t evidence)
{
    char key[16], name[HF_NAME_ROOM], text[HF_VERSIONS_TEXT];

    snprintf(key, sizeof key, "0x%04x", code);
    hf_case_found(c, key, evidence, "%s is accepted (%s)", hf_code_text(names, code, name),
                  hf_versions_text(versions, text));
}

/* Each code once, whose being listed is as it must not be. What is refused is so in every version. */
static void tell_codes(hf_case *c, list_of *of, hf_names names, bool listed)
{
    unsigned versions = listed ? ~0u : ~hf_versions_refused(c->to->book);

    for (int v = HF_V_SSL3; v < HF_V_COUNT; v++) {
        const hf_codes *codes = of(&c->seen->v[v]);
        for (size_t i = 0; i < codes->n; i++) {
            unsigned with = versions_with(c->seen, versions, of, codes->at[i]);
            bool first = with >> v & 1 && (with & ((1u << v) - 1)) == 0;
            if (first && hf_case_lists(c, codes->at[i]) == listed)
                tell_code(c, names, codes->at[i], with, c->seen->v[v].evidence);
        }
    }
}

/* True if there was a list to look at. Schemes begin with TLS 1.2. */
static bool see_lists(hf_case *c, list_of *of, bool schemes)
{
    bool some = false;

    for (int v = schemes ? HF_V_TLS12 : HF_V_SSL3; v < HF_V_COUNT; v++) {
        const hf_seen_version *version = &c->seen->v[v];
        bool whole = schemes ? version->schemes_whole : version->groups_whole;
        if (version->spoken == HF_UNKNOWN)
            unseen_version(c, v);
        if (version->spoken != HF_PRESENT)
            continue;
        some |= of(version)->n > 0;
        if (!whole)
            hf_case_unseen(c, "the list of %s of %s is not whole", schemes ? "schemes" : "groups",
                           hf_seen_version_name((hf_seen_version_id)v));
    }
    return some;
}

static void compare(hf_case *c, list_of *of, hf_names names, bool listed)
{
    bool schemes = names == HF_NAMES_SCHEMES;

    tell_codes(c, of, names, listed);
    if (!see_lists(c, of, schemes))
        hf_case_idle(c, schemes ? "the server signs nothing" : "no group is spoken");
}

void hf_check_groups_only(hf_case *c)
{
    compare(c, groups_of, HF_NAMES_GROUPS, false);
}

void hf_check_groups_refused(hf_case *c)
{
    compare(c, groups_of, HF_NAMES_GROUPS, true);
}

void hf_check_schemes_only(hf_case *c)
{
    compare(c, schemes_of, HF_NAMES_SCHEMES, false);
}

void hf_check_schemes_refused(hf_case *c)
{
    compare(c, schemes_of, HF_NAMES_SCHEMES, true);
}

void hf_check_groups_wanted(hf_case *c)
{
    char name[HF_NAME_ROOM];

    for (int v = HF_V_SSL3; v < HF_V_COUNT; v++)
        for (size_t i = 0; i < c->n_codes; i++)
            if (hf_seen_speaks(c->seen, (hf_seen_version_id)v) &&
                hf_codes_have(&c->seen->v[v].groups, c->codes[i]))
                return;
    if (!see_lists(c, groups_of, false))
        hf_case_idle(c, "no group is spoken");
    else if (c->row->verdict == HF_RULE_KEPT && c->n_codes > 0)
        hf_case_found(c, "", 0, "none of the groups that are asked for is spoken: %s%s",
                      hf_code_text(HF_NAMES_GROUPS, c->codes[0], name),
                      c->n_codes > 1 ? " and others" : "");
}

void hf_check_hybrid(hf_case *c)
{
    const hf_seen_version *v = &c->seen->v[HF_V_TLS13];

    for (size_t i = 0; i < v->groups.n; i++)
        if (hf_group_is_hybrid(v->groups.at[i]))
            return;
    if (!v->groups_whole)
        hf_case_unseen(c, "the list of groups of TLS 1.3 is not whole");
    else
        hf_case_found(c, "", v->evidence,
                      "no hybrid group is spoken: who records the traffic today can read it once "
                      "he has a quantum computer");
}
