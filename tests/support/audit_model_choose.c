/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the described server makes of a hello: version, then suite with group and scheme, or a refusal. */
#include "tests/support/audit_model.h"

#include "explain/names.h"

static bool listed(const uint16_t *list, uint16_t code)
{
    while (*list && *list != code)
        list++;
    return *list != 0;
}

static bool suite_has(uint16_t suite, const char *part)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, suite);

    return name && strstr(name, part);
}

static void refuse(audit_choice *c, audit_how how, hf_alert alert)
{
    c->how = how;
    c->alert = alert;
}

/* ---- version ---- */

static uint16_t newest(const audit_model *m, uint16_t most)
{
    uint16_t best = 0;

    for (const uint16_t *v = m->versions; *v; v++)
        if (*v > best && *v <= most && *v != HF_SSL2)
            best = *v;
    return best;
}

static uint16_t choose_version(const audit_model *m, const audit_asked *a)
{
    uint16_t best = 0;

    if (!a->has_versions || !listed(m->versions, HF_TLS13))
        return newest(m, a->version < HF_TLS12 ? a->version : HF_TLS12);
    for (size_t i = 0; i < a->versions.n; i++)
        if (listed(m->versions, a->versions.at[i]) && a->versions.at[i] > best)
            best = a->versions.at[i];
    return best;
}

/* ---- group and scheme ---- */

static uint16_t choose_group(const audit_model *m, const audit_asked *a)
{
    hf_codes read = a->groups;

    if (!a->has_groups)
        return m->groups[0];
    if (m->groups_window && read.n > m->groups_window)
        read.n = m->groups_window;
    for (const uint16_t *g = m->groups; *g && m->groups_server_order; g++)
        if (hf_codes_have(&read, *g))
            return *g;
    for (size_t i = 0; i < read.n; i++)
        if (listed(m->groups, read.at[i]))
            return read.at[i];
    return m->fallback_group;
}

static bool scheme_fits(uint16_t suite, uint16_t scheme)
{
    const char *name = hf_name_of(HF_NAMES_SCHEMES, scheme);

    if (suite_has(suite, "DHE_RSA_"))
        return strncmp(name, "rsa_", 4) == 0;
    return strncmp(name, "ecdsa_", 6) == 0 || strncmp(name, "ed", 2) == 0;
}

static uint16_t choose_scheme(const audit_model *m, const audit_asked *a, uint16_t suite)
{
    for (const uint16_t *s = m->schemes; *s; s++)
        if ((!a->has_schemes || hf_codes_have(&a->schemes, *s)) && scheme_fits(suite, *s))
            return *s;
    return m->fallback_scheme;
}

/* ---- suite ---- */

/* Lists are made once a version: there are thousands of hellos. */
static bool suite_of(uint16_t version, uint16_t suite)
{
    static hf_codes all[HF_V_COUNT];
    hf_seen_version_id id = hf_seen_version_of(version);

    if (id == HF_V_COUNT)
        return false;
    if (all[id].n == 0)
        hf_all_suites(version, &all[id]);
    return hf_codes_have(&all[id], suite);
}

/* Whether it can go on with that suite; fills group and scheme in. */
static bool suite_works(const audit_model *m, const audit_asked *a, uint16_t suite, audit_choice *c)
{
    c->group = c->scheme = 0;
    if (!suite_of(c->version, suite))
        return false;
    if (c->version == HF_TLS13)
        return (c->group = choose_group(m, a)) != 0;
    bool ecdhe = suite_has(suite, "_ECDHE_");
    if (ecdhe && (c->group = choose_group(m, a)) == 0)
        return false;
    if (m->curve && suite_has(suite, "_ECDSA_") && a->has_groups &&
        !hf_codes_have(&a->groups, m->curve))
        return false;
    if (c->version == HF_TLS12 && (ecdhe || suite_has(suite, "_DHE_")))
        return (c->scheme = choose_scheme(m, a, suite)) != 0;
    return true;
}

static bool try_suite(const audit_model *m, const audit_asked *a, uint16_t suite, audit_choice *c)
{
    bool spoken = m->changes_at && m->connections >= m->changes_at ? suite == m->suites[0]
                                                                   : listed(m->suites, suite);

    if (!spoken || !hf_codes_have(&a->suites, suite) || !suite_works(m, a, suite, c))
        return false;
    c->suite = suite;
    return true;
}

static bool chacha_first(const audit_model *m, const audit_asked *a, audit_choice *c)
{
    return m->chacha_for_mobile && suite_has(a->suites.at[0], "CHACHA20") &&
           try_suite(m, a, a->suites.at[0], c);
}

static bool chacha_unless_gcm(const audit_model *m, const audit_asked *a, audit_choice *c)
{
    size_t i = 0;

    while (i < a->suites.n && !try_suite(m, a, a->suites.at[i], c))
        i++;
    if (!m->chacha_unless_gcm || i == a->suites.n || suite_has(a->suites.at[i], "_GCM_"))
        return false;
    for (const uint16_t *s = m->suites; *s; s++)
        if (suite_has(*s, "CHACHA20") && try_suite(m, a, *s, c))
            return true;
    return false;
}

static bool choose_suite(const audit_model *m, const audit_asked *a, audit_choice *c)
{
    if (m->insists) {
        c->suite = m->insists;
        return true;
    }
    if (chacha_first(m, a, c) || chacha_unless_gcm(m, a, c))
        return true;
    if (!m->server_order) {
        for (size_t i = 0; i < a->suites.n; i++)
            if (try_suite(m, a, a->suites.at[i], c))
                return true;
        return false;
    }
    for (const uint16_t *s = m->suites; *s; s++)
        if (try_suite(m, a, *s, c))
            return true;
    return false;
}

/* ---- what it cannot bear ---- */

static unsigned hated(const audit_asked *a)
{
    bool unknown_version = false;

    for (size_t i = 0; i < a->versions.n; i++)
        unknown_version = unknown_version || a->versions.at[i] == 0x03ff;
    return (unknown_version ? AUDIT_HATES_VERSIONS : 0) |
           (a->version > HF_TLS12 ? AUDIT_HATES_FIELD : 0) |
           (a->unknown ? AUDIT_HATES_EXTENSIONS : 0) | (a->grease ? AUDIT_HATES_GREASE : 0) |
           (a->len > 2048 ? AUDIT_HATES_LONG : 0) |
           (a->len >= 256 && a->len <= 511 ? AUDIT_HATES_BAND : 0) |
           (a->records > 1 ? AUDIT_HATES_FRAGMENTS : 0) |
           (a->heartbeat ? AUDIT_HATES_HEARTBEAT : 0) |
           (a->has_extensions ? AUDIT_HATES_ANY_EXTENSION : 0);
}

static bool cannot_bear(const audit_model *m, const audit_asked *a)
{
    return (m->hates & hated(a)) != 0 || (m->suites_max && a->suites.n > m->suites_max);
}

static bool refuses_words(const audit_model *m, const audit_asked *a, audit_choice *c)
{
    if (m->alpn_strict && a->alpn)
        refuse(c, AUDIT_ALERT, HF_ALERT_no_application_protocol);
    else if (m->sni_strict && strstr(a->name, ".invalid"))
        refuse(c, AUDIT_ALERT, HF_ALERT_unrecognized_name);
    else if (m->scsv && a->scsv && newest(m, UINT16_MAX) > c->version)
        refuse(c, AUDIT_ALERT, HF_ALERT_inappropriate_fallback);
    return c->alert >= 0;
}

static bool scheme_of_13(const audit_model *m, const audit_asked *a)
{
    for (const uint16_t *s = m->schemes; *s; s++)
        if (hf_codes_have(&a->schemes, *s))
            return true;
    return m->schemes_late;
}

static void choose_in_version(const audit_model *m, const audit_asked *a, audit_choice *c)
{
    if (refuses_words(m, a, c))
        return;
    if (!choose_suite(m, a, c) || (c->version == HF_TLS13 && !scheme_of_13(m, a)))
        refuse(c, m->refusing, HF_ALERT_handshake_failure);
    c->retry = c->version == HF_TLS13 && !hf_codes_have(&a->shares, c->group);
    if (c->retry && !hf_codes_have(&a->groups, c->group))
        c->group = 0;
    if (m->shut && !(c->retry && m->shut_after_retry))
        refuse(c, AUDIT_ALERT, (hf_alert)m->shut);
}

void audit_model_choose(const audit_model *m, const audit_asked *a, audit_choice *c)
{
    *c = (audit_choice){ .alert = -1 };
    if (m->connections >= m->fails_from && m->connections <= m->fails_to)
        refuse(c, m->failing, HF_ALERT_handshake_failure);
    else if (m->closes_every > 0 && (m->connections - 1) / m->closes_every % 2 == 1)
        refuse(c, AUDIT_CLOSE, HF_ALERT_handshake_failure);
    else if (!a->readable)
        refuse(c, AUDIT_ALERT, HF_ALERT_decode_error);
    else if (cannot_bear(m, a))
        refuse(c, m->hating, HF_ALERT_handshake_failure);
    else if (a->ssl2)
        c->version = listed(m->versions, HF_SSL2) ? HF_SSL2 : 0;
    else
        c->version = choose_version(m, a);
    if (c->alert < 0 && c->version == 0)
        refuse(c, m->refusing_versions, HF_ALERT_protocol_version);
    if (c->alert < 0 && !a->ssl2)
        choose_in_version(m, a, c);
}
