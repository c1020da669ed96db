/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ClientHello (RFC 9846 4.2.2): what the client speaks. What the server makes of it is the
 * handshake's; the extensions are in ext_….c.
 *
 *     struct {
 *         ProtocolVersion legacy_version = 0x0303;    TLS v1.2
 *         Random random;
 *         opaque legacy_session_id<0..32>;
 *         CipherSuite cipher_suites<2..2^16-2>;
 *         opaque legacy_compression_methods<1..2^8-1>;
 *         Extension extensions<7..2^16-1>;
 *     } ClientHello;
 */
#include "wire/extension.h"

void hf_client_hello_read(hf_reader *r, const hf_wire *w, hf_client_hello *hello)
{
    (void)w;
    *hello = (hf_client_hello){ 0 };
    hello->legacy_version = hf_rd_u16(r, "legacy_version");
    hf_rd_copy(r, hello->random, HF_RANDOM, "random");
    hello->legacy_session_id = hf_rd_vec8(r, 0, 32, "legacy_session_id");
    hello->cipher_suites = hf_rd_list16(r, 2, HF_VEC16_MAX - 1, "cipher_suites");
    hello->legacy_compression_methods = hf_rd_vec8(r, 1, HF_VEC8_MAX, "legacy_compression_methods");
    /* RFC 9846 4.2.2#16 #17: clients of older versions may leave the block out. */
    hello->has_extensions = hf_rd_left(r) > 0;
    if (hello->has_extensions)
        hf_extensions_read(r, IN_CH, &hello->ext);
    hf_rd_end(r);
}

void hf_client_hello_write(hf_builder *b, const hf_wire *w, const hf_client_hello *hello)
{
    (void)w;
    hf_wr_u16(b, hello->legacy_version);
    hf_wr_bytes(b, hf_span_of(hello->random, HF_RANDOM));
    hf_wr_vec8(b, hello->legacy_session_id);
    hf_wr_vec16(b, hello->cipher_suites);
    hf_wr_vec8(b, hello->legacy_compression_methods);
    if (hello->has_extensions)
        hf_extensions_write(b, IN_CH, &hello->ext);
}
