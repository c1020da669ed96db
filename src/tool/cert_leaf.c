/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast cert leaf: a certificate signed by a private CA, or a new one in place of it; and how to serve with it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tool/cert_file.h"
#include "tool/cert_text.h"
#include "tool/exit.h"
#include "tool/leaf_names.h"
#include "tool/misuse.h"
#include "tool/options.h"
#include "tool/say.h"
#include "tool/store_files.h"

/* ---- what is said ---- */

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

/* ---- a new one ---- */

static int make(const hf_cert_leaf_options *options)
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
        .password_file = options->key_password_file,
    };
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

/* ---- in place of one ---- */

/* A certificate for a key that is not there would be of no use. An encrypted key cannot be looked at, and stays. */
static int check_key(const char *path, const hf_cert *leaf)
{
    hf_private_key *key = NULL;
    uint8_t *spki = NULL;
    size_t len = 0;
    hf_error e = hf_store_key(path, "", &key);
    int why = errno;

    if (e == HF_E_CONFIG_KEY_PASSWORD)
        return HF_EXIT_OK;
    if (e == HF_OK)
        e = hf_private_key_spki(key, &spki, &len);
    if (e == HF_OK && !hf_span_equal(hf_span_of(spki, len), leaf->spki))
        e = HF_E_CONFIG_KEY_MISMATCH;
    hf_free(spki);
    hf_private_key_free(key);
    if (e == HF_OK)
        return HF_EXIT_OK;
    hf_error_what("the certificate cannot be renewed with its key");
    hf_error_why("%s: %s", path,
                 e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_row_of(e)->sentence);
    hf_error_next("make a new key, too: --new-key");
    return HF_EXIT_USAGE;
}

static int sign_again(const hf_cert_leaf_options *options, const hf_cert *leaf,
                      const hf_leaf_names *names)
{
    hf_made made;
    const uint8_t known = HF_EKU_SERVER_AUTH | HF_EKU_CLIENT_AUTH;
    hf_leaf_request request = {
        .ca_dir = options->ca,
        .dir = options->renew,
        .names = names->at,
        .n_names = names->n,
        .key_type = options->key_type,
        .days = options->days,
        .eku = (uint8_t)(leaf->eku & known),
        .replace = true,
        .password_file = options->key_password_file,
    };

    if (!options->new_key)
        request.spki = leaf->spki;
    int status = hf_leaf_make(&request, &made);
    if (status != HF_EXIT_OK)
        return status;
    hf_out(HF_GREEN "renewed" HF_PLAIN " the certificate, with %s key\n",
           options->new_key ? "a new" : "the same");
    hf_cert_text_made(&made);
    hf_out("\nnext: start again what uses it\n");
    return HF_EXIT_OK;
}

static int renew(const hf_cert_leaf_options *options)
{
    char path[HF_STORE_PATH_MAX], key[HF_STORE_PATH_MAX];
    hf_leaf_names names = { .n = 0 };
    hf_cert_file file;
    int status = hf_store_paths(options->renew, "leaf", path, key);

    if (status == HF_EXIT_OK)
        status = hf_cert_file_open(path, &file);
    if (status != HF_EXIT_OK)
        return status;
    if (!options->new_key)
        status = check_key(key, &file.cert);
    if (status == HF_EXIT_OK)
        status = hf_leaf_names_read(file.cert.san, "certificate", &names);
    if (status == HF_EXIT_OK)
        status = sign_again(options, &file.cert, &names);
    hf_leaf_names_free(&names);
    hf_cert_file_close(&file);
    return status;
}

/* ---- which ---- */

static int check_renewal(const hf_cert_leaf_options *options)
{
    if (!options->out && options->names.n == 0 && !options->client)
        return HF_EXIT_OK;
    hf_error_what("--renew takes the names, the usage and the folder as they are");
    hf_error_why("%s cannot be given with it", options->out           ? "--out"
                                               : options->names.n > 0 ? "names"
                                                                      : "--client");
    hf_error_next("for example: handfast cert leaf --ca ca --renew leaf");
    return HF_EXIT_USAGE;
}

static int check_new(const hf_cert_leaf_options *options)
{
    if (!options->out)
        return hf_misuse_needs("cert leaf", "out", "cert leaf --ca ca --out leaf localhost");
    if (options->new_key)
        return hf_misuse_needs("cert leaf --new-key", "renew",
                               "cert leaf --ca ca --renew leaf --new-key");
    if (options->names.n > 0)
        return HF_EXIT_OK;
    const hf_command *command = hf_command_named("cert leaf");
    return hf_misuse_missing(command, &command->args[0]);
}

int hf_cmd_cert_leaf(const hf_cert_leaf_options *options)
{
    int status = options->renew ? check_renewal(options) : HF_EXIT_OK;

    if (status == HF_EXIT_OK && !options->ca)
        status = hf_misuse_needs("cert leaf", "ca", "cert leaf --ca ca --out leaf localhost");
    if (status == HF_EXIT_OK && !options->renew)
        status = check_new(options);
    if (status != HF_EXIT_OK)
        return status;
    return options->renew ? renew(options) : make(options);
}
