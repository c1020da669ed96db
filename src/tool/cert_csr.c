/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast cert csr: a request for a certificate, and the key that it is for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/leaf_names.h"
#include "tool/misuse.h"
#include "tool/options.h"
#include "tool/order.h"
#include "tool/password.h"
#include "tool/say.h"
#include "x509/request.h"

/* ---- the key ---- */

static int refuse_key(const char *path, hf_error e, int why)
{
    hf_error_what("the key cannot be used");
    hf_error_why("%s: %s", path,
                 e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_row_of(e)->sentence);
    hf_error_next("%s", e == HF_E_CONFIG_FILE ? "check its name and permissions"
                                              : hf_error_row_of(e)->hint);
    return HF_EXIT_USAGE;
}

static int read_key(const hf_cert_csr_options *o, hf_private_key **key)
{
    char password[HF_PASSWORD_MAX] = "";
    int status =
        o->key_password_file ? hf_password_file(o->key_password_file, password) : HF_EXIT_OK;

    if (status != HF_EXIT_OK)
        return status;
    hf_error e = hf_store_key(o->key, o->key_password_file ? password : NULL, key);
    int why = errno;
    hf_wipe(password, sizeof password);
    return e == HF_OK ? HF_EXIT_OK : refuse_key(o->key, e, why);
}

static int get_key(const hf_cert_csr_options *o, hf_private_key **key)
{
    if (o->key)
        return read_key(o, key);
    hf_error e = hf_new_key(o->key_type, key);
    return e == HF_OK ? HF_EXIT_OK : hf_complain_row(e, "no key could be made", o->key_type);
}

/* ---- the files ---- */

typedef struct texts {
    uint8_t *csr, *key;
    size_t csr_len, key_len;
} texts;

static hf_error write_texts(const hf_cert_csr_options *o, const hf_private_key *key, texts *t)
{
    const char *names[HF_LEAF_NAMES_MAX];
    size_t n = hf_leaf_names_once(o->names.at, o->names.n, names), len = 0;
    uint8_t *der = NULL;

    TRY(hf_csr_make(hf_leaf_subject(names, n), names, n, key, &der, &len));
    hf_error e = hf_pem_write("CERTIFICATE REQUEST", hf_span_of(der, len), &t->csr, &t->csr_len);
    hf_free(der);
    TRY(e);
    return o->key ? HF_OK : hf_private_key_to_pem(key, &t->key, &t->key_len);
}

static int save(const hf_cert_csr_options *o, hf_file_pair *files)
{
    texts t = { 0 };
    hf_private_key *key = NULL;
    int status = hf_store_may_write(o->out, files, o->force);

    if (status == HF_EXIT_OK)
        status = get_key(o, &key);
    if (status != HF_EXIT_OK)
        return status;
    hf_error e = write_texts(o, key, &t);
    files->cert_pem = hf_span_of(t.csr, t.csr_len);
    files->key_pem = hf_span_of(t.key, t.key_len);
    status = e == HF_OK ? hf_store_pair(files, o->force)
                        : hf_complain_row(e, "no request could be made", o->names.at[0]);
    hf_private_key_free(key);
    hf_free(t.csr);
    hf_free_secret(t.key, t.key_len);
    return status;
}

static void say_made(const hf_cert_csr_options *o, const char *csr, const char *key)
{
    hf_out(HF_GREEN "made" HF_PLAIN " a request for a certificate\n");
    hf_out_lines("  %-13s %s\n", "request", csr);
    hf_out_lines("  %-13s %s%s\n", "private key", o->key ? o->key : key,
                 o->key ? "" : " (it stays here; nobody else needs it)");
    hf_out("\n");
    hf_out_lines("next: have it signed: handfast cert sign --ca ca --out %s %s\n", o->out, csr);
}

int hf_cmd_cert_csr(const hf_cert_csr_options *options)
{
    char csr[HF_STORE_PATH_MAX], key[HF_STORE_PATH_MAX];
    hf_file_pair files = { .cert = csr, .key = options->key ? NULL : key };
    bool fresh;

    if (!options->out)
        return hf_misuse_needs("cert csr", "out", "cert csr --out leaf localhost");
    int status = hf_leaf_names_check(options->names.at, options->names.n, true);
    if (status == HF_EXIT_OK)
        status = hf_store_folder(options->out, &fresh);
    if (status != HF_EXIT_OK)
        return status;
    status = hf_store_paths(options->out, "leaf", csr, key);
    if (status == HF_EXIT_OK) {
        memcpy(csr + strlen(csr) - 3, "csr", 3); /* leaf.pem is the certificate's */
        status = save(options, &files);
    }
    if (hf_store_give_up(status, options->out, fresh) == HF_EXIT_OK)
        say_made(options, csr, key);
    return status;
}
