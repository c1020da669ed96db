/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is seen of resumption: tickets and ids apart, lifetimes, 0-RTT and its second use. Servers stand in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/whole.h"
#include "unit/audit_look_support.h"

extern const hf_inquiry_row hf_inquiry_sessions12, hf_inquiry_sessions13;

enum { HOUR = 3600 };

static void expect(const look *l, hf_trait_id id, hf_tri state, uint32_t number)
{
    const hf_trait *trait = &l->seen->traits[id];

    if (trait->state != state || trait->number != number)
        fail_msg("%s is %d with %u (%s), expected %d with %u", hf_trait_rows[id].id,
                 (int)trait->state, trait->number, trait->words, (int)state, number);
}

/* ---- TLS 1.2 ---- */

static void tickets_and_ids_are_told_apart(void **state)
{
    static const struct {
        bool tickets;
        size_t cache;
    } rows[] = { { true, 0 }, { false, 8 }, { true, 8 }, { false, 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        look l = begin((audit_server){ .tickets = rows[i].tickets,
                                       .cache = rows[i].cache,
                                       .lifetime = HOUR,
                                       .max_version = HF_TLS12 });
        run(&l, &hf_inquiry_sessions12);
        expect(&l, HF_TRAIT_tickets12, rows[i].tickets ? HF_PRESENT : HF_ABSENT, 0);
        expect(&l, HF_TRAIT_session_ids, rows[i].cache ? HF_PRESENT : HF_ABSENT, 0);
        expect(&l, HF_TRAIT_ticket_seconds12, rows[i].tickets ? HF_PRESENT : HF_ABSENT,
               rows[i].tickets ? HOUR : 0);
        assert_true(l.server.connections <= 4);
        end(&l);
    }
}

static void without_tls12_nothing_resumes_and_nothing_is_asked(void **state)
{
    (void)state;
    look l = begin((audit_server){ .tickets = true, .min_version = HF_TLS13 });
    run(&l, &hf_inquiry_sessions12);
    expect(&l, HF_TRAIT_tickets12, HF_ABSENT, 0);
    expect(&l, HF_TRAIT_session_ids, HF_ABSENT, 0);
    assert_int_equal(l.server.connections, 0);
    end(&l);
}

/* Of what is not spoken here nothing is known: TLS 1.0 may have resumed by an id. */
static void a_server_of_old_versions_alone_is_unknown(void **state)
{
    const hf_inquiry_row *rows[] = { &hf_inquiry_sessions12, &hf_inquiry_sessions13 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        look l = begin((audit_server){ .tickets = true });
        audit_server_start(&l.server);
        audit_seen_versions(l.seen, &l.server);
        l.seen->v[HF_V_TLS12].spoken = l.seen->v[HF_V_TLS13].spoken = HF_ABSENT;
        l.seen->v[HF_V_TLS10].spoken = HF_PRESENT;
        audit_inquire(rows[i], l.seen, &l.setup, &l.server);
        expect(&l, i ? HF_TRAIT_tickets13 : HF_TRAIT_session_ids, HF_UNKNOWN, 0);
        assert_int_equal(l.server.connections, 0);
        end(&l);
    }
}

/* TLS 1.3 refuses a client behind the handshake: that no ticket came to it says nothing. */
static void who_was_not_let_in_knows_nothing(void **state)
{
    const hf_inquiry_row *rows[] = { &hf_inquiry_sessions12, &hf_inquiry_sessions13 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        look l = begin((audit_server){ .tickets = true, .client_auth = HF_CLIENT_AUTH_REQUIRE });
        l.server.authorities = l.setup.trust;
        run(&l, rows[i]);
        hf_trait_id id = i ? HF_TRAIT_tickets13 : HF_TRAIT_tickets12;
        expect(&l, id, HF_UNKNOWN, 0);
        assert_non_null(strstr(l.seen->traits[id].words, "alert"));
        end(&l);
    }
}

/* Suites that are not spoken here say nothing about sessions. */
static void a_server_of_cbc_alone_is_unknown(void **state)
{
    (void)state;
    look l = begin((audit_server){ .tickets = true, .max_version = HF_TLS12 });
    l.seen->v[HF_V_TLS12].suites = (hf_codes){ .at = { 0x002f, 0xc013 }, .n = 2 };
    l.seen->v[HF_V_TLS12].suites_whole = true;
    run(&l, &hf_inquiry_sessions12);
    expect(&l, HF_TRAIT_tickets12, HF_UNKNOWN, 0);
    expect(&l, HF_TRAIT_session_ids, HF_UNKNOWN, 0);
    assert_non_null(strstr(l.seen->traits[HF_TRAIT_tickets12].words, "spoken here"));
    assert_int_equal(l.server.connections, 0);
    end(&l);
}

static void a_server_that_does_not_answer_is_unknown(void **state)
{
    static const hf_flight_end ends[] = { HF_FLIGHT_LATE, HF_FLIGHT_RESET, HF_FLIGHT_CLOSED,
                                          HF_FLIGHT_UNREACHABLE };
    const hf_inquiry_row *rows[] = { &hf_inquiry_sessions12, &hf_inquiry_sessions13 };

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        look l = begin((audit_server){ .tickets = true, .refuses = ends[i % 4] });
        run(&l, rows[i / 4]);
        for (int id = HF_TRAIT_session_ids; id <= HF_TRAIT_early_data_accepted; id++)
            expect(&l, (hf_trait_id)id, HF_UNKNOWN, 0);
        hf_trait_id one = i / 4 ? HF_TRAIT_tickets13 : HF_TRAIT_tickets12;
        assert_true(strlen(l.seen->traits[one].words) > 0);
        assert_int_equal(l.server.connections, 1);
        end(&l);
    }
}

/* ---- TLS 1.3 ---- */

static void tickets_resume_more_than_once(void **state)
{
    (void)state;
    look l = begin((audit_server){ .tickets = true, .lifetime = HOUR });
    run(&l, &hf_inquiry_sessions13);
    expect(&l, HF_TRAIT_tickets13, HF_PRESENT, 0);
    expect(&l, HF_TRAIT_ticket_seconds13, HF_PRESENT, HOUR);
    expect(&l, HF_TRAIT_early_data, HF_ABSENT, 0);
    expect(&l, HF_TRAIT_early_data_accepted, HF_ABSENT, 0);
    expect(&l, HF_TRAIT_early_data_replayed, HF_ABSENT, 0);
    expect(&l, HF_TRAIT_ticket_reuse13, HF_PRESENT, 0);
    assert_int_equal(l.server.connections, 3);
    end(&l);
}

static void no_tickets_no_resumption(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        look l = begin((audit_server){ .tickets = i == 0, .lifetime = HOUR, .no_tickets13 = true });
        run(&l, &hf_inquiry_sessions13);
        expect(&l, HF_TRAIT_tickets13, HF_ABSENT, 0);
        expect(&l, HF_TRAIT_ticket_seconds13, HF_ABSENT, 0);
        expect(&l, HF_TRAIT_early_data, HF_ABSENT, 0);
        assert_int_equal(l.server.connections, 1);
        end(&l);
    }
}

static void early_data_is_taken_once(void **state)
{
    (void)state;
    for (int replays = 0; replays < 2; replays++) {
        look l = begin((audit_server){ .tickets = true,
                                       .lifetime = HOUR,
                                       .early_data = 4096,
                                       .replays = replays,
                                       .http = { .status = 200 } });
        run(&l, &hf_inquiry_sessions13);
        expect(&l, HF_TRAIT_early_data, HF_PRESENT, 4096);
        expect(&l, HF_TRAIT_early_data_accepted, HF_PRESENT, 0);
        assert_non_null(strstr(l.seen->traits[HF_TRAIT_early_data_accepted].words, "200"));
        expect(&l, HF_TRAIT_early_data_replayed, replays ? HF_PRESENT : HF_ABSENT, 0);
        end(&l);
    }
}

/* Early data goes with the first hello alone, so that its share must be one that the server takes. */
static void a_server_of_another_group_takes_early_data(void **state)
{
    (void)state;
    look l = begin((audit_server){ .tickets = true,
                                   .lifetime = HOUR,
                                   .early_data = 4096,
                                   .group = 0x0018,
                                   .http = { .status = 200 } });
    run(&l, &hf_inquiry_sessions13);
    expect(&l, HF_TRAIT_tickets13, HF_PRESENT, 0);
    expect(&l, HF_TRAIT_early_data_accepted, HF_PRESENT, 0);
    end(&l);
}

/* What other protocols do with the first bytes is not known to be harmless. */
static void only_http_is_asked_early(void **state)
{
    (void)state;
    look l = begin((audit_server){ .tickets = true, .lifetime = HOUR, .early_data = 4096 });
    l.setup.http = false;
    run(&l, &hf_inquiry_sessions13);
    expect(&l, HF_TRAIT_early_data, HF_PRESENT, 4096);
    expect(&l, HF_TRAIT_tickets13, HF_PRESENT, 0);
    expect(&l, HF_TRAIT_early_data_accepted, HF_UNKNOWN, 0);
    end(&l);
}

/* Whether a server resumes has nothing to do with its certificate. */
static void an_expired_certificate_does_not_hide_tickets(void **state)
{
    const test_pki *pki = shared_pki(HF_KEY_P256);
    test_cert *leaf = test_cert_new(&(test_cert_options){ .not_before = TEST_NOW - 9 * TEST_DAY,
                                                          .not_after = TEST_NOW - TEST_DAY,
                                                          .key_slot = TEST_KEY_LEAF },
                                    pki->intermediate);
    hf_span chain[] = { test_cert_der(leaf), test_cert_der(pki->intermediate) };

    (void)state;
    for (int i = 0; i < 2; i++) {
        look l = begin((audit_server){
            .tickets = true, .lifetime = HOUR, .identities = { audit_identity(chain, 2, leaf) } });
        run(&l, i ? &hf_inquiry_sessions13 : &hf_inquiry_sessions12);
        expect(&l, i ? HF_TRAIT_tickets13 : HF_TRAIT_tickets12, HF_PRESENT, 0);
        if (i)
            expect(&l, HF_TRAIT_ticket_seconds13, HF_PRESENT, 0);
        end(&l);
    }
    test_cert_free(leaf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tickets_and_ids_are_told_apart),
        cmocka_unit_test(without_tls12_nothing_resumes_and_nothing_is_asked),
        cmocka_unit_test(a_server_of_old_versions_alone_is_unknown),
        cmocka_unit_test(who_was_not_let_in_knows_nothing),
        cmocka_unit_test(a_server_of_cbc_alone_is_unknown),
        cmocka_unit_test(a_server_that_does_not_answer_is_unknown),
        cmocka_unit_test(tickets_resume_more_than_once),
        cmocka_unit_test(no_tickets_no_resumption),
        cmocka_unit_test(early_data_is_taken_once),
        cmocka_unit_test(a_server_of_another_group_takes_early_data),
        cmocka_unit_test(only_http_is_asked_early),
        cmocka_unit_test(an_expired_certificate_does_not_hide_tickets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
