/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* EncryptedExtensions (RFC 9846 4.4.1): the server's answers that need not stand in the clear. */
#include "handshake/hello.h"

enum { EE_ROOM = 1024, SIZE_LIMIT_MIN = 64, SIZE_LIMIT_MAX = 16385 };

/* ---- the server writes ---- */

/* RFC 8449 4: the most that a version allows; TLS 1.3 counts the content type. */
uint16_t hf_record_limit(const hf_engine *e, uint16_t version)
{
    uint16_t max = version == HF_TLS13 ? SIZE_LIMIT_MAX : SIZE_LIMIT_MAX - 1;
    uint16_t ours = e->config->policy.record_size_limit;

    return ours < max ? ours : max;
}

/* Only what was asked for is answered (RFC 9846 4.3#3): a protocol was chosen from the client's, a limit agreed by his. */
void hf_fill_answers(const hf_engine *e, hf_extensions *ext, uint8_t store[257])
{
    if (e->info.alpn) {
        size_t n = strlen(e->info.alpn);
        store[0] = (uint8_t)n;
        memcpy(store + 1, e->info.alpn, n);
        ext->present |= HF_EXT_BIT(application_layer_protocol_negotiation);
        ext->alpn = hf_span_of(store, n + 1);
    }
    if (e->size_limit_agreed) { /* RFC 8449 4 */
        ext->present |= HF_EXT_BIT(record_size_limit);
        ext->record_size_limit = hf_record_limit(e, e->suite->version);
    }
}

static hf_error build(hf_engine *e)
{
    hf_encrypted_extensions ee = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    uint8_t alpn[257];
    hf_builder b;

    hf_fill_answers(e, &ee.ext, alpn);
    if (e->info.server_name && !(e->script.facts & HF_F_PSK)) /* RFC 6066 3 */
        ee.ext.present |= HF_EXT_BIT(server_name);
    if (e->hs->early_suite) { /* RFC 9846 4.3.10 */
        ee.ext.present |= HF_EXT_BIT(early_data);
        e->script.facts |= HF_F_EARLY_ACCEPTED;
    }
    TRY(hf_message_start(e, EE_ROOM, &b));
    hf_encrypted_extensions_write(&b, &w, &ee);
    return hf_message_send(e, &b, NULL);
}

/* ---- the client checks ---- */

hf_error hf_check_alpn_answer(hf_engine *e, const hf_extensions *ext)
{
    hf_span list = ext->alpn, chosen, ours = e->hs->hello.ext.alpn, name;

    if (!(ext->present & HF_EXT_BIT(application_layer_protocol_negotiation)))
        return HF_OK;
    hf_name_next(&list, &chosen);
    while (hf_name_next(&ours, &name))
        if (hf_span_equal(name, chosen))
            return hf_keep_alpn(e, name);
    return hf_refuse(e, HF_E_ALPN_NOT_OFFERED, "application_layer_protocol_negotiation", NULL,
                     NULL); /* RFC 7301 3.1 */
}

hf_error hf_check_size_limit_answer(hf_engine *e, const hf_extensions *ext)
{
    if (!(ext->present & HF_EXT_BIT(record_size_limit)))
        return HF_OK;
    if (ext->record_size_limit < SIZE_LIMIT_MIN ||
        ext->record_size_limit > SIZE_LIMIT_MAX) /* RFC 8449 4 */
        return hf_refuse_code(e, HF_E_RECORD_SIZE_LIMIT, "record_size_limit",
                              ext->record_size_limit, NULL);
    e->peer_record_limit = ext->record_size_limit;
    e->size_limit_agreed = true;
    return HF_OK;
}

static hf_error accept(hf_engine *e)
{
    hf_encrypted_extensions ee = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);

    hf_encrypted_extensions_read(&r, &w, &ee);
    TRY(hf_read_done(e, &fault));
    TRY(hf_check_solicited(e, &ee.ext, 0));
    TRY(hf_check_alpn_answer(e, &ee.ext));
    TRY(hf_check_size_limit_answer(e, &ee.ext));
    TRY(hf_accept_early(e, &ee.ext));
    return hf_transcribe(e);
}

const hf_step hf_step_encrypted_extensions = { build, accept };
