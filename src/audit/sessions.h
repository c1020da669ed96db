/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the inquiries about sessions of both versions share. */
#ifndef HF_AUDIT_SESSIONS_H
#define HF_AUDIT_SESSIONS_H

#include "audit/whole.h"

/* A session that is kept from one connection to the next, as if no certificate's end ended it: an auditor, who only looks whether a
   server resumes, does not care that its certificate has expired. A secret. */
typedef struct hf_kept {
    uint8_t *bytes;
    size_t len;
} hf_kept;
/* False: there is none, it is damaged, or no memory. */
bool hf_kept_take(hf_kept *kept, hf_span session);
void hf_kept_drop(hf_kept *kept);
/* Seconds that it lives by the server's word; 0: not known, as a certificate ends before. */
int64_t hf_session_seconds(hf_span session);
/* Whether a handshake that offered a session resumed it, as a trait. */
void hf_resumption_tell(hf_inquiry *q, hf_trait_id id, const hf_reply *reply, size_t evidence);
/* All of these are UNKNOWN for that reason; or ABSENT, if the other of TLS 1.2 and 1.3 is spoken instead. */
void hf_sessions_unable(hf_seen *seen, uint16_t version, const hf_trait_id *ids, size_t n,
                        const char *why);

#endif
