/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* When which secrets are derived, and what the key log hears of them. How is src/keys. */
#include "handshake/engine.h"

void hf_log_secret(hf_engine *e, const char *label, hf_span secret)
{
    char line[HF_KEYLOG_LINE];

    if (!e->config->hooks.keylog)
        return;
    hf_keylog_line(line, label, e->client_random, secret);
    e->config->hooks.keylog(e->config->hooks.user, line);
    hf_wipe(line, sizeof line);
}

static void log_traffic(hf_engine *e, const char *label, const uint8_t *secret)
{
    hf_log_secret(e, label, hf_span_of(secret, hf_hash_len(e->suite->hash)));
}

static hf_error derive_pair(hf_engine *e, uint8_t out[2][HF_SUITE_HASH_MAX],
                            const char *client_label, const char *server_label)
{
    uint8_t transcript[HF_HASH_MAX];
    hf_hash_id id = e->suite->hash;

    TRY(hf_transcript_hash(&e->hs->transcript, transcript));
    TRY(hf_derive_secret(id, e->hs->schedule.secret, client_label, transcript, out[HF_CLIENT]));
    return hf_derive_secret(id, e->hs->schedule.secret, server_label, transcript, out[HF_SERVER]);
}

/* RFC 9846 7.1, after ServerHello. */
hf_error hf_derive_handshake(hf_engine *e, hf_span shared_secret)
{
    hf_handshake *hs = e->hs;

    TRY(hf_schedule_early(&hs->schedule, e->suite->hash, hf_span_of(hs->psk, hs->psk_len)));
    TRY(hf_schedule_handshake(&hs->schedule, shared_secret));
    TRY(derive_pair(e, hs->traffic, "c hs traffic", "s hs traffic"));
    log_traffic(e, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", hs->traffic[HF_CLIENT]);
    log_traffic(e, "SERVER_HANDSHAKE_TRAFFIC_SECRET", hs->traffic[HF_SERVER]);
    return HF_OK;
}

/* … and after the server's Finished. */
hf_error hf_derive_application(hf_engine *e)
{
    uint8_t transcript[HF_HASH_MAX];
    hf_handshake *hs = e->hs;
    hf_secrets *s = &e->secrets;

    s->hash = e->suite->hash;
    TRY(hf_schedule_main(&hs->schedule));
    TRY(derive_pair(e, s->traffic, "c ap traffic", "s ap traffic"));
    TRY(hf_transcript_hash(&hs->transcript, transcript));
    TRY(hf_derive_secret(s->hash, hs->schedule.secret, "exp master", transcript, s->exporter));
    log_traffic(e, "CLIENT_TRAFFIC_SECRET_0", s->traffic[HF_CLIENT]);
    log_traffic(e, "SERVER_TRAFFIC_SECRET_0", s->traffic[HF_SERVER]);
    log_traffic(e, "EXPORTER_SECRET", s->exporter);
    return HF_OK;
}

/* TLS 1.2, once ClientKeyExchange stands in the transcript (RFC 5246 8.1, RFC 7627 4). */
hf_error hf_derive_master(hf_engine *e, uint8_t *premaster, size_t len)
{
    uint8_t hash[HF_HASH_MAX];
    hf_span session_hash = { NULL, 0 };
    hf_secrets *s = &e->secrets;

    if (e->info.extended_main_secret) {
        TRY(hf_transcript_hash(&e->hs->transcript, hash));
        session_hash = hf_span_of(hash, hf_hash_len(e->suite->hash));
    }
    hf_error error = hf_master_secret(s, hf_span_of(premaster, len), session_hash);
    hf_wipe(premaster, len);
    TRY(error);
    hf_log_secret(e, "CLIENT_RANDOM", hf_span_of(s->master_secret, HF_MASTER_SECRET));
    return HF_OK;
}
