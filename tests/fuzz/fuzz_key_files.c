/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Files of secrets that the tool reads: pre-shared keys, ticket keys, a session. The first byte says which;
 * the rest is the file. Each is taken if and only if a second reading, written down here without regard
 * to speed, takes it, and then with the same keys; otherwise nothing comes out, the refusal is a whole
 * one, and says no part of a key.
 */
#include "fuzz/files.h"
#include "keys/psks.h"
#include "keys/session.h"
#include "tool/exit.h"
#include "tool/psk_file.h"
#include "tool/session_file.h"
#include "tool/ticket_file.h"

enum { LINES_MAX = 4096, LEAK = 8, TICKET_NAME = 16 };

/* ---- lines ---- */

static bool holds(hf_span in, const char *what, size_t len)
{
    for (size_t i = 0; i + len <= in.len; i++)
        if (memcmp(in.data + i, what, len) == 0)
            return true;
    return false;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The lines that count, without their ends; LINES_MAX + 1: too many to judge. */
static size_t lines_of(hf_span file, hf_span lines[LINES_MAX])
{
    size_t n = 0;

    for (size_t at = 0, end; at < file.len; at = end + 1) {
        for (end = at; end < file.len && file.data[end] != '\n'; end++) {
        }
        size_t len = end - at;
        while (len > 0 && is_blank(file.data[at + len - 1]))
            len--;
        if (len == 0 || file.data[at] == '#')
            continue;
        if (n == LINES_MAX)
            return LINES_MAX + 1;
        lines[n++] = hf_span_of(file.data + at, len);
    }
    return n;
}

static bool has_mark(hf_span file)
{
    return file.len >= 3 && memcmp(file.data, "\xef\xbb\xbf", 3) == 0;
}

static int digit(uint8_t c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) % 16 : -1;
}

static bool hex_of(hf_span digits, uint8_t *out)
{
    for (size_t i = 0; i < digits.len; i++) {
        int d = digit(digits.data[i]);
        if (d < 0)
            return false;
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | d : d << 4);
    }
    return digits.len % 2 == 0;
}

/* ---- pre-shared keys ---- */

typedef struct psk_line {
    hf_span identity, digits;
    uint8_t key[HF_PSK_KEY_MAX];
} psk_line;

static bool split(hf_span line, psk_line *p)
{
    size_t after = 0; /* the last colon */

    for (size_t i = 0; i < line.len; i++)
        after = line.data[i] == ':' ? i + 1 : after;
    if (after == 0)
        return false;
    p->identity = hf_span_of(line.data, after - 1);
    p->digits = hf_span_of(line.data + after, line.len - after);
    return true;
}

/* Identities may be said. */
static bool is_open(const hf_span *lines, size_t n, const char *piece)
{
    psk_line p;

    for (size_t i = 0; i < n; i++)
        if (split(lines[i], &p) && holds(p.identity, piece, LEAK))
            return true;
    return false;
}

/* No piece of that many digits is said, unless the same stands where it may be said. */
static void check_no_leak(const char *said, hf_span secret, const hf_span *lines, size_t n)
{
    for (size_t i = 0; i + LEAK <= secret.len; i++) {
        char piece[LEAK + 1] = { 0 };
        memcpy(piece, secret.data + i, LEAK);
        if (strspn(piece, "0123456789abcdefABCDEF") == LEAK && strstr(said, piece))
            CHECK(is_open(lines, n, piece));
    }
}

static bool good_psk(hf_span line, psk_line *p)
{
    if (!split(line, p) || p->identity.len == 0 || p->identity.len > HF_PSK_IDENTITY_MAX ||
        is_blank(p->identity.data[0]) || is_blank(p->identity.data[p->identity.len - 1]))
        return false;
    for (size_t i = 0; i < p->identity.len; i++)
        if (p->identity.data[i] < ' ' || p->identity.data[i] == 0x7f)
            return false;
    return p->digits.len >= 2 * HF_PSK_KEY_MIN && p->digits.len <= 2 * HF_PSK_KEY_MAX &&
           hex_of(p->digits, p->key);
}

static bool named_before(const hf_span *lines, size_t i, hf_span identity)
{
    psk_line other;

    while (i-- > 0)
        if (split(lines[i], &other) && hf_span_equal(other.identity, identity))
            return true;
    return false;
}

static bool good_psks(hf_span file, const hf_span *lines, size_t n)
{
    psk_line p;

    if (n == 0 || has_mark(file))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!good_psk(lines[i], &p) || named_before(lines, i, p.identity))
            return false;
    return true;
}

static void check_psks(const hf_psk_file *read, const hf_span *lines, size_t n)
{
    psk_line p;

    CHECK(read->psks && read->n == n && hf_psks_count(read->psks) == n);
    for (size_t i = 0; i < n; i++) {
        CHECK(good_psk(lines[i], &p));
        const hf_psk *psk = hf_psks_find(read->psks, p.identity);
        CHECK(psk && hf_span_equal(psk->key, hf_span_of(p.key, p.digits.len / 2)));
    }
}

static void read_psks(hf_span file)
{
    static hf_span lines[LINES_MAX];
    size_t n = lines_of(file, lines), len;
    hf_psk_file read;
    psk_line p;

    if (n > LINES_MAX)
        return;
    const char *path = file_of(file);
    hear_stderr();
    int status = hf_psk_file_load(&read, path, NULL);
    const char *said = heard_on_stderr(&len);
    CHECK((status == HF_EXIT_OK) == good_psks(file, lines, n));
    if (status == HF_EXIT_OK) {
        CHECK(len == 0);
        check_psks(&read, lines, n);
    } else {
        CHECK(status == HF_EXIT_USAGE && !read.psks);
        check_refusal(said, len);
        for (size_t i = 0; i < n; i++)
            if (split(lines[i], &p))
                check_no_leak(said, p.digits, lines, n);
    }
    hf_psk_file_free(&read);
}

/* ---- ticket keys ---- */

typedef struct ticket_keys {
    uint8_t keys[HF_TICKET_KEYS_MAX][HF_TICKET_KEY];
} ticket_keys;

static bool good_tickets(hf_span file, const hf_span *lines, size_t n, ticket_keys *t)
{
    if (n == 0 || n > HF_TICKET_KEYS_MAX || has_mark(file))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (lines[i].len != 2 * HF_TICKET_KEY || !hex_of(lines[i], t->keys[i]))
            return false;
        for (size_t j = 0; j < i; j++)
            if (memcmp(t->keys[i], t->keys[j], TICKET_NAME) == 0)
                return false;
    }
    return true;
}

static void read_tickets(hf_span file)
{
    static hf_span lines[LINES_MAX];
    size_t n = lines_of(file, lines), len;
    ticket_keys expected;
    hf_ticket_file read;

    if (n > LINES_MAX)
        return;
    const char *path = file_of(file);
    hear_stderr();
    int status = hf_ticket_file_read(&read, path);
    const char *said = heard_on_stderr(&len);
    CHECK((status == HF_EXIT_OK) == good_tickets(file, lines, n, &expected));
    if (status == HF_EXIT_OK) {
        CHECK(len == 0 && read.n == n);
        for (size_t i = 0; i < n; i++)
            CHECK(memcmp(read.keys[i], expected.keys[i], HF_TICKET_KEY) == 0);
        return;
    }
    CHECK(status == HF_EXIT_USAGE);
    check_refusal(said, len);
    for (size_t i = 0; i < n; i++)
        check_no_leak(said, lines[i], NULL, 0);
}

/* ---- a session ---- */

enum { MAGIC = 19, HEADER = MAGIC + 4 + 8 };

/* FNV-1a and the length, from what was read: damage shows. */
static bool is_wrapped(hf_span file, hf_span inside)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325), said = 0, length = 0;

    for (size_t i = 0; i < inside.len; i++)
        sum = (sum ^ inside.data[i]) * UINT64_C(0x100000001b3);
    for (size_t i = 0; i < 4; i++)
        length = length << 8 | file.data[MAGIC + i];
    for (size_t i = 0; i < 8; i++)
        said = said << 8 | file.data[MAGIC + 4 + i];
    return memcmp(file.data, "handfast session 1\n", MAGIC) == 0 && said == sum &&
           length == inside.len;
}

static void check_session(hf_span file, const hf_session_file *read)
{
    hf_session session;
    bool good = hf_session_read(read->inside, &session) == HF_OK;

    CHECK(read->len == file.len &&
          (file.len == 0 || memcmp(read->bytes, file.data, file.len) == 0));
    CHECK(read->inside.len == 0 ||
          hf_span_within(read->inside, hf_span_of(read->bytes, read->len)));
    CHECK(read->inside.len > 1
              ? file.len == HEADER + read->inside.len && is_wrapped(file, read->inside)
              : !good);
    CHECK(read->once == (good && session.version == HF_TLS13));
    CHECK(!holds(file, "-----BEGIN ", 11) || memchr(file.data, 0, file.len));
}

static void read_session_file(hf_span file)
{
    hf_session_file read;
    size_t len;
    const char *path = file_of(file);

    hear_stderr();
    int status = hf_session_file_read(&read, path);
    const char *said = heard_on_stderr(&len);
    if (status == HF_EXIT_OK) {
        CHECK(len == 0);
        check_session(file, &read);
    } else {
        CHECK(status == HF_EXIT_USAGE && !read.bytes && read.inside.len == 0);
        check_refusal(said, len);
    }
    hf_session_file_free(&read);
}

/* As the tool writes it: whatever the session is, it comes back. */
static void wrap_and_read(hf_span session)
{
    uint8_t *file = malloc(HEADER + session.len);
    uint64_t sum = UINT64_C(0xcbf29ce484222325);

    CHECK(file);
    for (size_t i = 0; i < session.len; i++)
        sum = (sum ^ session.data[i]) * UINT64_C(0x100000001b3);
    memcpy(file, "handfast session 1\n", MAGIC);
    for (size_t i = 0; i < 12; i++)
        file[MAGIC + i] = (uint8_t)(i < 4 ? session.len >> 8 * (3 - i) : sum >> 8 * (11 - i));
    if (session.len > 0)
        memcpy(file + HEADER, session.data, session.len);
    read_session_file(hf_span_of(file, HEADER + session.len));
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    uint8_t kind = input_u8(&in);
    hf_span file = { in.p, in.left };

    switch (kind % 4) {
    case 0: read_psks(file); break;
    case 1: read_tickets(file); break;
    case 2: read_session_file(file); break;
    default: wrap_and_read(file);
    }
    return 0;
}
