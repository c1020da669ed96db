/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One sentence a step. Each kind of message has a function of its own in words_….c; what is no message is here. */
#include "explain/words.h"

typedef void tell(const hf_telling *t);

/* ---- what is no message ---- */

static const char *epoch_words(const hf_story_step *step)
{
    if (step->version && !hf_is_13(step->version))
        return "session";
    switch (step->epoch) {
    case HF_EARLY: return "early";
    case HF_HANDSHAKE: return "handshake";
    default: return "application";
    }
}

static void tell_keys(const hf_telling *t)
{
    const char *writer = hf_end_name(t->step->writer);

    if (t->step->epoch <= HF_PLAIN)
        hf_phrase_add(t->out, "from here the %s writes in the clear again", writer);
    else
        hf_phrase_add(t->out, "from here the %s writes under its %s keys", writer,
                      epoch_words(t->step));
    if (t->step->bare)
        hf_phrase_add(t->out, ", which authenticate, but do NOT encrypt");
    if (t->step->epoch > HF_APP && hf_is_13(t->step->version))
        hf_phrase_add(t->out, ", generation %u", t->step->epoch - HF_APP);
}

static void tell_ccs(const hf_telling *t)
{
    const char *writer = hf_end_name(t->step->writer);

    if (hf_is_13(t->step->version) ||
        t->step->version == 0) /* in TLS 1.2 it comes after ServerHello */
        hf_phrase_add(t->out, "means nothing: it makes old middleboxes take this for TLS 1.2");
    else if (hf_suite_is_null(t->step->cipher_suite))
        hf_phrase_add(t->out,
                      "what the %s sends from here on is authenticated, but NOT encrypted: "
                      "everybody on the line can read it",
                      writer);
    else
        hf_phrase_add(t->out, "what the %s sends from here on is encrypted", writer);
}

/* RFC 9846 6: the level is that of older versions, the description decides. */
static void tell_alert(const hf_telling *t)
{
    const char *writer = hf_end_name(t->step->writer);
    hf_phrase *p = t->out;

    if (t->step->bytes.len < 2) {
        hf_phrase_add(p, "an alert that nobody here can read");
        return;
    }
    uint8_t level = t->step->bytes.data[0], number = t->step->bytes.data[1];
    if (number == HF_ALERT_close_notify) {
        hf_phrase_add(p, "close_notify: the %s has finished and will write no more", writer);
        return;
    }
    hf_phrase_name(p, HF_NAMES_ALERT_LEVELS, level);
    hf_phrase_add(p, " ");
    hf_phrase_name(p, HF_NAMES_ALERTS, number);
    if (strcmp(hf_alert_name(number), "unknown") != 0)
        hf_phrase_add(p, ": %s", hf_alert_words(number));
    if (number == HF_ALERT_user_canceled || number == HF_ALERT_no_renegotiation)
        return;
    if (level == 2 || hf_is_13(t->step->version))
        hf_phrase_add(p, "; with that the %s ends the connection", writer);
}

static void say_run(const hf_telling *t)
{
    hf_phrase_count(t->out, t->step->n_records, "record");
    hf_phrase_add(t->out, ", ");
    hf_phrase_count(t->out, t->step->wire_len, "byte");
    hf_phrase_add(t->out, " with their headers");
}

static void tell_data(const hf_telling *t)
{
    if (t->step->epoch == HF_EARLY)
        hf_phrase_add(t->out, "early data (0-RTT), sent without waiting for the server: ");
    else
        hf_phrase_add(t->out, "data of the application: ");
    say_run(t);
}

/* A live end has no keys for what it was not meant to read: early data that it refuses. */
static void say_closed(const hf_telling *t)
{
    const hf_story_step *step = t->step;
    const hf_closed what = { step->version, step->cipher_suite,
                             step->writer == HF_CLIENT ? "the client" : "the server" };
    bool live = t->story->tape->side != HF_TAPE_CAPTURE;

    if (live)
        hf_phrase_add(t->out, "sends what cannot be read here without the keys");
    else if (step->bare)
        hf_phrase_add(t->out, "sends what is NOT encrypted, but is not read here");
    else
        hf_phrase_add(t->out, "sends what cannot be opened here");
    if (!live)
        hf_phrase_closed(t->out, t->story, &what, ", as ");
    hf_phrase_add(t->out, ": ");
}

static void tell_sealed(const hf_telling *t)
{
    if (t->step->refused)
        hf_phrase_add(t->out, "sends what does not open: %s; ",
                      hf_error_row_of(t->story->tape->failure.code)->sentence);
    else
        say_closed(t);
    say_run(t);
}

static void tell_prelude(const hf_telling *t)
{
    hf_phrase_add(t->out, "before TLS, in the clear: ");
    hf_phrase_count(t->out, t->step->wire_len ? t->step->wire_len : t->step->bytes.len, "byte");
}

static void tell_broken(const hf_telling *t)
{
    if (hf_is_header_alone(t->step->bytes)) {
        hf_phrase_add(t->out, "begins what can be no record here, so the rest was not read: ");
        hf_phrase_quote(t->out, t->step->bytes);
        return;
    }
    if (t->step->bytes.len >= HF_HANDSHAKE_HEADER && t->step->name && t->step->msg != HF_MSG_NONE &&
        t->step->msg != HF_MSG_UNKNOWN)
        hf_phrase_add(t->out,
                      "the beginning of %s, whose rest never came: ", hf_msg_name(t->step->msg));
    else
        hf_phrase_add(t->out, "no whole message: ");
    hf_phrase_count(t->out, t->step->bytes.len ? t->step->bytes.len : t->step->wire_len, "byte");
}

/* ---- messages that have nothing in them ---- */

static void tell_hello_done(const hf_telling *t)
{
    hf_phrase_add(t->out, "has said all; it is the client's turn");
}

static void tell_end_of_early_data(const hf_telling *t)
{
    hf_phrase_add(t->out, "the early data ends here");
}

static void tell_hello_request(const hf_telling *t)
{
    hf_phrase_add(t->out, "asks the client to begin a new handshake (renegotiation)");
}

static void tell_unknown(const hf_telling *t)
{
    hf_phrase_add(t->out, "a message of type ");
    if (t->step->bytes.len > 0)
        hf_phrase_name(t->out, HF_NAMES_MESSAGES, t->step->bytes.data[0]);
    hf_phrase_add(t->out, ", which means nothing here");
}

static tell *teller_of(const hf_story_step *step)
{
    static tell *const of_kind[] = {
        [HF_STEP_MESSAGE] = NULL,       [HF_STEP_CCS] = tell_ccs,
        [HF_STEP_ALERT] = tell_alert,   [HF_STEP_DATA] = tell_data,
        [HF_STEP_SEALED] = tell_sealed, [HF_STEP_PRELUDE] = tell_prelude,
        [HF_STEP_KEYS] = tell_keys,     [HF_STEP_BROKEN] = tell_broken
    };
    static tell *const of_message[HF_MSG_COUNT] = {
        [HF_MSG_HelloRequest] = tell_hello_request,
        [HF_MSG_ClientHello] = hf_tell_client_hello,
        [HF_MSG_ServerHello] = hf_tell_server_hello,
        [HF_MSG_HelloRetryRequest] = hf_tell_retry,
        [HF_MSG_NewSessionTicket] = hf_tell_ticket,
        [HF_MSG_EndOfEarlyData] = tell_end_of_early_data,
        [HF_MSG_EncryptedExtensions] = hf_tell_encrypted_extensions,
        [HF_MSG_Certificate] = hf_tell_certificate,
        [HF_MSG_ServerKeyExchange] = hf_tell_server_key_exchange,
        [HF_MSG_CertificateRequest] = hf_tell_certificate_request,
        [HF_MSG_ServerHelloDone] = tell_hello_done,
        [HF_MSG_CertificateVerify] = hf_tell_certificate_verify,
        [HF_MSG_ClientKeyExchange] = hf_tell_client_key_exchange,
        [HF_MSG_Finished] = hf_tell_finished,
        [HF_MSG_CertificateStatus] = hf_tell_certificate_status,
        [HF_MSG_KeyUpdate] = hf_tell_key_update,
    };

    if (step->kind != HF_STEP_MESSAGE)
        return of_kind[step->kind];
    return step->msg < HF_MSG_COUNT && of_message[step->msg] ? of_message[step->msg] : tell_unknown;
}

char *hf_step_summary(const hf_story *story, size_t i, char text[HF_WORDS_ROOM])
{
    hf_phrase p = hf_phrase_start(text);
    hf_telling t = { .story = story, .step = &story->steps[i], .out = &p };

    if (i > 0)
        hf_known_at(story, i - 1, &t.before);
    hf_known_at(story, i, &t.after);
    teller_of(t.step)(&t);
    return text;
}
