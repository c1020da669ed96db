/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a fault may lead to. */
#include "tests/faults/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "tests/faults/memory.h"

void judge_say(verdict *v, const char *format, ...)
{
    size_t n = strlen(v->why);
    va_list args;

    va_start(args, format);
    n += (size_t)snprintf(v->why + n, sizeof v->why - n, n ? "; " : "");
    vsnprintf(v->why + n, sizeof v->why - n, format, args);
    va_end(args);
    v->wrong = true;
}

/* ---- what is left ---- */

bool judge_inside(const fault_plan *plan)
{
    for (size_t i = 0; plan && i < plan->n; i++)
        if (plan->points[i].kind == FAULT_INSIDE)
            return true;
    return false;
}

void judge_secrets(verdict *v, bool lax)
{
    const char *what;

    if (memory_found(&what) > 0)
        judge_say(v, "%s", what);
    if (memory_found_in_libcrypto(&what) > 0 && !lax)
        judge_say(v, "%s", what);
}

void judge_queue(verdict *v, bool lax)
{
    if (ERR_peek_error() == 0)
        return;
    if (!lax)
        judge_say(v, "libcrypto's error queue holds: %s",
                  ERR_reason_error_string(ERR_peek_error()));
    ERR_clear_error();
}

/* ---- what is to be seen ---- */

void judge_forget(ends *e)
{
    e->started = e->talked = e->exported = e->rested = false;
    e->talks = e->sessions = 0;
    memset(e->left, 0, sizeof e->left);
    e->n_early = 0;
    for (int role = 0; role < 2; role++) {
        e->connected[role] = e->failed[role] = e->closed[role] = false;
        e->n_held[role] = e->n_heard[role] = 0;
        e->failure[role] = (hf_failure){ .code = HF_OK };
    }
}

static void note_failures(ends *e)
{
    for (int role = 0; role < 2; role++) {
        const hf_failure *f = hf_conn_failure(e->conn[role]);
        if (f)
            e->failure[role] = *f;
    }
}

static void note_peer(ends *e, int role)
{
    const hf_peer *peer = hf_conn_peer(e->conn[role]);

    snprintf(e->seen.peer[role], sizeof e->seen.peer[role], "%s", peer ? peer->subject : "");
}

void judge_note(ends *e)
{
    fault_pause(true); /* who the peer is is put into words when it is asked for */
    const hf_conn_info *c = hf_conn_info_of(e->conn[HF_CLIENT]),
                       *s = hf_conn_info_of(e->conn[HF_SERVER]);
    outcome *o = &e->seen;

    note_failures(e);
    memset(o, 0, sizeof *o);
    o->version = c->version;
    o->suite = c->cipher_suite;
    o->group = c->group;
    o->retried = c->retried && s->retried;
    o->resumed = c->resumed && s->resumed;
    o->psk_used = c->psk_used && s->psk_used;
    o->verified[HF_CLIENT] = c->peer_verified;
    o->verified[HF_SERVER] = s->peer_verified;
    o->requested = c->certificate_requested;
    o->sent = c->certificate_sent;
    o->ems = c->extended_main_secret;
    o->stapled = c->stapled;
    o->staple = c->staple;
    o->early = s->early == c->early ? c->early : HF_EARLY_NONE;
    o->updates = c->key_updates * 16 + s->key_updates;
    for (int role = 0; role < 2; role++) {
        o->scheme[role] = (role == HF_CLIENT ? c : s)->signature_scheme;
        if (e->rested)
            note_peer(e, role);
    }
    fault_pause(false);
}

void judge_note_end(ends *e)
{
    note_failures(e);
}

void judge_outcome(ends *e, outcome *out)
{
    *out = e->seen;
    for (int role = 0; role < 2; role++) {
        out->connected[role] = e->connected[role];
        out->failed[role] = e->failed[role];
        out->closed[role] = e->closed[role];
    }
    out->talked = e->talked;
    out->exported = e->exported;
    out->n_early = e->n_early;
    out->sessions = e->sessions;
}

/* ---- does an error fit a fault? ---- */

/* Decrypting a premaster secret never fails in the open: both ends then have other keys. */
static bool is_veiled(const scene *s, const fault_hit *hit)
{
    static const char *const calls[] = { "EVP_PKEY_CTX_new", "EVP_PKEY_decrypt_init",
                                         "EVP_PKEY_CTX_set_rsa_padding", "EVP_PKEY_CTX_set_params",
                                         "EVP_PKEY_decrypt" };

    if (s->rsa && hit->side == HF_SERVER && hit->kind == FAULT_INSIDE)
        return true;
    for (size_t i = 0; s->rsa && hit->side == HF_SERVER && i < sizeof calls / sizeof *calls; i++)
        if (strcmp(hit->what, calls[i]) == 0)
            return true;
    return false;
}

static bool fits_call(const fault_hit *hit, const outcome *usual, const hf_error_row *row,
                      hf_error code)
{
    bool judged = hit->answer == FAULT_VERDICT || hit->answer == FAULT_PARSED;

    if (strcmp(hit->what, "RAND_bytes") == 0)
        return code == HF_E_RANDOM;
    if (code == HF_E_TIMEOUT &&
        usual->early == HF_EARLY_REJECTED) /* what does not open is early data */
        return hit->answer == FAULT_VERDICT;
    return code == HF_E_CRYPTO ||
           (judged && (row->blame == HF_BLAME_PEER || row->blame == HF_BLAME_CONFIG));
}

static bool fits_callback(const fault_hit *hit, hf_error code)
{
    if (strcmp(hit->what, "sign") == 0)
        return code == HF_E_JOB_FAILED;
    if (strcmp(hit->what, "find_psk") == 0) /* nobody of that name, which TLS 1.2 does not tell */
        return code == HF_E_PSK_UNKNOWN || code == HF_E_PSK_WRONG;
    return strcmp(hit->what, "verify") == 0 && code == HF_E_CERT_REFUSED;
}

/* libcrypto does not always say that it had no memory, and may say that a signature is wrong. */
static bool fits_inside(const hf_error_row *row, hf_error code)
{
    return code == HF_E_NO_MEMORY || code == HF_E_CRYPTO || code == HF_E_RANDOM ||
           row->blame == HF_BLAME_PEER || row->blame == HF_BLAME_CONFIG;
}

bool judge_fits(const scene *s, const outcome *usual, const fault_hit *hit, hf_error code)
{
    const hf_error_row *row = hf_error_row_of(code);

    if (is_veiled(s, hit) && code == HF_E_RECORD_MAC)
        return true;
    switch (hit->kind) {
    case FAULT_MEMORY:
    case FAULT_LIBCRYPTO_MEMORY: return code == HF_E_NO_MEMORY;
    case FAULT_INSIDE: return fits_inside(row, code);
    case FAULT_RANDOM: return code == HF_E_RANDOM;
    case FAULT_LIBCRYPTO: return fits_call(hit, usual, row, code);
    case FAULT_JOB: return code == HF_E_JOB_FAILED || code == HF_E_NO_MEMORY;
    case FAULT_CALLBACK: return fits_callback(hit, code);
    default: return false;
    }
}

/* Both ends share a thread here, and with it libcrypto's list of errors: what the one's failed allocation left there, the other
   finds when a call of his fails without a word. */
static bool left_behind(const ends *e, int role, hf_error code)
{
    bool failed = false, word = false;

    for (size_t i = 0; i < e->hits; i++) {
        failed |= fault_hits[i].side == role && fault_hits[i].kind == FAULT_LIBCRYPTO;
        word |= fault_hits[i].side != role && fault_hits[i].kind == FAULT_INSIDE;
    }
    return failed && word && code == HF_E_NO_MEMORY;
}

static bool explained(const ends *e, const scene *s, const outcome *usual, int role, hf_error code)
{
    for (size_t i = 0; i < e->hits; i++)
        if (fault_hits[i].side == role && judge_fits(s, usual, &fault_hits[i], code))
            return true;
    return left_behind(e, role, code);
}

/* ---- the end of a run ---- */

static const char *name_of(int role)
{
    return role == HF_CLIENT ? "client" : "server";
}

/* An end that failed: by its own fault, or because it was told, or left. */
static void judge_failed(verdict *v, const ends *e, const scene *s, const outcome *usual, int role)
{
    const hf_failure *f = &e->failure[role];
    const hf_error_row *row = hf_error_row_of(f->code);
    bool left = f->code == HF_E_ALERT_RECEIVED || f->code == HF_E_TRUNCATED_STREAM ||
                f->code == HF_E_CLOSED_IN_HANDSHAKE;

    if (left && e->failed[!role])
        return;
    if (e->connected[role] && e->hits_before[role] == e->hits)
        judge_say(v, "the %s said CONNECTED after its fault", name_of(role));
    if (!explained(e, s, usual, role, f->code))
        judge_say(v, "the %s says %s at %s", name_of(role), row->name, f->step);
    else if (row->alert != HF_ALERT_none && !e->left[role] && !e->closed[role] && e->hits < 2 &&
             (f->alert != (int)row->alert || f->alert_direction != HF_ALERT_SENT))
        judge_say(v, "the %s's alert is %d", name_of(role), f->alert);
}

/* The one that is told hears what the other one said. */
static void judge_told(verdict *v, const ends *e, const outcome *usual, int role)
{
    /* an alert under the keys of early data that is refused is skipped with it (RFC 9846 4.3.10) */
    bool deaf = usual->early == HF_EARLY_REJECTED && role == HF_SERVER;
    const hf_failure *told = &e->failure[role], *said = &e->failure[!role];

    if (said->code == HF_OK || said->code == HF_E_ALERT_RECEIVED || e->closed[role] ||
        e->left[!role])
        return;
    if (!e->failed[role])
        judge_say(v, "the %s goes on with an end that failed", name_of(role));
    else if (told->code == HF_E_ALERT_RECEIVED && told->alert == said->alert)
        v->alert_told = true;
    else if (e->hits < 2 && !deaf && said->alert != HF_ALERT_none)
        judge_say(v, "the %s was not told, and says %s", name_of(role),
                  hf_error_row_of(told->code)->name);
}

/* Names what differs. */
static void compare(verdict *v, const outcome *want, const outcome *out)
{
#define SAME(field)                                                                                \
    if (memcmp(&want->field, &out->field, sizeof want->field) != 0)                                \
    judge_say(v, "it goes on with another " #field)
    SAME(connected);
    SAME(closed);
    SAME(talked);
    SAME(version);
    SAME(suite);
    SAME(group);
    SAME(scheme);
    SAME(retried);
    SAME(resumed);
    SAME(psk_used);
    SAME(verified);
    SAME(requested);
    SAME(sent);
    SAME(ems);
    SAME(stapled);
    SAME(staple);
    SAME(early);
    SAME(n_early);
    SAME(exported);
    SAME(updates);
    SAME(peer);
    SAME(sessions);
#undef SAME
}

/* A fault may cost a session, a resumption or early data, and nothing else. */
static void judge_survived(verdict *v, const ends *e, const outcome *usual, const outcome *out)
{
    outcome want = *usual;

    if (e->api_error[0] != HF_OK || e->api_error[1] != HF_OK) /* judge_api has seen to it */
        want.exported = out->exported;

    if (want.sessions > out->sessions)
        want.sessions = out->sessions;
    if (usual->resumed && !out->resumed) {
        want.resumed = false;
        memcpy(want.scheme, out->scheme, sizeof want.scheme);
        want.group = out->group;
        want.requested = out->requested;
        want.sent = out->sent;
    }
    if (usual->early != HF_EARLY_NONE && out->early != HF_EARLY_ACCEPTED) {
        want.early = out->early; /* refused, or not even offered */
        want.n_early = 0;
    }
    compare(v, &want, out);
}

static void judge_api(verdict *v, const ends *e, const scene *s, const outcome *usual, int role)
{
    hf_error code = e->api_error[role];

    if (code != HF_OK && code != HF_E_MISUSE && !explained(e, s, usual, role, code))
        judge_say(v, "a call of the %s's says %s", name_of(role), hf_error_row_of(code)->name);
}

void judge(verdict *v, const ends *e, const scene *s, const outcome *usual, const outcome *out)
{
    v->hits = e->hits;
    for (int role = 0; role < 2; role++)
        judge_api(v, e, s, usual, role);
    if (!e->started) {
        v->ended = NOT_STARTED;
        return;
    }
    for (int role = 0; role < 2; role++) {
        if (e->failed[role] != (e->failure[role].code != HF_OK))
            judge_say(v, "the %s's failure and its event disagree", name_of(role));
        if (e->failed[role])
            judge_failed(v, e, s, usual, role);
        judge_told(v, e, usual, role);
    }
    v->ended = out->failed[0] || out->failed[1] ? REFUSED : SURVIVED;
    if (v->ended == SURVIVED)
        judge_survived(v, e, usual, out);
}
