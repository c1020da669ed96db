/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The extensions of a certificate in words, those that nothing here understands by their identifier. */
#ifndef HF_TOOL_CERT_WORDS_H
#define HF_TOOL_CERT_WORDS_H

#include "x509/x509.h"

typedef struct hf_extension_words {
    char oid[96];  /* dotted */
    char name[96]; /* as people know it; the same as oid if nobody does */
    bool critical;
    char words[2048];
} hf_extension_words;

/* *rest starts as hf_cert_extensions_of(cert). False past the last one. */
hf_span hf_cert_extensions_of(const hf_cert *cert);
bool hf_cert_words_next(hf_span *rest, hf_extension_words *out);

/* 1.2.840.10045, whatever its name. */
void hf_oid_dotted(hf_span octets, char *out, size_t room);

#endif
