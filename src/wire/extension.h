/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Private to the wire floor: what the extension table (extensions.c) asks of each extension's file.
 * The table reads type and length, refuses duplicates and misplaced ones, and ends the reader: a
 * _read sees the extension_data alone and need not look for trailing bytes. `message` is one bit of
 * IN_…, for extensions whose content depends on where they stand.
 */
#ifndef HF_WIRE_EXTENSION_H
#define HF_WIRE_EXTENSION_H

#include "wire/wire.h"

typedef void hf_ext_read(hf_reader *r, unsigned message, hf_extensions *ext);
typedef void hf_ext_write(hf_builder *b, unsigned message, const hf_extensions *ext);

/* hf_ext_server_name_read, hf_ext_server_name_write, and so on down the table. */
#define HF_EXTENSION(name, type, messages)                                                         \
    hf_ext_read hf_ext_##name##_read;                                                              \
    hf_ext_write hf_ext_##name##_write;
#include "registry/extensions.def"
#undef HF_EXTENSION

/* Longest content of a vector whose length takes one or two bytes. */
enum { HF_VEC8_MAX = 0xff, HF_VEC16_MAX = 0xffff, HF_VEC24_MAX = 0xffffff };

/* What an extension shares with a message of TLS 1.2. CertificateStatus: the response in it. */
hf_span hf_ocsp_status_read(hf_reader *r);
void hf_ocsp_status_write(hf_builder *b, hf_span ocsp_response);
/* A list of DistinguishedName, of at least `min` bytes: its content. */
hf_span hf_authorities_read(hf_reader *r, size_t min, const char *field);

/* What is left, without reading it: the content of a list that is about to be walked. */
static inline hf_span hf_ext_content(const hf_reader *r)
{
    return hf_span_of(r->p, hf_rd_left(r));
}

#endif
