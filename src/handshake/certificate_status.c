/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Stapling: the server sends the CA's own word that its certificate is not revoked. In TLS 1.3 the
 * response is an extension of the first CertificateEntry (RFC 9846 4.5.1.1); in TLS 1.2 ServerHello
 * promises a CertificateStatus (RFC 6066 8), which may still stay away.
 */
#include "handshake/hello.h"

enum { STATUS_ROOM = 16 };

/* ---- the server ---- */

/* What is sent is chosen once: a response that is replaced or goes stale meanwhile changes nothing. */
hf_span hf_staple_to_send(hf_engine *e)
{
    const hf_extensions *offered = &e->hs->hello.ext;
    hf_handshake *hs = e->hs;

    if (e->role != HF_SERVER || !hs->identity || !(offered->present & HF_EXT_BIT(status_request)) ||
        offered->status_type != HF_STATUS_OCSP) /* RFC 6066 8 */
        return (hf_span){ NULL, 0 };
    if (!hs->staple)
        hs->staple = hf_identity_staple_at(hs->identity, hf_config_now(e->config));
    return hs->staple ? hs->staple->response : (hf_span){ NULL, 0 };
}

static hf_error build(hf_engine *e)
{
    hf_certificate_status status = { .ocsp_response = hf_staple_to_send(e) };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_builder b;

    TRY(hf_message_start(e, status.ocsp_response.len + STATUS_ROOM, &b));
    hf_certificate_status_write(&b, &w, &status);
    return hf_message_send(e, &b, NULL);
}

/* ---- the client ---- */

hf_error hf_keep_staple(hf_engine *e, hf_span response)
{
    if (response.len == 0)
        return HF_OK;
    uint8_t *copy = hf_copy(response);
    if (!copy)
        return HF_E_NO_MEMORY;
    e->peer_staple = hf_span_of(copy, response.len);
    e->info.stapled = true;
    return HF_OK;
}

/* The list was checked when it was read. (RFC 6962 3.3) */
void hf_count_scts(hf_engine *e, const hf_extensions *ext)
{
    hf_span rest = ext->sct_list, sct;

    while (hf_name16_next(&rest, &sct))
        e->n_peer_scts++;
}

static hf_error accept(hf_engine *e)
{
    hf_certificate_status status = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);

    hf_certificate_status_read(&r, &w, &status);
    TRY(hf_read_done(e, &fault));
    TRY(hf_transcribe(e));
    TRY(hf_keep_staple(e, status.ocsp_response));
    return hf_owe_chain(e);
}

const hf_step hf_step_certificate_status = { build, accept };
