/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a load reads around the certificates: staples, CAs and CRLs of clients, what backends need, ticket keys; and what stays the same
   from load to load. */
#include "proxy_sites_support.h"

#include "x509/issue_crl.h"
#include "x509/issue_ocsp.h"

/* ---- staples ---- */

static void put_staple(const test_cert *leaf, hf_status status, int64_t next_update)
{
    hf_ocsp_answer answer = { .cert = &leaf->cert,
                              .issuer = &load_ca->cert,
                              .status = status,
                              .revoked_at = LOAD_NOW - TEST_DAY,
                              .reason = HF_REASON_NONE,
                              .this_update = LOAD_NOW - TEST_DAY,
                              .next_update = next_update };
    uint8_t *der;
    size_t len;

    assert_int_equal(hf_ocsp_issue(&answer, load_ca->key, &der, &len), HF_OK);
    put_bytes("a.ocsp", der, len);
    hf_free(der);
}

static hf_loaded *load_stapled(void)
{
    return load(SITE("a.test", "{chain: a.pem, key: a.key, staple: a.ocsp}", ""), NULL);
}

/* A staple that is of no use is left out, and nothing else. */
static void test_staple(void **state)
{
    test_cert *leaf =
        test_cert_new(&(test_cert_options){ .names = { "a.test" }, .key_slot = SLOT_A }, load_ca);
    char *own = test_cert_pem(leaf), *above = test_cert_pem(load_ca);
    char *text = malloc(strlen(own) + strlen(above) + 1);

    (void)state;
    put_good();
    assert_non_null(text);
    put("a.pem", strcat(strcpy(text, own), above));
    put_staple(leaf, HF_STATUS_GOOD, LOAD_NOW + TEST_DAY);
    hf_loaded *loaded = load_stapled();
    assert_true(has_part(loaded, HF_PART_STAPLE, 0, 0));
    assert_int_equal(loaded->n_expiries, 2);
    assert_int_equal(loaded->expiries[1].not_after, LOAD_NOW + TEST_DAY);
    hf_loaded_free(loaded);
    put_staple(leaf, HF_STATUS_GOOD, LOAD_NOW - 3600);
    loaded = load_stapled();
    assert_warning(loaded, "a.ocsp: an OCSP response is not of now");
    assert_false(has_part(loaded, HF_PART_STAPLE, 0, 0));
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    assert_int_equal(loaded->n_expiries, 2);
    hf_loaded_free(loaded);
    put_staple(leaf, HF_STATUS_REVOKED, LOAD_NOW + TEST_DAY);
    loaded = load_stapled();
    assert_warning(loaded, "a.ocsp: it says that the certificate in a.pem is revoked");
    hf_loaded_free(loaded);
    put("a.ocsp", "garbage");
    loaded = load_stapled();
    assert_warning(loaded, "a.ocsp: an OCSP response is not well-formed DER");
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    hf_loaded_free(loaded);
    remove("a.ocsp");
    loaded = load_stapled();
    assert_warning(loaded, "a.ocsp: there is no such file");
    hf_loaded_free(loaded);
    test_cert_free(leaf);
    free(text);
    hf_free(own);
    hf_free(above);
}

/* ---- what no worker could use ---- */

/* ALPN has room for 1024 bytes of names. */
static void test_a_plan_that_cannot_be_built_is_refused(void **state)
{
    char sites[6000], name[251];
    hf_config_fault why;

    (void)state;
    put_good();
    memset(name, 'p', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    snprintf(sites, sizeof sites, SITE("a.test", A, ", mode: tcp, alpn: [%s1, %s2, %s3, %s4, %s5]"),
             name, name, name, name, name);
    put("proxy.yaml", with_sites(sites));
    assert_null(hf_load("proxy.yaml", NULL, NULL, 0, &why));
    assert_true(strstr(why.why, "a.test: its TLS") != NULL);
    assert_true(why.next[0] != '\0');
}

/* ---- client authentication ---- */

static void put_crl(int64_t next_update)
{
    hf_crl_request request = { .this_update = LOAD_NOW - TEST_DAY, .next_update = next_update };
    uint8_t *der;
    size_t len;

    assert_int_equal(hf_crl_issue(&request, &load_ca->cert, load_ca->key, &der, &len), HF_OK);
    put_bytes("ca.crl", der, len);
    hf_free(der);
}

#define AUTH   ", client_auth: {ca: ca.pem, crl: ca.crl}"
#define AUTHED SITE("a.test", A, AUTH)

static void test_client_ca(void **state)
{
    (void)state;
    put_good();
    put_crl(LOAD_NOW + TEST_DAY);
    hf_loaded *loaded = load(AUTHED, NULL);
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    assert_true(has_part(loaded, HF_PART_CLIENT_CA, 0, 0) &&
                has_part(loaded, HF_PART_CLIENT_CRL, 0, 0));
    assert_int_equal(loaded->n_expiries, 3);
    assert_int_equal(loaded->n_warnings, 0);
    load_clock = LOAD_NOW + 2 * TEST_DAY;
    loaded = reload(loaded, AUTHED);
    assert_warning(loaded, "ca.crl: the CRL is out of date");
    hf_loaded_free(loaded);
}

static void break_file(const char *name, unsigned how)
{
    if (how == 0)
        remove(name);
    else if (how == 1)
        assert_int_equal(truncate(name, 100), 0);
    else
        put(name, "garbage");
}

/* Never without client authentication: neither at the start nor later, and a file of another name is another will. */
static void test_client_files_that_are_bad(void **state)
{
    static const char *const files[] = { "ca.pem", "ca.crl" };

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        put_good();
        put_crl(LOAD_NOW + TEST_DAY);
        hf_loaded *good = load(AUTHED, NULL);
        break_file(files[i % 2], i / 2);
        hf_loaded *fresh = load(AUTHED, NULL), *after = load(AUTHED, good);
        assert_health(fresh, 0, HF_HEALTH_UNAVAILABLE);
        assert_why(fresh, 0, files[i % 2]);
        assert_false(has_part(fresh, HF_PART_KEY, 0, 0));
        assert_health(after, 0, HF_HEALTH_KEPT);
        assert_why(after, 0, files[i % 2]);
        assert_int_equal(after->n_expiries, good->n_expiries);
        assert_true(hf_span_equal(hf_plan_find(&good->plan, HF_PART_CLIENT_CRL, 0, 0),
                                  hf_plan_find(&after->plan, HF_PART_CLIENT_CRL, 0, 0)));
        assert_true(hf_span_equal(hf_plan_find(&good->plan, HF_PART_CLIENT_CA, 0, 0),
                                  hf_plan_find(&after->plan, HF_PART_CLIENT_CA, 0, 0)));
        hf_loaded *other =
            load(SITE("a.test", A, ", client_auth: {ca: other.pem, crl: ca.crl}"), good);
        assert_health(other, 0, HF_HEALTH_UNAVAILABLE);
        assert_why(other, 0, "other.pem");
        hf_loaded_free(good);
        hf_loaded_free(fresh);
        hf_loaded_free(after);
        hf_loaded_free(other);
    }
}

/* ---- backends ---- */

#define BEHIND(backend) "  - {names: [a.test], certificates: [" A "], backend: [" backend "]}\n"

static void test_backend_ca(void **state)
{
    static const char sites[] =
        BEHIND("{address: \"127.0.0.1:9000\", tls: {ca: ca.pem}}, \"127.0.0.1:9001\"");

    (void)state;
    put_good();
    hf_loaded *loaded = load(sites, NULL);
    assert_true(has_part(loaded, HF_PART_BACKEND_CA, 0, 0));
    put("ca.pem", "garbage");
    loaded = reload(loaded, sites);
    assert_true(has_part(loaded, HF_PART_BACKEND_CA, 0, 0));
    assert_warning(loaded, "what was read before stays in use: ca.pem");
    hf_loaded_free(loaded);
    loaded = load(sites, NULL);
    assert_false(has_part(loaded, HF_PART_BACKEND_CA, 0, 0));
    assert_true(strstr(hf_plan_text(&loaded->plan, HF_PART_BACKEND_UNUSABLE, 0, 0), "ca.pem") !=
                NULL);
    assert_null(hf_plan_text(&loaded->plan, HF_PART_BACKEND_UNUSABLE, 0, 1));
    assert_warning(loaded, "is not used: ca.pem");
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    hf_loaded_free(loaded);
}

static void assert_backless(const char *sites, const char *why)
{
    hf_loaded *loaded = load(sites, NULL);

    assert_string_equal(loaded->sites[0].backless, why);
    assert_health(loaded, 0, HF_HEALTH_GOOD);
    hf_loaded_free(loaded);
}

/* Only if it holds for all of them. */
static void test_no_backend_at_all(void **state)
{
    (void)state;
    put_good();
    put("ca.pem", "garbage");
    assert_backless(BEHIND("\"127.0.0.1:9000\""), "");
    assert_backless(BEHIND("\"unix:/nowhere/app.sock\", \"127.0.0.1:9000\""), "");
    assert_backless(BEHIND("\"127.0.0.1:9000\", \"unix:/nowhere/app.sock\""), "");
    assert_backless(BEHIND("\"unix:/nowhere/app.sock\""),
                    "unix:/nowhere/app.sock: there is no such socket");
    assert_backless(BEHIND("\"unix:/dev/null\""), "unix:/dev/null: that is no socket");
    assert_backless(BEHIND("\"unix:/dev/null\", {address: \"127.0.0.1:9000\", tls: {ca: ca.pem}}"),
                    "none of its backends can be asked; the last, 127.0.0.1:9000: ca.pem: it holds "
                    "no certificate");
    hf_loaded *loaded = load(BEHIND("\"unix:/nowhere/app.sock\""), NULL);
    assert_warning(loaded, "a.test: the backend unix:/nowhere/app.sock cannot be reached");
    hf_loaded_free(loaded);
}

static void test_backend_identity(void **state)
{
    static const char sites[] =
        BEHIND("{address: \"127.0.0.1:9000\", tls: {ca: ca.pem, chain: c.pem, key: c.key}}");

    (void)state;
    put_good();
    put_cert("c.pem", (test_cert_options){
                          .common_name = "proxy", .key_slot = SLOT_A2, .eku = HF_EKU_CLIENT_AUTH });
    put_key("c.key", SLOT_A2);
    hf_loaded *loaded = load(sites, NULL);
    assert_true(has_part(loaded, HF_PART_BACKEND_CHAIN, 0, 0) &&
                has_part(loaded, HF_PART_BACKEND_KEY, 0, 0));
    put_key("c.key", SLOT_STRANGER);
    loaded = reload(loaded, sites);
    assert_true(has_part(loaded, HF_PART_BACKEND_KEY, 0, 0));
    hf_loaded_free(loaded);
    loaded = load(sites, NULL);
    assert_false(has_part(loaded, HF_PART_BACKEND_KEY, 0, 0));
    assert_non_null(hf_plan_text(&loaded->plan, HF_PART_BACKEND_UNUSABLE, 0, 0));
    hf_loaded_free(loaded);
}

/* ---- what stays the same ---- */

static void test_slots_are_for_ever(void **state)
{
    (void)state;
    put_good();
    hf_loaded *loaded = load(SITE("a.test", A, "") SITE("default", B, ""), NULL);
    uint32_t a = loaded->sites[0].slot, d = loaded->sites[1].slot;
    assert_true(a != d);
    loaded = reload(loaded, SITE("default", B, ""));
    assert_int_equal(loaded->sites[0].slot, d);
    loaded = reload(loaded, SITE("c.test", A, "") SITE("default", B, "") SITE("a.test", A, ""));
    assert_true(loaded->sites[0].slot != a && loaded->sites[0].slot != d);
    assert_int_equal(loaded->sites[1].slot, d);
    assert_int_equal(loaded->sites[2].slot, a);
    assert_string_equal(loaded->slots[a], "a.test");
    hf_loaded_free(loaded);
}

static void test_ticket_keys(void **state)
{
    uint8_t own[2][HF_TICKET_KEY] = { { 1 }, { 2 } };
    hf_config_fault fault;
    char line[2 * HF_TICKET_KEY + 2];

    (void)state;
    put_good();
    put("proxy.yaml", with_sites(SITE("a.test", A, "")));
    hf_loaded *loaded =
        hf_load("proxy.yaml", NULL, (const uint8_t(*)[HF_TICKET_KEY])own, 2, &fault);
    assert_true(hf_span_equal(hf_plan_find(&loaded->plan, HF_PART_TICKET_KEYS, 0, 0),
                              hf_span_of(own, sizeof own)));
    hf_loaded_free(loaded);
    snprintf(yaml, sizeof yaml, "ticket_keys: t.keys\nlisten: [\":8443\"]\nsites:\n%s",
             SITE("a.test", A, ""));
    put("proxy.yaml", yaml);
    for (size_t i = 0; i < 2 * HF_TICKET_KEY; i++)
        line[i] = 'a';
    memcpy(line + 2 * HF_TICKET_KEY, "\n", 2);
    put("t.keys", line);
    loaded = hf_load("proxy.yaml", NULL, (const uint8_t(*)[HF_TICKET_KEY])own, 2, &fault);
    hf_span keys = hf_plan_find(&loaded->plan, HF_PART_TICKET_KEYS, 0, 0);
    assert_int_equal(keys.len, HF_TICKET_KEY);
    assert_int_equal(keys.data[0], 0xaa);
    put("t.keys", "short\n");
    hf_loaded *after = hf_load_again(loaded, (const uint8_t(*)[HF_TICKET_KEY])own, 2, &fault);
    assert_true(hf_span_equal(hf_plan_find(&after->plan, HF_PART_TICKET_KEYS, 0, 0), keys));
    assert_warning(after, "t.keys: the ticket keys cannot be used: line 1");
    hf_loaded_free(loaded);
    hf_loaded_free(after);
    chmod("t.keys", 0640);
    loaded = hf_load("proxy.yaml", NULL, (const uint8_t(*)[HF_TICKET_KEY])own, 2, &fault);
    assert_warning(loaded, "others have rights to it");
    assert_int_equal(hf_plan_find(&loaded->plan, HF_PART_TICKET_KEYS, 0, 0).len, sizeof own);
    hf_loaded_free(loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_staple),
        cmocka_unit_test(test_a_plan_that_cannot_be_built_is_refused),
        cmocka_unit_test(test_client_ca),
        cmocka_unit_test(test_client_files_that_are_bad),
        cmocka_unit_test(test_backend_ca),
        cmocka_unit_test(test_no_backend_at_all),
        cmocka_unit_test(test_backend_identity),
        cmocka_unit_test(test_slots_are_for_ever),
        cmocka_unit_test(test_ticket_keys),
    };

    return cmocka_run_group_tests(tests, load_enter, load_leave);
}
