/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * CertificateRequest (RFC 9846 4.4.2, RFC 5246 7.4.4): a server asks who the client is, and says whose
 * word it would take; the client looks for an identity that fits. None is no error here: the server
 * decides what an empty Certificate means.
 */
#include "handshake/hello.h"
#include "x509/trust.h"

/* ClientCertificateType (RFC 5246 7.4.4, RFC 8422 5.5); ecdsa_sign stands for Ed25519 too. */
enum { RSA_SIGN = 1, ECDSA_SIGN = 64 };
enum { REQUEST_ROOM = 512, NAME_LENGTH = 2 };

/* ---- the server asks ---- */

/* The subjects of the trusted CAs. Too many for a message: none, which means any (RFC 9846 4.3.4). */
static hf_error make_authorities(hf_engine *e, hf_span *out)
{
    const hf_trust *trust = e->config->trust;
    size_t n = trust ? hf_trust_count(trust) : 0, total = 0;

    *out = (hf_span){ NULL, 0 };
    for (size_t i = 0; i < n; i++)
        total += NAME_LENGTH + hf_trust_at(trust, i)->subject.len;
    if (total == 0 || total > HF_AUTHORITIES_MAX)
        return HF_OK;
    uint8_t *room = hf_arena_alloc(&e->hs->arena, total);
    if (!room)
        return HF_E_NO_MEMORY;
    hf_builder b = hf_wr_start(room, total);
    for (size_t i = 0; i < n; i++)
        if (hf_trust_at(trust, i)->subject.len > 0)
            hf_wr_vec16(&b, hf_trust_at(trust, i)->subject);
    return hf_wr_finish(&b, out);
}

/* The schemes that a client may sign this handshake with. */
static hf_error make_schemes(hf_engine *e, const uint16_t *codes, bool handshake, hf_span *out)
{
    uint8_t *room = hf_arena_alloc(&e->hs->arena, 2 * HF_POLICY_LIST);

    if (!room)
        return HF_E_NO_MEMORY;
    hf_builder b = hf_wr_start(room, 2 * HF_POLICY_LIST);
    for (size_t i = 0; i < HF_POLICY_LIST && codes[i]; i++)
        if (!handshake || e->suite->version == HF_TLS12 || hf_scheme_of(codes[i])->tls13)
            hf_wr_u16(&b, codes[i]);
    return hf_wr_finish(&b, out);
}

static hf_error build(hf_engine *e)
{
    static const uint8_t types[] = { ECDSA_SIGN, RSA_SIGN };
    const hf_policy *p = &e->config->policy;
    hf_certificate_request request = { .certificate_types = hf_span_of(types, sizeof types) };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_builder b;

    /* RFC 9846 4.4.2#4 */
    TRY(make_schemes(e, p->schemes, true, &request.ext.signature_algorithms));
    TRY(make_schemes(e, p->cert_schemes, false, &request.ext.signature_algorithms_cert));
    TRY(make_authorities(e, &request.ext.authorities));
    request.ext.present = HF_EXT_BIT(signature_algorithms);
    if (e->suite->version == HF_TLS13)
        request.ext.present |= HF_EXT_BIT(signature_algorithms_cert);
    if (request.ext.authorities.len > 0)
        request.ext.present |= HF_EXT_BIT(certificate_authorities); /* RFC 9846 4.3.4 */
    e->hs->offered = request.ext.present; /* what the entries of the answer may hold */
    e->info.certificate_requested = true;
    TRY(hf_message_start(e, REQUEST_ROOM + request.ext.authorities.len, &b));
    hf_certificate_request_write(&b, &w, &request);
    return hf_message_send(e, &b, NULL);
}

/* ---- the client looks for an answer ---- */

static bool named(hf_span authorities, hf_span issuer)
{
    hf_span name;

    while (hf_name16_next(&authorities, &name))
        if (hf_span_equal(name, issuer))
            return true;
    return false;
}

bool hf_names_issuer(hf_span authorities, const hf_identity *id)
{
    hf_cert cert;

    for (size_t i = 0; i < id->n; i++)
        if (hf_cert_parse(&cert, id->chain[i], NULL) == HF_OK && named(authorities, cert.issuer))
            return true;
    return false;
}

static bool type_asked(const hf_engine *e, hf_span types, hf_key_type key)
{
    bool rsa = key == HF_KEY_RSA || key == HF_KEY_RSA_PSS;

    return e->suite->version == HF_TLS13 ||
           memchr(types.data, rsa ? RSA_SIGN : ECDSA_SIGN, types.len);
}

/* HF_OK, or why this identity is no answer. */
static hf_error judge(const hf_engine *e, const hf_identity *id,
                      const hf_certificate_request *request, hf_span authorities,
                      const hf_scheme **scheme)
{
    if (!type_asked(e, request->certificate_types, id->leaf.key.type))
        return HF_E_CERT_TYPE_NOT_ASKED;
    *scheme = hf_identity_scheme(id, &e->config->policy, e->suite->version,
                                 request->ext.signature_algorithms);
    if (!*scheme)
        return HF_E_NO_COMMON_SCHEME;
    return authorities.len == 0 || hf_names_issuer(authorities, id) ? HF_OK
                                                                    : HF_E_CERT_ISSUER_NOT_ASKED;
}

/* The first that fits; else why the last one does not. */
static hf_error choose_of(hf_engine *e, const hf_certificate_request *request, hf_span authorities,
                          hf_chain_fit worst)
{
    const hf_config *c = e->config;
    const hf_scheme *scheme = NULL;
    hf_error why = HF_OK;

    for (size_t i = 0; i < c->n_identities && !e->hs->identity; i++) {
        why = judge(e, c->identities[i], request, authorities, &scheme);
        if (why != HF_OK || hf_identity_chain_fit(c->identities[i], &request->ext) > worst)
            continue;
        e->hs->identity = hf_identity_ref(c->identities[i]);
        e->hs->scheme = scheme;
    }
    return why;
}

/* A chain that the server says it can check before any other (RFC 9846 4.5.1.2#6). */
static hf_error choose_issued(hf_engine *e, const hf_certificate_request *request,
                              hf_span authorities)
{
    hf_error why = choose_of(e, request, authorities, HF_CHAIN_FITS);

    return e->hs->identity ? why : choose_of(e, request, authorities, HF_CHAIN_FORBIDDEN);
}

/* Issued by one that the server named; only if it is so set, by anybody, as if the server had named none. */
static hf_error choose(hf_engine *e, const hf_certificate_request *request)
{
    hf_error why = choose_issued(e, request, request->ext.authorities);

    if (e->hs->identity || !e->config->ignore_authorities)
        return why;
    return choose_issued(e, request, (hf_span){ NULL, 0 });
}

/* A client without a fitting certificate goes on without one (RFC 9846 4.5.1.3, RFC 5246 7.4.6), unless it is told not to. */
static hf_error check_choice(hf_engine *e, hf_error why)
{
    const char *field = why == HF_E_CERT_TYPE_NOT_ASKED     ? "certificate_types"
                        : why == HF_E_CERT_ISSUER_NOT_ASKED ? "certificate_authorities"
                                                            : "signature_algorithms";

    if (e->hs->identity || e->config->client_auth != HF_CLIENT_AUTH_REQUIRE)
        return HF_OK;
    return why == HF_OK ? HF_E_INTERNAL : hf_refuse(e, why, field, NULL, NULL);
}

/* For hf_conn_authority: whoever has no certificate can be told whose would do. */
static hf_error keep_authorities(hf_engine *e, hf_span authorities)
{
    uint8_t *copy = hf_copy(authorities);

    if (!copy)
        return HF_E_NO_MEMORY;
    e->authorities = hf_span_of(copy, authorities.len);
    return HF_OK;
}

static hf_error accept(hf_engine *e)
{
    hf_certificate_request request = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);

    hf_certificate_request_read(&r, &w, &request);
    TRY(hf_read_done(e, &fault));
    if (request.certificate_request_context.len > 0) /* RFC 9846 4.4.2#3 */
        return hf_refuse(e, HF_E_CERTIFICATE_CONTEXT, "certificate_request_context",
                         "empty in the handshake", NULL);
    if (!(request.ext.present & HF_EXT_BIT(signature_algorithms))) /* RFC 9846 4.4.2#4 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "signature_algorithms", NULL);
    e->info.certificate_requested = true;
    TRY(keep_authorities(e, request.ext.authorities));
    TRY(check_choice(e, choose(e, &request)));
    return hf_transcribe(e);
}

const hf_step hf_step_certificate_request = { build, accept };
