/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server's answer: its reader's life, its ends, and what is gone on with. Bytes become records in flight_records.c, records
 * messages in flight_messages.c.
 */
#include "audit/flight_parts.h"

#include <stdarg.h>
#include <stdio.h>

hf_flight *hf_flight_new(void)
{
    hf_flight *flight = (hf_flight *)hf_alloc(sizeof *flight);

    if (!flight)
        return NULL;
    flight->room = (hf_flight_room *)hf_alloc(sizeof *flight->room);
    if (!flight->room) {
        hf_free(flight);
        return NULL;
    }
    return flight;
}

void hf_flight_free(hf_flight *flight)
{
    if (flight)
        hf_free(flight->room);
    hf_free(flight);
}

/* ---- ends ---- */

/* After these more may be sent and come, once the flight is over. */
static bool may_go_on(hf_flight_end end)
{
    return end == HF_FLIGHT_DONE || end == HF_FLIGHT_ALERT || end == HF_FLIGHT_LATE;
}

void hf_flight_settle(hf_flight *flight, hf_flight_end end)
{
    hf_flight_room *room = flight->room;

    if (flight->end == HF_FLIGHT_OPEN)
        flight->end = end;
    else if (room->over && end != HF_FLIGHT_DONE && room->pending == HF_FLIGHT_OPEN)
        room->pending = end;
    if (end == HF_FLIGHT_DONE)
        room->over = true;
    else if (!room->over || !may_go_on(end))
        room->deaf = true;
}

bool hf_flight_refuse(hf_flight *flight, hf_flight_end end, const char *why, ...)
{
    va_list list;

    va_start(list, why);
    vsnprintf(flight->why, sizeof flight->why, why, list);
    va_end(list);
    hf_flight_settle(flight, end);
    return false;
}

bool hf_flight_fault(hf_flight *flight, const hf_fault *fault)
{
    return hf_flight_refuse(flight, HF_FLIGHT_MALFORMED, "%.50s: %.40s", fault->path, fault->rule);
}

/* Bytes came that are no beginning of anything. */
static bool is_foreign(const hf_flight *flight)
{
    const hf_flight_room *room = flight->room;
    bool undecided = room->form == HF_FORM_UNKNOWN && room->n_header > 0;

    return room->form == HF_FORM_FOREIGN || (undecided && !hf_flight_may_be_tls(room->header[0]));
}

void hf_flight_ended(hf_flight *flight, hf_flight_end end)
{
    hf_flight_room *room = flight->room;

    if (room->transport == HF_FLIGHT_OPEN && end != HF_FLIGHT_LATE)
        room->transport = end;
    if (flight->end != HF_FLIGHT_OPEN)
        return;
    if (is_foreign(flight))
        hf_flight_foreign(flight);
    else
        hf_flight_settle(flight, end);
}

/* ---- after DONE ---- */

void hf_flight_go_on(hf_flight *flight, size_t records)
{
    hf_flight_room *room = flight->room;

    if (!room->over || !may_go_on(flight->end))
        return;
    hf_flight_show_alerts(flight, &room->late);
    room->late = (hf_flight_alerts){ .n = 0 };
    room->want =
        room->n_after + (records < HF_FLIGHT_RECORDS_MAX ? records : HF_FLIGHT_RECORDS_MAX);
    flight->end = room->pending != HF_FLIGHT_OPEN ? room->pending : room->transport;
    room->pending = HF_FLIGHT_OPEN;
}

bool hf_flight_record_at(const hf_flight *flight, size_t i, hf_flight_record *record)
{
    const hf_flight_room *room = flight->room;

    if (i >= room->n_after || i >= HF_FLIGHT_AFTER_MAX)
        return false;
    record->type = room->after[i].type;
    record->version = room->after[i].version;
    record->len = room->after[i].len;
    record->content = hf_span_of(room->after[i].content, room->after[i].n);
    return true;
}
