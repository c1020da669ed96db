/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Words for newcomers, 80 columns wide. Which message belongs to which step stands in the scripts. */
#include "tool/nine.h"

#include "explain/words.h"
#include "tool/say.h"

enum {
    HELLO = 1,
    ANSWER,
    CERTIFICATE,
    DECRYPTION = 5,
    MASTER_SECRET,
    CLIENT_READY,
    SERVER_READY,
    SECURE
};

/* A step of the story that is being told. */
typedef struct teller {
    hf_nine *nine;
    hf_say *say;
    const hf_story_step *step;
    hf_known k;
} teller;

static teller teller_of(hf_nine *nine, const hf_story *story, size_t i, hf_say *say)
{
    teller t = { .nine = nine, .say = say, .step = &story->steps[i] };

    hf_known_at(story, i, &t.k);
    return t;
}

static bool is(const teller *t, hf_msg msg)
{
    return t->step->kind == HF_STEP_MESSAGE && t->step->msg == msg;
}

static bool is_rsa(const teller *t)
{
    return t->k.exchange == HF_EXCHANGE_RSA;
}

/* Before the server has chosen: nothing newer is offered. */
static bool offers_only12(const teller *t)
{
    uint16_t versions[HF_OFFERS_MAX];
    size_t n = t->k.offer_read ? hf_offered_versions(&t->k.offer, versions) : 0;
    bool only = n > 0;

    for (size_t i = 0; i < n; i++)
        only = only && versions[i] <= HF_TLS12;
    return only;
}

static bool is_tls12(const teller *t)
{
    return t->step->version ? t->step->version == HF_TLS12 : offers_only12(t);
}

/* ---- headings ---- */

static const char *title(const teller *t, unsigned nine)
{
    if (nine == DECRYPTION)
        return is_rsa(t) ? "the server decrypts it" : "both ends compute it";
    if (nine == CERTIFICATE && t->k.psk)
        return "no certificate, as both ends have a key";
    return hf_nine_name(nine);
}

static bool is_told(const teller *t, unsigned nine)
{
    return t->nine->told >> nine & 1;
}

/* What textbooks name in these two, and the messages' own words do not. */
static void say_randoms(const teller *t, unsigned nine)
{
    if (nine == HELLO)
        t->say("      with the client random: 32 fresh bytes that go into the keys\n");
    else if (nine == ANSWER)
        t->say("      with the server random, 32 fresh bytes too, and the session id, a name\n"
               "      by which this session may be resumed later\n");
}

static void heading(const teller *t, unsigned nine)
{
    bool told, aside = t->nine->aside;

    if (nine < HELLO || nine > SECURE)
        return;
    told = is_told(t, nine);
    t->nine->aside = false;
    if (told && aside)
        t->say(HF_BOLD "Step %u of 9 goes on" HF_PLAIN "\n", nine);
    if (told)
        return;
    if (nine > HELLO &&
        !is_told(t, HELLO)) /* the hello offered TLS 1.3 too, and was shown as it was */
        t->say(HF_BOLD "Step 1 of 9: %s" HF_PLAIN " (message 1, above)\n", title(t, HELLO));
    t->nine->told |= 1u << nine | 1u << HELLO;
    t->say(HF_BOLD "Step %u of 9: %s" HF_PLAIN "\n", nine, title(t, nine));
    say_randoms(t, nine);
}

/* Messages that the nine steps have no place for. */
static const char *between(const teller *t)
{
    bool client = t->step->writer == HF_CLIENT;

    return client && is(t, HF_MSG_Certificate) ? "the client shows its certificate"
           : client && is(t, HF_MSG_CertificateVerify)
               ? "the client proves that the certificate is its own"
           : is(t, HF_MSG_NewSessionTicket) ? "the server hands out a ticket"
                                            : NULL;
}

void hf_nine_before(hf_nine *nine, const hf_story *story, size_t i, hf_say *say)
{
    teller t = teller_of(nine, story, i, say);
    const char *words = between(&t);

    if (!is_tls12(&t) || !t.step->row || t.step->number == 0)
        return;
    if (words)
        say(HF_BOLD "Between the steps: %s" HF_PLAIN "\n", words);
    nine->aside |= words != NULL;
    if (!words)
        heading(&t, (unsigned)t.step->row->nine);
}

/* ---- between the messages ---- */

static void premaster_secret(const teller *t)
{
    heading(t, DECRYPTION);
    if (is_rsa(t))
        t->say("      with its private key. Both ends now have the premaster secret; but\n"
               "      whoever gets that key later can read this connection too:\n"
               "      NO forward secrecy\n");
    else if (t->k.exchange == HF_EXCHANGE_PSK)
        t->say("      from the pre-shared key alone: whoever gets that later can read this\n"
               "      connection too: NO forward secrecy\n");
    else if (hf_exchange_is_psk(t->k.exchange))
        t->say("      from one's own private value, the other's share and the pre-shared key;\n"
               "      the private values are then forgotten: forward secrecy\n");
    else
        t->say("      from one's own private value and the other's share; the private values\n"
               "      are then forgotten: forward secrecy\n");
}

static void master_secret(const teller *t)
{
    heading(t, MASTER_SECRET);
    if (t->k.resumed)
        t->say("      a function that stretches secrets, the PRF, makes new session keys for\n"
               "      both directions from the old master secret and the two new randoms\n");
    else if (t->k.answer.ext.present & HF_EXT_BIT(extended_main_secret))
        t->say("      a function that stretches secrets, the PRF, makes the master secret from\n"
               "      the premaster secret and the messages so far (RFC 7627 takes a hash of\n"
               "      all messages, formerly both randoms); and from the master secret and\n"
               "      both randoms the session keys, which encrypt\n");
    else
        t->say("      a function that stretches secrets, the PRF, makes the master secret from\n"
               "      the premaster secret and both randoms; and from the master secret and\n"
               "      both randoms the session keys, which encrypt\n");
}

static void resumed(const teller *t)
{
    t->say("      steps 3 to 5 are left out; and as the server has all it needs, it is\n"
           "      ready first: step 8 before step 7\n");
    master_secret(t);
}

/* Both are ready, and the other's Finished was good. */
static void secure(const teller *t)
{
    if (!is_told(t, CLIENT_READY) || !is_told(t, SERVER_READY) || is_told(t, SECURE) ||
        !(t->step->proved & HF_FINISHED))
        return;
    heading(t, SECURE);
    t->say("      application data goes encrypted from here on, in both directions\n");
}

void hf_nine_after(hf_nine *nine, const hf_story *story, size_t i, hf_say *say)
{
    teller t = teller_of(nine, story, i, say);

    if (!is_tls12(&t))
        return;
    if (is(&t, HF_MSG_ClientKeyExchange)) {
        premaster_secret(&t);
        master_secret(&t);
    } else if (is(&t, HF_MSG_ServerHello) && t.k.resumed) {
        resumed(&t);
    } else {
        secure(&t);
    }
}
