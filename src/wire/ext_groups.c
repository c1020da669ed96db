/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * supported_groups (RFC 9846 4.3.7; a server's is read, and nothing is done with it: 4.3.7#2) and the point formats that TLS 1.2 wants beside them
 * (RFC 8422 5.1.2).
 *
 *     NamedGroup named_group_list<2..2^16-1>;
 *     ECPointFormat ec_point_format_list<1..2^8-1>;
 */
#include "wire/extension.h"

void hf_ext_supported_groups_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)message;
    ext->supported_groups = hf_rd_list16(r, 2, HF_VEC16_MAX, "named_group_list");
}

void hf_ext_supported_groups_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)message;
    hf_wr_vec16(b, ext->supported_groups);
}

void hf_ext_ec_point_formats_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)message;
    ext->point_formats = hf_rd_vec8(r, 1, HF_VEC8_MAX, "ec_point_format_list");
}

void hf_ext_ec_point_formats_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)message;
    hf_wr_vec8(b, ext->point_formats);
}
