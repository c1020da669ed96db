/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ServerHello (RFC 9846 4.2.3): the server's answer, and the client's checks. Its twin in disguise is retry.c. */
#include "handshake/hello.h"

#include <stdio.h>

enum { SERVER_HELLO_ROOM = 2048 };

/* ---- the server writes ---- */

/* RFC 9846 4.2.3#1 #4 #5 #8 #10 #11, 4.3.1#11 #12, 4.3.9#7: always with a share, for a key alone is never chosen. */
static hf_error build13(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    hf_server_hello hello = { .legacy_version = HF_TLS12, .has_extensions = true };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_builder b;

    if (e->n_jobs == 0)
        return hf_submit(e, hf_job_about(hf_job_encapsulate(hf_job_home(e), hs->group->code,
                                                            e->config->random, hs->peer_share),
                                         HF_MSG_ClientHello, hs->hello_message,
                                         "extensions.key_share.client_shares.key_exchange",
                                         hs->peer_share.data));
    const hf_job *job = e->hs->jobs[0];
    TRY(hf_draw(e, hello.random, HF_RANDOM));
    hello.legacy_session_id_echo = hs->hello.legacy_session_id; /* RFC 9846 4.2.3 */
    hello.cipher_suite = e->suite->code;
    hello.ext.present = HF_EXT_BIT(key_share) | HF_EXT_BIT(supported_versions);
    hello.ext.key_share =
        (hf_key_share){ hs->group->code, hf_span_of(job->share, hs->group->server_share) };
    hello.ext.selected_version = HF_TLS13;
    if (hs->psk_len > 0) {
        hello.ext.present |= HF_EXT_BIT(pre_shared_key);
        hello.ext.selected_identity = hs->psk_index;
    }
    TRY(hf_settle_psk(e));
    TRY(hf_message_start(e, SERVER_HELLO_ROOM, &b));
    hf_server_hello_write(&b, &w, &hello);
    TRY(hf_message_send(e, &b, NULL));
    TRY(hf_derive_handshake(e, hf_span_of(job->secret, hs->group->secret)));
    hf_jobs_clear(e);
    e->info.forward_secrecy = true;
    return HF_OK;
}

static hf_error build(hf_engine *e)
{
    return e->hs->version == HF_TLS12 ? hf_build_server_hello12(e) : build13(e);
}

/* ---- the client checks ---- */

static hf_error refuse_unsolicited(hf_engine *e, const hf_extensions *ext, uint16_t type)
{
    char number[8];
    bool known = hf_extension_row(type) < HF_EXT_COUNT || hf_is_grease(type);

    snprintf(number, sizeof number, "0x%04x", type);
    return hf_refuse_item(e, HF_E_UNSOLICITED_EXTENSION, hf_extension_at(ext, type),
                          "extension_type", NULL, known ? hf_extension_name(type) : number);
}

hf_error hf_check_solicited(hf_engine *e, const hf_extensions *ext, uint32_t also)
{
    uint32_t extra = ext->present & ~(e->hs->offered | also);

    if (ext->has_unknown) /* RFC 9846 4.3#4 */
        return refuse_unsolicited(e, ext, ext->unknown_type);
    if (ext->has_grease) /* RFC 8701 3.1 */
        return refuse_unsolicited(e, ext, ext->grease_type);
    for (int i = 0; i < HF_EXT_COUNT; i++)
        if (extra >> i & 1) /* RFC 9846 4.3#4 */
            return refuse_unsolicited(e, ext, hf_extension_type((hf_ext)i));
    return HF_OK;
}

static hf_error check_version(hf_engine *e, const hf_server_hello *h)
{
    if (h->legacy_version != HF_TLS12) /* RFC 9846 4.2.3#2, E.5#7 */
        return hf_refuse_code(e, HF_E_LEGACY_VERSION, "legacy_version", h->legacy_version, NULL);
    if (h->ext.selected_version != HF_TLS13 ||
        !(e->script.facts & HF_F_OFFER13)) /* RFC 9846 4.3.1#14 #15 #16 */
        return hf_refuse_code(e, HF_E_VERSION_NOT_OFFERED, "selected_version",
                              h->ext.selected_version, NULL);
    return HF_OK;
}

hf_error hf_check_server_fields(hf_engine *e, const hf_server_hello *h)
{
    const hf_suite *suite = hf_suite_of(h->cipher_suite);

    TRY(check_version(e, h));
    if (!hf_span_equal(h->legacy_session_id_echo,
                       e->hs->hello.legacy_session_id)) /* RFC 9846 4.2.3#6 */
        return hf_refuse(e, HF_E_SESSION_ID_ECHO, "legacy_session_id_echo", NULL, NULL);
    if (!suite || suite->version != HF_TLS13 ||
        !hf_list16_has(e->hs->hello.cipher_suites, h->cipher_suite)) /* RFC 9846 4.2.3#7 */
        return hf_refuse_code(e, HF_E_SUITE_NOT_OFFERED, "cipher_suite", h->cipher_suite,
                              hf_suite_name);
    if (h->legacy_compression_method != 0) /* RFC 9846 4.2.3#9 */
        return hf_refuse(e, HF_E_SERVER_COMPRESSION, "legacy_compression_method", "0", NULL);
    return HF_OK;
}

static const hf_kex *kex_of(const hf_handshake *hs, uint16_t group)
{
    for (size_t i = 0; i < hs->n_kex; i++)
        if (hs->kex[i].group == group)
            return &hs->kex[i];
    return NULL;
}

static hf_error check_share(hf_engine *e, const hf_key_share *share)
{
    const hf_group *group = hf_group_of(share->group);

    return hf_check_share_length(e, group, share->key_exchange, group->server_share);
}

static hf_error check(hf_engine *e, const hf_server_hello *h)
{
    TRY(hf_check_server_fields(e, h));
    TRY(hf_check_solicited(e, &h->ext, 0));
    if (e->hs->retry_suite && h->cipher_suite != e->hs->retry_suite) /* RFC 9846 4.2.4#9 */
        return hf_refuse_code(e, HF_E_SUITE_CHANGED, "cipher_suite", h->cipher_suite,
                              hf_suite_name);
    /* RFC 9846 9.2#6 */
    if (!(h->ext.present & (HF_EXT_BIT(key_share) | HF_EXT_BIT(pre_shared_key))))
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "key_share", NULL);
    if (h->ext.present & HF_EXT_BIT(key_share) &&
        !kex_of(e->hs, h->ext.key_share.group)) /* RFC 9846 4.3.8#14 #15 */
        return hf_refuse_code(e, HF_E_GROUP_NOT_OFFERED, "group", h->ext.key_share.group,
                              hf_group_name);
    return h->ext.present & HF_EXT_BIT(key_share) ? check_share(e, &h->ext.key_share) : HF_OK;
}

static hf_error submit_decapsulate(hf_engine *e, const hf_server_hello *h)
{
    TRY(check(e, h));
    TRY(hf_set_suite(e, h->cipher_suite));
    TRY(hf_accept_psk(e, h));
    e->hs->group = hf_group_of(h->ext.key_share.group);
    e->info.group = e->hs->group->code;
    hf_span share = h->ext.key_share.key_exchange;
    hf_job *job = hf_job_decapsulate(hf_job_home(e), kex_of(e->hs, e->hs->group->code), share);
    return hf_submit(e, hf_job_about(job, HF_MSG_ServerHello, e->message,
                                     "extensions.key_share.key_exchange", share.data));
}

/* The version is what supported_versions says, TLS 1.2 without it (RFC 9846 4.3.1#13). */
static hf_error accept_hello(hf_engine *e)
{
    hf_server_hello h = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);

    hf_server_hello_read(&r, &w, &h);
    TRY(hf_read_done(e, &fault));
    if (h.ext.present & HF_EXT_BIT(supported_versions))
        return submit_decapsulate(e, &h);
    if (e->script.facts & HF_F_EARLY_OFFERED) /* RFC 9846 E.3#1 */
        return hf_refuse(e, HF_E_EARLY_DATA_VERSION, "legacy_version", NULL, NULL);
    if (e->hs->has_ticket13)
        e->info.session_error = HF_E_SESSION_DECLINED;
    return hf_accept_server_hello12(e, &h);
}

static hf_error accept(hf_engine *e)
{
    hf_handshake *hs = e->hs;

    if (e->n_jobs == 0)
        return accept_hello(e);
    if (!hs->transcript.started) {
        TRY(hf_transcript_start(&hs->transcript, e->suite->hash));
        hf_transcript_add(&hs->transcript, hs->hello_message);
    }
    TRY(hf_transcribe(e));
    TRY(hf_derive_handshake(e, hf_span_of(e->hs->jobs[0]->secret, hs->group->secret)));
    hf_jobs_clear(e);
    hf_wipe(hs->kex, sizeof hs->kex);
    e->script.facts |= HF_F_TLS13;
    e->info.forward_secrecy = true;
    if (hs->session_bytes.len > 0)
        e->info.session_error = HF_E_SESSION_DECLINED; /* a session of TLS 1.2 */
    return HF_OK;
}

const hf_step hf_step_server_hello = { build, accept };
