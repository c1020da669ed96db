/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Whatever was seen, a judgement adds up: servers made of chance, each from a seed that a failure names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "unit/audit_seen_support.h"

enum { SEEDS = 200 };

static uint32_t number;

/* xorshift: the same on every machine. */
static uint32_t draw(uint32_t below)
{
    number ^= number << 13;
    number ^= number >> 17;
    number ^= number << 5;
    return number % below;
}

static hf_tri tri(void)
{
    return (hf_tri)draw(3);
}

static void draw_codes(hf_codes *codes, uint32_t below)
{
    for (uint32_t n = draw(12); n > 0; n--)
        hf_codes_add(codes, (uint16_t)(draw(4) ? draw(below) : draw(65536)));
}

static void draw_versions(hf_seen *seen)
{
    for (int i = 0; i < HF_V_COUNT; i++) {
        hf_seen_version *v = &seen->v[i];
        v->spoken = tri();
        v->suites_whole = draw(2);
        v->groups_whole = draw(2);
        v->schemes_whole = draw(2);
        v->order = (hf_order)draw(3);
        draw_codes(&v->suites, 0x100);
        draw_codes(&v->groups, 0x30);
        draw_codes(&v->schemes, 0x900);
    }
    seen->n_dh = draw(HF_SEEN_DH + 1);
    for (size_t i = 0; i < seen->n_dh; i++)
        seen->dh[i] = (hf_seen_dh){ .bits = draw(4096),
                                    .name = draw(2) ? "RFC 2409 Oakley group 2" : NULL,
                                    .export_grade = draw(2) };
}

/* Times from the year 1 to far beyond, so that no difference may overflow. */
static int64_t draw_time(void)
{
    return ((int64_t)draw(400000) - 40000) * 800000;
}

static void draw_chain(hf_seen_chain *chain)
{
    static const hf_error verdicts[] = {
        HF_OK,          HF_E_CERT_EXPIRED, HF_E_CERT_UNKNOWN_CA, HF_E_CERT_REVOKED,
        HF_E_CERT_NAME, HF_E_CERT_POLICY
    };
    static const uint8_t bytes[40];

    chain->n = 1 + draw(3);
    chain->parsed = draw(2);
    chain->parse_error = chain->parsed ? HF_OK : HF_E_CERT_DER;
    chain->judged = draw(2);
    chain->verdict = verdicts[draw(6)];
    chain->name_matches = draw(2);
    chain->missing_intermediate = draw(2);
    chain->out_of_order = draw(2);
    chain->has_root = draw(2);
    chain->has_strangers = draw(2);
    chain->must_staple = draw(2);
    chain->weakest_bits = draw(5000);
    chain->weakest_hash = (hf_hash_id)draw(4);
    chain->sha1_signature = draw(2);
    chain->staple = hf_span_of(bytes, draw(2));
    chain->staple_good = tri();
    chain->leaf.not_before = draw_time();
    chain->leaf.not_after = draw_time();
    chain->leaf.key.type = (hf_key_type)draw(7);
    chain->leaf.signed_with = (hf_sig_algorithm){ (hf_sig_kind)draw(5), (hf_hash_id)draw(4) };
    chain->leaf.aia = chain->leaf.policies = hf_span_of(bytes, draw(sizeof bytes));
}

static hf_seen *draw_seen(void)
{
    hf_seen *seen = hf_seen_new();

    assert_non_null(seen);
    seen->reached = draw(8) > 0;
    draw_versions(seen);
    for (int i = 0; i < HF_TRAIT_COUNT; i++) {
        seen->traits[i].state = tri();
        seen->traits[i].number = draw(100000000);
        memset(seen->traits[i].words, draw(2) ? 'w' : 0, HF_EVIDENCE_WORDS - 1);
    }
    seen->n_chains = draw(HF_SEEN_CHAINS + 1);
    for (size_t i = 0; i < seen->n_chains; i++)
        draw_chain(&seen->chains[i]);
    return seen;
}

static void check_row(const hf_judgement *judged, const hf_judged_rule *row, size_t *next,
                      uint32_t seed)
{
    bool told = row->verdict == HF_RULE_UNSEEN || row->verdict == HF_RULE_IDLE;

    if (row->first != *next || (row->n > 0) != (row->verdict == HF_RULE_BROKEN) ||
        told != (row->why[0] != '\0') || (!row->rule) || row->n > judged->n_findings - *next)
        fail_msg("seed %u: %s: %d, %zu findings: %s", (unsigned)seed, row->rule->id,
                 (int)row->verdict, row->n, row->why);
    for (size_t i = *next; i < *next + row->n; i++)
        if (judged->findings[i].severity > row->rule->severity ||
            (judged->findings[i].severity < row->rule->severity &&
             !hf_check_milder(row->rule->check)))
            fail_msg("seed %u: %s: its severity is not the rule's", (unsigned)seed, row->rule->id);
    *next += row->n;
}

static void check(const hf_book *book, const hf_seen *seen, uint32_t seed)
{
    hf_judgement *judged = hf_judge(book, seen, SEEN_NOW);
    size_t next = 0;
    bool broken = false;

    assert_non_null(judged);
    for (size_t i = 0; i < judged->n_rules; i++)
        check_row(judged, &judged->rules[i], &next, seed);
    assert_int_equal(next, judged->n_findings);
    for (size_t i = 0; i < judged->n_findings; i++)
        broken |= judged->findings[i].severity > HF_SEVERITY_NOTE;
    assert_true(judged->broken == broken);
    hf_judgement_free(judged);
}

static void test_chance(void **state)
{
    const hf_book *book;

    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        number = seed * 2654435761u;
        hf_seen *seen = draw_seen();
        for (size_t i = 0; (book = hf_book_row(i)); i++)
            check(book, seen, seed);
        hf_seen_free(seen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_chance) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
