/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Whether a connection of a campaign's world went as it must, and the record of all that happened. */
#include "support/campaign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the record ---- */

void camp_note(camp_world *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(w->log + w->n_log, sizeof w->log - w->n_log, format, args);
    va_end(args);
    if (n > 0 && w->n_log + (size_t)n < sizeof w->log)
        w->n_log += (size_t)n;
}

void camp_fail(camp_world *w, const char *what)
{
    printf("HF_CAMPAIGN_SEED=%llu\n%s=> %s\n", (unsigned long long)w->seed, w->log, what);
    fail_msg("%s", what);
}

/* ---- the comparison ---- */

static unsigned reason_of(hf_error e)
{
    switch (e) {
    case HF_OK: return 0;
    case HF_E_SESSION_EXPIRED: return CAMP_EXPIRED;
    case HF_E_SESSION_OTHER_PEER: return CAMP_OTHER_PEER;
    case HF_E_SESSION_OTHER_SETTINGS: return CAMP_OTHER_SETTINGS;
    case HF_E_SESSION_DECLINED: return CAMP_DECLINED;
    default: return 1u << 31;
    }
}

static bool is_peer(const char *seen, const camp_cert *certs, int expected)
{
    char name[64] = "";

    if (expected != CAMP_NONE)
        snprintf(name, sizeof name, "CN=%s", certs[expected].common_name);
    return strcmp(seen, name) == 0;
}

/* What is wrong with a connection that was to succeed; NULL: nothing. */
static const char *compare(const camp_verdict *r, const camp_seen *s)
{
    unsigned reason = reason_of(s->session_error);

    if (!s->connected[HF_CLIENT] || !s->connected[HF_SERVER])
        return "a handshake that must succeed fails";
    if (s->resumed[HF_CLIENT] != s->resumed[HF_SERVER])
        return "the ends do not agree whether they resumed";
    if (s->resumed[HF_SERVER] != r->resumes)
        return r->resumes ? "what must resume does not" : "what must not resume does";
    if (s->version != r->version || s->retried != r->retried)
        return "another version, or a retry";
    if (s->psk_used[HF_CLIENT] != r->psk || s->psk_used[HF_SERVER] != r->psk)
        return "the shared key is used where it must not, or not where it must";
    if (!is_peer(s->peer[HF_CLIENT], camp_server_certs, r->sees[HF_CLIENT]))
        return "the server is not who it must be";
    if (!is_peer(s->peer[HF_SERVER], camp_client_certs, r->sees[HF_SERVER]))
        return "the client is not who it must be";
    if (r->why_not ? !(reason & r->why_not) : reason)
        return "another reason for not resuming";
    if (s->early[HF_CLIENT] != r->early || s->early[HF_SERVER] != r->early)
        return "early data: taken where it must not, or not where it must";
    if (s->early_arrived != (r->early == HF_EARLY_ACCEPTED) || s->other_arrived > 0 || !s->spoke)
        return "what was said did not arrive once";
    return NULL;
}

static void count(camp_world *w, const camp_visit *v, const camp_verdict *r)
{
    camp_tally *t = w->tally;
    bool by_ticket = r->resumes && w->session[r->offered].by_ticket_key != CAMP_NONE;

    t->connections++;
    t->not_offered += v->kept && r->offered == CAMP_NONE;
    t->declined += r->offered != CAMP_NONE && !r->resumes;
    t->failed_rightly += !r->connects;
    if (!r->connects)
        return;
    t->retried += r->retried;
    t->full += !r->resumes && !r->psk;
    t->shared_key += r->psk;
    t->resumed13 += r->resumes && r->version == HF_TLS13;
    t->resumed_ticket12 += by_ticket && r->version == HF_TLS12;
    t->resumed_id12 += r->resumes && !by_ticket;
    t->early_taken += r->early == HF_EARLY_ACCEPTED;
    t->early_refused += r->early == HF_EARLY_REJECTED;
}

void camp_note_visit(camp_world *w, const camp_visit *v, const camp_verdict *r)
{
    camp_note(w, "client %d to server %d at %s, alpn %d and %d, ", v->client, v->server,
              camp_endpoints[v->endpoint], w->client[v->client].alpn, w->server[v->server].alpn);
    if (v->kept)
        camp_note(w, "names %d %d, with session %d: ", w->client[v->client].name,
                  w->client[v->client].verify, v->kept->session);
    else
        camp_note(w, "names %d %d, with what it has: ", w->client[v->client].name,
                  w->client[v->client].verify);
    camp_note(w, "must %s, offers %d, %s, early %d\n", r->connects ? "connect" : "fail", r->offered,
              r->psk       ? "shared key"
              : r->resumes ? "resumes"
                           : "full",
              (int)r->early);
}

static void note_seen(camp_world *w, const camp_seen *s)
{
    camp_note(w,
              "connected %d %d, resumed %d %d, shared key %d %d, version %04x, retried "
              "%d, peers '%s' "
              "'%s', session: %s, early %d %d, arrived %u %u, spoke %d, sessions %u\n",
              s->connected[0], s->connected[1], s->resumed[0], s->resumed[1], s->psk_used[0],
              s->psk_used[1], (unsigned)s->version, s->retried, s->peer[0], s->peer[1],
              hf_error_row_of(s->session_error)->name, (int)s->early[0], (int)s->early[1],
              s->early_arrived, s->other_arrived, s->spoke, s->told);
}

void camp_check(camp_world *w, const camp_visit *v, const camp_verdict *r, const camp_seen *s,
                unsigned told)
{
    const char *wrong = r->connects ? compare(r, s) : NULL;

    if (!r->connects && s->connected[HF_SERVER])
        wrong = "a handshake that must fail succeeds";
    if (!r->connects && s->early_arrived + s->other_arrived > 0)
        wrong = "something arrived over a handshake that must fail";
    if (!wrong && ((told > 0) != (s->told > 0) || s->told > told))
        wrong = "more or fewer sessions than there must be";
    if (wrong) {
        note_seen(w, s);
        free(s->session);
        camp_fail(w, wrong);
    }
    count(w, v, r);
}
