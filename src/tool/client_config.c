/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Building a client's config: whom to trust, who it is, what to offer. */
#include "tool/client_config.h"

#include <string.h>

#include <handfast/os.h>
#include "tool/exit.h"
#include "tool/keylog.h"
#include "tool/role_config.h"
#include "tool/say.h"

int hf_system_cas_load(hf_trust *trust, bool may_be_empty)
{
    char source[512] = "";
    hf_error e = hf_os_trust_system(trust, source, sizeof source);

    if ((e == HF_OK && hf_trust_count(trust) > 0) || may_be_empty)
        return HF_EXIT_OK;
    hf_error_what("there are no CA certificates to verify the server against");
    hf_error_why("%s: %s", *source ? source : "the system's store",
                 e == HF_OK ? "it holds no certificate" : hf_error_row_of(e)->sentence);
    hf_error_next("give the CA with --ca FILE, correct SSL_CERT_FILE or SSL_CERT_DIR, or install "
                  "ca-certificates");
    return HF_EXIT_USAGE;
}

static int add_trust(hf_config *config, const hf_client_wishes *wishes)
{
    hf_trust *trust = hf_trust_new();
    int status;

    if (!trust)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot load CA certificates", "trust");
    if (wishes->n_ca > 0)
        status = hf_cas_load(trust, wishes->ca, wishes->n_ca, "--ca");
    else
        status = hf_system_cas_load(trust, wishes->insecure);
    if (status == HF_EXIT_OK)
        status = hf_crls_load(trust, wishes->crl, wishes->n_crl);
    if (status == HF_EXIT_OK) {
        hf_error e = hf_config_set_trust(config, trust);
        status =
            e == HF_OK ? HF_EXIT_OK : hf_complain_row(e, "cannot use the CA certificates", "--ca");
    }
    hf_trust_free(trust);
    return status;
}

hf_cert_profile hf_profile_of(const char *word, bool own_cas)
{
    if (!word)
        return own_cas ? HF_PROFILE_PRIVATE : HF_PROFILE_WEBPKI;
    return strcmp(word, "webpki") == 0 ? HF_PROFILE_WEBPKI : HF_PROFILE_PRIVATE;
}

/* Who has a key needs no CA; given ones let a server without that key prove itself by certificate. */
static int add_psks(hf_config *config, const hf_client_wishes *wishes)
{
    hf_error e = wishes->psks ? hf_config_set_psks(config, wishes->psks) : HF_OK;

    if (e != HF_OK)
        return hf_complain_row(e, "cannot use the pre-shared keys", "--psk-file");
    return wishes->psks && wishes->n_ca == 0 ? HF_EXIT_OK : add_trust(config, wishes);
}

static int set_numbers(hf_config *config, const hf_client_wishes *wishes)
{
    hf_error e = hf_config_set(config, HF_SET_EARLY_DATA, wishes->early_data);

    if (e == HF_OK && wishes->insecure)
        e = hf_config_set(config, HF_SET_INSECURE, true);
    return e == HF_OK ? HF_EXIT_OK
                      : hf_complain_row(e, "the client's settings do not add up", "--early-data");
}

int hf_client_config(const hf_client_wishes *wishes, hf_config **config, void **keylog)
{
    int status = hf_role_config(HF_CLIENT, wishes->protocol,
                                hf_profile_of(wishes->profile, wishes->n_ca > 0),
                                wishes->revocation, config);

    *keylog = NULL;
    if (status == HF_EXIT_OK)
        status = add_psks(*config, wishes);
    if (status == HF_EXIT_OK)
        status = hf_identities_load(*config, &wishes->own);
    if (status == HF_EXIT_OK)
        status = hf_keylog_hooks(*config, wishes->keylog, NULL, wishes->tape, keylog);
    if (status == HF_EXIT_OK)
        status = set_numbers(*config, wishes);
    if (status != HF_EXIT_OK)
        return status;
    return hf_role_config_seal(*config, HF_CLIENT, wishes->protocol, wishes->alpn, wishes->n_alpn,
                               wishes->timeout_ms);
}
