/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A session as bytes: what is written reads back, every bound holds at both ends, and nothing damaged is taken. */
#include "keys/session.h"

#include "crypto_support.h"

enum {
    EMPTY_LEN = 118, /* a session without anything */
    BOOL_AT = 6,
    SECRET_AT = 8,
    CREATED_AT = 8, /* in an empty session, as all that follow */
    EXPIRES_AT = 16
};

static uint8_t filler[HF_SESSION_MAX + 1];
static uint8_t bytes_of_session[HF_SESSION_MAX + 1];

static hf_span fill(size_t from, size_t len)
{
    return hf_span_of(filler + from, len);
}

/* Each field as long as it may be; the peer's three texts share one bound. */
static hf_session full(void)
{
    hf_session s = { .version = 0x0303,
                     .cipher_suite = 0xc02f,
                     .extended_main_secret = true,
                     .secret_len = HF_HASH_MAX,
                     .created = 1700000000,
                     .expires = INT64_MAX,
                     .chain_expires = INT64_MAX - 1,
                     .server_name = fill(1, 255),
                     .alpn = fill(2, 255),
                     .peer_subject = fill(3, 127),
                     .peer_sans = fill(4, HF_SESSION_PEER_MAX - 127 - 95),
                     .peer_fingerprint = fill(5, 95),
                     .peer_not_after = -1,
                     .ticket_age_add = UINT32_MAX,
                     .max_early_data = UINT32_MAX - 1,
                     .issued_ms = UINT64_MAX,
                     .endpoint = fill(6, 512),
                     .verify_name = fill(7, 512),
                     .session_id = fill(8, HF_SESSION_ID) };

    memcpy(s.secret, filler + 10, HF_HASH_MAX);
    memcpy(s.context, filler + 11, sizeof s.context);
    memcpy(s.early_id, filler + 12, sizeof s.early_id);
    return s;
}

static hf_error write(const hf_session *s, hf_span *out)
{
    hf_builder b = hf_wr_start(bytes_of_session, sizeof bytes_of_session);

    hf_session_write(&b, s);
    return hf_wr_finish(&b, out);
}

static hf_span written(const hf_session *s)
{
    hf_span out;

    assert_int_equal(write(s, &out), HF_OK);
    return out;
}

/* From a block of exactly that size, so that a step past its end is seen. */
static hf_error read_tight(hf_span in, hf_session *s, uint8_t **copy)
{
    *copy = malloc(in.len > 0 ? in.len : 1);
    assert_non_null(*copy);
    memcpy(*copy, in.data, in.len);
    return hf_session_read(hf_span_of(*copy, in.len), s);
}

static hf_error read_only(hf_span in)
{
    static const hf_session nothing;
    hf_session s;
    uint8_t *copy;
    hf_error e = read_tight(in, &s, &copy);

    if (e != HF_OK) /* no part of a damaged session is handed out, its secret least of all */
        assert_memory_equal(&s, &nothing, sizeof s);
    free(copy);
    return e;
}

static void assert_span(hf_span found, hf_span expected)
{
    assert_int_equal(found.len, expected.len);
    if (expected.len > 0)
        assert_memory_equal(found.data, expected.data, expected.len);
}

static void assert_same(const hf_session *a, const hf_session *b)
{
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->cipher_suite, b->cipher_suite);
    assert_int_equal(a->extended_main_secret, b->extended_main_secret);
    assert_int_equal(a->secret_len, b->secret_len);
    assert_memory_equal(a->secret, b->secret, sizeof a->secret);
    assert_true(a->created == b->created && a->expires == b->expires);
    assert_true(a->chain_expires == b->chain_expires);
    assert_memory_equal(a->context, b->context, sizeof a->context);
    assert_span(a->server_name, b->server_name);
    assert_span(a->alpn, b->alpn);
    assert_span(a->peer_subject, b->peer_subject);
    assert_span(a->peer_sans, b->peer_sans);
    assert_span(a->peer_fingerprint, b->peer_fingerprint);
    assert_true(a->peer_not_after == b->peer_not_after);
    assert_true(a->ticket_age_add == b->ticket_age_add && a->max_early_data == b->max_early_data);
    assert_true(a->issued_ms == b->issued_ms);
    assert_memory_equal(a->early_id, b->early_id, sizeof a->early_id);
    assert_span(a->endpoint, b->endpoint);
    assert_span(a->verify_name, b->verify_name);
    assert_span(a->session_id, b->session_id);
    assert_span(a->ticket, b->ticket);
}

/* ---- what is written reads back ---- */

static void round_trip_of(const hf_session *s)
{
    hf_span out = written(s);
    hf_session again;
    uint8_t *copy;

    assert_int_equal(read_tight(out, &again, &copy), HF_OK);
    assert_same(&again, s);
    free(copy);
}

static void round_trip_of_everything(void **state)
{
    hf_session s = full();

    (void)state;
    round_trip_of(&s);
    s.ticket = fill(9, HF_SESSION_MAX - written(&s).len);
    round_trip_of(&s);
    assert_int_equal(written(&s).len, HF_SESSION_MAX);
}

static void round_trip_of_nothing(void **state)
{
    const hf_session s = { 0 };

    (void)state;
    round_trip_of(&s);
    assert_int_equal(written(&s).len, EMPTY_LEN);
}

/* The bytes are part of the format: whoever changes them changes its number. */
static void bytes_of_format_2(void **state)
{
    const hf_session s = { .version = 0x0303,
                           .cipher_suite = 0xc02b,
                           .extended_main_secret = true,
                           .secret = { 0xaa, 0xbb },
                           .secret_len = 2,
                           .created = 0x0102030405060708,
                           .expires = 9,
                           .chain_expires = 0x1112131415161718,
                           .context = { 0xcc },
                           .server_name = hf_span_str("a.test"),
                           .alpn = hf_span_str("h2"),
                           .peer_subject = hf_span_str("CN=c"),
                           .peer_sans = hf_span_str("DNS:c"),
                           .peer_fingerprint = hf_span_str("AB"),
                           .peer_not_after = -2,
                           .ticket_age_add = 0x21222324,
                           .max_early_data = 0x31323334,
                           .issued_ms = 0x4142434445464748,
                           .early_id = { 0xdd, [HF_EARLY_ID - 1] = 0xee },
                           .endpoint = hf_span_str("a:1"),
                           .verify_name = hf_span_str("a"),
                           .session_id = hf_span_str("id"),
                           .ticket = hf_span_str("t") };
    hf_span out = written(&s);
    bytes expected =
        hex("0002 0303 c02b 01 02aabb 0102030405060708 0000000000000009 1112131415161718 cc"
            "00000000000000000000000000000000000000000000000000000000000000"
            "06612e74657374 026832 0004434e3d63 0005444e533a63 024142 fffffffffffffffe"
            "21222324 31323334 4142434445464748 dd0000000000000000000000000000ee"
            "0003613a31 000161 026964 000174");

    (void)state;
    assert_span(out, span(&expected));
}

/* HF_SESSION_STATE_MAX is enough for whatever a server keeps. */
static void a_servers_state_fits(void **state)
{
    hf_session s = full();

    (void)state;
    s.endpoint = s.verify_name = s.session_id = s.ticket = hf_span_of(NULL, 0);
    assert_true(written(&s).len <= HF_SESSION_STATE_MAX);
}

/* ---- damage ---- */

static void cut_at_every_length(void **state)
{
    hf_session s = full();

    (void)state;
    s.ticket = fill(9, 200);
    hf_span whole = written(&s);
    assert_int_equal(read_only(whole), HF_OK);
    for (size_t len = 0; len < whole.len; len++)
        assert_int_equal(read_only(hf_span_of(whole.data, len)), HF_E_SESSION_DAMAGED);
}

static void nothing_may_follow(void **state)
{
    hf_session s = full();
    hf_span whole = written(&s);

    (void)state;
    bytes_of_session[whole.len] = 0;
    assert_int_equal(read_only(hf_span_of(whole.data, whole.len + 1)), HF_E_SESSION_DAMAGED);
}

/* Changed bytes read as another session or not at all; what reads writes back byte for byte. */
static void every_byte_changed(void **state)
{
    static uint8_t again[HF_SESSION_MAX];
    hf_session s = full(), other;
    hf_span whole = written(&s), out;

    (void)state;
    for (size_t i = 0; i < whole.len * 8; i++) {
        bytes_of_session[i / 8] ^= (uint8_t)(1u << i % 8);
        hf_error e = hf_session_read(whole, &other);
        assert_true(e == HF_OK || e == HF_E_SESSION_DAMAGED);
        hf_builder b = hf_wr_start(again, sizeof again);
        hf_session_write(&b, &other);
        assert_int_equal(hf_wr_finish(&b, &out), HF_OK);
        if (e == HF_OK)
            assert_span(out, whole);
        bytes_of_session[i / 8] ^= (uint8_t)(1u << i % 8);
    }
}

static void other_formats(void **state)
{
    hf_session s = full();
    hf_span whole = written(&s);

    (void)state;
    for (unsigned format = 0; format <= UINT16_MAX; format++) {
        bytes_of_session[0] = (uint8_t)(format >> 8);
        bytes_of_session[1] = (uint8_t)format;
        assert_int_equal(hf_session_read(whole, &s), format == 2 ? HF_OK : HF_E_SESSION_DAMAGED);
    }
}

static void one_way_to_say_true(void **state)
{
    const hf_session s = { 0 };
    hf_span whole = written(&s);

    (void)state;
    for (unsigned v = 0; v <= UINT8_MAX; v++) {
        bytes_of_session[BOOL_AT] = (uint8_t)v;
        assert_int_equal(read_only(whole), v <= 1 ? HF_OK : HF_E_SESSION_DAMAGED);
    }
}

/* A chain may have ended whenever it did: nobody computes with that. */
static void any_end_of_a_chain(void **state)
{
    static const int64_t ends[] = { INT64_MIN, -1, 0, 1, INT64_MAX };

    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        const hf_session s = { .chain_expires = ends[i] };
        round_trip_of(&s);
    }
}

/* So that no sum or difference of two of them overflows downwards. */
static void no_time_before_1970(void **state)
{
    const hf_session early = { .created = -1 }, past = { .expires = INT64_MIN }, s = { 0 };
    hf_span whole;

    (void)state;
    assert_int_equal(write(&early, &whole), HF_E_LIMIT);
    assert_int_equal(write(&past, &whole), HF_E_LIMIT);
    whole = written(&s);
    bytes_of_session[CREATED_AT] = 0x80;
    assert_int_equal(read_only(whole), HF_E_SESSION_DAMAGED);
    whole = written(&s);
    bytes_of_session[EXPIRES_AT] = 0x80;
    assert_int_equal(read_only(whole), HF_E_SESSION_DAMAGED);
}

/* ---- bounds ---- */

typedef struct field {
    const char *name;
    size_t at; /* its length, in an empty session */
    size_t width, max;
    size_t member; /* of hf_session; 0: the secret */
} field;

#define FIELD(name, at, width, max)                                                                \
    {                                                                                              \
#name, at, width, max, offsetof(hf_session, name)                                          \
    }
static const field fields[] = {
    { "secret", 7, 1, HF_HASH_MAX, 0 },
    FIELD(server_name, 64, 1, 255),
    FIELD(alpn, 65, 1, 255),
    FIELD(peer_subject, 66, 2, HF_SESSION_PEER_MAX),
    FIELD(peer_sans, 68, 2, HF_SESSION_PEER_MAX),
    FIELD(peer_fingerprint, 70, 1, 255),
    FIELD(endpoint, 111, 2, 512),
    FIELD(verify_name, 113, 2, 512),
    FIELD(session_id, 115, 1, HF_SESSION_ID),
    FIELD(ticket, 116, 2, HF_SESSION_MAX - EMPTY_LEN),
};

/* An empty session but for that field, put in behind the writer's back. */
static hf_span with_field(const field *f, size_t len)
{
    static uint8_t out[HF_SESSION_MAX + 2];
    const hf_session nothing = { 0 };
    hf_span empty = written(&nothing);
    size_t after = f->at + f->width;

    memcpy(out, empty.data, after);
    if (f->width == 2)
        out[f->at] = (uint8_t)(len >> 8);
    out[after - 1] = (uint8_t)len;
    memcpy(out + after, filler, len);
    memcpy(out + after + len, empty.data + after, empty.len - after);
    return hf_span_of(out, empty.len + len);
}

static void no_field_is_too_long_to_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(fields); i++) {
        const field *f = &fields[i];

        assert_int_equal(read_only(with_field(f, f->max)), HF_OK);
        if (f->width == 2 || f->max < UINT8_MAX)
            assert_int_equal(read_only(with_field(f, f->max + 1)), HF_E_SESSION_DAMAGED);
    }
}

static void no_field_is_too_long_to_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(fields); i++) {
        const field *f = &fields[i];
        hf_session s = { 0 };
        hf_span out, longest = fill(0, f->max), longer = fill(0, f->max + 1);

        if (f->member == 0)
            s.secret_len = HF_HASH_MAX;
        else
            memcpy((uint8_t *)&s + f->member, &longest, sizeof longest);
        assert_int_equal(write(&s, &out), HF_OK);
        assert_int_equal(out.len, EMPTY_LEN + f->max);
        if (f->member == 0)
            s.secret_len = HF_HASH_MAX + 1;
        else
            memcpy((uint8_t *)&s + f->member, &longer, sizeof longer);
        assert_int_equal(write(&s, &out), HF_E_LIMIT);
    }
}

/* Who the peer is has one bound: a client whose identity is longer gets no session. */
static void the_peers_texts_together(void **state)
{
    hf_session s = full();
    hf_span out;

    (void)state;
    s.peer_sans.len++;
    assert_int_equal(write(&s, &out), HF_E_LIMIT);
    s.peer_sans.len--;
    s.server_name = s.alpn = hf_span_of(NULL, 0);
    out = written(&s);
    size_t fingerprint = SECRET_AT + HF_HASH_MAX + 8 + 8 + 8 + HF_SESSION_CONTEXT + 1 + 1 + 2 +
                         s.peer_subject.len + 2 + s.peer_sans.len;
    assert_int_equal(bytes_of_session[fingerprint], s.peer_fingerprint.len);
    bytes_of_session[fingerprint]++;
    memmove(bytes_of_session + fingerprint + 2, bytes_of_session + fingerprint + 1,
            out.len - fingerprint - 1);
    assert_int_equal(read_only(hf_span_of(out.data, out.len + 1)), HF_E_SESSION_DAMAGED);
}

/* A builder that is too small, or has failed before, stays failed and within its room. */
static void no_room(void **state)
{
    hf_session s = full();
    size_t whole = written(&s).len;
    hf_span out;

    (void)state;
    for (size_t cap = 0; cap < whole; cap++) {
        uint8_t *room = malloc(cap > 0 ? cap : 1);
        hf_builder b = hf_wr_start(room, cap);

        hf_session_write(&b, &s);
        assert_int_equal(hf_wr_finish(&b, &out), HF_E_LIMIT);
        free(room);
    }
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof filler; i++)
        filler[i] = (uint8_t)(i * 7 + (i >> 8) + 1);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip_of_everything),
        cmocka_unit_test(round_trip_of_nothing),
        cmocka_unit_test(bytes_of_format_2),
        cmocka_unit_test(a_servers_state_fits),
        cmocka_unit_test(cut_at_every_length),
        cmocka_unit_test(nothing_may_follow),
        cmocka_unit_test(every_byte_changed),
        cmocka_unit_test(other_formats),
        cmocka_unit_test(one_way_to_say_true),
        cmocka_unit_test(any_end_of_a_chain),
        cmocka_unit_test(no_time_before_1970),
        cmocka_unit_test(no_field_is_too_long_to_read),
        cmocka_unit_test(no_field_is_too_long_to_write),
        cmocka_unit_test(the_peers_texts_together),
        cmocka_unit_test(no_room),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
