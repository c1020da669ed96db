/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast cert ca: a private CA in a folder, and what to do with it. */
#include "tool/ca_store.h"
#include "tool/cert_text.h"
#include "tool/exit.h"
#include "tool/misuse.h"
#include "tool/options.h"
#include "tool/say.h"

int hf_cmd_cert_ca(const hf_cert_ca_options *options)
{
    hf_made made;
    hf_ca_request request = {
        .dir = options->out,
        .name = options->name,
        .key_type = options->key_type,
        .days = options->days,
        .replace = options->force,
    };

    if (!options->out)
        return hf_misuse_needs("cert ca", "out", "cert ca --out ca");
    int status = hf_ca_make(&request, &made);
    if (status != HF_EXIT_OK)
        return status;
    hf_out(HF_GREEN "made" HF_PLAIN " a private CA: %s\n", made.summary.subject);
    hf_cert_text_made(&made);
    hf_out_lines(
        "\nNobody trusts it yet, and whoever holds the key can make certificates for any name.\n");
    hf_out("next: handfast cert leaf --ca %s --out leaf localhost 127.0.0.1 ::1\n", options->out);
    return HF_EXIT_OK;
}
