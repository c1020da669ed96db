/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The words of a story, over real handshakes of every shape: they are there for every step, of both ends' tapes and of a stranger's;
 * they say what that shape is about and nothing that belongs to another; and no byte of a peer can break them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explain/story.h"
#include "support/flow12.h"
#include "support/flow13.h"

/* ---- a handshake, and its tapes ---- */

static hf_tape *tapes[2];
static hf_story *story;

static void tell(hf_role role)
{
    hf_story_free(story);
    story = hf_story_of(tapes[role]);
    assert_non_null(story);
}

static int forget(void **state)
{
    (void)state;
    hf_story_free(story);
    story = NULL;
    for (int role = 0; role < 2; role++) {
        hf_tape_free(tapes[role]);
        tapes[role] = NULL;
    }
    return 0;
}

static void end_tape(pair *p, int role)
{
    const hf_failure *failure = hf_conn_failure(p->end[role].conn);

    if (p->end[role].connected)
        hf_tape_connected(tapes[role]);
    if (failure)
        hf_tape_failed(tapes[role], failure);
}

/* What the client's tape tells is there afterwards. */
static void record(const pair_options *options)
{
    pair_options o = *options;
    hf_trace_sink sinks[2];
    pair p;

    forget(NULL);
    for (int role = 0; role < 2; role++) {
        assert_non_null(tapes[role] =
                            hf_tape_new(role ? HF_TAPE_SERVER : HF_TAPE_CLIENT, NULL, NULL));
        sinks[role] = hf_tape_sink(tapes[role]);
        o.trace[role] = &sinks[role];
    }
    pair_start(&p, &o);
    pair_run(&p);
    if (p.end[0].connected && p.end[1].connected) {
        pair_send(&p, HF_CLIENT, "ping", 4);
        hf_conn_close_write(p.end[HF_CLIENT].conn);
        pair_run(&p);
    }
    end_tape(&p, HF_CLIENT);
    end_tape(&p, HF_SERVER);
    pair_free(&p);
    tell(HF_CLIENT);
}

static void record12(const char *name)
{
    flow12_setup s;

    flow12_prepare(&s, flow12_named(name));
    record(&s.options);
    flow12_release(&s);
}

static void record13(const char *name)
{
    flow13_setup s;

    flow13_prepare(&s, flow13_named(name));
    record(&s.options);
    flow13_release(&s);
}

/* As somebody on the line has it: nothing that was protected can be opened. */
static void tell_a_stranger(void)
{
    hf_tape *tape = tapes[HF_CLIENT];

    tape->side = HF_TAPE_CAPTURE;
    tape->connected = tape->failed = false;
    for (size_t i = 0; i < tape->n; i++)
        if (tape->events[i].kind == HF_TAPE_RECORD && tape->events[i].epoch > HF_PLAIN)
            tape->events[i].opened = false;
    tell(HF_CLIENT);
}

/* ---- questions ---- */

static char text[HF_WORDS_ROOM];

static size_t step_of(hf_role writer, const char *name)
{
    for (size_t i = 0; i < story->n; i++)
        if (story->steps[i].writer == writer && strcmp(story->steps[i].name, name) == 0)
            return i;
    fail_msg("no %s in this story", name);
    return 0;
}

static void expect(const char *words)
{
    if (!strstr(text, words))
        fail_msg("\"%s\"\n  is not in: %s", words, text);
}

static void expect_not(const char *words)
{
    if (strstr(text, words))
        fail_msg("\"%s\"\n  is in: %s", words, text);
}

static void summary(hf_role writer, const char *name)
{
    hf_step_summary(story, step_of(writer, name), text);
}

static void proved(hf_role writer, const char *name, hf_role to)
{
    hf_step_proved(story, step_of(writer, name), to, text);
}

static void seen(hf_role writer, const char *name)
{
    hf_step_eavesdropper(story, step_of(writer, name), text);
}

static void seen_at_the_end(void)
{
    hf_step_eavesdropper(story, story->n - 1, text);
}

/* ---- every shape ---- */

static void assert_readable(const char *words)
{
    size_t len = strlen(words);

    assert_true(len > 3 && len < HF_WORDS_ROOM);
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)words[i] < 0x20 || words[i] == 0x7f)
            fail_msg("a control character in: %s", words);
    if (strstr(words, "  ") || strstr(words, "(null)") || words[0] == ' ' || words[len - 1] == ' ')
        fail_msg("badly put together: \"%s\"", words);
}

static void ask_everything(void)
{
    for (size_t i = 0; i < story->n; i++) {
        assert_readable(hf_step_summary(story, i, text));
        assert_readable(hf_step_eavesdropper(story, i, text));
        assert_readable(hf_step_proved(story, i, HF_CLIENT, text));
        assert_readable(hf_step_proved(story, i, HF_SERVER, text));
        assert_readable(hf_step_purpose(&story->steps[i]));
        assert_readable(hf_step_secret(story, i));
        assert_non_null(hf_rfc_group(&story->steps[i]));
    }
    assert_readable(hf_story_outcome(story, text));
}

static void ask_everybody(void)
{
    ask_everything();
    tell(HF_SERVER);
    ask_everything();
    tell_a_stranger();
    ask_everything();
}

static void test_words_are_there_in_every_shape(void **state)
{
    (void)state;
    for (size_t i = 0; flow12_row(i); i++) {
        record12(flow12_row(i)->name);
        ask_everybody();
    }
    for (size_t i = 0; flow13_row(i); i++) {
        record13(flow13_row(i)->name);
        ask_everybody();
    }
    record(&(pair_options){ .client_auth = HF_CLIENT_AUTH_REQUIRE });
    ask_everybody();
    record(&(pair_options){ .server_name = "wrong.test" });
    ask_everybody();
}

/* Whatever a peer wrote: every byte of every message changed, and every message cut short. */
static void test_no_byte_of_a_peer_breaks_words(void **state)
{
    static const char *const shapes[] = { "ECDHE, client certificate and ticket", "plain PSK",
                                          "static RSA, ticket promised" };

    (void)state;
    for (size_t shape = 0; shape < 4; shape++) {
        if (shape < 3)
            record12(shapes[shape]);
        else
            record13("early data taken");
        for (size_t i = 0; i < story->n; i++) {
            hf_story_step *step = &story->steps[i];
            if (step->kind != HF_STEP_MESSAGE)
                continue;
            uint8_t *bytes =
                story->streams[step->writer] + (step->bytes.data - story->streams[step->writer]);
            size_t len = step->bytes.len;
            for (size_t at = 0; at < len && at < 200; at++) {
                bytes[at] ^= 0xff;
                assert_readable(hf_step_summary(story, i, text));
                assert_readable(hf_step_eavesdropper(story, i, text));
                bytes[at] ^= 0xff;
                step->bytes.len = at;
                assert_readable(hf_step_summary(story, i, text));
                assert_readable(hf_step_proved(story, i, HF_CLIENT, text));
                step->bytes.len = len;
            }
        }
    }
}

/* ---- TLS 1.3 ---- */

/* RFC 9846 4.2.3, 7.1: who chose what, and where keys begin. */
static void test_full_handshake(void **state)
{
    (void)state;
    record(&(pair_options){ .alpn = { { "h2", "http/1.1" }, { "h2" } } });
    summary(HF_CLIENT, "ClientHello");
    expect("offers TLS 1.3 with 3 cipher suites, and sends a key share for X25519MLKEM768 and "
           "x25519; asks for localhost");
    summary(HF_SERVER, "ServerHello");
    expect("chooses TLS_AES_128_GCM_SHA256 and X25519MLKEM768 out of what the client offered");
    expect("both ends can derive the handshake keys");
    summary(HF_SERVER, "EncryptedExtensions");
    expect("the application protocol is h2");
    summary(HF_SERVER, "Certificate");
    expect("CN=localhost, issued by CN=Test Intermediate; its key is ECDSA P-256; and 1 more "
           "certificate");
    summary(HF_SERVER, "CertificateVerify");
    expect("signs a hash of all messages so far with ecdsa_secp256r1_sha256");
    summary(HF_CLIENT, "Alert");
    expect("close_notify: the client has finished");
    hf_story_outcome(story, text);
    assert_string_equal(text, "connected: TLS 1.3, TLS_AES_128_GCM_SHA256, X25519MLKEM768");
}

static void test_what_a_full_handshake_proves(void **state)
{
    (void)state;
    record(&(pair_options){ .alpn = { { NULL } } });
    proved(HF_CLIENT, "ClientHello", HF_CLIENT);
    assert_string_equal(text, "nothing yet: nobody has answered");
    proved(HF_SERVER, "EncryptedExtensions", HF_CLIENT);
    assert_string_equal(text, "nothing yet: anybody could have answered");
    proved(HF_SERVER, "Certificate", HF_CLIENT);
    expect("that a trusted CA vouches for the certificate; but not yet that whoever sent it holds "
           "its key");
    proved(HF_SERVER, "CertificateVerify", HF_CLIENT);
    expect("that the server holds the key of the certificate, for which a trusted CA vouches, and "
           "saw the same messages up to here; but not");
    proved(HF_SERVER, "Finished", HF_CLIENT);
    expect("who the server is");
    expect("both ends saw the same handshake, unchanged");
    proved(HF_SERVER, "Finished", HF_SERVER);
    expect("nothing yet");
    proved(HF_CLIENT, "Finished", HF_SERVER);
    expect("but not who the client is: it was not asked for a certificate");
}

/* RFC 9846 4.2.3: a choice that was never offered is called so. */
static void test_a_choice_that_was_not_offered(void **state)
{
    static const uint8_t pairs[][4] = { { 0x13, 0x01, 0x13, 0x04 }, { 0x11, 0xec, 0x00, 0x17 } };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        record(&(pair_options){ .alpn = { { NULL } } });
        const hf_story_step *step = &story->steps[step_of(HF_SERVER, "ServerHello")];
        hf_tape *tape = tapes[HF_CLIENT];
        uint8_t *begin = tape->bytes + tape->events[step->first_record].content_at, *at = begin;
        for (at += 40; memcmp(at, pairs[i], 2) != 0; at++)
            assert_true(at < begin + step->bytes.len);
        memcpy(at, pairs[i] + 2, 2);
        tell(HF_CLIENT);
        summary(HF_SERVER, "ServerHello");
        expect("which the client did NOT offer");
    }
}

/* RFC 9846 7.1: which secret is over which bytes. */
static void test_secrets(void **state)
{
    (void)state;
    record13("early data taken");
    assert_string_equal(hf_step_secret(story, step_of(HF_CLIENT, "ClientHello")),
                        "none: in the clear");
    assert_string_equal(hf_step_secret(story, step_of(HF_CLIENT, "application data")),
                        "client_early_traffic_secret");
    assert_string_equal(hf_step_secret(story, step_of(HF_CLIENT, "EndOfEarlyData")),
                        "client_early_traffic_secret");
    assert_string_equal(hf_step_secret(story, step_of(HF_SERVER, "Finished")),
                        "server_handshake_traffic_secret");
    assert_string_equal(hf_step_secret(story, step_of(HF_CLIENT, "Finished")),
                        "client_handshake_traffic_secret");
    assert_string_equal(hf_step_secret(story, step_of(HF_SERVER, "NewSessionTicket")),
                        "server_application_traffic_secret_0");
    record12("ECDHE");
    assert_string_equal(hf_step_secret(story, step_of(HF_SERVER, "Certificate")),
                        "none: in the clear");
    assert_string_equal(hf_step_secret(story, step_of(HF_CLIENT, "Finished")),
                        "the client's write key of the key_block");
    assert_string_equal(hf_step_secret(story, step_of(HF_SERVER, "Finished")),
                        "the server's write key of the key_block");
}

/* RFC 9846 4.2.4: which group, and why. */
static void test_retry(void **state)
{
    hf_policy policy[2] = { *hostile_policy(), *hostile_retry_policy() };

    (void)state;
    policy[0].max_version = policy[1].max_version = HF_TLS13;
    record(&(pair_options){ .policy = { &policy[0], &policy[1] } });
    summary(HF_SERVER, "HelloRetryRequest");
    expect("asks the client for a key share of secp256r1, which it offered, but had sent a share "
           "for x25519 only");
    seen(HF_SERVER, "HelloRetryRequest");
    expect("the server asked again, for a key share of secp256r1");
    hf_step_summary(story, step_of(HF_SERVER, "HelloRetryRequest") + 2, text);
    expect("says hello again, as it was asked to, now with a key share for secp256r1");
}

/* RFC 9846 2.3, 4.3.11.2, 8: a binder proves the key and not the moment; early data can be sent again. */
static void test_early_data(void **state)
{
    (void)state;
    record13("early data taken");
    summary(HF_CLIENT, "ClientHello");
    expect("names a key that both should have from before");
    expect("early data follows at once");
    summary(HF_SERVER, "EncryptedExtensions");
    expect("the early data is taken");
    proved(HF_SERVER, "ServerHello", HF_SERVER);
    expect("as its binder fits; but perhaps long ago");
    proved(HF_SERVER, "ServerHello", HF_CLIENT);
    expect("nothing yet");
    proved(HF_SERVER, "Finished", HF_CLIENT);
    expect("that the server holds the key that both had from before");
    summary(HF_CLIENT, "ChangeCipherSpec"); /* before ServerHello has said which version it is */
    expect("means nothing");
    seen_at_the_end();
    expect("The early data he cannot read, but he can send it again");
    expect_not("NO forward secrecy");
    expect_not("the new ticket");
    record13("early data refused");
    summary(HF_SERVER, "EncryptedExtensions");
    expect("the early data is refused");
    hf_story_outcome(story, text);
    expect("early data was refused");
}

static void test_mutual(void **state)
{
    (void)state;
    record(&(pair_options){ .client_auth = HF_CLIENT_AUTH_REQUIRE, .client_identity = true });
    summary(HF_CLIENT, "Certificate");
    expect("shows the certificate of CN=client");
    tell(HF_SERVER);
    proved(HF_CLIENT, "Finished", HF_SERVER);
    expect(
        "who the client is: it holds the key of its certificate, for which a trusted CA vouches,");
    seen_at_the_end();
    expect_not("client's certificate");
    record(&(pair_options){ .client_auth = HF_CLIENT_AUTH_REQUEST });
    summary(HF_CLIENT, "Certificate");
    assert_string_equal(text, "empty: the client has no certificate that suits");
    proved(HF_CLIENT, "Finished", HF_SERVER);
    expect("but not who the client is: it showed no certificate");
}

/* ---- TLS 1.2 ---- */

/* RFC 5246 7.4.3, 7.4.7.2, 7.4.9; RFC 8422 5.4: what the signature covers, and what it does not. */
static void test_ecdhe12(void **state)
{
    (void)state;
    record12("ECDHE, client certificate and ticket");
    summary(HF_SERVER, "ServerKeyExchange");
    expect("a fresh key share of x25519, and a signature over it and both randoms, ed25519");
    proved(HF_SERVER, "ServerKeyExchange", HF_CLIENT);
    expect("made its key share for this connection; but not yet that nobody changed the hellos");
    summary(HF_CLIENT, "ClientKeyExchange");
    expect("sends its own fresh key share");
    summary(HF_SERVER, "NewSessionTicket");
    expect("can resume this session within 1 hour");
    summary(HF_CLIENT, "ChangeCipherSpec");
    expect("what the client sends from here on is encrypted");
    seen_at_the_end();
    expect("the server's certificate; the client's certificate, and so who the client is; the new "
           "ticket, sealed");
    expect("only their types, lengths and times");
    expect_not("NO forward secrecy");
}

/* RFC 5246 7.4.7.1: the key is proved by Finished alone, and opens what was recorded for ever. */
static void test_static_rsa(void **state)
{
    (void)state;
    record12("static RSA");
    summary(HF_SERVER, "ServerHello");
    expect("NO forward secrecy");
    summary(HF_CLIENT, "ClientKeyExchange");
    expect("sends the premaster secret, 48 bytes of its making, encrypted to the RSA key of the "
           "certificate");
    proved(HF_SERVER, "ServerHelloDone", HF_CLIENT);
    expect("With RSA key exchange only the server's Finished will show that");
    proved(HF_SERVER, "Finished", HF_CLIENT);
    expect("that the server holds the key of the certificate, for which a trusted CA vouches, as "
           "only its owner could make this Finished");
    seen_at_the_end();
    expect("gets the server's private key later, reads all of it");
}

static void test_resumed12(void **state)
{
    (void)state;
    record12("resumed by ticket");
    summary(HF_CLIENT, "ClientHello");
    expect("brings a ticket");
    summary(HF_SERVER, "ServerHello");
    expect("resumes the session from before: no certificate and no key exchange");
    proved(HF_SERVER, "ServerHello", HF_CLIENT);
    expect("nothing yet");
    proved(HF_SERVER, "Finished", HF_CLIENT);
    expect("knows the master secret of the session from before");
    hf_story_outcome(story, text);
    expect("a session from before was resumed");
}

/* RFC 4279 2, RFC 5489 2 */
static void test_psk12(void **state)
{
    (void)state;
    record12("plain PSK");
    summary(HF_CLIENT, "ClientKeyExchange");
    assert_string_equal(text, "names the pre-shared key, a device");
    seen(HF_CLIENT, "ClientKeyExchange");
    expect("the name of the pre-shared key");
    seen_at_the_end();
    expect("gets the pre-shared key later, reads all of it");
    record12("ECDHE_PSK");
    summary(HF_SERVER, "ServerKeyExchange");
    expect("not signed: the pre-shared key vouches for both ends");
    seen_at_the_end();
    expect_not("NO forward secrecy");
}

/* ---- failures, and strangers ---- */

static void test_a_wrong_name(void **state)
{
    (void)state;
    record(&(pair_options){ .server_name = "wrong.test" });
    hf_story_outcome(story, text);
    expect("failed: the certificate is for another name, in Certificate");
    expect("the peer's fault; it was told by the alert bad_certificate. Hint: ");
    proved(HF_SERVER, "Certificate", HF_CLIENT);
    assert_string_equal(text, "nothing: this is what it refused");
    proved(HF_SERVER, "CertificateVerify", HF_CLIENT);
    expect("which was not accepted");
    tell(HF_SERVER);
    hf_story_outcome(story, text);
    expect("failed: the peer refused the connection: the peer sent bad_certificate (42)");
    expect_not("fault");
}

static void test_a_certificate_that_is_missing(void **state)
{
    (void)state;
    record(&(pair_options){ .client_auth = HF_CLIENT_AUTH_REQUIRE });
    tell(HF_SERVER);
    proved(HF_CLIENT, "Certificate", HF_SERVER);
    assert_string_equal(text, "nothing: this is what it refused");
    proved(HF_CLIENT, "Finished", HF_SERVER);
    assert_string_equal(text, "nothing: it had refused the handshake before this came");
    hf_story_outcome(story, text);
    expect("It is the policy of the server that says no; it was told by the alert "
           "certificate_required");
}

static void test_a_refused_chain_is_never_called_trusted(void **state)
{
    (void)state;
    record(&(pair_options){ .alpn = { { NULL } } });
    hf_tape_check *check = hf_tape_check_add(tapes[HF_CLIENT]);
    assert_non_null(check);
    tapes[HF_CLIENT]->checks_done = true; /* --insecure: the engine went on */
    tell(HF_CLIENT);
    for (size_t i = 0; i < story->n; i++) {
        hf_step_proved(story, i, HF_CLIENT, text);
        expect_not("trusted CA");
    }
    proved(HF_SERVER, "Finished", HF_CLIENT);
    expect("which was not accepted: not who it is");
    check->kept = true;
    tell(HF_CLIENT);
    proved(HF_SERVER, "Finished", HF_CLIENT);
    expect("for which a trusted CA vouches");
}

static void go_on(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set(config, HF_SET_INSECURE, true), HF_OK);
}

/* A key that belongs to no name that anybody vouches for says who went on, and not who it is: in both versions. */
static void test_insecure_is_not_who(void **state)
{
    static const char *const signers[] = { "CertificateVerify", "ServerKeyExchange" };

    (void)state;
    for (int v12 = 0; v12 < 2; v12++) {
        hf_policy policy = *hf_policy_named("default");
        policy.min_version = policy.max_version = v12 ? HF_TLS12 : HF_TLS13;
        record(&(pair_options){
            .server_name = "wrong.test", .configure = go_on, .policy = { &policy, &policy } });
        assert_true(story->connected && story->unverified);
        hf_story_outcome(story, text);
        expect("connected, but the server is NOT verified: TLS 1.");
        proved(HF_SERVER, signers[v12], HF_CLIENT);
        expect("that the server holds the key of a certificate which was not accepted (not who it "
               "is), and ");
        proved(HF_SERVER, "Finished", HF_CLIENT);
        expect("that it holds the key of a certificate which was not accepted: not who it is; and "
               "that both ends saw the same handshake, unchanged");
        for (size_t i = 0; i < story->n; i++) {
            assert_int_equal(hf_step_proofs(story, i, HF_CLIENT) & HF_CHAIN, 0);
            hf_step_proved(story, i, HF_CLIENT, text);
            expect_not("who the server is");
        }
        tell(HF_SERVER); /* it was not asked to verify anybody */
        assert_false(story->unverified);
    }
}

/* RFC 9846 4.3.2, 4.2.4; RFC 5246 7.4.3, RFC 4279 2: what is said of every such message is true of each. */
static void test_what_is_true_of_all_forms(void **state)
{
    hf_story_step retry = { .kind = HF_STEP_MESSAGE, .msg = HF_MSG_HelloRetryRequest };

    (void)state;
    snprintf(text, sizeof text, "%s", hf_step_purpose(&retry));
    expect("cookie");
    expect("as a rule");
    record12("ECDHE_PSK");
    hf_tree tree;
    assert_int_equal(hf_story_tree(&story->steps[step_of(HF_SERVER, "ServerKeyExchange")], &tree),
                     HF_OK);
    snprintf(text, sizeof text, "%s", tree.nodes[0].meaning->meaning);
    hf_tree_free(&tree);
    expect("Only where a certificate vouches for the server is it signed");
    expect("with a pre-shared key, or anonymous, nothing here proves who it is");
}

/* Without the keys: TLS 1.3 hides who the server is, and TLS 1.2 does not. */
static void test_a_stranger(void **state)
{
    (void)state;
    record(&(pair_options){ .alpn = { { NULL } } });
    tell_a_stranger();
    summary(HF_SERVER, "sealed records");
    expect("cannot be opened here: ");
    hf_step_proved(story, story->n - 1, HF_CLIENT, text);
    expect("the server's proofs are encrypted and cannot be read here");
    seen_at_the_end();
    expect("that the client asks for localhost");
    expect("of the encrypted records only their lengths and times");
    expect_not("certificate");
    hf_story_outcome(story, text);
    expect("not known: the end of the handshake is encrypted");
    record12("ECDHE");
    tell_a_stranger();
    seen_at_the_end();
    expect("the server's certificate");
    hf_step_proved(story, story->n - 1, HF_CLIENT, text);
    expect("(if it trusts the CA that vouches for it)");
}

/* A capture may hold what handfast never speaks: its suite tells the exchange, and nothing is read by a form that it has not. */
static void test_suites_of_others(void **state)
{
    enum { SUITE = 4 + 2 + 32 + 1 }; /* in a ServerHello with an empty session id */
    static const struct {
        uint8_t suite[2];
        const char *says, *seen;
    } rows[] = {
        { { 0x00, 0x9e },
          "sends a prime, a generator and a fresh key share",
          "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256" },
        { { 0x00, 0xa6 }, "nobody signed", "nobody is authenticated" },
        { { 0x00, 0xac },
          "hints which pre-shared key",
          "NO forward secrecy: who records it and gets the server's private key and the pre-shared "
          "key later" },
        { { 0xc0, 0x2f }, "a fresh key share of x25519", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" },
        { { 0xfe, 0x01 }, "sends what the key exchange needs", "unknown (0xfe01)" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record12("ECDHE");
        const hf_story_step *hello = &story->steps[step_of(HF_SERVER, "ServerHello")];
        hf_tape *tape = tapes[HF_CLIENT];
        uint8_t *content = tape->bytes + tape->events[hello->first_record].content_at;
        size_t at = SUITE + content[SUITE - 1];
        memcpy(content + at, rows[i].suite, 2);
        tell_a_stranger();
        summary(HF_SERVER, "Certificate");
        expect("CN=localhost");
        summary(HF_SERVER, "ServerKeyExchange");
        expect(rows[i].says);
        seen_at_the_end();
        expect(rows[i].seen);
        ask_everything();
    }
}

/* RFC 9846 4.7.3, 7.2 */
static void test_key_update(void **state)
{
    hf_trace_sink sink;
    pair p;

    (void)state;
    assert_non_null(tapes[HF_CLIENT] = hf_tape_new(HF_TAPE_CLIENT, NULL, NULL));
    sink = hf_tape_sink(tapes[HF_CLIENT]);
    pair_start(&p, &(pair_options){ .trace = { &sink } });
    pair_connect(&p);
    assert_int_equal(hf_conn_key_update(p.end[HF_CLIENT].conn, true), HF_OK);
    pair_send(&p, HF_CLIENT, "ping", 4);
    pair_send(&p, HF_SERVER, "pong", 4); /* the answer goes before it */
    pair_free(&p);
    tell(HF_CLIENT);
    summary(HF_CLIENT, "KeyUpdate");
    expect("renews the client's keys");
    expect("asks the server to do the same");
    summary(HF_SERVER, "KeyUpdate");
    expect("renews the server's keys");
    expect_not("asks");
    size_t data = step_of(HF_CLIENT, "application data");
    assert_string_equal(hf_step_secret(story, data), "client_application_traffic_secret_1");
}

/* A name that a peer made up stays within its line. */
static void test_names_of_others_are_quoted(void **state)
{
    (void)state;
    record(&(pair_options){ .alpn = { { NULL } } });
    size_t hello = step_of(HF_CLIENT, "ClientHello");
    uint8_t *at = story->streams[HF_CLIENT];
    size_t n = story->n_stream[HF_CLIENT];
    while (n > 9 && memcmp(at, "localhost", 9) != 0)
        at++, n--;
    assert_memory_equal(at, "localhost", 9);
    memcpy(at, "l\n\x1b[31m\\\xff", 9);
    hf_step_summary(story, hello, text);
    expect("asks for l\\x0a\\x1b[31m\\x5c\\xff");
    assert_readable(text);
    hf_step_eavesdropper(story, hello, text);
    expect("asks for l\\x0a\\x1b[31m\\x5c\\xff");
}

/* ---- tables ---- */

/* steps.def: each message has a purpose of its own, in both versions. */
static void test_every_message_has_a_purpose(void **state)
{
    const char *fallback =
        hf_step_purpose(&(hf_story_step){ .kind = HF_STEP_MESSAGE, .msg = HF_MSG_UNKNOWN });

    (void)state;
    assert_string_equal(fallback, "A handshake message.");
    for (int msg = HF_MSG_NONE + 1; msg < HF_MSG_UNKNOWN; msg++)
        for (unsigned k = 0; k < 6; k++) {
            hf_story_step step = { .kind = HF_STEP_MESSAGE,
                                   .msg = (hf_msg)msg,
                                   .writer = k & 1 ? HF_SERVER : HF_CLIENT,
                                   .version = k < 2   ? 0
                                              : k < 4 ? HF_TLS12
                                                      : HF_TLS13 };
            if (msg != HF_MSG_ChangeCipherSpec)
                assert_string_not_equal(hf_step_purpose(&step), fallback);
        }
    for (int kind = HF_STEP_CCS; kind <= HF_STEP_BROKEN; kind++)
        assert_string_not_equal(hf_step_purpose(&(hf_story_step){ .kind = (hf_step_kind)kind }),
                                fallback);
}

static void test_steps_of_teaching_texts(void **state)
{
    (void)state;
    assert_null(hf_phase_name(0));
    assert_null(hf_six_name(0));
    assert_null(hf_nine_name(0));
    for (unsigned i = 1; i <= 9; i++) {
        assert_int_equal(hf_phase_name(i) != NULL, i <= 4);
        assert_int_equal(hf_six_name(i) != NULL, i <= 6);
        assert_non_null(hf_nine_name(i));
    }
    assert_null(hf_nine_name(10));
}

/* RFC 9846 figure 1 */
static void test_groups_of_the_rfc(void **state)
{
    (void)state;
    record(&(pair_options){ .client_auth = HF_CLIENT_AUTH_REQUIRE, .client_identity = true });
    assert_string_equal(hf_rfc_group(&story->steps[step_of(HF_SERVER, "ServerHello")]),
                        "Key Exchange");
    assert_string_equal(hf_rfc_group(&story->steps[step_of(HF_SERVER, "CertificateRequest")]),
                        "Server Parameters");
    assert_string_equal(hf_rfc_group(&story->steps[step_of(HF_CLIENT, "Finished")]),
                        "Authentication");
    assert_string_equal(hf_rfc_group(&story->steps[step_of(HF_CLIENT, "Alert")]), "");
    record12("ECDHE");
    assert_string_equal(hf_rfc_group(&story->steps[step_of(HF_SERVER, "Certificate")]), "");
}

#define TEST(f) cmocka_unit_test_teardown(f, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_words_are_there_in_every_shape),
        TEST(test_no_byte_of_a_peer_breaks_words),
        TEST(test_full_handshake),
        TEST(test_what_a_full_handshake_proves),
        TEST(test_a_choice_that_was_not_offered),
        TEST(test_secrets),
        TEST(test_retry),
        TEST(test_early_data),
        TEST(test_mutual),
        TEST(test_ecdhe12),
        TEST(test_static_rsa),
        TEST(test_resumed12),
        TEST(test_psk12),
        TEST(test_a_wrong_name),
        TEST(test_a_certificate_that_is_missing),
        TEST(test_a_refused_chain_is_never_called_trusted),
        TEST(test_insecure_is_not_who),
        TEST(test_what_is_true_of_all_forms),
        TEST(test_a_stranger),
        TEST(test_suites_of_others),
        TEST(test_key_update),
        TEST(test_names_of_others_are_quoted),
        TEST(test_every_message_has_a_purpose),
        TEST(test_steps_of_teaching_texts),
        TEST(test_groups_of_the_rfc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
