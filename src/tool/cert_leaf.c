/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast cert leaf: a certificate signed by a private CA, and how to serve with it. */
#include <string.h>

#include "tool/ca_store.h"
#include "tool/cert_text.h"
#include "tool/exit.h"
#include "tool/misuse.h"
#include "tool/options.h"
#include "tool/say.h"

/* People expect a wildcard to cover more than it does. */
static void warn_of_wildcards(const hf_opt_strings *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (strncmp(names->at[i], "*.", 2) == 0)
            hf_note("remark: %s covers one level: not a.b%s, and not %s itself\n", names->at[i],
                    names->at[i] + 1, names->at[i] + 2);
}

static void say_next(const hf_cert_leaf_options *options, const hf_made *made)
{
    if (options->client)
        hf_out_lines(
            "next: give both files to the client (handfast connect --cert %s --key %s), and "
            "%s/ca.pem to the server that is to check it (handfast serve --client-auth "
            "require --client-ca %s/ca.pem)\n",
            made->cert, made->key, options->ca, options->ca);
    else
        hf_out("next: handfast serve --cert %s --key %s\n", made->cert, made->key);
}

int hf_cmd_cert_leaf(const hf_cert_leaf_options *options)
{
    hf_made made;
    hf_leaf_request request = {
        .ca_dir = options->ca,
        .dir = options->out,
        .names = options->names.at,
        .n_names = options->names.n,
        .key_type = options->key_type,
        .days = options->days,
        .client = options->client,
        .replace = options->force,
    };

    if (!options->ca)
        return hf_misuse_needs("cert leaf", "ca", "cert leaf --ca ca --out leaf localhost");
    if (!options->out)
        return hf_misuse_needs("cert leaf", "out", "cert leaf --ca ca --out leaf localhost");
    int status = hf_leaf_make(&request, &made);
    if (status != HF_EXIT_OK)
        return status;
    hf_out(HF_GREEN "made" HF_PLAIN " a certificate for a %s\n",
           options->client ? "client" : "server");
    hf_cert_text_made(&made);
    warn_of_wildcards(&options->names);
    hf_out("\n");
    say_next(options, &made);
    return HF_EXIT_OK;
}
