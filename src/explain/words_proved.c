/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What each end would have proved had the handshake stopped after a step, and what not (hf_step_proofs), in words. What the
 * proofs mean depends on the key exchange.
 */
#include "explain/words.h"

typedef struct view {
    hf_known k;
    hf_role to, peer;
    uint8_t proofs;
    bool live;         /* the tape is of this end */
    bool refused;      /* … and it did not accept the chain */
    bool here, before; /* … and it refused this step, or one before */
    const hf_story_step
        *told; /* not of this end: the alert by which it refused this step, or one before */
    hf_phrase *out;
} view;

static const char unchanged[] = "both ends saw the same handshake, unchanged";

static void say(const view *v, const char *words)
{
    hf_phrase_add(v->out, "%s", words);
}

static bool tls13(const view *v)
{
    return hf_is_13(v->k.version);
}

/* A chain is judged by its reader alone: of a capture nobody knows what he trusts. */
static const char *vouched(const view *v)
{
    if (!(v->proofs & HF_CHAIN))
        return v->live ? " (which was not accepted)" : ", for which nobody has vouched,";
    return v->live ? ", for which a trusted CA vouches,"
                   : " (if it trusts the CA that vouches for it)";
}

/* With --insecure a handshake goes on so; what is proved then is that the same one holds the key, whoever it is. */
static bool is_not_accepted(const view *v)
{
    return v->live && !(v->proofs & HF_CHAIN);
}

/* ---- without certificates ---- */

/* The Finished shows what no signature did. False: certificates did. */
static bool say_key_from_before(const view *v)
{
    const char *peer = hf_end_name(v->peer);

    if (v->k.resumed)
        hf_phrase_add(v->out,
                      "that the %s knows the master secret of the session from before, so that "
                      "what was proved in "
                      "that one holds here; and that %s",
                      peer, unchanged);
    else if (v->k.psk)
        hf_phrase_add(v->out,
                      "that the %s holds the key that both had from before, and that %s; who has "
                      "that key was settled "
                      "when it was made or handed out",
                      peer, unchanged);
    else
        return false;
    return true;
}

/* ---- what the client knows of the server ---- */

static void finished_of_server(const view *v)
{
    if (say_key_from_before(v))
        return;
    if (v->k.exchange == HF_EXCHANGE_ANON)
        hf_phrase_add(v->out,
                      "that %s; but not who the other end is: anybody could be in the middle",
                      unchanged);
    else if (is_not_accepted(v))
        hf_phrase_add(
            v->out,
            "that it holds the key of a certificate which was not accepted: not who it is; "
            "and that %s",
            unchanged);
    else if (v->k.exchange == HF_EXCHANGE_RSA || v->k.exchange == HF_EXCHANGE_STATIC_DH)
        hf_phrase_add(
            v->out,
            "that the server holds the key of the certificate%s as only its owner could make this "
            "Finished; and that %s",
            vouched(v), unchanged);
    else
        hf_phrase_add(v->out, "who the server is: it holds the key of the certificate%s and %s",
                      vouched(v), unchanged);
}

static void signature_of_server(const view *v)
{
    if (is_not_accepted(v))
        say(v, "that the server holds the key of a certificate which was not accepted (not who it "
               "is), and ");
    else
        hf_phrase_add(v->out, "that the server holds the key of the certificate%s and ",
                      vouched(v));
    say(v, tls13(v) ? "saw the same messages up to here; but not yet that it has the same keys, "
                      "which its Finished shows"
                    : "made its key share for this connection; but not yet that nobody changed the "
                      "hellos, which its "
                      "Finished shows");
}

static void chain_of_server(const view *v)
{
    say(v, v->live ? "that a trusted CA vouches for the certificate"
                   : "that a CA vouches for the certificate, which it may trust");
    say(v, "; but not yet that whoever sent it holds its key: certificates are public");
    if (v->k.exchange == HF_EXCHANGE_RSA)
        say(v, ". With RSA key exchange only the server's Finished will show that");
}

/* Of this end it is known where it stopped. */
static bool say_refused(const view *v)
{
    if (v->here)
        say(v, "nothing: this is what it refused");
    else if (v->before)
        say(v, "nothing: it had refused the handshake before this came");
    else if (v->refused)
        hf_phrase_add(v->out, "nothing: the %s's certificate was not accepted",
                      hf_end_name(v->peer));
    else if (v->told) {
        hf_phrase_add(v->out, "nothing: it did not accept what the %s sent, as its alert ",
                      hf_end_name(v->peer));
        hf_phrase_name(v->out, HF_NAMES_ALERTS, v->told->bytes.data[1]);
        say(v, " says");
    } else
        return false;
    return true;
}

static void nothing_of_server(const view *v)
{
    if (say_refused(v))
        return;
    if (tls13(v) && v->k.psk)
        say(v, "nothing yet: that the server names a key from before does not show that it has it");
    else if (v->k.resumed)
        say(v, "nothing yet: that the server takes up a session from before does not show that it "
               "knows its secret");
    else if (v->k.answer_read || v->k.retry)
        say(v, "nothing yet: anybody could have answered");
    else
        say(v, "nothing yet: nobody has answered");
}

/* ---- what the server knows of the client ---- */

static void finished_of_client(const view *v)
{
    const uint8_t both = HF_CHAIN | HF_SIGNATURE;

    if ((v->proofs & both) == both) {
        hf_phrase_add(v->out, "who the client is: it holds the key of its certificate%s and %s",
                      vouched(v), unchanged);
        return;
    }
    if (say_key_from_before(v))
        return;
    hf_phrase_add(v->out, "that %s; but not who the client is: ", unchanged);
    say(v, !v->k.cert_asked                   ? "it was not asked for a certificate"
           : v->k.certificates[HF_CLIENT] > 0 ? "its certificate is not proved"
                                              : "it showed no certificate");
}

static void signature_of_client(const view *v)
{
    hf_phrase_add(v->out,
                  "that the client holds the key of its certificate%s and saw the same messages up "
                  "to here; but not yet "
                  "that it has the same keys, which its Finished shows",
                  vouched(v));
}

static void chain_of_client(const view *v)
{
    say(v, v->live ? "that a trusted CA vouches for the client's certificate"
                   : "that a CA vouches for the client's certificate, which it may trust");
    say(v, "; but not yet that the client holds its key");
}

static void nothing_of_client(const view *v)
{
    bool named = v->k.offer_read && hf_offers(&v->k.offer, HF_EXT_pre_shared_key);

    if (say_refused(v))
        return;
    if (tls13(v) && v->k.psk)
        say(v, "that the hello was made by one who holds the key from before, as its binder fits; "
               "but perhaps long ago: a hello "
               "can be sent again by anybody");
    else if (!v->k.answer_read && named)
        say(v, "nothing yet; if it has the key that the hello names and the binder fits, that the "
               "hello was made with that key, "
               "perhaps long ago");
    else if (v->k.hellos == 0)
        say(v, "nothing yet: nobody has asked");
    else
        say(v, "nothing yet: anybody could have sent this");
}

/* ---- */

typedef void telling(const view *v);

static telling *teller_of(const view *v)
{
    bool server = v->peer == HF_SERVER;

    if (v->k.finished[v->peer] && v->proofs & HF_FINISHED)
        return server ? finished_of_server : finished_of_client;
    if (v->proofs & HF_SIGNATURE)
        return server ? signature_of_server : signature_of_client;
    if (v->proofs & HF_CHAIN)
        return server ? chain_of_server : chain_of_client;
    return server ? nothing_of_server : nothing_of_client;
}

static view view_of(const hf_story *story, size_t i, hf_role to)
{
    const hf_story_step *step = &story->steps[i];
    hf_tape_side side = story->tape->side;
    view v = { .to = to, .peer = hf_other(to) };

    v.live = side == (to == HF_SERVER ? HF_TAPE_SERVER : HF_TAPE_CLIENT);
    v.proofs = hf_step_proofs(story, i, to);
    hf_known_at(story, i, &v.k);
    v.refused = v.live && v.k.certificates[v.peer] > 0 &&
                (hf_is_chain_refused(story->tape) || story->unverified);
    if (!v.live && i >= story->refuses[to])
        v.told = &story->steps[story->verdict[to]];
    v.here = v.live && step->refused &&
             step->kind != HF_STEP_ALERT; /* an alert is the other end's refusal */
    for (size_t k = 0; k < i && v.live && story->failed && !v.before; k++)
        v.before = story->steps[k].refused && story->steps[k].kind != HF_STEP_ALERT;
    return v;
}

char *hf_step_proved(const hf_story *story, size_t i, hf_role to, char text[HF_WORDS_ROOM])
{
    hf_phrase p = hf_phrase_start(text);
    view v = view_of(story, i, to);

    v.out = &p;
    if (v.k.sealed[v.peer] && !v.k.finished[v.peer] && v.k.answer_read)
        hf_phrase_add(&p, "the %s's proofs are encrypted and cannot be read here; without them: ",
                      hf_end_name(v.peer));
    teller_of (&v)(&v);
    return text;
}
