/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the two hellos gave away to who listened: offers, choices, and what joins connections. */
#include "explain/page_sights.h"

hf_sight hf_sight_host_name(const hf_view *v, hf_phrase *what)
{
    if (!v->k.offer_read || v->k.offer.ext.host_name.len == 0)
        return HF_ABSENT;
    hf_phrase_quote(what, v->k.offer.ext.host_name);
    if (hf_offers_ech(&v->k.offer))
        hf_phrase_add(what, ", the name of the outer hello; the encrypted one, if it is one, may "
                            "ask for another");
    return HF_READABLE;
}

hf_sight hf_sight_protocols(const hf_view *v, hf_phrase *what)
{
    if (!v->k.offer_read || v->k.offer.ext.alpn.len == 0)
        return HF_ABSENT;
    hf_phrase_alpn(what, v->k.offer.ext.alpn);
    return HF_READABLE;
}

hf_sight hf_sight_versions(const hf_view *v, hf_phrase *what)
{
    uint16_t list[HF_OFFERS_MAX];

    if (!v->k.offer_read)
        return HF_ABSENT;
    hf_phrase_list(what, HF_NAMES_VERSIONS, list, hf_offered_versions(&v->k.offer, list));
    return HF_READABLE;
}

static hf_sight list_of(hf_phrase *what, hf_names names, hf_span codes)
{
    enum { MOST = 256 };
    uint16_t list[MOST];
    size_t n = hf_list16_count(codes);

    if (n == 0)
        return HF_ABSENT;
    n = n < MOST ? n : MOST;
    for (size_t i = 0; i < n; i++)
        list[i] = hf_list16_at(codes, i);
    hf_phrase_list(what, names, list, n);
    return HF_READABLE;
}

hf_sight hf_sight_suites(const hf_view *v, hf_phrase *what)
{
    return v->k.offer_read ? list_of(what, HF_NAMES_SUITES, v->k.offer.cipher_suites) : HF_ABSENT;
}

hf_sight hf_sight_groups(const hf_view *v, hf_phrase *what)
{
    return v->k.offer_read ? list_of(what, HF_NAMES_GROUPS, v->k.offer.ext.supported_groups)
                           : HF_ABSENT;
}

/* What joins it to a connection before it. */
hf_sight hf_sight_old_ticket(const hf_view *v, hf_phrase *what)
{
    const hf_client_hello *offer = &v->k.offer;

    if (!v->k.offer_read)
        return HF_ABSENT;
    if (hf_offers(offer, HF_EXT_pre_shared_key))
        hf_phrase_add(what, "its name, by which two connections can be told to be of one client");
    else if (offer->ext.session_ticket.len > 0)
        hf_phrase_add(what, "the ticket, sealed, that joins this connection to the one before");
    else if (offer->legacy_session_id.len > 0 && !hf_offers(offer, HF_EXT_supported_versions))
        hf_phrase_add(what, "the session id that joins this connection to the one before");
    else if (v->k.psk_named)
        hf_phrase_add(what, "the name of the pre-shared key");
    return what->len > 0 ? HF_READABLE : HF_ABSENT;
}

/* ---- the server's answer ---- */

hf_sight hf_sight_choice(const hf_view *v, hf_phrase *what)
{
    const hf_known *k = &v->k;

    if (!k->answer_read)
        return HF_ABSENT;
    hf_phrase_name(what, HF_NAMES_VERSIONS, k->version);
    hf_phrase_add(what, ", ");
    hf_phrase_name(what, HF_NAMES_SUITES, k->suite);
    if (k->group) {
        hf_phrase_add(what, ", ");
        hf_phrase_name(what, HF_NAMES_GROUPS, k->group);
    }
    return HF_READABLE;
}

hf_sight hf_sight_protocol(const hf_view *v, hf_phrase *what)
{
    hf_span name = v->page->facts.alpn;
    bool perhaps = v->page->facts.sealed && v->k.offer.ext.alpn.len > 0;

    if (v->tls13 && (name.len > 0 || perhaps)) {
        hf_phrase_add(what, "in EncryptedExtensions%s", name.len > 0 ? "" : ", if there was one");
        return hf_sight_under_keys(v);
    }
    hf_phrase_quote(what, name);
    return name.len > 0 ? HF_READABLE : HF_ABSENT;
}
