/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Writing DER on hf_builder: der.h's mirror. A value is opened and closed; its length, whose size
 * depends on itself, is put before the content when that is known:
 *
 *     size_t validity = hf_dw_open(&b, HF_DER_SEQUENCE);
 *     hf_dw_time(&b, not_before);
 *     hf_dw_time(&b, not_after);
 *     hf_dw_close(&b, validity);
 */
#ifndef HF_X509_DER_WRITE_H
#define HF_X509_DER_WRITE_H

#include "base/builder.h"
#include "x509/der.h"
#include "x509/oid.h"

/* Returns the mark that closes the value. Closed in reverse order, like any bracket. */
size_t hf_dw_open(hf_builder *b, uint8_t tag);
void hf_dw_close(hf_builder *b, size_t mark);
/* Tag, length and content at once. */
void hf_dw_value(hf_builder *b, uint8_t tag, hf_span content);

void hf_dw_true(hf_builder *b);
void hf_dw_small(hf_builder *b, uint8_t v); /* INTEGER, at most 127 */
void hf_dw_oid(hf_builder *b, hf_oid id);
void hf_dw_bits(hf_builder *b, hf_span octets); /* BIT STRING of whole octets */
void hf_dw_flags(hf_builder *b,
                 uint8_t flags); /* named bits, bit 0 as 1u << 0; at least one is set */
/* UTCTime up to 2049, then GeneralizedTime (RFC 5280 4.1.2.5). */
void hf_dw_time(hf_builder *b, int64_t t);

#endif
