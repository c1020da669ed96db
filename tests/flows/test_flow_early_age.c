/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * 0-RTT and the age that a client says its ticket has (RFC 9846 4.3.11.1, 8.3), where that is far from
 * the truth: what is refused for it is not taken later either, whoever judges it then.
 */
#include "support/early_scene.h"

enum { BRIEF = 600 };

static hf_sessions *sessions;

static int set_up(void **state)
{
    (void)state;
    sessions = hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .lifetime = VISIT_HOUR, .strikes = 1 });
    assert_non_null(sessions);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hf_sessions_free(sessions);
    return 0;
}

static void live_long(hf_session *s, const void *with)
{
    (void)with;
    s->expires += VISIT_HOUR;
}

/* A client that offers its session longer than it may. */
static void get_session(pair_options *o, kept *to)
{
    remember(o);
    *to = session;
    recut(to, live_long, NULL);
    o->early = hf_span_str("as early as can be");
    o->session = hf_span_of(to->bytes, to->len);
}

/* It says that its ticket is that old, and the register's clock has come so far since it was issued. */
static hf_error come(pair_options *o, int64_t told, int64_t passed)
{
    pair p;

    visit_clock[HF_CLIENT] = TEST_NOW + told + 1;
    visit_ms[HF_SERVER] = (uint64_t)passed * 1000;
    pair_start(&p, o);
    pair_run(&p);
    assert_true(info(&p, HF_SERVER)->resumed);
    hf_error error = info(&p, HF_SERVER)->early_error;
    assert_int_equal(info(&p, HF_SERVER)->early,
                     error == HF_OK ? HF_EARLY_ACCEPTED : HF_EARLY_REJECTED);
    pair_free(&p);
    return error;
}

/* No ticket gets older than its session: who says so is not fresh, whatever the clock says. */
static void test_older_than_it_can_be(void **state)
{
    for (int more = 0; more < 2; more++) {
        pair_options o = early_options(sessions);
        static kept ours;
        get_session(&o, &ours);
        assert_int_equal(come(&o, VISIT_HOUR + more, VISIT_HOUR + more),
                         more ? HF_E_EARLY_STALE : HF_OK);
        tear_down(state);
        set_up(state);
    }
}

/* A flight that comes too early is claimed for as long as a copy could be fresh, also by a server under whose settings no session
   lives so long. */
static void test_refused_by_another_server(void **state)
{
    pair_options o = early_options(sessions);
    hf_policy usual = *o.policy[HF_SERVER], brief = usual;
    static kept first, second;

    (void)state;
    get_session(&o, &second);
    get_session(&o, &first);
    brief.session_seconds = BRIEF;
    o.policy[HF_SERVER] = &brief;
    assert_int_equal(come(&o, 2000, 0), HF_E_EARLY_STALE);
    o.policy[HF_SERVER] = &usual;
    o.session = hf_span_of(second.bytes, second.len);
    assert_int_equal(come(&o, 1000, 1000), HF_E_EARLY_FULL); /* it has the slot still */
    o.session = hf_span_of(first.bytes, first.len);
    assert_int_equal(come(&o, 2000, 2000), HF_E_EARLY_USED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_older_than_it_can_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused_by_another_server, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("flow_early_age", tests, NULL, NULL);
}
