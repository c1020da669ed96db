/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* When which secrets are derived, and what the key log hears of them. How is src/keys. */
#include "handshake/engine.h"

void hf_log_secret(hf_engine *e, const char *label, const uint8_t *secret)
{
    char line[HF_KEYLOG_LINE];

    if (!e->config->hooks.keylog)
        return;
    hf_keylog_line(line, label, e->client_random, hf_span_of(secret, hf_hash_len(e->suite->hash)));
    e->config->hooks.keylog(e->config->hooks.user, line);
    hf_wipe(line, sizeof line);
}

static hf_error derive_pair(hf_engine *e, uint8_t out[2][HF_HASH_MAX], const char *client_label,
                            const char *server_label)
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

    TRY(hf_schedule_early(&hs->schedule, e->suite->hash, (hf_span){ NULL, 0 }));
    TRY(hf_schedule_handshake(&hs->schedule, shared_secret));
    TRY(derive_pair(e, hs->traffic, "c hs traffic", "s hs traffic"));
    hf_log_secret(e, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", hs->traffic[HF_CLIENT]);
    hf_log_secret(e, "SERVER_HANDSHAKE_TRAFFIC_SECRET", hs->traffic[HF_SERVER]);
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
    hf_log_secret(e, "CLIENT_TRAFFIC_SECRET_0", s->traffic[HF_CLIENT]);
    hf_log_secret(e, "SERVER_TRAFFIC_SECRET_0", s->traffic[HF_SERVER]);
    hf_log_secret(e, "EXPORTER_SECRET", s->exporter);
    return HF_OK;
}
