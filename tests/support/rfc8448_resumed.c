/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the two ends of RFC 8448's resumed trace know from its first one: the PSK and the ticket, in a
 * session of ours at the client; at the server an hf_sessions that opens just this ticket. The ticket
 * was issued when its age in the trace's ClientHello says.
 */
#include "support/rfc8448.h"

#include <string.h>

#include "wire/wire.h"

enum { IN_2017 = 1483228800, LIFETIME = 3600 };

bool replay_resumes(const replay *r)
{
    return json_object_get(r->values, "psk_binder") != NULL;
}

/* ---- what the first trace says ---- */

hf_span replay_first_value(replay *r, const char *name)
{
    const json_t *first = replay_trace(&r->file, "simple-1rtt");

    return vector_hex(&r->file, json_object_get(first, "values"), name);
}

static hf_span body_of(hf_span message)
{
    return hf_span_of(message.data + HF_HANDSHAKE_HEADER, message.len - HF_HANDSHAKE_HEADER);
}

static hf_new_session_ticket the_ticket(replay *r)
{
    hf_new_session_ticket t = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = { .version = HF_TLS13, .writer = HF_SERVER };
    hf_reader in = hf_rd_start(body_of(replay_first_value(r, "NewSessionTicket")),
                               "NewSessionTicket", 0, &fault, NULL);

    hf_new_session_ticket_read(&in, &w, &t);
    assert_int_equal(fault.code, HF_OK);
    return t;
}

/* The ticket's age in milliseconds, as the resumed trace's client has it. */
static uint32_t age_of(replay *r, const hf_new_session_ticket *t)
{
    hf_client_hello hello = { 0 };
    hf_psk_identity psk = { { NULL, 0 }, 0 };
    hf_fault fault = { 0 };
    hf_wire w = { .version = HF_TLS13, .writer = HF_CLIENT };
    hf_reader in =
        hf_rd_start(body_of(replay_value(r, "ClientHello")), "ClientHello", 0, &fault, NULL);

    hf_client_hello_read(&in, &w, &hello);
    assert_int_equal(fault.code, HF_OK);
    hf_span rest = hello.ext.psk_identities;
    assert_true(hf_psk_identity_next(&rest, &psk));
    vector_equal("ticket", psk.identity, t->ticket);
    uint32_t age = psk.obfuscated_ticket_age - t->ticket_age_add;
    assert_true(age < 1000 * t->ticket_lifetime);
    return age;
}

/* What both ends remember alike. */
static hf_session remembered(replay *r, hf_role role, const hf_config *config)
{
    hf_span psk = replay_first_value(r, "resumption_psk");
    hf_new_session_ticket t = the_ticket(r);
    hf_session s = { .version = HF_TLS13,
                     .cipher_suite = HF_TLS_AES_128_GCM_SHA256,
                     .created = IN_2017,
                     .expires = IN_2017 + LIFETIME,
                     .chain_expires = INT64_MAX,
                     .server_name = hf_span_str("server"),
                     .ticket_age_add = t.ticket_age_add,
                     .max_early_data = t.ext.max_early_data_size };

    s.secret_len = (uint8_t)psk.len;
    memcpy(s.secret, psk.data, psk.len);
    s.secret[0] ^= r->options.flip_psk[role];
    assert_int_equal(
        hf_session_context(config, role == HF_SERVER ? config->identities[0] : NULL, s.context),
        HF_OK);
    return s;
}

static size_t write_session(const hf_session *s, uint8_t *to, size_t room)
{
    hf_builder b = hf_wr_start(to, room);
    hf_span out;

    hf_session_write(&b, s);
    assert_int_equal(hf_wr_finish(&b, &out), HF_OK);
    return out.len;
}

/* ---- ServerHello ---- */

static hf_server_hello read_hello(hf_span body)
{
    hf_server_hello h = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = { .version = HF_TLS13, .writer = HF_SERVER };
    hf_reader in = hf_rd_start(body, "ServerHello", 0, &fault, NULL);

    hf_server_hello_read(&in, &w, &h);
    assert_int_equal(fault.code, HF_OK);
    return h;
}

void replay_compare_hellos(replay *r, hf_span ours, hf_span message)
{
    hf_server_hello found = read_hello(ours), expected = read_hello(body_of(message));
    bool same =
        ours.len == body_of(message).len && found.cipher_suite == expected.cipher_suite &&
        found.ext.present == expected.ext.present &&
        found.ext.selected_identity == expected.ext.selected_identity &&
        found.ext.selected_version == expected.ext.selected_version &&
        found.ext.key_share.group == expected.ext.key_share.group &&
        hf_span_equal(found.ext.key_share.key_exchange, expected.ext.key_share.key_exchange);

    replay_compare(r, HF_SERVER, "ServerHello", hf_span_of(&(uint8_t){ same }, 1),
                   hf_span_of(&(uint8_t){ true }, 1));
    replay_compare(r, HF_SERVER, "ServerHello.random", hf_span_of(found.random, HF_RANDOM),
                   hf_span_of(expected.random, HF_RANDOM));
}

/* ---- the client ---- */

hf_span replay_session(replay *r, const hf_config *client)
{
    hf_session s = remembered(r, HF_CLIENT, client);

    s.issued_ms = (uint64_t)IN_2017 * 1000;
    s.verify_name = s.server_name;
    s.peer_subject = hf_span_str("CN=rsa");
    s.peer_fingerprint = hf_span_str("of the certificate in the first trace");
    s.ticket = the_ticket(r).ticket;
    return hf_span_of(r->session, write_session(&s, r->session, sizeof r->session));
}

/* ---- the server ---- */

static hf_error seal(void *user, hf_span state, uint8_t *ticket, size_t *len)
{
    (void)user, (void)state, (void)ticket, (void)len;
    return HF_E_LIMIT; /* the trace has no more tickets */
}

static hf_error open(void *user, hf_span ticket, uint8_t *state, size_t *len, bool *renew)
{
    replay *r = user;
    hf_new_session_ticket t = the_ticket(r);
    hf_session s = remembered(r, HF_SERVER, r->end[HF_SERVER].config);

    *renew = false;
    if (!hf_span_equal(ticket, t.ticket))
        return HF_E_SESSION_DAMAGED;
    s.issued_ms = r->now_ms - age_of(r, &t);
    *len = write_session(&s, state, HF_TICKET_STATE_MAX);
    return HF_OK;
}

static hf_error claim(void *user, const uint8_t id[HF_EARLY_ID], uint64_t now_ms, uint64_t until_ms)
{
    replay *r = user;

    (void)id;
    assert_true(now_ms < until_ms);
    return r->claimed++ == 0 ? HF_OK : HF_E_EARLY_USED;
}

static uint64_t now_ms(void *user)
{
    const replay *r = user;

    return r->now_ms;
}

void replay_give_ticket(replay *r, hf_config *server)
{
    const hf_sessions_ops ops = { seal, open, claim, now_ms, r };
    const hf_sessions_options options = { .tickets = true, .lifetime = LIFETIME, .ops = &ops };

    r->now_ms = 1000000;
    r->sessions = hf_sessions_new(&options);
    assert_non_null(r->sessions);
    assert_int_equal(hf_config_set_sessions(server, r->sessions), HF_OK);
}
