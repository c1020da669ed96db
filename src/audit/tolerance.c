/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a server must ignore or put up with, and some do not: versions to come, unknown extensions, GREASE, long hellos, hellos of 256 to
 * 511 bytes, hellos in several records. Most of it is asked for in one hello; only if that fails each thing is asked for alone.
 * A thing counts as not tolerated if the same hello with it failed, without it was taken, and with it failed twice more.
 */
#include "audit/lists.h"

typedef enum thing {
    VERSION_LIST = 1u << 0,  /* an unknown one in supported_versions */
    VERSION_FIELD = 1u << 1, /* legacy_version beyond TLS 1.2, without supported_versions */
    EXTENSION = 1u << 2,
    GREASE = 1u << 3,
    LONG = 1u << 4,
    PADDING = 1u << 5,
    FRAGMENTS = 1u << 6
} thing;

static const struct {
    unsigned things; /* of one hello */
    bool only_13, only_older;
} hellos[] = {
    { VERSION_LIST | EXTENSION | GREASE | LONG | FRAGMENTS, true, false },
    { EXTENSION | GREASE | LONG | FRAGMENTS, false, true },
    { PADDING, false, false },
    { VERSION_FIELD, false, false },
    /* from here on only what failed together */
    { VERSION_LIST, true, false },
    { EXTENSION, false, false },
    { GREASE, false, false },
    { LONG, false, false },
    { FRAGMENTS, false, false },
};
enum {
    HELLOS = sizeof hellos / sizeof hellos[0],
    SUITES_MAX = 8,
    UNKNOWN_EXTENSION = 0x5e5d,
    UNKNOWN_VERSION = 0x03ff,
    LONG_BYTES = 4096,
    PADDED_BYTES = 384,
    RECORD_BYTES = 600,
    SMALL_RECORD_BYTES = 64,
    AGAIN_TIMES = 2,
    BASES_MAX = 2
};

/* of one hello: with the thing, without it, with it again */
typedef enum stage { FIRST, BASE, AGAIN } stage;
typedef struct tolerance {
    size_t at; /* of hellos */
    stage stage;
    unsigned again;              /* that it failed */
    unsigned known;              /* things that are settled */
    unsigned bases;              /* that failed */
    char words[HF_FLIGHT_WORDS]; /* how it failed */
} tolerance;

/* ---- questions ---- */

static hf_seen_version_id version_of(const hf_seen *seen, unsigned things)
{
    return things & VERSION_FIELD ? hf_newest_older(seen) : hf_seen_newest(seen);
}

/* A few suites that it is known to take: the hello without anything else is short. */
static void open_base(const hf_inquiry *q, unsigned things, hf_crafted *hello)
{
    hf_seen_version_id id = version_of(q->seen, things);
    const hf_codes *suites = &q->seen->v[id].suites;

    hf_inquiry_open(q, hf_seen_version_code(id), hello);
    if (suites->n == 0)
        return;
    hello->suites.n = 0;
    for (size_t i = 0; i < suites->n && i < SUITES_MAX; i++)
        hf_codes_add(&hello->suites, suites->at[i]);
}

static void add_things(unsigned things, hf_crafted *hello)
{
    if (things & VERSION_LIST) {
        hf_codes_add(&hello->versions, UNKNOWN_VERSION);
        hf_codes_add(&hello->versions, HF_TLS13);
    }
    if (things & VERSION_FIELD)
        hello->legacy_version = UNKNOWN_VERSION;
    if (things & EXTENSION)
        hello->unknown_extension = UNKNOWN_EXTENSION;
    hello->grease = things & GREASE;
    hello->padding = things & LONG ? LONG_BYTES : things & PADDING ? PADDED_BYTES : 0;
    if (things & FRAGMENTS)
        hello->record_size = things & LONG ? RECORD_BYTES : SMALL_RECORD_BYTES;
}

static bool applies(const hf_seen *seen, const tolerance *t)
{
    bool is13 = hf_seen_speaks(seen, HF_V_TLS13);
    unsigned things = hellos[t->at].things;

    if ((hellos[t->at].only_13 && !is13) || (hellos[t->at].only_older && is13))
        return false;
    /* SSL 3.0 has no extensions to be intolerant of. */
    hf_seen_version_id id = version_of(seen, things);
    return id != HF_V_COUNT && id > HF_V_SSL3 && (things & ~t->known) != 0;
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    tolerance *t = q->state;
    hf_crafted hello;

    if (hf_seen_newest(q->seen) == HF_V_COUNT || t->bases >= BASES_MAX)
        return false;
    while (t->at < HELLOS && !applies(q->seen, t))
        t->at++;
    if (t->at == HELLOS)
        return false;
    open_base(q, hellos[t->at].things, &hello);
    if (t->stage != BASE)
        add_things(hellos[t->at].things, &hello);
    return hf_inquiry_say(ask, &hello);
}

/* ---- answers ---- */

/* With a version to come it may choose any that it speaks. */
static bool was_taken(const hf_inquiry *q, const hf_flight *f)
{
    return f->hello && hf_seen_speaks(q->seen, hf_seen_version_of(f->version));
}

static const struct {
    unsigned thing;
    hf_trait_id trait;
    const char *what;
} rows[] = {
    { VERSION_LIST, HF_TRAIT_intolerant_version, "0x03ff in supported_versions" },
    { VERSION_FIELD, HF_TRAIT_intolerant_version, "legacy_version 0x03ff" },
    { EXTENSION, HF_TRAIT_intolerant_extension, "extension 0x5e5d" },
    { GREASE, HF_TRAIT_intolerant_grease, "GREASE" },
    { LONG, HF_TRAIT_intolerant_long_hello, "4 KiB" },
    { PADDING, HF_TRAIT_intolerant_padding, "384 bytes" },
    { FRAGMENTS, HF_TRAIT_intolerant_fragments, "several records" },
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static const char *words_of(unsigned things)
{
    for (size_t i = 0; i < ROWS; i++)
        if (things == rows[i].thing)
            return rows[i].what;
    return "all that must be ignored";
}

static void tell_all(hf_inquiry *q, const hf_reply *reply, unsigned things, hf_tri state,
                     const char *words)
{
    char came[HF_FLIGHT_WORDS];
    size_t evidence = hf_inquiry_evidence(q, reply, "a hello with %s: %s", words_of(things),
                                          hf_flight_words(reply->flight, came));

    for (size_t i = 0; i < ROWS; i++)
        if (things & rows[i].thing)
            hf_seen_trait(q->seen, rows[i].trait, state, evidence, "%s%s%s", rows[i].what,
                          words[0] ? ": " : "", words);
}

static void settle(hf_inquiry *q, const hf_reply *reply, hf_tri state, const char *words)
{
    tolerance *t = q->state;

    tell_all(q, reply, hellos[t->at].things, state, words);
    t->known |= hellos[t->at].things;
    t->at++;
    t->again = 0;
    t->stage = FIRST;
}

/* Several at once: which one it was is asked one by one. */
static bool is_several(const tolerance *t)
{
    return (hellos[t->at].things & (hellos[t->at].things - 1)) != 0;
}

static void got_with(hf_inquiry *q, const hf_reply *reply, tolerance *t)
{
    if (was_taken(q, reply->flight)) {
        settle(q, reply, HF_ABSENT, "");
        return;
    }
    hf_flight_words(reply->flight, t->words);
    if (is_several(t))
        t->at++;
    else if (t->stage == FIRST)
        t->stage = BASE;
    else if (++t->again == AGAIN_TIMES)
        settle(q, reply, HF_PRESENT, t->words);
}

/* Then nothing can be said of this thing; nor of any other if it happens again. */
static void base_failed(hf_inquiry *q, const hf_reply *reply, tolerance *t)
{
    static const char words[] = "the hello without it is not taken either";

    settle(q, reply, HF_UNKNOWN, words);
    if (++t->bases == BASES_MAX)
        tell_all(q, reply, ~t->known, HF_UNKNOWN, words);
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    tolerance *t = q->state;

    hf_list_glean(q, reply);
    if (t->stage != BASE)
        got_with(q, reply, t);
    else if (was_taken(q, reply->flight))
        t->stage = AGAIN;
    else
        base_failed(q, reply, t);
}

const hf_inquiry_row hf_inquiry_tolerance = {
    "tolerance", "What must be ignored", HF_PHASE_DETAILS, sizeof(tolerance), next, got, NULL
};
