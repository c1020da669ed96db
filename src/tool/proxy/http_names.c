/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which names of fields are whose: the connection's, the proxy's, and those that come before a body or not at all. */
#include "tool/proxy/http_names.h"

/* A backend that makes variables of names (CGI, WSGI, Rack, PHP) takes "x_forwarded_for" for X-Forwarded-For; lighttpd does so with
   "x~forwarded!for", and with whatever else is no letter or digit. */
static uint8_t folded(uint8_t c)
{
    return hf_is_letter(c) || hf_is_digit(c) ? hf_lower(c) : '-';
}

/* A word that ends with "*" stands for all that begin so. */
static bool fits(hf_span name, const char *word)
{
    if (name.len == 0 || folded(name.data[0]) != (uint8_t)*word) /* most of them, and at once */
        return false;
    size_t n = strlen(word);
    bool begins = word[n - 1] == '*';

    n -= begins;
    if (begins ? name.len < n : name.len != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (folded(name.data[i]) != (uint8_t)word[i])
            return false;
    return true;
}

bool hf_field_is_framing_in_disguise(hf_span name)
{
    static const char *const framing[] = { "content-length", "transfer-encoding" };

    for (size_t i = 0; i < sizeof framing / sizeof *framing; i++)
        if (fits(name, framing[i]) && !hf_is_word(name, framing[i]))
            return true;
    return false;
}

static bool is_among(hf_span name, const char *const *words)
{
    for (; *words; words++)
        if (fits(name, *words))
            return true;
    return false;
}

/* Beside what this proxy writes: what others write, so that a backend may have learnt to trust it (RFC 9440; nginx's, Apache's, IIS's,
   WebLogic's and content networks' customs; "Proxy", which CGI makes HTTP_PROXY of); and what has a backend see another path or host
   than was judged here. */
bool hf_field_is_ours(hf_span name)
{
    static const char *const words[] = { "forwarded",
                                         "x-forwarded*",
                                         "x-real-ip",
                                         "x-client-ip",
                                         "x-cluster-client-ip",
                                         "x-originating-ip",
                                         "true-client-ip",
                                         "cf-connecting-ip*",
                                         "fastly-client-ip",
                                         "remote-*",
                                         "x-remote-*",
                                         "x-authenticated-*",
                                         "x-original-*",
                                         "x-rewrite-*",
                                         "x-http-host-override",
                                         "x-arr-*",
                                         "wl-proxy-*",
                                         "front-end-https",
                                         "x-scheme",
                                         "x-tls-*",
                                         "x-client-cert*",
                                         "client-cert*",
                                         "x-ssl-*",
                                         "ssl-client-*",
                                         "x-client-dn",
                                         "x-client-verify",
                                         "early-data",
                                         "proxy",
                                         NULL };

    return is_among(name, words);
}

/* RFC 9110 7.6.1; Proxy-Authorization was for us, if for anybody. */
bool hf_field_is_hop(hf_span name)
{
    static const char *const words[] = { "connection",     "proxy-connection",
                                         "keep-alive",     "te",
                                         "upgrade",        "transfer-encoding",
                                         "content-length", "proxy-authorization",
                                         "http2-settings", NULL };

    return is_among(name, words);
}

bool hf_field_is_no_trailer(hf_span name)
{
    static const char *const words[] = { "host",
                                         "trailer",
                                         "content-type",
                                         "content-encoding",
                                         "content-range",
                                         "content-location",
                                         "cache-control",
                                         "expect",
                                         "max-forwards",
                                         "pragma",
                                         "range",
                                         "if-*",
                                         "authorization",
                                         "www-authenticate",
                                         "proxy-*",
                                         "authentication-info",
                                         "cookie",
                                         "set-cookie",
                                         "age",
                                         "date",
                                         "expires",
                                         "location",
                                         "retry-after",
                                         "vary",
                                         "via",
                                         "strict-transport-security",
                                         NULL };

    return hf_field_is_hop(name) || hf_field_is_ours(name) || is_among(name, words);
}

/* RFC 9110 7.6.1: what is meant for all who receive it is no connection's, whoever says so. */
static bool is_for_all(hf_span name)
{
    static const char *const words[] = { "cache-control", "strict-transport-security", NULL };

    return is_among(name, words);
}

bool hf_field_is_nominated(const hf_head *head, hf_span name)
{
    size_t at = 0;
    hf_span value, option;

    if (is_for_all(name))
        return false;
    while (hf_head_next(head, "connection", &at, &value))
        while (hf_list_next(&value, &option))
            if (hf_span_equal_text(option, name))
                return true;
    return false;
}
