/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast list: the registries as people may type them. */
#include <string.h>

#include "registry/registry.h"
#include "tool/exit.h"
#include "tool/options.h"
#include "tool/say.h"

static void heading(const char *title, const char *option)
{
    hf_out_lines(HF_BOLD "%s" HF_PLAIN " (%s)\n", title, option);
}

/* With the other spelling, where there is one. */
static void line(uint16_t code, const char *name, const char *openssl, const char *remark)
{
    const char *other = strcmp(name, openssl) != 0 ? openssl : "";

    if (*remark)
        hf_out_lines("  0x%04x  %-22s  %-14s  %s\n", code, name, other, remark);
    else if (*other)
        hf_out_lines("  0x%04x  %-22s  %s\n", code, name, other);
    else
        hf_out_lines("  0x%04x  %s\n", code, name);
}

static const char *suite_remark(const hf_suite *suite)
{
    switch (suite->kx) {
    case HF_KX_TLS13: return "TLS 1.3, (EC)DHE or hybrid";
    case HF_KX_ECDHE_ECDSA: return "TLS 1.2, ECDHE, ECDSA or Ed25519 certificates";
    case HF_KX_ECDHE_RSA: return "TLS 1.2, ECDHE, RSA certificates";
    case HF_KX_ECDHE_PSK: return "TLS 1.2, ECDHE, pre-shared keys";
    case HF_KX_PSK: return "TLS 1.2, pre-shared keys, no forward secrecy; policy iot only";
    default: return "TLS 1.2, RSA, no forward secrecy; policy classroom only";
    }
}

/* Two lines for a suite that has two names: they are long. */
static void list_suites(void)
{
    const hf_suite *suite;

    heading("Cipher suites", "--ciphers");
    for (size_t i = 0; (suite = hf_suite_row(i)) != NULL; i++) {
        bool two = strcmp(suite->name, suite->openssl) != 0;
        hf_out_lines("  0x%04x  %s%s%s\n", suite->code, suite->name, two ? "  " : "",
                     two ? suite->openssl : "");
        hf_out_lines("            %s\n", suite_remark(suite));
    }
}

static void list_groups(void)
{
    const hf_group *group;

    heading("Key exchange groups", "--groups");
    for (size_t i = 0; (group = hf_group_row(i)) != NULL; i++)
        line(group->code, group->name, group->openssl,
             !group->post_quantum ? ""
             : group->classical   ? "post-quantum hybrid"
                                  : "post-quantum");
}

static void list_schemes(void)
{
    const hf_scheme *scheme;

    heading("Signature schemes", "--sigalgs");
    for (size_t i = 0; (scheme = hf_scheme_row(i)) != NULL; i++)
        line(scheme->code, scheme->name, scheme->openssl,
             scheme->tls13 ? "" : "certificates only in TLS 1.3");
}

int hf_cmd_list(const hf_list_options *options)
{
    static const struct {
        const char *what;
        void (*list)(void);
    } lists[] = { { "suites", list_suites },
                  { "groups", list_groups },
                  { "sigalgs", list_schemes } };
    const char *what = options->what;
    bool first = true;

    if (what && strcmp(what, "schemes") == 0)
        what = "sigalgs";

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (what && strcmp(what, lists[i].what) != 0)
            continue;
        if (!first)
            hf_out_lines("\n");
        lists[i].list();
        first = false;
    }
    return HF_EXIT_OK;
}
