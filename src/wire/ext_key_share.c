/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * key_share (RFC 9846 4.3.8): public values of the key exchange; in a HelloRetryRequest the group
 * that the server would rather have. Lengths that a group demands are checked where it is used.
 *
 *     struct {
 *         NamedGroup group;
 *         opaque key_exchange<1..2^16-1>;
 *     } KeyShareEntry;
 *     KeyShareEntry client_shares<0..2^16-1>;     ClientHello
 *     KeyShareEntry server_share;                 ServerHello
 *     NamedGroup selected_group;                  HelloRetryRequest
 */
#include "wire/extension.h"

static hf_key_share read_entry(hf_reader *r)
{
    hf_key_share share;

    share.group = hf_rd_u16(r, "group");
    share.key_exchange = hf_rd_vec16(r, 1, HF_VEC16_MAX, "key_exchange");
    return share;
}

/* RFC 9846 4.3.8: an empty client_shares asks for a HelloRetryRequest. */
static void read_client_shares(hf_reader *r, hf_extensions *ext)
{
    hf_reader list = hf_rd_sub16(r, 0, HF_VEC16_MAX, "client_shares");

    ext->key_shares = hf_ext_content(&list);
    while (hf_rd_left(&list) > 0)
        read_entry(&list);
    hf_rd_end(&list);
}

void hf_ext_key_share_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    if (message == IN_CH)
        read_client_shares(r, ext);
    else if (message == IN_HRR)
        ext->selected_group = hf_rd_u16(r, "selected_group");
    else
        ext->key_share = read_entry(r);
}

void hf_ext_key_share_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    if (message == IN_CH) {
        hf_wr_vec16(b, ext->key_shares);
    } else if (message == IN_HRR) {
        hf_wr_u16(b, ext->selected_group);
    } else {
        hf_wr_u16(b, ext->key_share.group);
        hf_wr_vec16(b, ext->key_share.key_exchange);
    }
}

bool hf_key_share_next(hf_span *rest, hf_key_share *share)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(*rest, "client_shares", 0, &fault, NULL);

    if (rest->len == 0)
        return false;
    *share = read_entry(&r);
    *rest = hf_ext_content(&r);
    return hf_rd_ok(&r);
}
