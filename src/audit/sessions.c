/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Keeping a session, and telling what became of the one that was offered. */
#include "audit/sessions.h"

enum { DAY = 86400 };

/* One that rests on an expired certificate was over when it was made: its end says nothing then. */
static hf_span unbind(hf_span session, uint8_t room[HF_SESSION_MAX])
{
    hf_builder b = hf_wr_start(room, HF_SESSION_MAX);
    hf_span bytes = { NULL, 0 };
    hf_session s;

    if (hf_session_read(session, &s) != HF_OK)
        return bytes;
    if (s.expires <= s.created)
        s.expires = s.created + DAY;
    s.chain_expires = INT64_MAX;
    hf_session_write(&b, &s);
    hf_wipe(s.secret, sizeof s.secret);
    return hf_wr_finish(&b, &bytes) == HF_OK ? bytes : hf_span_of(NULL, 0);
}

bool hf_kept_take(hf_kept *kept, hf_span session)
{
    uint8_t room[HF_SESSION_MAX];
    hf_span bytes = session.len > 0 ? unbind(session, room) : session;

    hf_kept_drop(kept);
    kept->bytes = bytes.len > 0 ? hf_copy(bytes) : NULL;
    kept->len = kept->bytes ? bytes.len : 0;
    hf_wipe(room, bytes.len);
    return kept->bytes != NULL;
}

int64_t hf_session_seconds(hf_span session)
{
    hf_session s;

    if (hf_session_read(session, &s) != HF_OK)
        return 0;
    hf_wipe(s.secret, sizeof s.secret);
    return s.expires < s.chain_expires && s.expires > s.created ? s.expires - s.created : 0;
}

void hf_kept_drop(hf_kept *kept)
{
    hf_free_secret(kept->bytes, kept->len);
    *kept = (hf_kept){ NULL, 0 };
}

void hf_resumption_tell(hf_inquiry *q, hf_trait_id id, const hf_reply *reply, size_t evidence)
{
    const hf_conn_info *info = reply->conn ? hf_conn_info_of(reply->conn) : NULL;
    char trouble[HF_WHOLE_WORDS];

    if (info && info->resumed && info->connected)
        hf_seen_trait(q->seen, id, HF_PRESENT, evidence, "%s", "");
    else if (!hf_whole_connected(reply))
        hf_seen_trait(q->seen, id, HF_UNKNOWN, evidence, "the second connection failed: %s",
                      hf_whole_trouble(reply, trouble));
    else if (info->session_error == HF_OK || info->session_error == HF_E_SESSION_DECLINED)
        hf_seen_trait(q->seen, id, HF_ABSENT, evidence,
                      "one was issued, and declined when it came back");
    else
        hf_seen_trait(q->seen, id, HF_UNKNOWN, evidence, "it was not offered: %s",
                      hf_error_row_of(info->session_error)->sentence);
}

void hf_sessions_unable(hf_seen *seen, uint16_t version, const hf_trait_id *ids, size_t n,
                        const char *why)
{
    hf_seen_version_id newest = hf_seen_newest(seen);
    bool elsewhere = newest == HF_V_TLS12 || newest == HF_V_TLS13; /* where it was asked for, too */
    bool refused = seen->v[hf_seen_version_of(version)].spoken == HF_ABSENT;

    for (size_t i = 0; i < n; i++)
        hf_seen_trait(seen, ids[i], refused && elsewhere ? HF_ABSENT : HF_UNKNOWN, 0, "%s", why);
}
