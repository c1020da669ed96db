/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Bytes for the peer. Handshake messages of a flight share records: one stays open at the end of the
 * buffer until the keys change, something else is written, or the flight leaves. Records are sealed
 * where they stand.
 */
#include "conn/conn.h"

#include "base/listen.h"

enum { FIRST_VERSION = 0x0301, WIRE_FIRST = 2048, PARTS_MAX = 16 };

/* ---- the buffer ---- */

/* What was sent makes room for what comes: else a peer that never empties the buffer would let it
   grow with all that was ever sent. */
static void drop_sent(hf_conn *c)
{
    if (c->wire_start == 0)
        return;
    memmove(c->wire, c->wire + c->wire_start, c->wire_len - c->wire_start);
    c->wire_len -= c->wire_start;
    c->open_at -= c->record_open ? c->wire_start : 0;
    c->wire_start = 0;
}

static hf_error make_room(hf_conn *c, size_t more)
{
    size_t cap = c->wire_cap ? c->wire_cap : WIRE_FIRST;

    if (c->wire_cap - c->wire_len >= more)
        return HF_OK;
    drop_sent(c);
    if (c->wire_cap - c->wire_len >= more)
        return HF_OK;
    while (cap < c->wire_len + more)
        cap *= 2;
    uint8_t *bigger = hf_block_take(&c->worker->blocks, cap);
    if (!bigger)
        return HF_E_NO_MEMORY;
    if (c->wire_len > 0)
        memcpy(bigger, c->wire, c->wire_len);
    hf_block_give(&c->worker->blocks, c->wire, c->wire_cap, c->wire_cap);
    c->wire = bigger;
    c->wire_cap = cap;
    return HF_OK;
}

/* Bytes that may leave: not those of a record that is still open. */
size_t hf_out_ready(const hf_conn *c)
{
    return (c->record_open ? c->open_at : c->wire_len) - c->wire_start;
}

hf_span hf_conn_wire_out(hf_conn *c)
{
    if (c->dirty && !c->failed)
        hf_conn_drive(c);
    return hf_span_of(c->wire ? c->wire + c->wire_start : NULL, hf_out_ready(c));
}

/* More cannot have left than there was: a caller's -1 is not believed. */
void hf_conn_wire_sent(hf_conn *c, size_t len)
{
    if (len > hf_out_ready(c))
        return;
    c->wire_start += len;
    c->engine.info.bytes_out += len;
    if (c->wire_start >= c->wire_len)
        hf_out_drop_all(c);
}

/* ---- records ---- */

/* Content bytes that a record may hold (RFC 9846 5.1#14, 5.2#1, 5.4#6): ours, and what the peer allows (RFC 8449 4 counts the type too). */
static size_t record_room(const hf_conn *c)
{
    size_t room = c->max_record;
    size_t peer = c->engine.peer_record_limit;

    if (peer > 0 && c->out.keys.version == HF_TLS13)
        peer--;
    if (c->out.is_protected && peer > 0 && peer < room)
        room = peer;
    return room;
}

static size_t padding_for(hf_conn *c, uint8_t type, size_t len)
{
    const hf_hooks *hooks = &c->engine.config->hooks;
    size_t room = record_room(c), want;

    if (!hooks->padding || !c->out.is_protected || c->out.keys.version != HF_TLS13 || len >= room)
        return 0;
    want = hooks->padding(hooks->user, type, len);
    return want < room - len ? want : room - len;
}

/* RFC 9846 5.1#12 #16, E.5#8: a first ClientHello says 0x0301, everything else 0x0303. */
static uint16_t plain_version(const hf_conn *c, uint8_t type)
{
    bool first = c->engine.role == HF_CLIENT && !c->first_record_sent;

    return first && type == HF_CT_HANDSHAKE ? FIRST_VERSION : HF_TLS12;
}

/* Sealing overwrites the content, so a trace gets a copy of it. No memory for one: no event. */
static uint8_t *copy_for_trace(const hf_conn *c, const hf_span *parts, size_t n, size_t len)
{
    uint8_t *copy = hf_listens(c->engine.trace) ? hf_alloc(len) : NULL, *to = copy;

    for (size_t i = 0; copy && i < n; to += parts[i++].len)
        memcpy(to, parts[i].data, parts[i].len);
    return copy;
}

static void tell_record(hf_conn *c, uint8_t type, size_t out_len, uint8_t *copy, size_t len)
{
    if (!copy)
        return;
    hf_conn_tell(c, HF_TRACE_RECORD, c->engine.role, type,
                 hf_span_of(c->wire + c->wire_len, out_len), hf_span_of(copy, len), "record");
    hf_free_secret(copy, len);
}

/* Writes one whole record. */
static hf_error put_padded(hf_conn *c, uint8_t type, const hf_span *parts, size_t n, size_t len,
                           size_t padding)
{
    size_t out_len = HF_RECORD_HEADER + len;

    TRY(make_room(c, HF_RECORD_OVERHEAD + len + padding));
    uint8_t *at = c->wire + c->wire_len, *copy = copy_for_trace(c, parts, n, len);
    if (c->out.is_protected && type != HF_CT_CHANGE_CIPHER_SPEC) {
        hf_error e =
            hf_record_seal(c->worker->aead, &c->out.keys, type, parts, n, padding, at, &out_len);
        if (e != HF_OK) {
            hf_free_secret(copy, len);
            return e;
        }
    } else {
        hf_record_header_write(at, type, plain_version(c, type), len);
        uint8_t *to = at + HF_RECORD_HEADER;
        for (size_t i = 0; i < n; to += parts[i++].len)
            memmove(to, parts[i].data, parts[i].len);
    }
    tell_record(c, type, out_len, copy, len);
    c->wire_len += out_len;
    c->first_record_sent = true;
    c->ccs_sent = c->ccs_sent || type == HF_CT_CHANGE_CIPHER_SPEC;
    c->ccs_last = type == HF_CT_CHANGE_CIPHER_SPEC;
    return HF_OK;
}

static hf_error put_record(hf_conn *c, uint8_t type, const hf_span *parts, size_t n, size_t len)
{
    return put_padded(c, type, parts, n, len, padding_for(c, type, len));
}

/* Room is made, and the padding asked for, once and before the content is uncounted: the buffer may move, and what it
   does not count stays behind. */
hf_error hf_out_close_record(hf_conn *c)
{
    if (!c->record_open)
        return HF_OK;
    size_t len = c->wire_len - c->open_at - HF_RECORD_HEADER;
    size_t padding = padding_for(c, HF_CT_HANDSHAKE, len);
    hf_error e = make_room(c, HF_RECORD_OVERHEAD + padding);
    hf_out_drop_record(c);
    TRY(e);
    hf_span content = hf_span_of(c->wire + c->open_at + HF_RECORD_HEADER, len);
    return put_padded(c, HF_CT_HANDSHAKE, &content, 1, len, padding);
}

/* Nothing more leaves: what was not sent is forgotten. */
void hf_out_drop_all(hf_conn *c)
{
    hf_block_give(&c->worker->blocks, c->wire, c->wire_cap, c->wire_cap);
    c->wire = NULL;
    c->wire_start = c->wire_len = c->wire_cap = 0;
    c->record_open = false;
}

void hf_out_drop_record(hf_conn *c)
{
    if (c->record_open)
        c->wire_len = c->open_at;
    c->record_open = false;
}

/* Keys that cannot be made were not announced: else an alert would have to be protected by them (RFC 5246 7.1). */
void hf_out_drop_ccs(hf_conn *c)
{
    size_t len = HF_RECORD_HEADER + 1;

    if (c->ccs_last && !c->out.is_protected && c->wire_len - c->wire_start >= len)
        c->wire_len -= len;
    c->ccs_last = false;
}

static hf_error open_record(hf_conn *c)
{
    TRY(make_room(c, HF_RECORD_HEADER));
    c->open_at = c->wire_len;
    c->wire_len += HF_RECORD_HEADER;
    c->record_open = true;
    return HF_OK;
}

/* No record is opened for nothing (RFC 9846 5.1#8, 5.4#2). */
static hf_error put_handshake(hf_conn *c, hf_span bytes)
{
    while (bytes.len > 0) {
        if (!c->record_open)
            TRY(open_record(c));
        size_t used = c->wire_len - c->open_at - HF_RECORD_HEADER, room = record_room(c);
        room = room > used ? room - used : 0; /* the limit may have been lowered meanwhile */
        size_t n = bytes.len < room ? bytes.len : room;
        TRY(make_room(c, n));
        memcpy(c->wire + c->wire_len, bytes.data, n);
        c->wire_len += n;
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
        if (n == room)
            TRY(hf_out_close_record(c));
    }
    return HF_OK;
}

/* Only what the engine and this floor name is written (RFC 9846 5#4), and nothing into a message (5.1#2 #3 #9 #10 #11). */
hf_error hf_out_write(void *conn, uint8_t type, hf_span bytes)
{
    hf_conn *c = conn;

    if (c->out.closed)
        return HF_OK; /* nothing follows close_notify (RFC 5246 7.2.1, RFC 9846 6.1) */
    if (type == HF_CT_HANDSHAKE)
        return put_handshake(c, bytes);
    TRY(hf_out_close_record(c));
    return put_record(c, type, &bytes, 1, bytes.len);
}

/* RFC 9846 E.4: a change_cipher_spec stands before a client's first protected bytes, and if it gives up after ServerHello
   these are its alert. */
static bool owes_ccs(const hf_conn *c)
{
    const hf_script *s = &c->engine.script;

    return s->role == HF_CLIENT && s->epoch[s->role] == HF_HANDSHAKE && s->facts & HF_F_COMPAT &&
           c->out.is_protected && c->out.keys.version == HF_TLS13 && !c->ccs_sent;
}

/* RFC 9846 6#3, 6.1#2: close_notify and user_canceled are warnings, all else is fatal. */
hf_error hf_out_alert(hf_conn *c, hf_alert alert)
{
    bool warning = alert == HF_ALERT_close_notify || alert == HF_ALERT_user_canceled;
    const uint8_t bytes[2] = { warning ? 1 : 2, (uint8_t)alert }, ccs = 1;

    if (owes_ccs(c))
        TRY(hf_out_write(c, HF_CT_CHANGE_CIPHER_SPEC, hf_span_of(&ccs, 1)));
    hf_conn_tell(c, HF_TRACE_MESSAGE, c->engine.role, HF_CT_ALERT, hf_span_of(bytes, 2),
                 (hf_span){ NULL, 0 }, "Alert");
    return hf_out_write(c, HF_CT_ALERT, hf_span_of(bytes, 2));
}

/* ---- application data ---- */

/* RFC 9846 5.5#1: keys are renewed before their limit; 4.7.3#5: an update that the peer asked for is due now. */
static hf_error renew_keys(hf_conn *c)
{
    const hf_traffic *keys = &c->out.keys;
    bool used_up = keys->limit - keys->sequence <= 4, old = hf_conn_keys_are_old(c);

    if (!c->connected || (!used_up && !old && !c->engine.update_owed))
        return HF_OK;
    if (!hf_conn_may_renew(c)) { /* what is left of the keys says goodbye */
        hf_conn_fail_with(c, HF_E_KEY_LIMIT, HF_ALERT_close_notify);
        return HF_E_KEY_LIMIT;
    }
    return hf_conn_key_update(c, used_up || hf_conn_peer_keys_are_old(c));
}

/* Early data is counted as it is sent. */
static size_t room_for_data(const hf_conn *c)
{
    const hf_script *s = &c->engine.script;
    size_t room = record_room(c), left = c->engine.early_left;

    return s->epoch[s->role] == HF_EARLY && left < room ? left : room;
}

static void count_early(hf_conn *c, size_t len)
{
    const hf_script *s = &c->engine.script;

    if (s->epoch[s->role] == HF_EARLY)
        c->engine.early_left -= (uint32_t)len;
}

/* Cuts the next record's content from the parts; at and skip say how far they are used. */
static size_t next_parts(const hf_iovec *iov, size_t n_iov, size_t *at, size_t *skip, size_t room,
                         hf_span *parts, size_t *n)
{
    size_t len = 0;

    for (*n = 0; *at < n_iov && *n < PARTS_MAX && len < room; ++*at, *skip = 0) {
        size_t have = iov[*at].len - *skip, want = have < room - len ? have : room - len;
        if (want > 0)
            parts[(*n)++] = hf_span_of((const uint8_t *)iov[*at].base + *skip, want);
        len += want;
        if (want < have) {
            *skip += want;
            break;
        }
    }
    return len;
}

size_t hf_conn_data_in(hf_conn *c, const hf_iovec *iov, int n_iov)
{
    hf_span parts[PARTS_MAX];
    size_t at = 0, skip = 0, n = 0, taken = 0;

    while (n_iov > 0 && hf_conn_wants(c, NULL) & HF_WANT_CAN_SEND) {
        if (renew_keys(c) != HF_OK)
            break;
        size_t len = next_parts(iov, (size_t)n_iov, &at, &skip, room_for_data(c), parts, &n);
        if (len == 0)
            break;
        hf_error e = hf_out_close_record(c);
        if (e == HF_OK)
            e = put_record(c, HF_CT_APPLICATION_DATA, parts, n, len);
        if (e != HF_OK) {
            hf_conn_fail(c, e);
            break;
        }
        count_early(c, len);
        taken += len;
    }
    c->engine.info.data_out += taken;
    return taken;
}
