/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "support/audit_flights.h"

#include <assert.h>

enum { FILL = 0x5c, SIGNATURE = 64 };

static void fill(hf_builder *b, size_t n)
{
    uint8_t *at = hf_wr_space(b, n);

    if (at)
        memset(at, FILL, n);
}

void audit_start(audit_flight *f, uint16_t version)
{
    memset(f, 0, sizeof *f);
    f->b = hf_wr_start(f->bytes, sizeof f->bytes);
    f->version = version;
}

hf_span audit_bytes(const audit_flight *f)
{
    assert(f->b.error == HF_OK && f->b.depth == 0);
    return hf_span_of(f->bytes, f->b.len);
}

/* ---- records and messages ---- */

void audit_raw(audit_flight *f, hf_span bytes)
{
    hf_wr_bytes(&f->b, bytes);
}

void audit_record(audit_flight *f, uint8_t type, hf_span content)
{
    hf_wr_u8(&f->b, type);
    hf_wr_u16(&f->b, f->version == HF_TLS13 ? HF_TLS12 : f->version);
    hf_wr_vec16(&f->b, content);
}

void audit_message(audit_flight *f, uint8_t type, hf_span body)
{
    static uint8_t room[AUDIT_FLIGHT_ROOM];
    hf_builder b = hf_wr_start(room, sizeof room);

    hf_wr_u8(&b, type);
    hf_wr_vec24(&b, body);
    assert(b.error == HF_OK);
    for (size_t at = 0; at < b.len;) {
        size_t most = f->record_size > 0 ? f->record_size : 1 << 14;
        size_t n = b.len - at < most ? b.len - at : most;
        audit_record(f, HF_CT_HANDSHAKE, hf_span_of(room + at, n));
        at += n;
    }
}

void audit_alert(audit_flight *f, uint8_t level, uint8_t description)
{
    uint8_t content[2] = { level, description };

    audit_record(f, HF_CT_ALERT, hf_span_of(content, 2));
}

void audit_change_cipher_spec(audit_flight *f)
{
    audit_record(f, HF_CT_CHANGE_CIPHER_SPEC, hf_span_of("\1", 1));
}

/* ---- bodies ---- */

static uint8_t body[AUDIT_FLIGHT_ROOM];

static hf_builder begin(void)
{
    return hf_wr_start(body, sizeof body);
}

static void end(audit_flight *f, uint8_t type, const hf_builder *b)
{
    assert(b->error == HF_OK && b->depth == 0);
    audit_message(f, type, hf_span_of(body, b->len));
}

static void extensions13(hf_builder *b, const audit_server_hello *hello)
{
    hf_wr_u16(b, 43); /* supported_versions */
    hf_wr_open16(b);
    hf_wr_u16(b, HF_TLS13);
    hf_wr_close(b);
    if (hello->group == 0)
        return;
    hf_wr_u16(b, 51); /* key_share */
    hf_wr_open16(b);
    hf_wr_u16(b, hello->group);
    if (!hello->retry) {
        hf_wr_open16(b);
        fill(b, hello->share_len);
        hf_wr_close(b);
    }
    hf_wr_close(b);
}

void audit_hello(audit_flight *f, const audit_server_hello *hello)
{
    uint16_t version = hello->version != 0 ? hello->version : f->version;
    uint8_t random[HF_RANDOM];
    hf_builder b = begin();

    for (uint8_t i = 0; i < HF_RANDOM; i++)
        random[i] = (uint8_t)(0x20 + i);
    const uint8_t *chosen = hello->random ? hello->random : random;
    hf_wr_u16(&b, version == HF_TLS13 ? HF_TLS12 : version);
    hf_wr_bytes(&b, hf_span_of(hello->retry ? hf_retry_random : chosen, HF_RANDOM));
    hf_wr_vec8(&b, hello->session_id);
    hf_wr_u16(&b, hello->suite);
    hf_wr_u8(&b, hello->compression);
    if (version == HF_TLS13 || hello->extensions.len > 0 || hello->with_block) {
        hf_wr_open16(&b);
        if (version == HF_TLS13)
            extensions13(&b, hello);
        hf_wr_bytes(&b, hello->extensions);
        hf_wr_close(&b);
    }
    end(f, 2, &b);
}

void audit_certificate(audit_flight *f, const hf_span *ders, size_t n)
{
    hf_builder b = begin();

    hf_wr_open24(&b);
    for (size_t i = 0; i < n; i++)
        hf_wr_vec24(&b, ders[i]);
    hf_wr_close(&b);
    end(f, 11, &b);
}

void audit_status(audit_flight *f, hf_span response)
{
    hf_builder b = begin();

    hf_wr_u8(&b, HF_STATUS_OCSP);
    hf_wr_vec24(&b, response);
    end(f, 22, &b);
}

static void signature(const audit_flight *f, hf_builder *b, uint16_t scheme)
{
    if (scheme == 0)
        return;
    if (f->version >= HF_TLS12)
        hf_wr_u16(b, scheme);
    hf_wr_open16(b);
    fill(b, SIGNATURE);
    hf_wr_close(b);
}

void audit_ecdhe(audit_flight *f, uint16_t group, size_t point_len, uint16_t scheme)
{
    hf_builder b = begin();

    hf_wr_u8(&b, HF_NAMED_CURVE);
    hf_wr_u16(&b, group);
    hf_wr_open8(&b);
    fill(&b, point_len);
    hf_wr_close(&b);
    signature(f, &b, scheme);
    end(f, 12, &b);
}

void audit_dhe(audit_flight *f, hf_span p, hf_span g, uint16_t scheme)
{
    hf_builder b = begin();

    hf_wr_vec16(&b, p);
    hf_wr_vec16(&b, g);
    hf_wr_open16(&b);
    fill(&b, p.len);
    hf_wr_close(&b);
    signature(f, &b, scheme);
    end(f, 12, &b);
}

void audit_certificate_request(audit_flight *f, size_t n_authorities)
{
    hf_builder b = begin();

    hf_wr_vec8(&b, hf_span_of("\1\100", 2)); /* rsa_sign, ecdsa_sign */
    if (f->version >= HF_TLS12)
        hf_wr_vec16(&b, hf_span_of("\4\1\4\3", 4));
    hf_wr_open16(&b);
    for (size_t i = 0; i < n_authorities; i++)
        hf_wr_vec16(&b, hf_span_of("\x30\0", 2));
    hf_wr_close(&b);
    end(f, 13, &b);
}

void audit_done(audit_flight *f)
{
    audit_message(f, 14, hf_span_of("", 0));
}

/* ---- SSL 2.0 ---- */

void audit_hello2(audit_flight *f, hf_span certificate, hf_span kinds, unsigned header)
{
    size_t len = 11 + certificate.len + kinds.len + 16;

    hf_wr_u16(&f->b, (uint16_t)(header == 2 ? 0x8000 | len : len));
    if (header == 3)
        hf_wr_u8(&f->b, 0); /* padding */
    hf_wr_u8(&f->b, 4);     /* SERVER-HELLO */
    hf_wr_u8(&f->b, 0);
    hf_wr_u8(&f->b, 1); /* an X.509 certificate */
    hf_wr_u16(&f->b, HF_SSL2);
    hf_wr_u16(&f->b, (uint16_t)certificate.len);
    hf_wr_u16(&f->b, (uint16_t)kinds.len);
    hf_wr_u16(&f->b, 16);
    hf_wr_bytes(&f->b, certificate);
    hf_wr_bytes(&f->b, kinds);
    fill(&f->b, 16);
}

void audit_error2(audit_flight *f, uint16_t code)
{
    hf_wr_u16(&f->b, 0x8003);
    hf_wr_u8(&f->b, 0);
    hf_wr_u16(&f->b, code);
}

/* ---- at once ---- */

void audit_usual(audit_flight *f, uint16_t version, uint16_t suite, uint16_t group)
{
    static const uint8_t der[] = { 0x30, 0x03, 0x02, 0x01, 0x05 };
    hf_span leaf = hf_span_of(der, sizeof der);

    audit_start(f, version);
    audit_hello(f, &(audit_server_hello){ .suite = suite, .group = group, .share_len = 32 });
    if (version == HF_TLS13)
        return;
    audit_certificate(f, &leaf, 1);
    if (group != 0)
        audit_ecdhe(f, group, 32, HF_SCHEME_rsa_pss_rsae_sha256);
    audit_done(f);
}

hf_flight *audit_read(const audit_flight *f, size_t piece)
{
    hf_flight *flight = hf_flight_new();
    hf_span all = audit_bytes(f);

    assert(flight);
    for (size_t at = 0; at < all.len;) {
        size_t n = piece > 0 && piece < all.len - at ? piece : all.len - at;
        hf_flight_feed(flight, hf_span_of(all.data + at, n));
        at += n;
    }
    hf_flight_ended(flight, HF_FLIGHT_CLOSED);
    return flight;
}
