/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * How strong a chain's keys and signatures are. Broken algorithms are looked for by their numbers, as the engine's own reader has no
 * name for what it would never believe. A root's signature on itself proves nothing to anybody and is left out.
 */
#include "audit/chain_judge.h"

#include "x509/der.h"
#include "x509/parts.h"

typedef enum mark { FINE, SHA1, MD5, PSS } mark;

static const struct {
    const char *oid; /* content octets */
    mark mark;
} marks[] = {
    { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", SHA1 }, /* sha1WithRSAEncryption */
    { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", MD5 },  /* md5WithRSAEncryption */
    { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02", MD5 },  /* md2WithRSAEncryption, no better */
    { "\x2a\x86\x48\xce\x3d\x04\x01", SHA1 },         /* ecdsa-with-SHA1 */
    { "\x2a\x86\x48\xce\x38\x04\x03", SHA1 },         /* dsa-with-sha1 */
    { "\x2b\x0e\x03\x02\x1d", SHA1 },                 /* sha1WithRSA of OIW */
    { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", PSS },  /* id-RSASSA-PSS */
};

/* RFC 4055 3.1: hashAlgorithm [0] is SHA-1 unless it stands there. */
static mark mark_of_pss(hf_span parameters)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(parameters, "parameters", 0, &fault, NULL);
    hf_reader params = hf_der_open(&r, HF_DER_SEQUENCE, "parameters");

    return hf_der_peek(&params) == HF_DER_CONTEXT_CONS(0) ? FINE : SHA1;
}

static mark mark_of(hf_span der)
{
    hf_span parameters, oid = hf_cert_signed_by(der, &parameters);

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (hf_span_equal(oid, hf_span_str(marks[i].oid)))
            return marks[i].mark == PSS ? mark_of_pss(parameters) : marks[i].mark;
    return FINE;
}

static void tell_signature(hf_seen_chain *chain, hf_span der, const hf_cert *cert)
{
    mark found = mark_of(der);

    chain->sha1_signature |= found == SHA1;
    chain->md5_signature |= found == MD5;
    if (!cert || cert->signed_with.kind == HF_SIG_NONE || cert->signed_with.hash == HF_NO_HASH)
        return;
    if (chain->weakest_hash == HF_NO_HASH || cert->signed_with.hash < chain->weakest_hash)
        chain->weakest_hash = cert->signed_with.hash;
}

static void tell_key(hf_seen_chain *chain, const hf_cert *cert, size_t at)
{
    unsigned bits = hf_rsa_bits(&cert->key);

    if (bits == 0 || (chain->weakest_bits > 0 && bits >= chain->weakest_bits))
        return;
    chain->weakest_bits = bits;
    chain->weakest_at = at;
    hf_name_text(cert->subject, chain->weakest_subject, sizeof chain->weakest_subject);
}

/* Strangers do not count, but what cannot be read may be on the way, and so may all if the leaf is that. */
void hf_chain_tell_marks(hf_seen_chain *chain, const hf_chain_shape *s)
{
    for (size_t i = 0; i < chain->n; i++) {
        bool root = i > 0 && s->readable[i] && s->cert[i].self_issued;
        if (s->readable[0] && s->readable[i] && !s->reached[i])
            continue;
        if (!root)
            tell_signature(chain, chain->der[i], s->readable[i] ? &s->cert[i] : NULL);
        if (s->readable[i])
            tell_key(chain, &s->cert[i], i);
    }
}
