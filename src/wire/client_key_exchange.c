/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ClientKeyExchange: the client's half of the key exchange. Only the suite tells which structure it
 * has.
 *
 *     struct {
 *         opaque ecdh_Yc<1..2^8-1>;                       ECDHE (RFC 8422 5.7)
 *     } ClientKeyExchange;
 *     struct {
 *         opaque encrypted_pre_master_secret<0..2^16-1>;  RSA (RFC 5246 7.4.7.1)
 *     } ClientKeyExchange;
 *     struct {
 *         opaque psk_identity<0..2^16-1>;                 PSK (RFC 4279 2)
 *         opaque ecdh_Yc<1..2^8-1>;                       ECDHE_PSK alone (RFC 5489 2)
 *     } ClientKeyExchange;
 */
#include "wire/extension.h"

/* RFC 5246 7.4.7.1: a ciphertext of the wrong length, an empty one too, must be answered like one
   that does not decrypt, with a random premaster secret. So its frame alone is judged here. */
static hf_span read_encrypted(hf_reader *r)
{
    return hf_rd_vec16(r, 0, HF_VEC16_MAX, "encrypted_pre_master_secret");
}

void hf_client_key_exchange_read(hf_reader *r, const hf_wire *w, hf_client_key_exchange *cke)
{
    *cke = (hf_client_key_exchange){ 0 };
    if (hf_kx_is_psk(w->kx))
        cke->psk_identity = hf_rd_vec16(r, 0, HF_VEC16_MAX, "psk_identity");
    if (w->kx == HF_KX_RSA)
        cke->exchange = read_encrypted(r);
    else if (w->kx != HF_KX_PSK)
        cke->exchange = hf_rd_vec8(r, 1, HF_VEC8_MAX, "ecdh_Yc");
    hf_rd_end(r);
}

void hf_client_key_exchange_write(hf_builder *b, const hf_wire *w,
                                  const hf_client_key_exchange *cke)
{
    if (hf_kx_is_psk(w->kx))
        hf_wr_vec16(b, cke->psk_identity);
    if (w->kx != HF_KX_PSK)
        (w->kx == HF_KX_RSA ? hf_wr_vec16 : hf_wr_vec8)(b, cke->exchange);
}
