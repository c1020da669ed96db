/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The application's side of the flows: random bytes, a clock, keys, tickets and signatures, each of which may fail. */
#include "tests/faults/application.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/rsa_premaster.h"
#include "tests/faults/fault.h"
#include "tests/faults/memory.h"

/* ---- hooks ---- */

scene_draws scene_drawn[2];
void (*scene_on_secret)(const char *line);
static uint32_t seed;
static uint64_t passed; /* milliseconds */

void scene_begin_draws(void)
{
    seed = 1;
    passed = 0;
    for (int role = 0; role < 2; role++)
        scene_drawn[role].n = 0;
}

/* A longer draw may begin with a version (RFC 5246 7.4.7.1), and goes on differently. */
static void keep_draw(scene_draws *d, const uint8_t *bytes, size_t len)
{
    if (len < SCENE_DRAW || d->n == SCENE_DRAWS)
        return;
    unsigned i = d->n++;
    memcpy(d->bytes[i], bytes + (len > SCENE_DRAW + 1 ? 2 : 0), SCENE_DRAW);
    if (d->secret[i])
        memory_remember("what was drawn", d->bytes[i], false, 0);
}

static bool draw(hf_role role, uint8_t *out, size_t len)
{
    if (fault_here(FAULT_RANDOM, "random"))
        return false;
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        out[i] = (uint8_t)(seed >> 24);
    }
    keep_draw(&scene_drawn[role], out, len);
    return true;
}

static bool draw_client(void *user, uint8_t *out, size_t len)
{
    (void)user;
    return draw(HF_CLIENT, out, len);
}

static bool draw_server(void *user, uint8_t *out, size_t len)
{
    (void)user;
    return draw(HF_SERVER, out, len);
}

static uint64_t clock_ms(void *user)
{
    return flow13_clock(user) + passed;
}

void scene_pass_time(uint64_t ms)
{
    passed += ms;
}

static void keylog(void *user, const char *line)
{
    (void)user;
    if (scene_on_secret)
        scene_on_secret(line);
}

static bool find_psk(void *user, hf_span identity, uint8_t *key, size_t *len)
{
    (void)user;
    if (fault_here(FAULT_CALLBACK, "find_psk") ||
        !hf_span_equal(identity, hf_span_str(app_psk_name)))
        return false;
    *len = sizeof app_psk_key - 1;
    memcpy(key, app_psk_key, *len);
    return true;
}

/* ---- identities whose signer may fail ---- */

static hf_error sign(void *user, uint16_t code, hf_span message, uint8_t *signature, size_t *len)
{
    const hf_scheme *s = hf_scheme_of(code);

    if (fault_here(FAULT_CALLBACK, "sign"))
        return HF_E_JOB_FAILED;
    return hf_sign(user, s->kind, s->hash, message, signature, len);
}

static void premaster(void *user, uint16_t version, hf_span ciphertext, const uint8_t *substitute,
                      uint8_t *secret)
{
    hf_rsa_premaster(user, version, ciphertext, substitute, secret);
}

hf_identity *app_identity(const test_cert *leaf, const hf_span *chain)
{
    static const hf_signer_ops ops = { .sign = sign, .premaster = premaster };
    uint16_t schemes[HF_SIGNER_SCHEMES] = { 0 };
    const hf_scheme *s;
    hf_identity *id = NULL;
    size_t n = 0;

    for (size_t i = 0; (s = hf_scheme_row(i)) != NULL; i++)
        if (hf_scheme_fits(s, leaf->cert.key.type, HF_TLS13) ||
            hf_scheme_fits(s, leaf->cert.key.type, HF_TLS12))
            schemes[n++] = s->code;
    hf_signer *signer = hf_signer_new(&ops, (void *)(uintptr_t)leaf->key, schemes);
    assert_int_equal(hf_identity_new(&id, chain, 2, signer), HF_OK);
    hf_signer_free(signer);
    return id;
}

/* ---- sessions by the application's code ---- */

static void mask(uint8_t *out, const uint8_t *in, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = in[i] ^ 0x5a;
}

static hf_error seal(void *user, hf_span state, uint8_t *ticket, size_t *len)
{
    (void)user;
    if (fault_here(FAULT_CALLBACK, "seal"))
        return HF_E_JOB_FAILED;
    mask(ticket, state.data, *len = state.len);
    return HF_OK;
}

static hf_error open_ticket(void *user, hf_span ticket, uint8_t *state, size_t *len, bool *renew)
{
    (void)user;
    *renew = false;
    if (fault_here(FAULT_CALLBACK, "open") || ticket.len > HF_TICKET_STATE_MAX)
        return HF_E_SESSION_DAMAGED;
    mask(state, ticket.data, *len = ticket.len);
    return HF_OK;
}

static hf_error claim(void *user, const uint8_t id[HF_EARLY_ID], uint64_t now_ms, uint64_t until_ms)
{
    (void)user, (void)id;
    if (fault_here(FAULT_CALLBACK, "claim"))
        return HF_E_EARLY_FULL;
    return now_ms < until_ms ? HF_OK : HF_E_MISUSE;
}

hf_sessions *app_sessions(bool cache, bool elsewhere)
{
    static const hf_sessions_ops ops = {
        .seal = seal, .open = open_ticket, .claim = claim, .now_ms = flow13_clock
    };
    hf_sessions *made = hf_sessions_new(&(hf_sessions_options){ .tickets = !cache,
                                                                .entries = cache ? 4 : 0,
                                                                .lifetime = APP_LIFETIME,
                                                                .ops = elsewhere ? &ops : NULL });

    assert_non_null(made);
    return made;
}

hf_hooks app_hooks(hf_role role, bool finds_psk)
{
    return (hf_hooks){ .random = role == HF_CLIENT ? draw_client : draw_server,
                       .keylog = keylog,
                       .clock_ms = clock_ms,
                       .find_psk = finds_psk && role == HF_SERVER ? find_psk : NULL };
}
