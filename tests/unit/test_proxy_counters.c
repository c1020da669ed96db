/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Counters in shared memory: several workers, as processes and as threads; limits are never overrun and always given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/proxy/addresses.h"
#include "tool/proxy/counters.h"
#include "tool/proxy/telling.h"

enum { THREADS = 6, ROUNDS = 20000, LIMIT = 40, OF_ADDRESS = 7, ADDRESSES = 7, SITE = 3 };

static hf_counters *fresh(unsigned slots)
{
    hf_counters *counters = hf_counters_new(slots);

    assert_non_null(counters);
    return counters;
}

static void address_of(uint32_t n, uint8_t out[16])
{
    memset(out, 0, 16);
    out[10] = out[11] = 0xff;
    memcpy(out + 12, &n, sizeof n);
}

/* ---- counting ---- */

static void test_sums_are_over_workers_and_sites_stay_apart(void **state)
{
    hf_counters *c = fresh(3);

    (void)state;
    hf_count(c, 0, SITE, HF_METRIC_handshakes_13, 5);
    hf_count(c, 2, SITE, HF_METRIC_handshakes_13, 7);
    hf_count(c, hf_counters_parent(c), SITE, HF_METRIC_handshakes_13, 1);
    hf_count(c, 1, SITE + 1, HF_METRIC_handshakes_13, 100);
    hf_count(c, 1, HF_SITE_SLOTS_MAX + 5, HF_METRIC_handshakes_13, 9); /* no site: nobody's */
    assert_int_equal(hf_counter_sum(c, SITE, HF_METRIC_handshakes_13), 13);
    assert_int_equal(hf_counter_sum(c, SITE + 1, HF_METRIC_handshakes_13), 100);
    assert_int_equal(hf_counter_sum(c, HF_SITE_NONE, HF_METRIC_handshakes_13), 9);
    assert_int_equal(hf_counter_sum(c, SITE, HF_METRIC_handshakes_12), 0);
    hf_count_event(c, 1, HF_EVENT_OF_limit_hit);
    hf_count_event(c, hf_counters_parent(c), HF_EVENT_OF_limit_hit);
    hf_count_event(c, 1, HF_EVENT_OF_COUNT);
    assert_int_equal(hf_counter_events(c, HF_EVENT_OF_limit_hit), 2);
    hf_counters_free(c);
}

static void test_durations_fall_below_their_bounds(void **state)
{
    hf_counters *c = fresh(2);

    (void)state;
    hf_count_duration(c, 0, SITE, 0.001); /* a bound belongs to what is below it */
    hf_count_duration(c, 1, SITE, 0.0011);
    hf_count_duration(c, 1, SITE, 3600);
    hf_count_duration(c, 1, SITE, -1);
    hf_durations sum = hf_counter_durations(c, SITE);
    assert_int_equal(sum.in[0], 1);
    assert_int_equal(sum.in[1], 1);
    assert_int_equal(sum.in[2], 1);
    assert_int_equal(sum.in[HF_DURATION_BUCKETS], 1);
    assert_true(sum.seconds > 3600.002 && sum.seconds < 3600.0022);
    for (size_t i = 1; i < HF_DURATION_BUCKETS; i++)
        assert_true(hf_duration_bounds[i] > hf_duration_bounds[i - 1]);
    hf_counters_free(c);
}

static void test_only_what_is_counted_takes_memory(void **state)
{
    int fds[HF_SLOTS_MAX + 1];
    off_t bytes = 0;
    struct stat s;
    hf_counters *c = fresh(HF_SLOTS_MAX);

    (void)state;
    for (unsigned i = 0; i < 8; i++)
        hf_count(c, i, SITE, HF_METRIC_handshakes_13, 1);
    assert_int_equal(hf_counters_fds(c, fds), HF_SLOTS_MAX + 1);
    for (unsigned i = 0; i <= HF_SLOTS_MAX; i++) {
        assert_int_equal(fstat(fds[i], &s), 0);
        bytes += s.st_blocks * 512;
    }
    assert_true(bytes < 8 * 64 * 1024 + HF_SLOTS_MAX * 8 * 1024);
    hf_counters_free(c);
}

/* ---- a worker's view ---- */

enum { FIRST = 700 }; /* above all that a test has open */

/* As a worker finds them after exec: one behind the other. */
static hf_counters *as_worker(const hf_counters *c, unsigned slots, unsigned worker)
{
    int fds[HF_SLOTS_MAX + 1];
    size_t n = hf_counters_fds(c, fds);

    for (size_t i = 0; i < n; i++)
        assert_int_equal(dup2(fds[i], FIRST + (int)i), FIRST + (int)i);
    return hf_counters_open(FIRST, slots, worker);
}

static void test_what_is_no_counters_is_not_opened(void **state)
{
    FILE *other = tmpfile();
    hf_counters *c = fresh(2);

    (void)state;
    assert_null(hf_counters_new(0));
    assert_null(hf_counters_new(HF_SLOTS_MAX + 1));
    assert_int_equal(errno, EINVAL);
    assert_non_null(other);
    assert_int_equal(dup2(fileno(other), FIRST), FIRST);
    assert_null(hf_counters_open(FIRST, 1, 0));
    assert_int_equal(ftruncate(fileno(other), 1 << 20), 0);
    assert_int_equal(dup2(fileno(other), FIRST), FIRST);
    assert_null(hf_counters_open(FIRST, 1, 0));
    assert_null(as_worker(c, 2, 2)); /* the parent's is no worker's */
    fclose(other);
    hf_counters_free(c);
}

static void test_their_size_stays_and_no_descriptor_is_kept(void **state)
{
    int fds[HF_SLOTS_MAX + 1];
    hf_counters *c = fresh(2), *own;

    (void)state;
    for (size_t i = hf_counters_fds(c, fds); i-- > 0;) {
        assert_int_not_equal(ftruncate(fds[i], 0), 0);
        assert_int_not_equal(ftruncate(fds[i], (off_t)1 << 40), 0);
    }
    own = as_worker(c, 2, 1);
    assert_non_null(own);
    for (int i = 0; i < 3; i++)
        assert_int_equal(fcntl(FIRST + i, F_GETFD), -1);
    hf_counters_free(own);
    hf_counters_free(c);
}

/* Ends by SIGSEGV where it may not write. */
static int write_as(const hf_counters *c, unsigned worker, unsigned row)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        hf_counters *own = as_worker(c, 2, worker);
        const struct rlimit none = { 0, 0 };
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGSEGV, SIG_DFL);
        if (!own || hf_counter_sum(own, SITE, HF_METRIC_handshakes_13) != 3)
            _exit(1);
        hf_count(own, row, SITE, HF_METRIC_handshakes_13, 10);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_a_worker_writes_its_own_alone(void **state)
{
    hf_counters *c = fresh(2);

    (void)state;
    hf_count(c, hf_counters_parent(c), SITE, HF_METRIC_handshakes_13, 3);
    assert_int_equal(write_as(c, 0, 1), -SIGSEGV);
    assert_int_equal(write_as(c, 0, 2), -SIGSEGV);
    assert_int_equal(write_as(c, 1, 0), -SIGSEGV);
    assert_int_equal(hf_counter_sum(c, SITE, HF_METRIC_handshakes_13), 3);
    assert_int_equal(write_as(c, 1, 1), 0);
    assert_int_equal(hf_counter_sum(c, SITE, HF_METRIC_handshakes_13), 13);
    hf_counters_free(c);
}

/* By no call is what it reads made writable, nor is its own stretched: each mapping of a worker ends with its file. */
static void stretch(const hf_counters *c)
{
    hf_counters *own = as_worker(c, 2, 0);
    FILE *maps = fopen("/proc/self/maps", "r");
    unsigned long from, to;
    char line[512], rights[8];
    unsigned n = 0, writable = 0;

    while (own && maps && fgets(line, sizeof line, maps)) {
        if (!strstr(line, "handfast-counters") ||
            sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3)
            continue;
        void *at = (void *)from; /* the parent's own come with fork, and are not ours to try */
        n++;
        if (rights[1] == 'w')
            writable++;
        else if (mprotect(at, to - from, PROT_READ | PROT_WRITE) == 0)
            _exit(2);
    }
    _exit(n == 6 && writable == 4 ? 0 : 3);
}

static void test_no_call_makes_the_others_writable(void **state)
{
    int status;
    hf_counters *c = fresh(2);
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        stretch(c);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    hf_counters_free(c);
}

/* ---- limits ---- */

static void test_limits_hold_for_all_workers_together(void **state)
{
    uint8_t a[16], b[16];
    hf_counters *c = fresh(2);

    (void)state;
    address_of(1, a);
    address_of(2, b);
    assert_int_equal(hf_counters_admit(c, 0, a, 3, 2), HF_ADMITTED);
    assert_int_equal(hf_counters_admit(c, 1, a, 3, 2), HF_ADMITTED);
    assert_int_equal(hf_counters_admit(c, 0, a, 3, 2), HF_ADDRESS_FULL);
    assert_int_equal(hf_counters_admit(c, 0, b, 3, 2), HF_ADMITTED);
    assert_int_equal(hf_counters_admit(c, 1, b, 3, 2), HF_FULL);
    assert_int_equal(hf_counter_held(c), 3);
    assert_int_equal(hf_counter_sum(c, HF_SITE_NONE, HF_METRIC_refused_connections), 1);
    assert_int_equal(hf_counter_sum(c, HF_SITE_NONE, HF_METRIC_refused_per_address), 1);
    hf_counters_leave(c, 1, a);
    assert_int_equal(hf_counters_admit(c, 0, a, 3, 2), HF_ADMITTED);
    hf_counters_free(c);
}

static void test_an_address_of_ipv6_stands_for_its_network(void **state)
{
    static const uint8_t one[16] = { 0x20, 1, 0x0d, 0xb8, [7] = 1, [15] = 1 },
                         near[16] = { 0x20, 1, 0x0d, 0xb8, [7] = 1, [8] = 9, [15] = 2 },
                         far[16] = { 0x20, 1, 0x0d, 0xb8, [7] = 2, [15] = 1 };
    uint8_t v4[16], next[16];
    hf_counters *c = fresh(1);

    (void)state;
    assert_int_equal(hf_counters_admit(c, 0, one, 10, 1), HF_ADMITTED);
    assert_int_equal(hf_counters_admit(c, 0, near, 10, 1), HF_ADDRESS_FULL);
    assert_int_equal(hf_counters_admit(c, 0, far, 10, 1), HF_ADMITTED);
    hf_counters_leave(c, 0, near);
    assert_int_equal(hf_counters_admit(c, 0, one, 10, 1), HF_ADMITTED);
    address_of(1, v4);
    address_of(2, next);
    assert_int_equal(hf_counters_admit(c, 0, v4, 10, 1), HF_ADMITTED);
    assert_int_equal(hf_counters_admit(c, 0, next, 10, 1), HF_ADMITTED);
    hf_counters_free(c);
}

static void test_a_bound_counts_those_from_before_it(void **state)
{
    uint8_t a[16];
    hf_counters *c = fresh(1);

    (void)state;
    address_of(9, a);
    for (int i = 0; i < 5; i++)
        assert_int_equal(hf_counters_admit(c, 0, a, 100, 0), HF_ADMITTED);
    assert_int_equal(hf_counters_admit(c, 0, a, 100, 5), HF_ADDRESS_FULL);
    hf_counters_leave(c, 0, a);
    assert_int_equal(hf_counters_admit(c, 0, a, 100, 5), HF_ADMITTED);
    hf_counters_free(c);
}

static void test_more_leave_than_came_is_no_harm(void **state)
{
    uint8_t a[16];
    hf_counters *c = fresh(1);

    (void)state;
    address_of(9, a);
    hf_counters_leave(c, 0, a);
    assert_int_equal(hf_counter_held(c), 0);
    assert_int_equal(hf_counters_admit(c, 0, a, 1, 1), HF_ADMITTED);
    assert_int_equal(hf_counters_admit(c, 0, a, 1, 1), HF_FULL);
    hf_counters_free(c);
}

static void test_many_addresses_are_told_apart_and_given_back(void **state)
{
    enum { MANY = 100000 };
    uint8_t a[16];
    hf_counters *c = fresh(1);

    (void)state;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t n = 0; n < MANY; n++) {
            address_of(n + round * MANY, a);
            assert_int_equal(hf_counters_admit(c, 0, a, 2 * MANY, 1), HF_ADMITTED);
        }
        for (uint32_t n = 0; n < MANY; n++) {
            address_of(n + round * MANY, a);
            assert_int_equal(hf_counters_admit(c, 0, a, 2 * MANY, 1), HF_ADDRESS_FULL);
            hf_counters_leave(c, 0, a);
        }
    }
    assert_int_equal(hf_counter_held(c), 0);
    hf_counters_free(c);
}

/* A full table: who cannot be counted is not let in if his number is bounded, and is if it is not. */
static void test_a_full_table_refuses_only_where_it_must(void **state)
{
    uint8_t a[16];
    uint32_t n = 0;
    hf_counters *c = fresh(1);
    hf_admission last = HF_ADMITTED;

    (void)state;
    for (; n < 2 * HF_ADDRESS_ENTRIES && last == HF_ADMITTED; n++) {
        address_of(n, a);
        last = hf_counters_admit(c, 0, a, UINT64_MAX, 1);
    }
    assert_int_equal(last, HF_FULL);
    assert_true(n > HF_ADDRESS_ENTRIES / 2);
    assert_int_equal(hf_counter_held(c), n - 1);
    assert_int_equal(hf_counters_admit(c, 0, a, UINT64_MAX, 0), HF_ADMITTED);
    hf_counters_reset_worker(c, 0);
    assert_int_equal(hf_counters_admit(c, 0, a, UINT64_MAX, 1), HF_ADMITTED);
    hf_counters_free(c);
}

/* ---- a worker that dies ---- */

static void child(const hf_counters *c)
{
    uint8_t a[16];
    hf_counters *own = as_worker(c, 2, 1);

    if (!own)
        _exit(1);
    address_of(1, a);
    hf_count(own, 1, SITE, HF_METRIC_handshakes_13, 10);
    for (int i = 0; i < 4; i++)
        if (hf_counters_admit(own, 1, a, 10, 10) != HF_ADMITTED)
            _exit(2);
    raise(SIGKILL);
}

static void test_a_dead_worker_holds_nothing_and_its_counts_stay(void **state)
{
    int status;
    uint8_t a[16];
    hf_counters *c = fresh(2);

    (void)state;
    address_of(1, a);
    assert_int_equal(hf_counters_admit(c, 0, a, 10, 10), HF_ADMITTED);
    pid_t pid = fork();
    if (pid == 0)
        child(c);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(hf_counter_held(c), 5);
    hf_counters_reset_worker(c, 1);
    assert_int_equal(hf_counter_held(c), 1);
    assert_int_equal(hf_counter_sum(c, SITE, HF_METRIC_handshakes_13), 10);
    assert_int_equal(hf_counters_admit(c, 0, a, 10, 2), HF_ADMITTED);
    assert_int_equal(hf_counters_admit(c, 0, a, 10, 2), HF_ADDRESS_FULL);
    hf_counters_free(c);
}

/* ---- all at once ---- */

typedef struct crowd {
    hf_counters *counters;
    atomic_uint begun, inside, most, of_one[ADDRESSES], most_of_one;
} crowd;

typedef struct member {
    crowd *all;
    unsigned number;
} member;

static void note(atomic_uint *most, unsigned now)
{
    unsigned was = atomic_load(most);

    while (now > was && !atomic_compare_exchange_weak(most, &was, now))
        continue;
}

/* Those inside are counted out before they leave, and in after they came: never too many of them. */
static void leave(const member *m, uint8_t who)
{
    uint8_t a[16];

    address_of(who, a);
    atomic_fetch_sub(&m->all->inside, 1);
    atomic_fetch_sub(&m->all->of_one[who], 1);
    hf_counters_leave(m->all->counters, m->number, a);
}

static bool come(const member *m, uint8_t who)
{
    crowd *all = m->all;
    uint8_t a[16];

    address_of(who, a);
    if (hf_counters_admit(all->counters, m->number, a, LIMIT, OF_ADDRESS) != HF_ADMITTED)
        return false;
    note(&all->most, atomic_fetch_add(&all->inside, 1) + 1);
    note(&all->most_of_one, atomic_fetch_add(&all->of_one[who], 1) + 1);
    return true;
}

static void *come_and_go(void *arg)
{
    member *m = arg;
    uint8_t held[LIMIT + 1];
    unsigned n = 0, seed = m->number * 77 + 1;

    atomic_fetch_add(&m->all->begun, 1);
    while (atomic_load(&m->all->begun) < THREADS)
        continue;
    for (int i = 0; i < ROUNDS; i++) {
        seed = seed * 1103515245 + 12345;
        held[n] = (uint8_t)((seed >> 20) % ADDRESSES);
        hf_count(m->all->counters, m->number, SITE, HF_METRIC_handshakes_13, 1);
        if (n > 0 && (seed >> 16) % 2)
            leave(m, held[--n]);
        else
            n += come(m, held[n]);
    }
    while (n > 0)
        leave(m, held[--n]);
    return NULL;
}

static void test_threads_never_overrun_a_limit(void **state)
{
    pthread_t threads[THREADS];
    member members[THREADS];
    crowd all = { .counters = fresh(THREADS) };

    (void)state;
    for (unsigned i = 0; i < THREADS; i++) {
        members[i] = (member){ &all, i };
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &members[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_in_range(atomic_load(&all.most), LIMIT / 2, LIMIT);
    assert_in_range(atomic_load(&all.most_of_one), OF_ADDRESS - 1, OF_ADDRESS);
    assert_int_equal(hf_counter_held(all.counters), 0);
    assert_int_equal(hf_counter_sum(all.counters, SITE, HF_METRIC_handshakes_13), THREADS * ROUNDS);
    hf_counters_free(all.counters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_are_over_workers_and_sites_stay_apart),
        cmocka_unit_test(test_durations_fall_below_their_bounds),
        cmocka_unit_test(test_only_what_is_counted_takes_memory),
        cmocka_unit_test(test_what_is_no_counters_is_not_opened),
        cmocka_unit_test(test_their_size_stays_and_no_descriptor_is_kept),
        cmocka_unit_test(test_a_worker_writes_its_own_alone),
        cmocka_unit_test(test_no_call_makes_the_others_writable),
        cmocka_unit_test(test_an_address_of_ipv6_stands_for_its_network),
        cmocka_unit_test(test_limits_hold_for_all_workers_together),
        cmocka_unit_test(test_a_bound_counts_those_from_before_it),
        cmocka_unit_test(test_more_leave_than_came_is_no_harm),
        cmocka_unit_test(test_many_addresses_are_told_apart_and_given_back),
        cmocka_unit_test(test_a_full_table_refuses_only_where_it_must),
        cmocka_unit_test(test_a_dead_worker_holds_nothing_and_its_counts_stay),
        cmocka_unit_test(test_threads_never_overrun_a_limit),
    };

    return cmocka_run_group_tests_name("proxy counters", tests, NULL, NULL);
}
