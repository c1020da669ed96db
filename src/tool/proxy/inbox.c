/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A queue of bytes in one piece: what stands in it is parsed where it stands. */
#include "tool/proxy/inbox.h"

#include "base/bytes.h"

enum { FIRST_ROOM = 1024 };

hf_span hf_inbox_span(const hf_inbox *inbox)
{
    return inbox->len > 0 ? hf_span_of(inbox->data + inbox->at, inbox->len) : (hf_span){ NULL, 0 };
}

/* Room for n more at the end: by moving to the front, or into more memory. */
static bool make_room(hf_inbox *inbox, size_t n)
{
    size_t need = inbox->len + n, room = inbox->room ? inbox->room : FIRST_ROOM;

    if (inbox->at + need <= inbox->room)
        return true;
    if (need <= inbox->room / 2) {
        memmove(inbox->data, inbox->data + inbox->at, inbox->len);
        inbox->at = 0;
        return true;
    }
    while (room < need)
        room *= 2;
    uint8_t *data = hf_alloc(room);
    if (!data)
        return false;
    if (inbox->len > 0)
        memcpy(data, inbox->data + inbox->at, inbox->len);
    hf_free(inbox->data);
    *inbox = (hf_inbox){ .data = data, .len = inbox->len, .room = room };
    return true;
}

bool hf_inbox_put(hf_inbox *inbox, hf_span bytes)
{
    if (bytes.len == 0)
        return true;
    if (bytes.len > HF_INBOX_MAX - inbox->len || !make_room(inbox, bytes.len))
        return false;
    memcpy(inbox->data + inbox->at + inbox->len, bytes.data, bytes.len);
    inbox->len += bytes.len;
    return true;
}

void hf_inbox_take(hf_inbox *inbox, size_t n)
{
    inbox->at += n;
    inbox->len -= n;
    if (inbox->len == 0)
        hf_inbox_clear(inbox);
}

void hf_inbox_clear(hf_inbox *inbox)
{
    hf_free(inbox->data);
    *inbox = (hf_inbox){ .data = NULL };
}
