/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * signature_algorithms and signature_algorithms_cert (RFC 9846 4.3.3): two extensions of one shape.
 *
 *     SignatureScheme supported_signature_algorithms<2..2^16-2>;
 */
#include "wire/extension.h"

static hf_span read_schemes(hf_reader *r)
{
    return hf_rd_list16(r, 2, HF_VEC16_MAX - 1, "supported_signature_algorithms");
}

void hf_ext_signature_algorithms_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)message;
    ext->signature_algorithms = read_schemes(r);
}

void hf_ext_signature_algorithms_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)message;
    hf_wr_vec16(b, ext->signature_algorithms);
}

void hf_ext_signature_algorithms_cert_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)message;
    ext->signature_algorithms_cert = read_schemes(r);
}

void hf_ext_signature_algorithms_cert_write(hf_builder *b, unsigned message,
                                            const hf_extensions *ext)
{
    (void)message;
    hf_wr_vec16(b, ext->signature_algorithms_cert);
}
