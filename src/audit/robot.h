/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The five encryption blocks of the ROBOT question, and what their answers say; asked in robot.c. */
#ifndef HF_AUDIT_ROBOT_H
#define HF_AUDIT_ROBOT_H

#include "audit/weak.h"
#include "crypto/rsa_premaster.h"

typedef enum hf_robot_form {
    HF_ROBOT_GOOD,          /* 00 02, padding, 00, the version that was offered, 46 bytes */
    HF_ROBOT_FIRST_BYTES,   /* it does not begin with 00 02 */
    HF_ROBOT_ZERO_LATE,     /* the 00 stands where the secret is one byte long */
    HF_ROBOT_NO_ZERO,       /* there is no 00 */
    HF_ROBOT_WRONG_VERSION, /* the secret begins with another version */
    HF_ROBOT_FORMS
} hf_robot_form;

enum { HF_ROBOT_MODULUS_MIN = 64, HF_ROBOT_MODULUS_MAX = HF_SIGNATURE_MAX };

/* len is the modulus' length, within those bounds. No secret is in there: everybody may know it. */
void hf_robot_block(hf_robot_form form, uint16_t version, uint8_t *block, size_t len);
/* That block under the leaf's key. 0: it is not an RSA key, or not of a length as above. */
size_t hf_robot_ciphertext(hf_robot_form form, uint16_t version, hf_span leaf,
                           uint8_t out[HF_SIGNATURE_MAX]);

/* The client's messages: Certificate with none in it, if one is asked for; ClientKeyExchange; and ChangeCipherSpec with a Finished that
   cannot be right. Not for SSL 3.0. */
void hf_robot_write(hf_builder *b, uint16_t version, hf_span ciphertext, bool certificate,
                    bool finished);

typedef enum hf_robot_verdict {
    HF_ROBOT_NONE, /* all answers are alike */
    HF_ROBOT_WEAK, /* only a block that is good in every way is told from the others */
    HF_ROBOT_STRONG /* blocks that begin with 00 02 are told from others: Bleichenbacher's oracle itself */
} hf_robot_verdict;

/* The trait's number is the verdict's. What five answers mean; answers that are alike are the same number. */
hf_robot_verdict hf_robot_judge(const uint32_t answers[HF_ROBOT_FORMS]);

#endif
