/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates with their keys, and the CA certificates to verify others with: from files into a config. */
#include "tool/identities.h"

#include <errno.h>
#include <string.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/pair_fault.h"
#include "tool/password.h"
#include "tool/say.h"

/* An encrypted key is tried without a password first: which of several is encrypted shows itself. */
static int load(hf_config *config, const char *cert, const char *key, const char *password)
{
    hf_identity *identity = NULL;
    char asked[HF_PASSWORD_MAX];
    hf_error e = hf_os_identity(&identity, cert, key, password);

    if (e == HF_E_CONFIG_KEY_ENCRYPTED && !password && hf_password_ask(key, asked))
        e = hf_os_identity(&identity, cert, key, asked);
    hf_wipe(asked, sizeof asked);
    if (e == HF_OK)
        e = hf_config_add_identity(config, identity);
    hf_identity_free(identity);
    return e == HF_OK ? HF_EXIT_OK : hf_pair_refuse(e, cert, key);
}

static int check_numbers(const hf_identity_files *files)
{
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
        status = load(config, files->cert[i], files->n_key > 0 ? files->key[i] : files->cert[i],
                      files->password_file ? password : NULL);
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
                                        : hf_error_sentence(e));
    hf_error_next("give a PEM file, or a folder of them, with at least one CA certificate: %s FILE",
                  option);
    return HF_EXIT_USAGE;
}

int hf_cas_load(hf_trust *trust, const char *const *paths, size_t n, const char *option)
{
    int status = HF_EXIT_OK;

    for (size_t i = 0; i < n && status == HF_EXIT_OK; i++)
        status = add_ca(trust, paths[i], option);
    return status;
}
