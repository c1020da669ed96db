/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The list of revoked certificates as text, read strictly and replaced as a whole. */
#include "tool/revoked.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <handfast/os.h>
#include "tool/exit.h"
#include "tool/say.h"
#include "tool/text.h"
#include "x509/issue_crl.h"
#include "x509/time.h"

enum { FILE_LIMIT = 16 * 1024 * 1024, LINE_ROOM = 128, FILE_MODE = 0600, FIRST_ROOM = 16 };

static const char header[] =
    "# What this CA has revoked. Kept by handfast cert crl: lines are added, never taken away.\n";

/* ---- serial numbers and reasons ---- */

static int digit(char c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    int v = at ? (int)(at - digits) : -1;

    return v > 15 ? v - 6 : v;
}

/* Its digits alone, from behind, so that an odd number of them is no trouble. */
static size_t octets_of(const char *text, uint8_t out[HF_SERIAL_MAX + 1])
{
    size_t len = strlen(text), n = 0;
    bool low = true;

    while (len > 0) {
        char c = text[--len];
        if (c == ':' && low && len > 0)
            continue;
        int v = digit(c);
        if (v < 0 || n > HF_SERIAL_MAX || (low && n == HF_SERIAL_MAX + 1))
            return 0;
        if (low)
            out[n] = (uint8_t)v;
        else
            out[n++] |= (uint8_t)(v << 4);
        low = !low;
    }
    return low ? n : n + 1;
}

bool hf_serial_read(const char *text, hf_serial *serial)
{
    uint8_t back[HF_SERIAL_MAX + 1];
    bool prefixed = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    size_t n = octets_of(prefixed ? text + 2 : text, back);

    while (n > 1 && back[n - 1] == 0)
        n--;
    bool sign = n > 0 && (back[n - 1] & 0x80);
    if (n == 0 || n + sign > HF_SERIAL_MAX)
        return false;
    serial->len = n + sign;
    serial->octets[0] = 0;
    for (size_t i = 0; i < n; i++)
        serial->octets[sign + i] = back[n - 1 - i];
    return true;
}

void hf_serial_text(const hf_serial *serial, char out[HF_SERIAL_TEXT])
{
    out[0] = '\0';
    for (size_t i = 0; i < serial->len; i++)
        snprintf(out + 2 * i, 3, "%02x", serial->octets[i]);
}

bool hf_reason_read(const char *text, int *reason)
{
    for (int i = 0; i <= HF_REASON_MAX; i++) {
        const char *name = hf_crl_reason_name(i);
        if (!name || strcmp(name, text) != 0)
            continue;
        *reason = i > 0 ? i : HF_REASON_NONE;
        return true;
    }
    return false;
}

/* ---- the list ---- */

static bool make_room(hf_revoked *list)
{
    size_t room = list->room > 0 ? 2 * list->room : FIRST_ROOM;

    if (list->n < list->room)
        return true;
    struct hf_revoked_row *rows = hf_alloc(room * sizeof *rows);
    if (!rows)
        return false;
    if (list->n > 0)
        memcpy(rows, list->rows, list->n * sizeof *rows);
    hf_free(list->rows);
    list->rows = rows;
    list->room = room;
    return true;
}

static bool is_there(const hf_revoked *list, const hf_serial *serial)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->rows[i].serial.len == serial->len &&
            memcmp(list->rows[i].serial.octets, serial->octets, serial->len) == 0)
            return true;
    return false;
}

bool hf_revoked_add(hf_revoked *list, const hf_serial *serial, int64_t date, int reason,
                    int *status)
{
    *status = HF_EXIT_OK;
    if (is_there(list, serial))
        return false;
    if (list->n < HF_CRL_ENTRIES_MAX && make_room(list)) {
        list->rows[list->n++] = (struct hf_revoked_row){ *serial, date, reason };
        return true;
    }
    *status = hf_complain_row(list->n < HF_CRL_ENTRIES_MAX ? HF_E_NO_MEMORY : HF_E_LIMIT,
                              "the certificate cannot be revoked", "the list is full");
    return false;
}

void hf_revoked_free(hf_revoked *list)
{
    hf_free(list->rows);
    memset(list, 0, sizeof *list);
}

/* ---- reading ---- */

static bool read_row(const char *line, hf_revoked *list)
{
    char hex[HF_SERIAL_TEXT], reason[32], rest;
    struct hf_revoked_row row;
    int status;

    if (sscanf(line, "%40[0-9a-f] %" SCNd64 " %31[A-Za-z]%c", hex, &row.date, reason, &rest) != 3)
        return false;
    if (row.date < HF_TIME_MIN || row.date > HF_TIME_MAX)
        return false;
    return hf_serial_read(hex, &row.serial) && hf_reason_read(reason, &row.reason) &&
           hf_revoked_add(list, &row.serial, row.date, row.reason, &status);
}

static bool read_line(const char *line, hf_revoked *list)
{
    char rest;

    if (line[0] == '#' || line[0] == '\0')
        return true;
    if (strncmp(line, "number ", 7) == 0)
        return list->number == 0 && sscanf(line + 7, "%" SCNu64 "%c", &list->number, &rest) == 1 &&
               list->number > 0;
    return list->number > 0 && read_row(line, list);
}

/* 0: all of them; else the number of the first that is not understood. The text is cut into its lines. */
static size_t read_lines(char *text, size_t len, hf_revoked *list)
{
    char *at = text, *end = text + len;

    for (size_t n = 1; at < end; n++) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop || memchr(at, '\0', (size_t)(stop - at)) || stop - at >= LINE_ROOM)
            return n;
        *stop = '\0';
        if (!read_line(at, list))
            return n;
        at = stop + 1;
    }
    return list->number > 0 ? 0 : 1;
}

static int refuse(const char *path, hf_error e, int why)
{
    hf_error_what("the list of revoked certificates cannot be used");
    hf_error_why("%s: %s", path,
                 e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_row_of(e)->sentence);
    hf_error_next("check the file's permissions and the space on its disk");
    return HF_EXIT_IO;
}

int hf_revoked_load(const char *path, hf_revoked *list)
{
    uint8_t *bytes;
    size_t len;

    memset(list, 0, sizeof *list);
    hf_error e = hf_os_read_file(path, FILE_LIMIT, &bytes, &len);
    if (e == HF_E_CONFIG_FILE && errno == ENOENT)
        return HF_EXIT_OK;
    if (e != HF_OK)
        return refuse(path, e, errno);
    size_t bad = read_lines((char *)bytes, len, list);
    hf_os_free(bytes, len);
    if (bad == 0)
        return HF_EXIT_OK;
    hf_revoked_free(list);
    hf_error_what("the list of revoked certificates is damaged");
    hf_error_why("%s, line %zu is not as it was written", path, bad);
    hf_error_next("put the file back from a copy: without it revoked certificates would be "
                  "good again");
    return HF_EXIT_USAGE;
}

/* ---- writing ---- */

static void write_row(const struct hf_revoked_row *row, hf_text *text)
{
    char hex[HF_SERIAL_TEXT];

    hf_serial_text(&row->serial, hex);
    hf_text_print(text, "%s %" PRId64 " %s\n", hex, row->date,
                  hf_crl_reason_name(row->reason == HF_REASON_NONE ? 0 : row->reason));
}

int hf_revoked_save(const char *path, const hf_revoked *list)
{
    hf_text text = hf_text_new(FILE_LIMIT);

    hf_text_say(&text, header);
    hf_text_print(&text, "number %" PRIu64 "\n", list->number);
    for (size_t i = 0; i < list->n; i++)
        write_row(&list->rows[i], &text);
    hf_error e = text.full
                     ? HF_E_NO_MEMORY
                     : hf_os_write_file(path, hf_span_of(text.data, text.len), FILE_MODE, true);
    int why = errno;
    hf_text_free(&text);
    return e == HF_OK ? HF_EXIT_OK : refuse(path, e, why);
}
