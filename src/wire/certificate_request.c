/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * CertificateRequest (RFC 9846 4.4.2, RFC 5246 7.4.4): the server asks the client to authenticate.
 * An empty block is legal here; that signature_algorithms must be in it is the handshake's to say.
 * The lists of TLS 1.2 are kept as if they were the extensions that they became.
 *
 *     struct {
 *         opaque certificate_request_context<0..2^8-1>;
 *         Extension extensions<0..2^16-1>;
 *     } CertificateRequest;                       TLS 1.3
 *
 *     opaque DistinguishedName<1..2^16-1>;
 *     struct {
 *         ClientCertificateType certificate_types<1..2^8-1>;
 *         SignatureAndHashAlgorithm supported_signature_algorithms<2..2^16-2>;
 *         DistinguishedName certificate_authorities<0..2^16-1>;
 *     } CertificateRequest;                       TLS 1.2
 */
#include "wire/extension.h"

/* RFC 5246 7.4.4: an empty list of authorities says nothing, like an extension that is not there. */
static void read12(hf_reader *r, hf_certificate_request *request)
{
    hf_extensions *ext = &request->ext;

    *request = (hf_certificate_request){ 0 };
    request->certificate_types = hf_rd_vec8(r, 1, HF_VEC8_MAX, "certificate_types");
    hf_ext_signature_algorithms_read(r, IN_CR, ext);
    ext->authorities = hf_authorities_read(r, 0, "certificate_authorities");
    ext->present = HF_EXT_BIT(signature_algorithms);
    if (ext->authorities.len > 0)
        ext->present |= HF_EXT_BIT(certificate_authorities);
}

static void read13(hf_reader *r, hf_certificate_request *request)
{
    request->certificate_types = (hf_span){ NULL, 0 };
    request->certificate_request_context =
        hf_rd_vec8(r, 0, HF_VEC8_MAX, "certificate_request_context");
    hf_extensions_read(r, IN_CR, &request->ext);
}

void hf_certificate_request_read(hf_reader *r, const hf_wire *w, hf_certificate_request *request)
{
    (w->version == HF_TLS12 ? read12 : read13)(r, request);
    hf_rd_end(r);
}

static void write12(hf_builder *b, const hf_certificate_request *request)
{
    hf_wr_vec8(b, request->certificate_types);
    hf_ext_signature_algorithms_write(b, IN_CR, &request->ext);
    hf_ext_certificate_authorities_write(b, IN_CR, &request->ext);
}

static void write13(hf_builder *b, const hf_certificate_request *request)
{
    hf_wr_vec8(b, request->certificate_request_context);
    hf_extensions_write(b, IN_CR, &request->ext);
}

void hf_certificate_request_write(hf_builder *b, const hf_wire *w,
                                  const hf_certificate_request *request)
{
    (w->version == HF_TLS12 ? write12 : write13)(b, request);
}
