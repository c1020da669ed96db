/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Rounds of a watch that are cut short, wherever that happens: the server stops answering after k connections, for every k, or leaves one
 * question alone unanswered. What could not be asked is no change, then or in the round after it; and what has changed behind such a
 * round is told as if it had not been there.
 */
#include "audit_report_support.h"

#include "support/audit_server.h"
#include "support/pair.h"
#include "tool/audit/watch_events.h"

/* ---- two servers ---- */

/* With all that a policy may find fault with: no HSTS, no redirect, two certificates, sessions of every kind. */
static audit_server poor(void)
{
    audit_server server = { .alpn = { "h2", "http/1.1" }, .tickets = true, .cache = 10 };

    server.http.status = server.plain.status = 200;
    server.lifetime = 7200;
    server.identities[0] = pki_identity(shared_pki(HF_KEY_P256));
    server.identities[1] = pki_identity(shared_pki(HF_KEY_RSA));
    return server;
}

/* TLS 1.3 alone, another certificate, HSTS, a redirect, no tickets, one group. */
static audit_server rich(void)
{
    audit_server server = { .min_version = HF_TLS13, .group = 0x0017, .no_tickets13 = true };

    server.http.status = 200;
    server.http.n = 1;
    server.http.headers[0].name = "strict-transport-security";
    server.http.headers[0].value = "max-age=63072000";
    server.plain.status = 301;
    server.plain.n = 1;
    server.plain.headers[0].name = "location";
    server.plain.headers[0].value = "https://localhost/";
    server.identities[0] = pki_identity(shared_pki(HF_KEY_ED25519));
    return server;
}

/* ---- audits of them ---- */

static hf_audit *audited(audit_server server, unsigned answers, unsigned misses, unsigned *asked)
{
    hf_audit_setup setup = audit_setup(shared_pki(HF_KEY_P256)->trust);
    hf_audit *audit = calloc(1, sizeof *audit);

    assert_non_null(audit);
    setup.plain_port = 80;
    server.answers = answers;
    server.misses = misses;
    audit->seen = hf_seen_new();
    snprintf(audit->seen->host, sizeof audit->seen->host, "localhost");
    snprintf(audit->seen->name, sizeof audit->seen->name, "localhost");
    audit->seen->port = 443;
    audit->seen->started = TEST_NOW;
    audit_server_start(&server);
    audit_course(audit->seen, &setup, &server);
    audit_server_stop(&server);
    for (size_t i = 0; hf_book_row(i); i += 2) /* half of them hold all checks */
        audit->judged[audit->n++] = hf_judge(hf_book_row(i), audit->seen, TEST_NOW);
    if (asked)
        *asked = server.connections;
    return audit;
}

static void done(hf_audit *audit)
{
    for (size_t i = 0; i < audit->n; i++)
        hf_judgement_free(audit->judged[i]);
    hf_audit_change_free(audit->change);
    hf_seen_free(audit->seen);
    free(audit);
}

/* ---- rounds ---- */

static json_t *new_state(void)
{
    json_t *state =
        json_pack("{s:s, s:s, s:n, s:i, s:b, s:n, s:{}}", "schema", "handfast.watch/1", "what", "x",
                  "report", "unreachable", 0, "told", 0, "error", "reminded");

    assert_non_null(state);
    return state;
}

/* Long before anything expires. */
static json_t *round_of(json_t *state, hf_audit *audit)
{
    static const hf_watch_days days = { { 1 }, 1 };
    hf_watch_scene scene = {
        .target = "x:443", .days = &days, .now = TEST_NOW - 3650 * TEST_DAY, .events = json_array()
    };

    hf_watch_audited(&scene, state, audit);
    assert_false(scene.failed);
    return scene.events;
}

static void forget_round(json_t *state, hf_audit *audit)
{
    json_decref(round_of(state, audit));
}

static const char *member(const json_t *event, const char *name)
{
    return json_string_value(json_object_get(event, name));
}

/* All that is told wrongly is shown, and fails the test at its end. */
static unsigned wrong;

static void note_wrong(const json_t *event, const char *when, unsigned k)
{
    wrong++;
    print_error("%s %u: %s: %s\n", when, k, member(event, "event"), member(event, "text"));
}

static void expect_silence(json_t *state, hf_audit *audit, const char *when, unsigned k)
{
    json_t *events = round_of(state, audit);

    for (size_t i = 0; i < json_array_size(events); i++)
        note_wrong(json_array_get(events, i), when, k);
    json_decref(events);
}

/* What a round that came behind one of which not all was seen may tell: what is graver than a note and was seen by no round before. */
static void expect_first_sights(json_t *state, hf_audit *audit, const char *when, unsigned k)
{
    json_t *events = round_of(state, audit);

    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *one = json_array_get(events, i);
        if (strcmp(member(one, "event"), "finding-new") != 0 ||
            !json_is_true(json_object_get(one, "worse")) ||
            !strstr(member(one, "text"), "; no round before could see it"))
            note_wrong(one, when, k);
    }
    json_decref(events);
}

/* As if the round before had not been cut. */
static void expect_events(json_t *state, hf_audit *audit, const json_t *wanted, unsigned k)
{
    json_t *events = round_of(state, audit);

    for (size_t i = 0; i < json_array_size(events); i++)
        if (!json_equal(json_array_get(events, i), json_array_get(wanted, i)))
            note_wrong(json_array_get(events, i), "changed behind a cut, not told so else", k);
    for (size_t i = json_array_size(events); i < json_array_size(wanted); i++)
        note_wrong(json_array_get(wanted, i), "changed behind a cut and not told", k);
    json_decref(events);
}

/* ---- tests ---- */

static hf_audit *whole, *other;
static unsigned n_questions;

static int set_up(void **state)
{
    unsigned n_other;

    (void)state;
    whole = audited(poor(), 0, 0, &n_questions);
    other = audited(rich(), 0, 0, &n_other);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    done(whole);
    done(other);
    return 0;
}

static void test_the_servers_can_be_asked(void **state)
{
    (void)state;
    assert_true(n_questions > 50 && !whole->seen->cut);
    assert_int_equal(whole->seen->n_chains, 2);
    assert_int_equal(other->seen->n_chains, 1);
    assert_int_equal(whole->seen->traits[HF_TRAIT_hsts].state, HF_ABSENT);
    assert_int_equal(other->seen->traits[HF_TRAIT_hsts].state, HF_PRESENT);
    assert_string_equal(whole->seen->alpn, "h2, http/1.1");
    assert_true(whole->judged[0]->n_findings > 0 && other->judged[0]->n_findings > 0);
}

static json_t *changes_between(void)
{
    json_t *state = new_state();

    forget_round(state, whole);
    json_t *events = round_of(state, other);
    json_decref(state);
    assert_true(json_array_size(events) > 5);
    return events;
}

static void between_good_rounds(hf_audit *cut, const json_t *changes, unsigned k)
{
    json_t *state = new_state();

    forget_round(state, whole);
    expect_silence(state, cut, "in the round, question", k);
    expect_silence(state, whole, "in the round behind it, question", k);
    forget_round(state, cut);
    expect_events(state, other, changes, k);
    json_decref(state);
}

static void before_a_good_round(hf_audit *cut, unsigned k)
{
    json_t *state = new_state();

    if (cut->seen->reached) {
        forget_round(state, cut);
        expect_first_sights(state, whole, "behind such a first one, question", k);
        expect_silence(state, whole, "and behind that, question", k);
    }
    json_decref(state);
}

static void each_question(bool all_behind_it)
{
    json_t *changes = changes_between();

    wrong = 0;
    for (unsigned k = 1; k <= n_questions; k++) {
        hf_audit *cut = audited(poor(), all_behind_it ? k : 0, all_behind_it ? 0 : k, NULL);
        between_good_rounds(cut, changes, k);
        before_a_good_round(cut, k);
        done(cut);
    }
    json_decref(changes);
    assert_int_equal(wrong, 0);
}

static void test_cut_after_any_connection(void **state)
{
    (void)state;
    each_question(true);
}

static void test_any_one_without_an_answer(void **state)
{
    (void)state;
    each_question(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_servers_can_be_asked),
        cmocka_unit_test(test_cut_after_any_connection),
        cmocka_unit_test(test_any_one_without_an_answer),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
