/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Checks of what HTTP says about TLS. */
#include "audit/checks.h"

/* The header may be there and still be nothing: malformed, or with a max-age of 0. */
static void without_hsts(hf_case *c, const hf_trait *t)
{
    static const char after[] =
        "a browser that is sent to http:// goes there, and whoever stands in "
        "between can keep it there";

    if (t->words[0])
        hf_case_found(c, "", t->evidence, "HSTS is not in force (%s): %s", t->words, after);
    else
        hf_case_found(c, "", t->evidence, "no Strict-Transport-Security header: %s", after);
}

void hf_check_hsts(hf_case *c)
{
    const hf_trait *t = &c->seen->traits[HF_TRAIT_hsts];

    if (t->state == HF_UNKNOWN)
        hf_case_unknown(c, t);
    else if (t->state == HF_ABSENT)
        without_hsts(c, t);
    else if (t->number < c->number)
        hf_case_found(c, "", t->evidence, "HSTS holds for %u seconds; at least %u are asked for",
                      (unsigned)t->number, (unsigned)c->number);
}

/* Whoever is refused leaves nothing there that could be read; but on other paths the port may answer. 401 asks for a password. */
static bool refuses(int status)
{
    return status >= 400 && status != 401;
}

void hf_check_redirect(hf_case *c)
{
    const hf_trait *t = &c->seen->traits[HF_TRAIT_redirect];

    if (t->state == HF_UNKNOWN)
        hf_case_unknown(c, t);
    else if (t->state == HF_ABSENT && refuses(c->seen->http.plain_status))
        hf_case_found_at_most(c, HF_SEVERITY_NOTE, "", t->evidence,
                              "port %u refuses plain HTTP with status %d, and does not lead to "
                              "https://",
                              (unsigned)c->seen->http.plain_port, c->seen->http.plain_status);
    else if (t->state == HF_ABSENT)
        hf_case_found(c, "", t->evidence,
                      "port %u answers plain HTTP with status %d, and not with a redirect to "
                      "https://",
                      (unsigned)c->seen->http.plain_port, c->seen->http.plain_status);
}
