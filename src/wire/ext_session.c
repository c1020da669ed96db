/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What only TLS 1.2 uses: session_ticket (RFC 5077 3.2) and renegotiation_info (RFC 5746 3.2).
 *
 *     opaque ticket[];                            fills the extension; empty in ServerHello
 *     opaque renegotiated_connection<0..255>;
 */
#include "wire/extension.h"

void hf_ext_session_ticket_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    if (message == IN_CH)
        ext->session_ticket = hf_rd_rest(r, 0, HF_VEC16_MAX, "ticket");
}

void hf_ext_session_ticket_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    if (message == IN_CH)
        hf_wr_bytes(b, ext->session_ticket);
}

void hf_ext_renegotiation_info_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)message;
    ext->renegotiated_connection = hf_rd_vec8(r, 0, HF_VEC8_MAX, "renegotiated_connection");
}

void hf_ext_renegotiation_info_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)message;
    hf_wr_vec8(b, ext->renegotiated_connection);
}
