/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * From a tape to a story: each writer's handshake bytes are joined, whole messages are cut out of them, and a follower finds their
 * rows. Words are words.c's.
 */
#include "explain/story.h"

#include "explain/tape.h"
#include "explain/words.h"

/* A story in the making. */
typedef struct teller {
    hf_story *story;
    const hf_tape *tape;
    hf_follower f;
    size_t room;
    size_t cut[2];   /* in each stream: where the next message begins */
    size_t begun[2]; /* the event that its first byte came in */
    uint64_t begun_us[2];
    size_t shut;       /* the event of the record that the failure is about; tape->n: none is */
    uint16_t suite[2]; /* of each writer's keys; 0: not known */
    int last_writer;   /* of a numbered step, -1: none */
    bool broken;       /* no memory */
} teller;

/* ---- steps ---- */

static const char *step_name(hf_step_kind kind, hf_msg msg)
{
    switch (kind) {
    case HF_STEP_MESSAGE:
    case HF_STEP_BROKEN: return msg == HF_MSG_UNKNOWN ? "unknown message" : hf_msg_name(msg);
    case HF_STEP_CCS: return "ChangeCipherSpec";
    case HF_STEP_ALERT: return "Alert";
    case HF_STEP_DATA: return "application data";
    case HF_STEP_SEALED: return "sealed records";
    case HF_STEP_PRELUDE: return "before TLS";
    case HF_STEP_KEYS: break;
    }
    return "keys";
}

static bool is_numbered(hf_step_kind kind)
{
    return kind == HF_STEP_MESSAGE || kind == HF_STEP_CCS || kind == HF_STEP_ALERT ||
           kind == HF_STEP_BROKEN;
}

static const char *source_of(const teller *t, hf_step_kind kind, const hf_row *row)
{
    bool v12 = t->f.version != 0 && t->f.version <= HF_TLS12;

    if (row)
        return row->rfc;
    switch (kind) {
    case HF_STEP_ALERT: return v12 ? "RFC 5246 7.2" : "RFC 9846 6";
    case HF_STEP_CCS: return v12 ? "RFC 5246 7.1" : "RFC 9846 5";
    case HF_STEP_KEYS: return v12 ? "RFC 5246 6.3" : "RFC 9846 7.3";
    case HF_STEP_PRELUDE: return "RFC 2595 1";
    case HF_STEP_DATA:
    case HF_STEP_SEALED: return v12 ? "RFC 5246 6.2.3" : "RFC 9846 5.2";
    default: return v12 ? "RFC 5246 7.4" : "RFC 9846 4";
    }
}

/* The suite is that which the writer's keys were made for: a renegotiation settles another one first. Early data comes before any
   is settled; 0 is TLS_NULL_WITH_NULL_NULL, too. */
static bool is_bare(teller *t, const hf_tape_event *e)
{
    uint16_t *suite = &t->suite[e->writer & 1];
    bool v12 = e->version != 0 && e->version <= HF_TLS12;

    if (e->epoch <= HF_PLAIN)
        return false;
    if (e->kind == HF_TAPE_KEYS || *suite == 0)
        *suite = e->cipher_suite;
    return (*suite != 0 || v12) && hf_suite_is_null(*suite);
}

static hf_story_step *add_step(teller *t, hf_step_kind kind, size_t event)
{
    hf_story *s = t->story;
    const hf_tape_event *e = &t->tape->events[event];

    if (s->n == t->room) {
        size_t room = t->room ? 2 * t->room : 64;
        hf_story_step *steps = hf_alloc(room * sizeof *steps);
        if (!steps) {
            t->broken = true;
            return NULL;
        }
        if (s->n > 0)
            memcpy(steps, s->steps, s->n * sizeof *steps);
        hf_free(s->steps);
        s->steps = steps;
        t->room = room;
    }
    hf_story_step *step = &s->steps[s->n++];
    bool bare = is_bare(t, e);
    *step = (hf_story_step){ .kind = kind,
                             .writer = (hf_role)e->writer,
                             .name = step_name(kind, HF_MSG_NONE),
                             .us = e->us,
                             .us_end = e->us,
                             .epoch = e->epoch,
                             .encrypted = e->epoch > HF_PLAIN && kind != HF_STEP_KEYS && !bare,
                             .bare = bare,
                             .first_record = event,
                             .last_record = event };
    return step;
}

/* Once the follower has seen it. */
static void settle_step(teller *t, hf_story_step *step)
{
    if (is_numbered(step->kind)) {
        step->number = ++t->story->messages;
        if (t->last_writer != (int)step->writer)
            t->story->flights++;
        t->last_writer = (int)step->writer;
    }
    step->flight = t->story->flights;
    step->version = t->f.version;
    step->cipher_suite = t->f.cipher_suite;
    step->source = source_of(t, step->kind, step->row);
    memcpy(step->provable, t->f.provable, sizeof step->provable);
}

/* ---- handshake messages ---- */

/* Its length with the header, from what is there of the stream; 0: not known yet. */
static size_t message_length(hf_span rest)
{
    if (rest.len < HF_HANDSHAKE_HEADER)
        return 0;
    return HF_HANDSHAKE_HEADER +
           ((size_t)rest.data[1] << 16 | (size_t)rest.data[2] << 8 | rest.data[3]);
}

static hf_span rest_of(const teller *t, hf_role w)
{
    return hf_span_of(t->story->streams[w] + t->cut[w], t->story->n_stream[w] - t->cut[w]);
}

static void add_message(teller *t, hf_role w, hf_span message, size_t event)
{
    const hf_tape_event *e = &t->tape->events[event];
    hf_story_step *step = add_step(t, HF_STEP_MESSAGE, event);

    if (!step)
        return;
    step->msg = hf_follow_kind(message);
    step->name = step_name(HF_STEP_MESSAGE, step->msg);
    step->wire = hf_follow_wire(&t->f, w, step->msg);
    step->bytes = message;
    step->first_record = t->begun[w];
    step->us = t->begun_us[w];
    step->us_end = e->us;
    step->row = hf_follow_message(&t->f, step->msg, w, message);
    settle_step(t, step);
}

static void hear_handshake(teller *t, size_t event)
{
    const hf_tape_event *e = &t->tape->events[event];
    hf_role w = (hf_role)e->writer;
    hf_span content = hf_tape_content(t->tape, e);
    size_t whole;

    if (content.len == 0)
        return;
    if (rest_of(t, w).len == 0) {
        t->begun[w] = event;
        t->begun_us[w] = e->us;
    }
    memcpy(t->story->streams[w] + t->story->n_stream[w], content.data, content.len);
    t->story->n_stream[w] += content.len;
    while (t->story->messages < HF_STORY_MESSAGES_MAX &&
           (whole = message_length(rest_of(t, w))) > 0 && whole <= rest_of(t, w).len) {
        add_message(t, w, hf_span_of(rest_of(t, w).data, whole), event);
        t->cut[w] += whole;
        t->begun[w] = event;
        t->begun_us[w] = e->us;
    }
}

/* What is left at the end: a message whose rest never came. */
static void add_rest(teller *t, hf_role w)
{
    hf_span rest = rest_of(t, w);
    bool full = t->story->messages >= HF_STORY_MESSAGES_MAX;
    hf_story_step *step = rest.len > 0 && !full ? add_step(t, HF_STEP_BROKEN, t->begun[w]) : NULL;

    if (full)
        t->story->left_out += rest.len;
    if (!step)
        return;
    step->msg = hf_follow_kind(rest);
    step->name = step_name(HF_STEP_BROKEN, step->msg);
    step->bytes = rest;
    step->wire = hf_follow_wire(&t->f, w, step->msg);
    settle_step(t, step);
}

/* ---- other records ---- */

static void hear_ccs(teller *t, size_t event)
{
    hf_story_step *step = add_step(t, HF_STEP_CCS, event);

    if (!step)
        return;
    step->msg = HF_MSG_ChangeCipherSpec;
    step->bytes = hf_tape_content(t->tape, &t->tape->events[event]);
    step->row = hf_follow_message(&t->f, step->msg, step->writer, step->bytes);
    settle_step(t, step);
}

static void hear_other(teller *t, size_t event, hf_step_kind kind)
{
    hf_story_step *step = add_step(t, kind, event);

    if (!step)
        return;
    step->bytes = hf_tape_content(t->tape, &t->tape->events[event]);
    settle_step(t, step);
}

/* Keys that change by a message are of that message's row, others have one of their own. */
static void hear_keys(teller *t, size_t event)
{
    hf_story_step *step = add_step(t, HF_STEP_KEYS, event);
    const hf_row *row = step ? t->f.keys[step->writer] : NULL;

    if (!step)
        return;
    step->row = row && row->keys == step->epoch ? row : NULL;
    settle_step(t, step);
}

/* Records that are shown as one: of the same writer and epoch, with nothing else in between. */
static void hear_run(teller *t, size_t event, hf_step_kind kind)
{
    const hf_tape_event *e = &t->tape->events[event];
    hf_story_step *last = t->story->n > 0 ? &t->story->steps[t->story->n - 1] : NULL;
    bool same = last && last->kind == kind && last->writer == (hf_role)e->writer &&
                last->epoch == e->epoch && event != t->shut;
    hf_story_step *step = same ? last : add_step(t, kind, event);

    if (!step)
        return;
    step->last_record = event;
    step->us_end = e->us;
    step->n_records++;
    step->wire_len += e->wire_len;
    if (kind == HF_STEP_PRELUDE) /* of one writer they stand side by side */
        step->bytes = hf_span_of(t->tape->bytes + t->tape->events[step->first_record].wire_at,
                                 step->wire_len);
    if (!same)
        settle_step(t, step);
}

/* What a peer says that does not speak TLS, or not well enough. */
static void hear_no_record(teller *t, size_t event)
{
    hf_story_step *step = add_step(t, HF_STEP_BROKEN, event);

    if (!step)
        return;
    step->name = "no TLS record";
    step->bytes = hf_tape_wire(t->tape, &t->tape->events[event]);
    step->encrypted = false;
    settle_step(t, step);
}

static void hear_record(teller *t, size_t event)
{
    const hf_tape_event *e = &t->tape->events[event];

    if (hf_is_header_alone(hf_tape_wire(t->tape, e))) {
        hear_no_record(t, event);
        return;
    }
    if (!e->opened) {
        hear_run(t, event, HF_STEP_SEALED);
        return;
    }
    switch (e->content_type) {
    case HF_CT_HANDSHAKE: hear_handshake(t, event); return;
    case HF_CT_CHANGE_CIPHER_SPEC: hear_ccs(t, event); return;
    case HF_CT_ALERT: hear_other(t, event, HF_STEP_ALERT); return;
    case HF_CT_APPLICATION_DATA: hear_run(t, event, HF_STEP_DATA); return;
    default: hear_other(t, event, HF_STEP_BROKEN); return;
    }
}

static void hear(teller *t, size_t event)
{
    switch (t->tape->events[event].kind) {
    case HF_TAPE_RECORD: hear_record(t, event); break;
    case HF_TAPE_PRELUDE: hear_run(t, event, HF_STEP_PRELUDE); break;
    case HF_TAPE_KEYS: hear_keys(t, event); break;
    default: break; /* proofs are put beside the steps that they belong to */
    }
}

/* ---- when all is told ---- */

static bool start_streams(hf_story *s)
{
    size_t sum[2] = { 0, 0 };

    for (size_t i = 0; i < s->tape->n; i++)
        sum[s->tape->events[i].writer & 1] += hf_tape_content(s->tape, &s->tape->events[i]).len;
    for (int w = 0; w < 2; w++)
        s->streams[w] = hf_alloc(sum[w] + 1);
    return s->streams[0] && s->streams[1];
}

/* A saved tape may say anything. */
static uint64_t duration(const hf_tape *tape)
{
    const hf_tape_event *last = &tape->events[tape->n > 0 ? tape->n - 1 : 0];

    return tape->n > 0 && last->us > tape->events[0].us ? last->us - tape->events[0].us : 0;
}

static void finish(teller *t)
{
    hf_story *s = t->story;
    hf_facts both = HF_F_CLIENT_DONE | HF_F_SERVER_DONE;

    add_rest(t, HF_CLIENT);
    add_rest(t, HF_SERVER);
    s->end = t->f;
    hf_story_put_proofs(s);
    hf_story_find_end(s);
    s->failed = t->tape->failed || s->ended_by < s->n;
    s->connected = !s->failed && (t->tape->connected || (t->f.facts & both) == both);
    s->us = duration(t->tape);
    hf_story_find_fault(s, t->shut);
    t->broken |= !hf_known_learn(s);
}

hf_story *hf_story_of(const hf_tape *tape)
{
    hf_story *s = hf_alloc(sizeof *s);
    teller t = { .story = s, .tape = tape, .last_writer = -1 };

    if (!s)
        return NULL;
    s->tape = tape;
    hf_follow_start(&t.f);
    t.shut = hf_story_find_shut(tape);
    t.broken = !start_streams(s);
    for (size_t i = 0; i < tape->n && !t.broken; i++)
        hear(&t, i);
    if (!t.broken)
        finish(&t);
    if (t.broken) {
        hf_story_free(s);
        return NULL;
    }
    return s;
}

void hf_story_free(hf_story *story)
{
    if (!story)
        return;
    for (int w = 0; w < 2; w++)
        hf_free_secret(story->streams[w], story->n_stream[w]);
    hf_free(story->known);
    hf_free(story->steps);
    hf_free(story);
}

/* ---- questions ---- */

hf_error hf_story_tree(const hf_story_step *step, hf_tree *tree)
{
    *tree = (hf_tree){ 0 };
    switch (step->kind) {
    case HF_STEP_MESSAGE:
    case HF_STEP_CCS: return hf_tree_of_message(tree, step->msg, &step->wire, step->bytes);
    case HF_STEP_ALERT: return hf_tree_of_alert(tree, step->bytes);
    case HF_STEP_BROKEN:
        if (hf_is_header_alone(step->bytes))
            return hf_tree_of_record(tree, step->bytes, false, step->version, step->cipher_suite);
        if (step->msg == HF_MSG_NONE) /* of no content type that is known */
            return HF_E_MISUSE;
        return hf_tree_of_message(tree, step->msg, &step->wire, step->bytes);
    default: return HF_E_MISUSE;
    }
}

size_t hf_story_fault(const hf_story *story)
{
    for (size_t i = 0; i < story->n; i++)
        if (story->steps[i].refused)
            return i;
    if (!story->tape->failed && story->ended_by < story->n)
        return story->ended_by;
    return story->n > 0 ? story->n - 1 : 0;
}
