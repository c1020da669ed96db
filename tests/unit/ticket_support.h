/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the tests of tickets and their keys share: seal, open, and look where a key is kept. */
#ifndef HF_TESTS_TICKET_SUPPORT_H
#define HF_TESTS_TICKET_SUPPORT_H

#include <malloc.h>

#include "crypto_support.h"
#include "keys/session_store.h"

enum { START = 1000, STATE = 48 };

typedef struct ticket {
    uint8_t bytes[HF_TICKET_MAX];
    size_t len;
} ticket;

static uint8_t text[HF_SESSION_STATE_MAX + 1];

static inline hf_sessions *tickets_of(uint32_t lifetime, uint32_t rotation)
{
    const hf_sessions_options o = { .tickets = true, .lifetime = lifetime, .rotation = rotation };
    hf_sessions *s = hf_sessions_new(&o);

    assert_non_null(s);
    return s;
}

static inline ticket sealed(hf_sessions *s, int64_t now, size_t len)
{
    ticket t;

    assert_int_equal(hf_ticket_seal(s, NULL, now, hf_span_of(text, len), t.bytes, &t.len), HF_OK);
    assert_int_equal(t.len, len + HF_TICKET_OVERHEAD);
    return t;
}

static inline hf_error try_open(hf_sessions *s, int64_t now, hf_span in, bool *renew)
{
    uint8_t state[HF_SESSION_STATE_MAX];
    size_t len = 77;

    *renew = true;
    hf_error e = hf_ticket_open(s, now, in, state, &len, renew);
    if (e == HF_OK) {
        assert_int_equal(len, in.len - HF_TICKET_OVERHEAD);
        assert_memory_equal(state, text, len);
    } else {
        assert_int_equal(len, 0);
        assert_false(*renew);
    }
    return e;
}

static inline void assert_opens(hf_sessions *s, int64_t now, const ticket *t, bool renew)
{
    bool found;

    assert_int_equal(try_open(s, now, hf_span_of(t->bytes, t->len), &found), HF_OK);
    assert_int_equal(found, renew);
}

static inline void assert_refused(hf_sessions *s, int64_t now, const uint8_t *in, size_t len)
{
    bool renew;

    assert_int_equal(try_open(s, now, hf_span_of(in, len), &renew), HF_E_SESSION_DAMAGED);
}

static inline bool same_key(const ticket *a, const ticket *b)
{
    return memcmp(a->bytes, b->bytes, HF_TICKET_KEY_NAME) == 0;
}

static inline bool holds(const void *block, size_t n, const hf_aead_key *key)
{
    const uint8_t *all = block;

    for (size_t i = 0; i + HF_AEAD_KEY_MAX <= n; i++)
        if (memcmp(all + i, key->key, HF_AEAD_KEY_MAX) == 0)
            return true;
    return false;
}

static inline bool remembers(const hf_sessions *s, const hf_aead_key *key)
{
    return holds(s, sizeof *s, key) || holds(s->ring.aead, malloc_usable_size(s->ring.aead), key);
}

static inline int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 5 + 1);
    return 0;
}

#endif
