/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A recorded connection, and the capture of it. */
#include "support/dissect_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/record.h"
#include "support/flow12.h"

enum { PACKET_US = 10 }; /* between two pieces */

void scene_start(scene *s)
{
    memset(s, 0, sizeof *s);
    for (int role = 0; role < 2; role++) {
        s->live[role] =
            hf_tape_new(role == HF_CLIENT ? HF_TAPE_CLIENT : HF_TAPE_SERVER, NULL, NULL);
        assert_non_null(s->live[role]);
        s->sink[role] = hf_tape_sink(s->live[role]);
    }
}

void scene_free(scene *s)
{
    for (int role = 0; role < 2; role++) {
        hf_tape_free(s->live[role]);
        free(s->bytes[role]);
    }
}

static void log_line(void *user, const char *line)
{
    scene *s = user;
    size_t n = strlen(s->keylog);

    assert_true(n + strlen(line) + 3 < sizeof s->keylog);
    snprintf(s->keylog + n, sizeof s->keylog - n, "%s\r\n", line);
}

void scene_listen(scene *s, pair_options *options)
{
    for (int role = 0; role < 2; role++) {
        options->trace[role] = &s->sink[role];
        options->hooks[role].keylog = log_line;
        options->hooks[role].user = s;
    }
}

void scene_say(scene *s, hf_role from, hf_span bytes)
{
    assert_true(s->n_carried < SCENE_CARRIED_MAX);
    s->bytes[from] = realloc(s->bytes[from], s->n_bytes[from] + bytes.len + 1);
    assert_non_null(s->bytes[from]);
    memcpy(s->bytes[from] + s->n_bytes[from], bytes.data, bytes.len);
    s->n_bytes[from] += bytes.len;
    s->carried[s->n_carried++] = (scene_carried){ from, bytes.len };
}

static void write_down(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    scene_say(p->user, from, hf_span_of(bytes, *len));
}

void scene_watch(scene *s, pair *p)
{
    p->tamper = write_down;
    p->user = s;
}

/* ---- the capture ---- */

static void add_piece(hf_stream *stream, size_t at, uint64_t order)
{
    hf_piece *pieces = realloc(stream->pieces, (stream->n_pieces + 1) * sizeof *pieces);

    assert_non_null(pieces);
    stream->pieces = pieces;
    pieces[stream->n_pieces++] = (hf_piece){
        .at = at, .us = 1000000 + (int64_t)order * PACKET_US, .packet = 3 + order, .order = order
    };
}

void scene_tcp(const scene *s, size_t piece, hf_tcp *tcp)
{
    size_t at[2] = { 0, 0 };
    uint64_t order = 0;

    *tcp = (hf_tcp){ .address = { { 192, 0, 2, 1 }, { 198, 51, 100, 7 } },
                     .port = { 40000, 443 },
                     .first_packet = 1,
                     .started_us = 1000000 };
    for (int w = 0; w < 2; w++) {
        tcp->stream[w].bytes = malloc(s->n_bytes[w] + 1);
        assert_non_null(tcp->stream[w].bytes);
        if (s->n_bytes[w] > 0)
            memcpy(tcp->stream[w].bytes, s->bytes[w], s->n_bytes[w]);
        tcp->stream[w].len = tcp->stream[w].room = s->n_bytes[w];
    }
    for (size_t i = 0; i < s->n_carried; i++) {
        hf_role w = s->carried[i].from;
        size_t len = s->carried[i].len, step = piece && piece < len ? piece : len;
        for (size_t done = 0; done < len; done += step)
            add_piece(&tcp->stream[w], at[w] + done, ++order);
        at[w] += len;
    }
}

void scene_tcp_free(hf_tcp *tcp)
{
    for (int w = 0; w < 2; w++) {
        free(tcp->stream[w].bytes);
        free(tcp->stream[w].pieces);
    }
}

hf_tape *scene_dissect(const scene *s, size_t piece, bool with_keylog)
{
    hf_keylog keylog = { 0 };
    hf_tape *tape = NULL;
    hf_tcp tcp;

    scene_tcp(s, piece, &tcp);
    assert_int_equal(hf_keylog_read(&keylog, hf_span_str(s->keylog)), HF_OK);
    assert_int_equal(keylog.bad_lines, 0);
    assert_int_equal(hf_dissect(&tcp, with_keylog ? &keylog : NULL, &tape), HF_OK);
    assert_non_null(tape);
    assert_int_equal(tape->side, HF_TAPE_CAPTURE);
    assert_int_equal(tape->lost, 0);
    hf_keylog_free(&keylog);
    scene_tcp_free(&tcp);
    return tape;
}

hf_tape *scene_dissect_edited(const scene *s, void (*edit)(hf_tcp *tcp))
{
    hf_keylog keylog = { 0 };
    hf_tape *tape;
    hf_tcp tcp;

    scene_tcp(s, 100, &tcp);
    edit(&tcp);
    assert_int_equal(hf_keylog_read(&keylog, hf_span_str(s->keylog)), HF_OK);
    assert_int_equal(hf_dissect(&tcp, &keylog, &tape), HF_OK);
    hf_keylog_free(&keylog);
    scene_tcp_free(&tcp);
    return tape;
}

/* ---- a usual connection ---- */

void scene_record(scene *s, uint16_t version)
{
    hf_policy policy =
        version == HF_TLS12 ? flow12_policy(false) : policy_of_version("default", HF_TLS13);
    pair_options o = { .policy = { &policy, &policy } };
    pair p;

    scene_start(s);
    scene_listen(s, &o);
    pair_start(&p, &o);
    scene_watch(s, &p);
    pair_connect(&p);
    pair_send(&p, HF_CLIENT, "question", 8);
    pair_send(&p, HF_SERVER, "answer", 6);
    pair_free(&p);
}

size_t scene_record_len(hf_span bytes)
{
    assert_true(bytes.len >= HF_RECORD_HEADER);
    return HF_RECORD_HEADER + (size_t)(bytes.data[3] << 8 | bytes.data[4]);
}

hf_span scene_record_at(const scene *s, hf_role writer, size_t n)
{
    hf_span rest = hf_span_of(s->bytes[writer], s->n_bytes[writer]);

    for (; n > 0; n--) {
        size_t len = scene_record_len(rest);
        rest = hf_span_of(rest.data + len, rest.len - len);
    }
    return hf_span_of(rest.data, scene_record_len(rest));
}

/* ---- what came of it ---- */

size_t scene_count(const hf_tape *tape, hf_tape_kind kind, hf_role writer)
{
    size_t n = 0;

    for (size_t i = 0; i < tape->n; i++)
        n += tape->events[i].kind == kind && tape->events[i].writer == writer;
    return n;
}

size_t scene_records(const hf_tape *tape, hf_role writer, bool opened)
{
    size_t n = 0;

    for (size_t i = 0; i < tape->n; i++) {
        const hf_tape_event *e = &tape->events[i];
        n += e->kind == HF_TAPE_RECORD && e->writer == writer && e->opened == opened;
    }
    return n;
}

void scene_assert_noted(const hf_tape *tape, const char *part)
{
    if (scene_noted(tape, part))
        return;
    scene_print("dissected", tape);
    fail_msg("no note has \"%s\"", part);
}

bool scene_noted(const hf_tape *tape, const char *part)
{
    for (size_t i = 0; i < tape->n_notes; i++)
        if (strstr(tape->notes[i], part))
            return true;
    return false;
}

void scene_print(const char *title, const hf_tape *tape)
{
    static const char *const kinds[] = { "prelude", "record", "keys", "proved" };

    printf("%s\n", title);
    for (size_t i = 0; i < tape->n; i++) {
        const hf_tape_event *e = &tape->events[i];
        printf("  %c %-7s epoch %u type %u %s wire %zu content %zu\n",
               e->writer == HF_CLIENT ? 'C' : 'S', kinds[e->kind], e->epoch, e->content_type,
               e->opened ? "open" : "closed", e->wire_len, e->content_len);
    }
    for (size_t i = 0; i < tape->n_notes; i++)
        printf("  note: %s\n", tape->notes[i]);
}
