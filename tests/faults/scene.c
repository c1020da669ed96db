/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The flows, and what they are made of. */
#include "tests/faults/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/x509_make.h"
#include "tests/faults/application.h"
#include "x509/issue_ocsp.h"

/* ---- full handshakes, and what may be special about them ---- */

enum {
    AUTH = 1, /* the client must show a certificate … */
    ASK = 2,  /* … or may, and has none */
    STAPLE = 4,
    JOBS = 8,
    VERIFY = 16,
    PAUSE = 32,
    COOKIE = 64, /* everybody is asked again */
    TICKETS = 128,
    STORE = 256,        /* the client's hf_sessions, over two visits */
    PIECES = 512,       /* bytes come a few at a time */
    OTHER_GROUP = 1024, /* the server wants P-256: HelloRetryRequest */
    ELSEWHERE =
        2048, /* tickets are sealed by the application's code, and it keeps the register of 0-RTT */
    RETURN = 4096, /* with the session of a visit before */
    EARLY = 8192,
    FIND_PSK = 16384,
    CACHE = 32768 /* of a server, instead of tickets */
};

typedef struct row {
    const char *name;
    uint16_t version;
    hf_key_type key;
    uint16_t suite, group;
    unsigned special;
} row;

static const row rows[] = {
    { "TLS 1.3", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519, 0 },
    { "TLS 1.3, P-384 and AES-256", HF_TLS13, HF_KEY_P384, 0x1302, HF_GROUP_secp384r1, 0 },
    { "TLS 1.3, ML-KEM and Ed25519", HF_TLS13, HF_KEY_ED25519, 0x1303, HF_GROUP_x25519mlkem768, 0 },
    { "TLS 1.3, RSA", HF_TLS13, HF_KEY_RSA, 0x1301, HF_GROUP_secp256r1, 0 },
    { "TLS 1.3, HelloRetryRequest", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519, OTHER_GROUP },
    { "TLS 1.3, HelloRetryRequest to all", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519, COOKIE },
    { "TLS 1.3, client certificate", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519, AUTH },
    { "TLS 1.3, no certificate to show", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519, ASK },
    { "TLS 1.3, staple", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519, STAPLE },
    { "TLS 1.3, jobs elsewhere", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519, JOBS },
    { "TLS 1.3, jobs elsewhere, client certificate and retry", HF_TLS13, HF_KEY_P256, 0x1301,
      HF_GROUP_x25519, JOBS | AUTH | OTHER_GROUP },
    { "TLS 1.3, application verifies", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519,
      VERIFY | AUTH },
    { "TLS 1.3, pause at ClientHello", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519, PAUSE },
    { "TLS 1.3, tickets", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519, TICKETS },
    { "TLS 1.3, client certificate and tickets", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519,
      TICKETS | AUTH },
    { "TLS 1.3, there and back with a store", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519,
      TICKETS | STORE },
    { "TLS 1.3, in pieces", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519, PIECES },
    { "TLS 1.3, tickets sealed elsewhere", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519,
      ELSEWHERE },
    { "TLS 1.3, resumed, tickets sealed elsewhere", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519,
      ELSEWHERE | RETURN },
    { "TLS 1.3, early data, register elsewhere", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519,
      ELSEWHERE | RETURN | EARLY },
    { "TLS 1.3, a shared key that is looked up", HF_TLS13, HF_KEY_P256, 0x1301, HF_GROUP_x25519,
      FIND_PSK },
    { "TLS 1.2", HF_TLS12, HF_KEY_P256, 0xc02b, HF_GROUP_x25519, 0 },
    { "TLS 1.2, P-384 and AES-256", HF_TLS12, HF_KEY_P384, 0xc02c, HF_GROUP_secp384r1, 0 },
    { "TLS 1.2, RSA and ChaCha20", HF_TLS12, HF_KEY_RSA, 0xcca8, HF_GROUP_secp256r1, 0 },
    { "TLS 1.2, client certificate", HF_TLS12, HF_KEY_P256, 0xc02b, HF_GROUP_x25519, AUTH },
    { "TLS 1.2, staple", HF_TLS12, HF_KEY_P256, 0xc02b, HF_GROUP_x25519, STAPLE },
    { "TLS 1.2, jobs elsewhere", HF_TLS12, HF_KEY_P256, 0xc02b, HF_GROUP_x25519, JOBS | AUTH },
    { "TLS 1.2, application verifies", HF_TLS12, HF_KEY_P256, 0xc02b, HF_GROUP_x25519,
      VERIFY | AUTH },
    { "TLS 1.2, pause at ClientHello", HF_TLS12, HF_KEY_P256, 0xc02b, HF_GROUP_x25519, PAUSE },
    { "TLS 1.2, there and back with a store", HF_TLS12, HF_KEY_P256, 0xc02b, HF_GROUP_x25519,
      TICKETS | STORE },
    { "TLS 1.2, there and back by id", HF_TLS12, HF_KEY_P256, 0xc02b, HF_GROUP_x25519,
      CACHE | STORE },
    { "TLS 1.2, tickets sealed elsewhere", HF_TLS12, HF_KEY_P256, 0xc02b, HF_GROUP_x25519,
      ELSEWHERE },
    { "TLS 1.2, resumed, tickets sealed elsewhere", HF_TLS12, HF_KEY_P256, 0xc02b, HF_GROUP_x25519,
      ELSEWHERE | RETURN },
    { "TLS 1.2, in pieces", HF_TLS12, HF_KEY_P256, 0xc02b, HF_GROUP_x25519, PIECES },
    { "TLS 1.2, a shared key that is looked up", HF_TLS12, HF_KEY_P256, 0xd001, HF_GROUP_x25519,
      FIND_PSK },
};

enum { ROWS = sizeof rows / sizeof *rows, EARLY_MAX = 1000 };

/* ---- making ---- */

static void take_identities(scene *s, const test_pki *pki)
{
    if (!s->options.no_identity)
        s->identities[HF_SERVER] = app_identity(pki->leaf, pki->chain);
    if (s->options.client_identity)
        s->identities[HF_CLIENT] = app_identity(pki->client, pki->client_chain);
    s->options.no_identity = true;
    s->options.client_identity = false;
}

static hf_policy policy_of(const row *r, bool server)
{
    hf_policy policy = policy_of_version("default", r->version);
    bool other = server && r->special & OTHER_GROUP;
    uint16_t second = r->group == HF_GROUP_secp256r1 ? HF_GROUP_x25519 : HF_GROUP_secp256r1;

    memset(policy.suites, 0, sizeof policy.suites);
    memset(policy.groups, 0, sizeof policy.groups);
    memset(policy.key_shares, 0, sizeof policy.key_shares);
    policy.suites[0] = r->suite;
    policy.groups[0] = other ? second : r->group;
    policy.groups[1] = other ? 0 : second;
    policy.key_shares[0] = policy.groups[0];
    return policy;
}

static void add_staple(scene *s, const test_pki *pki)
{
    hf_ocsp_answer a = { .cert = &pki->leaf->cert,
                         .issuer = &pki->intermediate->cert,
                         .status = HF_STATUS_GOOD,
                         .this_update = TEST_NOW - 3600,
                         .next_update = TEST_NOW + 3600 };
    uint8_t *der = NULL;
    size_t len = 0;

    assert_int_equal(hf_ocsp_issue(&a, pki->intermediate->key, &der, &len), HF_OK);
    hb_set(&s->staple, hf_span_of(der, len));
    hf_free(der);
    assert_int_equal(hf_identity_staple(s->identities[HF_SERVER], hb_span(&s->staple), TEST_NOW),
                     HF_OK);
}

static void share_key(scene *s, bool server_too)
{
    for (int role = 0; role < (server_too ? 2 : 1); role++) {
        assert_non_null(s->psks[role] = hf_psks_new());
        assert_int_equal(
            hf_psks_add(s->psks[role], hf_span_str(app_psk_name), hf_span_str(app_psk_key)), HF_OK);
        s->options.psks[role] = s->psks[role];
    }
    s->options.no_identity = s->options.no_trust = true;
}

static void configure(hf_config *config, hf_role role, void *user)
{
    const scene *s = user;

    if (s->identities[role])
        assert_int_equal(hf_config_add_identity(config, s->identities[role]), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_JOBS, s->jobs), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, s->verify), HF_OK);
    if (role == HF_CLIENT)
        return;
    assert_int_equal(hf_config_set(config, HF_SET_PAUSE_AT_CLIENT_HELLO, s->pause), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_ALWAYS_RETRY, s->retries), HF_OK);
}

static void set_hooks(scene *s)
{
    for (int role = 0; role < 2; role++)
        s->options.hooks[role] = app_hooks((hf_role)role, s->finds_psk);
    s->options.configure = configure;
    s->options.user = s;
}

static void visit_before(scene *s)
{
    pair p;

    pair_start(&p, &s->options);
    pair_connect(&p);
    hb_set(&s->session, hf_conn_session(p.end[HF_CLIENT].conn));
    assert_true(s->session.len > 0);
    pair_free(&p);
    s->options.session = hb_span(&s->session);
    s->resumes = true;
}

static void prepare_row(scene *s, const row *r)
{
    const test_pki *pki = shared_pki(r->key);

    s->version = r->version;
    s->jobs = r->special & JOBS;
    s->verify = r->special & VERIFY;
    s->pause = r->special & PAUSE;
    s->retries = r->special & COOKIE;
    s->at_home = r->special & STORE;
    s->by_id = r->special & CACHE;
    s->visits = r->special & STORE ? 2 : 1;
    s->finds_psk = r->special & FIND_PSK;
    for (int role = 0; role < 2; role++) {
        s->policies[role] = policy_of(r, role == HF_SERVER);
        s->options.policy[role] = &s->policies[role];
    }
    s->policies[HF_CLIENT].revocation = r->special & STAPLE ? HF_REVOCATION_HARD : 0;
    s->options.pki = pki;
    s->options.client_auth = r->special & AUTH  ? HF_CLIENT_AUTH_REQUIRE
                             : r->special & ASK ? HF_CLIENT_AUTH_REQUEST
                                                : HF_CLIENT_AUTH_NONE;
    s->options.client_identity = r->special & AUTH;
    s->options.chunk = r->special & PIECES ? 61 : 0;
    s->options.want_session = r->special & (TICKETS | ELSEWHERE | CACHE);
    if (r->special & STORE)
        s->options.endpoint = "localhost:443";
    else if (r->special & (TICKETS | ELSEWHERE | CACHE))
        s->options.sessions = s->sessions =
            app_sessions(r->special & CACHE, r->special & ELSEWHERE);
    if (r->special & EARLY)
        s->options.early_data[HF_CLIENT] = s->options.early_data[HF_SERVER] = EARLY_MAX;
    if (s->finds_psk)
        share_key(s, false);
    take_identities(s, pki);
    if (r->special & STAPLE)
        add_staple(s, pki);
    set_hooks(s);
    if (r->special & RETURN)
        visit_before(s);
    if (r->special & EARLY)
        s->options.early = hf_span_str(FLOW13_EARLY);
}

/* ---- the shapes of flow12.h and flow13.h, with jobs done here and elsewhere ---- */

static void prepare12(scene *s, const flow12 *flow)
{
    flow12_prepare(&s->by12, flow);
    s->version = HF_TLS12;
    s->options = s->by12.options;
    s->rsa = flow->rsa;
    s->at_home = flow->session == FLOW12_BY_ID;
    s->resumes = flow12_resumes(flow);
    if (!s->at_home) /* whose session is made again and again */
        take_identities(s, s->options.pki);
    set_hooks(s);
}

static void prepare13(scene *s, const flow13 *flow)
{
    flow13_prepare(&s->by13, flow);
    s->version = HF_TLS13;
    s->options = s->by13.options;
    s->options.pki = shared_pki(HF_KEY_P256);
    s->resumes = !flow->external;
    take_identities(s, s->options.pki);
    set_hooks(s);
}

static size_t shapes12(void)
{
    size_t n = 0;

    while (flow12_row(n))
        n++;
    return n;
}

static size_t shapes13(void)
{
    size_t n = 0;

    while (flow13_row(n))
        n++;
    return n;
}

size_t scene_count(void)
{
    return ROWS + 2 * (shapes12() + shapes13());
}

/* Behind the rows: TLS 1.2, TLS 1.3, and both again with jobs elsewhere. */
static const char *name_shape(size_t i)
{
    static char name[96];
    size_t n12 = shapes12(), n = n12 + shapes13(), at = i % n;

    snprintf(name, sizeof name, "TLS 1.%d: %s%s", at < n12 ? 2 : 3,
             at < n12 ? flow12_row(at)->name : flow13_row(at - n12)->name,
             i < n ? "" : ", jobs elsewhere");
    return name;
}

const char *scene_name(size_t i)
{
    return i < ROWS ? rows[i].name : name_shape(i - ROWS);
}

static void prepare_shape(scene *s, size_t i)
{
    size_t n12 = shapes12(), n = n12 + shapes13(), at = i % n;

    s->jobs = i >= n;
    if (at < n12)
        prepare12(s, flow12_row(at));
    else
        prepare13(s, flow13_row(at - n12));
}

void scene_prepare(scene *s, size_t i)
{
    memset(s, 0, sizeof *s);
    s->visits = 1;
    snprintf(s->name, sizeof s->name, "%s", scene_name(i));
    if (i < ROWS)
        prepare_row(s, &rows[i]);
    else
        prepare_shape(s, i - ROWS);
}

void scene_release(scene *s)
{
    if (s->by12.flow)
        flow12_release(&s->by12);
    if (s->by13.flow)
        flow13_release(&s->by13);
    for (int role = 0; role < 2; role++) {
        hf_identity_free(s->identities[role]);
        hf_psks_free(s->psks[role]);
    }
    hf_sessions_free(s->sessions);
    hb_free(&s->session);
    hb_free(&s->staple);
}

/* Sessions that a run changes are new in each. */
void scene_start(pair *p, scene *s)
{
    if (s->at_home && s->by12.flow) {
        pair_options with = s->options;
        s->by12.options.configure = NULL;
        s->by12.options.hooks[HF_CLIENT] = s->by12.options.hooks[HF_SERVER] = (hf_hooks){ 0 };
        flow12_start(p, &s->by12); /* a fresh session */
        pair_free(p);
        with.session = s->by12.options.session;
        s->options = with;
    } else if (s->at_home) {
        s->options.sessions = s->sessions = app_sessions(s->by_id, false);
        s->options.store = s->store =
            hf_sessions_new(&(hf_sessions_options){ .entries = 4, .lifetime = APP_LIFETIME });
        assert_non_null(s->store);
    }
    pair_start(p, &s->options);
}

void scene_end(pair *p, scene *s)
{
    pair_free(p);
    if (s->at_home && !s->by12.flow) {
        hf_sessions_free(s->sessions);
        hf_sessions_free(s->store);
        s->sessions = s->store = NULL;
    }
}
