/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What never changes in a campaign's world, and configs, which are made of it. */
#include "support/campaign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAYS(n) (TEST_NOW + (n)*TEST_DAY + 1) /* odd: no clock here ever reads it */

/* The third is the first, renewed with its key; the fourth ends soon. */
const camp_cert camp_server_certs[CAMP_SERVER_CERTS] = {
    { "server 0", 0, 10, DAYS(30) },         { "server 1", 0, 11, DAYS(30) },
    { "server 0 again", 0, 10, DAYS(31) },   { "server soon", 0, 12, TEST_NOW + 2 * 3600 + 1 },
    { "server elsewhere", 1, 13, DAYS(30) },
};
const camp_cert camp_client_certs[CAMP_CLIENT_CERTS] = {
    { "client 0", 0, 20, DAYS(30) },
    { "client 1", 0, 21, DAYS(30) },
    { "client soon", 0, 22, TEST_NOW + 3600 + 1 },
    { "client elsewhere", 1, 23, DAYS(30) },
};
const camp_policy camp_policies[CAMP_POLICIES] = {
    { HF_TLS12, HF_TLS13, false, false, 2048, 2, 604800 },
    { HF_TLS13, HF_TLS13, false, false, 2048, 1, 604800 },
    { HF_TLS12, HF_TLS12, false, false, 2048, 2, 604800 },
    { HF_TLS12, HF_TLS13, true, false, 2048, 2, 604800 },
    { HF_TLS12, HF_TLS13, false, true, 2048, 2, 604800 },
    { HF_TLS12, HF_TLS13, false, false, 3072, 3, 600 },
};
const unsigned camp_trusts[CAMP_TRUSTS] = { 3, 1, 2 };
const char *const camp_names[CAMP_NAMES] = { "localhost", "a.test", "b.test" };
const char *const camp_endpoints[CAMP_ENDPOINTS] = { "one.test:443", "two.test:443",
                                                     "one.test:8443" };
const char *const camp_alpns[CAMP_ALPNS][3] = {
    { NULL }, { "one", "two" }, { "two", "one" }, { "two" }
};

enum { ROOTS = 2, EARLY = 1000 };

/* ---- made once ---- */

static struct {
    bool made;
    hf_trust *trust[CAMP_TRUSTS];
    hf_identity *server[CAMP_SERVER_CERTS], *client[CAMP_CLIENT_CERTS];
    hf_psks *server_psks, *known, *unknown;
} scene;

static hf_identity *issue(const camp_cert *c, uint8_t eku, test_cert *const *roots)
{
    test_cert_options o = {
        .common_name = c->common_name, .eku = eku, .not_after = c->not_after, .key_slot = c->key
    };
    const char *const *names = camp_names;

    for (int i = 0; i < CAMP_NAMES; i++)
        o.names[i] = names[i];
    test_cert *cert = test_cert_new(&o, roots[c->root]);
    hf_identity *identity = cert_identity(cert, roots[c->root], NULL);
    test_cert_free(cert);
    return identity;
}

static hf_psks *psks_of(const char *name)
{
    hf_psks *psks = hf_psks_new();

    assert_int_equal(hf_psks_add(psks, hf_span_str(name), hf_span_str("0123456789abcdef")), HF_OK);
    return psks;
}

static void make_scene(void)
{
    test_cert *roots[ROOTS];
    const char *const names[ROOTS] = { "root 0", "root 1" };

    for (unsigned i = 0; i < ROOTS; i++)
        roots[i] = test_cert_new(
            &(test_cert_options){ names[i], .ca = true, .not_after = DAYS(400), .key_slot = i },
            NULL);
    for (int i = 0; i < CAMP_TRUSTS; i++) {
        scene.trust[i] = hf_trust_new();
        for (unsigned r = 0; r < ROOTS; r++)
            if (camp_trusts[i] >> r & 1)
                assert_int_equal(hf_trust_add_der(scene.trust[i], test_cert_der(roots[r])), HF_OK);
    }
    for (int i = 0; i < CAMP_SERVER_CERTS; i++)
        scene.server[i] = issue(&camp_server_certs[i], HF_EKU_SERVER_AUTH, roots);
    for (int i = 0; i < CAMP_CLIENT_CERTS; i++)
        scene.client[i] = issue(&camp_client_certs[i], HF_EKU_CLIENT_AUTH, roots);
    for (int r = 0; r < ROOTS; r++)
        test_cert_free(roots[r]);
    scene.server_psks = psks_of("device");
    scene.known = psks_of("device");
    scene.unknown = psks_of("stranger");
    scene.made = true;
}

/* ---- hooks ---- */

static bool draw(void *user, uint8_t *out, size_t len)
{
    camp_world *w = user;

    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)camp_next(&w->draws);
    return true;
}

static int64_t client_wall(void *user)
{
    return ((camp_world *)user)->wall[HF_CLIENT];
}

static int64_t server_wall(void *user)
{
    return ((camp_world *)user)->wall[HF_SERVER];
}

static uint64_t mono(void *user)
{
    return ((camp_world *)user)->mono_ms;
}

/* ---- configs ---- */

static hf_policy policy_from(const camp_policy *p)
{
    static const uint16_t usual[] = { 0x1301, 0xc02b },
                          strong[] = { 0x1302, 0x1301, 0xc02c, 0xc02b };
    hf_policy policy = *hf_policy_named("default");

    policy.min_version = p->min_version;
    policy.max_version = p->max_version;
    memset(policy.suites, 0, sizeof policy.suites);
    memset(policy.groups, 0, sizeof policy.groups);
    memset(policy.key_shares, 0, sizeof policy.key_shares);
    memcpy(policy.suites, p->aes256 ? strong : usual, p->aes256 ? sizeof strong : sizeof usual);
    policy.groups[0] = policy.key_shares[0] = p->p256 ? 0x0017 : 0x001d;
    policy.groups[1] = p->p256 ? 0 : 0x0017;
    policy.rsa_min_bits = p->bits;
    policy.client_grease = false;
    policy.tickets = p->tickets;
    policy.session_seconds = p->seconds;
    return policy;
}

static hf_config *new_config(camp_world *w, hf_role role, int policy, int trust, int alpn)
{
    if (!scene.made)
        make_scene();
    hf_policy p = policy_from(&camp_policies[policy]);
    hf_config *config = hf_config_new(role, &p);
    hf_hooks hooks = { .random = draw,
                       .wall_time = role == HF_CLIENT ? client_wall : server_wall,
                       .clock_ms = mono,
                       .user = w };
    size_t n = 0;

    while (n < 3 && camp_alpns[alpn][n])
        n++;
    assert_int_equal(hf_config_set_hooks(config, &hooks), HF_OK);
    assert_int_equal(hf_config_set_trust(config, scene.trust[trust]), HF_OK);
    assert_int_equal(hf_config_set_alpn(config, camp_alpns[alpn], n), HF_OK);
    return config;
}

static void set(hf_config *config, hf_setting setting, unsigned value)
{
    assert_int_equal(hf_config_set(config, setting, value), HF_OK);
}

hf_config *camp_server_config(camp_world *w, int server)
{
    camp_server *sv = &w->server[server];

    if (sv->config)
        return sv->config;
    sv->config = new_config(w, HF_SERVER, sv->policy, sv->trust, sv->alpn);
    for (int i = 0; i < 2; i++)
        if (sv->cert[i] != CAMP_NONE)
            assert_int_equal(hf_config_add_identity(sv->config, scene.server[sv->cert[i]]), HF_OK);
    set(sv->config, HF_SET_CLIENT_AUTH, (unsigned)sv->auth);
    set(sv->config, HF_SET_EARLY_DATA, sv->early ? EARLY : 0);
    set(sv->config, HF_SET_ALWAYS_RETRY, sv->retry);
    if (sv->psk && sv->auth != HF_CLIENT_AUTH_REQUIRE) /* a shared key is no certificate */
        assert_int_equal(hf_config_set_psks(sv->config, scene.server_psks), HF_OK);
    if (sv->memory != CAMP_NONE)
        hf_config_set_sessions(sv->config, w->memory[sv->memory].sessions);
    assert_int_equal(hf_config_seal(sv->config), HF_OK);
    return sv->config;
}

hf_config *camp_client_config(camp_world *w, int client)
{
    camp_client *c = &w->client[client];
    hf_psks *const psks[] = { NULL, scene.known, scene.unknown };

    if (c->config)
        return c->config;
    c->config = new_config(w, HF_CLIENT, c->policy, c->trust, c->alpn);
    if (c->cert != CAMP_NONE)
        assert_int_equal(hf_config_add_identity(c->config, scene.client[c->cert]), HF_OK);
    set(c->config, HF_SET_EARLY_DATA, c->early ? EARLY : 0);
    assert_int_equal(hf_config_set_psks(c->config, psks[c->psk]), HF_OK);
    if (c->store != CAMP_NONE)
        hf_config_set_sessions(c->config, w->store[c->store].sessions);
    assert_int_equal(hf_config_seal(c->config), HF_OK);
    return c->config;
}

void camp_forget_config(hf_config **config)
{
    hf_config_free(*config);
    *config = NULL;
}
