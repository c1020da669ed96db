/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Secret keys in record protection (RFC 9846 5.2, RFC 5246 6.2.3.3) and in tickets (RFC 5077 4): what
 * is sealed and opened, also what does not open, shows nothing of key, IV or session secret.
 */
#include <string.h>

#include "keys/session.h"
#include "record/record.h"
#include "sidechannel/secret.h"

enum { ROOM = 2048, TEXT = 300 };

/* ---- records ---- */

static hf_traffic keys_of(uint16_t version, hf_aead_id id)
{
    hf_traffic t = { .version = version, .key.id = id, .limit = UINT64_MAX };

    memset(t.key.key, 0x11, sizeof t.key.key);
    memset(t.iv, 0x22, sizeof t.iv);
    SECRET(t.key.key);
    SECRET(t.iv);
    return t;
}

/* Two records and a third that was changed: the second finds its key in the context, the third does not open. */
static bool exchange(hf_aead *aead, uint16_t version, hf_aead_id id)
{
    hf_traffic out = keys_of(version, id), in = out;
    uint8_t text[TEXT] = { 1 }, record[ROOM], type = 0;
    hf_span part = hf_span_of(text, sizeof text), content;
    bool good = true;

    for (int i = 0; i < 3; i++) {
        size_t len = 0;
        hf_error e = hf_record_seal(aead, &out, HF_CT_APPLICATION_DATA, &part, 1, 0, record, &len);
        good &= e == HF_OK && len > TEXT;
        record[len - 1] ^= i == 2;
        e = hf_record_open(aead, &in, record, len, HF_PLAINTEXT_MAX, &type, &content);
        good &= e == (i == 2 ? HF_E_RECORD_MAC : HF_OK);
        good &= i == 2 || (type == HF_CT_APPLICATION_DATA && content.len == TEXT &&
                           memcmp(content.data, text, TEXT) == 0);
    }
    hf_aead_forget(aead, &out.key);
    return good;
}

static bool records(const void *about)
{
    static const hf_aead_id all[] = { HF_AES_128_GCM, HF_AES_256_GCM, HF_CHACHA20_POLY1305,
                                      HF_AES_128_CCM, HF_AES_128_CCM_8 };
    uint16_t version = strcmp(about, "1.3") == 0 ? HF_TLS13 : HF_TLS12;
    hf_aead *aead = hf_aead_new();
    bool good = aead != NULL;
    unsigned before = secret_uses.opened;

    for (size_t i = 0; good && i < sizeof all / sizeof *all; i++)
        good = exchange(aead, version, all[i]);
    hf_aead_free(aead);
    return good && secret_uses.opened == before + 15;
}

/* ---- tickets ---- */

static hf_sessions *shared_keys(void)
{
    uint8_t keys[2][HF_TICKET_KEY];
    hf_sessions *sessions = hf_sessions_new(&(hf_sessions_options){ .tickets = true });

    memset(keys, 0x33, sizeof keys);
    keys[1][0] ^= 1; /* another name, which is public */
    secret_mark(keys[0] + 16, HF_TICKET_KEY - 16);
    secret_mark(keys[1] + 16, HF_TICKET_KEY - 16);
    if (sessions &&
        hf_sessions_set_keys(sessions, (const uint8_t(*)[HF_TICKET_KEY])keys, 2) == HF_OK)
        return sessions;
    hf_sessions_free(sessions);
    return NULL;
}

/* What a server remembers of TLS 1.3 with SHA-384; only the secret is one. */
static size_t write_state(uint8_t *state, size_t room)
{
    hf_session s = { .version = HF_TLS13, .cipher_suite = 0x1302, .secret_len = 48, .expires = 9 };
    hf_builder b = hf_wr_start(state, room);

    memset(s.secret, 0x44, s.secret_len);
    secret_mark(s.secret, s.secret_len);
    hf_session_write(&b, &s);
    return b.error == HF_OK ? b.len : 0;
}

static bool is_right(hf_span state)
{
    hf_session s;

    if (hf_session_read(state, &s) != HF_OK || s.secret_len != 48 || !secret_is(s.secret, 48))
        return false;
    secret_publish(s.secret, s.secret_len);
    for (size_t i = 0; i < s.secret_len; i++)
        if (s.secret[i] != 0x44)
            return false;
    return s.version == HF_TLS13 && s.expires == 9;
}

/* One that is right, one that was changed, one of a key that is not there. */
static bool open_all(hf_sessions *sessions, uint8_t *ticket, size_t len)
{
    uint8_t state[HF_SESSION_STATE_MAX];
    bool renew = false, good = true;
    size_t n = 0;

    good &= hf_ticket_open(sessions, 5, hf_span_of(ticket, len), state, &n, &renew) == HF_OK;
    good &= n > 0 && is_right(hf_span_of(state, n));
    ticket[len - 1] ^= 1;
    good &= hf_ticket_open(sessions, 5, hf_span_of(ticket, len), state, &n, &renew) ==
            HF_E_SESSION_DAMAGED;
    ticket[0] ^= 0x80;
    good &= hf_ticket_open(sessions, 5, hf_span_of(ticket, len), state, &n, &renew) ==
            HF_E_SESSION_DAMAGED;
    return good;
}

static bool tickets(const void *about)
{
    hf_sessions *sessions = shared_keys();
    uint8_t state[HF_SESSION_STATE_MAX], ticket[HF_TICKET_MAX];
    size_t n = write_state(state, sizeof state), len = 0;
    unsigned before = secret_uses.opened;

    (void)about;
    bool good = sessions && n > 0 &&
                hf_ticket_seal(sessions, &(hf_random){ NULL, NULL }, 5, hf_span_of(state, n),
                               ticket, &len) == HF_OK &&
                open_all(sessions, ticket, len);
    if (sessions)
        hf_sessions_free(sessions);
    return good && secret_uses.opened == before + 2; /* a name that nobody knows is not tried */
}

/* A master secret in the cache: ids are on the wire. */
static bool cache(const void *about)
{
    hf_sessions *sessions = hf_sessions_new(&(hf_sessions_options){ .entries = 8 });
    uint8_t state[HF_SESSION_STATE_MAX], back[HF_SESSION_STATE_MAX], id[HF_SESSION_ID] = { 1 };
    size_t n = write_state(state, sizeof state), len = 0;

    (void)about;
    bool good = sessions && hf_session_store(sessions, id, hf_span_of(state, n)) == HF_OK &&
                hf_session_find(sessions, hf_span_of(id, sizeof id), back, &len) && len == n &&
                is_right(hf_span_of(back, len));
    hf_sessions_free(sessions);
    return good;
}

int main(void)
{
    static const secret_case cases[] = {
        { "records of TLS 1.3, all AEADs", records, "1.3" },
        { "records of TLS 1.2, all AEADs", records, "1.2" },
        { "tickets are sealed and opened", tickets, NULL },
        { "sessions in the cache", cache, NULL },
    };

    return secret_run(cases, sizeof cases / sizeof *cases, false);
}
