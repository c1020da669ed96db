/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Proofs about certificates that travel beside them: status_request (RFC 6066 8, RFC 9846 4.5.1.1#1)
 * and signed_certificate_timestamp (RFC 6962 3.3.1). The responses themselves are DER or TLS
 * structures that the x509 floor reads.
 *
 *     struct {                                    ClientHello
 *         CertificateStatusType status_type;      ocsp(1)
 *         ResponderID responder_id_list<0..2^16-1>;       opaque ResponderID<1..2^16-1>
 *         Extensions request_extensions;                  opaque Extensions<0..2^16-1>
 *     } CertificateStatusRequest;
 *     CertificateStatus;                          CertificateEntry: see certificate_status.c
 *
 *     opaque SerializedSCT<1..2^16-1>;
 *     SerializedSCT sct_list<1..2^16-1>;          where it answers; empty where it asks
 */
#include "wire/extension.h"

/* RFC 6066 8: a request of an unknown type is skipped. */
static void read_request(hf_reader *r, hf_extensions *ext)
{
    ext->status_type = hf_rd_u8(r, "status_type");
    ext->status_request = hf_ext_content(r);
    if (ext->status_type != HF_STATUS_OCSP) {
        hf_rd_rest(r, 0, HF_VEC16_MAX, "request");
        return;
    }
    hf_reader list = hf_rd_sub16(r, 0, HF_VEC16_MAX, "responder_id_list");
    while (hf_rd_left(&list) > 0)
        hf_rd_vec16(&list, 1, HF_VEC16_MAX, "ResponderID");
    hf_rd_end(&list);
    hf_rd_vec16(r, 0, HF_VEC16_MAX, "request_extensions");
}

/* Empty in CertificateRequest (RFC 9846 4.5.1.1) and in a ServerHello of TLS 1.2 (RFC 6066 8). */
void hf_ext_status_request_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    if (message == IN_CH)
        read_request(r, ext);
    else if (message == IN_CT)
        ext->ocsp_response = hf_ocsp_status_read(r);
}

static void write_request(hf_builder *b, const hf_extensions *ext)
{
    static const uint8_t two_empty_lists[4];

    hf_wr_u8(b, ext->status_type);
    if (ext->status_type == HF_STATUS_OCSP && ext->status_request.len == 0)
        hf_wr_bytes(b, hf_span_of(two_empty_lists, sizeof two_empty_lists));
    hf_wr_bytes(b, ext->status_request);
}

void hf_ext_status_request_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    if (message == IN_CH) {
        write_request(b, ext);
    } else if (message == IN_CT) {
        hf_ocsp_status_write(b, ext->ocsp_response);
    }
}

void hf_ext_signed_certificate_timestamp_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    if (message & (IN_CH | IN_CR))
        return;
    hf_reader list = hf_rd_sub16(r, 1, HF_VEC16_MAX, "sct_list");
    ext->sct_list = hf_ext_content(&list);
    while (hf_rd_left(&list) > 0)
        hf_rd_vec16(&list, 1, HF_VEC16_MAX, "SerializedSCT");
    hf_rd_end(&list);
}

void hf_ext_signed_certificate_timestamp_write(hf_builder *b, unsigned message,
                                               const hf_extensions *ext)
{
    if (!(message & (IN_CH | IN_CR)))
        hf_wr_vec16(b, ext->sct_list);
}
