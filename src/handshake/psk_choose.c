/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Which of the keys that a client offers a server takes (RFC 9846 4.3.11): the first that is known here
 * and fits. Its binder is checked before anything else is done with it. What is not known is no error:
 * the handshake goes on with certificates, unless there are none.
 */
#include "handshake/hello.h"

#define HAS(ext, name) ((ext)->present & HF_EXT_BIT(name))

enum { IDENTITIES_TRIED = HF_STEP_JOBS, NO_TICKET = -1 };

/* A key must go with a suite that both have (RFC 9846 4.3.11#3); after a HelloRetryRequest, with its suite. */
static bool hash_fits(const hf_engine *e, hf_hash_id hash)
{
    const hf_policy *p = &e->config->policy;
    size_t at = 0;
    uint16_t code;

    if (e->script.facts & HF_F_RETRY)
        return e->suite->hash == hash;
    while (hf_next_common(e->hs->hello.cipher_suites, p->suites, true, &at, &code))
        if (hf_suite_of(code)->version == HF_TLS13 && hf_suite_of(code)->hash == hash)
            return true;
    return false;
}

/* ---- tickets ---- */

static bool ticket_fits(const hf_engine *e, const hf_session *s)
{
    const hf_suite *suite = hf_suite_of(s->cipher_suite);

    return s->version == HF_TLS13 && suite && suite->version == HF_TLS13 &&
           s->secret_len == hf_hash_len(suite->hash) && hf_session_fits(e, s) &&
           hash_fits(e, suite->hash);
}

/* For early.c. */
static void note_first(hf_handshake *hs, uint32_t obfuscated_ticket_age)
{
    const hf_session *s = &hs->session;

    hs->first_ticket = (hf_early_ticket){ .opened = s->version == HF_TLS13,
                                          .issued_ms = s->issued_ms,
                                          .life_ms = (uint64_t)(s->expires - s->created) * 1000,
                                          .age_ms = obfuscated_ticket_age - s->ticket_age_add,
                                          .max_early_data = s->max_early_data };
    memcpy(hs->first_ticket.id, s->early_id, HF_EARLY_ID);
}

static bool open_ticket(hf_engine *e, hf_span ticket)
{
    hf_handshake *hs = e->hs;
    uint8_t state[HF_SESSION_STATE_MAX];
    hf_span bytes = { NULL, 0 };
    bool renew;
    size_t len = 0;

    if (hf_ticket_open(e->config->sessions, hf_config_now(e->config), ticket, state, &len,
                       &renew) == HF_OK)
        bytes = hf_arena_copy(&hs->arena, hf_span_of(state, len));
    hf_wipe(state, sizeof state);
    return bytes.data && hf_session_read(bytes, &hs->session) == HF_OK;
}

static bool try_ticket(hf_engine *e, int at, const hf_psk_identity *psk)
{
    hf_sessions *sessions = e->config->sessions;

    if (!sessions || !hf_sessions_has_tickets(sessions) || !open_ticket(e, psk->identity))
        return false;
    if (at == 0)
        note_first(e->hs, psk->obfuscated_ticket_age);
    return ticket_fits(e, &e->hs->session);
}

/* ---- keys shared beforehand ---- */

bool hf_takes_psk(const hf_engine *e)
{
    return hf_config_psk(e->config) && e->config->client_auth != HF_CLIENT_AUTH_REQUIRE;
}

static bool may_be_external(const hf_engine *e, hf_span identity)
{
    return hf_takes_psk(e) && identity.len <= HF_PSK_IDENTITY_MAX && hash_fits(e, HF_SHA256);
}

/* ---- the search: tickets here and now, the others by jobs, all at once ---- */

static hf_error search(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    hf_span rest = hs->hello.ext.psk_identities;
    hf_psk_identity psk;
    hf_error error = HF_OK;

    hs->psk_searched = true;
    hs->ticket_at = NO_TICKET;
    for (int i = 0; i < IDENTITIES_TRIED && hf_psk_identity_next(&rest, &psk); i++) {
        if (try_ticket(e, i, &psk)) {
            hs->ticket_at = i;
            return error; /* what comes after it would not be taken */
        }
        if (!may_be_external(e, psk.identity))
            continue;
        hf_job *job = hf_job_psk_lookup(hf_job_home(e), e->config, psk.identity);
        if (job)
            job->code = (uint16_t)i;
        error = hf_submit(e, job);
        if (error != HF_WAIT)
            return error;
    }
    return error;
}

static hf_span nth_identity(const hf_handshake *hs, int n, uint32_t *age)
{
    hf_span rest = hs->hello.ext.psk_identities;
    hf_psk_identity psk = { { NULL, 0 }, 0 };

    for (int i = 0; i <= n; i++)
        hf_psk_identity_next(&rest, &psk);
    *age = psk.obfuscated_ticket_age;
    return psk.identity;
}

static hf_span nth_binder(const hf_handshake *hs, int n)
{
    hf_span rest = hs->hello.ext.psk_binders, binder = { NULL, 0 };

    for (int i = 0; i <= n; i++)
        hf_name_next(&rest, &binder);
    return binder;
}

/* RFC 9846 4.3.11#4 #5: in constant time, and of the chosen key alone. */
static hf_error check_binder(hf_engine *e, const hf_offered_psk *psk, int at, hf_error otherwise)
{
    hf_handshake *hs = e->hs;
    hf_span partial = hf_span_of(hs->hello_message.data, hs->hello.ext.psk_binders_offset);
    uint8_t binder[HF_HASH_MAX];

    TRY(hf_make_binder(e, psk, partial, binder));
    if (!hf_ct_equal(hf_span_of(binder, hf_hash_len(psk->hash)), nth_binder(hs, at)))
        return hf_refuse_item(e, otherwise, nth_binder(hs, at).data, "PskBinderEntry", NULL, NULL);
    return HF_OK;
}

static hf_error take(hf_engine *e, const hf_offered_psk *psk, int at)
{
    if (psk->external) /* claimed until then: whose key was wrong is for the log */
        TRY(hf_psk_remember(e, psk->identity));
    TRY(check_binder(e, psk, at, HF_E_PSK_BINDER_WRONG));
    hf_use_psk(e->hs, psk, (uint16_t)at);
    return HF_OK;
}

static hf_error take_ticket(hf_engine *e)
{
    const hf_session *s = &e->hs->session;
    hf_offered_psk psk = { .key = hf_span_of(s->secret, s->secret_len),
                           .hash = hf_suite_of(s->cipher_suite)->hash };

    psk.identity = nth_identity(e->hs, e->hs->ticket_at, &psk.obfuscated_ticket_age);
    return take(e, &psk, e->hs->ticket_at);
}

/* Its age means nothing (RFC 9846 4.3.11#1), its hash is SHA-256 (4.3.11#2). */
static hf_error take_external(hf_engine *e, const hf_job *job)
{
    hf_offered_psk psk = { .key = hf_span_of(job->output, job->output_len),
                           .hash = HF_SHA256,
                           .external = true };

    psk.identity = nth_identity(e->hs, job->code, &psk.obfuscated_ticket_age);
    return take(e, &psk, job->code);
}

/* Nobody of that name, and nothing else that would do: as slow as a wrong key, and with the same alert. */
static hf_error refuse_unknown(hf_engine *e)
{
    uint8_t key[HF_HASH_MAX];
    hf_offered_psk psk = { .key = hf_span_of(key, 32), .hash = HF_SHA256, .external = true };

    uint32_t age;
    hf_span claimed = nth_identity(e->hs, 0, &age);

    if (claimed.len <= HF_PSK_IDENTITY_MAX) /* for the log */
        TRY(hf_psk_remember(e, claimed));
    TRY(hf_draw(e, key, sizeof key));
    TRY(check_binder(e, &psk, 0, HF_E_PSK_UNKNOWN));
    return HF_E_INTERNAL; /* a random key fitted */
}

static bool psk_only(const hf_engine *e)
{
    return e->config->n_identities == 0;
}

static hf_error settle(hf_engine *e)
{
    const hf_job *found = NULL;

    for (size_t i = 0; i < e->n_jobs && !found; i++)
        if (e->hs->jobs[i]->result == HF_OK)
            found = e->hs->jobs[i];
    hf_error error = found                           ? take_external(e, found)
                     : e->hs->ticket_at != NO_TICKET ? take_ticket(e)
                     : psk_only(e)                   ? refuse_unknown(e)
                                                     : HF_OK;
    hf_jobs_clear(e);
    return error;
}

/* A key alone gives no forward secrecy: psk_dhe_ke, or no key (RFC 9846 4.3.9#4). */
hf_error hf_choose_psk(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    const hf_extensions *x = &hs->hello.ext;
    bool offered = HAS(x, pre_shared_key) && hf_offers_psk_dhe(x);

    if (!offered && psk_only(e)) /* RFC 9846 4.2.1#2 #4 */
        return hf_refuse(e, HF_E_PSK_REQUIRED, "extensions", "pre_shared_key", NULL);
    if (!offered)
        return HF_OK;
    if (!hs->psk_searched)
        TRY(search(e));
    return settle(e);
}

/* A HelloRetryRequest may have taken the choice back: it counts from ServerHello on. */
hf_error hf_settle_psk(hf_engine *e)
{
    bool external = e->hs->psk_len > 0 && e->hs->psk_external;

    if (!external)
        e->info.psk_identity = hf_span_of(NULL, 0); /* what was claimed is not what counts */
    if (e->hs->psk_len == 0)
        return HF_OK;
    e->script.facts |= HF_F_PSK;
    e->info.resumed = !external;
    e->info.psk_used = external;
    return external ? HF_OK : hf_session_peer(e);
}
