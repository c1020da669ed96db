/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Alerts: what one means to who receives it, what to try, and the errors of handfast's that it is sent for. */
#include <string.h>
#include <strings.h>

#include <handfast/error.h>
#include "tool/explain.h"

enum { FEW = 14, FIRST = 8 }; /* errors that are all told, else so many */

/* Of those that people meet. What its sender saw, most frequent first; and what its receiver can do. */
static const struct {
    hf_alert alert;
    const char *means, *attempt;
} rows[] = {
    { HF_ALERT_close_notify,
      "the normal end: the other end has said all. In the midst of a handshake: it changed its "
      "mind, "
      "as one does that only looks whether the port is open",
      "nothing at the end of a connection; within a handshake look at the other end's log" },
    { HF_ALERT_unexpected_message,
      "the other end got a message that it did not wait for: one of the two programs is wrong, or "
      "what answers there speaks another protocol or something on the way changes bytes",
      "look which message came right before it: handfast trace HOST:PORT; try --tls 1.2 and --tls "
      "1.3 each alone" },
    { HF_ALERT_bad_record_mac,
      "the other end could not open a record: the keys of the two ends differ, or bytes were "
      "changed "
      "on the way",
      "compare the pre-shared keys if there are any; try by another way (no proxy, another "
      "network)" },
    { HF_ALERT_record_overflow,
      "the other end got a record that is longer than it takes: often bytes that were no TLS at "
      "all",
      "see whether the port speaks TLS from the first byte, or wants --starttls" },
    { HF_ALERT_handshake_failure,
      "the other end found nothing that both can do: no cipher suite, group or signature scheme in "
      "common; or it wanted a client certificate or a pre-shared key; or it has no certificate "
      "for this name",
      "each version alone: --tls 1.2, --tls 1.3; the right name: --servername NAME; a certificate, "
      "if "
      "the server knows its clients by one: --cert FILE --key FILE; what can be offered: handfast "
      "list" },
    { HF_ALERT_bad_certificate,
      "the other end does not accept the certificate that this side showed: it is for another "
      "name, "
      "damaged, wrongly signed, or signed by a CA that may not do that",
      "check it as the other end does: handfast cert verify --name NAME --ca CA FILE" },
    { HF_ALERT_unsupported_certificate,
      "the certificate is of a kind that the other end does not take: its key, or what it may be "
      "used "
      "for (a server's certificate shown by a client)",
      "look at its key and its extKeyUsage: handfast cert inspect FILE" },
    { HF_ALERT_certificate_revoked,
      "the CA has taken back its word for the certificate, as a rule since its key may be known to "
      "others",
      "get a new certificate for a new key; the old one stays refused" },
    { HF_ALERT_certificate_expired,
      "the certificate, or one of its CAs', is past its last day or before its first; or one of "
      "the "
      "two clocks is wrong",
      "look at the dates: handfast cert inspect FILE; and at the clock: date -u; renew the "
      "certificate, and reload the program that shows it" },
    { HF_ALERT_certificate_unknown,
      "the other end does not accept the certificate and does not say why; browsers send it when "
      "somebody has not clicked through their warning, others for an unknown CA",
      "check it as the other end does: handfast cert verify --name NAME --ca CA FILE" },
    { HF_ALERT_illegal_parameter,
      "the other end found a field that may not be so, or that does not fit to another one: one of "
      "the two programs is wrong",
      "see the fields: handfast trace -v HOST:PORT; report it to who makes the one at fault" },
    { HF_ALERT_unknown_ca,
      "the other end does not know the CA of your certificate, or an intermediate certificate was "
      "not "
      "sent along",
      "have the chain sent in full (leaf, then intermediates); or give the other end the CA: "
      "--ca FILE here, --client-ca FILE in a server" },
    { HF_ALERT_access_denied,
      "the certificate or key is good, but who it belongs to may not come in",
      "have the other end's list of those who may enter changed; TLS itself is in order" },
    { HF_ALERT_decode_error,
      "the other end could not read a message: lengths that do not fit, or bytes left over; one of "
      "the two programs is wrong",
      "see the bytes: handfast trace -vv HOST:PORT; report it to who makes the one at fault" },
    { HF_ALERT_decrypt_error,
      "a signature, a Finished or the binder of a pre-shared key was wrong for the other end: not "
      "the "
      "same key on both sides, or the messages were changed on the way",
      "compare the pre-shared keys; see that certificate and private key belong together; remove "
      "an "
      "old --session file" },
    { HF_ALERT_protocol_version,
      "the other end speaks no version of TLS that was offered: as a rule it is too old (TLS 1.0 "
      "or "
      "1.1 alone), or was told to speak only the newest",
      "offer the other version: --tls 1.2 or --tls 1.3; handfast speaks none that is older" },
    { HF_ALERT_insufficient_security,
      "the other end finds what was offered too weak: suites, groups or keys",
      "offer stronger ones: --policy modern, or other --ciphers and --groups" },
    { HF_ALERT_internal_error,
      "the other end has a trouble of its own, such as a key that it cannot use or no memory; many "
      "servers also send it when they have no certificate for the name",
      "look at the other end's log; try another name: --servername NAME" },
    { HF_ALERT_user_canceled,
      "the other end stopped before the handshake was complete, by its own will: a user, or a "
      "program "
      "that ended",
      "try again; if it comes each time, look at the other end's log" },
    { HF_ALERT_unrecognized_name, "the server has no site of the name that was asked for (SNI)",
      "ask for another name: --servername NAME; or have the server's configuration name this one" },
    { HF_ALERT_unknown_psk_identity, "the server knows no pre-shared key of that name",
      "compare the names on both sides: the word before the colon in --psk-file; handfast uses the "
      "first, or that of --psk-identity" },
    { HF_ALERT_certificate_required,
      "the server lets in only clients that show a certificate, and got none; in TLS 1.3 it comes "
      "after the client believes that it is connected",
      "show one: --cert FILE --key FILE; a CA that the server trusts must have signed it" },
    { HF_ALERT_no_application_protocol,
      "the server speaks none of the protocols that were offered inside TLS (ALPN)",
      "offer others, or none: --alpn http/1.1" },
};

static void add_advice(hf_entry *entry, int number)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if ((int)rows[i].alert == number) {
            hf_entry_line(entry, "received", "%s", rows[i].means);
            hf_entry_line(entry, "try", "%s", rows[i].attempt);
        }
}

static bool is_sent_for(int e, int number)
{
    return (int)hf_error_row_of((hf_error)e)->alert == number;
}

static size_t count_errors(int number)
{
    size_t n = 0;

    for (int e = 1; e < HF_ERROR_COUNT; e++)
        n += is_sent_for(e, number);
    return n;
}

static void add_errors(hf_entry *entry, int number, bool all)
{
    size_t count = count_errors(number), told = all || count <= FEW ? count : FIRST, n = 0;
    const char *first = NULL;

    for (int e = 1; e < HF_ERROR_COUNT && n < told; e++) {
        if (!is_sent_for(e, number))
            continue;
        const hf_error_row *row = hf_error_row_of((hf_error)e);
        hf_entry_line(entry, "sent for", "%s: %s", row->name, row->sentence);
        if (!first && strcasecmp(row->name, hf_alert_name(number)) != 0) /* that one stands above */
            first = row->name;
        n++;
    }
    if (told < count)
        hf_entry_line(entry, "sent for", "and %zu more: handfast explain -v %s", count - told,
                      hf_alert_name(number));
    if (first)
        hf_entry_line(entry, "next", "handfast explain %s", first);
    else
        hf_entry_line(entry, "next", "handfast trace HOST:PORT shows after which message it comes");
}

void hf_explain_alert(hf_entry *entry, int number, bool all)
{
    if (strcmp(hf_alert_name(number), "unknown") == 0) {
        hf_entry_line(entry, "handfast", "never sends it");
        return;
    }
    hf_entry_line(entry, "says", "%s", hf_alert_words(number));
    add_advice(entry, number);
    add_errors(entry, number, all);
}
