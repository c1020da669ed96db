/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * From a key log to open records. Which keys a writer uses is the follower's to say; where it could not see a message because it
 * stayed closed, the secrets of later epochs are tried, as a server tries them on what follows refused early data. What opens
 * under a key was sealed with it: such a trial is no guess.
 */
#include "explain/dissect.h"

#include "explain/names.h"

enum {
    HELLOS_MAX = 16
}; /* that a key log is searched for: a capture may hold any number, and so may a key log of lines */

/* Of the tape, which has those of this connection. */
static const hf_tape_secret *secret_of(const hf_dissection *d, const char *label)
{
    const hf_keylog own = { .secrets = d->tape->secrets, .n = d->tape->n_secrets };

    return hf_keylog_find(&own, label, d->client_random);
}

/* RFC 9850 2 */
const char *hf_dissect_label(const hf_dissection *d, hf_role writer, uint8_t epoch)
{
    bool client = writer == HF_CLIENT;

    if (d->f.version != 0 && d->f.version <= HF_TLS12)
        return "CLIENT_RANDOM";
    switch (epoch) {
    case HF_EARLY: return "CLIENT_EARLY_TRAFFIC_SECRET";
    case HF_HANDSHAKE:
        return client ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET" : "SERVER_HANDSHAKE_TRAFFIC_SECRET";
    default: return client ? "CLIENT_TRAFFIC_SECRET_0" : "SERVER_TRAFFIC_SECRET_0";
    }
}

/* ---- the tape's own secrets ---- */

static bool same_secret(const hf_tape_secret *a, const hf_tape_secret *b)
{
    return strcmp(a->label, b->label) == 0 && a->len == b->len &&
           memcmp(a->client_random, b->client_random, HF_RANDOM) == 0 &&
           memcmp(a->secret, b->secret, a->len) == 0;
}

static bool has_secret(const hf_tape *tape, const hf_tape_secret *secret)
{
    for (size_t i = 0; i < tape->n_secrets; i++)
        if (same_secret(&tape->secrets[i], secret))
            return true;
    return false;
}

void hf_dissect_secrets(hf_dissection *d)
{
    if (d->hellos++ >= HELLOS_MAX)
        return;
    for (size_t i = 0; d->keylog && i < d->keylog->n; i++) {
        const hf_tape_secret *secret = &d->keylog->secrets[i];
        if (memcmp(secret->client_random, d->client_random, HF_RANDOM) == 0 &&
            !has_secret(d->tape, secret) && !hf_tape_add_secret(d->tape, secret))
            return;
    }
}

/* ---- keys ---- */

static const hf_suite *suite_of(const hf_dissection *d, uint16_t version)
{
    const hf_suite *suite = hf_suite_of(d->f.cipher_suite);

    return suite && suite->version == version && d->f.version == version ? suite : NULL;
}

static bool keys13(hf_traffic *keys, const hf_suite *suite, const hf_tape_secret *secret)
{
    return suite && secret && secret->len == hf_hash_len(suite->hash) &&
           hf_traffic_keys(keys, suite, secret->secret) == HF_OK;
}

static bool keys12(const hf_dissection *d, hf_role writer, hf_traffic *keys)
{
    const hf_suite *suite = suite_of(d, HF_TLS12);
    const hf_tape_secret *master = secret_of(d, "CLIENT_RANDOM");
    hf_secrets s = { .hash = HF_NO_HASH };

    if (!suite || !master || master->len != HF_MASTER_SECRET)
        return false;
    s.hash = suite->hash;
    memcpy(s.master_secret, master->secret, HF_MASTER_SECRET);
    memcpy(s.client_random, d->client_random, HF_RANDOM);
    memcpy(s.server_random, d->server_random, HF_RANDOM);
    hf_error e = hf_traffic_keys12(keys, suite, &s, writer);
    hf_wipe(&s, sizeof s);
    return e == HF_OK;
}

/* Of an epoch that has a secret in the key log; that secret is kept for the generation after it. */
static bool logged_keys13(const hf_dissection *d, hf_role writer, uint8_t epoch, hf_traffic *keys,
                          uint8_t kept[HF_TAPE_SECRET_MAX])
{
    const hf_tape_secret *secret = secret_of(d, hf_dissect_label(d, writer, epoch));

    if (!keys13(keys, suite_of(d, HF_TLS13), secret))
        return false;
    memcpy(kept, secret->secret, secret->len);
    return true;
}

/* RFC 9846 7.2 */
static bool next_keys13(const hf_dissection *d, hf_dissected *side)
{
    const hf_suite *suite = suite_of(d, HF_TLS13);

    return suite && hf_next_traffic_secret(suite->hash, side->secret) == HF_OK &&
           hf_traffic_keys(&side->traffic, suite, side->secret) == HF_OK;
}

/* RFC 5246 6.2.3.1: up to TLS 1.2 a suite without encryption puts a MAC behind the content, and that is all. Its length stands in
   the suite's name, at the end; that of TLS_NULL_WITH_NULL_NULL is none. */
static bool find_bare(const hf_dissection *d, size_t *mac_len)
{
    static const struct {
        const char *hash;
        size_t len;
    } macs[] = { { "_MD5", 16 }, { "_SHA", 20 }, { "_SHA256", 32 }, { "_SHA384", 48 } };
    const char *name = hf_name_of(HF_NAMES_SUITES, d->f.cipher_suite);

    *mac_len = 0;
    if (!name || d->f.version == 0 || d->f.version > HF_TLS12 ||
        !hf_suite_is_null(d->f.cipher_suite))
        return false;
    for (size_t i = 0; i < sizeof macs / sizeof *macs; i++)
        if (strcmp(strrchr(name, '_'), macs[i].hash) == 0)
            *mac_len = macs[i].len;
    return true;
}

void hf_dissect_rekey(hf_dissection *d, hf_role writer, uint8_t before)
{
    hf_dissected *side = &d->side[writer];
    bool was_ready = side->ready;

    if (before == HF_EARLY) {
        side->early = side->traffic;
        side->early_ready = side->ready;
    }
    side->opened_one = false;
    side->bare = find_bare(d, &side->mac_len);
    if (d->f.version != 0 && d->f.version <= HF_TLS12)
        side->ready = keys12(d, writer, &side->traffic);
    else if (side->epoch == HF_HANDSHAKE || side->epoch == HF_APP)
        side->ready = logged_keys13(d, writer, side->epoch, &side->traffic, side->secret);
    else if (side->epoch > HF_APP)
        side->ready = was_ready && next_keys13(d, side);
    else
        side->ready = false;
}

/* ---- records ---- */

static hf_error open_with(hf_dissection *d, hf_traffic *keys, hf_span record, hf_opened *out)
{
    if (record.len > sizeof d->copy)
        return HF_E_RECORD_OVERFLOW;
    memcpy(d->copy, record.data, record.len);
    hf_error e = hf_record_open(d->aead, keys, d->copy, record.len, HF_PLAINTEXT_MAX + 1,
                                &out->type, &out->content);
    if (e == HF_E_NO_MEMORY)
        d->failed = e;
    out->opened = e == HF_OK;
    return e;
}

/* Its suite is that of the session, which nobody has said aloud yet (RFC 9846 4.3.10): the one that opens it. */
static void find_early_keys(hf_dissection *d, hf_traffic *keys, bool *ready, hf_span record,
                            hf_opened *out)
{
    const hf_tape_secret *secret = secret_of(d, "CLIENT_EARLY_TRAFFIC_SECRET");
    const hf_suite *suite;
    hf_traffic trial;

    for (size_t i = 0; secret && !*ready && (suite = hf_suite_row(i)) != NULL; i++)
        if (suite->version == HF_TLS13 && keys13(&trial, suite, secret) &&
            open_with(d, &trial, record, out) == HF_OK) {
            *keys = trial;
            *ready = true;
        }
    hf_wipe(&trial, sizeof trial);
}

/* Early data that comes when the follower has passed it: its sender did not know yet that it is refused. */
static void open_late(hf_dissection *d, hf_dissected *side, hf_span record, hf_opened *out)
{
    bool found = false;

    if (!side->early_ready) {
        find_early_keys(d, &side->early, &side->early_ready, record, out);
        found = side->early_ready;
    }
    if (side->early_ready && !found)
        open_with(d, &side->early, record, out);
    if (out->opened)
        out->epoch = HF_EARLY;
}

/* A later epoch, if one of the key log's secrets opens the record. */
static void open_ahead(hf_dissection *d, hf_role writer, hf_span record, hf_opened *out)
{
    hf_dissected *side = &d->side[writer];
    uint8_t first = side->epoch < HF_HANDSHAKE ? HF_HANDSHAKE : (uint8_t)(side->epoch + 1);
    uint8_t secret[HF_TAPE_SECRET_MAX];
    hf_traffic trial;

    for (uint8_t epoch = first; epoch <= HF_APP && !out->opened; epoch++)
        if (logged_keys13(d, writer, epoch, &trial, secret) &&
            open_with(d, &trial, record, out) == HF_OK) {
            hf_dissect_epoch(d, writer, epoch);
            side->traffic = trial;
            side->ready = side->opened_one = true;
            out->epoch = epoch;
        }
    hf_wipe(&trial, sizeof trial);
    hf_wipe(secret, sizeof secret);
}

/* Under the keys that are the writer's now; the error, if there are any and they do not open it. */
static hf_error open_now(hf_dissection *d, hf_dissected *side, hf_span record, hf_opened *out)
{
    hf_error e = HF_OK;

    if (side->epoch == HF_EARLY && !side->ready)
        find_early_keys(d, &side->traffic, &side->ready, record, out);
    else if (side->ready)
        e = open_with(d, &side->traffic, record, out);
    side->opened_one |= out->opened;
    return e;
}

/* After ServerHello nothing is protected by less than the handshake's keys, but for early data: of that there is no more once
   the client has answered a retry. The message that says so, EncryptedExtensions, may have stayed closed. */
static void leave_plain(hf_dissection *d, hf_role writer)
{
    if (d->f.version == HF_TLS13 && d->side[writer].epoch == HF_PLAIN &&
        d->side[HF_SERVER].epoch >= HF_HANDSHAKE)
        hf_dissect_epoch(d, writer, HF_HANDSHAKE);
}

/* The MAC is not judged: its key may not be here. */
static bool open_bare(hf_dissection *d, hf_role writer, hf_span record, hf_opened *out)
{
    const hf_dissected *side = &d->side[writer];
    size_t around = HF_RECORD_HEADER + side->mac_len;

    if (!side->bare || record.len < around)
        return false;
    hf_dissect_bare(d, writer);
    *out = (hf_opened){ .opened = true,
                        .type = record.data[0],
                        .epoch = side->epoch,
                        .content = { record.data + HF_RECORD_HEADER, record.len - around } };
    return true;
}

hf_opened hf_dissect_open(hf_dissection *d, hf_role writer, hf_span record)
{
    hf_dissected *side = &d->side[writer];

    leave_plain(d, writer);
    hf_opened out = { .type = record.data[0], .epoch = side->epoch };
    bool v13 = d->f.version == HF_TLS13, early = d->f.facts & HF_F_EARLY_OFFERED;
    if (open_bare(d, writer, record, &out))
        return out;
    hf_error e = open_now(d, side, record, &out);

    if (!out.opened && v13 && e != HF_E_RECORD_OVERFLOW)
        open_ahead(d, writer, record, &out);
    if (!out.opened && writer == HF_CLIENT && early && side->epoch != HF_EARLY && !side->opened_one)
        open_late(d, side, record, &out);
    if (!out.opened)
        out.type = record.data[0];
    if (!out.opened && e != HF_OK)
        hf_dissect_bad(d, writer, e);
    else if (!out.opened)
        hf_dissect_closed(d, writer);
    return out;
}
