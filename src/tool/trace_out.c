/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From a tape to its four forms. Files are written whole or not at all; "-" is stdout. What is said of files comes last, where
   it is still on the screen. */
#include "tool/trace_out.h"

#include <string.h>

#include "explain/outputs.h"
#include "tool/exit.h"
#include "tool/misuse.h"
#include "tool/out_file.h"
#include "tool/say.h"

enum { PUBLIC_MODE = 0644, SECRET_MODE = 0600 };

/* ---- before anything is done ---- */

int hf_trace_check(const hf_show_options *o)
{
    if (o->json + hf_out_file_is_stdout(o->html) + hf_out_file_is_stdout(o->pcapng) > 1)
        return hf_misuse("two forms cannot share stdout",
                         "of --json, --html - and --pcapng -, each wants it for itself",
                         "give the others a file");
    if (o->html && o->pcapng && strcmp(o->html, o->pcapng) == 0)
        return hf_misuse("--html and --pcapng name the same file",
                         "one would take the place of the other", "give each a file of its own");
    int status = hf_out_file_check("--html", o->html);
    return status == HF_EXIT_OK ? hf_out_file_check("--pcapng", o->pcapng) : status;
}

bool hf_trace_wants_secrets(const hf_show_options *o)
{
    return o->pcapng || o->show_secrets;
}

/* ---- files ---- */

static int cannot_draw(hf_error e, const char *what)
{
    return hf_complain_row(e, "the handshake cannot be shown", what);
}

static int put(const char *option, const char *file, const hf_sheet *sheet, unsigned mode)
{
    return hf_out_file_write(option, file, hf_span_of(sheet->text, sheet->len), mode);
}

static void say_page(const hf_show_options *o, size_t len)
{
    if (hf_out_file_is_stdout(o->html))
        return;
    hf_note_lines("the page: %s (%zu KB), for any browser\n", o->html, (len + 1023) / 1024);
    if (o->show_secrets)
        hf_warn("%s shows the secrets of this connection: whoever reads it can read the traffic",
                o->html);
}

static int write_page(const hf_story *story, const hf_show_options *o)
{
    hf_show show = { .secrets = o->show_secrets };
    hf_sheet sheet = { .text = NULL };
    hf_error e = hf_show_page(story, &show, &sheet);
    int status = e == HF_OK
                     ? put("--html", o->html, &sheet, o->show_secrets ? SECRET_MODE : PUBLIC_MODE)
                     : cannot_draw(e, "--html");

    if (status == HF_EXIT_OK)
        say_page(o, sheet.len);
    hf_sheet_free(&sheet);
    return status;
}

static void say_capture(const hf_story *story, const char *file)
{
    const char *name = hf_out_file_is_stdout(file) ? "the capture" : file;

    if (story->tape->n_secrets > 0)
        hf_warn("%s holds the secrets of this connection: whoever has it can read the traffic",
                name);
    else
        hf_note_lines("%s holds no secrets, as there were none to put in: what is encrypted in it "
                      "stays so\n",
                      name);
}

static int write_capture(const hf_story *story, const char *file)
{
    hf_sheet sheet = { .text = NULL };
    hf_error e = hf_show_pcapng(story, &sheet);
    int status =
        e == HF_OK ? put("--pcapng", file, &sheet, SECRET_MODE) : cannot_draw(e, "--pcapng");

    if (status == HF_EXIT_OK)
        say_capture(story, file);
    hf_sheet_free(&sheet);
    return status;
}

/* ---- stdout ---- */

static int print(const hf_story *story, const hf_show_options *o)
{
    hf_show show = { .verbose = o->verbose,
                     .secrets = o->show_secrets,
                     .colour = hf_out_has_colour() };
    hf_sheet sheet = { .text = NULL };
    hf_error e = o->json ? hf_show_json(story, &show, &sheet) : hf_show_text(story, &show, &sheet);

    if (e == HF_OK)
        hf_out_bytes(hf_span_of(sheet.text, sheet.len));
    if (e == HF_OK && sheet.len > 0 && sheet.text[sheet.len - 1] != '\n')
        hf_out("\n");
    if (e == HF_OK && o->show_secrets && story->tape->n_secrets > 0)
        hf_warn("the secrets of this connection are shown: whoever sees them can read the traffic");
    hf_sheet_free(&sheet);
    return e == HF_OK ? HF_EXIT_OK : cannot_draw(e, o->json ? "--json" : "text");
}

static int worse(int a, int b)
{
    return a != HF_EXIT_OK ? a : b;
}

int hf_trace_show(const hf_tape *tape, const hf_show_options *o)
{
    hf_story *story = hf_story_of(tape);
    int status = HF_EXIT_OK;

    if (!story)
        return cannot_draw(HF_E_NO_MEMORY, "story");
    if (o->json || (!hf_out_file_is_stdout(o->html) && !hf_out_file_is_stdout(o->pcapng)))
        status = worse(status, print(story, o));
    hf_out_flush();
    if (o->html)
        status = worse(status, write_page(story, o));
    if (o->pcapng)
        status = worse(status, write_capture(story, o->pcapng));
    hf_story_free(story);
    return status;
}
