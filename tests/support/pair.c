/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Two ends in memory. */
#include "support/pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/rsa_premaster.h"
#include "handshake/engine.h"
#include "policy/policy.h"

int64_t test_wall_time(void *user)
{
    (void)user;
    return TEST_NOW;
}

/* ---- identities ---- */

const test_pki *shared_pki(hf_key_type type)
{
    static test_pki *made[HF_KEY_ED25519 + 1];

    if (!made[type])
        made[type] = test_pki_new(type);
    return made[type];
}

static hf_error sign_with(void *user, uint16_t scheme, hf_span message, uint8_t *signature,
                          size_t *len)
{
    const hf_scheme *s = hf_scheme_of(scheme);

    return hf_sign(user, s->kind, s->hash, message, signature, len);
}

static void schemes_for(hf_key_type type, uint16_t *out)
{
    const hf_scheme *s;
    size_t n = 0;

    for (size_t i = 0; (s = hf_scheme_row(i)) != NULL; i++)
        if (hf_scheme_fits(s, type, HF_TLS13) || hf_scheme_fits(s, type, HF_TLS12))
            out[n++] = s->code;
    out[n] = 0;
}

static void premaster_with(void *user, uint16_t client_version, hf_span ciphertext,
                           const uint8_t *substitute, uint8_t *premaster)
{
    hf_rsa_premaster(user, client_version, ciphertext, substitute, premaster);
}

static hf_identity *identity_of(const test_cert *leaf, const hf_span *chain)
{
    static const hf_signer_ops ops = { .sign = sign_with, .premaster = premaster_with };
    uint16_t schemes[HF_SIGNER_SCHEMES];
    hf_identity *id = NULL;

    schemes_for(hf_private_key_type(leaf->key), schemes);
    hf_signer *signer = hf_signer_new(&ops, (void *)(uintptr_t)leaf->key, schemes);
    assert_int_equal(hf_identity_new(&id, chain, 2, signer), HF_OK);
    hf_signer_free(signer);
    return id;
}

hf_identity *pki_identity(const test_pki *pki)
{
    return identity_of(pki->leaf, pki->chain);
}

hf_identity *pki_client_identity(const test_pki *pki)
{
    return identity_of(pki->client, pki->client_chain);
}

hf_identity *cert_identity(const test_cert *leaf, const test_cert *issuer, const test_cert *signer)
{
    hf_span chain[] = { test_cert_der(leaf), test_cert_der(issuer) };

    return identity_of(signer ? signer : leaf, chain);
}

hf_policy policy_of_version(const char *name, uint16_t version)
{
    hf_policy policy = *hf_policy_named(name);

    policy.min_version = policy.max_version = version;
    return policy;
}

void policy_add(uint16_t list[HF_POLICY_LIST], uint16_t code)
{
    while (*list)
        list++;
    *list = code;
}

/* ---- making ---- */

static size_t count(const char *const *names)
{
    size_t n = 0;

    while (n < 4 && names[n])
        n++;
    return n;
}

static void add_identity(hf_config *config, hf_identity *id)
{
    assert_int_equal(hf_config_add_identity(config, id), HF_OK);
    hf_identity_free(id);
}

static hf_config *make_config(const pair_options *o, hf_role role, const test_pki *pki)
{
    hf_policy tls13 = policy_of_version("default", HF_TLS13);
    hf_config *config = hf_config_new(role, o->policy[role] ? o->policy[role] : &tls13);
    hf_hooks hooks = o->hooks[role];

    if (!hooks.wall_time)
        hooks.wall_time = test_wall_time;
    assert_int_equal(hf_config_set_hooks(config, &hooks), HF_OK);
    assert_int_equal(hf_config_set_alpn(config, o->alpn[role], count(o->alpn[role])), HF_OK);
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set_sessions(config, o->store), HF_OK);
    assert_int_equal(hf_config_set_psks(config, o->psks[role]), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_EARLY_DATA, o->early_data[role]), HF_OK);
    if (role == HF_SERVER) {
        if (!o->no_identity)
            add_identity(config, pki_identity(pki));
        assert_int_equal(hf_config_set_sessions(config, o->sessions), HF_OK);
        assert_int_equal(hf_config_set(config, HF_SET_CLIENT_AUTH, (uint64_t)o->client_auth),
                         HF_OK);
    } else if (o->client_identity) {
        add_identity(config, pki_client_identity(pki));
    }
    if (!o->no_trust && (role == HF_CLIENT || o->client_auth))
        assert_int_equal(hf_config_set_trust(config, pki->trust), HF_OK);
    if (o->configure)
        o->configure(config, role, o->user);
    assert_int_equal(hf_config_seal(config), HF_OK);
    return config;
}

void pair_start(pair *p, const pair_options *options)
{
    static const pair_options defaults;
    const pair_options *o = options ? options : &defaults;
    const test_pki *pki = o->pki ? o->pki : shared_pki(HF_KEY_P256);
    const char *name = o->server_name ? o->server_name : "localhost";

    memset(p, 0, sizeof *p);
    p->worker = hf_worker_new();
    if (p->worker && getenv("HF_TEST_KEEP")) /* as in a build without AddressSanitizer */
        p->worker->blocks.most = 4;
    p->chunk = o->chunk;
    p->early = o->early;
    for (int role = 0; role < 2; role++) {
        hf_conn_options co = { .trace = o->trace[role] };
        if (role == HF_CLIENT) {
            co.server_name = name[0] ? name : NULL;
            co.verify_name = o->verify_name;
            co.session = o->session;
            co.want_session = o->want_session;
            co.endpoint = o->endpoint;
            co.psk_identity = o->psk_identity;
        }
        p->config[role] = make_config(o, (hf_role)role, pki);
        p->end[role].conn = hf_conn_new(p->config[role], p->worker, &co);
        assert_non_null(p->end[role].conn);
    }
}

void pair_free(pair *p)
{
    for (int role = 0; role < 2; role++) {
        hf_conn_free(p->end[role].conn);
        hf_config_free(p->config[role]);
        free(p->end[role].data);
        free(p->held[role]);
    }
    hf_worker_free(p->worker);
}

/* ---- running ---- */

static void take_data(pair_end *end)
{
    hf_span data = hf_conn_data_out(end->conn);

    end->data = realloc(end->data, end->n_data + data.len + 1);
    memcpy(end->data + end->n_data, data.data, data.len);
    end->n_data += data.len;
    hf_conn_data_taken(end->conn, data.len);
}

/* Whatever of it the connection takes. */
static void send_early(pair *p, hf_role role)
{
    hf_conn *conn = p->end[role].conn;
    hf_iovec part = { p->early.data, p->early.len };

    if (role != HF_CLIENT || p->early.len == 0 || hf_conn_info_of(conn)->early != HF_EARLY_OFFERED)
        return;
    size_t n = hf_conn_data_in(conn, &part, 1);
    p->early = hf_span_of(p->early.data + n, p->early.len - n);
}

void pair_events(pair *p, hf_role role)
{
    pair_end *end = &p->end[role];
    hf_event event;

    while ((event = hf_conn_next(end->conn)) != HF_EVENT_NONE) {
        if (end->n_log < PAIR_LOG)
            end->log[end->n_log++] = event;
        end->connected |= event == HF_EVENT_CONNECTED;
        end->failed |= event == HF_EVENT_FAILED;
        end->closed |= event == HF_EVENT_PEER_CLOSED;
        size_t before = end->n_data;
        if (event == HF_EVENT_DATA || event == HF_EVENT_EARLY_DATA)
            take_data(end);
        if (event == HF_EVENT_EARLY_DATA)
            end->n_early += end->n_data - before;
    }
    send_early(p, role);
}

/* What leaves `from` joins what the other end did not take. */
static void collect(pair *p, hf_role from, const uint8_t *bytes, size_t len)
{
    p->held[from] = realloc(p->held[from], p->n_held[from] + len);
    memcpy(p->held[from] + p->n_held[from], bytes, len);
    p->n_held[from] += len;
    p->carried[from] += len;
}

static bool offer(pair *p, hf_role from)
{
    size_t taken, all = 0;

    do {
        taken = hf_conn_wire_in(p->end[!from].conn, p->held[from], p->n_held[from]);
        pair_events(p, (hf_role)!from); /* data lies in these bytes until it is taken */
        memmove(p->held[from], p->held[from] + taken, p->n_held[from] - taken);
        p->n_held[from] -= taken;
        all += taken;
    } while (taken > 0 && p->n_held[from] > 0);
    return all > 0;
}

bool pair_carry(pair *p, hf_role from)
{
    hf_span out = hf_conn_wire_out(p->end[from].conn);
    size_t n = p->chunk && p->chunk < out.len ? p->chunk : out.len, len = n;

    if (n > 0) {
        uint8_t *copy = malloc(n + 64); /* room for a tamperer's additions */
        memcpy(copy, out.data, n);
        hf_conn_wire_sent(p->end[from].conn, n);
        if (p->tamper)
            p->tamper(p, from, copy, &len);
        collect(p, from, copy, len);
        free(copy);
    }
    bool taken = p->n_held[from] > 0 && offer(p, from);
    return n > 0 || taken;
}

void pair_run(pair *p)
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (int role = 0; role < 2; role++) {
            pair_events(p, (hf_role)role);
            moved |= pair_carry(p, (hf_role)role);
        }
    }
}

void pair_send(pair *p, hf_role from, const void *data, size_t len)
{
    size_t at = 0;

    while (at < len) {
        hf_iovec iov = { (const uint8_t *)data + at, len - at };
        size_t n = hf_conn_data_in(p->end[from].conn, &iov, 1);
        at += n;
        pair_run(p);
        if (n == 0 && !(hf_conn_wants(p->end[from].conn, NULL) & HF_WANT_CAN_SEND))
            fail_msg("%zu of %zu bytes could not be sent", len - at, len);
    }
    pair_run(p);
}

bool pair_saw(const pair_end *end, hf_event event)
{
    for (size_t i = 0; i < end->n_log; i++)
        if (end->log[i] == event)
            return true;
    return false;
}

static void print_failure(const char *who, const hf_failure *f)
{
    if (f)
        printf("%s: %s at %s, %s (offset %d): %s; expected %s, offered %s\n", who,
               hf_error_row_of(f->code)->name, f->step, f->field, (int)f->offset, f->rule,
               f->expected, f->offered);
}

void pair_connect(pair *p)
{
    pair_run(p);
    print_failure("client", hf_conn_failure(p->end[HF_CLIENT].conn));
    print_failure("server", hf_conn_failure(p->end[HF_SERVER].conn));
    assert_true(p->end[HF_CLIENT].connected);
    assert_true(p->end[HF_SERVER].connected);
}
