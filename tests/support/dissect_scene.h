/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the tests of the dissector share: two ends (pair.h) that each record a live tape and a key log, with everything that goes
 * over the wire written down in order; then a TCP connection made of it, as a capture would give it, in pieces of any size.
 */
#ifndef TESTS_SUPPORT_DISSECT_SCENE_H
#define TESTS_SUPPORT_DISSECT_SCENE_H

#include "explain/capture.h"
#include "support/pair.h"

enum { SCENE_CARRIED_MAX = 256, SCENE_LOG_ROOM = 16384 };

/* Bytes that left in one go. */
typedef struct scene_carried {
    hf_role from;
    size_t len;
} scene_carried;

typedef struct scene {
    hf_tape *live[2]; /* by the end that listened */
    hf_trace_sink sink[2];
    char keylog[SCENE_LOG_ROOM]; /* of both ends, with CRLF and doubles */
    uint8_t *bytes[2];           /* by writer */
    size_t n_bytes[2];
    scene_carried carried[SCENE_CARRIED_MAX];
    size_t n_carried;
} scene;

void scene_start(scene *s);
void scene_free(scene *s);
/* Both ends are recorded: other hooks than the key log's stay, but get no user pointer. */
void scene_listen(scene *s, pair_options *options);
/* What passes is written down; after pair_start. */
void scene_watch(scene *s, pair *p);
/* As if these bytes had gone over the wire. */
void scene_say(scene *s, hf_role from, hf_span bytes);

/* The connection, each carriage cut into pieces of that size (0: whole). tcp's streams are freed by scene_tcp_free. */
void scene_tcp(const scene *s, size_t piece, hf_tcp *tcp);
void scene_tcp_free(hf_tcp *tcp);
/* With its key log or without one. */
hf_tape *scene_dissect(const scene *s, size_t piece, bool with_keylog);
/* In pieces of a hundred bytes and with the key log, after a change to the streams. */
hf_tape *scene_dissect_edited(const scene *s, void (*edit)(hf_tcp *tcp));

/* A usual connection of that version, with data both ways. */
void scene_record(scene *s, uint16_t version);
/* The nth record of a writer, and how long the one is that bytes begin with. */
hf_span scene_record_at(const scene *s, hf_role writer, size_t n);
size_t scene_record_len(hf_span bytes);

/* How many events of that kind the tape has, and how many of the records are open, or closed. */
size_t scene_count(const hf_tape *tape, hf_tape_kind kind, hf_role writer);
size_t scene_records(const hf_tape *tape, hf_role writer, bool opened);
bool scene_noted(const hf_tape *tape, const char *part);
void scene_assert_noted(const hf_tape *tape, const char *part);
void scene_print(const char *title, const hf_tape *tape);

#endif
