/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Summaries of the messages that make keys, end the handshake with them, renew them, or keep them for later. */
#include "explain/words.h"

#include <inttypes.h>

/* ---- TLS 1.2: ServerKeyExchange and ClientKeyExchange ---- */

static void say_curve_share(const hf_telling *t)
{
    hf_server_key_exchange ske;
    hf_fault fault;
    hf_reader r = hf_body_reader(t->step, &fault);
    hf_phrase *p = t->out;

    hf_server_key_exchange_read(&r, &t->step->wire, &ske);
    hf_phrase_add(p, "sends a fresh key share");
    if (fault.code != HF_OK || !hf_exchange_is_read(t->step))
        return;
    hf_phrase_add(p, " of ");
    hf_phrase_name(p, HF_NAMES_GROUPS, ske.named_curve);
    if (t->after.exchange == HF_EXCHANGE_ECDHE_PSK) {
        hf_phrase_add(p, ", not signed: the pre-shared key vouches for both ends");
        return;
    }
    hf_phrase_add(p, ", and a signature over it and both randoms, ");
    hf_phrase_name(p, HF_NAMES_SCHEMES, ske.algorithm);
    hf_phrase_add(p, ": so it is the certificate's owner's, and made for this connection");
}

void hf_tell_server_key_exchange(const hf_telling *t)
{
    switch (t->after.exchange) {
    case HF_EXCHANGE_ECDHE:
    case HF_EXCHANGE_ECDHE_PSK: say_curve_share(t); break;
    case HF_EXCHANGE_DHE:
        hf_phrase_add(t->out, "sends a prime, a generator and a fresh key share of Diffie-Hellman, "
                              "signed with both randoms");
        break;
    case HF_EXCHANGE_ANON:
        hf_phrase_add(t->out, "sends a fresh key share that nobody signed: it could be anybody's");
        break;
    case HF_EXCHANGE_PSK:
    case HF_EXCHANGE_RSA_PSK: hf_phrase_add(t->out, "hints which pre-shared key is meant"); break;
    default: hf_phrase_add(t->out, "sends what the key exchange needs"); break;
    }
}

static void say_identity(const hf_telling *t)
{
    hf_client_key_exchange cke;
    hf_fault fault;
    hf_reader r = hf_body_reader(t->step, &fault);

    hf_client_key_exchange_read(&r, &t->step->wire, &cke);
    hf_phrase_add(t->out, "names the pre-shared key");
    if (fault.code == HF_OK && hf_exchange_is_read(t->step) && hf_kx_is_psk(t->step->wire.kx)) {
        hf_phrase_add(t->out, ", ");
        hf_phrase_quote(t->out, cke.psk_identity);
    }
}

void hf_tell_client_key_exchange(const hf_telling *t)
{
    static const char share[] = "sends its own fresh key share: who made one of the two can "
                                "compute the premaster secret, and "
                                "nobody else";

    switch (t->after.exchange) {
    case HF_EXCHANGE_RSA:
        hf_phrase_add(t->out, "sends the premaster secret, 48 bytes of its making, encrypted to "
                              "the RSA key of the certificate: "
                              "only its private key opens it, today or in years");
        break;
    case HF_EXCHANGE_PSK:
    case HF_EXCHANGE_RSA_PSK: say_identity(t); break;
    case HF_EXCHANGE_ECDHE_PSK:
    case HF_EXCHANGE_DHE_PSK:
        say_identity(t);
        hf_phrase_add(t->out, ", and sends a fresh key share");
        break;
    case HF_EXCHANGE_UNKNOWN: hf_phrase_add(t->out, "sends its half of the key exchange"); break;
    default: hf_phrase_add(t->out, "%s", share); break;
    }
}

/* ---- both versions ---- */

void hf_tell_finished(const hf_telling *t)
{
    const char *writer = hf_end_name(t->step->writer),
               *reader = hf_end_name(hf_other(t->step->writer));
    bool tls13 = hf_is_13(t->step->version);

    if (tls13 && t->step->epoch >= HF_APP)
        hf_phrase_add(
            t->out,
            "ends the client's answer with a MAC over the handshake, the request and the answer");
    else if (tls13)
        hf_phrase_add(t->out,
                      "a MAC over the whole handshake so far, under a key made from "
                      "%s_handshake_traffic_secret: the %s "
                      "sees that nobody changed a byte",
                      writer, reader);
    else
        hf_phrase_add(t->out,
                      "made from the master secret and a hash of all messages: the %s sees that "
                      "nobody changed one",
                      reader);
}

void hf_tell_key_update(const hf_telling *t)
{
    hf_key_update update;
    hf_fault fault;
    hf_reader r = hf_body_reader(t->step, &fault);

    hf_key_update_read(&r, &t->step->wire, &update);
    hf_phrase_add(t->out, "renews the %s's keys: its next record is under the next generation",
                  hf_end_name(t->step->writer));
    if (fault.code == HF_OK && update.request_update == 1)
        hf_phrase_add(t->out, "; asks the %s to do the same",
                      hf_end_name(hf_other(t->step->writer)));
}

/* ---- tickets ---- */

static void say_time(hf_phrase *p, uint32_t seconds)
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

    if (seconds >= DAY && seconds % DAY == 0)
        hf_phrase_count(p, seconds / DAY, "day");
    else if (seconds >= HOUR && seconds % HOUR == 0)
        hf_phrase_count(p, seconds / HOUR, "hour");
    else if (seconds >= MINUTE && seconds % MINUTE == 0)
        hf_phrase_count(p, seconds / MINUTE, "minute");
    else
        hf_phrase_count(p, seconds, "second");
}

static void say_ticket12(hf_phrase *p, const hf_new_session_ticket *ticket)
{
    if (ticket->ticket.len == 0) {
        hf_phrase_add(p, "empty: after all the server hands out no ticket");
        return;
    }
    hf_phrase_add(p, "hands out a ticket, with which the client can resume this session");
    if (ticket->ticket_lifetime > 0) {
        hf_phrase_add(p, " within ");
        say_time(p, ticket->ticket_lifetime);
    } else {
        hf_phrase_add(p, "; for how long is not said");
    }
}

static void say_ticket13(hf_phrase *p, const hf_new_session_ticket *ticket)
{
    hf_phrase_add(p, "hands out a ticket, with which the client can resume");
    if (ticket->ticket_lifetime > 0) {
        hf_phrase_add(p, " within ");
        say_time(p, ticket->ticket_lifetime);
    } else {
        hf_phrase_add(p, ": but at once it is too old, and is thrown away");
    }
    if (ticket->ext.present & HF_EXT_BIT(early_data))
        hf_phrase_add(p, "; up to %" PRIu32 " bytes of early data may go with it",
                      ticket->ext.max_early_data_size);
}

void hf_tell_ticket(const hf_telling *t)
{
    hf_new_session_ticket ticket;
    hf_fault fault;
    hf_reader r = hf_body_reader(t->step, &fault);

    hf_new_session_ticket_read(&r, &t->step->wire, &ticket);
    if (fault.code != HF_OK)
        hf_phrase_add(t->out, "hands out a ticket that cannot be read to its end");
    else if (t->step->wire.version == HF_TLS12)
        say_ticket12(t->out, &ticket);
    else
        say_ticket13(t->out, &ticket);
}
