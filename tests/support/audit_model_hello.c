/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A crafted hello, read by a server that has nothing in common with who wrote it. */
#include "base/reader.h"
#include "tests/support/audit_model.h"

static void add_all(hf_codes *codes, hf_span list, audit_asked *a)
{
    for (size_t i = 0; i < hf_list16_count(list); i++) {
        a->grease = a->grease || hf_is_grease(hf_list16_at(list, i));
        hf_codes_add(codes, hf_list16_at(list, i));
    }
}

static void read_name(audit_asked *a, hf_reader *r)
{
    hf_reader list = hf_rd_sub16(r, 1, UINT16_MAX, "list");

    hf_rd_u8(&list, "type");
    hf_span name = hf_rd_vec16(&list, 1, sizeof a->name - 1, "name");
    memcpy(a->name, name.data ? name.data : (const uint8_t *)"", name.len);
    hf_rd_end(&list);
}

static void read_shares(audit_asked *a, hf_reader *r)
{
    hf_reader list = hf_rd_sub16(r, 0, UINT16_MAX, "shares");

    while (hf_rd_left(&list) > 0) {
        hf_codes_add(&a->shares, hf_rd_u16(&list, "group"));
        hf_rd_vec16(&list, 1, UINT16_MAX, "share");
    }
}

static void read_versions(audit_asked *a, hf_reader *r)
{
    hf_span list = hf_rd_vec8(r, 2, 254, "versions");

    a->has_versions = true;
    add_all(&a->versions, list, a);
}

static void read_extension(audit_asked *a, uint16_t type, hf_reader *r)
{
    switch (type) {
    case 0: read_name(a, r); return;
    case 10:
        a->has_groups = true;
        add_all(&a->groups, hf_rd_list16(r, 2, UINT16_MAX, "groups"), a);
        return;
    case 13:
        a->has_schemes = true;
        add_all(&a->schemes, hf_rd_list16(r, 2, UINT16_MAX, "schemes"), a);
        return;
    case 43: read_versions(a, r); return;
    case 51: read_shares(a, r); return;
    case 15: a->heartbeat = true; break;
    case 16: a->alpn = true; break;
    case 22: a->encrypt_then_mac = true; break;
    case 23: a->ems = true; break;
    case 0xff01: a->renegotiation_info = true; break;
    case 0x5e5d: a->unknown = true; break;
    default: a->grease = a->grease || hf_is_grease(type); break;
    }
    hf_rd_rest(r, 0, UINT16_MAX, "data");
}

static void read_extensions(audit_asked *a, hf_reader *r)
{
    if (hf_rd_left(r) == 0)
        return;
    a->has_extensions = true;
    hf_reader all = hf_rd_sub16(r, 0, UINT16_MAX, "extensions");
    while (hf_rd_left(&all) > 0) {
        uint16_t type = hf_rd_u16(&all, "type");
        hf_reader one = hf_rd_sub16(&all, 0, UINT16_MAX, "data");
        read_extension(a, type, &one);
        hf_rd_end(&one);
    }
}

static void read_message(audit_asked *a, hf_span message)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(message, "ClientHello", 0, &fault, NULL);

    hf_rd_u8(&r, "msg_type");
    hf_reader body = hf_rd_sub24(&r, 1, 1u << 20, "body");
    a->version = hf_rd_u16(&body, "client_version");
    hf_rd_bytes(&body, 32, "random");
    hf_rd_vec8(&body, 0, 32, "session_id");
    add_all(&a->suites, hf_rd_list16(&body, 2, UINT16_MAX, "suites"), a);
    hf_span methods = hf_rd_vec8(&body, 1, 255, "methods");
    a->deflate = methods.len > 0 && memchr(methods.data, 1, methods.len);
    read_extensions(a, &body);
    hf_rd_end(&body);
    hf_rd_end(&r);
    a->scsv = hf_codes_have(&a->suites, 0x5600);
    a->renegotiation_info = a->renegotiation_info || hf_codes_have(&a->suites, 0x00ff);
    a->len = message.len;
    a->readable = fault.code == HF_OK;
}

void audit_model_read(hf_span bytes, audit_asked *asked)
{
    static uint8_t message[HF_CRAFTED_MAX];
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(bytes, "records", 0, &fault, NULL);
    size_t len = 0;

    memset(asked, 0, sizeof *asked);
    if (bytes.len > 2 && (bytes.data[0] & 0x80) && bytes.data[2] == 1) {
        asked->ssl2 = asked->readable = true;
        return;
    }
    while (hf_rd_left(&r) > 0) {
        hf_rd_bytes(&r, 3, "type, version");
        hf_span part = hf_rd_vec16(&r, 1, 1u << 14, "content");
        memcpy(message + len, part.data ? part.data : message, part.len);
        len += part.len;
        asked->records++;
    }
    if (fault.code == HF_OK)
        read_message(asked, hf_span_of(message, len));
}
