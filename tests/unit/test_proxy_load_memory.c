/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A load when memory runs out, at each allocation of ours in turn. Either nothing comes of it, or something that can be served: a site
 * that is good has all of its certificates and everything that its clients are judged by. Nothing is left over, and no key with it.
 */
#include "memory_support.h"

#include "proxy_load_support.h"

#include "tool/proxy/worker.h"

static const char yaml[] = "listen: [\":8443\"]\n"
                           "sites:\n"
                           "  - {names: [a.test, c.test], certificates: [{chain: a.pem, key: "
                           "a.key}, {chain: b.pem, key: b.key}],\n"
                           "     client_auth: {ca: ca.pem}, backend: {address: \"127.0.0.1:9000\", "
                           "tls: {ca: ca.pem, chain: a.pem, key: a.key}}}\n"
                           "  - {names: [b.test], certificates: [{chain: missing.pem, key: "
                           "a.key}], backend: \"unix:/x\"}\n"
                           "  - {names: [d.test], certificates: [{chain: missing.pem, key: "
                           "a.key}], backend: \"unix:/x\",\n"
                           "     fallback: {chain: b.pem, key: b.key}}\n";

static void put_all(void)
{
    char *ca = test_cert_pem(load_ca);

    put_cert("a.pem", (test_cert_options){ .names = { "a.test" },
                                           .key_slot = SLOT_A,
                                           .eku = HF_EKU_SERVER_AUTH | HF_EKU_CLIENT_AUTH });
    put_key("a.key", SLOT_A);
    put_pair("b.pem", "b.key", "a.test", SLOT_B);
    put("ca.pem", ca);
    put("proxy.yaml", yaml);
    hf_free(ca);
}

/* What came of it can be served as it says. */
static void check(const hf_loaded *loaded)
{
    for (size_t i = 0; i < 3; i++) {
        bool served = loaded->sites[i].health != HF_HEALTH_UNAVAILABLE;
        assert_int_equal(has_part(loaded, HF_PART_KEY, i, 0), served);
        assert_int_equal(has_part(loaded, HF_PART_SPARE_KEY, i, 0), !served);
        assert_true(served || loaded->sites[i].why[0]);
    }
    if (loaded->sites[0].health != HF_HEALTH_UNAVAILABLE)
        assert_true(has_part(loaded, HF_PART_KEY, 0, 1) &&
                    has_part(loaded, HF_PART_CLIENT_CA, 0, 0));
    assert_true(has_part(loaded, HF_PART_BACKEND_CA, 0, 0) ||
                has_part(loaded, HF_PART_BACKEND_UNUSABLE, 0, 0));
}

static void each_allocation(const hf_loaded *before)
{
    size_t at_rest = live, refused = 0;
    bool failed = true;

    for (size_t n = 0; failed && n < 100000; n++) {
        hf_config_fault fault;
        calls = 0;
        fail_at = n;
        hf_loaded *loaded = hf_load("proxy.yaml", before, NULL, 0, &fault);
        failed = calls > n;
        fail_at = SIZE_MAX;
        refused += !loaded;
        if (loaded)
            check(loaded);
        else
            assert_true(fault.what[0] && fault.next[0]);
        hf_loaded_free(loaded);
        assert_int_equal(live, at_rest);
    }
    assert_false(failed);
    assert_true(refused > 50);
}

static void test_the_first_load(void **state)
{
    (void)state;
    each_allocation(NULL);
}

static void test_a_reload_that_keeps(void **state)
{
    hf_loaded *before = load_with(yaml, NULL);

    (void)state;
    put("a.key", "garbage");
    each_allocation(before);
    hf_loaded_free(before);
    put_all();
}

static void test_a_generation(void **state)
{
    hf_loaded *loaded = load_with(yaml, NULL);
    bool failed = true;
    uint8_t *packed;
    size_t len;

    (void)state;
    assert_true(hf_plan_pack(&loaded->plan, &packed, &len));
    size_t at_rest = live;
    for (size_t n = 0; failed && n < 100000; n++) {
        char why[200] = "";
        hf_plan plan;
        hf_generation *g = NULL;
        calls = 0;
        fail_at = n;
        if (hf_plan_unpack(hf_span_of(packed, len), &plan))
            g = hf_generation_build(&plan, NULL, why, sizeof why);
        failed = calls > n;
        fail_at = SIZE_MAX;
        assert_true(failed || g);
        if (g)
            assert_true(g->sites[0].tls && g->sites[0].backends[0].tls);
        hf_generation_free(g);
        assert_int_equal(live, at_rest);
    }
    assert_false(failed);
    hf_plan_bytes_free(packed, len);
    hf_loaded_free(loaded);
}

static int enter(void **state)
{
    int status = load_enter(state);

    put_all();
    for (unsigned slot = SLOT_CA; slot <= SLOT_MIDDLE; slot++)
        test_key(HF_KEY_P256, slot); /* made once, and kept */
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_load),
        cmocka_unit_test(test_a_reload_that_keeps),
        cmocka_unit_test(test_a_generation),
    };

    return cmocka_run_group_tests(tests, enter, load_leave);
}
