/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Captures with half a key log or a wrong one, with a record that was changed, and with early data that came late at the server.
 * What can be opened is, what cannot stays closed; why is told once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "handshake/script.h"
#include "support/dissect_scene.h"
#include "support/flow13.h"

/* ---- key logs ---- */

/* Takes the lines of that label away, or spoils their secrets. */
static void edit_keylog(scene *s, const char *label, bool spoil)
{
    char kept[SCENE_LOG_ROOM] = "", *line = s->keylog;

    while (*line) {
        char *end = strchr(line, '\n') + 1;
        bool found = strncmp(line, label, strlen(label)) == 0 && line[strlen(label)] == ' ';
        if (found && spoil)
            end[-3] = end[-3] == '0' ? '1' : '0';
        if (!found || spoil)
            strncat(kept, line, (size_t)(end - line));
        line = end;
    }
    memcpy(s->keylog, kept, sizeof kept);
}

/* What stays closed of a usual connection without a secret, or with a wrong one. */
static void test_half_a_keylog(void **state)
{
    static const struct {
        uint16_t version;
        const char *label;
        bool spoil;
        size_t closed[2], open[2]; /* of client and server */
        const char *note;
    } rows[] = {
        { HF_TLS13,
          "SERVER_HANDSHAKE_TRAFFIC_SECRET",
          false,
          { 0, 1 },
          { 4, 3 },
          "the key log has no SERVER_HANDSHAKE_TRAFFIC_SECRET for this connection: those records "
          "of the server stay closed" },
        { HF_TLS13,
          "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
          false,
          { 1, 0 },
          { 3, 4 },
          "no CLIENT_HANDSHAKE_TRAFFIC_SECRET" },
        { HF_TLS13,
          "CLIENT_TRAFFIC_SECRET_0",
          false,
          { 1, 0 },
          { 3, 4 },
          "no CLIENT_TRAFFIC_SECRET_0" },
        { HF_TLS13,
          "SERVER_TRAFFIC_SECRET_0",
          false,
          { 0, 1 },
          { 4, 3 },
          "no SERVER_TRAFFIC_SECRET_0" },
        { HF_TLS13,
          "SERVER_HANDSHAKE_TRAFFIC_SECRET",
          true,
          { 0, 1 },
          { 4, 3 },
          "SERVER_HANDSHAKE_TRAFFIC_SECRET of the key log does not open what the server wrote" },
        { HF_TLS13,
          "CLIENT_TRAFFIC_SECRET_0",
          true,
          { 1, 0 },
          { 3, 4 },
          "CLIENT_TRAFFIC_SECRET_0 of the key log does not open what the client wrote" },
        { HF_TLS12,
          "CLIENT_RANDOM",
          true,
          { 2, 2 },
          { 3, 5 },
          "CLIENT_RANDOM of the key log does not open what the client wrote" },
        { HF_TLS12, "CLIENT_RANDOM", false, { 2, 2 }, { 3, 5 }, "no key log for this connection" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scene s;
        scene_record(&s, rows[i].version);
        edit_keylog(&s, rows[i].label, rows[i].spoil);
        hf_tape *tape = scene_dissect(&s, 7, true);
        scene_assert_noted(tape, rows[i].note);
        for (int w = 0; w < 2; w++)
            if (scene_records(tape, (hf_role)w, false) != rows[i].closed[w]) {
                scene_print(rows[i].label, tape);
                fail_msg("row %zu: %zu records of %d are closed", i,
                         scene_records(tape, (hf_role)w, false), w);
            }
        assert_true(tape->n_notes <= 2);
        hf_tape_free(tape);
        scene_free(&s);
    }
}

/* Another's secrets are none of this connection's. */
static void test_only_its_own_secrets(void **state)
{
    scene s, other;

    (void)state;
    scene_record(&s, HF_TLS13);
    scene_record(&other, HF_TLS12);
    strcat(s.keylog, other.keylog);
    hf_tape *tape = scene_dissect(&s, 0, true);
    assert_int_equal(tape->n_notes, 0);
    assert_int_equal(tape->n_secrets, 5); /* two of each traffic, and the exporter's */
    for (size_t i = 0; i < tape->n_secrets; i++)
        assert_memory_equal(tape->secrets[i].client_random, s.bytes[HF_CLIENT] + 11, 32);
    hf_tape_free(tape);
    scene_free(&s);
    scene_free(&other);
}

static void spoil_record(hf_tcp *tcp)
{
    hf_stream *s = &tcp->stream[HF_CLIENT];

    s->bytes[s->len - 1] ^= 1;
}

/* A forged record does not open; it is told, and the next direction goes on. */
static void test_a_changed_record(void **state)
{
    scene s;

    (void)state;
    for (int version = 0; version < 2; version++) {
        scene_record(&s, version ? HF_TLS12 : HF_TLS13);
        hf_tape *tape = scene_dissect_edited(&s, spoil_record);
        assert_int_equal(scene_records(tape, HF_CLIENT, false), 1);
        assert_int_equal(scene_records(tape, HF_SERVER, false), 0);
        assert_int_equal(tape->n_notes, 1);
        scene_assert_noted(
            tape, version ? "a record of the client does not open, although those before it did"
                          : "CLIENT_TRAFFIC_SECRET_0 of the key log does not open");
        hf_tape_free(tape);
        scene_free(&s);
    }
}

/* ---- early data, captured at the server ---- */

/* The client's flight in two: what follows its ChangeCipherSpec comes after the server's answer. */
static void delay_early(scene *to, const scene *from)
{
    size_t first =
        scene_record_at(from, HF_CLIENT, 0).len + scene_record_at(from, HF_CLIENT, 1).len;
    size_t at[2] = { first, 0 };

    scene_say(to, HF_CLIENT, hf_span_of(from->bytes[HF_CLIENT], first));
    assert_int_equal(from->carried[0].from, HF_CLIENT);
    assert_int_equal(from->carried[1].from, HF_SERVER);
    for (size_t i = 1; i < from->n_carried; i++) {
        hf_role w = from->carried[i].from;
        scene_say(to, w, hf_span_of(from->bytes[w] + at[w], from->carried[i].len));
        at[w] += from->carried[i].len;
        if (i == 1) {
            scene_say(to, HF_CLIENT,
                      hf_span_of(from->bytes[HF_CLIENT] + first, from->carried[0].len - first));
            at[HF_CLIENT] = from->carried[0].len;
        }
    }
    memcpy(to->keylog, from->keylog, sizeof to->keylog);
}

static hf_tape *dissect_late(const char *flow, const char *without)
{
    flow13_setup setup;
    scene s, late;
    pair p;

    flow13_prepare(&setup, flow13_named(flow));
    scene_start(&s);
    scene_start(&late);
    scene_listen(&s, &setup.options);
    pair_start(&p, &setup.options);
    scene_watch(&s, &p);
    pair_connect(&p);
    pair_send(&p, HF_CLIENT, "again", 5);
    delay_early(&late, &s);
    edit_keylog(&late, without, false);
    hf_tape *tape = scene_dissect(&late, 0, true);
    pair_free(&p);
    flow13_release(&setup);
    scene_free(&s);
    scene_free(&late);
    return tape;
}

/* Under early keys, although the follower has left them by then; and what comes after opens all the same. */
static void test_late_early_data(void **state)
{
    static const char *const flows[] = { "early data refused", "early data taken",
                                         "early data and a retry" };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        hf_tape *tape = dissect_late(flows[i], "NONE");
        size_t early = 0;
        for (size_t j = 0; j < tape->n; j++)
            early += tape->events[j].kind == HF_TAPE_RECORD && tape->events[j].epoch == HF_EARLY;
        if (scene_records(tape, HF_CLIENT, false) > 0 || early != (i == 1 ? 2u : 1u) ||
            tape->n_notes > 0) {
            scene_print(flows[i], tape);
            fail_msg("%s: %zu early records", flows[i], early);
        }
        hf_tape_free(tape);
    }
}

static void test_early_data_without_its_secret(void **state)
{
    static const char *const flows[] = { "early data refused", "early data taken",
                                         "early data and a retry" };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        hf_tape *tape = dissect_late(flows[i], "CLIENT_EARLY_TRAFFIC_SECRET");
        if (scene_records(tape, HF_CLIENT, false) != (i == 1 ? 2u : 1u) || tape->n_notes != 1) {
            scene_print(flows[i], tape);
            fail_msg("%s: %zu closed records", flows[i], scene_records(tape, HF_CLIENT, false));
        }
        assert_int_equal(scene_records(tape, HF_SERVER, false), 0);
        hf_tape_free(tape);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_a_keylog),
        cmocka_unit_test(test_only_its_own_secrets),
        cmocka_unit_test(test_a_changed_record),
        cmocka_unit_test(test_late_early_data),
        cmocka_unit_test(test_early_data_without_its_secret),
    };

    return cmocka_run_group_tests_name("dissect, key logs", tests, NULL, NULL);
}
