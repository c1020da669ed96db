/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Names of backends: literal addresses are asked of nobody, a resolver that hangs holds nobody up, and what was known stays. */
#include "proxy_load_support.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>

#include "tool/proxy/backend_names.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool hang;
static unsigned asked, answered;

/* "good…" has an address, "hang…" hangs while it is told to, all else does not exist. */
static int answer(const char *host, const char *service, const struct addrinfo *hints,
                  struct addrinfo **found)
{
    struct addrinfo literal = *hints;
    int result = EAI_NONAME;

    pthread_mutex_lock(&lock);
    asked++;
    while (hang && strncmp(host, "hang", 4) == 0)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    literal.ai_flags |= AI_NUMERICHOST;
    if (strncmp(host, "good", 4) == 0 || strncmp(host, "hang", 4) == 0)
        result = getaddrinfo("192.0.2.7", service, &literal, found);
    pthread_mutex_lock(&lock);
    answered++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return result;
}

static hf_wanted want(const char *host)
{
    hf_wanted w = { .port = 9000 };

    snprintf(w.host, sizeof w.host, "%s", host);
    return w;
}

static void test_literals_are_not_asked_for(void **state)
{
    hf_wanted w[] = { want("127.0.0.1"), want("::1") };

    (void)state;
    asked = 0;
    hf_resolve(w, 2, 0, answer);
    assert_int_equal(asked, 0);
    assert_int_equal(w[0].n, 1);
    assert_int_equal(w[0].at[0].at.ss_family, AF_INET);
    assert_int_equal(w[1].at[0].at.ss_family, AF_INET6);
    struct sockaddr_in at;
    memcpy(&at, &w[0].at[0].at, sizeof at);
    assert_int_equal(ntohs(at.sin_port), 9000);
}

static void test_each_gets_its_own_answer(void **state)
{
    enum { N = 100 };
    static hf_wanted w[N];
    char host[32];

    (void)state;
    for (size_t i = 0; i < N; i++) {
        snprintf(host, sizeof host,
                 i % 3 == 0   ? "bad-%zu"
                 : i % 3 == 1 ? "good-%zu"
                              : "127.0.0.%zu",
                 i);
        w[i] = want(host);
    }
    hf_resolve(w, N, 60000, answer);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(w[i].n, i % 3 == 0 ? 0 : 1);
        assert_true((w[i].why != NULL) == (i % 3 == 0));
    }
}

/* The deadline is over at once: what hangs is left behind, and its late answer goes nowhere. */
static void test_a_resolver_that_hangs(void **state)
{
    hf_wanted w[20];

    (void)state;
    asked = answered = 0;
    hang = true;
    for (size_t i = 0; i < 20; i++)
        w[i] = want("hang");
    hf_resolve(w, 20, 1, answer);
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(w[i].n, 0);
        assert_non_null(w[i].why);
    }
    pthread_mutex_lock(&lock);
    assert_true(asked <= HF_RESOLVE_THREADS);
    hang = false;
    pthread_cond_broadcast(&changed);
    while (answered < asked)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    assert_int_equal(w[0].n, 0);
}

/* ---- in a load ---- */

static const char yaml[] =
    "listen: [\"127.0.0.1:8443\"]\nsites:\n"
    "  - {names: [a.test], certificates: [{chain: a.pem, key: a.key}], "
    "backend: [\"good.test:9000\", \"127.0.0.1:9000\", \"unix:/run/x\", \"bad.test:1\"]}\n";

static int nobody(const char *host, const char *service, const struct addrinfo *hints,
                  struct addrinfo **found)
{
    (void)host, (void)service, (void)hints, (void)found;
    return EAI_AGAIN;
}

static void test_addresses_stay(void **state)
{
    (void)state;
    put_pair("a.pem", "a.key", "a.test", SLOT_A);
    hf_load_world.look_up = answer;
    hf_loaded *first = load_with(yaml, NULL);
    hf_load_world.look_up = nobody;
    hf_loaded *second = load_with(yaml, first);
    assert_true(hf_span_equal(hf_plan_find(&first->plan, HF_PART_ADDRESS, 0, 0),
                              hf_plan_find(&second->plan, HF_PART_ADDRESS, 0, 0)));
    assert_true(has_part(second, HF_PART_ADDRESS, 0, 1));
    assert_false(has_part(second, HF_PART_ADDRESS, 0, 2));
    assert_false(has_part(second, HF_PART_ADDRESS, 0, 3));
    assert_warning(second, "good.test:9000 cannot be found: no name server answers; its addresses "
                           "from before stay in use");
    assert_warning(first, "bad.test:1 cannot be found: the name does not exist");
    assert_health(second, 0, HF_HEALTH_GOOD);
    hf_loaded_free(first);
    hf_loaded *third = load_with(yaml, second); /* and from there again */
    assert_true(has_part(third, HF_PART_ADDRESS, 0, 0));
    hf_loaded_free(second);
    hf_loaded_free(third);
    hf_load_world.look_up = NULL;
}

/* "good…" leads to two addresses, "bad…" as well; which comes first is another thing each time. */
static int two(const char *host, const char *service, const struct addrinfo *hints,
               struct addrinfo **found)
{
    struct addrinfo literal = *hints, *second = NULL;
    bool turned = asked++ % 2 > 0;

    (void)host;
    literal.ai_flags |= AI_NUMERICHOST;
    assert_int_equal(getaddrinfo(turned ? "192.0.2.8" : "192.0.2.7", service, &literal, found), 0);
    assert_int_equal(getaddrinfo(turned ? "192.0.2.7" : "192.0.2.8", service, &literal, &second),
                     0);
    (*found)->ai_next = second;
    return 0;
}

static bool moved(const hf_loaded *loaded, hf_look_up *look_up)
{
    hf_known_names known;

    hf_load_world.look_up = look_up;
    assert_true(hf_known_names_take(&known, loaded));
    bool answer = hf_known_names_moved(&known);
    hf_known_names_free(&known);
    return answer;
}

/* Asked each minute, without a load: only what is found can lead elsewhere. */
static void test_names_that_lead_elsewhere(void **state)
{
    (void)state;
    put_pair("a.pem", "a.key", "a.test", SLOT_A);
    hf_load_world.look_up = answer;
    hf_loaded *first = load_with(yaml, NULL);
    assert_true(hf_backend_names_any(first->config));
    assert_false(moved(first, answer));
    assert_false(moved(first, nobody));
    assert_true(moved(first, two)); /* bad.test is found, and good.test has one more */
    hf_loaded *second = load_with(yaml, first);
    for (int i = 0; i < 4; i++)
        assert_false(moved(second, two));
    assert_false(moved(second, nobody));
    assert_true(moved(second, answer)); /* one less */
    hf_loaded_free(first);
    hf_loaded_free(second);
    hf_load_world.look_up = NULL;
}

static void test_a_site_whose_names_lead_nowhere(void **state)
{
    static const char behind[] =
        "listen: [\"127.0.0.1:8443\"]\nsites:\n"
        "  - {names: [a.test], certificates: [{chain: a.pem, key: a.key}], backend: "
        "\"bad.test:1\"}\n"
        "  - {names: [b.test], certificates: [{chain: a.pem, key: a.key}], "
        "backend: [\"bad.test:1\", \"good.test:9000\"]}\n";

    (void)state;
    put_pair("a.pem", "a.key", "a.test", SLOT_A);
    hf_load_world.look_up = answer;
    hf_loaded *loaded = load_with(behind, NULL);
    assert_string_equal(loaded->sites[0].backless, "bad.test:1: the name cannot be found");
    assert_string_equal(loaded->sites[1].backless, "");
    hf_loaded_free(loaded);
    hf_load_world.look_up = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals_are_not_asked_for),
        cmocka_unit_test(test_each_gets_its_own_answer),
        cmocka_unit_test(test_a_resolver_that_hangs),
        cmocka_unit_test(test_addresses_stay),
        cmocka_unit_test(test_names_that_lead_elsewhere),
        cmocka_unit_test(test_a_site_whose_names_lead_nowhere),
    };

    return cmocka_run_group_tests(tests, load_enter, load_leave);
}
