/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One name against the base of one subtree, kind by kind (RFC 5280 4.2.1.10). Which names and which
 * subtrees meet is decided in constraints.c.
 */
#ifndef HF_X509_CONSTRAINTS_KINDS_H
#define HF_X509_CONSTRAINTS_KINDS_H

#include "x509/der.h"

/* The kinds of GeneralName that constraints are understood for, by their tags. */
enum {
    HF_GN_EMAIL = HF_DER_CONTEXT(1),
    HF_GN_DNS = HF_DER_CONTEXT(2),
    HF_GN_DIRECTORY = HF_DER_CONTEXT_CONS(4),
    HF_GN_URI = HF_DER_CONTEXT(6),
    HF_GN_IP = HF_DER_CONTEXT(7)
};

/* A name of a certificate, taken apart once. */
typedef struct hf_bound_name {
    uint8_t tag;
    hf_span value;
    bool good;           /* of a kind that is understood, and well-formed */
    bool wildcard;       /* a DNS name: stands for any one label before host */
    hf_span local, host; /* of a mail address; host also of a DNS name or URI */
} hf_bound_name;

bool hf_constraint_understood(uint8_t tag);
hf_bound_name hf_bound_name_of(uint8_t tag, hf_span value);
/* A base of a kind that is understood: may it stand there? */
bool hf_constraint_base_good(uint8_t tag, hf_span base, bool strict);
/* Of a good name and a good base of the same kind: is all that the name stands for in the subtree, is any of it? */
bool hf_name_within(const hf_bound_name *name, hf_span base);
bool hf_name_touches(const hf_bound_name *name, hf_span base);

/* constraints_directory.c. A Name with its tag and length, with at most 8 attributes in an RDN. */
bool hf_directory_name_good(hf_span value);
/* `unsure`: the answer where two values of one attribute cannot be compared safely. */
bool hf_directory_within(hf_span name, hf_span base, bool unsure);

/* For people: "DNS name www.example.org", "address 192.0.2.0/24"; always NUL-terminated. */
void hf_general_name_text(uint8_t tag, hf_span value, char *out, size_t room);

#endif
