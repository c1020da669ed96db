/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates with their keys, and the CA certificates and CRLs to verify others with: from files into a config. */
#include "tool/identities.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "base/clock.h"
#include "tool/exit.h"
#include "tool/pair_fault.h"
#include "tool/password.h"
#include "tool/say.h"
#include "x509/revocation.h"
#include "x509/trust.h"

enum { OCSP_FILE_MAX = 1 << 20 };

static int refuse_staple(const char *path, hf_error e, int why)
{
    hf_error_what("cannot staple the OCSP response");
    hf_error_why("%s: %s", path,
                 e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_row_of(e)->sentence);
    hf_error_next("%s", e == HF_E_OCSP_OTHER_CERT
                            ? "give one --ocsp for each --cert, in the same order"
                        : e == HF_E_OCSP_ISSUER ? hf_error_row_of(e)->hint
                                                : "fetch a fresh one from the CA, in DER");
    return HF_EXIT_USAGE;
}

static int add_staple(hf_identity *identity, const char *path)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    hf_error e = hf_os_read_file(path, OCSP_FILE_MAX, &bytes, &len);
    int why = errno;

    if (e == HF_OK)
        e = len == 0 ? HF_E_OCSP_DER
                     : hf_identity_staple(identity, hf_span_of(bytes, len), hf_clock_wall());
    hf_free(bytes);
    return e == HF_OK ? HF_EXIT_OK : refuse_staple(path, e, why);
}

/* An encrypted key is tried without a password first: which of several is encrypted shows itself. */
static int load(hf_config *config, const char *cert, const char *key, const char *password,
                const char *ocsp)
{
    hf_identity *identity = NULL;
    char asked[HF_PASSWORD_MAX];
    hf_error e = hf_os_identity(&identity, cert, key, password);

    if (e == HF_E_CONFIG_KEY_ENCRYPTED && !password && hf_password_ask(key, asked))
        e = hf_os_identity(&identity, cert, key, asked);
    hf_wipe(asked, sizeof asked);
    if (e == HF_OK)
        e = hf_config_add_identity(config, identity);
    int status = e != HF_OK ? hf_pair_refuse(e, cert, key)
                 : ocsp     ? add_staple(identity, ocsp)
                            : HF_EXIT_OK;
    hf_identity_free(identity);
    return status;
}

static int check_numbers(const hf_identity_files *files)
{
    if (files->n_ocsp > files->n_cert) {
        hf_error_what("there are more --ocsp than --cert");
        hf_error_why("%zu OCSP responses, %zu certificates", files->n_ocsp, files->n_cert);
        hf_error_next("give each response after the --cert that it is for, in the same order");
        return HF_EXIT_USAGE;
    }
    if (files->n_key == 0 || files->n_key == files->n_cert)
        return HF_EXIT_OK;
    if (files->n_cert == 0) {
        hf_error_what("--key needs --cert");
        hf_error_why("a key alone does not say whose it is");
        hf_error_next("give the certificate of the key: --cert FILE --key FILE");
    } else {
        hf_error_what("the numbers of --cert and --key differ");
        hf_error_why("%zu certificates, %zu keys", files->n_cert, files->n_key);
        hf_error_next("give one --key for each --cert, in the same order");
    }
    return HF_EXIT_USAGE;
}

int hf_identities_load(hf_config *config, const hf_identity_files *files)
{
    char password[HF_PASSWORD_MAX] = "";
    int status = check_numbers(files);

    if (status == HF_EXIT_OK && files->password_file)
        status = hf_password_file(files->password_file, password);
    for (size_t i = 0; i < files->n_cert && status == HF_EXIT_OK; i++)
        status =
            load(config, files->cert[i], files->n_key > 0 ? files->key[i] : files->cert[i],
                 files->password_file ? password : NULL, i < files->n_ocsp ? files->ocsp[i] : NULL);
    hf_wipe(password, sizeof password);
    return status;
}

static int add_ca(hf_trust *trust, const char *path, const char *option)
{
    hf_error e = hf_os_trust_path(trust, path, NULL);
    int why = errno;

    if (e == HF_OK)
        return HF_EXIT_OK;
    hf_error_what("cannot use the CA certificates of %s", option);
    hf_error_why("%s: %s", path,
                 e == HF_E_CONFIG_FILE  ? strerror(why)
                 : e == HF_E_CONFIG_PEM ? "holds no certificate"
                                        : hf_error_row_of(e)->sentence);
    hf_error_next("give a PEM file, or a folder of them, with at least one CA certificate: %s FILE",
                  option);
    return HF_EXIT_USAGE;
}

/* A certificate that is no CA proves itself and nothing else, which is seldom what was meant. */
static void warn_of_leaves(const hf_trust *trust, const char *option)
{
    const hf_cert *cert;
    size_t n = 0;

    for (; (cert = hf_trust_at(trust, n)) != NULL; n++)
        if (cert->is_ca)
            return;
    if (n == 1)
        hf_warn("%s holds no CA's certificate: exactly that one certificate is trusted, and none "
                "that its issuer signed besides",
                option);
    else if (n > 1)
        hf_warn("%s holds no CA's certificate: exactly those %zu certificates are trusted, and "
                "none that their issuers signed besides",
                option, n);
}

int hf_cas_load(hf_trust *trust, const char *const *paths, size_t n, const char *option)
{
    int status = HF_EXIT_OK;

    for (size_t i = 0; i < n && status == HF_EXIT_OK; i++)
        status = add_ca(trust, paths[i], option);
    if (status == HF_EXIT_OK)
        warn_of_leaves(trust, option);
    return status;
}

/* ---- CRLs ---- */

static int refuse_crl(const char *path, const char *why, const char *next)
{
    hf_error_what("cannot use the CRL");
    hf_error_why("%s: %s", path, why);
    hf_error_next("%s", next);
    return HF_EXIT_USAGE;
}

/* Reads it once more, for the place and the rule. False: it was not that CRL. */
static bool explain_crl(hf_span der, char *out, size_t room)
{
    hf_fault fault = { .code = HF_OK };
    hf_crl crl;

    if (hf_crl_parse(&crl, der, &fault) == HF_OK)
        return false;
    snprintf(out, room, "%s, byte %zu: %s", fault.path, fault.offset,
             *fault.rule ? fault.rule : hf_error_row_of(fault.code)->sentence);
    return true;
}

static int refuse_malformed(const char *path, hf_span file, hf_error e)
{
    char why[2 * HF_FAULT_PATH_MAX + HF_FAULT_RULE_MAX];
    uint8_t *der = NULL;
    size_t len;
    bool found = file.len > 1 && file.data[0] == 0x30 && explain_crl(file, why, sizeof why);

    while (!found && hf_pem_next(&file, "X509 CRL", &der, &len) == HF_OK) {
        found = explain_crl(hf_span_of(der, len), why, sizeof why);
        hf_free(der);
    }
    if (e == HF_E_CONFIG_PEM)
        return refuse_crl(path, "holds no -----BEGIN X509 CRL----- block and is not DER",
                          "give a CRL, PEM or DER: --crl FILE");
    return refuse_crl(path, found ? why : hf_error_row_of(e)->sentence,
                      found ? "have the CRL made again, as RFC 5280 5 describes it"
                            : hf_error_row_of(e)->hint);
}

static int add_crl(hf_trust *trust, const char *path)
{
    enum { CRL_LIMIT = 64 * 1024 * 1024 };
    uint8_t *bytes;
    size_t len;
    int status = HF_EXIT_OK;

    if (hf_os_read_file(path, CRL_LIMIT, &bytes, &len) != HF_OK)
        return refuse_crl(path, strerror(errno), "give a CRL, PEM or DER: --crl FILE");
    hf_error e = hf_trust_add_crls(trust, hf_span_of(bytes, len));
    if (e != HF_OK)
        status = refuse_malformed(path, hf_span_of(bytes, len), e);
    hf_os_free(bytes, len);
    return status;
}

int hf_crls_load(hf_trust *trust, const char *const *paths, size_t n)
{
    int status = HF_EXIT_OK;

    for (size_t i = 0; i < n && status == HF_EXIT_OK; i++)
        status = add_crl(trust, paths[i]);
    return status;
}
