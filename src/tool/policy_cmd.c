/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast policy list, policy show, policy: the named policies in words. What they are stands in src/policy. */
#include <handfast/policy.h>

#include <stdio.h>
#include <string.h>

#include "registry/registry.h"
#include "tool/exit.h"
#include "tool/options.h"
#include "tool/report.h"
#include "tool/say.h"
#include "tool/suggest.h"

static void list_policies(void)
{
    const hf_policy *policy;

    for (size_t i = 0; (policy = hf_policy_row(i)) != NULL; i++)
        hf_out_lines("%-22s  %s\n", policy->name, policy->summary);
    hf_out_lines("\nA name without its date stands for the newest: `default` is %s. One in full: "
                 "handfast policy show NAME\n",
                 hf_policy_named("default")->name);
}

static const char *or_unknown(const char *text)
{
    return text ? text : "?";
}

/* The title stands beside the first line; `more`: of how many lines before. */
static void line(const char *title, size_t *more, const char *text, const char *remark)
{
    hf_out_lines("%-22s%s%s%s\n", (*more)++ == 0 ? title : "", text, *remark ? "  " : "", remark);
}

static void show_list(const char *title, const uint16_t *codes, size_t room, hf_registry registry)
{
    size_t n = 0;

    for (size_t i = 0; i < room && codes[i] != 0; i++)
        line(title, &n, or_unknown(hf_code_name(registry, codes[i])), "");
    if (n == 0)
        line(title, &n, "none", "");
}

static bool speaks(const hf_policy *p, uint16_t version)
{
    return p->min_version <= version && version <= p->max_version;
}

static void show_suites(const hf_policy *p, uint16_t version)
{
    char title[32];
    size_t n = 0;

    if (!speaks(p, version))
        return;
    snprintf(title, sizeof title, "suites of %s", or_unknown(hf_version_name(version)));
    for (size_t i = 0; i < HF_POLICY_LIST && p->suites[i]; i++) {
        const hf_suite *suite = hf_suite_of(p->suites[i]);
        if (suite && suite->version == version)
            line(title, &n, suite->name, hf_kx_is_ephemeral(suite->kx) ? "" : "no forward secrecy");
    }
}

static void show_versions(const hf_policy *p)
{
    bool both = p->min_version != p->max_version;

    hf_out_lines("%-22s%s%s%s\n", "versions", or_unknown(hf_version_name(p->max_version)),
                 both ? ", " : " only", both ? or_unknown(hf_version_name(p->min_version)) : "");
}

/* In TLS 1.3 a resumed connection makes fresh keys; in TLS 1.2 it lives on the first one's secret. */
static void show_forward_secrecy(const hf_policy *p)
{
    bool always = !hf_policy_static_rsa(p) && !hf_policy_plain_psk(p);
    size_t n = 0;

    line("forward secrecy", &n,
         !always               ? "no with the suites marked above, yes with the others"
         : speaks(p, HF_TLS12) ? "yes, with every full handshake"
                               : "yes, always",
         "");
    if (speaks(p, HF_TLS12))
        line("forward secrecy", &n, "TLS 1.2: a resumed connection has none of its own", "");
}

static const char *yes(bool value)
{
    return value ? "yes" : "no";
}

/* 604800 as "7 days". */
static void show_sessions(const hf_policy *p)
{
    static const struct {
        uint32_t seconds;
        const char *name;
    } units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
    size_t i = 0;

    while (p->session_seconds % units[i].seconds != 0)
        i++;
    uint32_t n = p->session_seconds / units[i].seconds;
    if (speaks(p, HF_TLS13))
        hf_out_lines("%-22s%u after a full handshake in TLS 1.3\n", "tickets", p->tickets);
    hf_out_lines("%-22sat most %u %s%s\n", "session lifetime", n, units[i].name, n == 1 ? "" : "s");
}

static void show(const hf_policy *p)
{
    hf_out_lines(HF_BOLD "%s" HF_PLAIN ": %s\n\n", p->name, p->summary);
    show_versions(p);
    show_suites(p, HF_TLS13);
    show_suites(p, HF_TLS12);
    show_forward_secrecy(p);
    show_list("groups", p->groups, HF_POLICY_LIST, HF_GROUPS);
    show_list("key shares sent", p->key_shares, sizeof p->key_shares / sizeof p->key_shares[0],
              HF_GROUPS);
    show_list("handshake signatures", p->schemes, HF_POLICY_LIST, HF_SCHEMES);
    show_list("certificate ones", p->cert_schemes, HF_POLICY_LIST, HF_SCHEMES);
    hf_out_lines("%-22s%u to %u bits\n", "RSA keys", p->rsa_min_bits, p->rsa_max_bits);
    hf_out_lines("%-22s%s\n", "certificates",
                 p->profile == HF_PROFILE_WEBPKI
                     ? "profile webpki"
                     : "profile private with --ca, webpki with the system's store");
    hf_out_lines("%-22s%s\n", "revocation",
                 p->revocation == HF_REVOCATION_HARD
                     ? "hard: the leaf's status must be known"
                     : "soft: CRLs and staples that are there are used");
    if (speaks(p, HF_TLS12))
        hf_out_lines("%-22s%s\n", "master secret",
                     p->require_ems
                         ? "the extended one (RFC 7627) is required in TLS 1.2"
                         : "the extended one (RFC 7627) is used in TLS 1.2 if the peer can");
    if (speaks(p, HF_TLS12))
        hf_out_lines("%-22s%s\n", "renegotiation_info",
                     p->require_renegotiation_info ? "required in TLS 1.2"
                                                   : "not required in TLS 1.2");
    show_sessions(p);
    hf_out_lines("%-22s%u bytes\n", "record size limit", p->record_size_limit);
    hf_out_lines("%-22s%s\n", "server's order wins", yes(p->server_prefers));
    hf_out_lines("%-22s%s\n", "client GREASE", yes(p->client_grease));
    hf_out_lines("%-22s%s\n", "middlebox disguise", yes(p->middlebox_compat));
}

static int show_named(const char *name)
{
    const hf_policy *policy = hf_policy_named(name);

    if (!policy)
        return hf_unknown_policy(name);
    if (strcmp(policy->name, name) != 0)
        hf_out_lines("%s is %s\n\n", name, policy->name);
    show(policy);
    return HF_EXIT_OK;
}

int hf_cmd_policy_list(const hf_policy_list_options *options)
{
    (void)options;
    list_policies();
    return HF_EXIT_OK;
}

int hf_cmd_policy_show(const hf_policy_show_options *options)
{
    return show_named(options->name);
}

/* `policy lst`: a sub-command's name rather than a policy's. */
static bool is_misspelt_command(const char *name)
{
    hf_nearest nearest = { .word = name };

    hf_nearest_try(&nearest, "list");
    hf_nearest_try(&nearest, "show");
    return nearest.best && !hf_policy_named(name);
}

int hf_cmd_policy(const hf_policy_options *options)
{
    if (options->name && is_misspelt_command(options->name))
        return hf_command_unknown("policy", options->name);
    if (options->name)
        return show_named(options->name);
    list_policies();
    return HF_EXIT_OK;
}
