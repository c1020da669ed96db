/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From JSON to a question, and from the answer to a verdict. */
#include "case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pem.h"
#include "tool/suffix.h"

static hf_span span_of(const char *text)
{
    return (hf_span){ (const uint8_t *)text, strlen(text) };
}

/* ---- certificates and CRLs ---- */

/* The store does without those that it cannot read; what that leads to is part of the verdict. */
static void read_trust(limbo_case *c, const json_t *list)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        const char *pem = json_string_value(item);
        hf_error e = pem ? hf_trust_add_pem(c->trust, span_of(pem), NULL) : HF_E_CONFIG_PEM;
        if (e != HF_OK)
            snprintf(c->left_out, sizeof c->left_out, "; trusted certificate %zu left out: %.40s",
                     i, hf_error_row_of(e)->name);
    }
}

static verdict read_crls(limbo_case *c, const json_t *list, char why[WHY_MAX])
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        const char *pem = json_string_value(item);
        hf_error e = pem ? hf_trust_add_crls(c->trust, span_of(pem)) : HF_E_CONFIG_PEM;
        if (e != HF_OK) {
            snprintf(why, WHY_MAX, "CRL %zu: %s: %s", i, hf_error_row_of(e)->name,
                     hf_error_row_of(e)->sentence);
            return FAILURE;
        }
    }
    /* a case with CRLs asks whether the leaf is revoked; without them nothing could say so */
    c->policy.revocation = json_array_size(list) > 0 ? HF_REVOCATION_HARD : HF_REVOCATION_SOFT;
    return SUCCESS;
}

static bool add_cert(limbo_case *c, const json_t *pem)
{
    size_t len = 0;
    uint8_t *der = pem_block(json_string_value(pem), "CERTIFICATE", &len);

    if (der)
        c->chain[c->n_chain++] = (hf_span){ der, len };
    return der != NULL;
}

static verdict read_chain(limbo_case *c, const json_t *json, char why[WHY_MAX])
{
    const json_t *list = json_object_get(json, "untrusted_intermediates");
    size_t i;
    json_t *item;

    c->chain = calloc(json_array_size(list) + 1, sizeof *c->chain);
    if (!c->chain || !add_cert(c, json_object_get(json, "peer_certificate"))) {
        snprintf(why, WHY_MAX, "peer_certificate is no PEM");
        return FAILURE;
    }
    json_array_foreach(list, i, item)
        add_cert(c, item); /* what is none is of no use, and no harm */
    return SUCCESS;
}

/* ---- names ---- */

static verdict add_name(limbo_case *c, const json_t *name, char why[WHY_MAX])
{
    const char *kind = json_string_value(json_object_get(name, "kind"));
    const char *value = json_string_value(json_object_get(name, "value"));

    if (!kind || !value) {
        snprintf(why, WHY_MAX, "a peer name without kind or value");
        return SKIPPED;
    }
    if (strcmp(kind, "RFC822") == 0) {
        c->emails[c->options.n_emails++] = value;
        return SUCCESS;
    }
    if ((strcmp(kind, "DNS") != 0 && strcmp(kind, "IP") != 0) || c->options.name) {
        snprintf(why, WHY_MAX, "%.20s: the interface takes one DNS name or address", kind);
        return SKIPPED;
    }
    c->options.name = value;
    return SUCCESS;
}

static verdict read_names(limbo_case *c, const json_t *json, char why[WHY_MAX])
{
    const json_t *one = json_object_get(json, "expected_peer_name");
    const json_t *list = json_object_get(json, "expected_peer_names");
    verdict v = SUCCESS;
    size_t i;
    json_t *item;

    c->emails = calloc(json_array_size(list) + 1, sizeof *c->emails);
    if (!c->emails)
        return SKIPPED;
    c->options.emails = c->emails;
    if (json_is_object(one))
        v = add_name(c, one, why);
    json_array_foreach(list, i, item) if (v == SUCCESS) v = add_name(c, item, why);
    return v;
}

/* ---- the rest ---- */

static verdict read_settings(limbo_case *c, const json_t *json, char why[WHY_MAX])
{
    const char *when = json_string_value(json_object_get(json, "validation_time"));
    const json_t *depth = json_object_get(json, "max_chain_depth");

    c->options.time = (int64_t)time(NULL);
    if (when && !read_time(when, &c->options.time)) {
        snprintf(why, WHY_MAX, "validation_time %.40s is no RFC 3339 time", when);
        return SKIPPED;
    }
    c->options.limit_depth = json_is_integer(depth);
    c->options.max_intermediates = (unsigned)json_integer_value(depth);
    return read_wishes(c, json, why);
}

verdict case_read(limbo_case *c, const json_t *json, hf_cert_profile profile, char why[WHY_MAX])
{
    static hf_hooks hooks;

    *c = (limbo_case){ .trust = hf_trust_new(), .policy = *hf_policy_named("default") };
    c->policy.profile = (uint8_t)profile;
    c->policy.rsa_min_bits = 2048;
    c->options.trust = c->trust;
    hooks.public_suffix = hf_suffix_hook(true);
    c->options.hooks = &hooks;
    verdict v = c->trust ? read_chain(c, json, why) : SKIPPED;
    if (v == SUCCESS)
        v = read_crls(c, json_object_get(json, "crls"), why);
    if (v == SUCCESS)
        v = read_names(c, json, why);
    if (v == SUCCESS)
        v = read_settings(c, json, why);
    if (v == SUCCESS)
        read_trust(c, json_object_get(json, "trusted_certs"));
    return v;
}

void case_free(limbo_case *c)
{
    for (size_t i = 0; i < c->n_chain; i++)
        free((void *)(uintptr_t)c->chain[i].data);
    free(c->chain);
    free(c->emails);
    hf_trust_free(c->trust);
}

/* ---- the answer ---- */

static verdict judge_as(const limbo_case *c, bool client, char why[WHY_MAX])
{
    hf_verify_options options = c->options;
    hf_verify_result result;

    options.policy = &c->policy;
    options.client = client;
    hf_error e = hf_verify_chain(c->chain, c->n_chain, &options, &result);
    if (e == HF_OK)
        snprintf(why, WHY_MAX, "a path of %zu, %u signatures checked", result.depth,
                 result.signatures);
    else
        snprintf(why, WHY_MAX, "%s: certificate %zu: %s: %s%s", hf_error_row_of(e)->name, result.at,
                 hf_error_row_of(e)->sentence, result.detail, c->left_out);
    return e == HF_OK ? SUCCESS : FAILURE;
}

verdict case_judge(const limbo_case *c, char why[WHY_MAX])
{
    verdict v = c->as_server ? judge_as(c, false, why) : SUCCESS;

    return v == SUCCESS && c->as_client ? judge_as(c, true, why) : v;
}
