/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Inquiries about weaknesses, put to answers that the test makes up: a flight for every hello, and for what is said after it an answer of its own.
 *
 *     weak_scene s;
 *     weak_begin(&s, HF_V_TLS12, 0x002f, answer);   answer: writes records to s->answer, and says how it ends
 *     weak_run(&s, &hf_inquiry_heartbleed);
 *     weak_expect(&s, HF_TRAIT_heartbleed, HF_ABSENT);
 *     weak_end(&s);
 */
#ifndef TESTS_UNIT_AUDIT_WEAK_SUPPORT_H
#define TESTS_UNIT_AUDIT_WEAK_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/inquiry.h"
#include "support/audit_flights.h"

enum { WEAK_CONNECTIONS_MAX = 60 };

typedef struct weak_scene {
    hf_seen *seen;
    hf_audit_setup setup;
    audit_flight flight, answer;
    uint16_t version, suite;
    hf_span leaf, extensions; /* of the flight; no leaf: none is sent */
    uint16_t alert_flight;    /* an alert in the flight's place; 0: none */
    bool asks_certificate;
    hf_flight_end (*answers)(struct weak_scene *s, hf_span said);
    void *user;
    unsigned connections, said;
    unsigned patience[WEAK_CONNECTIONS_MAX]; /* more_ms of each */
} weak_scene;

static inline void weak_begin(weak_scene *s, hf_seen_version_id version, uint16_t suite,
                              hf_flight_end (*answers)(weak_scene *s, hf_span said))
{
    memset(s, 0, sizeof *s);
    s->seen = hf_seen_new();
    assert_non_null(s->seen);
    for (int id = 0; id < HF_V_COUNT; id++)
        s->seen->v[id].spoken = id == (int)version ? HF_PRESENT : HF_ABSENT;
    s->seen->v[version].suites_whole = true;
    hf_codes_add(&s->seen->v[version].suites, suite);
    s->version = hf_seen_version_code(version);
    s->suite = suite;
    s->setup.sni = "localhost";
    s->answers = answers;
}

static inline void weak_end(weak_scene *s)
{
    hf_seen_free(s->seen);
}

static inline void weak_flight(weak_scene *s)
{
    audit_start(&s->flight, s->version);
    if (s->alert_flight != 0) {
        audit_alert(&s->flight, 2, (uint8_t)s->alert_flight);
        return;
    }
    audit_hello(&s->flight,
                &(audit_server_hello){ .suite = s->suite, .extensions = s->extensions });
    if (s->leaf.len > 0)
        audit_certificate(&s->flight, &s->leaf, 1);
    if (s->asks_certificate)
        audit_certificate_request(&s->flight, 0);
    audit_done(&s->flight);
}

/* As the tool does it: `more` is asked until it has nothing to say. */
static inline void weak_more(weak_scene *s, const hf_ask *ask, hf_flight *flight)
{
    static uint8_t out[HF_ASK_MORE_MAX];
    size_t records = 1, n;

    while (ask->more && (flight->end == HF_FLIGHT_DONE || flight->end == HF_FLIGHT_LATE) &&
           (n = ask->more(ask->user, flight, out, &records)) > 0) {
        s->said++;
        hf_flight_go_on(flight, records);
        audit_start(&s->answer, s->version);
        hf_flight_end end = s->answers(s, hf_span_of(out, n));
        hf_flight_feed(flight, audit_bytes(&s->answer));
        hf_flight_ended(flight, end);
    }
}

static inline void weak_connection(weak_scene *s, hf_inquiry *q, const hf_ask *ask)
{
    hf_flight *flight = hf_flight_new();
    hf_reply reply = { .ask = ask, .flight = flight, .milliseconds = 3 };

    assert_non_null(flight);
    assert_int_equal(ask->kind, HF_ASK_BYTES);
    assert_true(s->connections < WEAK_CONNECTIONS_MAX);
    s->patience[s->connections++] = ask->more_ms;
    weak_flight(s);
    hf_flight_feed(flight, audit_bytes(&s->flight));
    weak_more(s, ask, flight);
    hf_flight_ended(flight, HF_FLIGHT_CLOSED);
    q->row->got(q, &reply);
    hf_flight_free(flight);
}

static inline void weak_run(weak_scene *s, const hf_inquiry_row *row)
{
    static hf_ask ask;
    hf_inquiry q = { .row = row, .seen = s->seen, .setup = &s->setup };

    q.state = hf_alloc(row->state_size);
    assert_non_null(q.state);
    while (memset(&ask, 0, sizeof ask), row->next(&q, &ask))
        weak_connection(s, &q, &ask);
    if (row->finish)
        row->finish(&q);
    hf_free(q.state);
}

static inline void weak_expect(const weak_scene *s, hf_trait_id id, hf_tri state)
{
    const hf_trait *trait = &s->seen->traits[id];

    if (trait->state != state)
        fail_msg("%s is %d (%s), expected %d", hf_trait_rows[id].id, (int)trait->state,
                 trait->words, (int)state);
}

#endif
