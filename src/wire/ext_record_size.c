/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * record_size_limit (RFC 8449 4) and the older max_fragment_length (RFC 6066 4). Ranges are the
 * handshake's to judge.
 *
 *     uint16 RecordSizeLimit;
 *     enum{ 2^9(1), 2^10(2), 2^11(3), 2^12(4), (255) } MaxFragmentLength;
 */
#include "wire/extension.h"

void hf_ext_record_size_limit_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)message;
    ext->record_size_limit = hf_rd_u16(r, "RecordSizeLimit");
}

void hf_ext_record_size_limit_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)message;
    hf_wr_u16(b, ext->record_size_limit);
}

void hf_ext_max_fragment_length_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)message;
    ext->max_fragment_length = hf_rd_u8(r, "MaxFragmentLength");
}

void hf_ext_max_fragment_length_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)message;
    hf_wr_u8(b, ext->max_fragment_length);
}
