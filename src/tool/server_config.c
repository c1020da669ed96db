/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Building a server's config. Every pair is loaded and checked before the first connection. */
#include "tool/server_config.h"

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/keylog.h"
#include "tool/pair_fault.h"
#include "tool/password.h"
#include "tool/role_config.h"
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

static int load_all(hf_config *config, const hf_server_wishes *wishes)
{
    char password[HF_PASSWORD_MAX] = "";
    int status = HF_EXIT_OK;

    if (wishes->n_key > 0 && wishes->n_key != wishes->n_cert) {
        hf_error_what("the numbers of --cert and --key differ");
        hf_error_why("%zu certificates, %zu keys", wishes->n_cert, wishes->n_key);
        hf_error_next("give one --key for each --cert, in the same order");
        return HF_EXIT_USAGE;
    }
    if (wishes->password_file)
        status = hf_password_file(wishes->password_file, password);
    for (size_t i = 0; i < wishes->n_cert && status == HF_EXIT_OK; i++)
        status = load(config, wishes->cert[i], wishes->n_key > 0 ? wishes->key[i] : wishes->cert[i],
                      wishes->password_file ? password : NULL);
    hf_wipe(password, sizeof password);
    return status;
}

int hf_server_config(const hf_server_wishes *wishes, hf_config **config, void **keylog)
{
    int status = hf_role_config(HF_SERVER, wishes->protocol, config);

    *keylog = NULL;
    if (status == HF_EXIT_OK)
        status = load_all(*config, wishes);
    if (status == HF_EXIT_OK)
        status = hf_keylog_hooks(*config, wishes->keylog, keylog);
    if (status != HF_EXIT_OK)
        return status;
    return hf_role_config_seal(*config, HF_SERVER, wishes->protocol, wishes->alpn, wishes->n_alpn,
                               wishes->timeout_ms);
}
