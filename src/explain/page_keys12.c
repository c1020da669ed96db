/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The keys of TLS 1.2 (RFC 5246 8.1 and 6.3): premaster secret, master secret, key block. */
#include "explain/page.h"

#include <stdio.h>

#include "explain/words.h"

static const char *premaster(const hf_story *story)
{
    if (story->end.facts & HF_F_RESUMED)
        return "none: the master secret is that of the session that is resumed";
    switch (hf_exchange_of(story->end.version, story->end.cipher_suite)) {
    case HF_EXCHANGE_ECDHE:
    case HF_EXCHANGE_DHE:
        return "both computed it from their fresh key shares, in ServerKeyExchange and "
               "ClientKeyExchange";
    case HF_EXCHANGE_RSA:
        return "the client made it up and encrypted it to the server's RSA key: who gets that key "
               "later can read this connection";
    case HF_EXCHANGE_PSK: return "made of the pre-shared key alone";
    case HF_EXCHANGE_ECDHE_PSK:
    case HF_EXCHANGE_DHE_PSK: return "made of fresh key shares and the pre-shared key";
    default: return "both have it from the key exchange";
    }
}

/* RFC 5246 6.3: a suite without encryption has keys for its MACs alone. */
static void put_key(hf_page *page, hf_role writer)
{
    bool bare = hf_suite_is_null(page->story->end.cipher_suite);
    char id[HF_PAGE_SMALL];

    hf_page_html(page, "<li class=\"%s%s\" id=\"%s\"><code>%s_write_%s</code><small>",
                 hf_page_side(writer),
                 hf_page_protects(page, (uint8_t)writer, HF_APP) ? "" : " unused",
                 hf_page_secret_id(page, (uint8_t)writer, HF_APP, id), hf_page_side(writer),
                 bare ? "MAC_key" : "key");
    if (bare)
        hf_page_html(page, "against change; nothing is encrypted");
    else
        hf_page_html(page, "and %s_write_IV", hf_page_side(writer));
    hf_page_html(page, "</small><span class=\"use\">");
    hf_page_protected(page, (uint8_t)writer, HF_APP);
    hf_page_html(page, "</span></li>\n");
}

/* A handshake that failed before anything went under them has none. */
static bool are_used(const hf_page *page)
{
    return !hf_page_is_cut_short(page) || hf_page_protects(page, HF_CLIENT, HF_APP) ||
           hf_page_protects(page, HF_SERVER, HF_APP);
}

static void put_finished(hf_page *page)
{
    hf_page_html(page,
                 "<li class=\"neither%s\"><code>verify_data</code><small>“client finished”, "
                 "“server finished” over all messages so far</small>"
                 "<span class=\"use\">what the two Finished hold</span></li>\n",
                 are_used(page) ? "" : " unused");
}

static void put_master(hf_page *page)
{
    const hf_story *story = page->story;

    hf_page_html(
        page,
        "<div class=\"stage%s\"><div class=\"input\"><b>premaster secret</b><small>%s</small></div>"
        "<div class=\"mix\"><span>PRF</span></div><div class=\"trunk\"><b>master "
        "secret</b><small>“%s”</small>",
        story->end.facts & HF_F_RESUMED || !are_used(page) ? " unused" : "", premaster(story),
        page->facts.ems ? "extended master secret" : "master secret");
    hf_page_secret(page, "CLIENT_RANDOM");
    hf_page_html(page, "</div>\n<ul class=\"outs\">\n");
    put_finished(page);
    hf_page_html(page, "</ul></div>\n");
}

static void put_key_block(hf_page *page)
{
    hf_page_html(
        page,
        "<div class=\"stage%s\"><div class=\"input\"><b>both randoms</b><small>of the two hellos: "
        "the keys are fresh even where the master secret is not</small></div>"
        "<div class=\"mix\"><span>PRF</span></div><div class=\"trunk\"><b>key block</b></div>\n"
        "<ul class=\"outs\">\n",
        are_used(page) ? "" : " unused");
    put_key(page, HF_CLIENT);
    put_key(page, HF_SERVER);
    hf_page_html(page, "</ul></div>\n");
}

void hf_page_keys12(hf_page *page)
{
    static const char bound[] =
        "The master secret is bound to all messages up to ClientKeyExchange "
        "(extended master secret, RFC 7627).";
    static const char loose[] =
        "The master secret is bound to the two randoms alone: without the extended "
        "master secret (RFC 7627) two connections could be made to share it.";

    hf_page_html(
        page,
        "<p class=\"lead\">One secret from the key exchange becomes the master secret, and that "
        "becomes the keys: one for each direction. <cite>RFC 5246 8.1, 6.3</cite></p>\n"
        "<div class=\"schedule\">\n");
    put_master(page);
    hf_page_html(page, "<div class=\"down\"><span>PRF “key expansion” over server_random and "
                       "client_random</span></div>\n");
    put_key_block(page);
    hf_page_html(page, "</div>\n<p class=\"small\">%s</p>\n", page->facts.ems ? bound : loose);
}
