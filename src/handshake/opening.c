/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The rows that both versions share: until a ServerHello has settled the version there is one table.
 * Also what a reader drops, what must be proved, and the set of all tables. The handshakes proper
 * are script13.c and script12.c.
 */
#include "handshake/script.h"

enum { C = HF_CLIENT, S = HF_SERVER };

/* A client begins (RFC 9846 4.2.2#1), and one HelloRetryRequest may come (4.2.4#5), of TLS 1.3, which stays (RFC 9846 4.2.4#10);
   change_cipher_spec answers a session id (RFC 9846 E.4#1). The last three columns are the phase (of four) and the steps (of six, of nine) of teaching texts. */
/* clang-format off */
const hf_row hf_opening[] = {
    /* message                  by when                            unless              optional    proves keys      source             ph 6  9  go */
    { HF_MSG_ClientHello,       C, 0,                              0,                  0,          0,     0,        "RFC 9846 4.2.2",  1, 1, 1, 0 },
    { HF_MSG_ChangeCipherSpec,  C, HF_F_COMPAT|HF_F_EARLY_OFFERED, 0,                  0,          0,     0,        "RFC 9846 E.4",    1, 1, 0, 0 },
    { HF_ROW_KEYS,              C, HF_F_EARLY_OFFERED,             0,                  0,          0,     HF_EARLY, "RFC 9846 4.3.10", 1, 4, 6, 0 },
    { HF_MSG_HelloRetryRequest, S, HF_F_OFFER13,                   0,                  HF_F_RETRY, 0,     0,        "RFC 9846 4.2.4",  1, 2, 2, 0 },
    { HF_MSG_ChangeCipherSpec,  S, HF_F_COMPAT|HF_F_RETRY,         0,                  0,          0,     0,        "RFC 9846 E.4",    1, 2, 0, 0 },
    { HF_ROW_KEYS,              C, HF_F_RETRY|HF_F_EARLY_OFFERED,  0,                  0,          0,     HF_PLAIN, "RFC 9846 4.3.10", 1, 4, 6, 0 },
    { HF_MSG_ChangeCipherSpec,  C, HF_F_COMPAT|HF_F_RETRY,         HF_F_EARLY_OFFERED, 0,          0,     0,        "RFC 9846 E.4",    1, 1, 0, 0 },
    { HF_MSG_ClientHello,       C, HF_F_RETRY,                     0,                  0,          0,     0,        "RFC 9846 4.2.2",  1, 1, 1, 0 },
    { HF_MSG_ServerHello,       S, 0,                              0,                  0,          0,     0,        "RFC 9846 4.2.3",  1, 2, 2, 0 },
    { HF_ROW_GO,                0, HF_F_TLS13,                     0,                  0,          0,     0,        "RFC 9846 4.3.1",  0, 0, 0, HF_TABLE_SCRIPT13 },
    { HF_ROW_GO,                0, HF_F_RESUMED,                   0,                  0,          0,     0,        "RFC 5246 7.3",    0, 0, 0, HF_TABLE_RESUMED12 },
    { HF_ROW_GO,                0, 0,                              0,                  0,          0,     0,        "RFC 5246 7.3",    0, 0, 0, HF_TABLE_SCRIPT12 },
};
/* clang-format on */

/* What a reader drops wherever it comes (RFC 9846 5#1), and so never waits for. */
/* clang-format off */
const hf_row hf_ignored[] = {
    /* message                 by when        unless                       optional proves keys source              ph 6  9  go */
    { HF_MSG_ChangeCipherSpec, C, HF_F_TLS13, HF_F_CLIENT_DONE,            0,       0,     0,   "RFC 9846 5",       0, 0, 0, 0 },
    { HF_MSG_ChangeCipherSpec, S, HF_F_TLS13, HF_F_SERVER_DONE,            0,       0,     0,   "RFC 9846 5",       0, 0, 0, 0 },
    { HF_MSG_HelloRequest,     S, 0,          HF_F_TLS13|HF_F_SERVER_DONE, 0,       0,     0,   "RFC 5246 7.4.1.1", 0, 0, 0, 0 },
    { HF_ROW_END,              0, 0,          0,                           0,       0,     0,   "",                 0, 0, 0, 0 },
};
/* clang-format on */

const hf_duty hf_duties[] = {
    { C, HF_FINISHED, 0, 0 },
    { C, HF_CHAIN, 0, HF_F_PSK | HF_F_RESUMED },
    { C, HF_SIGNATURE, HF_F_TLS13, HF_F_PSK },
    { C, HF_SIGNATURE, HF_F_EPHEMERAL, HF_F_PSK | HF_F_RESUMED },
    { S, HF_FINISHED, 0, 0 },
    { S, HF_CHAIN | HF_SIGNATURE, HF_F_CLIENT_CERT, 0 },
    { S, HF_CHAIN | HF_SIGNATURE, HF_F_CERT_REQUIRED, HF_F_PSK | HF_F_RESUMED },
    { 9, 0, 0, 0 },
};

/* … and of a client that answered a post-handshake request, when that round ends. */
const hf_duty hf_round_duties[] = {
    { S, HF_FINISHED, HF_F_ANSWER, 0 },
    { S, HF_CHAIN | HF_SIGNATURE, HF_F_ANSWER | HF_F_CLIENT_CERT, 0 },
    { 9, 0, 0, 0 },
};

const hf_scripts hf_scripts_tls = {
    .table = {
        [HF_TABLE_OPENING] = hf_opening, [HF_TABLE_SCRIPT13] = hf_script13, [HF_TABLE_SCRIPT12] = hf_script12,
        [HF_TABLE_RESUMED12] = hf_resumed12, [HF_TABLE_POST13_SERVER] = hf_post13_server,
        [HF_TABLE_POST13_CLIENT] = hf_post13_client, [HF_TABLE_POST12_SERVER] = hf_post12_server,
        [HF_TABLE_POST12_CLIENT] = hf_post12_client, [HF_TABLE_IGNORED] = hf_ignored,
    },
    .duties = hf_duties,
    .round_duties = hf_round_duties,
};

static const struct {
    const char *name, *words;
} facts[] = {
#define HF_FACT(name, words) { #name, words },
    HF_FACTS(HF_FACT)
#undef HF_FACT
};

const char *hf_fact_name(unsigned bit)
{
    return bit < HF_N_FACTS ? facts[bit].name : "?";
}

const char *hf_fact_words(unsigned bit)
{
    return bit < HF_N_FACTS ? facts[bit].words : "?";
}

const char *hf_epoch_name(unsigned epoch)
{
    static const char *const names[] = { "same", "plain", "early", "handshake", "application" };

    return epoch < HF_NEXT ? names[epoch] : "application";
}

const char *hf_table_name(hf_table table)
{
    static const char *const names[HF_TABLE_COUNT] = {
        "opening",       "script13",      "script12",      "resumed12", "post13_server",
        "post13_client", "post12_server", "post12_client", "ignored"
    };

    return table < HF_TABLE_COUNT ? names[table] : "?";
}
