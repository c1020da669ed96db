/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates that were seen, as JSON, with what the validator says of them. */
#include <handfast/cert.h>

#include "audit/report_json.h"
#include "base/error.h"
#include "x509/summary.h"

json_t *hf_aj_lines(hf_jw *j, const char *text)
{
    json_t *list = json_array();

    while (*text) {
        size_t n = strcspn(text, "\n");
        char *line = (char *)hf_copy(hf_span_of(text, n));
        if (n > 0 || !line)
            hf_jw_append(j, list, line ? hf_aj_text(line) : NULL);
        hf_free(line);
        text += n + (text[n] == '\n');
    }
    return list;
}

static json_t *certificate(hf_jw *j, hf_span der)
{
    json_t *object = json_object();
    hf_cert_summary s;
    hf_error e = hf_cert_summarize(der, &s);

    hf_jw_set(j, object, "error", e ? json_string(hf_error_row_of(e)->name) : json_null());
    if (e == HF_OK || (e == HF_E_CERT_VERSION && hf_cert_summarize_any(der, &s) == HF_OK)) {
        hf_jw_set(j, object, "subject", hf_aj_text(s.subject));
        hf_jw_set(j, object, "issuer", hf_aj_text(s.issuer));
        hf_jw_set(j, object, "names", hf_aj_text(s.sans));
        hf_jw_set(j, object, "serial", hf_aj_text(s.serial));
        hf_jw_set(j, object, "key", hf_aj_text(s.key));
        hf_jw_set(j, object, "signature", hf_aj_text(s.signature));
        hf_jw_set(j, object, "not_before", hf_jw_time(s.not_before, -1));
        hf_jw_set(j, object, "not_after", hf_jw_time(s.not_after, -1));
        hf_jw_set(j, object, "is_ca", json_boolean(s.is_ca));
        hf_jw_set(j, object, "usage", hf_aj_text(s.usage));
        hf_jw_set(j, object, "fingerprint", hf_aj_text(s.fingerprint));
    }
    hf_jw_set(j, object, "der", hf_jw_hex(der));
    return object;
}

static json_t *versions(hf_jw *j, uint16_t bits)
{
    json_t *list = json_array();

    for (unsigned v = HF_V_COUNT; v-- > 0;)
        if (bits & 1u << v)
            hf_jw_append(j, list, json_string(hf_seen_version_name((hf_seen_version_id)v)));
    return list;
}

/* null: nobody asked the validator. */
static json_t *verdict(hf_jw *j, const hf_seen_chain *chain)
{
    const hf_error_row *row = hf_error_row_of(chain->verdict);
    json_t *object;

    if (!chain->judged)
        return json_null();
    object = json_object();
    hf_jw_set(j, object, "valid", json_boolean(chain->verdict == HF_OK));
    hf_jw_set(j, object, "error", chain->verdict ? json_string(row->name) : json_null());
    hf_jw_set(j, object, "sentence", chain->verdict ? hf_aj_text(row->sentence) : json_null());
    hf_jw_set(j, object, "detail", hf_aj_text_or_null(chain->detail));
    hf_jw_set(j, object, "path_length", hf_jw_uint(chain->path_len));
    hf_jw_set(j, object, "why", hf_aj_lines(j, chain->why));
    return object;
}

/* All that is wrong with it, where the verdict is the first of it. */
static json_t *faults(hf_jw *j, const hf_seen_chain *chain)
{
    json_t *list = json_array();

    for (size_t i = 0; i < chain->n_faults && i < HF_SEEN_FAULTS; i++) {
        const hf_chain_fault *fault = &chain->faults[i];
        const hf_error_row *row = hf_error_row_of(fault->error);
        json_t *object = json_object();
        hf_jw_set(j, object, "error", json_string(row->name));
        hf_jw_set(j, object, "sentence", hf_aj_text(row->sentence));
        hf_jw_set(j, object, "certificate", hf_jw_uint(fault->at));
        hf_jw_set(j, object, "detail", hf_aj_text_or_null(fault->detail));
        hf_jw_append(j, list, object);
    }
    return list;
}

static json_t *staple(hf_jw *j, const hf_seen_chain *chain)
{
    json_t *object;

    if (chain->staple.len == 0)
        return json_null();
    object = json_object();
    hf_jw_set(j, object, "good", json_string(hf_tri_word(chain->staple_good)));
    hf_jw_set(j, object, "words", hf_aj_text_or_null(chain->staple_words));
    hf_jw_set(j, object, "this_update",
              chain->staple_this_update ? hf_jw_time(chain->staple_this_update, -1) : json_null());
    hf_jw_set(j, object, "next_update",
              chain->staple_next_update ? hf_jw_time(chain->staple_next_update, -1) : json_null());
    hf_jw_set(j, object, "der", hf_jw_hex(chain->staple));
    return object;
}

static json_t *scts(hf_jw *j, const hf_seen_chain *chain)
{
    json_t *object = json_object();

    hf_jw_set(j, object, "certificate", hf_jw_uint(chain->n_scts_certificate));
    hf_jw_set(j, object, "staple", hf_jw_uint(chain->n_scts_staple));
    hf_jw_set(j, object, "handshake", hf_jw_uint(chain->n_scts_handshake));
    return object;
}

static void set_facts(hf_jw *j, json_t *object, const hf_seen_chain *chain)
{
    hf_jw_set(j, object, "name_matches", json_boolean(chain->name_matches));
    hf_jw_set(j, object, "missing_intermediate", json_boolean(chain->missing_intermediate));
    hf_jw_set(j, object, "missing_issuer", hf_aj_text_or_null(chain->missing_issuer));
    hf_jw_set(j, object, "out_of_order", json_boolean(chain->out_of_order));
    hf_jw_set(j, object, "has_root", json_boolean(chain->has_root));
    hf_jw_set(j, object, "has_strangers", json_boolean(chain->has_strangers));
    hf_jw_set(j, object, "weakest_rsa_bits",
              chain->weakest_bits ? hf_jw_uint(chain->weakest_bits) : json_null());
    hf_jw_set(j, object, "sha1_signature", json_boolean(chain->sha1_signature));
    hf_jw_set(j, object, "md5_signature", json_boolean(chain->md5_signature));
    hf_jw_set(j, object, "must_staple", json_boolean(chain->must_staple));
}

static json_t *chain_of(hf_jw *j, const hf_seen_chain *chain)
{
    json_t *object = json_object(), *certificates = json_array();

    for (size_t i = 0; i < chain->n; i++)
        hf_jw_append(j, certificates, certificate(j, chain->der[i]));
    hf_jw_set(j, object, "fingerprint", hf_aj_text_or_null(chain->fingerprint));
    hf_jw_set(j, object, "versions", versions(j, chain->versions));
    hf_jw_set(j, object, "evidence", hf_aj_evidence(chain->evidence));
    hf_jw_set(j, object, "verdict", verdict(j, chain));
    hf_jw_set(j, object, "faults", faults(j, chain));
    set_facts(j, object, chain);
    hf_jw_set(j, object, "scts", scts(j, chain));
    hf_jw_set(j, object, "staple", staple(j, chain));
    hf_jw_set(j, object, "more", json_boolean(chain->more));
    hf_jw_set(j, object, "certificates", certificates);
    return object;
}

json_t *hf_aj_chains(hf_jw *j, const hf_seen *seen)
{
    json_t *list = json_array();

    for (size_t i = 0; i < seen->n_chains; i++)
        hf_jw_append(j, list, chain_of(j, &seen->chains[i]));
    return list;
}
