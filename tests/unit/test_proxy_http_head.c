/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Heads of HTTP/1.1, as a gateway must read them: what is refused, with which status and words, in whatever pieces it comes; what good
 * ones mean; responses; the limits, at them and one past them; paths that a rule protects.
 */
#include "unit/proxy_support.h"

typedef struct row {
    const char *name, *bytes;
    size_t len;
    unsigned status;
    const char *why;
} row;

static const row refused[] = {
#define ROW(name, bytes, status, why) { name, bytes, sizeof(bytes) - 1, status, why },
#include "unit/proxy_head_rows.h"
#undef ROW
};
enum { REFUSED = sizeof refused / sizeof *refused };

/* ---- requests that are refused ---- */

/* What the two readers say together. False: refused. */
static bool judge(hf_span bytes, const hf_head *request, hf_head *head, hf_head_fault *fault)
{
    hf_head_length(bytes, HF_HEAD_BYTES_MAX, request != NULL, fault);
    return fault->status == 0 && hf_head_read(bytes, request, head, fault);
}

static void test_refused(void **state)
{
    static hf_head head;
    hf_head_fault fault;

    (void)state;
    assert_true(REFUSED >= 100);
    for (size_t i = 0; i < REFUSED; i++) {
        const row *r = &refused[i];
        bool good = judge(tight(r->bytes, r->len), NULL, &head, &fault);
        if (good || fault.status != r->status || strcmp(fault.why, r->why) != 0)
            fail_msg("%s: %u \"%s\", not %u \"%s\"", r->name, fault.status,
                     fault.why ? fault.why : "good", r->status, r->why);
        assert_true(fault.offset <= r->len);
    }
}

/* A name stands for one row. */
static void test_rows_differ(void **state)
{
    (void)state;
    for (size_t i = 0; i < REFUSED; i++)
        for (size_t k = i + 1; k < REFUSED; k++) {
            assert_string_not_equal(refused[i].name, refused[k].name);
            assert_false(hf_span_equal(hf_span_of(refused[i].bytes, refused[i].len),
                                       hf_span_of(refused[k].bytes, refused[k].len)));
        }
}

/* Of every part: nothing yet, or what is said of the whole. */
static void test_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < REFUSED; i++) {
        const row *r = &refused[i];
        hf_head_fault whole, part;
        size_t length = hf_head_length(tight(r->bytes, r->len), HF_HEAD_BYTES_MAX, false, &whole);
        for (size_t n = 0; n <= r->len; n++) {
            size_t got = hf_head_length(tight(r->bytes, n), HF_HEAD_BYTES_MAX, false, &part);
            bool more = got == 0 && part.status == 0;
            bool same = got == length && part.status == whole.status && part.why == whole.why &&
                        part.offset == whole.offset;
            if (!more && !same)
                fail_msg("%s: %zu bytes", r->name, n);
        }
    }
}

/* Who forgets to ask for the length first gets no other answer than a refusal. */
static void test_read_alone_refuses_too(void **state)
{
    static hf_head head;
    hf_head_fault fault;

    (void)state;
    for (size_t i = 0; i < REFUSED; i++)
        if (hf_head_read(tight(refused[i].bytes, refused[i].len), NULL, &head, &fault) ||
            fault.status == 0)
            fail_msg("%s", refused[i].name);
}

/* ---- requests that are good ---- */

static void test_plain(void **state)
{
    static hf_head h;
    size_t at = 0;
    hf_span value;

    (void)state;
    read_head("GET /a/b?c=d HTTP/1.1\r\nHost: A.test:8443\r\nX:\t y z \t\r\nx: \r\n\r\n", NULL, &h);
    assert_false(h.response);
    assert_span(h.method, "GET");
    assert_span(h.target, "/a/b?c=d");
    assert_span(h.path, "/a/b?c=d");
    assert_span(h.host, "A.test");
    assert_int_equal(h.port, 8443);
    assert_int_equal(h.minor, 1);
    assert_int_equal(h.n_fields, 3);
    assert_true(h.keep_alive && !h.upgrade && !h.expects_continue && !h.last_hop);
    assert_int_equal(h.framing, HF_BODY_NONE);
    assert_true(hf_head_next(&h, "X", &at, &value));
    assert_span(value, "y z");
    assert_true(hf_head_next(&h, "x", &at, &value));
    assert_span(value, "");
    assert_false(hf_head_next(&h, "x", &at, &value));
}

static void test_an_empty_line_first(void **state)
{
    static hf_head h;

    (void)state;
    read_head("\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n", NULL, &h);
    assert_span(h.method, "GET");
}

static void test_targets(void **state)
{
    static const struct {
        const char *head, *path, *host;
        unsigned port;
    } rows[] = {
        { "GET //x//y HTTP/1.1\r\nHost: a.test", "//x//y", "a.test", 0 },
        { "GET /%41%2f?%zz\\ HTTP/1.1\r\nHost: a.test.", "/%41%2f?%zz\\", "a.test", 0 },
        { "GET /{a}|b HTTP/1.1\r\nHost: 192.0.2.1:80", "/{a}|b", "192.0.2.1", 80 },
        { "GET / HTTP/1.1\r\nHost: [2001:db8::1]", "/", "[2001:db8::1]", 0 },
        { "GET / HTTP/1.1\r\nHost: [::ffff:192.0.2.1]:65535", "/", "[::ffff:192.0.2.1]", 65535 },
        { "GET / HTTP/1.1\r\nHost: my_host", "/", "my_host", 0 },
        { "GET /~me/a%20b%01 HTTP/1.1\r\nHost: a.test", "/~me/a%20b%01", "a.test", 0 },
        { "GET http://a.test/x HTTP/1.1\r\nHost: A.TEST", "/x", "a.test", 0 },
        { "GET HTTPS://a.test:443/x?y HTTP/1.1\r\nHost: a.test", "/x?y", "a.test", 443 },
        { "GET http://a.test HTTP/1.1\r\nHost: a.test:80", "/", "a.test", 0 },
        { "GET http://a.test/x HTTP/1.0\r\nX: y", "/x", "a.test", 0 },
        { "OPTIONS * HTTP/1.1\r\nHost: a.test", "*", "a.test", 0 },
        { "OPTIONS http://a.test HTTP/1.1\r\nHost: a.test", "*", "a.test", 0 },
        { "OPTIONS http://a.test/ HTTP/1.1\r\nHost: a.test", "/", "a.test", 0 },
        { "GET / HTTP/1.0\r\nX: y", "/", "", 0 },
        { "M-SEARCH / HTTP/1.1\r\nHost: a.test", "/", "a.test", 0 },
    };
    static hf_head h;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s\r\n\r\n", rows[i].head);
        read_head(text, NULL, &h);
        assert_span(h.path, rows[i].path);
        assert_span(h.host, rows[i].host);
        assert_int_equal(h.port, rows[i].port);
    }
}

static void test_bodies(void **state)
{
    static hf_head h;

    (void)state;
    read_head("POST / HTTP/1.1\r\nHost: a.test\r\ncontent-LENGTH:  4611686018427387904\t\r\n\r\n",
              NULL, &h);
    assert_int_equal(h.framing, HF_BODY_LENGTH);
    assert_true(h.length == (uint64_t)1 << 62);
    read_head("POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n", NULL, &h);
    assert_int_equal(h.framing, HF_BODY_LENGTH);
    assert_int_equal(h.length, 0);
    read_head("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: Chunked\r\n\r\n", NULL, &h);
    assert_int_equal(h.framing, HF_BODY_CHUNKED);
    read_head("GET / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\n", NULL, &h);
    assert_int_equal(h.framing, HF_BODY_LENGTH);
}

static void test_persistence(void **state)
{
    static const struct {
        const char *fields;
        unsigned minor;
        bool keep;
    } rows[] = {
        { "", 1, true },
        { "", 0, false },
        { "Connection: close\r\n", 1, false },
        { "Connection: x, Close\r\n", 1, false },
        { "Connection: keep-alive\r\n", 0, true },
        { "Connection: Keep-Alive, ,x\r\n", 0, true },
        { "Connection: keep-alive\r\nConnection: close\r\n", 1, false },
        { "Connection: keep-alive, close\r\n", 0, false },
        { "Connection:\r\n", 1, true },
        { "Proxy-Connection: close\r\n", 1, true },
    };
    static hf_head h;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        snprintf(text, sizeof text, "GET / HTTP/1.%u\r\nHost: a.test\r\n%s\r\n", rows[i].minor,
                 rows[i].fields);
        read_head(text, NULL, &h);
        assert_int_equal(h.keep_alive, rows[i].keep);
    }
}

static void test_expect(void **state)
{
    static hf_head h;

    (void)state;
    read_head(
        "POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n",
        NULL, &h);
    assert_true(h.expects_continue);
    read_head("GET / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\n\r\n", NULL, &h);
    assert_false(h.expects_continue); /* for nothing */
    read_head("POST / HTTP/1.0\r\nExpect: whatever\r\nContent-Length: 1\r\n\r\n", NULL, &h);
    assert_false(h.expects_continue); /* RFC 9110 10.1.1 */
}

static void test_upgrade(void **state)
{
    static const struct {
        const char *fields;
        bool upgrade;
    } rows[] = {
        { "Connection: Upgrade\r\nUpgrade: websocket\r\n", true },
        { "Connection: keep-alive, upgrade\r\nUpgrade: WebSocket/13\r\n", true },
        { "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n", false },
        { "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n", false },
        { "Connection: Upgrade\r\nUpgrade: HTTP/2.0\r\n", false },
        { "Connection: Upgrade\r\nUpgrade: TLS/1.2\r\n", false },
        { "Connection: Upgrade\r\nUpgrade:\r\n", false },
        { "Connection: Upgrade\r\nUpgrade: websocket/\r\n", false },
        { "Connection: Upgrade\r\n", false },
    };
    static hf_head h;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a.test\r\n%s\r\n", rows[i].fields);
        read_head(text, NULL, &h);
        assert_int_equal(h.upgrade, rows[i].upgrade);
        assert_int_equal(h.protocol.len > 0, rows[i].upgrade);
    }
    read_head("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", NULL, &h);
    assert_false(h.upgrade); /* RFC 9110 7.8: of HTTP/1.0 it is ignored */
}

static void test_last_hop(void **state)
{
    static hf_head h;

    (void)state;
    read_head("OPTIONS / HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 0\r\n\r\n", NULL, &h);
    assert_true(h.last_hop);
    read_head("OPTIONS / HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 10\r\n\r\n", NULL, &h);
    assert_false(h.last_hop);
    read_head("GET / HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 0\r\n\r\n", NULL, &h);
    assert_false(h.last_hop);
}

static void assert_elements(const char *list, const char *wanted)
{
    hf_span rest = hf_span_str(list), element;
    char got[64] = "";

    while (hf_list_next(&rest, &element)) {
        strncat(got, (const char *)element.data, element.len);
        strcat(got, "|");
    }
    assert_string_equal(got, wanted);
}

/* Empty elements are none, blanks around one are not its own (RFC 9110 5.6.1.2). */
static void test_lists(void **state)
{
    (void)state;
    assert_elements("a, Upgrade", "a|Upgrade|");
    assert_elements(",,\tupgrade ,", "upgrade|");
    assert_elements("x upgrade", "x upgrade|");
    assert_elements(" ,", "");
    assert_elements("", "");
}

/* ---- limits ---- */

static void assert_fault(hf_span bytes, size_t max, bool response, unsigned status, const char *why)
{
    hf_head_fault fault;

    assert_int_equal(hf_head_length(bytes, max, response, &fault), 0);
    assert_int_equal(fault.status, status);
    if (why)
        assert_string_equal(fault.why, why);
}

static void test_long_lines(void **state)
{
    static char text[2 * HF_HEAD_START_MAX];
    hf_head_fault fault;
    static hf_head head;

    (void)state;
    memset(text, 'a', sizeof text);
    memcpy(text, "GET /", 5);
    assert_fault(hf_span_of(text, HF_HEAD_START_MAX - 1), HF_HEAD_BYTES_MAX, false, 0, NULL);
    assert_fault(hf_span_of(text, HF_HEAD_START_MAX), HF_HEAD_BYTES_MAX, false, 414,
                 "the first line is too long");
    assert_fault(hf_span_of(text, HF_HEAD_START_MAX), HF_HEAD_BYTES_MAX, true, 502,
                 "the first line is too long");
    memcpy(text + HF_HEAD_START_MAX - 10, " HTTP/1.1\r\n\r\n", 13); /* as long as may be */
    assert_int_equal(
        hf_head_length(hf_span_of(text, sizeof text), HF_HEAD_BYTES_MAX, false, &fault),
        HF_HEAD_START_MAX + 3);
    memcpy(text, "GET / HTTP/1.1\r\nX: ", 19); /* a field may be all the rest */
    memset(text + 19, 'a', sizeof text - 19);
    memcpy(text + HF_HEAD_BYTES_MAX - 4, "\r\n\r\n", 4);
    assert_int_equal(
        hf_head_length(hf_span_of(text, sizeof text), HF_HEAD_BYTES_MAX, false, &fault),
        HF_HEAD_BYTES_MAX);
    memset(text + HF_HEAD_BYTES_MAX - 4, 'a', 4);
    assert_fault(hf_span_of(text, sizeof text), HF_HEAD_BYTES_MAX, false, 431,
                 "the head is too long");
    assert_false(hf_head_read(hf_span_of(text, sizeof text), NULL, &head, &fault));
    assert_int_equal(fault.status, 400);
}

static void test_long_heads(void **state)
{
    static const char head[] = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
    size_t len = sizeof head - 1;
    hf_head_fault fault;

    (void)state;
    assert_int_equal(hf_head_length(hf_span_of(head, len), len, false, &fault), len);
    for (size_t max = 16; max < len; max++)
        assert_fault(hf_span_of(head, len), max, false, 431, "the head is too long");
    assert_fault(hf_span_of(head, len - 1), len - 1, true, 502, "the head is too long");
    for (size_t max = 0; max < 16; max++)
        assert_fault(hf_span_of(head, len), max, false, 431, "the head is too long");
}

static size_t many_fields(char *text, size_t room, unsigned n)
{
    size_t len = (size_t)snprintf(text, room, "GET / HTTP/1.1\r\nHost: a.test\r\n");

    for (unsigned i = 1; i < n; i++)
        len += (size_t)snprintf(text + len, room - len, "X-%u: y\r\n", i);
    return len + (size_t)snprintf(text + len, room - len, "\r\n");
}

static void test_many_fields(void **state)
{
    static char text[HF_HEAD_BYTES_MAX];
    static hf_head head;
    hf_head_fault fault;

    (void)state;
    assert_true(hf_head_read(hf_span_of(text, many_fields(text, sizeof text, HF_HEAD_FIELDS_MAX)),
                             NULL, &head, &fault));
    assert_int_equal(head.n_fields, HF_HEAD_FIELDS_MAX);
    assert_false(
        hf_head_read(hf_span_of(text, many_fields(text, sizeof text, HF_HEAD_FIELDS_MAX + 1)), NULL,
                     &head, &fault));
    assert_int_equal(fault.status, 431);
    assert_string_equal(fault.why, "too many fields");
}

/* ---- responses ---- */

#define GET  "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
#define HEAD "HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n"
#define WS   "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
#define OLD  "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"

static void test_responses(void **state)
{
    static const struct {
        const char *request, *head;
        hf_framing framing, announced;
        uint64_t length;
        bool keep, plain;
    } rows[] = {
        { GET, "200 OK\r\nContent-Length: 5", HF_BODY_LENGTH, HF_BODY_LENGTH, 5, true, false },
        { GET, "200\r\nContent-Length: 0", HF_BODY_LENGTH, HF_BODY_LENGTH, 0, true, false },
        { GET, "200 \r\nTransfer-Encoding: chunked", HF_BODY_CHUNKED, HF_BODY_CHUNKED, 0, true,
          false },
        { OLD, "200 OK\r\nTransfer-Encoding: chunked", HF_BODY_CHUNKED, HF_BODY_CHUNKED, 0, true,
          true },
        { GET,
          "404 Not \xfc"
          "ber\tall",
          HF_BODY_CLOSE, HF_BODY_CLOSE, 0, false, false },
        { GET, "200 OK\r\nConnection: close\r\nContent-Length: 5", HF_BODY_LENGTH, HF_BODY_LENGTH,
          5, false, false },
        { HEAD, "200 OK\r\nContent-Length: 5", HF_BODY_NONE, HF_BODY_LENGTH, 5, true, false },
        { HEAD, "200 OK\r\nTransfer-Encoding: chunked", HF_BODY_NONE, HF_BODY_CHUNKED, 0, true,
          false },
        { HEAD, "200 OK", HF_BODY_NONE, HF_BODY_NONE, 0, true, false },
        { GET, "304 Not Modified\r\nContent-Length: 9", HF_BODY_NONE, HF_BODY_LENGTH, 9, true,
          false },
        { GET, "204 No Content", HF_BODY_NONE, HF_BODY_NONE, 0, true, false },
        { GET, "204 No Content\r\nContent-Length: 0", HF_BODY_NONE, HF_BODY_NONE, 0, true, false },
        { GET, "100 Continue", HF_BODY_NONE, HF_BODY_NONE, 0, true, false },
        { GET, "103 Early Hints\r\nLink: x", HF_BODY_NONE, HF_BODY_NONE, 0, true, false },
        { WS, "101 Switching\r\nConnection: Upgrade\r\nUpgrade: WebSocket", HF_BODY_TUNNEL,
          HF_BODY_NONE, 0, true, false },
        { WS, "200 OK\r\nContent-Length: 1", HF_BODY_LENGTH, HF_BODY_LENGTH, 1, true, false },
        { GET, "200 OK\r\nUpgrade: h2\r\nContent-Length: 1", HF_BODY_LENGTH, HF_BODY_LENGTH, 1,
          true, false },
    };
    static hf_head request, h;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        snprintf(text, sizeof text, "HTTP/1.1 %s\r\n\r\n", rows[i].head);
        read_head(rows[i].request, NULL, &request);
        read_head(text, &request, &h);
        assert_true(h.response && h.status == strtoul(rows[i].head, NULL, 10));
        if (h.framing != rows[i].framing || h.announced != rows[i].announced ||
            h.length != rows[i].length || h.keep_alive != rows[i].keep ||
            h.plain_body != rows[i].plain)
            fail_msg("%s", rows[i].head);
    }
}

static void test_bad_responses(void **state)
{
    static const struct {
        const char *request, *head, *why;
    } rows[] = {
        { GET, "\r\nHTTP/1.1 200 OK\r\n\r\n", "an empty line where a status line should be" },
        { GET, "HTTP/2 200\r\n\r\n", "the answer is not HTTP/1" },
        { GET, "ICY 200 OK\r\n\r\n", "the answer is not HTTP/1" },
        { GET, "<html>\r\n\r\n", "the answer is not HTTP/1" },
        { GET, " HTTP/1.1 200 OK\r\n\r\n", "the answer is not HTTP/1" },
        { GET, "http/1.1 200 OK\r\n\r\n", "the answer is not HTTP/1" },
        { GET, "HTTP/1.2 200 OK\r\n\r\n", "the answer's version is not HTTP/1.0 or HTTP/1.1" },
        { GET, "HTTP/1.1\r\n\r\n", "the answer's version is not HTTP/1.0 or HTTP/1.1" },
        { GET, "HTTP/1.1  200 OK\r\n\r\n", "the answer's status is not three digits" },
        { GET, "HTTP/1.1 20 OK\r\n\r\n", "the answer's status is not three digits" },
        { GET, "HTTP/1.1 2000 OK\r\n\r\n", "the answer's status is not three digits" },
        { GET, "HTTP/1.1 +20 OK\r\n\r\n", "the answer's status is not three digits" },
        { GET, "HTTP/1.1 200OK\r\n\r\n", "the answer's status is not three digits" },
        { GET, "HTTP/1.1 099 OK\r\n\r\n", "the answer's status is none (100 to 599)" },
        { GET, "HTTP/1.1 600 OK\r\n\r\n", "the answer's status is none (100 to 599)" },
        { GET, "HTTP/1.1 200 OK\n\n", "a LF without CR" },
        { GET, "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "a folded field (obs-fold)" },
        { GET, "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n",
          "white space before a field's colon" },
        { GET, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
          "more than one Content-Length" },
        { GET, "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", "Content-Length is a list" },
        { GET, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "Content-Length is not digits alone" },
        { GET, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
          "Content-Length and Transfer-Encoding together" },
        { HEAD, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
          "Content-Length and Transfer-Encoding together" },
        { GET, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
          "a transfer coding other than chunked" },
        { GET, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
          "Transfer-Encoding is not exactly chunked" },
        { GET, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
          "Transfer-Encoding in HTTP/1.0" },
        { GET, "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n",
          "a body where the status allows none" },
        { GET, "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n",
          "a body where the status allows none" },
        { GET, "HTTP/1.1 100 Go\r\nContent-Length: 5\r\n\r\n",
          "a body where the status allows none" },
        { GET, "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
          "101 that nobody asked for" },
        { WS, "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: mqtt\r\n\r\n",
          "101 to another protocol than was asked for" },
        { WS, "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n",
          "101 to another protocol than was asked for" },
        { WS, "HTTP/1.1 101 Go\r\n\r\n", "101 to another protocol than was asked for" },
        { WS,
          "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: "
          "1\r\n\r\n",
          "101 with a body" },
        { GET, "HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 1\r\n\r\n",
          "Connection names a field that is not the connection's" },
    };
    static hf_head request, h;
    hf_head_fault fault;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_head(rows[i].request, NULL, &request);
        bool good = judge(tight(rows[i].head, strlen(rows[i].head)), &request, &h, &fault);
        if (good || fault.status != 502 || strcmp(fault.why, rows[i].why) != 0)
            fail_msg("%s: %u %s", rows[i].head, fault.status, fault.why ? fault.why : "good");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),     cmocka_unit_test(test_rows_differ),
        cmocka_unit_test(test_pieces),      cmocka_unit_test(test_read_alone_refuses_too),
        cmocka_unit_test(test_plain),       cmocka_unit_test(test_an_empty_line_first),
        cmocka_unit_test(test_targets),     cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_persistence), cmocka_unit_test(test_expect),
        cmocka_unit_test(test_upgrade),     cmocka_unit_test(test_last_hop),
        cmocka_unit_test(test_lists),       cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_long_heads),  cmocka_unit_test(test_many_fields),
        cmocka_unit_test(test_responses),   cmocka_unit_test(test_bad_responses),
    };

    return cmocka_run_group_tests_name("proxy's heads", tests, NULL, NULL);
}
