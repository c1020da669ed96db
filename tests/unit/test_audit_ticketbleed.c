/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Ticketbleed and renegotiation by a client: both begin with a whole handshake of TLS 1.2, with a server in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/audit_server.h"
#include "support/pair.h"

extern const hf_inquiry_row hf_inquiry_ticketbleed, hf_inquiry_renegotiation;

enum { HOUR = 3600, ID = 16 };

typedef struct look {
    hf_seen *seen;
    audit_server server;
    hf_audit_setup setup;
} look;

static void ask(look *l, const hf_inquiry_row *row, audit_server server)
{
    const test_pki *pki = shared_pki(HF_KEY_P256);

    *l = (look){ .seen = hf_seen_new(), .server = server, .setup = audit_setup(pki->trust) };
    assert_non_null(l->seen);
    l->server.identities[0] = audit_identity(pki->chain, 2, pki->leaf);
    audit_server_start(&l->server);
    audit_seen_versions(l->seen, &l->server);
    audit_inquire(row, l->seen, &l->setup, &l->server);
}

static void expect(look *l, hf_trait_id id, hf_tri state, unsigned connections)
{
    const hf_trait *trait = &l->seen->traits[id];

    if (trait->state != state || l->server.connections != connections)
        fail_msg("%s is %d (%s) after %u connections", hf_trait_rows[id].id, (int)trait->state,
                 trait->words, l->server.connections);
    audit_server_stop(&l->server);
    hf_seen_free(l->seen);
}

/* There is nothing that it could be about: that is no "no". */
static void expect_idle(look *l, hf_trait_id id, unsigned connections)
{
    assert_true(l->seen->traits[id].idle);
    expect(l, id, HF_UNKNOWN, connections);
}

/* ---- Ticketbleed ---- */

static const audit_server WITH_TICKETS = { .tickets = true,
                                           .lifetime = HOUR,
                                           .max_version = HF_TLS12 };

static void an_id_that_comes_back_as_it_went_clears_it(void **state)
{
    look l;
    (void)state;

    ask(&l, &hf_inquiry_ticketbleed, WITH_TICKETS);
    expect(&l, HF_TRAIT_ticketbleed, HF_ABSENT, 2);
}

static void without_tickets_there_is_nothing_to_bleed(void **state)
{
    look l;
    (void)state;

    ask(&l, &hf_inquiry_ticketbleed, (audit_server){ .max_version = HF_TLS12 });
    expect_idle(&l, HF_TRAIT_ticketbleed, 1);
    ask(&l, &hf_inquiry_ticketbleed,
        (audit_server){ .cache = 4, .lifetime = HOUR, .max_version = HF_TLS12 });
    expect_idle(&l, HF_TRAIT_ticketbleed, 1);
    ask(&l, &hf_inquiry_ticketbleed, (audit_server){ .min_version = HF_TLS13 });
    expect_idle(&l, HF_TRAIT_ticketbleed, 0);
}

static void lengthen(hf_flight *flight)
{
    memset(flight->session_id + flight->session_id_len, 'M', 32u - flight->session_id_len);
    flight->session_id_len = 32;
}

static void an_id_that_grew_twice_is_found_and_not_kept(void **state)
{
    audit_server server = WITH_TICKETS;
    look l;
    (void)state;

    server.spoil = lengthen;
    ask(&l, &hf_inquiry_ticketbleed, server);
    for (size_t i = 1; i <= l.seen->n_evidence; i++)
        assert_int_equal(hf_seen_evidence_at(l.seen, i)->received.len, 0);
    expect(&l, HF_TRAIT_ticketbleed, HF_PRESENT, 3);
}

static unsigned spoilt;

static void lengthen_once(hf_flight *flight)
{
    if (spoilt++ == 0)
        lengthen(flight);
}

static void once_is_not_enough(void **state)
{
    audit_server server = WITH_TICKETS;
    look l;
    (void)state;

    spoilt = 0;
    server.spoil = lengthen_once;
    ask(&l, &hf_inquiry_ticketbleed, server);
    expect(&l, HF_TRAIT_ticketbleed, HF_ABSENT, 3);
}

/* A full handshake has an id of the server's own. */
static void choose_another_id(hf_flight *flight)
{
    memset(flight->session_id, 0x77, 32);
    flight->session_id_len = 32;
}

static void hear_nothing(hf_flight *flight)
{
    flight->hello = false;
}

static void a_ticket_that_is_not_taken_clears_nobody(void **state)
{
    audit_server server = WITH_TICKETS;
    look l;
    (void)state;

    server.spoil = choose_another_id;
    ask(&l, &hf_inquiry_ticketbleed, server);
    expect(&l, HF_TRAIT_ticketbleed, HF_UNKNOWN, 2);
    server.spoil = hear_nothing;
    ask(&l, &hf_inquiry_ticketbleed, server);
    expect(&l, HF_TRAIT_ticketbleed, HF_UNKNOWN, 2);
    server.refuses = HF_FLIGHT_LATE;
    ask(&l, &hf_inquiry_ticketbleed, server);
    expect(&l, HF_TRAIT_ticketbleed, HF_UNKNOWN, 1);
}

/* ---- renegotiation ---- */

/* handfast's server declines (what one that accepts looks like is tests/flows/test_flow_inside.c, and tests/cli with a real one). */
static void a_declined_hello_is_a_refusal(void **state)
{
    look l;
    (void)state;

    ask(&l, &hf_inquiry_renegotiation, (audit_server){ .min_version = HF_TLS12 });
    expect(&l, HF_TRAIT_client_renegotiation, HF_ABSENT, 1);
}

static void without_tls12_it_does_not_exist(void **state)
{
    look l;
    (void)state;

    ask(&l, &hf_inquiry_renegotiation, (audit_server){ .min_version = HF_TLS13 });
    expect_idle(&l, HF_TRAIT_client_renegotiation, 0);
}

static void no_connection_tells_nothing(void **state)
{
    look l;
    (void)state;

    ask(&l, &hf_inquiry_renegotiation, (audit_server){ .refuses = HF_FLIGHT_RESET });
    expect(&l, HF_TRAIT_client_renegotiation, HF_UNKNOWN, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_that_comes_back_as_it_went_clears_it),
        cmocka_unit_test(without_tickets_there_is_nothing_to_bleed),
        cmocka_unit_test(an_id_that_grew_twice_is_found_and_not_kept),
        cmocka_unit_test(once_is_not_enough),
        cmocka_unit_test(a_ticket_that_is_not_taken_clears_nobody),
        cmocka_unit_test(a_declined_hello_is_a_refusal),
        cmocka_unit_test(without_tls12_it_does_not_exist),
        cmocka_unit_test(no_connection_tells_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
