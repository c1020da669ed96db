/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whole handshakes of TLS 1.2 between two ends of ours, against values that tls12.py computed from
 * the RFCs without any code of ours (data/tls12.json).
 *
 *     the file gives                            our ends give, and must equal the file
 *     ----------------------------------------  ---------------------------------------------------
 *     random bytes: randoms, private keys,      ServerHello, Certificate, ServerKeyExchange with its
 *       session id, premaster secret            signature, both Finished: every message
 *     ClientHello, and the ClientKeyExchange    the master secret in the key log, the key block,
 *       of static RSA, whose padding libcrypto  the first two records under keys of each direction,
 *       draws (both through hf_override)        an exporter
 */
#include "support/pair.h"
#include "support/vector_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn/conn.h"
#include "crypto/rsa_premaster.h"

enum { DRAWS = 4, WIRE = 8192, NAME = 64 };

typedef struct run run;

typedef struct end {
    run *run;
    hf_role role;
    hf_span draws[DRAWS]; /* the random bytes that this end gets, in order */
    size_t n_draws, drawn;
    hf_trace_sink sink;
    unsigned messages, lines; /* compared */
    uint8_t wire[WIRE];       /* what it wrote */
    size_t n_wire;
} end;

struct run {
    vector_file file;
    const json_t *row, *given, *computed;
    bool resumes, static_rsa;
    test_pki pki;
    test_cert leaf;
    hf_private_key *key;
    end end[2];
    pair p;
};

/* ---- the file ---- */

static const json_t *row_named(const vector_file *f, const char *id)
{
    const json_t *row;
    size_t i;

    json_array_foreach(json_object_get(f->root, "handshakes"), i, row)
    {
        if (strcmp(vector_text(row, "id"), id) == 0)
            return row;
    }
    fail_msg("there is no handshake %s", id);
    return NULL;
}

static hf_span given(run *r, const char *name)
{
    return vector_hex(&r->file, r->given, name);
}

static hf_span computed(run *r, const char *name)
{
    return vector_hex(&r->file, r->computed, name);
}

static void compare(run *r, const char *name, hf_span found)
{
    vector_equal(name, found, computed(r, name));
}

/* "client_Finished" */
static const char *of(hf_role role, const char *what, char room[NAME])
{
    snprintf(room, NAME, "%s_%s", role == HF_CLIENT ? "client" : "server", what);
    return room;
}

static hf_span random_of(hf_span hello)
{
    return hf_span_of(hello.data + HF_HANDSHAKE_HEADER + 2, HF_RANDOM);
}

static hf_span session_id_of(hf_span hello)
{
    const uint8_t *at = hello.data + HF_HANDSHAKE_HEADER + 2 + HF_RANDOM;

    return hf_span_of(at + 1, at[0]);
}

/* ---- what the file gives ---- */

static bool draw(void *user, uint8_t *out, size_t len)
{
    end *e = user;

    if (e->drawn == e->n_draws || e->draws[e->drawn].len != len)
        return false;
    memcpy(out, e->draws[e->drawn++].data, len);
    return true;
}

static void give(run *r, hf_role role, hf_span bytes)
{
    end *e = &r->end[role];

    assert_true(e->n_draws < DRAWS);
    e->draws[e->n_draws++] = bytes;
}

/* What a server of static RSA draws for a secret that does not decrypt. */
static const uint8_t substitute[HF_PREMASTER];

/* In the engine's order. */
static void give_draws(run *r)
{
    give(r, HF_CLIENT, random_of(given(r, "ClientHello")));
    give(r, HF_SERVER, random_of(given(r, "ServerHello")));
    if (r->resumes)
        return;
    give(r, HF_SERVER, session_id_of(given(r, "ServerHello")));
    if (r->static_rsa) {
        give(r, HF_CLIENT, given(r, "premaster"));
        give(r, HF_SERVER, hf_span_of(substitute, sizeof substitute));
    } else {
        give(r, HF_CLIENT, given(r, "client_private_key"));
        give(r, HF_SERVER, given(r, "server_private_key"));
    }
}

/* The ciphertext that is replaced must hold the secret that was drawn: else the client would know another one. */
static void check_ciphertext(run *r, hf_span body)
{
    uint8_t found[HF_PREMASTER];

    hf_rsa_premaster(r->key, HF_TLS12, hf_span_of(body.data + 2, body.len - 2), substitute, found);
    compare(r, "premaster_secret", hf_span_of(found, sizeof found));
}

static bool give_body(void *user, hf_msg msg, hf_span *body)
{
    run *r = user;
    hf_span message;

    if (msg == HF_MSG_ClientHello)
        message = given(r, "ClientHello");
    else if (msg == HF_MSG_ClientKeyExchange && r->static_rsa)
        message = computed(r, "ClientKeyExchange");
    else
        return false;
    if (msg == HF_MSG_ClientKeyExchange)
        check_ciphertext(r, *body);
    *body = hf_span_of(message.data + HF_HANDSHAKE_HEADER, message.len - HF_HANDSHAKE_HEADER);
    return true;
}

/* The server's chain is leaf and root, the client trusts the root. */
static void make_pki(run *r)
{
    const json_t *all = json_object_get(r->file.root, "certificates");
    const json_t *own = json_object_get(all, vector_text(r->given, "certificate"));
    hf_span pem = hf_span_str(vector_text(own, "key"));

    r->pki.chain[0] = vector_hex(&r->file, own, "leaf");
    r->pki.chain[1] = vector_hex(&r->file, all, "root");
    assert_int_equal(hf_private_key_from_pem(&r->key, pem, NULL), HF_OK);
    r->leaf.key = r->key;
    r->pki.leaf = &r->leaf;
    r->pki.trust = hf_trust_new();
    assert_int_equal(hf_trust_add_der(r->pki.trust, r->pki.chain[1]), HF_OK);
}

/* ---- what the ends give ---- */

static const char *name_of(const hf_trace_event *event, char room[NAME])
{
    return strcmp(event->name, "Finished") == 0 ? of(event->writer, "Finished", room) : event->name;
}

static bool is_hello(const char *name)
{
    return strcmp(name, "ClientHello") == 0 || strcmp(name, "ServerHello") == 0;
}

static void watch(void *user, const hf_trace_event *event)
{
    end *e = user;
    char room[NAME];

    if (event->kind != HF_TRACE_MESSAGE || event->content_type != HF_CT_HANDSHAKE)
        return;
    const char *name = name_of(event, room);
    vector_equal(name, event->bytes, is_hello(name) ? given(e->run, name) : computed(e->run, name));
    e->messages++;
}

/* RFC 9850: "CLIENT_RANDOM <client random> <master secret>" */
static void watch_keylog(void *user, const char *line)
{
    enum { RANDOM_AT = 2 * (HF_HANDSHAKE_HEADER + 2), DIGITS = 2 * HF_RANDOM };
    end *e = user;
    char expected[HF_KEYLOG_LINE];

    snprintf(expected, sizeof expected, "CLIENT_RANDOM %.*s %s", DIGITS,
             vector_text(e->run->given, "ClientHello") + RANDOM_AT,
             vector_text(e->run->computed, "master_secret"));
    assert_string_equal(line, expected);
    e->lines++;
}

static void watch_wire(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    run *r = p->user;
    end *e = &r->end[from];

    assert_true(e->n_wire + *len <= sizeof e->wire);
    memcpy(e->wire + e->n_wire, bytes, *len);
    e->n_wire += *len;
}

/* ---- a run ---- */

static void configure(hf_config *config, hf_role role, void *user)
{
    if (role == HF_CLIENT)
        config->override = (hf_override){ give_body, user };
}

static void open_row(run *r, const char *id)
{
    *r = (run){ .resumes = false };
    vector_open(&r->file, "tls12.json");
    r->row = row_named(&r->file, id);
    r->given = json_object_get(r->row, "given");
    r->computed = json_object_get(r->row, "computed");
    r->resumes = json_object_get(r->given, "session_of") != NULL;
    r->static_rsa = json_object_get(r->given, "premaster") != NULL;
    make_pki(r);
    give_draws(r);
}

static void start(run *r, const char *id, hf_sessions *sessions, hf_span session, size_t chunk)
{
    hf_policy policy = policy_of_version("classroom", HF_TLS12);

    open_row(r, id);
    policy.client_grease = false; /* it draws random bytes */
    pair_options o = { .pki = &r->pki,
                       .policy = { &policy, &policy },
                       .chunk = chunk,
                       .configure = configure,
                       .user = r,
                       .sessions = sessions,
                       .session = session,
                       .want_session = true,
                       .endpoint = "localhost:443" };
    for (int role = 0; role < 2; role++) {
        end *e = &r->end[role];
        e->run = r;
        e->role = (hf_role)role;
        e->sink = (hf_trace_sink){ watch, e };
        o.trace[role] = &e->sink;
        o.hooks[role] = (hf_hooks){ .random = draw, .keylog = watch_keylog, .user = e };
    }
    pair_start(&r->p, &o);
    r->p.tamper = watch_wire;
    r->p.user = r;
}

static void stop(run *r)
{
    pair_free(&r->p);
    hf_trust_free(r->pki.trust);
    hf_private_key_free(r->key);
    vector_close(&r->file);
}

/* ---- comparing ---- */

/* The n-th record after the end's ChangeCipherSpec. */
static hf_span protected_record(const end *e, size_t n)
{
    bool changed = false;

    for (size_t at = 0, len; at + HF_RECORD_HEADER <= e->n_wire; at += len) {
        len = HF_RECORD_HEADER + (size_t)(e->wire[at + 3] << 8 | e->wire[at + 4]);
        assert_true(at + len <= e->n_wire);
        if (changed && n-- == 0)
            return hf_span_of(e->wire + at, len);
        changed |= e->wire[at] == HF_CT_CHANGE_CIPHER_SPEC;
    }
    fail_msg("a record is missing");
    return (hf_span){ NULL, 0 };
}

/* What stands in an end's keys for one direction: that writer's part of the key_block. */
static void compare_keys(run *r, hf_role writer, const hf_traffic *keys)
{
    char room[NAME];
    const char *iv = of(writer, "write_IV", room);

    compare(r, iv, hf_span_of(keys->iv, computed(r, iv).len));
    compare(r, of(writer, "write_key", room),
            hf_span_of(keys->key.key, hf_aead_key_len(keys->key.id)));
}

/* Without extended_main_secret two connections may share their secrets: nothing is exported (RFC 7627 5.4). */
static void compare_exporter(run *r, hf_conn *conn)
{
    uint8_t exported[32];
    bool extended = hf_conn_info_of(conn)->extended_main_secret;

    assert_int_equal(hf_conn_export(conn, vector_text(r->given, "exporter_label"),
                                    given(r, "exporter_context"), exported, sizeof exported),
                     extended ? HF_OK : HF_E_MISUSE);
    if (extended)
        compare(r, "exporter", hf_span_of(exported, sizeof exported));
}

static void compare_end(run *r, hf_role role)
{
    hf_conn *conn = r->p.end[role].conn;
    char room[NAME];

    compare_keys(r, role, &conn->out.keys);
    compare_keys(r, (hf_role)!role, &conn->in.keys);
    compare(r, of(role, "Finished_record", room), protected_record(&r->end[role], 0));
    compare(r, of(role, "data_record", room), protected_record(&r->end[role], 1));
    compare_exporter(r, conn);
}

/* Nothing was left out: every draw used, every message and the key log compared. */
static void assert_complete(run *r, hf_role role)
{
    const end *e = &r->end[role];
    const hf_conn_info *info = hf_conn_info_of(r->p.end[role].conn);
    unsigned full = r->static_rsa ? 7 : 8; /* static RSA has no ServerKeyExchange */

    assert_int_equal(e->drawn, e->n_draws);
    assert_int_equal(e->messages, r->resumes ? 4 : full);
    assert_int_equal(e->lines, 1);
    assert_int_equal(info->resumed, r->resumes);
    assert_int_equal(info->peer_verified, role == HF_CLIENT);
}

static void talk(run *r)
{
    for (int role = 0; role < 2; role++) {
        char room[NAME];
        hf_span data = given(r, of((hf_role)role, "data", room));
        pair_send(&r->p, (hf_role)role, data.data, data.len);
        vector_equal("data", hf_span_of(r->p.end[!role].data, r->p.end[!role].n_data), data);
    }
}

static void complete(run *r)
{
    pair_connect(&r->p);
    talk(r);
    for (int role = 0; role < 2; role++) {
        compare_end(r, (hf_role)role);
        assert_complete(r, (hf_role)role);
    }
}

/* ---- the handshakes ---- */

static void full(const char *id, bool extended, uint16_t suite)
{
    for (size_t chunk = 0; chunk < 2; chunk++) {
        hf_sessions *sessions = hf_sessions_new(
            &(hf_sessions_options){ .tickets = false, .entries = 4, .lifetime = 3600 });
        static run r;

        start(&r, id, sessions, hf_span_of(NULL, 0), chunk);
        complete(&r);
        const hf_conn_info *info = hf_conn_info_of(r.p.end[HF_CLIENT].conn);
        assert_int_equal(info->extended_main_secret, extended);
        assert_int_equal(info->cipher_suite, suite);
        stop(&r);
        hf_sessions_free(sessions);
    }
}

static void abbreviated(const char *id)
{
    hf_sessions *sessions =
        hf_sessions_new(&(hf_sessions_options){ .tickets = false, .entries = 4, .lifetime = 3600 });
    static run first, second;

    open_row(&second, id);
    start(&first, vector_text(second.given, "session_of"), sessions, hf_span_of(NULL, 0), 0);
    stop(&second);
    complete(&first);
    start(&second, id, sessions, hf_conn_session(first.p.end[HF_CLIENT].conn), 0);
    complete(&second);
    stop(&second);
    stop(&first);
    hf_sessions_free(sessions);
}

/* RFC 5246 figure 1, RFC 8422, RFC 7627, RFC 5288 */
static void ecdhe(void **state)
{
    (void)state;
    full("ecdhe-aes-128-gcm", true, HF_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);
}

/* The PRF's hash is the suite's (RFC 5289 3). */
static void ecdhe_sha384(void **state)
{
    (void)state;
    full("ecdhe-aes-256-gcm", true, HF_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384);
}

/* RFC 7905, and an Ed25519 certificate (RFC 8422 5.4). */
static void ecdhe_chacha20(void **state)
{
    (void)state;
    full("ecdhe-chacha20-poly1305", true, HF_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256);
}

static void ecdhe_classic(void **state)
{
    (void)state;
    full("ecdhe-without-extended-main-secret", false, HF_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);
}

/* The textbooks' handshake (RFC 5246 7.4.7.1), with the master secret of RFC 5246 8.1 and with that of RFC 7627. */
static void static_rsa(void **state)
{
    (void)state;
    full("static-rsa", false, HF_TLS_RSA_WITH_AES_128_GCM_SHA256);
    full("static-rsa-extended-main-secret", true, HF_TLS_RSA_WITH_AES_128_GCM_SHA256);
}

/* RFC 5246 figure 2: the server's Finished comes first, the master secret is the session's. */
static void resumed(void **state)
{
    (void)state;
    abbreviated("abbreviated");
    abbreviated("abbreviated-static-rsa");
}

/* The file holds these handshakes and no others, so that none is computed and never run. */
static void all_are_run(void **state)
{
    static const char *const ids[] = {
        "ecdhe-aes-128-gcm",
        "ecdhe-aes-256-gcm",
        "ecdhe-chacha20-poly1305",
        "ecdhe-without-extended-main-secret",
        "static-rsa",
        "static-rsa-extended-main-secret",
        "abbreviated",
        "abbreviated-static-rsa",
    };
    vector_file f;

    (void)state;
    vector_open(&f, "tls12.json");
    const json_t *rows = json_object_get(f.root, "handshakes");
    assert_int_equal(json_array_size(rows), sizeof ids / sizeof *ids);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_string_equal(vector_text(json_array_get(rows, i), "id"), ids[i]);
    vector_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecdhe),          cmocka_unit_test(ecdhe_sha384),
        cmocka_unit_test(ecdhe_chacha20), cmocka_unit_test(ecdhe_classic),
        cmocka_unit_test(static_rsa),     cmocka_unit_test(resumed),
        cmocka_unit_test(all_are_run),
    };

    return cmocka_run_group_tests_name("tls12", tests, NULL, NULL);
}
