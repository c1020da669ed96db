/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Name constraints (RFC 5280 4.2.1.10): the tables of x509_constraints_rows.h, the shape of the
 * extension, several CAs above one another, and the budget.
 */
#include "x509_support.h"

#include "tests/support/x509_make.h"
#include "x509/constraints.h"
#include "x509_constraints_rows.h"

/* ---- the question ---- */

static bool strict = true;

static hf_error read_constraints(hf_span der, hf_span *out)
{
    hf_fault fault = { .code = HF_OK };
    uint8_t *copy = tight(der);
    hf_reader r = hf_rd_start(hf_span_of(copy, der.len), "nameConstraints", 0, &fault, NULL);

    hf_constraints_read(&r, out);
    hf_rd_end(&r);
    if (fault.code == HF_OK)
        *out = make_bytes(out->data, out->len);
    free(copy);
    return fault.code;
}

static hf_cert issuer_for(const char *permitted, const char *excluded)
{
    hf_cert issuer = { .path_len = -1 };

    assert_error(
        read_constraints(make_name_constraints(permitted, excluded), &issuer.name_constraints),
        HF_OK);
    return issuer;
}

static hf_cert cert_for(const char *sans, const char *subject)
{
    return (hf_cert){ .san = make_general_names(sans ? sans : ""),
                      .subject = make_name(subject ? subject : "") };
}

static hf_error ask(const row *c, char detail[HF_DETAIL_MAX])
{
    unsigned budget = HF_NAME_BUDGET;
    hf_cert issuer = issuer_for(c->permitted, c->excluded);
    hf_cert cert = cert_for(c->sans, c->subject);

    detail[0] = '\0';
    return hf_constraints_check(&issuer, &cert, strict, &budget, detail);
}

static void ask_all(const row *rows, size_t n)
{
    char detail[HF_DETAIL_MAX];

    for (size_t i = 0; i < n; i++) {
        hf_error e = ask(&rows[i], detail);
        if (e != rows[i].expected)
            print_error("permitted %s, excluded %s: %s, subject %s: %s\n",
                        rows[i].permitted ? rows[i].permitted : "-",
                        rows[i].excluded ? rows[i].excluded : "-",
                        rows[i].sans ? rows[i].sans : "-", rows[i].subject ? rows[i].subject : "-",
                        detail);
        assert_error(e, rows[i].expected);
        assert_int_equal(detail[0] != '\0', e != HF_OK);
        make_free();
    }
}

/* ---- kind by kind ---- */

static void test_dns(void **state)
{
    (void)state;
    ask_all(dns, COUNT(dns));
}

/* RFC 5280 4.2.1.10 knows no leading dot in a dNSName; the private profile reads it as others do. */
static void test_leading_dot(void **state)
{
    (void)state;
    strict = false;
    ask_all(dotted, COUNT(dotted));
    strict = true;
}

static void test_addresses(void **state)
{
    (void)state;
    ask_all(addresses, COUNT(addresses));
}

static void test_emails(void **state)
{
    (void)state;
    ask_all(emails, COUNT(emails));
}

static void test_uris(void **state)
{
    (void)state;
    ask_all(uris, COUNT(uris));
}

static void test_directories(void **state)
{
    (void)state;
    ask_all(directories, COUNT(directories));
}

static hf_span organization(uint8_t tag, const char *hex)
{
    hf_span attribute = MAKE(HF_DER_SEQUENCE, make_oid("2.5.4.10"), make_tlv(tag, make_hex(hex)));

    return MAKE(HF_DER_SEQUENCE, make_tlv(HF_DER_SET, attribute));
}

static hf_error ask_value(const value_row *v, uint8_t list)
{
    char detail[HF_DETAIL_MAX];
    unsigned budget = HF_NAME_BUDGET;
    hf_cert issuer = { .path_len = -1 }, cert = { .subject = organization(v->name_tag, v->name) };
    hf_span base = make_tlv(HF_DER_CONTEXT_CONS(4), organization(v->base_tag, v->base));
    hf_span subtrees = make_tlv(list, make_tlv(HF_DER_SEQUENCE, base));

    assert_error(read_constraints(MAKE(HF_DER_SEQUENCE, subtrees), &issuer.name_constraints),
                 HF_OK);
    return hf_constraints_check(&issuer, &cert, true, &budget, detail);
}

/* RFC 5280 7.1: one text in several kinds of string is one name. What cannot be compared is excluded, and not permitted. */
static void test_kinds_of_string(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        hf_error permitted = ask_value(&values[i], HF_DER_CONTEXT_CONS(0));
        hf_error excluded = ask_value(&values[i], HF_DER_CONTEXT_CONS(1));
        if (permitted != values[i].permitted || excluded != values[i].excluded)
            print_error("row %zu: %s, %s\n", i, values[i].base, values[i].name);
        assert_error(permitted, values[i].permitted);
        assert_error(excluded, values[i].excluded);
        make_free();
    }
}

static void test_other_kinds(void **state)
{
    (void)state;
    ask_all(others, COUNT(others));
}

/* ---- minimum and maximum ---- */

static hf_error ask_ranged(const char *range, const char *san)
{
    char detail[HF_DETAIL_MAX];
    unsigned budget = HF_NAME_BUDGET;
    hf_cert issuer = { .path_len = -1 }, cert = cert_for(san, NULL);
    hf_span subtree = MAKE(HF_DER_SEQUENCE, make_general_names("dns:example.com"), make_hex(range));

    assert_error(read_constraints(MAKE(HF_DER_SEQUENCE, make_tlv(HF_DER_CONTEXT_CONS(0), subtree)),
                                  &issuer.name_constraints),
                 HF_OK);
    return hf_constraints_check(&issuer, &cert, true, &budget, detail);
}

/* RFC 5280 4.2.1.10: minimum is zero (and so left out), maximum is never there. */
static void test_ranges(void **state)
{
    (void)state;
    assert_error(ask_ranged("", "dns:example.com"), OK);
    assert_error(ask_ranged("800101", "dns:example.com"), REFUSED);
    assert_error(ask_ranged("810105", "dns:example.com"), REFUSED);
    assert_error(ask_ranged("800101810105", "dns:example.com"), REFUSED);
    assert_error(ask_ranged("810100", "dns:example.com"), REFUSED);
    assert_error(ask_ranged("800100", "dns:example.com"), REFUSED); /* a default, written */
    assert_error(ask_ranged("800101", "ip:192.0.2.1"), REFUSED);
    make_free();
}

/* ---- the shape of the extension ---- */

static const struct {
    const char *der;
    hf_error expected;
} shapes[] = {
    { "3009a007300582036f7267", HF_OK },
    { "3009a107300582036f7267", HF_OK },
    { "3012a007300582036f7267a107300582036f7267", HF_OK },
    { "3000", HF_E_CERT_DER },          /* neither list */
    { "3004a000a100", HF_E_TRUNCATED }, /* both empty */
    { "3002a000", HF_E_TRUNCATED },     /* RFC 5280: SIZE (1..MAX) */
    { "300ba007300582036f7267a100", HF_E_TRUNCATED },
    { "30020500", HF_E_TRAILING_BYTES }, /* not one of the two */
    { "300405000500", HF_E_TRAILING_BYTES },
    { "3012a107300582036f7267a007300582036f7267", HF_E_TRAILING_BYTES }, /* order */
    { "3012a007300582036f7267a007300582036f7267", HF_E_TRAILING_BYTES }, /* twice */
    { "3009a00730058a036f7267", HF_E_CERT_DER },                         /* no GeneralName */
    { "3009a007300502036f7267", HF_E_CERT_DER },
    { "3009a0073005a2036f7267", HF_E_CERT_DER },                   /* constructed dNSName */
    { "3004a0023000", HF_E_TRUNCATED },                            /* a subtree without a base */
    { "300ca00a300882036f7267820161", HF_E_TRAILING_BYTES },       /* two bases */
    { "300fa00d300b82036f7267810101800101", HF_E_TRAILING_BYTES }, /* maximum, minimum */
    { "3009a107300582036f726700", HF_E_TRAILING_BYTES },           /* after the extension */
    { "300aa007300582036f7267", HF_E_TRUNCATED },
    { "31 00", HF_E_CERT_DER },
    { "", HF_E_TRUNCATED },
};

static void test_shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        hf_span out;
        hf_error e = read_constraints(make_hex(shapes[i].der), &out);
        if (e != shapes[i].expected)
            print_error("%s\n", shapes[i].der);
        assert_error(e, shapes[i].expected);
    }
    make_free();
}

/* A content that nobody checked, as a hf_cert that was put together by hand may have. */
static void test_unchecked_content_is_refused(void **state)
{
    char detail[HF_DETAIL_MAX];
    unsigned budget = HF_NAME_BUDGET;
    hf_cert cert = cert_for("dns:example.com", NULL);
    hf_cert issuer = { .name_constraints = make_hex("a00730ff82036f7267") };

    (void)state;
    assert_error(hf_constraints_check(&issuer, &cert, true, &budget, detail), REFUSED);
    issuer.name_constraints = make_hex("0500");
    assert_error(hf_constraints_check(&issuer, &cert, true, &budget, detail), REFUSED);
    make_free();
}

/* ---- certificates, critical and not ---- */

static hf_cert parsed_ca(const char *permitted, const char *excluded, bool critical)
{
    make_ext exts[] = {
        { MAKE_EXT_BASIC_CONSTRAINTS, true, make_hex("30030101ff") },
        { MAKE_EXT_NAME_CONSTRAINTS, critical, make_name_constraints(permitted, excluded) },
    };

    return make_parsed(&(make_cert_options){ .subject = "CN=ca", .exts = exts, .n_exts = 2 });
}

static hf_cert parsed_leaf(const char *sans)
{
    make_ext exts[] = { { MAKE_EXT_SAN, false, make_san(sans) } };

    return make_parsed(
        &(make_cert_options){ .subject = "CN=leaf", .issuer = "CN=ca", .exts = exts, .n_exts = 1 });
}

static void test_critical_or_not(void **state)
{
    (void)state;
    for (int critical = 0; critical < 2; critical++) {
        char detail[HF_DETAIL_MAX];
        unsigned budget = HF_NAME_BUDGET;
        hf_cert good = parsed_leaf("dns:www.example.com"), bad = parsed_leaf("dns:example.org");
        hf_cert othr = parsed_leaf("other:1.2.3=x");
        hf_cert ca = parsed_ca("dns:example.com", "other:1.2.3=x", critical);
        assert_error(hf_constraints_check(&ca, &good, true, &budget, detail), OK);
        assert_error(hf_constraints_check(&ca, &bad, true, &budget, detail), NOT_PERMITTED);
        assert_string_equal(detail, "DNS name example.org is not under DNS name example.com");
        assert_error(hf_constraints_check(&ca, &othr, true, &budget, detail), REFUSED);
        make_free();
    }
}

static void test_without_constraints(void **state)
{
    char detail[HF_DETAIL_MAX];
    unsigned budget = 0;
    hf_cert issuer = { .path_len = -1 }, cert = cert_for("dns:.; email:@", "CN=a");

    (void)state;
    assert_error(hf_constraints_check(&issuer, &cert, true, &budget, detail), OK);
    make_free();
}

/* ---- several CAs: each one's constraints hold (RFC 5280 6.1.4 (g)) ---- */

static const struct {
    const char *permitted[3], *excluded[3];
    const char *sans;
    hf_error expected;
} chains[] = {
    /* narrows */
    { { "dns:com", "dns:example.com", "dns:a.example.com" }, { NULL }, "dns:a.example.com", OK },
    { { "dns:com", "dns:example.com", "dns:a.example.com" },
      { NULL },
      "dns:b.example.com",
      NOT_PERMITTED },
    { { "dns:foo.example.com; dns:bar.example.com", "dns:bar.example.com" },
      { NULL },
      "dns:foo.example.com",
      NOT_PERMITTED },
    /* does not widen */
    { { "dns:bar.example.com", "dns:foo.example.com; dns:bar.example.com" },
      { NULL },
      "dns:foo.example.com",
      NOT_PERMITTED },
    { { "dns:bar.example.com", "dns:foo.example.com; dns:bar.example.com" },
      { NULL },
      "dns:bar.example.com",
      OK },
    { { "dns:a.com", "dns:b.com" }, { NULL }, "dns:a.com", NOT_PERMITTED },
    { { "dns:a.com", "dns:b.com" }, { NULL }, "dns:b.com", NOT_PERMITTED },
    { { "dns:a.com", "dns:b.com" }, { NULL }, "ip:192.0.2.1", OK },
    /* what is excluded adds up */
    { { NULL }, { "dns:a.com", "dns:b.com", "dns:c.com" }, "dns:c.com", EXCLUDED },
    { { NULL }, { "dns:a.com", "dns:b.com", "dns:c.com" }, "dns:d.com", OK },
    { { NULL, "dns:a.com" }, { "dns:a.com" }, "dns:a.com", EXCLUDED },
    { { "dns:a.com" }, { NULL, "dns:secret.a.com" }, "dns:*.a.com", EXCLUDED },
    { { "dns:a.com", "ip:10.0.0.0/8" }, { NULL }, "dns:a.com; ip:10.0.0.1", OK },
    { { "dns:a.com", "ip:10.0.0.0/8" }, { NULL }, "dns:a.com; ip:11.0.0.1", NOT_PERMITTED },
};

static hf_error ask_chain(size_t row_of)
{
    char detail[HF_DETAIL_MAX];
    unsigned budget = HF_NAME_BUDGET;
    hf_cert leaf = cert_for(chains[row_of].sans, "CN=leaf");

    for (size_t i = 0; i < 3; i++) {
        const char *permitted = chains[row_of].permitted[i], *excluded = chains[row_of].excluded[i];
        if (!permitted && !excluded)
            continue;
        hf_cert issuer = issuer_for(permitted, excluded);
        hf_error e = hf_constraints_check(&issuer, &leaf, true, &budget, detail);
        if (e != HF_OK)
            return e;
    }
    return HF_OK;
}

static void test_chains(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(chains); i++) {
        assert_error(ask_chain(i), chains[i].expected);
        make_free();
    }
}

/* ---- the budget ---- */

/* Of a subtree of 421 octets, a Name of 14, and their meeting: four for one unit. */
enum { WEIGHT = (1 + 421 / 4) + (1 + 14 / 4) + (1 + 435 / 4) };

static hf_error ask_budget(const hf_cert *issuer, const hf_cert *cert, unsigned *budget)
{
    char detail[HF_DETAIL_MAX];

    return hf_constraints_check(issuer, cert, true, budget, detail);
}

/* Reading two subtrees and three names, then each name against each subtree. */
static void test_budget_counts(void **state)
{
    hf_cert issuer = issuer_for("dns:a.com; dns:example.com", NULL);
    hf_cert cert = cert_for("dns:example.com; dns:x.example.com; dns:y.example.com", NULL);
    unsigned budget = 11;

    (void)state;
    assert_error(ask_budget(&issuer, &cert, &budget), OK);
    assert_int_equal(budget, 0);
    budget = 10;
    assert_error(ask_budget(&issuer, &cert, &budget), HF_E_CERT_BUDGET_NAMES);
    assert_int_equal(budget, 0);
    assert_error(ask_budget(&issuer, &cert, &budget), HF_E_CERT_BUDGET_NAMES);
    make_free();
}

/* 1,000 names under 1,000 excluded subtrees are a million comparisons: four times what is allowed. */
static void test_budget_ends_the_work(void **state)
{
    hf_span names = { NULL, 0 }, subtrees = { NULL, 0 }, content;
    unsigned budget = HF_NAME_BUDGET;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof name, "dns:n%d.example", i);
        names = make_join(names, make_general_names(name));
        snprintf(name, sizeof name, "dns:x%d.example", i);
        subtrees = make_join(subtrees, make_tlv(HF_DER_SEQUENCE, make_general_names(name)));
    }
    assert_error(read_constraints(MAKE(HF_DER_SEQUENCE, make_tlv(HF_DER_CONTEXT_CONS(1), subtrees)),
                                  &content),
                 HF_OK);
    hf_cert issuer = { .name_constraints = content }, cert = { .san = names };
    assert_error(ask_budget(&issuer, &cert, &budget), HF_E_CERT_BUDGET_NAMES);
    budget = 1002000;
    assert_error(ask_budget(&issuer, &cert, &budget), OK);
    assert_int_equal(budget, 0);
    make_free();
}

/* A long subtree or name costs as much as several short ones. */
static void test_budget_weighs_length(void **state)
{
    char words[512];
    hf_cert cert = cert_for(NULL, "CN=a");
    unsigned budget = WEIGHT;

    (void)state;
    snprintf(words, sizeof words, "dir:O=%0400d", 0);
    hf_cert issuer = issuer_for(NULL, words);
    assert_error(ask_budget(&issuer, &cert, &budget), OK);
    assert_int_equal(budget, 0);
    budget = WEIGHT - 1;
    assert_error(ask_budget(&issuer, &cert, &budget), HF_E_CERT_BUDGET_NAMES);
    assert_int_equal(budget, 0);
    make_free();
}

/* A name is taken apart only where something is said of its kind, and it costs what it is long. */
static void test_budget_weighs_names(void **state)
{
    char words[512];
    hf_cert issuer = issuer_for(NULL, "dns:example.com"), other = issuer_for(NULL, "dir:O=x");
    unsigned budget = 10;

    (void)state;
    snprintf(words, sizeof words, "dir:O=%0400d", 0);
    hf_cert cert = cert_for(words, NULL);
    assert_error(ask_budget(&issuer, &cert, &budget), OK);
    assert_int_equal(budget, 8);
    budget = 200;
    assert_error(ask_budget(&other, &cert, &budget), HF_E_CERT_BUDGET_NAMES);
    budget = 230;
    assert_error(ask_budget(&other, &cert, &budget), OK);
    assert_true(budget < 20);
    make_free();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dns),
        cmocka_unit_test(test_leading_dot),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_emails),
        cmocka_unit_test(test_uris),
        cmocka_unit_test(test_directories),
        cmocka_unit_test(test_kinds_of_string),
        cmocka_unit_test(test_other_kinds),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_unchecked_content_is_refused),
        cmocka_unit_test(test_critical_or_not),
        cmocka_unit_test(test_without_constraints),
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_budget_counts),
        cmocka_unit_test(test_budget_ends_the_work),
        cmocka_unit_test(test_budget_weighs_length),
        cmocka_unit_test(test_budget_weighs_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
