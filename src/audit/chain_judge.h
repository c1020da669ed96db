/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is to be said of a chain that was seen: its shape, its signatures, the validator's verdict, its staple, its SCTs. */
#ifndef HF_AUDIT_CHAIN_JUDGE_H
#define HF_AUDIT_CHAIN_JUDGE_H

#include "audit/inquiry.h"

/* All of it, once. */
void hf_chain_judge(hf_seen *seen, hf_seen_chain *chain, const hf_audit_setup *setup);

/* ---- its parts ---- */

/* chain_shape.c: who issued whom, of what was sent. */
enum { HF_SHAPE_NOBODY = HF_CHAIN_MAX };
typedef struct hf_chain_shape {
    hf_cert cert[HF_CHAIN_MAX];
    bool readable[HF_CHAIN_MAX], reached[HF_CHAIN_MAX]; /* reached: from the leaf, by issuers */
    size_t top;                                         /* the last certificate on the way up */
    bool anchored;     /* somebody on the way is trusted, or issued by somebody who is */
    bool ends_in_root; /* somebody on the way is self-signed */
} hf_chain_shape;
void hf_chain_shape_of(hf_chain_shape *shape, const hf_seen_chain *chain, const hf_trust *trust);
/* The one that issued the leaf: of the chain, or of the trust store; NULL: unknown. */
const hf_cert *hf_chain_leaf_issuer(const hf_chain_shape *shape, const hf_seen_chain *chain,
                                    const hf_trust *trust);
/* missing_intermediate, missing_issuer, out_of_order, has_root, has_strangers. */
void hf_chain_tell_shape(hf_seen_chain *chain, const hf_chain_shape *shape);
/* chain_marks.c: weakest_bits and whose, weakest_hash, sha1_signature, md5_signature. */
void hf_chain_tell_marks(hf_seen_chain *chain, const hf_chain_shape *shape);
/* chain_faults.c: verdict, detail, why, path_len, faults, settled, status_good, name_matches. */
void hf_chain_tell_faults(hf_seen_chain *chain, const hf_chain_shape *shape,
                          const hf_audit_setup *setup);
/* staple.c: staple_good and what belongs to it. */
void hf_chain_tell_staple(hf_seen_chain *chain, const hf_chain_shape *shape,
                          const hf_audit_setup *setup);
/* scts.c: how many SCTs a certificate holds, and an OCSP response (RFC 6962 3.3). */
size_t hf_scts_of_certificate(hf_span der);
size_t hf_scts_of_staple(hf_span response);

#endif
