/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Handshakes of TLS 1.2 that fail. */
#include "support/stage_scenes.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { C = HF_CLIENT, S = HF_SERVER };

static void wrong_name(stage *s)
{
    stage_prepare(s, HF_TLS12);
    s->options.verify_name = "www.example.org";
    stage_run(s);
}

/* The server takes TLS 1.2 only, and says in its random that it could do more. */
static void say_downgrade(hostile *h, hf_msg msg, hostile_bytes *body)
{
    (void)h;
    if (msg == HF_MSG_ServerHello)
        memcpy(body->data + 2 + HF_RANDOM - 8, "DOWNGRD\x01", 8);
}

static void downgrade(stage *s)
{
    stage_prepare_named(s, "default", HF_KEY_ED25519);
    s->policy[S].max_version = HF_TLS12;
    hostile_rest(stage_hostile(s, HF_CLIENT, say_downgrade));
}

static void no_extended_secret(hostile *h, hf_msg msg, hostile_bytes *body)
{
    (void)h;
    if (msg == HF_MSG_ServerHello)
        hb_extension_remove(body, msg, 23);
}

static void without_extended_secret(stage *s)
{
    stage_prepare_named(s, "default", HF_KEY_ED25519);
    s->policy[S].max_version = HF_TLS12;
    hostile_rest(stage_hostile(s, HF_CLIENT, no_extended_secret));
}

static void flip(stage *s, hf_role victim, hf_msg msg)
{
    hostile_bytes body = { 0 };
    hostile *h;

    stage_prepare(s, HF_TLS12);
    h = stage_hostile(s, victim, NULL);
    hostile_until(h, msg, 0);
    hb_set(&body, hostile_due_body(h));
    body.data[body.len - 1] ^= 1;
    hostile_instead(h, hb_span(&body));
    hb_free(&body);
    hostile_rest(h);
}

static void bad_key_exchange(stage *s)
{
    flip(s, HF_CLIENT, HF_MSG_ServerKeyExchange);
}

static void bad_finished(stage *s)
{
    flip(s, HF_SERVER, HF_MSG_Finished);
}

static void out_of_order(stage *s)
{
    hostile *h;

    stage_prepare(s, HF_TLS12);
    h = stage_hostile(s, HF_CLIENT, NULL);
    hostile_until(h, HF_MSG_ServerKeyExchange, 0);
    hostile_skip(h);
    hostile_next(h);
}

static void switch_too_early(stage *s)
{
    static const uint8_t one = 1;
    hostile *h;

    stage_prepare(s, HF_TLS12);
    h = stage_hostile(s, HF_SERVER, NULL);
    hostile_until(h, HF_MSG_ClientKeyExchange, 0);
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, hf_span_of(&one, 1));
}

static void changed_on_the_way(stage *s)
{
    hostile *h;
    hostile_bytes record = { 0 };

    stage_prepare(s, HF_TLS12);
    h = stage_hostile(s, HF_SERVER, NULL);
    hostile_until(h, HF_MSG_Finished, 0);
    hostile_seal(h, HF_APP, HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes), 0, &record);
    record.data[record.len - 1] ^= 1;
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

static void other_key(stage *s)
{
    stage_prepare(s, HF_TLS12);
    stage_share_key(s, false);
    s->policy[C].suites[0] = s->policy[S].suites[0] = 0xd001;
    stage_run(s);
}

static void no_client_certificate(stage *s)
{
    stage_prepare(s, HF_TLS12);
    s->options.client_auth = HF_CLIENT_AUTH_REQUIRE;
    stage_run(s);
}

const scene scenes12[] = {
    { "failed12-wrong-name", C, wrong_name, false, HF_E_CERT_NAME },
    { "failed12-downgrade", C, downgrade, false, HF_E_DOWNGRADE },
    { "failed12-extended-secret", C, without_extended_secret, false, HF_E_EMS_MISSING },
    { "failed12-key-exchange", C, bad_key_exchange, false, HF_E_SIGNATURE_WRONG },
    { "failed12-finished", S, bad_finished, false, HF_E_FINISHED_WRONG },
    { "failed12-out-of-order", C, out_of_order, false, HF_E_UNEXPECTED_MESSAGE },
    { "failed12-switch-too-early", S, switch_too_early, false, HF_E_UNEXPECTED_MESSAGE },
    { "failed12-changed-on-the-way", S, changed_on_the_way, false, HF_E_RECORD_MAC },
    { "failed12-other-key", S, other_key, false, HF_E_PSK_WRONG },
    { "failed12-no-client-certificate", S, no_client_certificate, false,
      HF_E_CLIENT_CERT_REQUIRED_12 },
    { NULL, C, NULL, false, HF_OK },
};
