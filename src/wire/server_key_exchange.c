/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ServerKeyExchange: the server's point of an ECDHE key exchange, signed with the key of its
 * certificate (RFC 8422 5.4); with a pre-shared key unsigned, after a hint which key is meant
 * (RFC 5489 2), or that hint alone (RFC 4279 2). What follows curve_type is read as for named_curve;
 * which type and curve are acceptable is the handshake's to say.
 *
 *     struct {
 *         ECCurveType curve_type;                     named_curve(3)
 *         NamedCurve named_curve;
 *     } ECParameters;
 *     struct {
 *         opaque point<1..2^8-1>;
 *     } ECPoint;
 *     struct {
 *         ECParameters curve_params;
 *         ECPoint public;
 *     } ServerECDHParams;
 *     struct {
 *         ServerECDHParams params;
 *         SignatureAndHashAlgorithm algorithm;        RFC 5246 4.7
 *         opaque signature<0..2^16-1>;
 *     } ServerKeyExchange;
 *     struct {
 *         opaque psk_identity_hint<0..2^16-1>;
 *         ServerECDHParams params;                    ECDHE_PSK alone
 *     } ServerKeyExchange;
 */
#include "wire/extension.h"

static void read_params(hf_reader *r, hf_server_key_exchange *ske)
{
    const uint8_t *start = r->p;

    ske->curve_type = hf_rd_u8(r, "curve_type");
    ske->named_curve = hf_rd_u16(r, "named_curve");
    ske->point = hf_rd_vec8(r, 1, HF_VEC8_MAX, "point");
    ske->params = hf_span_of(start, hf_rd_ok(r) ? (size_t)(r->p - start) : 0);
}

void hf_server_key_exchange_read(hf_reader *r, const hf_wire *w, hf_server_key_exchange *ske)
{
    *ske = (hf_server_key_exchange){ 0 };
    if (hf_kx_is_psk(w->kx))
        ske->psk_identity_hint = hf_rd_vec16(r, 0, HF_VEC16_MAX, "psk_identity_hint");
    if (w->kx != HF_KX_PSK)
        read_params(r, ske);
    if (!hf_kx_is_psk(w->kx)) {
        ske->algorithm = hf_rd_u16(r, "algorithm");
        ske->signature = hf_rd_vec16(r, 0, HF_VEC16_MAX, "signature");
    }
    hf_rd_end(r);
}

void hf_server_ecdh_params_write(hf_builder *b, const hf_server_key_exchange *ske)
{
    hf_wr_u8(b, ske->curve_type);
    hf_wr_u16(b, ske->named_curve);
    hf_wr_vec8(b, ske->point);
}

void hf_server_key_exchange_write(hf_builder *b, const hf_wire *w,
                                  const hf_server_key_exchange *ske)
{
    if (hf_kx_is_psk(w->kx))
        hf_wr_vec16(b, ske->psk_identity_hint);
    if (w->kx != HF_KX_PSK)
        hf_server_ecdh_params_write(b, ske);
    if (!hf_kx_is_psk(w->kx)) {
        hf_wr_u16(b, ske->algorithm);
        hf_wr_vec16(b, ske->signature);
    }
}
