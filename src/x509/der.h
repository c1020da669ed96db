/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * DER on hf_reader: tags, definite and minimal lengths, and the primitive types that certificates
 * use. Strict: what X.690 11 forbids is a fault (HF_E_CERT_DER, or the reader's own code), BER is not
 * understood. Like the reader, every function is harmless after a fault. What the values mean is
 * decided elsewhere.
 *
 *     hf_reader validity = hf_der_open(&tbs, HF_DER_SEQUENCE, "validity");
 *     cert->not_before = hf_der_time(&validity, "notBefore");
 *     cert->not_after = hf_der_time(&validity, "notAfter");
 *     hf_rd_end(&validity);
 */
#ifndef HF_X509_DER_H
#define HF_X509_DER_H

#include "base/reader.h"

enum { HF_DER_LENGTH_MAX = 0xffffff };

enum {
    HF_DER_BOOLEAN = 0x01,
    HF_DER_INTEGER = 0x02,
    HF_DER_BIT_STRING = 0x03,
    HF_DER_OCTET_STRING = 0x04,
    HF_DER_NULL = 0x05,
    HF_DER_OID = 0x06,
    HF_DER_UTF8_STRING = 0x0c,
    HF_DER_NUMERIC_STRING = 0x12,
    HF_DER_PRINTABLE_STRING = 0x13,
    HF_DER_T61_STRING = 0x14,
    HF_DER_IA5_STRING = 0x16,
    HF_DER_UTC_TIME = 0x17,
    HF_DER_GENERALIZED_TIME = 0x18,
    HF_DER_VISIBLE_STRING = 0x1a,
    HF_DER_SEQUENCE = 0x30,
    HF_DER_SET = 0x31
};
/* [n], primitive (IMPLICIT of a primitive type) and constructed (EXPLICIT, or IMPLICIT SEQUENCE). */
#define HF_DER_CONTEXT(n)      ((uint8_t)(0x80 | (n)))
#define HF_DER_CONTEXT_CONS(n) ((uint8_t)(0xa0 | (n)))

/* The next tag; 0 (which is no tag of DER) at the end or after a fault. */
uint8_t hf_der_peek(const hf_reader *r);
/* The content of the next value, which must have that tag. */
hf_span hf_der_read(hf_reader *r, uint8_t tag, const char *field);
/* The content of the next value, whatever it is. */
hf_span hf_der_any(hf_reader *r, uint8_t *tag, const char *field);
/* The next value with its tag and length. */
hf_span hf_der_whole(hf_reader *r, uint8_t tag, const char *field);
/* A reader over the content; the caller ends it. open_whole also gives the value with tag and length. */
hf_reader hf_der_open(hf_reader *r, uint8_t tag, const char *field);
hf_reader hf_der_open_whole(hf_reader *r, uint8_t tag, hf_span *whole, const char *field);

bool hf_der_boolean(hf_reader *r, const char *field); /* 00 or FF */
void hf_der_null(hf_reader *r, const char *field);
/* Two's complement, minimal, at least one octet. */
hf_span hf_der_integer(hf_reader *r, const char *field);
/* Not negative; without the zero octet that only says so. 0 is one zero octet. */
hf_span hf_der_unsigned(hf_reader *r, const char *field);
/* 0 to max. */
uint32_t hf_der_small(hf_reader *r, uint32_t max, const char *field);
/* BIT STRING of whole octets, as under `tag` (a context tag or HF_DER_BIT_STRING). */
hf_span hf_der_bits(hf_reader *r, uint8_t tag, const char *field);
/* Named bits, bit 0 as 1u << 0; more than 16 are a fault. Trailing zero bits are tolerated. */
uint16_t hf_der_flags(hf_reader *r, const char *field);
/* The same under a context tag. */
uint16_t hf_der_flags_of(hf_reader *r, uint8_t tag, const char *field);
hf_span hf_der_oid(hf_reader *r, const char *field);
/* UTCTime or GeneralizedTime in the forms of RFC 5280 4.1.2.5: seconds, and Z. Which of the two belongs to which year is not
   judged. Since 1970. */
int64_t hf_der_time(hf_reader *r, const char *field);

#endif
