/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is allowed and still looks like a slip. Found anew for each question, so that nothing has to be kept. */
#include <string.h>

#include "tool/proxy/fault.h"
#include "tool/proxy/value.h"

enum { HALF_A_YEAR = 180 * 86400 };

typedef struct search {
    size_t wanted, seen;
    hf_config_fault *out;
    bool found;
} search;

/* The one that was asked for? */
static bool is_it(search *s)
{
    s->found = s->found || s->seen == s->wanted;
    return s->seen++ == s->wanted;
}

static void warn_top(search *s, const hf_proxy_config *c)
{
    if (c->proxy_protocol_in && c->proxy_protocol_from.n == 0 && is_it(s)) {
        hf_fault_what(s->out, c->listen.at[0].at, "proxy_protocol: anyone may send the header");
        hf_fault_why(
            s->out,
            "whoever reaches listen can give himself any address, in logs and to the backends");
        hf_fault_next(s->out, "name who sends it: proxy_protocol_from: [10.0.0.0/8]");
    }
}

static void warn_hsts(search *s, const hf_config_site *site)
{
    if (!site->hsts.on || site->hsts.max_age == 0 || site->hsts.max_age >= HALF_A_YEAR || !is_it(s))
        return;
    hf_fault_what(s->out, site->hsts.at, "hsts: max_age is short, %llu seconds",
                  (unsigned long long)site->hsts.max_age);
    hf_fault_why(
        s->out,
        "browsers forget it between visits that are further apart, and the next is open to attack");
    hf_fault_next(s->out, "once all works write max_age: 31536000");
}

static void warn_backend(search *s, const hf_config_backend *b)
{
    if (b->tls || b->kind != HF_BACKEND_TCP || hf_address_reach(b->host) != HF_REACH_PUBLIC ||
        !is_it(s))
        return;
    hf_fault_what(s->out, b->address.at, "backend: plain text to a public address");
    hf_fault_why(s->out, "what came under TLS goes on readable for everyone on the way");
    hf_fault_next(s->out, "speak TLS to it: backend: {address: \"%.60s\", tls: {}}",
                  b->address.text);
}

bool hf_proxy_config_warning(const hf_proxy_config *config, size_t i, hf_config_fault *warning)
{
    search s = { .wanted = i, .out = warning };

    memset(warning, 0, sizeof *warning);
    hf_fault_file(warning, config->file);
    warn_top(&s, config);
    for (size_t k = 0; k < config->n_sites; k++) {
        warn_hsts(&s, &config->sites[k]);
        for (size_t n = 0; n < config->sites[k].n_backends; n++)
            warn_backend(&s, &config->sites[k].backends[n]);
    }
    return s.found;
}
