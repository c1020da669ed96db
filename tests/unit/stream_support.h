/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Scenes of two ends that talk over TCP, as a capture, and what must hold of every stream that is read of it. */
#ifndef TESTS_UNIT_STREAM_SUPPORT_H
#define TESTS_UNIT_STREAM_SUPPORT_H

#include "unit/capture_support.h"

/* ---- scenes: a pcap of segments, and what is read of it ---- */

typedef struct scene {
    pile file;
    hf_capture capture;
} scene;

static inline scene open_scene(void)
{
    scene s = { .file = { .little = true } };

    put_pcap(&s.file, magic_us, 1);
    return s;
}

#define SAY(s, ...) put_talk(&(s)->file, &(talk){ __VA_ARGS__ })

/* The client's bytes begin at 1000, the server's at 5000. */
static inline void shake_hands(scene *s)
{
    SAY(s, .sequence = 999, .flags = T_SYN, .options = 5);
    SAY(s, .from_server = true, .sequence = 4999, .ack = 1000, .flags = T_SYN | T_ACK);
    SAY(s, .sequence = 1000, .ack = 5000, .flags = T_ACK);
}

static inline void say(scene *s, uint32_t sequence, const char *text)
{
    SAY(s, .sequence = sequence, .ack = 5000, .flags = T_ACK | T_PSH, .text = text);
}

static inline void answer(scene *s, uint32_t sequence, uint32_t ack, const char *text)
{
    SAY(s, .from_server = true, .sequence = sequence, .ack = ack, .flags = T_ACK, .text = text);
}

static inline void end_both(scene *s, uint32_t client, uint32_t server)
{
    SAY(s, .sequence = client, .ack = server, .flags = T_FIN | T_ACK);
    SAY(s, .from_server = true, .sequence = server, .ack = client + 1, .flags = T_FIN | T_ACK);
    SAY(s, .sequence = client + 1, .ack = server + 1, .flags = T_ACK);
}

static inline void read_scene(scene *s)
{
    hf_span file = tight(&s->file);

    s->capture = (hf_capture){ .n = 0 };
    assert_int_equal(hf_capture_read(&s->capture, file), HF_OK);
    free((void *)file.data);
    pile_free(&s->file);
}

static inline const hf_tcp *read_one(scene *s)
{
    read_scene(s);
    assert_int_equal(s->capture.n, 1);
    return s->capture.tcp;
}

/* ---- what must hold of every stream ---- */

static inline void assert_pieces(const hf_stream *s)
{
    assert_true(s->n_pieces == 0 ? s->len == 0 : s->pieces[0].at == 0);
    for (size_t i = 0; i < s->n_pieces; i++) {
        assert_true(s->pieces[i].at < (i + 1 < s->n_pieces ? s->pieces[i + 1].at : s->len));
        if (i > 0)
            assert_true(s->pieces[i].order > s->pieces[i - 1].order &&
                        s->pieces[i].us >= s->pieces[i - 1].us);
    }
}

static inline void assert_stream(const hf_stream *s, const char *text, bool fin)
{
    assert_int_equal(s->len, strlen(text));
    if (s->len > 0)
        assert_memory_equal(s->bytes, text, s->len);
    assert_int_equal(s->fin, fin);
    assert_false(s->gap || s->middle || s->full);
    assert_pieces(s);
}

static inline void assert_gap(const hf_stream *s, const char *text, uint64_t packet)
{
    assert_int_equal(s->len, strlen(text));
    if (s->len > 0)
        assert_memory_equal(s->bytes, text, s->len);
    assert_true(s->gap);
    assert_false(s->fin);
    assert_int_equal(s->gap_packet, packet);
    assert_pieces(s);
}

#endif
