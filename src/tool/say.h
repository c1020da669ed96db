/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * All output of the tool goes through this file. The rules:
 *   - results go to stdout, progress, warnings and errors to stderr;
 *   - colour only on a terminal, unless --color says otherwise; NO_COLOR is respected;
 *   - an error has three parts: what happened, where and why, what to do next. Lower case, no
 *     full stop at the end of the first, no blame;
 *   - text from a peer or a file can never steer the terminal: control characters become '?';
 *   - a reader that goes away (EPIPE) is not an error and gets no message;
 *   - nothing secret is ever an argument of these functions.
 * Colour stands in the text as the marks below, which vanish where there is no colour:
 *     hf_out(HF_GREEN "verified" HF_PLAIN " %s\n", name);
 */
#ifndef HF_TOOL_SAY_H
#define HF_TOOL_SAY_H

#include <handfast/error.h>
#include "base/compiler.h"

#define HF_PLAIN   "\x01"
#define HF_BOLD    "\x02"
#define HF_DIM     "\x03"
#define HF_RED     "\x04"
#define HF_GREEN   "\x05"
#define HF_MAGENTA "\x06"
/* A blank at which no line is broken. */
#define HF_TIE "\x07"

/* color: "auto", "always" or "never". Also makes a closed pipe and a file size limit plain errors
   (SIGPIPE, SIGXFSZ). */
void hf_say_start(const char *color);
/* Flushes. HF_EXIT_IO and a message if stdout could not be written (a closed pipe is fine), else
   `status`. */
int hf_say_end(int status);

/* A result, to stdout. At most 4 KiB a call; longer text is cut and marked. */
void hf_out(const char *format, ...) HF_PRINTF(1, 2);
/* The same, in lines of at most 80 columns: what is too long goes on below its second column. Reports
   and remarks come this way; a log keeps one line an event. */
void hf_out_lines(const char *format, ...) HF_PRINTF(1, 2);
/* A command to paste, indented; long ones go on behind a backslash. */
void hf_out_command(const char *format, ...) HF_PRINTF(1, 2);
/* Bytes as they are, to stdout: a body, JSON. False once stdout is gone. */
bool hf_out_bytes(hf_span bytes);
bool hf_out_flush(void);
/* True when the reader of stdout has gone, or stdout failed. */
bool hf_out_gone(void);
/* Progress and remarks, to stderr, as they are (with their newline). */
void hf_note(const char *format, ...) HF_PRINTF(1, 2);
void hf_note_lines(const char *format, ...) HF_PRINTF(1, 2);
/* Text that was put together elsewhere, colour and all. */
void hf_note_bytes(hf_span bytes);
/* "handfast: warning: …" */
void hf_warn(const char *format, ...) HF_PRINTF(1, 2);

/* The three parts of an error, in this order, each without its newline. Lines over 80 columns go on,
   indented by four or more blanks; errno is left as it is, also by hf_note and hf_warn:
 *     hf_error_what("cannot write the key log");
 *     hf_error_why("keys/log: %s", strerror(errno));
 *     hf_error_next("give a folder that exists: --keylog FILE");
 *     return HF_EXIT_IO;
 */
void hf_error_what(const char *format, ...) HF_PRINTF(1, 2);
void hf_error_why(const char *format, ...) HF_PRINTF(1, 2);
void hf_error_next(const char *format, ...) HF_PRINTF(1, 2);
/* Where all that hf_error_why says comes from until it is NULL again: "hosts, line 3". The text is not copied. */
void hf_error_place(const char *place);
/* What the last hf_error_why said, for who reports it elsewhere as well. */
const char *hf_error_last_why(void);
/* Errors are kept for hf_error_last_why alone, by who tells of them in another way; warnings are said all the same. */
void hf_error_mute(bool muted);
/* The command that hf_error_next announced, on lines of its own. */
void hf_error_command(const char *command);

/* The same for a row of errors.def: its sentence, `where`, its hint. Returns hf_exit_of(code). */
int hf_complain_row(hf_error code, const char *what, const char *where);

/* Whether stdout is to be coloured, and stderr, for text that was put together elsewhere. */
bool hf_out_has_colour(void);
bool hf_note_has_colour(void);
/* True if stderr is a terminal: progress that overwrites itself makes sense. */
bool hf_say_terminal(void);
/* One short line on stderr that the next one overwrites; "" takes it away. For terminals only. */
void hf_progress(const char *text);

#endif
