/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Summaries of the messages that say who somebody is, and prove it. */
#include "explain/words.h"

#include <handfast/cert.h>

static bool is_client(const hf_telling *t)
{
    return t->step->writer == HF_CLIENT;
}

static void say_leaf(hf_phrase *p, hf_span der)
{
    hf_cert_summary leaf;
    hf_error e = hf_cert_summarize(der, &leaf);

    if (e != HF_OK) {
        hf_phrase_add(p, "shows a certificate that cannot be read (%s)",
                      hf_error_row_of(e)->sentence);
        return;
    }
    bool self = strcmp(leaf.subject, leaf.issuer) == 0;
    hf_phrase_add(p, "shows the certificate of %s",
                  *leaf.subject ? leaf.subject
                  : *leaf.sans  ? leaf.sans
                                : "nobody by name");
    if (self)
        hf_phrase_add(p, ", issued by itself");
    else
        hf_phrase_add(p, ", issued by %s", leaf.issuer);
    hf_phrase_add(p, "; its key is %s", leaf.key);
}

void hf_tell_certificate(const hf_telling *t)
{
    hf_certificate certificate;
    hf_phrase *p = t->out;

    if (!hf_read_certificate(t->step, &certificate)) {
        hf_phrase_add(p, "shows certificates, in a way that cannot be read to its end");
        return;
    }
    if (certificate.n_entries == 0) {
        hf_phrase_add(p, is_client(t) ? "empty: the client has no certificate that suits"
                                      : "empty, which a server's may not be");
        return;
    }
    say_leaf(p, certificate.entries[0].cert_data);
    if (certificate.n_entries > 1) {
        hf_phrase_add(p, "; and ");
        hf_phrase_count(p, certificate.n_entries - 1, "more certificate");
        hf_phrase_add(p, " that should lead to a CA which the %s trusts",
                      hf_end_name(hf_other(t->step->writer)));
    }
    if (certificate.entries[0].ext.present & HF_EXT_BIT(status_request))
        hf_phrase_add(p, "; the CA's word on revocation (OCSP) is stapled to it");
    if (certificate.entries[0].ext.present & HF_EXT_BIT(signed_certificate_timestamp))
        hf_phrase_add(p, "; with timestamps of Certificate Transparency logs");
}

static size_t count_names(hf_span list)
{
    hf_span name;
    size_t n = 0;

    while (hf_name16_next(&list, &name))
        n++;
    return n;
}

void hf_tell_certificate_request(const hf_telling *t)
{
    hf_certificate_request request;
    hf_fault fault;
    hf_reader r = hf_body_reader(t->step, &fault);
    hf_phrase *p = t->out;

    hf_certificate_request_read(&r, &t->step->wire, &request);
    hf_phrase_add(p, "asks the client for a certificate as well");
    if (fault.code != HF_OK)
        return;
    hf_phrase_add(p, ", with one of ");
    hf_phrase_count(p, hf_list16_count(request.ext.signature_algorithms), "signature scheme");
    size_t n = count_names(request.ext.authorities);
    if (n == 0)
        hf_phrase_add(p, ", and of a CA that it does not name");
    else if (n == 1)
        hf_phrase_add(p, ", and of the CA that it names");
    else
        hf_phrase_add(p, ", and of one of %zu CAs that it names", n);
}

void hf_tell_certificate_status(const hf_telling *t)
{
    hf_phrase_add(t->out, "brings the CA's signed word about the server's certificate (OCSP), ");
    hf_phrase_count(t->out, t->step->bytes.len, "byte");
}

/* What is signed differs: RFC 9846 4.5.2 a hash of all messages, RFC 5246 7.4.8 the messages. */
void hf_tell_certificate_verify(const hf_telling *t)
{
    hf_certificate_verify verify;
    hf_fault fault;
    hf_reader r = hf_body_reader(t->step, &fault);
    hf_phrase *p = t->out;

    hf_certificate_verify_read(&r, &t->step->wire, &verify);
    hf_phrase_add(p, "signs %s",
                  hf_is_13(t->step->version) ? "a hash of all messages so far"
                                             : "all messages so far");
    if (fault.code == HF_OK && verify.algorithm) {
        hf_phrase_add(p, " with ");
        hf_phrase_name(p, HF_NAMES_SCHEMES, verify.algorithm);
    }
    hf_phrase_add(p, ": only who holds the private key of the %s's certificate can do that",
                  hf_end_name(t->step->writer));
}
