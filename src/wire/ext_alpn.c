/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * application_layer_protocol_negotiation (RFC 7301 3.1): the client lists protocols, the server
 * answers with exactly one. Which one is the handshake's choice.
 *
 *     opaque ProtocolName<1..2^8-1>;
 *     ProtocolName protocol_name_list<2..2^16-1>;
 */
#include "wire/extension.h"

void hf_ext_application_layer_protocol_negotiation_read(hf_reader *r, unsigned message,
                                                        hf_extensions *ext)
{
    hf_reader list = hf_rd_sub16(r, 2, HF_VEC16_MAX, "protocol_name_list");

    ext->alpn = hf_ext_content(&list);
    do
        hf_rd_vec8(&list, 1, HF_VEC8_MAX, "ProtocolName");
    while (message == IN_CH && hf_rd_left(&list) > 0);
    hf_rd_end(&list); /* RFC 7301 3.1: an answer holds exactly one name */
}

void hf_ext_application_layer_protocol_negotiation_write(hf_builder *b, unsigned message,
                                                         const hf_extensions *ext)
{
    (void)message;
    hf_wr_vec16(b, ext->alpn);
}
