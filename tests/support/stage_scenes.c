/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The shapes of a handshake that connects. */
#include "support/stage_scenes.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { EARLY_MAX = 1000 };

const scene *scene_row(size_t i)
{
    static const scene *const all[] = { scenes_good, scenes_named, scenes_hello, scenes_bytes,
                                        scenes12 };

    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        for (const scene *row = all[k]; row->name; row++)
            if (i-- == 0)
                return row;
    return NULL;
}

bool scene_play(const scene *row, stage *s)
{
    if (!stage_can_play())
        return false;
    row->play(s);
    stage_finish(s);
    return true;
}

static void connect(stage *s)
{
    stage_run(s);
    for (int role = 0; role < 2; role++)
        assert_true(s->p.end[role].connected);
}

static void whole(stage *s)
{
    connect(s);
    stage_talk(s);
    stage_close(s);
}

void only_group(hf_policy *policy, uint16_t group)
{
    memset(policy->groups, 0, sizeof policy->groups);
    memset(policy->key_shares, 0, sizeof policy->key_shares);
    policy->groups[0] = policy->key_shares[0] = group;
}

/* ---- TLS 1.3 ---- */

static void full13(stage *s)
{
    stage_prepare(s, HF_TLS13);
    s->options.alpn[HF_CLIENT][0] = "h2";
    s->options.alpn[HF_CLIENT][1] = "http/1.1";
    s->options.alpn[HF_SERVER][0] = "http/1.1";
    whole(s);
}

static void by_default(stage *s)
{
    stage_prepare_named(s, "default", HF_KEY_ED25519);
    stage_tickets(s);
    whole(s);
}

static void rsa13(stage *s)
{
    stage_prepare(s, HF_TLS13);
    s->options.pki = stage_pki(HF_KEY_RSA);
    whole(s);
}

static void retry13(stage *s)
{
    stage_prepare(s, HF_TLS13);
    only_group(&s->policy[HF_SERVER], HF_GROUP_secp256r1);
    whole(s);
}

static void resumed13(stage *s)
{
    stage_prepare(s, HF_TLS13);
    stage_remember(s);
    whole(s);
}

static void early(stage *s, bool taken)
{
    stage_prepare(s, HF_TLS13);
    s->options.early_data[HF_CLIENT] = s->options.early_data[HF_SERVER] = EARLY_MAX;
    stage_remember(s);
    s->options.early = hf_span_str("an early question");
    if (!taken)
        s->options.early_data[HF_SERVER] = 0;
    whole(s);
}

static void early_taken(stage *s)
{
    early(s, true);
}

static void early_refused(stage *s)
{
    early(s, false);
}

static void mutual(stage *s, uint16_t version)
{
    stage_prepare(s, version);
    s->options.client_auth = HF_CLIENT_AUTH_REQUIRE;
    s->options.client_identity = true;
    whole(s);
}

static void mutual13(stage *s)
{
    mutual(s, HF_TLS13);
}

static void nothing_to_show13(stage *s)
{
    stage_prepare(s, HF_TLS13);
    s->options.client_auth = HF_CLIENT_AUTH_REQUEST;
    whole(s);
}

static void psk13(stage *s)
{
    stage_prepare(s, HF_TLS13);
    stage_share_key(s, true);
    whole(s);
}

static void key_update(stage *s)
{
    stage_prepare(s, HF_TLS13);
    connect(s);
    stage_talk(s);
    assert_int_equal(hf_conn_key_update(s->p.end[HF_CLIENT].conn, true), HF_OK);
    pair_run(&s->p);
    stage_talk(s);
    stage_close(s);
}

/* RFC 3207 5: what both say before TLS is on the tapes of both. */
static void starttls(stage *s)
{
    static const struct {
        hf_role writer;
        const char *line;
    } said[] = { { HF_SERVER, "220 mail.example.org ESMTP\r\n" },
                 { HF_CLIENT, "EHLO client.example.org\r\n" },
                 { HF_SERVER, "250-mail.example.org\r\n250 STARTTLS\r\n" },
                 { HF_CLIENT, "STARTTLS\r\n" },
                 { HF_SERVER, "220 go ahead\r\n" } };

    stage_prepare(s, HF_TLS13);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        for (int role = 0; role < 2; role++)
            hf_tape_prelude(s->end[role].tape, said[i].writer, hf_span_str(said[i].line));
    whole(s);
}

/* ---- TLS 1.2 ---- */

static void full12(stage *s)
{
    stage_prepare(s, HF_TLS12);
    whole(s);
}

/* The client would speak TLS 1.3 too. */
static void down_to_12(stage *s)
{
    stage_prepare_named(s, "default", HF_KEY_ED25519);
    s->policy[HF_SERVER].max_version = HF_TLS12;
    whole(s);
}

static void ticket12(stage *s)
{
    stage_prepare(s, HF_TLS12);
    stage_tickets(s);
    whole(s);
}

static void resumed12(stage *s)
{
    stage_prepare(s, HF_TLS12);
    stage_remember(s);
    whole(s);
}

static void mutual12(stage *s)
{
    mutual(s, HF_TLS12);
}

static void psk12(stage *s)
{
    stage_prepare(s, HF_TLS12);
    stage_share_key(s, true);
    s->policy[HF_CLIENT].suites[0] = s->policy[HF_SERVER].suites[0] = 0xd001;
    whole(s);
}

static void plain_psk12(stage *s)
{
    stage_prepare(s, HF_TLS12);
    stage_share_key(s, true);
    s->policy[HF_CLIENT].suites[0] = s->policy[HF_SERVER].suites[0] = 0xc0a8;
    whole(s);
}

static void static_rsa(stage *s)
{
    stage_prepare(s, HF_TLS12);
    s->options.pki = stage_pki(HF_KEY_RSA);
    s->policy[HF_CLIENT].suites[0] = s->policy[HF_SERVER].suites[0] = 0x009c;
    whole(s);
}

enum { C = HF_CLIENT, S = HF_SERVER };

const scene scenes_good[] = {
    { "tls13-full", C, full13, true, HF_OK },
    { "tls13-full-server", S, full13, false, HF_OK },
    { "tls13-default-policy", C, by_default, false, HF_OK },
    { "tls13-rsa", C, rsa13, false, HF_OK },
    { "tls13-retry", C, retry13, false, HF_OK },
    { "tls13-resumed", C, resumed13, true, HF_OK },
    { "tls13-early", C, early_taken, false, HF_OK },
    { "tls13-early-server", S, early_taken, false, HF_OK },
    { "tls13-early-refused", C, early_refused, false, HF_OK },
    { "tls13-mutual", S, mutual13, false, HF_OK },
    { "tls13-asked-nothing-to-show", C, nothing_to_show13, false, HF_OK },
    { "tls13-psk", C, psk13, false, HF_OK },
    { "tls13-key-update", C, key_update, false, HF_OK },
    { "tls13-starttls", C, starttls, false, HF_OK },
    { "tls12-full", C, full12, true, HF_OK },
    { "tls12-offered-13", C, down_to_12, false, HF_OK },
    { "tls12-ticket", C, ticket12, false, HF_OK },
    { "tls12-resumed", C, resumed12, false, HF_OK },
    { "tls12-mutual", S, mutual12, false, HF_OK },
    { "tls12-ecdhe-psk", C, psk12, false, HF_OK },
    { "tls12-plain-psk", C, plain_psk12, false, HF_OK },
    { "tls12-static-rsa", C, static_rsa, true, HF_OK },
    { NULL, C, NULL, false, HF_OK },
};
