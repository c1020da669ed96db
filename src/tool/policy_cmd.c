/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast policy: the named policies in words. What they are stands in src/policy. */
#include <handfast/policy.h>

#include "tool/exit.h"
#include "tool/options.h"
#include "tool/say.h"
#include "tool/suggest.h"

static void list_policies(void)
{
    const hf_policy *policy;

    for (size_t i = 0; (policy = hf_policy_row(i)) != NULL; i++)
        hf_out_lines("%-20s  %s\n", policy->name, policy->summary);
    hf_out_lines(
        "\n`default` and `modern` stand for their newest date. One in full: handfast policy "
        "NAME\n");
}

static void show_list(const char *title, const uint16_t *codes, size_t room,
                      const char *(*name)(uint16_t))
{
    hf_out_lines("%-22s", title);
    for (size_t i = 0; i < room && codes[i] != 0; i++) {
        const char *text = name(codes[i]);
        hf_out_lines(i == 0 ? "%s\n" : "%22s%s\n", i == 0 ? (text ? text : "?") : "",
                     text ? text : "?");
    }
    if (codes[0] == 0)
        hf_out_lines("none\n");
}

static const char *version_name(uint16_t version)
{
    return version == HF_TLS13 ? "TLS 1.3" : "TLS 1.2";
}

static const char *yes(bool value)
{
    return value ? "yes" : "no";
}

static void show(const hf_policy *p)
{
    hf_out_lines(HF_BOLD "%s" HF_PLAIN ": %s\n\n", p->name, p->summary);
    hf_out_lines("%-22s%s%s%s\n", "versions", version_name(p->min_version),
                 p->min_version == p->max_version ? "" : " to ",
                 p->min_version == p->max_version ? "" : version_name(p->max_version));
    show_list("cipher suites", p->suites, HF_POLICY_LIST, hf_suite_name);
    show_list("groups", p->groups, HF_POLICY_LIST, hf_group_name);
    show_list("key shares sent", p->key_shares, sizeof p->key_shares / sizeof p->key_shares[0],
              hf_group_name);
    show_list("handshake signatures", p->schemes, HF_POLICY_LIST, hf_scheme_name);
    show_list("certificate ones", p->cert_schemes, HF_POLICY_LIST, hf_scheme_name);
    hf_out_lines("%-22s%u to %u bits\n", "RSA keys", p->rsa_min_bits, p->rsa_max_bits);
    hf_out_lines("%-22s%u bytes\n", "record size limit", p->record_size_limit);
    hf_out_lines("%-22s%s\n", "server's order wins", yes(p->server_prefers));
    hf_out_lines("%-22s%s\n", "client GREASE", yes(p->client_grease));
    hf_out_lines("%-22s%s\n", "middlebox disguise", yes(p->middlebox_compat));
}

int hf_cmd_policy(const hf_policy_options *options)
{
    const hf_policy *policy;

    if (!options->name) {
        list_policies();
        return HF_EXIT_OK;
    }
    policy = hf_policy_named(options->name);
    if (!policy)
        return hf_unknown_policy(options->name);
    show(policy);
    return HF_EXIT_OK;
}
