/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * CertificateVerify (RFC 9846 4.5.2): a signature over the handshake so far. TLS 1.2 has the same
 * structure. It is verified elsewhere.
 *
 *     struct {
 *         SignatureScheme algorithm;
 *         opaque signature<0..2^16-1>;
 *     } CertificateVerify;
 */
#include "wire/extension.h"

void hf_certificate_verify_read(hf_reader *r, const hf_wire *w, hf_certificate_verify *verify)
{
    (void)w;
    verify->algorithm = hf_rd_u16(r, "algorithm");
    verify->signature = hf_rd_vec16(r, 0, HF_VEC16_MAX, "signature");
    hf_rd_end(r);
}

void hf_certificate_verify_write(hf_builder *b, const hf_wire *w,
                                 const hf_certificate_verify *verify)
{
    (void)w;
    hf_wr_u16(b, verify->algorithm);
    hf_wr_vec16(b, verify->signature);
}
