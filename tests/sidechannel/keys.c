/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Secrets in the key schedule of TLS 1.3 (RFC 9846 7.1), in binders and Finished, and in the PRF of
 * TLS 1.2 (RFC 5246 5): nothing branches on one, and what comes out is the same as without marks and
 * still marked.
 */
#include <string.h>

#include "keys/keys.h"
#include "sidechannel/secret.h"

enum { OUT = 2048 };

/* What a run made, for the comparison of a marked run with a plain one. */
typedef struct made {
    uint8_t bytes[OUT];
    size_t n;
    bool good;
} made;

static uint8_t *room(made *m, size_t n)
{
    uint8_t *at = m->bytes + m->n;

    m->n += n;
    m->good &= m->n <= OUT;
    return m->good ? at : m->bytes;
}

static void done(made *m, hf_error e)
{
    m->good &= e == HF_OK;
}

/* Runs it twice. */
static bool same_and_secret(void (*make)(made *m, bool secret, const void *about),
                            const void *about)
{
    static made plain, marked;

    plain = marked = (made){ .good = true };
    make(&plain, false, about);
    make(&marked, true, about);
    if (!plain.good || !marked.good || plain.n != marked.n || !secret_is(marked.bytes, marked.n))
        return false;
    PUBLIC(plain.bytes); /* boundary.c marks what goes into a schedule in any case */
    PUBLIC(marked.bytes);
    return memcmp(plain.bytes, marked.bytes, plain.n) == 0;
}

static hf_hash_id hash_of(const void *about)
{
    return strcmp(about, "SHA-384") == 0 ? HF_SHA384 : HF_SHA256;
}

static void fill(uint8_t *bytes, size_t n, uint8_t first, bool secret)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(first + i);
    if (secret)
        secret_mark(bytes, n);
}

/* ---- TLS 1.3 ---- */

/* Each secret under one stage. */
static void derive(made *m, const hf_schedule *s, const char *const *labels)
{
    uint8_t hash[HF_HASH_MAX] = { 9 };

    for (; *labels; labels++)
        done(m, hf_derive_secret(s->hash, s->secret, *labels, hash, room(m, hf_hash_len(s->hash))));
}

static void make_schedule(made *m, bool secret, const void *about)
{
    static const char *const early[] = { "c e traffic", "e exp master", NULL },
                             *const handshake[] = { "c hs traffic", "s hs traffic", NULL },
                             *const application[] = { "c ap traffic", "s ap traffic", "exp master",
                                                      "res master", NULL };
    uint8_t psk[HF_HASH_MAX], shared[64];
    hf_schedule s;

    fill(psk, sizeof psk, 1, secret);
    fill(shared, sizeof shared, 100, secret);
    done(m, hf_schedule_early(&s, hash_of(about), hf_span_of(psk, hf_hash_len(hash_of(about)))));
    derive(m, &s, early);
    done(m, hf_schedule_handshake(&s, hf_span_of(shared, sizeof shared)));
    derive(m, &s, handshake);
    done(m, hf_schedule_main(&s));
    derive(m, &s, application);
}

static bool schedule(const void *about)
{
    return same_and_secret(make_schedule, about);
}

static void make_later(made *m, bool secret, const void *about)
{
    hf_hash_id id = hash_of(about);
    size_t n = hf_hash_len(id);
    hf_span nonce = hf_span_str("\1\2"), context = hf_span_str("context");
    hf_secrets s = { .hash = id };
    uint8_t *next = room(m, n);

    fill(next, n, 3, secret);
    done(m, hf_next_traffic_secret(id, next));
    fill(s.exporter, n, 5, secret);
    fill(s.resumption, n, 7, secret);
    done(m, hf_export(&s, "EXPORTER-Channel-Binding", context, room(m, 32), 32));
    done(m, hf_ticket_psk(id, s.resumption, nonce, room(m, n)));
}

static bool later(const void *about)
{
    return same_and_secret(make_later, about);
}

static void make_traffic_keys(made *m, bool secret, const void *about)
{
    const hf_suite *suite;
    uint8_t from[HF_HASH_MAX];
    hf_traffic t;

    (void)about;
    fill(from, sizeof from, 11, secret);
    for (size_t i = 0; (suite = hf_suite_row(i)) != NULL; i++)
        if (suite->version == HF_TLS13) {
            size_t n = hf_aead_key_len(suite->aead);
            done(m, hf_traffic_keys(&t, suite, from));
            memcpy(room(m, n), t.key.key, n);
            memcpy(room(m, sizeof t.iv), t.iv, sizeof t.iv);
        }
}

static bool traffic_keys(const void *about)
{
    return same_and_secret(make_traffic_keys, about);
}

/* ---- binders and Finished ---- */

static void make_binders(made *m, bool secret, const void *about)
{
    hf_hash_id id = hash_of(about);
    uint8_t psk[HF_HASH_MAX], hash[HF_HASH_MAX] = { 2 };

    fill(psk, sizeof psk, 20, secret);
    for (int external = 0; external < 2; external++)
        done(m, hf_psk_binder(id, hf_span_of(psk, hf_hash_len(id)), external, hash,
                              room(m, hf_hash_len(id))));
}

static bool binders(const void *about)
{
    return same_and_secret(make_binders, about);
}

static void make_finished(made *m, bool secret, const void *about)
{
    hf_hash_id id = hash_of(about);
    uint8_t base[HF_HASH_MAX], hash[HF_HASH_MAX] = { 4 };

    fill(base, sizeof base, 30, secret);
    done(m, hf_verify_data(id, base, hash, room(m, hf_hash_len(id))));
}

static bool finished(const void *about)
{
    return same_and_secret(make_finished, about);
}

/* RFC 9846 4.5.3: what came is compared with what was expected, whatever of it is wrong, and not a byte of the verdict is known
   before it is told. */
static bool comparison(const void *about)
{
    uint8_t expected[32], received[32];
    bool good = true;

    (void)about;
    for (size_t wrong = 0; wrong <= sizeof received; wrong++) {
        fill(expected, sizeof expected, 40, false);
        memcpy(received, expected, sizeof received);
        if (wrong < sizeof received)
            received[wrong] ^= 0x80;
        SECRET(expected);
        secret_verdicts = true;
        bool same = hf_ct_equal(hf_span_of(expected, sizeof expected),
                                hf_span_of(received, sizeof received));
        secret_verdicts = false;
        unsigned char told;
        memcpy(&told, &same, sizeof told);
        good &= secret_is(&same, sizeof same) || secret_is(&told, sizeof told);
        PUBLIC(&same);
        good &= same == (wrong == sizeof received);
    }
    return good;
}

/* ---- TLS 1.2 ---- */

static void make_tls12(made *m, bool secret, const void *about)
{
    hf_secrets s = { .hash = hash_of(about) };
    uint8_t premaster[48], hash[HF_HASH_MAX] = { 6 };
    hf_span session_hash = hf_span_of(hash, hf_hash_len(s.hash)), none = { NULL, 0 };

    fill(premaster, sizeof premaster, 50, secret);
    for (int extended = 0; extended < 2; extended++) {
        done(m, hf_master_secret(&s, hf_span_of(premaster, sizeof premaster),
                                 extended ? session_hash : none));
        memcpy(room(m, sizeof s.master_secret), s.master_secret, sizeof s.master_secret);
        for (int role = 0; role < 2; role++)
            done(m, hf_verify_data12(&s, (hf_role)role, hash, room(m, HF_VERIFY_DATA12)));
        done(m, hf_export12(&s, "EXPORTER-test", none, room(m, 40), 40));
    }
}

static bool tls12(const void *about)
{
    return same_and_secret(make_tls12, about);
}

static void make_keys12(made *m, bool secret, const void *about)
{
    hf_secrets s = { .hash = HF_SHA256 };
    const hf_suite *suite;
    hf_traffic t;

    (void)about;
    fill(s.master_secret, sizeof s.master_secret, 60, secret);
    for (size_t i = 0; (suite = hf_suite_row(i)) != NULL; i++)
        for (int role = 0; suite->version == HF_TLS12 && role < 2; role++) {
            size_t n = hf_aead_key_len(suite->aead);
            s.hash = suite->hash;
            done(m, hf_traffic_keys12(&t, suite, &s, (hf_role)role));
            memcpy(room(m, n), t.key.key, n);
            memcpy(room(m, 4), t.iv, 4);
        }
}

static bool keys12(const void *about)
{
    return same_and_secret(make_keys12, about);
}

/* RFC 4279 2, RFC 5489 2. Lengths are public. */
static bool psk_premaster(const void *about)
{
    uint8_t psk[32], other[32], out[HF_PREMASTER_MAX];

    (void)about;
    fill(psk, sizeof psk, 70, true);
    fill(other, sizeof other, 80, true);
    size_t n = hf_psk_premaster(hf_span_of(other, sizeof other), hf_span_of(psk, sizeof psk), out);
    bool good = n == 68 && secret_is(out + 2, 32) && secret_is(out + 36, 32);
    n = hf_psk_premaster((hf_span){ NULL, 0 }, hf_span_of(psk, sizeof psk), out);
    return good && n == 68 && secret_is(out + 36, 32);
}

int main(void)
{
    static const secret_case cases[] = {
        { "key schedule, SHA-256", schedule, "SHA-256" },
        { "key schedule, SHA-384", schedule, "SHA-384" },
        { "key update, exporter, ticket's key, SHA-256", later, "SHA-256" },
        { "key update, exporter, ticket's key, SHA-384", later, "SHA-384" },
        { "traffic keys, all suites", traffic_keys, NULL },
        { "binders, SHA-256", binders, "SHA-256" },
        { "binders, SHA-384", binders, "SHA-384" },
        { "Finished, SHA-256", finished, "SHA-256" },
        { "Finished, SHA-384", finished, "SHA-384" },
        { "Finished is compared", comparison, NULL },
        { "PRF: master secret, Finished, exporter, SHA-256", tls12, "SHA-256" },
        { "PRF: master secret, Finished, exporter, SHA-384", tls12, "SHA-384" },
        { "PRF: key block, all suites of TLS 1.2", keys12, NULL },
        { "premaster secret of a shared key", psk_premaster, NULL },
    };

    return secret_run(cases, sizeof cases / sizeof *cases, false);
}
