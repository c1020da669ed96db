/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Certificate policies (RFC 5280 6.1, RFC 9618): paths as words, from the CA under the anchor down to the leaf. Of a
 * certificate are told: p=1,2,* its policies (* is anyPolicy), m=1>2 its mappings, e=, i= and a= the numbers of
 * requireExplicitPolicy, inhibitPolicyMapping and inhibitAnyPolicy, and whether it is self-issued. The ideas are those of
 * NIST's PKITS, sections 4.8 to 4.12, with any policy as the user's wish.
 */
#include "x509_support.h"

#include "tests/support/x509_make.h"
#include "x509/cert_policies.h"

enum { DEPTH_MAX = 7, VALUE_ROOM = 2048, FINE = -1 };

/* ---- certificates from words ---- */

typedef void extension_reader(hf_reader *value, hf_cert *cert);

static hf_error read_value(extension_reader *read, hf_span der, hf_cert *cert)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(make_bytes(der.data, der.len), "extension", 0, &fault, NULL);

    read(&r, cert);
    hf_rd_end(&r);
    return fault.code;
}

static hf_span policy_oid(const char *word)
{
    char dotted[32];

    if (*word == '*')
        return make_oid("2.5.29.32.0");
    snprintf(dotted, sizeof dotted, "1.2.3.%ld", strtol(word, NULL, 10));
    return make_oid(dotted);
}

static hf_span policies_value(const char *list)
{
    hf_span all = { NULL, 0 };

    for (; *list; list += strcspn(list, ","), list += *list == ',')
        all = make_join(all, MAKE(HF_DER_SEQUENCE, policy_oid(list)));
    return make_tlv(HF_DER_SEQUENCE, all);
}

static hf_span mappings_value(const char *list)
{
    hf_span all = { NULL, 0 };

    for (; *list; list += strcspn(list, ","), list += *list == ',')
        all = make_join(all, MAKE(HF_DER_SEQUENCE, policy_oid(list),
                                  policy_oid(list + strcspn(list, ">") + 1)));
    return make_tlv(HF_DER_SEQUENCE, all);
}

static hf_span constraints_value(long explicit_policy, long mapping)
{
    hf_span none = { NULL, 0 };

    return MAKE(HF_DER_SEQUENCE,
                explicit_policy >= 0 ? make_int(HF_DER_CONTEXT(0), explicit_policy) : none,
                mapping >= 0 ? make_int(HF_DER_CONTEXT(1), mapping) : none);
}

static void set_word(hf_cert *cert, const char *word, long *explicit_policy, long *mapping)
{
    const char *value = word + 2;

    switch (word[0]) {
    case 'p': assert_error(read_value(hf_policies_read, policies_value(value), cert), HF_OK); break;
    case 'm':
        assert_error(read_value(hf_policy_mappings_read, mappings_value(value), cert), HF_OK);
        break;
    case 'e': *explicit_policy = strtol(value, NULL, 10); break;
    case 'i': *mapping = strtol(value, NULL, 10); break;
    case 'a':
        assert_error(read_value(hf_inhibit_any_policy_read,
                                make_int(HF_DER_INTEGER, strtol(value, NULL, 10)), cert),
                     HF_OK);
        break;
    default: assert_string_equal(word, "self"); cert->self_issued = true;
    }
}

static hf_cert cert_of(const char *words)
{
    hf_cert cert = { .path_len = -1 };
    long explicit_policy = -1, mapping = -1;
    char word[VALUE_ROOM];

    for (int n; sscanf(words, "%2047s%n", word, &n) == 1; words += n)
        set_word(&cert, word, &explicit_policy, &mapping);
    if (explicit_policy >= 0 || mapping >= 0)
        assert_error(read_value(hf_policy_constraints_read,
                                constraints_value(explicit_policy, mapping), &cert),
                     HF_OK);
    return cert;
}

/* ---- paths ---- */

typedef struct row {
    const char *certs[DEPTH_MAX]; /* the leaf is the last */
    int fails_at;                 /* FINE, or the place in the path: 0 is the leaf */
} row;

static hf_error ask(const char *anchor, const char *const *certs, size_t *at,
                    char detail[HF_DETAIL_MAX])
{
    hf_cert made[DEPTH_MAX + 1];
    const hf_cert *path[DEPTH_MAX + 1];
    size_t n = 0;

    while (n < DEPTH_MAX && certs[n])
        n++;
    for (size_t i = 0; i < n; i++) {
        made[i] = cert_of(certs[n - 1 - i]);
        path[i] = &made[i];
    }
    made[n] = cert_of(anchor);
    path[n] = &made[n];
    detail[0] = '\0';
    return hf_policies_check(path, n + 1, at, detail);
}

static void ask_all(const row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char detail[HF_DETAIL_MAX];
        size_t at = 99;
        hf_error e = ask("", rows[i].certs, &at, detail);
        hf_error expected = rows[i].fails_at == FINE ? HF_OK : HF_E_CERT_POLICY;
        if (e != expected)
            print_error("row %zu: %s | %s | %s\n", i, rows[i].certs[0],
                        rows[i].certs[1] ? rows[i].certs[1] : "",
                        rows[i].certs[1] && rows[i].certs[2] ? rows[i].certs[2] : "");
        assert_error(e, expected);
        assert_int_equal(detail[0] != '\0', e != HF_OK);
        if (rows[i].fails_at != FINE)
            assert_int_equal(at, rows[i].fails_at);
        make_free();
    }
}

/* ---- nothing is demanded ---- */

static const row undemanded[] = {
    { { "" }, FINE },
    { { "", "", "" }, FINE },
    { { "p=1", "p=2" }, FINE },
    { { "p=1", "", "p=2" }, FINE },
    { { "p=1 i=0 a=0", "m=1>2", "p=*" }, FINE },
    { { "p=1 m=1>2", "p=1" }, FINE },
};

/* RFC 5280 6.1.5: without requireExplicitPolicy a path needs no policy. */
static void test_undemanded(void **state)
{
    (void)state;
    ask_all(undemanded, COUNT(undemanded));
}

/* ---- requireExplicitPolicy: 4.2.1.11, PKITS 4.8 and 4.9 ---- */

static const row explicit_rows[] = {
    { { "p=1 e=0", "p=1" }, FINE },
    { { "p=1,2 e=0", "p=2,3", "p=2" }, FINE },
    { { "p=1 e=0", "p=2" }, 0 },
    { { "p=1 e=0", "" }, 0 },
    { { "p=1 e=0", "p=2", "p=2" }, 1 },
    { { "p=1 e=0", "", "p=1" }, 1 },
    { { "p=1,2 e=0", "p=2,3", "p=1,3" }, 0 },
    { { "e=0", "p=1" }, 0 },
    { { "", "p=1 e=0", "p=1" }, 0 }, /* what was lost above stays lost */
    { { "p=2", "p=1 e=0", "p=1" }, 0 },
    /* how many certificates may follow before it holds; the end of the path counts as one */
    { { "p=1 e=1", "p=2" }, 0 },
    { { "p=1 e=2", "p=2" }, FINE },
    { { "p=1 e=10", "", "", "", "" }, FINE },
    { { "p=1 e=5", "", "", "", "" }, FINE },
    { { "p=1 e=4", "", "", "", "" }, 0 },
    { { "p=1 e=3", "", "", "", "" }, 0 },
    { { "p=1 e=2", "", "", "", "" }, 1 },
    { { "p=1 e=1", "", "", "", "" }, 2 },
    { { "p=1 e=4", "p=1", "p=1", "p=1" }, FINE },
    { { "p=1 e=1000000", "", "" }, FINE },
    { { "p=1 e=256", "", "" }, FINE },
    { { "p=1 e=65536", "", "" }, FINE },
    /* the smallest wins, wherever it stands */
    { { "e=7", "e=2", "e=4", "" }, 0 },
    { { "e=7", "e=4", "e=2", "" }, FINE },
    { { "p=1 e=0", "p=1 e=10", "p=2" }, 0 },
    /* a self-issued CA is not counted (6.1.4 (h)), a self-issued leaf is (6.1.5 (a)) */
    { { "e=2", "self", "" }, FINE },
    { { "e=2", "self", "", "" }, 0 },
    { { "e=2", "self", "", "self" }, 0 },
    { { "e=2", "", "self", "" }, 0 },
    { { "e=1", "self", "self", "self" }, 0 },
    { { "e=2", "self", "self", "self" }, FINE },
    /* the leaf's own demand: only 0 means something (6.1.5 (b)) */
    { { "p=1", "p=1 e=0" }, FINE },
    { { "p=1", "p=2 e=0" }, 0 },
    { { "p=1", "p=2 e=1" }, FINE },
    { { "p=1 e=0" }, FINE },
    { { "e=0" }, 0 },
};

static void test_explicit_policy(void **state)
{
    (void)state;
    ask_all(explicit_rows, COUNT(explicit_rows));
}

/* ---- anyPolicy: 4.2.1.4 and 4.2.1.14, PKITS 4.12 ---- */

static const row any_rows[] = {
    { { "p=* e=0", "p=*", "p=*" }, FINE },
    { { "p=* e=0", "p=*", "p=7" }, FINE },
    { { "p=* e=0", "p=1", "p=*" }, FINE },
    { { "p=* e=0", "p=1", "p=2" }, 0 },
    { { "p=1 e=0", "p=*", "p=1" }, FINE },
    { { "p=1 e=0", "p=*", "p=2" }, 0 },
    { { "p=1 e=0", "p=2,*", "p=1" }, FINE },
    { { "p=1 e=0", "p=2,*", "p=2" }, 0 },
    { { "p=* e=0", "" }, 0 },
    /* inhibited */
    { { "p=1 e=0 a=0", "p=*" }, 0 },
    { { "p=1 e=0 a=0", "p=1,*" }, FINE },
    { { "p=* e=0 a=0", "p=1" }, FINE },
    { { "p=1 e=0 a=1", "p=*", "p=1" }, FINE },
    { { "p=1 e=0 a=1", "p=*", "p=*" }, 0 },
    { { "p=1 e=0 a=2", "p=*", "p=*" }, FINE },
    { { "p=1 e=0 a=3", "p=1 a=0", "p=*" }, 0 },
    { { "p=1 e=0 a=0", "p=1 a=5", "p=*" }, 0 },
    { { "p=1 e=0 a=256", "p=*", "p=*" }, FINE },
    { { "p=1 e=0", "p=* a=0" }, FINE }, /* for what is below, not for itself */
    /* a self-issued CA may use it and is not counted; a self-issued leaf may not */
    { { "p=1 e=0 a=0", "p=* self", "p=1" }, FINE },
    { { "p=1 e=0 a=0", "p=* self", "p=*" }, 0 },
    { { "p=1 e=0 a=1", "p=1 self", "p=*" }, FINE },
    { { "p=1 e=0 a=1", "p=1", "p=*" }, 0 },
    { { "p=1 e=0 a=0", "p=* self" }, 0 },
};

static void test_any_policy(void **state)
{
    (void)state;
    ask_all(any_rows, COUNT(any_rows));
}

/* ---- mappings: 4.2.1.5, PKITS 4.10 and 4.11 ---- */

static const row mapping_rows[] = {
    { { "p=1 m=1>2 e=0", "p=2" }, FINE },
    { { "p=1 m=1>2 e=0", "p=1" }, 0 },
    { { "p=1 m=1>2 e=0", "p=*" }, FINE },
    { { "p=1 m=1>2 e=0", "p=2 m=2>3", "p=3" }, FINE },
    { { "p=1 m=1>2 e=0", "p=2 m=2>3", "p=2" }, 0 },
    { { "p=1 m=1>2 e=0", "p=1 m=1>2", "p=2" }, 1 },
    { { "p=1,2 m=1>2,2>1 e=0", "p=1" }, FINE },
    { { "p=1,2 m=1>2,2>3 e=0", "p=2" }, FINE },
    { { "p=1,2 m=1>3 e=0", "p=2" }, FINE },
    { { "p=1,2 m=1>3 e=0", "p=1" }, 0 },
    { { "p=1 m=1>2,1>3 e=0", "p=2" }, FINE },
    { { "p=1 m=1>2,1>3 e=0", "p=3" }, FINE },
    { { "p=1,2 m=1>3,2>3 e=0", "p=3" }, FINE },
    { { "p=1 m=1>1 e=0", "p=1" }, FINE },
    { { "p=1 m=2>3 e=0", "p=3" }, 0 }, /* 2 is not valid here */
    { { "p=1 m=2>3 e=0", "p=1" }, FINE },
    { { "p=* m=1>2 e=0", "p=2" }, FINE },
    { { "p=* m=1>2 e=0", "p=9" }, FINE },
    { { "p=* m=1>2 e=0", "p=*", "p=2" }, FINE },
    { { "p=*,1 m=1>2 e=0", "p=1" }, FINE },
    { { "p=1 e=0", "p=* m=1>2", "p=2" }, FINE },
    { { "p=1 e=0", "p=* m=1>2", "p=1" }, 0 },
    /* inhibited */
    { { "p=1 i=0 e=0", "p=1 m=1>2", "p=2" }, 0 },
    { { "p=1 i=0 e=0", "p=1 m=1>2", "p=1" }, 0 }, /* (b) (2): taken out */
    { { "p=1,3 i=0 e=0", "p=1,3 m=1>2", "p=3" }, FINE },
    { { "p=* i=0 e=0", "p=* m=1>2", "p=2" }, FINE },
    { { "p=1 i=1 e=0", "p=1 m=1>2", "p=2" }, FINE },
    { { "p=1 i=1 e=0", "p=1", "p=1 m=1>2", "p=2" }, 0 },
    { { "p=1 i=1 e=0", "p=1 self", "p=1 m=1>2", "p=2" }, FINE },
    { { "p=1 i=5 e=0", "p=1 i=0", "p=1 m=1>2", "p=2" }, 0 },
    { { "p=1 i=0 e=0", "p=1 i=5", "p=1 m=1>2", "p=2" }, 0 },
    { { "p=1 m=1>2 i=0 e=0", "p=2" }, FINE }, /* for what is below, not for itself */
};

static void test_mappings(void **state)
{
    (void)state;
    ask_all(mapping_rows, COUNT(mapping_rows));
}

/* ---- the anchor, the limits ---- */

/* RFC 5280 6.1.1 (d): of an anchor only name and key are taken. */
static void test_anchor_is_not_judged(void **state)
{
    static const char *const certs[] = { "p=2", "p=3", NULL };
    static const char *const none[] = { NULL };
    char detail[HF_DETAIL_MAX];
    size_t at = 99;

    (void)state;
    assert_error(ask("p=1 e=0 i=0 a=0", certs, &at, detail), HF_OK);
    assert_error(ask("e=0", none, &at, detail), HF_OK); /* a leaf that is itself an anchor */
    assert_int_equal(at, 99);
    make_free();
}

/* "p=1,2,…,n" and what follows. */
static void many(char *out, size_t room, size_t n, const char *more)
{
    size_t len = (size_t)snprintf(out, room, "p=1");

    for (size_t i = 2; i <= n; i++)
        len += (size_t)snprintf(out + len, room - len, ",%zu", i);
    snprintf(out + len, room - len, " %s", more);
}

/* 128 policies at one level, and not one more. */
static void test_limits(void **state)
{
    char full[VALUE_ROOM], over[VALUE_ROOM], free_of_demand[VALUE_ROOM], detail[HF_DETAIL_MAX];
    const char *const good[] = { full, "p=128", NULL }, *const bad[] = { over, "p=128", NULL };
    const char *const easy[] = { free_of_demand, "p=128", NULL };
    size_t at = 99;

    (void)state;
    many(full, sizeof full, 128, "m=1>201 e=0");
    many(over, sizeof over, 128, "m=1>201,1>202 e=0");
    many(free_of_demand, sizeof free_of_demand, 128, "m=1>201,1>202");
    assert_error(ask("", good, &at, detail), HF_OK);
    assert_error(ask("", bad, &at, detail), HF_E_CERT_POLICY);
    assert_int_equal(at, 1);
    assert_string_equal(detail, "more than 128 policies at one level");
    assert_error(ask("", easy, &at, detail), HF_OK);
    make_free();
}

/* ---- shapes ---- */

static const struct {
    extension_reader *read;
    const char *der;
    hf_error expected;
} shapes[] = {
    /* CertificatePolicies */
    { hf_policies_read, "3006 3004 06022a03", HF_OK },
    { hf_policies_read, "300c 3004 06022a03 3004 06022a04", HF_OK },
    { hf_policies_read, "3011 300f 06022a03 3009 3007 06022a03 160161", HF_OK },
    { hf_policies_read, "3000", HF_E_TRUNCATED },
    { hf_policies_read, "300c 3004 06022a03 3004 06022a03", HF_E_CERT_DER }, /* twice */
    { hf_policies_read, "3008 3006 06022a03 3000", HF_E_TRUNCATED },         /* no qualifier */
    { hf_policies_read, "300e 300c 06022a03 3006 3004 06022a03", HF_E_TRUNCATED },
    { hf_policies_read, "3013 3011 06022a03 3009 3007 06022a03 160161 0500", HF_E_TRAILING_BYTES },
    { hf_policies_read, "3006 3004 05020000", HF_E_CERT_DER },
    { hf_policies_read, "3002 3000", HF_E_TRUNCATED },
    { hf_policies_read, "3006 3004 06022a03 0500", HF_E_TRAILING_BYTES },
    /* PolicyMappings */
    { hf_policy_mappings_read, "300a 3008 06022a03 06022a04", HF_OK },
    { hf_policy_mappings_read, "3000", HF_E_TRUNCATED },
    { hf_policy_mappings_read, "300c 300a 06022a03 0604551d2000", HF_E_CERT_DER }, /* to any */
    { hf_policy_mappings_read, "300c 300a 0604551d2000 06022a03", HF_E_CERT_DER }, /* from any */
    { hf_policy_mappings_read, "3006 3004 06022a03", HF_E_TRUNCATED },
    { hf_policy_mappings_read, "300e 300c 06022a03 06022a04 06022a05", HF_E_TRAILING_BYTES },
    /* PolicyConstraints */
    { hf_policy_constraints_read, "3003 800100", HF_OK },
    { hf_policy_constraints_read, "3003 810100", HF_OK },
    { hf_policy_constraints_read, "3006 800100 810100", HF_OK },
    { hf_policy_constraints_read, "3004 80020080", HF_OK },
    { hf_policy_constraints_read, "300b 80097fffffffffffffffff", HF_OK },
    { hf_policy_constraints_read, "3000", HF_E_CERT_DER }, /* neither */
    { hf_policy_constraints_read, "3006 810100 800100", HF_E_TRAILING_BYTES },
    { hf_policy_constraints_read, "3003 820100", HF_E_TRAILING_BYTES },
    { hf_policy_constraints_read, "3003 020100", HF_E_TRAILING_BYTES },
    { hf_policy_constraints_read, "3003 8001ff", HF_E_CERT_DER }, /* negative */
    { hf_policy_constraints_read, "3002 8000", HF_E_CERT_DER },
    { hf_policy_constraints_read, "3004 80020001", HF_E_CERT_DER }, /* not minimal */
    /* InhibitAnyPolicy */
    { hf_inhibit_any_policy_read, "020100", HF_OK },
    { hf_inhibit_any_policy_read, "020200ff", HF_OK },
    { hf_inhibit_any_policy_read, "0201ff", HF_E_CERT_DER },
    { hf_inhibit_any_policy_read, "02020001", HF_E_CERT_DER },
    { hf_inhibit_any_policy_read, "0200", HF_E_CERT_DER },
    { hf_inhibit_any_policy_read, "800100", HF_E_CERT_DER },
    { hf_inhibit_any_policy_read, "020100 00", HF_E_TRAILING_BYTES },
};

static void test_shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        hf_cert cert = { .path_len = -1 };
        hf_error e = read_value(shapes[i].read, make_hex(shapes[i].der), &cert);
        if (e != shapes[i].expected)
            print_error("%s\n", shapes[i].der);
        assert_error(e, shapes[i].expected);
    }
    make_free();
}

static void test_too_many_in_one_certificate(void **state)
{
    hf_span policies = { NULL, 0 }, mappings = { NULL, 0 };
    hf_cert cert = { .path_len = -1 };

    (void)state;
    for (int i = 0; i < 129; i++) {
        char word[16];
        snprintf(word, sizeof word, "%d", i);
        policies = make_join(policies, MAKE(HF_DER_SEQUENCE, policy_oid(word)));
        mappings = make_join(mappings, MAKE(HF_DER_SEQUENCE, policy_oid("1"), policy_oid(word)));
    }
    assert_error(read_value(hf_policies_read, make_tlv(HF_DER_SEQUENCE, policies), &cert),
                 HF_E_CERT_DER);
    assert_error(read_value(hf_policy_mappings_read, make_tlv(HF_DER_SEQUENCE, mappings), &cert),
                 HF_E_CERT_DER);
    make_free();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_undemanded),
        cmocka_unit_test(test_explicit_policy),
        cmocka_unit_test(test_any_policy),
        cmocka_unit_test(test_mappings),
        cmocka_unit_test(test_anchor_is_not_judged),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_too_many_in_one_certificate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
