/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a watch makes of a round: changes are told once and nothing else is, what was not seen is not gone, one outage is silent, and
 * reminders come once for each certificate and number of days. The clock is the test's.
 */
#include <sys/resource.h>
#include <unistd.h>

#include "audit_report_support.h"

#include "support/testpki.h"
#include "tool/audit/watch_events.h"
#include "tool/audit/watch_round.h"
#include "tool/audit/watch_state.h"
#include "tool/audit/watch_tell.h"

static const hf_watch_days days = { { 30, 14, 7, 3, 1 }, 5 };

static json_t *new_state(void)
{
    json_t *state =
        json_pack("{s:s, s:s, s:n, s:i, s:b, s:n, s:{}}", "schema", "handfast.watch/1", "what", "x",
                  "report", "unreachable", 0, "told", 0, "error", "reminded");

    assert_non_null(state);
    return state;
}

static hf_watch_scene new_scene(int64_t now)
{
    return (hf_watch_scene){ .target = "x:443", .days = &days, .now = now, .events = json_array() };
}

static size_t count(const json_t *events, const char *kind)
{
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(events); i++)
        n += strcmp(json_string_value(json_object_get(json_array_get(events, i), "event")), kind) ==
             0;
    return n;
}

static const json_t *find(const json_t *events, const char *kind, const char *words)
{
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *one = json_array_get(events, i);
        if (strcmp(json_string_value(json_object_get(one, "event")), kind) == 0 &&
            strstr(json_string_value(json_object_get(one, "text")), words))
            return one;
    }
    return NULL;
}

static bool worse(const json_t *event)
{
    assert_non_null(event);
    return json_is_true(json_object_get(event, "worse"));
}

/* Long before anything expires, so that only changes are told. The state goes through text, as between two runs. */
static json_t *round_of(json_t **state, hf_audit *audit)
{
    hf_watch_scene scene = new_scene(TEST_NOW - 3650 * TEST_DAY);
    char *text;

    hf_watch_audited(&scene, *state, audit);
    assert_false(scene.failed);
    text = json_dumps(*state, 0);
    assert_non_null(text);
    json_decref(*state);
    *state = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(*state);
    free(text);
    return scene.events;
}

static void quiet(json_t **state, hf_audit *audit)
{
    json_t *events = round_of(state, audit);

    assert_int_equal(json_array_size(events), 0);
    json_decref(events);
}

/* ---- changes ---- */

static void test_first_then_silence(void **unused)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *state = new_state(), *events = round_of(&state, audit);

    (void)unused;
    assert_int_equal(json_array_size(events), 1);
    const json_t *first = find(events, "first", "strict is broken (");
    assert_true(worse(first));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(first, "details"), "verdict")), "broken");
    json_decref(events);
    quiet(&state, audit);
    quiet(&state, audit);
    json_decref(state);
    audit_scene_free(audit);
}

static void test_what_changed_is_told_once(void **unused)
{
    hf_audit *before = audit_scene_new(NULL), *after = audit_scene_mended();
    json_t *state = new_state();

    (void)unused;
    json_decref(round_of(&state, before));
    json_t *events = round_of(&state, after);
    assert_int_equal(count(events, "finding-new"), 1);
    assert_int_equal(count(events, "finding-gone"),
                     1); /* two policies say it, and it is one thing */
    assert_false(worse(find(events, "finding-gone", "TLS 1.0 is spoken (strict, loose)")));
    assert_false(worse(find(events, "fact-changed", "TLS 1.0 is not spoken any more")));
    assert_non_null(find(events, "certificate-changed", "another certificate: "));
    assert_null(find(events, "fact-changed", "certificate "));
    assert_int_equal(count(events, "first"), 0);
    json_decref(events);
    quiet(&state, after);
    json_decref(state);
    audit_scene_free(before);
    audit_scene_free(after);
}

/* The mended server fell silent before the memory of Heartbleed could be asked for: that finding is neither gone, nor new when it is seen
   again. */
static void test_what_was_not_seen_is_not_gone(void **unused)
{
    hf_audit *before = audit_scene_new(NULL), *blind = audit_scene_mended();
    json_t *state = new_state();

    (void)unused;
    json_decref(round_of(&state, before));
    json_t *events = round_of(&state, blind);
    assert_null(find(events, "finding-gone", "Memory of the server came back"));
    assert_null(find(events, "fact-changed", "Memory of the server came back"));
    json_decref(events);
    events = round_of(&state, before);
    assert_null(find(events, "finding-new", "Memory of the server came back"));
    const json_t *again = find(events, "finding-new", "TLS 1.0 is spoken (strict, loose)");
    assert_true(worse(again));
    json_decref(events);
    json_decref(state);
    audit_scene_free(before);
    audit_scene_free(blind);
}

static void lack(hf_audit *audit, size_t rule, const char *why)
{
    hf_judged_rule *row = &audit->judged[0]->rules[rule];

    snprintf(row->partial, sizeof row->partial, "%s", why);
}

/* Rule: what is missing each time for the same reason, in rounds that were not cut, hides nothing: both saw the same part. */
static void test_what_is_never_seen_hides_no_change(void **unused)
{
    static const char always[] = "one question is never answered";

    (void)unused;
    for (int cut = 0; cut < 2; cut++) {
        hf_audit *audit = audit_scene_new(NULL);
        hf_judgement *judged = audit->judged[0];
        json_t *state = new_state(), *events;
        lack(audit, 1, always);
        json_decref(round_of(&state, audit));
        hf_finding before = judged->findings[3];
        judged->findings[3] = judged->findings[--judged->n_findings]; /* of 3DES */
        audit->seen->cut = cut == 1;
        events = round_of(&state, audit);
        assert_int_equal(find(events, "finding-gone", "3DES") != NULL, cut == 0);
        json_decref(events);
        judged->findings[judged->n_findings++] = judged->findings[3];
        judged->findings[3] = before;
        events = round_of(&state, audit);
        assert_int_equal(find(events, "finding-new", "3DES") != NULL, cut == 0);
        assert_null(find(events, "finding-new", "no round before"));
        json_decref(events);
        json_decref(state);
        audit_scene_free(audit);
    }
}

/* What the first round could not see may have been there: a note is no news then, and what is graver is told once, with these words. */
static void test_what_is_seen_for_the_first_time(void **unused)
{
    hf_audit *audit = audit_scene_new(NULL);
    hf_judgement *judged = audit->judged[0];
    size_t n = judged->n_findings;
    json_t *state = new_state();

    (void)unused;
    judged->n_findings = 1; /* TLS 1.0 alone */
    for (size_t i = 1; i < 4; i++)
        lack(audit, i, "it stopped answering");
    audit->seen->cut = true;
    json_decref(round_of(&state, audit));
    judged->n_findings = n;
    for (size_t i = 1; i < 4; i++)
        lack(audit, i, "");
    audit->seen->cut = false;
    json_t *events = round_of(&state, audit);
    assert_int_equal(json_array_size(events), 2); /* suites, and Heartbleed */
    assert_true(worse(find(events, "finding-new", "critical: Memory of the server came back")));
    assert_non_null(find(events, "finding-new", " (strict); no round before could see it"));
    assert_null(find(events, "finding-new", "note: "));
    json_decref(events);
    quiet(&state, audit);
    json_decref(state);
    audit_scene_free(audit);
}

static void test_lists_and_traits_that_were_not_seen(void **unused)
{
    hf_audit *audit = audit_scene_new(NULL);
    hf_seen *seen = audit->seen;
    json_t *state = new_state();

    (void)unused;
    json_decref(round_of(&state, audit));
    hf_seen_version before = seen->v[HF_V_TLS12];
    size_t n_chains = seen->n_chains;
    seen->v[HF_V_TLS12].suites_whole = seen->v[HF_V_TLS12].groups_whole = false;
    seen->v[HF_V_TLS12].suites.n = 0;
    seen->v[HF_V_TLS12].order = HF_ORDER_UNKNOWN;
    seen->v[HF_V_TLS11].spoken = HF_UNKNOWN;
    seen->n_chains = 0;
    quiet(&state, audit);
    seen->v[HF_V_TLS12] = before;
    seen->v[HF_V_TLS12].suites.n--; /* since the round before the last one */
    seen->n_chains = n_chains;
    json_t *events = round_of(&state, audit);
    assert_int_equal(json_array_size(events), 1);
    assert_non_null(find(events, "fact-changed", " is gone"));
    json_decref(events);
    json_decref(state);
    audit_scene_free(audit);
}

/* Rule: where not every kind of key was answered, a certificate that was not seen counts as there; then and ever after. */
static void test_certificates_that_were_not_all_seen(void **unused)
{
    hf_audit *audit = audit_scene_new(NULL);
    hf_seen *seen = audit->seen;
    json_t *state = new_state();

    (void)unused;
    json_decref(round_of(&state, audit));
    assert_true(seen->n_chains == 2);
    seen->n_chains = 1;
    seen->v[HF_V_TLS12].chains_open = 2;
    quiet(&state, audit);
    quiet(&state, audit);
    seen->n_chains = 2;
    seen->v[HF_V_TLS12].chains_open = 0;
    quiet(&state, audit);
    seen->n_chains = 1;
    json_t *events = round_of(&state, audit);
    assert_int_equal(json_array_size(events), 1);
    assert_non_null(find(events, "certificate-changed", "is not shown any more"));
    json_decref(events);
    json_decref(state);
    audit_scene_free(audit);
}

static void test_a_policy_more_is_a_verdict(void **unused)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *state = new_state();

    (void)unused;
    assert_int_equal(audit->n, 2);
    audit->n = 1;
    json_decref(round_of(&state, audit));
    audit->n = 2;
    json_t *events = round_of(&state, audit);
    assert_int_equal(json_array_size(events), 1);
    assert_non_null(find(events, "first", "one policy more: loose is"));
    json_decref(events);
    json_decref(state);
    audit_scene_free(audit);
}

/* Hundreds of suites at once are a few events, the gravest first, and none is left out. */
static void test_many_findings_are_few_events(void **unused)
{
    enum { MANY = 400 };
    hf_audit *audit = audit_scene_new(NULL);
    hf_judgement *judged = audit->judged[0];
    hf_finding *few = judged->findings, *many = calloc(MANY + 1, sizeof *many);
    size_t n_few = judged->n_findings;
    json_t *state = new_state();

    (void)unused;
    assert_non_null(many);
    json_decref(round_of(&state, audit));
    memcpy(many, few, n_few * sizeof *few);
    for (size_t i = n_few; i <= MANY; i++) {
        many[i] = few[0];
        many[i].severity = i == MANY ? HF_SEVERITY_CRITICAL : HF_SEVERITY_NOTE;
        snprintf(many[i].key, sizeof many[i].key, "many-%zu", i);
        snprintf(many[i].what, sizeof many[i].what, "suite %zu", i);
    }
    judged->findings = many;
    judged->n_findings = MANY + 1;
    json_t *events = round_of(&state, audit);
    const json_t *gravest = find(events, "finding-new", "suite 400");
    assert_true(gravest == json_array_get(events, 0) && worse(gravest));
    assert_int_equal(strncmp(json_string_value(json_object_get(gravest, "text")), "critical: ", 10),
                     0);
    assert_in_range(json_array_size(events), 1, 2);
    size_t told = 0;
    for (size_t i = 0; i < json_array_size(events); i++)
        told += (size_t)json_integer_value(
            json_object_get(json_object_get(json_array_get(events, i), "details"), "n"));
    assert_int_equal(told, MANY + 1 - n_few);
    json_decref(events);
    quiet(&state, audit);
    judged->findings = few;
    judged->n_findings = n_few;
    events = round_of(&state, audit);
    assert_int_equal(json_array_size(events), 1);
    assert_non_null(find(events, "finding-gone", " more (strict)"));
    json_decref(events);
    free(many);
    json_decref(state);
    audit_scene_free(audit);
}

static void test_what_became_graver_is_told(void **unused)
{
    hf_audit *audit = audit_scene_new(NULL);
    hf_finding *f = &audit->judged[0]->findings[0];
    json_t *state = new_state();

    (void)unused;
    f->severity = HF_SEVERITY_NOTE;
    json_decref(round_of(&state, audit));
    f->severity = HF_SEVERITY_HIGH;
    json_t *events = round_of(&state, audit);
    assert_int_equal(json_array_size(events), 1);
    assert_true(worse(find(events, "finding-changed", "; it was note: ")));
    json_decref(events);
    snprintf(f->what, sizeof f->what, "in other words");
    events = round_of(&state, audit);
    assert_false(worse(find(events, "finding-changed", "in other words")));
    json_decref(events);
    f->severity = HF_SEVERITY_LOW;
    events = round_of(&state, audit);
    assert_false(worse(find(events, "finding-changed", "; it was high: in other words")));
    json_decref(events);
    quiet(&state, audit);
    json_decref(state);
    audit_scene_free(audit);
}

/* ---- what waits for the command ---- */

static json_t *events_of(size_t first, size_t n)
{
    json_t *list = json_array();

    for (size_t i = first; i < first + n; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "event", "first", "target", "x",
                                              "number", (json_int_t)i));
    return list;
}

static json_int_t number_at(const json_t *state, size_t i)
{
    return json_integer_value(
        json_object_get(json_array_get(json_object_get(state, "pending"), i), "number"));
}

static void add_events(json_t *state, size_t first, size_t n)
{
    json_t *events = events_of(first, n);

    assert_true(hf_watch_pending_add(state, events, "x"));
    json_decref(events);
}

/* Also of a state from before there was such a member, or with anything else in it. */
static void test_what_waits_is_bounded_and_the_newest_stays(void **unused)
{
    json_t *state = new_state();

    (void)unused;
    add_events(state, 0, 3);
    add_events(state, 3, 0);
    assert_int_equal(json_array_size(json_object_get(state, "pending")), 3);
    add_events(state, 3, HF_WATCH_PENDING_MAX - 1);
    assert_int_equal(json_array_size(json_object_get(state, "pending")), HF_WATCH_PENDING_MAX);
    assert_int_equal(number_at(state, 0), 2);
    assert_int_equal(number_at(state, HF_WATCH_PENDING_MAX - 1), HF_WATCH_PENDING_MAX + 1);
    json_object_set_new(state, "pending", json_string("nothing"));
    add_events(state, 7, 1);
    json_array_insert_new(json_object_get(state, "pending"), 0, json_integer(5));
    json_array_insert_new(json_object_get(state, "pending"), 0, json_object());
    add_events(state, 8, 1);
    assert_int_equal(json_array_size(json_object_get(state, "pending")), 2);
    assert_int_equal(number_at(state, 0), 7);
    json_decref(state);
}

/* Nobody's memory is thrown away because there is no descriptor just now; what is no state is. */
static void test_a_state_that_cannot_be_read_now_is_left(void **unused)
{
    char path[] = "/tmp/handfast-state-XXXXXX", aside[sizeof path + 16];
    struct rlimit before, none;
    json_t *state = new_state(), *read;
    int fd = mkstemp(path);

    (void)unused;
    assert_true(fd >= 0);
    close(fd);
    snprintf(aside, sizeof aside, "%s.damaged", path);
    json_object_set_new(state, "told", json_true());
    assert_true(hf_watch_state_write(path, state));
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    read = hf_watch_state_read(path, "x");
    setrlimit(RLIMIT_NOFILE, &before);
    assert_null(read);
    assert_int_equal(access(aside, F_OK), -1);
    read = hf_watch_state_read(path, "x");
    assert_true(json_is_true(json_object_get(read, "told")));
    json_decref(read);
    json_decref(state);
    unlink(path);
}

/* ---- reached or not ---- */

static void test_one_outage_is_silent(void **unused)
{
    hf_audit *there = audit_scene_new(NULL), *gone = audit_scene_new(NULL);
    json_t *state = new_state(), *events;

    (void)unused;
    gone->seen->reached = false;
    snprintf(gone->seen->trouble, sizeof gone->seen->trouble, "connection\n refused");
    json_decref(round_of(&state, there));
    quiet(&state, gone);
    quiet(&state, there);
    quiet(&state, gone); /* two, and not in a row */
    events = round_of(&state, gone);
    assert_int_equal(json_array_size(events), 1);
    const json_t *one = find(events, "unreachable", "connection");
    assert_null(strchr(json_string_value(json_object_get(one, "text")), '\n'));
    assert_true(worse(one));
    json_decref(events);
    quiet(&state, gone);
    events = round_of(&state, there);
    assert_int_equal(json_array_size(events), 1);
    assert_non_null(find(events, "reachable", "again: strict is broken"));
    json_decref(events);
    json_decref(state);
    audit_scene_free(there);
    audit_scene_free(gone);
}

/* That may be a mistake in the list, and is told at once; then it is as silent as any. */
static void test_one_that_was_never_reached(void **unused)
{
    hf_audit *gone = audit_scene_unreached("nobody is there"), *there = audit_scene_new(NULL);
    json_t *state = new_state(), *events = round_of(&state, gone);

    (void)unused;
    assert_non_null(find(events, "first", "cannot be reached: nobody is there"));
    json_decref(events);
    quiet(&state, gone);
    quiet(&state, gone);
    events = round_of(&state, there);
    assert_int_equal(json_array_size(events), 1);
    assert_int_equal(count(events, "reachable"), 1);
    json_decref(events);
    quiet(&state, there);
    json_decref(state);
    audit_scene_free(gone);
    audit_scene_free(there);
}

/* ---- reminders ---- */

static void test_days_as_text(void **unused)
{
    static const char *const wrong[] = { "",
                                         ",",
                                         "7,",
                                         "x",
                                         "7 ,3",
                                         "0",
                                         "3651",
                                         "-1",
                                         "7;3",
                                         " 7",
                                         "+7",
                                         "7,,3",
                                         "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21" };
    hf_watch_days d;

    (void)unused;
    assert_true(hf_watch_days_read("30,14,7,3,1", &d));
    assert_int_equal(d.n, 5);
    assert_int_equal(d.at[1], 14);
    assert_true(hf_watch_days_read("3650", &d));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(hf_watch_days_read(wrong[i], &d));
}

static hf_watch_end end_of(int64_t life)
{
    return (hf_watch_end){ .kind = "certificate",
                           .name = "CN=x",
                           .fingerprint = "aa",
                           .not_before = TEST_NOW,
                           .not_after = TEST_NOW + life };
}

static void test_which_number_counts(void **unused)
{
    hf_watch_end year = end_of(365 * TEST_DAY), quarter = end_of(90 * TEST_DAY - 1),
                 week = end_of(7 * TEST_DAY), day = end_of(TEST_DAY);

    (void)unused;
    assert_int_equal(hf_watch_days_due(&days, &year, year.not_after - 31 * TEST_DAY), -1);
    assert_int_equal(hf_watch_days_due(&days, &year, year.not_after - 30 * TEST_DAY), 30);
    assert_int_equal(hf_watch_days_due(&days, &year, year.not_after - 15 * TEST_DAY), 30);
    assert_int_equal(hf_watch_days_due(&days, &year, year.not_after - 2 * TEST_DAY), 3);
    assert_int_equal(hf_watch_days_due(&days, &year, year.not_after), 1);
    assert_int_equal(hf_watch_days_due(&days, &year, year.not_after + 1), 0);
    assert_int_equal(hf_watch_days_due(&days, &quarter, quarter.not_after - 29 * TEST_DAY), 30);
    /* What is renewed all the time is not told of all the time. */
    assert_int_equal(hf_watch_days_due(&days, &week, TEST_NOW), -1);
    assert_int_equal(hf_watch_days_due(&days, &week, week.not_after - 2 * TEST_DAY), -1);
    assert_int_equal(hf_watch_days_due(&days, &week, week.not_after - TEST_DAY), 1);
    assert_int_equal(hf_watch_days_due(&days, &day, TEST_NOW + 1), -1);
    assert_int_equal(hf_watch_days_due(&days, &day, day.not_after + 1), 0);
}

static size_t ends_told(json_t *state, const hf_watch_end *end, int64_t now, const char *error)
{
    hf_watch_scene scene = new_scene(now);
    size_t n;

    hf_watch_ends(&scene, state, end, end ? 1 : 0, error);
    assert_false(scene.failed);
    n = json_array_size(scene.events);
    json_decref(scene.events);
    return n;
}

static void test_each_number_once(void **unused)
{
    hf_watch_end end = end_of(365 * TEST_DAY), renewed = end_of(365 * TEST_DAY);
    static const struct {
        int64_t before;
        size_t told;
    } steps[] = { { 40, 0 },
                  { 30, 1 },
                  { 29, 0 },
                  { 14, 1 },
                  { 14, 0 },
                  { 2, 1 /* 7 is not caught up on */ },
                  { 20, 0 /* a clock that was set back */ },
                  { 1, 1 },
                  { -1, 1 },
                  { -2, 0 },
                  { -200, 0 /* it is still shown */ } };
    json_t *state = new_state();

    (void)unused;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        assert_int_equal(ends_told(state, &end, end.not_after - steps[i].before * TEST_DAY, NULL),
                         steps[i].told);
    renewed.fingerprint = "bb";
    assert_int_equal(ends_told(state, &renewed, renewed.not_after - 5 * TEST_DAY, NULL), 1);
    assert_int_equal(json_object_size(json_object_get(state, "reminded")), 2);
    ends_told(state, &renewed, end.not_after + 91 * TEST_DAY, NULL);
    assert_int_equal(json_object_size(json_object_get(state, "reminded")), 1); /* aa is history */
    json_decref(state);
}

static void test_an_error_once_until_it_changes(void **unused)
{
    json_t *state = new_state();

    (void)unused;
    assert_int_equal(ends_told(state, NULL, TEST_NOW, "it is not there"), 1);
    assert_int_equal(ends_told(state, NULL, TEST_NOW, "it is not there"), 0);
    assert_int_equal(ends_told(state, NULL, TEST_NOW, "it is damaged"), 1);
    assert_int_equal(ends_told(state, NULL, TEST_NOW, NULL), 0);
    assert_int_equal(ends_told(state, NULL, TEST_NOW, "it is not there"), 1);
    json_decref(state);
}

/* Of what a server shows, also while it cannot be reached: its certificate does not wait. */
static void test_a_servers_certificate_expires(void **unused)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *state = new_state();
    hf_watch_scene scene = new_scene(TEST_NOW + 10000 * TEST_DAY);

    (void)unused;
    json_decref(round_of(&state, audit));
    audit->seen->reached = false;
    hf_watch_audited(&scene, state, audit);
    assert_true(count(scene.events, "expiry") > 0);
    const json_t *one = find(scene.events, "expiry", "expired");
    assert_true(worse(one));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(one, "details"), "days")),
                     0);
    json_decref(scene.events);
    json_decref(state);
    audit_scene_free(audit);
}

/* What a peer chose can be seen in every text, and steers nothing. */
static void test_nothing_is_hidden(void **unused)
{
    hf_audit *audit = audit_scene_new("\x1b[2J\xe2\x80\xae<&\n\x80"),
             *before = audit_scene_new(NULL);
    json_t *state = new_state();
    hf_watch_scene scene = new_scene(TEST_NOW);

    (void)unused;
    hf_watch_audited(&scene, state, audit);
    json_decref(state);
    state = new_state();
    audit->seen->reached = false;
    hf_watch_audited(&scene, state, audit);
    for (size_t i = 0; i < json_array_size(scene.events); i++) {
        const char *text =
            json_string_value(json_object_get(json_array_get(scene.events, i), "text"));
        assert_non_null(text);
        assert_null(strchr(text, '\n'));
        assert_nothing_hidden(hf_span_str(text));
    }
    json_decref(scene.events);
    json_decref(state);
    audit_scene_free(audit);
    audit_scene_free(before);
}

static void test_rounds_drift_apart_within_bounds(void **unused)
{
    static const int64_t every[] = { 3600, 24 * 3600, 4 * 7 * 24 * 3600 };
    uint64_t least = 0, most = 0;

    (void)unused;
    for (size_t i = 0; i < sizeof every / sizeof *every; i++) {
        uint64_t ms = (uint64_t)every[i] * 1000;
        assert_int_equal(hf_watch_rest_ms(every[i], 0), ms / 10 * 9);
        assert_int_equal(hf_watch_rest_ms(every[i], ms / 5), ms / 10 * 11);
        for (uint64_t draw = 1; draw != 0 && draw < UINT64_MAX / 7; draw *= 7) {
            uint64_t rest = hf_watch_rest_ms(every[i], draw - 1);
            assert_in_range(rest, ms / 10 * 9, ms / 10 * 11);
            least += rest < ms;
            most += rest > ms;
        }
    }
    assert_true(least > 0 && most > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_then_silence),
        cmocka_unit_test(test_what_changed_is_told_once),
        cmocka_unit_test(test_what_was_not_seen_is_not_gone),
        cmocka_unit_test(test_what_is_never_seen_hides_no_change),
        cmocka_unit_test(test_what_is_seen_for_the_first_time),
        cmocka_unit_test(test_lists_and_traits_that_were_not_seen),
        cmocka_unit_test(test_certificates_that_were_not_all_seen),
        cmocka_unit_test(test_a_policy_more_is_a_verdict),
        cmocka_unit_test(test_many_findings_are_few_events),
        cmocka_unit_test(test_what_became_graver_is_told),
        cmocka_unit_test(test_what_waits_is_bounded_and_the_newest_stays),
        cmocka_unit_test(test_a_state_that_cannot_be_read_now_is_left),
        cmocka_unit_test(test_one_outage_is_silent),
        cmocka_unit_test(test_one_that_was_never_reached),
        cmocka_unit_test(test_days_as_text),
        cmocka_unit_test(test_which_number_counts),
        cmocka_unit_test(test_each_number_once),
        cmocka_unit_test(test_an_error_once_until_it_changes),
        cmocka_unit_test(test_a_servers_certificate_expires),
        cmocka_unit_test(test_nothing_is_hidden),
        cmocka_unit_test(test_rounds_drift_apart_within_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
