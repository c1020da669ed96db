/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whether a client may start another handshake inside a connection of TLS 1.2: it makes a server work for nothing, again and again
 * (CVE-2011-1473). One ClientHello is sent inside, as RFC 5746 3.5 has it; whatever comes of it, nothing follows.
 */
#include "audit/weak.h"
#include "audit/whole.h"
#include "conn/conn.h"

enum { RECORD_HEADER = 5 };

typedef struct renegotiation {
    bool asked;
    uint8_t hello[HF_CRAFTED_MAX];
} renegotiation;

/* Its renegotiation_info stands last and is completed by the connection (hf_conn_say_inside). */
static hf_span hello_inside(const hf_inquiry *q, renegotiation *s)
{
    static const uint8_t info[HF_RENEGOTIATION_INFO] = { 0xff, 0x01, 0, HF_VERIFY_DATA12 + 1,
                                                         HF_VERIFY_DATA12 };
    hf_crafted hello;

    hf_inquiry_open(q, HF_TLS12, &hello);
    hello.renegotiation_info = false;
    hello.extra = hf_span_of(info, sizeof info);
    size_t len = hf_crafted_write(&hello, s->hello);
    return len > RECORD_HEADER ? hf_span_of(s->hello + RECORD_HEADER, len - RECORD_HEADER)
                               : (hf_span){ NULL, 0 };
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    renegotiation *s = q->state;
    const char *unable;

    if (s->asked)
        return false;
    s->asked = true;
    if (hf_weak_version(q->seen, HF_V_SSL3) == HF_V_COUNT) {
        hf_weak_idle(q, HF_TRAIT_client_renegotiation, HF_V_SSL3);
        return false;
    }
    if ((unable = hf_whole_unable(q->seen, HF_TLS12)) != NULL) {
        hf_seen_trait(q->seen, HF_TRAIT_client_renegotiation, HF_UNKNOWN, 0,
                      "it is tried in TLS 1.2 alone: %s", unable);
        return false;
    }
    hf_whole_ask(ask, HF_TLS12);
    ask->inside = hello_inside(q, s);
    return ask->inside.len > 0;
}

static void judge(hf_inquiry *q, const hf_reply *reply, hf_inside inside)
{
    static const struct {
        hf_tri state;
        const char *words;
    } meaning[] = {
        [HF_INSIDE_SILENT] = { HF_UNKNOWN, "a ClientHello inside was met by silence" },
        [HF_INSIDE_TAKEN] = { HF_PRESENT, "a ClientHello inside was answered by a ServerHello" },
        [HF_INSIDE_WARNED] = { HF_ABSENT, "a ClientHello inside was declined with a warning" },
        [HF_INSIDE_REFUSED] = { HF_ABSENT, "a ClientHello inside ended the connection" },
        [HF_INSIDE_BROKEN] = { HF_UNKNOWN,
                               "what came after a ClientHello inside could not be read" },
    };

    hf_seen_trait(q->seen, HF_TRAIT_client_renegotiation, meaning[inside].state,
                  hf_inquiry_evidence(q, reply, "%s", meaning[inside].words), "%s",
                  meaning[inside].words);
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    char words[HF_WHOLE_WORDS];

    if (hf_whole_connected(reply))
        judge(q, reply, hf_conn_inside_answer(reply->conn));
    else
        hf_seen_trait(q->seen, HF_TRAIT_client_renegotiation, HF_UNKNOWN, 0,
                      "no connection of TLS 1.2 came about: %s", hf_whole_trouble(reply, words));
}

const hf_inquiry_row hf_inquiry_renegotiation = {
    .name = "renegotiation",
    .title = "Renegotiation by a client",
    .phase = HF_PHASE_DETAILS,
    .state_size = sizeof(renegotiation),
    .next = next,
    .got = got,
};
