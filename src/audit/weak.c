/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the inquiries about known weaknesses begin and end with. */
#include "audit/weak.h"

#include <stdarg.h>
#include <stdio.h>

#include "explain/names.h"

enum { FINISHED = 20, HEARTBEAT = 24, HEARTBEAT_HEADER = 3, RECORD_HEADER = 5 };

/* ---- whom to ask ---- */

hf_seen_version_id hf_weak_version(const hf_seen *seen, hf_seen_version_id oldest)
{
    for (int id = HF_V_TLS12; id >= (int)oldest; id--)
        if (hf_seen_speaks(seen, (hf_seen_version_id)id))
            return (hf_seen_version_id)id;
    return HF_V_COUNT;
}

void hf_weak_idle(hf_inquiry *q, hf_trait_id id, hf_seen_version_id oldest)
{
    bool known = true;

    for (int v = (int)oldest; v <= HF_V_TLS12; v++)
        known = known && q->seen->v[v].spoken != HF_UNKNOWN;
    if (known)
        hf_seen_idle(q->seen, id, "no version is spoken that could have it");
    else
        hf_seen_trait(q->seen, id, HF_UNKNOWN, 0,
                      "nobody could tell which versions that could have it are spoken");
}

void hf_weak_unasked(hf_inquiry *q, hf_trait_id id, const hf_reply *reply)
{
    char words[HF_FLIGHT_WORDS];

    hf_flight_words(reply->flight, words);
    hf_seen_trait(q->seen, id, HF_UNKNOWN, hf_inquiry_evidence(q, reply, "%s", words),
                  "it did not come to the question: %s", words);
}

/* ---- what is said ---- */

bool hf_weak_ask(hf_inquiry *q, hf_ask *ask, const hf_crafted *hello,
                 size_t (*more)(void *user, const hf_flight *flight, uint8_t out[HF_ASK_MORE_MAX],
                                size_t *records))
{
    ask->more = more;
    ask->more_ms = HF_WEAK_PATIENCE_MS;
    ask->user = q;
    return hf_inquiry_say(ask, hello);
}

void hf_weak_record(hf_builder *b, uint8_t type, uint16_t version, hf_span content)
{
    hf_wr_u8(b, type);
    hf_wr_u16(b, version);
    hf_wr_vec16(b, content);
}

void hf_weak_nonsense(hf_builder *b, uint16_t version, size_t len)
{
    hf_wr_u8(b, HF_CT_HANDSHAKE);
    hf_wr_u16(b, version);
    hf_wr_open16(b);
    hf_wr_u8(b, FINISHED);
    hf_wr_open24(b);
    (void)hf_wr_space(b, len);
    hf_wr_close(b);
    hf_wr_close(b);
}

size_t hf_weak_say(hf_weak_said *said, hf_builder *b)
{
    hf_span bytes;

    if (hf_wr_finish(b, &bytes) != HF_OK)
        return 0;
    said->said = true;
    said->n = bytes.len < sizeof said->bytes ? bytes.len : sizeof said->bytes;
    memcpy(said->bytes, bytes.data, said->n);
    return bytes.len;
}

/* ---- what came of it ---- */

hf_weak_answer hf_weak_answer_of(const hf_flight *flight)
{
    hf_weak_answer answer = { .gone =
                                  flight->end == HF_FLIGHT_CLOSED || flight->end == HF_FLIGHT_RESET,
                              .silent = flight->end == HF_FLIGHT_LATE };
    hf_flight_record record;

    for (size_t i = 0; hf_flight_record_at(flight, i, &record); i++) {
        if (record.type != HF_CT_ALERT || answer.alert || answer.strange_alert)
            continue;
        answer.alert = record.len == 2 && record.content.len == 2;
        answer.strange_alert = !answer.alert;
        answer.description = answer.alert ? record.content.data[1] : 0;
    }
    return answer;
}

char *hf_weak_words(const hf_weak_answer *answer, char text[HF_FLIGHT_WORDS])
{
    char name[HF_NAME_ROOM];

    if (answer->alert)
        snprintf(text, HF_FLIGHT_WORDS, "%s (%u)",
                 hf_code_text(HF_NAMES_ALERTS, answer->description, name), answer->description);
    else
        snprintf(text, HF_FLIGHT_WORDS, "%s",
                 answer->strange_alert ? "an encrypted alert"
                 : answer->gone        ? "a closed connection"
                 : answer->silent      ? "silence"
                                       : "something else");
    return text;
}

/* What a heartbeat brings is nobody's to keep. */
static size_t keep(const hf_flight_record *record, uint8_t *out, size_t room)
{
    size_t n = record->content.len;

    if (record->type == HEARTBEAT && n > HEARTBEAT_HEADER)
        n = HEARTBEAT_HEADER;
    if (room < RECORD_HEADER + n)
        return 0;
    out[0] = record->type;
    out[1] = (uint8_t)(record->version >> 8);
    out[2] = (uint8_t)record->version;
    out[3] = (uint8_t)(record->len >> 8);
    out[4] = (uint8_t)record->len;
    if (n > 0)
        memcpy(out + RECORD_HEADER, record->content.data, n);
    return RECORD_HEADER + n;
}

size_t hf_weak_evidence(const hf_inquiry *q, const hf_weak_said *said, const hf_flight *flight,
                        const char *words, ...)
{
    uint8_t received[HF_EVIDENCE_BYTES];
    char text[HF_EVIDENCE_WORDS];
    size_t n = 0;
    hf_flight_record record;
    va_list args;

    va_start(args, words);
    if (vsnprintf(text, sizeof text, words, args) < 0)
        text[0] = '\0';
    va_end(args);
    for (size_t i = 0; hf_flight_record_at(flight, i, &record); i++)
        n += keep(&record, received + n, sizeof received - n);
    return hf_seen_evidence(q->seen, q->row->name, hf_span_of(said->bytes, said->n),
                            hf_span_of(received, n), "%s", text);
}
