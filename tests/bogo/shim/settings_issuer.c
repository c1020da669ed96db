/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * -must-match-issuer at a server: such a credential is for clients that name, in certificate_authorities, the issuer of one of its
 * certificates. The library leaves that to the application, which may switch configs at ClientHello; this one takes the credentials
 * out of the visit's own config.
 */
#include "inside.h"
#include "settings.h"

static bool named(hf_span authorities, hf_span issuer)
{
    hf_span name;

    while (hf_name16_next(&authorities, &name))
        if (hf_span_equal(name, issuer))
            return true;
    return false;
}

static bool is_named(const hf_identity *id, hf_span authorities)
{
    hf_cert cert;

    for (size_t i = 0; i < id->n; i++)
        if (hf_cert_parse(&cert, id->chain[i], NULL) == HF_OK && named(authorities, cert.issuer))
            return true;
    return false;
}

static bool must_match(const visit *v, const hf_identity *id)
{
    const seen *s = seen_of(v);

    for (size_t i = 0; i < s->n_identities; i++)
        if (s->identities[i] == id && s->credentials[i] != NO_CREDENTIAL)
            return v->options->credentials[s->credentials[i]].must_match_issuer;
    return false;
}

bool settings_match_issuers(visit *v)
{
    hf_config *c = v->config;
    hf_span authorities = v->conn->engine.hs->hello.ext.authorities;
    size_t kept = 0;

    for (size_t i = 0; i < c->n_identities; i++)
        if (!must_match(v, c->identities[i]) || is_named(c->identities[i], authorities))
            c->identities[kept++] = c->identities[i];
        else
            hf_identity_free(c->identities[i]);
    c->n_identities = kept;
    return kept > 0;
}
