/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * CertificateStatus (RFC 6066 8): an OCSP response about the server's certificate. A message of its
 * own in TLS 1.2; in TLS 1.3 the same structure is the status_request extension of a
 * CertificateEntry (RFC 9846 4.5.1.1). The response is DER, which the x509 floor reads.
 *
 *     struct {
 *         CertificateStatusType status_type;          ocsp(1)
 *         opaque OCSPResponse<1..2^24-1>;
 *     } CertificateStatus;
 */
#include "wire/extension.h"

hf_span hf_ocsp_status_read(hf_reader *r)
{
    uint8_t status_type = hf_rd_u8(r, "status_type");

    if (status_type != HF_STATUS_OCSP) /* RFC 6066 8 */
        hf_rd_refuse(r, HF_E_STATUS_TYPE, 1, "status_type", "%u, only ocsp (1) is known",
                     status_type);
    return hf_rd_vec24(r, 1, HF_VEC24_MAX, "OCSPResponse");
}

void hf_ocsp_status_write(hf_builder *b, hf_span ocsp_response)
{
    hf_wr_u8(b, HF_STATUS_OCSP);
    hf_wr_vec24(b, ocsp_response);
}

void hf_certificate_status_read(hf_reader *r, const hf_wire *w, hf_certificate_status *status)
{
    (void)w;
    status->ocsp_response = hf_ocsp_status_read(r);
    hf_rd_end(r);
}

void hf_certificate_status_write(hf_builder *b, const hf_wire *w,
                                 const hf_certificate_status *status)
{
    (void)w;
    hf_ocsp_status_write(b, status->ocsp_response);
}
