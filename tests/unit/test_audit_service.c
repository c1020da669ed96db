/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the service over TLS shows: application protocols, requests for clients' certificates, HTTP's headers and redirect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/whole.h"
#include "unit/audit_look_support.h"

extern const hf_inquiry_row hf_inquiry_alpn, hf_inquiry_client_auth, hf_inquiry_http;

static void expect(const look *l, hf_trait_id id, hf_tri state, const char *words)
{
    const hf_trait *trait = &l->seen->traits[id];

    if (trait->state != state || !strstr(trait->words, words))
        fail_msg("%s is %d (%s), expected %d (%s)", hf_trait_rows[id].id, (int)trait->state,
                 trait->words, (int)state, words);
}

/* ---- ALPN ---- */

static void each_protocol_is_asked_alone(void **state)
{
    static const struct {
        const char *alpn[4], *seen;
    } rows[] = { { { "h2", "http/1.1" }, "h2, http/1.1" },
                 { { "http/1.1" }, "http/1.1" },
                 { { "http/1.0", "h2" }, "h2, http/1.0" },
                 { { "imap" }, "" },
                 { { NULL }, "" } };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        look l = begin((audit_server){ .min_version = i % 2 ? HF_TLS13 : HF_TLS12 });
        memcpy(l.server.alpn, rows[i / 2].alpn, sizeof l.server.alpn);
        run(&l, &hf_inquiry_alpn);
        assert_string_equal(l.seen->alpn, rows[i / 2].seen);
        expect(&l, HF_TRAIT_alpn, *rows[i / 2].seen ? HF_PRESENT : HF_ABSENT, rows[i / 2].seen);
        assert_int_equal(l.server.engine, i % 2 ? 3 : 0);
        assert_int_equal(l.server.connections, 3);
        end(&l);
    }
}

static void a_service_of_its_own_is_asked_for_its_own(void **state)
{
    (void)state;
    look l = begin((audit_server){ .alpn = { "imap" } });
    strcpy(l.seen->starttls, "imap");
    run(&l, &hf_inquiry_alpn);
    assert_string_equal(l.seen->alpn, "imap");
    assert_int_equal(l.server.connections, 1);
    end(&l);
}

static void silence_says_nothing_about_protocols(void **state)
{
    (void)state;
    look l = begin((audit_server){ .refuses = HF_FLIGHT_RESET });
    run(&l, &hf_inquiry_alpn);
    expect(&l, HF_TRAIT_alpn, HF_UNKNOWN, "");
    assert_true(strlen(l.seen->traits[HF_TRAIT_alpn].words) > 0);
    end(&l);
}

/* ---- clients' certificates ---- */

static void a_request_is_told_from_a_demand(void **state)
{
    static const struct {
        int auth;
        hf_tri asked, required;
    } rows[] = { { HF_CLIENT_AUTH_NONE, HF_ABSENT, HF_ABSENT },
                 { HF_CLIENT_AUTH_REQUEST, HF_PRESENT, HF_ABSENT },
                 { HF_CLIENT_AUTH_REQUIRE, HF_PRESENT, HF_PRESENT } };

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        look l = begin((audit_server){ .max_version = i % 2 ? HF_TLS12 : HF_TLS13,
                                       .client_auth = rows[i / 2].auth,
                                       .http = { .status = 200 } });
        l.server.authorities = l.setup.trust;
        run(&l, &hf_inquiry_client_auth);
        expect(&l, HF_TRAIT_client_certificate, rows[i / 2].asked, "");
        expect(&l, HF_TRAIT_client_certificate_required, rows[i / 2].required, "");
        assert_int_equal(l.seen->n_authorities, rows[i / 2].asked == HF_PRESENT);
        if (rows[i / 2].asked == HF_PRESENT)
            assert_non_null(strstr(l.seen->authorities, "CN=Test Root\n"));
        assert_int_equal(l.server.connections, 1);
        end(&l);
    }
}

/* A ticket comes only to who was let in. */
static void without_http_a_ticket_tells(void **state)
{
    (void)state;
    for (int tickets = 0; tickets < 2; tickets++) {
        look l = begin((audit_server){
            .client_auth = HF_CLIENT_AUTH_REQUEST, .tickets = tickets, .lifetime = 60 });
        l.server.authorities = l.setup.trust;
        l.setup.http = false;
        run(&l, &hf_inquiry_client_auth);
        expect(&l, HF_TRAIT_client_certificate, HF_PRESENT, "one CA");
        expect(&l, HF_TRAIT_client_certificate_required, tickets ? HF_ABSENT : HF_UNKNOWN, "");
        end(&l);
    }
}

/* The request stands in the clear; what follows on it does not. */
static void where_the_engine_cannot_go_the_clear_text_tells(void **state)
{
    (void)state;
    look l =
        begin((audit_server){ .client_auth = HF_CLIENT_AUTH_REQUIRE, .max_version = HF_TLS12 });
    l.server.authorities = l.setup.trust;
    l.seen->v[HF_V_TLS12].suites = (hf_codes){ .at = { 0xc013 }, .n = 1 };
    l.seen->v[HF_V_TLS12].suites_whole = true;
    run(&l, &hf_inquiry_client_auth);
    expect(&l, HF_TRAIT_client_certificate, HF_PRESENT, "");
    expect(&l, HF_TRAIT_client_certificate_required, HF_UNKNOWN, "");
    assert_int_equal(l.server.engine, 0);
    end(&l);
}

/* ---- HTTP ---- */

static void headers_are_seen(void **state)
{
    (void)state;
    look l = begin((audit_server){
        .http = { .status = 200,
                  .n = 6,
                  .headers = { { "server", "nginx\x1b[31m" },
                               { "strict-transport-security", "max-age=63072000; preload" },
                               { "x-frame-options", "DENY" },
                               { "set-cookie", "sid=1; Path=/; secure" },
                               { "set-cookie", "theme=dark; HttpOnly" },
                               { "set-cookie", "secure=1" } } },
        .plain = { .status = 301, .n = 1, .headers = { { "location", "HTTPS://localhost/" } } } });
    l.setup.plain_port = 80;
    run(&l, &hf_inquiry_http);
    expect(&l, HF_TRAIT_http, HF_PRESENT, "200");
    expect(&l, HF_TRAIT_hsts, HF_PRESENT, "");
    expect(&l, HF_TRAIT_insecure_cookies, HF_PRESENT, "theme, secure");
    expect(&l, HF_TRAIT_plain_http, HF_PRESENT, "301");
    expect(&l, HF_TRAIT_redirect, HF_PRESENT, "");
    assert_int_equal(l.seen->traits[HF_TRAIT_hsts].number, 63072000);
    assert_int_equal(l.seen->traits[HF_TRAIT_insecure_cookies].number, 2);
    assert_true(l.seen->http.hsts_preload && !l.seen->http.hsts_subdomains);
    assert_string_equal(l.seen->http.server, "nginx.[31m");
    assert_string_equal(l.seen->http.headers, "x-frame-options: DENY\n");
    assert_int_equal(l.server.connections, 2);
    end(&l);
}

static void hsts_that_says_nothing_is_absent(void **state)
{
    static const char *const values[] = { NULL, "max-age=0", "max-age=1; max-age=2", "" };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        look l = begin((audit_server){ .http = { .status = 404, .n = values[i] ? 1 : 0 } });
        l.server.http.headers[0].name = "strict-transport-security";
        l.server.http.headers[0].value = values[i];
        run(&l, &hf_inquiry_http);
        expect(&l, HF_TRAIT_http, HF_PRESENT, "404");
        expect(&l, HF_TRAIT_hsts, HF_ABSENT, i == 1 ? "max-age=0" : i > 1 ? "nothing" : "");
        assert_int_equal(l.seen->http.hsts_malformed, i > 1);
        end(&l);
    }
}

static void redirects_are_judged_and_not_followed(void **state)
{
    static const struct {
        int status;
        const char *location;
        hf_tri plain, redirect;
    } rows[] = {
        { 0, "", HF_ABSENT, HF_UNKNOWN },
        { 200, "", HF_PRESENT, HF_ABSENT },
        { 200, "https://localhost/", HF_PRESENT, HF_ABSENT },
        { 302, "http://localhost/", HF_PRESENT, HF_ABSENT },
        { 308, "https://elsewhere.test/", HF_PRESENT, HF_PRESENT },
        { 301, "/login", HF_PRESENT, HF_ABSENT },
        { 304, "https://localhost/", HF_PRESENT, HF_ABSENT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        look l =
            begin((audit_server){ .plain = { .status = rows[i].status,
                                             .n = 1,
                                             .headers = { { "location", rows[i].location } } } });
        l.setup.plain_port = 80;
        run(&l, &hf_inquiry_http);
        expect(&l, HF_TRAIT_http, HF_ABSENT, "");
        expect(&l, HF_TRAIT_plain_http, rows[i].plain, "");
        expect(&l, HF_TRAIT_redirect, rows[i].redirect, "");
        assert_int_equal(l.server.plains, 1);
        end(&l);
    }
}

/* Only the host itself can say that nobody listens; whatever else stands in the way leaves it open. */
static void only_a_refusal_says_that_nobody_listens(void **state)
{
    static const struct {
        hf_flight_end end;
        const char *trouble;
        hf_tri plain;
        const char *words;
    } rows[] = {
        { HF_FLIGHT_OPEN, NULL, HF_ABSENT, "nobody listens there" },
        { HF_FLIGHT_UNREACHABLE, "no answer in time", HF_UNKNOWN, "no answer in time" },
        { HF_FLIGHT_UNREACHABLE, "host is unreachable", HF_UNKNOWN, "host is unreachable" },
        { HF_FLIGHT_UNREACHABLE, NULL, HF_UNKNOWN, "could not be reached" },
        { HF_FLIGHT_LATE, NULL, HF_UNKNOWN, "no answer in time" },
        { HF_FLIGHT_CLOSED, NULL, HF_UNKNOWN, "closed" },
        { HF_FLIGHT_RESET, NULL, HF_UNKNOWN, "closed" },
        { HF_FLIGHT_FOREIGN, NULL, HF_ABSENT, "no answer that is HTTP" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        look l =
            begin((audit_server){ .plain_end = rows[i].end, .plain_trouble = rows[i].trouble });
        l.setup.plain_port = 80;
        run(&l, &hf_inquiry_http);
        expect(&l, HF_TRAIT_plain_http, rows[i].plain, rows[i].words);
        expect(&l, HF_TRAIT_redirect, HF_UNKNOWN, rows[i].words);
        assert_int_equal(l.seen->traits[HF_TRAIT_redirect].idle, rows[i].plain == HF_ABSENT);
        assert_int_equal(l.server.plains, 1);
        end(&l);
    }
}

/* What stands in the part that was not read, nobody knows: that is not "no such header". */
static void a_head_that_is_cut_short_leaves_all_open(void **state)
{
    static const hf_trait_id ids[] = { HF_TRAIT_http, HF_TRAIT_hsts, HF_TRAIT_insecure_cookies,
                                       HF_TRAIT_plain_http, HF_TRAIT_redirect };
    static const char many[] = "the answer has more than 128 headers";

    (void)state;
    look l = begin((audit_server){
        .http = { .wrong = many }, .plain = { .wrong = many }, .plain_end = HF_FLIGHT_FOREIGN });
    l.setup.plain_port = 80;
    run(&l, &hf_inquiry_http);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        expect(&l, ids[i], HF_UNKNOWN, many);
        assert_false(l.seen->traits[ids[i]].idle);
    }
    end(&l);
}

/* RFC 6797 8.1.1: whatever an address sends, no browser heeds it. */
static void an_address_has_no_hsts(void **state)
{
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        look l = begin((audit_server){
            .http = { .status = 200,
                      .n = n,
                      .headers = { { "strict-transport-security", "max-age=63072000" } } } });
        l.setup.sni = NULL;
        run(&l, &hf_inquiry_http);
        expect(&l, HF_TRAIT_http, HF_PRESENT, "200");
        expect(&l, HF_TRAIT_hsts, HF_UNKNOWN, "address");
        assert_true(l.seen->traits[HF_TRAIT_hsts].idle);
        assert_string_equal(l.seen->http.hsts, n ? "max-age=63072000" : "");
        end(&l);
    }
}

static void who_is_not_let_in_sees_no_headers(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        look l = begin((audit_server){ .client_auth = HF_CLIENT_AUTH_REQUIRE,
                                       .max_version = i ? HF_TLS12 : HF_TLS13,
                                       .http = { .status = 200 } });
        l.server.authorities = l.setup.trust;
        run(&l, &hf_inquiry_http);
        expect(&l, HF_TRAIT_http, HF_UNKNOWN, "alert");
        expect(&l, HF_TRAIT_hsts, HF_UNKNOWN, "alert");
        assert_false(l.seen->traits[HF_TRAIT_hsts].idle);
        end(&l);
    }
}

/* Where no cookie came there is nothing that could say Secure; one that says it is enough to tell. */
static void without_cookies_nothing_is_said_of_them(void **state)
{
    (void)state;
    for (int set = 0; set < 2; set++) {
        look l =
            begin((audit_server){ .http = { .status = 200,
                                            .n = (size_t)set,
                                            .headers = { { "set-cookie", "a=1; Secure" } } } });
        run(&l, &hf_inquiry_http);
        expect(&l, HF_TRAIT_insecure_cookies, set ? HF_ABSENT : HF_UNKNOWN,
               set ? "" : "no cookie was set");
        assert_int_equal(l.seen->traits[HF_TRAIT_insecure_cookies].idle, !set);
        end(&l);
    }
}

static void what_is_not_asked_is_unknown(void **state)
{
    (void)state;
    look l = begin((audit_server){ .http = { .status = 200 } });
    l.setup.http = false;
    l.setup.plain_port = 80;
    run(&l, &hf_inquiry_http);
    for (int id = HF_TRAIT_http; id <= HF_TRAIT_insecure_cookies; id++) {
        expect(&l, (hf_trait_id)id, HF_UNKNOWN, "no service of HTTP");
        assert_true(l.seen->traits[id].idle);
    }
    assert_int_equal(l.server.connections, 0);
    end(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_protocol_is_asked_alone),
        cmocka_unit_test(a_service_of_its_own_is_asked_for_its_own),
        cmocka_unit_test(silence_says_nothing_about_protocols),
        cmocka_unit_test(a_request_is_told_from_a_demand),
        cmocka_unit_test(without_http_a_ticket_tells),
        cmocka_unit_test(where_the_engine_cannot_go_the_clear_text_tells),
        cmocka_unit_test(headers_are_seen),
        cmocka_unit_test(hsts_that_says_nothing_is_absent),
        cmocka_unit_test(redirects_are_judged_and_not_followed),
        cmocka_unit_test(only_a_refusal_says_that_nobody_listens),
        cmocka_unit_test(a_head_that_is_cut_short_leaves_all_open),
        cmocka_unit_test(an_address_has_no_hsts),
        cmocka_unit_test(who_is_not_let_in_sees_no_headers),
        cmocka_unit_test(without_cookies_nothing_is_said_of_them),
        cmocka_unit_test(what_is_not_asked_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
