/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The page as text: whatever a peer or a file says, its markup is the same, it is UTF-8, and nothing in it is hidden or turned
 * around; secrets are left out; it stays small. What a browser makes of it: tests/interop/test_page.py.
 */
#include "crypto_support.h"

#include <stdio.h>

#include "explain/outputs.h"
#include "support/pair.h"
#include "wire/wire.h"

/* ---- the sheet ---- */

static void test_a_sheet_grows(void **state)
{
    hf_sheet sheet = { 0 };

    (void)state;
    hf_sheet_put(&sheet, "");
    assert_string_equal(sheet.text, "");
    for (unsigned i = 0; i < 5000; i++)
        hf_sheet_add(&sheet, "%u%%%s", i % 10, "x");
    assert_int_equal(sheet.len, 15000);
    assert_int_equal(strlen(sheet.text), 15000);
    assert_memory_equal(sheet.text + 14997, "9%x", 4);
    hf_sheet_bytes(&sheet, "\0a", 2);
    assert_int_equal(sheet.len, 15002);
    hf_sheet_free(&sheet);
    assert_null(sheet.text);
}

/* The first failure sticks, and the text stays as it was. */
static void test_a_sheet_has_an_end(void **state)
{
    hf_sheet sheet = { 0 };
    size_t size = (size_t)HF_SHEET_MAX / 2;
    char *much = calloc(1, size);

    (void)state;
    hf_sheet_bytes(&sheet, much, size);
    hf_sheet_bytes(&sheet, much, size - 1);
    assert_int_equal(sheet.error, HF_OK);
    hf_sheet_put(&sheet, "x");
    assert_int_equal(sheet.error, HF_E_LIMIT);
    assert_int_equal(sheet.len, HF_SHEET_MAX - 1);
    hf_sheet_put(&sheet, "");
    assert_int_equal(sheet.error, HF_E_LIMIT);
    hf_sheet_free(&sheet);
    assert_int_equal(sheet.error, HF_OK);
    free(much);
}

/* ---- tapes ---- */

static void add_record(hf_tape *tape, hf_role writer, uint8_t type, uint8_t epoch, hf_span content)
{
    uint8_t *wire = calloc(1, content.len + 5);
    hf_tape_event event = { .kind = HF_TAPE_RECORD,
                            .writer = (uint8_t)writer,
                            .content_type = type,
                            .epoch = epoch,
                            .opened = true };

    wire[0] = epoch > 1 ? HF_CT_APPLICATION_DATA : type;
    wire[1] = wire[2] = 3;
    wire[3] = (uint8_t)(content.len >> 8);
    wire[4] = (uint8_t)content.len;
    if (content.len > 0)
        memcpy(wire + 5, content.data, content.len);
    assert_true(hf_tape_add(tape, &event, hf_span_of(wire, content.len + 5), content));
    free(wire);
}

/* A ClientHello that asks for that name and that protocol. */
static void add_hello(hf_tape *tape, hf_span name, hf_span protocol)
{
    static const uint8_t suites[] = { 0x13, 0x01 }, null_method[] = { 0 };
    uint8_t room[2048], list[260] = { (uint8_t)protocol.len };
    hf_client_hello hello = { .legacy_version = HF_TLS12,
                              .cipher_suites = hf_span_of(suites, 2),
                              .legacy_compression_methods = hf_span_of(null_method, 1),
                              .has_extensions = true };
    hf_wire w = { .writer = HF_CLIENT };
    hf_span message;

    memcpy(list + 1, protocol.data, protocol.len);
    hello.ext.present =
        HF_EXT_BIT(server_name) | HF_EXT_BIT(application_layer_protocol_negotiation);
    hello.ext.host_name = name;
    hello.ext.alpn = hf_span_of(list, protocol.len + 1);
    hf_builder b = hf_wr_start(room, sizeof room);
    hf_wr_u8(&b, 1);
    hf_wr_open24(&b);
    hf_client_hello_write(&b, &w, &hello);
    hf_wr_close(&b);
    assert_int_equal(hf_wr_finish(&b, &message), HF_OK);
    add_record(tape, HF_CLIENT, HF_CT_HANDSHAKE, 1, message);
}

static void set(char *to, size_t room, hf_span text)
{
    size_t n = text.len < room ? text.len : room - 1;
    memcpy(to, text.data, n);
    to[n] = '\0';
}
#define SET(to, text) set(to, sizeof(to), text)

/* All places of a tape that somebody else may write to hold that text. */
static hf_tape *tape_saying(hf_span text)
{
    hf_tape *tape = hf_tape_new(HF_TAPE_CLIENT, NULL, NULL);

    assert_non_null(tape);
    SET(tape->target, text);
    SET(tape->client, text);
    SET(tape->server, text);
    SET(tape->program, text);
    SET(tape->origin, text);
    add_hello(tape, text, text);
    hf_tape_prelude(tape, HF_SERVER, text);
    tape->failed = true;
    tape->failure = (hf_failure){ .code = HF_E_CERT_NAME,
                                  .side = HF_SERVER,
                                  .step = "ClientHello",
                                  .message = "ClientHello",
                                  .offset = 4,
                                  .alert = 42 };
    SET(tape->failure.field, text);
    SET(tape->failure.rule, text);
    SET(tape->failure.expected, text);
    SET(tape->failure.offered, text);
    hf_tape_check *check = hf_tape_check_add(tape);
    assert_non_null(check);
    SET(check->rule, text);
    SET(check->detail, text);
    SET(check->source, text);
    hf_tape_note(tape, "%.*s", (int)text.len, (const char *)text.data);
    return tape;
}

static hf_sheet page_of(const hf_tape *tape, bool secrets)
{
    hf_story *story = hf_story_of(tape);
    hf_show show = { .secrets = secrets };
    hf_sheet sheet = { 0 };

    assert_non_null(story);
    assert_int_equal(hf_show_page(story, &show, &sheet), HF_OK);
    hf_story_free(story);
    return sheet;
}

static size_t count(const hf_sheet *sheet, char what)
{
    size_t n = 0;

    for (size_t i = 0; i < sheet->len; i++)
        n += sheet->text[i] == what;
    return n;
}

/* ---- what peers say ---- */

/* Of the same length as `plain`, as the page's structure depends on lengths. */
static void assert_only_text(hf_span hostile)
{
    uint8_t plain[64];
    hf_tape *tapes[2];
    hf_sheet page[2];

    memset(plain, 'a', hostile.len);
    tapes[0] = tape_saying(hf_span_of(plain, hostile.len));
    tapes[1] = tape_saying(hostile);
    for (int i = 0; i < 2; i++)
        page[i] = page_of(tapes[i], false);
    for (const char *mark = "<>\"="; *mark; mark++)
        if (*mark != '=' || !memchr(hostile.data, '=', hostile.len))
            assert_int_equal(count(&page[0], *mark), count(&page[1], *mark));
    for (size_t i = 0; i < page[1].len; i++)
        if ((uint8_t)page[1].text[i] < 0x20)
            assert_int_equal(page[1].text[i], '\n');
    for (int i = 0; i < 2; i++) {
        hf_sheet_free(&page[i]);
        hf_tape_free(tapes[i]);
    }
}

static void test_markup_is_text(void **state)
{
    static const char *const hostile[] = { "<script>alert(1)</script>",
                                           "\"><img src=x onerror=alert(1)>",
                                           "' onclick='alert(1)",
                                           "</style><b>",
                                           "</title><b>",
                                           "]]>--><!--",
                                           "&lt;b&gt;",
                                           "%s%n%z%u" };

    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        assert_only_text(hf_span_str(hostile[i]));
}

/* RFC 3629; and what turns or hides text (Unicode's bidirectional controls, zero widths, tags). */
static void test_bytes_that_are_no_plain_text(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *shown;
    } odd[] = {
        { "a\xe2\x80\xae"
          "b",
          5, "a\\u202eb" },
        { "a\xe2\x81\xa6"
          "b",
          5, "a\\u2066b" },
        { "a\xe2\x80\x8b"
          "b",
          5, "a\\u200bb" },
        { "a\xef\xbb\xbf"
          "b",
          5, "a\\ufeffb" },
        { "a\xd8\x9c"
          "b",
          4, "a\\u061cb" },
        { "a\x7f"
          "b",
          3, "a\\x7fb" },
        { "a\x1b[2J", 5, "a\\x1b[2J" },
        { "a\xff"
          "b",
          3, "a\\xffb" },
        { "a\xc0\xaf"
          "b",
          4, "a\\xc0\\xafb" },
        { "a\xed\xa0\x80"
          "b",
          5, "a\\xed\\xa0\\x80b" },
        { "a\xe2\x80", 3, "a\\xe2\\x80" },
        { "a\xf4\x90\x80\x80", 5, "a\\xf4\\x90\\x80\\x80" },
        { "a\xc2\x85"
          "b",
          4, "a\\x85b" },
        { "a\xf3\xa0\x81\x81", 5, "a\\ue0041" },
        { "\xc3\xa4\xe6\x97\xa5", 5, "\xc3\xa4\xe6\x97\xa5" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        hf_tape *tape = tape_saying(hf_span_of(odd[i].bytes, odd[i].len));
        hf_sheet page = page_of(tape, false);
        char heading[128];
        snprintf(heading, sizeof heading, "<h1>%s</h1>", odd[i].shown);
        if (!strstr(page.text, heading))
            fail_msg("row %zu: no %s", i, heading);
        hf_sheet_free(&page);
        hf_tape_free(tape);
        assert_only_text(hf_span_of(odd[i].bytes, odd[i].len));
    }
}

static void test_every_byte_in_a_name(void **state)
{
    uint8_t name[32];

    (void)state;
    for (unsigned first = 0; first < 256; first += sizeof name) {
        for (unsigned i = 0; i < sizeof name; i++)
            name[i] =
                (uint8_t)(first + (i ^ (first == 0))); /* a text that begins with NUL is empty */
        assert_only_text(hf_span_of(name, sizeof name));
    }
}

/* ---- what is long ---- */

static void test_many_records(void **state)
{
    hf_tape *tape = tape_saying(hf_span_str("example.test"));
    static const uint8_t byte[1] = { 'x' };

    (void)state;
    for (unsigned i = 0; i < 4000; i++)
        add_record(tape, (hf_role)(i % 2), HF_CT_APPLICATION_DATA, HF_APP, hf_span_of(byte, 1));
    hf_sheet page = page_of(tape, false);
    assert_true(page.len < 1 << 20);
    assert_non_null(strstr(page.text, "steps are left out of this page"));
    assert_non_null(strstr(page.text, "more records are left out"));
    assert_null(strstr(page.text, "id=\"m1000\""));
    hf_sheet_free(&page);
    hf_tape_free(tape);
}

/* Messages of nothing but small fields, as many as a tape takes. */
static void test_many_fields(void **state)
{
    hf_tape *tape = hf_tape_new(HF_TAPE_CAPTURE, NULL, NULL);
    static uint8_t message[16000];

    (void)state;
    memset(message, 0, sizeof message);
    message[0] = 1;
    message[2] = (uint8_t)((sizeof message - 4) >> 8);
    message[3] = (uint8_t)(sizeof message - 4);
    size_t rest = sizeof message - 4 - 2 - 32 - 1 - 4 - 2;
    uint8_t *p = message + 4 + 2 + 32 + 1;
    memcpy(p, (uint8_t[]){ 0, 2, 0x13, 1, 1, 0 }, 6);
    p[6] = (uint8_t)((rest - 2) >> 8);
    p[7] = (uint8_t)(rest - 2);
    for (unsigned i = 0; i < 120; i++)
        add_record(tape, HF_CLIENT, HF_CT_HANDSHAKE, 1, hf_span_of(message, sizeof message));
    hf_sheet page = page_of(tape, false);
    assert_true(page.len < 24 << 20);
    hf_sheet_free(&page);
    hf_tape_free(tape);
}

/* ---- secrets ---- */

static void test_secrets_stay_away(void **state)
{
    hf_tape *tape = tape_saying(hf_span_str("example.test"));
    hf_tape_secret secret = { .label = "CLIENT_HANDSHAKE_TRAFFIC_SECRET", .len = 32 };

    (void)state;
    memset(secret.secret, 0xc5, 32);
    assert_true(hf_tape_add_secret(tape, &secret));
    hf_sheet page = page_of(tape, false);
    assert_null(strstr(page.text, "c5 c5 c5 c5"));
    assert_null(strstr(page.text, "c5c5c5c5"));
    assert_null(strstr(page.text, "Secrets are shown"));
    hf_sheet_free(&page);
    page = page_of(tape, true);
    assert_non_null(strstr(page.text, "Secrets are shown"));
    hf_sheet_free(&page);
    hf_tape_free(tape);
}

/* ---- what could others read ---- */

static const char *section_of(const hf_sheet *page, const char *id)
{
    const char *at = strstr(page->text, id);

    assert_non_null(at);
    return at;
}

/* A hello alone: its name and its offers are in the clear, there is nothing that is hidden, and nothing of the server's. */
static void test_others_read_a_hello(void **state)
{
    hf_tape *tape = hf_tape_new(HF_TAPE_CAPTURE, NULL, NULL);

    (void)state;
    snprintf(tape->client, sizeof tape->client, "192.0.2.1:1");
    snprintf(tape->server, sizeof tape->server, "192.0.2.2:443");
    add_hello(tape, hf_span_str("example.test"), hf_span_str("h2"));
    hf_sheet page = page_of(tape, false);
    const char *section = section_of(&page, "<section id=\"eavesdropper\"");
    assert_non_null(strstr(section, "<td>192.0.2.1:1 and 192.0.2.2:443</td>"));
    assert_non_null(strstr(section, "(SNI)</th><td>example.test</td>"));
    assert_non_null(strstr(section, "(ALPN)</th><td>h2</td>"));
    assert_non_null(strstr(section, "Nothing was hidden"));
    assert_null(strstr(section, "The server&#39;s certificate</th>"));
    assert_non_null(strstr(page.text, "example.test, the offers, lengths, times and addresses"));
    hf_sheet_free(&page);
    hf_tape_free(tape);
}

/* RFC 5246 A.5: TLS_RSA_WITH_NULL_SHA protects against change alone. */
static void test_others_read_what_is_not_encrypted(void **state)
{
    hf_tape *tape = hf_tape_new(HF_TAPE_CAPTURE, NULL, NULL);
    /* A random of zeros, no session id, suite 0x0002 in bytes 39 and 40. */
    static const uint8_t hello[42] = { 2, 0, 0, 38, 3, 3, [40] = 2 };

    (void)state;
    add_hello(tape, hf_span_str("example.test"), hf_span_str("h2"));
    add_record(tape, HF_SERVER, HF_CT_HANDSHAKE, 1, hf_span_of(hello, sizeof hello));
    add_record(tape, HF_CLIENT, HF_CT_APPLICATION_DATA, HF_APP, hf_span_str("hello"));
    for (size_t i = 0; i < tape->n; i++)
        tape->events[i].cipher_suite = i > 1 ? 2 : 0;
    hf_sheet page = page_of(tape, false);
    const char *section = section_of(&page, "<section id=\"eavesdropper\"");
    const char *data = strstr(section, "data</th><td>this cipher suite protects against change");
    const char *hidden = strstr(section, "They could not read");
    assert_non_null(data);
    assert_true(!hidden || data < hidden);
    assert_non_null(strstr(page.text, "all data, lengths, times and addresses"));
    hf_sheet_free(&page);
    hf_tape_free(tape);
}

/* ---- checks ---- */

/* What nothing was there to tell of has no tick. The anchor's name stands in its heading. */
static void test_what_is_not_known_is_not_good(void **state)
{
    hf_tape *tape = tape_saying(hf_span_str("example.test"));
    hf_tape_check *check = hf_tape_check_add(tape);

    (void)state;
    check->kept = check->unknown = true;
    snprintf(check->rule, sizeof check->rule, "it has not been revoked");
    snprintf(check->detail, sizeof check->detail, HF_FOUND_NOTHING "there is no CRL");
    hf_sheet page = page_of(tape, false);
    assert_non_null(strstr(page.text, "<li class=\"unknown\"><svg aria-hidden=\"true\"><use "
                                      "href=\"#i-dots\"/></svg><span><span class=\"sr\">Not "
                                      "checked: </span>it has not been revoked<small>not checked: "
                                      "there is no CRL</small>"));
    assert_null(strstr(page.text, "<li class=\"kept\">"));
    hf_sheet_free(&page);
    hf_tape_free(tape);
}

/* ---- faults ---- */

static void failed_so(hf_error code, hf_role side, const char *said)
{
    hf_tape *tape = tape_saying(hf_span_str("x"));

    tape->failure.code = code;
    tape->failure.side = side;
    tape->failure.blame = hf_error_row_of(code)->blame;
    hf_sheet page = page_of(tape, false);
    const char *box = section_of(&page, "<div class=\"outcome bad\">");
    if (!strstr(box, said))
        fail_msg("%s: not said: %s", hf_error_row_of(code)->name, said);
    assert_true(strstr(box, "</dl>") &&
                (!strstr(box, " peer") || strstr(box, " peer") > strstr(box, "</dl>")));
    hf_sheet_free(&page);
    hf_tape_free(tape);
}

/* The end that noticed tells who "the peer" of errors.def is; an unknown CA is not just the peer's fault. */
static void test_a_fault_names_the_ends(void **state)
{
    (void)state;
    failed_so(HF_E_NOT_TLS, HF_CLIENT, "The server does not speak TLS here. ");
    failed_so(HF_E_NOT_TLS, HF_SERVER, "The client does not speak TLS here. ");
    failed_so(HF_E_CERT_UNKNOWN_CA, HF_CLIENT,
              "<dt>Whose fault</dt><dd>Either this client does not trust the CA (yet), or the "
              "server did not send an intermediate.</dd><dt>What to do</dt>");
    failed_so(HF_E_CERT_SELF_SIGNED, HF_CLIENT, "Either this client does not trust");
    failed_so(HF_E_CERT_EXPIRED, HF_SERVER, "<dt>Whose fault</dt><dd>The client's.</dd>");
}

/* The field and its bytes are marked, in what could not be read and in what was refused by its content. */
static void test_a_fault_is_marked(void **state)
{
    hf_tape *tape = tape_saying(hf_span_str("example.test"));
    static const uint8_t broken[] = { 1, 0, 0, 6, 3, 3, 1, 2, 3, 4 };

    (void)state;
    hf_sheet page = page_of(tape, false); /* offset 4: legacy_version */
    assert_non_null(
        strstr(page.text, "class=wrong><summary><span class=\"n\">legacy_version</span>"));
    assert_non_null(strstr(page.text, "class=wrong>03 03 </span>"));
    hf_sheet_free(&page);
    add_record(tape, HF_CLIENT, HF_CT_HANDSHAKE, 1, hf_span_of(broken, sizeof broken));
    page = page_of(tape, false);
    assert_non_null(strstr(page.text, "class=wrong>01 02 03 04 </span>"));
    hf_sheet_free(&page);
    hf_tape_free(tape);
}

/* ---- stories without much in them ---- */

static void test_an_empty_tape(void **state)
{
    (void)state;
    for (int side = HF_TAPE_CLIENT; side <= HF_TAPE_CAPTURE; side++)
        for (int failed = 0; failed < 2; failed++) {
            hf_tape *tape = hf_tape_new((hf_tape_side)side, NULL, NULL);
            tape->failed = failed;
            tape->failure = (hf_failure){
                .code = HF_E_TRUNCATED, .step = "ServerHello", .offset = -1, .alert = HF_ALERT_none
            };
            hf_sheet page = page_of(tape, true);
            assert_non_null(strstr(page.text, "</html>"));
            hf_sheet_free(&page);
            hf_tape_free(tape);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sheet_grows),
        cmocka_unit_test(test_a_sheet_has_an_end),
        cmocka_unit_test(test_markup_is_text),
        cmocka_unit_test(test_bytes_that_are_no_plain_text),
        cmocka_unit_test(test_every_byte_in_a_name),
        cmocka_unit_test(test_many_records),
        cmocka_unit_test(test_many_fields),
        cmocka_unit_test(test_secrets_stay_away),
        cmocka_unit_test(test_others_read_a_hello),
        cmocka_unit_test(test_others_read_what_is_not_encrypted),
        cmocka_unit_test(test_what_is_not_known_is_not_good),
        cmocka_unit_test(test_a_fault_names_the_ends),
        cmocka_unit_test(test_a_fault_is_marked),
        cmocka_unit_test(test_an_empty_tape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
