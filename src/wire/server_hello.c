/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ServerHello and HelloRetryRequest (RFC 9846 4.2.3, 4.2.4): one structure, told apart by a random
 * that is no random. Whether the answer fits what was offered is the handshake's question.
 *
 *     struct {
 *         ProtocolVersion legacy_version = 0x0303;    TLS v1.2
 *         Random random;
 *         opaque legacy_session_id_echo<0..32>;
 *         CipherSuite cipher_suite;
 *         uint8 legacy_compression_method = 0;
 *         Extension extensions<6..2^16-1>;
 *     } ServerHello;
 */
#include "wire/extension.h"

/* RFC 9846 4.2.3: SHA-256 of "HelloRetryRequest". */
const uint8_t hf_retry_random[HF_RANDOM] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static bool is_retry_random(const uint8_t *random)
{
    return memcmp(random, hf_retry_random, HF_RANDOM) == 0;
}

bool hf_is_retry(hf_span body)
{
    return body.len >= 2 + HF_RANDOM && is_retry_random(body.data + 2);
}

/* A look ahead that leaves the reader, its fault and its sink alone. (RFC 9846 4.3.1#13) */
static bool holds_supported_versions(const hf_reader *r)
{
    hf_fault fault = { 0 };
    hf_reader ahead = hf_rd_start(hf_ext_content(r), "extensions", 0, &fault, NULL);
    bool found = false;

    hf_rd_u16(&ahead, "length");
    while (hf_rd_left(&ahead) > 0 && !found) {
        found = hf_rd_u16(&ahead, "extension_type") == hf_extension_type(HF_EXT_supported_versions);
        hf_rd_vec16(&ahead, 0, HF_VEC16_MAX, "extension_data");
    }
    return found;
}

static unsigned kind(const hf_server_hello *hello, bool has_versions)
{
    if (is_retry_random(hello->random))
        return IN_HRR;
    return has_versions ? IN_SH : IN_SH12;
}

void hf_server_hello_read(hf_reader *r, const hf_wire *w, hf_server_hello *hello)
{
    (void)w;
    *hello = (hf_server_hello){ 0 };
    hello->legacy_version = hf_rd_u16(r, "legacy_version");
    hf_rd_copy(r, hello->random, HF_RANDOM, "random");
    hello->legacy_session_id_echo = hf_rd_vec8(r, 0, 32, "legacy_session_id_echo");
    hello->cipher_suite = hf_rd_u16(r, "cipher_suite");
    hello->legacy_compression_method = hf_rd_u8(r, "legacy_compression_method");
    unsigned message = kind(hello, holds_supported_versions(r));
    /* RFC 5246 7.4.1.3: a server of TLS 1.2 may leave the block out. */
    hello->has_extensions = hf_rd_left(r) > 0 || message == IN_HRR;
    if (hello->has_extensions)
        hf_extensions_read(r, message, &hello->ext);
    hf_rd_end(r);
}

void hf_server_hello_write(hf_builder *b, const hf_wire *w, const hf_server_hello *hello)
{
    (void)w;
    hf_wr_u16(b, hello->legacy_version);
    hf_wr_bytes(b, hf_span_of(hello->random, HF_RANDOM));
    hf_wr_vec8(b, hello->legacy_session_id_echo);
    hf_wr_u16(b, hello->cipher_suite);
    hf_wr_u8(b, hello->legacy_compression_method);
    if (hello->has_extensions)
        hf_extensions_write(b, kind(hello, hello->ext.present & HF_EXT_BIT(supported_versions)),
                            &hello->ext);
}
