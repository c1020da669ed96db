/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Checks of tapes. What is wrong ends the process, as in every target. */
#include "fuzz/tapes.h"

#include "explain/capture.h"

/* ---- a tape ---- */

static void check_event(const hf_tape *tape, const hf_tape_event *e)
{
    hf_span wire = hf_tape_wire(tape, e), content = hf_tape_content(tape, e);

    CHECK(e->kind < HF_TAPE_KIND_COUNT && e->writer <= HF_SERVER);
    CHECK(wire.len <= tape->n_bytes && e->wire_at <= tape->n_bytes - wire.len);
    CHECK(content.len <= tape->n_bytes &&
          (content.len == 0 || e->content_at <= tape->n_bytes - content.len));
}

void check_tape(const hf_tape *tape)
{
    CHECK(tape->n <= HF_TAPE_EVENTS_MAX && tape->n_bytes <= HF_TAPE_BYTES_MAX);
    CHECK(tape->n_secrets <= HF_TAPE_SECRETS_MAX && tape->n_checks <= HF_TAPE_CHECKS_MAX);
    CHECK(tape->n_notes <= HF_TAPE_NOTES_MAX);
    for (size_t i = 0; i < tape->n; i++)
        check_event(tape, &tape->events[i]);
    for (size_t i = 0; i < tape->n_secrets; i++)
        CHECK(tape->secrets[i].len <= HF_TAPE_SECRET_MAX);
    for (size_t i = 0; i < tape->n_notes; i++) {
        CHECK(tape->notes[i][0]);
        check_text(tape->notes[i], sizeof tape->notes[i]);
    }
    check_text(tape->client, sizeof tape->client);
    check_text(tape->server, sizeof tape->server);
    check_text(tape->target, sizeof tape->target);
    check_text(tape->origin, sizeof tape->origin);
}

uint8_t *wire_of(const hf_tape *tape, hf_role writer, size_t *len)
{
    uint8_t *bytes = malloc(tape->n_bytes + 1);

    CHECK(bytes);
    *len = 0;
    for (size_t i = 0; i < tape->n; i++) {
        hf_span wire = hf_tape_wire(tape, &tape->events[i]);
        if (tape->events[i].writer != writer || wire.len == 0)
            continue;
        memcpy(bytes + *len, wire.data, wire.len);
        *len += wire.len;
    }
    return bytes;
}

/* ---- its outputs ---- */

static void check_same_bytes(const hf_tape *tape, hf_role writer, hf_span other)
{
    size_t len;
    uint8_t *own = wire_of(tape, writer, &len);

    CHECK(hf_span_equal(hf_span_of(own, len), other));
    free(own);
}

static void check_pcapng(const hf_story *story)
{
    hf_sheet sheet = { .error = HF_OK };
    hf_capture again = { .n = 0 };

    CHECK(hf_show_pcapng(story, &sheet) == HF_OK);
    CHECK(hf_capture_read(&again, hf_span_of(sheet.text, sheet.len)) == HF_OK);
    CHECK(again.n == 1 && again.not_tcp == 0);
    for (hf_role role = HF_CLIENT; role <= HF_SERVER; role++) {
        const hf_stream *stream = &again.tcp->stream[role];
        CHECK(stream->fin && !stream->gap && !stream->middle);
        check_same_bytes(story->tape, role, hf_span_of(stream->bytes, stream->len));
    }
    CHECK(again.keylog.n <= story->tape->n_secrets && again.keylog.bad_lines == 0);
    hf_capture_free(&again);
    hf_sheet_free(&sheet);
}

static void check_json(const hf_story *story)
{
    hf_show show = { .verbose = 2, .secrets = true };
    hf_sheet sheet = { .error = HF_OK };
    hf_tape *again = NULL;
    char why[HF_WHY_ROOM] = "";

    CHECK(hf_show_json(story, &show, &sheet) == HF_OK && strlen(sheet.text) == sheet.len);
    hf_error e = hf_tape_from_json(hf_span_of(sheet.text, sheet.len), &again, why);
    if (e != HF_OK)
        fprintf(stderr, "%s\n", why);
    CHECK(e == HF_OK && again);
    check_tape(again);
    CHECK(again->n == story->tape->n && again->n_secrets == story->tape->n_secrets);
    for (hf_role role = HF_CLIENT; role <= HF_SERVER; role++) {
        size_t len;
        uint8_t *own = wire_of(again, role, &len);
        check_same_bytes(story->tape, role, hf_span_of(own, len));
        free(own);
    }
    hf_tape_free(again);
    hf_sheet_free(&sheet);
}

static void check_whole(const hf_story *story,
                        hf_error (*show)(const hf_story *, const hf_show *, hf_sheet *))
{
    hf_show how = { .verbose = 2, .secrets = true };
    hf_sheet sheet = { .error = HF_OK };

    CHECK(show(story, &how, &sheet) == HF_OK && strlen(sheet.text) == sheet.len);
    hf_sheet_free(&sheet);
}

static void check_steps(const hf_story *story)
{
    for (size_t i = 0; i < story->n; i++) {
        hf_tree tree = { .n = 0 };
        hf_error e = hf_story_tree(&story->steps[i], &tree);
        CHECK(e == HF_OK || e == HF_E_MISUSE);
        for (size_t n = 0; n < tree.n; n++)
            CHECK(tree.nodes[n].len <= tree.bytes.len &&
                  tree.nodes[n].offset <= tree.bytes.len - tree.nodes[n].len);
        hf_tree_free(&tree);
        CHECK(story->steps[i].name && story->steps[i].source);
    }
    CHECK(hf_story_fault(story) <= story->n);
}

void check_shown(const hf_tape *tape, unsigned which)
{
    hf_story *story = hf_story_of(tape);

    CHECK(story);
    check_steps(story);
    check_pcapng(story);
    if (which == SHOW_TEXT)
        check_whole(story, hf_show_text);
    else if (which == SHOW_JSON)
        check_json(story);
    else if (which == SHOW_PAGE)
        check_whole(story, hf_show_page);
    hf_story_free(story);
}
