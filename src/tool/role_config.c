/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The start and the end of a config; trust and identities come in between, from its role's own file. */
#include "tool/role_config.h"

#include "tool/exit.h"
#include "tool/say.h"

int hf_role_config(hf_role role, const hf_protocol_options *protocol, hf_cert_profile profile,
                   hf_revocation revocation, hf_config **config)
{
    hf_policy policy;
    int status = hf_protocol_policy(protocol, &policy);

    policy.profile = (uint8_t)profile;
    if (revocation != HF_REVOCATION_SOFT) /* what the policy demands is not taken back */
        policy.revocation = (uint8_t)revocation;
    *config = status == HF_EXIT_OK ? hf_config_new(role, &policy) : NULL;
    if (status == HF_EXIT_OK && !*config)
        return hf_complain_row(
            HF_E_NO_MEMORY,
            role == HF_CLIENT ? "cannot set up the client" : "cannot set up the server", "config");
    return status;
}

int hf_role_config_seal(hf_config *config, hf_role role, const hf_protocol_options *protocol,
                        const char *const *alpn, size_t n_alpn, long timeout_ms)
{
    hf_error e = n_alpn > 0 ? hf_config_set_alpn(config, alpn, n_alpn) : HF_OK;

    if (e == HF_OK)
        e = hf_config_set(config, HF_SET_HANDSHAKE_TIMEOUT, (uint32_t)timeout_ms);
    if (e == HF_OK)
        e = hf_config_seal(config);
    if (e == HF_OK)
        return HF_EXIT_OK;
    return hf_complain_row(e,
                           role == HF_CLIENT ? "the client's settings do not add up"
                                             : "the server's settings do not add up",
                           protocol->policy);
}
