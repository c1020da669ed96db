/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The report of `connect` in about twelve lines. */
#ifndef HF_TOOL_REPORT_H
#define HF_TOOL_REPORT_H

#include "tool/outcome.h"

/* say: hf_out, or hf_note when stdout belongs to a body. Only for runs that connected. */
void hf_report(const hf_outcome *outcome, void (*say)(const char *, ...));
/* "TLS 1.3"; NULL for no version. */
const char *hf_version_name(uint16_t version);
/* How both ends came to the same secret, for people: "x25519", "X25519MLKEM768 (hybrid: …)", "RSA (…)". */
enum { HF_KEY_EXCHANGE_ROOM = 96 };
void hf_key_exchange_text(const hf_conn_info *info, char out[HF_KEY_EXCHANGE_ROOM]);
/* The same as a word: "ECDHE", "ECDHE+ML-KEM", "ML-KEM", "RSA", "PSK", "ECDHE-PSK"; NULL: not known, or none, as a session was resumed. */
const char *hf_key_exchange_name(const hf_conn_info *info);
/* Its certificate was verified, or it holds the key that both had beforehand. */
bool hf_peer_is_proved(const hf_conn_info *info);
/* "none", "offered", "accepted" or "rejected": of 0-RTT data. */
const char *hf_early_name(hf_early early);

#endif
