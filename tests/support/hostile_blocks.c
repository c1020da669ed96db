/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What cases are made of, and what they may know of the case that runs. */
#include "support/hostile_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the case that runs ---- */

hostile_running hostile_now = { .version = HF_TLS13 };

int hostile_variant(void)
{
    return hostile_now.variant;
}

hf_role hostile_victim(void)
{
    return hostile_now.victim;
}

uint16_t hostile_version(void)
{
    return hostile_now.version;
}

bool hostile_is_prior(void)
{
    return hostile_now.prior;
}

hf_sessions *hostile_sessions(void)
{
    return hostile_now.sessions;
}

/* ---- building blocks ---- */

void hostile_until_protected(hostile *h)
{
    bool certificate = h->victim == HF_CLIENT && hostile_now.version == HF_TLS13;

    hostile_until(h, certificate ? HF_MSG_Certificate : HF_MSG_Finished, 0);
}

void hostile_deliver_all(hostile *h, int variant)
{
    (void)variant;
    hostile_rest(h);
}

void hostile_give_alert(hostile *h, int level, int description)
{
    const uint8_t bytes[] = { (uint8_t)level, (uint8_t)description };

    hostile_record(h, HF_CT_ALERT, hf_span_of(bytes, 2));
}

void hostile_give_data(hostile *h, const char *text)
{
    hostile_record(h, HF_CT_APPLICATION_DATA, hf_span_str(text));
}

void hostile_give_early(hostile *h, hf_span data)
{
    hostile_record_under(h, HF_EARLY, HF_CT_APPLICATION_DATA, data);
}

void hostile_check_early(hostile *h, int variant)
{
    (void)variant;
    hostile_assert_works(h);
    assert_int_equal(hf_conn_info_of(hostile_conn(h))->early, HF_EARLY_ACCEPTED);
    assert_int_equal(hostile_end(h)->n_early, 100);
}

void hostile_retry(pair_options *o, int variant)
{
    (void)variant;
    o->policy[HF_SERVER] = hostile_retry_policy();
}

static void always_retry(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_ALWAYS_RETRY, true), HF_OK);
}

void hostile_retry_cookie(pair_options *o, int variant)
{
    hostile_retry(o, variant);
    o->configure = always_retry;
}

void hostile_hybrid(pair_options *o, int variant)
{
    static hf_policy hybrid;

    (void)variant;
    hybrid = policy_of_version("default", HF_TLS13);
    o->policy[HF_CLIENT] = o->policy[HF_SERVER] = &hybrid;
}

void hostile_pure(pair_options *o, int variant)
{
    static hf_policy pure;

    (void)variant;
    pure = policy_of_version("default", HF_TLS13);
    memset(pure.groups, 0, sizeof pure.groups);
    memset(pure.key_shares, 0, sizeof pure.key_shares);
    pure.groups[0] = pure.key_shares[0] = HF_GROUP_mlkem1024;
    o->policy[HF_CLIENT] = o->policy[HF_SERVER] = &pure;
}

void hostile_alpn(pair_options *o, int variant)
{
    (void)variant;
    for (int role = 0; role < 2; role++) {
        o->alpn[role][0] = "h2";
        o->alpn[role][1] = "http/1.1";
    }
}

void hostile_mutual(pair_options *o, int variant)
{
    (void)variant;
    o->client_auth = HF_CLIENT_AUTH_REQUIRE;
    o->client_identity = true;
}

void hostile_rsa(pair_options *o, int variant)
{
    (void)variant;
    o->pki = shared_pki(HF_KEY_RSA);
}

void hostile_static_rsa(pair_options *o, int variant)
{
    static hf_policy policy;

    hostile_rsa(o, variant);
    policy = policy_of_version("classroom", HF_TLS12);
    memset(policy.suites, 0, sizeof policy.suites);
    policy.suites[0] = 0x009c;
    o->policy[HF_CLIENT] = o->policy[HF_SERVER] = &policy;
}

void hostile_share_key(pair_options *o, const char *clients, const char *servers)
{
    const char *const identities[] = { [HF_CLIENT] = clients, [HF_SERVER] = servers };

    for (int role = 0; role < 2; role++) {
        o->psks[role] = hf_psks_new();
        assert_non_null(o->psks[role]);
        assert_int_equal(hf_psks_add(o->psks[role], hf_span_str(identities[role]),
                                     hf_span_str("sixteen bytes or more")),
                         HF_OK);
    }
}

void hostile_psk(pair_options *o, int variant)
{
    (void)variant;
    hostile_share_key(o, "device1", "device1");
}

void hostile_psk_only(pair_options *o, int variant)
{
    hostile_psk(o, variant);
    o->no_identity = o->no_trust = true;
}

void hostile_early(pair_options *o, int variant)
{
    (void)variant;
    o->early_data[HF_CLIENT] = o->early_data[HF_SERVER] = HOSTILE_EARLY;
}

static void (*change_content)(hostile_bytes *content);

static hf_error sign_changed(void *user, uint16_t scheme, hf_span message, uint8_t *signature,
                             size_t *len)
{
    const hf_scheme *s = hf_scheme_of(scheme);
    hostile_bytes content = { 0 };

    hb_set(&content, message);
    change_content(&content);
    hf_error e = hf_sign(user, s->kind, s->hash, hb_span(&content), signature, len);
    hb_free(&content);
    return e;
}

void hostile_sign_other(hf_config *config, void (*change)(hostile_bytes *content))
{
    static const hf_signer_ops ops = { .sign = sign_changed };
    hf_signer *good = config->identities[0]->signer;

    change_content = change;
    config->identities[0]->signer = hf_signer_new(&ops, good->user, good->schemes);
    assert_non_null(config->identities[0]->signer);
    hf_signer_free(good);
}

void hostile_check_silent(hostile *h, int variant)
{
    const hf_failure *f = hostile_failure(h);

    (void)variant;
    assert_non_null(f);
    assert_int_equal(hostile_alert(h), HF_ALERT_none);
    assert_int_equal(hostile_end(h)->connected, h->was_connected);
    hostile_assert_dead(h, 0);
}

void hostile_check_alert_received(hostile *h, int variant)
{
    hostile_check_silent(h, variant);
    assert_int_equal(hostile_failure(h)->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(hostile_failure(h)->alert_direction, HF_ALERT_RECEIVED);
}
