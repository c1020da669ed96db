/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The extensions of a crafted hello, in an order that common clients have: none that is empty stands last, which some servers cannot bear. */
#include "audit/crafted_parts.h"

enum {
    SERVER_NAME = 0,
    STATUS_REQUEST = 5,
    SUPPORTED_GROUPS = 10,
    EC_POINT_FORMATS = 11,
    SIGNATURE_ALGORITHMS = 13,
    HEARTBEAT = 15,
    ALPN = 16,
    SIGNED_CERTIFICATE_TIMESTAMP = 18,
    PADDING = 21,
    ENCRYPT_THEN_MAC = 22,
    EXTENDED_MAIN_SECRET = 23,
    SESSION_TICKET = 35,
    SUPPORTED_VERSIONS = 43,
    PSK_KEY_EXCHANGE_MODES = 45,
    KEY_SHARE = 51,
    RENEGOTIATION_INFO = 0xff01,
    EXTENSION_HEADER = 4
};

/* ---- one extension ---- */

static void open_extension(hf_builder *b, uint16_t type)
{
    hf_wr_u16(b, type);
    hf_wr_open16(b);
}

static void empty_extension(hf_builder *b, bool wanted, uint16_t type)
{
    if (!wanted)
        return;
    open_extension(b, type);
    hf_wr_close(b);
}

static void list16_extension(hf_builder *b, uint16_t type, const hf_codes *codes, uint16_t grease)
{
    if (codes->n == 0)
        return;
    open_extension(b, type);
    hf_wr_open16(b);
    if (grease != 0)
        hf_wr_u16(b, grease);
    for (size_t i = 0; i < codes->n; i++)
        hf_wr_u16(b, codes->at[i]);
    hf_wr_close(b);
    hf_wr_close(b);
}

/* Addresses are never named (RFC 6066 3). */
static bool is_address(const char *name)
{
    return strchr(name, ':') || strspn(name, "0123456789.") == strlen(name);
}

static void server_name(hf_builder *b, const char *name)
{
    if (!name || is_address(name))
        return;
    open_extension(b, SERVER_NAME);
    hf_wr_open16(b);
    hf_wr_u8(b, 0); /* host_name */
    hf_wr_vec16(b, hf_span_str(name));
    hf_wr_close(b);
    hf_wr_close(b);
}

/* Renegotiated_connection is empty in a first handshake (RFC 5746 3.4). */
static void renegotiation_info(hf_builder *b)
{
    open_extension(b, RENEGOTIATION_INFO);
    hf_wr_u8(b, 0);
    hf_wr_close(b);
}

static void point_formats(hf_builder *b)
{
    open_extension(b, EC_POINT_FORMATS);
    hf_wr_open8(b);
    hf_wr_u8(b, 0); /* uncompressed */
    hf_wr_close(b);
    hf_wr_close(b);
}

static void status_request(hf_builder *b)
{
    open_extension(b, STATUS_REQUEST);
    hf_wr_u8(b, 1);  /* ocsp */
    hf_wr_u16(b, 0); /* responder_id_list */
    hf_wr_u16(b, 0); /* request_extensions */
    hf_wr_close(b);
}

static void heartbeat(hf_builder *b)
{
    open_extension(b, HEARTBEAT);
    hf_wr_u8(b, 1); /* peer_allowed_to_send */
    hf_wr_close(b);
}

static void session_ticket(hf_builder *b, hf_span ticket)
{
    open_extension(b, SESSION_TICKET);
    hf_wr_bytes(b, ticket);
    hf_wr_close(b);
}

static void alpn(hf_builder *b, hf_span names)
{
    open_extension(b, ALPN);
    hf_wr_vec16(b, names);
    hf_wr_close(b);
}

/* ---- what TLS 1.3 has ---- */

static void supported_versions(hf_builder *b, const hf_crafted *hello, uint16_t grease)
{
    if (hello->versions.n == 0 && !hf_crafted_is13(hello))
        return;
    open_extension(b, SUPPORTED_VERSIONS);
    hf_wr_open8(b);
    if (grease != 0)
        hf_wr_u16(b, grease);
    if (hello->versions.n == 0)
        hf_wr_u16(b, HF_TLS13);
    for (size_t i = 0; i < hello->versions.n; i++)
        hf_wr_u16(b, hello->versions.at[i]);
    hf_wr_close(b);
    hf_wr_close(b);
}

static void share(hf_builder *b, uint16_t group)
{
    size_t start = b->len;

    hf_wr_u16(b, group);
    hf_wr_open16(b);
    bool known = hf_crafted_share(b, group);
    hf_wr_close(b);
    if (!known && b->error == HF_OK)
        b->len = start;
}

static void key_share(hf_builder *b, const hf_crafted *hello, uint16_t grease)
{
    if (!hf_crafted_is13(hello) && hello->shares[0] == 0)
        return;
    open_extension(b, KEY_SHARE);
    hf_wr_open16(b);
    if (grease != 0) {
        hf_wr_u16(b, grease);
        hf_wr_vec16(b, hf_span_of("", 1));
    }
    for (size_t i = 0; i < HF_CRAFTED_SHARES && hello->shares[i] != 0; i++)
        share(b, hello->shares[i]);
    hf_wr_close(b);
    hf_wr_close(b);
}

static void psk_modes(hf_builder *b)
{
    open_extension(b, PSK_KEY_EXCHANGE_MODES);
    hf_wr_open8(b);
    hf_wr_u8(b, 1); /* psk_dhe_ke */
    hf_wr_close(b);
    hf_wr_close(b);
}

/* ---- all ---- */

/* Brings the message to that length (its header counts, RFC 7685 4), if it is shorter; what comes behind is counted in. */
static void padding(hf_builder *b, const hf_crafted *hello)
{
    size_t len = b->len + hello->extra.len;

    if (hello->padding <= len)
        return;
    size_t n = hello->padding - len;
    open_extension(b, PADDING);
    hf_wr_space(b, n > EXTENSION_HEADER ? n - EXTENSION_HEADER : 0);
    hf_wr_close(b);
}

/* The empty ones, early. */
static void markers(hf_builder *b, const hf_crafted *hello)
{
    empty_extension(b, hello->unknown_extension != 0, hello->unknown_extension);
    empty_extension(b, hello->ems, EXTENDED_MAIN_SECRET);
    empty_extension(b, hello->encrypt_then_mac, ENCRYPT_THEN_MAC);
    empty_extension(b, hello->scts, SIGNED_CERTIFICATE_TIMESTAMP);
    if (hello->has_ticket)
        session_ticket(b, hello->ticket);
}

static void with_content(hf_builder *b, const hf_crafted *hello, uint16_t grease)
{
    if (hello->renegotiation_info)
        renegotiation_info(b);
    list16_extension(b, SUPPORTED_GROUPS, &hello->groups, grease);
    if (hello->groups.n > 0)
        point_formats(b);
    if (hello->alpn.len > 0)
        alpn(b, hello->alpn);
    if (hello->status_request)
        status_request(b);
    if (hello->heartbeat)
        heartbeat(b);
    list16_extension(b, SIGNATURE_ALGORITHMS, &hello->schemes, 0);
}

void hf_crafted_extensions(hf_builder *b, const hf_crafted *hello, const uint8_t random[32])
{
    uint16_t grease_group = hello->grease ? hf_crafted_grease(random, 1) : 0;
    uint16_t grease_version = hello->grease ? hf_crafted_grease(random, 2) : 0;
    size_t before = b->len;

    hf_wr_open16(b);
    empty_extension(b, hello->grease, hf_crafted_grease(random, 3));
    server_name(b, hello->server_name);
    markers(b, hello);
    with_content(b, hello, grease_group);
    key_share(b, hello, grease_group);
    if (hf_crafted_is13(hello))
        psk_modes(b);
    supported_versions(b, hello, grease_version);
    if (hello->grease) {
        open_extension(b, hf_crafted_grease(random, 4));
        hf_wr_u8(b, 0);
        hf_wr_close(b);
    }
    padding(b, hello);
    hf_wr_bytes(b, hello->extra);
    hf_wr_close(b);
    if (b->error == HF_OK && b->len == before + 2)
        b->len = before; /* nothing to say: no block, as servers of old expect it */
}
