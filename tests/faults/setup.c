/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Both roles' settings, made of texts as an application has them. */
#include "tests/faults/setup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto/pem.h"
#include "tests/faults/judge.h"
#include "tests/faults/memory.h"
#include "tests/faults/scene.h"

/* ---- the texts ---- */

typedef enum form { PKCS8, ENCRYPTED, OLD_FORM, OLD_ENCRYPTION } form;

static const struct {
    const char *name;
    hf_key_type key;
    form form;
} ways[] = {
    { "settings, P-256", HF_KEY_P256, PKCS8 },
    { "settings, P-256 in the old form", HF_KEY_P256, OLD_FORM },
    { "settings, Ed25519", HF_KEY_ED25519, PKCS8 },
    { "settings, RSA", HF_KEY_RSA, PKCS8 },
    { "settings, encrypted key", HF_KEY_P256, ENCRYPTED },
    { "settings, key in the old encryption", HF_KEY_P256, OLD_ENCRYPTION },
};

enum { WAYS = sizeof ways / sizeof *ways, TEXT_MAX = 8192 };
static const char password[] = "open, sesame";

typedef struct texts {
    char chain[2][TEXT_MAX], key[2][TEXT_MAX], ca[TEXT_MAX];
    uint8_t secret[2][MEMORY_SECRET]; /* of each key; zeroes: not known */
} texts;

size_t setup_count(void)
{
    return WAYS;
}

const char *setup_name(size_t i)
{
    return ways[i].name;
}

static void add_pem(char *text, const test_cert *cert)
{
    char *pem = test_cert_pem(cert);

    assert_true(strlen(text) + strlen(pem) < TEXT_MAX);
    strcat(text, pem);
    hf_free(pem);
}

/* RFC 5915 3, RFC 8410 7: the private key is an OCTET STRING of 32 bytes. */
static void find_secret(const char *pem, uint8_t secret[MEMORY_SECRET])
{
    hf_span text = hf_span_str(pem);
    hf_pem_block block;
    uint8_t *der;
    size_t len;

    assert_true(hf_pem_find(&text, &block));
    assert_int_equal(hf_pem_decode(&block, &der, &len), HF_OK);
    for (size_t i = 0; i + 2 + MEMORY_SECRET <= len; i++)
        if (der[i] == 4 && der[i + 1] == MEMORY_SECRET) {
            memcpy(secret, der + i + 2, MEMORY_SECRET);
            break;
        }
    hf_free_secret(der, block.body.len);
}

/* libcrypto writes the other forms. */
static void rewrite_key(char *text, form wanted)
{
    BIO *in = BIO_new_mem_buf(text, -1), *out = BIO_new(BIO_s_mem());
    EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
    void *user = (void *)(uintptr_t)password;
    int n = 0;

    if (wanted == ENCRYPTED)
        n = PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_128_cbc(), NULL, 0, NULL, user);
    else
        n = PEM_write_bio_PrivateKey_traditional(
            out, key, wanted == OLD_ENCRYPTION ? EVP_aes_128_cbc() : NULL, NULL, 0, NULL, user);
    assert_int_equal(n, 1);
    n = BIO_read(out, text, TEXT_MAX - 1);
    assert_true(n > 0);
    text[n] = '\0';
    EVP_PKEY_free(key);
    BIO_free(in);
    BIO_free(out);
}

static void write_texts(texts *t, size_t way)
{
    const test_pki *pki = shared_pki(ways[way].key);
    const test_cert *leaf[2] = { pki->client, pki->leaf };

    memset(t, 0, sizeof *t);
    add_pem(t->ca, pki->root);
    for (int role = 0; role < 2; role++) {
        uint8_t *pem;
        size_t len;
        add_pem(t->chain[role], leaf[role]);
        add_pem(t->chain[role], pki->intermediate);
        assert_int_equal(hf_private_key_to_pem(leaf[role]->key, &pem, &len), HF_OK);
        snprintf(t->key[role], sizeof t->key[role], "%.*s", (int)len, (const char *)pem);
        hf_free_secret(pem, len);
        if (ways[way].key != HF_KEY_RSA)
            find_secret(t->key[role], t->secret[role]);
        if (ways[way].form != PKCS8)
            rewrite_key(t->key[role], ways[way].form);
    }
}

/* ---- the settings ---- */

typedef struct made {
    hf_trust *trust[2];
    hf_identity *identity[2];
    hf_sessions *sessions[2];
    hf_psks *psks[2];
    hf_config *config[2];
    hf_worker *worker[2];
    hf_conn *conn[2];
    size_t trusted[2];
    hf_error error; /* the first */
    bool refused;   /* a function that has no error to give */
} made;

static bool good(made *m, hf_error e)
{
    if (e != HF_OK && m->error == HF_OK && !m->refused)
        m->error = e;
    return e == HF_OK;
}

static bool given(made *m, const void *object)
{
    if (!object && m->error == HF_OK)
        m->refused = true;
    return object != NULL;
}

static bool make_sessions(made *m, int role)
{
    static const uint8_t keys[2][HF_TICKET_KEY] = { { 1 }, { 2 } };
    hf_sessions_options o = { .tickets = role == HF_SERVER,
                              .entries = 8,
                              .lifetime = 3600,
                              .strikes = role == HF_SERVER ? 16 : 0 };

    if (!given(m, m->sessions[role] = hf_sessions_new(&o)))
        return false;
    return role == HF_CLIENT || (good(m, hf_sessions_rotate(m->sessions[role])) &&
                                 good(m, hf_sessions_set_keys(m->sessions[role], keys, 2)));
}

static bool make_parts(made *m, const texts *t, int role)
{
    return given(m, m->trust[role] = hf_trust_new()) &&
           good(m, hf_trust_add_pem(m->trust[role], hf_span_str(t->ca), &m->trusted[role])) &&
           good(m, hf_identity_from_pem(&m->identity[role], hf_span_str(t->chain[role]),
                                        hf_span_str(t->key[role]), password)) &&
           given(m, m->psks[role] = hf_psks_new()) &&
           good(m, hf_psks_add(m->psks[role], hf_span_str("a device"), hf_span_str(FLOW13_KEY))) &&
           make_sessions(m, role);
}

static bool make_config(made *m, int role)
{
    static const char *const alpn[] = { "h2", "http/1.1" };
    const hf_hooks hooks = { .wall_time = test_wall_time };
    hf_config *c = hf_config_new((hf_role)role, hf_policy_named("default"));

    m->config[role] = c;
    return given(m, c) && good(m, hf_config_set_hooks(c, &hooks)) &&
           good(m, hf_config_set_trust(c, m->trust[role])) &&
           good(m, hf_config_add_identity(c, m->identity[role])) &&
           good(m, hf_config_set_alpn(c, alpn, 2)) &&
           good(m, hf_config_set_sessions(c, m->sessions[role])) &&
           good(m, hf_config_set_psks(c, m->psks[role])) &&
           good(m, hf_config_set(c, HF_SET_CLIENT_AUTH, HF_CLIENT_AUTH_REQUEST)) &&
           good(m, hf_config_seal(c));
}

static bool make_connection(made *m, int role)
{
    const hf_conn_options o = { .server_name = role == HF_CLIENT ? "localhost" : NULL,
                                .want_session = true };

    return given(m, m->worker[role] = hf_worker_new()) &&
           given(m, m->conn[role] = hf_conn_new(m->config[role], m->worker[role], &o));
}

static bool make(made *m, const texts *t)
{
    for (int role = 0; role < 2; role++) {
        fault_side = role;
        if (!make_parts(m, t, role) || !make_config(m, role) || !make_connection(m, role))
            return false;
    }
    return true;
}

static void unmake(made *m)
{
    for (int role = 0; role < 2; role++) {
        hf_conn_free(m->conn[role]);
        hf_worker_free(m->worker[role]);
        hf_config_free(m->config[role]);
        hf_psks_free(m->psks[role]);
        hf_sessions_free(m->sessions[role]);
        hf_identity_free(m->identity[role]);
        hf_trust_free(m->trust[role]);
    }
    fault_side = FAULT_NOBODY;
}

/* ---- what was made works ---- */

static bool carry(made *m, int from)
{
    hf_span out = hf_conn_wire_out(m->conn[from]);
    uint8_t *copy = malloc(out.len + 1);

    memcpy(copy, out.data ? out.data : copy, out.len);
    hf_conn_wire_sent(m->conn[from], out.len);
    for (size_t at = 0, n = 1; at < out.len && n > 0; at += n)
        n = hf_conn_wire_in(m->conn[!from], copy + at, out.len - at);
    free(copy);
    return out.len > 0;
}

static bool connects(made *m)
{
    bool connected[2] = { false, false }, moved = true;
    hf_event event;

    while (moved) {
        moved = false;
        for (int role = 0; role < 2; role++) {
            while ((event = hf_conn_next(m->conn[role])) != HF_EVENT_NONE)
                connected[role] |= event == HF_EVENT_CONNECTED;
            moved |= carry(m, role);
        }
    }
    return connected[0] && connected[1];
}

/* ---- one try ---- */

static const texts *texts_of(size_t way)
{
    static texts written[WAYS];

    if (!written[way].ca[0])
        write_texts(&written[way], way);
    return &written[way];
}

static void begin(const texts *t)
{
    static const uint8_t unknown[MEMORY_SECRET];

    memory_forget_all();
    for (int role = 0; role < 2; role++)
        if (memcmp(t->secret[role], unknown, sizeof unknown) != 0)
            memory_remember("the private key", t->secret[role], false, 0);
    memory_remember("the shared key", (const uint8_t *)FLOW13_KEY, false, 2);
}

static size_t try(size_t way, const fault_plan *plan, made *m, bool *works)
{
    const texts *t = texts_of(way);

    begin(t);
    *m = (made){ .error = HF_OK };
    fault_arm(plan);
    bool whole = make(m, t);
    if (whole) {
        fault_pause(true);
        memory_search(false);
        *works = m->trusted[0] == 1 && m->trusted[1] == 1 && connects(m);
        fault_pause(false);
    }
    unmake(m);
    return fault_disarm();
}

void setup_learn(size_t way, unsigned counts[FAULT_KINDS])
{
    static const fault_plan none;
    bool works = false;
    made m;

    for (int twice = 0; twice < 2; twice++)
        try(way, &none, &m, &works);
    assert_true(works);
    memcpy(counts, fault_counts, sizeof fault_counts);
}

/* What it says is what failed; an object that was not made says nothing. */
static void judge_error(verdict *v, const made *m)
{
    static const scene nothing;
    static const outcome usual;
    bool fits = m->error == HF_OK;

    for (size_t i = 0; i < v->hits && !fits; i++)
        fits = judge_fits(&nothing, &usual, &fault_hits[i], m->error);
    if (!fits)
        judge_say(v, "it says %s", hf_error_row_of(m->error)->name);
}

static void judge_leaks(verdict *v, size_t way, const fault_plan *plan, size_t ours, size_t there)
{
    bool works;
    made m;

    if (judge_inside(plan))
        there = SIZE_MAX;
    for (int again = 0; again < 2; again++) { /* libcrypto may keep something once */
        if (memory_live() <= ours && memory_live_in_libcrypto() <= there)
            return;
        ours = memory_live();
        there = memory_live_in_libcrypto();
        try(way, plan, &m, &works);
    }
    if (memory_live() > ours || memory_live_in_libcrypto() > there)
        judge_say(v, "memory is not given back");
}

verdict setup_with(size_t way, const fault_plan *plan)
{
    verdict v = { .wrong = false };
    bool works = false;
    made m;
    size_t ours = memory_live(), there = memory_live_in_libcrypto();

    v.hits = try(way, plan, &m, &works);
    v.ended = m.error == HF_OK && !m.refused ? SURVIVED : NOT_STARTED;
    judge_error(&v, &m);
    if (v.ended == SURVIVED && !works)
        judge_say(&v, "all is well, but it does not work");
    if (v.ended == NOT_STARTED && v.hits == 0)
        judge_say(&v, "it is refused without a fault");
    judge_secrets(&v, true); /* OpenSSL's decoders give a private key back as it is */
    judge_queue(&v, judge_inside(plan));
    judge_leaks(&v, way, plan, ours, there);
    return v;
}
