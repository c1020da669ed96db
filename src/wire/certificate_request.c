/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * CertificateRequest (RFC 9846 4.4.2): the server asks the client to authenticate. An empty block
 * is legal here; that signature_algorithms must be in it is the handshake's to say.
 *
 *     struct {
 *         opaque certificate_request_context<0..2^8-1>;
 *         Extension extensions<0..2^16-1>;
 *     } CertificateRequest;
 */
#include "wire/extension.h"

void hf_certificate_request_read(hf_reader *r, const hf_wire *w, hf_certificate_request *request)
{
    (void)w;
    request->certificate_request_context =
        hf_rd_vec8(r, 0, HF_VEC8_MAX, "certificate_request_context");
    hf_extensions_read(r, IN_CR, &request->ext);
    hf_rd_end(r);
}

void hf_certificate_request_write(hf_builder *b, const hf_wire *w,
                                  const hf_certificate_request *request)
{
    (void)w;
    hf_wr_vec8(b, request->certificate_request_context);
    hf_extensions_write(b, IN_CR, &request->ext);
}
