/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A set of keys shared beforehand (RFC 9257): what may be in it, what is found, who may use it, and that it is wiped. */
#include "keys/psks.h"

#include "memory_support.h"

static uint8_t many[HF_PSK_IDENTITY_MAX + 1];

static hf_psks *make(void)
{
    hf_psks *psks = hf_psks_new();

    assert_non_null(psks);
    assert_int_equal(hf_psks_count(psks), 0);
    return psks;
}

static void end(hf_psks *psks)
{
    hf_psks_free(psks);
    assert_int_equal(live, 0);
    assert_false(leaked);
}

/* Identity and key number n. */
static hf_span identity_of(char *out, size_t n)
{
    return hf_span_of(out, (size_t)snprintf(out, 32, "device-%zu", n));
}

static hf_span key_of(uint8_t *out, size_t n)
{
    memset(out, MARK, 32);
    memcpy(out, &n, sizeof n);
    return hf_span_of(out, 32);
}

static hf_error add(hf_psks *psks, size_t n)
{
    char identity[32];
    uint8_t key[32];

    return hf_psks_add(psks, identity_of(identity, n), key_of(key, n));
}

static void assert_has(const hf_psks *psks, size_t n)
{
    char identity[32];
    uint8_t key[32];
    const hf_psk *found = hf_psks_find(psks, identity_of(identity, n));

    assert_non_null(found);
    assert_true(hf_span_equal(found->identity, identity_of(identity, n)));
    assert_true(hf_span_equal(found->key, key_of(key, n)));
}

/* ---- add and find ---- */

static void what_is_added_is_found(void **state)
{
    hf_psks *psks = make();

    (void)state;
    for (size_t n = 0; n < 1000; n++) {
        char identity[32];
        assert_null(hf_psks_find(psks, identity_of(identity, n)));
        assert_int_equal(add(psks, n), HF_OK);
        assert_int_equal(hf_psks_count(psks), n + 1);
        for (size_t k = n > 40 ? n - 40 : 0; k <= n; k++)
            assert_has(psks, k);
    }
    end(psks);
}

static void an_empty_identity_is_the_first(void **state)
{
    hf_psks *psks = make();
    const hf_span nothing = { NULL, 0 };

    (void)state;
    assert_null(hf_psks_find(psks, nothing));
    for (size_t n = 7; n < 100; n++) {
        assert_int_equal(add(psks, n), HF_OK);
        const hf_psk *first = hf_psks_find(psks, nothing);
        assert_non_null(first);
        assert_true(hf_span_equal(first->identity, hf_span_str("device-7")));
    }
    end(psks);
}

/* Whole identities are compared, whatever bytes they have (RFC 9257 4: no text is assumed). */
static void identities_that_look_alike(void **state)
{
    hf_psks *psks = make();
    uint8_t key[32];

    (void)state;
    for (size_t len = 1; len <= HF_PSK_IDENTITY_MAX; len++) /* of zeroes */
        assert_int_equal(hf_psks_add(psks, hf_span_of(many, len), key_of(key, len)), HF_OK);
    for (size_t len = 1; len <= HF_PSK_IDENTITY_MAX; len++) {
        const hf_psk *found = hf_psks_find(psks, hf_span_of(many, len));
        assert_non_null(found);
        assert_int_equal(found->identity.len, len);
        assert_true(hf_span_equal(found->key, key_of(key, len)));
    }
    assert_null(hf_psks_find(psks, hf_span_of(many, sizeof many)));
    assert_null(hf_psks_find(psks, hf_span_str("device")));
    end(psks);
}

static void lengths(void **state)
{
    hf_psks *psks = make();
    uint8_t key[HF_PSK_KEY_MAX + 1] = { 0 };
    char name[32];

    (void)state;
    assert_int_equal(hf_psks_add(psks, hf_span_of(many, 0), hf_span_of(key, 32)),
                     HF_E_PSK_IDENTITY);
    assert_int_equal(hf_psks_add(psks, hf_span_of(many, sizeof many), hf_span_of(key, 32)),
                     HF_E_PSK_IDENTITY);
    for (size_t len = 0; len <= sizeof key; len++) {
        bool good = len >= HF_PSK_KEY_MIN && len <= HF_PSK_KEY_MAX;
        hf_error e = hf_psks_add(psks, identity_of(name, len), hf_span_of(key, len));
        assert_int_equal(e, good ? HF_OK : HF_E_PSK_KEY);
        assert_int_equal(hf_psks_find(psks, identity_of(name, len)) != NULL, good);
    }
    assert_int_equal(hf_psks_count(psks), HF_PSK_KEY_MAX - HF_PSK_KEY_MIN + 1);
    end(psks);
}

/* Not even with the same key: somebody meant two. */
static void an_identity_has_one_key(void **state)
{
    hf_psks *psks = make();
    uint8_t key[32];

    (void)state;
    assert_int_equal(add(psks, 1), HF_OK);
    assert_int_equal(add(psks, 1), HF_E_PSK_TWICE);
    assert_int_equal(hf_psks_add(psks, hf_span_str("device-1"), key_of(key, 2)), HF_E_PSK_TWICE);
    assert_int_equal(hf_psks_count(psks), 1);
    assert_has(psks, 1);
    end(psks);
}

/* What was found stays where it is while more comes. */
static void what_was_found_stays(void **state)
{
    hf_psks *psks = make();

    (void)state;
    assert_int_equal(add(psks, 0), HF_OK);
    const hf_psk *first = hf_psks_find(psks, hf_span_str("device-0"));
    hf_span key = first->key;
    for (size_t n = 1; n < 5000; n++)
        assert_int_equal(add(psks, n), HF_OK);
    assert_ptr_equal(hf_psks_find(psks, hf_span_str("device-0")), first);
    assert_ptr_equal(first->key.data, key.data);
    end(psks);
}

static void as_many_as_there_may_be(void **state)
{
    hf_psks *psks = make();

    (void)state;
    for (size_t n = 0; n < HF_PSKS_MAX; n++)
        assert_int_equal(add(psks, n), HF_OK);
    assert_int_equal(add(psks, HF_PSKS_MAX), HF_E_LIMIT);
    assert_int_equal(hf_psks_count(psks), HF_PSKS_MAX);
    for (size_t n = 0; n < HF_PSKS_MAX; n++)
        assert_has(psks, n);
    assert_true(largest_block() >=
                HF_PSKS_MAX * sizeof(void *)); /* a chain for each: none is long */
    assert_int_equal(add(psks, 0), HF_E_PSK_TWICE);
    end(psks);
}

/* ---- who uses it ---- */

/* One set in both roles would let a peer give us our own messages back (RFC 9257 4.1). */
static void one_role(void **state)
{
    static const hf_role roles[] = { HF_CLIENT, HF_SERVER };

    (void)state;
    for (size_t i = 0; i < COUNT(roles); i++) {
        hf_psks *psks = make();
        assert_int_equal(hf_psks_claim_role(psks, roles[i]), HF_OK);
        assert_int_equal(hf_psks_claim_role(psks, roles[1 - i]), HF_E_PSK_ROLE);
        assert_int_equal(hf_psks_claim_role(psks, roles[i]), HF_OK);
        end(psks);
    }
}

static void nothing_is_added_to_a_sealed_set(void **state)
{
    hf_psks *psks = make();

    (void)state;
    assert_int_equal(add(psks, 1), HF_OK);
    hf_psks_seal(psks);
    assert_int_equal(add(psks, 2), HF_E_CONFIG_SEALED);
    assert_int_equal(hf_psks_count(psks), 1);
    assert_has(psks, 1);
    hf_psks_seal(psks);
    end(psks);
}

static void references(void **state)
{
    hf_psks *psks = make();

    (void)state;
    assert_int_equal(add(psks, 1), HF_OK);
    assert_ptr_equal(hf_psks_ref(psks), psks);
    hf_psks_free(psks);
    assert_has(psks, 1);
    assert_true(any_marks()); /* end: none of them comes back unwiped */
    end(psks);
    hf_psks_free(NULL);
}

/* ---- memory ---- */

static void no_memory(void **state)
{
    (void)state;
    for (size_t n = 0; n < 2; n++) { /* the set, its chains */
        fail_at = calls + n;
        assert_null(hf_psks_new());
        fail_at = SIZE_MAX;
        assert_int_equal(live, 0);
    }
    hf_psks *psks = make();
    for (size_t n = 0; n < 100; n++) { /* also where the table grows */
        fail_at = calls;
        assert_int_equal(add(psks, n), HF_E_NO_MEMORY);
        fail_at = SIZE_MAX;
        assert_int_equal(hf_psks_count(psks), n);
        assert_int_equal(add(psks, n), HF_OK);
        for (size_t k = 0; k <= n; k++)
            assert_has(psks, k);
    }
    end(psks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_is_found),
        cmocka_unit_test(an_empty_identity_is_the_first),
        cmocka_unit_test(identities_that_look_alike),
        cmocka_unit_test(lengths),
        cmocka_unit_test(an_identity_has_one_key),
        cmocka_unit_test(what_was_found_stays),
        cmocka_unit_test(as_many_as_there_may_be),
        cmocka_unit_test(one_role),
        cmocka_unit_test(nothing_is_added_to_a_sealed_set),
        cmocka_unit_test(references),
        cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
