/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which steps of a story are due, and where they are written. The words are src/explain's; those of the nine steps are nine.c's. */
#include "tool/steps.h"

#include <string.h>

#include "explain/outputs.h"
#include "tool/say.h"

void hf_steps_start(hf_steps *steps, hf_steps_where where, int verbose)
{
    memset(steps, 0, sizeof *steps);
    steps->where = where;
    steps->verbose = verbose;
}

/* ---- writing ---- */

static hf_show show_of(const hf_steps *steps)
{
    bool out = steps->where == HF_STEPS_OUT;

    return (hf_show){ .verbose = steps->verbose,
                      .colour = out ? hf_out_has_colour() : hf_note_has_colour() };
}

static void put(const hf_steps *steps, hf_sheet *sheet)
{
    hf_span text = hf_span_of(sheet->text, sheet->len);

    if (steps->where == HF_STEPS_OUT)
        hf_out_bytes(text);
    else
        hf_note_bytes(text);
    hf_sheet_free(sheet);
}

static hf_say *say_of(const hf_steps *steps)
{
    return steps->where == HF_STEPS_OUT ? hf_out : hf_note;
}

/* The prelude has shown itself, word by word (prelude.h). */
static void write_step(hf_steps *steps, const hf_story *story, size_t i)
{
    hf_show show = show_of(steps);
    hf_sheet sheet = { 0 };

    if (story->steps[i].kind == HF_STEP_PRELUDE)
        return;
    hf_nine_before(&steps->nine, story, i, say_of(steps));
    hf_show_step(story, i, &show, &steps->told, &sheet);
    put(steps, &sheet);
    hf_nine_after(&steps->nine, story, i, say_of(steps));
}

/* What was proved by a step, below it: also if that came to light after the step was written. */
static void write_proofs(hf_steps *steps, const hf_story *story, size_t i)
{
    hf_show show = show_of(steps);
    hf_sheet sheet = { 0 };

    hf_show_proofs(story, i, &show, &steps->told, &sheet);
    put(steps, &sheet);
}

/* ---- what is due ---- */

static bool may_grow(const hf_story_step *step)
{
    return step->kind == HF_STEP_DATA || step->kind == HF_STEP_SEALED ||
           step->kind == HF_STEP_BROKEN;
}

/* What is shown as broken may be a message that has not come whole. */
static size_t settled(const hf_story *story)
{
    size_t n = story->n;

    while (n > 0 && may_grow(&story->steps[n - 1]))
        n--;
    return n;
}

static void tell(hf_steps *steps, const hf_tape *tape, bool end)
{
    hf_story *story = hf_story_of(tape);

    if (!story)
        return;
    if (steps->written > 0)
        write_proofs(steps, story, steps->written - 1);
    for (size_t due = end ? story->n : settled(story); steps->written < due; steps->written++)
        write_step(steps, story, steps->written);
    hf_story_free(story);
}

void hf_steps_flush(hf_steps *steps, const hf_tape *tape)
{
    if (!tape || tape->n == steps->heard)
        return;
    steps->heard = tape->n;
    tell(steps, tape, false);
}

void hf_steps_end(hf_steps *steps, const hf_tape *tape)
{
    if (!tape)
        return;
    tell(steps, tape, true);
    if (tape->lost > 0)
        say_of(steps)("      … and %zu more record%s, not shown\n", tape->lost,
                      tape->lost == 1 ? "" : "s");
}

void hf_steps_proofs(hf_steps *steps, const hf_tape *tape)
{
    hf_story *story = tape && tape->n > steps->heard ? hf_story_of(tape) : NULL;

    if (!story)
        return;
    steps->heard = tape->n;
    if (story->n > 0)
        write_proofs(steps, story, story->n - 1);
    hf_story_free(story);
}
