/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Workers that are slow and workers that hang: the first keep serving by the plan that counts, the others are ended and replaced. And
 * workers that are replaced, of which is known when they let nobody in any more. The
 * workers are this program, as it starts itself, and say nothing but what a test wants of them. No time passes: the timers' turns are
 * taken by the tests.
 */
#include "unit/proxy_support.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool/proxy/crew.h"
#include "tool/proxy/spawn.h"

#define HANGS "HF_TEST_WORKER_HANGS"

/* ---- a worker: good with the first plan, silent about every other ---- */

static void take(void *at, size_t len)
{
    for (size_t n = 0; n < len;) {
        ssize_t more = recv(HF_SPAWN_CHANNEL, (char *)at + n, len - n, MSG_WAITALL);
        if (more <= 0)
            _exit(0);
        n += (size_t)more;
    }
}

static void say(hf_message kind, uint64_t number, uint32_t len)
{
    uint32_t frame[4] = { (uint32_t)kind, len };

    memcpy(frame + 2, &number, sizeof number);
    if (write(HF_SPAWN_CHANNEL, frame, 8 + len) != 8 + (ssize_t)len)
        _exit(1);
}

/* What it understood it says again as a FAILURE, for the test to see. */
static void obey(hf_message kind, bool first, uint64_t number)
{
    if (kind == HF_MESSAGE_PLAN && first)
        say(HF_MESSAGE_READY, number, sizeof number);
    else if (kind == HF_MESSAGE_GO)
        say(HF_MESSAGE_TAKEN, number, sizeof number);
    else if (kind == HF_MESSAGE_ASK && getenv(HANGS))
        return;
    else if (kind == HF_MESSAGE_ASK)
        say(HF_MESSAGE_ALIVE, 0, 0);
    else if (kind == HF_MESSAGE_DRAIN && number != HF_DRAIN_NO_LIMIT)
        _exit(0);
    if (kind == HF_MESSAGE_ASK || kind == HF_MESSAGE_FORGET)
        say(HF_MESSAGE_FAILURE, kind, sizeof number);
}

static uint64_t number_of(uint32_t len)
{
    uint8_t *body = malloc(len + 1);
    hf_plan plan;
    uint64_t number = 0;

    if (body && len > 0)
        take(body, len);
    if (body && len == sizeof number)
        memcpy(&number, body, sizeof number); /* of a DRAIN: how long it may take */
    else if (body && hf_plan_unpack(hf_span_of(body, len), &plan)) {
        number = plan.number;
        hf_plan_free(&plan);
    }
    free(body);
    return number;
}

static void be_worker(void)
{
    uint64_t number = 0;
    unsigned plans = 0;
    bool drains = false;

    fcntl(HF_SPAWN_CHANNEL, F_SETFL, 0); /* it may wait */
    while (true) {
        uint32_t head[2];
        take(head, sizeof head);
        uint64_t other = number_of(head[1]);
        bool plan = head[0] == HF_MESSAGE_PLAN;
        if (plan && plans++ == 0)
            number = other;
        obey((hf_message)head[0], plan && plans == 1, head[0] == HF_MESSAGE_DRAIN ? other : number);
        if (head[0] == HF_MESSAGE_ASK && drains)
            say(HF_MESSAGE_SHUT, 0, 0); /* it was busy until then */
        drains = drains || head[0] == HF_MESSAGE_DRAIN;
    }
}

/* ---- the house ---- */

static struct {
    uv_loop_t loop;
    uv_signal_t death;
    hf_crew_house house;
    hf_sockets *sockets;
    hf_crew *crew;
    hf_plan plans[2];
    unsigned answers, good, heard, hung, deaths, ends, takings, shuts;
    uint64_t last_heard;
    char why[256];
} scene;

static void answered(hf_crew *crew, bool good, const char *why)
{
    (void)crew;
    scene.answers++;
    scene.good += good;
    snprintf(scene.why, sizeof scene.why, "%s", why ? why : "");
}

static bool heard(hf_crew *crew, unsigned slot, hf_message kind, hf_span bytes)
{
    (void)crew;
    (void)slot;
    (void)kind;
    memcpy(&scene.last_heard, bytes.data, sizeof scene.last_heard);
    scene.heard++;
    return true;
}

static void died(hf_crew *crew, pid_t pid, int status, unsigned restart_ms)
{
    (void)crew;
    (void)pid;
    (void)status;
    (void)restart_ms;
    scene.deaths++;
}

static void hangs(hf_crew *crew, pid_t pid)
{
    (void)crew;
    assert_true(pid > 0);
    scene.hung++;
}

static void gone(hf_crew *crew)
{
    (void)crew;
    scene.ends++;
}

static void taken(hf_crew *crew)
{
    (void)crew;
    scene.takings++;
}

static void shut(hf_crew *crew)
{
    assert_false(hf_crew_is_shutting(crew));
    scene.shuts++;
}

static const hf_crew_ops ops = { answered, heard, died, hangs, gone, taken, shut };

static void child_died(uv_signal_t *death, int number)
{
    (void)death;
    (void)number;
    hf_crew_reap(&scene.house);
}

static void run_until(const unsigned *count, unsigned n)
{
    while (*count < n)
        uv_run(&scene.loop, UV_RUN_ONCE);
}

static hf_worker_status only(void)
{
    hf_worker_status status;

    assert_int_equal(hf_crew_status(&scene.house, &status, 1), 1);
    return status;
}

static hf_sockets *listening(void)
{
    const char *yaml = "listen: [\"127.0.0.1:0\"]\nsites: [{names: [a.test], certificates: "
                       "[{chain: a.pem, key: a.key}], backend: \"127.0.0.1:9\"}]\n";
    hf_proxy_config *config;
    hf_config_fault fault;

    assert_true(hf_proxy_config_read(hf_span_str(yaml), "p.yaml", &config, &fault));
    hf_sockets *sockets = hf_sockets_open(config, 1, NULL, &fault);
    assert_non_null(sockets);
    hf_proxy_config_free(config);
    return sockets;
}

/* One worker, which serves by plan 1. */
static void begin(bool hang)
{
    static char file[] = "p.yaml";

    memset(&scene, 0, sizeof scene);
    if (hang)
        setenv(HANGS, "1", 1);
    else
        unsetenv(HANGS);
    assert_int_equal(uv_loop_init(&scene.loop), 0);
    uv_signal_init(&scene.loop, &scene.death);
    uv_signal_start(&scene.death, child_died, SIGCHLD);
    scene.sockets = listening();
    scene.house = (hf_crew_house){ .loop = &scene.loop, .slots = 2, .ops = &ops };
    scene.house.counters = hf_counters_new(2);
    assert_non_null(scene.house.counters);
    for (unsigned i = 0; i < 2; i++)
        scene.plans[i] = (hf_plan){ .number = i + 1, .file = file, .yaml = hf_span_str("yaml") };
    hf_account same = { .change = false };
    scene.crew = hf_crew_new(&scene.house, scene.sockets, &same);
    assert_non_null(scene.crew);
    assert_true(hf_crew_offer(scene.crew, &scene.plans[0]));
    run_until(&scene.answers, 1);
    assert_int_equal(scene.good, 1);
    hf_crew_go(scene.crew);
    run_until(&scene.takings, 1);
}

static void finish(void)
{
    hf_crew_drain(scene.crew, 0);
    run_until(&scene.ends, 1);
    uv_close((uv_handle_t *)&scene.death, NULL);
    uv_run(&scene.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&scene.loop), 0);
    hf_sockets_close(scene.sockets, NULL);
    hf_counters_free(scene.house.counters);
}

/* ---- time ---- */

typedef struct due {
    bool repeated;
    uv_timer_t *timer;
} due;

static void look_for(uv_handle_t *handle, void *user)
{
    due *d = user;
    uv_timer_t *timer = (uv_timer_t *)handle;

    if (handle->type != UV_TIMER || !uv_is_active(handle))
        return;
    if (d->repeated ? uv_timer_get_repeat(timer) == HF_CREW_ASK_MS
                    : uv_timer_get_due_in(timer) > HF_CREW_ANSWER_MS / 2)
        d->timer = timer;
}

static void fire(bool repeated)
{
    due d = { repeated, NULL };

    uv_walk(&scene.loop, look_for, &d);
    assert_non_null(d.timer);
    d.timer->timer_cb(d.timer);
}

/* ---- tests ---- */

/* A plan that takes too long is refused; the worker lives, and its connections with it. */
static void a_slow_worker_keeps_serving(void **state)
{
    (void)state;
    begin(false);
    long pid = only().pid;
    assert_true(hf_crew_offer(scene.crew, &scene.plans[1]));
    fire(false);
    assert_int_equal(scene.answers, 2);
    assert_int_equal(scene.good, 1);
    assert_non_null(strstr(scene.why, "within a minute"));
    hf_crew_forget(scene.crew);
    while (scene.heard < 1 && scene.deaths < 1)
        uv_run(&scene.loop, UV_RUN_ONCE);
    assert_int_equal(scene.deaths, 0);
    assert_int_equal(scene.last_heard, HF_MESSAGE_FORGET);
    assert_int_equal(only().pid, pid);
    assert_int_equal(only().state, HF_WORKER_SERVING);
    finish();
}

static void one_that_answers_is_left_in_peace(void **state)
{
    (void)state;
    begin(false);
    for (unsigned i = 1; i <= 4 * HF_CREW_MISSED; i++) {
        fire(true);
        run_until(&scene.heard, i);
        assert_int_equal(scene.last_heard, HF_MESSAGE_ASK);
    }
    assert_int_equal(scene.hung, 0);
    assert_int_equal(scene.deaths, 0);
    finish();
}

/* It is asked once, and ended after as many looks as it may miss; its successor begins anew. */
static void one_that_hangs_is_replaced(void **state)
{
    (void)state;
    begin(true);
    long pid = only().pid;
    for (unsigned i = 0; i < HF_CREW_MISSED; i++)
        fire(true);
    assert_int_equal(scene.hung, 0);
    fire(true);
    assert_int_equal(scene.hung, 1);
    run_until(&scene.deaths, 1);
    assert_int_not_equal(only().pid, pid);
    assert_int_equal(only().restarts, 1);
    assert_int_equal(only().hangs, 1);
    for (unsigned i = 0; i < HF_CREW_MISSED; i++)
        fire(true);
    assert_int_equal(scene.hung, 1);
    fire(true);
    assert_int_equal(scene.hung, 2);
    finish();
}

/* A reload waits for it no longer than that: its successor takes the plan that counts, and is offered the new one. */
static void one_that_hangs_while_others_wait_for_it(void **state)
{
    (void)state;
    begin(true);
    assert_true(hf_crew_offer(scene.crew, &scene.plans[1]));
    for (unsigned i = 0; i <= HF_CREW_MISSED; i++)
        fire(true);
    run_until(&scene.deaths, 1);
    while (only().state != HF_WORKER_SERVING)
        uv_run(&scene.loop, UV_RUN_ONCE);
    assert_int_equal(scene.answers, 1);
    fire(false);
    assert_int_equal(scene.answers, 2);
    hf_crew_forget(scene.crew);
    finish();
}

/* It was told to drain, and lets clients in until it has heard that. */
static void one_that_drains_says_when_it_lets_nobody_in(void **state)
{
    (void)state;
    begin(false);
    assert_false(hf_crew_is_shutting(scene.crew));
    hf_crew_drain(scene.crew, HF_DRAIN_NO_LIMIT);
    assert_true(hf_crew_is_shutting(scene.crew));
    assert_int_equal(scene.shuts, 0);
    fire(true);
    run_until(&scene.shuts, 1);
    assert_int_equal(only().state, HF_WORKER_DRAINING);
    finish();
    assert_int_equal(scene.deaths, 0);
}

/* Its death will do. */
static void one_that_is_ended_lets_nobody_in(void **state)
{
    (void)state;
    begin(false);
    hf_crew_drain(scene.crew, HF_DRAIN_NO_LIMIT);
    kill((pid_t)only().pid, SIGKILL);
    finish();
    assert_true(scene.shuts > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_worker_keeps_serving),
        cmocka_unit_test(one_that_answers_is_left_in_peace),
        cmocka_unit_test(one_that_hangs_is_replaced),
        cmocka_unit_test(one_that_hangs_while_others_wait_for_it),
        cmocka_unit_test(one_that_drains_says_when_it_lets_nobody_in),
        cmocka_unit_test(one_that_is_ended_lets_nobody_in),
    };

    if (getenv(HF_SPAWN_VARIABLE))
        be_worker(); /* until its parent is gone */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
