/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a load decides for a site beside single files: what is expired, what is kept and for how long, what is only warned of, and what
   is shown in place of a site. */
#include "proxy_sites_support.h"

#include "proxy_bad_pem.h"

static void put_expired(void)
{
    put_cert("a.pem", (test_cert_options){ .names = { "a.test" },
                                           .key_slot = SLOT_A,
                                           .not_after = LOAD_NOW - TEST_DAY });
}

/* ---- expiry ---- */

static void test_expired_is_served(void **state)
{
    (void)state;
    put_good();
    put_expired();
    hf_loaded *loaded = load(SITE("a.test", A, ""), NULL);
    assert_health(loaded, 0, HF_HEALTH_EXPIRED);
    assert_why(loaded, 0, "a.pem: the certificate expired on 2026-11-25");
    assert_true(plan_has_key(loaded, 0, 0, SLOT_A));
    assert_false(has_part(loaded, HF_PART_UNAVAILABLE, 0, 0));
    assert_int_equal(loaded->n_expiries, 1);
    hf_loaded_free(loaded);
}

static void test_expired_is_unavailable_if_so_configured(void **state)
{
    (void)state;
    put_good();
    put_expired();
    hf_loaded *loaded = load(SITE("a.test", A, ", on_expired: \"503\""), NULL);
    assert_health(loaded, 0, HF_HEALTH_UNAVAILABLE);
    assert_why(loaded, 0, "expired");
    assert_false(has_part(loaded, HF_PART_KEY, 0, 0));
    assert_true(has_part(loaded, HF_PART_SPARE_KEY, 0, 0));
    hf_loaded_free(loaded);
}

/* What is valid stays rather than what is not, in whichever way. */
static void test_an_expired_one_does_not_take_the_place_of_a_valid_one(void **state)
{
    (void)state;
    put_good();
    hf_loaded *loaded = load(SITE("a.test", A, ""), NULL);
    put_expired();
    loaded = reload(loaded, SITE("a.test", A, ""));
    assert_health(loaded, 0, HF_HEALTH_KEPT);
    assert_why(loaded, 0, "expired");
    load_clock = TEST_NOW + 40 * TEST_DAY; /* now the kept one is over as well */
    loaded = reload(loaded, SITE("a.test", A, ""));
    assert_health(loaded, 0, HF_HEALTH_EXPIRED);
    loaded = reload(loaded, SITE("a.test", A, ", on_expired: \"503\""));
    assert_health(loaded, 0, HF_HEALTH_UNAVAILABLE);
    hf_loaded_free(loaded);
}

static void test_kept_and_then_expired(void **state)
{
    (void)state;
    put_good();
    hf_loaded *loaded = load(SITE("a.test", A, ""), NULL);
    put("a.pem", "garbage");
    loaded = reload(loaded, SITE("a.test", A, ""));
    assert_health(loaded, 0, HF_HEALTH_KEPT);
    load_clock = TEST_NOW + 40 * TEST_DAY;
    loaded = reload(loaded, SITE("a.test", A, ""));
    assert_health(loaded, 0, HF_HEALTH_KEPT);
    loaded = reload(loaded, SITE("a.test", A, ", on_expired: \"503\""));
    assert_health(loaded, 0, HF_HEALTH_UNAVAILABLE);
    hf_loaded_free(loaded);
}

/* ---- what is kept ---- */

static void test_all_pairs_are_one_unit(void **state)
{
    (void)state;
    put_good();
    hf_loaded *loaded = load(SITE("a.test", A ", " B, ""), NULL);
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    put_pair("a.pem", "a.key", "a.test", SLOT_A2); /* the first is new and good … */
    put("b.key", "garbage");                       /* … the second is not */
    loaded = reload(loaded, SITE("a.test", A ", " B, ""));
    assert_health(loaded, 0, HF_HEALTH_KEPT);
    assert_true(plan_has_key(loaded, 0, 0, SLOT_A) && plan_has_key(loaded, 0, 1, SLOT_B));
    hf_loaded_free(loaded);
    loaded = load(SITE("a.test", A ", " B, ""), NULL); /* without memory: none of the two */
    assert_health(loaded, 0, HF_HEALTH_UNAVAILABLE);
    assert_false(has_part(loaded, HF_PART_KEY, 0, 0));
    hf_loaded_free(loaded);
}

static void test_kept_only_for_its_names(void **state)
{
    (void)state;
    put_good();
    hf_loaded *loaded = load(SITE("a.test", A, ""), NULL);
    put("a.pem", "garbage");
    loaded = reload(loaded, SITE("a.test, c.test", A, ""));
    assert_health(loaded, 0, HF_HEALTH_KEPT);
    assert_warning(loaded, "no certificate of the site is for c.test");
    loaded = reload(loaded, SITE("c.test", A, ""));
    assert_health(loaded, 0, HF_HEALTH_UNAVAILABLE); /* another site: nothing of before is its */
    hf_loaded_free(loaded);
}

static void test_kept_only_under_its_policy(void **state)
{
    (void)state;
    put_cert("a.pem", (test_cert_options){
                          .names = { "a.test" }, .key_slot = SLOT_A, .key_type = HF_KEY_RSA });
    uint8_t *pem;
    size_t len;
    assert_int_equal(hf_private_key_to_pem(test_key(HF_KEY_RSA, SLOT_A), &pem, &len), HF_OK);
    put_bytes("a.key", pem, len);
    hf_free_secret(pem, len);
    hf_loaded *loaded = load(SITE("a.test", A, ""), NULL);
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    put("a.pem", "garbage");
    loaded = reload(loaded, SITE("a.test", A, ", policy: modern")); /* RSA from 3072 bits */
    assert_health(loaded, 0, HF_HEALTH_UNAVAILABLE);
    assert_why(loaded, 0, "a.pem: it holds no certificate");
    hf_loaded_free(loaded);
}

static void test_again_means_the_text_of_before(void **state)
{
    hf_config_fault fault;

    (void)state;
    put_good();
    hf_loaded *loaded = load(SITE("a.test", A, ""), NULL);
    put("proxy.yaml", "sitez: []\n");
    put_pair("a.pem", "a.key", "a.test", SLOT_A2);
    hf_loaded *after = hf_load_again(loaded, NULL, 0, &fault);
    assert_non_null(after);
    assert_health(after, 0, HF_HEALTH_GOOD);
    assert_true(plan_has_key(after, 0, 0, SLOT_A2));
    assert_int_equal(after->plan.number, 2);
    assert_null(hf_load("proxy.yaml", after, NULL, 0, &fault));
    assert_string_equal(fault.file, "proxy.yaml");
    assert_int_equal(fault.at.line, 1);
    assert_null(hf_load("nowhere.yaml", after, NULL, 0, &fault));
    assert_true(strstr(fault.why, "no such file") != NULL && fault.next[0]);
    assert_null(hf_load(".", after, NULL, 0, &fault));
    assert_true(strstr(fault.why, "folder") != NULL);
    hf_loaded_free(loaded);
    hf_loaded_free(after);
}

/* ---- what need not be judged again ---- */

static const char twice[] =
    "listen: [\"127.0.0.1:8443\"]\nsites:\n"
    "  - {names: [b.test], certificates: [{chain: b.pem, key: b.key}], backend: \"127.0.0.1:9\"}\n"
    "  - {names: [a.test, d.test], certificates: [{chain: a.pem, key: a.key}], backend: "
    "\"127.0.0.1:9\", fallback: {chain: b.pem, key: b.key}}\n";

static void assert_as_before(const hf_loaded *before, const hf_loaded *now)
{
    assert_int_equal(now->n_warnings, before->n_warnings);
    for (size_t i = 0; i < now->n_warnings; i++)
        assert_string_equal(now->warnings[i], before->warnings[i]);
    assert_int_equal(now->n_expiries, before->n_expiries);
    for (size_t i = 0; i < now->n_expiries; i++) {
        const hf_expiry *is = &now->expiries[i], *was = &before->expiries[i];
        assert_string_equal(is->fingerprint, was->fingerprint);
        assert_string_equal(is->file, was->file);
        assert_true(is->site == was->site && is->not_after == was->not_after);
    }
    assert_int_equal(now->plan.n_parts, before->plan.n_parts);
    for (size_t i = 0; i < now->plan.n_parts; i++) {
        const hf_plan_part *part = &now->plan.parts[i];
        assert_true(hf_span_equal(part->bytes,
                                  hf_plan_find(&before->plan, part->kind, part->site, part->item)));
    }
}

static void test_what_has_not_changed_is_not_judged_again(void **state)
{
    (void)state;
    put_good();
    put_pair("b.pem", "b.key", "b.test", SLOT_B);
    chmod("a.key", 0644);
    hf_loaded *first = load_with(twice, NULL);
    load_clock += HF_JUDGED_SECONDS - 1;
    hf_loaded *second = load_with(twice, first);
    assert_int_equal(second->sites[1].judged_at, LOAD_NOW);
    assert_warning(second, "proxy.yaml:4:46: a.test: a.key: everybody");
    assert_warning(second, "no certificate of the site is for d.test");
    assert_as_before(first, second);
    hf_loaded_free(first);
    load_clock++; /* its hour is over, and what it comes to is the same */
    first = load_with(twice, second);
    assert_int_equal(first->sites[1].judged_at, load_clock);
    assert_as_before(second, first);
    hf_loaded_free(first);
    hf_loaded_free(second);
}

/* Whatever it is judged from. */
static void test_what_has_changed_is_judged_again(void **state)
{
    static const char one[] = SITE("a.test, d.test", A, "");

    (void)state;
    put_good();
    chmod("a.key", 0644);
    hf_loaded *loaded = load(one, NULL);
    load_clock++;
    chmod("a.key", 0600);
    loaded = reload(loaded, one);
    assert_int_equal(loaded->sites[0].judged_at, load_clock);
    assert_false(has_warning(loaded, "a.key"));
    load_clock++;
    loaded = reload(loaded, SITE("a.test", A, ""));
    assert_false(has_warning(loaded, "d.test"));
    load_clock++;
    loaded = reload(loaded, SITE("a.test", A, ", policy: modern"));
    assert_int_equal(loaded->sites[0].judged_at, load_clock);
    load_clock -= 2; /* the clock was set back */
    loaded = reload(loaded, SITE("a.test", A, ", policy: modern"));
    assert_int_equal(loaded->sites[0].judged_at, load_clock);
    put_pair("a.pem", "a.key", "a.test", SLOT_A2);
    loaded = reload(loaded, SITE("a.test", A, ", policy: modern"));
    assert_true(plan_has_key(loaded, 0, 0, SLOT_A2));
    put("a.key", "garbage");
    loaded = reload(loaded, SITE("a.test", A, ", policy: modern"));
    assert_health(loaded, 0, HF_HEALTH_KEPT);
    hf_loaded_free(loaded);
}

/* However short ago it was good. */
static void test_an_end_that_is_reached_is_judged_again(void **state)
{
    (void)state;
    put_good();
    hf_loaded *loaded = load(SITE("a.test", A, ""), NULL);
    int64_t end = loaded->expiries[0].not_after;
    load_clock = end;
    loaded = reload(loaded, SITE("a.test", A, ""));
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    load_clock = end + 1;
    loaded = reload(loaded, SITE("a.test", A, ""));
    assert_health(loaded, 0, HF_HEALTH_EXPIRED);
    hf_loaded_free(loaded);
}

/* ---- what is only warned of ---- */

static void test_warnings(void **state)
{
    char *own = cert_text((test_cert_options){ .names = { "a.test" }, .key_slot = SLOT_A });
    char *above = test_cert_pem(load_middle), *text = malloc(strlen(own) + strlen(above) + 64);

    (void)state;
    assert_non_null(text);
    put_good();
    sprintf(text, "\xef\xbb\xbf%sSome words of a person.\r\n%s", own, above);
    put("a.pem", text); /* a mark, words, and an intermediate that signed nothing here */
    chmod("a.key", 0644);
    hf_loaded *loaded = load(SITE("a.test, d.test", A, ""), NULL);
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    assert_warning(loaded, "d.test");
    assert_warning(loaded, "a.key: everybody on this machine may read the key (mode 0644)");
    assert_warning(loaded, "certificate 2 did not sign certificate 1");
    hf_loaded_free(loaded);
    chmod("a.key", 0640);
    loaded = load(SITE("a.test", A, ""), NULL);
    assert_false(has_warning(loaded, "a.key"));
    hf_loaded_free(loaded);
    free(text);
    hf_free(own);
    hf_free(above);
}

static void test_one_file_for_both(void **state)
{
    uint8_t *pem;
    size_t len;
    char *own = cert_text((test_cert_options){ .names = { "a.test" }, .key_slot = SLOT_A }), *text;

    (void)state;
    assert_int_equal(hf_private_key_to_pem(test_key(HF_KEY_P256, SLOT_A), &pem, &len), HF_OK);
    text = malloc(strlen(own) + len + 1);
    assert_non_null(text);
    sprintf(text, "%.*s%s", (int)len, (const char *)pem, own);
    put("both.pem", text);
    hf_loaded *loaded = load(SITE("a.test", "{chain: both.pem, key: both.pem}", ""), NULL);
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    hf_span chain = hf_plan_find(&loaded->plan, HF_PART_CHAIN, 0, 0);
    for (size_t i = 0; i + 11 < chain.len; i++) /* the key is in its own part alone */
        assert_memory_not_equal(chain.data + i, "PRIVATE KEY", 11);
    assert_int_equal(loaded->n_watched, 1);
    assert_int_equal(loaded->watched[0][0], '/');
    hf_loaded_free(loaded);
    free(text);
    hf_free(own);
    hf_free_secret(pem, len);
}

static void test_encrypted_key(void **state)
{
    (void)state;
    put("a.pem", sha1_pem);
    put("a.key", encrypted_key);
    put("a.pw", "secret\r\nsecond line\n");
    hf_loaded *loaded =
        load(SITE("a.test", "{chain: a.pem, key: a.key, password_file: a.pw}", ""), NULL);
    assert_why(loaded, 0, "SHA-1"); /* the chain is judged first; the key is good */
    hf_loaded_free(loaded);
}

static void test_wildcards_and_default(void **state)
{
    (void)state;
    put_cert("a.pem", (test_cert_options){ .names = { "x.a.test" }, .key_slot = SLOT_A });
    put_key("a.key", SLOT_A);
    hf_loaded *loaded = load(SITE("\"*.a.test\"", A, ""), NULL);
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    assert_warning(loaded, "no certificate of the site is for *.a.test");
    hf_loaded_free(loaded);
    loaded = load(SITE("a.test", A, "") SITE("default", A, ""), NULL);
    assert_health(loaded, 0, HF_HEALTH_UNAVAILABLE);
    assert_health(loaded, 1, HF_HEALTH_GOOD); /* whatever it names */
    hf_loaded_free(loaded);
    put_cert("a.pem", (test_cert_options){ .names = { "*.A.test" }, .key_slot = SLOT_A });
    loaded = load(SITE("\"*.a.test\", y.a.test", A, ""), NULL);
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    assert_int_equal(loaded->n_warnings, 0);
    hf_loaded_free(loaded);
}

static void test_policy_without_the_kind_of_key(void **state)
{
    uint8_t *pem;
    size_t len;

    (void)state;
    put_cert("a.pem", (test_cert_options){
                          .names = { "a.test" }, .key_slot = SLOT_A, .key_type = HF_KEY_P384 });
    assert_int_equal(hf_private_key_to_pem(test_key(HF_KEY_P384, SLOT_A), &pem, &len), HF_OK);
    put_bytes("a.key", pem, len);
    hf_free_secret(pem, len);
    hf_loaded *loaded =
        load(SITE("a.test", A, ", policy: iot") SITE("b.test, a.test", A, ", mode: tcp"), NULL);
    assert_health(loaded, 0, HF_HEALTH_UNAVAILABLE);
    assert_why(loaded, 0, "the policy iot");
    assert_health(loaded, 1, HF_HEALTH_GOOD);
    hf_loaded_free(loaded);
}

/* ---- the spare ---- */

static bool is_spare_of(const hf_loaded *loaded, size_t site, unsigned slot)
{
    hf_span key = hf_plan_find(&loaded->plan, HF_PART_SPARE_KEY, site, 0);
    uint8_t *pem;
    size_t len;

    assert_int_equal(hf_private_key_to_pem(test_key(HF_KEY_P256, slot), &pem, &len), HF_OK);
    bool same = hf_span_equal(key, hf_span_of(pem, len));
    hf_free_secret(pem, len);
    return same;
}

static void test_fallback(void **state)
{
    static const char sites[] =
        SITE("a.test", "{chain: none, key: a.key}", ", fallback: {chain: b.pem, key: b.key}")
            SITE("b.test", "{chain: none, key: a.key}", "")
                SITE("c.test", "{chain: none, key: a.key}", "");

    (void)state;
    put_good();
    put_pair("b.pem", "b.key", "maintenance.test", SLOT_B);
    hf_loaded *loaded = load(sites, NULL);
    assert_true(is_spare_of(loaded, 0, SLOT_B));
    assert_false(is_spare_of(loaded, 1, SLOT_B)); /* another site's is never shown */
    hf_span one = hf_plan_find(&loaded->plan, HF_PART_SPARE_KEY, 1, 0);
    assert_ptr_equal(one.data, hf_plan_find(&loaded->plan, HF_PART_SPARE_KEY, 2, 0).data);
    hf_identity *identity;
    assert_int_equal(hf_identity_from_pem(&identity,
                                          hf_plan_find(&loaded->plan, HF_PART_SPARE_CHAIN, 1, 0),
                                          one, NULL),
                     HF_OK);
    hf_identity_free(identity);
    hf_loaded_free(loaded);
    put("b.key", "garbage");
    loaded = load(sites, NULL);
    assert_warning(loaded, "the fallback cannot be used: b.key");
    assert_true(has_part(loaded, HF_PART_SPARE_KEY, 0, 0));
    hf_loaded_free(loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expired_is_served),
        cmocka_unit_test(test_expired_is_unavailable_if_so_configured),
        cmocka_unit_test(test_an_expired_one_does_not_take_the_place_of_a_valid_one),
        cmocka_unit_test(test_kept_and_then_expired),
        cmocka_unit_test(test_all_pairs_are_one_unit),
        cmocka_unit_test(test_kept_only_for_its_names),
        cmocka_unit_test(test_kept_only_under_its_policy),
        cmocka_unit_test(test_again_means_the_text_of_before),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_one_file_for_both),
        cmocka_unit_test(test_encrypted_key),
        cmocka_unit_test(test_wildcards_and_default),
        cmocka_unit_test(test_policy_without_the_kind_of_key),
        cmocka_unit_test(test_fallback),
        cmocka_unit_test(test_what_has_not_changed_is_not_judged_again),
        cmocka_unit_test(test_what_has_changed_is_judged_again),
        cmocka_unit_test(test_an_end_that_is_reached_is_judged_again),
    };

    return cmocka_run_group_tests(tests, load_enter, load_leave);
}
