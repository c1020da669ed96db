/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What can be seen of an engine while it works, compared with the trace: secrets, keys, hashes, openings. */
#include "support/rfc8448.h"

#include <stdio.h>
#include <string.h>

/* ---- secrets of the schedule, where the keys change ---- */

/* RFC 9846 7.1: which secret the schedule has reached, and which messages stand in the transcript. */
static void on_keys(replay_end *end, const hf_trace_event *event)
{
    const hf_handshake *hs = end->conn->engine.hs;
    bool handshake = event->epoch == HF_HANDSHAKE;
    const char *hash_name = event->writer == HF_SERVER ? "transcript_hash_for_c_ap_traffic"
                                                       : "transcript_hash_for_res_master";
    uint8_t hash[HF_HASH_MAX];
    size_t n = hf_hash_len(hs->schedule.hash);

    if (handshake)
        hash_name = "transcript_hash_for_c_hs_traffic";
    const char *secret_name = handshake ? "handshake_secret" : "master_secret";
    replay_compare(end->replay, end->role, secret_name, hf_span_of(hs->schedule.secret, n),
                   replay_value(end->replay, secret_name));
    assert_int_equal(hf_transcript_hash(&hs->transcript, hash), HF_OK);
    replay_compare(end->replay, end->role, hash_name, hf_span_of(hash, n),
                   replay_value(end->replay, hash_name));
    end->stages++;
}

/* ---- keys in use, at each message under them ---- */

static void compare_keys(replay_end *end, const hf_trace_event *event)
{
    const hf_direction *d = event->writer == end->role ? &end->conn->out : &end->conn->in;
    bool application = event->epoch >= HF_APP;
    const char *writer = replay_role(event->writer);
    const char *epoch = application ? "application" : "handshake";
    char name[REPLAY_NAME];

    assert_true(d->is_protected);
    snprintf(name, sizeof name, "%s_%s_key", writer, epoch);
    replay_compare(end->replay, end->role, name,
                   hf_span_of(d->keys.key.key, hf_aead_key_len(d->keys.key.id)),
                   replay_value(end->replay, name));
    snprintf(name, sizeof name, "%s_%s_iv", writer, epoch);
    replay_compare(end->replay, end->role, name, hf_span_of(d->keys.iv, sizeof d->keys.iv),
                   replay_value(end->replay, name));
    end->keys_seen |= 1u << (2 * event->writer + application);
}

/* A message that proves something covers the transcript before itself, and it is told of before it
   is added. */
static void compare_covered(replay_end *end, const hf_trace_event *event)
{
    const char *writer = replay_role(event->writer);
    char name[REPLAY_NAME];
    uint8_t hash[HF_HASH_MAX];

    snprintf(name, sizeof name, "transcript_hash_for_%s_%s", writer, event->name);
    const hf_handshake *hs = end->conn->engine.hs;
    assert_int_equal(hf_transcript_hash(&hs->transcript, hash), HF_OK);
    replay_compare(end->replay, end->role, name,
                   hf_span_of(hash, hf_hash_len(hs->transcript.hash.id)),
                   replay_value(end->replay, name));
}

static void on_message(replay_end *end, const hf_trace_event *event)
{
    if (event->epoch >= HF_HANDSHAKE)
        compare_keys(end, event);
    if (strcmp(event->name, "CertificateVerify") == 0 || strcmp(event->name, "Finished") == 0)
        compare_covered(end, event);
}

/* ---- records of the peer, opened; what this end writes is compared on the wire ---- */

static uint8_t content_type_of(const char *name)
{
    if (strcmp(name, "handshake") == 0)
        return HF_CT_HANDSHAKE;
    return strcmp(name, "alert") == 0 ? HF_CT_ALERT : HF_CT_APPLICATION_DATA;
}

static void on_record(replay_end *end, const hf_trace_event *event)
{
    replay *r = end->replay;
    uint8_t expected = content_type_of(vector_text(r->record, "content_type"));
    const json_t *seq = json_object_get(r->record, "seq");
    uint64_t expected_seq = (uint64_t)json_integer_value(seq);
    uint64_t used = end->conn->in.keys.sequence - 1; /* it has moved on to the next */

    replay_compare(r, end->role, "content type", hf_span_of(&event->content_type, 1),
                   hf_span_of(&expected, 1));
    replay_compare(r, end->role, "content", event->content,
                   vector_hex(&r->file, r->record, "payload"));
    if (seq)
        replay_compare(r, end->role, "sequence number", hf_span_of(&used, sizeof used),
                       hf_span_of(&expected_seq, sizeof expected_seq));
    end->opened++;
}

void replay_watch(void *user, const hf_trace_event *event)
{
    replay_end *end = user;

    if (event->kind == HF_TRACE_KEYS)
        on_keys(end, event);
    else if (event->kind == HF_TRACE_MESSAGE)
        on_message(end, event);
    else if (event->kind == HF_TRACE_RECORD && event->writer != end->role && end->replay->record &&
             event->content.len > 0) /* none: it did not open */
        on_record(end, event);
}

/* ---- the key log (RFC 9850) ---- */

/* The whole line, made from the trace's own hexadecimal: "LABEL <client random> <secret>". */
void replay_watch_keylog(void *user, const char *line)
{
    enum { RANDOM_AT = 2 * (HF_HANDSHAKE_HEADER + 2), RANDOM_DIGITS = 2 * HF_RANDOM };
    static const struct {
        const char *label, *value;
    } rows[] = {
        { "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "secret_c_hs_traffic" },
        { "SERVER_HANDSHAKE_TRAFFIC_SECRET", "secret_s_hs_traffic" },
        { "CLIENT_TRAFFIC_SECRET_0", "secret_c_ap_traffic" },
        { "SERVER_TRAFFIC_SECRET_0", "secret_s_ap_traffic" },
        { "EXPORTER_SECRET", "secret_exp_master" },
    };
    replay_end *end = user;
    const json_t *values = end->replay->values;
    char expected[HF_KEYLOG_LINE];
    size_t i = 0, n = strcspn(line, " ");

    while (i < sizeof rows / sizeof *rows &&
           (strlen(rows[i].label) != n || strncmp(rows[i].label, line, n) != 0))
        i++;
    if (i == sizeof rows / sizeof *rows)
        fail_msg("the key log has a line that the trace does not know: %s", line);
    snprintf(expected, sizeof expected, "%s %.*s %s", rows[i].label, RANDOM_DIGITS,
             vector_text(values, "ClientHello") + RANDOM_AT, vector_text(values, rows[i].value));
    replay_compare(end->replay, end->role, rows[i].value, hf_span_str(line), hf_span_str(expected));
    end->logged |= 1u << i;
}
