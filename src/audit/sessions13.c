/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Resumption in TLS 1.3 (RFC 9846 2.2): a connection that waits for a ticket; one that offers it, with a GET as 0-RTT data where the ticket
 * allows that; and one that offers the same ticket once more, as somebody would who recorded the flight (RFC 9846 8).
 */
#include "audit/sessions.h"

typedef enum step13 { GET_TICKET, USE_IT, USE_IT_AGAIN, OVER } step13;

typedef struct sessions13 {
    step13 step;
    hf_kept session;
    bool early; /* the ticket allows it, and a harmless request is known */
    uint16_t
        group; /* of the first connection: after a HelloRetryRequest no early data is taken (RFC 9846 4.3.10) */
} sessions13;

static const hf_trait_id all[] = { HF_TRAIT_tickets13,      HF_TRAIT_ticket_seconds13,
                                   HF_TRAIT_early_data,     HF_TRAIT_early_data_accepted,
                                   HF_TRAIT_ticket_reuse13, HF_TRAIT_early_data_replayed };
enum { N_ALL = sizeof all / sizeof *all };

static bool next(hf_inquiry *q, hf_ask *ask)
{
    sessions13 *s = q->state;
    const char *unable = hf_whole_unable(q->seen, HF_TLS13);

    if (s->step == OVER)
        return false;
    if (unable) {
        hf_sessions_unable(q->seen, HF_TLS13, all, N_ALL, unable);
        return false;
    }
    hf_whole_ask(ask, HF_TLS13);
    if (s->group)
        ask->policy.key_shares[0] = s->group;
    ask->want_session = s->step == GET_TICKET;
    ask->session = hf_span_of(s->session.bytes, s->session.len);
    ask->early = s->step != GET_TICKET && s->early;
    ask->path = ask->early ? "/" : NULL;
    return true;
}

/* ---- the ticket ---- */

static void no_ticket(hf_inquiry *q, const hf_reply *reply, size_t evidence)
{
    bool waited = hf_whole_let_in(reply);
    hf_tri state = waited ? HF_ABSENT : HF_UNKNOWN;
    char trouble[HF_WHOLE_WORDS];
    const char *why = waited ? "no ticket came" : hf_whole_trouble(reply, trouble);

    for (size_t i = 0; i < N_ALL; i++)
        hf_seen_trait(q->seen, all[i], state, evidence, "%s", why);
}

static void tell_lifetime(hf_seen *seen, hf_span session, size_t evidence)
{
    int64_t seconds = hf_session_seconds(session);

    hf_seen_trait(seen, HF_TRAIT_ticket_seconds13, HF_PRESENT, evidence, "%s",
                  seconds > 0 ? "" : "not known: it is cut at the end of the certificate");
    seen->traits[HF_TRAIT_ticket_seconds13].number = (uint32_t)seconds;
}

/* RFC 9846 4.3.10 */
static uint32_t tell_early(hf_inquiry *q, hf_span session, size_t evidence)
{
    hf_session s;
    uint32_t bytes = hf_session_read(session, &s) == HF_OK ? s.max_early_data : 0;

    hf_wipe(s.secret, sizeof s.secret);
    hf_seen_trait(q->seen, HF_TRAIT_early_data, bytes > 0 ? HF_PRESENT : HF_ABSENT, evidence, "%s",
                  "");
    q->seen->traits[HF_TRAIT_early_data].number = bytes;
    hf_tri state = bytes > 0 ? HF_UNKNOWN : HF_ABSENT;
    const char *why = bytes > 0 ? "no harmless request of this service is known" : "";
    hf_seen_trait(q->seen, HF_TRAIT_early_data_accepted, state, evidence, "%s", why);
    hf_seen_trait(q->seen, HF_TRAIT_early_data_replayed, state, evidence, "%s", why);
    return bytes;
}

static void got_ticket(hf_inquiry *q, const hf_reply *reply)
{
    sessions13 *s = q->state;
    size_t evidence = hf_whole_note(q, reply, "TLS 1.3, waiting for a ticket");

    s->step = OVER;
    if (!hf_whole_connected(reply) || !hf_kept_take(&s->session, reply->session)) {
        no_ticket(q, reply, evidence);
        return;
    }
    tell_lifetime(q->seen, reply->session, evidence);
    s->early = tell_early(q, reply->session, evidence) > 0 && q->setup->http;
    s->group = hf_conn_info_of(reply->conn)->group;
    s->step = USE_IT;
}

/* ---- its use ---- */

static void tell_early_use(hf_inquiry *q, hf_trait_id id, const hf_reply *reply, size_t evidence)
{
    const hf_conn_info *info = reply->conn ? hf_conn_info_of(reply->conn) : NULL;
    hf_early early = info ? info->early : HF_EARLY_NONE;
    char trouble[HF_WHOLE_WORDS];

    if (early == HF_EARLY_ACCEPTED && reply->http.status > 0)
        hf_seen_trait(q->seen, id, HF_PRESENT, evidence, "a GET was answered with %d",
                      reply->http.status);
    else if (early == HF_EARLY_ACCEPTED)
        hf_seen_trait(q->seen, id, HF_PRESENT, evidence, "taken, but not answered");
    else if (early == HF_EARLY_REJECTED)
        hf_seen_trait(q->seen, id, HF_ABSENT, evidence, "%s", "");
    else if (info && info->connected && info->session_error != HF_OK)
        hf_seen_trait(q->seen, id, HF_ABSENT, evidence, "the ticket was not taken at all");
    else
        hf_seen_trait(q->seen, id, HF_UNKNOWN, evidence, "%s", hf_whole_trouble(reply, trouble));
}

static void got_use(hf_inquiry *q, const hf_reply *reply)
{
    sessions13 *s = q->state;
    size_t evidence = hf_whole_note(q, reply, "TLS 1.3, resuming by a ticket");

    hf_resumption_tell(q, HF_TRAIT_tickets13, reply, evidence);
    if (s->early)
        tell_early_use(q, HF_TRAIT_early_data_accepted, reply, evidence);
    bool resumed = q->seen->traits[HF_TRAIT_tickets13].state == HF_PRESENT;
    s->early = s->early && q->seen->traits[HF_TRAIT_early_data_accepted].state == HF_PRESENT;
    if (!s->early && q->seen->traits[HF_TRAIT_early_data].state == HF_PRESENT)
        hf_seen_trait(q->seen, HF_TRAIT_early_data_replayed, HF_ABSENT, evidence,
                      "early data was not taken the first time");
    if (q->seen->traits[HF_TRAIT_tickets13].state == HF_ABSENT)
        hf_seen_trait(q->seen, HF_TRAIT_ticket_reuse13, HF_ABSENT, evidence, "not even once");
    s->step = resumed ? USE_IT_AGAIN : OVER;
}

static void got_use_again(hf_inquiry *q, const hf_reply *reply)
{
    sessions13 *s = q->state;
    size_t evidence = hf_whole_note(q, reply, "TLS 1.3, the same ticket a second time");

    hf_resumption_tell(q, HF_TRAIT_ticket_reuse13, reply, evidence);
    if (s->early)
        tell_early_use(q, HF_TRAIT_early_data_replayed, reply, evidence);
    s->step = OVER;
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    switch (((sessions13 *)q->state)->step) {
    case GET_TICKET: got_ticket(q, reply); break;
    case USE_IT: got_use(q, reply); break;
    default: got_use_again(q, reply); break;
    }
}

static void finish(hf_inquiry *q)
{
    hf_kept_drop(&((sessions13 *)q->state)->session);
}

const hf_inquiry_row hf_inquiry_sessions13 = {
    .name = "sessions13",
    .title = "Tickets and 0-RTT of TLS 1.3",
    .phase = HF_PHASE_DETAILS,
    .state_size = sizeof(sessions13),
    .next = next,
    .got = got,
    .finish = finish,
};
