/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a server of TLS 1.3 signs with. CertificateVerify is encrypted, but most servers refuse a hello whose schemes they cannot use
 * before they say ServerHello: so sets of schemes are offered, those that are taken are halved, and at the end all that is left is
 * offered once more, since a refusal may be about something else. Whether this server refuses in
 * time is seen with a scheme that nobody has; if it does not, the engine tries each of its own schemes in a whole handshake.
 */
#include "audit/lists.h"
#include "audit/whole.h"

enum { NOBODYS_SCHEME = 0x0bfe, RANGES_MAX = 32, TRIES = 2 };

/* Likely to be taken or refused together: each set once, then its halves. Schemes of PKCS#1 are not asked for: a ServerHello would not
   say that they are used, and RFC 9846 4.3.3 forbids it. */
static const uint16_t pss[] = { 0x0804, 0x0805, 0x0806 };
static const uint16_t ecdsa[] = { 0x0403, 0x0503, 0x0603 };
static const uint16_t edwards[] = { 0x0807, 0x0808 };
static const uint16_t pss_keys[] = { 0x0809, 0x080a, 0x080b };
static const uint16_t rare[] = { 0x081a, 0x081b, 0x081c, 0x0708 };
static const uint16_t quantum[] = { 0x0904, 0x0905, 0x0906 };
static const uint16_t hashes[] = { 0x0911, 0x0912, 0x0913, 0x0914, 0x0915, 0x0916,
                                   0x0917, 0x0918, 0x0919, 0x091a, 0x091b, 0x091c };
#define SET(list)                                                                                  \
    {                                                                                              \
        list, sizeof(list) / sizeof *(list)                                                        \
    }
static const struct {
    const uint16_t *at;
    size_t n;
} sets[] = {
    SET(pss), SET(ecdsa), SET(edwards), SET(pss_keys), SET(rare), SET(quantum), SET(hashes)
};
enum { SETS = sizeof sets / sizeof sets[0] };

typedef struct range {
    const uint16_t *at;
    size_t n;
} range;

typedef enum stage { CONTROL, WALK, REST, ENGINE, OVER } stage;
typedef struct schemes {
    stage stage;
    bool begun, doubtful;
    unsigned tries;
    range ranges[RANGES_MAX]; /* the last one is asked next */
    size_t n;
    size_t engine; /* row of the registry */
} schemes;

/* ---- questions ---- */

static void begin(schemes *s)
{
    s->begun = true;
    for (size_t i = SETS; i-- > 0;)
        s->ranges[s->n++] = (range){ sets[i].at, sets[i].n };
}

/* A group that is taken, so that no HelloRetryRequest comes first. */
static void choose_share(const hf_seen *seen, hf_crafted *hello)
{
    static const uint16_t usual[] = { 0x001d, 0x0017, 0x0018, 0x0019, 0x001e };
    const hf_codes *groups = &seen->v[HF_V_TLS13].groups;

    if (groups->n > 0)
        hello->shares[0] = groups->at[0];
    for (size_t i = sizeof usual / sizeof *usual; i-- > 0;)
        if (hf_codes_have(groups, usual[i]))
            hello->shares[0] = usual[i];
    hello->groups.n = 0;
    hf_codes_add(&hello->groups, hello->shares[0]);
}

static void add_range(const range *r, hf_codes *out)
{
    for (size_t i = 0; i < r->n; i++)
        hf_codes_add(out, r->at[i]);
}

/* All that was not taken; if all was, the one that nobody has: a refusal of it may have been about something else. */
static void rest_of(const hf_seen *seen, hf_codes *out)
{
    out->n = 0;
    for (size_t i = 0; i < SETS; i++)
        add_range(&(range){ sets[i].at, sets[i].n }, out);
    for (size_t i = 0; i < seen->v[HF_V_TLS13].schemes.n; i++)
        hf_codes_drop(out, seen->v[HF_V_TLS13].schemes.at[i]);
    if (out->n == 0)
        hf_codes_add(out, NOBODYS_SCHEME);
}

static bool ask_bytes(const hf_inquiry *q, const schemes *s, hf_ask *ask)
{
    hf_crafted hello;

    hf_list_open(q, HF_V_TLS13, &hello);
    choose_share(q->seen, &hello);
    hello.schemes.n = 0;
    if (s->stage == CONTROL)
        hf_codes_add(&hello.schemes, NOBODYS_SCHEME);
    else if (s->stage == REST)
        rest_of(q->seen, &hello.schemes);
    else
        add_range(&s->ranges[s->n - 1], &hello.schemes);
    return hf_inquiry_say(ask, &hello);
}

/* The next scheme of ours that may sign a handshake; NULL: none. */
static const hf_scheme *engine_scheme(schemes *s)
{
    const hf_scheme *scheme = hf_scheme_row(s->engine);

    while (scheme && !scheme->tls13)
        scheme = hf_scheme_row(++s->engine);
    return scheme;
}

static bool ask_engine(const hf_inquiry *q, schemes *s, hf_ask *ask)
{
    const hf_scheme *scheme = engine_scheme(s);

    if (!scheme || hf_whole_unable(q->seen, HF_TLS13))
        return false;
    hf_whole_ask(ask, HF_TLS13);
    memset(ask->policy.schemes, 0, sizeof ask->policy.schemes);
    ask->policy.schemes[0] = scheme->code;
    return true;
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    schemes *s = q->state;

    if (!hf_seen_speaks(q->seen, HF_V_TLS13) || s->stage == OVER)
        return false;
    if (!s->begun)
        begin(s);
    return s->stage == ENGINE ? ask_engine(q, s, ask) : ask_bytes(q, s, ask);
}

/* ---- answers ---- */

static void push(schemes *s, range r)
{
    if (r.n > 0 && s->n < RANGES_MAX)
        s->ranges[s->n++] = r;
}

/* One that is taken is found or halved. */
static void range_took(hf_inquiry *q, schemes *s)
{
    range r = s->ranges[--s->n];
    size_t half = r.n / 2;

    if (r.n == 1) {
        add_range(&r, &q->seen->v[HF_V_TLS13].schemes);
        return;
    }
    push(s, (range){ r.at + half, r.n - half });
    push(s, (range){ r.at, half });
}

static void walk_got(hf_inquiry *q, schemes *s, hf_answer answer)
{
    if (answer != HF_ANSWER_TOOK && answer != HF_ANSWER_REFUSED && ++s->tries < TRIES)
        return;
    s->tries = 0;
    if (answer == HF_ANSWER_TOOK)
        range_took(q, s);
    else
        s->n--;
    s->doubtful = s->doubtful || answer == HF_ANSWER_NONE;
    if (s->n == 0)
        s->stage = REST;
}

/* What is taken now was refused before: one of the two was not about schemes. Nobody's among it means that they are looked at later. */
static void rest_got(hf_inquiry *q, schemes *s, hf_answer answer)
{
    hf_seen_version *v = &q->seen->v[HF_V_TLS13];
    hf_codes rest;

    if (answer != HF_ANSWER_TOOK && answer != HF_ANSWER_REFUSED && ++s->tries < TRIES)
        return;
    rest_of(q->seen, &rest);
    s->stage = OVER;
    v->schemes_whole = !s->doubtful && (answer == HF_ANSWER_REFUSED || answer == HF_ANSWER_GONE);
    if (answer != HF_ANSWER_TOOK || !hf_codes_have(&rest, NOBODYS_SCHEME))
        return;
    v->schemes.n = 0;
    s->stage = ENGINE;
}

static void control_got(schemes *s, hf_answer answer)
{
    if (answer == HF_ANSWER_NONE && ++s->tries < TRIES)
        return;
    s->tries = 0;
    if (answer == HF_ANSWER_NONE)
        s->stage = OVER;
    else
        s->stage = answer == HF_ANSWER_TOOK ? ENGINE : WALK;
}

/* Only the engine's schemes were tried: the list is never whole. */
static void engine_got(hf_inquiry *q, schemes *s, const hf_reply *reply)
{
    const hf_scheme *scheme = engine_scheme(s);

    if (scheme && hf_whole_connected(reply))
        hf_codes_add(&q->seen->v[HF_V_TLS13].schemes, scheme->code);
    s->engine++;
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    schemes *s = q->state;

    if (s->stage == ENGINE) {
        engine_got(q, s, reply);
        return;
    }
    hf_answer answer = hf_answer_of(reply->flight, HF_TLS13);
    hf_list_glean(q, reply);
    if (s->stage == CONTROL)
        control_got(s, answer);
    else if (s->stage == REST)
        rest_got(q, s, answer);
    else
        walk_got(q, s, answer);
}

const hf_inquiry_row hf_inquiry_schemes_tls13 = { "schemes_tls13",
                                                  "Signature schemes of TLS 1.3",
                                                  HF_PHASE_DETAILS,
                                                  sizeof(schemes),
                                                  next,
                                                  got,
                                                  NULL };
