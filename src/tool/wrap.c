/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Breaking lines between words. */
#include "tool/wrap.h"

#include <string.h>

enum { SECOND_COLUMN_MAX = 40 };

/* One text on its way. */
typedef struct wrapper {
    hf_text *out;
    int column, indent;
    const char *joint; /* what ends a line that goes on */
    bool quotes;       /* blanks inside them are no gaps */
} wrapper;

/* Colour has no width, and neither has a byte that continues a character of UTF-8. */
static bool is_wide(char c)
{
    unsigned char byte = (unsigned char)c;

    return byte > 6 && (byte & 0xc0) != 0x80;
}

static int width(const char *text, size_t len)
{
    int n = 0;

    for (size_t i = 0; i < len; i++)
        n += is_wide(text[i]);
    return n;
}

static size_t word_len(const wrapper *w, const char *text)
{
    bool quoted = false;
    size_t n = 0;

    for (; text[n] && text[n] != '\n' && (quoted || text[n] != ' '); n++) {
        if (w->quotes && !quoted && text[n] == '\\' && text[n + 1])
            n++; /* an escaped apostrophe opens nothing */
        else
            quoted = quoted != (w->quotes && text[n] == '\'');
    }
    return n;
}

static void break_line(wrapper *w)
{
    hf_text_print(w->out, "%s%*s", w->joint, w->indent, "");
    w->column = w->indent;
}

static bool is_fingerprint(const char *word, size_t len)
{
    return strspn(word, "0123456789ABCDEFabcdef:") >= len && memchr(word, ':', len);
}

/* A word that is too long for any line goes on in the next one, if its parts have two digits each. */
static void add_word(wrapper *w, const char *word, size_t len)
{
    size_t room = w->column < HF_WIDTH ? (size_t)(HF_WIDTH - w->column) / 3 * 3 : 0;

    if (w->column + width(word, len) > HF_WIDTH && is_fingerprint(word, len) && room > 0) {
        hf_text_add(w->out, word, room);
        break_line(w);
        word += room;
        len -= room;
    }
    hf_text_add(w->out, word, len);
    w->column += width(word, len);
}

/* The column at which the value of "  title      value" begins; the line's own indent without one. */
static int second_column(const char *line)
{
    size_t lead = strspn(line, " "), end = lead + strcspn(line + lead, "\n");

    for (size_t i = lead; i + 2 < end && i < SECOND_COLUMN_MAX; i++)
        if (line[i] == ' ' && line[i + 1] == ' ') {
            i += strspn(line + i, " ");
            return width(line, i);
        }
    return (int)lead;
}

static const char *wrap_line(wrapper *w, const char *line)
{
    bool first = true;

    while (*line && *line != '\n') {
        size_t gap = strspn(line, " "), len = word_len(w, line + gap);
        int joint = (int)strlen(w->joint) - 1; /* what it takes of the line */
        int end = w->column + (int)gap + width(line + gap, len);
        bool last = line[gap + len] == '\0' || line[gap + len] == '\n';

        if (!first && len > 0 && gap > 0 && end + (last ? 0 : joint) > HF_WIDTH) {
            break_line(w);
        } else {
            hf_text_add(w->out, line, gap);
            w->column += (int)gap;
        }
        add_word(w, line + gap, len);
        first = false;
        line += gap + len;
    }
    return line;
}

static void wrap_all(wrapper *w, const char *text)
{
    bool beside = w->indent == HF_WRAP_BESIDE;

    while (*text) {
        if (beside)
            w->indent = second_column(text);
        text = wrap_line(w, text);
        if (*text == '\n') {
            hf_text_add(w->out, text++, 1);
            w->column = 0;
        }
    }
}

void hf_wrap(hf_text *out, const char *text, int column, int indent)
{
    wrapper w = { out, column, indent, "\n", false };

    wrap_all(&w, text);
}

void hf_wrap_command(hf_text *out, const char *command, int column, int indent)
{
    wrapper w = { out, column, indent, " \\\n", true };

    wrap_all(&w, command);
}
