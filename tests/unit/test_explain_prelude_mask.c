/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Credentials before TLS: what of each dialogue is hidden, however it is cut, and that page and JSON without secrets hide it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explain/outputs.h"
#include "explain/prelude_mask.h"

enum { TEXT_MAX = 1024 };

/* "C:" and "S:" begin what one of them says, and the next one ends it. `cut`: bytes an event, 0: all that is said at once. */
static hf_tape *tape_of(const char *dialogue, size_t cut)
{
    hf_tape *tape = hf_tape_new(HF_TAPE_CAPTURE, NULL, NULL);

    assert_non_null(tape);
    for (const char *p = dialogue; *p;) {
        hf_role writer = *p == 'C' ? HF_CLIENT : HF_SERVER;
        const char *c = strstr(p + 2, "\nC:"), *s = strstr(p + 2, "\nS:");
        const char *end = c && (!s || c < s) ? c + 1 : s ? s + 1 : p + strlen(p);
        size_t step = cut > 0 ? cut : (size_t)(end - p);
        for (p += 2; p < end; p += step)
            hf_tape_prelude(tape, writer,
                            hf_span_of(p, (size_t)(end - p) < step ? (size_t)(end - p) : step));
        p = end;
    }
    return tape;
}

static void said(const hf_tape *tape, const hf_prelude_mask *mask, char text[TEXT_MAX])
{
    size_t n = 0, masked, stars = 0, total = 0;

    for (size_t i = 0; i < tape->n; i++) {
        hf_span wire = hf_tape_wire(tape, &tape->events[i]);
        hf_span shown = hf_prelude_shown(mask, wire, &masked);
        assert_int_equal(shown.len, wire.len);
        assert_true(n + shown.len < TEXT_MAX);
        memcpy(text + n, shown.data, shown.len);
        n += shown.len;
        total += masked;
    }
    text[n] = '\0';
    for (size_t i = 0; i < n; i++)
        stars += text[i] == '*';
    assert_true(total <= stars);
}

static void hides(const char *dialogue, const char *wanted)
{
    static const size_t cuts[] = { 0, 1, 7 };
    char text[TEXT_MAX];

    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        hf_tape *tape = tape_of(dialogue, cuts[i]);
        hf_prelude_mask mask;
        assert_int_equal(hf_prelude_mask_start(&mask, tape), HF_OK);
        said(tape, &mask, text);
        assert_string_equal(text, wanted);
        hf_prelude_mask_end(&mask);
        hf_tape_free(tape);
    }
}

static void test_http(void **state)
{
    (void)state;
    hides(
        "C:CONNECT a:443 HTTP/1.1\r\nHost: a\r\nPROXY-authorization: Basic YWxp\r\nAccept: "
        "*\r\n\r\n"
        "S:HTTP/1.1 200 OK\r\nSet-Cookie: id=7\r\n\r\n",
        "CONNECT a:443 HTTP/1.1\r\nHost: a\r\nPROXY-authorization: ***** ****\r\nAccept: *\r\n\r\n"
        "HTTP/1.1 200 OK\r\nSet-Cookie: ****\r\n\r\n");
    hides("C:Authorization:Digest a,\r\n b=c\r\nVia: d\r\n",
          "Authorization:****** **\r\n ***\r\nVia: d\r\n");
    hides("C:GET /authorization: x\r\n", "GET /authorization: x\r\n");
}

static void test_mail(void **state)
{
    (void)state;
    hides("S:220 m\r\nC:EHLO a\r\nC:AUTH PLAIN AGEAYg==\r\nS:235 ok\r\nC:STARTTLS\r\nS:220 go\r\n",
          "220 m\r\nEHLO a\r\nAUTH PLAIN ********\r\n235 ok\r\nSTARTTLS\r\n220 go\r\n");
    hides("C:auth  login\r\nS:334 VXNl\r\nC:YWxp\r\nS:334 UGFz\r\nC:aHVu\r\nS:535 "
          "no\r\nC:STARTTLS\r\n",
          "auth  login\r\n334 VXNl\r\n****\r\n334 UGFz\r\n****\r\n535 no\r\nSTARTTLS\r\n");
    hides("C:AUTH LOGIN\r\nYWxp\r\naHVu\r\nS:334 VXNl\r\n334 UGFz\r\n235 ok\r\nC:QUIT\r\n",
          "AUTH LOGIN\r\n****\r\n****\r\n334 VXNl\r\n334 UGFz\r\n235 ok\r\nQUIT\r\n");
    hides("C:a1 LOGIN me \"my word\"\r\nS:* OK wait\r\na1 NO\r\nC:a2 STARTTLS\r\n",
          "a1 LOGIN ************\r\n* OK wait\r\na1 NO\r\na2 STARTTLS\r\n");
    hides("C:USER me\r\nS:+OK\r\nC:PASS a b\r\nS:+OK\r\nC:STLS\r\n",
          "USER **\r\n+OK\r\nPASS ***\r\n+OK\r\nSTLS\r\n");
}

static void test_literals(void **state)
{
    (void)state;
    hides("C:a1 LOGIN {2}\r\nS:+ go\r\nC:me {3}\r\nS:+\r\nC:abc\r\nS:a1 OK\r\nC:a2 STARTTLS\r\n",
          "a1 LOGIN ***\r\n+ go\r\n******\r\n+\r\n***\r\na1 OK\r\na2 STARTTLS\r\n");
    hides("C:a1 LOGIN {2+}\r\nme {3+}\r\nabc\r\nS:a1 OK\r\nC:a2 STARTTLS\r\n",
          "a1 LOGIN ****\r\n*******\r\n***\r\na1 OK\r\na2 STARTTLS\r\n");
    hides("C:a1 AUTHENTICATE PLAIN AGEA\r\nS:a1 OK\r\nC:a2 NOOP\r\n",
          "a1 AUTHENTICATE PLAIN ****\r\na1 OK\r\na2 NOOP\r\n");
}

static void test_others(void **state)
{
    (void)state;
    hides("C:AUTH TLS\r\nS:234 go\r\n", "AUTH TLS\r\n234 go\r\n");
    hides("C:AUTHINFO USER me\r\nS:381 more\r\nC:AUTHINFO PASS x\r\nS:281\r\nC:STARTTLS\r\n",
          "AUTHINFO USER **\r\n381 more\r\nAUTHINFO PASS *\r\n281\r\nSTARTTLS\r\n");
    hides("C:AUTHENTICATE \"PLAIN\" \"AGEA\"\r\nS:OK\r\nC:STARTTLS\r\n",
          "AUTHENTICATE **************\r\nOK\r\nSTARTTLS\r\n");
    hides("S:user me\r\nC:users of all kinds\r\n", "user me\r\nusers of all kinds\r\n");
}

/* RFC 1929; a method 0A makes the dialogue one that tape_of can cut. */
static void test_socks(void **state)
{
    (void)state;
    hides("C:\x05\x02\x02\nS:\x05\x02\nC:\x01\x02me\x03"
          "abc\x05\x01\x03\x01z\x01\xbb",
          "\x05\x02\x02\n\x05\x02\n\x01\x02**\x03"
          "***\x05\x01\x03\x01z\x01\xbb");
    hides("C:\x05\x01\nS:\x05\nC:\x05\x01\x01me", "\x05\x01\n\x05\n\x05\x01\x01me");
}

/* ---- outputs ---- */

static char *shown(const hf_tape *tape, bool page, bool secrets)
{
    hf_story *story = hf_story_of(tape);
    hf_sheet sheet = { 0 };
    hf_show show = { .secrets = secrets };

    assert_non_null(story);
    assert_int_equal(page ? hf_show_page(story, &show, &sheet) : hf_show_json(story, &show, &sheet),
                     HF_OK);
    hf_story_free(story);
    return sheet.text; /* hf_free */
}

static const char proxy[] = "C:CONNECT a:443 HTTP/1.1\r\nProxy-Authorization: Basic HUNTER2\r\n\r\n"
                            "S:HTTP/1.1 200 OK\r\n\r\n";

static void test_the_page_hides_them(void **state)
{
    hf_tape *tape = tape_of(proxy, 0);
    char *page = shown(tape, true, false), *open = shown(tape, true, true);

    (void)state;
    assert_null(strstr(page, "HUNTER2"));
    assert_non_null(strstr(page, "Proxy-Authorization: ***** *******"));
    assert_non_null(strstr(page, "12 of these bytes were credentials"));
    assert_non_null(strstr(open, "Basic HUNTER2"));
    assert_null(strstr(open, "were credentials"));
    hf_free(page);
    hf_free(open);
    hf_tape_free(tape);
}

static void test_json_hides_them_and_is_read_back(void **state)
{
    static const char hunter[] = "48554e54455232";
    hf_tape *tape = tape_of(proxy, 0), *again = NULL;
    char *json = shown(tape, false, false), *open = shown(tape, false, true);
    char why[HF_WHY_ROOM];

    (void)state;
    assert_null(strstr(json, hunter));
    assert_non_null(strstr(json, "\"masked\": 12"));
    assert_non_null(strstr(open, hunter));
    assert_null(strstr(open, "\"masked\""));
    assert_int_equal(hf_tape_from_json(hf_span_str(json), &again, why), HF_OK);
    char *same = shown(again, false, false);
    assert_string_equal(json, same);
    hf_free(json);
    hf_free(open);
    hf_free(same);
    hf_tape_free(again);
    hf_tape_free(tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http),
        cmocka_unit_test(test_mail),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_socks),
        cmocka_unit_test(test_the_page_hides_them),
        cmocka_unit_test(test_json_hides_them_and_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
