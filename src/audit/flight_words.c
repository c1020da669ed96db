/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What happened, as one phrase for people: names of the registries, and nothing that the server chose but in safe characters. */
#include "audit/flight_parts.h"

#include <stdio.h>

#include "explain/names.h"

static size_t answered(const hf_flight *flight, char *text, size_t room)
{
    char version[HF_NAME_ROOM], suite[HF_NAME_ROOM];
    int n;

    if (!flight->hello)
        return 0;
    hf_code_text(HF_NAMES_VERSIONS, flight->version, version);
    if (flight->ssl2)
        n = snprintf(text, room, "SERVER-HELLO, %s, %zu cipher kinds", version, flight->suites2.n);
    else
        n = snprintf(text, room, "%s, %s, %s", flight->retry ? "HelloRetryRequest" : "ServerHello",
                     version, hf_code_text(HF_NAMES_SUITES, flight->suite, suite));
    return n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

static void alert_words(const hf_flight *flight, char *text, size_t room)
{
    uint8_t alert = flight->has_fatal ? flight->fatal_alert : flight->alert;
    const char *name = hf_name_of(HF_NAMES_ALERTS, alert);

    if (!flight->has_alert)
        snprintf(text, room, "%s", flight->why);
    else
        snprintf(text, room, "%s%s (%u)", flight->has_fatal ? "" : "warning ",
                 name ? name : "an unknown alert", alert);
}

static void end_words(const hf_flight *flight, char *text, size_t room)
{
    bool silent = flight->bytes == 0;

    switch (flight->end) {
    case HF_FLIGHT_OPEN: snprintf(text, room, "not over yet"); break;
    case HF_FLIGHT_DONE: snprintf(text, room, "done"); break;
    case HF_FLIGHT_ALERT: alert_words(flight, text, room); break;
    case HF_FLIGHT_CLOSED:
        snprintf(text, room, "closed the connection %s",
                 silent ? "without a word" : "in the middle of its answer");
        break;
    case HF_FLIGHT_RESET: snprintf(text, room, "reset the connection"); break;
    case HF_FLIGHT_LATE:
        snprintf(text, room,
                 silent ? "said nothing in time" : "stopped in the middle of its answer");
        break;
    case HF_FLIGHT_FOREIGN: snprintf(text, room, "no TLS, but %.96s", flight->why); break;
    case HF_FLIGHT_MALFORMED:
        snprintf(text, room, "sent what cannot be read: %.96s", flight->why);
        break;
    case HF_FLIGHT_TOO_LONG:
        snprintf(text, room, "sent more than is read: %.96s", flight->why);
        break;
    case HF_FLIGHT_UNREACHABLE: snprintf(text, room, "could not be reached"); break;
    }
}

/* After ServerHello there is nothing to say of a flight that simply ended; after hf_flight_go_on silence and closing are answers. */
char *hf_flight_words(const hf_flight *flight, char text[HF_FLIGHT_WORDS])
{
    size_t n = answered(flight, text, HF_FLIGHT_WORDS);

    if (n == 0)
        end_words(flight, text, HF_FLIGHT_WORDS);
    else if (flight->end != HF_FLIGHT_DONE && n + 2 < HF_FLIGHT_WORDS) {
        memcpy(text + n, "; ", 3);
        end_words(flight, text + n + 2, HF_FLIGHT_WORDS - n - 2);
    }
    return text;
}
