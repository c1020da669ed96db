/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Alerts of a server's answer, as far as they are in the clear: counted, the first and the fatal one kept. */
#include "audit/flight_parts.h"

static void note_alert(hf_flight_alerts *alerts, uint8_t level, uint8_t description)
{
    bool fatal = level != 1 || description == 0; /* close_notify is a warning in TLS 1.2 */

    if (!alerts->has) {
        alerts->level = level;
        alerts->first = description;
    }
    if (fatal && !alerts->has_fatal)
        alerts->fatal = description;
    alerts->has = true;
    alerts->has_fatal = alerts->has_fatal || fatal;
    alerts->n++;
    alerts->n_warnings += fatal ? 0 : 1;
}

static hf_flight_alerts alerts_of(const hf_flight *flight)
{
    return (hf_flight_alerts){ flight->alert_level, flight->alert,     flight->fatal_alert,
                               flight->has_alert,   flight->has_fatal, flight->n_alerts,
                               flight->n_warnings };
}

void hf_flight_show_alerts(hf_flight *flight, const hf_flight_alerts *alerts)
{
    flight->alert_level = alerts->level;
    flight->alert = alerts->first;
    flight->fatal_alert = alerts->fatal;
    flight->has_alert = alerts->has;
    flight->has_fatal = alerts->has_fatal;
    flight->n_alerts = alerts->n;
    flight->n_warnings = alerts->n_warnings;
}

/* While nobody has asked for more, alerts wait for hf_flight_go_on. */
static void take_alert(hf_flight *flight, uint8_t level, uint8_t description)
{
    hf_flight_alerts alerts = alerts_of(flight);
    bool waits = flight->end != HF_FLIGHT_OPEN;

    note_alert(waits ? &flight->room->late : &alerts, level, description);
    hf_flight_show_alerts(flight, &alerts);
    if (flight->room->over || alerts.has_fatal)
        hf_flight_settle(flight, HF_FLIGHT_ALERT);
}

/* One record may hold several (RFC 5246 6.2.1), but no part of one. After DONE it may be encrypted, and tells nothing. */
void hf_flight_alert_record(hf_flight *flight)
{
    const hf_flight_room *room = flight->room;

    if (room->over && room->len != 2)
        return;
    if (room->len % 2 != 0 || room->len == 0) {
        hf_flight_refuse(flight, HF_FLIGHT_MALFORMED, "an alert record of %zu bytes", room->len);
        return;
    }
    for (size_t i = 0; i + 1 < room->n_scrap && !room->deaf; i += 2)
        take_alert(flight, room->scrap[i], room->scrap[i + 1]);
}
