/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The evidence for a rule that is kept, read from the certificate itself. */
#include "explain/chain_found.h"

#include <stdio.h>

#include <handfast/cert.h>
#include "x509/label.h"
#include "x509/revocation.h"

typedef void teller(const hf_told *told, hf_label *text);

static void tell_serial(const hf_told *told, hf_label *text)
{
    hf_cert_summary s;

    if (hf_cert_summarize(told->der, &s) == HF_OK)
        hf_label_add(text, s.serial);
}

static void tell_key(const hf_told *told, hf_label *text)
{
    hf_cert_summary s;

    if (hf_cert_summarize(told->der, &s) == HF_OK)
        hf_label_add(text, s.key);
}

static void tell_validity(const hf_told *told, hf_label *text)
{
    char from[24], to[24];
    hf_cert cert;

    if (hf_cert_parse(&cert, told->der, NULL) != HF_OK)
        return;
    hf_time_text(cert.not_before, from);
    hf_time_text(cert.not_after, to);
    hf_label_add(text, from);
    hf_label_add(text, " to ");
    hf_label_add(text, to);
}

/* "digitalSignature; serverAuth" is keyUsage and extKeyUsage: here only the first, there the second. */
static void tell_usage(const hf_told *told, hf_label *text)
{
    hf_cert_summary s;
    hf_cert cert;

    if (hf_cert_parse(&cert, told->der, NULL) != HF_OK || !cert.has_key_usage)
        hf_label_add(text, "there is no keyUsage");
    else if (hf_cert_summarize(told->der, &s) == HF_OK)
        hf_label_put(text, s.usage, strcspn(s.usage, ";"));
}

static void tell_purpose(const hf_told *told, hf_label *text)
{
    static const char *const names[] = { "serverAuth", "clientAuth", "anyExtendedKeyUsage",
                                         "other uses" };
    const char *comma = "";
    hf_cert cert;

    if (hf_cert_parse(&cert, told->der, NULL) != HF_OK || !cert.has_eku) {
        hf_label_add(text, "there is no extKeyUsage, and so no limit");
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!(cert.eku & 1u << i))
            continue;
        hf_label_add(text, comma);
        hf_label_add(text, names[i]);
        comma = ", ";
    }
}

/* All of them, as far as they fit. */
static void tell_names(const hf_told *told, hf_label *text)
{
    hf_cert_summary s;

    if (hf_cert_summarize(told->der, &s) != HF_OK)
        return;
    hf_label_put(text, s.sans, strnlen(s.sans, HF_TAPE_NOTE_MAX - 8));
    if (strlen(s.sans) > HF_TAPE_NOTE_MAX - 8)
        hf_label_add(text, "...");
}

static void tell_path_length(const hf_told *told, hf_label *text)
{
    char words[40] = "there is no pathLenConstraint";
    hf_cert cert;

    if (hf_cert_parse(&cert, told->der, NULL) == HF_OK && cert.path_len >= 0)
        snprintf(words, sizeof words, "pathLenConstraint is %d", cert.path_len);
    hf_label_add(text, words);
}

static void tell_algorithm(const hf_told *told, hf_label *text)
{
    hf_cert_summary s;

    if (hf_cert_summarize(told->der, &s) == HF_OK)
        hf_label_add(text, s.signature);
}

static void tell_issuer(const hf_told *told, hf_label *text)
{
    hf_cert_summary s;

    if (hf_cert_summarize(told->der, &s) == HF_OK)
        hf_label_add(text, s.issuer);
}

static void tell_anchor(const hf_told *told, hf_label *text)
{
    hf_cert_summary s;

    if (hf_cert_summarize(told->der, &s) != HF_OK)
        return;
    hf_label_add(text, s.subject);
    hf_label_add(text, HF_FOUND_ANCHOR);
}

static teller *const tellers[HF_RULE_COUNT] = {
    [HF_RULE_SERIAL] = tell_serial,
    [HF_RULE_KEY] = tell_key,
    [HF_RULE_VALIDITY] = tell_validity,
    [HF_RULE_LIFETIME] = tell_validity,
    [HF_RULE_USAGE] = tell_usage,
    [HF_RULE_PURPOSE] = tell_purpose,
    [HF_RULE_EMAIL] = tell_names,
    [HF_RULE_NAME] = tell_names,
    [HF_RULE_PATH_LENGTH] = tell_path_length,
    [HF_RULE_ALGORITHM] = tell_algorithm,
    [HF_RULE_SIGNATURE] = tell_issuer,
    [HF_RULE_ANCHOR] = tell_anchor,
};

/* That nothing is known is not the same as that it is good. */
bool hf_is_not_found(const hf_told *told, const hf_leaf_known *known)
{
    return told->rule == HF_RULE_STATUS &&
           (told->certificate > 0 || known->leaf == HF_STATUS_UNKNOWN);
}

static const char *status_words(const hf_told *told, const hf_leaf_known *known)
{
    if (told->detail[0])
        return told->detail;
    if (hf_is_not_found(told, known))
        return HF_FOUND_NOTHING "there is neither a staple nor a CRL of its issuer";
    return known->staple == HF_STATUS_GOOD ? "the staple says that it is good"
                                           : "a CRL of its issuer does not list it";
}

void hf_found_of(const hf_told *told, const hf_leaf_known *known, char text[HF_TAPE_NOTE_MAX])
{
    hf_label label = hf_label_start(text, HF_TAPE_NOTE_MAX);

    if (told->rule == HF_RULE_STATUS)
        hf_label_add(&label, status_words(told, known));
    else if (tellers[told->rule] && told->der.len > 0)
        tellers[told->rule](told, &label);
}
