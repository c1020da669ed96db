/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Each handshake message of RFC 8448's five traces, read and written back byte for byte. It needs no
 * HANDFAST_VECTORS; what becomes of cut and changed messages is unit/test_wire_rfc8448.c.
 */
#include "support/rfc8448.h"
#include "unit/wire_support.h"

static size_t messages;

static void round_trip(const char *trace, hf_msg msg, const hf_wire *w, hf_span message)
{
    (void)trace;
    messages++;
    if (msg == HF_MSG_EndOfEarlyData) /* has no body to write */
        assert_int_equal(message.len, HF_HANDSHAKE_HEADER);
    else
        assert_round_trip(msg, w, message);
}

static void every_message(void **state)
{
    enum { MESSAGES = 40 };
    vector_file file;
    const json_t *trace, *record;
    size_t i, k;

    (void)state;
    vector_open(&file, "rfc8448.json");
    json_array_foreach(json_object_get(file.root, "traces"), i, trace)
    {
        json_array_foreach(json_object_get(trace, "records"), k, record)
        {
            bool server = strcmp(vector_text(record, "from"), "server") == 0;
            hf_wire w = { .version = HF_TLS13, .writer = server ? HF_SERVER : HF_CLIENT };
            if (strcmp(vector_text(record, "content_type"), "handshake") == 0)
                each_in_payload(vector_text(trace, "id"), &w, vector_hex(&file, record, "payload"),
                                round_trip);
        }
    }
    vector_close(&file);
    printf("%zu messages of five traces\n", messages);
    assert_int_equal(messages, MESSAGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_message) };

    return cmocka_run_group_tests_name("rfc8448_messages", tests, NULL, NULL);
}
