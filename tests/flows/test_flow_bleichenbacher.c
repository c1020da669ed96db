/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Static RSA key exchange seen from outside (RFC 5246 7.4.7.1, policy `classroom`): whatever is wrong
 * with the encrypted premaster secret, the server's answer is the same. Same bytes, at the same
 * moment; same events, trace, jobs, draws and failure record. The attacker here is a real client that
 * goes on with ChangeCipherSpec and Finished under the very secret that stands in the malformed
 * block: a server that took it would connect.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "crypto/private_key.h"
#include "crypto/rsa_premaster.h"
#include "support/hostile.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { MODULUS = 256, TEXT = 16384, OUT = 8192, FLIGHT = 16384 };

/* ---- what is tried ---- */

typedef struct attempt {
    const char *name;
    void (*spoil)(uint8_t *block);          /* the block before it is encrypted … */
    void (*cut)(hostile_bytes *ciphertext); /* … and what comes out of that */
    bool guesses;                           /* the client goes on with a secret of zeroes */
    uint16_t version;                       /* at the head of the secret; 0: ClientHello's */
} attempt;

typedef struct setting {
    uint16_t suite;
    bool without_ems, external_jobs;
    bool job_fails; /* a control: a server that says so */
} setting;

/* What an onlooker could tell two servers apart by. */
typedef struct seen {
    char text[TEXT]; /* trace, jobs, events, failure, in order */
    size_t len;
    uint8_t out[OUT];
    size_t n_out;
} seen;

typedef struct run {
    pair p;
    const attempt *attempt;
    setting setting;
    hf_trace_sink sink[2];
    struct draws {
        unsigned n;
        bool zeroes; /* for the secret */
        uint8_t last[HF_PREMASTER];
    } draws[2];
    hostile_bytes body;
    seen *seen;
} run;

static void first_byte(uint8_t *block)
{
    block[0] = 1;
}

static void block_type(uint8_t *block)
{
    block[1] = 1;
}

static void zero_in_padding(uint8_t *block)
{
    block[2 + 7] = 0;
}

static void no_separator(uint8_t *block)
{
    block[MODULUS - HF_PREMASTER - 1] = 0x55;
}

/* A secret of 49 bytes, whose last 48 are the client's. */
static void early_separator(uint8_t *block)
{
    block[MODULUS - HF_PREMASTER - 2] = 0;
    block[MODULUS - HF_PREMASTER - 1] = 0x55;
}

/* One of 47, which begins with the right version. */
static void late_separator(uint8_t *block)
{
    block[MODULUS - HF_PREMASTER - 1] = 0x55;
    block[MODULUS - HF_PREMASTER] = 0;
    block[MODULUS - HF_PREMASTER + 1] = block[MODULUS - HF_PREMASTER + 2] = 3;
}

static void all_zero(uint8_t *block)
{
    memset(block, 0, MODULUS);
}

static hf_span modulus(void)
{
    return shared_pki(HF_KEY_RSA)->leaf->cert.key.n;
}

static void short_by_one(hostile_bytes *c)
{
    hb_replace(c, c->len - 1, 1, hf_span_of(NULL, 0));
}

static void long_by_one(hostile_bytes *c)
{
    hb_add_uint(c, 0, 1);
}

/* The same number. */
static void leading_zero(hostile_bytes *c)
{
    hb_replace(c, 0, 0, hf_span_of("\0", 1));
}

static void empty(hostile_bytes *c)
{
    hb_set(c, hf_span_of(NULL, 0));
}

static void the_modulus(hostile_bytes *c)
{
    hb_set(c, modulus());
}

static void above_the_modulus(hostile_bytes *c)
{
    hb_set(c, modulus());
    memset(c->data, 0xff, c->len);
}

static void one(hostile_bytes *c)
{
    memset(c->data, 0, c->len);
    c->data[c->len - 1] = 1;
}

static void twice(hostile_bytes *c)
{
    while (c->len < 2 * (size_t)MODULUS)
        hb_add_uint(c, 0xa5, 1);
}

static const attempt attempts[] = {
    /* the eight shapes of test_crypto_premaster.c */
    { .name = "wrong first byte", .spoil = first_byte },
    { .name = "block type 01", .spoil = block_type },
    { .name = "a zero inside the first 8 bytes of padding", .spoil = zero_in_padding },
    { .name = "no separator", .spoil = no_separator },
    { .name = "separator too early", .spoil = early_separator },
    { .name = "separator too late", .spoil = late_separator },
    { .name = "wrong version", .version = 0x0302 },
    { .name = "everything zero", .spoil = all_zero },
    /* other versions; that of TLS 1.3 too, which ClientHello's field never says */
    { .name = "version of SSL 3.0", .version = 0x0300 },
    { .name = "version of TLS 1.3", .version = 0x0304 },
    { .name = "version 0203", .version = 0x0203 },
    /* what is no ciphertext under this key */
    { .name = "one byte short", .cut = short_by_one },
    { .name = "one byte long", .cut = long_by_one },
    { .name = "a leading zero", .cut = leading_zero },
    { .name = "empty", .cut = empty },
    { .name = "equal to the modulus", .cut = the_modulus },
    { .name = "above the modulus", .cut = above_the_modulus },
    { .name = "the number 1", .cut = one },
    { .name = "twice as long", .cut = twice },
    /* a substitute that could be foretold would be as good as the secret */
    { .name = "a malformed block and a guess", .spoil = first_byte, .guesses = true },
    { .name = "an empty one and a guess", .cut = empty, .guesses = true },
    { .name = "one above the modulus and a guess", .cut = above_the_modulus, .guesses = true },
};

static const attempt good = { .name = "a good one" };

/* ---- the client that makes it ---- */

static void encrypt(const uint8_t *block, hostile_bytes *out)
{
    uint8_t raw[MODULUS];
    size_t len = sizeof raw;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(shared_pki(HF_KEY_RSA)->leaf->key->pkey, NULL);

    assert_non_null(ctx);
    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, raw, &len, block, MODULUS), 1);
    EVP_PKEY_CTX_free(ctx);
    assert_int_equal(len, MODULUS);
    hb_set(out, hf_span_of(raw, len));
}

/* RFC 8017 7.2.1: 00 02 PS 00 M, where M is the secret that the client's engine goes on with. */
static void good_block(const run *r, uint8_t *block)
{
    uint16_t version = r->attempt->version ? r->attempt->version : HF_TLS12;
    uint8_t *secret = block + MODULUS - HF_PREMASTER;

    for (size_t i = 0; i < MODULUS; i++)
        block[i] = (uint8_t)(1 + i % 255);
    block[0] = 0;
    block[1] = 2;
    secret[-1] = 0;
    memcpy(secret, r->draws[HF_CLIENT].last, HF_PREMASTER);
    secret[0] = (uint8_t)(version >> 8);
    secret[1] = (uint8_t)version;
}

static void make_exchange(run *r)
{
    uint8_t block[MODULUS];
    hostile_bytes ciphertext = { 0 };

    good_block(r, block);
    if (r->attempt->spoil)
        r->attempt->spoil(block);
    encrypt(block, &ciphertext);
    if (r->attempt->cut)
        r->attempt->cut(&ciphertext);
    hb_set(&r->body, hf_span_of(NULL, 0));
    hb_add_uint(&r->body, ciphertext.len, 2);
    hb_add(&r->body, hb_span(&ciphertext));
    hb_free(&ciphertext);
}

static bool replace_body(void *user, hf_msg msg, hf_span *body)
{
    enum { EXTENDED_MAIN_SECRET = 23 };
    run *r = user;

    if (msg == HF_MSG_ClientHello && r->setting.without_ems) {
        hb_set(&r->body, *body);
        hb_extension_remove(&r->body, msg, EXTENDED_MAIN_SECRET);
    } else if (msg == HF_MSG_ClientKeyExchange) {
        make_exchange(r);
    } else {
        return false;
    }
    *body = hb_span(&r->body);
    return true;
}

/* The client's engine puts ClientHello's version into its secret: it is made to remember another one. */
static void watch_client(void *user, const hf_trace_event *event)
{
    run *r = user;

    if ((r->attempt->version || r->attempt->guesses) && event->kind == HF_TRACE_MESSAGE &&
        strcmp(event->name, "ServerHelloDone") == 0)
        r->p.end[HF_CLIENT].conn->engine.hs->hello.legacy_version = r->attempt->version;
}

/* ---- what is seen of the server ---- */

HF_PRINTF(2, 3) static void note(seen *s, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    s->len += (size_t)vsnprintf(s->text + s->len, sizeof s->text - s->len, format, args);
    va_end(args);
    assert_true(s->len < sizeof s->text);
}

/* All but the lengths, of which the attacker chose one himself. */
static void watch_server(void *user, const hf_trace_event *e)
{
    run *r = user;

    note(r->seen, "trace %d by %d: %s, %s, %d %d %d, %u %u, %x %x\n", e->kind, e->writer, e->name,
         e->source, e->phase, e->six, e->nine, e->content_type, e->epoch, e->version,
         e->cipher_suite);
}

static void note_failure(seen *s, const hf_failure *f)
{
    if (!f)
        return;
    note(s, "failure %s of %d by %d at %s, %s.%s, %d: %s, %s, %s; alert %d %d\n",
         hf_error_row_of(f->code)->name, f->blame, f->side, f->step, f->message ? f->message : "-",
         f->field, (int)f->offset, f->rule, f->expected, f->offered, f->alert, f->alert_direction);
}

static void note_end(run *r)
{
    const pair_end *end = &r->p.end[HF_SERVER];

    for (size_t i = 0; i < end->n_log; i++)
        note(r->seen, "event %d\n", end->log[i]);
    note_failure(r->seen, hf_conn_failure(end->conn));
    note(r->seen, "%u draws, %s\n", r->draws[HF_SERVER].n,
         end->connected ? "connected" : "not connected");
}

/* ---- two ends, record by record ---- */

/* The same for every attempt, different for each draw and end. */
static bool draw(void *user, uint8_t *out, size_t len)
{
    struct draws *d = user;

    d->n++;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(0x5b * d->n + 7 * i);
    if (len == HF_PREMASTER && d->zeroes)
        memset(out, 0, len);
    if (len == HF_PREMASTER)
        memcpy(d->last, out, len);
    return true;
}

static void configure(hf_config *config, hf_role role, void *user)
{
    run *r = user;

    if (role == HF_CLIENT)
        config->override = (hf_override){ replace_body, r };
    else if (r->setting.external_jobs)
        assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_JOBS, true), HF_OK);
}

static void start(run *r, const setting *s, const attempt *a, seen *what)
{
    hf_policy client = policy_of_version("classroom", HF_TLS12);
    hf_policy server = client;

    memset(r, 0, sizeof *r);
    memset(what, 0, sizeof *what);
    r->attempt = a;
    r->setting = *s;
    r->draws[HF_CLIENT].zeroes = a->guesses;
    r->seen = what;
    r->sink[HF_CLIENT] = (hf_trace_sink){ watch_client, r };
    r->sink[HF_SERVER] = (hf_trace_sink){ watch_server, r };
    memset(client.suites, 0, sizeof client.suites);
    client.suites[0] = s->suite;
    pair_options o = { .pki = shared_pki(HF_KEY_RSA),
                       .policy = { &client, &server },
                       .configure = configure,
                       .user = r };
    for (int role = 0; role < 2; role++) {
        o.hooks[role] = (hf_hooks){ .random = draw, .user = &r->draws[role] };
        o.trace[role] = &r->sink[role];
    }
    pair_start(&r->p, &o);
}

static void run_jobs(run *r)
{
    hf_conn *server = r->p.end[HF_SERVER].conn;
    hf_job *job;

    while ((job = hf_conn_job_next(server)) != NULL) {
        hf_error result = hf_job_run(job);
        note(r->seen, "job %s: %s\n", hf_job_name(job), hf_error_row_of(result)->name);
        if (r->setting.job_fails && hf_job_kind_of(job) == HF_JOB_RSA_DECRYPT)
            result = HF_E_CRYPTO;
        (void)hf_conn_job_done(server, job, result);
        pair_events(&r->p, HF_SERVER);
    }
}

/* One record; what the server says to it stands next to it in the text. */
static void to_server(run *r, uint8_t *record, size_t len)
{
    hf_conn *server = r->p.end[HF_SERVER].conn;
    size_t at = 0, taken = 1;

    while (at < len && taken > 0) {
        taken = hf_conn_wire_in(server, record + at, len - at);
        at += taken;
        pair_events(&r->p, HF_SERVER);
        run_jobs(r);
    }
    note(r->seen, "record %u: %zu bytes wait, failed %d\n", record[0], hf_conn_wire_out(server).len,
         r->p.end[HF_SERVER].failed);
}

static bool carry_client(run *r)
{
    hf_conn *client = r->p.end[HF_CLIENT].conn;
    hf_span out = hf_conn_wire_out(client);
    uint8_t flight[FLIGHT];
    size_t n = out.len, len;

    if (n == 0)
        return false;
    assert_true(n <= sizeof flight);
    memcpy(flight, out.data, n);
    hf_conn_wire_sent(client, n);
    for (size_t at = 0; at < n; at += len) {
        len = HF_RECORD_HEADER + (size_t)(flight[at + 3] << 8 | flight[at + 4]);
        to_server(r, flight + at, len);
    }
    return true;
}

static bool carry_server(run *r)
{
    hf_conn *server = r->p.end[HF_SERVER].conn;
    hf_span out = hf_conn_wire_out(server);
    seen *s = r->seen;

    if (out.len == 0)
        return false;
    assert_true(s->n_out + out.len <= sizeof s->out);
    memcpy(s->out + s->n_out, out.data, out.len);
    s->n_out += out.len;
    (void)pair_carry(&r->p, HF_SERVER);
    return true;
}

static void attack(const setting *s, const attempt *a, seen *what)
{
    static run r;
    bool moved = true;

    start(&r, s, a, what);
    while (moved) {
        pair_events(&r.p, HF_CLIENT);
        moved = carry_client(&r);
        moved |= carry_server(&r);
    }
    note_end(&r);
    hb_free(&r.body);
    pair_free(&r.p);
}

/* ---- the proof ---- */

static bool same(const seen *a, const seen *b)
{
    return a->n_out == b->n_out && memcmp(a->out, b->out, a->n_out) == 0 &&
           strcmp(a->text, b->text) == 0;
}

static const setting settings[] = {
    { .suite = HF_TLS_RSA_WITH_AES_128_GCM_SHA256 },
    { .suite = HF_TLS_RSA_WITH_AES_256_GCM_SHA384 },
    { .suite = HF_TLS_RSA_WITH_AES_128_GCM_SHA256, .without_ems = true },
    { .suite = HF_TLS_RSA_WITH_AES_128_GCM_SHA256, .external_jobs = true },
    { .suite = HF_TLS_RSA_WITH_AES_256_GCM_SHA384, .without_ems = true, .external_jobs = true },
};

/* RFC 5246 7.4.7.1: indistinguishable from correctly formatted RSA blocks, as far as Finished. */
static void same_answers(void **state)
{
    static seen first, other;

    (void)state;
    for (size_t i = 0; i < COUNT(settings); i++) {
        attack(&settings[i], &attempts[0], &first);
        for (size_t a = 1; a < COUNT(attempts); a++) {
            attack(&settings[i], &attempts[a], &other);
            if (!same(&first, &other))
                fail_msg("setting %zu: \"%s\" differs from \"%s\"\n--- %s--- %s", i,
                         attempts[a].name, attempts[0].name, first.text, other.text);
        }
    }
    printf("%zu malformed secrets, %zu settings\n", COUNT(attempts), COUNT(settings));
}

/* The same every time: else the equality above would say less. */
static void deterministic(void **state)
{
    static seen first, again;

    (void)state;
    attack(&settings[0], &attempts[0], &first);
    attack(&settings[0], &attempts[0], &again);
    assert_true(same(&first, &again));
    attack(&settings[1], &attempts[0], &again);
    assert_false(same(&first, &again));
}

/* Nothing is said before the client's Finished, and then it is this alert, in the clear. */
static void answer_is_late(void **state)
{
    static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, HF_ALERT_bad_record_mac };
    static seen what;

    (void)state;
    for (size_t a = 0; a < COUNT(attempts); a++) {
        attack(&settings[3], &attempts[a], &what);
        assert_memory_equal(what.out + what.n_out - sizeof alert, alert, sizeof alert);
        assert_non_null(strstr(what.text, "job rsa_decrypt: OK\nrecord 22: 0 bytes wait, failed 0\n"
                                          "trace "));
        assert_non_null(strstr(what.text, "record 20: 0 bytes wait, failed 0\n"));
        assert_non_null(strstr(what.text, "record 22: 7 bytes wait, failed 1\n"));
        assert_non_null(strstr(what.text, "failure RECORD_MAC "));
        assert_non_null(strstr(what.text, "not connected"));
    }
}

/* What makes a block malformed here is only what its name says: without it the server connects. */
static void good_one_connects(void **state)
{
    static seen bad, what;

    (void)state;
    for (size_t i = 0; i < COUNT(settings); i++) {
        attack(&settings[i], &good, &what);
        attack(&settings[i], &attempts[0], &bad);
        assert_non_null(strstr(what.text, ", connected\n"));
        assert_false(same(&bad, &what));
    }
}

/* Up to ClientKeyExchange the onlooker sees a good handshake too: the answer to the message itself does not differ. */
static void like_a_good_one(void **state)
{
    static seen bad, fine;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(settings); i++) {
        attack(&settings[i], &good, &fine);
        attack(&settings[i], &attempts[0], &bad);
        const char *end = strstr(bad.text, "record 20: ");
        assert_non_null(end);
        n = (size_t)(end - bad.text) + strlen("record 20: 0 bytes wait, failed 0\n");
        assert_memory_equal(bad.text, fine.text, n);
        assert_memory_equal(bad.out, fine.out, bad.n_out - 7);
    }
}

/* ---- controls ---- */

/* The comparison sees one bit of either kind, and a server that tells a bad secret at once. */
static void differences_are_seen(void **state)
{
    static const setting oracle = { .suite = HF_TLS_RSA_WITH_AES_128_GCM_SHA256,
                                    .external_jobs = true,
                                    .job_fails = true };
    static seen bad, what;

    (void)state;
    attack(&settings[3], &attempts[0], &bad);
    what = bad;
    what.text[what.len - 2] ^= 1;
    assert_false(same(&bad, &what));
    what = bad;
    what.out[what.n_out - 1] ^= 1;
    assert_false(same(&bad, &what));
    attack(&oracle, &attempts[0], &what);
    assert_false(same(&bad, &what));
}

/* The catalogue of alerts demands what is sent here. */
static void catalogue(void **state)
{
    char line[4096];
    bool found = false;
    FILE *f = fopen(HF_SOURCE_DIR "/tests/hostile/alerts.tsv", "r");

    (void)state;
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, "cke-rsa-bad\t", 12) == 0) {
            found = true;
            assert_non_null(strstr(line, "\tbad_record_mac(20) | decrypt_error(51)\tMUST\t"));
        }
    fclose(f);
    assert_true(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_answers),    cmocka_unit_test(deterministic),
        cmocka_unit_test(answer_is_late),  cmocka_unit_test(good_one_connects),
        cmocka_unit_test(like_a_good_one), cmocka_unit_test(differences_are_seen),
        cmocka_unit_test(catalogue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
