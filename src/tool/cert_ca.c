/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast cert ca: a private CA in a folder, for which names it may sign, and what to do with it. */
#include "tool/ca_store.h"
#include "tool/cert_text.h"
#include "tool/exit.h"
#include "tool/misuse.h"
#include "tool/options.h"
#include "tool/say.h"

static int refuse_both(void)
{
    hf_error_what("--name and --any-name contradict each other");
    hf_error_why("one limits the names that the CA may sign for, the other lifts all limits");
    hf_error_next("give one of them");
    return HF_EXIT_USAGE;
}

static void say_next(const hf_cert_ca_options *options, const hf_made *made)
{
    hf_out("\n");
    hf_out_lines("Nobody trusts it yet. Whoever holds the key can make certificates for %s.\n",
                 *made->permitted ? "these names" : "any name");
    hf_out_lines("next: handfast cert leaf --ca %s --out leaf %s\n", options->out,
                 options->names.n > 0 ? "NAME" : "localhost 127.0.0.1 ::1");
}

int hf_cmd_cert_ca(const hf_cert_ca_options *options)
{
    hf_made made;
    hf_ca_request request = {
        .dir = options->out,
        .name = options->cn,
        .key_type = options->key_type,
        .days = options->days,
        .replace = options->force,
        .permitted = options->names.at,
        .n_permitted = options->names.n,
        .any_name = options->any_name,
    };

    if (!options->out)
        return hf_misuse_needs("cert ca", "out", "cert ca --out ca");
    if (options->any_name && options->names.n > 0)
        return refuse_both();
    int status = hf_ca_make(&request, &made);
    if (status != HF_EXIT_OK)
        return status;
    hf_out(HF_GREEN "made" HF_PLAIN " a private CA: %s\n", made.summary.subject);
    hf_cert_text_made(&made);
    hf_out_lines("  %-13s %s\n", "may sign for", *made.permitted ? made.permitted : "every name");
    if (*made.permitted && options->names.n == 0)
        hf_out_lines(
            "  %-13s %s\n", "",
            "(this machine and private networks; others with --name, all with --any-name)");
    say_next(options, &made);
    return HF_EXIT_OK;
}
