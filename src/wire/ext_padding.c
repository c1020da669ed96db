/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * padding (RFC 7685 3): zeroes that make a ClientHello longer. What they really are is not looked
 * at, as the RFC asks no check of the server.
 */
#include "wire/extension.h"

void hf_ext_padding_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)message;
    ext->padding = hf_rd_rest(r, 0, HF_VEC16_MAX, "padding").len;
}

void hf_ext_padding_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)message;
    hf_wr_space(b, ext->padding);
}
