/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Text that grows: what every output is written to. Its old blocks are wiped, since secrets may have been shown. */
#include "explain/outputs.h"

#include <stdarg.h>
#include <stdio.h>

enum { ROOM_AT_FIRST = 4096 };

/* Room for `more` bytes and the NUL after them. Failure keeps the text as it was. */
static bool has_room(hf_sheet *sheet, size_t more)
{
    size_t room = sheet->room > 0 ? sheet->room : ROOM_AT_FIRST;

    if (sheet->error)
        return false;
    if (more >= HF_SHEET_MAX - sheet->len) {
        sheet->error = HF_E_LIMIT;
        return false;
    }
    while (room <= sheet->len + more)
        room *= 2;
    if (room == sheet->room)
        return true;
    char *text = hf_alloc(room);
    if (!text) {
        sheet->error = HF_E_NO_MEMORY;
        return false;
    }
    if (sheet->len > 0)
        memcpy(text, sheet->text, sheet->len);
    hf_free_secret(sheet->text, sheet->room);
    sheet->text = text;
    sheet->room = room;
    return true;
}

void hf_sheet_bytes(hf_sheet *sheet, const void *bytes, size_t len)
{
    if (!has_room(sheet, len))
        return;
    if (len > 0)
        memcpy(sheet->text + sheet->len, bytes, len);
    sheet->len += len;
    sheet->text[sheet->len] = '\0';
}

void hf_sheet_put(hf_sheet *sheet, const char *text)
{
    hf_sheet_bytes(sheet, text, strlen(text));
}

void hf_sheet_add(hf_sheet *sheet, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    if (n >= 0 && has_room(sheet, (size_t)n)) {
        vsnprintf(sheet->text + sheet->len, (size_t)n + 1, format, again);
        sheet->len += (size_t)n;
    } else if (n < 0 && !sheet->error) {
        sheet->error = HF_E_INTERNAL;
    }
    va_end(again);
    va_end(args);
}

void hf_sheet_free(hf_sheet *sheet)
{
    hf_free_secret(sheet->text, sheet->room);
    *sheet = (hf_sheet){ .error = HF_OK };
}
