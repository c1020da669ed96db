/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What several checks ask of an hf_seen: when a check applies, and the suites of all versions as one list. */
#include "audit/checks.h"

#include <stdarg.h>
#include <stdio.h>

char *hf_versions_text(unsigned versions, char text[HF_VERSIONS_TEXT])
{
    size_t at = 0;

    text[0] = '\0';
    for (int v = 0; v < HF_V_COUNT; v++)
        if (versions >> v & 1)
            at += (size_t)snprintf(text + at, HF_VERSIONS_TEXT - at, "%s%s", at ? ", " : "",
                                   hf_seen_version_name((hf_seen_version_id)v));
    return text;
}

/* ---- versions ---- */

const char *hf_version_key(hf_seen_version_id id)
{
    static const char *const keys[] = { "ssl2", "ssl3", "tls10", "tls11", "tls12", "tls13" };

    return id < HF_V_COUNT ? keys[id] : "";
}

unsigned hf_versions_refused(const hf_book *book)
{
    uint16_t codes[HF_RULE_CODES_MAX];
    unsigned versions = 0;

    for (size_t i = 0; i < book->n_rules; i++) {
        const hf_rule *rule = &book->rules[i];
        if (rule->check != &hf_check_rows[HF_CHECK_versions_refused] ||
            rule->severity == HF_SEVERITY_NOTE)
            continue;
        for (size_t k = hf_rule_codes(book, rule, codes); k > 0; k--)
            versions |= 1u << hf_seen_version_of(codes[k - 1]);
    }
    return versions;
}

/* ---- suites ---- */

static unsigned versions_with(const hf_seen *seen, unsigned versions, uint16_t suite)
{
    unsigned with = 0;

    for (int v = HF_V_SSL3; v < HF_V_COUNT; v++)
        if (versions >> v & 1 && hf_seen_speaks(seen, (hf_seen_version_id)v) &&
            hf_codes_have(&seen->v[v].suites, suite))
            with |= 1u << v;
    return with;
}

void hf_each_suite(const hf_seen *seen, unsigned versions, hf_suite_visit *visit, void *user)
{
    for (int v = HF_V_SSL3; v < HF_V_COUNT; v++) {
        const hf_seen_version *of = &seen->v[v];
        if (!(versions >> v & 1) || !hf_seen_speaks(seen, (hf_seen_version_id)v))
            continue;
        for (size_t i = 0; i < of->suites.n; i++) {
            unsigned with = versions_with(seen, versions, of->suites.at[i]);
            if ((with & ((1u << v) - 1)) == 0) /* else it was visited with an older version */
                visit(user, of->suites.at[i], with, of->suite_evidence[i]);
        }
    }
}

bool hf_suites_whole(const hf_seen *seen, unsigned versions)
{
    for (int v = HF_V_SSL3; v < HF_V_COUNT; v++) {
        const hf_seen_version *of = &seen->v[v];
        if (versions >> v & 1 && of->spoken != HF_ABSENT &&
            (of->spoken == HF_UNKNOWN || !of->suites_whole))
            return false;
    }
    return true;
}

void hf_case_needs_suites(hf_case *c, unsigned versions)
{
    bool spoken = false;

    for (int v = HF_V_SSL3; v < HF_V_COUNT; v++)
        spoken = spoken || hf_seen_speaks(c->seen, (hf_seen_version_id)v);
    if (!hf_suites_whole(c->seen, versions))
        hf_case_unseen(c, "the lists of suites are not whole");
    else if (!spoken)
        hf_case_idle(c, "no version with suites is spoken");
}

typedef struct class_search {
    uint32_t classes;
    bool found;
} class_search;

static void look_at(void *user, uint16_t suite, unsigned versions, size_t evidence)
{
    class_search *search = user;

    (void)versions;
    (void)evidence;
    search->found |= (hf_classes_of(suite) & search->classes) != 0;
}

bool hf_speaks_suite_of(const hf_seen *seen, unsigned versions, uint32_t classes)
{
    class_search search = { classes, false };

    hf_each_suite(seen, versions, look_at, &search);
    return search.found;
}

/* ---- where a check applies ---- */

static void HF_PRINTF(2, 3) say(char why[160], const char *words, ...)
{
    va_list arguments;

    va_start(arguments, words);
    vsnprintf(why, 160, words, arguments);
    va_end(arguments);
}

/* PRESENT: one of them is spoken. UNKNOWN: none is as far as is known, and of one nobody knows. */
static hf_tri speaks_one(const hf_seen *seen, hf_seen_version_id first, hf_seen_version_id last,
                         char why[160])
{
    hf_tri tri = HF_ABSENT;

    for (int v = (int)first; v <= (int)last; v++) {
        if (seen->v[v].spoken == HF_PRESENT)
            return HF_PRESENT;
        if (seen->v[v].spoken == HF_UNKNOWN && tri == HF_ABSENT) {
            tri = HF_UNKNOWN;
            say(why, "whether %s is spoken is not known: %s",
                hf_seen_version_name((hf_seen_version_id)v),
                seen->v[v].why[0] ? seen->v[v].why : "it was not asked");
        }
    }
    if (tri == HF_ABSENT)
        say(why, first == last ? "TLS 1.3 is not spoken" : "only TLS 1.3 is spoken");
    return tri;
}

static hf_tri speaks_class(const hf_seen *seen, uint32_t classes, const char *name, char why[160])
{
    if (hf_speaks_suite_of(seen, ~0u, classes))
        return HF_PRESENT;
    if (hf_suites_whole(seen, ~0u)) {
        say(why, "no suite with %s is spoken", name);
        return HF_ABSENT;
    }
    say(why, "the lists of suites are not whole");
    return HF_UNKNOWN;
}

static hf_tri has_fallback(const hf_seen *seen, char why[160])
{
    unsigned spoken = 0;
    hf_tri older = speaks_one(seen, HF_V_SSL3, HF_V_TLS12, why);

    if (older != HF_PRESENT)
        return older;
    for (int v = HF_V_SSL3; v < HF_V_COUNT; v++)
        spoken += seen->v[v].spoken == HF_PRESENT;
    if (spoken >= 2)
        return HF_PRESENT;
    say(why, "only one version is spoken");
    return HF_ABSENT;
}

static hf_tri has_old_fallback(const hf_seen *seen, char why[160])
{
    hf_tri older = speaks_one(seen, HF_V_SSL3, HF_V_TLS11, why);

    if (older == HF_ABSENT)
        say(why, "nothing older than TLS 1.2 is spoken");
    if (older != HF_PRESENT)
        return older;
    if (seen->v[HF_V_TLS13].spoken == HF_PRESENT) {
        say(why, "TLS 1.3 is spoken, which tells of a fallback by itself");
        return HF_ABSENT;
    }
    return has_fallback(seen, why);
}

static hf_tri has_chain(const hf_seen *seen, char why[160])
{
    if (seen->n_chains > 0)
        return HF_PRESENT;
    say(why, "no certificate was seen%s%.100s", seen->trouble[0] ? ": " : "", seen->trouble);
    return HF_UNKNOWN;
}

static hf_tri has_trait(const hf_seen *seen, hf_trait_id id, const char *absent, char why[160])
{
    const hf_trait *t = &seen->traits[id];

    if (t->state == HF_ABSENT)
        say(why, "%s", absent);
    if (t->state == HF_UNKNOWN)
        say(why, "%.150s", t->words[0] ? t->words : "it was not asked");
    return t->idle ? HF_ABSENT : t->state;
}

static hf_tri has_http(const hf_seen *seen, hf_trait_id id, char why[160])
{
    if (seen->starttls[0]) {
        say(why, "this is a service of %s, not of HTTP", seen->starttls);
        return HF_ABSENT;
    }
    return has_trait(seen, id,
                     id == HF_TRAIT_http ? "HTTP over TLS is not answered"
                                         : "HTTP without TLS is not answered",
                     why);
}

static hf_tri has_sessions(const hf_seen *seen, char why[160])
{
    static const hf_trait_id ids[] = { HF_TRAIT_tickets13, HF_TRAIT_tickets12,
                                       HF_TRAIT_session_ids };
    hf_tri tri = HF_ABSENT;

    say(why, "no session can be resumed");
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (seen->traits[ids[i]].state == HF_PRESENT)
            return HF_PRESENT;
        if (seen->traits[ids[i]].state == HF_UNKNOWN)
            tri = HF_UNKNOWN;
    }
    if (tri == HF_UNKNOWN)
        say(why, "whether sessions can be resumed is not known");
    return tri;
}

hf_tri hf_where_holds(hf_where where, const hf_seen *seen, char why[160])
{
    hf_tri tri = HF_PRESENT;

    switch (where) {
    case HF_ANYWHERE: break;
    case HF_IN_12: tri = speaks_one(seen, HF_V_SSL3, HF_V_TLS12, why); break;
    case HF_IN_13: tri = speaks_one(seen, HF_V_TLS13, HF_V_TLS13, why); break;
    case HF_WITH_CBC: tri = speaks_class(seen, HF_CLASS_CBC, "CBC", why); break;
    case HF_WITH_RSA_KX: tri = speaks_class(seen, HF_CLASS_RSA_KX, "RSA key transport", why); break;
    case HF_WITH_FALLBACK: tri = has_fallback(seen, why); break;
    case HF_WITH_OLD_FALLBACK: tri = has_old_fallback(seen, why); break;
    case HF_WITH_CHAIN: tri = has_chain(seen, why); break;
    case HF_WITH_HTTP: tri = has_http(seen, HF_TRAIT_http, why); break;
    case HF_WITH_PLAIN_HTTP: tri = has_http(seen, HF_TRAIT_plain_http, why); break;
    case HF_WITH_SESSIONS: tri = has_sessions(seen, why); break;
    }
    if (tri == HF_PRESENT)
        why[0] = '\0';
    return tri;
}
