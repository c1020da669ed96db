/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is worth a secret, and whether it was one: who they are, their keys, and what these protect, now and later. */
#include "explain/page_sights.h"

hf_view hf_view_of(hf_page *page)
{
    hf_view v = { .page = page };

    hf_known_at(page->story, page->story->n, &v.k);
    v.tls13 = hf_is_13(v.k.version);
    v.unciphered = v.k.answer_read && hf_suite_is_null(v.k.suite);
    return v;
}

/* What went under keys. */
hf_sight hf_sight_under_keys(const hf_view *v)
{
    return v->unciphered ? HF_READABLE : HF_HIDDEN;
}

/* ---- who they are ---- */

static hf_sight papers_of(const hf_view *v, hf_phrase *what, hf_role who)
{
    const hf_known *k = &v->k;
    char subject[HF_PAGE_SUBJECT];
    bool perhaps = v->tls13 && !k->psk && k->sealed[who];

    if (k->certificates[who] == 0) {
        hf_phrase_add(what, "if there was one, it was encrypted");
        return perhaps ? HF_HIDDEN : HF_ABSENT;
    }
    if (!k->cert_clear[who] && !v->unciphered) {
        hf_phrase_add(what, "it was encrypted");
        return HF_HIDDEN;
    }
    if (hf_page_subject(v->page, who, subject))
        hf_phrase_add(what, "%s", subject);
    return HF_READABLE;
}

hf_sight hf_sight_servers_papers(const hf_view *v, hf_phrase *what)
{
    return papers_of(v, what, HF_SERVER);
}

hf_sight hf_sight_clients_papers(const hf_view *v, hf_phrase *what)
{
    return papers_of(v, what, HF_CLIENT);
}

/* ---- secrets, and what they protect ---- */

static const char *how_secret(const hf_known *k)
{
    static const char psk[] = "they are made of the pre-shared key, which is never sent";
    static const char shares[] =
        "only the key shares went over the line, not what both ends make of them";

    switch (k->exchange) {
    case HF_EXCHANGE_RSA:
    case HF_EXCHANGE_RSA_PSK: return "the premaster secret went encrypted to the server's RSA key";
    case HF_EXCHANGE_PSK: return psk;
    case HF_EXCHANGE_UNKNOWN: return "they are never sent";
    case HF_EXCHANGE_TLS13: return k->group ? shares : psk;
    default: return shares;
    }
}

hf_sight hf_sight_secrets(const hf_view *v, hf_phrase *what)
{
    hf_phrase_add(what, "%s",
                  v->k.resumed ? "they are made of the secret of the session before"
                               : how_secret(&v->k));
    return v->k.answer_read ? HF_HIDDEN : HF_ABSENT;
}

hf_sight hf_sight_new_ticket(const hf_view *v, hf_phrase *what)
{
    hf_phrase_add(what, v->k.ticket_clear ? "it was sent before the keys, sealed for the server"
                                          : "it was encrypted");
    if (!v->k.ticket)
        return HF_ABSENT;
    return v->k.ticket_clear ? HF_READABLE : hf_sight_under_keys(v);
}

hf_sight hf_sight_data(const hf_view *v, hf_phrase *what)
{
    bool known = v->k.data[HF_CLIENT] || v->k.data[HF_SERVER] || v->k.early;
    bool perhaps =
        (v->tls13 || v->unciphered) && (v->k.sealed[HF_CLIENT] || v->k.sealed[HF_SERVER]);

    if (v->unciphered)
        hf_phrase_add(what, "this cipher suite protects against change alone: it does not encrypt");
    else
        hf_phrase_add(what, "it was encrypted%s%s", known ? "" : ", if there was any",
                      v->k.early ? "; but the early data can be sent again (replay)" : "");
    return known || perhaps ? hf_sight_under_keys(v) : HF_ABSENT;
}

/* Who records it today, and gets a key tomorrow. */
hf_sight hf_sight_later(const hf_view *v, hf_phrase *what)
{
    const hf_known *k = &v->k;
    const char *key =
        k->exchange == HF_EXCHANGE_RSA || k->exchange == HF_EXCHANGE_STATIC_DH
            ? "the server's private key"
        : k->exchange == HF_EXCHANGE_RSA_PSK ? "the server's private key and the pre-shared key"
        : k->exchange == HF_EXCHANGE_PSK || (v->tls13 && k->psk && !k->group) ? "the pre-shared key"
                                                                              : NULL;

    if (!k->encrypted || v->unciphered || k->resumed)
        return HF_ABSENT;
    if (key)
        hf_phrase_add(what, "NO forward secrecy: who records it and gets %s later, reads all of it",
                      key);
    else
        hf_phrase_add(what, "by no key that lasts: the key shares were fresh (forward secrecy)%s",
                      k->exchange == HF_EXCHANGE_ANON
                          ? ". But who stands in the middle reads all of it: nobody was "
                            "authenticated"
                          : "");
    return key ? HF_READABLE : HF_HIDDEN;
}
