/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The failure record of the tool: filled once, told in words or as JSON. */
#include "tool/trouble.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "tool/exit.h"
#include "tool/json_text.h"
#include "tool/say.h"
#include "tool/text.h"

static void put(char out[HF_TROUBLE_TEXT_MAX], const char *format, va_list args)
{
    vsnprintf(out, HF_TROUBLE_TEXT_MAX, format, args);
}

#define PART(part)                                                                                 \
    void hf_trouble_##part(hf_trouble *trouble, const char *format, ...)                           \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        put(trouble->part, format, args);                                                          \
        va_end(args);                                                                              \
    }

PART(sentence)
PART(where)
PART(hint)
PART(next)

void hf_trouble_own(hf_trouble *t, int status, const char *code, const char *blame,
                    const char *step)
{
    memset(t, 0, sizeof *t);
    t->happened = true;
    t->exit = status;
    t->code = code;
    t->blame = blame;
    t->side = "client";
    t->step = step;
    t->record.offset = -1;
    t->record.alert = HF_ALERT_none;
}

/* A part of a sentence, with what stands between it and the part before. */
static void part(char out[HF_TROUBLE_TEXT_MAX], const char *between, const char *format, ...)
{
    size_t len = strlen(out);
    va_list args;

    snprintf(out + len, HF_TROUBLE_TEXT_MAX - len, "%s", len > 0 ? between : "");
    len = strlen(out);
    va_start(args, format);
    vsnprintf(out + len, HF_TROUBLE_TEXT_MAX - len, format, args);
    va_end(args);
}

static void tell_alert(char out[HF_TROUBLE_TEXT_MAX], const hf_failure *f)
{
    const char *name = hf_alert_name(f->alert);

    if (f->alert_direction == HF_ALERT_RECEIVED && !strstr(f->rule, name))
        part(out, "; ", "the peer's alert: %s (%d), %s", name, f->alert, hf_alert_words(f->alert));
    else if (f->alert_direction == HF_ALERT_SENT)
        part(out, "; ", "alert sent: %s (%d)", name, f->alert);
}

/* "localhost:443, in ServerHello.legacy_version, byte 4: …; expected …, found …; alert sent: …" */
static void tell_place(char out[HF_TROUBLE_TEXT_MAX], const hf_failure *f, const char *where)
{
    char place[HF_FAILURE_PLACE_MAX];
    bool cut = f->code == HF_E_TRUNCATED_STREAM && !f->field[0] && !f->message;

    snprintf(out, HF_TROUBLE_TEXT_MAX, "%s", where);
    if (!cut && *hf_failure_place(f, place, sizeof place)) /* cut: it waits for whatever may come */
        part(out, ", ", "%s", place);
    if (f->rule[0] && strcmp(f->rule, hf_error_row_of(f->code)->sentence) != 0)
        part(out, ": ", "%s", f->rule);
    if (f->expected[0] && f->offered[0])
        part(out, "; ", "expected %s, found %s", f->expected, f->offered);
    else if (f->expected[0] || f->offered[0])
        part(out, "; ", "%s%s", f->expected[0] ? "expected " : "",
             f->expected[0] ? f->expected : f->offered);
    tell_alert(out, f);
}

void hf_trouble_failure(hf_trouble *t, const hf_failure *f, const char *where)
{
    if (t->happened)
        return;
    t->happened = true;
    t->record = *f;
    t->exit = hf_exit_of(f->code);
    t->code = hf_error_row_of(f->code)->name;
    t->blame = hf_blame_name(f->blame);
    t->side = f->side == HF_SERVER ? "server" : "client";
    t->step = f->step;
    hf_trouble_sentence(t, "%s", hf_error_row_of(f->code)->sentence);
    hf_trouble_hint(t, "%s", hf_error_row_of(f->code)->hint);
    tell_place(t->where, f, where);
}

/* One line, however long it gets, so that it can be taken as it is. */
static void say_trace(const char *path)
{
    hf_text line = hf_text_new(2 * HF_TROUBLE_TRACE_MAX);

    hf_text_say_word(&line, path);
    if (!line.full && line.data)
        hf_note("  see it: handfast explain %s\n", line.data);
    hf_text_free(&line);
}

void hf_trouble_say(const hf_trouble *t)
{
    if (!t->happened)
        return;
    hf_error_what("%s", t->sentence);
    hf_error_why("%s", t->where);
    hf_error_next("%s%s%s%s", t->hint, t->lead ? "; " : "", t->lead ? t->lead : "",
                  t->next[0] ? ":" : "");
    if (t->next[0])
        hf_error_command(t->next);
    if (t->trace[0])
        say_trace(t->trace);
}

static const char *direction(const hf_failure *f)
{
    switch (f->alert_direction) {
    case HF_ALERT_SENT: return "sent";
    case HF_ALERT_RECEIVED: return "received";
    default: return NULL;
    }
}

json_t *hf_trouble_json(const hf_trouble *t)
{
    const hf_failure *f = &t->record;
    bool alerted = f->alert_direction != HF_ALERT_NOT_SENT;

    if (!t->happened)
        return json_null();
    return json_pack("{s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o}",
                     "code", hf_json_text(t->code), "blame", hf_json_text(t->blame), "side",
                     hf_json_text(t->side), "step", hf_json_text(t->step), "message",
                     hf_json_text(f->message), "field", hf_json_text_or_null(f->field), "offset",
                     f->offset >= 0 ? json_integer(f->offset) : json_null(), "rule",
                     hf_json_text_or_null(f->rule), "expected", hf_json_text_or_null(f->expected),
                     "offered", hf_json_text_or_null(f->offered), "alert",
                     alerted ? json_string(hf_alert_name(f->alert)) : json_null(),
                     "alert_direction", hf_json_text(direction(f)), "sentence",
                     hf_json_text(t->sentence), "where", hf_json_text_or_null(t->where), "hint",
                     hf_json_text_or_null(t->hint), "next", hf_json_text_or_null(t->next), "trace",
                     hf_json_text_or_null(t->trace));
}
