/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server's memory of sessions, which lasts as long as the process: tickets under keys of the library's own, or sealed by the
 * application (-use-ticket-callback, -use-ticket-aead-callback), and a cache for clients without tickets.
 */
#include "inside.h"
#include "keys/session_store.h"
#include "settings.h"

enum { CACHE_ENTRIES = 64 };

/* shim.kept: what the application that seals tickets needs. */
typedef struct sealer {
    hf_sessions *keys; /* whose tickets it passes on */
    const options *options;
    int64_t now;
} sealer;

/* ---- tickets that the application seals ---- */

static hf_error seal(void *user, hf_span state, uint8_t *ticket, size_t *len)
{
    sealer *s = user;

    if (s->options->skip_ticket)
        return HF_E_SESSION_DAMAGED;
    return hf_ticket_seal(s->keys, NULL, s->now, state, ticket, len);
}

static hf_error unseal(void *user, hf_span ticket, uint8_t *state, size_t *len, bool *renew)
{
    sealer *s = user;
    hf_error e = hf_ticket_open(s->keys, s->now, ticket, state, len, renew);

    *renew = s->options->renew_ticket;
    return e;
}

static hf_sessions *sealed_elsewhere(sealer *s)
{
    const hf_sessions_options own = { .tickets = true };
    const hf_sessions_ops ops = { .seal = seal, .open = unseal, .user = s };
    const hf_sessions_options shared = { .tickets = true, .entries = CACHE_ENTRIES, .ops = &ops };

    s->keys = hf_sessions_new(&own);
    return s->keys ? hf_sessions_new(&shared) : NULL;
}

/* ---- made once ---- */

static hf_sessions *make(sealer *s)
{
    const hf_sessions_options usual = { .tickets = true, .entries = CACHE_ENTRIES };
    const options *o = s->options;

    return o->use_ticket_callback || o->use_ticket_aead_callback ? sealed_elsewhere(s)
                                                                 : hf_sessions_new(&usual);
}

int settings_sessions(visit *v)
{
    shim *shared = v->shim;
    sealer *s = shared->kept ? shared->kept : hf_alloc(sizeof *s);

    if (!s)
        return SHIM_FAILED;
    shared->kept = s;
    s->options = v->options;
    s->now = settings_now(shared);
    if (!shared->sessions)
        shared->sessions = make(s);
    if (!shared->sessions || hf_config_set_sessions(v->config, shared->sessions) != HF_OK)
        return SHIM_FAILED;
    shared->sessions->tickets = !v->options->no_ticket; /* a flag of one connection */
    return SHIM_OK;
}

void settings_sessions_free(shim *shared)
{
    sealer *s = shared->kept;

    hf_sessions_free(shared->sessions);
    if (s)
        hf_sessions_free(s->keys);
    hf_free(s);
}
