/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The key schedule of TLS 1.3 (RFC 9846 7.1, the figure there), with what each secret protects in this handshake. */
#include "explain/page.h"

#include <stdio.h>

/* What Derive-Secret makes of a stage's secret. epoch 0: it protects no records. */
typedef struct derived {
    const char *name, *label, *over, *logged, *use;
    uint8_t writer, epoch;
} derived;

static const derived early[] = {
    { "binder_key", "res binder", "nothing", "",
      "proves in ClientHello that its writer has the pre-shared key", 0, 0 },
    { "client_early_traffic_secret", "c e traffic", "ClientHello", "CLIENT_EARLY_TRAFFIC_SECRET",
      "", HF_CLIENT, HF_EARLY },
    { "early_exporter_secret", "e exp master", "ClientHello", "EARLY_EXPORTER_SECRET",
      "keys for the application, before the handshake", 0, 0 },
};
static const derived handshake[] = {
    { "client_handshake_traffic_secret", "c hs traffic", "ClientHello…ServerHello",
      "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "", HF_CLIENT, HF_HANDSHAKE },
    { "server_handshake_traffic_secret", "s hs traffic", "ClientHello…ServerHello",
      "SERVER_HANDSHAKE_TRAFFIC_SECRET", "", HF_SERVER, HF_HANDSHAKE },
};
static const derived application[] = {
    { "client_application_traffic_secret_0", "c ap traffic", "ClientHello…server Finished",
      "CLIENT_TRAFFIC_SECRET_0", "", HF_CLIENT, HF_APP },
    { "server_application_traffic_secret_0", "s ap traffic", "ClientHello…server Finished",
      "SERVER_TRAFFIC_SECRET_0", "", HF_SERVER, HF_APP },
    { "exporter_secret", "exp master", "ClientHello…server Finished", "EXPORTER_SECRET",
      "keys for the application (RFC 9846 7.5)", 0, 0 },
    { "resumption_secret", "res master", "ClientHello…client Finished", "",
      "the keys of tickets: what NewSessionTicket stands for", 0, 0 },
};

typedef struct stage {
    const char *input, *what, *secret;
    bool reached;
    const derived *outs;
    size_t n;
} stage;

static void put_out(hf_page *page, const derived *d, bool reached)
{
    char id[HF_PAGE_SMALL] = "";
    bool used = d->epoch ? hf_page_protects(page, d->writer, d->epoch)
                         : reached && !hf_page_is_cut_short(page);

    hf_page_html(page, "<li class=\"%s%s\"",
                 d->epoch ? hf_page_side((hf_role)d->writer) : "neither",
                 used && reached ? "" : " unused");
    if (d->epoch)
        hf_page_html(page, " id=\"%s\"", hf_page_secret_id(page, d->writer, d->epoch, id));
    hf_page_html(page, "><code>%s</code><small>“%s” over %s</small><span class=\"use\">", d->name,
                 d->label, d->over);
    if (d->epoch)
        hf_page_protected(page, d->writer, d->epoch);
    else
        hf_page_html(page, "%s", d->use);
    hf_page_html(page, "</span>");
    hf_page_secret(page, d->logged);
    hf_page_html(page, "</li>\n");
}

static void put_stage(hf_page *page, const stage *s)
{
    hf_page_html(page,
                 "<div class=\"stage%s\"><div class=\"input\"><b>%s</b><small>%s</small></div>"
                 "<div class=\"mix\"><span>HKDF-Extract</span></div><div "
                 "class=\"trunk\"><b>%s</b></div>\n<ul class=\"outs\">\n",
                 s->reached ? "" : " unused", s->input, s->what, s->secret);
    for (size_t i = 0; i < s->n; i++)
        put_out(page, &s->outs[i], s->reached);
    hf_page_html(page, "</ul></div>\n");
}

static void put_down(hf_page *page)
{
    hf_page_html(page, "<div class=\"down\"><span>Derive-Secret “derived”</span></div>\n");
}

static const char *psk_words(hf_facts facts)
{
    if (facts & HF_F_PSK)
        return "a pre-shared key, of a ticket or given beforehand";
    if (facts & HF_F_EARLY_OFFERED)
        return "one that early data went under; the server did not take it, and zeros stand for it";
    return "none in this handshake: zeros stand for it";
}

static void put_lead(hf_page *page)
{
    hf_page_html(
        page,
        "<p class=\"lead\">From the left comes what is secret. From the top to the bottom it is "
        "mixed in, one after the other. To the right each secret is bound to the messages that "
        "were seen so far, so that who saw others has other keys. <cite>RFC 9846 7.1</cite></p>\n"
        "<div class=\"schedule\">\n");
}

void hf_page_keys13(hf_page *page)
{
    const hf_follower *end = &page->story->end;
    char group[HF_NAME_ROOM], shared[2 * HF_NAME_ROOM];
    bool app = end->facts & HF_F_SERVER_DONE &&
               (!hf_page_is_cut_short(page) || hf_page_protects(page, HF_CLIENT, HF_APP) ||
                hf_page_protects(page, HF_SERVER, HF_APP));

    if (end->group)
        snprintf(shared, sizeof shared, "both computed it from their key shares, by %s",
                 hf_page_code(HF_NAMES_GROUPS, end->group, group));
    else
        snprintf(shared, sizeof shared, "none: only the pre-shared key counts");
    const stage stages[] = {
        { "PSK", psk_words(end->facts), "Early Secret",
          end->facts & (HF_F_PSK | HF_F_EARLY_OFFERED), early, sizeof early / sizeof *early },
        { "(EC)DHE shared secret", shared, "Handshake Secret", true, handshake,
          sizeof handshake / sizeof *handshake },
        { "0", "nothing new: zeros", "Main Secret", app, application,
          sizeof application / sizeof *application },
    };
    put_lead(page);
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        put_stage(page, &stages[i]);
        if (i + 1 < sizeof stages / sizeof *stages)
            put_down(page);
    }
    hf_page_html(page, "</div>\n");
}
