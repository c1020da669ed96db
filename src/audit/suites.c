/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Which suites a server takes, one inquiry for each version that it speaks, side by side: a walk through all that there are. The
 * order in which they are found is the server's, if it has one. ChaCha20 stands at the end of what is offered, since some
 * servers give way to a client that puts it first.
 */
#include <stdio.h>

#include "audit/lists.h"

typedef struct suites {
    hf_walk walk;
    bool begun;
    hf_codes first; /* pieces were walked: what they held, to be walked once more for its order */
    size_t first_evidence[HF_CODES_MAX];
    char first_why[96];
    bool second;
} suites;

static hf_seen_version_id version_of(const hf_inquiry *q);

static void chacha_last(const hf_codes *all, hf_codes *out)
{
    out->n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (!hf_suite_is_chacha(all->at[i]))
            hf_codes_add(out, all->at[i]);
    for (size_t i = 0; i < all->n; i++)
        hf_codes_add(out, all->at[i]);
}

static void begin(suites *s, hf_seen_version_id id)
{
    hf_codes all = { .n = 0 };

    s->begun = true;
    hf_all_suites(hf_seen_version_code(id), &all);
    chacha_last(&all, &s->walk.left);
}

/* Groups and schemes must be no reason to refuse a suite: unless it was a small hello that worked, all of them are offered. */
static bool next(hf_inquiry *q, hf_ask *ask)
{
    hf_seen_version_id id = version_of(q);
    suites *s = q->state;
    hf_crafted hello;

    if (!hf_seen_speaks(q->seen, id))
        return false;
    if (!s->begun)
        begin(s, id);
    hf_list_open(q, id, &hello);
    if (q->seen->v[id].form != HF_HELLO_SMALL)
        hf_list_form(&hello, HF_HELLO_ALL);
    return hf_walk_offer(&s->walk, &hello.suites) && hf_inquiry_say(ask, &hello);
}

/* ---- what came of it ---- */

static void write_down(hf_inquiry *q, const suites *s)
{
    hf_seen_version *v = &q->seen->v[version_of(q)];

    v->suites = s->walk.found;
    memcpy(v->suite_evidence, s->walk.evidence, sizeof v->suite_evidence);
    v->suites_whole = s->walk.whole;
    if (!s->walk.whole)
        snprintf(v->why, sizeof v->why, "%s", s->walk.why);
}

/* Pieces have no order among each other: what they held is offered as a whole, if it can be. */
static void walk_again(suites *s)
{
    s->second = true;
    s->first = s->walk.found;
    memcpy(s->first_evidence, s->walk.evidence, sizeof s->first_evidence);
    memcpy(s->first_why, s->walk.why, sizeof s->first_why);
    s->walk = (hf_walk){ .left = s->first };
}

/* The second walk counts for the order alone: what it did not find again was there all the same. */
static void merge(suites *s)
{
    for (size_t i = 0; i < s->first.n; i++)
        if (!hf_codes_have(&s->walk.found, s->first.at[i])) {
            s->walk.evidence[s->walk.found.n] = s->first_evidence[i];
            hf_codes_add(&s->walk.found, s->first.at[i]);
        }
    memcpy(s->walk.why, s->first_why, sizeof s->walk.why);
    s->walk.whole = s->first_why[0] == '\0';
}

static void finish_walk(hf_inquiry *q, suites *s)
{
    if (s->walk.chunked && !s->second && s->walk.found.n > 1 && s->walk.found.n <= HF_WALK_CHUNK) {
        walk_again(s);
        return;
    }
    if (s->second)
        merge(s);
    write_down(q, s);
}

static size_t evidence_of(hf_inquiry *q, const hf_reply *reply, hf_answer answer, size_t offered,
                          char words[HF_FLIGHT_WORDS])
{
    hf_flight_words(reply->flight, words);
    if (answer != HF_ANSWER_TOOK)
        return 0;
    return hf_inquiry_evidence(q, reply, "%s with %zu suites: %s",
                               hf_seen_version_name(version_of(q)), offered, words);
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    hf_seen_version_id id = version_of(q);
    const hf_flight *f = reply->flight;
    suites *s = q->state;
    hf_answer answer = hf_walk_answer(f, hf_seen_version_code(id));
    char words[HF_FLIGHT_WORDS];
    hf_codes offered;

    hf_walk_offer(&s->walk, &offered);
    size_t evidence = evidence_of(q, reply, answer, offered.n, words);
    if (hf_walk_got(&s->walk, answer, f->suite, evidence, words)) {
        hf_seen_chain_of(q->seen, f->certs, f->n_certs, f->more_certs, id, evidence);
        hf_list_glean(q, reply);
        if (!s->second)
            write_down(q, s); /* should it never come to its end */
    }
    if (s->walk.over)
        finish_walk(q, s);
}

#define ROW(symbol, text)                                                                          \
    const hf_inquiry_row hf_inquiry_##symbol = {                                                   \
        #symbol, text, HF_PHASE_LISTS, sizeof(suites), next, got, NULL                             \
    }
ROW(suites_ssl3, "Suites of SSL 3.0");
ROW(suites_tls10, "Suites of TLS 1.0");
ROW(suites_tls11, "Suites of TLS 1.1");
ROW(suites_tls12, "Suites of TLS 1.2");
ROW(suites_tls13, "Suites of TLS 1.3");

static hf_seen_version_id version_of(const hf_inquiry *q)
{
    static const hf_inquiry_row *const rows[HF_V_COUNT] = {
        [HF_V_SSL3] = &hf_inquiry_suites_ssl3,   [HF_V_TLS10] = &hf_inquiry_suites_tls10,
        [HF_V_TLS11] = &hf_inquiry_suites_tls11, [HF_V_TLS12] = &hf_inquiry_suites_tls12,
        [HF_V_TLS13] = &hf_inquiry_suites_tls13,
    };
    unsigned i = 0;

    while (i < HF_V_COUNT && rows[i] != q->row)
        i++;
    return (hf_seen_version_id)i;
}
