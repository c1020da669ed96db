/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a dissection leaves out or cannot open, and why: each once, in words, with the packet. */
#include "explain/dissect.h"

#include "explain/names.h"

enum { SAMPLE = 24 };

static const char *who(hf_role writer)
{
    return writer == HF_CLIENT ? "the client" : "the server";
}

static unsigned long long number(uint64_t packet)
{
    return (unsigned long long)packet;
}

/* ---- what stays closed ---- */

/* False: it was said already. */
static bool first_time(hf_dissection *d, hf_role writer, unsigned what)
{
    bool first = !(d->side[writer].told & what);

    d->side[writer].told |= what;
    return first;
}

static bool has_own_secrets(const hf_dissection *d)
{
    return d->tape->n_secrets > 0;
}

/* Encrypted messages of TLS 1.3 say when the keys change: who cannot read them does not know. */
static const char *consequence(const hf_dissection *d, hf_role writer)
{
    return d->f.version == HF_TLS13 && d->side[writer].epoch == HF_HANDSHAKE
               ? "; where its application data begins is not seen then, and all of it counts as "
                 "the handshake's"
               : "";
}

static const char *why_not_suite(uint16_t suite)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, suite);

    if (!name)
        return "nobody has registered it";
    if (hf_suite_is_null(suite))
        return "it does not encrypt, but this is not read here";
    if (strstr(name, "_CBC_") || strstr(name, "_RC4_"))
        return "it is none of the AEAD suites (RFC 5246 6.2.3.3)";
    return "handfast does not speak it";
}

static void note_suite(hf_dissection *d)
{
    char name[HF_NAME_ROOM];

    hf_tape_note(d->tape, "packet %llu: records of %s cannot be opened here: %s", number(d->packet),
                 hf_code_text(HF_NAMES_SUITES, d->f.cipher_suite, name),
                 why_not_suite(d->f.cipher_suite));
}

/* The suite is one of ours, and of that version. */
static bool can_open(const hf_dissection *d)
{
    const hf_suite *suite = hf_suite_of(d->f.cipher_suite);

    return suite && suite->version == d->f.version;
}

static void note_version(hf_dissection *d)
{
    char name[HF_NAME_ROOM];

    hf_tape_note(d->tape, "packet %llu: protected records of %s cannot be opened here",
                 number(d->packet), hf_code_text(HF_NAMES_VERSIONS, d->f.version, name));
}

/* Both ends have the same reason then. */
static bool said_for_both(hf_dissection *d)
{
    bool said = (d->side[0].told | d->side[1].told) & HF_TOLD_COMMON;

    d->side[0].told |= HF_TOLD_COMMON;
    return said;
}

static void note_no_keylog(hf_dissection *d, hf_role writer)
{
    hf_tape_note(d->tape,
                 HF_NOTE_NO_KEYLOG ": what is encrypted stays closed%s. Set SSLKEYLOGFILE "
                                   "where the client runs, and give that file",
                 consequence(d, writer));
}

static void note_no_secret(hf_dissection *d, hf_role writer)
{
    hf_tape_note(
        d->tape, HF_NOTE_NO_SECRET "%s for this connection: those records of %s stay closed%s",
        hf_dissect_label(d, writer, d->side[writer].epoch), who(writer), consequence(d, writer));
}

void hf_dissect_closed(hf_dissection *d, hf_role writer)
{
    const uint16_t version = d->f.version;
    bool settled = version != 0, early = d->side[writer].epoch == HF_EARLY;

    if (!first_time(d, writer, early ? HF_TOLD_EARLY : HF_TOLD_CLOSED))
        return;
    if ((early || (settled && can_open(d))) && has_own_secrets(d))
        note_no_secret(d, writer);
    else if (said_for_both(d))
        return;
    else if (settled && version != HF_TLS12 && version != HF_TLS13)
        note_version(d);
    else if (settled && !can_open(d))
        note_suite(d);
    else if (!settled && d->side[HF_CLIENT].epoch == HF_PLAIN)
        hf_tape_note(d->tape,
                     "packet %llu: %s sends protected records, but their handshake is not in "
                     "the capture: they stay closed",
                     number(d->packet), who(writer));
    else
        note_no_keylog(d, writer);
}

void hf_dissect_bare(hf_dissection *d, hf_role writer)
{
    char name[HF_NAME_ROOM];

    if (first_time(d, writer, HF_TOLD_BARE) &&
        first_time(d, writer == HF_CLIENT ? HF_SERVER : HF_CLIENT, HF_TOLD_BARE))
        hf_tape_note(
            d->tape,
            "packet %llu: records of %s are NOT encrypted: what is in them is read without "
            "keys, and their MACs are not checked",
            number(d->packet), hf_code_text(HF_NAMES_SUITES, d->f.cipher_suite, name));
}

void hf_dissect_bad(hf_dissection *d, hf_role writer, hf_error why)
{
    const hf_dissected *side = &d->side[writer];

    if (!first_time(d, writer, HF_TOLD_BAD))
        return;
    if (why != HF_E_RECORD_MAC)
        hf_tape_note(d->tape, "packet %llu: a record of %s stays closed: %s", number(d->packet),
                     who(writer), hf_error_row_of(why)->sentence);
    else if (side->opened_one)
        hf_tape_note(
            d->tape,
            "packet %llu: a record of %s does not open, although those before it did: it was "
            "changed on its way, or one is missing",
            number(d->packet), who(writer));
    else
        hf_tape_note(d->tape, "packet %llu: %s" HF_NOTE_BAD_SECRET "%s wrote", number(d->packet),
                     hf_dissect_label(d, writer, side->epoch), who(writer));
}

/* ---- what is left out ---- */

static bool is_text(hf_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if ((bytes.data[i] < ' ' || bytes.data[i] > '~') && bytes.data[i] != '\r' &&
            bytes.data[i] != '\n' && bytes.data[i] != '\t')
            return false;
    return bytes.len > 0;
}

/* Up to the end of its first line. */
static int line_len(hf_span bytes)
{
    int n = 0;

    while ((size_t)n < bytes.len && bytes.data[n] >= ' ' && bytes.data[n] <= '~')
        n++;
    return n;
}

void hf_dissect_no_record(hf_dissection *d, hf_role writer, hf_span rest, uint64_t packet)
{
    hf_span sample = hf_span_of(rest.data, rest.len < SAMPLE ? rest.len : SAMPLE);
    const size_t at = d->side[writer].at;

    if (is_text(sample))
        hf_tape_note(
            d->tape,
            "packet %llu: from byte %zu on %s sends no TLS, but text (\"%.*s\"): %zu bytes "
            "left out",
            number(packet), at, who(writer), line_len(sample), (const char *)sample.data, rest.len);
    else
        hf_tape_note(
            d->tape,
            "packet %llu: from byte %zu on what %s sends is no TLS record (%02x %02x %02x %02x "
            "%02x): %zu bytes left out",
            number(packet), at, who(writer), rest.data[0], rest.data[1], rest.data[2], rest.data[3],
            rest.data[4], rest.len);
}

static void note_rest(hf_dissection *d, hf_role writer)
{
    const hf_dissected *side = &d->side[writer];
    const hf_stream *s = side->stream;
    size_t left = s->len - side->at;
    uint64_t last = s->n_pieces > 0 ? s->pieces[s->n_pieces - 1].packet : 0;

    if (left > 0 && !side->ended)
        hf_tape_note(d->tape,
                     "packet %llu: the last record of %s is not whole: %zu bytes of it left out",
                     number(last), who(writer), left);
}

static void note_end(hf_dissection *d, hf_role writer)
{
    const hf_stream *s = d->side[writer].stream;

    if (s->middle)
        hf_tape_note(d->tape, "the capture began when %s had already sent something", who(writer));
    if (s->gap)
        hf_tape_note(
            d->tape,
            "packet %llu: bytes of %s are missing from the capture: nothing is known of what "
            "came after the first %zu",
            number(s->gap_packet), who(writer), s->len);
    if (s->full)
        hf_tape_note(d->tape, "%s sent more than is looked at: the first %zu bytes", who(writer),
                     s->len);
    if (s->reset)
        hf_tape_note(d->tape, "%s broke the TCP connection off (RST)", who(writer));
}

void hf_dissect_ends(hf_dissection *d)
{
    for (int w = 0; w < 2; w++) {
        note_rest(d, (hf_role)w);
        note_end(d, (hf_role)w);
    }
    if (d->tape->lost > 0)
        hf_tape_note(d->tape, "%zu records or secrets found no room on the tape and were left out",
                     d->tape->lost);
}
