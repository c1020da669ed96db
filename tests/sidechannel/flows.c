/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whole handshakes of both ends with every secret marked (boundary.c): full, resumed and with shared
 * keys, in TLS 1.3 and TLS 1.2, with data in both directions. The engine may branch on nothing that it
 * derives from a secret until it has been compared, sealed or sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sidechannel/secret.h"
#include "support/pair.h"

enum { LIFETIME = 3600, EARLY = 100 };

/* One suite, one group, and what the handshake rests on. */
typedef struct flow {
    const char *name, *policy;
    uint16_t version, suite, group;
    bool retry, mutual, resumed, by_id, early, psk, rsa;
} flow;

static const flow flows[] = {
    { "TLS 1.3, X25519", "default", HF_TLS13, 0x1301, HF_GROUP_x25519, .mutual = true },
    { "TLS 1.3, secp256r1 after a retry", "default", HF_TLS13, 0x1302, HF_GROUP_secp256r1,
      .retry = true },
    { "TLS 1.3, X25519MLKEM768", "default", HF_TLS13, 0x1303, HF_GROUP_x25519mlkem768,
      .mutual = false },
    { "TLS 1.3, resumed", "default", HF_TLS13, 0x1302, HF_GROUP_x25519, .resumed = true },
    { "TLS 1.3, resumed with early data", "default", HF_TLS13, 0x1301, HF_GROUP_x25519,
      .resumed = true, .early = true },
    { "TLS 1.3, a shared key", "default", HF_TLS13, 0x1301, HF_GROUP_x25519, .psk = true },
    { "TLS 1.2, ECDHE", "classroom", HF_TLS12, 0xc02b, HF_GROUP_x25519, .mutual = true },
    { "TLS 1.2, ECDHE, ChaCha20-Poly1305", "classroom", HF_TLS12, 0xcca9, HF_GROUP_secp256r1,
      .mutual = true },
    { "TLS 1.2, static RSA", "classroom", HF_TLS12, 0x009c, HF_GROUP_x25519, .rsa = true },
    { "TLS 1.2, resumed by ticket", "classroom", HF_TLS12, 0xc02b, HF_GROUP_x25519,
      .resumed = true },
    { "TLS 1.2, resumed by id", "classroom", HF_TLS12, 0xc02c, HF_GROUP_x25519, .resumed = true,
      .by_id = true },
    { "TLS 1.2, ECDHE_PSK", "iot", HF_TLS12, 0xd001, HF_GROUP_x25519, .psk = true },
    { "TLS 1.2, plain PSK", "iot", HF_TLS12, 0x00a8, HF_GROUP_x25519, .psk = true },
};

/* In TLS 1.2 a certificate's curve is one of the groups; Ed25519 is none. */
static hf_key_type key_of(const flow *f)
{
    if (f->rsa)
        return HF_KEY_RSA;
    return f->version == HF_TLS12 ? HF_KEY_ED25519 : HF_KEY_P256;
}

/* What both ends are made of. */
typedef struct scene {
    hf_policy policy;
    pair_options options;
    hf_sessions *sessions;
    hf_psks *psks[2];
    uint8_t session[16384];
} scene;

/* Whatever is on the wire, all can see. */
static void see(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    (void)p;
    (void)from;
    secret_publish(bytes, *len);
}

/* Connects, talks, and keeps the client's session if there is room for one. */
static void talk(const pair_options *o, uint8_t *session, size_t *len)
{
    pair p;

    pair_start(&p, o);
    p.tamper = see;
    pair_connect(&p);
    pair_send(&p, HF_CLIENT, "ping", 4);
    pair_send(&p, HF_SERVER, "pong", 4);
    assert_memory_equal(p.end[HF_CLIENT].data, "pong", 4);
    if (session) {
        hf_span written = hf_conn_session(p.end[HF_CLIENT].conn);
        assert_true(written.len > 0 && written.len <= sizeof((scene *)0)->session);
        memcpy(session, written.data, *len = written.len);
    } else if (o->session.len > 0) {
        assert_true(hf_conn_info_of(p.end[HF_SERVER].conn)->resumed);
    }
    pair_free(&p);
}

static void share_key(scene *s)
{
    for (int role = 0; role < 2; role++) {
        s->options.psks[role] = s->psks[role] = hf_psks_new();
        assert_int_equal(hf_psks_add(s->psks[role], hf_span_str("a device"),
                                     hf_span_str("32 bytes that both ends know ...")),
                         HF_OK);
    }
    s->options.no_identity = s->options.no_trust = true;
}

/* The first visit is a full handshake, its secrets marked as well. */
static void visit_before(scene *s, const flow *f)
{
    size_t len = 0;

    s->options.sessions = s->sessions = hf_sessions_new(&(hf_sessions_options){
        .tickets = !f->by_id, .entries = f->by_id ? 8 : 0, .lifetime = LIFETIME });
    assert_non_null(s->sessions);
    s->options.want_session = true;
    s->options.early_data[HF_CLIENT] = s->options.early_data[HF_SERVER] = f->early ? EARLY : 0;
    talk(&s->options, s->session, &len);
    s->options.session = hf_span_of(s->session, len);
    s->options.early = f->early ? hf_span_str("early data") : (hf_span){ NULL, 0 };
}

static void prepare(scene *s, const flow *f)
{
    s->policy = policy_of_version(f->policy, f->version);
    memset(s->policy.suites, 0, sizeof s->policy.suites);
    memset(s->policy.groups, 0, sizeof s->policy.groups);
    memset(s->policy.key_shares, 0, sizeof s->policy.key_shares);
    s->policy.suites[0] = f->suite;
    s->policy.groups[0] = f->group;
    s->policy.key_shares[0] = f->retry ? 0 : f->group;
    s->options = (pair_options){ .pki = shared_pki(key_of(f)),
                                 .policy = { &s->policy, &s->policy },
                                 .client_auth = f->mutual ? HF_CLIENT_AUTH_REQUIRE : 0,
                                 .client_identity = f->mutual };
    if (f->psk)
        share_key(s);
    if (f->resumed)
        visit_before(s, f);
}

/* True if secrets were there to be seen. */
static bool run(const void *about)
{
    struct secret_uses before = secret_uses;
    scene *s = calloc(1, sizeof *s);

    prepare(s, about);
    talk(&s->options, NULL, NULL);
    hf_sessions_free(s->sessions);
    hf_psks_free(s->psks[0]);
    hf_psks_free(s->psks[1]);
    free(s);
    return secret_uses.sealed >= before.sealed + 4 && secret_uses.opened >= before.opened + 4 &&
           secret_uses.compared > before.compared && secret_uses.derived > before.derived;
}

int main(void)
{
    secret_case cases[sizeof flows / sizeof *flows];
    size_t n = sizeof flows / sizeof *flows;

    for (size_t i = 0; i < n; i++)
        cases[i] = (secret_case){ flows[i].name, run, &flows[i] };
    return secret_run(cases, n, false);
}
