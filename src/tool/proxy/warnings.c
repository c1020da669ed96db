/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is allowed and still looks like a slip. Found anew for each question, so that nothing has to be kept. */
#include <string.h>

#include "tool/proxy/fault.h"
#include "tool/proxy/value.h"

enum { HALF_A_YEAR = 180 * 86400, MUCH_GIB = 16, GIB_SHIFT = 30 };

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
    if (c->user.text && strcmp(c->user.text, "root") == 0 && is_it(s)) {
        hf_fault_what(s->out, c->user.at, "user: the workers run as root");
        hf_fault_why(s->out, "they alone talk to clients, and root can do whatever it finds there");
        hf_fault_next(s->out, "take user out, and they run as nobody; or make them an account: "
                              "useradd --system handfast");
    }
    if (c->proxy_protocol_in && c->proxy_protocol_from.n == 0 && is_it(s)) {
        hf_fault_what(s->out, c->listen.at[0].at, "proxy_protocol: anyone may send the header");
        hf_fault_why(
            s->out,
            "whoever reaches listen can give himself any address, in logs and to the backends");
        hf_fault_next(s->out, "name who sends it: proxy_protocol_from: [10.0.0.0/8]");
    }
}

/* A product of two numbers that each look harmless. What standards come to is below it. */
static void warn_limits(search *s, const hf_proxy_config *c)
{
    uint64_t gib = (c->limits.connections * c->limits.memory_bytes) >> GIB_SHIFT;

    if (gib > MUCH_GIB && is_it(s)) {
        hf_fault_what(s->out, c->limits.at, "limits: slow readers could take %llu GiB of memory",
                      (unsigned long long)gib);
        hf_fault_why(s->out,
                     "each of %llu connections may let memory wait, %llu KiB, until it reads on",
                     (unsigned long long)c->limits.connections,
                     (unsigned long long)(c->limits.memory_bytes >> 10));
        hf_fault_next(s->out, "if the machine has less, lower connections or memory");
    }
    if (c->limits.per_address > c->limits.connections && is_it(s)) {
        hf_fault_what(s->out, c->limits.at, "limits: per_address is above connections");
        hf_fault_why(s->out,
                     "all connections together reach their bound first, so it bounds nothing");
        hf_fault_next(s->out, "lower per_address, or take it out");
    }
}

static bool wants_https(const hf_config_site *site)
{
    return site->hsts.on && site->hsts.max_age > 0;
}

/* HSTS counts from the first visit over TLS on, and whoever types a name comes without. */
static void warn_redirect(search *s, const hf_proxy_config *c)
{
    size_t i = 0;

    while (i < c->n_sites && !wants_https(&c->sites[i]))
        i++;
    if (c->redirect.n > 0 || i == c->n_sites || !is_it(s))
        return;
    hf_fault_what(s->out, c->sites[i].hsts.at,
                  "hsts: nothing listens on plain HTTP to send people on");
    hf_fault_why(s->out,
                 "browsers learn it from their first visit with https://, and many come without");
    hf_fault_next(s->out, "add redirect: [\":80\"], unless another server does that");
}

static void warn_hsts(search *s, const hf_config_site *site)
{
    if (!wants_https(site) || site->hsts.max_age >= HALF_A_YEAR || !is_it(s))
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
    warn_limits(&s, config);
    warn_redirect(&s, config);
    for (size_t k = 0; k < config->n_sites; k++) {
        warn_hsts(&s, &config->sites[k]);
        for (size_t n = 0; n < config->sites[k].n_backends; n++)
            warn_backend(&s, &config->sites[k].backends[n]);
    }
    return s.found;
}
