/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * TLS 1.3 after ServerHello (RFC 9846 figure 1), and what may follow the handshake. Order and conditions of the rows are what is
 * demanded of the order of messages: RFC 9846 4#1, 4.3.11.3#1, 4.4.1#1, 4.4.2#1 #6 #7, 4.5.1#1 #2 #4, 4.5.2#1 #2 #3, 4.5.3#3,
 * 4.6#1 #2, E.4#1, F.1#1; that a row is missing, of what must not come: RFC 9846 4.2.2#3, 4.6#3 #4, 4.7.3#1; and the keys of
 * KeyUpdate's rows: RFC 9846 4.7.3#2 #3 #7 #8.
 */
#include "handshake/script.h"

enum { C = HF_CLIENT, S = HF_SERVER };

/* clang-format off */
const hf_row hf_script13[] = {
    /* message                    by when                 unless                         optional             proves        keys          source             ph 6  9  go */
    { HF_MSG_ChangeCipherSpec,    S, HF_F_COMPAT,         HF_F_RETRY,                    0,                   0,            0,            "RFC 9846 E.4",    1, 2, 0, 0 },
    { HF_ROW_KEYS,                S, 0,                   0,                             0,                   0,            HF_HANDSHAKE, "RFC 9846 7.3",    1, 4, 6, 0 },
    { HF_ROW_KEYS,                C, 0,                   HF_F_EARLY_OFFERED,            0,                   0,            HF_HANDSHAKE, "RFC 9846 7.3",    1, 4, 6, 0 },
    { HF_MSG_EncryptedExtensions, S, 0,                   0,                             0,                   0,            0,            "RFC 9846 4.4.1",  2, 2, 2, 0 },
    { HF_ROW_KEYS,                C, HF_F_EARLY_OFFERED,  HF_F_EARLY_ACCEPTED,           0,                   0,            HF_HANDSHAKE, "RFC 9846 4.3.10", 1, 4, 6, 0 },
    { HF_MSG_CertificateRequest,  S, 0,                   HF_F_PSK,                      HF_F_CERT_REQUESTED, 0,            0,            "RFC 9846 4.4.2",  2, 3, 3, 0 },
    { HF_MSG_Certificate,         S, 0,                   HF_F_PSK,                      0,                   HF_CHAIN,     0,            "RFC 9846 4.5.1",  2, 3, 3, 0 },
    { HF_MSG_CertificateVerify,   S, 0,                   HF_F_PSK,                      0,                   HF_SIGNATURE, 0,            "RFC 9846 4.5.2",  2, 3, 3, 0 },
    { HF_MSG_Finished,            S, 0,                   0,                             0,                   HF_FINISHED,  HF_APP,       "RFC 9846 4.5.3",  4, 5, 8, 0 },
    { HF_MSG_ChangeCipherSpec,    C, HF_F_COMPAT,         HF_F_RETRY|HF_F_EARLY_OFFERED, 0,                   0,            0,            "RFC 9846 E.4",    3, 2, 0, 0 },
    { HF_MSG_EndOfEarlyData,      C, HF_F_EARLY_ACCEPTED, 0,                             0,                   0,            HF_HANDSHAKE, "RFC 9846 4.6",    3, 4, 6, 0 },
    { HF_MSG_Certificate,         C, HF_F_CERT_REQUESTED, 0,                             0,                   HF_CHAIN,     0,            "RFC 9846 4.5.1",  3, 3, 3, 0 },
    { HF_MSG_CertificateVerify,   C, HF_F_CLIENT_CERT,    0,                             0,                   HF_SIGNATURE, 0,            "RFC 9846 4.5.2",  3, 3, 3, 0 },
    { HF_MSG_Finished,            C, 0,                   0,                             0,                   HF_FINISHED,  HF_APP,       "RFC 9846 4.5.3",  4, 5, 7, 0 },
    { HF_ROW_END,                 0, 0,                   0,                             0,                   0,            0,            "",                0, 0, 0, 0 },
};
/* clang-format on */

/* After the handshake each direction is a table of its own that starts again at its end. A request for a certificate goes with
   post_handshake_auth alone (RFC 9846 4.3.6#1, 4.7.2#5). */
/* clang-format off */
const hf_row hf_post13_server[] = {
    /* message                   by when              unless optional            proves keys     source            ph 6  9  go */
    { HF_MSG_NewSessionTicket,   S, 0,                0,     HF_F_TICKET,        0,     0,       "RFC 9846 4.7.1", 0, 6, 9, 0 },
    { HF_MSG_CertificateRequest, S, HF_F_PHA_OFFERED, 0,     HF_F_ASKED,         0,     0,       "RFC 9846 4.7.2", 0, 6, 9, 0 },
    { HF_MSG_KeyUpdate,          S, 0,                0,     HF_F_SERVER_UPDATE, 0,     HF_NEXT, "RFC 9846 4.7.3", 0, 6, 9, 0 },
    { HF_ROW_END,                0, 0,                0,     0,                  0,     0,       "",               0, 0, 0, 0 },
};
/* clang-format on */

/* clang-format off */
const hf_row hf_post13_client[] = {
    /* message                  by when              unless optional            proves        keys     source            ph 6  9  go */
    { HF_MSG_KeyUpdate,         C, 0,                0,     HF_F_CLIENT_UPDATE, 0,            HF_NEXT, "RFC 9846 4.7.3", 0, 6, 9, 0 },
    { HF_MSG_Certificate,       C, HF_F_ASKED,       0,     HF_F_ANSWER,        HF_CHAIN,     0,       "RFC 9846 4.7.2", 0, 6, 9, 0 },
    { HF_MSG_CertificateVerify, C, HF_F_CLIENT_CERT, 0,     0,                  HF_SIGNATURE, 0,       "RFC 9846 4.7.2", 0, 6, 9, 0 },
    { HF_MSG_Finished,          C, HF_F_ANSWER,      0,     0,                  HF_FINISHED,  0,       "RFC 9846 4.7.2", 0, 6, 9, 0 },
    { HF_ROW_END,               0, 0,                0,     0,                  0,            0,       "",               0, 0, 0, 0 },
};
/* clang-format on */
