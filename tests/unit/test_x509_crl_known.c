/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a trust store knows about its CRLs changes no answer (RFC 5280 6.3.3): each is asked from the store and from a CRL
 * that is in none, whose entries are walked and whose signature is checked.
 */
#include "memory_support.h"
#include "revocation_support.h"

#include "x509/crl_known.h"
#include "x509/trust.h"

enum { ROUNDS = 150, MANY = 4000 };

static hf_trust *store;

static int start(void **state)
{
    begin(state);
    store = hf_trust_new();
    assert_non_null(store);
    return 0;
}

static int stop(void **state)
{
    hf_trust_free(store);
    return end(state);
}

/* ---- asking ---- */

typedef struct answer {
    hf_error e;
    hf_status status;
    unsigned units;
    char detail[HF_DETAIL_MAX];
} answer;

static answer ask(const hf_crl *crl, const hf_cert *issuer)
{
    answer a = { .units = 20 };

    a.e = hf_crl_status(&query, crl, &leaf, issuer, &a.units, &a.status, a.detail);
    return a;
}

static void same(const answer *a, const answer *b)
{
    assert_error(a->e, b->e);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->units, b->units);
    assert_string_equal(a->detail, b->detail);
}

/* The store's copy of it. */
static const hf_crl *stored(hf_span der)
{
    const hf_crl *crl, *last = NULL;

    assert_error(hf_trust_add_crls(store, der), HF_OK);
    for (size_t next = 0; (crl = hf_trust_crl(store, ca.subject, &next)) != NULL;)
        if (hf_span_equal(crl->der, der))
            last = crl;
    assert_non_null(last);
    return last;
}

static hf_crl walked(hf_span der)
{
    hf_crl crl;

    assert_error(hf_crl_parse(&crl, der, NULL), HF_OK);
    assert_false(hf_crl_has_index(&crl));
    return crl;
}

/* Of the leaf, if it had that serial number; twice, since the first answer may be remembered. */
static answer both_say(const hf_crl *ours, const hf_crl *oracle, hf_span serial)
{
    leaf.serial = serial;
    answer expected = ask(oracle, &ca), first = ask(ours, &ca), second = ask(ours, &ca);

    same(&first, &expected);
    same(&second, &expected);
    return expected;
}

/* ---- random lists ---- */

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % below;
}

/* Of one to three octets, few enough that they meet; also negative ones, which are on lists. */
static hf_span draw_serial(void)
{
    static const char *const serials[] = { "01",     "02",     "7f",     "80",   "ff",
                                           "0080",   "00ff",   "0100",   "0101", "0201",
                                           "010000", "010001", "7fffff", "ff01" };

    return make_hex(serials[draw(COUNT(serials))]);
}

static hf_crl_entry draw_entry(void)
{
    static const int reasons[] = { HF_REASON_NONE, 1, 4, 6, 6, 8, 8 };
    hf_crl_entry entry = entry_of(draw_serial(), reasons[draw(COUNT(reasons))]);

    entry.date -= draw(1000);
    return entry;
}

/* RFC 5280 6.3.3 (i) to (k) over the request: what is lasting before what is a hold, the first one of these. */
static const hf_crl_entry *expected_entry(const hf_crl_request *request, hf_span serial)
{
    const hf_crl_entry *hold = NULL;

    for (size_t i = 0; i < request->n; i++) {
        const hf_crl_entry *entry = &request->entries[i];
        if (!hf_span_equal(entry->serial, serial) || entry->reason == HF_REASON_REMOVE_FROM_CRL)
            continue;
        if (entry->reason != HF_REASON_HOLD)
            return entry;
        hold = entry; /* the last one */
    }
    return hold;
}

static void check_request(const hf_crl_request *request, const hf_crl *ours, hf_span serial)
{
    hf_crl oracle = walked(make_bytes(ours->der.data, ours->der.len));
    answer a = both_say(ours, &oracle, serial);
    const hf_crl_entry *entry = expected_entry(request, serial);
    char date[24];

    assert_error(a.e, HF_OK);
    assert_int_equal(a.status, entry ? HF_STATUS_REVOKED : HF_STATUS_GOOD);
    if (!entry)
        return;
    hf_time_text(entry->date, date);
    assert_non_null(strstr(a.detail, date));
}

static void test_random_plain(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        hf_crl_entry entries[24];
        seed = 0x9e3779b9u + round;
        hf_crl_request request = fresh(entries, draw(COUNT(entries)));
        request.number = round;
        for (size_t i = 0; i < request.n; i++)
            entries[i] = draw_entry();
        const hf_crl *ours = stored(issue(request, pki->intermediate));
        assert_true(hf_crl_has_index(ours));
        for (size_t i = 0; i < 6; i++)
            check_request(&request, ours, draw_serial());
    }
}

/* Extensions of an entry: reason, invalidityDate, certificateIssuer, unknown ones; and an entry that is none. */
static hf_span draw_raw_entry(void)
{
    const make_ext exts[] = {
        { "2.5.29.21", false, make_hex("0a0106") },
        { "2.5.29.21", false, make_hex("0a0108") },
        { "2.5.29.24", false, generalized(TEST_NOW - HOUR) },
        { "1.2.3.4", false, make_hex("0500") },
        { "2.5.29.29", true, MAKE(HF_DER_SEQUENCE, make_general_names("dir:O=Example")) },
        { "1.2.3.4", true, make_hex("0500") },
    };
    uint32_t kind = draw(40);

    if (kind == 0)
        return make_hex("3003020101");
    if (kind == 1)
        return raw_entry(draw_serial(), &exts[4 + draw(2)], 1);
    return raw_entry(draw_serial(), &exts[draw(4)], kind % 2);
}

static raw_crl draw_raw(const make_ext *ext)
{
    raw_crl o = { .exts = ext, .n_exts = draw(3) == 0, .entries = draw_raw_entry() };

    for (uint32_t n = draw(20); n > 0; n--)
        o.entries = make_join(o.entries, draw_raw_entry());
    if (draw(5) == 0)
        o.next_update = -1;
    if (draw(5) == 0)
        o.this_update = TEST_NOW + HOUR;
    if (draw(8) == 0)
        o.key = pki->root->key;
    return o;
}

/* Also those that are walked in the store, and those that answer nothing: the same error, the same words. */
static void test_random_raw(void **state)
{
    const make_ext exts[] = {
        IDP("8101ff"), IDP("8401ff"), IDP("83020640"), { "2.5.29.27", true, make_hex("020101") }
    };
    size_t indexed = 0;

    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        seed = 0xc0ffee11u + round;
        hf_span der = raw(draw_raw(&exts[draw(COUNT(exts))]));
        const hf_crl *ours = stored(der);
        hf_crl oracle = walked(der);
        indexed += hf_crl_has_index(ours);
        for (size_t i = 0; i < 6; i++)
            both_say(ours, &oracle, draw_serial());
    }
    assert_in_range(indexed, ROUNDS / 5, ROUNDS - ROUNDS / 10);
}

/* Every entry is found, and nothing between them; whatever the order of the list. */
static void test_many(void **state)
{
    static hf_crl_entry entries[MANY];
    static uint8_t serials[MANY][3];

    (void)state;
    for (uint32_t step = 1; step < MANY; step += 1330) { /* all are prime to MANY */
        for (uint32_t i = 0; i < MANY; i++) {
            uint32_t v = 0x010000 + 2 * (step == 1 ? MANY - 1 - i : i * step % MANY);
            serials[i][0] = (uint8_t)(v >> 16);
            serials[i][1] = (uint8_t)(v >> 8);
            serials[i][2] = (uint8_t)v;
            entries[i] = entry_of(hf_span_of(serials[i], 3), 1);
        }
        const hf_crl *ours = stored(issue(fresh(entries, MANY), pki->intermediate));
        for (uint32_t v = 0x010000 - 2; v < 0x010000 + 2 * MANY + 2; v++) {
            uint8_t octets[3] = { (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
            size_t next = 0;
            hf_crl_entry found;
            bool on_it = v >= 0x010000 && v < 0x010000 + 2 * MANY && v % 2 == 0;
            assert_int_equal(hf_crl_find(ours, hf_span_of(octets, 3), &next, &found), on_it);
        }
    }
}

/* An entry of 128 octets and more has a longer length; a serial number of as many has no index. */
static void test_long_entries(void **state)
{
    uint8_t filler[300], long_serial[128];

    (void)state;
    memset(filler, 1, sizeof filler);
    memset(long_serial, 1, sizeof long_serial);
    hf_span serial = make_bytes(long_serial, sizeof long_serial);
    make_ext ext = { "1.2.3.4", false, make_tlv(0x04, make_bytes(filler, sizeof filler)) };
    for (size_t len = 40; len <= sizeof filler; len += 52) {
        ext.value = make_tlv(0x04, make_bytes(filler, len));
        hf_span der = raw((raw_crl){ .entries = make_join(raw_entry(make_hex("05"), &ext, 1),
                                                          raw_entry(make_hex("04"), &ext, 1)) });
        const hf_crl *ours = stored(der);
        hf_crl oracle = walked(der);
        assert_true(hf_crl_has_index(ours));
        assert_int_equal(both_say(ours, &oracle, make_hex("05")).status, HF_STATUS_REVOKED);
        assert_int_equal(both_say(ours, &oracle, make_hex("03")).status, HF_STATUS_GOOD);
    }
    hf_span der = raw((raw_crl){ .entries = raw_entry(serial, NULL, 0) });
    hf_crl oracle = walked(der);
    assert_false(hf_crl_has_index(stored(der)));
    assert_int_equal(both_say(stored(der), &oracle, serial).status, HF_STATUS_REVOKED);
}

/* ---- the signer ---- */

/* Another key that goes by the CA's name. */
static hf_cert namesake(void)
{
    hf_cert other = ca;

    other.key = pki->root->cert.key;
    other.spki = pki->root->cert.spki;
    return other;
}

static void test_signer_is_kept(void **state)
{
    const hf_crl *crl = stored(crl_with(other_serial()));
    hf_cert other = namesake();

    (void)state;
    assert_false(hf_crl_knows_signer(crl, &ca));
    for (int i = 0; i < 2; i++) { /* what failed is not kept, before and after what did not */
        assert_error(ask(crl, &other).e, HF_E_CRL_SIGNATURE);
        assert_false(hf_crl_knows_signer(crl, &other));
        assert_error(ask(crl, &ca).e, HF_OK);
        assert_true(hf_crl_knows_signer(crl, &ca));
    }
    hf_crl_keep_signer(crl, &other); /* the first one stays */
    assert_false(hf_crl_knows_signer(crl, &other));
    assert_true(hf_crl_knows_signer(crl, &ca));
}

/* It is not checked again: that the memory of the signature changes is not seen. */
static void test_checked_once(void **state)
{
    const hf_crl *crl = stored(crl_with(other_serial()));
    uint8_t *last = (uint8_t *)(uintptr_t)crl->signature.data + crl->signature.len - 1;

    (void)state;
    *last ^= 1;
    assert_error(ask(crl, &ca).e, HF_E_CRL_SIGNATURE);
    *last ^= 1;
    assert_error(ask(crl, &ca).e, HF_OK);
    *last ^= 1;
    assert_error(ask(crl, &ca).e, HF_OK);
}

/* RFC 5280 6.3.3 (f), and what the query allows: asked each time. */
static void test_rules_stay(void **state)
{
    const hf_crl *crl = stored(crl_with(other_serial()));
    static const uint16_t none[] = { 0 };
    hf_cert without = ca;

    (void)state;
    assert_error(ask(crl, &ca).e, HF_OK);
    without.key_usage = HF_KU_KEY_CERT_SIGN;
    assert_error(ask(crl, &without).e, HF_E_CRL_ISSUER);
    query.now += 2 * HOUR;
    assert_error(ask(crl, &ca).e, HF_E_CRL_STALE);
    query.now -= 2 * HOUR;
    query.schemes = none;
    assert_error(ask(crl, &ca).e, HF_E_CRL_SIGNATURE);
}

/* The budget is the same whatever is known. */
static void test_budget(void **state)
{
    const hf_crl *crl = stored(crl_with(other_serial()));

    (void)state;
    for (int i = 0; i < 2; i++) {
        units = 0;
        assert_error(hf_crl_status(&query, crl, &leaf, &ca, &units, &status, detail),
                     HF_E_CERT_BUDGET);
        units = 1;
        assert_error(hf_crl_status(&query, crl, &leaf, &ca, &units, &status, detail), HF_OK);
        assert_int_equal(units, 0);
    }
}

/* ---- memory ---- */

static void test_no_memory(void **state)
{
    hf_span der = crl_with(leaf.serial);
    size_t before = live, refused = 0;
    hf_error e;

    (void)state;
    do {
        hf_trust *other = hf_trust_new();
        fail_at = calls + refused;
        e = hf_trust_add_crls(other, der);
        fail_at = SIZE_MAX;
        assert_int_equal(hf_trust_crl_at(other, 0).len > 0, e == HF_OK);
        if (e != HF_OK) {
            assert_error(e, HF_E_NO_MEMORY);
            assert_error(hf_trust_add_crls(other, der),
                         HF_OK); /* nothing half done is in its way */
            refused++;
        }
        hf_trust_free(other);
        assert_int_equal(live, before);
    } while (e != HF_OK);
    assert_int_equal(refused, 4); /* the array, the copy, what is known, the index */
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(test_random_plain),   STORE_TEST(test_random_raw),
        STORE_TEST(test_many),           STORE_TEST(test_long_entries),
        STORE_TEST(test_signer_is_kept), STORE_TEST(test_checked_once),
        STORE_TEST(test_rules_stay),     STORE_TEST(test_budget),
        STORE_TEST(test_no_memory),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
