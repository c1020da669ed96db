/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which site a client means, by what it says: SNI and ALPN of its hello, or the name in Host. */
#include "base/bytes.h"
#include "tool/proxy/worker.h"

enum { NAME_ROOM = 256, PROTOCOLS_MAX = 64 };

/* Lower case, without the dot of an absolute name (Host may have one). False: no name that a site could have. */
static bool fold(hf_span name, char out[NAME_ROOM])
{
    if (name.len > 0 && name.data[name.len - 1] == '.')
        name.len--;
    if (name.len == 0 || name.len >= NAME_ROOM || memchr(name.data, '\0', name.len))
        return false;
    for (size_t i = 0; i < name.len; i++)
        out[i] = (char)hf_lower(name.data[i]);
    out[name.len] = '\0';
    return true;
}

static hf_site *site_at(const hf_generation *g, const hf_config_site *row)
{
    return row ? &g->sites[row - g->config->sites] : NULL;
}

hf_site *hf_generation_site(hf_generation *g, const hf_hello *hello)
{
    char name[NAME_ROOM];
    hf_span protocols[PROTOCOLS_MAX], rest = hello->alpn;
    size_t n = 0;

    while (n < PROTOCOLS_MAX && rest.len > 1 && rest.data[0] < rest.len) {
        protocols[n] = hf_span_of(rest.data + 1, rest.data[0]);
        rest = hf_span_of(rest.data + 1 + protocols[n].len, rest.len - 1 - protocols[n].len);
        n++;
    }
    bool named = fold(hello->server_name, name);
    return site_at(g, hf_proxy_site_for(g->config, named ? name : NULL, protocols, n));
}

hf_site *hf_generation_site_named(hf_generation *g, hf_span text)
{
    char name[NAME_ROOM];

    return site_at(g, hf_proxy_site_of(g->config, fold(text, name) ? name : NULL));
}
