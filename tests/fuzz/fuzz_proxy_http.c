/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The proxy's reading and writing of HTTP/1.1. The first byte chooses request or response, and what the response answers; the second where
 * the bytes are cut. A part of a head is judged as the whole is, or not yet; a head that is accepted, written by the proxy and read
 * again means the same; of a body the same bytes are taken at every cut, and the same content is found in them; what of it is passed on
 * is as strict as a request's, and holds the same content.
 */
#include "fuzz/fuzz.h"
#include "tool/proxy/http_body.h"
#include "tool/proxy/http_rewrite.h"

enum { OUT_MAX = 2 * HF_HEAD_BYTES_MAX, ROOM_FOR_OURS = 20 };

static const hf_client_facts facts = {
    .address = "2001:db8::1",
    .port = 4711,
    .own_port = 443,
    .server_name = "site.test",
    .version = "TLSv1.3",
    .suite = "TLS_AES_128_GCM_SHA256",
    .cert_subject = "CN=\r\nHost: b.test",
    .cert_verified = true,
};

/* ---- a head ---- */

static bool is_inside(hf_span part, hf_span whole)
{
    return part.len == 0 || hf_span_within(part, whole);
}

static void check_spans(const hf_head *h, hf_span bytes)
{
    CHECK(h->n_fields <= HF_HEAD_FIELDS_MAX);
    CHECK(is_inside(h->method, bytes) && is_inside(h->target, bytes) && is_inside(h->host, bytes));
    CHECK(is_inside(h->reason, bytes) && is_inside(h->protocol, bytes));
    CHECK(h->path.len <= 1 || hf_span_within(h->path, bytes));
    CHECK(h->response || (h->path.len > 0 && (h->path.data[0] == '/' || h->path.data[0] == '*')));
    for (size_t i = 0; i < h->n_fields; i++)
        CHECK(hf_span_within(h->fields[i].name, bytes) && is_inside(h->fields[i].value, bytes));
}

/* The length, and that no part of the bytes is judged otherwise. */
static size_t length_of(hf_span bytes, size_t cut, bool response)
{
    hf_head_fault whole, part;
    size_t length = hf_head_length(bytes, HF_HEAD_BYTES_MAX, response, &whole);
    uint8_t *copy = tight_copy(hf_span_of(bytes.data, cut));
    size_t of_part = hf_head_length(hf_span_of(copy, cut), HF_HEAD_BYTES_MAX, response, &part);

    free(copy);
    CHECK(length <= bytes.len && (length == 0 || whole.status == 0));
    CHECK((whole.status == 0) == (whole.why == NULL));
    if (of_part > 0 || part.status > 0)
        CHECK(of_part == length && part.status == whole.status && part.offset == whole.offset);
    else
        CHECK(cut < length || length == 0);
    return length;
}

static bool read_head(hf_span bytes, const hf_head *request, hf_head *head)
{
    hf_head_fault fault;
    bool good = hf_head_read(bytes, request, head, &fault);

    CHECK(good == (fault.status == 0) && good == (fault.why == NULL));
    CHECK(good || !request || fault.status == 502);
    CHECK(fault.offset <= bytes.len);
    if (good)
        check_spans(head, bytes);
    return good;
}

static size_t count(const hf_head *head, const char *name)
{
    size_t at = 0, n = 0;
    hf_span value;

    while (hf_head_next(head, name, &at, &value))
        n++;
    return n;
}

/* Read by somebody else, it must be a good head. */
static void read_again(const char *bytes, size_t len, const hf_head *request, hf_head *head)
{
    hf_head_fault fault;

    CHECK(hf_head_length(hf_span_of(bytes, len), OUT_MAX, request != NULL, &fault) == len);
    CHECK(read_head(hf_span_of(bytes, len), request, head));
}

static bool same_host(hf_span a, hf_span b)
{
    return hf_span_equal(a.len > 0 ? a : hf_span_str(facts.server_name), b);
}

static void check_request(const hf_head *h)
{
    static char out[OUT_MAX];
    static hf_head again;
    size_t len = hf_request_rewrite(h, &facts, out, sizeof out);

    CHECK(len > 0);
    CHECK(hf_request_rewrite(h, &facts, out, len - 1) == 0);
    CHECK(hf_request_rewrite(h, &facts, out, len) == len);
    if (h->n_fields + ROOM_FOR_OURS > HF_HEAD_FIELDS_MAX)
        return;
    read_again(out, len, NULL, &again);
    CHECK(hf_span_equal(h->method, again.method) && hf_span_equal(h->path, again.path));
    CHECK(same_host(h->host, again.host) && h->port == again.port && again.minor == 1);
    CHECK(h->framing == again.framing && h->length == again.length);
    CHECK(h->upgrade == again.upgrade && hf_span_equal(h->protocol, again.protocol));
    CHECK(h->expects_continue == again.expects_continue && (!h->last_hop || again.last_hop));
    CHECK(again.keep_alive);
    CHECK(count(&again, "x-forwarded-for") == 1 && count(&again, "forwarded") == 1 &&
          count(&again, "host") == 1);
    CHECK(count(&again, "x-client-cert-subject") == 1 && count(&again, "early-data") <= 1);
}

static void check_response(const hf_head *request, const hf_head *h, bool close)
{
    static char out[OUT_MAX];
    static hf_head again;
    hf_response_facts ours = { { .on = true, .preload = true, .max_age = 31536000 }, close, 1 };
    size_t len = hf_response_rewrite(h, &ours, out, sizeof out);

    CHECK(len > 0 && hf_response_rewrite(h, &ours, out, len - 1) == 0);
    CHECK(hf_response_rewrite(h, &ours, out, len) == len);
    if (h->n_fields + ROOM_FOR_OURS > HF_HEAD_FIELDS_MAX)
        return;
    read_again(out, len, request, &again);
    CHECK(h->status == again.status && hf_span_equal(h->reason, again.reason) && again.minor == 1);
    CHECK(again.framing == (h->plain_body ? HF_BODY_CLOSE : h->framing) &&
          h->length == again.length);
    CHECK(h->status < 200 ||
          again.keep_alive == !(close || h->plain_body || h->framing == HF_BODY_CLOSE));
    CHECK(count(&again, "strict-transport-security") >=
          (h->status >= 200 && h->status != 421 && h->status != 503));
    CHECK(count(&again, "date") >= (h->status >= 200));
}

/* ---- a body ---- */

typedef struct taking {
    hf_body body;
    size_t taken;
    uint8_t *data;
    size_t n_data;
} taking;

static void take(taking *t, const hf_head *head, hf_span bytes, size_t piece)
{
    memset(t, 0, sizeof *t);
    t->data = malloc(bytes.len + 1);
    CHECK(t->data);
    hf_body_start(&t->body, head);
    while (t->taken < bytes.len && !t->body.done && !t->body.why) {
        size_t left = bytes.len - t->taken, n = left < piece ? left : piece;
        uint8_t *copy = tight_copy(hf_span_of(bytes.data + t->taken, n));
        hf_span data;
        size_t got = hf_body_part(&t->body, hf_span_of(copy, n), &data);
        CHECK(got <= n && data.len <= got && (got > 0 || t->body.why));
        memcpy(t->data + t->n_data, data.data, data.len);
        t->n_data += data.len;
        t->taken += got;
        free(copy);
    }
}

/* What would be passed on. */
static size_t keep(const hf_head *head, hf_span bytes, size_t piece, uint8_t *out)
{
    size_t taken = 0, n = 0;
    hf_body body;

    hf_body_start(&body, head);
    while (taken < bytes.len && !body.done && !body.why) {
        size_t left = bytes.len - taken, len = left < piece ? left : piece;
        hf_span kept;
        size_t got = hf_body_piece(&body, hf_span_of(bytes.data + taken, len), &kept);
        CHECK(got <= len && kept.len <= got && (got > 0 || body.why));
        memcpy(out + n, kept.data, kept.len);
        n += kept.len;
        taken += got;
    }
    CHECK(n + body.left_out == taken && (head->response || body.left_out == 0));
    return n;
}

static void check_kept(const hf_head *head, hf_span bytes, size_t piece, const taking *whole)
{
    hf_head strict = { .framing = head->framing, .length = head->length };
    uint8_t *kept = malloc(bytes.len + 1), *again = malloc(bytes.len + 1);
    taking t;

    CHECK(kept && again);
    size_t n = keep(head, bytes, bytes.len + 1, kept);
    CHECK(keep(head, bytes, piece, again) == n && memcmp(kept, again, n) == 0);
    take(&t, &strict, hf_span_of(kept, n), n + 1);
    CHECK(t.taken == n && !t.body.why && t.body.done == whole->body.done);
    CHECK(hf_span_equal(hf_span_of(t.data, t.n_data), hf_span_of(whole->data, whole->n_data)));
    free(t.data);
    free(kept);
    free(again);
}

static void check_body(const hf_head *head, hf_span bytes, size_t piece)
{
    taking whole, pieces;
    hf_body body;

    take(&whole, head, bytes, bytes.len + 1);
    take(&pieces, head, bytes, piece);
    CHECK(whole.taken == pieces.taken && whole.body.done == pieces.body.done &&
          whole.body.why == pieces.body.why);
    CHECK(hf_span_equal(hf_span_of(whole.data, whole.n_data),
                        hf_span_of(pieces.data, pieces.n_data)));
    hf_body_start(&body, head);
    CHECK(hf_body_take(&body, bytes) == whole.taken && body.done == whole.body.done &&
          body.why == whole.body.why);
    CHECK(!body.done || !body.why);
    CHECK(body.done || body.why || whole.taken == bytes.len);
    if (head->framing == HF_BODY_LENGTH)
        CHECK(whole.taken == (head->length < bytes.len ? head->length : bytes.len) &&
              whole.n_data == whole.taken);
    bool open_end = head->framing == HF_BODY_CLOSE || head->framing == HF_BODY_TUNNEL,
         over = body.done;
    CHECK(hf_body_end(&body) == (over || open_end) && body.done == !body.why);
    check_kept(head, bytes, piece, &whole);
    free(whole.data);
    free(pieces.data);
}

/* ---- both ---- */

static const char *const asked[] = {
    "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
};

static const hf_head *request_of(uint8_t choice)
{
    static hf_head request;
    const char *text = asked[choice % (sizeof asked / sizeof *asked)];

    CHECK(read_head(hf_span_str(text), NULL, &request));
    return &request;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static hf_head head;
    input in = { data, size };
    uint8_t choice = input_u8(&in), cut = input_u8(&in);
    hf_span bytes = { in.p, in.left };
    const hf_head *request = choice & 1 ? request_of(choice >> 2) : NULL;
    size_t length = length_of(bytes, bytes.len * cut / 256, request != NULL);

    if (length == 0)
        read_head(bytes, request, &head);
    if (length == 0 || !read_head(hf_span_of(bytes.data, length), request, &head))
        return 0;
    if (request)
        check_response(request, &head, choice & 2);
    else
        check_request(&head);
    if (!request)
        hf_path_below(head.path, "/a/b");
    check_body(&head, hf_span_of(bytes.data + length, bytes.len - length), 1u + cut % 32);
    return 0;
}
