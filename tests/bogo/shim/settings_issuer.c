/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * -must-match-issuer: such a credential is for peers that name, in certificate_authorities, the issuer of one of its certificates.
 * The library leaves that to a server's application, which may switch configs at ClientHello; this one takes the credentials out of
 * the visit's own config. At a client it is so for all identities or for none (HF_SET_IGNORE_AUTHORITIES): those for which it is
 * must be taken out where it is not for others.
 */
#include "inside.h"
#include "settings.h"

static bool must_match(const visit *v, const hf_identity *id)
{
    const seen *s = seen_of(v);

    for (size_t i = 0; i < s->n_identities; i++)
        if (s->identities[i] == id && s->credentials[i] != NO_CREDENTIAL)
            return v->options->credentials[s->credentials[i]].must_match_issuer;
    return false;
}

/* False: none is left. */
static bool keep_matching(visit *v, hf_span authorities)
{
    hf_config *c = v->config;
    size_t kept = 0;

    for (size_t i = 0; i < c->n_identities; i++)
        if (!must_match(v, c->identities[i]) || hf_names_issuer(authorities, c->identities[i]))
            c->identities[kept++] = c->identities[i];
        else
            hf_identity_free(c->identities[i]);
    c->n_identities = kept;
    return kept > 0;
}

bool settings_match_issuers(visit *v)
{
    return keep_matching(v, v->conn->engine.hs->hello.ext.authorities);
}

bool settings_any_issuer(const visit *v)
{
    for (size_t i = 0; i < v->config->n_identities; i++)
        if (!must_match(v, v->config->identities[i]))
            return true;
    return false;
}

void settings_request(visit *v, hf_span authorities)
{
    if (authorities.len > 0 && settings_any_issuer(v))
        (void)keep_matching(v, authorities);
}
