/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A session as bytes, in the presentation language of RFC 5246 4:
 *
 *     enum { false(0), true(1) } Boolean;
 *     int64 is eight bytes in two's complement, most significant first
 *
 *     struct {
 *         uint16 format = 2;
 *         uint16 version;
 *         uint16 cipher_suite;
 *         Boolean extended_main_secret;
 *         opaque secret<0..64>;
 *         int64 created;               from 0
 *         int64 expires;               from 0
 *         int64 chain_expires;
 *         opaque context[32];
 *         opaque server_name<0..255>;
 *         opaque alpn<0..255>;
 *         opaque peer_subject<0..2^10>;
 *         opaque peer_sans<0..2^10>;
 *         opaque peer_fingerprint<0..255>;
 *         int64 peer_not_after;
 *         uint32 ticket_age_add;
 *         uint32 max_early_data;
 *         uint64 issued_ms;
 *         opaque early_id[16];
 *         opaque endpoint<0..2^9>;
 *         opaque verify_name<0..2^9>;
 *         opaque session_id<0..32>;
 *         opaque ticket<0..2^14>;
 *     } Session;
 *
 * The three texts of the peer have at most HF_SESSION_PEER_MAX bytes together, the whole at most
 * HF_SESSION_MAX; without a client's last four it fits into HF_SESSION_STATE_MAX. Whatever reads
 * writes back byte for byte. The writer keeps the same bounds, so that it makes nothing that would
 * not be read.
 */
#include "keys/session.h"

enum { FORMAT = 2, SHORT_MAX = 255, NAME_MAX_LEN = 512 };

/* ---- writing ---- */

static void refuse(hf_builder *b)
{
    if (b->error == HF_OK)
        b->error = HF_E_LIMIT;
}

static void write_time(hf_builder *b, int64_t seconds)
{
    if (seconds < 0)
        refuse(b);
    hf_wr_u64(b, (uint64_t)seconds);
}

static void write_vec8(hf_builder *b, hf_span bytes, size_t max)
{
    if (bytes.len > max)
        refuse(b);
    hf_wr_vec8(b, bytes);
}

static void write_vec16(hf_builder *b, hf_span bytes, size_t max)
{
    if (bytes.len > max)
        refuse(b);
    hf_wr_vec16(b, bytes);
}

static size_t peer_len(const hf_session *s)
{
    return s->peer_subject.len + s->peer_sans.len + s->peer_fingerprint.len;
}

static void write_terms(hf_builder *b, const hf_session *s)
{
    hf_wr_u16(b, s->version);
    hf_wr_u16(b, s->cipher_suite);
    hf_wr_u8(b, s->extended_main_secret);
    if (s->secret_len > HF_HASH_MAX)
        refuse(b);
    else
        hf_wr_vec8(b, hf_span_of(s->secret, s->secret_len));
    write_time(b, s->created);
    write_time(b, s->expires);
    hf_wr_u64(b, (uint64_t)s->chain_expires);
    hf_wr_bytes(b, hf_span_of(s->context, sizeof s->context));
}

static void write_peer(hf_builder *b, const hf_session *s)
{
    write_vec16(b, s->peer_subject, HF_SESSION_PEER_MAX);
    write_vec16(b, s->peer_sans, HF_SESSION_PEER_MAX);
    write_vec8(b, s->peer_fingerprint, SHORT_MAX);
    if (peer_len(s) > HF_SESSION_PEER_MAX)
        refuse(b);
    hf_wr_u64(b, (uint64_t)s->peer_not_after);
}

static void write_ticket_terms(hf_builder *b, const hf_session *s)
{
    hf_wr_u32(b, s->ticket_age_add);
    hf_wr_u32(b, s->max_early_data);
    hf_wr_u64(b, s->issued_ms);
    hf_wr_bytes(b, hf_span_of(s->early_id, sizeof s->early_id));
}

void hf_session_write(hf_builder *b, const hf_session *session)
{
    size_t start = b->len;

    hf_wr_u16(b, FORMAT);
    write_terms(b, session);
    write_vec8(b, session->server_name, SHORT_MAX);
    write_vec8(b, session->alpn, SHORT_MAX);
    write_peer(b, session);
    write_ticket_terms(b, session);
    write_vec16(b, session->endpoint, NAME_MAX_LEN);
    write_vec16(b, session->verify_name, NAME_MAX_LEN);
    write_vec8(b, session->session_id, HF_SESSION_ID);
    write_vec16(b, session->ticket, HF_SESSION_MAX);
    if (b->len - start > HF_SESSION_MAX)
        refuse(b);
}

/* ---- reading ---- */

static void check(hf_reader *r, bool good, const char *field)
{
    if (!good)
        hf_rd_refuse(r, HF_E_SESSION_DAMAGED, 0, field, "out of range");
}

static uint64_t read_u64(hf_reader *r, const char *field)
{
    uint64_t high = hf_rd_u32(r, field);

    return high << 32 | hf_rd_u32(r, field);
}

/* Conversion to int64_t keeps the bits: what two's complement machines do. */
static int64_t read_int64(hf_reader *r, const char *field)
{
    return (int64_t)read_u64(r, field);
}

static int64_t read_time(hf_reader *r, const char *field)
{
    int64_t seconds = read_int64(r, field);

    check(r, seconds >= 0, field);
    return seconds;
}

static void read_secret(hf_reader *r, hf_session *s)
{
    hf_span secret = hf_rd_vec8(r, 0, HF_HASH_MAX, "secret");

    if (secret.len > 0)
        memcpy(s->secret, secret.data, secret.len);
    s->secret_len = (uint8_t)secret.len;
}

static void read_terms(hf_reader *r, hf_session *s)
{
    s->version = hf_rd_u16(r, "version");
    s->cipher_suite = hf_rd_u16(r, "cipher_suite");
    uint8_t extended = hf_rd_u8(r, "extended_main_secret");
    check(r, extended <= 1, "extended_main_secret");
    s->extended_main_secret = extended == 1;
    read_secret(r, s);
    s->created = read_time(r, "created");
    s->expires = read_time(r, "expires");
    s->chain_expires = read_int64(r, "chain_expires");
    hf_rd_copy(r, s->context, sizeof s->context, "context");
}

static void read_peer(hf_reader *r, hf_session *s)
{
    s->peer_subject = hf_rd_vec16(r, 0, HF_SESSION_PEER_MAX, "peer_subject");
    s->peer_sans = hf_rd_vec16(r, 0, HF_SESSION_PEER_MAX, "peer_sans");
    s->peer_fingerprint = hf_rd_vec8(r, 0, SHORT_MAX, "peer_fingerprint");
    check(r, peer_len(s) <= HF_SESSION_PEER_MAX, "peer_fingerprint");
    s->peer_not_after = read_int64(r, "peer_not_after");
}

static void read_ticket_terms(hf_reader *r, hf_session *s)
{
    s->ticket_age_add = hf_rd_u32(r, "ticket_age_add");
    s->max_early_data = hf_rd_u32(r, "max_early_data");
    s->issued_ms = read_u64(r, "issued_ms");
    hf_rd_copy(r, s->early_id, sizeof s->early_id, "early_id");
}

static void read_all(hf_reader *r, hf_session *s)
{
    check(r, hf_rd_u16(r, "format") == FORMAT, "format");
    read_terms(r, s);
    s->server_name = hf_rd_vec8(r, 0, SHORT_MAX, "server_name");
    s->alpn = hf_rd_vec8(r, 0, SHORT_MAX, "alpn");
    read_peer(r, s);
    read_ticket_terms(r, s);
    s->endpoint = hf_rd_vec16(r, 0, NAME_MAX_LEN, "endpoint");
    s->verify_name = hf_rd_vec16(r, 0, NAME_MAX_LEN, "verify_name");
    s->session_id = hf_rd_vec8(r, 0, HF_SESSION_ID, "session_id");
    s->ticket = hf_rd_vec16(r, 0, HF_SESSION_MAX, "ticket");
    hf_rd_end(r);
}

hf_error hf_session_read(hf_span bytes, hf_session *session)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(bytes, "Session", 0, &fault, NULL);

    *session = (hf_session){ 0 };
    check(&r, bytes.len <= HF_SESSION_MAX, "ticket");
    read_all(&r, session);
    if (fault.code == HF_OK)
        return HF_OK;
    hf_wipe(session, sizeof *session);
    return HF_E_SESSION_DAMAGED;
}
