/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Object identifiers: those of oids.def as an enum, their octets and their names. What an identifier
 * means is decided where it is read.
 */
#ifndef HF_X509_OID_H
#define HF_X509_OID_H

#include "base/bytes.h"

typedef enum hf_oid {
    HF_OID_UNKNOWN,
#define HF_OID(id, octets, name) HF_OID_##id,
#include "x509/oids.def"
#undef HF_OID
    HF_OID_COUNT
} hf_oid;

/* By the content octets of an OBJECT IDENTIFIER. */
hf_oid hf_oid_of(hf_span octets);
hf_span hf_oid_octets(hf_oid id);
/* Minimal sub-identifiers, the last one complete (X.690 8.19.2). */
bool hf_oid_well_formed(hf_span octets);
/* The name if it is in the table, else "1.2.840.10045"; always NUL-terminated. */
void hf_oid_text(hf_span octets, char *out, size_t room);

#endif
