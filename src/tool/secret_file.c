/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What was judged is what is read: the same descriptor. A symbolic link is followed, as secrets are often mounted so. */
#include "tool/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/say.h"
#include "tool/text.h"

enum { FILE_LIMIT = 32 * 1024 * 1024, WORDS_MAX = 8192, REASON_MAX = 512, OTHERS = 077 };

/* ---- refusing ---- */

int hf_secret_file_refuse(const hf_secret_file *f, const char *next, const char *format, ...)
{
    char reason[REASON_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    hf_error_what("cannot use the %s", f->holds);
    if (f->line > 0)
        hf_error_why("%s, line %u: %s", f->path, f->line, reason);
    else
        hf_error_why("%s: %s", f->path, reason);
    if (next)
        hf_error_next("%s", next);
    else
        hf_error_next("write lines of %s: %s FILE", f->form, f->option);
    return HF_EXIT_USAGE;
}

static int refuse_mode(const hf_secret_file *f, unsigned mode)
{
    hf_text command = hf_text_new(WORDS_MAX);

    hf_text_say(&command, "chmod 600 ");
    hf_text_say_word(&command, f->path);
    hf_error_what("others may have seen the %s, or have changed them", f->holds);
    hf_error_why("%s: its mode is %04o, and 0600 is asked for", f->path, mode);
    hf_error_next("make new keys; or, if you know that nobody did:");
    hf_error_command(command.data ? command.data : "chmod 600 FILE");
    hf_text_free(&command);
    return HF_EXIT_USAGE;
}

static int check(const hf_secret_file *f, const struct stat *s)
{
    static const char own[] = "give a file of your own, of mode 0600";

    if (!S_ISREG(s->st_mode))
        return hf_secret_file_refuse(f, own, "it is not a regular file");
    if (s->st_uid != geteuid() && s->st_uid != 0)
        return hf_secret_file_refuse(f, own,
                                     "it belongs to another user, who may know the keys in it");
    if (s->st_mode & OTHERS)
        return refuse_mode(f, (unsigned)s->st_mode & 07777);
    return s->st_size > FILE_LIMIT
               ? hf_secret_file_refuse(f, NULL, "it is larger than %d bytes", FILE_LIMIT)
               : HF_EXIT_OK;
}

/* ---- reading ---- */

/* errno, or 0. A file that was cut short meanwhile is as long as it is now. */
static int read_whole(hf_secret_file *f, int fd, size_t size)
{
    while (f->len < size) {
        ssize_t n = read(fd, f->bytes + f->len, size - f->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            break;
        f->len += (size_t)n;
    }
    return 0;
}

/* It would be a part of the first identity, and nobody would see it. */
static int refuse_mark(const hf_secret_file *f)
{
    static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };

    if (f->len < sizeof mark || memcmp(f->bytes, mark, sizeof mark) != 0)
        return HF_EXIT_OK;
    return hf_secret_file_refuse(f, "save it without: as UTF-8 without BOM",
                                 "it begins with a UTF-8 byte order mark (BOM)");
}

static int take(hf_secret_file *f, int fd)
{
    struct stat s;
    int status =
        fstat(fd, &s) == 0 ? check(f, &s) : hf_secret_file_refuse(f, NULL, "%s", strerror(errno));

    if (status != HF_EXIT_OK)
        return status;
    f->bytes = hf_alloc((size_t)s.st_size + 1);
    int why = f->bytes ? read_whole(f, fd, (size_t)s.st_size) : ENOMEM;
    return why ? hf_secret_file_refuse(f, NULL, "%s", strerror(why)) : refuse_mark(f);
}

int hf_secret_file_open(hf_secret_file *f, const char *path, const char *option, const char *holds,
                        const char *form)
{
    *f = (hf_secret_file){ .path = path, .option = option, .holds = holds, .form = form };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return hf_secret_file_refuse(f, NULL, "%s", strerror(errno));
    int status = take(f, fd);
    close(fd);
    if (status != HF_EXIT_OK)
        hf_secret_file_close(f);
    return status;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool hf_secret_file_line(hf_secret_file *f, hf_span *line)
{
    while (f->at < f->len) {
        const uint8_t *start = f->bytes + f->at;
        const uint8_t *end = memchr(start, '\n', f->len - f->at);
        size_t len = end ? (size_t)(end - start) : f->len - f->at;

        f->at += len + (end != NULL);
        f->line++;
        while (len > 0 && is_blank(start[len - 1]))
            len--;
        *line = hf_span_of(start, len);
        if (len > 0 && *start != '#')
            return true;
    }
    return false;
}

void hf_secret_file_close(hf_secret_file *f)
{
    hf_free_secret(f->bytes, f->len);
    f->bytes = NULL;
    f->len = f->at = 0;
}

/* ---- hexadecimal ---- */

/* All ones if low <= c <= high, else zero: without a branch. */
static unsigned within(unsigned c, unsigned low, unsigned high)
{
    return ~(((c - low) | (high - c)) >> 8) & 0xff;
}

/* 0 to 15, or 0x100: no digit. */
static unsigned digit(unsigned c)
{
    unsigned number = within(c, '0', '9'), small = within(c, 'a', 'f'), large = within(c, 'A', 'F');

    return (number & (c - '0')) | (small & (c - 'a' + 10)) | (large & (c - 'A' + 10)) |
           (((number | small | large) ^ 0xff) << 8 & 0x100);
}

size_t hf_hex_digits(hf_span digits)
{
    unsigned seen = 0;
    size_t n = 0;

    for (size_t i = 0; i < digits.len; i++) {
        seen |= digit(digits.data[i]) >> 8;
        n += seen ^ 1;
    }
    return n;
}

bool hf_hex_bytes(hf_span digits, uint8_t *out)
{
    unsigned wrong = digits.len % 2;

    for (size_t i = 0; i + 1 < digits.len; i += 2) {
        unsigned high = digit(digits.data[i]), low = digit(digits.data[i + 1]);
        out[i / 2] = (uint8_t)((high & 15) << 4 | (low & 15));
        wrong |= (high | low) & 0x100;
    }
    return wrong == 0;
}
