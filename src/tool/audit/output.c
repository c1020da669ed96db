/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From audits to stdout and files. Files are written whole or not at all; what is said of them comes last. */
#include "tool/audit/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "audit/report_parts.h"
#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/json_text.h"
#include "tool/misuse.h"
#include "tool/out_file.h"
#include "tool/say.h"
#include "tool/text.h"

enum { MODE = 0644, COMMAND_MAX = 4096, FORMS = 3, WIDEST = 120, SUMMARY_MAX = 1000 };

typedef struct form {
    const char *option, *file;
    hf_error (*make)(const hf_audit *const *audits, size_t n, const hf_report_view *view,
                     hf_sheet *out);
} form;

static hf_error make_sarif(const hf_audit *const *audits, size_t n, const hf_report_view *view,
                           hf_sheet *out)
{
    (void)view;
    return hf_report_sarif(audits, n, out);
}

static hf_error make_junit(const hf_audit *const *audits, size_t n, const hf_report_view *view,
                           hf_sheet *out)
{
    (void)view;
    return hf_report_junit(audits, n, out);
}

static void forms_of(const hf_audit_options *o, form forms[FORMS])
{
    forms[0] = (form){ "--html", o->html, hf_report_html };
    forms[1] = (form){ "--sarif", o->sarif, make_sarif };
    forms[2] = (form){ "--junit", o->junit, make_junit };
}

/* ---- before anything is asked ---- */

static int check_pair(const form *a, const form *b)
{
    char what[64];
    hf_text text = hf_text_new(sizeof what - 1);

    if (!a->file || !b->file || strcmp(a->file, b->file) != 0)
        return HF_EXIT_OK;
    hf_text_print(&text, "%s and %s name the same file", a->option, b->option);
    snprintf(what, sizeof what, "%s", text.data ? text.data : "");
    hf_text_free(&text);
    return hf_misuse(what, "one would take the place of the other", "give each a file of its own");
}

int hf_audit_output_check(const hf_audit_options *o)
{
    form forms[FORMS];
    int on_stdout = o->json, status = HF_EXIT_OK;

    forms_of(o, forms);
    for (size_t i = 0; i < FORMS; i++)
        on_stdout += hf_out_file_is_stdout(forms[i].file);
    if (on_stdout > 1)
        return hf_misuse("two forms cannot share stdout",
                         "of --json and files called -, each wants it for itself",
                         "give the others a file");
    for (size_t i = 0; i < FORMS && status == HF_EXIT_OK; i++) {
        status = hf_out_file_check(forms[i].option, forms[i].file);
        for (size_t j = 0; j < i && status == HF_EXIT_OK; j++)
            status = check_pair(&forms[j], &forms[i]);
    }
    return status;
}

bool hf_audit_output_text(const hf_audit_options *o)
{
    return !o->json && !hf_out_file_is_stdout(o->html) && !hf_out_file_is_stdout(o->sarif) &&
           !hf_out_file_is_stdout(o->junit);
}

bool hf_audit_output_keeps(const hf_audit_options *o)
{
    return o->json || o->html || o->sarif || o->junit;
}

/* ---- the command, as the page shows it ---- */

static void say_option(hf_text *text, const char *option, const char *value)
{
    if (!value)
        return;
    hf_text_print(text, " %s ", option);
    hf_text_say_word(text, value);
}

static hf_text command_of(const hf_audit_options *o)
{
    hf_text text = hf_text_new(COMMAND_MAX);

    hf_text_say(&text, "handfast audit");
    for (size_t i = 0; i < o->policy.n; i++)
        say_option(&text, "--policy", o->policy.at[i]);
    for (size_t i = 0; i < o->ca.n; i++)
        say_option(&text, "--ca", o->ca.at[i]);
    say_option(&text, "--profile", o->profile);
    say_option(&text, "--servername", o->servername);
    say_option(&text, "--starttls", o->starttls);
    say_option(&text, "--file", o->file);
    for (size_t i = 0; i < o->targets.n; i++) {
        hf_text_say(&text, " ");
        hf_text_say_word(&text, o->targets.at[i]);
    }
    return text;
}

/* ---- out ---- */

static int cannot_tell(hf_error e, const char *what)
{
    return hf_complain_row(e, "the audit cannot be shown", what);
}

/* Of the terminal; else what COLUMNS says. 0: nobody says. Longer lines than WIDEST are hard to read. */
static unsigned width(void)
{
    struct winsize size = { .ws_col = 0 };
    const char *columns = getenv("COLUMNS");
    unsigned long n = 0;

    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        n = size.ws_col;
    if (n == 0 && columns)
        n = strtoul(columns, NULL, 10);
    return n < WIDEST ? (unsigned)n : WIDEST;
}

static hf_report_view view_of(const hf_audit_options *o, const char *command)
{
    return (hf_report_view){ .colour = hf_out_has_colour(),
                             .why = o->why,
                             .all = o->all,
                             .width = width(),
                             .command = command };
}

int hf_audit_print(const hf_audit_options *o, const hf_audit *audit, bool first)
{
    hf_report_view view = view_of(o, NULL);
    hf_sheet sheet = { .text = NULL };
    hf_error e = hf_report_text(audit, &view, &sheet);

    if (e == HF_OK) {
        hf_out("%s", first ? "" : "\n");
        hf_out_bytes(hf_span_of(sheet.text, sheet.len));
        hf_out_flush();
    }
    hf_sheet_free(&sheet);
    return e == HF_OK ? HF_EXIT_OK : cannot_tell(e, "text");
}

/* "broken     one.example:443: modern (1 high), default (1 low)"; for the end of a list. */
char *hf_audit_summary(const hf_audit *audit)
{
    hf_text text = hf_text_new(SUMMARY_MAX);
    hf_audit_counts counts;
    char target[HF_AUDIT_TARGET_ROOM], words[HF_COUNTS_ROOM];
    size_t n = 0;

    hf_audit_target(audit->seen, target);
    hf_text_print(&text, "  %-12s%s", hf_audit_verdict(audit), target);
    for (size_t i = 0; i < audit->n && audit->seen->reached; i++) {
        counts = hf_audit_count(audit->judged[i]);
        if (audit->judged[i]->broken)
            hf_text_print(&text, "%s%s (%s)", n++ > 0 ? ", " : ": ", audit->judged[i]->book->name,
                          hf_counts_words(&counts, words));
    }
    if (!audit->seen->reached || audit->seen->cut)
        hf_text_print(&text, ": %s", audit->seen->trouble);
    char *line = text.data ? strdup(text.data) : NULL;
    hf_text_free(&text);
    return line;
}

static int write_form(const form *f, const hf_audit *const *audits, size_t n,
                      const hf_report_view *view)
{
    hf_sheet sheet = { .text = NULL };
    hf_error e = f->make(audits, n, view, &sheet);
    int status =
        e == HF_OK ? hf_out_file_write(f->option, f->file, hf_span_of(sheet.text, sheet.len), MODE)
                   : cannot_tell(e, f->option);

    if (status == HF_EXIT_OK && !hf_out_file_is_stdout(f->file))
        hf_note_lines("%s: %s (%zu KB)\n", f->option + 2, f->file, (sheet.len + 1023) / 1024);
    hf_sheet_free(&sheet);
    return status;
}

static int write_all(const hf_audit_options *o, const hf_audit *const *audits, size_t n)
{
    hf_text command = command_of(o);
    hf_report_view view = view_of(o, command.data);
    form forms[FORMS];
    int status = HF_EXIT_OK;

    forms_of(o, forms);
    if (o->json)
        status = hf_json_print(hf_report_json(audits, n), true);
    hf_out_flush();
    for (size_t i = 0; i < FORMS; i++) {
        int e = forms[i].file ? write_form(&forms[i], audits, n, &view) : HF_EXIT_OK;
        status = status == HF_EXIT_OK ? e : status;
    }
    hf_text_free(&command);
    return status;
}

int hf_audit_write(const hf_audit_options *o, const hf_audit_job *jobs, size_t n)
{
    const hf_audit **audits = calloc(n > 0 ? n : 1, sizeof *audits);
    size_t there = 0;

    if (!audits)
        return cannot_tell(HF_E_NO_MEMORY, "report");
    for (size_t i = 0; i < n; i++)
        if (jobs[i].over && jobs[i].audit.seen)
            audits[there++] = &jobs[i].audit;
    int status = write_all(o, audits, there);
    free(audits);
    return status;
}
