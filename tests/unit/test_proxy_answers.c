/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the proxy says itself: its responses (RFC 9110 15, RFC 9111 5.2.2.5), where it sends plain HTTP on to, challenges (RFC 8555 8.3), and
   bytes that wait. */
#include "unit/proxy_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/proxy/answers.h"
#include "tool/proxy/challenge.h"
#include "tool/proxy/exchange.h"
#include "tool/proxy/inbox.h"
#include "tool/proxy/redirect.h"

enum { NOW = 784111777 /* RFC 9110 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT */ };

#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

static char out[HF_ANSWER_ROOM + 1];

static const char *write_answer(const hf_answer *answer)
{
    size_t len = hf_answer_write(answer, NOW, out, HF_ANSWER_ROOM);

    assert_true(len > 0);
    out[len] = '\0';
    return out;
}

/* ---- responses ---- */

static void test_text(void **state)
{
    hf_answer answer = { .status = 404 };

    (void)state;
    assert_string_equal(write_answer(&answer),
                        "HTTP/1.1 404 Not Found\r\n" DATE
                        "Content-Length: 65\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\r\n"
                        "404 Not Found\n\nThere is nothing here.\nLook at the address again.\n");
}

/* RFC 6797 7.1: over TLS a host says so in all it says; not where the answer is no promise, or another host's. */
static void test_hsts(void **state)
{
    static const char line[] = "\r\nStrict-Transport-Security: max-age=5; includeSubDomains\r\n";
    hf_answer answer = { .hsts = { .on = true, .include_subdomains = true, .max_age = 5 } };

    (void)state;
    for (const unsigned *status = (const unsigned[]){ 400, 403, 502, 504, 421, 503, 0 }; *status;
         status++) {
        answer.status = *status;
        assert_int_equal(strstr(write_answer(&answer), line) != NULL,
                         *status != 421 && *status != 503);
    }
}

static void test_fields(void **state)
{
    hf_answer answer = { .status = 503, .retry_after = 5, .close = true, .head_only = true };

    (void)state;
    const char *text = write_answer(&answer);
    assert_non_null(strstr(text, "\r\nRetry-After: 5\r\n"));
    assert_non_null(strstr(text, "\r\nConnection: close\r\n"));
    assert_non_null(strstr(text, "\r\nCache-Control: no-store\r\n"));
    assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
    answer = (hf_answer){
        .status = 301, .location = "https://a.test/", .store = true, .kept_http10 = true
    };
    text = write_answer(&answer);
    assert_non_null(strstr(text, "\r\nLocation: https://a.test/\r\n"));
    assert_non_null(strstr(text, "\r\nConnection: keep-alive\r\n"));
    assert_null(strstr(text, "Cache-Control"));
}

/* HEAD announces what GET gives. */
static void test_head(void **state)
{
    hf_answer answer = { .status = 421 };
    const char *end;

    (void)state;
    char *whole = strdup(write_answer(&answer));
    assert_non_null(whole);
    answer.head_only = true;
    end = strstr(whole, "\r\n\r\n") + 4;
    assert_int_equal(strncmp(write_answer(&answer), whole, (size_t)(end - whole)), 0);
    assert_int_equal(strlen(out), (size_t)(end - whole));
    free(whole);
}

/* Whatever words it is given, a page holds no tag of theirs. */
static void test_page(void **state)
{
    hf_answer answer = {
        .status = 400, .what = "<b>\"&", .todo = "</p>", .detail = "<i>", .html = true
    };

    (void)state;
    const char *text = write_answer(&answer);
    assert_non_null(strstr(text, "<p>&lt;b&gt;&quot;&amp; (&lt;i&gt;)</p>\n<p>&lt;/p&gt;</p>"));
    assert_non_null(strstr(text, "Content-Type: text/html; charset=utf-8\r\n"));
    assert_non_null(strstr(text, "Content-Security-Policy: default-src 'none';"));
}

static void test_no_room(void **state)
{
    hf_answer answer = { .status = 502, .html = true };
    size_t len = hf_answer_write(&answer, NOW, out, HF_ANSWER_ROOM);

    (void)state;
    for (size_t room = 1; room < len; room++)
        assert_int_equal(hf_answer_write(&answer, NOW, out, room), 0);
}

static void test_accept(void **state)
{
    static const struct {
        const char *head;
        bool page;
    } rows[] = {
        { "GET / HTTP/1.1\r\nAccept: text/html,*/*\r\n\r\n", true },
        { "GET / HTTP/1.1\r\nX: y\r\nACCEPT:*/*;q=0.1, TEXT/HTML\r\n\r\n", true },
        { "GET / HTTP/1.1\r\nAccept: text/plain\r\n\r\n", false },
        { "GET / HTTP/1.1\r\nX-Accept: text/html\r\n\r\n", false },
        { "GET /text/html HTTP/1.1\r\n\r\n", false },
        { "Accept: text/html", true },
        { "Accept: text/htm", false },
        { "", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(hf_answer_is_page(hf_span_str(rows[i].head)), rows[i].page);
}

/* ---- redirects ---- */

static void test_ports(void **state)
{
    static hf_config_text listen[] = { { .text = "127.0.0.1:8443" }, { .text = "[::]:9443" } };
    hf_proxy_config config = { .listen = { listen, 2 } };

    (void)state;
    assert_int_equal(hf_redirect_port(&config, 8080, 8080), 8443);
    assert_int_equal(hf_redirect_port(&config, 80, 0), 8443);
    assert_int_equal(hf_redirect_port(&config, 80, 80), 8443);
    assert_int_equal(hf_redirect_port(&config, 8080, 0), 443);
    assert_int_equal(hf_redirect_port(&config, 8080, 9999), 443);
    listen[1].text = (char *)(uintptr_t) "0.0.0.0:443";
    assert_int_equal(hf_redirect_port(&config, 80, 0), 443);
}

static void test_hint(void **state)
{
    static hf_head head;
    char words[HF_ANSWER_WORDS];

    (void)state;
    hf_redirect_hint(NULL, words);
    assert_string_equal(words, "Use https:// instead of http:// in the address.");
    read_head("GET / HTTP/1.1\r\nHost: a.test:8443\r\n\r\n", NULL, &head);
    hf_redirect_hint(&head, words);
    assert_string_equal(words, "Use https://a.test:8443/ instead.");
}

/* RFC 6797 8.1.1, and what browsers take for an address. */
static void test_names(void **state)
{
    static const char *const names[] = { "a.test", "1.test", "localhost", "a1", "xn--1" };
    static const char *const none[] = {
        "", "127.0.0.1", "127.1", "1", "[::1]", "0x7f.1", "a.0x1f"
    };

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(hf_host_is_name(hf_span_str(none[i])));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(hf_host_is_name(hf_span_str(names[i])));
}

/* ---- challenges ---- */

static void test_challenge_paths(void **state)
{
    (void)state;
    assert_true(hf_challenge_is_path(hf_span_str("/.well-known/acme-challenge/x")));
    assert_true(hf_challenge_is_path(hf_span_str("/.well-known/acme-challenge/")));
    assert_false(hf_challenge_is_path(hf_span_str("/.well-known/acme-challenge")));
    assert_false(hf_challenge_is_path(hf_span_str("//.well-known/acme-challenge/x")));
    assert_false(hf_challenge_is_path(hf_span_str("")));
}

static bool is_served(const char *folder, const char *path, const char *want)
{
    hf_proxy_config config = { .file = (char *)(uintptr_t) "proxy.yaml",
                               .challenges = { .text = (char *)(uintptr_t)folder } };
    size_t len = 0;
    uint8_t *bytes = hf_challenge_read(&config, hf_span_str(path), &len);
    bool same = bytes && hf_span_equal(hf_span_of(bytes, len), hf_span_str(want));

    hf_free(bytes);
    return same;
}

static void test_challenge_files(void **state)
{
    char folder[] = "/tmp/handfast-challenges-XXXXXX", path[128];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/to-ken_1", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("words", file);
    fclose(file);
    assert_true(is_served(folder, "/.well-known/acme-challenge/to-ken_1", "words"));
    assert_true(is_served(folder, "/.well-known/acme-challenge/to-ken_1?x", "words"));
    assert_false(is_served(folder, "/.well-known/acme-challenge/./to-ken_1", "words"));
    assert_false(is_served(folder, "/.well-known/acme-challenge/to-ken_2", "words"));
    assert_false(is_served(folder, "/.well-known/acme-challenge/", "words"));
    unlink(path);
    rmdir(folder);
}

/* ---- bytes that wait ---- */

static void test_inbox(void **state)
{
    hf_inbox inbox = { .data = NULL };
    uint8_t next_in = 0, next_out = 0;

    (void)state;
    for (unsigned turn = 0; turn < 2000; turn++) {
        uint8_t bytes[97];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = next_in++;
        assert_true(hf_inbox_put(&inbox, hf_span_of(bytes, sizeof bytes)));
        size_t n = turn * 31 % 190;
        n = n < inbox.len ? n : inbox.len;
        for (size_t i = 0; i < n; i++)
            assert_int_equal(hf_inbox_span(&inbox).data[i], next_out++);
        hf_inbox_take(&inbox, n);
    }
    hf_inbox_take(&inbox, inbox.len);
    assert_null(inbox.data);
    assert_int_equal(hf_inbox_span(&inbox).len, 0);
}

static void test_inbox_is_bounded(void **state)
{
    static uint8_t bytes[HF_INBOX_MAX];
    hf_inbox inbox = { .data = NULL };

    (void)state;
    assert_true(hf_inbox_put(&inbox, hf_span_of(bytes, HF_INBOX_MAX - 1)));
    assert_false(hf_inbox_put(&inbox, hf_span_of(bytes, 2)));
    assert_int_equal(inbox.len, HF_INBOX_MAX - 1);
    assert_true(hf_inbox_put(&inbox, hf_span_of(bytes, 1)));
    hf_inbox_clear(&inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_hsts),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_accept),
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_hint),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_challenge_paths),
        cmocka_unit_test(test_challenge_files),
        cmocka_unit_test(test_inbox),
        cmocka_unit_test(test_inbox_is_bounded),
    };

    return cmocka_run_group_tests_name("proxy's own answers", tests, NULL, NULL);
}
