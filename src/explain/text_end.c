/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What stands above and below the messages: who, when and what was agreed; checks of the chain, notes, the failure, secrets. */
#include <stdio.h>

#include "base/error.h"
#include "explain/text_pen.h"
#include "x509/time.h"
#include "x509/x509.h"

enum { INDENT = 2, BESIDE = 14 };

/* ---- above ---- */

static void add_when(char *text, size_t room, const hf_tape *tape)
{
    int64_t seconds = tape->started_us / 1000000;
    char time[24];

    if (tape->started_us <= 0 || seconds > HF_TIME_MAX)
        return;
    hf_time_text(seconds, time);
    snprintf(text, room, ", %s", time);
}

static void seen_by(hf_pen *pen, const hf_tape *tape)
{
    static const char *const sides[] = { "seen by the client", "seen by the server",
                                         "seen on the way" };
    bool both = *tape->client && *tape->server, origin = *tape->origin;
    char text[HF_WORDS_ROOM], when[48] = "";

    add_when(when, sizeof when, tape);
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s%s", sides[tape->side], origin ? ", " : "",
             tape->origin, both ? ", " : "", both ? tape->client : "", both ? " to " : "",
             both ? tape->server : "", when);
    hf_pen_wrap(pen, INDENT, text);
}

/* ", x25519"; nothing as long as it is not settled. */
static void add_name(hf_sheet *line, hf_names names, uint16_t code)
{
    char room[HF_NAME_ROOM];

    if (code)
        hf_sheet_add(line, "%s%s", line->len > 0 ? ", " : "", hf_code_text(names, code, room));
}

static void agreed(hf_pen *pen, const hf_follower *end)
{
    hf_sheet line = { .error = HF_OK };

    add_name(&line, HF_NAMES_VERSIONS, end->version);
    add_name(&line, HF_NAMES_SUITES, end->version ? end->cipher_suite : 0);
    add_name(&line, HF_NAMES_GROUPS, end->version ? end->group : 0);
    if (line.len > 0)
        hf_pen_wrap(pen, INDENT, line.text);
    if (line.error && !pen->out->error)
        pen->out->error = line.error;
    hf_sheet_free(&line);
}

void hf_text_head(hf_pen *pen, const hf_story *story)
{
    if (*story->tape->target) {
        hf_pen_put(pen, HF_INK_BOLD, story->tape->target);
        hf_pen_line(pen);
    }
    seen_by(pen, story->tape);
    agreed(pen, &story->end);
    hf_pen_gap(pen);
}

/* ---- below ---- */

static void check(hf_pen *pen, const hf_tape_check *c)
{
    char text[HF_WORDS_ROOM];

    hf_pen_to(pen, INDENT);
    if (c->unknown)
        hf_pen_put(pen, HF_INK_DIM, "unknown");
    else
        hf_pen_put(pen, c->kept ? HF_INK_GOOD : HF_INK_BAD, c->kept ? "kept  " : "broken");
    hf_pen_to(pen, INDENT + 8);
    snprintf(text, sizeof text, "%s%s%s%s%s%s", c->rule, *c->detail ? ": " : "", c->detail,
             *c->source ? " (" : "", c->source, *c->source ? ")" : "");
    hf_pen_wrap(pen, INDENT + 8, text);
}

/* All of them where more is asked for, else those that were broken. */
static void checks(hf_pen *pen, const hf_tape *tape)
{
    bool all = pen->show->verbose > 0, said = false;

    for (size_t i = 0; i < tape->n_checks; i++) {
        const hf_tape_check *c = &tape->checks[i];
        if (c->kept && !all)
            continue;
        if (!said || (i > 0 && c->certificate != c[-1].certificate))
            hf_pen_gap(pen);
        if (!said || (i > 0 && c->certificate != c[-1].certificate)) {
            hf_pen_add(pen, HF_INK_BOLD, "The rules for certificate %u of the chain",
                       c->certificate + 1u);
            hf_pen_line(pen);
        }
        said = true;
        check(pen, c);
    }
}

static void notes(hf_pen *pen, const hf_story *story)
{
    const hf_tape *tape = story->tape;
    char text[HF_WORDS_ROOM];

    if (tape->n_notes > 0 || tape->lost > 0 || story->left_out > 0)
        hf_pen_gap(pen);
    for (size_t i = 0; i < tape->n_notes; i++)
        hf_pen_row(pen, 0, 6, "note:", tape->notes[i]);
    snprintf(text, sizeof text, "%zu event%s found no room and %s missing here", tape->lost,
             tape->lost == 1 ? "" : "s", tape->lost == 1 ? "is" : "are");
    if (tape->lost > 0)
        hf_pen_row(pen, 0, 6, "note:", text);
    snprintf(text, sizeof text, "%zu bytes of handshake messages after the first %d are left out",
             story->left_out, HF_STORY_MESSAGES_MAX);
    if (story->left_out > 0)
        hf_pen_row(pen, 0, 6, "note:", text);
}

static void alert(hf_pen *pen, const hf_failure *f)
{
    char room[HF_NAME_ROOM], text[HF_WORDS_ROOM];
    const char *side = f->side == HF_SERVER ? "server" : "client";

    if (f->alert_direction == HF_ALERT_NOT_SENT || f->alert < 0)
        return;
    snprintf(text, sizeof text, "%s, %s by the %s",
             hf_code_text(HF_NAMES_ALERTS, (uint64_t)f->alert, room),
             f->alert_direction == HF_ALERT_SENT ? "sent" : "received", side);
    hf_pen_row(pen, INDENT, BESIDE, "alert", text);
}

static void place_of(hf_pen *pen, const hf_failure *f)
{
    static const char *const whose[] = { "the peer's", "ours", "the network's",
                                         "the configuration's", "the policy's" };
    char place[HF_FAILURE_PLACE_MAX];

    hf_pen_row(pen, INDENT, BESIDE, "fault",
               whose[f->blame <= HF_BLAME_POLICY ? f->blame : HF_BLAME_US]);
    hf_pen_row(pen, INDENT, BESIDE, "noticed by",
               f->side == HF_SERVER ? "the server" : "the client");
    hf_pen_row(pen, INDENT, BESIDE, "where", hf_failure_place(f, place, sizeof place));
}

/* What happened, where and why, what to do next. */
static void failure(hf_pen *pen, const hf_failure *f)
{
    const hf_error_row *row = hf_error_row_of(f->code);
    char text[HF_WORDS_ROOM];

    hf_pen_put(pen, HF_INK_BAD, "failed: ");
    hf_pen_wrap(pen, 8, row->sentence);
    if (f->alert_direction !=
        HF_ALERT_RECEIVED) /* whose fault it was, and where, only the peer knows */
        place_of(pen, f);
    hf_pen_row(pen, INDENT, BESIDE, "why", strcmp(f->rule, row->sentence) != 0 ? f->rule : "");
    hf_pen_row(pen, INDENT, BESIDE, "expected", f->expected);
    hf_pen_row(pen, INDENT, BESIDE, "offered", f->offered);
    alert(pen, f);
    snprintf(text, sizeof text, "%s, %s", row->name, row->source);
    hf_pen_row(pen, INDENT, BESIDE, "rule", strcmp(row->source, "-") != 0 ? text : row->name);
    hf_pen_row(pen, INDENT, BESIDE, "what to do", row->hint);
}

static void secrets(hf_pen *pen, const hf_tape *tape)
{
    hf_pen_gap(pen);
    hf_pen_put(pen, HF_INK_BOLD, "The secrets, as a key log has them (RFC 9850)");
    hf_pen_line(pen);
    for (size_t i = 0; i < tape->n_secrets; i++) {
        const hf_tape_secret *s = &tape->secrets[i];
        hf_pen_put(pen, HF_INK_PLAIN, s->label);
        hf_sheet_put(pen->out, " ");
        for (size_t k = 0; k < sizeof s->client_random; k++)
            hf_sheet_add(pen->out, "%02x", s->client_random[k]);
        hf_sheet_put(pen->out, " ");
        for (size_t k = 0; k < s->len; k++)
            hf_sheet_add(pen->out, "%02x", s->secret[k]);
        hf_pen_line(pen);
    }
}

static void outcome(hf_pen *pen, const hf_story *story)
{
    char words[HF_WORDS_ROOM];

    hf_pen_gap(pen);
    if (story->tape->failed) {
        failure(pen, &story->tape->failure);
        return;
    }
    if (story->failed) { /* an alert says so, and that is all that is known */
        const char *end = hf_story_outcome(story, words);
        size_t mark = strncmp(end, "failed: ", 8) == 0 ? 8 : 0;
        hf_pen_put(pen, HF_INK_BAD, "failed: ");
        hf_pen_wrap(pen, 8, end + mark);
        return;
    }
    hf_pen_wrap(pen, 2, hf_story_outcome(story, words));
}

void hf_text_end(hf_pen *pen, const hf_story *story)
{
    checks(pen, story->tape);
    notes(pen, story);
    outcome(pen, story);
    if (pen->show->secrets && story->tape->n_secrets > 0)
        secrets(pen, story->tape);
}
