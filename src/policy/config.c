/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The config: built, checked, sealed, shared. */
#include "base/clock.h"
#include "policy/policy.h"
#include "x509/trust.h"

enum {
    DEFAULT_TIMEOUT_MS = 10000,
    DEFAULT_MAX_AGE = 24 * 3600 /* of a connection of TLS 1.2, and of keys in TLS 1.3 */
};

hf_config *hf_config_new(hf_role role, const hf_policy *policy)
{
    hf_config *config = policy ? hf_alloc(sizeof *config) : NULL;

    if (!config)
        return NULL;
    atomic_init(&config->refs, 1);
    config->role = role;
    config->policy = *policy;
    config->handshake_timeout = DEFAULT_TIMEOUT_MS;
    config->max_age = DEFAULT_MAX_AGE;
    config->key_update_after = DEFAULT_MAX_AGE;
    return config;
}

hf_config *hf_config_ref(hf_config *config)
{
    atomic_fetch_add(&config->refs, 1);
    return config;
}

void hf_config_free(hf_config *config)
{
    if (!config || atomic_fetch_sub(&config->refs, 1) != 1)
        return;
    for (size_t i = 0; i < config->n_identities; i++)
        hf_identity_free(config->identities[i]);
    hf_trust_free(config->trust);
    hf_sessions_free(config->sessions);
    hf_psks_free(config->psks);
    hf_free(config);
}

#define UNSEALED(config)                                                                           \
    do {                                                                                           \
        if ((config)->sealed)                                                                      \
            return HF_E_CONFIG_SEALED;                                                             \
    } while (0)

hf_error hf_config_add_identity(hf_config *config, hf_identity *identity)
{
    UNSEALED(config);
    if (config->n_identities == HF_IDENTITIES_MAX)
        return HF_E_LIMIT;
    config->identities[config->n_identities++] = hf_identity_ref(identity);
    return HF_OK;
}

hf_error hf_config_set_trust(hf_config *config, hf_trust *trust)
{
    UNSEALED(config);
    hf_trust *old = config->trust;
    config->trust = trust ? hf_trust_ref(trust) : NULL;
    hf_trust_free(old);
    return HF_OK;
}

hf_error hf_alpn_encode(const char *const *names, size_t n, uint8_t out[HF_ALPN_MAX], size_t *len)
{
    *len = 0;
    for (size_t i = 0; i < n; i++) {
        size_t name_len = strlen(names[i]);
        if (name_len == 0 || name_len > 255 || *len + 1 + name_len > HF_ALPN_MAX)
            return HF_E_CONFIG_ALPN; /* RFC 7301 3.1 */
        out[(*len)++] = (uint8_t)name_len;
        memcpy(out + *len, names[i], name_len);
        *len += name_len;
    }
    return HF_OK;
}

hf_error hf_config_set_alpn(hf_config *config, const char *const *names, size_t n)
{
    UNSEALED(config);
    return hf_alpn_encode(names, n, config->alpn, &config->alpn_len);
}

hf_error hf_config_set_hooks(hf_config *config, const hf_hooks *hooks)
{
    UNSEALED(config);
    config->hooks = *hooks;
    config->random = (hf_random){ hooks->random, hooks->user };
    return HF_OK;
}

hf_error hf_config_set_sessions(hf_config *config, hf_sessions *sessions)
{
    UNSEALED(config);
    hf_sessions *old = config->sessions;
    config->sessions = sessions ? hf_sessions_ref(sessions) : NULL;
    hf_sessions_free(old);
    return HF_OK;
}

hf_error hf_config_set_psks(hf_config *config, hf_psks *psks)
{
    UNSEALED(config);
    if (psks)
        TRY(hf_psks_claim_role(psks, config->role));
    hf_psks *old = config->psks;
    config->psks = psks ? hf_psks_ref(psks) : NULL;
    hf_psks_free(old);
    return HF_OK;
}

/* Where each setting is kept, and its greatest value. */
hf_error hf_config_set(hf_config *config, hf_setting setting, uint64_t value)
{
    struct {
        uint32_t *number;
        uint32_t max;
        bool *flag;
    } const places[] = {
        [HF_SET_HANDSHAKE_TIMEOUT] = { &config->handshake_timeout, UINT32_MAX, NULL },
        [HF_SET_MAX_AGE] = { &config->max_age, UINT32_MAX / 1000, NULL },
        [HF_SET_PAUSE_AT_CLIENT_HELLO] = { NULL, 1, &config->pause_at_client_hello },
        [HF_SET_EXTERNAL_VERIFY] = { NULL, 1, &config->external_verify },
        [HF_SET_EXTERNAL_JOBS] = { NULL, 1, &config->external_jobs },
        [HF_SET_INSECURE] = { NULL, 1, &config->insecure },
        [HF_SET_ALWAYS_RETRY] = { NULL, 1, &config->always_retry },
        [HF_SET_CLIENT_AUTH] = { &config->client_auth, HF_CLIENT_AUTH_REQUIRE, NULL },
        [HF_SET_EARLY_DATA] = { &config->early_data, HF_EARLY_DATA_MAX, NULL },
        [HF_SET_KEY_UPDATE_AFTER] = { &config->key_update_after, UINT32_MAX / 1000, NULL },
        [HF_SET_IGNORE_AUTHORITIES] = { NULL, 1, &config->ignore_authorities },
    };

    UNSEALED(config);
    if ((size_t)setting >= sizeof places / sizeof *places || value > places[setting].max)
        return HF_E_MISUSE;
    if (setting == HF_SET_INSECURE && config->role == HF_SERVER)
        return HF_E_MISUSE; /* a server need not ask for certificates that it does not check */
    if (places[setting].number)
        *places[setting].number = (uint32_t)value;
    else
        *places[setting].flag = value != 0;
    return HF_OK;
}

/* An identity that no client could accept under the policy is a mistake, not a surprise for later. */
static hf_error check_identity(const hf_config *config, const hf_identity *id)
{
    if (id->signer->beyond_policy)
        return HF_OK;
    for (size_t i = 0; id->signer->schemes[i]; i++) {
        const hf_scheme *s = hf_scheme_of(id->signer->schemes[i]);
        if (s && hf_scheme_fits(s, id->leaf.key.type, config->policy.max_version) &&
            hf_in_list(config->policy.schemes, s->code))
            return HF_OK;
    }
    return HF_E_CONFIG_POLICY;
}

bool hf_config_psk(const hf_config *config)
{
    return (config->psks && hf_psks_count(config->psks) > 0) ||
           (config->role == HF_SERVER && config->hooks.find_psk);
}

bool hf_config_trusts(const hf_config *config)
{
    return config->external_verify || (config->trust && hf_trust_count(config->trust) > 0);
}

/* Keys shared beforehand are for SHA-256 (RFC 9846 4.3.11#2, 2.2#1). */
static bool has_suite_for_psk(const hf_policy *p)
{
    for (size_t i = 0; i < HF_POLICY_LIST && p->suites[i]; i++) {
        const hf_suite *suite = hf_suite_of(p->suites[i]);
        bool spoken = suite->version >= p->min_version && suite->version <= p->max_version;
        bool fits = suite->version == HF_TLS13 || hf_kx_is_psk(suite->kx);
        if (spoken && fits && suite->hash == HF_SHA256)
            return true;
    }
    return false;
}

/* An end proves who it is by a certificate, or by a key that both have. */
static hf_error check_proofs(const hf_config *config)
{
    bool verifies = config->role == HF_CLIENT && !config->insecure;
    bool certifies = config->client_auth == HF_CLIENT_AUTH_REQUIRE; /* a key alone will not do */

    if (config->role == HF_SERVER && config->n_identities == 0 &&
        (certifies || !hf_config_psk(config)))
        return HF_E_CONFIG_NO_IDENTITY;
    if (config->role == HF_SERVER && certifies && hf_config_psk(config))
        return HF_E_CONFIG_POLICY; /* a key is no certificate: none would ever be taken */
    bool psk_only = config->role == HF_SERVER ? config->n_identities == 0
                                              : verifies && !hf_config_trusts(config);
    if (psk_only && hf_config_psk(config) && !has_suite_for_psk(&config->policy))
        return HF_E_CONFIG_POLICY;
    if (verifies && !hf_config_trusts(config) && !hf_config_psk(config))
        return HF_E_CONFIG_NO_TRUST;
    if (config->role == HF_CLIENT && certifies && config->n_identities == 0)
        return HF_E_CONFIG_NO_IDENTITY;
    if (config->role == HF_SERVER && config->client_auth != HF_CLIENT_AUTH_NONE &&
        !hf_config_trusts(config))
        return HF_E_CONFIG_NO_CLIENT_CA;
    return HF_OK;
}

hf_error hf_config_seal(hf_config *config)
{
    UNSEALED(config);
    TRY(hf_policy_check(&config->policy));
    for (size_t i = 0; i < config->n_identities; i++)
        TRY(check_identity(config, config->identities[i]));
    TRY(check_proofs(config));
    TRY(hf_config_digest(config));
    if (config->trust)
        hf_trust_seal(config->trust);
    if (config->psks)
        hf_psks_seal(config->psks);
    config->sealed = true;
    return HF_OK;
}

int64_t hf_config_now(const hf_config *config)
{
    return config->hooks.wall_time ? config->hooks.wall_time(config->hooks.user) : hf_clock_wall();
}

uint64_t hf_config_clock(const hf_config *config)
{
    return config->hooks.clock_ms ? config->hooks.clock_ms(config->hooks.user)
                                  : hf_clock_monotonic();
}
