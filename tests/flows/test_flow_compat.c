/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The disguise of RFC 9846 E.4 where a handshake ends early: a client's change_cipher_spec stands before its first protected
 * record, also if that is the alert by which it gives up; once, and not at all if the disguise is off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/pair.h"
#include "record/record.h"

typedef struct written {
    uint8_t types[16]; /* of the client's records, in order */
    size_t n;
} written;

static void note_records(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    written *w = p->user;

    for (size_t at = 0; from == HF_CLIENT && at + HF_RECORD_HEADER <= *len;
         at += HF_RECORD_HEADER + (size_t)(bytes[at + 3] << 8 | bytes[at + 4])) {
        assert_true(w->n < sizeof w->types);
        w->types[w->n++] = bytes[at];
    }
}

/* A client that refuses the server's certificate, for it is another name's. */
static void refuse(hf_policy *policy, uint16_t first_group, written *w)
{
    hf_policy server = *hf_policy_named("default");
    pair_options o = { .policy = { policy, &server }, .verify_name = "another.test" };
    pair p;

    server.groups[0] = first_group ? first_group : server.groups[0];
    server.groups[1] = first_group ? 0 : server.groups[1];
    server.key_shares[0] = first_group ? first_group : server.key_shares[0];
    server.key_shares[1] = first_group ? 0 : server.key_shares[1];
    pair_start(&p, &o);
    p.tamper = note_records;
    p.user = w;
    pair_run(&p);
    assert_true(p.end[HF_CLIENT].failed);
    assert_int_equal(hf_conn_failure(p.end[HF_CLIENT].conn)->code, HF_E_CERT_NAME);
    assert_int_equal(hf_conn_failure(p.end[HF_SERVER].conn)->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(hf_conn_failure(p.end[HF_SERVER].conn)->alert, HF_ALERT_bad_certificate);
    pair_free(&p);
}

static void assert_records(const written *w, const uint8_t *types, size_t n)
{
    assert_int_equal(w->n, n);
    assert_memory_equal(w->types, types, n);
}

static void test_before_the_alert(void **state)
{
    static const uint8_t want[] = { HF_CT_HANDSHAKE, HF_CT_CHANGE_CIPHER_SPEC,
                                    HF_CT_APPLICATION_DATA };
    hf_policy policy = *hf_policy_named("default");
    written w = { .n = 0 };

    (void)state;
    refuse(&policy, 0, &w);
    assert_records(&w, want, sizeof want);
}

/* After a HelloRetryRequest it has been sent, before the second ClientHello. */
static void test_once(void **state)
{
    static const uint8_t want[] = { HF_CT_HANDSHAKE, HF_CT_CHANGE_CIPHER_SPEC, HF_CT_HANDSHAKE,
                                    HF_CT_APPLICATION_DATA };
    hf_policy policy = *hf_policy_named("default");
    written w = { .n = 0 };

    (void)state;
    refuse(&policy, hf_code(HF_GROUPS, "secp384r1"), &w);
    assert_records(&w, want, sizeof want);
}

static void test_not_without_the_disguise(void **state)
{
    static const uint8_t want[] = { HF_CT_HANDSHAKE, HF_CT_APPLICATION_DATA };
    hf_policy policy = *hf_policy_named("default");
    written w = { .n = 0 };

    (void)state;
    policy.middlebox_compat = false;
    refuse(&policy, 0, &w);
    assert_records(&w, want, sizeof want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_the_alert),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_not_without_the_disguise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
