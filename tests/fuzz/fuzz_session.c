/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a client brings back, and what a file of sessions may hold. The first byte chooses: the rest
 * as a written session; as a ticket; as a state that is sealed and its ticket changed; or as what
 * happens to a server's memory in the course of time. A session that reads writes back byte for
 * byte; a ticket opens if and only if it is one that was sealed, under a key that is still kept, and
 * then to the state that was sealed; an id is claimed once until its time has passed, whatever the
 * clock does; a client's session comes out once, the newest of its kind first.
 */
#include "fuzz/fuzz.h"
#include "keys/session.h"

enum { NOW = 1700000000, LIFETIME = 3600, EDITS_MAX = 8, LONGER_MAX = 32 };

/* A fuzzer learns from comparisons, even a whole ticket that was sealed. So tickets of its own making
   are shown to an object that never seals. */
enum { SEALS, NEVER_SEALS };

static hf_sessions *sessions(int which)
{
    static hf_sessions *kept[2];

    if (!kept[which])
        kept[which] = hf_sessions_new(
            &(hf_sessions_options){ .tickets = true, .entries = 0, .lifetime = LIFETIME });
    CHECK(kept[which]);
    return kept[which];
}

/* ---- a written session ---- */

static void check_spans(const hf_session *s, hf_span whole)
{
    const hf_span spans[] = {
        s->server_name, s->alpn,        s->peer_subject, s->peer_sans, s->peer_fingerprint,
        s->endpoint,    s->verify_name, s->session_id,   s->ticket
    };

    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        CHECK(hf_span_within(spans[i], whole));
    CHECK(s->secret_len <= HF_HASH_MAX && s->session_id.len <= HF_SESSION_ID);
    CHECK(s->created >= 0 && s->expires >= 0);
}

static void read_session(hf_span in)
{
    static uint8_t again[HF_SESSION_MAX];
    uint8_t *copy = tight_copy(in);
    hf_builder b = hf_wr_start(again, sizeof again);
    hf_session s;
    hf_span out;

    in = hf_span_of(copy, in.len);
    hf_error e = hf_session_read(in, &s);
    CHECK(e == HF_OK || e == HF_E_SESSION_DAMAGED);
    if (e == HF_OK) {
        check_spans(&s, in);
        hf_session_write(&b, &s);
        CHECK(hf_wr_finish(&b, &out) == HF_OK && hf_span_equal(out, in));
    }
    free(copy);
}

/* ---- a ticket ---- */

static bool opens(int which, hf_span ticket, uint8_t *state, size_t *len)
{
    uint8_t *copy = tight_copy(ticket);
    bool renew;
    hf_error e =
        hf_ticket_open(sessions(which), NOW, hf_span_of(copy, ticket.len), state, len, &renew);

    free(copy);
    CHECK(e == HF_OK || e == HF_E_SESSION_DAMAGED);
    CHECK(!renew && (e == HF_OK || *len == 0));
    return e == HF_OK;
}

/* Changes, shortens or lengthens it; true if it is another one then. */
static bool change(input *in, uint8_t *ticket, size_t *len)
{
    static uint8_t before[HF_TICKET_MAX];
    size_t n = input_u8(in) % EDITS_MAX, was = *len;

    memcpy(before, ticket, was);
    for (size_t i = 0; i < n; i++) {
        size_t at = input_u16(in) % *len;
        ticket[at] ^= input_u8(in);
    }
    uint8_t size = input_u8(in);
    if (size & 0x80)
        *len -= (size & 0x7f) % *len;
    else
        *len += size % LONGER_MAX;
    return *len != was || memcmp(ticket, before, was) != 0;
}

static void seal_and_change(input *in)
{
    static uint8_t ticket[HF_TICKET_MAX + LONGER_MAX], found[HF_SESSION_STATE_MAX];
    hf_span state = input_take(in, input_u16(in) % (HF_SESSION_STATE_MAX + 1));
    size_t len, n = 0;

    CHECK(hf_ticket_seal(sessions(SEALS), NULL, NOW, state, ticket, &len) == HF_OK);
    CHECK(len == state.len + HF_TICKET_OVERHEAD);
    bool changed = change(in, ticket, &len);
    CHECK(opens(SEALS, hf_span_of(ticket, len), found, &n) == !changed);
    CHECK(changed || hf_span_equal(hf_span_of(found, n), state));
}

/* ---- ticket keys that are replaced ---- */

enum { TURNS = 64, HELD = 4 };

typedef struct held_ticket {
    uint8_t bytes[HF_TICKET_MAX];
    size_t len;
    int age; /* keys that came after its own */
} held_ticket;

static void replace_key(hf_sessions *own, held_ticket *tickets)
{
    CHECK(hf_sessions_rotate(own) == HF_OK);
    for (int i = 0; i < HELD; i++)
        tickets[i].age++;
}

static void open_held(hf_sessions *own, const held_ticket *t, uint8_t id)
{
    uint8_t state[HF_SESSION_STATE_MAX];
    bool renew = false;
    size_t len = 0;
    hf_error e = hf_ticket_open(own, NOW, hf_span_of(t->bytes, t->len), state, &len, &renew);

    CHECK((e == HF_OK) == (t->len > 0 && t->age <= 1));
    CHECK(e != HF_OK || (renew == (t->age == 1) && len == 1 && state[0] == id));
}

static void rotate(input *in)
{
    hf_sessions *own =
        hf_sessions_new(&(hf_sessions_options){ .tickets = true, .lifetime = LIFETIME });
    held_ticket tickets[HELD] = { { .len = 0 } };

    CHECK(own);
    for (int i = 0; i < TURNS && in->left > 0; i++) {
        uint8_t op = input_u8(in), id = op % HELD;
        held_ticket *t = &tickets[id];
        switch (op / HELD % 3) {
        case 0:
            CHECK(hf_ticket_seal(own, NULL, NOW, hf_span_of(&id, 1), t->bytes, &t->len) == HF_OK);
            t->age = 0;
            break;
        case 1: replace_key(own, tickets); break;
        default: open_held(own, t, id);
        }
    }
    hf_sessions_free(own);
}

/* ---- the register of 0-RTT tickets ---- */

enum { STRIKES = 20, IDS = 32, WINDOW = 2 * HF_EARLY_WINDOW_MS + 1 };

/* What is refused is used up too, as long as there is room for it. */
typedef struct claimed {
    uint64_t until,
        last; /* of the newest claim that was granted, and of the newest at all; 0: none */
} claimed;

static void claim(hf_sessions *own, uint8_t which, uint64_t clock, claimed ids[IDS])
{
    claimed *mine = &ids[which % IDS];
    const uint8_t id[HF_EARLY_ID] = { [7] = which % IDS };
    uint64_t now = hf_sessions_clock(own, clock), last = 0;
    hf_error e = hf_early_claim(own, id, now, now + WINDOW);

    for (int i = 0; i < IDS; i++)
        last = ids[i].last > last ? ids[i].last : last;
    CHECK(now >= clock);
    switch (e) {
    case HF_OK:
        CHECK(mine->until < now);
        mine->until = now + WINDOW;
        break;
    case HF_E_EARLY_USED: CHECK(mine->last > 0); break;
    default: CHECK((e == HF_E_EARLY_FULL || e == HF_E_EARLY_STALE) && last >= now);
    }
    mine->last = now + WINDOW;
}

static void claims(input *in)
{
    hf_sessions *own = hf_sessions_new(&(hf_sessions_options){
        .tickets = true, .lifetime = LIFETIME, .strikes = 1 + input_u8(in) % STRIKES });
    uint64_t clock = 1000000;
    claimed ids[IDS] = { { .until = 0 } };

    CHECK(own && hf_sessions_early(own));
    for (int i = 0; i < TURNS * 2 && in->left > 0; i++) {
        uint8_t op = input_u8(in);
        if (op < 128) {
            claim(own, op, clock, ids);
            continue;
        }
        uint64_t by = 97u * input_u8(in); /* the clock may be set back too */
        clock = op & 1 && by < clock ? clock - by : clock + by;
    }
    hf_sessions_free(own);
}

/* ---- a client's sessions ---- */

enum { NAMES = 4, PER_NAME = 8, ENTRIES_MAX = 12 };

typedef struct shelf {
    uint8_t content[TURNS * 2], name[TURNS * 2]; /* from old to new */
    size_t n;
} shelf;

static void shelf_remove(shelf *s, size_t at)
{
    memmove(s->content + at, s->content + at + 1, s->n - at - 1);
    memmove(s->name + at, s->name + at + 1, s->n - at - 1);
    s->n--;
}

static void shelf_put(shelf *s, size_t entries, uint8_t name, uint8_t content)
{
    size_t same = 0, oldest = 0;

    for (size_t i = s->n; i-- > 0;)
        if (s->name[i] == name) {
            same++;
            oldest = i;
        }
    if (same == PER_NAME)
        shelf_remove(s, oldest);
    else if (s->n == entries)
        shelf_remove(s, 0);
    s->name[s->n] = name;
    s->content[s->n++] = content;
}

static int shelf_take(shelf *s, uint8_t name)
{
    for (size_t i = s->n; i-- > 0;)
        if (s->name[i] == name) {
            int content = s->content[i];
            shelf_remove(s, i);
            return content;
        }
    return -1;
}

static void take_kept(hf_sessions *own, shelf *s, const uint8_t key[32])
{
    hf_span found = hf_sessions_take(own, key);
    int due = shelf_take(s, key[0]);

    CHECK((found.len == 1) == (due >= 0));
    CHECK(found.len == 0 || found.data[0] == due);
    hf_free_secret((void *)(uintptr_t)found.data, found.len);
}

static void keep(input *in)
{
    size_t entries = 1 + input_u8(in) % ENTRIES_MAX;
    hf_sessions *own =
        hf_sessions_new(&(hf_sessions_options){ .entries = entries, .lifetime = LIFETIME });
    shelf s = { .n = 0 };

    CHECK(own);
    for (int i = 0; i < TURNS && in->left > 0; i++) {
        uint8_t op = input_u8(in), key[32] = { op % NAMES }, content = (uint8_t)i;
        if (op & 0x80) {
            take_kept(own, &s, key);
            continue;
        }
        hf_sessions_put(own, key, hf_span_of(&content, 1));
        shelf_put(&s, entries, key[0], content);
    }
    hf_sessions_free(own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t state[HF_SESSION_STATE_MAX];
    input in = { data, size };
    size_t len;

    switch (input_u8(&in) % 6) {
    case 0: read_session(hf_span_of(in.p, in.left)); break;
    case 1: CHECK(!opens(NEVER_SEALS, hf_span_of(in.p, in.left), state, &len)); break;
    case 2: seal_and_change(&in); break;
    case 3: rotate(&in); break;
    case 4: claims(&in); break;
    default: keep(&in);
    }
    return 0;
}
