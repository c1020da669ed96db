/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Words for newcomers, 80 columns wide. Which message belongs to which step stands in the scripts. */
#include "tool/steps12.h"

#include <string.h>

#include <handfast/policy.h>
#include "registry/registry.h"
#include "tool/psk_file.h"
#include "tool/report.h"
#include "tool/say.h"

enum { CERTIFICATE = 3, DECRYPTION = 5, MASTER_SECRET, CLIENT_READY, SERVER_READY, SECURE };

static bool has_exchange(const hf_conn_info *info, hf_kx kx)
{
    const hf_suite *suite = hf_suite_of(info->cipher_suite);

    return suite && suite->kx == kx;
}

static bool is_rsa(const hf_conn_info *info)
{
    return has_exchange(info, HF_KX_RSA);
}

/* Without certificates: both ends have a key. */
static bool is_psk(const hf_conn_info *info)
{
    return has_exchange(info, HF_KX_PSK) || has_exchange(info, HF_KX_ECDHE_PSK);
}

static const char *or_unknown(const char *name)
{
    return name ? name : "?";
}

/* ---- headings ---- */

static const char *title(int nine, const hf_conn_info *info)
{
    static const char *const titles[] = { "",
                                          "the client says hello",
                                          "the server says hello",
                                          "the server shows its certificate",
                                          "the premaster secret",
                                          "the server decrypts it",
                                          "master secret and session keys",
                                          "the client is ready",
                                          "the server is ready",
                                          "the connection is secure" };

    if (nine == DECRYPTION && !is_rsa(info))
        return "both ends compute it";
    if (nine == CERTIFICATE && is_psk(info))
        return "no certificate, as both ends have a key";
    return titles[nine];
}

static void heading(hf_steps *steps, int nine, const hf_conn_info *info)
{
    bool told = nine > 0 && nine <= SECURE && steps->told & 1u << nine, aside = steps->aside;

    if (nine < 1 || nine > SECURE)
        return;
    steps->aside = false;
    if (told && aside)
        steps->say(HF_BOLD "Step %d of 9 goes on" HF_PLAIN "\n", nine);
    if (told)
        return;
    if (nine > 1 &&
        !(steps->told & 1u << 1)) /* the hello offered TLS 1.3 too, and was shown as it was */
        steps->say(HF_BOLD "Step 1 of 9: %s" HF_PLAIN " (message 1, above)\n", title(1, info));
    steps->told |= 1u << nine | 1u << 1;
    steps->say(HF_BOLD "Step %d of 9: %s" HF_PLAIN "\n", nine, title(nine, info));
}

/* Messages that the nine steps have no place for. */
static const char *between(const hf_step *step)
{
    bool client = step->writer == HF_CLIENT;

    return client && strcmp(step->name, "Certificate") == 0 ? "the client shows its certificate"
           : client && strcmp(step->name, "CertificateVerify") == 0
               ? "the client proves that the certificate is its own"
           : strcmp(step->name, "NewSessionTicket") == 0 ? "the server hands out a ticket"
                                                         : NULL;
}

void hf_steps12_announce(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    const char *words = between(step);

    if (words)
        steps->say(HF_BOLD "Between the steps: %s" HF_PLAIN "\n", words);
    steps->aside |= words != NULL;
    if (!words)
        heading(steps, step->nine, info);
}

/* ---- messages ---- */

typedef void words(hf_steps *steps, const hf_step *step, const hf_conn_info *info);

static void client_hello(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    (void)step;
    steps->say("the client random, 32 fresh bytes, and the suites that the client offers\n");
    if (info->server_name)
        steps->say("      it asks for %s\n", info->server_name);
}

static void server_hello(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    (void)step;
    steps->say("the server random, 32 fresh bytes, and the session id, a name by which\n"
               "      this session may be resumed later; it chooses\n"
               "      %s and %s\n",
               or_unknown(hf_version_name(info->version)),
               or_unknown(hf_code_name(HF_SUITES, info->cipher_suite)));
    if (info->resumed)
        steps->say("      the session from before is resumed: steps 3 to 5 are left out; and as\n"
                   "      the server has all it needs, it is ready first: step 8 before step 7\n");
}

static void server_key_exchange(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    (void)step;
    if (has_exchange(info, HF_KX_PSK))
        steps->say("a hint which pre-shared key is meant\n");
    else if (is_psk(info))
        steps->say("the server's fresh key share (%s), not signed: the pre-shared\n"
                   "      key vouches for both ends\n",
                   or_unknown(hf_code_name(HF_GROUPS, info->group)));
    else
        steps->say("the server's fresh key share (%s), and a signature over it and\n"
                   "      both randoms, %s\n",
                   or_unknown(hf_code_name(HF_GROUPS, info->group)),
                   or_unknown(hf_code_name(HF_SCHEMES, info->signature_scheme)));
}

static void certificate_request(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    (void)step, (void)info;
    steps->say("the server asks the client for a certificate as well\n");
}

static void hello_done(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    (void)step, (void)info;
    steps->say("the server has said all; it is the client's turn\n");
}

static void client_key_exchange(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    char name[HF_PSK_NAME_ROOM];

    (void)step;
    if (is_psk(info))
        steps->say("the name of the pre-shared key%s:\n      %s\n",
                   has_exchange(info, HF_KX_PSK) ? "" : ", and the client's fresh key share",
                   hf_psk_name(info->psk_identity, name));
    else if (is_rsa(info))
        steps->say("the premaster secret, 48 bytes that the client made up, encrypted to\n"
                   "      the public key of the certificate: only its private key opens it\n");
    else
        steps->say("the client's fresh key share: a public value, with which the premaster\n"
                   "      secret can be computed only by whoever made one of the two shares\n");
}

static void certificate_verify(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    (void)step, (void)info;
    steps->say("a signature over all messages so far: the client holds its key\n");
}

static void change_cipher_spec(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    (void)info;
    steps->say("what the %s sends from here on is encrypted\n",
               step->writer == HF_SERVER ? "server" : "client");
}

static void finished(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    (void)info;
    steps->say("made from the master secret and a hash of all messages: the %s\n"
               "      sees that nobody changed one\n",
               step->writer == HF_SERVER ? "client" : "server");
}

static void new_session_ticket(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    (void)step, (void)info;
    steps->say("a ticket, with which the next handshake can leave steps 3 to 5 out\n");
}

static void certificate_status(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    (void)step, (void)info;
    steps->say("the CA's word that the certificate is not revoked\n");
}

static void clients_certificate(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    (void)step, (void)info;
    steps->say("%s%s\n",
               *steps->client ? "who the client is: " : "empty: the client has none that suits",
               steps->client);
}

bool hf_steps12_meaning(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    static const struct {
        const char *name;
        words *say;
    } messages[] = { { "ClientHello", client_hello },
                     { "ServerHello", server_hello },
                     { "CertificateStatus", certificate_status },
                     { "ServerKeyExchange", server_key_exchange },
                     { "CertificateRequest", certificate_request },
                     { "ServerHelloDone", hello_done },
                     { "ClientKeyExchange", client_key_exchange },
                     { "CertificateVerify", certificate_verify },
                     { "NewSessionTicket", new_session_ticket },
                     { "Finished", finished } };

    if (step->content_type == HF_CT_CHANGE_CIPHER_SPEC) {
        change_cipher_spec(steps, step, info);
        return true;
    }
    if (strcmp(step->name, "Certificate") == 0 && step->writer == HF_CLIENT) {
        clients_certificate(steps, step, info);
        return true;
    }
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        if (strcmp(step->name, messages[i].name) == 0) {
            messages[i].say(steps, step, info);
            return true;
        }
    return false;
}

/* ---- between the messages ---- */

static void premaster_secret(hf_steps *steps, const hf_conn_info *info)
{
    heading(steps, DECRYPTION, info);
    if (is_rsa(info))
        steps->say("      with its private key. Both ends now have the premaster secret; but\n"
                   "      whoever gets that key later can read this connection too:\n"
                   "      NO forward secrecy\n");
    else if (has_exchange(info, HF_KX_PSK))
        steps->say("      from the pre-shared key alone: whoever gets that later can read this\n"
                   "      connection too: NO forward secrecy\n");
    else if (is_psk(info))
        steps->say("      from one's own private value, the other's share and the pre-shared key;\n"
                   "      the private values are then forgotten: forward secrecy\n");
    else
        steps->say("      from one's own private value and the other's share; the private values\n"
                   "      are then forgotten: forward secrecy\n");
}

static void master_secret(hf_steps *steps, const hf_conn_info *info)
{
    heading(steps, MASTER_SECRET, info);
    if (info->resumed)
        steps->say("      a function that stretches secrets, the PRF, makes new session keys for\n"
                   "      both directions from the old master secret and the two new randoms\n");
    else if (info->extended_main_secret)
        steps->say(
            "      a function that stretches secrets, the PRF, makes the master secret from\n"
            "      the premaster secret and the messages so far (RFC 7627 takes a hash of\n"
            "      all messages, formerly both randoms); and from the master secret and\n"
            "      both randoms the session keys, which encrypt\n");
    else
        steps->say(
            "      a function that stretches secrets, the PRF, makes the master secret from\n"
            "      the premaster secret and both randoms; and from the master secret and\n"
            "      both randoms the session keys, which encrypt\n");
}

static bool is(const hf_step *step, const char *name)
{
    return strcmp(step->name, name) == 0;
}

static void secure(hf_steps *steps, const hf_conn_info *info)
{
    const unsigned both = 1u << CLIENT_READY | 1u << SERVER_READY;

    if ((steps->told & both) != both || steps->told & 1u << SECURE)
        return;
    heading(steps, SECURE, info);
    steps->say("      application data goes encrypted from here on, in both directions\n");
}

/* Without a signature of the server, its Finished is the first thing that only the owner of its key can have made. */
void hf_steps12_key_proof(hf_steps *steps, const hf_conn_info *info)
{
    if (info->psk_used)
        steps->say("      " HF_GREEN "proved" HF_PLAIN
                   " to the client: the server holds the pre-shared key:\n"
                   "      only the owner of that key could have made this Finished\n");
    if (info->version == HF_TLS12 && is_rsa(info) && !info->resumed)
        steps->say("      " HF_GREEN "proved" HF_PLAIN
                   " to the client: the server holds the certificate's private key:\n"
                   "      only the owner of that key could have made this Finished\n");
}

/* A handshake ends with our own Finished, or with the proof that the other's was good. */
void hf_steps12_after(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    bool ours = step->at_server == (steps->self == HF_SERVER);
    bool last = step->kind == HF_TRACE_PROVED ? ours : step->writer == steps->self;

    if (is(step, "ClientKeyExchange")) {
        premaster_secret(steps, info);
        master_secret(steps, info);
    } else if (is(step, "ServerHello") && info->resumed) {
        master_secret(steps, info);
    } else if (is(step, "Finished") && last) {
        secure(steps, info);
    }
}
