/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * pre_shared_key (RFC 9846 4.3.11) and psk_key_exchange_modes (4.3.9): which keys the client
 * already has, and how it would use them. Binders are checked where the keys are.
 *
 *     struct {
 *         opaque identity<1..2^16-1>;
 *         uint32 obfuscated_ticket_age;
 *     } PskIdentity;
 *     opaque PskBinderEntry<32..255>;
 *     PskIdentity identities<7..2^16-1>;          ClientHello: both lists
 *     PskBinderEntry binders<33..2^16-1>;
 *     uint16 selected_identity;                   ServerHello
 *
 *     PskKeyExchangeMode ke_modes<1..255>;
 */
#include "wire/extension.h"

enum { IDENTITIES_MIN = 7, BINDERS_MIN = 33, BINDER_MIN = 32 };

static hf_psk_identity read_identity(hf_reader *r)
{
    hf_psk_identity psk;

    psk.identity = hf_rd_vec16(r, 1, HF_VEC16_MAX, "identity");
    psk.obfuscated_ticket_age = hf_rd_u32(r, "obfuscated_ticket_age");
    return psk;
}

static void read_identities(hf_reader *r, hf_extensions *ext)
{
    hf_reader list = hf_rd_sub16(r, IDENTITIES_MIN, HF_VEC16_MAX, "identities");

    ext->psk_identities = hf_ext_content(&list);
    while (hf_rd_left(&list) > 0)
        read_identity(&list);
    hf_rd_end(&list);
}

static void read_binders(hf_reader *r, hf_extensions *ext)
{
    ext->psk_binders_offset = r->origin + (size_t)(r->p - r->base);
    hf_reader list = hf_rd_sub16(r, BINDERS_MIN, HF_VEC16_MAX, "binders");
    ext->psk_binders = hf_ext_content(&list);
    while (hf_rd_left(&list) > 0)
        hf_rd_vec8(&list, BINDER_MIN, HF_VEC8_MAX, "PskBinderEntry");
    hf_rd_end(&list);
}

void hf_ext_pre_shared_key_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    if (message == IN_CH) {
        read_identities(r, ext);
        read_binders(r, ext);
    } else {
        ext->selected_identity = hf_rd_u16(r, "selected_identity");
    }
}

void hf_ext_pre_shared_key_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    if (message == IN_CH) {
        hf_wr_vec16(b, ext->psk_identities);
        hf_wr_vec16(b, ext->psk_binders);
    } else {
        hf_wr_u16(b, ext->selected_identity);
    }
}

bool hf_psk_identity_next(hf_span *rest, hf_psk_identity *psk)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(*rest, "identities", 0, &fault, NULL);

    if (rest->len == 0)
        return false;
    *psk = read_identity(&r);
    *rest = hf_ext_content(&r);
    return hf_rd_ok(&r);
}

void hf_ext_psk_key_exchange_modes_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)message;
    ext->psk_modes = hf_rd_vec8(r, 1, HF_VEC8_MAX, "ke_modes");
}

void hf_ext_psk_key_exchange_modes_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)message;
    hf_wr_vec8(b, ext->psk_modes);
}
