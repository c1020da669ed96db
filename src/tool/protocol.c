/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* --policy, --tls, --groups, --ciphers and --sigalgs: words into a policy. */
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
    hf_registry registry;
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

static const word_kind suites = { "--ciphers", "cipher suite", "suites", HF_SUITES, suite_at };
static const word_kind groups = { "--groups", "group", "groups", HF_GROUPS, group_at };
static const word_kind schemes = { "--sigalgs", "signature scheme", "sigalgs", HF_SCHEMES,
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
        uint16_t code = hf_code(kind->registry, word);
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

static int refuse_version(const char *text)
{
    const char *near = strstr(text, "1.2") || strstr(text, "1_2") ? "1.2" : "1.3";
    bool meant = strstr(text, "1.3") || strstr(text, "1_3") || strcmp(near, "1.2") == 0;

    hf_error_what("TLS version %.32s is not spoken", text);
    hf_error_why("--tls takes 1.2 or 1.3%s%s%s", meant ? "; did you mean " : "", meant ? near : "",
                 meant ? "?" : "");
    hf_error_next("leave --tls out, or write: --tls %s", near);
    return HF_EXIT_USAGE;
}

static int set_version(const hf_protocol_options *o, hf_policy *policy)
{
    uint16_t version = !o->tls                      ? 0
                       : strcmp(o->tls, "1.2") == 0 ? HF_TLS12
                       : strcmp(o->tls, "1.3") == 0 ? HF_TLS13
                                                    : 1;

    if (version == 1)
        return refuse_version(o->tls);
    if (version == 0)
        return HF_EXIT_OK;
    if (version < policy->min_version || version > policy->max_version) {
        hf_error_what("the policy %s does not speak TLS %s", policy->name, o->tls);
        hf_error_why("--tls %s leaves nothing of it", o->tls);
        hf_error_next("leave --tls out, or take another policy: see handfast policy list");
        return HF_EXIT_USAGE;
    }
    policy->min_version = policy->max_version = version;
    return HF_EXIT_OK;
}

/* ---- what is left ---- */

static bool has_suite(const hf_policy *policy, uint16_t version)
{
    for (size_t i = 0; i < HF_POLICY_LIST && policy->suites[i]; i++) {
        const hf_suite *suite = hf_suite_of(policy->suites[i]);
        if (suite && suite->version == version)
            return true;
    }
    return false;
}

/* The hybrid groups are of TLS 1.3 alone; static RSA and plain PSK need none. */
static bool has_group(const hf_policy *policy, uint16_t version)
{
    for (size_t i = 0; i < HF_POLICY_LIST && policy->groups[i]; i++) {
        const hf_group *group = hf_group_of(policy->groups[i]);
        if (group && (version == HF_TLS13 || !group->post_quantum))
            return true;
    }
    return version == HF_TLS12 && (hf_policy_static_rsa(policy) || hf_policy_plain_psk(policy));
}

static int refuse_nothing_left(const hf_protocol_options *o, const hf_policy *policy, bool no_suite)
{
    const char *option = no_suite ? "--ciphers" : "--groups";
    const char *value = no_suite ? o->ciphers : o->groups;

    hf_error_what("%s leaves no %s", option, no_suite ? "cipher suite" : "group");
    hf_error_why("%s %s: none is for %s, %s", option, value,
                 policy->min_version != policy->max_version ? "TLS 1.2 or 1.3"
                 : policy->max_version == HF_TLS13          ? "TLS 1.3"
                                                            : "TLS 1.2",
                 o->tls ? "which --tls asks for" : "which is what the policy speaks");
    hf_error_next("see: handfast list %s", no_suite ? "suites" : "groups");
    return HF_EXIT_USAGE;
}

/* A version for which --ciphers and --groups left nothing is not spoken; if that was the last one, it is said. */
static int drop_empty_versions(const hf_protocol_options *o, hf_policy *policy)
{
    const hf_policy asked = *policy;
    bool any_suite = false;
    uint16_t low = 0, high = 0;

    for (uint16_t v = policy->min_version; v <= policy->max_version; v++) {
        any_suite |= has_suite(policy, v);
        if (!has_suite(policy, v) || !has_group(policy, v))
            continue;
        low = low ? low : v;
        high = v;
    }
    policy->min_version = low;
    policy->max_version = high;
    if (low != 0)
        return HF_EXIT_OK;
    return refuse_nothing_left(o, &asked, o->ciphers && (!any_suite || !o->groups));
}

static bool has_exchange(const hf_policy *policy, hf_kx kx)
{
    for (size_t i = 0; i < HF_POLICY_LIST && policy->suites[i]; i++) {
        const hf_suite *suite = hf_suite_of(policy->suites[i]);
        if (suite && suite->kx == kx)
            return true;
    }
    return false;
}

bool hf_policy_static_rsa(const hf_policy *policy)
{
    return has_exchange(policy, HF_KX_RSA);
}

bool hf_policy_plain_psk(const hf_policy *policy)
{
    return has_exchange(policy, HF_KX_PSK);
}

static void warn_static_rsa(const char *name, const hf_policy *policy)
{
    if (policy->max_version == HF_TLS12)
        hf_warn(HF_RED "--policy %s: NO forward secrecy, for teaching only" HF_PLAIN, name);
    else
        hf_warn(HF_RED "--policy %s: may lack forward secrecy, for teaching only" HF_PLAIN
                       "; for the classic handshake add --tls 1.2",
                name);
}

/* With another suite of TLS 1.2, or with TLS 1.3, it depends on the peer. */
static bool only_plain_psk(const hf_policy *policy)
{
    return policy->max_version == HF_TLS12 && hf_policy_plain_psk(policy) &&
           !has_exchange(policy, HF_KX_ECDHE_PSK);
}

bool hf_protocol_only_plain_psk(const hf_protocol_options *options)
{
    hf_policy policy;

    return hf_protocol_policy(options, &policy) == HF_EXIT_OK && only_plain_psk(&policy);
}

static void warn_plain_psk(const char *name, const hf_policy *policy)
{
    bool only = only_plain_psk(policy);

    hf_warn(HF_RED "--policy %s: %s forward secrecy with plain PSK suites" HF_PLAIN
                   ": whoever gets the key later reads all that was recorded",
            name, only ? "NO" : "may have NO");
}

void hf_warn_no_secrecy(const hf_protocol_options *options, bool psk)
{
    hf_policy policy;

    if (hf_protocol_policy(options, &policy) != HF_EXIT_OK || policy.min_version != HF_TLS12)
        return;
    if (hf_policy_static_rsa(&policy))
        warn_static_rsa(options->policy, &policy);
    if (psk && hf_policy_plain_psk(&policy))
        warn_plain_psk(options->policy, &policy);
}

/* --ciphers chooses among what is sound; what is not must be asked for by the policy's name. */
static int refuse_no_secrecy(const hf_protocol_options *o, bool rsa)
{
    hf_error_what("--ciphers asks for %s, which has no forward secrecy",
                  rsa ? "static RSA key exchange" : "a plain PSK suite");
    hf_error_why("--ciphers %s: the policy %s does not allow it", o->ciphers, o->policy);
    if (rsa)
        hf_error_next("take an ECDHE suite; for teaching only: --policy classroom");
    else
        hf_error_next("take an ECDHE_PSK suite; for devices that have none: --policy iot");
    return HF_EXIT_USAGE;
}

static int check_secrecy(const hf_protocol_options *o, const hf_policy *policy,
                         const hf_policy *named)
{
    if (hf_policy_static_rsa(policy) && !hf_policy_static_rsa(named))
        return refuse_no_secrecy(o, true);
    if (hf_policy_plain_psk(policy) && !hf_policy_plain_psk(named))
        return refuse_no_secrecy(o, false);
    return HF_EXIT_OK;
}

int hf_protocol_check_psk(const hf_protocol_options *o)
{
    hf_policy policy;
    int status = hf_protocol_policy(o, &policy);

    if (status != HF_EXIT_OK)
        return status;
    for (size_t i = 0; i < HF_POLICY_LIST && policy.suites[i]; i++) {
        const hf_suite *suite = hf_suite_of(policy.suites[i]);
        if (suite && policy.min_version <= suite->version && suite->version <= policy.max_version &&
            (hf_kx_is_psk(suite->kx) || (suite->kx == HF_KX_TLS13 && suite->hash == HF_SHA256)))
            return HF_EXIT_OK;
    }
    hf_error_what("none of the cipher suites goes with a pre-shared key");
    hf_error_why("it takes one of TLS 1.3 with SHA-256, or one of TLS 1.2 with PSK in its name");
    hf_error_next("leave --ciphers, --tls or --policy out, or see: handfast list suites");
    return HF_EXIT_USAGE;
}

/* "default" of "default-2026-11". */
static const char *policy_stem(const hf_policy *policy, char out[WORD_ROOM])
{
    const char *date = strstr(policy->name, "-20");

    snprintf(out, WORD_ROOM, "%.*s", date ? (int)(date - policy->name) : WORD_ROOM, policy->name);
    return out;
}

int hf_unknown_policy(const char *name)
{
    char stems[HF_POLICY_LIST][WORD_ROOM];
    hf_nearest nearest = { .word = name };
    const hf_policy *policy;

    for (size_t i = 0; (policy = hf_policy_row(i)) != NULL; i++) {
        hf_nearest_try(&nearest, policy->name);
        hf_nearest_try(&nearest, policy_stem(policy, stems[i % HF_POLICY_LIST]));
    }
    hf_error_what("unknown policy: %.64s", name);
    if (nearest.best)
        hf_error_why("did you mean %s?", nearest.best);
    else
        hf_error_why("no policy of that name is in this version");
    hf_error_next("see: handfast policy list");
    return HF_EXIT_USAGE;
}

int hf_protocol_policy(const hf_protocol_options *options, hf_policy *policy)
{
    const hf_policy *named = hf_policy_named(options->policy);
    int e;

    if (!named)
        return hf_unknown_policy(options->policy);
    *policy = *named;
    if ((e = set_version(options, policy)) != HF_EXIT_OK ||
        (e = read_list(&suites, options->ciphers, policy->suites)) != HF_EXIT_OK ||
        (e = read_list(&groups, options->groups, policy->groups)) != HF_EXIT_OK ||
        (e = read_list(&schemes, options->sigalgs, policy->schemes)) != HF_EXIT_OK ||
        (e = check_secrecy(options, policy, named)) != HF_EXIT_OK)
        return e;
    if (options->groups)
        narrow_key_shares(policy);
    return drop_empty_versions(options, policy);
}
