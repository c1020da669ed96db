/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A middle-man makes two good ends speak something older or weaker than both would: he strips what a
 * ClientHello offers and changes what a ServerHello says, in flight. A row of the table is an attempt:
 * what he changes, which end must notice it, by which alert, and the rule that sees to it. Each row's
 * two ends connect if he is honest. Then the same without a table: any extension, any byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/middle.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef struct attempt {
    const char *what;
    middle_edit edit[2]; /* of ClientHello, of ServerHello */
    const char *policy;  /* of both ends; NULL: default */
    uint16_t only[2];    /* the one version that this end speaks; 0: both versions */
    hf_key_type key;     /* of the server; 0: P-256 */
    bool fell_back;      /* the client says TLS_FALLBACK_SCSV */
    hf_role notices;
    int alert;
    hf_error code;
    const char *rule;
} attempt;

/* ---- what he leaves of the lists ---- */

static const uint16_t p256[] = { HF_GROUP_secp256r1, 0 }, p384[] = { HF_GROUP_secp384r1, 0 };
static const uint16_t classical[] = { HF_GROUP_x25519, HF_GROUP_secp256r1, 0 };
static const uint16_t last_suites[] = { HF_TLS_CHACHA20_POLY1305_SHA256,
                                        HF_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, 0 };
static const uint16_t static_rsa[] = { HF_TLS_RSA_WITH_AES_128_GCM_SHA256,
                                       HF_TLS_RSA_WITH_AES_256_GCM_SHA384, 0 };
static const uint16_t one_scheme[] = { HF_SCHEME_ecdsa_secp256r1_sha256, 0 };
static const uint16_t pkcs1[] = { HF_SCHEME_rsa_pkcs1_sha256, 0 };

/* ---- the table ---- */

#define HELLO(...)  .edit[HF_CLIENT] = { __VA_ARGS__ }
#define ANSWER(...) .edit[HF_SERVER] = { __VA_ARGS__ }
#define STRIP(name) .remove = { EXT_##name }
#define BOTH_12     .only = { HF_TLS12, HF_TLS12 }
#define CLASSROOM   .policy = "classroom"
#define RSA         .key = HF_KEY_RSA
#define BY(end, description, row)                                                                  \
    .notices = HF_##end, .alert = HF_ALERT_##description, .code = HF_E_##row
#define VERSIONS(list)                                                                             \
    .put = EXT_SUPPORTED_VERSIONS, .content = { (const uint8_t *)(list), sizeof(list) - 1 }
#define PROTOCOLS(list) .put = EXT_ALPN, .content = { (const uint8_t *)(list), sizeof(list) - 1 }

/* With extended_main_secret the keys depend on every byte of both hellos, as in TLS 1.3: the first record that is protected
   does not open. Without it Finished alone tells. (RFC 9846 4.3.1#13 #15, 4.2.3#16 #17, E.2#3) */
static const attempt attempts[] = {
    /* versions */
    { "supported_versions", HELLO(STRIP(SUPPORTED_VERSIONS)),
      BY(CLIENT, illegal_parameter, DOWNGRADE), .rule = "RFC 9846 4.2.3" },
    { "TLS 1.3 in supported_versions", HELLO(VERSIONS("\2\3\3")),
      BY(CLIENT, illegal_parameter, DOWNGRADE), .rule = "RFC 9846 4.2.3" },
    { "… and the sentinel too", HELLO(VERSIONS("\2\3\3")), ANSWER(.sentinel = true),
      BY(CLIENT, decrypt_error, SIGNATURE_WRONG), .rule = "RFC 8422 5.4" },
    { "… with static RSA, where no signature covers the random", HELLO(VERSIONS("\2\3\3")),
      ANSWER(.sentinel = true), CLASSROOM, RSA, BY(SERVER, bad_record_mac, RECORD_MAC),
      .rule = "RFC 5246 8.1, RFC 7627 4" },
    { "versions from 1.2 on in supported_versions", HELLO(VERSIONS("\4\3\2\3\1")),
      BY(SERVER, protocol_version, VERSION_UNSUPPORTED), .rule = "RFC 9846 4.3.1" },
    { "legacy_version made 1.1, beside supported_versions", HELLO(.legacy_version = 0x0302),
      BY(SERVER, protocol_version, LEGACY_VERSION), .rule = "RFC 9846 4.2.2" },
    { "legacy_version made 1.1, without supported_versions",
      HELLO(.legacy_version = 0x0302, STRIP(SUPPORTED_VERSIONS)),
      BY(SERVER, protocol_version, VERSION_UNSUPPORTED), .rule = "RFC 9846 E.2" },
    { "legacy_version made 1.0, without supported_versions",
      HELLO(.legacy_version = 0x0301, STRIP(SUPPORTED_VERSIONS)),
      BY(SERVER, protocol_version, VERSION_UNSUPPORTED), .rule = "RFC 9846 E.2" },
    { "legacy_version made SSL 3.0, without supported_versions",
      HELLO(.legacy_version = 0x0300, STRIP(SUPPORTED_VERSIONS)),
      BY(SERVER, protocol_version, VERSION_UNSUPPORTED), .rule = "RFC 9846 E.2" },
    { "1.2: ClientHello made one of 1.1", HELLO(.legacy_version = 0x0302), BOTH_12,
      BY(SERVER, protocol_version, VERSION_UNSUPPORTED), .rule = "RFC 5246 E.1" },
    { "1.2: ServerHello made one of 1.1", ANSWER(.legacy_version = 0x0302), BOTH_12,
      BY(CLIENT, protocol_version, VERSION_UNSUPPORTED), .rule = "RFC 5246 E.1" },
    { "1.3: ServerHello's supported_versions", ANSWER(STRIP(SUPPORTED_VERSIONS)),
      BY(CLIENT, illegal_parameter, EXTENSION_NOT_ALLOWED), .rule = "RFC 9846 4.3" },
    { "1.3: both extensions of ServerHello",
      ANSWER(.remove = { EXT_SUPPORTED_VERSIONS, EXT_KEY_SHARE }),
      BY(CLIENT, illegal_parameter, SUITE_NOT_OFFERED), .rule = "RFC 5246 7.4.1.3" },
    /* the fallback signal: the client speaks 1.2 alone because somebody broke its first attempt */
    { "TLS_FALLBACK_SCSV", HELLO(.no_suite = SCSV_FALLBACK), .only = { HF_TLS12, 0 },
      .fell_back = true, BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7507 3, RFC 7627 4" },
    /* groups */
    { "1.3: all groups but P-256, from both ClientHellos", HELLO(.groups = p256, .shares = p256),
      BY(CLIENT, bad_record_mac, RECORD_MAC), .rule = "RFC 9846 7.1" },
    { "1.3: all groups but P-256, from the first ClientHello",
      HELLO(.groups = p256, .shares = p256, .first_only = true),
      BY(SERVER, illegal_parameter, RETRY_CHANGED), .rule = "RFC 9846 4.2.2" },
    { "… and supported_versions from the second",
      HELLO(.groups = p256, .shares = p256, .remove_later = EXT_SUPPORTED_VERSIONS),
      BY(SERVER, illegal_parameter, RETRY_CHANGED), .rule = "RFC 9846 4.2.2" },
    { "1.3: the hybrid group", HELLO(.groups = classical, .shares = classical),
      BY(CLIENT, bad_record_mac, RECORD_MAC), .rule = "RFC 9846 7.1" },
    { "1.3: groups, their shares left", HELLO(.groups = p256),
      BY(SERVER, illegal_parameter, KEY_SHARE_NOT_LISTED), .rule = "RFC 9846 4.3.8" },
    { "1.3: all key shares", HELLO(.shares = p384), BY(CLIENT, illegal_parameter, RETRY_NO_CHANGE),
      .rule = "RFC 9846 4.3.8" },
    { "1.3: key_share", HELLO(STRIP(KEY_SHARE)), BY(SERVER, missing_extension, MISSING_EXTENSION),
      .rule = "RFC 9846 9.2" },
    { "1.2: all groups but P-256", HELLO(.groups = p256), BOTH_12,
      BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    { "… without extended_main_secret", HELLO(.groups = p256, STRIP(EXTENDED_MAIN_SECRET)), BOTH_12,
      CLASSROOM, BY(SERVER, decrypt_error, FINISHED_WRONG), .rule = "RFC 5246 7.4.9" },
    /* suites */
    { "1.3: all suites but the last", HELLO(.suites = last_suites),
      BY(CLIENT, bad_record_mac, RECORD_MAC), .rule = "RFC 9846 7.1" },
    { "1.3: ServerHello's suite", ANSWER(.suite = HF_TLS_CHACHA20_POLY1305_SHA256),
      BY(CLIENT, bad_record_mac, RECORD_MAC), .rule = "RFC 9846 7.1" },
    { "1.3: ServerHello's suite made one of 1.2",
      ANSWER(.suite = HF_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
      BY(CLIENT, illegal_parameter, SUITE_NOT_OFFERED), .rule = "RFC 9846 4.2.3" },
    { "1.2: all suites but the last", HELLO(.suites = last_suites), BOTH_12,
      BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    { "… without extended_main_secret", HELLO(.suites = last_suites, STRIP(EXTENDED_MAIN_SECRET)),
      BOTH_12, CLASSROOM, BY(SERVER, decrypt_error, FINISHED_WRONG), .rule = "RFC 5246 7.4.9" },
    { "1.2: ServerHello's suite", ANSWER(.suite = HF_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
      BOTH_12, BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    { "1.2: ServerHello's suite, with another hash",
      ANSWER(.suite = HF_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384), BOTH_12,
      BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    { "1.2: ServerHello's suite, with another kind of key",
      ANSWER(.suite = HF_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256), BOTH_12,
      BY(CLIENT, illegal_parameter, CERT_SUITE), .rule = "RFC 5246 7.4.2" },
    { "1.2: ServerHello says static RSA", ANSWER(.suite = HF_TLS_RSA_WITH_AES_128_GCM_SHA256),
      BOTH_12, RSA, BY(CLIENT, illegal_parameter, SUITE_NOT_OFFERED), .rule = "RFC 5246 7.4.1.3" },
    { "1.2: the forward secrecy of ends that allow static RSA", HELLO(.suites = static_rsa),
      BOTH_12, CLASSROOM, RSA, BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    /* extended main secret, renegotiation */
    { "ClientHello's extended_main_secret", HELLO(STRIP(EXTENDED_MAIN_SECRET)), BOTH_12,
      BY(SERVER, handshake_failure, EMS_MISSING), .rule = "RFC 7627 5.3" },
    { "ServerHello's extended_main_secret", ANSWER(STRIP(EXTENDED_MAIN_SECRET)), BOTH_12,
      BY(CLIENT, handshake_failure, EMS_MISSING), .rule = "RFC 7627 5.2" },
    { "extended_main_secret between ends that do not require it",
      HELLO(STRIP(EXTENDED_MAIN_SECRET)), BOTH_12, CLASSROOM,
      BY(SERVER, decrypt_error, FINISHED_WRONG), .rule = "RFC 5246 7.4.9" },
    { "… of ServerHello alone", ANSWER(STRIP(EXTENDED_MAIN_SECRET)), BOTH_12, CLASSROOM,
      BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    { "ClientHello's renegotiation_info", HELLO(STRIP(RENEGOTIATION_INFO)), BOTH_12,
      BY(SERVER, handshake_failure, RENEGOTIATION_INFO), .rule = "RFC 5746 3.6, RFC 9325 3.5" },
    { "ServerHello's renegotiation_info", ANSWER(STRIP(RENEGOTIATION_INFO)), BOTH_12,
      BY(CLIENT, handshake_failure, RENEGOTIATION_INFO), .rule = "RFC 5746 3.4, RFC 9325 3.5" },
    { "renegotiation_info between ends that do not require it", HELLO(STRIP(RENEGOTIATION_INFO)),
      BOTH_12, CLASSROOM, BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    { "… without extended_main_secret",
      HELLO(.remove = { EXT_RENEGOTIATION_INFO, EXT_EXTENDED_MAIN_SECRET }), BOTH_12, CLASSROOM,
      BY(SERVER, decrypt_error, FINISHED_WRONG), .rule = "RFC 5246 7.4.9" },
    { "… of ServerHello alone", ANSWER(STRIP(RENEGOTIATION_INFO)), BOTH_12, CLASSROOM,
      BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    /* signatures, protocols, randoms */
    { "1.3: all signature schemes but one", HELLO(.schemes = one_scheme),
      BY(CLIENT, bad_record_mac, RECORD_MAC), .rule = "RFC 9846 7.1" },
    { "1.3: signature_algorithms", HELLO(STRIP(SIGNATURE_ALGORITHMS)),
      BY(SERVER, missing_extension, MISSING_EXTENSION), .rule = "RFC 9846 9.2" },
    { "1.2: all signature schemes but one", HELLO(.schemes = one_scheme), BOTH_12,
      BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    { "1.2: RSASSA-PSS", HELLO(.schemes = pkcs1), BOTH_12, RSA,
      BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    { "1.2: signature_algorithms, so that SHA-1 is meant", HELLO(STRIP(SIGNATURE_ALGORITHMS)),
      BOTH_12, BY(SERVER, handshake_failure, NO_COMMON_SCHEME), .rule = "RFC 9155 2" },
    { "1.3: ALPN", HELLO(STRIP(ALPN)), BY(CLIENT, bad_record_mac, RECORD_MAC),
      .rule = "RFC 9846 7.1" },
    { "1.3: the newer protocol of ALPN", HELLO(PROTOCOLS("\0\x9\x8http/1.1")),
      BY(CLIENT, bad_record_mac, RECORD_MAC), .rule = "RFC 9846 7.1" },
    { "1.2: ALPN", HELLO(STRIP(ALPN)), BOTH_12, BY(SERVER, bad_record_mac, RECORD_MAC),
      .rule = "RFC 7627 4" },
    { "1.2: the newer protocol of ALPN", HELLO(PROTOCOLS("\0\x9\x8http/1.1")), BOTH_12,
      BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    { "1.2: ServerHello's ALPN", ANSWER(STRIP(ALPN)), BOTH_12,
      BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    { "1.2: ServerHello's protocol made the older one", ANSWER(PROTOCOLS("\0\x9\x8http/1.1")),
      BOTH_12, BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 7627 4" },
    { "1.2: ClientHello's random", HELLO(.random = true), BOTH_12,
      BY(CLIENT, decrypt_error, SIGNATURE_WRONG), .rule = "RFC 8422 5.4" },
    { "1.2: ServerHello's random", ANSWER(.random = true), BOTH_12,
      BY(CLIENT, decrypt_error, SIGNATURE_WRONG), .rule = "RFC 8422 5.4" },
    { "static RSA: ClientHello's random", HELLO(.random = true), BOTH_12, CLASSROOM, RSA,
      BY(SERVER, bad_record_mac, RECORD_MAC), .rule = "RFC 5246 8.1, RFC 7627 4" },
};

/* ---- the two ends ---- */

/* RFC 7507 4: what a client says that tried a newer version before. Ours never falls back. */
static bool say_scsv(void *user, hf_msg msg, hf_span *body)
{
    hostile_bytes *hello = user;

    if (msg != HF_MSG_ClientHello)
        return false;
    hb_set(hello, *body);
    middle_add_suite(hello, SCSV_FALLBACK);
    *body = hb_span(hello);
    return true;
}

static void fall_back(hf_config *config, hf_role role, void *user)
{
    if (role == HF_CLIENT)
        config->override = (hf_override){ say_scsv, user };
}

static hf_policy policy_of(const attempt *a, hf_role role)
{
    const char *name = a->policy ? a->policy : "default";

    return a->only[role] ? policy_of_version(name, a->only[role]) : *hf_policy_named(name);
}

/* m: NULL for an honest middle-man. */
static void meet(pair *p, const attempt *a, middle *m)
{
    hf_policy client = policy_of(a, HF_CLIENT), server = policy_of(a, HF_SERVER);
    hostile_bytes hello = { 0 };
    pair_options o = { .pki = shared_pki(a->key ? a->key : HF_KEY_P256),
                       .policy = { &client, &server },
                       .alpn = { { "h2", "http/1.1" }, { "h2", "http/1.1" } },
                       .configure = a->fell_back ? fall_back : NULL,
                       .user = &hello };

    pair_start(p, &o);
    if (m) {
        memcpy(m->edit, a->edit, sizeof m->edit);
        middle_enter(m, p);
    }
    pair_run(p);
    hb_free(&hello);
}

static const hf_failure *failure_of(const pair *p, hf_role role)
{
    return hf_conn_failure(p->end[role].conn);
}

static const char *code_of(const hf_failure *f)
{
    return f ? hf_error_row_of(f->code)->name : "nothing";
}

static bool both_connected(const pair *p)
{
    return p->end[HF_CLIENT].connected && p->end[HF_SERVER].connected;
}

static bool somebody_connected(const pair *p)
{
    return p->end[HF_CLIENT].connected || p->end[HF_SERVER].connected;
}

/* ---- the attempts ---- */

static bool row_holds(const attempt *a)
{
    middle m = { 0 };
    pair p;

    meet(&p, a, &m);
    const hf_failure *f = failure_of(&p, a->notices);
    bool holds = f && f->code == a->code && f->alert == a->alert &&
                 f->alert_direction == HF_ALERT_SENT && !somebody_connected(&p) &&
                 m.seen[HF_CLIENT] > 0;
    if (!holds)
        print_error("%s (%s): %s at the client, %s at the server\n", a->what, a->rule,
                    code_of(failure_of(&p, HF_CLIENT)), code_of(failure_of(&p, HF_SERVER)));
    pair_free(&p);
    return holds;
}

static void every_attempt(void **state)
{
    size_t held = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(attempts); i++)
        held += row_holds(&attempts[i]);
    printf("%zu attempts\n", COUNT(attempts));
    assert_int_equal(held, COUNT(attempts));
}

/* Without him each of these ends connects, in the newest version that both speak. */
static void honest(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(attempts); i++) {
        attempt a = attempts[i];
        pair p;

        a.fell_back = false;
        meet(&p, &a, NULL);
        if (!both_connected(&p))
            fail_msg("%s: an honest middle-man breaks it", a.what);
        const hf_conn_info *info = hf_conn_info_of(p.end[HF_CLIENT].conn);
        assert_int_equal(info->version, a.only[HF_CLIENT] ? HF_TLS12 : HF_TLS13);
        assert_string_equal(info->alpn, "h2");
        pair_free(&p);
    }
}

/* He is not noticed for his own sake: hellos that he takes apart and puts together are as before. */
static void idle(void **state)
{
    static const attempt nothing[] = { { .what = "1.3" }, { .what = "1.2", BOTH_12 } };

    (void)state;
    for (size_t i = 0; i < COUNT(nothing); i++) {
        middle m = { 0 };
        pair p;

        meet(&p, &nothing[i], &m);
        assert_true(both_connected(&p));
        assert_int_equal(m.seen[HF_CLIENT], 1);
        assert_int_equal(m.seen[HF_SERVER], 1);
        pair_free(&p);
    }
}

/* ---- fallback (RFC 7507 3) ---- */

/* With the signal a server that speaks 1.3 says that there was no need to fall back; one that does not goes on. */
static void fallback(void **state)
{
    static const attempt needless = { .only = { HF_TLS12, 0 }, .fell_back = true };
    static const attempt needed = { BOTH_12, .fell_back = true };
    pair p;

    (void)state;
    meet(&p, &needless, NULL);
    assert_int_equal(failure_of(&p, HF_SERVER)->code, HF_E_FALLBACK);
    assert_int_equal(failure_of(&p, HF_SERVER)->alert, HF_ALERT_inappropriate_fallback);
    assert_int_equal(failure_of(&p, HF_CLIENT)->alert, HF_ALERT_inappropriate_fallback);
    pair_free(&p);
    meet(&p, &needed, NULL);
    assert_true(both_connected(&p));
    pair_free(&p);
}

/* ---- static RSA against `default` (RFC 9325 4.1) ---- */

static void assert_refused(const hf_failure *f, hf_error code, int alert, const char *field)
{
    assert_non_null(f);
    assert_int_equal(f->code, code);
    assert_int_equal(f->alert, alert);
    assert_int_equal(f->alert_direction, HF_ALERT_SENT);
    assert_string_equal(f->field, field);
}

/* A server that is asked for nothing else says which policy forbids it, what that has, and what was offered. */
static void server_refuses_static_rsa(void **state)
{
    hf_policy client = policy_of_version("classroom", HF_TLS12);
    hf_policy server = *hf_policy_named("default");
    pair_options o = { .pki = shared_pki(HF_KEY_RSA), .policy = { &client, &server } };
    pair p;

    (void)state;
    memset(client.suites, 0, sizeof client.suites);
    memcpy(client.suites, static_rsa, sizeof static_rsa);
    pair_start(&p, &o);
    pair_run(&p);
    const hf_failure *f = failure_of(&p, HF_SERVER);
    assert_refused(f, HF_E_NO_COMMON_SUITE, HF_ALERT_handshake_failure,
                   "ClientHello.cipher_suites");
    assert_string_equal(f->offered,
                        "TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_256_GCM_SHA384");
    assert_memory_equal(f->expected, "policy default-2026-11: TLS_AES_128_GCM_SHA256, ", 48);
    assert_int_equal(failure_of(&p, HF_CLIENT)->alert, HF_ALERT_handshake_failure);
    pair_free(&p);
}

/* A client that is answered with it says which suite it did not offer. */
static void client_refuses_static_rsa(void **state)
{
    static const attempt answered = { "", ANSWER(.suite = HF_TLS_RSA_WITH_AES_128_GCM_SHA256),
                                      BOTH_12, RSA };
    middle m = { 0 };
    pair p;

    (void)state;
    meet(&p, &answered, &m);
    const hf_failure *f = failure_of(&p, HF_CLIENT);
    assert_refused(f, HF_E_SUITE_NOT_OFFERED, HF_ALERT_illegal_parameter,
                   "ServerHello.cipher_suite");
    assert_non_null(strstr(f->offered, "TLS_RSA_WITH_AES_128_GCM_SHA256"));
    pair_free(&p);
}

/* ---- whatever he changes ---- */

/* Both hellos are in the transcript with every byte: RFC 9846 4.1, RFC 5246 7.4.9. False: there is no nth. */
static bool nobody_connects(const attempt *a, size_t nth)
{
    middle m = { 0 };
    pair p;

    meet(&p, a, &m);
    if (m.done && somebody_connected(&p))
        fail_msg("%s %zu changed, and somebody is connected", a->what, nth);
    if (m.done && !(failure_of(&p, HF_CLIENT) || failure_of(&p, HF_SERVER)))
        fail_msg("%s %zu changed, and nobody has noticed", a->what, nth);
    pair_free(&p);
    return m.done;
}

static void try_all(const attempt *rows, size_t n_rows, size_t least)
{
    for (const attempt *row = rows; row < rows + n_rows; row++) {
        attempt a = *row;
        middle_edit *e = &a.edit[row->notices]; /* whose hello it is */
        size_t n = 0;

        while (nobody_connects(&a, n + 1)) {
            n++;
            e->nth_extension += e->nth_extension > 0;
            e->nth_byte += e->nth_byte > 0;
        }
        printf("%s: %zu\n", a.what, n);
        assert_true(n >= least);
    }
}

#define HELLO_OF(end, ...) .notices = HF_##end, .edit[HF_##end] = { __VA_ARGS__ }

static void any_extension(void **state)
{
    static const attempt all[] = {
        { "1.3: extension of ClientHello", HELLO_OF(CLIENT, .nth_extension = 1) },
        { "1.3: extension of ServerHello", HELLO_OF(SERVER, .nth_extension = 1) },
        { "1.2: extension of ClientHello", HELLO_OF(CLIENT, .nth_extension = 1), BOTH_12 },
        { "1.2: extension of ServerHello", HELLO_OF(SERVER, .nth_extension = 1), BOTH_12 },
        { "static RSA: extension of ClientHello", HELLO_OF(CLIENT, .nth_extension = 1), BOTH_12,
          CLASSROOM, RSA },
    };

    (void)state;
    try_all(all, COUNT(all), 2);
}

static void any_byte(void **state)
{
    static const attempt all[] = {
        { "1.2: byte of ClientHello", HELLO_OF(CLIENT, .nth_byte = 1), BOTH_12 },
        { "1.2: byte of ServerHello", HELLO_OF(SERVER, .nth_byte = 1), BOTH_12 },
        { "1.3: byte of ServerHello", HELLO_OF(SERVER, .nth_byte = 1) },
        { "static RSA: byte of ServerHello", HELLO_OF(SERVER, .nth_byte = 1), BOTH_12, CLASSROOM,
          RSA },
    };

    (void)state;
    try_all(all, COUNT(all), 2 + HF_RANDOM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attempt),
        cmocka_unit_test(honest),
        cmocka_unit_test(idle),
        cmocka_unit_test(fallback),
        cmocka_unit_test(server_refuses_static_rsa),
        cmocka_unit_test(client_refuses_static_rsa),
        cmocka_unit_test(any_extension),
        cmocka_unit_test(any_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
