/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Edits of pre_shared_key. */
#include "support/hostile_psk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "handshake/hello.h"

enum { PSK = 41, AGE = 4, FOREIGN_BINDER = 32 };

static hf_engine *engine_of(const hostile *h)
{
    return &h->p.end[h->self].conn->engine;
}

/* ---- places ---- */

static size_t u16_at(const hostile_bytes *b, size_t at)
{
    assert_true(at + 2 <= b->len);
    return (size_t)b->data[at] << 8 | b->data[at + 1];
}

static size_t identities_at(const hostile_bytes *hello)
{
    size_t at = 0, len = 0;

    assert_true(hb_extension(hello, HF_MSG_ClientHello, PSK, &at, &len));
    return at;
}

size_t hostile_binders_at(const hostile_bytes *hello)
{
    size_t at = identities_at(hello);

    return at + 2 + u16_at(hello, at);
}

size_t hostile_binder_at(const hostile_bytes *hello, int n)
{
    size_t at = hostile_binders_at(hello) + 2;

    while (n-- > 0)
        at += 1 + (size_t)hello->data[at];
    assert_true(at < hello->len);
    return at;
}

/* Of its two length bytes; past the last: false. */
static bool find_identity(const hostile_bytes *hello, int n, size_t *at)
{
    *at = identities_at(hello) + 2;
    while (n-- > 0 && *at < hostile_binders_at(hello))
        *at += 2 + u16_at(hello, *at) + AGE;
    return *at < hostile_binders_at(hello);
}

hf_span hostile_identity(const hostile_bytes *hello, int n)
{
    size_t at;

    assert_true(find_identity(hello, n, &at));
    return hf_span_of(hello->data + at + 2, u16_at(hello, at));
}

/* ---- binders ---- */

hostile_binding hostile_own_binding(const hostile *h, int n)
{
    assert_true((size_t)n < engine_of(h)->hs->n_psks);
    return (hostile_binding){ .psk = engine_of(h)->hs->psks[n] };
}

static void make_binder(const hostile *h, const hostile_binding *how, hf_span partial, uint8_t *out)
{
    const hf_offered_psk *psk = &how->psk;
    uint8_t hash[HF_HASH_MAX];

    if (!how->forgetful) {
        assert_int_equal(hf_make_binder(engine_of(h), psk, partial, out), HF_OK);
        return;
    }
    assert_int_equal(hf_hash_once(psk->hash, partial, hash), HF_OK);
    assert_int_equal(hf_psk_binder(psk->hash, psk->key, psk->external, hash, out), HF_OK);
}

void hostile_bind(hostile *h, hostile_bytes *hello, int n, const hostile_binding *how)
{
    size_t cut = HF_HANDSHAKE_HEADER + hostile_binders_at(hello), at = hostile_binder_at(hello, n);
    hostile_bytes message = { 0 };
    uint8_t binder[HF_HASH_MAX];

    hb_add_uint(&message, hf_msg_type(HF_MSG_ClientHello), 1);
    hb_add_uint(&message, hello->len, 3);
    hb_add(&message, hb_span(hello));
    make_binder(h, how, hf_span_of(message.data, (size_t)((long)cut + how->moved)), binder);
    assert_true(hello->data[at] >= hf_hash_len(how->psk.hash));
    memcpy(hello->data + at + 1, binder, hf_hash_len(how->psk.hash));
    hb_free(&message);
}

void hostile_rebind(hostile *h, hostile_bytes *hello)
{
    const hf_handshake *hs = engine_of(h)->hs;
    size_t at;

    for (int i = 0; find_identity(hello, i, &at); i++)
        for (size_t j = 0; j < hs->n_psks; j++)
            if (hf_span_equal(hs->psks[j].identity, hostile_identity(hello, i)))
                hostile_bind(h, hello, i, &(hostile_binding){ .psk = hs->psks[j] });
}

/* ---- identities ---- */

static void foreign_in_front(hostile_bytes *hello)
{
    size_t at = identities_at(hello), binders = hostile_binders_at(hello), end = hello->len;
    hostile_bytes body = { 0 };

    hb_add_uint(&body, u16_at(hello, at) + 2 + 6 + AGE, 2);
    hb_add_uint(&body, 6, 2);
    hb_add(&body, hf_span_of("nobody\0\0\0\0", 6 + AGE));
    hb_add(&body, hf_span_of(hello->data + at + 2, binders - at - 2));
    hb_add_uint(&body, u16_at(hello, binders) + 1 + FOREIGN_BINDER, 2);
    hb_add_uint(&body, FOREIGN_BINDER, 1);
    for (int i = 0; i < FOREIGN_BINDER; i++)
        hb_add_uint(&body, 0, 1);
    hb_add(&body, hf_span_of(hello->data + binders + 2, end - binders - 2));
    hb_extension_put(hello, HF_MSG_ClientHello, PSK, hb_span(&body));
    hb_free(&body);
}

void hostile_foreign_first(hostile *h, hostile_bytes *hello)
{
    static const uint8_t zeroes[HF_HASH_MAX];
    hf_handshake *hs = engine_of(h)->hs;

    foreign_in_front(hello);
    assert_int_equal(hs->n_psks, 1);
    hs->psks[hs->n_psks++] = hs->psks[0];
    hs->psks[0] = (hf_offered_psk){ .identity = hf_span_of("nobody", 6),
                                    .key = hf_span_of(zeroes, 32),
                                    .hash = HF_SHA256,
                                    .external = true };
}

void hostile_age(hostile_bytes *hello, int n, uint32_t more)
{
    size_t at;
    uint32_t age = 0;

    assert_true(find_identity(hello, n, &at));
    at += 2 + u16_at(hello, at);
    for (int i = 0; i < AGE; i++)
        age = age << 8 | hello->data[at + (size_t)i];
    age += more;
    for (int i = 0; i < AGE; i++)
        hello->data[at + (size_t)i] = (uint8_t)(age >> 8 * (AGE - 1 - i));
}
