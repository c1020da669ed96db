/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The two ends of a replay: their policies and configs, and what the trace gives them. */
#include "support/rfc8448.h"

#include <string.h>

enum { EARLY_DATA = 1024 };    /* as much as the trace's ticket allows */
enum { IN_2017 = 1483228800 }; /* the trace's certificate is good from 2016-07-30 to 2026-07-30 */

/* ---- what the trace gives: random bytes ---- */

/* One draw is one value of the trace: another length, or one draw too many, fails the handshake. */
static bool draw(void *user, uint8_t *out, size_t len)
{
    replay_end *end = user;

    if (end->drawn == end->n_draws || end->draws[end->drawn].len != len)
        return false;
    memcpy(out, end->draws[end->drawn++].data, len);
    return true;
}

static void give_draw(replay_end *end, hf_span bytes)
{
    assert_true(end->n_draws < REPLAY_DRAWS);
    end->draws[end->n_draws++] = bytes;
}

/* The random of a hello stands after its legacy_version. */
static hf_span random_of(hf_span hello)
{
    return hf_span_of(hello.data + HF_HANDSHAKE_HEADER + 2, HF_RANDOM);
}

/* In the engine's order: the private key of a share is made first (crypto/kex.h), then the hello is
   written (client_hello.c, server_hello.c). After a HelloRetryRequest the client draws only one more
   key: its random stays. */
static void give_draws(replay *r, bool retry)
{
    replay_end *client = &r->end[HF_CLIENT], *server = &r->end[HF_SERVER];

    give_draw(client, replay_value(r, "client_x25519_private_key"));
    give_draw(client, random_of(replay_value(r, "ClientHello")));
    if (retry)
        give_draw(client, replay_value(r, "client_secp256r1_private_key"));
    give_draw(server, replay_value(r, retry ? "server_secp256r1_private_key"
                                            : "server_x25519_private_key"));
    give_draw(server, random_of(replay_value(r, "ServerHello")));
}

/* ---- what the trace gives: bodies ---- */

static const char *value_of(replay_end *end, hf_msg msg)
{
    bool own = end->replay->options.own_certificate;

    switch (msg) {
    case HF_MSG_ClientHello: return end->hellos++ == 0 ? "ClientHello" : "ClientHello2";
    case HF_MSG_HelloRetryRequest: return "HelloRetryRequest";
    case HF_MSG_EncryptedExtensions: return "EncryptedExtensions";
    case HF_MSG_Certificate: return own ? NULL : "server_Certificate";
    case HF_MSG_CertificateVerify: return own ? NULL : "server_CertificateVerify";
    case HF_MSG_NewSessionTicket: return "NewSessionTicket";
    case HF_MSG_ServerHello: return replay_resumes(end->replay) ? "ServerHello" : NULL;
    default: return NULL; /* EndOfEarlyData, Finished: the engine's own */
    }
}

static bool give_body(void *user, hf_msg msg, hf_span *body)
{
    replay_end *end = user;
    const replay_options *o = &end->replay->options;
    const char *name = value_of(end, msg);

    if (!name)
        return false;
    hf_span message = replay_value(end->replay, name);
    if (msg == HF_MSG_ServerHello)
        replay_compare_hellos(end->replay, *body, message);
    if (o->flip_body && strcmp(o->flip_body, name) == 0)
        ((uint8_t *)(uintptr_t)message.data)[o->flip_at] ^= 1;
    *body = hf_span_of(message.data + HF_HANDSHAKE_HEADER, message.len - HF_HANDSHAKE_HEADER);
    return true;
}

/* ---- configs ---- */

static int64_t wall_time(void *user)
{
    (void)user;
    return IN_2017;
}

/* The default policy, relaxed where the trace is older than it. */
static hf_policy policy_for(hf_role role, bool retry)
{
    hf_policy p = *hf_policy_named("default");

    p.name = "rfc8448";
    p.rsa_min_bits = 1024;   /* the server's certificate */
    p.client_grease = false; /* two things that draw random bytes, which the trace does not have */
    p.middlebox_compat = false;
    p.tickets = 0; /* they are sent when the trace does */
    memset(p.groups, 0, sizeof p.groups);
    memset(p.key_shares, 0, sizeof p.key_shares);
    if (role == HF_CLIENT) {
        p.groups[0] = p.key_shares[0] = HF_GROUP_x25519;
        p.groups[1] = HF_GROUP_secp256r1;
    } else {
        p.groups[0] = retry ? HF_GROUP_secp256r1 : HF_GROUP_x25519;
    }
    return p;
}

/* RSA-PSS is randomised: a signer can only give the trace's signature back, if it is asked to be
   right at all (own_certificate); else the override puts the message in its place. */
static hf_error sign(void *user, uint16_t scheme, hf_span message, uint8_t *signature, size_t *len)
{
    enum { AT = HF_HANDSHAKE_HEADER + 4 }; /* after algorithm and length */
    replay *r = user;
    hf_span verify = replay_value(r, "server_CertificateVerify");

    assert_int_equal(scheme, HF_SCHEME_rsa_pss_rsae_sha256);
    assert_int_equal(message.len, 64 + 33 + 1 + 32); /* RFC 9846 4.5.2, with SHA-256 */
    *len = verify.len - AT;
    memset(signature, 0, *len);
    if (r->options.own_certificate)
        memcpy(signature, verify.data + AT, *len);
    return HF_OK;
}

/* Who comes back comes to the server of the first trace. */
static hf_span certificate_of(replay *r)
{
    return replay_resumes(r) ? replay_first_value(r, "server_certificate_der")
                             : replay_value(r, "server_certificate_der");
}

static void add_identity(replay *r, hf_config *config)
{
    static const hf_signer_ops ops = { .sign = sign };
    const uint16_t schemes[] = { HF_SCHEME_rsa_pss_rsae_sha256, 0 };
    hf_span certificate = certificate_of(r);
    hf_signer *signer = hf_signer_new(&ops, r, schemes);
    hf_identity *id;

    assert_int_equal(hf_identity_new(&id, &certificate, 1, signer), HF_OK);
    assert_int_equal(hf_config_add_identity(config, id), HF_OK);
    hf_identity_free(id);
    hf_signer_free(signer);
}

/* The self-signed certificate is trusted as it stands, so that it is only its name ("rsa", in the
   subject, where nobody looks any more) that the client has to close its eyes to. Who comes back looks at
   no certificate. */
static void add_trust(replay *r, hf_config *config)
{
    hf_trust *trust = hf_trust_new();

    assert_int_equal(hf_trust_add_der(trust, certificate_of(r)), HF_OK);
    assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_INSECURE, !replay_resumes(r)), HF_OK);
    hf_trust_free(trust);
}

static void start_end(replay *r, hf_role role, bool retry)
{
    replay_end *end = &r->end[role];
    hf_policy policy = policy_for(role, retry);
    hf_hooks hooks = {
        .random = draw, .wall_time = wall_time, .keylog = replay_watch_keylog, .user = end
    };
    hf_trace_sink sink = { replay_watch, end };
    hf_conn_options options = { .server_name = role == HF_CLIENT ? "server" : NULL,
                                .trace = &sink };

    end->replay = r;
    end->role = role;
    end->config = hf_config_new(role, &policy);
    assert_int_equal(hf_config_set_hooks(end->config, &hooks), HF_OK);
    if (role == HF_SERVER)
        add_identity(r, end->config);
    else
        add_trust(r, end->config);
    if (replay_resumes(r) && role == HF_SERVER)
        replay_give_ticket(r, end->config);
    if (replay_resumes(r))
        assert_int_equal(hf_config_set(end->config, HF_SET_EARLY_DATA, EARLY_DATA), HF_OK);
    end->config->override = (hf_override){ give_body, end };
    assert_int_equal(hf_config_seal(end->config), HF_OK);
    if (replay_resumes(r) && role == HF_CLIENT)
        options.session = replay_session(r, end->config);
    end->conn = hf_conn_new(end->config, r->worker, &options);
    assert_non_null(end->conn);
}

void replay_make_ends(replay *r)
{
    bool retry = json_object_get(r->values, "HelloRetryRequest") != NULL;

    give_draws(r, retry);
    start_end(r, HF_CLIENT, retry);
    start_end(r, HF_SERVER, retry);
}
