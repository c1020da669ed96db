/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Extensions that say all by being there: extended_main_secret (RFC 7627 5.1),
 * post_handshake_auth (RFC 9846 4.3.6) and early_data (4.3.10), which carries a limit in
 * NewSessionTicket. The table refuses any byte that is left.
 *
 *     struct {} PostHandshakeAuth;
 *     struct {
 *         select (Handshake.msg_type) {
 *             case new_session_ticket:   uint32 max_early_data_size;
 *             case client_hello:         Empty;
 *             case encrypted_extensions: Empty;
 *         };
 *     } EarlyDataIndication;
 */
#include "wire/extension.h"

void hf_ext_extended_main_secret_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)r, (void)message, (void)ext;
}

void hf_ext_extended_main_secret_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)b, (void)message, (void)ext;
}

void hf_ext_post_handshake_auth_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)r, (void)message, (void)ext;
}

void hf_ext_post_handshake_auth_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)b, (void)message, (void)ext;
}

void hf_ext_early_data_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    if (message == IN_NST)
        ext->max_early_data_size = hf_rd_u32(r, "max_early_data_size");
}

void hf_ext_early_data_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    if (message == IN_NST)
        hf_wr_u32(b, ext->max_early_data_size);
}
