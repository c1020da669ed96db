/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * cookie (RFC 9846 4.3.2): what a HelloRetryRequest gives and the second ClientHello brings back.
 *
 *     opaque cookie<1..2^16-1>;
 */
#include "wire/extension.h"

void hf_ext_cookie_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)message;
    ext->cookie = hf_rd_vec16(r, 1, HF_VEC16_MAX, "cookie");
}

void hf_ext_cookie_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)message;
    hf_wr_vec16(b, ext->cookie);
}
