/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whatever a server shows as its certificates, in TLS 1.3 and in TLS 1.2: the audit has a chain with its verdict, or is not complete and
 * says why. The server is our engine, in whose Certificate messages a test writes what it likes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/whole.h"
#include "support/audit_server.h"
#include "support/pair.h"

extern const hf_inquiry_row hf_inquiry_chains13, hf_inquiry_chains, hf_inquiry_chain_judge;

enum { ROOM = 128 * 1024, MANY = 100 };

/* ---- Certificate messages ---- */

typedef struct shown {
    uint8_t leaf[4096];
    size_t leaf_len;
    size_t more;     /* the intermediate behind it, so many times */
    bool empty, cut; /* no certificate; the list ends within the last one */
    bool context;    /* a certificate_request_context */
    bool extension;  /* the leaf's entry has one that was not asked for */
    bool tls13;
    hf_span intermediate;
} shown;

static uint8_t body[ROOM];
static size_t len;

static void put(const void *bytes, size_t n)
{
    assert_true(len + n <= sizeof body);
    memcpy(body + len, bytes, n);
    len += n;
}

static void put24(size_t at, size_t value)
{
    body[at] = (uint8_t)(value >> 16);
    body[at + 1] = (uint8_t)(value >> 8);
    body[at + 2] = (uint8_t)value;
}

static void put_entry(const shown *s, hf_span der, bool extension)
{
    static const uint8_t none[] = { 0, 0 }, foreign[] = { 0, 4, 0xfa, 0xce, 0, 0 };

    len += 3;
    put24(len - 3, der.len);
    put(der.data, der.len);
    if (s->tls13 && extension)
        put(foreign, sizeof foreign);
    else if (s->tls13)
        put(none, sizeof none);
}

static bool write_body(void *user, hf_msg msg, hf_span *out)
{
    const shown *s = user;
    size_t list;

    if (msg != HF_MSG_Certificate)
        return false;
    len = 0;
    if (s->tls13)
        put(s->context ? "\1x" : "", s->context ? 2 : 1);
    list = len;
    len += 3;
    if (!s->empty)
        put_entry(s, hf_span_of(s->leaf, s->leaf_len), s->extension);
    for (size_t i = 0; i < s->more; i++)
        put_entry(s, s->intermediate, false);
    if (s->cut)
        len -= 9;
    put24(list, len - list - 3);
    *out = hf_span_of(body, len);
    return true;
}

/* ---- what is wrong with them ---- */

static void replace(shown *s, const char *from, const char *to, size_t n)
{
    size_t hits = 0;

    for (size_t i = 0; i + n <= s->leaf_len; i++)
        if (memcmp(s->leaf + i, from, n) == 0) {
            memcpy(s->leaf + i, to, n);
            hits++;
        }
    assert_true(hits > 0);
}
#define REPLACE(s, from, to) replace((s), (from), (to), sizeof(from) - 1)

static void usage(shown *s)
{
    REPLACE(s, "\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x07\x80",
            "\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x05\x20");
}

static void md5(shown *s) /* of ECDSA with SHA-256 one of an unknown kind; of RSA's MD5 */
{
    REPLACE(s, "\x2a\x86\x48\xce\x3d\x04\x03\x02", "\x2a\x86\x48\xce\x3d\x04\x03\x7f");
}

static void sm2(shown *s)
{
    REPLACE(s, "\x2a\x86\x48\xce\x3d\x03\x01\x07", "\x2a\x81\x1c\xcf\x55\x01\x82\x2d");
}

static void dsa(shown *s)
{
    REPLACE(s, "\x2a\x86\x48\xce\x3d\x02\x01", "\x2a\x86\x48\xce\x38\x04\x01");
}

static void garbage(shown *s)
{
    s->leaf_len = 14;
    memcpy(s->leaf, "no certificate", s->leaf_len);
}

static void one_byte(shown *s)
{
    s->leaf_len = 1;
}

static void trailing(shown *s)
{
    s->leaf[s->leaf_len++] = 0;
}

static void many(shown *s)
{
    s->more = MANY - 1;
}

static void truncated(shown *s)
{
    s->more = 1;
    s->cut = true;
}

static void context(shown *s)
{
    s->context = true;
}

static void unasked(shown *s)
{
    s->extension = true;
}

static void empty(shown *s)
{
    s->empty = true;
}

static void nothing(shown *s)
{
    (void)s;
}

static const struct {
    const char *name;
    void (*spoil)(shown *s);
    bool no_chain; /* there is none: the audit is not complete */
    bool only13;
    hf_error verdict; /* that is among the faults, or of the reader; HF_OK: any but a good one */
} rows[] = {
    { "the leaf alone", .spoil = nothing, .verdict = HF_E_CERT_UNKNOWN_CA },
    { "keyUsage without digitalSignature", .spoil = usage },
    { "an unknown signature", .spoil = md5 },
    { "a key on SM2's curve", .spoil = sm2 },
    { "a DSA key", .spoil = dsa },
    { "no DER", .spoil = garbage },
    { "one byte", .spoil = one_byte },
    { "a byte behind it", .spoil = trailing },
    { "100 certificates", .spoil = many },
    { "a list that is cut short", .spoil = truncated },
    { "a certificate_request_context", .spoil = context, .only13 = true },
    { "an extension that was not asked for", .spoil = unasked, .only13 = true },
    { "an empty list", .spoil = empty, .no_chain = true },
};

/* ---- audits ---- */

static hf_seen *look_at(size_t row, bool tls13, hf_key_type type)
{
    const test_pki *pki = shared_pki(type);
    uint16_t version = tls13 ? HF_TLS13 : HF_TLS12;
    shown s = { .tls13 = tls13, .intermediate = pki->chain[1] };
    audit_server server = { .min_version = version,
                            .max_version = version,
                            .shows = { write_body, &s } };
    hf_audit_setup setup = audit_setup(pki->trust);
    hf_seen *seen = hf_seen_new();

    assert_non_null(seen);
    s.leaf_len = pki->chain[0].len;
    assert_true(s.leaf_len < sizeof s.leaf);
    memcpy(s.leaf, pki->chain[0].data, s.leaf_len);
    rows[row].spoil(&s);
    server.identities[0] = pki_identity(pki);
    audit_server_start(&server);
    audit_course(seen, &setup, &server);
    audit_server_stop(&server);
    return seen;
}

static void expect_chain(const hf_seen *seen, size_t row, bool tls13)
{
    const hf_seen_chain *chain = &seen->chains[0];

    if (seen->n_chains == 0 || !chain->judged ||
        (chain->verdict == HF_OK && rows[row].spoil != many)) /* the first of 100 may be good */
        fail_msg("%s, TLS 1.%d: %zu chains, judged %d, verdict %s, %s", rows[row].name,
                 tls13 ? 3 : 2, seen->n_chains, chain->judged,
                 hf_error_row_of(chain->verdict)->name, seen->cut ? seen->trouble : "complete");
    assert_true(strlen(chain->fingerprint) == 95);
    if (rows[row].verdict)
        assert_int_equal(chain->verdict, rows[row].verdict);
    if (rows[row].spoil == many)
        assert_true(chain->more && chain->n == HF_CHAIN_MAX);
    else
        assert_false(chain->more);
    if (rows[row].spoil == truncated)
        assert_int_equal(chain->n, 1);
}

static void test_no_chain_is_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int tls13 = 0; tls13 < 2; tls13++) {
            if (rows[i].only13 && !tls13)
                continue;
            hf_seen *seen = look_at(i, tls13, HF_KEY_P256);
            if (!rows[i].no_chain) {
                expect_chain(seen, i, tls13);
            } else {
                assert_int_equal(seen->n_chains, 0);
                assert_true(seen->cut);
                if (!strstr(seen->trouble, "no certificate was seen: "))
                    fail_msg("%s: %s", rows[i].name, seen->trouble);
            }
            hf_seen_free(seen);
        }
}

/* A server without certificates is none that hides them; and one that refuses every hello has not shown what it has. */
static void test_who_is_not_complete(void **state)
{
    hf_seen *seen = hf_seen_new();

    (void)state;
    assert_non_null(seen);
    seen->reached = true;
    for (unsigned v = 0; v < HF_V_COUNT; v++)
        seen->v[v].spoken = HF_ABSENT;
    seen->v[HF_V_TLS12].spoken = HF_PRESENT;
    seen->v[HF_V_TLS12].suites_whole = true;
    hf_codes_add(&seen->v[HF_V_TLS12].suites, 0x00a8); /* TLS_PSK_WITH_AES_128_GCM_SHA256 */
    hf_codes_add(&seen->v[HF_V_TLS12].suites, 0x006c); /* DH_anon */
    hf_chains_look_back(seen);
    assert_false(seen->cut);
    hf_codes_add(&seen->v[HF_V_TLS12].suites, 0xc02f);
    hf_chains_look_back(seen);
    assert_true(seen->cut);
    assert_non_null(strstr(seen->trouble, "no certificate was seen"));
    hf_seen_free(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_chain_is_lost),
        cmocka_unit_test(test_who_is_not_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
