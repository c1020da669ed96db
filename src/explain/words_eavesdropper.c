/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What somebody on the line can read, who has no key: everything that went in the clear so far, the names that it holds first; and
 * what encryption does not hide. Only what was in the messages is said.
 */
#include "explain/words.h"

typedef struct view {
    const hf_known *known;
    hf_phrase *out;
    size_t said;
} view;

static void comma(view *v)
{
    hf_phrase_add(v->out, "%s", v->said++ ? "; " : "");
}

static void see(view *v, const char *what)
{
    comma(v);
    hf_phrase_add(v->out, "%s", what);
}

/* ---- the client's hello ---- */

static void see_name(view *v, const hf_client_hello *offer)
{
    bool ech = hf_offers_ech(offer);

    if (offer->ext.host_name.len > 0) {
        see(v, "that the client asks for ");
        hf_phrase_quote(v->out, offer->ext.host_name);
        if (ech)
            hf_phrase_add(
                v->out,
                " in the outer hello, but not whether an encrypted one asks for another name");
    }
    if (offer->ext.alpn.len > 0) {
        comma(v);
        hf_phrase_add(v->out, "the protocols offered (");
        hf_phrase_alpn(v->out, offer->ext.alpn);
        hf_phrase_add(v->out, ")");
    }
}

static void see_offer(view *v)
{
    const hf_client_hello *offer = &v->known->offer;

    see_name(v, offer);
    if (hf_offers(offer, HF_EXT_pre_shared_key))
        see(v, "the name of the ticket or key from before");
    else if (offer->ext.session_ticket.len > 0)
        see(v, "the ticket, sealed, that joins this connection to the one before");
    else if (offer->legacy_session_id.len > 0 && !hf_offers(offer, HF_EXT_supported_versions))
        see(v, "the session id that joins this connection to the one before");
    see(v, "versions, suites and groups that the client offers, by which the program can often be "
           "told");
}

/* ---- the server's answer, and what follows in the clear ---- */

static void see_choice(view *v)
{
    const hf_known *k = v->known;

    comma(v);
    hf_phrase_add(v->out, "what the server chose (");
    hf_phrase_name(v->out, HF_NAMES_VERSIONS, k->version);
    hf_phrase_add(v->out, ", ");
    hf_phrase_name(v->out, HF_NAMES_SUITES, k->suite);
    if (k->group) {
        hf_phrase_add(v->out, ", ");
        hf_phrase_name(v->out, HF_NAMES_GROUPS, k->group);
    }
    hf_phrase_add(v->out, "%s)",
                  k->resumed                       ? ", a session from before"
                  : hf_is_13(k->version) && k->psk ? ", a key from before"
                                                   : "");
}

static void see_retry(view *v)
{
    const hf_server_hello *asked = &v->known->asked;

    see(v, "that the server asked again");
    if (asked->ext.present & HF_EXT_BIT(key_share)) {
        hf_phrase_add(v->out, ", for a key share of ");
        hf_phrase_name(v->out, HF_NAMES_GROUPS, asked->ext.selected_group);
    }
}

static void see_papers(view *v)
{
    const hf_known *k = v->known;

    if (k->certificates[HF_SERVER] && k->cert_clear[HF_SERVER])
        see(v, "the server's certificate");
    if (k->certificates[HF_CLIENT] && k->cert_clear[HF_CLIENT])
        see(v, "the client's certificate, and so who the client is");
    if (k->psk_named)
        see(v, "the name of the pre-shared key");
    if (k->ticket_clear)
        see(v, "the new ticket, sealed");
}

/* ---- what is encrypted ---- */

static bool tls12_or_older(const hf_known *k)
{
    return k->version && !hf_is_13(k->version);
}

static bool psk_alone13(const hf_known *k)
{
    return hf_is_13(k->version) && k->psk && !(k->answer.ext.present & HF_EXT_BIT(key_share));
}

/* Without fresh shares of both ends who gets the long-lived key later reads what was recorded. */
static const char *weak_spot(const hf_known *k)
{
    if (k->exchange == HF_EXCHANGE_RSA || k->exchange == HF_EXCHANGE_STATIC_DH)
        return ". NO forward secrecy: who records it and gets the server's private key later, "
               "reads all of it";
    if (k->exchange == HF_EXCHANGE_RSA_PSK)
        return ". NO forward secrecy: who records it and gets the server's private key and the "
               "pre-shared key later, reads all of it";
    if (k->exchange == HF_EXCHANGE_PSK || psk_alone13(k))
        return ". NO forward secrecy: who records it and gets the pre-shared key later, reads all "
               "of it";
    if (k->exchange == HF_EXCHANGE_ANON)
        return ". But who stands in the middle, instead of listening, reads all of it: nobody is "
               "authenticated";
    return "";
}

static void see_rest(view *v)
{
    const hf_known *k = v->known;

    if (k->bare)
        see(v, "ALL that is sent under the keys: this cipher suite protects against change alone, "
               "it does NOT encrypt");
    if (!k->encrypted)
        return;
    see(v, tls12_or_older(k) ? "of the encrypted records only their types, lengths and times"
                             : "of the encrypted records only their lengths and times");
    if (k->early)
        hf_phrase_add(v->out, ". The early data he cannot read, but he can send it again (replay)");
    hf_phrase_add(v->out, "%s", weak_spot(k));
}

char *hf_step_eavesdropper(const hf_story *story, size_t step, char text[HF_WORDS_ROOM])
{
    hf_phrase p = hf_phrase_start(text);
    hf_known known;
    view v = { .known = &known, .out = &p };

    hf_known_at(story, step, &known);
    if (known.prelude)
        see(&v, "all that was said before TLS");
    if (known.offer_read)
        see_offer(&v);
    if (known.answer_read)
        see_choice(&v);
    else if (known.retry)
        see_retry(&v);
    see_papers(&v);
    see_rest(&v);
    if (v.said == 0)
        see(&v, story->n > 0 && step < story->n ? "everything so far: nothing is encrypted"
                                                : "nothing");
    return text;
}
