/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast cert sign: from somebody's request to a certificate. */
#include <errno.h>
#include <string.h>

#include "tool/ca_store.h"
#include "tool/cert_file.h"
#include "tool/cert_text.h"
#include "tool/exit.h"
#include "tool/leaf_names.h"
#include "tool/misuse.h"
#include "tool/options.h"
#include "tool/say.h"
#include "x509/request.h"

/* ---- complaints ---- */

static int refuse_file(const char *path, hf_error e, int why)
{
    hf_error_what("the request cannot be read");
    hf_error_why("%s: %s", path,
                 e == HF_E_CONFIG_FILE  ? strerror(why)
                 : e == HF_E_CONFIG_PEM ? "no -----BEGIN CERTIFICATE REQUEST----- was found"
                                        : hf_error_row_of(e)->sentence);
    hf_error_next("make one: handfast cert csr --out DIR NAME");
    return HF_EXIT_USAGE;
}

static int refuse_content(const char *path, const hf_fault *fault)
{
    hf_error_what("the request is malformed");
    hf_error_why("%s: %s, byte %zu: %s", path, fault->path, fault->offset,
                 *fault->rule ? fault->rule : hf_error_row_of(fault->code)->sentence);
    hf_error_next("ask for a new one: handfast cert csr --out DIR NAME");
    return HF_EXIT_USAGE;
}

static int refuse_signature(const char *path, hf_error e)
{
    if (e == HF_E_CERT_KEY_WEAK) {
        hf_error_what("the request's key is too weak or too long");
        hf_error_why("%s: RSA keys have 2048 to 8192 bits", path);
        hf_error_next("make a new key: handfast cert csr --out DIR NAME");
        return HF_EXIT_USAGE;
    }
    hf_error_what("the request's signature does not hold");
    hf_error_why("%s: %s", path,
                 e == HF_E_SIGNATURE_WRONG
                     ? "whoever made it does not hold its key, or it was changed on the way"
                     : "it is signed with an algorithm that is broken or not supported");
    hf_error_next("ask for a new one, signed with SHA-256 or better");
    return HF_EXIT_USAGE;
}

/* ---- signing ---- */

static int sign(const hf_cert_sign_options *o, const hf_csr *csr, const hf_leaf_names *names)
{
    hf_made made;
    hf_leaf_request request = {
        .ca_dir = o->ca,
        .dir = o->out,
        .names = names->at,
        .n_names = names->n,
        .days = o->days,
        .client = o->client,
        .replace = o->force,
        .spki = csr->spki,
        .password_file = o->key_password_file,
    };
    int status = hf_leaf_make(&request, &made);

    if (status != HF_EXIT_OK)
        return status;
    hf_out(HF_GREEN "signed" HF_PLAIN " a certificate for a %s\n", o->client ? "client" : "server");
    hf_cert_text_made(&made);
    hf_out("\n");
    hf_out_lines("next: give %s to whoever made the request\n", made.cert);
    return HF_EXIT_OK;
}

static int judge_and_sign(const hf_cert_sign_options *o, hf_span der)
{
    hf_csr csr;
    hf_fault fault = { .code = HF_OK };
    hf_leaf_names names;

    if (hf_csr_parse(&csr, der, &fault) != HF_OK)
        return refuse_content(o->csr, &fault);
    hf_error e = hf_csr_verify(&csr);
    if (e != HF_OK)
        return refuse_signature(o->csr, e);
    int status = hf_leaf_names_read(csr.san, "request", &names);
    if (status != HF_EXIT_OK)
        return status;
    status = sign(o, &csr, &names);
    hf_leaf_names_free(&names);
    return status;
}

int hf_cmd_cert_sign(const hf_cert_sign_options *options)
{
    uint8_t *der = NULL;
    size_t len = 0;

    if (!options->ca)
        return hf_misuse_needs("cert sign", "ca", "cert sign --ca ca --out leaf leaf/leaf.csr");
    if (!options->out)
        return hf_misuse_needs("cert sign", "out", "cert sign --ca ca --out leaf leaf/leaf.csr");
    hf_error e =
        hf_der_file(options->csr, "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", &der, &len);
    if (e != HF_OK)
        return refuse_file(options->csr, e, errno);
    int status = judge_and_sign(options, hf_span_of(der, len));
    hf_free(der);
    return status;
}
