/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * CertificateRequest (RFC 9846 4.4.2). A client has no identities yet and will answer with an
 * empty Certificate. Servers do not ask yet.
 */
#include "handshake/hello.h"

static hf_error accept(hf_engine *e)
{
    hf_certificate_request request = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);

    hf_certificate_request_read(&r, &w, &request);
    TRY(hf_read_done(e, &fault));
    if (request.certificate_request_context.len > 0) /* RFC 9846 4.4.2 */
        return hf_refuse(e, HF_E_CERTIFICATE_CONTEXT, "certificate_request_context",
                         "empty in the handshake", NULL);
    if (!(request.ext.present & HF_EXT_BIT(signature_algorithms))) /* RFC 9846 4.4.2 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "signature_algorithms", NULL);
    hf_transcribe(e);
    return HF_OK;
}

const hf_step hf_step_certificate_request = { NULL, accept };
