/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Building a server's config. Every pair is loaded and checked before the first connection. */
#include "tool/server_config.h"

#include "tool/exit.h"
#include "tool/keylog.h"
#include "tool/role_config.h"
#include "tool/say.h"

static int add_client_cas(hf_config *config, const hf_server_wishes *wishes)
{
    hf_trust *trust = hf_trust_new();

    if (!trust)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot load CA certificates", "--client-ca");
    int status = hf_cas_load(trust, wishes->client_ca, wishes->n_client_ca, "--client-ca");
    if (status == HF_EXIT_OK)
        status = hf_crls_load(trust, wishes->crl, wishes->n_crl);
    if (status == HF_EXIT_OK) {
        hf_error e = hf_config_set_trust(config, trust);
        if (e != HF_OK)
            status = hf_complain_row(e, "cannot use the CA certificates", "--client-ca");
    }
    hf_trust_free(trust);
    return status;
}

static int ask_clients(hf_config *config, const hf_server_wishes *wishes)
{
    if (wishes->client_auth == HF_CLIENT_AUTH_NONE)
        return HF_EXIT_OK;
    hf_error e = hf_config_set(config, HF_SET_CLIENT_AUTH, wishes->client_auth);
    if (e != HF_OK)
        return hf_complain_row(e, "clients cannot be asked for certificates", "--client-auth");
    return add_client_cas(config, wishes);
}

static int remember_clients(hf_config *config, const hf_server_wishes *wishes)
{
    if (!wishes->sessions)
        return HF_EXIT_OK;
    hf_error e = hf_config_set_sessions(config, wishes->sessions);
    if (e != HF_OK)
        return hf_complain_row(e, "sessions cannot be kept", "--session-cache, --tickets");
    e = hf_config_set(config, HF_SET_EARLY_DATA, wishes->early_data);
    return e == HF_OK ? HF_EXIT_OK : hf_complain_row(e, "0-RTT cannot be allowed", "--early-data");
}

static int limit_age(hf_config *config, long seconds)
{
    hf_error e = seconds < 0 ? HF_OK : hf_config_set(config, HF_SET_MAX_AGE, (uint64_t)seconds);

    return e == HF_OK ? HF_EXIT_OK
                      : hf_complain_row(e, "connections cannot be limited in age", "--max-age");
}

int hf_server_config(const hf_server_wishes *wishes, hf_config **config, void **keylog)
{
    int status =
        hf_role_config(HF_SERVER, wishes->protocol, HF_PROFILE_PRIVATE, HF_REVOCATION_SOFT, config);

    *keylog = NULL;
    if (status == HF_EXIT_OK)
        status = hf_identities_load(*config, &wishes->own);
    if (status == HF_EXIT_OK)
        status = ask_clients(*config, wishes);
    if (status == HF_EXIT_OK)
        status = remember_clients(*config, wishes);
    if (status == HF_EXIT_OK)
        status = limit_age(*config, wishes->max_age);
    if (status == HF_EXIT_OK)
        status = hf_keylog_hooks(*config, wishes->keylog, wishes->psks, NULL, keylog);
    if (status != HF_EXIT_OK)
        return status;
    return hf_role_config_seal(*config, HF_SERVER, wishes->protocol, wishes->alpn, wishes->n_alpn,
                               wishes->timeout_ms);
}
