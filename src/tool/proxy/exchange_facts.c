/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Who the client is, what its connection is like, and whether its site may be asked for what it asks for. */
#include <string.h>

#include <handfast/policy.h>
#include "base/bytes.h"
#include "tool/proxy/exchange.h"

enum { NAME_ROOM = 256 };

/* ---- facts ---- */

static bool is_proved(hf_front *front)
{
    return hf_conn_info_of(front->stream.conn)->peer_verified && hf_conn_peer(front->stream.conn);
}

static void add_certificate(hf_front *front, hf_client_facts *facts)
{
    if (front->site->row->client_auth.mode == HF_AUTH_NONE || !is_proved(front))
        return;
    const hf_peer *peer = hf_conn_peer(front->stream.conn);
    facts->cert_verified = true;
    facts->cert_subject = peer->subject;
    facts->cert_sans = peer->sans && *peer->sans ? peer->sans : NULL;
    facts->cert_fingerprint = peer->fingerprint;
}

static bool is_any(const char *label)
{
    return strcmp(label, "default") == 0 || strchr(label, '*') != NULL;
}

void hf_exchange_facts(hf_front *front, hf_client_facts *facts, char address[HF_ADDRESS_TEXT])
{
    const hf_conn_info *info = hf_conn_info_of(front->stream.conn);

    *facts = (hf_client_facts){
        .address = hf_peer_text(&front->client, address),
        .port = front->client.port,
        .own_port = hf_front_own(front)->port,
        .server_name = info->server_name,
        .version = hf_front_version(front),
        .suite = hf_code_name(HF_SUITES, info->cipher_suite),
    };
    if (!facts->server_name && !is_any(front->site->label))
        facts->server_name = front->site->label;
    add_certificate(front, facts);
}

/* ---- Host ---- */

/* An IPv4 address's last label is a number (WHATWG URL, "ends in a number"), a name's is not. */
bool hf_host_is_name(hf_span host)
{
    size_t at = host.len;
    bool digits = true, hex;

    if (host.len == 0 || host.data[0] == '[')
        return false;
    while (at > 0 && host.data[at - 1] != '.')
        at--;
    hex = host.len - at >= 2 && host.data[at] == '0' && hf_lower(host.data[at + 1]) == 'x';
    for (size_t i = at; i < host.len; i++)
        digits &= host.data[i] >= '0' && host.data[i] <= '9';
    return !digits && !hex;
}

/* Where sites share a name, the one that speaks HTTP. */
hf_site *hf_site_of_host(hf_generation *generation, hf_span host)
{
    const hf_span http[] = { hf_span_str("http/1.1"), hf_span_str("h2") };
    char name[NAME_ROOM];

    if (host.len >= sizeof name)
        return NULL;
    for (size_t i = 0; i < host.len; i++)
        name[i] = (char)hf_lower(host.data[i]);
    name[host.len] = '\0';
    const hf_config_site *row = hf_proxy_site_for(generation->config, name, http, 2);
    return row ? &generation->sites[row - generation->config->sites] : NULL;
}

static bool is_default(const hf_config_site *row)
{
    return row->names.n == 1 && strcmp(row->names.at[0].text, "default") == 0;
}

/* What was proved to the client is one site: a request for another would have nothing to do with that (RFC 9110 7.4, 15.5.20). */
static bool is_misdirected(hf_front *front, hf_span host)
{
    const char *asked = hf_conn_info_of(front->stream.conn)->server_name;

    if (host.len == 0 || (asked && hf_span_equal_text(host, hf_span_str(asked))))
        return false;
    const hf_site *site = hf_site_of_host(front->generation, host);
    return site ? site != front->site : !is_default(front->site->row);
}

hf_hsts hf_exchange_hsts(const hf_exchange *x)
{
    const hf_config_site *row = x->front->site->row;

    return (hf_hsts){ .on = row->hsts.on && x->hsts,
                      .include_subdomains = row->hsts.include_subdomains,
                      .preload = row->hsts.preload,
                      .max_age = row->hsts.max_age };
}

/* ---- judging ---- */

static bool is_locked(hf_front *front, hf_span path)
{
    const hf_config_site *row = front->site->row;

    if (row->client_auth.mode != HF_AUTH_REQUIRE || row->client_auth.paths.n == 0 ||
        is_proved(front))
        return false;
    for (size_t i = 0; i < row->client_auth.paths.n; i++)
        if (hf_path_below(path, row->client_auth.paths.at[i].text))
            return true;
    return false;
}

unsigned hf_exchange_judge(hf_front *front, const hf_head *head, const char **why)
{
    if (front->site->unavailable) {
        *why = "the site is unavailable";
        return 503;
    }
    if (is_misdirected(front, head->host)) {
        *why = "the request is for another site than the handshake was";
        return 421;
    }
    if (is_locked(front, head->path)) {
        *why = "the path needs a client certificate";
        hf_tell_event(front->house, HF_EVENT_OF_client_auth_refused, front,
                      "a request below a path that needs a client certificate came without one");
        return 403;
    }
    if (head->last_hop) {
        *why = "Max-Forwards ends here";
        return 200;
    }
    return 0;
}
