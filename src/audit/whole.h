/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Inquiries by whole handshakes: what the engine is told to offer, and what every one of its connections says about the server,
 * whatever it was made for: its chain, its staple. An auditor wants to see anything, so that the engine offers all it can speak
 * and judges no chain.
 */
#ifndef HF_AUDIT_WHOLE_H
#define HF_AUDIT_WHOLE_H

#include "audit/inquiry.h"
#include "keys/session.h"

/* The key types that a server may have a chain for: one bit each. */
typedef enum hf_chain_kind {
    HF_CHAIN_RSA,
    HF_CHAIN_ECDSA,
    HF_CHAIN_RSA_PSS,
    HF_CHAIN_EDDSA,
    HF_CHAIN_KINDS
} hf_chain_kind;
const char *hf_chain_kind_word(hf_chain_kind kind); /* "RSA-PSS" */
/* Those that are asked for in that version: one bit each. */
unsigned hf_chain_kinds_of(hf_seen_version_id id);
/* Every kind was asked for in every version that is spoken, and answered; else why not. */
enum { HF_CHAINS_WHY = 120 };
bool hf_chains_whole(const hf_seen *seen, char why[HF_CHAINS_WHY]);

/* … and of no version that has certificates it is open whether it is spoken at all. */
bool hf_chains_certain(const hf_seen *seen);
/* A version is spoken in which certificates come, as far as can be seen from here: it has suites that are not all anonymous or of PSK, or
   none is known; of TLS 1.3 some that the engine has. */
bool hf_chains_due(const hf_seen *seen);
/* At the end: if one was due and none was seen, or one may be missing, the audit is cut, and says why. */
void hf_chains_look_back(hf_seen *seen);

/* Kind ENGINE, with all that the engine speaks of that version. */
void hf_whole_ask(hf_ask *ask, uint16_t version);
/* … with the schemes of that kind of key alone (and, for TLS 1.2, its suites). The policy holds hf_policy_check. */
void hf_whole_narrow(hf_ask *ask, hf_chain_kind kind);
/* Bytes of 0-RTT that the engine may offer in such asks. */
enum { HF_WHOLE_EARLY = 16384 };

bool hf_whole_connected(const hf_reply *reply);
/* Connected, and not ended by an alert afterwards: what did not come would have had its time. TLS 1.3 refuses a client only then. */
bool hf_whole_let_in(const hf_reply *reply);
/* Why there is no connection, in words: "handshake_failure (40)", "no answer in time". */
enum { HF_WHOLE_WORDS = 96 };
const char *hf_whole_trouble(const hf_reply *reply, char words[HF_WHOLE_WORDS]);
/* The alert that the server ended it with, 0 (close_notify is no failure): none. */
uint8_t hf_whole_alert(const hf_reply *reply);
/* Why nobody can tell: the version is not spoken, or none of its suites is the engine's; NULL: the engine can be asked. */
const char *hf_whole_unable(const hf_seen *seen, uint16_t version);
/* Writes down what the handshake showed, also one that failed: evidence (its number is returned), chain, staple. NULL words: a
   phrase of what happened. */
size_t hf_whole_note(const hf_inquiry *q, const hf_reply *reply, const char *what);
/* The same of a flight in the clear. */
size_t hf_flight_note(const hf_inquiry *q, const hf_reply *reply, const char *what);

#endif
