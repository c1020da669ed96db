/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An auditor's client takes any chain, so as to look at it: it says that it could check signatures that nobody should make any more, asks for
 * SCTs, and counts those that come. No other client does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn/conn.h"
#include "policy/policy.h"
#include "support/pair.h"
#include "support/x509_make.h"
#include "wire/wire.h"

typedef struct scene {
    uint16_t version;
    bool auditor, scts;
    pair_options options;
    hf_policy policy;
    uint8_t room[16384];
} scene;

/* The server's own messages, with three SCTs where it may put them: beside the leaf, or in ServerHello. */
static bool add_scts(void *user, hf_msg msg, hf_span *body)
{
    static const uint8_t list[] = { 0, 1, 0xaa, 0, 2, 0xbb, 0xbb, 0, 1, 0xcc };
    scene *s = user;
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(*body, "body", 0, &fault, NULL);
    hf_wire w = { .version = s->version, .writer = HF_SERVER };
    hf_builder b = hf_wr_start(s->room, sizeof s->room);

    if (msg == HF_MSG_Certificate && s->version == HF_TLS13) {
        hf_certificate c = { 0 };
        hf_certificate_read(&r, &w, &c);
        c.entries[0].ext.present |= HF_EXT_BIT(signed_certificate_timestamp);
        c.entries[0].ext.sct_list = hf_span_of(list, sizeof list);
        hf_certificate_write(&b, &w, &c);
    } else if (msg == HF_MSG_ServerHello && s->version == HF_TLS12) {
        hf_server_hello h = { 0 };
        hf_server_hello_read(&r, &w, &h);
        h.ext.present |= HF_EXT_BIT(signed_certificate_timestamp);
        h.ext.sct_list = hf_span_of(list, sizeof list);
        hf_server_hello_write(&b, &w, &h);
    } else {
        return false;
    }
    return hf_wr_finish(&b, body) == HF_OK;
}

static void configure(hf_config *config, hf_role role, void *user)
{
    scene *s = user;

    if (role == HF_CLIENT)
        config->any_chain = s->auditor;
    else if (s->scts)
        config->override = (hf_override){ add_scts, s };
}

static void start(pair *p, scene *s)
{
    s->policy = policy_of_version("default", s->version);
    s->options.policy[HF_CLIENT] = s->options.policy[HF_SERVER] = &s->policy;
    s->options.configure = configure;
    s->options.user = s;
    pair_start(p, &s->options);
}

static void read_hello(pair *p, uint8_t *room, hf_client_hello *hello)
{
    hf_fault fault = { 0 };
    hf_wire w = { .writer = HF_CLIENT };

    pair_events(p, HF_CLIENT);
    hf_span out = hf_conn_wire_out(p->end[HF_CLIENT].conn);
    assert_true(out.len > HF_RECORD_HEADER + HF_HANDSHAKE_HEADER);
    memcpy(room, out.data, out.len);
    hf_span body = hf_span_of(room + HF_RECORD_HEADER + HF_HANDSHAKE_HEADER,
                              out.len - HF_RECORD_HEADER - HF_HANDSHAKE_HEADER);
    hf_reader r = hf_rd_start(body, "ClientHello", 0, &fault, NULL);
    hf_client_hello_read(&r, &w, hello);
    assert_int_equal(fault.code, HF_OK);
}

static void only_an_auditor_offers_old_signatures(void **state)
{
    static const uint16_t old[] = { 0x0201, 0x0203, 0x0301, 0x0303, 0x0808 };

    (void)state;
    for (int i = 0; i < 4; i++) {
        scene s = { .version = i % 2 ? HF_TLS13 : HF_TLS12, .auditor = i / 2 };
        hf_client_hello hello = { 0 };
        uint8_t room[4096];
        pair p;
        start(&p, &s);
        read_hello(&p, room, &hello);
        for (size_t k = 0; k < sizeof old / sizeof *old; k++) {
            assert_int_equal(hf_list16_has(hello.ext.signature_algorithms_cert, old[k]), s.auditor);
            assert_false(hf_list16_has(hello.ext.signature_algorithms, old[k]));
        }
        assert_int_equal((hello.ext.present & HF_EXT_BIT(signed_certificate_timestamp)) != 0,
                         s.auditor);
        pair_free(&p);
    }
}

static void scts_are_counted_where_they_were_asked_for(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        scene s = { .version = i % 2 ? HF_TLS13 : HF_TLS12, .auditor = true, .scts = i / 2 };
        pair p;
        start(&p, &s);
        pair_connect(&p);
        assert_int_equal(p.end[HF_CLIENT].conn->engine.n_peer_scts, s.scts ? 3 : 0);
        pair_free(&p);
    }
}

/* RFC 9846 4.3: what was not asked for may not come. */
static void unasked_scts_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        scene s = { .version = i ? HF_TLS13 : HF_TLS12, .scts = true };
        pair p;
        start(&p, &s);
        pair_run(&p);
        assert_false(p.end[HF_CLIENT].connected);
        assert_int_equal(hf_conn_failure(p.end[HF_CLIENT].conn)->alert,
                         HF_ALERT_unsupported_extension);
        pair_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_an_auditor_offers_old_signatures),
        cmocka_unit_test(scts_are_counted_where_they_were_asked_for),
        cmocka_unit_test(unasked_scts_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
