/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the parent hears of for `proxy status`, few a second: failures, refusals before TLS, and backends that failed. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tool/json_text.h"
#include "tool/proxy/telling_parts.h"

enum { TO_PARENT_BURST = 20, TO_PARENT_PACE = 10 };

bool hf_tell_parent_may(const hf_house *house, hf_message kind)
{
    static hf_pace failures, backends;
    hf_pace *pace = kind == HF_MESSAGE_BACKEND ? &backends : &failures;

    return house->channel && hf_pace_may(pace, TO_PARENT_BURST, TO_PARENT_PACE);
}

void hf_tell_parent(const hf_house *house, hf_message kind, json_t *message)
{
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

    json_decref(message);
    if (text)
        hf_channel_say(house->channel, kind, (hf_span){ (const uint8_t *)text, strlen(text) });
    free(text);
}

/* ---- before TLS ---- */

static const char *hint_of(const char *why)
{
    return strstr(why, "proxy_protocol_from")
               ? "if it is your load balancer, name its address in proxy_protocol_from; if it is a "
                 "client, it must come through the load balancer"
               : "have the load balancer send the header, or take proxy_protocol out of the "
                 "configuration if clients come here directly";
}

void hf_tell_header_refused(const hf_house *house, const hf_peer_at *client, const char *why)
{
    const hf_event_row *row = hf_event_row_of(HF_EVENT_OF_proxy_header_refused);
    char text[HF_ADDRESS_TEXT];

    if (!hf_tell_parent_may(house, HF_MESSAGE_FAILURE))
        return;
    json_t *failure =
        json_pack("{s:s s:s s:s s:s s:n s:s s:s s:o}", "code", "PROXY_HEADER_REFUSED", "reason",
                  row->name, "blame", "config", "sentence", row->help, "source", "hint",
                  hint_of(why), "step", "PROXY protocol header", "text", hf_json_text(why));
    hf_tell_parent(house, HF_MESSAGE_FAILURE,
                   json_pack("{s:I s:n s:o s:i s:n s:b s:o?}", "ts", (json_int_t)hf_clock_wall(),
                             "site", "client", hf_json_text(hf_peer_text(client, text)),
                             "client_port", (int)client->port, "sni", "traced", 0, "failure",
                             failure));
}

/* ---- backends ---- */

void hf_tell_backend_down(const hf_house *house, const hf_site *site, const char *backend,
                          const char *why)
{
    if (hf_tell_parent_may(house, HF_MESSAGE_BACKEND))
        hf_tell_parent(house, HF_MESSAGE_BACKEND,
                       json_pack("{s:I s:o s:o s:o}", "ts", (json_int_t)hf_clock_wall(), "site",
                                 hf_json_text(site->label), "backend", hf_json_text(backend), "why",
                                 hf_json_text(why)));
}
