/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The record layer of TLS 1.3 (RFC 9846 5) and TLS 1.2 (RFC 5246 6.2, AEAD suites only): headers,
 * protection, limits. It knows one record at a time; buffers, fragmentation of streams and what a
 * content type means are the connection's. Which protection it is stands in the keys.
 */
#ifndef HF_RECORD_H
#define HF_RECORD_H

#include "keys/keys.h"

enum {
    HF_RECORD_HEADER = 5,
    HF_PLAINTEXT_MAX = 16384,                      /* RFC 9846 5.1 */
    HF_CIPHERTEXT_MAX = HF_PLAINTEXT_MAX + 256,    /* RFC 9846 5.2 */
    HF_CIPHERTEXT12_MAX = HF_PLAINTEXT_MAX + 2048, /* RFC 5246 6.2.3 */
    HF_RECORD_MAX = HF_RECORD_HEADER + HF_CIPHERTEXT12_MAX,
    HF_EXPLICIT_NONCE = 8, /* RFC 5288 3, RFC 6655 3 */
    HF_RECORD_OVERHEAD = HF_RECORD_HEADER + HF_EXPLICIT_NONCE + HF_AEAD_TAG
};

typedef struct hf_record_header {
    uint8_t type;
    uint16_t version, length;
} hf_record_header;

/* Judges the five bytes before the body has arrived. `keys_version` is that of the reading keys, 0: none are installed. With
   those of TLS 1.3 only application_data may be long, with those of TLS 1.2 every type. */
hf_error hf_record_header_read(hf_record_header *h, const uint8_t bytes[HF_RECORD_HEADER],
                               uint16_t keys_version);
/* Writes the header of an unprotected record. */
void hf_record_header_write(uint8_t out[HF_RECORD_HEADER], uint8_t type, uint16_t version,
                            size_t length);

/* Opens a protected record in place. limit: the longest TLSInnerPlaintext (TLS 1.2: TLSPlaintext.fragment) that we announced,
   16385 (16384), or less by RFC 8449. */
hf_error hf_record_open(hf_aead *aead, hf_traffic *keys, uint8_t *record, size_t len, size_t limit,
                        uint8_t *type, hf_span *content);
/* Seals content and `padding` zero bytes (TLS 1.3; else 0) into out: at most the total plus HF_RECORD_OVERHEAD bytes. A single
   part may lie at out + HF_RECORD_HEADER already. */
hf_error hf_record_seal(hf_aead *aead, hf_traffic *keys, uint8_t type, const hf_span *parts,
                        size_t n_parts, size_t padding, uint8_t *out, size_t *out_len);

#endif
