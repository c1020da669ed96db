/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A saved trace, which anybody may have written: it is refused with a word why, or it is a tape that every output can be made
 * of. Written again and read again it stays the same, and none of its text steers a terminal.
 */
#include "explain/outputs.h"
#include "fuzz/fuzz.h"

enum {
    LONGEST = 1 << 18
}; /* of the input: what is longer finds nothing that a shorter one would not */

static hf_sheet written(const hf_tape *tape, bool json)
{
    const hf_show show = { .verbose = 2, .secrets = true };
    hf_story *story = hf_story_of(tape);
    hf_sheet sheet = { 0 };

    CHECK(story);
    CHECK((json ? hf_show_json(story, &show, &sheet) : hf_show_text(story, &show, &sheet)) ==
          HF_OK);
    hf_story_free(story);
    return sheet;
}

static void check_safe(const hf_sheet *text)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->text[i];
        CHECK(c == '\n' || (c >= 0x20 && c != 0x7f));
    }
}

static void check_pages(const hf_tape *tape)
{
    const hf_show show = { .secrets = true };
    hf_story *story = hf_story_of(tape);
    hf_sheet page = { 0 }, packets = { 0 };

    CHECK(story);
    CHECK(hf_show_page(story, &show, &page) == HF_OK);
    CHECK(hf_show_pcapng(story, &packets) == HF_OK);
    hf_sheet_free(&page);
    hf_sheet_free(&packets);
    hf_story_free(story);
}

static void check_tape(const hf_tape *tape)
{
    hf_sheet json = written(tape, true), text = written(tape, false);
    char why[HF_WHY_ROOM];
    hf_tape *again;

    check_safe(&text);
    CHECK(hf_tape_from_json(hf_span_of(json.text, json.len), &again, why) == HF_OK);
    hf_sheet twice = written(again, true);
    CHECK(hf_span_equal(hf_span_of(json.text, json.len), hf_span_of(twice.text, twice.len)));
    check_pages(tape);
    hf_sheet_free(&json);
    hf_sheet_free(&text);
    hf_sheet_free(&twice);
    hf_tape_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[HF_WHY_ROOM];
    hf_tape *tape;

    if (size > LONGEST)
        return 0;
    uint8_t *copy = tight_copy(hf_span_of(data, size));
    hf_error e = hf_tape_from_json(hf_span_of(copy, size), &tape, why);
    CHECK(e == HF_OK || e == HF_E_TRACE_FORMAT || e == HF_E_NO_MEMORY);
    CHECK((tape == NULL) == (e != HF_OK));
    check_text(why, sizeof why);
    if (tape)
        check_tape(tape);
    hf_tape_free(tape);
    free(copy);
    return 0;
}
