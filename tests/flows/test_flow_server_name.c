/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * RFC 6066 3: a server that used server_name says so with an empty extension of that type, in TLS 1.3 in EncryptedExtensions, in
 * TLS 1.2 in ServerHello; and does not when a session is resumed, or when no name came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/pair.h"
#include "wire/wire.h"

enum { SERVER_HELLO = 2, ENCRYPTED_EXTENSIONS = 8 };

typedef struct heard {
    unsigned answers;  /* messages of the server with the extension … */
    unsigned messages; /* … of those that may have it */
} heard;

/* Extensions end both messages: their block begins behind the fields whose lengths are known. */
static hf_span extensions_of(hf_span message)
{
    size_t at =
        message.data[0] == ENCRYPTED_EXTENSIONS ? 4 : 4 + 2 + 32 + 1 + message.data[38] + 2 + 1;

    assert_true(at + 2 <= message.len);
    return hf_span_of(message.data + at + 2, message.len - at - 2);
}

static bool has_empty_name(hf_span list)
{
    while (list.len >= 4) {
        size_t type = (size_t)(list.data[0] << 8 | list.data[1]),
               len = (size_t)(list.data[2] << 8 | list.data[3]);
        if (type == 0)
            return len == 0;
        list = hf_span_of(list.data + 4 + len, list.len - 4 - len);
    }
    return false;
}

static void on_event(void *user, const hf_trace_event *event)
{
    heard *h = user;

    if (event->kind != HF_TRACE_MESSAGE || event->writer != HF_SERVER || event->content_type != 22)
        return;
    if (event->bytes.data[0] != ENCRYPTED_EXTENSIONS &&
        !(event->bytes.data[0] == SERVER_HELLO && event->version == HF_TLS12))
        return;
    h->messages++;
    h->answers += has_empty_name(extensions_of(event->bytes));
}

/* One handshake; the session that it leaves, if one is wanted. */
static heard run(uint16_t version, const char *name, hf_sessions *sessions, uint8_t *session,
                 size_t *len)
{
    heard h = { 0, 0 };
    hf_trace_sink sink = { on_event, &h };
    hf_policy policy = *hf_policy_named("default");
    pair_options o = { .policy = { &policy, &policy },
                       .server_name = name,
                       .verify_name = "localhost",
                       .sessions = sessions,
                       .want_session = sessions != NULL,
                       .session = hf_span_of(session, len ? *len : 0),
                       .trace = { NULL, &sink } };
    pair p;

    policy.min_version = policy.max_version = version;
    pair_start(&p, &o);
    pair_connect(&p);
    if (len) {
        hf_span fresh = hf_conn_session(p.end[HF_CLIENT].conn);
        assert_int_equal(hf_conn_info_of(p.end[HF_CLIENT].conn)->resumed, *len > 0);
        memcpy(session, fresh.data, fresh.len);
        *len = fresh.len;
    }
    pair_free(&p);
    return h;
}

static void test_answered(void **state)
{
    (void)state;
    for (uint16_t version = HF_TLS12; version <= HF_TLS13; version++) {
        heard h = run(version, "localhost", NULL, NULL, NULL);
        assert_int_equal(h.messages, 1);
        assert_int_equal(h.answers, 1);
    }
}

static void test_not_where_no_name_came(void **state)
{
    (void)state;
    for (uint16_t version = HF_TLS12; version <= HF_TLS13; version++) {
        heard h = run(version, "", NULL, NULL, NULL);
        assert_int_equal(h.messages, 1);
        assert_int_equal(h.answers, 0);
    }
}

static void test_not_again_when_resumed(void **state)
{
    hf_sessions_options keep = { .tickets = true };

    (void)state;
    for (uint16_t version = HF_TLS12; version <= HF_TLS13; version++) {
        hf_sessions *sessions = hf_sessions_new(&keep);
        uint8_t session[16384];
        size_t len = 0;
        heard first = run(version, "localhost", sessions, session, &len);
        heard second = run(version, "localhost", sessions, session, &len);
        assert_int_equal(first.answers, 1);
        assert_int_equal(second.messages, 1);
        assert_int_equal(second.answers, 0);
        hf_sessions_free(sessions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answered),
        cmocka_unit_test(test_not_where_no_name_came),
        cmocka_unit_test(test_not_again_when_resumed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
