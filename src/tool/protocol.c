/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* --policy, --tls, --groups, --ciphers, --sigalgs and --alpn: words into a policy and names. */
#include <stdio.h>
#include <string.h>

#include "registry/registry.h"
#include "tool/exit.h"
#include "tool/options.h"
#include "tool/say.h"
#include "tool/suggest.h"

enum { WORD_ROOM = 64 };

/* One list option: what its words are, and how they are looked up. */
typedef struct word_kind {
    const char *option, *one, *list;
    uint16_t (*code)(const char *name);
    const char *(*name)(size_t row, bool openssl);
} word_kind;

static const char *suite_at(size_t row, bool openssl)
{
    const hf_suite *suite = hf_suite_row(row);

    return !suite ? NULL : openssl ? suite->openssl : suite->name;
}

static const char *group_at(size_t row, bool openssl)
{
    const hf_group *group = hf_group_row(row);

    return !group ? NULL : openssl ? group->openssl : group->name;
}

static const char *scheme_at(size_t row, bool openssl)
{
    const hf_scheme *scheme = hf_scheme_row(row);

    return !scheme ? NULL : openssl ? scheme->openssl : scheme->name;
}

static const word_kind suites = { "--ciphers", "cipher suite", "suites", hf_suite_code, suite_at };
static const word_kind groups = { "--groups", "group", "groups", hf_group_code, group_at };
static const word_kind schemes = { "--sigalgs", "signature scheme", "schemes", hf_scheme_code,
                                   scheme_at };

static int say_unknown(const word_kind *kind, const char *word)
{
    hf_nearest nearest = { .word = word };
    const char *name;

    for (int openssl = 0; openssl < 2; openssl++)
        for (size_t i = 0; (name = kind->name(i, openssl == 1)) != NULL; i++)
            hf_nearest_try(&nearest, name);
    hf_error_what("unknown %s: %s", kind->one, *word ? word : "an empty name");
    if (nearest.best)
        hf_error_why("in %s; did you mean %s?", kind->option, nearest.best);
    else
        hf_error_why("in %s", kind->option);
    hf_error_next("see: handfast list %s", kind->list);
    return HF_EXIT_USAGE;
}

static bool holds(const uint16_t *list, uint16_t code)
{
    for (; *list; list++)
        if (*list == code)
            return true;
    return false;
}

/* Replaces the policy's list by the words of the option. A word that comes twice counts once. */
static int read_list(const word_kind *kind, const char *text, uint16_t out[HF_POLICY_LIST])
{
    char word[WORD_ROOM];
    size_t n = 0;

    if (!text)
        return HF_EXIT_OK;
    memset(out, 0, HF_POLICY_LIST * sizeof out[0]);
    for (;;) {
        size_t len = strcspn(text, ":,");
        snprintf(word, sizeof word, "%.*s", (int)(len < WORD_ROOM ? len : WORD_ROOM - 1), text);
        uint16_t code = kind->code(word);
        if (code == 0 || len >= WORD_ROOM)
            return say_unknown(kind, word);
        if (!holds(out, code) && n + 1 < HF_POLICY_LIST)
            out[n++] = code;
        if (text[len] == '\0')
            return HF_EXIT_OK;
        text += len + 1;
    }
}

/* Key shares are sent for the groups that are left, in their order; for the best one if none is. */
static void narrow_key_shares(hf_policy *policy)
{
    const size_t room = sizeof policy->key_shares / sizeof policy->key_shares[0];
    uint16_t wanted[sizeof policy->key_shares / sizeof policy->key_shares[0] + 1] = { 0 };
    size_t n = 0;

    memcpy(wanted, policy->key_shares, sizeof policy->key_shares);
    memset(policy->key_shares, 0, sizeof policy->key_shares);
    for (size_t i = 0; i < HF_POLICY_LIST && policy->groups[i] != 0 && n < room; i++)
        if (holds(wanted, policy->groups[i]))
            policy->key_shares[n++] = policy->groups[i];
    if (n == 0)
        policy->key_shares[0] = policy->groups[0];
}

static int set_version(const char *text, hf_policy *policy)
{
    if (!text)
        return HF_EXIT_OK;
    if (strcmp(text, "1.3") == 0) {
        policy->min_version = policy->max_version = HF_TLS13;
        return HF_EXIT_OK;
    }
    hf_error_what("TLS version %.32s is not spoken", text);
    hf_error_why("--tls takes 1.3");
    hf_error_next("leave --tls out, or write: --tls 1.3");
    return HF_EXIT_USAGE;
}

int hf_unknown_policy(const char *name)
{
    hf_nearest nearest = { .word = name };
    const hf_policy *policy;

    for (size_t i = 0; (policy = hf_policy_row(i)) != NULL; i++)
        hf_nearest_try(&nearest, policy->name);
    hf_nearest_try(&nearest, "default");
    hf_nearest_try(&nearest, "modern");
    hf_error_what("unknown policy: %.64s", name);
    if (nearest.best)
        hf_error_why("did you mean %s?", nearest.best);
    else
        hf_error_why("no policy of that name is in this version");
    hf_error_next("see: handfast policy");
    return HF_EXIT_USAGE;
}

int hf_protocol_policy(const hf_protocol_options *options, hf_policy *policy)
{
    const hf_policy *named = hf_policy_named(options->policy);
    int e;

    if (!named)
        return hf_unknown_policy(options->policy);
    *policy = *named;
    if ((e = set_version(options->tls, policy)) != HF_EXIT_OK ||
        (e = read_list(&suites, options->ciphers, policy->suites)) != HF_EXIT_OK ||
        (e = read_list(&groups, options->groups, policy->groups)) != HF_EXIT_OK ||
        (e = read_list(&schemes, options->sigalgs, policy->schemes)) != HF_EXIT_OK)
        return e;
    if (options->groups)
        narrow_key_shares(policy);
    return HF_EXIT_OK;
}

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
