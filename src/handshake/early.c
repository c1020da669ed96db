/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * 0-RTT (RFC 9846 2.3, 4.3.10, 8): whether a client offers early data, whether a server takes it, and
 * its secret. What is taken must not have been taken before:
 *
 *   - its ticket's age must be what the client says, give or take a window W (RFC 9846 8.3), so that a
 *     recorded flight is good for 2 W at most;
 *   - for that long the ticket stands in a register of those that were used (RFC 9846 8.1).
 *
 * The register is the memory of whoever made the ticket (src/keys/replay.c): a server that was started
 * again cannot open the tickets of its former life, and one that shares ticket keys without sharing
 * the register takes no early data.
 */
#include "handshake/hello.h"

/* ---- a client ---- */

static bool offers_protocol(hf_span list, hf_span protocol)
{
    hf_span name;

    while (hf_name_next(&list, &name))
        if (hf_span_equal(name, protocol))
            return true;
    return protocol.len == 0;
}

/* RFC 9846 4.3.10#1: a ticket is offered with it, and is the first key; F.5#3: it is off unless asked for. */
static hf_error judge_offer(const hf_engine *e)
{
    const hf_handshake *hs = e->hs;

    if (e->config->early_data == 0)
        return HF_E_EARLY_OFF;
    if (e->script.facts & HF_F_RETRY) /* RFC 9846 4.3.10#5 */
        return HF_E_EARLY_RETRY;
    if (!hs->has_ticket13 || hs->session.max_early_data == 0)
        return HF_E_EARLY_NO_SESSION;
    if (!offers_protocol(hf_span_of(hs->offer_alpn, hs->offer_alpn_len), hs->session.alpn))
        return HF_E_EARLY_OTHER_TERMS; /* RFC 9846 4.3.10: the ticket's protocol is meant */
    return HF_OK;
}

void hf_offer_early(hf_engine *e, hf_extensions *ext)
{
    hf_handshake *hs = e->hs;
    hf_error error = judge_offer(e);
    uint32_t ours = e->config->early_data;

    if (ours > 0 && !(e->script.facts & HF_F_RETRY)) /* what the first hello said stands */
        e->info.early_error = error;
    if (error != HF_OK)
        return;
    ext->present |= HF_EXT_BIT(early_data);
    hs->early_suite = hf_suite_of(hs->session.cipher_suite);
    e->early_left = ours < hs->session.max_early_data ? ours : hs->session.max_early_data;
    e->info.early = HF_EARLY_OFFERED;
}

void hf_early_rejected(hf_engine *e, hf_error why)
{
    if (e->info.early != HF_EARLY_OFFERED)
        return;
    e->info.early = HF_EARLY_REJECTED;
    e->info.early_error = why;
    e->early_left = 0;
}

/* The server's word in EncryptedExtensions. */
hf_error hf_accept_early(hf_engine *e, const hf_extensions *ext)
{
    const hf_handshake *hs = e->hs;

    if (!(ext->present & HF_EXT_BIT(early_data))) {
        hf_early_rejected(e, HF_E_EARLY_DECLINED);
        return HF_OK;
    }
    if (hs->psk_len == 0 || hs->psk_external || hs->psk_index != 0) /* RFC 9846 4.3.11#8 #9 */
        return hf_refuse(e, HF_E_EARLY_DATA_NOT_FIRST, "early_data", NULL, NULL);
    if (e->suite != hs->early_suite ||
        !hf_span_equal(hf_span_text(e->info.alpn), hs->session.alpn)) /* RFC 9846 4.3.10 */
        return hf_refuse(
            e, HF_E_EARLY_DATA_CHANGED, "early_data",
            e->suite != hs->early_suite ? hs->early_suite->name : "the ticket's protocol", NULL);
    e->script.facts |= HF_F_EARLY_ACCEPTED;
    e->info.early = HF_EARLY_ACCEPTED;
    return HF_OK;
}

/* ---- a server ---- */

static uint64_t register_clock(const hf_engine *e)
{
    return hf_sessions_clock(e->config->sessions, hf_config_clock(e->config));
}

/* RFC 9846 8.3, 4.3.10#3: by our clock the ticket must be about as old as the client says, and no older than any can be, wherever and by
   whichever settings that is judged. */
static bool is_fresh(const hf_early_ticket *t, uint64_t now_ms)
{
    uint64_t expected = t->issued_ms + t->age_ms;
    uint64_t apart = now_ms > expected ? now_ms - expected : expected - now_ms;

    return t->age_ms <= t->life_ms && apart <= HF_EARLY_WINDOW_MS;
}

/* All but the register (RFC 9846 4.3.10#6 #7). */
static hf_error judge(const hf_engine *e, uint64_t now_ms)
{
    const hf_handshake *hs = e->hs;
    const hf_session *s = &hs->session;

    if (e->config->early_data == 0)
        return HF_E_EARLY_OFF;
    if (hs->psk_len == 0 || hs->psk_external || hs->psk_index != 0) /* RFC 9846 4.3.10 */
        return HF_E_EARLY_NO_SESSION;
    if (e->script.intent & HF_F_RETRY)
        return HF_E_EARLY_RETRY;
    if (e->suite->code != s->cipher_suite ||
        !hf_span_equal(hf_span_text(e->info.alpn), s->alpn)) /* RFC 9846 4.3.10 */
        return HF_E_EARLY_OTHER_TERMS;
    return is_fresh(&hs->first_ticket, now_ms) ? HF_OK : HF_E_EARLY_STALE;
}

/* Whether there is anything to judge: a ticket that allows early data, and a register that would know of it. */
static hf_error has_ticket(const hf_engine *e)
{
    const hf_early_ticket *t = &e->hs->first_ticket;

    if (!e->config->sessions || !hf_sessions_early(e->config->sessions))
        return HF_E_EARLY_OFF;
    if (!t->opened)
        return HF_E_EARLY_NO_SESSION;
    return t->max_early_data > 0 ? HF_OK : HF_E_EARLY_OFF;
}

/* RFC 9846 4.3.10#4 #9 */
static void settle(hf_engine *e, hf_error verdict)
{
    e->info.early = verdict == HF_OK ? HF_EARLY_ACCEPTED : HF_EARLY_REJECTED;
    e->info.early_error = verdict;
    if (verdict != HF_OK)
        return;
    e->hs->early_suite = e->suite;
    e->early_left = e->hs->first_ticket.max_early_data;
}

/* RFC 9846 8#2, 8.2#1 #2: what was claimed, or may have been, is refused, and the handshake goes on.
   The ticket is claimed whatever the verdict will be: a client whose early data is refused sends it again, and a copy of the
   refused flight must not be taken later, when it has become fresh, or fits, or the settings have changed. For as long as a copy
   could be; one that says to be older than any ticket never is. */
static hf_error submit_claim(hf_engine *e)
{
    const hf_early_ticket *t = &e->hs->first_ticket;
    uint64_t now_ms = register_clock(e);
    uint64_t end = t->issued_ms + (t->age_ms < t->life_ms ? t->age_ms : t->life_ms);

    if (end < now_ms)
        end = now_ms;
    return hf_submit(e, hf_job_replay_check(hf_job_home(e), e->config->sessions, t->id, now_ms,
                                            end + 2 * HF_EARLY_WINDOW_MS + 1));
}

/* The answer may have taken its time: the flight must be fresh now, while the register still holds whoever claimed it before. */
hf_error hf_judge_early(hf_engine *e)
{
    hf_error verdict = HF_OK;

    if (!(e->hs->hello.ext.present & HF_EXT_BIT(early_data)) || e->info.early != HF_EARLY_NONE)
        return HF_OK;
    if (e->n_jobs == 0) {
        verdict = has_ticket(e);
        if (verdict == HF_OK)
            return submit_claim(e);
    } else {
        hf_error claimed = e->hs->jobs[0]->result;
        hf_jobs_clear(e);
        verdict = judge(e, register_clock(e));
        verdict = verdict == HF_OK ? claimed : verdict;
    }
    settle(e, verdict);
    return HF_OK;
}

/* ---- both ends ---- */

/* RFC 9846 7.1: from the PSK and the ClientHello alone. */
hf_error hf_derive_early(hf_engine *e, hf_span psk)
{
    hf_handshake *hs = e->hs;
    hf_hash_id id = hs->early_suite->hash;
    size_t n = hf_hash_len(id);
    uint8_t hash[HF_HASH_MAX], exporter[HF_HASH_MAX];

    TRY(hf_hash_once(id, hs->hello_message, hash));
    TRY(hf_schedule_early(&hs->schedule, id, psk));
    TRY(hf_derive_secret(id, hs->schedule.secret, "c e traffic", hash, hs->early_traffic));
    hf_log_secret(e, "CLIENT_EARLY_TRAFFIC_SECRET", hf_span_of(hs->early_traffic, n));
    hf_error error = hf_derive_secret(id, hs->schedule.secret, "e exp master", hash, exporter);
    if (error == HF_OK)
        hf_log_secret(e, "EARLY_EXPORTER_SECRET", hf_span_of(exporter, n));
    hf_wipe(exporter, sizeof exporter);
    return error;
}
