/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the engine offers when an inquiry asks for a whole handshake, and how such a handshake ended. */
#include "audit/whole.h"

#include <stdio.h>

#include "audit/chain_judge.h"
#include "conn/conn.h"
#include "explain/names.h"

/* ---- what is offered ---- */

static const uint16_t schemes_of[HF_CHAIN_KINDS][8] = {
    [HF_CHAIN_RSA] = { 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601 },
    [HF_CHAIN_ECDSA] = { 0x0403, 0x0503, 0x0603 },
    [HF_CHAIN_RSA_PSS] = { 0x0809, 0x080a, 0x080b },
    [HF_CHAIN_EDDSA] = { 0x0807 },
};

const char *hf_chain_kind_word(hf_chain_kind kind)
{
    static const char *const words[HF_CHAIN_KINDS] = { "RSA", "ECDSA", "RSA-PSS", "EdDSA" };

    return words[kind];
}

/* Older versions know no signature_algorithms: their suites alone tell RSA from ECDSA. */
unsigned hf_chain_kinds_of(hf_seen_version_id id)
{
    if (id < HF_V_SSL3)
        return 0;
    return id >= HF_V_TLS12 ? (1u << HF_CHAIN_KINDS) - 1
                            : 1u << HF_CHAIN_RSA | 1u << HF_CHAIN_ECDSA;
}

bool hf_chains_whole(const hf_seen *seen, char why[HF_CHAINS_WHY])
{
    why[0] = '\0';
    for (unsigned id = HF_V_COUNT; id-- > 0;) {
        unsigned open = hf_seen_speaks(seen, (hf_seen_version_id)id) ? seen->v[id].chains_open : 0;
        for (unsigned kind = 0; kind < HF_CHAIN_KINDS; kind++)
            if (open & 1u << kind) {
                snprintf(why, HF_CHAINS_WHY,
                         "whether %s has another certificate, for %s keys, is not known",
                         hf_seen_version_name((hf_seen_version_id)id),
                         hf_chain_kind_word((hf_chain_kind)kind));
                return false;
            }
    }
    return true;
}

bool hf_chains_certain(const hf_seen *seen)
{
    char why[HF_CHAINS_WHY];

    for (unsigned id = HF_V_SSL3; id < HF_V_COUNT; id++)
        if (seen->v[id].spoken == HF_UNKNOWN)
            return false;
    return hf_chains_whole(seen, why);
}

static void fill_suites(hf_policy *p, uint16_t version)
{
    const hf_suite *suite;
    size_t n = 0;

    memset(p->suites, 0, sizeof p->suites);
    for (size_t i = 0; (suite = hf_suite_row(i)) != NULL && n + 1 < HF_POLICY_LIST; i++)
        if (suite->version == version && !hf_kx_is_psk(suite->kx))
            p->suites[n++] = suite->code;
}

/* Those without a post-quantum part first: the hello stays small, and any server has one of them. */
static void fill_groups(hf_policy *p, uint16_t version)
{
    const hf_group *group;
    size_t n = 0;

    memset(p->groups, 0, sizeof p->groups);
    memset(p->key_shares, 0, sizeof p->key_shares);
    for (int quantum = 0; quantum <= (version == HF_TLS13); quantum++)
        for (size_t i = 0; (group = hf_group_row(i)) != NULL && n + 1 < HF_POLICY_LIST; i++)
            if (group->post_quantum == (bool)quantum)
                p->groups[n++] = group->code;
    p->key_shares[0] = p->groups[0];
}

static void fill_schemes(hf_policy *p)
{
    const hf_scheme *scheme;
    size_t n = 0;

    memset(p->schemes, 0, sizeof p->schemes);
    for (size_t i = 0; (scheme = hf_scheme_row(i)) != NULL && n + 1 < HF_POLICY_LIST; i++)
        p->schemes[n++] = scheme->code;
    memcpy(p->cert_schemes, p->schemes, sizeof p->cert_schemes);
}

void hf_whole_ask(hf_ask *ask, uint16_t version)
{
    hf_policy *p = &ask->policy;

    ask->kind = HF_ASK_ENGINE;
    *p = *hf_policy_named("default");
    p->name = "audit";
    p->min_version = p->max_version = version;
    p->rsa_min_bits = 0;
    p->rsa_max_bits = UINT16_MAX;
    p->profile = HF_PROFILE_PRIVATE;
    p->require_ems = p->require_renegotiation_info = p->client_grease = false;
    fill_suites(p, version);
    fill_groups(p, version);
    fill_schemes(p);
}

/* TLS 1.2: the suite names the kind of key as well; Ed25519 goes by ECDSA's (RFC 8422 5.5). */
static bool suite_fits(uint16_t code, hf_chain_kind kind)
{
    const hf_suite *suite = hf_suite_of(code);
    bool ecdsa = kind == HF_CHAIN_ECDSA || kind == HF_CHAIN_EDDSA;

    if (suite->version == HF_TLS13)
        return true;
    if (suite->kx == HF_KX_RSA)
        return kind == HF_CHAIN_RSA;
    return (suite->kx == HF_KX_ECDHE_ECDSA) == ecdsa;
}

void hf_whole_narrow(hf_ask *ask, hf_chain_kind kind)
{
    hf_policy *p = &ask->policy;
    size_t n = 0;

    memset(p->schemes, 0, sizeof p->schemes);
    memcpy(p->schemes, schemes_of[kind], sizeof schemes_of[kind]);
    for (size_t i = 0; i < HF_POLICY_LIST && p->suites[i]; i++)
        if (suite_fits(p->suites[i], kind))
            p->suites[n++] = p->suites[i];
    memset(p->suites + n, 0, (HF_POLICY_LIST - n) * sizeof *p->suites);
}

/* ---- how it ended ---- */

bool hf_whole_connected(const hf_reply *reply)
{
    return reply->conn && hf_conn_info_of(reply->conn)->connected;
}

bool hf_whole_let_in(const hf_reply *reply)
{
    return hf_whole_connected(reply) && !hf_whole_alert(reply);
}

uint8_t hf_whole_alert(const hf_reply *reply)
{
    const hf_failure *failure = reply->conn ? hf_conn_failure(reply->conn) : NULL;

    bool received = failure && failure->alert_direction == HF_ALERT_RECEIVED;

    return received ? (uint8_t)failure->alert : 0;
}

static const char *end_words(hf_flight_end end)
{
    switch (end) {
    case HF_FLIGHT_RESET: return "the connection was reset";
    case HF_FLIGHT_LATE: return "no answer in time";
    case HF_FLIGHT_UNREACHABLE: return "no connection";
    case HF_FLIGHT_FOREIGN: return "the answer is not TLS";
    default: return "the connection was closed";
    }
}

const char *hf_whole_trouble(const hf_reply *reply, char words[HF_WHOLE_WORDS])
{
    const hf_failure *failure = reply->conn ? hf_conn_failure(reply->conn) : NULL;
    uint8_t alert = hf_whole_alert(reply);
    char code[HF_NAME_ROOM];

    if (alert)
        snprintf(words, HF_WHOLE_WORDS, "alert %.80s", hf_code_text(HF_NAMES_ALERTS, alert, code));
    else if (failure && reply->flight->end != HF_FLIGHT_LATE)
        snprintf(words, HF_WHOLE_WORDS, "%s", hf_error_row_of(failure->code)->sentence);
    else
        snprintf(words, HF_WHOLE_WORDS, "%s", end_words(reply->flight->end));
    return words;
}

/* ---- whether the engine can be asked ---- */

static bool shares_a_suite(const hf_seen_version *v)
{
    for (size_t i = 0; i < v->suites.n; i++) {
        const hf_suite *suite = hf_suite_of(v->suites.at[i]);
        if (suite && !hf_kx_is_psk(suite->kx))
            return true;
    }
    return false;
}

const char *hf_whole_unable(const hf_seen *seen, uint16_t version)
{
    const hf_seen_version *v = &seen->v[hf_seen_version_of(version)];

    if (v->spoken != HF_PRESENT)
        return version == HF_TLS12 ? "TLS 1.2 is not spoken" : "TLS 1.3 is not spoken";
    if (v->suites_whole && !shares_a_suite(v))
        return "this takes a whole handshake, and of the server's suites none is among those "
               "(AEAD, ECDHE or RSA) that are spoken "
               "here";
    return NULL;
}

/* ---- what it showed ---- */

static void note_staple(hf_seen *seen, hf_seen_chain *chain, hf_span staple)
{
    if (staple.len > 0 && chain->staple.len == 0)
        chain->staple = hf_arena_copy(&seen->arena, staple);
    if (!chain->staple.data)
        chain->staple.len = 0;
}

/* A chain that shows only now, when those that were there before are being judged. */
static void judge_late(const hf_inquiry *q, hf_seen_chain *chain)
{
    if (q->row->phase == HF_PHASE_DETAILS)
        hf_chain_judge(q->seen, chain, q->setup);
}

static void describe(const hf_reply *reply, char words[HF_EVIDENCE_WORDS])
{
    const hf_conn_info *info = reply->conn ? hf_conn_info_of(reply->conn) : NULL;
    const char *suite = info && info->cipher_suite ? hf_suite_name(info->cipher_suite) : NULL;
    char trouble[HF_WHOLE_WORDS];

    if (hf_whole_connected(reply))
        snprintf(words, HF_EVIDENCE_WORDS, "a handshake, %s, %s%s",
                 info->version == HF_TLS13 ? "TLS 1.3" : "TLS 1.2", suite ? suite : "no suite",
                 info->resumed ? ", resumed" : "");
    else
        snprintf(words, HF_EVIDENCE_WORDS, "no handshake: %s", hf_whole_trouble(reply, trouble));
}

size_t hf_whole_note(const hf_inquiry *q, const hf_reply *reply, const char *what)
{
    const hf_span *der = NULL;
    size_t n = reply->conn ? hf_conn_peer_chain(reply->conn, &der) : 0;
    char words[HF_EVIDENCE_WORDS];

    describe(reply, words);
    size_t evidence = hf_inquiry_evidence(q, reply, "%s: %s", what, words);
    if (n == 0)
        return evidence;
    hf_seen_version_id version = hf_seen_version_of(hf_conn_info_of(reply->conn)->version);
    const hf_failure *failure = hf_conn_failure(reply->conn);
    bool more = failure && failure->code == HF_E_CERT_CHAIN_TOO_LONG;
    hf_seen_chain *chain = hf_seen_chain_of(q->seen, der, n, more, version, evidence);
    if (!chain)
        return evidence;
    note_staple(q->seen, chain, hf_conn_peer_staple(reply->conn));
    if (reply->conn->engine.n_peer_scts > chain->n_scts_handshake)
        chain->n_scts_handshake = reply->conn->engine.n_peer_scts;
    judge_late(q, chain);
    return evidence;
}

size_t hf_flight_note(const hf_inquiry *q, const hf_reply *reply, const char *what)
{
    const hf_flight *flight = reply->flight;
    char words[HF_FLIGHT_WORDS];
    size_t evidence = hf_inquiry_evidence(q, reply, "%s: %s", what, hf_flight_words(flight, words));
    hf_seen_chain *chain =
        hf_seen_chain_of(q->seen, flight->certs, flight->n_certs, flight->more_certs,
                         hf_seen_version_of(flight->version), evidence);

    if (!chain)
        return evidence;
    note_staple(q->seen, chain, flight->staple);
    if (flight->n_scts > chain->n_scts_handshake)
        chain->n_scts_handshake = flight->n_scts;
    judge_late(q, chain);
    return evidence;
}
