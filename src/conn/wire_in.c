/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Bytes of the peer: cut into records, opened in place, and handed on by content type. A record is
 * opened only while the engine waits for the peer, and while no data is outstanding.
 */
#include "conn/conn.h"

#include "base/listen.h"

enum { PARTIAL_FIRST = 256 };

/* ---- by content type ---- */

static hf_error on_handshake(hf_conn *c, hf_span content)
{
    if (content.len == 0) /* RFC 9846 5.1#8, 5.4#3 */
        return HF_E_RECORD_EMPTY;
    if (!c->in.is_protected)
        c->skip_early = false; /* the second ClientHello: early data has ended (RFC 9846 4.3.10) */
    c->warnings = 0;
    c->dirty = true;
    return hf_engine_feed(&c->engine, content);
}

/* RFC 9846 5#2: exactly the byte 1, in the clear; whether it may come now is the script's question (5#3). */
static hf_error on_change_cipher_spec(hf_conn *c, hf_span content)
{
    if (content.len != 1 || content.data[0] != 1)
        return HF_E_CCS_CONTENT;
    if (c->connected)
        return HF_E_CCS_UNEXPECTED;
    if (++c->ccs_records > HF_CCS_MAX)
        return HF_E_CCS_FLOOD;
    c->dirty = true;
    return hf_engine_feed_ccs(&c->engine);
}

static bool is_early(const hf_conn *c)
{
    return c->engine.script.epoch[!c->engine.role] == HF_EARLY;
}

/* RFC 9846 4.3.10#10: max_early_data_size counts content, not padding. */
static hf_error count_early(hf_conn *c, size_t len)
{
    if (!is_early(c))
        return HF_OK;
    if (len > c->engine.early_left)
        return HF_E_EARLY_DATA_LIMIT;
    c->engine.early_left -= (uint32_t)len;
    return HF_OK;
}

static hf_error on_data(hf_conn *c, hf_span content)
{
    const hf_script *s = &c->engine.script;

    if (hf_engine_mid_message(&c->engine)) /* RFC 9846 5.1#2 #3 */
        return HF_E_INTERLEAVED;
    if (!hf_script_data_flows(s, (hf_role)!s->role))
        return HF_E_UNEXPECTED_DATA;
    if (content.len == 0)
        return ++c->empty_records > HF_EMPTY_RECORDS_MAX ? HF_E_EMPTY_RECORD_FLOOD : HF_OK;
    c->empty_records = 0;
    c->warnings = 0;
    c->engine.post_messages = 0;
    TRY(count_early(c, content.len));
    c->engine.info.data_in += content.len;
    c->data = content;
    hf_conn_event(c, is_early(c) ? HF_EVENT_EARLY_DATA : HF_EVENT_DATA);
    return HF_OK;
}

/* RFC 9846 4.3.10#4: as much as any ticket of ours could allow, also one from before the settings changed. What protects it does not
   count, but no record is for nothing. `len` is of the ciphertext. */
static hf_error skip_early_record(hf_conn *c, size_t len)
{
    size_t around = 1 + HF_AEAD_TAG;

    c->skipped += len > around ? len - around : 1;
    return c->skipped > HF_EARLY_SKIP_MAX ? HF_E_EARLY_SKIP_LIMIT : HF_OK;
}

/* ---- protected and plain records ---- */

/* RFC 8449 4: TLS 1.3 counts the content type, TLS 1.2 has none inside. Early data was written before the client heard of our
   limit. */
static size_t inner_limit(const hf_conn *c)
{
    size_t limit = HF_PLAINTEXT_MAX + (c->in.keys.version == HF_TLS13);
    size_t ours = c->engine.config->policy.record_size_limit;
    bool agreed = c->engine.size_limit_agreed && !is_early(c);

    return agreed && ours < limit ? ours : limit;
}

static hf_error by_type(hf_conn *c, uint8_t type, hf_span content)
{
    switch (type) {
    case HF_CT_HANDSHAKE: return on_handshake(c, content);
    case HF_CT_ALERT: return hf_in_alert(c, content);
    case HF_CT_APPLICATION_DATA: return on_data(c, content);
    default: return HF_E_RECORD_TYPE; /* RFC 9846 5#2 #5: an inner change_cipher_spec too */
    }
}

static void tell_record(hf_conn *c, uint8_t type, hf_span record, hf_span content)
{
    hf_conn_tell(c, HF_TRACE_RECORD, (hf_role)!c->engine.role, type, record, content, "record");
}

static hf_error open_told(hf_conn *c, uint8_t *record, size_t len, hf_span as_sent)
{
    uint8_t type = HF_CT_APPLICATION_DATA;
    hf_span content = { NULL, 0 };
    hf_error e =
        hf_record_open(c->worker->aead, &c->in.keys, record, len, inner_limit(c), &type, &content);

    tell_record(c, type, as_sent, content);
    if (e == HF_E_RECORD_MAC && c->skip_early) /* RFC 9846 4.3.10 */
        return skip_early_record(c, len - HF_RECORD_HEADER);
    /* else it is the end, of accepted early data too (RFC 9846 5.2#3, 4.3.10#10 #11) */
    if (e == HF_E_RECORD_MAC && !c->opened_one) /* RFC 4279 2 */
        return hf_psk_mismatch(&c->engine);
    TRY(e);
    c->skip_early = false;
    c->opened_one = true;
    return by_type(c, type, content);
}

/* A record is opened in place; a trace is shown what was on the wire, so it needs a copy. */
static hf_error open_record(hf_conn *c, uint8_t *record, size_t len)
{
    uint8_t *copy = hf_listens(c->engine.trace) ? hf_copy(hf_span_of(record, len)) : NULL;
    hf_error e = open_told(c, record, len, hf_span_of(copy, copy ? len : 0));

    hf_free(copy);
    return e;
}

static hf_error plain_record(hf_conn *c, uint8_t type, hf_span content)
{
    tell_record(c, type,
                hf_span_of(content.data - HF_RECORD_HEADER, content.len + HF_RECORD_HEADER),
                content);
    if (type == HF_CT_CHANGE_CIPHER_SPEC)
        return on_change_cipher_spec(c, content);
    if (type == HF_CT_APPLICATION_DATA)
        return c->skip_early ? skip_early_record(c, content.len) : HF_E_UNEXPECTED_DATA;
    return by_type(c, type, content);
}

/* With reading keys installed, only these come in the clear: the compatibility change_cipher_spec, and
   the alert of a peer that had no keys yet (RFC 9846 5, A.1). */
static hf_error take_record(hf_conn *c, uint8_t *record, size_t len)
{
    hf_span content = hf_span_of(record + HF_RECORD_HEADER, len - HF_RECORD_HEADER);
    uint8_t type = record[0];
    bool is_protected = c->in.is_protected;

    if (is_protected && c->in.keys.version == HF_TLS12) /* every type is, from the first on */
        return type == HF_CT_CHANGE_CIPHER_SPEC ? HF_E_CCS_UNEXPECTED : open_record(c, record, len);
    if (!is_protected || type == HF_CT_CHANGE_CIPHER_SPEC)
        return plain_record(c, type, content);
    if (type == HF_CT_ALERT && !c->opened_one)
        return plain_record(c, type, content);
    if (type != HF_CT_APPLICATION_DATA)
        return HF_E_RECORD_NOT_PROTECTED;
    return open_record(c, record, len);
}

/* ---- cutting records ---- */

static bool looks_like_text(const uint8_t *bytes)
{
    for (int i = 0; i < HF_RECORD_HEADER; i++)
        if (bytes[i] < ' ' || bytes[i] > '~')
            return false;
    return true;
}

/* Judges the header before the body is there, and says how long the whole record is. */
static hf_error whole_length(const hf_conn *c, const uint8_t *header, size_t *total)
{
    hf_record_header h;
    /* refused early data is protected too */
    uint16_t version = c->in.is_protected ? c->in.keys.version : c->skip_early ? HF_TLS13 : 0;
    hf_error e = hf_record_header_read(&h, header, version);

    if (e == HF_E_RECORD_TYPE && !c->opened_one && looks_like_text(header))
        return HF_E_NOT_TLS;
    *total = HF_RECORD_HEADER + (size_t)h.length;
    if (e == HF_OK && c->engine.info.version == HF_TLS12 && h.version != HF_TLS12)
        return HF_E_RECORD_VERSION_CHANGED; /* RFC 5246 6.2.1 */
    return e;
}

/* Of a record that is refused by its header a trace hears the header. */
static hf_error judge_header(hf_conn *c, const uint8_t *header, size_t *total)
{
    hf_error e = whole_length(c, header, total);

    if (e != HF_OK)
        tell_record(c, header[0], hf_span_of(header, HF_RECORD_HEADER), hf_span_of(NULL, 0));
    return e;
}

void hf_in_release(hf_conn *c)
{
    hf_block_give(&c->worker->blocks, c->partial, c->partial_cap, c->partial_len);
    c->partial = NULL;
    c->partial_len = c->partial_cap = c->partial_total = c->header_len = 0;
    c->data_in_partial = false;
}

/* A header is a promise: only what really came gets room, and as much again. */
static hf_error grow_partial(hf_conn *c, size_t need)
{
    size_t cap = c->partial_cap ? c->partial_cap : PARTIAL_FIRST;

    while (cap < need)
        cap *= 2;
    cap = cap < c->partial_total ? cap : c->partial_total;
    uint8_t *bigger = hf_block_take(&c->worker->blocks, cap);
    if (!bigger)
        return HF_E_NO_MEMORY;
    if (c->partial)
        memcpy(bigger, c->partial, c->partial_len);
    hf_block_give(&c->worker->blocks, c->partial, c->partial_cap, c->partial_len);
    c->partial = bigger;
    c->partial_cap = cap;
    return HF_OK;
}

static hf_error keep_part(hf_conn *c, const uint8_t *bytes, size_t n)
{
    if (c->partial_len + n > c->partial_cap)
        TRY(grow_partial(c, c->partial_len + n));
    memcpy(c->partial + c->partial_len, bytes, n);
    c->partial_len += n;
    return HF_OK;
}

/* Collects the record's header and then its body. */
static hf_error collect(hf_conn *c, const uint8_t *bytes, size_t len, size_t *taken)
{
    while (c->header_len < HF_RECORD_HEADER && *taken < len)
        c->header[c->header_len++] = bytes[(*taken)++];
    if (c->header_len < HF_RECORD_HEADER)
        return HF_OK;
    if (!c->partial) {
        TRY(judge_header(c, c->header, &c->partial_total));
        TRY(keep_part(c, c->header, HF_RECORD_HEADER));
    }
    size_t n = c->partial_total - c->partial_len;
    n = n < len - *taken ? n : len - *taken;
    TRY(keep_part(c, bytes + *taken, n));
    *taken += n;
    return HF_OK;
}

/* One record from our copy of its parts. */
static hf_error take_collected(hf_conn *c, const uint8_t *bytes, size_t len, size_t *taken)
{
    TRY(collect(c, bytes, len, taken));
    if (!c->partial || c->partial_len < c->partial_total)
        return HF_OK;
    hf_error e = take_record(c, c->partial, c->partial_len);
    c->data_in_partial = c->data.len > 0;
    if (!c->data_in_partial)
        hf_in_release(c);
    return e;
}

/* One record from the caller's buffer, or the start of one into ours. */
static hf_error take_next(hf_conn *c, uint8_t *bytes, size_t len, size_t *taken)
{
    size_t total = 0;

    if (c->header_len == 0 && len - *taken >= HF_RECORD_HEADER) {
        TRY(judge_header(c, bytes + *taken, &total));
        if (len - *taken >= total) {
            uint8_t *record = bytes + *taken;
            *taken += total;
            return take_record(c, record, total);
        }
    }
    return take_collected(c, bytes, len, taken);
}

size_t hf_conn_wire_in(hf_conn *c, uint8_t *bytes, size_t len)
{
    size_t taken = 0;
    hf_error e = HF_OK;

    if (c->dirty)
        hf_conn_drive(c);
    while (taken < len && !c->failed && !c->in.closed && c->data.len == 0 && c->run != HF_RUN_JOB) {
        e = take_next(c, bytes, len, &taken);
        if (e != HF_OK)
            hf_conn_fail(c, e);
        else if (c->dirty)
            hf_conn_drive(c);
    }
    if (c->data.len == 0 && (c->failed || c->in.closed))
        taken = len; /* what follows the end is swallowed (RFC 9846 6#1, 6.1#1, 6.2#2) */
    c->engine.info.bytes_in += taken;
    return taken;
}

/* An end that nobody announced is no end of data (RFC 9846 6.1#5). */
void hf_conn_wire_eof(hf_conn *c)
{
    if (c->failed || c->in.closed)
        return;
    c->in.closed = true;
    hf_conn_fail(c, c->connected ? HF_E_TRUNCATED_STREAM : HF_E_CLOSED_IN_HANDSHAKE);
}

hf_span hf_conn_data_out(hf_conn *c)
{
    return c->data;
}

void hf_conn_data_taken(hf_conn *c, size_t len)
{
    size_t n = len < c->data.len ? len : c->data.len;

    if (n == 0)
        return;
    c->data.data += n;
    c->data.len -= n;
    if (c->data.len == 0 && c->data_in_partial)
        hf_in_release(c);
}
