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

enum { TEXT_ROOM = 4096 };

/* One process has one stdout and one stderr. */
static struct {
    bool colour_out, colour_err;
    int write_error; /* errno of the first write to stdout that failed */
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

bool hf_say_terminal(void)
{
    return isatty(STDERR_FILENO) == 1;
}

/* ---- cleaning ---- */

static const char *const escapes[] = {
    [1] = "\033[0m", "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[33m",
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

/* stdout first, so that the order on a terminal is the order of events. */
static void put_err(const char *before, const char *format, va_list args, const char *after)
{
    hf_out_flush();
    put_clean(stderr, before, say.colour_err);
    put_format(stderr, say.colour_err, format, args);
    put_clean(stderr, after, say.colour_err);
}

void hf_note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_err("", format, args, "");
    va_end(args);
}

void hf_warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_err(HF_YELLOW "handfast: warning: " HF_PLAIN, format, args, "\n");
    va_end(args);
}

/* ---- errors ---- */

void hf_error_what(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_err(HF_RED "handfast: " HF_PLAIN HF_BOLD, format, args, HF_PLAIN "\n");
    va_end(args);
}

void hf_error_why(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_err("  ", format, args, "\n");
    va_end(args);
}

void hf_error_next(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_err("  next: ", format, args, "\n");
    va_end(args);
}

int hf_error_row(hf_error code, const char *what, const char *where)
{
    hf_error_what("%s", what);
    hf_error_why("%s%s%s", where ? where : "", where && *where ? ": " : "",
                 hf_error_sentence(code));
    hf_error_next("%s", hf_error_hint(code));
    return hf_exit_of(code);
}

int hf_say_end(int status)
{
    hf_out_flush();
    if (say.write_error == 0 || say.write_error == EPIPE)
        return status;
    hf_error_what("the output could not be written");
    hf_error_why("stdout: %s", strerror(say.write_error));
    hf_error_next("is the disk full?");
    return HF_EXIT_IO;
}
