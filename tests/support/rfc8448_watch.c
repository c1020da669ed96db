/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What can be seen of an engine while it works, compared with the trace: secrets, keys, hashes, openings. */
#include "handshake/hello.h"
#include "support/rfc8448.h"

#include <stdio.h>
#include <string.h>

/* ---- secrets of the schedule, where the keys change ---- */

/* What only early data has: from the PSK and the ClientHello alone. */
static void on_early_keys(replay_end *end)
{
    const hf_handshake *hs = end->conn->engine.hs;
    uint8_t hash[HF_HASH_MAX], empty[HF_HASH_MAX], binder_key[HF_HASH_MAX];
    size_t n = hf_hash_len(hs->schedule.hash);

    assert_int_equal(hf_hash_once(hs->schedule.hash, hs->hello_message, hash), HF_OK);
    assert_int_equal(hf_hash_once(hs->schedule.hash, hf_span_of(NULL, 0), empty), HF_OK);
    assert_int_equal(
        hf_derive_secret(hs->schedule.hash, hs->schedule.secret, "res binder", empty, binder_key),
        HF_OK);
    const struct {
        const char *name;
        const uint8_t *bytes;
    } rows[] = { { "early_secret", hs->schedule.secret },
                 { "binder_key", binder_key },
                 { "secret_c_e_traffic", hs->early_traffic },
                 { "transcript_hash_for_c_e_traffic", hash },
                 { "transcript_hash_for_e_exp_master", hash } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        replay_compare(end->replay, end->role, rows[i].name, hf_span_of(rows[i].bytes, n),
                       replay_value(end->replay, rows[i].name));
    end->stages++;
}

/* After early data the client's handshake keys come last, when the schedule is done already. */
static bool is_after_early_data(const replay_end *end, const hf_trace_event *event)
{
    return event->writer == HF_CLIENT && event->epoch == HF_HANDSHAKE &&
           replay_resumes(end->replay);
}

/* RFC 9846 7.1: which secret the schedule has reached, and which messages stand in the transcript. */
static void on_keys(replay_end *end, const hf_trace_event *event)
{
    const hf_handshake *hs = end->conn->engine.hs;
    bool late = is_after_early_data(end, event);
    bool handshake = event->epoch == HF_HANDSHAKE && !late;
    const char *hash_name = event->writer == HF_SERVER ? "transcript_hash_for_c_ap_traffic"
                                                       : "transcript_hash_for_res_master";
    uint8_t hash[HF_HASH_MAX];
    size_t n = hf_hash_len(hs->schedule.hash);

    if (handshake)
        hash_name = "transcript_hash_for_c_hs_traffic";
    if (late)
        hash_name = "transcript_hash_for_client_Finished";
    const char *secret_name = handshake ? "handshake_secret" : "master_secret";
    replay_compare(end->replay, end->role, secret_name, hf_span_of(hs->schedule.secret, n),
                   replay_value(end->replay, secret_name));
    assert_int_equal(hf_transcript_hash(&hs->transcript, hash), HF_OK);
    replay_compare(end->replay, end->role, hash_name, hf_span_of(hash, n),
                   replay_value(end->replay, hash_name));
    end->stages++;
}

/* ---- keys in use, at each message under them ---- */

static const char *epoch_name(unsigned epoch)
{
    return epoch == HF_EARLY ? "early" : epoch == HF_HANDSHAKE ? "handshake" : "application";
}

static void compare_keys(replay_end *end, const hf_trace_event *event)
{
    const hf_direction *d = event->writer == end->role ? &end->conn->out : &end->conn->in;
    const char *writer = replay_role(event->writer);
    const char *epoch = epoch_name(event->epoch);
    unsigned bit = event->epoch == HF_EARLY ? 4u : 2u * event->writer + (event->epoch >= HF_APP);
    char name[REPLAY_NAME];

    assert_true(d->is_protected);
    snprintf(name, sizeof name, "%s_%s_key", writer, epoch);
    replay_compare(end->replay, end->role, name,
                   hf_span_of(d->keys.key.key, hf_aead_key_len(d->keys.key.id)),
                   replay_value(end->replay, name));
    snprintf(name, sizeof name, "%s_%s_iv", writer, epoch);
    replay_compare(end->replay, end->role, name, hf_span_of(d->keys.iv, sizeof d->keys.iv),
                   replay_value(end->replay, name));
    end->keys_seen |= 1u << bit;
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

/* The binder that the client's engine makes for the trace's ClientHello; the server's checks the one that came. */
static void compare_binder(replay_end *end, const hf_trace_event *event)
{
    const hf_handshake *hs = end->conn->engine.hs;
    uint8_t binder[HF_HASH_MAX];

    if (end->role != HF_CLIENT || !replay_resumes(end->replay))
        return;
    hf_span partial =
        hf_span_of(event->bytes.data, replay_value(end->replay, "ClientHello_without_binders").len);
    assert_int_equal(hs->n_psks, 1);
    assert_int_equal(hf_make_binder(&end->conn->engine, &hs->psks[0], partial, binder), HF_OK);
    replay_compare(end->replay, end->role, "psk_binder",
                   hf_span_of(binder, hf_hash_len(hs->psks[0].hash)),
                   replay_value(end->replay, "psk_binder"));
}

static void on_message(replay_end *end, const hf_trace_event *event)
{
    if (event->epoch >= HF_EARLY)
        compare_keys(end, event);
    if (strcmp(event->name, "ClientHello") == 0)
        compare_binder(end, event);
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

    if (event->kind == HF_TRACE_KEYS && event->epoch == HF_EARLY)
        on_early_keys(end);
    else if (event->kind == HF_TRACE_KEYS)
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
        { "CLIENT_EARLY_TRAFFIC_SECRET", "secret_c_e_traffic" },
        { "EARLY_EXPORTER_SECRET", "secret_e_exp_master" },
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
