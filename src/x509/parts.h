/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The parts of a certificate that have a reader of their own, each in the file of its name. They
 * share the reader's rule: after a fault they are harmless and what they return is empty.
 */
#ifndef HF_X509_PARTS_H
#define HF_X509_PARTS_H

#include "x509/der.h"
#include "x509/x509.h"

/* algorithm.c. An algorithm that is well-formed but not supported has the kind HF_SIG_NONE.
   *whole: the AlgorithmIdentifier with its tag and length. */
hf_sig_algorithm hf_sig_algorithm_read(hf_reader *r, hf_span *whole, const char *field);
/* The hash of an id-RSASSA-PSS AlgorithmIdentifier's parameters, which are optional in keys. False: well-formed,
   but not one hash for everything with a salt of its length. */
bool hf_pss_parameters_read(hf_reader *algorithm, bool in_key, hf_hash_id *hash);
/* What a certificate is signed with, by its number, of one that need not be good otherwise: content octets, empty if even that cannot be
   read. *behind: what stands behind it, its parameters; may be NULL. */
hf_span hf_cert_signed_by(hf_span der, hf_span *behind);

/* spki.c. HF_KEY_NONE: not supported. */
hf_public_key hf_spki_read(hf_reader *r, hf_span *whole, const char *field);
/* The content of subjectPublicKey, from which key identifiers are made. */
hf_span hf_spki_key_bits(hf_span spki);
/* Bits of an RSA modulus. */
unsigned hf_rsa_bits(const hf_public_key *key);

/* name.c. A Name with its tag and length, its shape checked. */
hf_span hf_name_read(hf_reader *r, const char *field);
/* The attributes of one RelativeDistinguishedName, up to the reader's end. */
void hf_rdn_check(hf_reader *rdn);

/* extensions.c. */
void hf_cert_extensions_read(hf_reader *r, hf_cert *cert);

/* extensions_places.c. The values of two of them. */
void hf_aia_read(hf_reader *value, hf_cert *cert);
void hf_crl_points_read(hf_reader *value, hf_cert *cert);

/* san.c. One GeneralName, whose shape is checked; and GeneralNames' content, up to the reader's end: their number, too. */
void hf_general_name_check(hf_reader *r, const char *field);
void hf_san_check(hf_reader *value, const char *field);

#endif
