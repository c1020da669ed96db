/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ServerHello and HelloRetryRequest of any version, read for what they say. The engine's reader refuses what it did not ask for;
 * here everything that has the right form is welcome.
 */
#include "audit/flight_parts.h"

enum {
    STATUS_REQUEST = 5,
    HEARTBEAT = 15,
    ALPN = 16,
    SIGNED_CERTIFICATE_TIMESTAMP = 18,
    ENCRYPT_THEN_MAC = 22,
    EXTENDED_MAIN_SECRET = 23,
    SESSION_TICKET = 35,
    SUPPORTED_VERSIONS = 43,
    KEY_SHARE = 51,
    RENEGOTIATION_INFO = 0xff01
};

/* ---- extensions ---- */

static void read_alpn(hf_flight *flight, hf_reader *r)
{
    hf_reader names = hf_rd_sub16(r, 2, UINT16_MAX, "protocol_name_list");

    flight->alpn = hf_rd_vec8(&names, 1, 255, "protocol_name");
    hf_rd_end(&names);
}

static void read_scts(hf_flight *flight, hf_reader *r)
{
    hf_reader list = hf_rd_sub16(r, 0, UINT16_MAX, "sct_list");

    flight->scts = true;
    for (; hf_rd_left(&list) > 0; flight->n_scts++)
        hf_rd_vec16(&list, 0, UINT16_MAX, "serialized_sct");
}

/* What is chosen: a group with a share, or (HelloRetryRequest) one that is asked for. */
static void read_key_share(hf_flight *flight, hf_reader *r)
{
    flight->group = hf_rd_u16(r, "group");
    if (flight->retry)
        return;
    hf_span share = hf_rd_vec16(r, 1, UINT16_MAX, "key_exchange");
    hf_flight_share(flight, share);
}

/* Content of one whose type is known; what is empty anyway is not read. */
static void read_content(hf_flight *flight, uint16_t type, hf_reader *r)
{
    switch (type) {
    case STATUS_REQUEST: flight->status = true; break;
    case HEARTBEAT:
        flight->heartbeat = true;
        flight->heartbeat_mode = hf_rd_u8(r, "mode");
        break;
    case ALPN: read_alpn(flight, r); break;
    case SIGNED_CERTIFICATE_TIMESTAMP: read_scts(flight, r); break;
    case ENCRYPT_THEN_MAC: flight->encrypt_then_mac = true; break;
    case EXTENDED_MAIN_SECRET: flight->ems = true; break;
    case SESSION_TICKET: flight->ticket = true; break;
    case SUPPORTED_VERSIONS: flight->version = hf_rd_u16(r, "selected_version"); break;
    case KEY_SHARE: read_key_share(flight, r); break;
    case RENEGOTIATION_INFO: flight->renegotiation_info = true; break;
    default: break;
    }
}

static void read_extensions(hf_flight *flight, hf_reader *r)
{
    hf_reader block = hf_rd_sub16(r, 0, UINT16_MAX, "extensions");

    while (hf_rd_left(&block) > 0) {
        uint16_t type = hf_rd_u16(&block, "extension_type");
        hf_reader content = hf_rd_sub16(&block, 0, UINT16_MAX, "extension_data");
        if (hf_rd_ok(&block)) {
            hf_codes_add(&flight->extensions, type);
            read_content(flight, type, &content);
        }
    }
}

/* ---- the message ---- */

/* RFC 9846 4.2.3: what a server of TLS 1.3 or 1.2 puts there if it goes back to an older version. */
static void look_for_sentinels(hf_flight *flight)
{
    static const uint8_t downgrade[] = { 'D', 'O', 'W', 'N', 'G', 'R', 'D' };
    const uint8_t *end = flight->random + HF_RANDOM - 8;

    if (memcmp(end, downgrade, sizeof downgrade) != 0)
        return;
    flight->downgrade_12 = end[7] == 1;
    flight->downgrade_11 = end[7] == 0;
}

bool hf_flight_hello(hf_flight *flight, hf_span body)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(body, "ServerHello", HF_HANDSHAKE_HEADER, &fault, NULL);

    flight->retry = hf_is_retry(body);
    flight->version = hf_rd_u16(&r, "server_version");
    hf_rd_copy(&r, flight->random, HF_RANDOM, "random");
    hf_span id = hf_rd_vec8(&r, 0, sizeof flight->session_id, "session_id");
    flight->suite = hf_rd_u16(&r, "cipher_suite");
    flight->compression = hf_rd_u8(&r, "compression_method");
    if (hf_rd_left(&r) > 0)
        read_extensions(flight, &r);
    hf_rd_end(&r);
    if (fault.code != HF_OK)
        return hf_flight_fault(flight, &fault);
    flight->session_id_len = (uint8_t)id.len;
    if (id.len > 0)
        memcpy(flight->session_id, id.data, id.len);
    look_for_sentinels(flight);
    flight->hello = true;
    return true;
}
