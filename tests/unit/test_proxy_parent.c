/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Parts of the proxy's parent that need no process: what a new configuration weakens, when files count as changed, how ticket keys
 * move up, which worker gets which socket.
 */
#include "unit/proxy_support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool/proxy/config.h"
#include "tool/proxy/own_keys.h"
#include "tool/proxy/reload.h"
#include "tool/proxy/sockets.h"
#include "tool/proxy/watch.h"
#include "tool/proxy/weaker.h"

static hf_proxy_config *config_of(const char *yaml)
{
    hf_proxy_config *config;
    hf_config_fault fault;

    if (!hf_proxy_config_read(hf_span_str(yaml), "p.yaml", &config, &fault))
        fail_msg("%s\n%u:%u: %s: %s", yaml, fault.at.line, fault.at.column, fault.what, fault.why);
    return config;
}

/* ---- what is weaker ---- */

typedef struct weak_row {
    const char *name, *before, *now; /* of the only site, or of the proxy (" listen: …") */
    const char *found;               /* part of what is told; NULL: nothing is */
} weak_row;

#define CLIENTS "client_auth: {mode: require, ca: c.pem"

static const weak_row weak_rows[] = {
    { "nothing", "policy: modern", "policy: modern", NULL },
    { "a wider policy", "policy: modern", "policy: default", "policy default" },
    { "a narrower policy", "policy: default", "policy: modern", NULL },
    { "client_auth goes", CLIENTS "}", "policy: default", "not asked" },
    { "client_auth softens", CLIENTS "}", "client_auth: {mode: request, ca: c.pem}", "need no" },
    { "client_auth comes", "policy: default", CLIENTS "}", NULL },
    { "only below a path now", CLIENTS "}", CLIENTS ", paths: [/admin]}", "fewer paths" },
    { "a path fewer", CLIENTS ", paths: [/admin, /b]}", CLIENTS ", paths: [/admin]}",
      "fewer paths" },
    { "a path of that name's beginning", CLIENTS ", paths: [/admins]}",
      CLIENTS ", paths: [/admin]}", "fewer paths" },
    { "a path above", CLIENTS ", paths: [/admin/x]}", CLIENTS ", paths: [/admin]}", NULL },
    { "everywhere now", CLIENTS ", paths: [/admin]}", CLIENTS "}", NULL },
    { "no CRL any more", CLIENTS ", crl: c.crl}", CLIENTS "}", "no CRL" },
    { "HSTS goes", "hsts: {max_age: 31536000}", "policy: default", "HSTS" },
    { "HSTS is taken back", "hsts: {max_age: 31536000}", "hsts: {max_age: 0}", "HSTS" },
};

typedef struct told {
    unsigned n;
    char what[256];
} told;

static void found(void *user, const char *site, const char *what)
{
    told *t = user;

    assert_string_equal(site, "a.test");
    t->n++;
    snprintf(t->what, sizeof t->what, "%s", what);
}

static hf_proxy_config *with_site(const char *site)
{
    char yaml[1024];

    snprintf(
        yaml, sizeof yaml,
        "listen: [\"127.0.0.1:8443\"]\nsites:\n  - names: [a.test]\n"
        "    certificates: [{chain: a.pem, key: a.key}]\n    backend: \"127.0.0.1:9000\"\n    %s\n",
        site);
    return config_of(yaml);
}

static void what_is_weaker_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof weak_rows / sizeof weak_rows[0]; i++) {
        const weak_row *row = &weak_rows[i];
        hf_proxy_config *before = with_site(row->before), *now = with_site(row->now);
        told t = { 0, "" };

        hf_weaker_find(before, now, found, &t);
        if (t.n != (row->found != NULL) || (row->found && !strstr(t.what, row->found)))
            fail_msg("%s: %u told, the last: %s", row->name, t.n, t.what);
        hf_proxy_config_free(before);
        hf_proxy_config_free(now);
    }
}

/* ---- watched files ---- */

typedef struct desk {
    char folder[64], file[128];
    uv_loop_t loop;
    hf_watch watch;
    unsigned changes;
} desk;

static void changed(void *user)
{
    ((desk *)user)->changes++;
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void begin_watch(desk *d)
{
    memset(d, 0, sizeof *d);
    snprintf(d->folder, sizeof d->folder, "/tmp/hf-watch-XXXXXX");
    assert_non_null(mkdtemp(d->folder));
    snprintf(d->file, sizeof d->file, "%s/a.pem", d->folder);
    assert_int_equal(uv_loop_init(&d->loop), 0);
    hf_watch_start(&d->watch, &d->loop, changed, d);
    uv_timer_stop(&d->watch.timer);
}

static void end_watch(desk *d)
{
    hf_watch_stop(&d->watch);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&d->loop), 0);
    unlink(d->file);
    rmdir(d->folder);
}

/* A second passes, without waiting for it. */
static void tick(desk *d)
{
    d->watch.timer.timer_cb(&d->watch.timer);
    while (d->watch.looking)
        uv_run(&d->loop, UV_RUN_ONCE);
}

static void look_at(desk *d, struct timespec since)
{
    char *paths[] = { d->file };

    hf_watch_set(&d->watch, hf_watch_files(paths, 1), since);
}

static struct timespec later(long seconds)
{
    struct timespec t = hf_watch_now();

    t.tv_sec += seconds;
    return t;
}

static void a_change_counts_once_it_rests(void **state)
{
    desk d;

    (void)state;
    begin_watch(&d);
    write_file(d.file, "one");
    look_at(&d, later(3600));
    tick(&d);
    tick(&d);
    assert_int_equal(d.changes, 0);
    write_file(d.file, "two and more");
    tick(&d);
    assert_int_equal(d.changes, 0); /* it may be half written */
    tick(&d);
    assert_int_equal(d.changes, 1);
    tick(&d);
    tick(&d);
    assert_int_equal(d.changes, 1);
    end_watch(&d);
}

static void what_never_rests_counts_after_a_while(void **state)
{
    char text[64] = "";
    desk d;

    (void)state;
    begin_watch(&d);
    write_file(d.file, text);
    look_at(&d, later(3600));
    for (int i = 0; i < HF_WATCH_RESTLESS; i++) {
        text[i] = 'x';
        write_file(d.file, text);
        tick(&d);
    }
    assert_int_equal(d.changes, 1);
    end_watch(&d);
}

static void a_file_that_comes_and_one_that_takes_its_place_are_changes(void **state)
{
    char other[160];
    desk d;

    (void)state;
    begin_watch(&d);
    look_at(&d, later(3600));
    write_file(d.file, "one");
    tick(&d);
    tick(&d);
    assert_int_equal(d.changes, 1);
    snprintf(other, sizeof other, "%s.new", d.file);
    write_file(other, "two");
    assert_int_equal(rename(other, d.file), 0);
    tick(&d);
    tick(&d);
    assert_int_equal(d.changes, 2);
    end_watch(&d);
}

/* Between the reading of a file and the first look at it nothing is missed; and a file of the future does not change for ever. */
static void a_change_while_it_was_read_counts_once(void **state)
{
    desk d;

    (void)state;
    begin_watch(&d);
    write_file(d.file, "one");
    look_at(&d, later(-3600));
    tick(&d);
    assert_int_equal(d.changes, 1);
    look_at(&d, later(-3600));
    tick(&d);
    tick(&d);
    assert_int_equal(d.changes, 1);
    end_watch(&d);
}

/* ---- time ---- */

enum { FROM = 1000, TO = 2000 };

static bool due(hf_health health, const char *backend, int64_t taken_at, int64_t at)
{
    char yaml[512];

    snprintf(yaml, sizeof yaml,
             "listen: [\"127.0.0.1:8443\"]\nsites: [{names: [a.test], certificates: "
             "[{chain: a.pem, key: a.key}], backend: \"%s\"}]\n",
             backend);
    hf_proxy_config *config = config_of(yaml);
    hf_expiry expiry = { .not_before = FROM, .not_after = TO };
    hf_loaded_site site = { .health = health };
    hf_loaded loaded = { .config = config, .sites = &site, .expiries = &expiry, .n_expiries = 1 };
    bool answer = hf_reload_is_due(&loaded, taken_at, at);

    hf_proxy_config_free(config);
    return answer;
}

/* Also when the clock jumps, either way. Bad files may be mended at any time. Names are asked for without reading anything else. */
static void what_time_changes_is_looked_at_again(void **state)
{
    (void)state;
    assert_false(due(HF_HEALTH_GOOD, "127.0.0.1:9", FROM, TO));
    assert_true(due(HF_HEALTH_GOOD, "127.0.0.1:9", TO, TO + 1));
    assert_true(due(HF_HEALTH_GOOD, "127.0.0.1:9", FROM, FROM - 1));
    assert_true(due(HF_HEALTH_GOOD, "127.0.0.1:9", TO + 500, TO));
    assert_true(due(HF_HEALTH_GOOD, "127.0.0.1:9", FROM - 1, TO + 1));
    assert_false(due(HF_HEALTH_GOOD, "127.0.0.1:9", TO + 1, TO + 2));
    assert_true(due(HF_HEALTH_KEPT, "127.0.0.1:9", FROM, FROM));
    assert_true(due(HF_HEALTH_UNAVAILABLE, "127.0.0.1:9", FROM, FROM));
    assert_false(due(HF_HEALTH_GOOD, "backend.internal:9", FROM, FROM));
    assert_false(due(HF_HEALTH_GOOD, "unix:/run/x.sock", FROM, FROM));
}

/* A plan whose parts are those of `kinds`, each with its bytes. */
static hf_loaded plan_of(hf_plan_part *parts, size_t n, hf_proxy_config *config,
                         hf_loaded_site *site)
{
    return (hf_loaded){ .plan = { .yaml = hf_span_str("yaml"), .parts = parts, .n_parts = n },
                        .config = config,
                        .sites = site };
}

static void nothing_different_is_seen_as_such(void **state)
{
    hf_plan_address two[2], turned[2];
    hf_proxy_config *config = with_site("policy: modern");
    hf_loaded_site site = { .health = HF_HEALTH_GOOD };

    (void)state;
    memset(two, 0, sizeof two);
    two[0].len = 16, two[1].len = 28;
    turned[0] = two[1], turned[1] = two[0];
    hf_plan_part a[] = { { HF_PART_CHAIN, 0, 0, hf_span_str("chain") },
                         { HF_PART_SPARE_KEY, 0, 0, hf_span_str("made") },
                         { HF_PART_ADDRESS, 0, 0, hf_span_of(two, sizeof two) } };
    hf_plan_part b[] = { { HF_PART_CHAIN, 0, 0, hf_span_str("chain") },
                         { HF_PART_SPARE_KEY, 0, 0, hf_span_str("made anew") },
                         { HF_PART_ADDRESS, 0, 0, hf_span_of(turned, sizeof turned) } };
    hf_loaded before = plan_of(a, 3, config, &site), now = plan_of(b, 3, config, &site);
    assert_true(hf_reload_is_same(&before, &now));
    b[0].bytes = hf_span_str("chaim");
    assert_false(hf_reload_is_same(&before, &now));
    b[0].bytes = hf_span_str("chain");
    turned[0].len = 17;
    assert_false(hf_reload_is_same(&before, &now));
    turned[0] = two[1];
    now.plan.n_parts = 2;
    assert_false(hf_reload_is_same(&before, &now));
    assert_false(hf_reload_is_same(&now, &before));
    hf_proxy_config_free(config);
}

/* A service that comes after the proxy is seen within a minute, though nothing of the plan changes with it. */
static void a_site_without_a_backend_is_looked_at_again(void **state)
{
    hf_proxy_config *config = with_site("policy: modern");
    hf_loaded_site backless = { .backless = "there is no such socket" }, good = { .backless = "" };
    hf_loaded before = plan_of(NULL, 0, config, &backless), now = plan_of(NULL, 0, config, &good);

    (void)state;
    assert_true(hf_reload_is_due(&before, FROM, FROM));
    assert_false(hf_reload_is_due(&now, FROM, FROM));
    assert_false(hf_reload_is_same(&before, &now));
    hf_proxy_config_free(config);
}

/* ---- ticket keys ---- */

static void the_next_key_is_known_before_it_seals(void **state)
{
    hf_own_keys keys, before;

    (void)state;
    memset(&keys, 0, sizeof keys);
    assert_true(hf_own_keys_rotate(&keys));
    assert_int_equal(keys.n, HF_OWN_KEYS);
    before = keys;
    assert_true(hf_own_keys_rotate(&keys));
    assert_memory_equal(keys.keys[0], before.keys[1], HF_TICKET_KEY); /* the next seals */
    assert_memory_equal(keys.keys[2], before.keys[0],
                        HF_TICKET_KEY); /* the present one still opens */
    assert_memory_not_equal(keys.keys[1], before.keys[1], HF_TICKET_KEY);
    assert_memory_not_equal(keys.keys[1], before.keys[2], HF_TICKET_KEY);
}

/* ---- sockets ---- */

static hf_proxy_config *listening(const char *listen)
{
    char yaml[1024];

    snprintf(yaml, sizeof yaml,
             "listen: [%s]\nsites: [{names: [a.test], certificates: [{chain: a.pem, key: a.key}], "
             "backend: \"127.0.0.1:9\"}]\n",
             listen);
    return config_of(yaml);
}

static hf_sockets *open_for(const hf_proxy_config *config, unsigned workers,
                            const hf_sockets *before)
{
    hf_config_fault fault;
    hf_sockets *s;

    memset(&fault, 0, sizeof fault);
    s = hf_sockets_open(config, workers, before, &fault);
    if (!s)
        fail_msg("%s: %s", fault.what, fault.why);
    return s;
}

/* Each socket has one worker, and with fewer workers none is left alone. */
static void every_socket_has_a_worker(void **state)
{
    hf_proxy_config *config = listening("\"127.0.0.1:0\"");
    hf_sockets *four = open_for(config, 4, NULL), *three = open_for(config, 3, four);
    int fds[8], seen = 0;

    (void)state;
    assert_int_equal(four->rows[0].n, 4);
    assert_int_equal(three->rows[0].n, 4);
    assert_memory_equal(three->rows[0].fds, four->rows[0].fds, sizeof(int[4]));
    assert_false(hf_sockets_same(three, four)); /* the workers are others */
    for (unsigned i = 0; i < 3; i++)
        seen += (int)hf_sockets_of(three, i, HF_DOOR_TLS, fds, 8);
    assert_int_equal(seen, 4);
    assert_int_equal(hf_sockets_of(three, 0, HF_DOOR_TLS, fds, 8), 2);
    assert_int_equal(hf_sockets_of(three, 0, HF_DOOR_REDIRECT, fds, 8), 0);
    hf_sockets_close(four, three);
    assert_int_not_equal(fcntl(three->rows[0].fds[3], F_GETFD), -1); /* kept open */
    hf_sockets_close(three, NULL);
    hf_proxy_config_free(config);
}

/* Port 0: all workers' sockets have the one port that the first got, and keep it over a reload. */
static void any_port_is_one_port(void **state)
{
    hf_proxy_config *config = listening("\"127.0.0.1:0\", \"127.0.0.1:0\"");
    hf_sockets *first = open_for(config, 2, NULL), *again = open_for(config, 2, first);
    struct sockaddr_storage a, b;
    socklen_t len = sizeof a;

    (void)state;
    assert_int_equal(getsockname(first->rows[0].fds[0], (struct sockaddr *)&a, &len), 0);
    assert_int_equal(getsockname(first->rows[0].fds[1], (struct sockaddr *)&b, &len), 0);
    assert_memory_equal(&a, &b, len);
    assert_int_equal(getsockname(first->rows[1].fds[0], (struct sockaddr *)&b, &len), 0);
    assert_memory_not_equal(&a, &b, len);
    assert_true(hf_sockets_same(first, again));
    hf_sockets_close(again, first);
    hf_sockets_close(first, NULL);
    hf_proxy_config_free(config);
}

static void what_is_gone_is_closed_and_what_failed_leaves_nothing(void **state)
{
    hf_proxy_config *two = listening("\"127.0.0.1:0\", \"127.0.0.1:0\""), *bad;
    hf_sockets *before = open_for(two, 2, NULL);
    int kept = before->rows[0].fds[0], gone = before->rows[1].fds[0], next;
    hf_config_fault fault;

    (void)state;
    bad = listening("\"127.0.0.1:0\", \"192.0.2.1:8443\"");
    memset(&fault, 0, sizeof fault);
    next = dup(kept); /* the lowest free descriptor */
    close(next);
    assert_null(hf_sockets_open(bad, 2, before, &fault));
    assert_int_equal(fault.at.line, 1);
    assert_non_null(strstr(fault.why, "no interface"));
    assert_int_equal(fcntl(next, F_GETFD), -1);
    hf_proxy_config *one = listening("\"127.0.0.1:0\"");
    hf_sockets *after = open_for(one, 2, before);
    hf_sockets_close(before, after);
    assert_int_equal(fcntl(gone, F_GETFD), -1);
    assert_int_not_equal(fcntl(kept, F_GETFD), -1);
    hf_sockets_close(after, NULL);
    hf_proxy_config_free(one);
    hf_proxy_config_free(two);
    hf_proxy_config_free(bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_weaker_is_told),
        cmocka_unit_test(a_change_counts_once_it_rests),
        cmocka_unit_test(what_never_rests_counts_after_a_while),
        cmocka_unit_test(a_file_that_comes_and_one_that_takes_its_place_are_changes),
        cmocka_unit_test(a_change_while_it_was_read_counts_once),
        cmocka_unit_test(what_time_changes_is_looked_at_again),
        cmocka_unit_test(nothing_different_is_seen_as_such),
        cmocka_unit_test(a_site_without_a_backend_is_looked_at_again),
        cmocka_unit_test(the_next_key_is_known_before_it_seals),
        cmocka_unit_test(every_socket_has_a_worker),
        cmocka_unit_test(any_port_is_one_port),
        cmocka_unit_test(what_is_gone_is_closed_and_what_failed_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
