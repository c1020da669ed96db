/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The tables of duties against the oracle, fact by fact: also where no honest handshake ever gets, since a
   duty is there for the day when a step is wrong. */
#include "support/script_suites.h"

static uint8_t sum_of(const hf_duty *duty, hf_role role, hf_facts facts)
{
    uint8_t must = 0;

    for (; duty->role != 9; duty++)
        if (duty->role == role && (facts & duty->when) == duty->when && !(facts & duty->unless))
            must |= duty->must;
    return must;
}

static void one_handshake(script_report *r, hf_facts facts)
{
    bool key_authenticates = facts & (HF_F_PSK | HF_F_RESUMED);

    for (unsigned role = 0; role < 2; role++) {
        uint8_t must = script_demands(facts, (hf_role)role);
        if (role == HF_SERVER && (facts & HF_F_CERT_REQUIRED) && !key_authenticates)
            must |= HF_CHAIN | HF_SIGNATURE;
        r->cases++;
        if (sum_of(script_the_world.tables->duties, (hf_role)role, facts) != must)
            script_wrong(r, NULL, "the duties of a handshake are not what the oracle demands",
                         NULL);
    }
}

/* RFC 9846 4.7.2: who answers proves that he is the one who finished the handshake, and his key if he
   shows a certificate. */
static void one_round(script_report *r, hf_facts facts)
{
    uint8_t must = facts & HF_F_ANSWER ? HF_FINISHED : 0;

    if ((facts & HF_F_ANSWER) && (facts & HF_F_CLIENT_CERT))
        must |= HF_CHAIN | HF_SIGNATURE;
    r->cases++;
    if (sum_of(script_the_world.tables->round_duties, HF_SERVER, facts) != must)
        script_wrong(r, NULL, "the duties of a round are not what the oracle demands", NULL);
    if (sum_of(script_the_world.tables->round_duties, HF_CLIENT, facts) != 0)
        script_wrong(r, NULL, "a client has duties after the handshake", NULL);
}

void script_suite_duties(script_report *r)
{
    static const hf_facts bits[] = { HF_F_TLS13,     HF_F_PSK,         HF_F_RESUMED,
                                     HF_F_EPHEMERAL, HF_F_CLIENT_CERT, HF_F_CERT_REQUIRED,
                                     HF_F_ANSWER };

    for (unsigned some = 0; some < 1u << 7; some++) {
        hf_facts facts = 0;
        for (unsigned i = 0; i < 7; i++)
            facts |= some >> i & 1 ? bits[i] : 0;
        if ((facts & HF_F_TLS13) && (facts & HF_F_RESUMED))
            continue; /* the fact is TLS 1.2's: TLS 1.3 resumes with PSK */
        one_handshake(r, facts);
        one_round(r, facts);
    }
}
