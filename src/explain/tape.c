/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Recording: a connection's trace, and what its owner adds, as events and one block of bytes. What they mean is story.c. */
#include "explain/tape.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "explain/capture.h"
#include "handshake/script.h"

enum { FIRST_EVENTS = 64, FIRST_BYTES = 16384 };

hf_tape *hf_tape_new(hf_tape_side side, uint64_t (*clock_us)(void *user), void *user)
{
    hf_tape *tape = hf_alloc(sizeof *tape);

    if (!tape)
        return NULL;
    tape->side = side;
    tape->clock_us = clock_us;
    tape->clock_user = user;
    tape->clock_start = clock_us ? clock_us(user) : 0;
    return tape;
}

void hf_tape_free(hf_tape *tape)
{
    if (!tape)
        return;
    hf_free(tape->events);
    hf_free(tape->checks);
    hf_free(tape->notes);
    hf_free_secret(tape->bytes, tape->bytes_room);
    hf_free_secret(tape->secrets, HF_TAPE_SECRETS_MAX * sizeof *tape->secrets);
    hf_free(tape);
}

uint64_t hf_tape_now(const hf_tape *tape)
{
    return tape->clock_us ? tape->clock_us(tape->clock_user) - tape->clock_start : 0;
}

/* ---- room ---- */

static size_t doubled(size_t room, size_t first, size_t wanted)
{
    room = room ? room : first;
    while (room < wanted)
        room *= 2;
    return room;
}

static bool room_for_event(hf_tape *tape)
{
    if (tape->n == HF_TAPE_EVENTS_MAX)
        return false;
    if (tape->n < tape->room)
        return true;
    size_t room = doubled(tape->room, FIRST_EVENTS, tape->n + 1);
    hf_tape_event *events = hf_alloc(room * sizeof *events);
    if (!events)
        return false;
    if (tape->n > 0)
        memcpy(events, tape->events, tape->n * sizeof *events);
    hf_free(tape->events);
    tape->events = events;
    tape->room = room;
    return true;
}

static bool room_for_bytes(hf_tape *tape, size_t len)
{
    if (len > HF_TAPE_BYTES_MAX - tape->n_bytes)
        return false;
    if (tape->n_bytes + len <= tape->bytes_room)
        return true;
    size_t room = doubled(tape->bytes_room, FIRST_BYTES, tape->n_bytes + len);
    uint8_t *bytes = hf_alloc(room);
    if (!bytes)
        return false;
    if (tape->n_bytes > 0)
        memcpy(bytes, tape->bytes, tape->n_bytes);
    hf_free_secret(tape->bytes, tape->bytes_room);
    tape->bytes = bytes;
    tape->bytes_room = room;
    return true;
}

static size_t put(hf_tape *tape, hf_span bytes)
{
    size_t at = tape->n_bytes;

    if (bytes.len > 0)
        memcpy(tape->bytes + at, bytes.data, bytes.len);
    tape->n_bytes += bytes.len;
    return at;
}

bool hf_tape_add(hf_tape *tape, const hf_tape_event *event, hf_span wire, hf_span content)
{
    bool keep = event->kind == HF_TAPE_RECORD && event->opened &&
                event->content_type != HF_CT_APPLICATION_DATA;

    if (!room_for_event(tape) || !room_for_bytes(tape, wire.len + (keep ? content.len : 0))) {
        tape->lost++;
        return false;
    }
    hf_tape_event *own = &tape->events[tape->n++];
    *own = *event;
    own->wire_at = put(tape, wire);
    own->wire_len = wire.len;
    own->content_at = keep ? put(tape, content) : 0;
    own->content_len = content.len;
    return true;
}

/* ---- a connection's trace ---- */

bool hf_is_header_alone(hf_span wire)
{
    enum { HEADER = 5 };

    return wire.len == HEADER && (wire.data[3] | wire.data[4]) != 0;
}

static void hear_record(hf_tape *tape, const hf_trace_event *event)
{
    /* a record that did not open has no content; a plain one may be empty, too */
    bool opened = !hf_is_header_alone(event->bytes) &&
                  (event->epoch <= HF_PLAIN || event->content.data != NULL);
    hf_tape_event own = { .kind = HF_TAPE_RECORD,
                          .writer = (uint8_t)event->writer,
                          .content_type = opened || event->bytes.len == 0 ? event->content_type
                                                                          : event->bytes.data[0],
                          .epoch = event->epoch,
                          .opened = opened,
                          .version = event->version,
                          .cipher_suite = event->cipher_suite,
                          .us = hf_tape_now(tape) };

    hf_tape_add(tape, &own, event->bytes, event->content);
}

static uint8_t proof_named(const char *name)
{
    static const struct {
        const char *name;
        uint8_t proof;
    } proofs[] = { { "chain", HF_CHAIN },
                   { "signature", HF_SIGNATURE },
                   { "Finished", HF_FINISHED } };

    for (size_t i = 0; i < sizeof proofs / sizeof *proofs; i++)
        if (strcasecmp(name, proofs[i].name) == 0)
            return proofs[i].proof;
    return 0;
}

static void hear(void *user, const hf_trace_event *event)
{
    hf_tape *tape = user;
    hf_span none = { NULL, 0 };
    hf_tape_event own = { .writer = (uint8_t)event->writer,
                          .epoch = event->epoch,
                          .version = event->version,
                          .cipher_suite = event->cipher_suite,
                          .us = hf_tape_now(tape) };

    switch (event->kind) {
    case HF_TRACE_RECORD: hear_record(tape, event); return;
    case HF_TRACE_MESSAGE:
        return; /* messages are cut out of the records once more, whoever recorded them */
    case HF_TRACE_KEYS: own.kind = HF_TAPE_KEYS; break;
    case HF_TRACE_PROVED:
        own.kind = HF_TAPE_PROVED;
        own.proofs = proof_named(event->name);
        break;
    }
    hf_tape_add(tape, &own, none, none);
}

hf_trace_sink hf_tape_sink(hf_tape *tape)
{
    return (hf_trace_sink){ hear, tape };
}

/* ---- what its owner adds ---- */

bool hf_tape_add_secret(hf_tape *tape, const hf_tape_secret *secret)
{
    if (!tape->secrets)
        tape->secrets = hf_alloc(HF_TAPE_SECRETS_MAX * sizeof *tape->secrets);
    if (!tape->secrets || tape->n_secrets == HF_TAPE_SECRETS_MAX) {
        tape->lost++;
        return false;
    }
    tape->secrets[tape->n_secrets++] = *secret;
    return true;
}

void hf_tape_keylog(void *tape, const char *line)
{
    hf_keylog keylog = { 0 };

    if (hf_keylog_read(&keylog, hf_span_str(line)) == HF_OK)
        for (size_t i = 0; i < keylog.n; i++)
            hf_tape_add_secret(tape, &keylog.secrets[i]);
    hf_keylog_free(&keylog);
}

void hf_tape_prelude(hf_tape *tape, hf_role writer, hf_span bytes)
{
    hf_tape_event event = { .kind = HF_TAPE_PRELUDE,
                            .writer = (uint8_t)writer,
                            .epoch = HF_PLAIN,
                            .us = hf_tape_now(tape) };

    hf_tape_add(tape, &event, bytes, (hf_span){ NULL, 0 });
}

/* The failure's own texts may be the connection's, which ends before the tape does. */
void hf_tape_failed(hf_tape *tape, const hf_failure *failure)
{
    if (!failure)
        return;
    tape->failed = true;
    tape->failure = *failure;
    snprintf(tape->failure_step, sizeof tape->failure_step, "%s", failure->step);
    tape->failure.step = tape->failure_step;
    if (failure->message) {
        snprintf(tape->failure_message, sizeof tape->failure_message, "%s", failure->message);
        tape->failure.message = tape->failure_message;
    }
}

void hf_tape_connected(hf_tape *tape)
{
    tape->connected = true;
}

void hf_tape_note(hf_tape *tape, const char *format, ...)
{
    va_list list;

    if (!tape->notes)
        tape->notes = hf_alloc(HF_TAPE_NOTES_MAX * sizeof *tape->notes);
    if (!tape->notes || tape->n_notes == HF_TAPE_NOTES_MAX)
        return;
    va_start(list, format);
    vsnprintf(tape->notes[tape->n_notes++], HF_TAPE_NOTE_MAX, format, list);
    va_end(list);
}

hf_tape_check *hf_tape_check_add(hf_tape *tape)
{
    if (!tape->checks)
        tape->checks = hf_alloc(HF_TAPE_CHECKS_MAX * sizeof *tape->checks);
    if (!tape->checks || tape->n_checks == HF_TAPE_CHECKS_MAX)
        return NULL;
    return &tape->checks[tape->n_checks++];
}
