/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * supported_versions (RFC 9846 4.3.1): the one place where the version is negotiated.
 *
 *     ProtocolVersion versions<2..254>;           ClientHello
 *     ProtocolVersion selected_version;           ServerHello, HelloRetryRequest
 */
#include "wire/extension.h"

enum { VERSIONS_MAX = 254 };

static void read_versions(hf_reader *r, hf_extensions *ext)
{
    hf_reader list = hf_rd_sub8(r, 2, VERSIONS_MAX, "versions");

    if (hf_rd_left(&list) % 2 != 0)
        hf_rd_refuse(&list, HF_E_ODD_LIST, 1, NULL, "%zu bytes is not a multiple of 2",
                     hf_rd_left(&list));
    ext->supported_versions = hf_ext_content(&list);
    while (hf_rd_left(&list) > 0)
        hf_rd_u16(&list, "ProtocolVersion");
    hf_rd_end(&list);
}

void hf_ext_supported_versions_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    if (message == IN_CH)
        read_versions(r, ext);
    else
        ext->selected_version = hf_rd_u16(r, "selected_version");
}

void hf_ext_supported_versions_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    if (message == IN_CH)
        hf_wr_vec8(b, ext->supported_versions);
    else
        hf_wr_u16(b, ext->selected_version);
}
