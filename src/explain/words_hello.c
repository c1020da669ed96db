/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Summaries of the hellos: what is offered, what is chosen and out of what, and why a server asks again. */
#include "explain/words.h"

#include <inttypes.h>

/* ---- ClientHello ---- */

static bool is_signal(uint16_t suite)
{
    return suite == 0x00ff || suite == 0x5600; /* RFC 5746 3.3, RFC 7507 2: no suites */
}

static size_t count_suites(const hf_client_hello *hello)
{
    size_t n = 0;

    for (size_t i = 0; i < hf_list16_count(hello->cipher_suites); i++) {
        uint16_t suite = hf_list16_at(hello->cipher_suites, i);
        n += !hf_is_grease(suite) && !is_signal(suite);
    }
    return n;
}

static void say_shares(hf_phrase *p, const hf_client_hello *hello)
{
    uint16_t groups[HF_OFFERS_MAX];
    size_t n = hf_offered_shares(hello, groups);

    if (!hf_offers(hello, HF_EXT_key_share))
        return;
    if (n == 0) {
        hf_phrase_add(p, ", and sends no key share, so that the server must ask for one");
        return;
    }
    hf_phrase_add(p, ", and sends a key share for ");
    hf_phrase_list(p, HF_NAMES_GROUPS, groups, n);
}

static void say_name(hf_phrase *p, const hf_client_hello *hello)
{
    if (hello->ext.host_name.len > 0) {
        hf_phrase_add(p, "; asks for ");
        hf_phrase_quote(p, hello->ext.host_name);
    }
    if (hf_offers_ech(hello))
        hf_phrase_add(p, "; an encrypted_client_hello is there, which holds another hello with the "
                         "real name, or "
                         "is GREASE and holds nothing");
}

/* A session of TLS 1.2 is named by a ticket or a session id; TLS 1.3 fills the latter for old middleboxes. */
static void say_session(hf_phrase *p, const hf_client_hello *hello)
{
    if (hf_offers(hello, HF_EXT_pre_shared_key))
        hf_phrase_add(p, "; names a key that both should have from before, of a ticket or a "
                         "pre-shared one, and shows with a "
                         "MAC, the binder, that it holds it");
    else if (hello->ext.session_ticket.len > 0)
        hf_phrase_add(p, "; brings a ticket of a TLS 1.2 session");
    else if (hello->legacy_session_id.len > 0 && !hf_offers(hello, HF_EXT_supported_versions))
        hf_phrase_add(p, "; names a session that it would resume");
    if (hf_offers(hello, HF_EXT_early_data))
        hf_phrase_add(p, "; early data follows at once, without waiting for an answer");
}

static void say_again(hf_phrase *p, const hf_known *k, const hf_client_hello *hello)
{
    uint16_t groups[HF_OFFERS_MAX];
    size_t n = hf_offered_shares(hello, groups);

    hf_phrase_add(p, "says hello again, as it was asked to");
    if (k->asked.ext.present & HF_EXT_BIT(key_share)) {
        hf_phrase_add(p, ", now with a key share for ");
        hf_phrase_list(p, HF_NAMES_GROUPS, groups, n);
    }
    if (hello->ext.cookie.len > 0)
        hf_phrase_add(p, "; gives the cookie back");
}

void hf_tell_client_hello(const hf_telling *t)
{
    uint16_t versions[HF_OFFERS_MAX];
    hf_client_hello hello;
    hf_phrase *p = t->out;

    if (!hf_read_client_hello(t->step, &hello)) {
        hf_phrase_add(p, "offers what cannot be read to its end");
    } else if (t->before.retry && t->before.hellos == 1) {
        say_again(p, &t->before, &hello);
    } else {
        hf_phrase_add(p, "%soffers ",
                      t->before.hellos ? "would begin a new handshake (renegotiation): " : "");
        hf_phrase_list(p, HF_NAMES_VERSIONS, versions, hf_offered_versions(&hello, versions));
        hf_phrase_add(p, " with ");
        hf_phrase_count(p, count_suites(&hello), "cipher suite");
        say_shares(p, &hello);
        say_name(p, &hello);
        say_session(p, &hello);
    }
}

/* ---- HelloRetryRequest ---- */

static void say_why(hf_phrase *p, const hf_known *k, uint16_t group)
{
    uint16_t shares[HF_OFFERS_MAX];
    size_t n = k->offer_read ? hf_offered_shares(&k->offer, shares) : 0;

    if (!k->offer_read)
        return;
    if (!hf_list16_has(k->offer.ext.supported_groups, group)) {
        hf_phrase_add(p, ", a group that the client did not offer");
    } else if (n == 0) {
        hf_phrase_add(p, ", as its hello had no key share");
    } else {
        hf_phrase_add(p, ", which it offered, but had sent a share for ");
        hf_phrase_list(p, HF_NAMES_GROUPS, shares, n);
        hf_phrase_add(p, " only");
    }
}

void hf_tell_retry(const hf_telling *t)
{
    hf_phrase *p = t->out;
    hf_server_hello retry;

    if (!hf_read_server_hello(t->step, &retry)) {
        hf_phrase_add(p, "asks for another hello, in a way that cannot be read to its end");
        return;
    }
    hf_phrase_add(p, "chooses ");
    hf_phrase_name(p, HF_NAMES_SUITES, retry.cipher_suite);
    if (retry.ext.present & HF_EXT_BIT(key_share)) {
        hf_phrase_add(p, " and asks the client for a key share of ");
        hf_phrase_name(p, HF_NAMES_GROUPS, retry.ext.selected_group);
        say_why(p, &t->before, retry.ext.selected_group);
    }
    if (retry.ext.cookie.len > 0)
        hf_phrase_add(
            p,
            "%s a cookie that the client must give back, so that the server need remember nothing",
            retry.ext.present & HF_EXT_BIT(key_share) ? "; sends" : " and sends");
}

/* ---- ServerHello ---- */

/* RFC 9846 4.2.3: a server that could do better says so where nobody on the way can change it unseen. */
static bool has_downgrade_mark(const hf_server_hello *hello)
{
    static const uint8_t mark[7] = { 'D', 'O', 'W', 'N', 'G', 'R', 'D' };
    const uint8_t *end = hello->random + HF_RANDOM - 8;

    return memcmp(end, mark, sizeof mark) == 0 && end[7] <= 1;
}

static const char *out_of_what(const hf_known *k)
{
    uint16_t shares[HF_OFFERS_MAX];
    size_t n = k->offer_read ? hf_offered_shares(&k->offer, shares) : 0;
    bool share = !hf_is_13(k->version) || !k->group;

    if (!k->offer_read)
        return "";
    for (size_t i = 0; i < n; i++)
        share |= shares[i] == k->group;
    return share && hf_list16_has(k->offer.cipher_suites, k->suite)
               ? " out of what the client offered"
               : ", which the client did NOT offer";
}

/* The name of that key, if it is one for people: a ticket is not. */
static void say_key(hf_phrase *p, const hf_client_hello *offer, unsigned number)
{
    hf_span rest = offer->ext.psk_identities;
    hf_psk_identity key = { .identity = { NULL, 0 } };
    bool there = true;

    for (unsigned i = 0; i <= number && there; i++)
        there = hf_psk_identity_next(&rest, &key);
    for (size_t i = 0; i < key.identity.len && there; i++)
        there = key.identity.data[i] >= ' ' && key.identity.data[i] < 0x7f;
    if (!there)
        return;
    hf_phrase_add(p, " (");
    hf_phrase_quote(p, key.identity);
    hf_phrase_add(p, ")");
}

static void say_psk(hf_phrase *p, const hf_known *k)
{
    unsigned number = k->answer.ext.selected_identity;

    hf_phrase_add(p, "; takes key number %u of those that the client named", number + 1);
    if (k->offer_read)
        say_key(p, &k->offer, number);
    hf_phrase_add(p, ", so that no certificate is shown");
    if (!(k->answer.ext.present & HF_EXT_BIT(key_share)))
        hf_phrase_add(p, ", and sends no share: NO forward secrecy");
}

static void say_13(hf_phrase *p, const hf_known *k)
{
    hf_phrase_add(p, "chooses ");
    hf_phrase_name(p, HF_NAMES_SUITES, k->suite);
    if (k->answer.ext.present & HF_EXT_BIT(key_share)) {
        hf_phrase_add(p, " and ");
        hf_phrase_name(p, HF_NAMES_GROUPS, k->group);
    }
    hf_phrase_add(p, "%s", out_of_what(k));
    if (k->psk)
        say_psk(p, k);
    if (hf_suite_is_null(k->suite))
        hf_phrase_add(p, "; that suite authenticates, but does NOT encrypt");
    hf_phrase_add(p, "; from here on both ends can derive the handshake keys");
}

static const char *next_in_12(const hf_known *k)
{
    switch (k->exchange) {
    case HF_EXCHANGE_RSA:
    case HF_EXCHANGE_RSA_PSK:
        return "; the client will make up the premaster secret and encrypt it to the server's RSA "
               "key: NO forward secrecy";
    case HF_EXCHANGE_PSK:
        return "; the keys will come from the pre-shared key alone: NO forward secrecy";
    case HF_EXCHANGE_ANON: return "; nobody will show who he is";
    case HF_EXCHANGE_STATIC_DH:
        return "; the server's key share is that of its certificate, always the same: NO forward "
               "secrecy";
    case HF_EXCHANGE_UNKNOWN: return "";
    default: return "; key shares follow";
    }
}

static void say_12(hf_phrase *p, const hf_known *k)
{
    hf_phrase_add(p, "chooses ");
    hf_phrase_name(p, HF_NAMES_VERSIONS, k->version);
    hf_phrase_add(p, " and ");
    hf_phrase_name(p, HF_NAMES_SUITES, k->suite);
    hf_phrase_add(p, "%s", out_of_what(k));
    hf_phrase_add(p, "%s",
                  k->resumed ? "; resumes the session from before: no certificate and no key "
                               "exchange, new keys from "
                               "its master secret and the two new randoms"
                             : next_in_12(k));
    if (hf_suite_is_null(k->suite))
        hf_phrase_add(p, "; that suite authenticates, but does NOT encrypt");
    if (has_downgrade_mark(&k->answer))
        hf_phrase_add(p, "; its random ends in DOWNGRD: this server speaks a newer version too, so "
                         "a client that offered "
                         "it must stop here");
}

void hf_tell_server_hello(const hf_telling *t)
{
    const hf_known *k = &t->after;

    if (t->before.answer_read)
        hf_phrase_add(t->out,
                      "chooses again, for another handshake within this one (renegotiation)");
    else if (!k->answer_read)
        hf_phrase_add(t->out, "chooses, in a way that cannot be read to its end");
    else if (hf_is_13(k->version))
        say_13(t->out, k);
    else
        say_12(t->out, k);
}

/* ---- EncryptedExtensions ---- */

void hf_tell_encrypted_extensions(const hf_telling *t)
{
    hf_encrypted_extensions ee;
    hf_fault fault;
    hf_reader r = hf_body_reader(t->step, &fault);
    const hf_known *k = &t->after;
    hf_phrase *p = t->out;

    hf_encrypted_extensions_read(&r, &t->step->wire, &ee);
    if (fault.code != HF_OK) {
        hf_phrase_add(p, "answers the other offers, in a way that cannot be read to its end");
        return;
    }
    hf_phrase_add(p, "answers the other offers, encrypted: ");
    if (ee.ext.alpn.len > 0) {
        hf_phrase_add(p, "the application protocol is ");
        hf_phrase_alpn(p, ee.ext.alpn);
    } else {
        hf_phrase_add(p, k->offer_read &&
                                 hf_offers(&k->offer, HF_EXT_application_layer_protocol_negotiation)
                             ? "none of the application protocols is taken"
                             : "no application protocol was asked for");
    }
    if (ee.ext.present & HF_EXT_BIT(early_data))
        hf_phrase_add(p, "; the early data is taken");
    else if (k->early_refused)
        hf_phrase_add(p, "; the early data is refused, and must be sent again");
}
