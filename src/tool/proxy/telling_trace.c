/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The tape of a handshake, for who has a state folder: begun with the first whole record, so that a client that drips bytes costs
 * nothing, bounded in number, and gone once the handshake is over, whatever the connection still says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain/outputs.h"
#include "tool/proxy/fail_words.h"
#include "tool/proxy/telling_parts.h"
#include "tool/recording.h"

enum { TAPES_MAX = 512, TRACE_BURST = 20, TRACE_PACE = 1 };

/* Of a front; front->recording is its first member. */
typedef struct trace {
    hf_recording recording;
    hf_front *front;
    bool over;
} trace;

static unsigned n_tapes; /* of this process: it has one thread */

static trace *trace_of(const hf_front *front)
{
    return (trace *)(void *)front->recording;
}

/* "192.0.2.1:443", "[2001:db8::1]:443" */
static void name_end(char out[64], const hf_peer_at *at)
{
    char text[HF_ADDRESS_TEXT];
    const char *ip = hf_peer_text(at, text);
    bool six = strchr(ip, ':') != NULL;

    snprintf(out, 64, "%s%s%s:%u", six ? "[" : "", ip, six ? "]" : "", at->port);
}

static void begin(trace *t)
{
    if (n_tapes >= TAPES_MAX) {
        t->over = true;
        return;
    }
    hf_recording_start(&t->recording, HF_TAPE_SERVER, NULL);
    if (!t->recording.tape)
        return;
    n_tapes++;
    name_end(t->recording.tape->client, &t->front->client);
    name_end(t->recording.tape->server, hf_front_own(t->front));
}

static void hear(void *user, const hf_trace_event *event)
{
    trace *t = user;

    if (t->over)
        return;
    if (!t->recording.tape && event->kind == HF_TRACE_RECORD)
        begin(t);
    if (!t->recording.tape)
        return;
    hf_trace_sink sink = hf_recording_sink(&t->recording);
    sink.event(sink.user, event);
}

hf_trace_sink hf_tell_sink(hf_front *front)
{
    trace *t;

    front->recording = NULL;
    if (!front->generation || !front->generation->config->state.text)
        return (hf_trace_sink){ NULL, NULL };
    t = calloc(1, sizeof *t);
    if (!t)
        return (hf_trace_sink){ NULL, NULL };
    t->front = front;
    front->recording = &t->recording;
    return (hf_trace_sink){ hear, t };
}

void hf_trace_over(hf_front *front)
{
    trace *t = trace_of(front);

    if (!t)
        return;
    if (t->recording.tape)
        n_tapes--;
    t->over = true;
    hf_recording_end(&t->recording);
}

void hf_trace_free(hf_front *front)
{
    if (!front->recording)
        return;
    hf_trace_over(front);
    free(trace_of(front));
    front->recording = NULL;
}

/* ---- to the parent ---- */

static bool draw(const hf_tape *tape, hf_sheet *sheet)
{
    hf_story *story = hf_story_of(tape);
    bool good = story && hf_show_json(story, &(hf_show){ .verbose = 0 }, sheet) == HF_OK;

    hf_story_free(story);
    return good;
}

/* With the proxy's own reason, where it ended the handshake itself: the library knows of none. */
static void keep_failure(hf_tape *tape, const hf_failure *failure)
{
    hf_failure kept = *failure;
    hf_fail_words words = hf_fail_words_of(failure);

    if (failure->code == HF_E_ABORTED || failure->code == HF_E_TIMEOUT)
        snprintf(kept.rule, sizeof kept.rule, "%s", words.sentence);
    kept.blame = words.blame;
    hf_tape_failed(tape, &kept);
}

bool hf_trace_send(hf_front *front, const hf_failure *failure)
{
    static hf_pace pace;
    trace *t = trace_of(front);
    hf_sheet sheet = { .text = NULL };
    bool sent = false;

    if (!t || !t->recording.tape || !hf_recording_has_tls(&t->recording) ||
        !hf_pace_may(&pace, TRACE_BURST, TRACE_PACE))
        return false;
    keep_failure(t->recording.tape, failure);
    if (front->site && front->site->tls)
        hf_recording_checks(&t->recording, front->stream.conn, front->site->tls, NULL);
    if (draw(t->recording.tape, &sheet) && sheet.len < HF_MESSAGE_UP_MAX)
        sent = hf_channel_say(front->house->channel, HF_MESSAGE_TRACE,
                              (hf_span){ (const uint8_t *)sheet.text, sheet.len });
    hf_sheet_free(&sheet);
    return sent;
}
