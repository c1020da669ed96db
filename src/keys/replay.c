/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The register of 0-RTT tickets that were used (RFC 9846 8.1, 8.2), so that no flight of early data is
 * taken twice. Each ticket has an id of random bytes; who takes its early data claims the id first.
 *
 * Why no flight is accepted twice. A flight names its ticket and the age that the ticket has for the
 * client, both under its binder, so that a copy has the same. Let `expected` be the ticket's issued_ms
 * plus that age, and w HF_EARLY_WINDOW_MS. Whoever judges a flight (src/handshake/early.c) reads the
 * clock, t, claims the id by it until some U > expected + w if the flight can be accepted at all, reads
 * the clock again, T >= t, and accepts only if the claim was answered by HF_OK and
 * expected - w <= T <= expected + w (RFC 9846 8.3). Say a copy is accepted after another claim for the
 * same flight. Then its t <= T <= expected + w < U: it is enough that after a claim until U, however it
 * was answered (whoever is refused sends his data again, so that no copy of it may be taken either), no
 * claim of this id by a reading up to U is answered by HF_OK. This file sees to that, in whatever order
 * claims come here and whatever the clock did in between. After each claim until U its id has a slot
 * that says U or more, or `forgotten` of its bucket says so:
 *   - who comes with an id that has a slot is refused, also past U, so that a ticket is not used twice by
 *     a new flight either (RFC 9846 8.1) as long as there is room; U never sinks;
 *   - a slot is given away past its U alone, and `forgotten`, which never sinks, is raised to that. Who has
 *     no slot and a reading that is not past `forgotten` has come late, or by a clock that was set back:
 *     his id may be a forgotten one, and he is refused. He has a slot from then on like everybody else;
 *   - a bucket whose slots are all taken refuses (RFC 9846 8.2): it forgets nobody early. Whoever finds
 *     no slot counts as forgotten at once. So does, in all buckets, who came when there was no memory.
 * The register stands and falls with the tickets: their keys were drawn by the same object, never leave
 * it and are gone with it, or the register is shared by all who have the keys (hf_sessions_early).
 * The clock is held where it is while the one behind it is set back (hf_sessions_clock), so that T >= t,
 * what was too late once stays so, and slots are given away in order.
 * Ids are no secrets (whoever knows one opens nothing), and nobody outside chooses them, so nobody can
 * crowd one bucket. The slots are made when the first id is claimed.
 */
#include "keys/session_store.h"

enum { BUCKET = 16 };

struct hf_strike {
    uint8_t id[HF_EARLY_ID];
    uint64_t until; /* 0: free */
};

void hf_strike_register_end(hf_strike_register *strikes)
{
    hf_free(strikes->slots);
}

bool hf_sessions_early(const hf_sessions *sessions)
{
    bool own_keys = !sessions->ops.seal && !atomic_load(&sessions->ring.given);

    return sessions->tickets && (own_keys || sessions->ops.claim);
}

/* ---- the clock ---- */

static void move_on(hf_strike_register *strikes, uint64_t now)
{
    if (now > strikes->latest)
        strikes->latest = now;
}

uint64_t hf_sessions_clock(hf_sessions *sessions, uint64_t own_ms)
{
    if (sessions->ops.now_ms)
        return sessions->ops.now_ms(sessions->ops.user);
    hf_sessions_lock(sessions);
    move_on(&sessions->strikes, own_ms);
    uint64_t now = sessions->strikes.latest;
    hf_sessions_unlock(sessions);
    return now;
}

/* ---- slots ---- */

typedef struct bucket {
    hf_strike *first, *end;
    uint64_t *forgotten;
} bucket;

static size_t count_buckets(const hf_strike_register *strikes)
{
    return (strikes->entries + BUCKET - 1) / BUCKET;
}

/* The slots are dealt out evenly, so that all are in some bucket: none is empty, none over BUCKET. */
static bucket bucket_of(const hf_strike_register *strikes, const uint8_t *id)
{
    uint64_t hash = 0, n = count_buckets(strikes);

    for (size_t i = 0; i < sizeof hash; i++)
        hash = hash << 8 | id[i];
    hash %= n;
    return (bucket){ strikes->slots + hash * strikes->entries / n,
                     strikes->slots + (hash + 1) * strikes->entries / n,
                     strikes->forgotten + hash };
}

static hf_strike *slot_of(bucket b, const uint8_t *id)
{
    for (hf_strike *slot = b.first; slot < b.end; slot++)
        if (slot->until > 0 && memcmp(slot->id, id, HF_EARLY_ID) == 0)
            return slot;
    return NULL;
}

/* A free slot, else the one whose time passed longest ago, so that `forgotten` lags behind the clock. */
static hf_strike *slot_to_fill(bucket b, uint64_t latest)
{
    hf_strike *best = b.first;

    for (hf_strike *slot = b.first; slot < b.end; slot++)
        if (slot->until < best->until)
            best = slot;
    return best->until == 0 || best->until < latest ? best : NULL;
}

static void forget(uint64_t *forgotten, uint64_t until)
{
    if (until > *forgotten)
        *forgotten = until;
}

static void fill(bucket b, hf_strike *slot, const uint8_t *id, uint64_t until)
{
    forget(b.forgotten, slot->until);
    memcpy(slot->id, id, HF_EARLY_ID);
    slot->until = until;
}

/* ---- claims ---- */

/* Whatever the answer is, the id counts as used from now on. It stands in the ticket, under the server's seal (RFC 9846 8.2#3). */
static hf_error claim_locked(hf_strike_register *strikes, const uint8_t *id, uint64_t now,
                             uint64_t until)
{
    bucket b = bucket_of(strikes, id);
    hf_strike *slot = slot_of(b, id);
    bool late = *b.forgotten > 0 && *b.forgotten >= now;

    move_on(strikes, now);
    if (slot) { /* RFC 9846 8.1, 8#2: a ticket's early data is taken once */
        slot->until = until > slot->until ? until : slot->until; /* this flight may be copied too */
        return HF_E_EARLY_USED;
    }
    slot = slot_to_fill(b, strikes->latest);
    if (slot)
        fill(b, slot, id, until);
    else
        forget(b.forgotten, until);
    if (late)
        return HF_E_EARLY_STALE;
    return slot ? HF_OK : HF_E_EARLY_FULL;
}

static bool has_slots(hf_sessions *sessions)
{
    hf_sessions_lock(sessions);
    bool has = sessions->strikes.slots != NULL;
    hf_sessions_unlock(sessions);
    return has;
}

static void install(hf_strike_register *strikes, hf_strike *fresh)
{
    strikes->slots = fresh;
    strikes->forgotten = (uint64_t *)(void *)(fresh + strikes->entries);
    for (size_t i = 0; i < count_buckets(strikes) && strikes->turned_away > 0; i++)
        strikes->forgotten[i] = strikes->turned_away;
}

/* There may be no memory for them. */
static void make_slots(hf_sessions *sessions)
{
    hf_strike_register *strikes = &sessions->strikes;
    size_t slots = strikes->entries * sizeof(hf_strike);
    hf_strike *fresh = hf_alloc(slots + count_buckets(strikes) * sizeof *strikes->forgotten);

    hf_sessions_lock(sessions);
    if (fresh && !strikes->slots) {
        install(strikes, fresh);
        fresh = NULL;
    }
    hf_sessions_unlock(sessions);
    hf_free(fresh); /* another thread was quicker */
}

static hf_error turn_away(hf_strike_register *strikes, uint64_t until)
{
    forget(&strikes->turned_away, until);
    return HF_E_NO_MEMORY;
}

/* A claim that ends before it begins would hold nothing. */
hf_error hf_early_claim(hf_sessions *sessions, const uint8_t id[HF_EARLY_ID], uint64_t now_ms,
                        uint64_t until_ms)
{
    const hf_sessions_ops *ops = &sessions->ops;
    hf_strike_register *strikes = &sessions->strikes;

    if (until_ms <= now_ms)
        return HF_E_MISUSE;
    if (ops->claim)
        return ops->claim(ops->user, id, now_ms, until_ms);
    if (!has_slots(sessions))
        make_slots(sessions);
    hf_sessions_lock(sessions);
    hf_error e =
        strikes->slots ? claim_locked(strikes, id, now_ms, until_ms) : turn_away(strikes, until_ms);
    hf_sessions_unlock(sessions);
    return e;
}
