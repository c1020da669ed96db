/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Names: RFC 9525 as a table, host names, addresses to bytes and back. */
#include "x509_support.h"

#include "x509/der_write.h"
#include "x509/ip.h"
#include "x509/path_rules.h"

/* ---- matching ---- */

/* The GeneralNames of one dNSName, or of one iPAddress when it is written as hex after "ip:". */
static hf_cert cert_for(const char *presented, uint8_t *buffer, size_t room)
{
    hf_builder b = hf_wr_start(buffer, room);
    uint8_t ip[16];

    if (strncmp(presented, "ip:", 3) == 0)
        hf_dw_value(&b, HF_DER_CONTEXT(7), hf_span_of(ip, unhex(presented + 3, ip, sizeof ip)));
    else if (strncmp(presented, "email:", 6) == 0)
        hf_dw_value(&b, HF_DER_CONTEXT(1), hf_span_str(presented + 6));
    else if (strncmp(presented, "uri:", 4) == 0)
        hf_dw_value(&b, HF_DER_CONTEXT(6), hf_span_str(presented + 4));
    else
        hf_dw_value(&b, HF_DER_CONTEXT(2), hf_span_str(presented));
    return (hf_cert){ .san = hf_span_of(b.data, b.len) };
}

static const struct {
    const char *presented, *reference;
    bool matches;
} names[] = {
    { "example.org", "example.org", true },
    { "example.org", "EXAMPLE.oRG", true },
    { "EXAMPLE.ORG", "example.org", true },
    { "AZ.example", "az.example", true },
    { "example.org", "example.org.", true },
    { "example.org", "example.org..", false },
    { "example.org.", "example.org", false },
    { "example.org", "www.example.org", false },
    { "www.example.org", "example.org", false },
    { "example.org", "example.com", false },
    { "example.org", "example.orgg", false },
    { "localhost", "localhost", true },
    { "localhost", "", false },
    { "localhost", ".", false },
    { "xn--bcher-kva.example", "xn--bcher-kva.example", true },
    { "a_b.example.org", "a_b.example.org", true },
    /* wildcards */
    { "*.example.org", "www.example.org", true },
    { "*.example.org", "WWW.Example.ORG", true },
    { "*.EXAMPLE.org", "www.example.org.", true },
    { "*.example.org", "xn--bcher-kva.example.org", true },
    { "*.example.org", "example.org", false },
    { "*.example.org", "a.b.example.org", false },
    { "*.example.org", ".example.org", false },
    { "*.example.org", "*.example.org", false },
    { "*.example.org", "wwwexample.org", false },
    { "*.org", "example.org", false },
    { "*.localhost", "www.localhost", false },
    { "*.org.", "example.org", false },
    { "*", "example", false },
    { "*.", "example.", false },
    { "*.*.example.org", "a.b.example.org", false },
    { "w*.example.org", "www.example.org", false },
    { "*w.example.org", "www.example.org", false },
    { "w*w.example.org", "www.example.org", false },
    { "www.*.org", "www.example.org", false },
    { "www.example.*", "www.example.org", false },
    { "*example.org", "www.example.org", false },
    { "**.example.org", "www.example.org", false },
    { "*..example.org", "www.example.org", false },
    { "*.example.org", "www.example.org\n", false },
    { "*.2.3.4", "1.2.3.4", false },
    /* what is no host name is never looked for */
    { "ex ample.org", "ex ample.org", false },
    { "b\xc3\xbc"
      "cher.example",
      "b\xc3\xbc"
      "cher.example",
      false },
    { "example..org", "example..org", false },
    { "https://example.org", "https://example.org", false },
    { "uri:example.org", "example.org", false },
    /* addresses */
    { "ip:7f000001", "127.0.0.1", true },
    { "ip:7f000001", "127.0.0.2", false },
    { "ip:00000000000000000000000000000001", "::1", true },
    { "ip:00000000000000000000000000000001", "0:0::0:1", true },
    { "ip:20010db8000000000000000000000001", "2001:DB8::1", true },
    { "ip:20010db8000000000000000000000001", "2001:db8::2", false },
    { "ip:00000000000000000000ffff7f000001", "::ffff:127.0.0.1", true },
    { "ip:00000000000000000000ffff7f000001", "127.0.0.1", false },
    { "ip:7f000001", "::ffff:127.0.0.1", false },
    { "127.0.0.1", "127.0.0.1", false }, /* text in a dNSName */
    { "::1", "::1", false },
    { "ip:7f000001", "localhost", false },
    { "ip:7f000001", "127.0.0.1.", false },
    { "ip:7f000001", "127.1", false },
    { "ip:7f000001", "0177.0.0.1", false },
    { "ip:00000000000000000000000000000001", "[::1]", false },
};

static void test_names(void **state)
{
    uint8_t buffer[256];

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        hf_cert cert = cert_for(names[i].presented, buffer, sizeof buffer);
        if (hf_cert_matches(&cert, names[i].reference) != names[i].matches)
            fail_msg("%s, asked for %s", names[i].presented, names[i].reference);
    }
}

static void test_no_names(void **state)
{
    hf_cert cert = { .path_len = -1 };

    (void)state;
    assert_false(hf_cert_matches(&cert, "localhost"));
    assert_false(hf_cert_matches(&cert, "127.0.0.1"));
    assert_false(hf_cert_matches(&cert, ""));
}

static void test_nul_in_name(void **state)
{
    static const uint8_t san[] = { 0x82, 0x0e, 'a', '.', 'o', 'r', 'g', 0,
                                   '.',  'e',  'v', 'i', 'l', '.', 'd', 'e' };
    hf_cert cert = { .san = { san, sizeof san } };

    (void)state;
    assert_false(hf_cert_matches(&cert, "a.org"));
}

static void test_walk(void **state)
{
    static const uint8_t san[] = { 0x82, 1,   'a',  0x81, 3,    'a', '@',  'b', 0x86, 2,
                                   'x',  ':', 0x87, 4,    1,    2,   3,    4,   0x88, 2,
                                   0x2a, 3,   0xa4, 2,    0x30, 0,   0x82, 1,   'z' };
    static const hf_san_kind kinds[] = { HF_SAN_DNS,   HF_SAN_EMAIL, HF_SAN_URI, HF_SAN_IP,
                                         HF_SAN_OTHER, HF_SAN_OTHER, HF_SAN_DNS };
    hf_span rest = { san, sizeof san }, name;
    hf_san_kind kind;
    size_t n = 0;

    (void)state;
    for (; hf_san_next(&rest, &kind, &name); n++) {
        assert_true(n < COUNT(kinds) && kind == kinds[n]);
        assert_true(hf_span_within(name, hf_span_of(san, sizeof san)));
    }
    assert_int_equal(n, COUNT(kinds));
    assert_int_equal(name.data[0], 'z');
    rest = hf_span_of(san, 2); /* cut */
    assert_false(hf_san_next(&rest, &kind, &name));
    assert_int_equal(rest.len, 0);
}

/* ---- public suffixes ---- */

static bool ask_hook(void *user, const char *domain)
{
    snprintf(user, 300, "%s", domain);
    return strcmp(domain, "co.example") == 0;
}

static const struct {
    const char *presented, *reference;
    hf_match without, with; /* the hook */
    const char *asked;      /* of the hook */
} suffixes[] = {
    { "*.co.example", "www.co.example", HF_MATCH_GOOD, HF_MATCH_BARRED, "co.example" },
    { "*.CO.Example", "www.co.example", HF_MATCH_GOOD, HF_MATCH_BARRED, "co.example" },
    { "*.a.co.example", "www.a.co.example", HF_MATCH_GOOD, HF_MATCH_GOOD, "a.co.example" },
    { "www.co.example", "www.co.example", HF_MATCH_GOOD, HF_MATCH_GOOD, "" },
    { "co.example", "co.example", HF_MATCH_GOOD, HF_MATCH_GOOD, "" },
    { "*.org", "example.org", HF_MATCH_BARRED, HF_MATCH_BARRED, "" },
    { "*.localhost", "www.localhost", HF_MATCH_BARRED, HF_MATCH_BARRED, "" },
    { "*.co.example", "co.example", HF_MATCH_NONE, HF_MATCH_NONE, "" },
    { "*.co.example", "a.b.co.example", HF_MATCH_NONE, HF_MATCH_NONE, "" },
    { "*", "example", HF_MATCH_NONE, HF_MATCH_NONE, "" },
};

/* CA/Browser Forum BR 3.2.2.6. The hook is asked in lower case, and only about wildcards that fit. */
static void test_suffixes(void **state)
{
    uint8_t buffer[256];
    char asked[300];

    (void)state;
    for (size_t i = 0; i < COUNT(suffixes); i++) {
        hf_cert cert = cert_for(suffixes[i].presented, buffer, sizeof buffer);
        hf_path_query query = { .name = suffixes[i].reference };
        if (hf_match_name(&query, &cert) != suffixes[i].without)
            fail_msg("%s, asked for %s", suffixes[i].presented, query.name);
        query.public_suffix = ask_hook;
        query.user = asked;
        asked[0] = '\0';
        if (hf_match_name(&query, &cert) != suffixes[i].with)
            fail_msg("%s, asked for %s with a hook", suffixes[i].presented, query.name);
        assert_string_equal(asked, suffixes[i].asked);
    }
}

/* One name that is barred does not spoil another that fits. */
static void test_barred_and_good(void **state)
{
    static const char *const order[2][2] = { { "*.co.example", "www.co.example" },
                                             { "www.co.example", "*.co.example" } };
    uint8_t buffer[64];
    char asked[300];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        hf_builder b = hf_wr_start(buffer, sizeof buffer);
        hf_dw_value(&b, HF_DER_CONTEXT(2), hf_span_str(order[i][0]));
        hf_dw_value(&b, HF_DER_CONTEXT(2), hf_span_str(order[i][1]));
        hf_cert cert = { .san = hf_span_of(b.data, b.len) };
        hf_path_query query = { .name = "www.co.example",
                                .public_suffix = ask_hook,
                                .user = asked };
        assert_int_equal(hf_match_name(&query, &cert), HF_MATCH_GOOD);
        query.name = "mail.co.example";
        assert_int_equal(hf_match_name(&query, &cert), HF_MATCH_BARRED);
    }
}

/* ---- mail addresses: RFC 5280 7.5 ---- */

static const struct {
    const char *presented, *wanted;
    bool matches;
} emails[] = {
    { "email:a@example.org", "a@example.org", true },
    { "email:a@Example.ORG", "a@exAMPLE.org", true },
    { "email:A@example.org", "a@example.org", false },
    { "email:a@example.org", "a@example.com", false },
    { "email:a@example.org", "b@example.org", false },
    { "email:aa@example.org", "a@example.org", false },
    { "email:*@example.org", "a@example.org", false },
    { "email:*@example.org", "*@example.org", true },
    { "email:a@*.example.org", "a@b.example.org", false },
    { "email:example.org", "a@example.org", false },
    { "email:example.org", "example.org", false },
    { "email:a@", "a@", false },
    { "email:\"a@b\"@example.org", "\"a@b\"@EXAMPLE.org", true },
    { "email:\"A@b\"@example.org", "\"a@b\"@example.org", false },
    { "a@example.org", "a@example.org", false }, /* text in a dNSName */
    { "uri:a@example.org", "a@example.org", false },
};

static void test_emails(void **state)
{
    uint8_t buffer[64];

    (void)state;
    for (size_t i = 0; i < COUNT(emails); i++) {
        hf_cert cert = cert_for(emails[i].presented, buffer, sizeof buffer);
        if (hf_match_email(&cert, emails[i].wanted) != emails[i].matches)
            fail_msg("%s, asked for %s", emails[i].presented, emails[i].wanted);
    }
}

/* ---- host names ---- */

static void test_host_names(void **state)
{
    static const char *const good[] = {
        "a",         "localhost", "example.org", "a-b.c_d.example", "xn--bcher-kva.example",
        "1.example", "azAZ09.b",  "-a.b"
    };
    static const char *const bad[] = { "", ".", "a.", ".a", "a..b", "a b", "a/b", "a:b", "*.a",
                                       "a@b", "127.0.0.1", "::1", "b\xc3\xbc", "a\n", "[::1]",
                                       /* an address in disguise */
                                       "123", "1.2.3", "1.2.3.4.5" };
    char label[70], name[300];

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(hf_is_host_name(hf_span_str(good[i])));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(hf_is_host_name(hf_span_str(bad[i])));
    assert_false(hf_is_host_name(hf_span_of("a\0b", 3)));
    memset(label, 'a', sizeof label);
    assert_true(hf_is_host_name(hf_span_of(label, 63)));
    assert_false(hf_is_host_name(hf_span_of(label, 64)));
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = i % 2 ? '.' : 'a';
    assert_true(hf_is_host_name(hf_span_of(name, 253)));
    assert_false(hf_is_host_name(hf_span_of(name, 255)));
}

/* ---- addresses ---- */

static const struct {
    const char *text, *hex, *back;
} addresses[] = {
    { "0.0.0.0", "00000000", "0.0.0.0" },
    { "127.0.0.1", "7f000001", "127.0.0.1" },
    { "255.255.255.255", "ffffffff", "255.255.255.255" },
    { "::", "00000000000000000000000000000000", "::" },
    { "::1", "00000000000000000000000000000001", "::1" },
    { "1::", "00010000000000000000000000000000", "1::" },
    { "2001:db8::1", "20010db8000000000000000000000001", "2001:db8::1" },
    { "2001:DB8:0:0:0:0:0:1", "20010db8000000000000000000000001", "2001:db8::1" },
    { "2001:db8:0:1:1:1:1:1", "20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1" },
    { "2001:0:0:1:0:0:0:1", "20010000000000010000000000000001", "2001:0:0:1::1" },
    { "2001:db8::1:0:0:1", "20010db8000000000001000000000001", "2001:db8::1:0:0:1" },
    { "1:2:3:4:5:6:7:8", "00010002000300040005000600070008", "1:2:3:4:5:6:7:8" },
    { "1:2:3:4:5:6:7::", "00010002000300040005000600070000", "1:2:3:4:5:6:7:0" },
    { "::2:3:4:5:6:7:8", "00000002000300040005000600070008", "0:2:3:4:5:6:7:8" },
    { "0:0:1::", "00000000000100000000000000000000", "0:0:1::" },
    { "::ffff:192.0.2.1", "00000000000000000000ffffc0000201", "::ffff:c000:201" },
    { "1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304", "1:2:3:4:5:6:102:304" },
    { "::1.2.3.4", "00000000000000000000000001020304", "::102:304" },
};

static void test_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(addresses); i++) {
        uint8_t expected[16], ip[16];
        char back[HF_IP_TEXT_MAX];
        size_t len = unhex(addresses[i].hex, expected, sizeof expected);
        if (hf_parse_ip(addresses[i].text, ip) != len || memcmp(ip, expected, len) != 0)
            fail_msg("%s", addresses[i].text);
        hf_ip_text(hf_span_of(ip, len), back);
        assert_string_equal(back, addresses[i].back);
    }
}

static void test_no_addresses(void **state)
{
    static const char *const bad[] = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.999",
        "1.2.3.1000",
        "01.2.3.4",
        "1.2.3.00",
        "1..2.3",
        "1.2.3.",
        ".1.2.3",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1.2.3.4\n",
        "0x1.2.3.4",
        "+1.2.3.4",
        "a.b.c.d",
        ":",
        ":::",
        "1:",
        ":1",
        "1:2",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1::2::3",
        "12345::",
        "g::",
        "::1%eth0",
        "[::1]",
        "::1.2.3",
        "::1.2.3.4.5",
        "::1.2.3.4:5",
        "1.2.3.4::",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::01.2.3.4",
        "1:2:3:4:5:6:7:8:",
        "::1 ",
        "localhost",
    };
    uint8_t ip[16];

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (hf_parse_ip(bad[i], ip) != 0)
            fail_msg("%s", bad[i]);
}

static void test_odd_lengths(void **state)
{
    char text[HF_IP_TEXT_MAX];

    (void)state;
    hf_ip_text(hf_span_of("abc", 3), text);
    assert_string_equal(text, "?");
    uint8_t longest[16];
    memset(longest, 0xff, sizeof longest);
    hf_ip_text(hf_span_of(longest, 16), text);
    assert_string_equal(text, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),       cmocka_unit_test(test_no_names),
        cmocka_unit_test(test_nul_in_name), cmocka_unit_test(test_walk),
        cmocka_unit_test(test_suffixes),    cmocka_unit_test(test_barred_and_good),
        cmocka_unit_test(test_emails),      cmocka_unit_test(test_host_names),
        cmocka_unit_test(test_addresses),   cmocka_unit_test(test_no_addresses),
        cmocka_unit_test(test_odd_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
