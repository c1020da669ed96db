/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The record layer of TLS 1.3 (RFC 9846 5): headers, protection, limits. It knows one record at a
 * time; buffers, fragmentation of streams and what a content type means are the connection's.
 */
#ifndef HF_RECORD_H
#define HF_RECORD_H

#include "keys/keys.h"

enum {
    HF_RECORD_HEADER = 5,
    HF_PLAINTEXT_MAX = 16384,                   /* RFC 9846 5.1 */
    HF_CIPHERTEXT_MAX = HF_PLAINTEXT_MAX + 256, /* RFC 9846 5.2 */
    HF_RECORD_MAX = HF_RECORD_HEADER + HF_CIPHERTEXT_MAX,
    HF_RECORD_OVERHEAD = HF_RECORD_HEADER + 1 + HF_AEAD_TAG
};

typedef struct hf_record_header {
    uint8_t type;
    uint16_t version, length;
} hf_record_header;

/* Judges the five bytes before the body has arrived. is_protected: reading keys are installed, so only
   application_data (and what the connection lets through in the clear) may be long. */
hf_error hf_record_header_read(hf_record_header *h, const uint8_t bytes[HF_RECORD_HEADER],
                               bool is_protected);
/* Writes the header of an unprotected record. */
void hf_record_header_write(uint8_t out[HF_RECORD_HEADER], uint8_t type, uint16_t version,
                            size_t length);

/* Opens a protected record in place. limit: the longest TLSInnerPlaintext that we announced (16385, or less by RFC 8449). */
hf_error hf_record_open(hf_aead *aead, hf_traffic *keys, uint8_t *record, size_t len, size_t limit,
                        uint8_t *type, hf_span *content);
/* Seals content and `padding` zero bytes into out: the total plus HF_RECORD_OVERHEAD bytes. A single part may lie at out +
   HF_RECORD_HEADER already. */
hf_error hf_record_seal(hf_aead *aead, hf_traffic *keys, uint8_t type, const hf_span *parts,
                        size_t n_parts, size_t padding, uint8_t *out, size_t *out_len);

#endif
