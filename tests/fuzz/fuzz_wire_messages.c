/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Handshake messages. The first byte picks the message, the second version, writer and key exchange,
 * the rest is its body. What is read must be written back byte for byte into a buffer of the same size (where
 * the reader keeps everything: see keeps_all); the explainer must come to the reader's verdict and
 * tell every byte exactly once, in order, with groups that nest.
 */
#include "fuzz/fields.h"
#include "fuzz/mutate.h"
#include "wire/wire.h"

/* ---- read and written ---- */

#define MESSAGE(name, blocks)                                                                      \
    static hf_error name##_both(hf_reader *r, const hf_wire *w, hf_builder *b, bool *same)         \
    {                                                                                              \
        hf_##name m = { 0 };                                                                       \
        hf_##name##_read(r, w, &m);                                                                \
        if (!hf_rd_ok(r))                                                                          \
            return r->fault->code;                                                                 \
        *same = blocks;                                                                            \
        hf_##name##_write(b, w, &m);                                                               \
        return HF_OK;                                                                              \
    }

/* True if the structs hold all of the block: padding is not looked at, and of server_name only the
   host_name stays. */
static bool keeps_all(hf_span raw, bool empty_sni)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(raw, "extensions", 0, &fault, NULL);

    while (hf_rd_left(&r) > 0) {
        uint16_t type = hf_rd_u16(&r, "type");
        hf_span d = hf_rd_vec16(&r, 0, 0xffff, "data");
        for (size_t i = 0; type == hf_extension_type(HF_EXT_padding) && i < d.len; i++)
            if (d.data[i] != 0)
                return false;
        if (type != hf_extension_type(HF_EXT_server_name) || empty_sni)
            continue;
        if (d.data[2] != 0 || (size_t)(d.data[3] << 8 | d.data[4]) + 5 != d.len)
            return false;
    }
    return true;
}

/* What is verified is what the sender signed: the parameters as they came, as they would be written. */
static bool signs_what_came(const hf_server_key_exchange *ske)
{
    uint8_t room[1 + 2 + 1 + 255];
    hf_builder b = hf_wr_start(room, sizeof room);
    hf_span params;

    hf_server_ecdh_params_write(&b, ske);
    CHECK(hf_wr_finish(&b, &params) == HF_OK);
    CHECK(hf_span_equal(params, ske->params));
    return true;
}

MESSAGE(client_hello, keeps_all(m.ext.raw, false))
MESSAGE(server_hello, keeps_all(m.ext.raw, true))
MESSAGE(encrypted_extensions, keeps_all(m.ext.raw, true))
MESSAGE(certificate_request, keeps_all(m.ext.raw, false))
MESSAGE(certificate, true)
MESSAGE(certificate_verify, true)
MESSAGE(finished, true)
MESSAGE(new_session_ticket, true)
MESSAGE(key_update, true)
MESSAGE(server_key_exchange, w->kx == HF_KX_PSK || signs_what_came(&m))
MESSAGE(client_key_exchange, true)
MESSAGE(certificate_status, true)

static hf_error empty_both(hf_reader *r, const hf_wire *w, hf_builder *b, bool *same)
{
    (void)b;
    hf_empty_read(r, w);
    *same = true;
    return r->fault->code;
}

typedef hf_error both(hf_reader *r, const hf_wire *w, hf_builder *b, bool *same);

static both *const messages[HF_MSG_COUNT] = {
    [HF_MSG_HelloRequest] = empty_both,
    [HF_MSG_ClientHello] = client_hello_both,
    [HF_MSG_ServerHello] = server_hello_both,
    [HF_MSG_HelloRetryRequest] = server_hello_both,
    [HF_MSG_NewSessionTicket] = new_session_ticket_both,
    [HF_MSG_EndOfEarlyData] = empty_both,
    [HF_MSG_EncryptedExtensions] = encrypted_extensions_both,
    [HF_MSG_Certificate] = certificate_both,
    [HF_MSG_ServerKeyExchange] = server_key_exchange_both,
    [HF_MSG_CertificateRequest] = certificate_request_both,
    [HF_MSG_ServerHelloDone] = empty_both,
    [HF_MSG_CertificateVerify] = certificate_verify_both,
    [HF_MSG_ClientKeyExchange] = client_key_exchange_both,
    [HF_MSG_Finished] = finished_both,
    [HF_MSG_CertificateStatus] = certificate_status_both,
    [HF_MSG_KeyUpdate] = key_update_both,
};

static hf_fault round_trip(hf_msg msg, const hf_wire *w, hf_span body)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(body, hf_msg_name(msg), HF_HANDSHAKE_HEADER, &fault, NULL);
    uint8_t *room = malloc(body.len + 1);
    hf_builder b = hf_wr_start(room, body.len);
    bool same = false;
    hf_span written;

    CHECK(room);
    if (messages[msg](&r, w, &b, &same) == HF_OK) {
        CHECK(hf_wr_finish(&b, &written) == HF_OK);
        CHECK(!same || hf_span_equal(written, body));
    }
    free(room);
    return fault;
}

/* ---- explained ---- */

enum { DEPTH_MAX = 16 };

typedef struct heard {
    size_t place, depth;
    hf_field open[DEPTH_MAX];
} heard;

static void hear(void *user, const hf_field *f)
{
    heard *h = user;

    CHECK(f->offset == h->place);
    switch (f->kind) {
    case HF_FIELD_BEGIN:
        CHECK(h->depth < DEPTH_MAX);
        h->open[h->depth++] = *f;
        break;
    case HF_FIELD_END:
        CHECK(h->depth-- > 0);
        CHECK(strcmp(h->open[h->depth].name, f->name) == 0);
        CHECK(h->open[h->depth].offset + h->open[h->depth].len == f->offset);
        break;
    default: h->place += f->len;
    }
}

static hf_fault explain(hf_msg msg, const hf_wire *w, hf_span body)
{
    size_t len = HF_HANDSHAKE_HEADER + body.len;
    uint8_t *message = malloc(len);
    heard h = { .place = 0 };
    hf_field_sink sink = { hear, &h };
    hf_fault fault;

    CHECK(message);
    message[0] = hf_msg_type(msg == HF_MSG_HelloRetryRequest ? HF_MSG_ServerHello : msg);
    message[1] = (uint8_t)(body.len >> 16);
    message[2] = (uint8_t)(body.len >> 8);
    message[3] = (uint8_t)body.len;
    if (body.len > 0)
        memcpy(message + HF_HANDSHAKE_HEADER, body.data, body.len);
    hf_error e = hf_message_explain(msg, w, hf_span_of(message, len), &sink, &fault);
    CHECK(e == fault.code && h.place <= len && fault.offset <= len);
    CHECK(e != HF_OK || (h.place == len && h.depth == 0));
    check_text(fault.path, sizeof fault.path);
    check_text(fault.rule, sizeof fault.rule);
    free(message);
    return fault;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t versions[] = { 0, HF_TLS12, HF_TLS13 };
    static const hf_kx exchanges[] = { HF_KX_ECDHE_ECDSA, HF_KX_ECDHE_PSK, HF_KX_RSA, HF_KX_PSK };
    input in = { data, size };
    hf_msg msg = (hf_msg)(input_u8(&in) % HF_MSG_COUNT);
    uint8_t how = input_u8(&in);
    hf_wire w = { .version = versions[how % 3],
                  .writer = how & 0x80 ? HF_SERVER : HF_CLIENT,
                  .kx = exchanges[how >> 5 & 3] };
    hf_span rest = input_take(&in, in.left);

    if (!messages[msg])
        return 0;
    uint8_t *body = tight_copy(rest);
    hf_fault explained = explain(msg, &w, hf_span_of(body, rest.len));
    hf_fault read = round_trip(msg, &w, hf_span_of(body, rest.len));
    bool opaque = w.version != HF_TLS12 &&
                  (msg == HF_MSG_ServerKeyExchange || msg == HF_MSG_ClientKeyExchange ||
                   msg == HF_MSG_CertificateStatus);
    CHECK(opaque || (explained.code == read.code && explained.offset == read.offset));
    free(body);
    return 0;
}

/* Half of the mutations edit the body's fields. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    enum { HEAD = 2 };
    uint8_t chance[FIELDS_EDIT + FIELDS_MORE];
    uint64_t random = seed;
    hostile_bytes body = { 0 };

    if (size <= HEAD || seed % 2)
        return LLVMFuzzerMutate(data, size, max);
    input in = fields_random_input(&random, chance, sizeof chance);
    hb_set(&body, hf_span_of(data + HEAD, size - HEAD));
    if (fields_edit_body(&in, (hf_msg)(data[0] % HF_MSG_COUNT), &body) && body.len + HEAD <= max) {
        if (body.len > 0)
            memcpy(data + HEAD, body.data, body.len);
        size = HEAD + body.len;
    }
    hb_free(&body);
    return size;
}
