/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Key logs (RFC 9850): a line is a label, the client's random and a secret, in hexadecimal. Labels that nobody here asks for are
 * kept: who writes the secrets on again should not lose any.
 */
#include "explain/capture.h"

#include "base/error.h"

enum { FIRST_ROOM = 16, RANDOM = 32 };

/* ---- one line ---- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line; empty at its end. */
static hf_span next_word(hf_span *line)
{
    size_t from = 0, to;

    while (from < line->len && is_blank(line->data[from]))
        from++;
    for (to = from; to < line->len && !is_blank(line->data[to]);)
        to++;
    hf_span word = hf_span_of(line->data + from, to - from);
    *line = hf_span_of(line->data + to, line->len - to);
    return word;
}

static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20; /* both cases */
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_hex(hf_span word)
{
    for (size_t i = 0; i < word.len; i++)
        if (digit_of(word.data[i]) < 0)
            return false;
    return word.len > 0 && word.len % 2 == 0;
}

static void from_hex(hf_span word, uint8_t *out)
{
    for (size_t i = 0; i < word.len / 2; i++)
        out[i] = (uint8_t)(digit_of(word.data[2 * i]) << 4 | digit_of(word.data[2 * i + 1]));
}

static bool is_label(hf_span word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.data[i] <= ' ' || word.data[i] > '~')
            return false;
    return word.len > 0;
}

/* What a line is. TOO_LONG: a good line of something that has more room than a secret, ECH_CONFIG (RFC 9850 3). */
typedef enum kind { SECRET, NOTHING, TOO_LONG, BAD } kind;

static kind read_line(hf_span line, hf_tape_secret *out)
{
    hf_span label = next_word(&line), client_random = next_word(&line), secret = next_word(&line);

    if (label.len == 0 || label.data[0] == '#')
        return NOTHING;
    if (!is_label(label) || !is_hex(client_random) || !is_hex(secret) || next_word(&line).len > 0 ||
        client_random.len != (size_t)2 * RANDOM)
        return BAD;
    if (label.len >= sizeof out->label || secret.len > 2 * sizeof out->secret)
        return TOO_LONG;
    *out = (hf_tape_secret){ .len = secret.len / 2 };
    memcpy(out->label, label.data, label.len);
    from_hex(client_random, out->client_random);
    from_hex(secret, out->secret);
    return SECRET;
}

/* ---- all of them ---- */

static hf_error make_room(hf_keylog *keylog)
{
    size_t room = keylog->room ? 2 * keylog->room : FIRST_ROOM;

    if (keylog->n < keylog->room)
        return HF_OK;
    hf_tape_secret *secrets = hf_alloc(room * sizeof *secrets);
    if (!secrets)
        return HF_E_NO_MEMORY;
    if (keylog->n > 0)
        memcpy(secrets, keylog->secrets, keylog->n * sizeof *secrets);
    hf_free_secret(keylog->secrets, keylog->room * sizeof *secrets);
    keylog->secrets = secrets;
    keylog->room = room;
    return HF_OK;
}

static hf_error keep(hf_keylog *keylog, const hf_tape_secret *secret)
{
    if (keylog->n == HF_KEYLOG_MAX) {
        keylog->left_out++;
        return HF_OK;
    }
    TRY(make_room(keylog));
    keylog->secrets[keylog->n++] = *secret;
    return HF_OK;
}

static hf_span next_line(hf_span *text)
{
    const uint8_t *end = memchr(text->data, '\n', text->len);
    size_t len = end ? (size_t)(end - text->data) : text->len, past = len + (end != NULL);
    hf_span line = hf_span_of(text->data, len);

    *text = hf_span_of(text->data + past, text->len - past);
    return line;
}

/* A file that an editor marked as UTF-8 is one all the same. */
static hf_span without_mark(hf_span text)
{
    bool marked = text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0;

    return marked ? hf_span_of(text.data + 3, text.len - 3) : text;
}

hf_error hf_keylog_read(hf_keylog *keylog, hf_span text)
{
    hf_tape_secret secret = { .len = 0 };
    hf_error e = HF_OK;

    text = without_mark(text);
    while (text.len > 0 && e == HF_OK) {
        switch (read_line(next_line(&text), &secret)) {
        case SECRET: e = keep(keylog, &secret); break;
        case BAD: keylog->bad_lines++; break;
        case TOO_LONG: keylog->left_out++; break;
        case NOTHING: break;
        }
    }
    hf_wipe(&secret, sizeof secret);
    return e;
}

const hf_tape_secret *hf_keylog_find(const hf_keylog *keylog, const char *label,
                                     const uint8_t client_random[32])
{
    for (size_t i = 0; keylog && i < keylog->n; i++) {
        const hf_tape_secret *secret = &keylog->secrets[i];
        if (memcmp(secret->client_random, client_random, RANDOM) == 0 &&
            strcmp(secret->label, label) == 0)
            return secret;
    }
    return NULL;
}

void hf_keylog_free(hf_keylog *keylog)
{
    hf_free_secret(keylog->secrets, keylog->room * sizeof *keylog->secrets);
    *keylog = (hf_keylog){ 0 };
}
