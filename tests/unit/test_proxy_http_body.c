/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Bodies (RFC 9112 6, 7): how much of the bytes is one, what is content, what is refused and in which words; at every cut. */
#include "unit/proxy_support.h"

#include "tool/proxy/http_body.h"

#define AFTER "GET / HTTP/1.1\r\n"

typedef struct sample {
    const char *bytes;
    size_t len, taken;
    const char *data;
    const char *why; /* NULL: done */
} sample;

/* Whole, with bytes after it that are not of it. */
#define GOOD(bytes, data)                                                                          \
    {                                                                                              \
        bytes AFTER, sizeof(bytes AFTER) - 1, sizeof(bytes) - 1, data, NULL                        \
    }
/* Refused after so much of it. */
#define BAD(good, rest, data, why)                                                                 \
    {                                                                                              \
        good rest, sizeof(good rest) - 1, sizeof(good) - 1, data, why                              \
    }

static const sample chunked[] = {
    GOOD("0\r\n\r\n", ""),
    GOOD("000\r\n\r\n", ""),
    GOOD("5\r\nhello\r\n0\r\n\r\n", "hello"),
    GOOD("5\r\nhello\r\n1\r\n!\r\n00\r\n\r\n", "hello!"),
    GOOD("0000000000000005\r\nhello\r\n0\r\n\r\n", "hello"),
    GOOD("A\r\n0123456789\r\na\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n",
         "0123456789\r\n\r\n\r\n\r\n\r\n"),
    GOOD("7\r\n0\r\n\r\nGE\r\n0\r\n\r\n", "0\r\n\r\nGE"),
    GOOD("1\r\nx\r\n0\r\nX: y\r\n\r\n", "x"),
    GOOD("1\r\nx\r\n0\r\nX:\r\nDigest:\ta \xc3\xa4, "
         "b\t\r\nX-Content-Length-And-A-Name-That-Is-Quite-Long: 1\r\n\r\n",
         "x"),
    BAD("", ";x\r\n", "", "a chunk extension"),
    BAD("5", ";x=y\r\nhello", "", "a chunk extension"),
    BAD("5\r\nhello\r\n0", ";x\r\n\r\n", "hello", "a chunk extension"),
    BAD("5", " \r\nhello", "", "a chunk's size is not hexadecimal digits alone"),
    BAD("5", "\t;x\r\n", "", "a chunk's size is not hexadecimal digits alone"),
    BAD("5", " ;x\r\n", "", "a chunk's size is not hexadecimal digits alone"),
    BAD("", " 5\r\nhello", "", "a chunk without a size"),
    BAD("", "\t5\r\nhello", "", "a chunk without a size"),
    BAD("", "\r\n", "", "a chunk without a size"),
    BAD("", "+5\r\nhello", "", "a chunk without a size"),
    BAD("", "-5\r\nhello", "", "a chunk without a size"),
    BAD("", "g\r\n", "", "a chunk without a size"),
    BAD("0", "x5\r\nhello", "", "a chunk's size is not hexadecimal digits alone"),
    BAD("0", "X5\r\nhello", "", "a chunk's size is not hexadecimal digits alone"),
    BAD("5", "h\r\nhello", "", "a chunk's size is not hexadecimal digits alone"),
    BAD("5", ",5\r\nhello", "", "a chunk's size is not hexadecimal digits alone"),
    BAD("5", "_0\r\nhello", "", "a chunk's size is not hexadecimal digits alone"),
    BAD("5", "\0\r\nhello", "", "a chunk's size is not hexadecimal digits alone"),
    BAD("5", "\nhello\n0\n\n", "", "a chunk's size ends with a LF without CR"),
    BAD("5\r", "hello", "", "a CR without LF after a chunk's size"),
    BAD("5\r", "\r\nhello", "", "a CR without LF after a chunk's size"),
    BAD("400000000000000", "1\r\n", "", "a chunk's size is too large"),
    BAD("fffffffffffffff", "f\r\n", "", "a chunk's size is too large"),
    BAD("0000000000000000", "5\r\nhello", "", "a chunk's size is too large"),
    BAD("1000000000000000", "0\r\n", "", "a chunk's size is too large"),
    BAD("5\r\nhello", "0\r\n\r\n", "hello", "a chunk is longer than its size says"),
    BAD("5\r\nhello", "!\r\n0\r\n\r\n", "hello", "a chunk is longer than its size says"),
    BAD("5\r\nhello", "\n0\r\n\r\n", "hello", "a chunk is longer than its size says"),
    BAD("5\r\nhello\r", "0\r\n\r\n", "hello", "a CR without LF after a chunk"),
    BAD("5\r\nhello\r", "\r\n0\r\n\r\n", "hello", "a CR without LF after a chunk"),
    BAD("5\r\nhello\r\n", "\r\n0\r\n\r\n", "hello", "a chunk without a size"),
    BAD("0\r\n\r", "x", "", "a CR without LF after the last chunk"),
    BAD("0\r\n", "\n", "", "a trailer's name is not a token"),
    BAD("0\r\n", " x: y\r\n\r\n", "", "a folded trailer, or white space before it"),
    BAD("0\r\nX: y\r\n", "\tz\r\n\r\n", "", "a folded trailer, or white space before it"),
    BAD("0\r\n", ": y\r\n\r\n", "", "a trailer without a name"),
    BAD("0\r\nX", " : y\r\n\r\n", "", "a trailer's name is not a token"),
    BAD("0\r\nGET", " / HTTP/1.1\r\n\r\n", "", "a trailer's name is not a token"),
    BAD("0\r\nX", "\r\n\r\n", "", "a trailer's name is not a token"),
    BAD("0\r\nX: y", "\nZ: z\r\n\r\n", "", "a trailer ends with a LF without CR"),
    BAD("0\r\nX: y", "\0\r\n\r\n", "", "a control character in a trailer"),
    BAD("0\r\nX: y", "\x7f\r\n\r\n", "", "a control character in a trailer"),
    BAD("0\r\nX: y\r", "z\r\n\r\n", "", "a CR without LF in a trailer"),
    BAD("0\r\nContent-Length", ": 5\r\n\r\n", "", "a trailer that is none"),
    BAD("0\r\ntransfer-encoding", ": chunked\r\n\r\n", "", "a trailer that is none"),
    BAD("0\r\nContent_Length", ": 5\r\n\r\n", "", "a trailer that is none"),
    BAD("0\r\nX: y\r\nHost", ": b.test\r\n\r\n", "", "a trailer that is none"),
    BAD("0\r\nAuthorization", ": x\r\n\r\n", "", "a trailer that is none"),
    BAD("0\r\nConnection", ": x\r\n\r\n", "", "a trailer that is none"),
    BAD("0\r\nX-Forwarded-For", ": 192.0.2.9\r\n\r\n", "", "a trailer that is none"),
    BAD("0\r\nx_client_cert_subject", ": CN=root\r\n\r\n", "", "a trailer that is none"),
    BAD("0\r\nX-Forwarded-And-A-Name-That-Is-Longer-Than-Is-Kept", ": y\r\n\r\n", "",
        "a trailer that is none"),
    BAD("0\r\nSet-Cookie", ": x=y\r\n\r\n", "", "a trailer that is none"),
};
enum { CHUNKED = sizeof chunked / sizeof *chunked };

typedef struct taking {
    hf_body body;
    size_t taken, n_data;
    char data[256];
} taking;

static hf_head chunks_head(void)
{
    return (hf_head){ .framing = HF_BODY_CHUNKED };
}

static void feed(taking *t, const char *bytes, size_t len)
{
    while (len > 0 && !t->body.done && !t->body.why) {
        hf_span data;
        size_t n = hf_body_part(&t->body, tight(bytes, len), &data);
        assert_true(t->n_data + data.len <= sizeof t->data);
        assert_true(t->body.n_name <= HF_TRAILER_NAME);
        if (data.len > 0)
            memcpy(t->data + t->n_data, data.data, data.len);
        t->n_data += data.len;
        t->taken += n;
        bytes += n;
        len -= n;
    }
}

static void assert_sample(const sample *s, const taking *t, size_t cut)
{
    bool words = t->body.why && s->why ? strcmp(t->body.why, s->why) == 0 : t->body.why == s->why;

    if (!words || t->body.done != !s->why || t->taken != s->taken || t->n_data != strlen(s->data) ||
        memcmp(t->data, s->data, t->n_data) != 0)
        fail_msg("%s at %zu: %zu taken, \"%.*s\", %s", s->bytes, cut, t->taken, (int)t->n_data,
                 t->data,
                 t->body.why    ? t->body.why
                 : t->body.done ? "done"
                                : "not done");
}

/* Two pieces, cut anywhere; and single bytes. */
static void test_chunked(void **state)
{
    hf_head head = chunks_head();

    (void)state;
    for (size_t i = 0; i < CHUNKED; i++)
        for (size_t cut = 0; cut <= chunked[i].len; cut++) {
            taking t = { .taken = 0 };
            hf_body_start(&t.body, &head);
            feed(&t, chunked[i].bytes, cut);
            feed(&t, chunked[i].bytes + cut, chunked[i].len - cut);
            assert_sample(&chunked[i], &t, cut);
        }
}

static void test_single_bytes(void **state)
{
    hf_head head = chunks_head();

    (void)state;
    for (size_t i = 0; i < CHUNKED; i++) {
        taking t = { .taken = 0 };
        hf_body_start(&t.body, &head);
        for (size_t k = 0; k < chunked[i].len; k++)
            feed(&t, chunked[i].bytes + k, 1);
        assert_sample(&chunked[i], &t, 1);
    }
}

/* ---- chunk extensions of responses ---- */

typedef struct extended {
    const char *bytes, *kept, *data, *why;
} extended;

static const extended extensions[] = {
    { "5;x\r\nhello\r\n0;y\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "hello", NULL },
    { "5;x=y;z=\"a;b\\\"\"\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "hello", NULL },
    { "5 \t;\tx = y\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "hello", NULL },
    { "5;\r\nhello\r\n1\r\n!\r\n2;;\r\n;;\r\n0;\r\nX: ;y\r\n\r\n",
      "5\r\nhello\r\n1\r\n!\r\n2\r\n;;\r\n0\r\nX: ;y\r\n\r\n", "hello!;;", NULL },
    { "5;\xc3\xa4\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "hello", NULL },
    { "5;x\nhello\r\n0\r\n\r\n", "5", "", "a control character in a chunk extension" },
    { "5;\x7f\r\nhello", "5", "", "a control character in a chunk extension" },
    { "5;\"\n\"\r\nhello", "5", "", "a control character in a chunk extension" },
    { "5;x\rhello", "5\r", "", "a CR without LF after a chunk's size" },
    { "5;\"\r\r\n\"hello", "5\r", "", "a CR without LF after a chunk's size" },
    { "5 \r\nhello", "5", "", "a chunk's size is not hexadecimal digits alone" },
    { "5 5\r\nhello", "5", "", "a chunk's size is not hexadecimal digits alone" },
    { "5x;\r\nhello", "5", "", "a chunk's size is not hexadecimal digits alone" },
    { ";x\r\nhello", "", "", "a chunk without a size" },
    { " ;x\r\nhello", "", "", "a chunk without a size" },
    { "5;x\r\nhello;x\r\n", "5\r\nhello", "hello", "a chunk is longer than its size says" },
};
enum { EXTENSIONS = sizeof extensions / sizeof *extensions };

typedef size_t take_piece(hf_body *body, hf_span bytes, hf_span *piece);

static void gather(hf_body *body, take_piece *take, hf_span bytes, char *out, size_t *n)
{
    for (size_t used = 0; used < bytes.len && !body->done && !body->why;) {
        hf_span piece;
        used += take(body, tight((const char *)bytes.data + used, bytes.len - used), &piece);
        if (piece.len > 0)
            memcpy(out + *n, piece.data, piece.len);
        *n += piece.len;
    }
}

static void assert_extended(const extended *row, take_piece *take, const char *wanted, size_t cut)
{
    hf_head head = { .framing = HF_BODY_CHUNKED, .response = true };
    size_t len = strlen(row->bytes), n = 0;
    char out[256];
    hf_body body;

    hf_body_start(&body, &head);
    gather(&body, take, hf_span_of(row->bytes, cut), out, &n);
    gather(&body, take, hf_span_of(row->bytes + cut, len - cut), out, &n);
    if (n != strlen(wanted) || memcmp(out, wanted, n) != 0 || body.done != !row->why ||
        (row->why && (!body.why || strcmp(body.why, row->why) != 0)))
        fail_msg("%s at %zu: \"%.*s\", %s", row->bytes, cut, (int)n, out,
                 body.why ? body.why : "good");
}

/* RFC 9112 7.1.1: they are ignored; what is passed on has none, at every cut. */
static void test_extensions_of_responses(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXTENSIONS; i++)
        for (size_t cut = 0; cut <= strlen(extensions[i].bytes); cut++) {
            assert_extended(&extensions[i], hf_body_piece, extensions[i].kept, cut);
            assert_extended(&extensions[i], hf_body_part, extensions[i].data, cut);
        }
}

/* A chunk's together; the next has as much again. */
static void test_long_extensions(void **state)
{
    hf_head head = { .framing = HF_BODY_CHUNKED, .response = true };
    static char text[2 * HF_CHUNK_EXTENSION_MAX + 64];

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        size_t n = 0;
        hf_body body;
        for (int chunk = 1; chunk >= 0; chunk--) {
            n += (size_t)snprintf(text + n, sizeof text - n, "%d;", chunk);
            memset(text + n, 'x', HF_CHUNK_EXTENSION_MAX - 1 + more);
            n += HF_CHUNK_EXTENSION_MAX - 1 + more;
            n += (size_t)snprintf(text + n, sizeof text - n, "\r\n%s\r\n", chunk ? "!" : "");
        }
        hf_body_start(&body, &head);
        hf_body_take(&body, hf_span_of(text, n));
        assert_int_equal(body.done, more == 0);
        if (more > 0)
            assert_string_equal(body.why, "a chunk's extensions are too long");
        else
            assert_int_equal(body.left_out, 2 * HF_CHUNK_EXTENSION_MAX);
    }
}

/* hf_body_take is the same without the content; afterwards it takes nothing more. */
static void test_take(void **state)
{
    hf_head head = chunks_head();

    (void)state;
    for (size_t i = 0; i < CHUNKED; i++) {
        hf_body body;
        hf_body_start(&body, &head);
        assert_int_equal(hf_body_take(&body, tight(chunked[i].bytes, chunked[i].len)),
                         chunked[i].taken);
        assert_int_equal(body.done, !chunked[i].why);
        hf_span data;
        assert_int_equal(hf_body_take(&body, hf_span_str("0\r\n\r\n")), 0);
        assert_int_equal(hf_body_part(&body, hf_span_str("0\r\n\r\n"), &data), 0);
        assert_int_equal(data.len, 0);
        assert_int_equal(hf_body_end(&body), !chunked[i].why);
    }
}

/* A good one, ended by the connection anywhere before its end, misses something. */
static void test_ended_early(void **state)
{
    hf_head head = chunks_head();

    (void)state;
    for (size_t i = 0; i < CHUNKED; i++)
        for (size_t n = 0; n < chunked[i].taken; n++) {
            hf_body body;
            hf_body_start(&body, &head);
            assert_int_equal(hf_body_take(&body, tight(chunked[i].bytes, n)), n);
            assert_true(!body.done && !body.why);
            assert_false(hf_body_end(&body));
            assert_string_equal(body.why, "the message ends before its body does");
        }
}

static void test_length(void **state)
{
    static const char bytes[] = "hello" AFTER;

    (void)state;
    for (size_t cut = 0; cut < sizeof bytes; cut++) {
        hf_head head = { .framing = HF_BODY_LENGTH, .length = 5 };
        taking t = { .taken = 0 };
        hf_body_start(&t.body, &head);
        feed(&t, bytes, cut);
        assert_int_equal(t.body.done, cut >= 5);
        feed(&t, bytes + cut, sizeof bytes - 1 - cut);
        assert_true(t.body.done && !t.body.why && t.taken == 5 && t.n_data == 5);
        assert_true(hf_body_end(&t.body));
    }
}

static void test_length_that_is_missing(void **state)
{
    hf_head head = { .framing = HF_BODY_LENGTH, .length = (uint64_t)1 << 62 };
    hf_body body;

    (void)state;
    hf_body_start(&body, &head);
    assert_int_equal(hf_body_take(&body, hf_span_str("hello")), 5);
    assert_true(body.left == ((uint64_t)1 << 62) - 5);
    assert_false(hf_body_end(&body));
    assert_non_null(body.why);
}

static void test_none(void **state)
{
    static const hf_head heads[] = { { .framing = HF_BODY_NONE, .length = 9 },
                                     { .framing = HF_BODY_LENGTH, .length = 0 } };
    hf_body body;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        hf_body_start(&body, &heads[i]);
        assert_true(body.done);
        assert_int_equal(hf_body_take(&body, hf_span_str(AFTER)), 0);
        assert_true(hf_body_end(&body));
    }
}

static void test_until_the_end(void **state)
{
    static const hf_framing framings[] = { HF_BODY_CLOSE, HF_BODY_TUNNEL };
    hf_body body;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        hf_head head = { .framing = framings[i] };
        hf_body_start(&body, &head);
        assert_int_equal(hf_body_take(&body, hf_span_str(AFTER)), strlen(AFTER));
        assert_int_equal(hf_body_take(&body, hf_span_of(NULL, 0)), 0);
        assert_false(body.done);
        assert_true(hf_body_end(&body) && body.done && !body.why);
    }
}

/* All lines of all trailers count, the empty one too. */
static void test_long_trailers(void **state)
{
    hf_head head = chunks_head();
    static char text[HF_TRAILER_MAX + 16];
    hf_body body;

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        size_t len = HF_TRAILER_MAX + more;
        memset(text, 'a', sizeof text);
        memcpy(text, "0\r\nX: ", 6);
        memcpy(text + 3 + len - 4, "\r\n\r\n", 4);
        hf_body_start(&body, &head);
        hf_body_take(&body, hf_span_of(text, 3 + len));
        assert_int_equal(body.done, more == 0);
        if (more > 0)
            assert_string_equal(body.why, "the trailers are too long");
    }
}

/* The largest chunk there may be. */
static void test_a_large_chunk(void **state)
{
    hf_head head = chunks_head();
    hf_body body;

    (void)state;
    hf_body_start(&body, &head);
    assert_int_equal(hf_body_take(&body, hf_span_str("4000000000000000\r\nhello")), 23);
    assert_true(!body.why && body.left == ((uint64_t)1 << 62) - 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunked),
        cmocka_unit_test(test_single_bytes),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_ended_early),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_length_that_is_missing),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_until_the_end),
        cmocka_unit_test(test_long_trailers),
        cmocka_unit_test(test_a_large_chunk),
        cmocka_unit_test(test_extensions_of_responses),
        cmocka_unit_test(test_long_extensions),
    };

    return cmocka_run_group_tests_name("proxy's bodies", tests, NULL, NULL);
}
