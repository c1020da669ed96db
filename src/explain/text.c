/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A story as text: a line or two a message, with the changes of keys and the proofs between them; its fields and bytes where
 * more is asked for; and how it ended.
 */
#include <stdio.h>

#include "explain/text_pen.h"
#include "explain/words.h"
#include "handshake/script.h"

enum { INDENT = 6, BESIDE = 23, SIZE = 43, END = 78 };

static const char *who(unsigned role)
{
    return role == HF_SERVER ? "server" : "client";
}

static const char *arrow(hf_role writer)
{
    return writer == HF_CLIENT ? "client --> server" : "client <-- server";
}

/* ---- a message ---- */

/* A single event has one, too. */
static bool has_times(const hf_tape *tape)
{
    return tape->n > 0 && tape->events[tape->n - 1].us > 0;
}

/* Nothing where no clock ran. */
static void add_time(hf_pen *pen, const hf_story *story, uint64_t us)
{
    char text[32];

    if (!has_times(story->tape))
        return;
    us = hf_story_us(story, us);
    if (us < 1000000)
        snprintf(text, sizeof text, "%u.%03u ms", (unsigned)(us / 1000), (unsigned)(us % 1000));
    else
        snprintf(text, sizeof text, "%llu.%03u s", (unsigned long long)(us / 1000000),
                 (unsigned)(us / 1000 % 1000));
    hf_pen_to(pen, pen->width >= END ? END - (unsigned)strlen(text) : 0);
    hf_pen_put(pen, HF_INK_DIM, text);
}

static void head_of_message(hf_pen *pen, const hf_story *story, const hf_story_step *step)
{
    size_t size = step->bytes.len;

    hf_pen_add(pen, HF_INK_PLAIN, "%2u  %s  ", step->number, arrow(step->writer));
    hf_pen_put(pen, step->refused ? HF_INK_BAD : HF_INK_BOLD, step->name);
    hf_pen_to(pen, SIZE);
    hf_pen_add(pen, HF_INK_PLAIN, "%6zu byte%s  ", size, size == 1 ? " " : "s");
    hf_pen_put(pen, step->encrypted ? HF_INK_GOOD : HF_INK_PLAIN,
               step->encrypted ? "encrypted"
               : step->bare    ? "MAC only"
                               : "clear");
    add_time(pen, story, step->us);
    hf_pen_line(pen);
}

static void more_of(hf_pen *pen, const hf_story *story, size_t i)
{
    const hf_story_step *step = &story->steps[i];
    char words[HF_WORDS_ROOM];

    hf_pen_row(pen, INDENT, BESIDE, "what for", hf_step_purpose(step));
    hf_pen_row(pen, INDENT, BESIDE, "defined in", step->source);
    hf_pen_row(pen, INDENT, BESIDE, "protected by", hf_step_secret(story, i));
    hf_pen_row(pen, INDENT, BESIDE, "others can read", hf_step_eavesdropper(story, i, words));
    hf_pen_row(pen, INDENT, BESIDE, "proved: client", hf_step_proved(story, i, HF_CLIENT, words));
    hf_pen_row(pen, INDENT, BESIDE, "proved: server", hf_step_proved(story, i, HF_SERVER, words));
}

/* By whom, and what was wrong with it. */
static void refusal(hf_pen *pen, const hf_story *story, const hf_story_step *step)
{
    const hf_failure *f = &story->tape->failure;

    if (!step->refused || step->kind == HF_STEP_ALERT)
        return;
    hf_pen_to(pen, INDENT);
    hf_pen_put(pen, HF_INK_BAD, "refused");
    hf_pen_add(pen, HF_INK_PLAIN, " by the %s: ", who(f->side));
    hf_pen_wrap(pen, INDENT + 2, hf_error_row_of(f->code)->sentence);
}

static void message(hf_pen *pen, const hf_story *story, size_t i)
{
    const hf_story_step *step = &story->steps[i];
    char words[HF_WORDS_ROOM];

    head_of_message(pen, story, step);
    hf_pen_to(pen, INDENT);
    hf_pen_wrap(pen, INDENT, hf_step_summary(story, i, words));
    refusal(pen, story, step);
    if (pen->show->verbose < 1)
        return;
    more_of(pen, story, i);
    hf_text_fields(pen, step);
}

/* ---- what is between them ---- */

static void aside(hf_pen *pen, const hf_story *story, size_t i, const char *title)
{
    char words[HF_WORDS_ROOM];

    hf_pen_to(pen, INDENT);
    hf_pen_put(pen, HF_INK_DIM, title);
    hf_pen_put(pen, HF_INK_PLAIN, " ");
    hf_pen_wrap(pen, INDENT + 2, hf_step_summary(story, i, words));
}

static void step(hf_pen *pen, const hf_story *story, size_t i)
{
    const hf_story_step *s = &story->steps[i];

    switch (s->kind) {
    case HF_STEP_KEYS: aside(pen, story, i, "keys:"); break;
    case HF_STEP_DATA: aside(pen, story, i, arrow(s->writer)); break;
    case HF_STEP_SEALED: aside(pen, story, i, arrow(s->writer)); break;
    case HF_STEP_PRELUDE: aside(pen, story, i, arrow(s->writer)); break;
    default: message(pen, story, i); break;
    }
}

/* ---- what was proved ---- */

static void proof(hf_pen *pen, const hf_story *story, const char *words)
{
    hf_pen_to(pen, INDENT);
    hf_pen_put(pen, HF_INK_GOOD, "proved");
    hf_pen_add(pen, HF_INK_PLAIN, " to the %s: ", who(story->tape->side == HF_TAPE_SERVER));
    hf_pen_wrap(pen, INDENT + 2, words);
}

/* Where nothing was signed, Finished is the first thing that only the owner of the key can have made. NULL: it was signed, or is
   resumed. */
static const char *key_proof(const hf_story *story, size_t i)
{
    bool server = story->tape->side == HF_TAPE_SERVER;
    hf_known k;

    hf_known_at(story, i, &k);
    if (k.psk)
        return server ? "the client holds the pre-shared key: only the owner of that key could "
                        "have made this Finished"
                      : "the server holds the pre-shared key: only the owner of that key could "
                        "have made this Finished";
    if (server || k.resumed || k.exchange != HF_EXCHANGE_RSA)
        return NULL;
    return "the server holds the certificate's private key: only the owner of that key could have "
           "made this Finished";
}

/* What the tape's own end came to hold proved since `told`; of a capture nobody knows. */
static void proofs(hf_pen *pen, const hf_story *story, size_t i, uint8_t *told)
{
    static const struct {
        unsigned proof;
        const char *to_client, *to_server;
    } rows[] = {
        { HF_CHAIN, "the chain ends at a trusted CA; name and dates fit",
          "the client's chain ends at a trusted CA; dates fit" },
        { HF_SIGNATURE, "the server holds the certificate's private key",
          "the client holds its certificate's private key" },
        { HF_FINISHED, "both ends saw the same handshake, unchanged",
          "both ends saw the same handshake, unchanged" },
    };
    bool server = story->tape->side == HF_TAPE_SERVER;
    unsigned now = story->steps[i].proved & ~(unsigned)*told;

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        if (now & rows[k].proof)
            proof(pen, story, server ? rows[k].to_server : rows[k].to_client);
    const char *key = now & HF_FINISHED ? key_proof(story, i) : NULL;
    if (key)
        proof(pen, story, key);
    *told = story->steps[i].proved;
}

/* ---- one, and all ---- */

static void one(hf_pen *pen, const hf_story *story, size_t i, uint8_t *told)
{
    step(pen, story, i);
    proofs(pen, story, i, told);
    if (pen->show->verbose > 0 && (i + 1 == story->n || story->steps[i + 1].number > 0))
        hf_pen_gap(pen);
}

hf_error hf_show_step(const hf_story *story, size_t i, const hf_show *show, uint8_t *told,
                      hf_sheet *out)
{
    hf_pen pen = hf_pen_start(out, show);

    one(&pen, story, i, told);
    return out->error;
}

hf_error hf_show_proofs(const hf_story *story, size_t i, const hf_show *show, uint8_t *told,
                        hf_sheet *out)
{
    hf_pen pen = hf_pen_start(out, show);

    proofs(&pen, story, i, told);
    return out->error;
}

hf_error hf_show_text(const hf_story *story, const hf_show *show, hf_sheet *out)
{
    hf_pen pen = hf_pen_start(out, show);
    uint8_t told = 0;

    hf_text_head(&pen, story);
    for (size_t i = 0; i < story->n; i++)
        one(&pen, story, i, &told);
    hf_text_end(&pen, story);
    return out->error;
}
