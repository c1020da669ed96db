/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Certificates and random bytes that are the same in every run: Ed25519 keys from fixed seeds, whose
 * signatures are fixed too, so that a corpus means tomorrow what it means today.
 */
#ifndef TESTS_FUZZ_PKI_H
#define TESTS_FUZZ_PKI_H

#include "support/testpki.h"

/* Each row: name, its subject, the issuer's row (itself: self-signed), the number of its key, CA,
   pathLenConstraint, purpose, days until it expires. */
#define FUZZ_CERTS_TABLE(C)                                                                        \
    C(ROOT, "Fuzz Root", ROOT, 0, true, -1, 0, 30)                                                 \
    C(INTERMEDIATE, "Fuzz Intermediate", ROOT, 1, true, -1, 0, 30)                                 \
    C(LEAF, "localhost", INTERMEDIATE, 2, false, -1, HF_EKU_SERVER_AUTH, 30)                       \
    C(CLIENT, "client", INTERMEDIATE, 3, false, -1, HF_EKU_CLIENT_AUTH, 30)                        \
    C(EXPIRED, "expired", INTERMEDIATE, 4, false, -1, HF_EKU_SERVER_AUTH, -1)                      \
    C(LOOP_A, "Fuzz Loop", LOOP_A, 5, true, -1, 0, 30)                                             \
    C(LOOP_B, "Fuzz Loop", LOOP_A, 6, true, -1, 0, 30)                                             \
    C(LOOP_C, "Fuzz Loop", LOOP_B, 5, true, -1, 0, 30)                                             \
    C(LOOP_LEAF, "loop", LOOP_B, 7, false, -1, HF_EKU_SERVER_AUTH, 30)                             \
    C(SHORT, "Fuzz Short", ROOT, 8, true, 0, 0, 30)                                                \
    C(BELOW_SHORT, "Fuzz Below", SHORT, 9, true, -1, 0, 30)                                        \
    C(BELOW_LEAF, "below", BELOW_SHORT, 10, false, -1, HF_EKU_SERVER_AUTH, 30)                     \
    C(LEAFS_LEAF, "leaf", LEAF, 11, false, -1, HF_EKU_SERVER_AUTH, 30)                             \
    C(OTHER_ROOT, "Fuzz Other Root", OTHER_ROOT, 12, true, -1, 0, 30)                              \
    C(CROSS, "Fuzz Intermediate", OTHER_ROOT, 1, true, -1, 0, 30)

typedef enum fuzz_cert {
#define FUZZ_CERT(row, subject, issuer, key, ca, path_len, eku, days) FUZZ_##row,
    FUZZ_CERTS_TABLE(FUZZ_CERT) FUZZ_CERTS
#undef FUZZ_CERT
} fuzz_cert;

typedef struct fuzz_cert_row {
    const char *subject;
    fuzz_cert issuer;
    unsigned key;
    bool ca;
    int path_len;
    uint8_t eku;
    int days;
} fuzz_cert_row;
extern const fuzz_cert_row fuzz_cert_rows[FUZZ_CERTS];

/* DER that lives as long as the process. Leaves are for localhost, example.test, *.wild.test, 127.0.0.1 and ::1. */
hf_span fuzz_cert_der(fuzz_cert row);
/* The root, the intermediate and the two leaves. */
const test_pki *fuzz_pki(void);

/* A hook for random bytes; user is a uint64_t, its state. */
bool fuzz_draw(void *user, uint8_t *out, size_t len);

#endif
