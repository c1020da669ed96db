/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From http:// to https://: the same host, the same path, another port. */
#include "tool/proxy/redirect.h"

#include <stdio.h>

#include "base/bytes.h"
#include "tool/proxy/exchange.h"
#include "tool/proxy/listening.h"

enum { HTTP = 80, HTTPS = 443 };

static uint16_t port_of(const char *listen)
{
    struct sockaddr_storage at;
    socklen_t len;

    return hf_listening_address(listen, &at, &len) ? (uint16_t)hf_listening_port(&at) : 0;
}

/* Who came by another port than ours came through somebody that maps ports (a container, a router), and so does https://. Else it is
   one of ours: 443 if that is there. */
uint16_t hf_redirect_port(const hf_proxy_config *config, uint16_t own_port, uint16_t host_port)
{
    uint16_t first = 0;

    if ((host_port ? host_port : HTTP) != own_port)
        return HTTPS;
    for (size_t i = 0; i < config->listen.n; i++) {
        uint16_t port = port_of(config->listen.at[i].text);
        if (port == HTTPS)
            return HTTPS;
        first = first ? first : port;
    }
    return first ? first : HTTPS;
}

/* Host was read strictly: letters, digits, ".", "-", "_", or an address in brackets. */
static void write_location(const hf_head *head, uint16_t port, char location[HF_LOCATION_ROOM])
{
    char colon[8] = "";
    bool has_path = head->path.len > 0 && head->path.data[0] == '/';

    if (port != HTTPS)
        snprintf(colon, sizeof colon, ":%u", port);
    snprintf(location, HF_LOCATION_ROOM, "https://%.*s%s%.*s", (int)head->host.len,
             (const char *)head->host.data, colon, has_path ? (int)head->path.len : 1,
             has_path ? (const char *)head->path.data : "/");
}

static bool is_read(const hf_head *head)
{
    return hf_span_equal(head->method, hf_span_str("GET")) ||
           hf_span_equal(head->method, hf_span_str("HEAD"));
}

void hf_redirect_judge(hf_generation *generation, const hf_head *head, uint16_t own_port,
                       hf_answer *answer, char location[HF_LOCATION_ROOM], const char **why)
{
    const hf_site *site = hf_site_of_host(generation, head->host);

    if (head->host.len == 0) {
        answer->status = 400;
        answer->detail = *why = "no Host";
    } else if (!site) {
        answer->status = 421;
        answer->what = "There is no site of this name here.";
        answer->todo = "Look at the name in the address again.";
        *why = "no site has this name";
    } else if (site->unavailable) {
        answer->status = 503;
        answer->retry_after = HF_RETRY_AFTER;
        *why = "the site is unavailable";
    } else {
        answer->status = is_read(head) ? 301 : 308;
        answer->store = true;
        answer->location = location;
        write_location(head, hf_redirect_port(generation->config, own_port, head->port), location);
    }
}

void hf_redirect_hint(const hf_head *head, char words[HF_ANSWER_WORDS])
{
    char colon[8] = "";

    if (!head || head->host.len == 0) {
        snprintf(words, HF_ANSWER_WORDS, "Use https:// instead of http:// in the address.");
        return;
    }
    if (head->port)
        snprintf(colon, sizeof colon, ":%u", head->port);
    snprintf(words, HF_ANSWER_WORDS, "Use https://%.*s%s/ instead.", (int)head->host.len,
             (const char *)head->host.data, colon);
}
