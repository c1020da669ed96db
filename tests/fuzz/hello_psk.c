/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A server with keys of every kind, its visitors, and what their bytes say. */
#include "fuzz/hello_psk.h"

#include "fuzz/pki.h"
#include "support/visit.h"

/* ---- the keys ---- */

enum { LIFETIME = 3600, STRIKES = 16 };

/* Tickets: good ones, then each with one thing wrong. */
typedef enum flaw {
    FLAW_NONE,
    FLAW_NAME,
    FLAW_EXPIRED,
    FLAW_CONTEXT,
    FLAW_VERSION,
    FLAW_FOREIGN
} flaw;

typedef struct ticket_row {
    uint16_t suite;
    flaw flaw;
} ticket_row;

static const ticket_row tickets[] = {
    { 0x1301, FLAW_NONE },    { 0x1302, FLAW_NONE },    { 0x1301, FLAW_NONE },
    { 0x1301, FLAW_NAME },    { 0x1301, FLAW_EXPIRED }, { 0x1301, FLAW_CONTEXT },
    { 0x1301, FLAW_VERSION }, { 0x1301, FLAW_FOREIGN },
};
enum { TICKETS = sizeof tickets / sizeof *tickets, EXTERNALS = PSK_KEYS - TICKETS };

static hf_identity *identity(void)
{
    static hf_identity *one;

    if (!one)
        one = pki_identity(fuzz_pki());
    return one;
}

static void describe(const psk_scene *s, size_t i, hf_session *state)
{
    const ticket_row *row = &tickets[i];
    bool expired = row->flaw == FLAW_EXPIRED;

    *state = (hf_session){ .version = row->flaw == FLAW_VERSION ? HF_TLS12 : HF_TLS13,
                           .cipher_suite = row->suite,
                           .secret_len = (uint8_t)s->keys[i].secret_len,
                           .created = TEST_NOW - LIFETIME / 2,
                           .expires = expired ? TEST_NOW : TEST_NOW + LIFETIME / 2,
                           .chain_expires = INT64_MAX,
                           .alpn = hf_span_str(PSK_PROTOCOL),
                           .ticket_age_add = s->keys[i].age_add,
                           .max_early_data = PSK_EARLY_MAX,
                           .issued_ms = PSK_ISSUED };
    state->server_name = hf_span_str(row->flaw == FLAW_NAME ? "example.test" : "localhost");
    memcpy(state->secret, s->keys[i].secret, s->keys[i].secret_len);
    memset(state->early_id, (int)i + 1, sizeof state->early_id);
    CHECK(hf_session_context(s->config, identity(), state->context) == HF_OK);
    state->context[0] ^= row->flaw == FLAW_CONTEXT;
}

static void make_ticket(psk_scene *s, size_t i)
{
    hf_sessions *by = tickets[i].flaw == FLAW_FOREIGN ? s->foreign : s->sessions;
    uint8_t room[HF_SESSION_STATE_MAX];
    hf_builder b = hf_wr_start(room, sizeof room);
    psk_key *key = &s->keys[i];
    hf_session state;
    hf_span bytes;
    size_t len;

    key->suite = tickets[i].suite;
    key->hash = hf_suite_of(key->suite)->hash;
    key->secret_len = hf_hash_len(key->hash);
    key->age_add = 0x9e3779b9u * (uint32_t)(i + 1);
    key->good = tickets[i].flaw == FLAW_NONE;
    memset(key->secret, (int)i + 1, key->secret_len);
    describe(s, i, &state);
    hf_session_write(&b, &state);
    CHECK(hf_wr_finish(&b, &bytes) == HF_OK);
    CHECK(hf_ticket_seal(by, NULL, TEST_NOW, bytes, key->ticket, &len) == HF_OK);
    key->identity = hf_span_of(key->ticket, len);
}

static void make_external(psk_scene *s, size_t i)
{
    static const char *const names[EXTERNALS] = { "device1", "device2" };
    psk_key *key = &s->keys[TICKETS + i];

    *key = (psk_key){ .identity = hf_span_str(names[i]),
                      .secret_len = 32,
                      .hash = HF_SHA256,
                      .external = true,
                      .good = true };
    memset(key->secret, 0x40 + (int)i, key->secret_len);
}

psk_key *psk_key_named(const psk_scene *s, hf_span identity)
{
    for (size_t i = 0; i < PSK_KEYS; i++)
        if (hf_span_equal(s->keys[i].identity, identity))
            return (psk_key *)(uintptr_t)&s->keys[i];
    return NULL;
}

/* ---- the server ---- */

static uint64_t clock_of(void *user)
{
    return ((psk_scene *)user)->clock_ms;
}

static hf_sessions *new_sessions(void)
{
    hf_sessions *made = hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .lifetime = LIFETIME, .strikes = STRIKES });

    CHECK(made);
    return made;
}

static hf_psks *psks(void)
{
    static hf_psks *set;
    psk_scene s;

    if (set)
        return set;
    set = hf_psks_new();
    for (size_t i = 0; i < EXTERNALS; i++) {
        make_external(&s, i);
        const psk_key *key = &s.keys[TICKETS + i];
        CHECK(hf_psks_add(set, key->identity, hf_span_of(key->secret, key->secret_len)) == HF_OK);
    }
    return set;
}

static hf_policy policy_for(uint8_t how)
{
    hf_policy policy = *hf_policy_named("default");

    memset(policy.groups, 0, sizeof policy.groups);
    memset(policy.key_shares, 0, sizeof policy.key_shares);
    policy.groups[0] = policy.key_shares[0] = HF_GROUP_x25519;
    policy.groups[1] = HF_GROUP_secp256r1;
    if (!(how & PSK_BOTH_VERSIONS))
        policy.min_version = HF_TLS13;
    return policy;
}

static void make_config(psk_scene *s)
{
    static const char *const protocols[] = { PSK_PROTOCOL };
    hf_policy policy = policy_for(s->how);
    hf_hooks hooks = { .wall_time = test_wall_time, .clock_ms = clock_of, .user = s };
    hf_config *c = hf_config_new(HF_SERVER, &policy);

    CHECK(c && hf_config_set_hooks(c, &hooks) == HF_OK);
    c->random = (hf_random){ fuzz_draw, &s->random };
    CHECK(hf_config_set_alpn(c, protocols, 1) == HF_OK);
    if (!(s->how & PSK_ONLY))
        CHECK(hf_config_add_identity(c, identity()) == HF_OK);
    if (!s->no_keys)
        CHECK(hf_config_set_psks(c, psks()) == HF_OK);
    CHECK(hf_config_set_sessions(c, s->sessions) == HF_OK);
    CHECK(hf_config_set(c, HF_SET_EARLY_DATA, s->how & PSK_EARLY_OFF ? 0 : 1000) == HF_OK);
    CHECK(hf_config_set(c, HF_SET_ALWAYS_RETRY, (s->how & PSK_RETRY) != 0) == HF_OK);
    CHECK(hf_config_seal(c) == HF_OK);
    s->config = c;
}

void psk_scene_start(psk_scene *s, uint8_t how)
{
    memset(s, 0, sizeof *s);
    s->how = how;
    s->no_keys = how & PSK_NO_KEYS && !(how & PSK_ONLY);
    s->clock_ms = PSK_ISSUED + 5000;
    s->worker = hf_worker_new();
    s->sessions = new_sessions();
    s->foreign = new_sessions();
    make_config(s);
    for (size_t i = 0; i < TICKETS; i++)
        make_ticket(s, i);
    for (size_t i = 0; i < EXTERNALS; i++)
        make_external(s, i);
}

void psk_scene_end(psk_scene *s)
{
    hf_config_free(s->config);
    hf_sessions_free(s->sessions);
    hf_sessions_free(s->foreign);
    hf_worker_free(s->worker);
}

void psk_time_passes(psk_scene *s, uint8_t how)
{
    if (how & 2)
        s->clock_ms += 1000u * (how >> 3);
    if (!(how & 4))
        return;
    CHECK(hf_sessions_rotate(s->sessions) == HF_OK);
    if (++s->rotations == 2)
        for (size_t i = 0; i < TICKETS; i++)
            s->keys[i].good = false;
}

/* ---- a visit ---- */

static void hear(void *user, const hf_trace_event *event)
{
    psk_visit *v = user;
    hostile_bytes body = { 0 };
    size_t at, len;

    if (event->kind != HF_TRACE_MESSAGE || strcmp(event->name, "ServerHello") != 0)
        return;
    hb_set(&body, hf_span_of(event->bytes.data + 4, event->bytes.len - 4));
    if (hb_extension(&body, HF_MSG_ServerHello, hf_extension_type(HF_EXT_pre_shared_key), &at,
                     &len)) {
        CHECK(len == 2);
        v->chosen = body.data[at] << 8 | body.data[at + 1];
    }
    hb_free(&body);
}

void psk_visit_start(psk_scene *s, psk_visit *v)
{
    *v = (psk_visit){ .chosen = -1, .ear = { hear, v } };
    v->conn = hf_conn_new(s->config, s->worker, &(hf_conn_options){ .trace = &v->ear });
    CHECK(v->conn);
}

void psk_visit_end(psk_visit *v)
{
    hf_conn_free(v->conn);
}

static uint8_t nth(size_t i)
{
    return (uint8_t)(i * 5 + 1);
}

static void take_early(psk_visit *v)
{
    hf_span data = hf_conn_data_out(v->conn);

    CHECK(hf_conn_info_of(v->conn)->early == HF_EARLY_ACCEPTED);
    for (size_t i = 0; i < data.len; i++)
        CHECK(data.data[i] == nth(v->n_early + i));
    v->n_early += data.len;
    hf_conn_data_taken(v->conn, data.len);
}

static void deliver(psk_visit *v, uint8_t *bytes, size_t len)
{
    hf_event event;
    size_t taken = 1;

    for (; len > 0 && taken > 0; bytes += taken, len -= taken) {
        taken = hf_conn_wire_in(v->conn, bytes, len);
        while ((event = hf_conn_next(v->conn)) != HF_EVENT_NONE) {
            CHECK(event == HF_EVENT_EARLY_DATA || event == HF_EVENT_FAILED);
            if (event == HF_EVENT_EARLY_DATA)
                take_early(v);
        }
        hf_conn_wire_sent(v->conn, hf_conn_wire_out(v->conn).len);
    }
}

/* The early keys of a visitor who names this key first (RFC 9846 7.1). */
static void early_keys(const psk_key *key, hf_span hello, hf_traffic *keys)
{
    uint8_t hash[HF_HASH_MAX], secret[HF_HASH_MAX];
    hf_schedule schedule;

    CHECK(hf_hash_once(key->hash, hello, hash) == HF_OK);
    CHECK(hf_schedule_early(&schedule, key->hash, hf_span_of(key->secret, key->secret_len)) ==
          HF_OK);
    CHECK(hf_derive_secret(key->hash, schedule.secret, "c e traffic", hash, secret) == HF_OK);
    CHECK(hf_traffic_keys(keys, hf_suite_of(key->suite), secret) == HF_OK);
}

static void send_early(psk_scene *s, psk_visit *v, const psk_key *key, hf_span hello, input *in)
{
    enum { RECORDS = 3, RECORD_MAX = 255 };
    uint8_t content[RECORD_MAX], *record;
    hf_traffic keys;

    early_keys(key, hello, &keys);
    for (int i = 0; i < RECORDS && in->left > 0; i++) {
        size_t n = input_u8(in), len = 0;
        for (size_t j = 0; j < n; j++)
            content[j] = nth(v->n_sent + j);
        hf_span part = hf_span_of(content, n);
        record = malloc(HF_RECORD_OVERHEAD + n);
        CHECK(record && hf_record_seal(s->worker->aead, &keys, HF_CT_APPLICATION_DATA, &part, 1, 0,
                                       record, &len) == HF_OK);
        v->n_sent += n;
        v->n_records++;
        deliver(v, record, len);
        free(record);
    }
    hf_aead_forget(s->worker->aead, &keys.key);
}

void psk_visit_run(psk_scene *s, psk_visit *v, const hostile_bytes *hello, input *in)
{
    hostile_bytes record = { 0 };
    hello_parts parts = { .n = 0 };
    uint8_t early = input_u8(in);

    if (hello->len == 0 || hello->len > HF_PLAINTEXT_MAX)
        return;
    hb_add_uint(&record, HF_CT_HANDSHAKE, 1);
    hb_add_uint(&record, 0x0301, 2);
    hb_add_uint(&record, hello->len, 2);
    hb_add(&record, hb_span(hello));
    deliver(v, record.data, record.len);
    hb_free(&record);
    if (!(early & 1) || !hello_parts_of(hb_span(hello), &parts) || parts.n == 0)
        return;
    const psk_key *key = psk_key_named(s, parts.identities[0]);
    if (key && !key->external)
        send_early(s, v, key, hb_span(hello), in);
}
