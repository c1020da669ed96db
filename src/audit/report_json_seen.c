/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What was seen, as JSON: versions with their lists, traits, parameters, HTTP. Certificates: report_json_chain.c. */
#include "audit/report_json.h"
#include "audit/whole.h"

/* ---- versions ---- */

static json_t *suite(hf_jw *j, unsigned v, const hf_seen_version *version, size_t i)
{
    const char *marks[HF_SUITE_MARKS];
    size_t n = hf_suite_marks((hf_seen_version_id)v, version->suites.at[i], marks);
    json_t *object = json_object(), *list = json_array();
    char name[HF_NAME_ROOM];

    for (size_t k = 0; k < n; k++)
        hf_jw_append(j, list, json_string(marks[k]));
    hf_jw_set(j, object, "code", hf_jw_uint(version->suites.at[i]));
    hf_jw_set(j, object, "name",
              hf_aj_text(hf_suite_text((hf_seen_version_id)v, version->suites.at[i], name)));
    hf_jw_set(j, object, "marks", list);
    hf_jw_set(j, object, "evidence", hf_aj_evidence(version->suite_evidence[i]));
    return object;
}

static json_t *codes_of(hf_jw *j, hf_names names, const hf_codes *codes)
{
    json_t *list = json_array();

    for (size_t i = 0; i < codes->n; i++)
        hf_jw_append(j, list, hf_jw_code_even_0(j, names, codes->at[i]));
    return list;
}

static json_t *version(hf_jw *j, const hf_seen *seen, unsigned v)
{
    const hf_seen_version *version = &seen->v[v];
    json_t *object = json_object(), *suites = json_array();

    for (size_t i = 0; i < version->suites.n; i++)
        hf_jw_append(j, suites, suite(j, v, version, i));
    hf_jw_set(j, object, "code", hf_jw_uint(hf_seen_version_code((hf_seen_version_id)v)));
    hf_jw_set(j, object, "name", json_string(hf_seen_version_name((hf_seen_version_id)v)));
    hf_jw_set(j, object, "state", json_string(hf_tri_word(version->spoken)));
    hf_jw_set(j, object, "why", hf_aj_text_or_null(version->why));
    hf_jw_set(j, object, "evidence", hf_aj_evidence(version->evidence));
    hf_jw_set(j, object, "order", json_string(hf_order_word(version->order)));
    hf_jw_set(j, object, "chacha_first_for_mobile", json_boolean(version->chacha_first_for_mobile));
    hf_jw_set(j, object, "suites_whole", json_boolean(version->suites_whole));
    hf_jw_set(j, object, "suites", suites);
    hf_jw_set(j, object, "groups_whole", json_boolean(version->groups_whole));
    hf_jw_set(j, object, "groups_order", json_string(hf_order_word(version->groups_order)));
    hf_jw_set(j, object, "groups", codes_of(j, HF_NAMES_GROUPS, &version->groups));
    hf_jw_set(j, object, "schemes_whole", json_boolean(version->schemes_whole));
    hf_jw_set(j, object, "schemes", codes_of(j, HF_NAMES_SCHEMES, &version->schemes));
    return object;
}

static json_t *versions(hf_jw *j, const hf_seen *seen)
{
    json_t *list = json_array();

    for (unsigned v = HF_V_COUNT; v-- > 0;)
        hf_jw_append(j, list, version(j, seen, v));
    return list;
}

/* ---- traits ---- */

static json_t *traits(hf_jw *j, const hf_seen *seen)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++) {
        const hf_trait *trait = &seen->traits[i];
        json_t *one = json_object();
        hf_jw_set(j, one, "state", json_string(hf_tri_word(trait->state)));
        hf_jw_set(j, one, "idle", json_boolean(trait->idle));
        hf_jw_set(j, one, "number", hf_jw_uint(trait->number));
        hf_jw_set(j, one, "words", hf_aj_text_or_null(trait->words));
        hf_jw_set(j, one, "evidence", hf_aj_evidence(trait->evidence));
        hf_jw_set(j, object, hf_trait_rows[i].id, one);
    }
    return object;
}

/* ---- the rest ---- */

static json_t *parameters(hf_jw *j, const hf_seen *seen)
{
    json_t *list = json_array();

    for (size_t i = 0; i < seen->n_dh; i++) {
        const hf_seen_dh *dh = &seen->dh[i];
        json_t *object = json_object();
        hf_jw_set(j, object, "bits", hf_jw_uint(dh->bits));
        hf_jw_set(j, object, "prime", hf_aj_text(dh->name));
        hf_jw_set(j, object, "version", hf_jw_code(j, HF_NAMES_VERSIONS, dh->version));
        hf_jw_set(j, object, "export_grade", json_boolean(dh->export_grade));
        hf_jw_set(j, object, "evidence", hf_aj_evidence(dh->evidence));
        hf_jw_append(j, list, object);
    }
    return list;
}

static void set_plain(hf_jw *j, json_t *object, const hf_seen_http *http)
{
    json_t *plain = json_object();

    hf_jw_set(j, plain, "port", hf_jw_uint(http->plain_port));
    hf_jw_set(j, plain, "status", json_integer(http->plain_status));
    hf_jw_set(j, plain, "location", hf_aj_text_or_null(http->plain_location));
    hf_jw_set(j, object, "plain", plain);
}

static json_t *http_of(hf_jw *j, const hf_seen_http *http)
{
    json_t *object;

    if (http->status == 0 && http->plain_status == 0)
        return json_null();
    object = json_object();
    hf_jw_set(j, object, "status", json_integer(http->status));
    hf_jw_set(j, object, "server", hf_aj_text_or_null(http->server));
    hf_jw_set(j, object, "location", hf_aj_text_or_null(http->location));
    hf_jw_set(j, object, "hsts", hf_aj_text_or_null(http->hsts));
    hf_jw_set(j, object, "hsts_subdomains", json_boolean(http->hsts_subdomains));
    hf_jw_set(j, object, "hsts_preload", json_boolean(http->hsts_preload));
    hf_jw_set(j, object, "hsts_malformed", json_boolean(http->hsts_malformed));
    hf_jw_set(j, object, "headers", hf_aj_lines(j, http->headers));
    hf_jw_set(j, object, "insecure_cookies", hf_aj_text_or_null(http->cookies));
    set_plain(j, object, http);
    return object;
}

json_t *hf_aj_seen(hf_jw *j, const hf_seen *seen)
{
    json_t *object = json_object();
    char why[HF_CHAINS_WHY];

    hf_jw_set(j, object, "versions", versions(j, seen));
    hf_jw_set(j, object, "dhe", parameters(j, seen));
    hf_jw_set(j, object, "chains", hf_aj_chains(j, seen));
    hf_jw_set(j, object, "chains_whole", json_boolean(hf_chains_whole(seen, why)));
    hf_jw_set(j, object, "traits", traits(j, seen));
    hf_jw_set(j, object, "alpn", hf_aj_text_or_null(seen->alpn));
    hf_jw_set(j, object, "alpn_whole", json_boolean(seen->alpn_whole));
    hf_jw_set(j, object, "certificate_authorities", hf_jw_uint(seen->n_authorities));
    hf_jw_set(j, object, "authorities", hf_aj_lines(j, seen->authorities));
    hf_jw_set(j, object, "http", http_of(j, &seen->http));
    return object;
}
