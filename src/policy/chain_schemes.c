/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The signatures that hold an identity's chain together, and whether a peer says that it can check them (RFC 9846 4.5.1.2). */
#include "policy/policy.h"
#include "x509/path_rules.h"

/* SHA-1 as a client would advertise it: rsa_pkcs1_sha1, ecdsa_sha1. */
enum { RSA_PKCS1_SHA1 = 0x0201, ECDSA_SHA1 = 0x0203 };

/* A root that is sent along is not checked by anybody. */
void hf_identity_note_chain(hf_identity *id)
{
    hf_cert cert;

    for (size_t i = 0; i < id->n; i++) {
        bool good = hf_cert_parse(&cert, id->chain[i], NULL) == HF_OK;
        if (good && cert.self_issued)
            continue;
        id->signed_with[id->n_signed++] =
            good ? cert.signed_with : (hf_sig_algorithm){ HF_SIG_NONE, HF_NO_HASH };
        id->broken_signature |= good && hf_rule_is_broken(&cert);
    }
}

/* The issuer's curve is not looked at: what a scheme of TLS 1.3 ties to its hash, certificates do not. */
static bool is_listed(hf_sig_algorithm algorithm, hf_span schemes)
{
    for (size_t i = 0; i < hf_list16_count(schemes); i++) {
        const hf_scheme *s = hf_scheme_of(hf_list16_at(schemes, i));
        if (s && s->kind == algorithm.kind && s->hash == algorithm.hash)
            return true;
    }
    return false;
}

/* RFC 9846 4.3.3: without a list for certificates, that for handshakes is one for both. */
hf_chain_fit hf_identity_chain_fit(const hf_identity *id, const hf_extensions *peer)
{
    hf_span schemes = peer->present & HF_EXT_BIT(signature_algorithms_cert)
                          ? peer->signature_algorithms_cert
                          : peer->signature_algorithms;

    if (id->broken_signature)
        return hf_list16_has(schemes, RSA_PKCS1_SHA1) || hf_list16_has(schemes, ECDSA_SHA1)
                   ? HF_CHAIN_UNSURE
                   : HF_CHAIN_FORBIDDEN;
    for (size_t i = 0; i < id->n_signed; i++)
        if (!is_listed(id->signed_with[i], schemes))
            return HF_CHAIN_UNSURE;
    return HF_CHAIN_FITS;
}
