/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Hellos by hand: what is asked for stands in them, in its order, in records as asked for; the engine's reader reads what is regular. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/crafted.h"
#include "crypto/kex.h"
#include "explain/names.h"
#include "wire/wire.h"

static const uint16_t versions[] = { HF_SSL3, HF_TLS10, HF_TLS11, HF_TLS12, HF_TLS13 };
enum { VERSIONS = sizeof versions / sizeof *versions };

typedef struct written {
    uint8_t records[HF_CRAFTED_MAX];
    uint8_t message[HF_CRAFTED_MAX];
    size_t n_records, n_message, count, longest; /* of records: how many, the longest content */
    uint16_t record_version;
    hf_client_hello hello;
} written;

/* Takes the records apart; false: it was not written. */
static bool write_hello(const hf_crafted *o, written *w)
{
    memset(w, 0, sizeof *w);
    w->n_records = hf_crafted_write(o, w->records);
    for (size_t at = 0; at < w->n_records; w->count++) {
        const uint8_t *r = w->records + at;
        size_t len = (size_t)r[3] << 8 | r[4];
        assert_int_equal(r[0], 22);
        w->record_version = (uint16_t)(r[1] << 8 | r[2]);
        memcpy(w->message + w->n_message, r + 5, len);
        w->n_message += len;
        w->longest = len > w->longest ? len : w->longest;
        at += 5 + len;
    }
    return w->n_records > 0;
}

static void read_hello(const hf_crafted *o, written *w)
{
    const hf_wire wire = { .writer = HF_CLIENT };
    hf_fault fault = { 0 };

    assert_true(write_hello(o, w));
    assert_int_equal(w->message[0], 1);
    assert_int_equal(w->n_message - 4,
                     (size_t)w->message[1] << 16 | (size_t)w->message[2] << 8 | w->message[3]);
    hf_reader r =
        hf_rd_start(hf_span_of(w->message + 4, w->n_message - 4), "ClientHello", 4, &fault, NULL);
    hf_client_hello_read(&r, &wire, &w->hello);
    if (fault.code != HF_OK)
        fail_msg("%s: %s", fault.path, fault.rule);
}

static void check_list(hf_span list, const hf_codes *codes)
{
    assert_int_equal(hf_list16_count(list), codes->n);
    for (size_t i = 0; i < codes->n; i++)
        assert_int_equal(hf_list16_at(list, i), codes->at[i]);
}

static bool has_extension(const written *w, uint16_t type)
{
    return hf_extension_at(&w->hello.ext, type) != NULL;
}

/* ---- codes ---- */

static void test_codes(void **state)
{
    hf_codes codes = { .n = 0 };

    (void)state;
    for (uint16_t i = 0; i < HF_CODES_MAX; i++)
        assert_true(hf_codes_add(&codes, (uint16_t)(i * 3)));
    assert_false(hf_codes_add(&codes, 1));
    assert_true(hf_codes_add(&codes, 3)); /* it is there */
    assert_int_equal(codes.n, HF_CODES_MAX);
    assert_true(hf_codes_drop(&codes, 3));
    assert_false(hf_codes_drop(&codes, 3));
    assert_int_equal(codes.at[0], 0);
    assert_int_equal(codes.at[1], 6);
    assert_true(hf_codes_add(&codes, 1));
    assert_int_equal(codes.at[HF_CODES_MAX - 1], 1);
    assert_true(hf_codes_have(&codes, 6) && !hf_codes_have(&codes, 3));
}

/* ---- usual hellos ---- */

static void test_usual_is_regular(void **state)
{
    static written w;

    (void)state;
    for (size_t i = 0; i < VERSIONS; i++) {
        hf_crafted o = { .version = versions[i], .server_name = "example.test" };
        hf_crafted_usual(&o);
        read_hello(&o, &w);
        assert_int_equal(w.hello.legacy_version, versions[i] == HF_TLS13 ? HF_TLS12 : versions[i]);
        assert_int_equal(w.record_version, versions[i] == HF_SSL3 ? HF_SSL3 : HF_TLS10);
        assert_int_equal(w.count, 1);
        assert_int_equal(w.hello.legacy_compression_methods.len, 1);
        assert_int_equal(w.hello.has_extensions, versions[i] != HF_SSL3);
        if (versions[i] != HF_SSL3) {
            check_list(w.hello.cipher_suites, &o.suites);
            check_list(w.hello.ext.supported_groups, &o.groups);
            assert_true(hf_span_equal(w.hello.ext.host_name, hf_span_str("example.test")));
            assert_true(has_extension(&w, 23) && has_extension(&w, 0xff01));
        }
        assert_int_equal(has_extension(&w, 13), versions[i] >= HF_TLS12);
        assert_int_equal(has_extension(&w, 43), versions[i] == HF_TLS13);
        assert_int_equal(has_extension(&w, 51), versions[i] == HF_TLS13);
        assert_in_range(o.suites.n, 5, 127); /* some servers cannot bear 128 */
    }
}

static void test_usual_keeps_what_is_set(void **state)
{
    hf_crafted o = { .version = HF_TLS13,
                     .shares = { 0x0017 },
                     .session_id = { (const uint8_t *)"x", 1 } };

    (void)state;
    hf_codes_add(&o.suites, 0x1303);
    hf_codes_add(&o.groups, 0x0018);
    hf_codes_add(&o.schemes, 0x0403);
    hf_crafted_usual(&o);
    assert_int_equal(o.suites.n, 1);
    assert_int_equal(o.groups.n, 1);
    assert_int_equal(o.schemes.n, 1);
    assert_int_equal(o.shares[0], 0x0017);
    assert_int_equal(o.shares[1], 0);
    assert_int_equal(o.session_id.len, 1);
}

/* ---- what is asked for ---- */

static void test_any_suite_in_any_order(void **state)
{
    static const uint16_t codes[] = { 0x0003, 0x1301, 0xffff, 0x0000, 0xc02f, 0x2a2a, 0x0005 };
    hf_crafted o = { .version = HF_TLS10 };
    static written w;

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        hf_codes_add(&o.suites, codes[i]);
    read_hello(&o, &w);
    check_list(w.hello.cipher_suites, &o.suites);
    assert_false(w.hello.has_extensions); /* none was asked for, and no empty block is written */
}

static void test_any_version(void **state)
{
    hf_crafted o = { .version = HF_TLS13, .legacy_version = 0x0399, .record_version = 0x0305 };
    static written w;

    (void)state;
    hf_codes_add(&o.versions, 0x7f1c);
    hf_codes_add(&o.versions, 0x0305);
    hf_codes_add(&o.versions, 0x0001);
    hf_codes_add(&o.suites, 0x1301);
    read_hello(&o, &w);
    assert_int_equal(w.hello.legacy_version, 0x0399);
    assert_int_equal(w.record_version, 0x0305);
    check_list(w.hello.ext.supported_versions, &o.versions);

    hf_crafted old = { .version = 0x0305 };
    hf_codes_add(&old.suites, 0x002f);
    read_hello(&old, &w);
    assert_int_equal(w.hello.legacy_version, 0x0305);
    assert_false(has_extension(&w, 43));
}

static void test_every_extension(void **state)
{
    static const uint8_t extra[] = { 0xab, 0xcd, 0, 2, 7, 8 };
    static const uint16_t types[] = { 0,  5,  10, 11, 13, 15, 16,     18,     22,
                                      23, 35, 43, 45, 51, 21, 0x5aa5, 0xabcd, 0xff01 };
    hf_crafted o = { .version = HF_TLS13,
                     .server_name = "a.test",
                     .ticket = { (const uint8_t *)"ticket", 6 },
                     .has_ticket = true,
                     .alpn = { (const uint8_t *)"\2h2", 3 },
                     .extra = { extra, sizeof extra },
                     .unknown_extension = 0x5aa5,
                     .padding = 4000,
                     .encrypt_then_mac = true,
                     .status_request = true,
                     .scts = true,
                     .heartbeat = true };
    static written w;

    (void)state;
    hf_crafted_usual(&o);
    read_hello(&o, &w);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        assert_true(has_extension(&w, types[i]));
    assert_true(hf_span_equal(w.hello.ext.session_ticket, o.ticket));
    assert_true(hf_span_equal(w.hello.ext.alpn, o.alpn));
    /* `extra` is last. */
    assert_memory_equal(w.message + w.n_message - sizeof extra, extra, sizeof extra);
}

static void test_no_extensions(void **state)
{
    hf_crafted o = { .version = HF_TLS12,
                     .no_extensions = true,
                     .server_name = "a.test",
                     .ems = true,
                     .renegotiation_info = true,
                     .scsv_fallback = true,
                     .deflate = true };
    static written w;

    (void)state;
    hf_codes_add(&o.suites, 0x002f);
    read_hello(&o, &w);
    assert_false(w.hello.has_extensions);
    assert_int_equal(hf_list16_count(w.hello.cipher_suites), 3);
    assert_true(hf_list16_has(w.hello.cipher_suites, 0x00ff));
    assert_true(hf_list16_has(w.hello.cipher_suites, 0x5600));
    assert_int_equal(w.hello.legacy_compression_methods.len, 2);
    assert_int_equal(w.hello.legacy_compression_methods.data[0], 1);
    /* A suite that is there already is not written again. */
    hf_codes_add(&o.suites, 0x5600);
    hf_codes_add(&o.suites, 0x00ff);
    read_hello(&o, &w);
    check_list(w.hello.cipher_suites, &o.suites);
}

/* RFC 6066 3: addresses are not permitted in HostName. */
static void test_addresses_are_not_named(void **state)
{
    static const char *const names[] = { "192.0.2.1", "2001:db8::1", "::1" };
    static written w;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        hf_crafted o = { .version = HF_TLS12, .server_name = names[i] };
        hf_crafted_usual(&o);
        read_hello(&o, &w);
        assert_false(has_extension(&w, 0));
    }
}

/* RFC 7685 4: the length includes the header of four bytes. */
static void test_padding_is_exact(void **state)
{
    static const size_t lengths[] = { 508, 512, 700, 4096, 16000, 17000 };
    static written w;

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        hf_crafted o = { .version = HF_TLS12, .padding = lengths[i] };
        hf_crafted_usual(&o);
        read_hello(&o, &w);
        assert_int_equal(w.n_message, lengths[i]);
    }
    hf_crafted o = { .version = HF_TLS12 };
    hf_crafted_usual(&o);
    read_hello(&o, &w);
    size_t without = w.n_message;
    for (size_t more = 0; more < 8; more++) { /* the extension itself has four bytes at least */
        o.padding = without + more;
        read_hello(&o, &w);
        assert_int_equal(has_extension(&w, 21), more > 0);
        assert_int_equal(w.n_message, more == 0 ? without : without + (more < 4 ? 4 : more));
    }
}

static void test_records_are_cut(void **state)
{
    static const size_t sizes[] = { 1, 3, 4, 5, 100, 379 };
    static written whole, cut;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        hf_crafted o = { .version = HF_TLS12, .random = { 9 } };
        hf_crafted_usual(&o);
        read_hello(&o, &whole);
        o.record_size = sizes[i];
        read_hello(&o, &cut);
        assert_int_equal(cut.longest, sizes[i]);
        assert_int_equal(cut.count, (whole.n_message + sizes[i] - 1) / sizes[i]);
        assert_int_equal(cut.n_message, whole.n_message);
        assert_memory_equal(cut.message, whole.message, whole.n_message);
    }
}

/* RFC 8701 3.1: everywhere that a client may, and never one type of extension twice. */
static void test_grease(void **state)
{
    static written w;

    (void)state;
    for (uint8_t seed = 0; seed < 16; seed++) {
        hf_crafted o = { .version = HF_TLS13, .grease = true };
        memset(o.random, seed + 1, 32);
        hf_crafted_usual(&o);
        read_hello(&o, &w); /* refuses doubles */
        assert_true(hf_is_grease(hf_list16_at(w.hello.cipher_suites, 0)));
        assert_true(hf_is_grease(hf_list16_at(w.hello.ext.supported_groups, 0)));
        assert_true(hf_is_grease(hf_list16_at(w.hello.ext.supported_versions, 0)));
        hf_span rest = w.hello.ext.key_shares;
        hf_key_share share;
        assert_true(hf_key_share_next(&rest, &share));
        assert_true(hf_is_grease(share.group) && share.key_exchange.len == 1);
        assert_true(w.hello.ext.has_grease);
    }
}

/* ---- shares ---- */

static hf_span share_of(uint16_t group, written *w)
{
    hf_crafted o = { .version = HF_TLS13, .shares = { group } };
    hf_key_share share = { 0 };

    hf_codes_add(&o.groups, group);
    hf_crafted_usual(&o);
    read_hello(&o, w);
    hf_span rest = w->hello.ext.key_shares;
    if (!hf_key_share_next(&rest, &share))
        return hf_span_of(NULL, 0);
    assert_int_equal(share.group, group);
    return share.key_exchange;
}

/* A server checks the share before it answers: each must be one that it can compute with. */
static void test_a_server_computes_with_the_shares(void **state)
{
    uint8_t answer[HF_KEY_SHARE_MAX], secret[HF_SHARED_SECRET_MAX];
    const hf_group *group;
    static written w;

    (void)state;
    for (size_t i = 0; (group = hf_group_row(i)) != NULL; i++) {
        hf_span share = share_of(group->code, &w);
        assert_int_equal(share.len, group->client_share);
        assert_int_equal(hf_kex_encapsulate(group->code, NULL, share, answer, secret), HF_OK);
    }
}

static void test_shares_have_their_groups_length(void **state)
{
    static const struct {
        uint16_t group;
        size_t len;
    } rows[] = { { 0x0019, 133 },  { 0x001e, 56 },   { 0x001f, 65 },   { 0x0020, 97 },
                 { 0x0021, 129 },  { 0x0029, 65 },   { 0x0100, 256 },  { 0x0101, 384 },
                 { 0x0102, 512 },  { 0x0103, 768 },  { 0x0104, 1024 }, { 0x0200, 800 },
                 { 0x0201, 1184 }, { 0x0202, 1568 }, { 0x11eb, 1249 }, { 0x11ec, 1216 },
                 { 0x11ed, 1665 }, { 0x11ee, 1249 }, { 0x6399, 1216 }, { 0x639a, 1249 } };
    static written w;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(share_of(rows[i].group, &w).len, rows[i].len);
}

static void test_several_shares(void **state)
{
    static written w;
    hf_crafted o = { .version = HF_TLS13, .shares = { 0x001d, 0x0017, 0x0018, 0x001e } };
    hf_key_share share;
    size_t n = 0;

    (void)state;
    hf_crafted_usual(&o);
    read_hello(&o, &w);
    for (hf_span rest = w.hello.ext.key_shares; hf_key_share_next(&rest, &share); n++)
        assert_int_equal(share.group, o.shares[n]);
    assert_int_equal(n, HF_CRAFTED_SHARES);
}

/* A group without a known share is offered without one: the server asks for it. */
static void test_unknown_share_is_left_out(void **state)
{
    static written w;

    (void)state;
    assert_int_equal(share_of(0x0022, &w).len, 0);
    assert_true(has_extension(&w, 51));
}

/* ---- bounds, randomness ---- */

static void test_what_does_not_fit(void **state)
{
    static uint8_t much[HF_CRAFTED_MAX];
    static written w;
    hf_crafted o = { .version = HF_TLS12, .session_id = { much, 33 } };

    (void)state;
    hf_crafted_usual(&o);
    assert_false(write_hello(&o, &w));
    o.session_id.len = 32;
    assert_true(write_hello(&o, &w));
    o.extra = hf_span_of(much, sizeof much);
    assert_false(write_hello(&o, &w));
    o.extra.len = 0;
    o.padding = HF_CRAFTED_MAX + 1;
    assert_false(write_hello(&o, &w));
    o.padding = 8192;
    o.record_size = 1; /* six bytes for one */
    assert_false(write_hello(&o, &w));
}

static void test_randoms_differ(void **state)
{
    static written a, b;
    hf_crafted o = { .version = HF_TLS12 };
    uint8_t random[32];

    (void)state;
    hf_crafted_usual(&o);
    read_hello(&o, &a);
    read_hello(&o, &b);
    assert_memory_not_equal(a.hello.random, b.hello.random, 32);
    memset(random, 7, 32);
    memcpy(o.random, random, 32);
    read_hello(&o, &a);
    assert_memory_equal(a.hello.random, random, 32);
}

/* ---- SSL 2.0 ---- */

static void test_ssl2(void **state)
{
    static const uint8_t start[] = { 0x80, 0x2e, 1, 0, 2, 0, 21, 0, 0, 0, 16 };
    static const uint8_t kinds[] = { 1,    0, 0x80, 2,    0, 0x80, 3,    0, 0x80, 4,   0,
                                     0x80, 5, 0,    0x80, 6, 0,    0x40, 7, 0,    0xc0 };
    uint8_t out[HF_CRAFTED_MAX];

    (void)state;
    assert_int_equal(hf_crafted_write_ssl2(out), 2 + 0x2e);
    assert_memory_equal(out, start, sizeof start);
    assert_memory_equal(out + sizeof start, kinds, sizeof kinds);
    for (size_t i = 0; i < sizeof kinds; i += 3)
        assert_non_null(hf_ssl2_kind_name((uint16_t)(kinds[i] << 8 | kinds[i + 1])));
    assert_string_equal(hf_ssl2_kind_name(0x0700), "SSL_CK_DES_192_EDE3_CBC_WITH_MD5");
    assert_null(hf_ssl2_kind_name(0x0800));
}

/* ---- lists ---- */

static void check_whole(hf_names names, const hf_codes *codes)
{
    for (size_t i = 0; i < codes->n; i++) {
        assert_non_null(hf_name_of(names, codes->at[i]));
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(codes->at[i], codes->at[j]);
    }
}

static bool has(uint16_t code, const char *part)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, code);

    return name && strstr(name, part);
}

static void test_all_suites(void **state)
{
    static hf_codes of[VERSIONS];
    uint64_t value;

    (void)state;
    for (size_t v = 0; v < VERSIONS; v++) {
        hf_all_suites(versions[v], &of[v]);
        check_whole(HF_NAMES_SUITES, &of[v]);
        for (size_t i = 0; i < of[v].n; i++) {
            assert_false(has(of[v].at[i], "_SCSV"));
            assert_true(versions[v] >= HF_TLS12 || !has(of[v].at[i], "_GCM_"));
            assert_true(versions[v] >= HF_TLS12 || !has(of[v].at[i], "_CHACHA20_"));
        }
    }
    /* Every suite of the registry belongs somewhere, but for the signals. */
    for (size_t i = 0; hf_name_row(HF_NAMES_SUITES, i, &value); i++) {
        bool found = false;
        for (size_t v = 0; v < VERSIONS; v++)
            found = found || hf_codes_have(&of[v], (uint16_t)value);
        assert_int_equal(found, value != 0x0000 && value != 0x00ff && value != 0x5600);
    }
    assert_int_equal(of[4].at[0], 0x1301);
    assert_int_equal(of[3].at[0], 0xc02b);
    assert_int_equal(of[1].at[0], 0xc009);
    /* RFC 5487 3: these may be spoken by all versions. */
    assert_true(hf_codes_have(&of[1], 0x00ae) && !hf_codes_have(&of[1], 0x003c));
}

/* Which code point belongs to which versions: one row a rule of the lists. */
enum { IN_OLD = 1, IN_12 = 2, IN_13 = 4 };
typedef struct belongs {
    uint16_t code;
    unsigned versions;
} belongs;

static void check_belongs(void (*all)(uint16_t version, hf_codes *codes), const belongs *rows,
                          size_t n)
{
    static hf_codes old, tls12, tls13;

    all(HF_TLS11, &old);
    all(HF_TLS12, &tls12);
    all(HF_TLS13, &tls13);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(hf_codes_have(&old, rows[i].code), (rows[i].versions & IN_OLD) != 0);
        assert_int_equal(hf_codes_have(&tls12, rows[i].code), (rows[i].versions & IN_12) != 0);
        assert_int_equal(hf_codes_have(&tls13, rows[i].code), (rows[i].versions & IN_13) != 0);
    }
}

static void test_where_suites_belong(void **state)
{
    static const belongs rows[] = {
        { 0x0003, IN_OLD | IN_12 },
        { 0x003b, IN_12 },
        { 0x003c, IN_12 },
        { 0xc028, IN_12 },
        { 0x009c, IN_12 },
        { 0xc09d, IN_12 },
        { 0xcca8, IN_12 },
        { 0xcc13, IN_12 },
        { 0xc03c, IN_12 },
        { 0xc100, IN_12 },
        { 0xc101, IN_12 },
        { 0xc102, IN_OLD | IN_12 },
        { 0xc0b2, IN_12 },
        { 0x00ae, IN_OLD | IN_12 },
        { 0x00b0, IN_OLD | IN_12 },
        { 0xc038, IN_OLD | IN_12 },
        { 0x00a8, IN_12 },
        { 0xc064, IN_12 },
        { 0x1305, IN_13 },
        { 0x1306, IN_13 },
        { 0x00c6, IN_13 },
        { 0x00c7, IN_13 },
        { 0xc0b4, IN_13 },
        { 0xc0b5, IN_13 },
        { 0xc103, IN_13 },
        { 0x00ff, 0 },
        { 0x5600, 0 },
        { 0x0000, 0 },
        { 0x2a2a, 0 },
    };

    (void)state;
    check_belongs(hf_all_suites, rows, sizeof rows / sizeof *rows);
}

static void test_where_groups_belong(void **state)
{
    static const belongs rows[] = {
        { 0x0001, IN_OLD | IN_12 },
        { 0x000e, IN_OLD | IN_12 },
        { 0x000f, IN_OLD | IN_12 | IN_13 },
        { 0x001d, IN_OLD | IN_12 | IN_13 },
        { 0x001f, IN_13 },
        { 0x0021, IN_13 },
        { 0x0022, IN_OLD | IN_12 | IN_13 },
        { 0x0028, IN_OLD | IN_12 | IN_13 },
        { 0x0029, IN_13 },
        { 0x0100, IN_13 },
        { 0x11ed, IN_13 },
        { 0x4138, 0 },
        { 0x6399, IN_13 },
        { 0xff01, 0 },
        { 0xff02, 0 },
    };

    (void)state;
    check_belongs(hf_all_groups, rows, sizeof rows / sizeof *rows);
}

static void test_where_schemes_belong(void **state)
{
    static const belongs rows[] = {
        { 0x0001, IN_12 },         { 0x0101, IN_12 },         { 0x0203, IN_12 },
        { 0x0301, IN_12 },         { 0x0303, IN_12 },         { 0x0402, IN_12 },
        { 0x0401, IN_12 },         { 0x0420, IN_13 },         { 0x0403, IN_12 | IN_13 },
        { 0x0807, IN_12 | IN_13 }, { 0x0809, IN_12 | IN_13 }, { 0x0708, IN_13 },
        { 0x0709, IN_13 },         { 0x070c, IN_13 },         { 0x070f, IN_13 },
        { 0x0704, IN_13 },         { 0x081a, IN_13 },         { 0x0840, IN_12 },
        { 0x0841, IN_12 },         { 0x0904, IN_13 },         { 0x0911, IN_13 },
        { 0xeded, IN_12 },         { 0xeeee, IN_12 },
    };

    (void)state;
    check_belongs(hf_all_schemes, rows, sizeof rows / sizeof *rows);
}

static void test_all_groups(void **state)
{
    hf_codes old, new;

    (void)state;
    hf_all_groups(HF_TLS12, &old);
    hf_all_groups(HF_TLS13, &new);
    check_whole(HF_NAMES_GROUPS, &old);
    check_whole(HF_NAMES_GROUPS, &new);
    assert_int_equal(old.at[0], 0x001d);
    assert_int_equal(new.at[0], 0x001d);
    assert_true(hf_codes_have(&old, 0x0001) && !hf_codes_have(&new, 0x0001));
    assert_true(hf_codes_have(&new, 0x11ec) && !hf_codes_have(&old, 0x11ec));
    assert_true(hf_codes_have(&new, 0x0100) && !hf_codes_have(&old, 0x0100));
    hf_all_groups(HF_SSL3, &old); /* it has no extensions */
    assert_int_equal(old.n, 0);
}

static void test_all_schemes(void **state)
{
    hf_codes old, new;

    (void)state;
    hf_all_schemes(HF_TLS11, &old); /* signature_algorithms came with TLS 1.2 */
    assert_int_equal(old.n, 0);
    hf_all_schemes(HF_TLS12, &old);
    hf_all_schemes(HF_TLS13, &new);
    check_whole(HF_NAMES_SCHEMES, &old);
    check_whole(HF_NAMES_SCHEMES, &new);
    assert_true(hf_codes_have(&old, 0x0101) && !hf_codes_have(&new, 0x0101));
    assert_true(hf_codes_have(&old, 0x0401) && !hf_codes_have(&new, 0x0401));
    assert_true(hf_codes_have(&new, 0x0905) && !hf_codes_have(&old, 0x0905));
    assert_true(hf_codes_have(&new, 0x0804) && hf_codes_have(&old, 0x0804));
}

/* All at once still makes a hello. */
static void test_everything_fits(void **state)
{
    static written w;

    (void)state;
    for (size_t i = 1; i < VERSIONS; i++) {
        hf_crafted o = { .version = versions[i] };
        hf_all_suites(versions[i], &o.suites);
        hf_all_groups(versions[i], &o.groups);
        hf_all_schemes(versions[i], &o.schemes);
        read_hello(&o, &w);
        check_list(w.hello.cipher_suites, &o.suites);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_usual_is_regular),
        cmocka_unit_test(test_usual_keeps_what_is_set),
        cmocka_unit_test(test_any_suite_in_any_order),
        cmocka_unit_test(test_any_version),
        cmocka_unit_test(test_every_extension),
        cmocka_unit_test(test_no_extensions),
        cmocka_unit_test(test_addresses_are_not_named),
        cmocka_unit_test(test_padding_is_exact),
        cmocka_unit_test(test_records_are_cut),
        cmocka_unit_test(test_grease),
        cmocka_unit_test(test_a_server_computes_with_the_shares),
        cmocka_unit_test(test_shares_have_their_groups_length),
        cmocka_unit_test(test_several_shares),
        cmocka_unit_test(test_unknown_share_is_left_out),
        cmocka_unit_test(test_what_does_not_fit),
        cmocka_unit_test(test_randoms_differ),
        cmocka_unit_test(test_ssl2),
        cmocka_unit_test(test_all_suites),
        cmocka_unit_test(test_where_suites_belong),
        cmocka_unit_test(test_where_groups_belong),
        cmocka_unit_test(test_where_schemes_belong),
        cmocka_unit_test(test_all_groups),
        cmocka_unit_test(test_all_schemes),
        cmocka_unit_test(test_everything_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
