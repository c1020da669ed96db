/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Handshakes of TLS 1.3 that fail: between two good ends that do not suit each other (named), because of a hello that breaks a
 * rule (hello), and because of bytes or messages that do (bytes).
 */
#include "support/stage_scenes.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { C = HF_CLIENT, S = HF_SERVER, EXTENSION_KEY_SHARE = 51, EXTENSION_ALPN = 16 };

/* ---- two good ends ---- */

static void wrong_name(stage *s)
{
    stage_prepare(s, HF_TLS13);
    s->options.verify_name = "www.example.org";
    stage_run(s);
}

static void with_other_identity(hf_config *config, hf_role role, void *user)
{
    if (role == HF_SERVER)
        assert_int_equal(hf_config_add_identity(config, user), HF_OK);
}

static void show(stage *s, hf_identity *identity)
{
    s->options.no_identity = true;
    s->options.configure = with_other_identity;
    s->options.user = identity;
    stage_run(s);
    hf_identity_free(identity);
}

static void expired(stage *s)
{
    stage_prepare(s, HF_TLS13);
    show(s, stage_identity_dated(HF_EKU_SERVER_AUTH, TEST_NOW - 30 * TEST_DAY,
                                 TEST_NOW - 2 * TEST_DAY));
}

static void not_yet_valid(stage *s)
{
    stage_prepare(s, HF_TLS13);
    show(s, stage_identity_dated(HF_EKU_SERVER_AUTH, TEST_NOW + 2 * TEST_DAY,
                                 TEST_NOW + 30 * TEST_DAY));
}

static void no_issuer(stage *s)
{
    stage_prepare(s, HF_TLS13);
    show(s, stage_identity_alone());
}

static void a_clients_certificate(stage *s)
{
    stage_prepare(s, HF_TLS13);
    show(s, pki_client_identity(stage_pki(HF_KEY_ED25519)));
}

static void trust_other(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set_trust(config, stage_other_pki()->trust), HF_OK);
}

static void untrusted(stage *s)
{
    stage_prepare(s, HF_TLS13);
    s->options.configure = trust_other;
    stage_run(s);
}

static void show_old(hf_config *config, hf_role role, void *user)
{
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_add_identity(config, user), HF_OK);
}

static void expired_client(stage *s)
{
    hf_identity *old =
        stage_identity_dated(HF_EKU_CLIENT_AUTH, TEST_NOW - 30 * TEST_DAY, TEST_NOW - TEST_DAY);

    stage_prepare(s, HF_TLS13);
    s->options.client_auth = HF_CLIENT_AUTH_REQUIRE;
    s->options.configure = show_old;
    s->options.user = old;
    stage_run(s);
    hf_identity_free(old);
}

static void no_client_certificate(stage *s)
{
    stage_prepare(s, HF_TLS13);
    s->options.client_auth = HF_CLIENT_AUTH_REQUIRE;
    stage_run(s);
}

static void no_common_version(stage *s)
{
    stage_prepare(s, HF_TLS13);
    s->policy[S].min_version = s->policy[S].max_version = HF_TLS12;
    s->policy[S].suites[0] = 0xc02b;
    s->policy[S].suites[1] = 0;
    stage_run(s);
}

static void no_common_suite(stage *s)
{
    stage_prepare(s, HF_TLS13);
    s->policy[S].suites[0] = 0x1302;
    s->policy[S].suites[1] = 0;
    stage_run(s);
}

static void no_common_group(stage *s)
{
    stage_prepare(s, HF_TLS13);
    only_group(&s->policy[S], HF_GROUP_secp384r1);
    stage_run(s);
}

static void no_common_protocol(stage *s)
{
    stage_prepare(s, HF_TLS13);
    s->options.alpn[C][0] = "h2";
    s->options.alpn[S][0] = "http/1.1";
    stage_run(s);
}

static void no_common_scheme(stage *s)
{
    stage_prepare(s, HF_TLS13);
    memset(s->policy[C].schemes, 0, sizeof s->policy[C].schemes);
    s->policy[C].schemes[0] = HF_SCHEME_ecdsa_secp256r1_sha256;
    stage_run(s);
}

static void other_key(stage *s)
{
    stage_prepare(s, HF_TLS13);
    stage_share_key(s, false);
    stage_run(s);
}

const scene scenes_named[] = {
    { "failed-wrong-name", C, wrong_name, true, HF_E_CERT_NAME },
    { "failed-expired", C, expired, false, HF_E_CERT_EXPIRED },
    { "failed-not-yet-valid", C, not_yet_valid, false, HF_E_CERT_NOT_YET_VALID },
    { "failed-no-issuer", C, no_issuer, false, HF_E_CERT_UNKNOWN_CA },
    { "failed-clients-certificate", C, a_clients_certificate, false, HF_E_CERT_PURPOSE },
    { "failed-untrusted", C, untrusted, false, HF_E_CERT_UNKNOWN_CA },
    { "failed-untrusted-told", S, untrusted, false, HF_E_ALERT_RECEIVED },
    { "failed-expired-client", S, expired_client, false, HF_E_CERT_EXPIRED },
    { "failed-expired-client-told", C, expired_client, false, HF_E_ALERT_RECEIVED },
    { "failed-no-client-certificate", S, no_client_certificate, false, HF_E_CLIENT_CERT_REQUIRED },
    { "failed-no-common-version", S, no_common_version, false, HF_E_VERSION_UNSUPPORTED },
    { "failed-no-common-version-told", C, no_common_version, true, HF_E_ALERT_RECEIVED },
    { "failed-no-common-suite", S, no_common_suite, false, HF_E_NO_COMMON_SUITE },
    { "failed-no-common-group", S, no_common_group, false, HF_E_NO_COMMON_GROUP },
    { "failed-no-common-protocol", S, no_common_protocol, false, HF_E_NO_COMMON_ALPN },
    { "failed-no-common-scheme", S, no_common_scheme, false, HF_E_NO_COMMON_SCHEME },
    { "failed-other-key", S, other_key, false, HF_E_PSK_BINDER_WRONG },
    { NULL, C, NULL, false, HF_OK },
};

/* ---- a ServerHello that breaks a rule ---- */

/* Where its fields stand, behind a session id of 32 bytes. */
enum { VERSION_AT = 0, ID_AT = 35, SUITE_AT = 67, COMPRESSION_AT = 69 };

static hostile_bytes due_hello(stage *s, hostile **h)
{
    hostile_bytes body = { 0 };

    stage_prepare(s, HF_TLS13);
    *h = stage_hostile(s, HF_CLIENT, NULL);
    hostile_until(*h, HF_MSG_ServerHello, 0);
    hb_set(&body, hostile_due_body(*h));
    return body;
}

static void give_hello(hostile *h, hostile_bytes *body)
{
    hostile_instead(h, hb_span(body));
    hb_free(body);
}

static void suite_not_offered(stage *s)
{
    hostile *h;
    hostile_bytes body = due_hello(s, &h);

    body.data[SUITE_AT + 1] = 0x05;
    give_hello(h, &body);
}

static void other_session_id(stage *s)
{
    hostile *h;
    hostile_bytes body = due_hello(s, &h);

    body.data[ID_AT] ^= 1;
    give_hello(h, &body);
}

static void compressed(stage *s)
{
    hostile *h;
    hostile_bytes body = due_hello(s, &h);

    body.data[COMPRESSION_AT] = 1;
    give_hello(h, &body);
}

static void old_version(stage *s)
{
    hostile *h;
    hostile_bytes body = due_hello(s, &h);

    body.data[VERSION_AT + 1] = 1;
    give_hello(h, &body);
}

static void unasked_extension(stage *s)
{
    static const uint8_t unasked[] = { 0x12, 0x34 };
    hostile *h;
    hostile_bytes body = due_hello(s, &h);

    hb_extension_last(&body, HF_MSG_ServerHello, 0x5678, hf_span_of(unasked, sizeof unasked));
    give_hello(h, &body);
}

static void twice(stage *s)
{
    static const uint8_t version[] = { 3, 4 };
    hostile *h;
    hostile_bytes body = due_hello(s, &h);

    hb_extension_front(&body, HF_MSG_ServerHello, 43, hf_span_of(version, sizeof version));
    give_hello(h, &body);
}

static void zero_share(stage *s)
{
    static const uint8_t share[36] = { 0, 0x1d, 0, 32 };
    hostile *h;
    hostile_bytes body = due_hello(s, &h);

    hb_extension_put(&body, HF_MSG_ServerHello, EXTENSION_KEY_SHARE,
                     hf_span_of(share, sizeof share));
    give_hello(h, &body);
}

static void cut_off(stage *s)
{
    hostile *h;
    hostile_bytes body = due_hello(s, &h);

    body.len -= 3;
    give_hello(h, &body);
}

static void one_more(stage *s)
{
    hostile *h;
    hostile_bytes body = due_hello(s, &h);

    hb_add_uint(&body, 0, 1);
    give_hello(h, &body);
}

static void not_allowed_there(hostile *h, hf_msg msg, hostile_bytes *body)
{
    static const uint8_t share[] = { 0, 0x1d, 0, 1, 0 };

    (void)h;
    if (msg == HF_MSG_EncryptedExtensions)
        hb_extension_last(body, msg, EXTENSION_KEY_SHARE, hf_span_of(share, sizeof share));
}

static void key_share_too_late(stage *s)
{
    stage_prepare(s, HF_TLS13);
    hostile_rest(stage_hostile(s, HF_CLIENT, not_allowed_there));
}

const scene scenes_hello[] = {
    { "failed-suite-not-offered", C, suite_not_offered, true, HF_E_SUITE_NOT_OFFERED },
    { "failed-session-id", C, other_session_id, false, HF_E_SESSION_ID_ECHO },
    { "failed-compression", C, compressed, false, HF_E_SERVER_COMPRESSION },
    { "failed-legacy-version", C, old_version, false, HF_E_LEGACY_VERSION },
    { "failed-unasked-extension", C, unasked_extension, false, HF_E_UNSOLICITED_EXTENSION },
    { "failed-extension-twice", C, twice, false, HF_E_DUPLICATE_EXTENSION },
    { "failed-zero-share", C, zero_share, false, HF_E_KEY_SHARE_ZERO },
    { "failed-cut-hello", C, cut_off, false, HF_E_TRUNCATED },
    { "failed-trailing-byte", C, one_more, false, HF_E_TRAILING_BYTES },
    { "failed-extension-place", C, key_share_too_late, false, HF_E_EXTENSION_NOT_ALLOWED },
    { NULL, C, NULL, false, HF_OK },
};

/* ---- bytes and messages ---- */

static hostile *at_client(stage *s)
{
    stage_prepare(s, HF_TLS13);
    return stage_hostile(s, HF_CLIENT, NULL);
}

static void web_page(stage *s)
{
    hostile_raw(at_client(s), hf_span_str("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
}

static void web_request(stage *s)
{
    stage_prepare(s, HF_TLS13);
    hostile_raw(stage_hostile(s, HF_SERVER, NULL),
                hf_span_str("GET / HTTP/1.1\r\nHost: a\x1b[31m\r\n\r\n"));
}

static void told(stage *s)
{
    static const uint8_t alert[] = { 2, HF_ALERT_handshake_failure };

    hostile_plain(at_client(s), HF_CT_ALERT, hf_span_of(alert, sizeof alert));
}

static void nothing_comes(stage *s)
{
    hostile_eof(at_client(s));
}

static void ends_in_a_message(stage *s)
{
    hostile *h = at_client(s);
    hf_span said;

    hostile_until(h, HF_MSG_Certificate, 0);
    said = hb_span(&hostile_due(h)->bytes);
    hostile_record(h, HF_CT_HANDSHAKE, hf_span_of(said.data, said.len / 2));
    hostile_eof(h);
}

static void finished_too_early(stage *s)
{
    hostile *h = at_client(s);

    hostile_until(h, HF_MSG_Certificate, 0);
    hostile_send(h, HF_MSG_Finished, hf_span_of("12345678901234567890123456789012", 32));
}

static void unknown_message(stage *s)
{
    hostile *h = at_client(s);

    hostile_until(h, HF_MSG_Certificate, 0);
    hostile_send_type(h, 99, hf_span_str("who knows"));
}

static void flip_last(stage *s, hf_msg msg)
{
    hostile *h = at_client(s);
    hostile_bytes body = { 0 };

    hostile_until(h, msg, 0);
    hb_set(&body, hostile_due_body(h));
    body.data[body.len - 1] ^= 1;
    give_hello(h, &body);
}

static void bad_signature(stage *s)
{
    flip_last(s, HF_MSG_CertificateVerify);
}

static void bad_finished(stage *s)
{
    flip_last(s, HF_MSG_Finished);
}

static void bad_certificate(stage *s)
{
    hostile *h = at_client(s);
    hostile_bytes body = { 0 };

    hostile_until(h, HF_MSG_Certificate, 0);
    hb_set(&body, hostile_due_body(h));
    body.data[9] = 0xff; /* into the DER of the first certificate */
    give_hello(h, &body);
}

static void changed_on_the_way(stage *s)
{
    hostile *h = at_client(s);
    hostile_bytes record = { 0 };

    hostile_until(h, HF_MSG_EncryptedExtensions, 0);
    hostile_seal(h, HF_HANDSHAKE, HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes), 0, &record);
    record.data[7] ^= 0x10;
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

static void not_protected(stage *s)
{
    hostile *h = at_client(s);

    hostile_until(h, HF_MSG_EncryptedExtensions, 0);
    hostile_plain(h, HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes));
}

static void too_long(stage *s)
{
    static const uint8_t header[] = { HF_CT_HANDSHAKE, 3, 3, 0x7f, 0xff, 2, 0, 0, 90 };

    hostile_raw(at_client(s), hf_span_of(header, sizeof header));
}

static void record_type(stage *s)
{
    hostile_plain(at_client(s), 99, hf_span_str("what is this?"));
}

static void no_close(stage *s)
{
    hostile *h = at_client(s);

    hostile_rest(h);
    hostile_eof(h);
}

static void key_update_value(stage *s)
{
    static const uint8_t seven = 7;
    hostile *h = at_client(s);

    hostile_rest(h);
    hostile_send(h, HF_MSG_KeyUpdate, hf_span_of(&seven, 1));
}

static void retry_for_nothing(stage *s)
{
    static const uint8_t group[] = { 0, 0x1d };
    hostile *h;
    hostile_bytes body;

    stage_prepare(s, HF_TLS13);
    only_group(&s->policy[S], HF_GROUP_secp256r1);
    h = stage_hostile(s, HF_CLIENT, NULL);
    hostile_until(h, HF_MSG_HelloRetryRequest, 0);
    body = (hostile_bytes){ 0 };
    hb_set(&body, hostile_due_body(h));
    hb_extension_put(&body, HF_MSG_HelloRetryRequest, EXTENSION_KEY_SHARE,
                     hf_span_of(group, sizeof group));
    give_hello(h, &body);
}

const scene scenes_bytes[] = {
    { "failed-web-page", C, web_page, false, HF_E_NOT_TLS },
    { "failed-web-request", S, web_request, false, HF_E_NOT_TLS },
    { "failed-told", C, told, false, HF_E_ALERT_RECEIVED },
    { "failed-nothing-comes", C, nothing_comes, false, HF_E_CLOSED_IN_HANDSHAKE },
    { "failed-ends-in-a-message", C, ends_in_a_message, false, HF_E_CLOSED_IN_HANDSHAKE },
    { "failed-finished-too-early", C, finished_too_early, false, HF_E_UNEXPECTED_MESSAGE },
    { "failed-unknown-message", C, unknown_message, false, HF_E_UNKNOWN_MESSAGE },
    { "failed-signature", C, bad_signature, false, HF_E_SIGNATURE_WRONG },
    { "failed-finished", C, bad_finished, false, HF_E_FINISHED_WRONG },
    { "failed-certificate", C, bad_certificate, false, HF_E_CERT_DER },
    { "failed-changed-on-the-way", C, changed_on_the_way, true, HF_E_RECORD_MAC },
    { "failed-not-protected", C, not_protected, false, HF_E_RECORD_NOT_PROTECTED },
    { "failed-record-too-long", C, too_long, false, HF_E_RECORD_OVERFLOW },
    { "failed-record-type", C, record_type, false, HF_E_RECORD_TYPE },
    { "failed-no-close", C, no_close, false, HF_E_TRUNCATED_STREAM },
    { "failed-key-update", C, key_update_value, false, HF_E_KEY_UPDATE_VALUE },
    { "failed-retry-for-nothing", C, retry_for_nothing, false, HF_E_RETRY_NO_CHANGE },
    { NULL, C, NULL, false, HF_OK },
};
