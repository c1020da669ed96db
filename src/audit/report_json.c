/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast.audit/1: every target with what was seen, the evidence, and what the books say of it. docs/audit.md has every member. */
#include "audit/report_json.h"

#include <handfast/handfast.h>

#include "explain/markup.h"

json_t *hf_aj_text(const char *text)
{
    hf_sheet seen = { .error = HF_OK };
    json_t *value = NULL;

    if (!text)
        return json_null();
    hf_sheet_put(&seen, ""); /* so that there is a text */
    hf_visible(&seen, hf_span_str(text));
    if (!seen.error)
        value = json_string(seen.text);
    hf_sheet_free(&seen);
    return value;
}

json_t *hf_aj_text_or_null(const char *text)
{
    return hf_aj_text(text && *text ? text : NULL);
}

json_t *hf_aj_evidence(size_t number)
{
    return number > 0 ? hf_jw_uint(number) : json_null();
}

/* ---- evidence ---- */

static json_t *evidence(hf_jw *j, const hf_seen *seen)
{
    json_t *list = json_array();

    for (size_t i = 1; i <= seen->n_evidence; i++) {
        const hf_evidence *e = hf_seen_evidence_at(seen, i);
        json_t *object = json_object();
        hf_jw_set(j, object, "number", hf_jw_uint(i));
        hf_jw_set(j, object, "inquiry", hf_aj_text(e->inquiry));
        hf_jw_set(j, object, "words", hf_aj_text(e->words));
        hf_jw_set(j, object, "sent", hf_jw_hex(e->sent));
        hf_jw_set(j, object, "received", hf_jw_hex(e->received));
        hf_jw_append(j, list, object);
    }
    return list;
}

/* ---- a target ---- */

static void set_who(hf_jw *j, json_t *object, const hf_seen *seen)
{
    char target[HF_AUDIT_TARGET_ROOM];

    hf_jw_set(j, object, "target", hf_aj_text(hf_audit_target(seen, target)));
    hf_jw_set(j, object, "host", hf_aj_text(seen->host));
    hf_jw_set(j, object, "port", hf_jw_uint(seen->port));
    hf_jw_set(j, object, "name", hf_aj_text(seen->name));
    hf_jw_set(j, object, "address", hf_aj_text_or_null(seen->address));
    hf_jw_set(j, object, "starttls", hf_aj_text_or_null(seen->starttls));
}

static void set_how(hf_jw *j, json_t *object, const hf_seen *seen)
{
    hf_jw_set(j, object, "started", hf_jw_time(seen->started, -1));
    hf_jw_set(j, object, "seconds", json_real((double)(int64_t)(seen->seconds * 1000) / 1000));
    hf_jw_set(j, object, "connections", hf_jw_uint(seen->connections));
    hf_jw_set(j, object, "unreachable", hf_jw_uint(seen->unreachable));
    hf_jw_set(j, object, "reached", json_boolean(seen->reached));
    hf_jw_set(j, object, "complete", json_boolean(seen->reached && !seen->cut));
    hf_jw_set(j, object, "trouble", hf_aj_text_or_null(seen->trouble));
}

static json_t *target(hf_jw *j, const hf_audit *audit)
{
    json_t *object = json_object(), *judgements = json_array();

    set_who(j, object, audit->seen);
    hf_jw_set(j, object, "verdict", json_string(hf_audit_verdict(audit)));
    set_how(j, object, audit->seen);
    for (size_t i = 0; i < audit->n; i++)
        hf_jw_append(j, judgements, hf_aj_judgement(j, audit->judged[i]));
    hf_jw_set(j, object, "judgements", judgements);
    hf_jw_set(j, object, "change", hf_aj_change(j, audit));
    hf_jw_set(j, object, "seen", hf_aj_seen(j, audit->seen));
    hf_jw_set(j, object, "evidence", evidence(j, audit->seen));
    return object;
}

json_t *hf_report_json(const hf_audit *const *audits, size_t n)
{
    hf_jw j = { .failed = false };
    json_t *root = json_object(), *targets = json_array();

    hf_jw_set(&j, root, "schema", json_string(HF_AUDIT_SCHEMA));
    hf_jw_set(&j, root, "handfast", json_string(hf_version()));
    for (size_t i = 0; i < n; i++)
        hf_jw_append(&j, targets, target(&j, audits[i]));
    hf_jw_set(&j, root, "targets", targets);
    if (!j.failed)
        return root;
    json_decref(root);
    return NULL;
}
