/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* --alpn: names divided by commas. */
#include <string.h>

#include "tool/exit.h"
#include "tool/options.h"
#include "tool/say.h"

static int refuse_alpn(const char *why)
{
    hf_error_what("the value of --alpn is not a list of protocol names");
    hf_error_why("%s", why);
    hf_error_next("for example: --alpn h2,http/1.1");
    return HF_EXIT_USAGE;
}

int hf_alpn_parse(const char *text, hf_alpn_list *list)
{
    memset(list, 0, sizeof *list);
    if (!text)
        return HF_EXIT_OK;
    if (strlen(text) >= sizeof list->store)
        return refuse_alpn("it is longer than 511 bytes");
    memcpy(list->store, text, strlen(text) + 1);
    for (char *name = list->store; name;) {
        char *comma = strchr(name, ',');
        if (comma)
            *comma = '\0';
        if (*name == '\0' || strlen(name) > 255)
            return refuse_alpn("a name has 1 to 255 bytes");
        if (list->n == HF_ALPN_NAMES_MAX)
            return refuse_alpn("at most 16 names are taken");
        list->names[list->n++] = name;
        name = comma ? comma + 1 : NULL;
    }
    return HF_EXIT_OK;
}
