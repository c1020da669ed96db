/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How answers are understood, the hellos that lists are asked with, and suites by the parts of their names. */
#include "audit/lists.h"

#include "explain/names.h"

/* internal_error blames nobody: some say it where they mean handshake_failure, others when they are in trouble. */
static hf_answer alert_means(const hf_flight *flight)
{
    return flight->alert == HF_ALERT_internal_error ? HF_ANSWER_GONE : HF_ANSWER_REFUSED;
}

hf_answer hf_answer_of(const hf_flight *flight, uint16_t version)
{
    if (flight->hello)
        return flight->version == version ? HF_ANSWER_TOOK : HF_ANSWER_REFUSED;
    switch (flight->end) {
    case HF_FLIGHT_ALERT: return alert_means(flight);
    case HF_FLIGHT_CLOSED:
    case HF_FLIGHT_RESET: return flight->sure ? HF_ANSWER_REFUSED : HF_ANSWER_GONE;
    default: return HF_ANSWER_NONE;
    }
}

hf_answer hf_walk_answer(const hf_flight *flight, uint16_t version)
{
    hf_answer answer = hf_answer_of(flight, version);
    bool alert = !flight->hello && flight->end == HF_FLIGHT_ALERT;

    return answer == HF_ANSWER_REFUSED && alert ? HF_ANSWER_ALERT : answer;
}

/* ---- hellos ---- */

/* What servers of the 1990s and 2000s are known to take: under 256 bytes with room to spare. */
static void make_small(hf_crafted *hello)
{
    static const uint16_t suites[] = { 0xc02f, 0xc030, 0xc02b, 0xc013, 0xc014, 0xc009, 0x009e,
                                       0x009f, 0x009c, 0x009d, 0x0033, 0x0039, 0x002f, 0x0035,
                                       0x000a, 0x0016, 0x0005, 0x0004, 0x0009, 0x0003 };

    hello->suites.n = 0;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        hf_codes_add(&hello->suites, suites[i]);
    hello->no_extensions = true;
}

void hf_list_form(hf_crafted *hello, hf_hello_form form)
{
    if (form == HF_HELLO_SMALL) {
        make_small(hello);
        return;
    }
    if (form == HF_HELLO_USUAL)
        return;
    hf_all_suites(hello->version, &hello->suites);
    if (hello->version == HF_SSL3)
        return;
    hf_all_groups(hello->version, &hello->groups);
    if (hello->version >= HF_TLS12)
        hf_all_schemes(hello->version, &hello->schemes);
}

void hf_list_open(const hf_inquiry *q, hf_seen_version_id id, hf_crafted *hello)
{
    hf_inquiry_open(q, hf_seen_version_code(id), hello);
    hf_list_form(hello, q->seen->v[id].form);
}

hf_seen_version_id hf_newest_older(const hf_seen *seen)
{
    for (unsigned i = HF_V_TLS12; i >= HF_V_SSL3; i--)
        if (hf_seen_speaks(seen, (hf_seen_version_id)i))
            return (hf_seen_version_id)i;
    return HF_V_COUNT;
}

/* ---- key exchange values ---- */

/* A value that short (a broken or mocking peer's) proves nothing. */
enum { SHARE_MIN = 16 };

/* PRESENT: it came before; ABSENT: others of its group did; UNKNOWN: none did. */
static hf_tri came_before(const hf_seen *seen, const hf_seen_share *share)
{
    size_t n = seen->n_shares < HF_SEEN_SHARES ? seen->n_shares : HF_SEEN_SHARES;
    hf_tri state = HF_UNKNOWN;

    for (size_t i = 0; i < n && state != HF_PRESENT; i++) {
        const hf_seen_share *s = &seen->shares[i];
        if (s->version == share->version && s->group == share->group)
            state =
                hf_span_equal(hf_span_of(s->bytes, s->len), hf_span_of(share->bytes, share->len))
                    ? HF_PRESENT
                    : HF_ABSENT;
    }
    return state;
}

static void tell_reuse(hf_inquiry *q, const hf_reply *reply, hf_tri state)
{
    const hf_flight *f = reply->flight;
    const hf_trait *t = &q->seen->traits[HF_TRAIT_key_reuse];

    if (state == HF_UNKNOWN || t->state == HF_PRESENT || t->state == state)
        return;
    if (state == HF_ABSENT)
        hf_seen_trait(q->seen, HF_TRAIT_key_reuse, state, 0, "%s", "");
    else
        hf_seen_trait(q->seen, HF_TRAIT_key_reuse, state,
                      hf_inquiry_evidence(q, reply, "a key exchange value that came before"),
                      "%s, %s", hf_seen_version_name(hf_seen_version_of(f->version)),
                      f->group ? "ECDHE" : "DHE");
}

void hf_list_glean(hf_inquiry *q, const hf_reply *reply)
{
    const hf_flight *f = reply->flight;
    hf_seen_share share = { .version = f->version, .group = f->group };
    size_t len = f->share_len < sizeof f->share ? f->share_len : sizeof f->share;

    if (f->hello && q->seen->traits[HF_TRAIT_key_reuse].state == HF_UNKNOWN)
        hf_seen_trait(q->seen, HF_TRAIT_key_reuse, HF_UNKNOWN, 0,
                      "no key exchange value was seen that could come twice");
    if (!f->hello || f->retry || len < SHARE_MIN)
        return;
    share.len = (uint8_t)len;
    memcpy(share.bytes, f->share, len);
    tell_reuse(q, reply, came_before(q->seen, &share));
    q->seen->shares[q->seen->n_shares++ % HF_SEEN_SHARES] = share;
}

/* ---- suites ---- */

bool hf_suite_has(uint16_t suite, const char *part)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, suite);

    return name && strstr(name, part);
}

hf_signer_kind hf_suite_signer(uint16_t suite)
{
    if (hf_suite_has(suite, "DHE_RSA_"))
        return HF_SIGNED_BY_RSA;
    if (hf_suite_has(suite, "ECDHE_ECDSA_"))
        return HF_SIGNED_BY_ECDSA;
    return hf_suite_has(suite, "DHE_DSS_") ? HF_SIGNED_BY_DSS : HF_SIGNED_BY_NOBODY;
}
