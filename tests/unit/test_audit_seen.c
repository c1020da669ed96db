/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What was seen: three states that do not overwrite each other, evidence with limits, chains that are kept even if nobody can read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/seen.h"
#include "tests/support/testpki.h"
#include "tests/support/x509_make.h"

static hf_seen *seen;

static int set_up(void **state)
{
    (void)state;
    seen = hf_seen_new();
    return seen ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    hf_seen_free(seen);
    make_free();
    return 0;
}

/* ---- traits ---- */

/* Rule: PRESENT stays, and what is known is not forgotten because somebody else could not tell. */
static void knowledge_is_never_lost(void **state)
{
    static const struct {
        hf_tri before, then, after;
    } rows[] = {
        { HF_UNKNOWN, HF_UNKNOWN, HF_UNKNOWN }, { HF_UNKNOWN, HF_ABSENT, HF_ABSENT },
        { HF_UNKNOWN, HF_PRESENT, HF_PRESENT }, { HF_ABSENT, HF_UNKNOWN, HF_ABSENT },
        { HF_ABSENT, HF_PRESENT, HF_PRESENT },  { HF_PRESENT, HF_UNKNOWN, HF_PRESENT },
        { HF_PRESENT, HF_ABSENT, HF_PRESENT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_trait *t = &seen->traits[i];
        hf_seen_trait(seen, (hf_trait_id)i, rows[i].before, 1, "%s", "before");
        hf_seen_trait(seen, (hf_trait_id)i, rows[i].then, 2, "%s", "then");
        assert_int_equal(t->state, rows[i].after);
        bool replaced = rows[i].after != rows[i].before || rows[i].before == HF_UNKNOWN;
        assert_string_equal(t->words, replaced ? "then" : "before");
        assert_int_equal(t->evidence, replaced ? 2 : 1);
    }
}

static void every_trait_has_its_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < HF_TRAIT_COUNT; i++) {
        assert_non_null(hf_trait_rows[i].id);
        assert_true(hf_trait_rows[i].title[0] && hf_trait_rows[i].present[0] &&
                    hf_trait_rows[i].absent[0]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(hf_trait_rows[i].id, hf_trait_rows[j].id);
    }
    assert_string_equal(hf_trait_rows[HF_TRAIT_key_reuse].id, "key_reuse");
}

/* Rule: what a peer chose cannot move the cursor or colour the text. */
static void words_are_printable(void **state)
{
    (void)state;
    hf_seen_trait(seen, HF_TRAIT_http, HF_PRESENT, 0, "a%sb", "\x1b[2J\r\n\xff\x7f");
    assert_string_equal(seen->traits[HF_TRAIT_http].words, "a?[2J????b");
    size_t n = hf_seen_evidence(seen, "x", hf_span_str("s"), hf_span_str("r"), "%s", "\x07\t");
    assert_string_equal(hf_seen_evidence_at(seen, n)->words, "??");
}

static void words_are_cut(void **state)
{
    char text[2 * HF_EVIDENCE_WORDS];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    hf_seen_trait(seen, HF_TRAIT_http, HF_PRESENT, 0, "%s", text);
    assert_int_equal(strlen(seen->traits[HF_TRAIT_http].words), HF_EVIDENCE_WORDS - 1);
}

/* ---- evidence ---- */

static void evidence_is_copied_and_cut(void **state)
{
    uint8_t bytes[2 * HF_EVIDENCE_BYTES];

    (void)state;
    memset(bytes, 0x16, sizeof bytes);
    size_t n = hf_seen_evidence(seen, "versions", hf_span_of(bytes, sizeof bytes),
                                (hf_span){ NULL, 0 }, "number %d", 1);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(n, 1);
    const hf_evidence *e = hf_seen_evidence_at(seen, n);
    assert_string_equal(e->inquiry, "versions");
    assert_string_equal(e->words, "number 1");
    assert_int_equal(e->sent.len, HF_EVIDENCE_BYTES);
    assert_int_equal(e->sent.data[HF_EVIDENCE_BYTES - 1], 0x16);
    assert_int_equal(e->received.len, 0);
}

/* Rule: bounded; past the limit 0, which is the number of none. */
static void evidence_has_a_limit(void **state)
{
    hf_span bytes = hf_span_str("bytes");

    (void)state;
    for (size_t i = 1; i <= HF_EVIDENCE_MAX; i++)
        assert_int_equal(hf_seen_evidence(seen, "x", bytes, bytes, "%s", ""), i);
    assert_int_equal(hf_seen_evidence(seen, "x", bytes, bytes, "%s", ""), 0);
    assert_null(hf_seen_evidence_at(seen, 0));
    assert_null(hf_seen_evidence_at(seen, HF_EVIDENCE_MAX + 1));
    assert_non_null(hf_seen_evidence_at(seen, HF_EVIDENCE_MAX));
}

/* ---- versions ---- */

static void versions_have_names_and_codes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HF_V_COUNT; i++) {
        hf_seen_version_id id = (hf_seen_version_id)i;
        assert_int_equal(hf_seen_version_of(hf_seen_version_code(id)), id);
    }
    assert_string_equal(hf_seen_version_name(HF_V_SSL2), "SSL 2.0");
    assert_string_equal(hf_seen_version_name(HF_V_TLS13), "TLS 1.3");
    assert_string_equal(hf_seen_version_name(HF_V_COUNT), "no version");
    assert_int_equal(hf_seen_version_of(0x7f1c), HF_V_COUNT);
    assert_int_equal(hf_seen_version_code(HF_V_COUNT), 0);
}

static void the_newest_is_the_newest_that_is_spoken(void **state)
{
    (void)state;
    assert_int_equal(hf_seen_newest(seen), HF_V_COUNT);
    seen->v[HF_V_SSL3].spoken = HF_PRESENT;
    seen->v[HF_V_TLS11].spoken = HF_PRESENT;
    seen->v[HF_V_TLS13].spoken = HF_UNKNOWN;
    assert_int_equal(hf_seen_newest(seen), HF_V_TLS11);
    assert_true(hf_seen_speaks(seen, HF_V_SSL3));
    assert_false(hf_seen_speaks(seen, HF_V_TLS13));
    assert_false(hf_seen_speaks(seen, HF_V_COUNT));
}

/* ---- chains ---- */

static void a_chain_is_read(void **state)
{
    test_pki *pki = test_pki_new(HF_KEY_P256);

    (void)state;
    hf_seen_chain *c = hf_seen_chain_of(seen, pki->chain, 2, false, HF_V_TLS12, 7);
    assert_non_null(c);
    assert_int_equal(c->n, 2);
    assert_true(c->parsed);
    assert_false(c->more);
    assert_int_equal(c->parse_error, HF_OK);
    assert_int_equal(c->leaf.key.type, HF_KEY_P256);
    assert_non_null(strstr(c->sans, "DNS:localhost"));
    assert_int_equal(strlen(c->fingerprint), 95);
    assert_int_equal(c->evidence, 7);
    assert_int_equal(c->versions, 1u << HF_V_TLS12);
    assert_false(hf_span_within(c->der[0], pki->chain[0]));
    test_pki_free(pki);
    assert_true(hf_span_within(c->leaf.tbs, c->der[0]));
}

/* Rule: one chain a distinct leaf; a version more is a bit more. */
static void a_leaf_is_kept_once(void **state)
{
    test_pki *pki = test_pki_new(HF_KEY_P256);

    (void)state;
    hf_seen_chain *c = hf_seen_chain_of(seen, pki->chain, 2, false, HF_V_TLS12, 1);
    assert_ptr_equal(hf_seen_chain_of(seen, pki->chain, 1, false, HF_V_TLS10, 2), c);
    assert_ptr_equal(hf_seen_chain_of(seen, pki->chain, 2, false, HF_V_COUNT, 3), c);
    assert_int_equal(c->versions, 1u << HF_V_TLS12 | 1u << HF_V_TLS10);
    assert_int_equal(c->n, 2);
    assert_int_equal(c->evidence, 1);
    assert_int_equal(seen->n_chains, 1);
    test_pki_free(pki);
}

/* Rule: broken DER is a fact about the server: kept, with a fingerprint. */
static void broken_certificates_are_kept(void **state)
{
    hf_span broken = hf_span_of("\x30\x03\x02\x01\x05", 5);

    (void)state;
    hf_seen_chain *c = hf_seen_chain_of(seen, &broken, 1, false, HF_V_TLS12, 0);
    assert_non_null(c);
    assert_false(c->parsed);
    assert_int_not_equal(c->parse_error, HF_OK);
    assert_int_equal(strlen(c->fingerprint), 95);
    assert_string_equal(c->sans, "");
}

static void chains_have_limits(void **state)
{
    uint8_t bytes[HF_SEEN_CHAINS + HF_CHAIN_MAX + 4];
    hf_span many[HF_CHAIN_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    for (size_t i = 0; i < HF_CHAIN_MAX + 2; i++)
        many[i] = hf_span_of(bytes + i, 1);
    assert_null(hf_seen_chain_of(seen, many, 0, false, HF_V_TLS12, 0));
    hf_seen_chain *c = hf_seen_chain_of(seen, many, HF_CHAIN_MAX + 2, false, HF_V_TLS12, 0);
    assert_int_equal(c->n, HF_CHAIN_MAX);
    assert_true(c->more);
    for (size_t i = 1; i < HF_SEEN_CHAINS; i++)
        assert_non_null(hf_seen_chain_of(seen, many + i, 1, false, HF_V_TLS12, 0));
    assert_null(hf_seen_chain_of(seen, many + HF_SEEN_CHAINS, 1, false, HF_V_TLS12, 0));
    assert_ptr_equal(hf_seen_chain_of(seen, many, 1, false, HF_V_TLS13, 0), c);
}

/* That somebody could not tell outweighs that somebody else had nothing to ask, whichever came first. */
static void what_does_not_apply_is_told_unless_more_is_known(void **state)
{
    hf_seen *own = hf_seen_new();
    const hf_trait *t = &own->traits[HF_TRAIT_hsts];

    (void)state;
    hf_seen_idle(own, HF_TRAIT_hsts, "first");
    assert_true(t->idle && t->state == HF_UNKNOWN);
    assert_string_equal(t->words, "first");
    hf_seen_trait(own, HF_TRAIT_hsts, HF_UNKNOWN, 0, "%s", "silence");
    hf_seen_idle(own, HF_TRAIT_hsts, "again");
    assert_false(t->idle);
    assert_string_equal(t->words, "silence");
    hf_seen_trait(own, HF_TRAIT_hsts, HF_ABSENT, 0, "%s", "");
    hf_seen_idle(own, HF_TRAIT_hsts, "again");
    assert_true(!t->idle && t->state == HF_ABSENT);
    hf_seen_free(own);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(knowledge_is_never_lost),
        TEST(every_trait_has_its_texts),
        TEST(words_are_printable),
        TEST(words_are_cut),
        TEST(evidence_is_copied_and_cut),
        TEST(evidence_has_a_limit),
        TEST(versions_have_names_and_codes),
        TEST(the_newest_is_the_newest_that_is_spoken),
        TEST(a_chain_is_read),
        TEST(a_leaf_is_kept_once),
        TEST(broken_certificates_are_kept),
        TEST(chains_have_limits),
        cmocka_unit_test(what_does_not_apply_is_told_unless_more_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
