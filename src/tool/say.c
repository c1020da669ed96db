/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Where every byte of output passes. The rules stand in say.h. */
#include "tool/say.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/exit.h"
#include "tool/wrap.h"

enum { TEXT_ROOM = 4096, PROGRESS_WIDTH = 79 };

/* One process has one stdout and one stderr. */
static struct {
    bool colour_out, colour_err;
    int write_error;     /* errno of the first write to stdout that failed */
    char why[TEXT_ROOM]; /* what hf_error_why said last */
    const char *place;   /* before it; NULL: nothing */
    bool muted;
} say;

static bool wants_colour(const char *when, int fd)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    if (strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    if (no_color && *no_color)
        return false;
    return isatty(fd) && !(term && strcmp(term, "dumb") == 0);
}

/* A descriptor that the caller closed must not become a key file's by accident. What goes to a
   closed stdout is still an error: that one cannot be written. */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        if (open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) < 0)
            return;
    }
}

void hf_say_start(const char *color)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    hold_standard_descriptors();
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
    say.colour_out = wants_colour(color, STDOUT_FILENO);
    say.colour_err = wants_colour(color, STDERR_FILENO);
}

bool hf_out_has_colour(void)
{
    return say.colour_out;
}

bool hf_note_has_colour(void)
{
    return say.colour_err;
}

bool hf_say_terminal(void)
{
    return isatty(STDERR_FILENO) == 1;
}

/* ---- cleaning ---- */

/* For white and for black backgrounds: yellow cannot be read on white, blue not on black. */
static const char *const escapes[] = {
    [1] = "\033[0m", "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[1;35m",
};

/* UTF-8 writes the control characters U+0080 to U+009F as C2 80 to C2 9F. */
static bool is_c1(const unsigned char *p)
{
    return p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f;
}

static void put_clean(FILE *stream, const char *text, bool colour)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p <= 6) {
            if (colour)
                fputs(escapes[*p], stream);
        } else if (*p == *HF_TIE) {
            putc(' ', stream);
        } else if (is_c1(p)) {
            putc('?', stream);
            p++;
        } else {
            putc((*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f ? '?' : *p, stream);
        }
    }
}

/* ---- streams ---- */

static void note_failure(bool failed)
{
    if (failed && say.write_error == 0)
        say.write_error = errno ? errno : EIO;
}

static void put_format(FILE *stream, bool colour, const char *format, va_list args)
{
    char text[TEXT_ROOM];
    int n = vsnprintf(text, sizeof text, format, args);

    if (n < 0)
        return;
    if ((size_t)n >= sizeof text)
        memcpy(text + sizeof text - 5, "...\n", 5);
    put_clean(stream, text, colour);
}

void hf_out(const char *format, ...)
{
    va_list args;

    errno = 0;
    va_start(args, format);
    put_format(stdout, say.colour_out, format, args);
    va_end(args);
    note_failure(ferror(stdout) != 0);
}

bool hf_out_bytes(hf_span bytes)
{
    errno = 0;
    if (bytes.len > 0 && say.write_error == 0)
        note_failure(fwrite(bytes.data, 1, bytes.len, stdout) != bytes.len);
    return say.write_error == 0;
}

bool hf_out_flush(void)
{
    errno = 0;
    if (say.write_error == 0)
        note_failure(fflush(stdout) != 0);
    return say.write_error == 0;
}

bool hf_out_gone(void)
{
    return say.write_error != 0;
}

/* stdout first, so that the order on a terminal is the order of events. Flushing it may not touch the
   errno that the next words are to explain. */
static void put_err(const char *format, va_list args)
{
    int kept = errno;

    hf_out_flush();
    put_format(stderr, say.colour_err, format, args);
    errno = kept;
}

void hf_note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_err(format, args);
    va_end(args);
}

void hf_note_bytes(hf_span bytes)
{
    int kept = errno;

    hf_out_flush();
    if (bytes.len > 0)
        fwrite(bytes.data, 1, bytes.len, stderr);
    errno = kept;
}

void hf_progress(const char *text)
{
    hf_out_flush();
    fprintf(stderr, "\r%*s\r", PROGRESS_WIDTH, "");
    put_clean(stderr, text, false);
}

/* ---- lines ---- */

typedef void wrap_with(hf_text *, const char *, int, int);

/* How the text of one call is laid out. */
typedef struct layout {
    wrap_with *wrap;
    const char *before, *after; /* not wrapped */
    int column, indent;         /* the text's first column; that of the lines that follow */
    bool error;                 /* not said while errors are muted */
} layout;

static void put_lines(FILE *stream, bool colour, const layout *l, const char *format, va_list args)
{
    char text[TEXT_ROOM];
    hf_text lines = hf_text_new(2 * TEXT_ROOM);

    if (vsnprintf(text, sizeof text, format, args) < 0)
        return;
    hf_text_say(&lines, l->before);
    l->wrap(&lines, text, l->column, l->indent);
    hf_text_say(&lines, l->after);
    put_clean(stream, lines.data ? lines.data : text, colour);
    hf_text_free(&lines);
}

static void put_err_lines(const layout *l, const char *format, va_list args)
{
    int kept = errno;

    if (say.muted && l->error)
        return;
    hf_out_flush();
    put_lines(stderr, say.colour_err, l, format, args);
    errno = kept;
}

/* One function a layout. */
#define ERR_LINES(name, ...)                                                                       \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        static const layout l = { __VA_ARGS__ };                                                   \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        put_err_lines(&l, format, args);                                                           \
        va_end(args);                                                                              \
    }
#define OUT_LINES(name, ...)                                                                       \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        static const layout l = { __VA_ARGS__ };                                                   \
        va_list args;                                                                              \
        errno = 0;                                                                                 \
        va_start(args, format);                                                                    \
        put_lines(stdout, say.colour_out, &l, format, args);                                       \
        va_end(args);                                                                              \
        note_failure(ferror(stdout) != 0);                                                         \
    }

OUT_LINES(hf_out_lines, hf_wrap, "", "", 0, HF_WRAP_BESIDE, false)
OUT_LINES(hf_out_command, hf_wrap_command, "    ", "\n", 4, 8, false)
ERR_LINES(hf_note_lines, hf_wrap, "", "", 0, HF_WRAP_BESIDE, false)
ERR_LINES(hf_warn, hf_wrap, HF_MAGENTA "handfast: warning: " HF_PLAIN, "\n", 19, 4, false)
ERR_LINES(hf_error_what, hf_wrap, HF_RED "handfast: " HF_PLAIN HF_BOLD, HF_PLAIN "\n", 10, 4, true)
static ERR_LINES(say_why, hf_wrap, "  ", "\n", 2, 4, true)
    ERR_LINES(hf_error_next, hf_wrap, "  next: ", "\n", 8, 8,
              true) static ERR_LINES(say_command, hf_wrap_command, "    ", "\n", 4, 8, true)

        void hf_error_command(const char *command)
{
    say_command("%s", command);
}

void hf_error_why(const char *format, ...)
{
    int kept = errno;
    va_list args;

    va_start(args, format);
    if (vsnprintf(say.why, sizeof say.why, format, args) < 0)
        say.why[0] = '\0';
    va_end(args);
    errno = kept;
    say_why("%s%s%s", say.place ? say.place : "", say.place ? ": " : "", say.why);
}

void hf_error_place(const char *place)
{
    say.place = place;
}

void hf_error_mute(bool muted)
{
    say.muted = muted;
}

const char *hf_error_last_why(void)
{
    return say.why;
}

int hf_complain_row(hf_error code, const char *what, const char *where)
{
    hf_error_what("%s", what);
    hf_error_why("%s%s%s", where ? where : "", where && *where ? ": " : "",
                 hf_error_row_of(code)->sentence);
    hf_error_next("%s", hf_error_row_of(code)->hint);
    return hf_exit_of(code);
}

int hf_say_end(int status)
{
    hf_out_flush();
    if (say.write_error == 0 || say.write_error == EPIPE)
        return status;
    hf_error_what("the output could not be written");
    hf_error_why("stdout: %s", strerror(say.write_error));
    hf_error_next(say.write_error == EBADF
                      ? "open stdout, or send it to a file or to /dev/null: handfast ... > FILE"
                      : "is the disk full?");
    return HF_EXIT_IO;
}
