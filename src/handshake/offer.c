/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a client offers: the policy's lists, narrowed to the versions that are spoken, and the
 * extensions that carry them. One hello offers both versions; a server of either finds what it needs.
 */
#include "handshake/hello.h"

uint16_t hf_grease(const hf_engine *e, size_t which)
{
    uint8_t half = (uint8_t)((e->hs->grease[which] & 0xf0) | 0x0a);

    return (uint16_t)(half << 8 | half); /* RFC 8701 2 */
}

/* A list16 in the arena, GREASE first if asked for. */
static hf_error make_list(hf_engine *e, const uint16_t *codes, size_t max, bool with_grease,
                          size_t which, hf_span *out)
{
    uint8_t *buffer = hf_arena_alloc(&e->hs->arena, 2 * (max + 1));

    if (!buffer)
        return HF_E_NO_MEMORY;
    hf_builder b = hf_wr_start(buffer, 2 * (max + 1));
    if (with_grease)
        hf_wr_u16(&b, hf_grease(e, which));
    for (size_t i = 0; i < max && codes[i]; i++)
        hf_wr_u16(&b, codes[i]);
    return hf_wr_finish(&b, out);
}

/* A PSK suite needs a key; the others of TLS 1.2 a CA to judge the certificate by. */
static bool can_be_proved(const hf_engine *e, const hf_suite *suite)
{
    if (suite->version == HF_TLS13)
        return true;
    return hf_kx_is_psk(suite->kx) ? hf_psk_of_client(e) != NULL
                                   : e->config->insecure || hf_config_trusts(e->config);
}

/* The suites of the versions that are offered. Who has a key for this server says so first: it tells the server who he is. */
static hf_error make_suites(hf_engine *e, hf_span *out)
{
    const hf_policy *p = &e->config->policy;
    uint16_t codes[HF_POLICY_LIST] = { 0 };
    size_t n = 0;

    for (int psk = 1; psk >= 0; psk--)
        for (size_t i = 0; i < HF_POLICY_LIST && p->suites[i]; i++) {
            const hf_suite *suite = hf_suite_of(p->suites[i]);
            bool spoken = suite->version >= p->min_version && suite->version <= p->max_version;
            if (spoken && hf_kx_is_psk(suite->kx) == psk && can_be_proved(e, suite))
                codes[n++] = p->suites[i];
        }
    return make_list(e, codes, n, p->client_grease, 0, out);
}

/* RFC 9846 4.3.3: what TLS 1.3 does not allow is offered only to servers of TLS 1.2. */
static hf_error make_schemes(hf_engine *e, hf_span *out)
{
    const hf_policy *p = &e->config->policy;
    uint16_t codes[HF_POLICY_LIST] = { 0 };
    size_t n = 0;

    for (size_t i = 0; i < HF_POLICY_LIST && p->schemes[i]; i++)
        if (p->min_version < HF_TLS13 || hf_scheme_of(p->schemes[i])->tls13)
            codes[n++] = p->schemes[i];
    return make_list(e, codes, n, false, 0, out);
}

/* A server may hide a chain from who could not check it: an auditor says that he could, SHA-1, SHA-224 and Ed448 included. */
static hf_error make_cert_schemes(hf_engine *e, hf_span *out)
{
    static const uint16_t others[] = { 0x0201, 0x0203, 0x0301, 0x0303, 0x0808 };
    enum { OTHERS = sizeof others / sizeof *others };
    uint16_t codes[HF_POLICY_LIST + OTHERS] = { 0 };
    size_t n = 0;

    while (n < HF_POLICY_LIST && e->config->policy.cert_schemes[n]) {
        codes[n] = e->config->policy.cert_schemes[n];
        n++;
    }
    if (e->config->any_chain)
        memcpy(codes + n, others, sizeof others);
    return make_list(e, codes, HF_POLICY_LIST + OTHERS, false, 0, out);
}

/* Hybrid groups are TLS 1.3's. */
static hf_error make_groups(hf_engine *e, hf_span *out)
{
    const hf_policy *p = &e->config->policy;
    uint16_t codes[HF_POLICY_LIST] = { 0 };
    size_t n = 0;

    for (size_t i = 0; i < HF_POLICY_LIST && p->groups[i]; i++)
        if (p->max_version >= HF_TLS13 || !hf_group_of(p->groups[i])->post_quantum)
            codes[n++] = p->groups[i];
    return make_list(e, codes, n, p->client_grease, 1, out);
}

/* What only a server of TLS 1.2 reads. */
static void fill_extensions12(const hf_engine *e, hf_extensions *ext)
{
    ext->present |= HF_EXT_BIT(extended_main_secret) /* RFC 7627 5.1 */
                    | HF_EXT_BIT(renegotiation_info) /* RFC 5746 3.4 */
                    | HF_EXT_BIT(ec_point_formats);  /* RFC 8422 4 */
    ext->point_formats = hf_span_of("\0", 1);
    if (!e->want_session)
        return;
    ext->present |= HF_EXT_BIT(session_ticket); /* RFC 5077 3.2 */
    if (e->hs->session_bytes.len > 0)           /* one of TLS 1.2 */
        ext->session_ticket = e->hs->session.ticket;
}

/* RFC 9846 4.3.1#1 #2, 9.2#3 #6 #9 #11. A cookie is the handshake's, so that no first hello has one (4.3.2#2). */
static hf_error fill_extensions13(hf_engine *e, hf_extensions *ext)
{
    const hf_policy *p = &e->config->policy;
    const uint16_t both[] = { HF_TLS13, HF_TLS12, 0 };

    ext->present |= HF_EXT_BIT(key_share) | HF_EXT_BIT(supported_versions);
    ext->key_shares = e->hs->key_shares;
    if (e->hs->cookie.len > 0) {
        ext->present |= HF_EXT_BIT(cookie);
        ext->cookie = e->hs->cookie;
    }
    TRY(hf_offer_psks(e, ext));
    hf_offer_early(e, ext);
    return make_list(e, both, p->min_version < HF_TLS13 ? 2 : 1, p->client_grease, 3,
                     &ext->supported_versions);
}

/* RFC 9846 4.3.3#2, 9.2#1 #2 #4 #5 #10 #13 */
static hf_error fill_extensions(hf_engine *e, hf_extensions *ext)
{
    const hf_policy *p = &e->config->policy;

    ext->present = HF_EXT_BIT(supported_groups) | HF_EXT_BIT(signature_algorithms) |
                   HF_EXT_BIT(signature_algorithms_cert) | HF_EXT_BIT(record_size_limit) |
                   HF_EXT_BIT(status_request); /* RFC 6066 8: any responder, no extensions */
    ext->status_type = HF_STATUS_OCSP;
    if (e->config->any_chain)
        ext->present |= HF_EXT_BIT(signed_certificate_timestamp);
    if (e->server_name && hf_is_host_name(hf_span_str(e->server_name))) {
        ext->present |= HF_EXT_BIT(server_name);
        ext->host_name = hf_span_str(e->server_name);
    }
    if (e->hs->offer_alpn_len > 0) {
        ext->present |= HF_EXT_BIT(application_layer_protocol_negotiation);
        ext->alpn = hf_span_of(e->hs->offer_alpn, e->hs->offer_alpn_len);
    }
    ext->record_size_limit = hf_record_limit(e, p->max_version);
    if (p->client_grease) {
        ext->grease_first = hf_grease(e, 2);
        ext->grease_last = hf_grease(e, 1);
    }
    TRY(make_groups(e, &ext->supported_groups));
    TRY(make_schemes(e, &ext->signature_algorithms));
    TRY(make_cert_schemes(e, &ext->signature_algorithms_cert));
    if (p->min_version < HF_TLS13)
        fill_extensions12(e, ext);
    return p->max_version < HF_TLS13 ? HF_OK : fill_extensions13(e, ext);
}

hf_error hf_offer(hf_engine *e, hf_client_hello *hello)
{
    TRY(make_suites(e, &hello->cipher_suites));
    return fill_extensions(e, &hello->ext);
}
