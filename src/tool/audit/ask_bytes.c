/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Bytes that an inquiry wrote, and the flight that answers them; perhaps more of both. */
#include "base/bytes.h"
#include "tool/audit/ask_parts.h"

/* What an inquiry wants to send next, now that the flight is over for the time being. */
static void go_on(hf_asking *a, hf_flight_end end)
{
    uint8_t out[HF_ASK_MORE_MAX];
    size_t records = 1, n = 0;

    if (a->ask->more && a->rounds++ < HF_ASK_ROUNDS_MAX)
        n = a->ask->more(a->ask->user, a->flight, out, &records);
    if (n == 0 || n > sizeof out) {
        hf_asking_finish(a, end);
        return;
    }
    hf_flight_go_on(a->flight, records);
    hf_asking_write(a, hf_span_of(out, n));
    hf_asking_patience(a, a->ask->more_ms);
}

static void begin(hf_asking *a)
{
    hf_asking_write(a, hf_span_of(a->ask->bytes, a->ask->len));
}

static void take(hf_asking *a, hf_span bytes)
{
    hf_flight_end end = hf_flight_feed(a->flight, bytes);

    if (end == HF_FLIGHT_DONE)
        go_on(a, end);
    else if (end != HF_FLIGHT_OPEN)
        hf_asking_finish(a, end);
}

static void ended(hf_asking *a, int error)
{
    hf_asking_finish(a, error == UV_EOF ? HF_FLIGHT_CLOSED : HF_FLIGHT_RESET);
}

/* Silence is an answer to what was sent after the flight. */
static void impatient(hf_asking *a)
{
    a->asked.patience = true;
    hf_flight_ended(a->flight, HF_FLIGHT_LATE);
    go_on(a, HF_FLIGHT_LATE);
}

const hf_ask_kind_ops hf_ask_bytes_ops = { begin, take, ended, impatient };
