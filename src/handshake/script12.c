/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* TLS 1.2 after ServerHello: the full handshake (RFC 5246 figure 1), the abbreviated one (figure 2),
   and what may follow. */
#include "handshake/script.h"

enum { C = HF_CLIENT, S = HF_SERVER };

/* clang-format off */
const hf_row hf_script12[] = {
    /* message                   by when                     unless          optional             proves        keys    source            ph 6  9  go */
    { HF_MSG_Certificate,        S, 0,                       HF_F_PSK,       0,                   HF_CHAIN,     0,      "RFC 5246 7.4.2", 2, 3, 3, 0 },
    { HF_MSG_CertificateStatus,  S, HF_F_OCSP_PROMISED,      0,              HF_F_OCSP_SENT,      0,            0,      "RFC 6066 8",     2, 3, 3, 0 },
    { HF_MSG_ServerKeyExchange,  S, HF_F_EPHEMERAL,          HF_F_PSK,       0,                   HF_SIGNATURE, 0,      "RFC 8422 5.4",   2, 4, 3, 0 },
    { HF_MSG_ServerKeyExchange,  S, HF_F_EPHEMERAL|HF_F_PSK, 0,              0,                   0,            0,      "RFC 5489 2",     2, 4, 3, 0 },
    { HF_MSG_ServerKeyExchange,  S, HF_F_PSK,                HF_F_EPHEMERAL, HF_F_PSK_HINT,       0,            0,      "RFC 4279 2",     2, 4, 3, 0 },
    { HF_MSG_CertificateRequest, S, 0,                       HF_F_PSK,       HF_F_CERT_REQUESTED, 0,            0,      "RFC 5246 7.4.4", 2, 3, 3, 0 },
    { HF_MSG_ServerHelloDone,    S, 0,                       0,              0,                   0,            0,      "RFC 5246 7.4.5", 2, 2, 2, 0 },
    { HF_MSG_Certificate,        C, HF_F_CERT_REQUESTED,     0,              0,                   HF_CHAIN,     0,      "RFC 5246 7.4.6", 3, 3, 3, 0 },
    { HF_MSG_ClientKeyExchange,  C, 0,                       0,              0,                   0,            0,      "RFC 5246 7.4.7", 3, 4, 4, 0 },
    { HF_MSG_CertificateVerify,  C, HF_F_CLIENT_CERT,        0,              0,                   HF_SIGNATURE, 0,      "RFC 5246 7.4.8", 3, 3, 3, 0 },
    { HF_MSG_ChangeCipherSpec,   C, 0,                       0,              0,                   0,            HF_APP, "RFC 5246 7.1",   4, 5, 6, 0 },
    { HF_MSG_Finished,           C, 0,                       0,              0,                   HF_FINISHED,  0,      "RFC 5246 7.4.9", 4, 5, 7, 0 },
    { HF_MSG_NewSessionTicket,   S, HF_F_TICKET_PROMISED,    0,              0,                   0,            0,      "RFC 5077 3.3",   4, 5, 0, 0 },
    { HF_MSG_ChangeCipherSpec,   S, 0,                       0,              0,                   0,            HF_APP, "RFC 5246 7.1",   4, 5, 6, 0 },
    { HF_MSG_Finished,           S, 0,                       0,              0,                   HF_FINISHED,  0,      "RFC 5246 7.4.9", 4, 5, 8, 0 },
    { HF_ROW_END,                0, 0,                       0,              0,                   0,            0,      "",               0, 0, 0, 0 },
};
/* clang-format on */

/* clang-format off */
const hf_row hf_resumed12[] = {
    /* message                 by when                  unless optional proves       keys    source            ph 6  9  go */
    { HF_MSG_NewSessionTicket, S, HF_F_TICKET_PROMISED, 0,     0,       0,           0,      "RFC 5077 3.3",   4, 5, 0, 0 },
    { HF_MSG_ChangeCipherSpec, S, 0,                    0,     0,       0,           HF_APP, "RFC 5246 7.1",   4, 5, 6, 0 },
    { HF_MSG_Finished,         S, 0,                    0,     0,       HF_FINISHED, 0,      "RFC 5246 7.4.9", 4, 5, 8, 0 },
    { HF_MSG_ChangeCipherSpec, C, 0,                    0,     0,       0,           HF_APP, "RFC 5246 7.1",   4, 5, 6, 0 },
    { HF_MSG_Finished,         C, 0,                    0,     0,       HF_FINISHED, 0,      "RFC 5246 7.4.9", 4, 5, 7, 0 },
    { HF_ROW_END,              0, 0,                    0,     0,       0,           0,      "",               0, 0, 0, 0 },
};
/* clang-format on */

/* clang-format off */
const hf_row hf_post12_server[] = {
    /* message             by when unless optional          proves keys source              ph 6  9  go */
    { HF_MSG_HelloRequest, S, 0,   0,     HF_F_RENEGOTIATE, 0,     0,   "RFC 5246 7.4.1.1", 0, 6, 9, 0 },
    { HF_ROW_END,          0, 0,   0,     0,                0,     0,   "",                 0, 0, 0, 0 },
};
/* clang-format on */

/* clang-format off */
const hf_row hf_post12_client[] = {
    /* message            by when unless optional          proves keys source          ph 6  9  go */
    { HF_MSG_ClientHello, C, 0,   0,     HF_F_RENEGOTIATE, 0,     0,   "RFC 5746 4.5", 0, 6, 9, 0 },
    { HF_ROW_END,         0, 0,   0,     0,                0,     0,   "",             0, 0, 0, 0 },
};
/* clang-format on */
