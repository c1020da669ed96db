/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What contradicts itself within a site or a backend. */
#include <string.h>

#include "tool/proxy/sense.h"

enum { YEAR = 31536000 };

static void check_default(hf_sense *s, const hf_config_site *site)
{
    for (size_t i = 0; i < site->names.n; i++)
        if (site->names.n > 1 && strcmp(site->names.at[i].text, "default") == 0)
            hf_sense_say(
                s, site->names.at[i].at, "names: default stands beside other names",
                "the default site answers where no other does, whatever name was asked for",
                "give it a site of its own: names: [default]");
}

static void check_hsts(hf_sense *s, const hf_config_site *site)
{
    if (site->hsts.at.line == 0)
        return;
    if (site->mode == HF_SITE_TCP)
        hf_sense_say(s, site->hsts.at, "hsts: a site in tcp mode sends no headers",
                     "what goes through is not read, so nothing can be added to it",
                     "take hsts out, or mode: tcp");
    if (site->hsts.preload && site->hsts.max_age < YEAR)
        hf_sense_say(s, site->hsts.at, "hsts: preload with a max_age of less than a year",
                     "the list that browsers are shipped with takes no site for less",
                     "write max_age: 31536000, or more");
    if (site->hsts.preload && !site->hsts.include_subdomains)
        hf_sense_say(s, site->hsts.at, "hsts: preload without include_subdomains",
                     "the list that browsers are shipped with is for names and all below them",
                     "add include_subdomains: true, or take preload out");
}

static void check_auth(hf_sense *s, const hf_config_site *site)
{
    if (site->client_auth.at.line == 0)
        return;
    if (site->client_auth.mode != HF_AUTH_NONE && !site->client_auth.ca.text)
        hf_sense_say(
            s, site->client_auth.at, "client_auth: ca is missing",
            "without a CA there is nothing that a client's certificate could be checked against",
            "add the CA: client_auth: {ca: clients.pem}");
    if (site->client_auth.paths.n == 0)
        return;
    if (site->mode == HF_SITE_TCP)
        hf_sense_say(s, site->client_auth.paths.at[0].at, "paths: a site in tcp mode has no paths",
                     "what goes through is not read",
                     "take paths out: then a certificate is needed for all of it");
    else if (site->client_auth.mode != HF_AUTH_REQUIRE)
        hf_sense_say(s, site->client_auth.paths.at[0].at, "paths: nothing is required there",
                     "paths say where a certificate is needed, and only mode: require needs one",
                     "write mode: require, or take paths out");
}

static void check_alpn(hf_sense *s, const hf_config_site *site)
{
    for (size_t i = 0; i < site->alpn.n; i++) {
        const hf_config_text *one = &site->alpn.at[i];
        for (size_t k = 0; k < i; k++)
            if (strcmp(one->text, site->alpn.at[k].text) == 0) {
                hf_sense_say(s, one->at, "alpn: a protocol stands here a second time",
                             "the list is an order of preference", "take one of them out");
                break;
            }
        if (site->mode == HF_SITE_TCP || strcmp(one->text, "http/1.1") == 0)
            continue;
        if (strcmp(one->text, "h2") == 0)
            hf_sense_say(s, one->at, "alpn: h2 in http mode",
                         "http mode speaks HTTP/1.1; whoever agrees on HTTP/2 must speak it",
                         "take alpn out, or pass HTTP/2 through with mode: tcp");
        else
            hf_sense_say(s, one->at, "alpn: http mode speaks http/1.1 alone",
                         "what is agreed on must be spoken", "take alpn out, or write mode: tcp");
    }
}

void hf_sense_backend(hf_sense *s, const hf_config_backend *b)
{
    const hf_config_pair *own = &b->identity;

    if (!b->tls)
        return;
    if (b->kind == HF_BACKEND_UNIX && !b->tls_name.text)
        hf_sense_say(
            s, own->at, "tls: name is missing",
            "a Unix socket has no host name that the backend's certificate could be checked for",
            "say whom it must belong to: tls: {name: backend.internal}");
    if (own->chain.text && !own->key.text)
        hf_sense_say(s, own->chain.at, "tls: chain without key",
                     "a certificate is shown by who has its private key",
                     "add the key, or take chain out");
    if (own->key.text && !own->chain.text)
        hf_sense_say(s, own->key.at, "tls: key without chain",
                     "a key is of use with its certificate only", "add the chain, or take key out");
    if (own->password_file.text && !own->key.text)
        hf_sense_say(s, own->password_file.at, "tls: password_file without key",
                     "there is no key for it to open",
                     "add chain and key, or take password_file out");
}

void hf_sense_site(hf_sense *s, const hf_config_site *site)
{
    check_default(s, site);
    check_hsts(s, site);
    check_auth(s, site);
    check_alpn(s, site);
    for (size_t i = 0; i < site->n_backends; i++)
        hf_sense_backend(s, &site->backends[i]);
}
